"""`hegui explain`: a finding in full derivation, from a request or a result; or what a code means."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps.cli.options import (
    AsOfOption,
    KnowledgeOption,
    KnownOnOption,
    Lang,
    LangOption,
    OnlyOption,
    ProfileOption,
    RulesetsOption,
    StageOption,
)
from apps.cli.session import (
    STDIN,
    Options,
    open_session,
    read_input,
    say,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.render.answer import Answer

_CODE = re.compile(r"(?:RL|EN)\d{4}")

InputArgument = Annotated[
    str,
    typer.Argument(metavar="INPUT", help="请求、结果 JSON 或编号 / a request, a result or a code"),
]
NumberArgument = Annotated[
    int | None, typer.Argument(metavar="[N]", min=1, help="第几条 / number of the finding")
]


def explain(  # noqa: PLR0913 - the framework reads the options from the parameters
    input_: InputArgument,
    number: NumberArgument = None,
    *,
    lang: LangOption = Lang.ZH,
    stage: StageOption = None,
    as_of: AsOfOption = None,
    known_on: KnownOnOption = None,
    rulesets: RulesetsOption = [],  # noqa: B006 - the framework copies it
    knowledge: KnowledgeOption = [],  # noqa: B006 - the same
    only: OnlyOption = [],  # noqa: B006 - the framework copies it
    profile: ProfileOption = None,
) -> None:
    """说明一条审核结果，或一个编号 / Explain a finding, or a code."""
    if _CODE.fullmatch(input_.upper()):
        _explain_code(input_.upper(), lang.value)
        return
    options = Options(
        lang=lang.value,
        stage=None if stage is None else stage.value,
        as_of=as_of,
        known_on=known_on,
        rulesets=rulesets,
        knowledge=knowledge,
        only=only,
        profile=profile,
    )
    data = read_input(input_)
    result = _as_result(data)
    if result is None:
        _print(_answer(options, data, input_), number, options.lang)
    else:
        _explain_result(result, input_, number, options)


def _answer(options: Options, data: bytes, source: str) -> Answer:
    from apps.checking import answer

    session = open_session(options)
    return answer(session.program, data, source, session.asked)


def _print(answer: Answer, number: int | None, lang: str) -> None:
    """Finding `number` in full, or all of them one after another."""
    from apps.render.text import visible
    from engine.explain import full

    findings = answer.findings
    if not findings:
        print(say(lang, "没有发现问题", "nothing found"))
        return
    _check_number(number, len(findings), lang)
    for index, (_, finding) in enumerate(findings, start=1):
        if number in {None, index}:
            print(f"[{index}]")
            print(visible("\n".join(full(finding, answer.program, lang))))
            print()


def _check_number(number: int | None, count: int, lang: str) -> None:
    if number is not None and number > count:
        message = say(lang, f"共 {count} 条，没有第 {number} 条", f"there are {count}, no {number}")
        raise typer.BadParameter(message, param_hint="N")


# ---------------------------------------------------------------- results


def _as_result(data: bytes) -> list[dict[str, Any]] | None:
    """The documents of a result file, one a line or one in all; None where it is none."""
    text = data.decode("utf-8-sig", errors="replace")
    for parts in ([text], text.splitlines()):
        try:
            found = [json.loads(part) for part in parts if part.strip()]
        except (json.JSONDecodeError, RecursionError):
            continue
        if found and all(_is_result(document) for document in found):
            return found
    return None


def _is_result(document: object) -> bool:
    return (
        isinstance(document, dict)
        and isinstance(document.get("bills"), list)
        and isinstance(document.get("tool"), dict)
        and "schema" in document
    )


def _explain_result(
    documents: list[dict[str, Any]], path: str, number: int | None, options: Options
) -> None:
    lang = options.lang
    for document in documents:
        source = str(document.get("source", ""))
        data = _source_again(document, path)
        if data is None:
            print(
                say(
                    lang,
                    f"`{source}` 已不在或已改变，只有简短说明：",
                    f"`{source}` is gone or has changed; this is the short form only:",
                )
            )
            _print_short(document, number, lang)
            continue
        answer = _answer(_as_then(document, options), data, source)
        _warn_of_other_rules(document, answer, lang)
        _print(answer, number, lang)


def _source_again(document: dict[str, Any], path: str) -> bytes | None:
    """The bytes of the source that a result was made from, if they are still the same."""
    from apps.checking import digest
    from engine.errors import InputError

    source = str(document.get("source", STDIN))
    if source == STDIN:
        return None
    places = [source] if path == STDIN else [source, str(Path(path).parent / source)]
    for place in places:
        try:
            data = read_input(place)
        except InputError:
            continue
        if digest(data) == document.get("input_digest"):
            return data
    return None


def _as_then(document: dict[str, Any], options: Options) -> Options:
    """The options with the clocks, stage and profile of the result where nothing else is said."""
    clocks = document.get("clocks")
    times = clocks if isinstance(clocks, dict) else {}
    return Options(
        lang=options.lang,
        stage=options.stage or document.get("stage"),
        as_of=options.as_of or times.get("asked_at"),
        known_on=options.known_on or times.get("known_on"),
        rulesets=options.rulesets,
        knowledge=options.knowledge,
        only=options.only,
        profile=options.profile or document.get("profile"),
    )


def _warn_of_other_rules(document: dict[str, Any], answer: Answer, lang: str) -> None:
    then = {(item.get("id"), item.get("digest")) for item in document.get("rulesets", ())}
    now = {(ruleset.id, ruleset.digest) for ruleset in answer.program.rulesets}
    if then != now:
        print(
            say(
                lang,
                "注意：规则集与当时不同，以下按现在的规则。",
                "note: the rulesets are not those of that time; this is by the present ones.",
            )
        )


def _print_short(document: dict[str, Any], number: int | None, lang: str) -> None:
    from apps.render.text import visible

    findings = [
        finding
        for bill in document["bills"]
        for finding in bill.get("findings", ())
        if finding.get("outcome") not in {"satisfied", "not_applicable"}
    ]
    _check_number(number, len(findings), lang)
    for index, finding in enumerate(findings, start=1):
        if number in {None, index}:
            print(visible("\n".join(_short_lines(finding, index, lang))))


def _short_lines(finding: dict[str, Any], index: int, lang: str) -> Iterator[str]:
    from apps.render.labels import OUTCOMES
    from engine.finding import Label

    outcome = OUTCOMES[Label(finding["outcome"])].choose(lang)
    yield f"[{index}] {outcome}  {finding['rule']['title'][lang]}"
    yield f"    {finding['message'][lang]}"
    for reason in finding.get("because", ()):
        yield "    " + "  ".join(str(value) for value in reason.values())
    for missing in finding.get("missing", ()):
        yield f"    {missing['how'][lang]}"


# ---------------------------------------------------------------- codes


def _explain_code(code: str, lang: str) -> None:
    from importlib.resources import files

    page = files("rulelang").joinpath("pages", f"{code}.md")
    if page.is_file():
        print(_in_language(page.read_text(encoding="utf-8"), lang))
        return
    lines = list(_catalogue_entry(code))
    if not lines:
        message = say(lang, f"没有编号 `{code}`", f"there is no code `{code}`")
        raise typer.BadParameter(message, param_hint="INPUT")
    print("\n".join(lines))


def _in_language(page: str, lang: str) -> str:
    """A page without the prose and the example of the other language."""
    other = "## 中文" if lang == "en" else "## English"
    title, *parts = re.split(r"\n(?=## )", page)
    head, chinese, english, *files = title.split("\n\n", 3)
    kept = [head, english if lang == "en" else chinese, *files]
    return "\n".join(["\n\n".join(kept), *(p for p in parts if not p.startswith(other))]).rstrip()


def _catalogue_entry(code: str) -> Iterator[str]:
    from apps.config import CODES as APP_CODES
    from engine.errors import ENGINE_CODES
    from rulelang.codes import CODES

    diagnostic = CODES.get(code)
    if diagnostic is not None:
        yield f"{code} {diagnostic.slug} ({diagnostic.level.value})"
        yield f"  {diagnostic.zh}"
        yield f"  {diagnostic.en}"
        yield f"  since {diagnostic.since}"
        return
    error = ENGINE_CODES.get(code) or APP_CODES.get(code)
    if error is not None:
        yield f"{code} {error.slug}"
        yield f"  {error.title.zh}"
        yield f"  {error.title.en}"
        yield f"  since {error.since}"

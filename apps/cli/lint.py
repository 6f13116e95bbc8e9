"""`hegui lint`: opinions on rule files, and their repair."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps.cli.choices import Lang, Opinions
from apps.cli.options import LangOption
from apps.cli.session import (
    BAD_INPUT,
    BAD_RULES,
    FOUND,
    WrongCall,
    complain_unwritable,
    load_texts,
    say,
)

if TYPE_CHECKING:
    from apps.authoring.linting import Linted

SCHEMA = 1

Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...",
        help="规则文件或文件夹（`shipped` 指自带的）/ rule files or folders (`shipped`: ours)",
    ),
]
FixOption = Annotated[
    bool,
    typer.Option("--fix", help="修改能自动改的，再排版 / mend what can be mended, and lay it out"),
]
CasesOption = Annotated[
    bool,
    typer.Option(
        "--cases/--no-cases",
        help="也运行旁边的案例页，看缺哪些案例 / also run the pages of cases beside the rules",
    ),
]
FormatOption = Annotated[
    Opinions, typer.Option("--format", help="输出格式 / form of the report: text, json, sarif")
]


def lint(
    paths: Paths,
    *,
    fix: FixOption = False,
    cases: CasesOption = True,
    form: FormatOption = Opinions.TEXT,
    lang: LangOption = Lang.ZH,
) -> None:
    """检查规则的写法 / Opinions on how rules are written.

    规则能编译，却多半不是本意的地方：没有依据的例外、用不到的名单、总是成立的条件、期间的空缺、没有边界案例等。每条都有编号，
    `hegui explain 编号` 说明它。不赞同的，在该条目里或上一行写 `-- lint: 允许 RL0904 理由`。没有意见退出码 0，
    有意见 1，规则文字有错误 3。

    What compiles and is yet seldom meant: exceptions without citation, lists that nothing uses,
    conditions that always hold, gaps between periods, boundaries without a case. Each has a code (`hegui explain CODE`). One
    that you do not share is allowed by a comment in the item or above it:
    `-- lint: allow RL0904 reason`. Exit 0 without opinions, 1 with some, 3 where the text is wrong.
    """
    from apps.authoring.linting import linted, mended
    from apps.rulesets import SHIPPED

    texts = load_texts(paths, lang.value, "PATH")
    given = [str(path) for path in paths]
    if fix and SHIPPED in given:
        zh, en = "自带的规则集不在此修改", "the shipped rulesets are not mended here"
        raise WrongCall(say(lang.value, zh, en), "--fix")
    asked = _asked([source.path for source in texts.sources], given, SHIPPED)
    if not fix:
        raise typer.Exit(_report(linted(texts, asked, cases=cases), form, lang.value))
    made, now = mended(texts, asked)
    status = _write(made, lang.value)
    if cases and made.keys() <= set(asked):
        now = linted(load_texts(paths, lang.value, "PATH"), asked, cases=True)
    raise typer.Exit(max(status, _report(now, form, lang.value)))


def _asked(known: list[str], given: list[str], shipped: str) -> list[str]:
    """The files that were named, or lie in folders that were."""
    if shipped in given:
        return known
    folders = [Path(name).resolve() for name in given]
    return [path for path in known if _is_within(Path(path).resolve(), folders)]


def _is_within(path: Path, places: list[Path]) -> bool:
    return any(path == place or place in path.parents for place in places)


def _write(made: dict[str, str], lang: str) -> int:
    from apps.bundles import write_whole

    status = 0
    for path, text in made.items():
        try:
            write_whole(Path(path).resolve(), text.encode())
        except OSError as error:
            complain_unwritable(error, path, lang)
            status = BAD_INPUT
            continue
        print(say(lang, f"已修改 {path}", f"mended {path}"), file=sys.stderr)
    return status


def _report(found: Linted, form: Opinions, lang: str) -> int:
    sources = found.compiled.sources
    if form is Opinions.TEXT:
        _print(found, lang)
    elif form is Opinions.SARIF:
        from apps.render.sarif import document

        _dump(document(found.found, sources, lang))
    else:
        _dump(_document(found))
    if found.errors:
        return BAD_RULES
    return FOUND if found.found else 0


def _dump(document: dict[str, Any]) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2))


def _document(found: Linted) -> dict[str, Any]:
    from apps.render.answer import tool_version
    from rulelang.render import to_json

    sources = found.compiled.sources
    return {
        "schema": SCHEMA,
        "tool": {"name": "hegui", "version": tool_version()},
        "errors": len(found.errors),
        "opinions": len(found.found) - len(found.errors),
        "diagnostics": [to_json(each, sources) for each in found.found],
    }


def _print(found: Linted, lang: str) -> None:
    from rulelang.render import render

    for each in found.found:
        print(render(each, found.compiled.sources, lang))
    errors, count = len(found.errors), len(found.found)
    zh = f"错误 {errors}，意见 {count - errors}"
    en = f"{errors} errors, {count - errors} opinions"
    print(say(lang, zh, en))

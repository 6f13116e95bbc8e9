"""`hegui repl`: evaluates expressions of the rule language on a bill, one after another."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from apps.cli.options import AsOfOption, Lang, LangOption, ProfileOption, RulesetsOption
from apps.cli.session import FOUND, Options, load_texts, open_session, read_input, say

if TYPE_CHECKING:
    from apps.authoring.probing import Asked
    from apps.rulesets import RuleTexts
    from engine.facts import Bill

QUIT = frozenset({":quit", ":q", ":退出"})
PROMPT = "> "

InputArgument = Annotated[
    str, typer.Argument(metavar="INPUT", help="请求、CSV 或工作簿 / a request, CSV or workbook")
]
ExpressionOption = Annotated[
    list[str],
    typer.Option(
        "-e", "--expression", metavar="EXPR", help="只求这些式子 / evaluate these and end"
    ),
]
WhyOption = Annotated[bool, typer.Option("--why", help="附判定过程 / with the derivation")]


def repl(  # noqa: PLR0913 - the framework reads the options from the parameters
    input_: InputArgument,
    *,
    expressions: ExpressionOption = [],  # noqa: B006 - the framework copies it
    why: WhyOption = False,
    lang: LangOption = Lang.ZH,
    as_of: AsOfOption = None,
    rulesets: RulesetsOption = [],  # noqa: B006 - the framework copies it
    profile: ProfileOption = None,
) -> None:
    """在一张单上试算式子；:why 切换判定过程，:quit 结束 / Evaluate expressions on a bill."""
    options = Options(lang=lang.value, as_of=as_of, rulesets=rulesets, profile=profile)
    texts = load_texts(rulesets, lang.value)
    bills = _bills(input_, options)
    status = 0
    for text in expressions or _typed(lang.value):
        if text in {":why", ":原因"}:
            why = not why
            continue
        asked = _ask(texts, text, bills, lang.value)
        _print(asked, lang.value, why=why)
        status = FOUND if asked.diagnostics else status
    raise typer.Exit(status if expressions or not sys.stdin.isatty() else 0)


def _bills(name: str, options: Options) -> tuple[Bill, ...]:
    from apps.checking import bills_of

    session = open_session(options)
    return bills_of(session.program, read_input(name), name, session.asked)


def _typed(lang: str) -> Iterator[str]:
    """Lines as they are typed, or as they stand in standard input."""
    if not sys.stdin.isatty():
        for line in sys.stdin:
            if line.strip() in QUIT:
                return
            if line.strip() and not line.lstrip().startswith("--"):
                yield line.strip()
        return
    import readline  # noqa: F401 - gives `input` its history and editing

    hint = "输入式子，如 明细.金额 > 100元；:why 切换判定过程；:quit 结束"
    print(say(lang, hint, "type an expression, as line.amount > 100yuan; :why, :quit"))
    while True:
        try:
            text = input(PROMPT).strip()
        except EOFError:
            return
        if text in QUIT:
            return
        if text:
            yield text


def _ask(texts: RuleTexts, text: str, bills: tuple[Bill, ...], lang: str) -> Asked:
    from apps.authoring.probing import ask

    return ask(texts, text, bills, lang)


def _print(asked: Asked, lang: str, *, why: bool) -> None:
    from engine.explain import derivation
    from rulelang.render import render

    for diagnostic in asked.diagnostics:
        print(render(diagnostic, asked.sources, lang), file=sys.stderr)
    several = len(asked.values) > 1
    for found in asked.values:
        place = f"{found.subject.choose(lang)}  " if several else ""
        print(f"{place}{found.value.choose(lang)}")
        for item in found.missing:
            print(f"    {item.how.choose(lang)}")
        if why and asked.program is not None:
            print(
                "".join(f"    {line}\n" for line in derivation(found.step, asked.program, lang)),
                end="",
            )
    if not asked.values and not asked.diagnostics:
        print(say(lang, "单中没有所问的对象", "the bill has nothing that this is asked of"))

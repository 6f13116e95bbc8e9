"""`hegui graph`: draws what depends on what, or how one rule decides."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apps.cli.options import Lang, LangOption
from apps.cli.session import compile_rules, complain_unwritable, find_rules, say

if TYPE_CHECKING:
    from networkx import DiGraph

BAD_OUTPUT = 2


class Form(StrEnum):
    """The form of the drawing."""

    SVG = "svg"
    DOT = "dot"
    JSON = "json"


Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="[PATH...]",
        help="规则文件或文件夹，不写则用自带规则集 / rule files or folders; the shipped ones if none",
    ),
]
RuleOption = Annotated[
    str | None,
    typer.Option("--rule", metavar="ID", help="画出这条规则的条件与例外 / the tree of one rule"),
]
FormOption = Annotated[Form, typer.Option("--format", help="形式 / form: svg, dot, json")]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="写入文件，不写则打印 / write to a file"),
]


def graph(
    paths: Paths = [],  # noqa: B006 - the framework copies it
    *,
    rule: RuleOption = None,
    form: FormOption = Form.SVG,
    out: OutOption = None,
    lang: LangOption = Lang.ZH,
) -> None:
    """画出规则集的依赖关系，或一条规则的条件与例外 / Draw dependencies, or how a rule decides."""
    from apps.authoring import graphs

    program = compile_rules(paths, lang.value)
    if rule is None:
        drawn = graphs.dependencies(program)
    else:
        found = find_rules(program, rule, lang.value, "--rule")
        drawn = graphs.decision_trees(program, [each for each in found if each.id == found[0].id])
    text = _text(drawn, form, lang.value)
    if out is None:
        print(text, end="")
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        complain_unwritable(error, str(out), lang.value)
        raise typer.Exit(BAD_OUTPUT) from None
    size = drawn.number_of_nodes()
    print(say(lang.value, f"已写入 {out}，{size} 个节点", f"wrote {out}, {size} nodes"))


def _text(drawn: DiGraph, form: Form, lang: str) -> str:
    from apps.render import drawing

    match form:
        case Form.SVG:
            return drawing.svg(drawn, lang)
        case Form.DOT:
            return drawing.dot(drawn, lang)
        case Form.JSON:
            return json.dumps(drawing.as_data(drawn, lang), ensure_ascii=False, indent=2) + "\n"

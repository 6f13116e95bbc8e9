"""`hegui compile`: its options. `compiling` does the work; `quick` reads plain calls of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from apps.cli.choices import Lang, Opinions
from apps.cli.compiling import Order, compile_rules
from apps.cli.options import KnowledgeOption, LangOption

Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...",
        help="规则文件或文件夹（`shipped` 指自带的）/ rule files or folders (`shipped`: ours)",
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="写出规则包，供 --rulesets 使用 / write the bundle, for --rulesets",
    ),
]
FormatOption = Annotated[
    Opinions, typer.Option("--format", help="输出格式 / form of the report: text, json, sarif")
]


def compile_(
    paths: Paths,
    *,
    knowledge: KnowledgeOption = [],  # noqa: B006 - the framework copies it
    out: OutOption = None,
    form: FormatOption = Opinions.TEXT,
    lang: LangOption = Lang.ZH,
) -> None:
    """编译规则 / Compile rules."""
    raise typer.Exit(compile_rules(Order(paths, lang.value, knowledge, out, form)))

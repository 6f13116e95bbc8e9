"""The options that several commands share, each of them also an environment variable."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from apps.cli.choices import Format, Lang, Stage
from apps.config import variable

__all__ = [
    "AsOfOption", "Format", "KnowledgeOption", "KnownOnOption", "Lang", "LangOption", "OnlyOption", "ProfileOption",
    "RulesetsOption", "Stage", "StageOption",
]  # fmt: skip

LangOption = Annotated[
    Lang, typer.Option("--lang", envvar=variable("lang"), help="语言 / language: zh, en")
]
RulesetsOption = Annotated[
    list[Path],
    typer.Option(
        "--rulesets",
        envvar=variable("rulesets"),
        metavar="PATH",
        help="规则文件或文件夹，代替自带规则集（`shipped` 指自带的）/ rule files or folders instead of"
        " the shipped ones (`shipped` stands for those)",
    ),
]
KnowledgeOption = Annotated[
    list[Path],
    typer.Option(
        "--knowledge",
        envvar=variable("knowledge"),
        metavar="DIR",
        help="知识包，其中的表代替随附的（可重复，后者优先）/ knowledge package whose tables replace the shipped"
        " ones (repeatable, the last one wins)",
    ),
]
StageOption = Annotated[
    Stage | None,
    typer.Option(
        "--stage",
        envvar=variable("stage"),
        help="监管环节：事前、事中、事后 / step: before, during, after",
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        envvar=variable("as-of"),
        metavar="DATE",
        help="请求没有写明时的询问时间 / time of asking where the input has none",
    ),
]
KnownOnOption = Annotated[
    str | None,
    typer.Option(
        "--known-on",
        envvar=variable("known-on"),
        metavar="DATE",
        help="按此日已知的规则和知识 / rules and tables as known on this day",
    ),
]
OnlyOption = Annotated[
    list[str],
    typer.Option(
        "--only",
        envvar=variable("only"),
        metavar="RULE",
        help="只运行这些规则 / run these rules only",
    ),
]
ProfileOption = Annotated[
    str | None,
    typer.Option(
        "--profile",
        envvar=variable("profile"),
        metavar="NAME",
        help="数据来源的配置 / profile of the sender",
    ),
]

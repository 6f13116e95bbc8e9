"""`hegui check`: its options. `answering` does the work; `quick` reads plain calls of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from apps.cli.answering import Call, answer_inputs
from apps.cli.options import (
    AsOfOption,
    Format,
    KnowledgeOption,
    KnownOnOption,
    Lang,
    LangOption,
    OnlyOption,
    ProfileOption,
    RulesetsOption,
    StageOption,
)
from apps.cli.session import Options
from apps.config import variable

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...",
        help="请求、CSV 或工作簿：文件、文件夹或 - / requests, CSV files, workbooks: files, folders or -",
    ),
]
FormatOption = Annotated[
    Format,
    typer.Option("--format", envvar=variable("format"), help="输出格式 / form of the answer"),
]
AllOption = Annotated[
    bool,
    typer.Option(
        "--all", envvar=variable("all"), help="也列出合规和不适用的 / also what is satisfied"
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="工作簿写到哪个文件 / the file for `--format xlsx`"),
]


EvidenceOption = Annotated[
    Path | None,
    typer.Option(
        "--evidence",
        envvar=variable("evidence"),
        metavar="FILE",
        help="账单不带的证据：JSON、CSV 或工作簿的 `证据` 表 / evidence that bills do not carry: JSON, CSV, or"
        " the sheet `evidence` of a workbook",
    ),
]


PeriodsOption = Annotated[
    str | None,
    typer.Option(
        "--periods",
        metavar="all|PERIOD,...",
        help="再审核全部输入合起来的期间，如 2026-03、2026-Q1、2026 / also check the periods of all inputs"
        " together, as 2026-03, 2026-Q1, 2026",
    ),
]


def check(  # noqa: PLR0913 - the framework reads the options from the parameters
    inputs: Inputs,
    *,
    format_: FormatOption = Format.TEXT,
    lang: LangOption = Lang.ZH,
    stage: StageOption = None,
    as_of: AsOfOption = None,
    known_on: KnownOnOption = None,
    rulesets: RulesetsOption = [],  # noqa: B006 - the framework copies it
    knowledge: KnowledgeOption = [],  # noqa: B006 - the same
    only: OnlyOption = [],  # noqa: B006 - the framework copies it
    profile: ProfileOption = None,
    evidence: EvidenceOption = None,
    everything: AllOption = False,
    out: OutOption = None,
    periods: PeriodsOption = None,
) -> None:
    """审核请求、CSV 或工作簿 / Check requests (3101, 3102), CSV files or workbooks."""
    options = Options(
        lang=lang.value,
        stage=None if stage is None else stage.value,
        as_of=as_of,
        known_on=known_on,
        rulesets=rulesets,
        knowledge=knowledge,
        only=only,
        profile=profile,
        evidence=evidence,
    )
    raise typer.Exit(answer_inputs(Call(inputs, options, format_, everything, out, periods)))

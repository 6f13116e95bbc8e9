"""`hegui prices compare`: two tables of prices, which is higher, lower or equal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from apps.cli.choices import Lang, Sheeted
from apps.cli.options import LangOption
from apps.cli.session import (
    BAD_INPUT,
    FOUND,
    WrongCall,
    complain_of_any,
    complain_unreadable,
    say,
)

prices = typer.Typer(
    name="prices", help="价格表 / Tables of prices", no_args_is_help=True, rich_markup_mode=None
)

_TABLE = "：CSV、工作簿或 JSON，列名含编码和价格 / : CSV, workbook or JSON with the columns code and price"
First = Annotated[Path, typer.Argument(metavar="A", help="被比的价格表" + _TABLE)]
Second = Annotated[
    Path, typer.Argument(metavar="B", help="用来比的价格表，同上 / the table to compare with")
]
ClassOption = Annotated[
    str,
    typer.Option(
        "--class",
        metavar="CLASS",
        help="只比这一类机构的行，如 三级甲等 / only rows of this class of institution",
    ),
]
FormatOption = Annotated[Sheeted, typer.Option("--format", help="输出格式 / text, json, xlsx")]
AllOption = Annotated[bool, typer.Option("--all", help="列出全部 / list all pairs (text)")]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="工作簿写到哪个文件 / the file for `--format xlsx`"),
]


@prices.callback()
def root() -> None:
    """价格表 / Tables of prices."""


@prices.command(name="compare")
def compare(  # noqa: PLR0913 - the framework reads the options from the parameters
    first: First,
    second: Second,
    *,
    only: ClassOption = "",
    form: FormatOption = Sheeted.TEXT,
    everything: AllOption = False,
    out: OutOption = None,
    lang: LangOption = Lang.ZH,
) -> None:
    """比较两张价格表：A 高于、低于、持平 B 的项数和清单 / Which prices of A are above, below or equal to B.

    按编码配对；两张表都有机构类别的，按编码和类别配对。重复、矛盾、不能用的行逐一列出，不参加比较。
    Rows are paired by code, and by class of institution where both tables have it. Rows that are
    repeated, contradictory or unusable are listed and not compared.
    退出码 / exit status: 0 全部持平 all equal, 1 有高有低或没有配对的 some differ or have no partner, 2 读不了 unreadable.
    """
    from apps.cli.binary import check_target, put
    from apps.knowledge import price_report as rendering
    from apps.knowledge.prices import compare_files

    if form is Sheeted.XLSX:
        check_target(out, (str(first), str(second)), lang.value)
    elif out is not None:
        zh, en = "`--out` 只用于 `--format xlsx`", "`--out` goes with `--format xlsx` only"
        raise WrongCall(say(lang.value, zh, en), "--out")
    try:
        found = compare_files(first, second, only)
        data = rendering.workbook(found, lang.value) if form is Sheeted.XLSX else b""
    except OSError as error:
        complain_unreadable(error, str(error.filename or first), lang.value)
        raise typer.Exit(BAD_INPUT) from None
    except Exception as error:
        complain_of_any(error, lang.value)
        raise typer.Exit(BAD_INPUT) from None
    status = FOUND if found.higher or found.lower or found.only_first or found.only_second else 0
    if form is Sheeted.XLSX:
        raise typer.Exit(max(status, put(data, out, lang.value)))
    if form is Sheeted.JSON:
        print(json.dumps(rendering.document(found), ensure_ascii=False, indent=1))
    else:
        print(*rendering.lines(found, lang.value, everything=everything), sep="\n")
    raise typer.Exit(status)

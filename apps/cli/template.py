"""`hegui template`: a workbook to fill in, with what each column means."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from apps.cli.choices import Lang
from apps.cli.options import LangOption

OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="写到哪个文件（.xlsx）/ the file to write (.xlsx)"),
]


def template(*, lang: LangOption = Lang.ZH, out: OutOption = None) -> None:
    """账单模板 / A workbook to fill in with bills."""
    from apps import sheets
    from apps.cli.binary import check_target, put

    check_target(out, (), lang.value)
    raise typer.Exit(put(sheets.template(lang.value), out, lang.value))

"""`hegui note`: shows how the limit of a drug, written in a catalog's remarks, is read."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from apps.cli.options import Lang, LangOption
from apps.cli.session import say

BAD_INPUT = 2
NOT_ALL_READ = 1


class Form(StrEnum):
    """The form of the reading."""

    TEXT = "text"
    JSON = "json"


TextArgument = Annotated[
    str,
    typer.Argument(metavar="TEXT", help="限定文字，`-` 从标准输入读 / the note; `-` reads stdin"),
]
NamesOption = Annotated[
    Path | None,
    typer.Option(
        "--names",
        metavar="FILE",
        help="在用的诊断目录 CSV（code,name）；不给则只用自带的同义词 / the ICD table in use (code,name);"
        " without it only our synonyms map diagnoses",
    ),
]
FormOption = Annotated[Form, typer.Option("--format", help="形式 / form: text, json")]


def note(
    text: TextArgument,
    *,
    names: NamesOption = None,
    form: FormOption = Form.TEXT,
    lang: LangOption = Lang.ZH,
) -> None:
    """限定文字读成什么：诊断编码、年龄、级别、病历须证明的条件，和没读懂的词。

    How a restriction note is read: alternatives, diagnosis codes, ages, what the record must show, and
    the words not understood. Exit 0: every word understood; 1: not all; 2: the names cannot be read.
    """
    from apps.knowledge.notes.diagnoses import DiagnosisNames
    from apps.knowledge.notes.reading import read_note
    from apps.knowledge.notes.telling import document_of, lines_of

    try:
        known = DiagnosisNames.from_rows(_names(names))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        print(
            say(lang.value, f"读不了诊断目录：{error}", f"cannot read the names: {error}"),
            file=sys.stderr,
        )
        raise typer.Exit(BAD_INPUT) from None
    reading = read_note(sys.stdin.read() if text == "-" else text, known)
    if form is Form.JSON:
        print(json.dumps(document_of(reading), ensure_ascii=False, indent=2))
    else:
        print("\n".join(lines_of(reading, lang.value)))
    if not reading.fully_typed:
        raise typer.Exit(NOT_ALL_READ)


def _names(path: Path | None) -> Iterator[tuple[str, str]]:
    """The codes and names of a table.

    Raises:
        ValueError: if the file has no columns `code` and `name`.
    """
    if path is None:
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if "code" not in row or "name" not in row:
                columns = "code, name"
                raise ValueError(columns)
            yield row["code"] or "", row["name"] or ""

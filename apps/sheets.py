"""Bytes of CSV files and workbooks to the neutral sheets of the intake, within limits.

What a file is, is told by its content; its name decides only where the content does not. Nothing is
half read: what cannot be read as a whole is refused with its place.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Literal, TypeAlias

from apps import sheets_xlsx
from apps.config import LIMITS
from apps.sheet_cells import not_a_table, text_cell, too_many
from apps.sheet_template import template
from engine import errors
from engine.errors import InputError
from engine.intake.reading import decode
from engine.intake.sheet_names import SHEETS
from engine.intake.workbooks import Row, Sheet, Workbook, place
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Form", "form_of", "read", "template"]

Form: TypeAlias = Literal["request", "csv", "workbook"]

_ZIP = b"PK"
_OLD_WORKBOOK = bytes.fromhex("d0cf11e0a1b11ae1")  # .xls, and workbooks with a password
_BOM = b"\xef\xbb\xbf"
_DELIMITERS = ",;\t"
_SUFFIXES: dict[str, Form] = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv",
    ".xlsx": "workbook", ".xlsm": "workbook", ".xls": "workbook",
}  # fmt: skip
_KEYS = ("就诊号", "encounter_no")
_FIRST = 4096  # bytes in which a header is looked for where the name says nothing


def form_of(data: bytes, name: str) -> Form:
    """What an input is: a request (JSON), a CSV file or a workbook."""
    if data.startswith((_ZIP, _OLD_WORKBOOK)):
        return "workbook"
    start = data[:_FIRST].removeprefix(_BOM).lstrip()
    if start[:1] in {b"{", b"["}:
        return "request"
    for suffix, form in _SUFFIXES.items():
        if name.lower().endswith(suffix):
            return form
    header = start.decode("utf-8", errors="ignore").partition("\n")[0]
    return "csv" if any(key in header for key in _KEYS) else "request"


def read(data: bytes, name: str) -> Workbook:
    """The sheets of a CSV file or a workbook.

    Args:
        data: The file as it came.
        name: What it is called; the last part of a path is enough.

    Raises:
        InputError: EN0101, EN0103, EN0106, EN0107, EN0115, EN0118, EN0123.
    """
    file = name.replace("\\", "/").rpartition("/")[2] or name
    most = LIMITS["size"].most
    if len(data) > most:
        words = Words(f"文件超过 {most} 字节的上限", f"the file is over the limit of {most} bytes")
        mend = Words("按月或按就诊拆成几个文件", "split it by month or by encounter")
        raise InputError(errors.TOO_LARGE, words, mend=mend)
    if form_of(data, name) == "workbook":
        return Workbook(file, sheets_xlsx.read(data, file))
    name_of_lines = SHEETS["lines"][0]
    return Workbook(file, {name_of_lines: _csv(_text(data), file, name_of_lines)})


def _text(data: bytes) -> str:
    try:
        return decode(data)
    except InputError as error:
        mend = Words(
            "另存为“CSV UTF-8（逗号分隔）”，或用 .xlsx",
            "save it as `CSV UTF-8 (comma delimited)`, or as .xlsx",
        )
        raise InputError(error.code, error.words, error.place, mend) from None


# CSV


def _csv(text: str, file: str, name: str) -> Sheet:
    header: tuple[str, ...] = ()
    rows: list[Row] = []
    cells = 0
    for number, record in enumerate(_records(text), start=1):
        cells += len(record)
        if number > LIMITS["rows"].most:
            raise too_many(LIMITS["rows"])
        if len(record) > LIMITS["columns"].most:
            raise too_many(LIMITS["columns"], place(file, name, number))
        if cells > LIMITS["cells"].most:
            raise too_many(LIMITS["cells"])
        if number == 1:
            header = tuple(record)
            continue
        where = place(file, name, number)
        row = tuple(text_cell(one, where) for one in record)
        if any(one is not None for one in row[len(header) :]):
            words = Words(
                f"这一行有 {len(record)} 格，列名只有 {len(header)} 个",
                f"this row has {len(record)} cells for {len(header)} heads",
            )
            mend = Words("含分隔符的内容要加双引号", "put texts that hold the delimiter in quotes")
            raise not_a_table(words, mend, where)
        rows.append(Row(number, row))
    return Sheet(name, header, tuple(rows))


def _records(text: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        words = Words(
            f"第 {reader.line_num} 行的引号没有配对，或格式不对",
            f"line {reader.line_num} is not well formed: {error}",
        )
        raise not_a_table(words, place=_line(reader.line_num)) from None


def _line(number: int) -> str:
    return f"line {number}"


def _delimiter(text: str) -> str:
    """The one delimiter that the header uses outside of quotes."""
    found: dict[str, None] = {}
    quoted = False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif not quoted and character in "\r\n":
            break
        elif not quoted and character in _DELIMITERS:
            found[character] = None
    if len(found) > 1:
        words = Words("列名之间混用了几种分隔符", "the heads are separated by several delimiters")
        mend = Words("只用逗号、分号或制表符中的一种", "use one of comma, semicolon and tab")
        raise not_a_table(words, mend, _line(1))
    return next(iter(found), ",")

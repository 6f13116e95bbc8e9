"""Workbooks (.xlsx): looked through before they are opened, then read by python-calamine.

The reader decides what a cell holds; it lays sheets out in full, gives errors as blanks, and trusts
what a file says of itself. So every part is unpacked here under the limits, and its cells are
counted, before the reader is handed a clean copy of just these parts.
"""

from __future__ import annotations

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from apps.config import LIMITS
from apps.sheet_cells import no_extra, not_a_table, text_cell, too_many
from apps.xlsx_parts import (
    DAMAGED,
    Budget,
    Position,
    Scanned,
    scanned,
    shared_lengths,
    worksheet_parts,
)
from engine.errors import InputError
from engine.intake.sheet_names import EVIDENCE, SHEETS
from engine.intake.workbooks import Cell, Fault, Row, Sheet, place
from rulelang.diagnostics import Words

# What the library raises at archives that are broken in one way or another.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, ValueError, LookupError, OverflowError,
    RuntimeError, EOFError, OSError,
)  # fmt: skip
_COMPRESSIONS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # no others belong in one
_OLD = bytes.fromhex("d0cf11e0a1b11ae1")
_MOST_PARTS = 5_000
_CHUNK = 1 << 20
_WANTED = ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels")
_SHARED = "xl/sharedStrings.xml"
_STYLES = "xl/styles.xml"
_DIGITS = 15  # what a spreadsheet program keeps and shows of a number
_NAMES = frozenset(name for names in SHEETS.values() for name in names) | EVIDENCE


def read(data: bytes, file: str) -> dict[str, Sheet]:
    """The sheets of a workbook by name; those of no use are there without rows.

    Raises:
        InputError: EN0106, EN0107, EN0115, EN0118, EN0123.
    """
    return _read(data, file, _is_of_bills)[0]


def read_all(data: bytes, file: str) -> tuple[dict[str, Sheet], dict[str, frozenset[int]]]:
    """Every sheet of a workbook, and the rows of each in which a formula stands.

    Raises:
        InputError: EN0106, EN0107, EN0115, EN0118, EN0123.
    """
    return _read(data, file, lambda _: True)


def _is_of_bills(sheet: str) -> bool:
    return sheet.strip().lower() in _NAMES


def _read(
    data: bytes, file: str, wanted: Callable[[str], bool]
) -> tuple[dict[str, Sheet], dict[str, frozenset[int]]]:
    load = _reader()
    parts, scans = _look_through(data, wanted)
    found = {
        name: Sheet(name, (), ()) if rows is None else _sheet(name, rows, scans[name].faults, file)
        for name, rows in _rows(load, parts, scans.keys())
    }
    formulas = {name: frozenset(row for row, _ in scan.formulas) for name, scan in scans.items()}
    return found, formulas


def _rows(
    load: Any, parts: Mapping[str, bytes], wanted: Collection[str]
) -> list[tuple[str, list[list[Any]] | None]]:
    """The cells of the wanted sheets as the reader gives them; None for the other sheets."""
    try:
        book = load(io.BytesIO(_packed(parts)))
        return [
            (
                name,
                book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                if name in wanted
                else None,
            )
            for name in book.sheet_names
        ]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a panic of the reader is no Exception
        raise _damaged() from None


def _reader() -> Any:
    try:
        from python_calamine import load_workbook  # noqa: PLC0415 - an extra
    except ImportError:
        raise no_extra() from None
    return load_workbook


def _damaged() -> InputError:
    return not_a_table(DAMAGED)


def _look_through(
    data: bytes, wanted: Callable[[str], bool]
) -> tuple[dict[str, bytes], dict[str, Scanned]]:
    """The parts that are needed, unpacked, and the cells without a value, by sheet."""
    if data.startswith(_OLD):
        raise not_a_table(
            Words("是旧格式 .xls，或有打开密码", "it is an old .xls, or has a password"),
            Words("另存为没有密码的 .xlsx", "save it as .xlsx without a password"),
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _unpack(archive, wanted)
    except _BROKEN:
        words = Words(
            "不是工作簿（.xlsx），或已损坏", "it is no workbook (.xlsx), or a damaged one"
        )
        raise not_a_table(words) from None


def _unpack(
    archive: zipfile.ZipFile, is_wanted: Callable[[str], bool]
) -> tuple[dict[str, bytes], dict[str, Scanned]]:
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(names) > _MOST_PARTS or len({name.lower() for name in names}) < len(names):
        raise _damaged()
    if sum(member.file_size for member in members) > LIMITS["workbook"].most:
        raise too_many(LIMITS["workbook"])
    budget = Budget()
    parts = {name: _part(archive, name, budget) for name in _WANTED if name in names}
    if not set(_WANTED) <= parts.keys():
        words = Words(
            "是压缩文件，但不是工作簿（.xlsx）", "it is an archive, but no workbook (.xlsx)"
        )
        raise not_a_table(words)
    wanted = worksheet_parts(parts["xl/workbook.xml"], parts["xl/_rels/workbook.xml.rels"])
    for name in (_STYLES, _SHARED):
        if name in names:
            parts[name] = _part(archive, name, budget)
    lengths = shared_lengths(parts[_SHARED]) if _SHARED in parts else ()
    scans: dict[str, Scanned] = {}
    for sheet, name in wanted.items():
        if not is_wanted(sheet):
            continue
        if name not in names:
            raise _damaged()
        parts[name] = _part(archive, name, budget)
        scans[sheet] = scanned(parts[name], lengths, budget)
    return parts, scans


def _part(archive: zipfile.ZipFile, name: str, budget: Budget) -> bytes:
    """One part, unpacked no further than the limit, whatever its directory says of its size."""
    found: list[bytes] = []
    if archive.getinfo(name).compress_type not in _COMPRESSIONS:
        raise _damaged()
    with archive.open(name) as stream:
        while chunk := stream.read(_CHUNK):
            budget.unpack(len(chunk))
            found.append(chunk)
    return b"".join(found)


def _packed(parts: Mapping[str, bytes]) -> bytes:
    """The parts as a file that holds nothing else."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


# Cells


def _sheet(
    name: str, rows: Sequence[Sequence[Any]], faults: Mapping[Position, str], file: str
) -> Sheet:
    header = tuple("" if one is None else str(one) for one in rows[0]) if rows else ()
    read_ = []
    for number, cells in enumerate(rows[1:], start=2):
        where = place(file, name, number)
        row = [_cell(one, where) for one in cells]
        if faults:
            for index in range(len(row)):
                text = faults.get((number, index + 1))
                row[index] = row[index] if text is None else Fault(text)
        read_.append(Row(number, tuple(row)))
    return Sheet(name, header, tuple(read_))


def _cell(value: Any, where: str) -> Cell:
    match value:
        case None | "":
            return None
        case str():
            return text_cell(value, where)
        case bool() | datetime() | date():
            return value
        case int():
            return Decimal(value)
        case float():
            return _number(value)
        case _:  # a time of day, a length of time
            return str(value)


@lru_cache(maxsize=4096)
def _number(value: float) -> Cell:
    """The decimal that the program shows; beyond its digits a number says nothing."""
    if not math.isfinite(value):
        return Fault("#NUM!")
    return Decimal(format(value, f".{_DIGITS}g"))

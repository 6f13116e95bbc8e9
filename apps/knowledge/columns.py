"""Tables of a site with their heads in any order: rows of named cells, each with its place.

The header is the first row that names every column that is needed; what stands above it is a title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from unicodedata import normalize

from apps.knowledge.files import Grid, Loaded, load
from apps.knowledge.points import Place, Remark
from apps.sheet_cells import not_a_table
from engine.intake.workbooks import Cell, Fault
from rulelang.diagnostics import Words

Heads = Mapping[str, tuple[str, ...]]  # our name of a column: the heads that mean it

_TITLES = 20  # rows in which the header is looked for
_EXACT = 15  # digits that a spreadsheet program keeps of a number
_AMOUNT = re.compile(r"[+-]?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Line:
    """One row: the texts of the columns that the file has, and what cannot be used of it."""

    place: Place
    cells: Mapping[str, str]
    fault: Words | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """All rows of a file, and which of the columns it has."""

    file: str
    digest: str
    has: frozenset[str]
    lines: tuple[Line, ...]
    remarks: tuple[Remark, ...] = ()


def read(path: Path, heads: Heads, needed: frozenset[str]) -> Columns:
    """Read the table in a file.

    Args:
        path: CSV (UTF-8 or GBK), a workbook (its first sheet with the columns), or JSON rows.
        heads: The columns that are known.
        needed: Those without which it is no such table.

    Raises:
        InputError: EN0101, EN0103, EN0106, EN0107, EN0115, EN0118, EN0123.
        OSError: if the system does not let us.
    """
    loaded = load(path)
    if loaded.objects:
        return _of_objects(loaded, heads, needed)
    for grid in loaded.grids:
        found = _header(grid, heads, needed)
        if found is not None:
            start, places = found
            lines = tuple(_lines(loaded, grid, start, places))
            return Columns(
                loaded.file, loaded.digest, frozenset(places.values()), lines, loaded.remarks
            )
    raise _no_columns(loaded.file, heads, needed)


def _no_columns(file: str, heads: Heads, needed: frozenset[str]) -> Exception:
    wanted = "、".join(heads[name][0] for name in sorted(needed))
    also = ", ".join(heads[name][-1] for name in sorted(needed))
    words = Words(f"没有这些列：{wanted}", f"it lacks the columns {also}")
    return not_a_table(words, Words("第一行写列名", "name the columns in the first row"), file)


def _header(
    grid: Grid, heads: Heads, needed: frozenset[str]
) -> tuple[int, Mapping[int, str]] | None:
    named = {head.lower(): name for name, texts in heads.items() for head in texts}
    for index, row in enumerate(grid.rows[:_TITLES]):
        places: dict[int, str] = {}
        for column, cell in enumerate(row.cells):
            name = named.get(_head(cell))
            if name is not None and name not in places.values():
                places[column] = name
        if needed <= set(places.values()):
            return index + 1, places
    return None


def _head(cell: Cell) -> str:
    text = normalize("NFKC", cell) if isinstance(cell, str) else ""
    return re.sub(r"\(.*\)|\s", "", text).lower()


def _lines(loaded: Loaded, grid: Grid, start: int, places: Mapping[int, str]) -> Iterator[Line]:
    for row in grid.rows[start:]:
        where = Place(loaded.file, grid.sheet, row.number)
        raw = {
            name: row.cells[column] if column < len(row.cells) else None
            for column, name in places.items()
        }
        if any(cell is not None for cell in row.cells):
            yield _line(where, raw)


def _of_objects(loaded: Loaded, heads: Heads, needed: frozenset[str]) -> Columns:
    has = frozenset(
        name
        for name, texts in heads.items()
        for _, fields in loaded.objects
        if fields is not None and any(text in fields for text in texts)
    )
    if not needed <= has:
        raise _no_columns(loaded.file, heads, needed)
    lines = []
    for number, fields in loaded.objects:
        where = Place(loaded.file, "", number)
        if fields is None:
            lines.append(Line(where, {}, Words("不是一行数据", "it is no row of fields")))
            continue
        raw = {
            name: next((_plain(fields[text]) for text in texts if text in fields), None)
            for name, texts in heads.items()
            if name in has
        }
        lines.append(_line(where, raw))
    return Columns(loaded.file, loaded.digest, has, tuple(lines), loaded.remarks)


def _plain(value: Any) -> Cell:
    if isinstance(value, bool) or value is None:
        return None
    return Decimal(value) if isinstance(value, int) else str(value)


def _line(where: Place, raw: Mapping[str, Cell]) -> Line:
    cells: dict[str, str] = {}
    fault: Words | None = None
    for name, cell in raw.items():
        text, wrong = _text(cell)
        cells[name] = text
        fault = fault or wrong
    return Line(where, cells, fault)


def _text(cell: Cell) -> tuple[str, Words | None]:
    """A cell as text; a long number has lost digits and is not guessed."""
    if isinstance(cell, Fault):
        return "", Words(f"单元格没有值（{cell.text}）", f"a cell holds no value ({cell.text})")
    if isinstance(cell, Decimal):
        if len(cell.normalize().as_tuple().digits) > _EXACT or abs(cell) >= 10**_EXACT:
            words = Words(
                "长编码被表格软件改成了数，末尾的数字已丢失",
                "a long code was turned into a number and has lost digits",
            )
            return "", words
        return format(cell, "f"), None
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" "), None
    if isinstance(cell, date):
        return cell.isoformat(), None
    return (normalize("NFKC", cell).strip() if isinstance(cell, str) else ""), None


def amount_of(text: str) -> Decimal | None:
    """A number as people write it: `1,155.00`, `￥3.5`, `3元`; None where it is none."""
    plain = text.strip().removeprefix("¥").removesuffix("元").replace(",", "").strip()
    return Decimal(plain) if _AMOUNT.fullmatch(plain) else None

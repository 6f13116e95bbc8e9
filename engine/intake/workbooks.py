"""A workbook as the intake takes it: sheets of rows, each cell of a known kind. Knows no files.

Whoever reads a file makes this of it: numbers as exact decimals, dates as dates, texts as texts, so
that a code which a spreadsheet program has turned into a number is still seen as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell without a value of its own: an error such as #N/A, a formula without its result."""

    text: str


# The text of a fault where a formula's result was never stored.
NO_RESULT = "="

# None is a blank cell. A boolean is no number here, whatever Python says.
Cell: TypeAlias = str | Decimal | date | datetime | bool | Fault | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row with its number in the file, the header being row 1."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: the heads of its columns, and its rows."""

    name: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets of one file by their names; a CSV file is one sheet, 明细."""

    file: str
    sheets: Mapping[str, Sheet]


def place(file: str, sheet: str, row: int, head: str = "") -> str:
    """Where a row or a cell stands: `bill.xlsx#明细!R7C数量`."""
    return f"{file}#{sheet}!R{row}" + (f"C{head}" if head else "")

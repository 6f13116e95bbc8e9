"""Reports as workbooks: sheets of texts and exact numbers, with one chart of counts."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from apps.sheet_writing import Pen, new_workbook

Cell: TypeAlias = str | int | Decimal | None

_PLACES = 6
_LOOK = "0.00####"
_WHOLE = "0"
_WIDEST = 60
_NARROWEST = 10


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet: its name, its heads, its rows; `charted` draws so many first rows as columns."""

    name: str
    heads: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    charted: int = 0


def write(pages: Sequence[Page]) -> bytes:
    """The bytes of a workbook.

    Raises:
        InputError: EN0123 where the optional part is not installed.
    """
    made = io.BytesIO()
    with new_workbook(made) as book:
        for page in pages:
            _page(book, page)
    return made.getvalue()


def _page(book: Any, page: Page) -> None:
    sheet = book.add_worksheet(page.name)
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    pen = Pen(sheet, book)
    for column, head in enumerate(page.heads):
        longest = max([len(head) * 2, *(len(str(row[column] or "")) for row in page.rows[:200])])
        sheet.set_column(column, column, min(_WIDEST, max(_NARROWEST, longest + 2)))
        sheet.write_string(0, column, head, heading)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(page.rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                pen.text(number, column, cell)
            elif cell is not None:
                look = _WHOLE if isinstance(cell, int) else _LOOK
                pen.number(number, column, Decimal(cell), look, _PLACES)
    if page.charted:
        _chart(book, sheet, page)


def _chart(book: Any, sheet: Any, page: Page) -> None:
    chart = book.add_chart({"type": "column"})
    last = page.charted
    chart.add_series(
        {
            "name": page.heads[1],
            "categories": [page.name, 1, 0, last, 0],
            "values": [page.name, 1, 1, last, 1],
            "data_labels": {"value": True},
        }
    )
    chart.set_title({"name": page.name})
    chart.set_legend({"none": True})
    sheet.insert_chart(0, len(page.heads) + 1, chart)

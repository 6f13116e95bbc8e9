"""New workbooks whose texts stay texts and whose bytes depend on nothing but what is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any

from apps.sheet_cells import no_extra

_MADE = datetime(2000, 1, 1, tzinfo=UTC)  # of every workbook: equal contents are equal bytes
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": False,
}
_LONGEST = 32_000  # a cell holds some more characters, but not many
TEXT = 49  # the built-in format of texts
_DIGITS = 15  # that a spreadsheet program keeps and shows
_NO_CHARACTERS = re.compile("[\ufffe\uffff\ud800-\udfff]")
_LOOKS_LIKE_FORMULA = re.compile(r"\s*[=+\-@|%]|[\t\r\n]")


@contextmanager
def new_workbook(stream: IO[bytes]) -> Iterator[Any]:
    """A workbook that is written to `stream` at the end.

    Raises:
        InputError: EN0123 where the optional part is not installed.
    """
    try:
        from xlsxwriter import Workbook  # noqa: PLC0415 - an extra
    except ImportError:
        raise no_extra() from None
    book = Workbook(stream, _OPTIONS)
    book.set_properties({"created": _MADE.replace(tzinfo=None)})
    try:
        yield book
    finally:
        book.close()


def column_range(column: int, rows: int) -> str:
    """The first rows of a column as formulas name them: $A$1:$A$9."""
    from xlsxwriter.utility import xl_range_abs  # noqa: PLC0415 - an extra

    return str(xl_range_abs(0, column, rows - 1, column))


class Pen:
    """Writes cells of one sheet: a text is never a formula, a number never a rounded one."""

    def __init__(self, sheet: Any, book: Any) -> None:
        """For one sheet of a book."""
        self._sheet = sheet
        self._plain = book.add_format({"text_wrap": True, "valign": "top", "num_format": TEXT})
        self._quoted = book.add_format(
            {"text_wrap": True, "valign": "top", "num_format": TEXT, "quote_prefix": True}
        )
        self._numbers: dict[str, Any] = {}
        self._book = book

    def text(self, row: int, column: int, text: str) -> None:
        """A text, whatever it looks like."""
        clean = _NO_CHARACTERS.sub("\ufffd", text)
        if len(clean) > _LONGEST:
            clean = clean[:_LONGEST] + "…"
        look = self._quoted if _LOOKS_LIKE_FORMULA.match(clean) else self._plain
        self._sheet.write_string(row, column, clean, look)

    def number(self, row: int, column: int, number: Decimal, look: str, places: int) -> None:
        """A number of at most so many decimals; one that the file could not hold, as a text."""
        if is_held(number, places):
            if look not in self._numbers:
                self._numbers[look] = self._book.add_format({"num_format": look, "valign": "top"})
            self._sheet.write_number(row, column, number, self._numbers[look])
        else:
            self.text(row, column, format(number, "f"))


def is_held(number: Decimal, places: int) -> bool:
    """Whether a workbook holds this number exactly, with at most so many decimals."""
    exponent = number.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > places:
        return False
    held = float(number)  # as the program that opens the file will hold it
    return Decimal(format(held, f".{_DIGITS}g")) == number == Decimal(repr(held))

"""Calendar periods that rules are about (S4.2): months, quarters, years; dates are arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from rulelang.calendar import DAY, add_months

JANUARY = 1
MONTHS_OF: Mapping[str, int] = MappingProxyType(
    {"calendar_month": 1, "quarter": 3, "calendar_year": 12, "insurance_year": 12}
)
_YEAR = 12
_QUARTER = 3
_WRITTEN = re.compile(r"(?P<year>\d{4})(?:-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])))?")


@dataclass(frozen=True, slots=True)
class CalendarPeriod:
    """One period: its kind, its first and its last day."""

    word: str
    first: date
    last: date

    @property
    def shown(self) -> str:
        """The period as it is written: 2026-03, 2026-Q1, 2026; 2025-07~2026-06."""
        if self.word == "calendar_month":
            return f"{self.first:%Y-%m}"
        if self.word == "quarter":
            return f"{self.first.year:04}-Q{(self.first.month - 1) // _QUARTER + 1}"
        if self.first.month == JANUARY:
            return f"{self.first.year:04}"
        return f"{self.first:%Y-%m}~{self.last:%Y-%m}"

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


def calendar_period(word: str, day: date, insurance_year_starts: int = JANUARY) -> CalendarPeriod:
    """The period of a kind that holds a day.

    Args:
        word: One of `MONTHS_OF`.
        day: A civil date.
        insurance_year_starts: The month in which the insurance year begins.
    """
    months = MONTHS_OF[word]
    start = insurance_year_starts if word == "insurance_year" else JANUARY
    back = (day.month - start) % months
    return _from(word, add_months(day.replace(day=1), -back))


def written_period(text: str) -> CalendarPeriod | None:
    """The month, quarter or calendar year written as 2026-03, 2026-Q1 or 2026; None for all else."""
    found = _WRITTEN.fullmatch(text)
    if found is None or found["year"] == "0000":
        return None
    year = int(found["year"])
    if found["month"]:
        return calendar_period("calendar_month", date(year, int(found["month"]), 1))
    if found["quarter"]:
        return calendar_period("quarter", date(year, _QUARTER * int(found["quarter"]), 1))
    return calendar_period("calendar_year", date(year, 1, 1))


def previous(stretch: CalendarPeriod) -> CalendarPeriod:
    """The period before: 上期.

    Raises:
        OverflowError: if it lies outside the years 1 to 9999.
    """
    return _from(stretch.word, add_months(stretch.first, -MONTHS_OF[stretch.word]))


def year_before(stretch: CalendarPeriod) -> CalendarPeriod:
    """The same period of the year before: 去年同期.

    Raises:
        OverflowError: if it lies outside the years 1 to 9999.
    """
    return _from(stretch.word, add_months(stretch.first, -_YEAR))


def _from(word: str, first: date) -> CalendarPeriod:
    return CalendarPeriod(word, first, add_months(first, MONTHS_OF[word]) - DAY)

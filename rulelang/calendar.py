"""Civil dates, ages and lengths of time (S4). Dates are arguments; there is no clock here."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from rulelang.values import Range

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AgeLimit:
    """An age as rules and tables write it: 12岁, 6月龄, 28日龄. Counts completed units."""

    count: int
    unit: str  # year_old, month_old, day_old


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time relative to a subject: a word, or a length before or after it.

    `word` is one of same_day, same_visit, same_prescription, same_hour, so_far, past, next and the
    calendar periods; `amount` and `unit` (days, months, seconds) only with past, next and, in table
    cells, with a bare length (`6小时`), whose word is "length".
    """

    word: str
    amount: int = 0
    unit: str = ""


def day_of(instant: date | datetime) -> date:
    """The civil date of an instant."""
    return instant.date() if isinstance(instant, datetime) else instant


def start_of(day: date) -> datetime:
    """The first instant of a civil date."""
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - civil time, Asia/Shanghai by S4


def instants_of(day: date) -> Range:
    """The 24 hours of a date, when it is used as an instant (S2.1)."""
    return Range(start_of(day), start_of(day) + DAY, low_open=False, high_open=True)


def add_months(day: date, months: int) -> date:
    """`day` moved by whole months, clamped to the month's end (S4).

    Raises:
        OverflowError: if the result lies outside the years 1 to 9999.
    """
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    if not date.min.year <= year <= date.max.year:
        message = "the date lies outside the years 1 to 9999"
        raise OverflowError(message)
    last = monthrange(year, month + 1)[1]
    return day.replace(year=year, month=month + 1, day=min(day.day, last))


def completed_months(birth: date, on: date) -> int:
    """Whole months from `birth` to `on`; negative before birth.

    A month is completed on the day of the month of birth, or on the month's last day where the
    month has no such day.
    """
    months = (on.year - birth.year) * 12 + on.month - birth.month
    last = monthrange(on.year, on.month)[1]
    return months if on.day >= min(birth.day, last) else months - 1


def completed_age(birth: date, on: date, unit: str) -> int:
    """Age in completed `unit`s ("year_old", "month_old", "day_old") on a date (S4).

    Raises:
        ValueError: if the unit is none of the three.
    """
    if unit == "day_old":
        return (on - birth).days
    months = completed_months(birth, on)
    if unit == "month_old":
        return months
    if unit == "year_old":
        return months // 12
    message = f"not an age unit: {unit}"
    raise ValueError(message)


def shift_days(value: Range, days: Range | int) -> Range:
    """A range of dates or instants moved by whole days."""
    return _shifted(value, days, lambda moment, count: moment + timedelta(days=count))


def shift_seconds(value: Range, seconds: Range | int) -> Range:
    """A range of instants moved by elapsed time."""
    return _shifted(value, seconds, lambda moment, count: moment + timedelta(seconds=count))


def shift_months(value: Range, months: Range | int) -> Range:
    """A range of dates or instants moved by whole months (S4)."""

    def move(moment: date, count: int) -> date:
        day = add_months(day_of(moment), count)
        if isinstance(moment, datetime):
            return moment.replace(year=day.year, month=day.month, day=day.day)
        return day

    return _shifted(value, months, move)


def _shifted(value: Range, by: Range | int, move: Callable[[Any, int], Any]) -> Range:
    """Both ends moved; one that would leave the calendar stays at its edge."""
    length = Range.exactly(by) if isinstance(by, int) else by
    low = _end(value.low, length.low, move)
    high = _end(value.high, length.high, move)
    return Range(low, high, value.low_open, value.high_open)


def _end(end: Any, by: Any, move: Callable[[Any, int], Any]) -> Any:
    if end is None or by is None:
        return None
    try:
        return move(end, int(by))
    except OverflowError:
        return type(end).max if by > 0 else type(end).min


def to_days(value: Range) -> Range:
    """A range of instants as a range of civil dates (closed)."""
    low = None if value.low is None else day_of(value.low)
    high = None if value.high is None else day_of(value.high)
    opens_at_midnight = (
        value.high_open
        and isinstance(value.high, datetime)
        and high is not None
        and value.high == start_of(high)
    )
    if opens_at_midnight and high is not None:
        high = high - DAY
    return Range(low, high)


def to_instants(value: Range) -> Range:
    """A range of dates as a range of instants: from the first hour to the end of the last day."""
    low, high = value.low, value.high
    if low is not None and not isinstance(low, datetime):
        low = start_of(low)
    if high is not None and not isinstance(high, datetime):
        return Range(low, start_of(high) + DAY, value.low_open, high_open=True)
    return Range(low, high, value.low_open, value.high_open)

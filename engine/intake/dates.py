"""Dates and instants in the shapes in which senders write them. Knows no fields and no clock."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from engine.codes import half_width
from engine.facts import Value
from engine.intake.readers import NOTHING, Reading, as_text, is_blank, unusable
from rulelang.calendar import instants_of, start_of
from rulelang.values import Range

if TYPE_CHECKING:
    from collections.abc import Iterator

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - civil time, Asia/Shanghai by S4
SHANGHAI = timedelta(hours=8)
FIRST_YEAR, LAST_YEAR = 1850, 2200
_MIN_EPOCH_DIGITS, _MAX_EPOCH_DIGITS = 10, 13

# Dates that programs write where they have none.
SENTINELS = frozenset({date(1900, 1, 1), date(1899, 12, 30), date(2099, 12, 31)})
_SENTINEL_TEXTS = ("0001-01-01", "0000-00-00", "9999-12-31")

_WRITTEN = re.compile(
    r"(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?"
    r"(?:[ T]*(?P<H>\d{1,2}):(?P<M>\d{1,2})(?::(?P<S>\d{1,2})(?:[.,]\d{1,9})?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)
_COMPACT = re.compile(
    r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?:(?P<H>\d\d)(?P<M>\d\d)(?P<S>\d\d))?", re.ASCII
)
_DIGITS = re.compile(r"-?\d+", re.ASCII)


def read_instant(raw: object) -> Reading:
    """An instant; a date without an hour, or at midnight, is that day's 24 hours (S2.1)."""
    found = _read(raw)
    if isinstance(found, Reading):
        return found
    moment = found
    if not isinstance(moment, datetime):
        return Reading(Value(range=instants_of(moment)))
    if moment == start_of(moment.date()):
        return Reading(Value(range=instants_of(moment.date())))
    return Reading(Value(range=Range.exactly(moment)))


def read_date(raw: object) -> Reading:
    """A civil date; an hour behind it is let go."""
    found = _read(raw)
    if isinstance(found, Reading):
        return found
    day = found.date() if isinstance(found, datetime) else found
    return Reading(Value(range=Range.exactly(day)))


def first_instant(known: Range) -> datetime:
    """The first instant that a range of dates or instants holds."""
    low: date | datetime | None = known.low
    if low is None:
        return EPOCH
    return low if isinstance(low, datetime) else start_of(low)


def is_sentinel(raw: object) -> bool:
    """Whether a sent date stands for "none": a program's filler, not a mistake."""
    text = half_width(as_text(raw) or "").strip()
    for match in _matches(text):
        parts = tuple(int(match[part]) for part in "ymd")
        return parts in {(day.year, day.month, day.day) for day in SENTINELS} or text.startswith(
            _SENTINEL_TEXTS
        )
    return False


def _read(raw: object) -> Reading | date | datetime:
    if is_blank(raw):
        return NOTHING
    text = half_width(as_text(raw) or "").strip()
    if not text or isinstance(raw, bool):
        return _strange(text)
    if text.startswith(_SENTINEL_TEXTS):
        return unusable("是占位日期", "a date that stands for none")
    for match in _matches(text):
        return _from_parts(match, text)
    # As a text, only 13 digits are sure to be milliseconds: 12 may be a date with hour and minute.
    if _DIGITS.fullmatch(text) is None or (isinstance(raw, str) and len(text) < _MAX_EPOCH_DIGITS):
        return _strange(text)
    return _from_epoch(text)


def _matches(text: str) -> Iterator[re.Match[str]]:
    for pattern in (_WRITTEN, _COMPACT):
        match = pattern.fullmatch(text)
        if match is not None:
            yield match


def _strange(text: str) -> Reading:
    return unusable("不是日期", "not a date")


def _from_parts(match: re.Match[str], text: str) -> Reading | date | datetime:
    year, month, day = (int(match[part]) for part in "ymd")
    try:
        found: date | datetime = date(year, month, day)
        if match["H"] is not None:
            hour, minute, second = (int(match[part] or 0) for part in "HMS")
            found = start_of(found).replace(hour=hour, minute=minute, second=second)
    except ValueError:
        return unusable("没有这一日", "there is no such date")
    zone = match.groupdict().get("zone")
    if zone and isinstance(found, datetime) and FIRST_YEAR <= year <= LAST_YEAR:
        found = found - _offset(zone) + SHANGHAI
    return _plausible(found, text)


def _offset(zone: str) -> timedelta:
    if zone == "Z":
        return timedelta()
    sign = -1 if zone.startswith("-") else 1
    digits = zone[1:].replace(":", "")
    return sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))


def _from_epoch(text: str) -> Reading | date | datetime:
    digits = len(text.lstrip("-"))
    if not _MIN_EPOCH_DIGITS < digits <= _MAX_EPOCH_DIGITS:
        return _strange(text)
    moment = EPOCH + SHANGHAI + timedelta(milliseconds=int(text))
    return _plausible(moment.replace(microsecond=0), text)


def _plausible(found: date | datetime, text: str) -> Reading | date | datetime:
    day = found.date() if isinstance(found, datetime) else found
    if day in SENTINELS:
        return unusable("是占位日期", "a date that stands for none")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return unusable("年份不合情理", "the year is not plausible")
    return found

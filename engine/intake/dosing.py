"""Dose, frequency and days of supply from the free text of a fee upload. Knows no fields.

What is plainly said is read; what is not (适量, 必要时) stays unknown and says so.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.codes import half_width
from engine.facts import Value, exactly
from engine.intake.readers import (
    NOTHING,
    Reading,
    as_text,
    is_blank,
    read_days,
    read_dose,
    unusable,
)
from rulelang.values import join

if TYPE_CHECKING:
    from collections.abc import Mapping

_DAY, _WEEK = "time/day", "time/week"
_HOURS_A_DAY = 24

_BEFORE_DOSE = re.compile(r"^(?:每次|一次|1次|单次|每)\s*")
_BEHIND_DOSE = re.compile(r"\s*/\s*次$|\s*每次$")
_SPAN = re.compile(r"(?P<low>\d+(?:\.\d+)?)\s*[-~～至到]\s*(?P<high>\d+(?:\.\d+)?)\s*(?P<unit>\D.*)", re.ASCII)  # fmt: skip

_DIGITS: Mapping[str, str] = MappingProxyType(
    {"一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7",
     "八": "8", "九": "9", "十二": "12", "十": "10", "单": "1", "双": "2"}
)  # fmt: skip
_NUMERAL = re.compile("|".join(sorted(_DIGITS, key=len, reverse=True)))

# Latin abbreviations as prescriptions write them; `QnH` and `QnD` are read by their number.
_LATIN: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "QD": ("1", _DAY), "QM": ("1", _DAY), "QAM": ("1", _DAY), "QN": ("1", _DAY),
        "QPM": ("1", _DAY), "HS": ("1", _DAY), "QHS": ("1", _DAY), "BID": ("2", _DAY),
        "TID": ("3", _DAY), "QID": ("4", _DAY), "QH": ("24", _DAY), "QOD": ("0.5", _DAY),
        "QW": ("1", _WEEK), "QIW": ("4", _WEEK), "BIW": ("2", _WEEK), "TIW": ("3", _WEEK),
    }
)  # fmt: skip
_MEALS = re.compile(r"[\s(]*(?:AC|PC|A\.C|P\.C|PO|IV|IM|饭前|饭后|餐前|餐后|口服)[).]*$")
_EVERY = re.compile(r"Q(?P<count>\d{1,2})(?P<unit>H|D|W)", re.ASCII)
_PER_DAY = (
    re.compile(r"(?:每|1)(?:日|天)(?P<count>\d{1,2})次?", re.ASCII),
    re.compile(r"(?P<count>\d{1,2})次?[/每](?:日|天|D|DAY)", re.ASCII),
)
_PER_WEEK = (
    re.compile(r"(?:每|1)(?:周|星期)(?P<count>\d{1,2})次?", re.ASCII),
    re.compile(r"(?P<count>\d{1,2})次?[/每](?:周|星期|W|WEEK)", re.ASCII),
)
_HOURLY = re.compile(r"每?隔?(?P<count>\d{1,2})(?:小时|H)(?:1次)?", re.ASCII)
_NIGHTLY = re.compile(r"每(?:晚|早|晨)(?:睡前)?(?:1次)?")
_ALTERNATE = re.compile(r"隔(?:日|天)(?:1次)?")
_DAYS = re.compile(r"(?P<count>\d+(?:\.0+)?)\s*(?:天|日|D|DAYS?)?", re.ASCII | re.IGNORECASE)


def _folded(raw: object) -> str:
    """The text in half width and capitals, without blanks, numerals as digits."""
    text = re.sub(r"[\s、,，。]+", "", half_width(as_text(raw) or "")).upper()
    return _NUMERAL.sub(lambda found: _DIGITS[found[0]], text)


def read_single_dose(raw: object) -> Reading:
    """A dose of one time: 0.5g, 每次2片, 1-2片 (a range)."""
    if is_blank(raw):
        return NOTHING
    text = half_width(as_text(raw) or "").strip()
    text = _BEHIND_DOSE.sub("", _BEFORE_DOSE.sub("", text))
    span = _SPAN.fullmatch(text)
    if span is None:
        return _positive(read_dose(text or "?"))
    low = read_dose(span["low"] + span["unit"])
    high = read_dose(span["high"] + span["unit"])
    if low.value.range is None or high.value.range is None:
        return high
    if low.value.range.exact > high.value.range.exact:
        return unusable("不是带单位的数量", "not a quantity with a unit")
    value = replace(high.value, range=join(low.value.range, high.value.range))
    return Reading(value)


def _positive(read: Reading) -> Reading:
    known = read.value.range
    if known is not None and known.exact <= 0:
        return unusable("用量不大于零", "a dose that is not above zero")
    return read


def read_frequency(raw: object) -> Reading:
    """A frequency of use: QD, TID, Q8H, 每日三次, 一天2次, 3次/日, 隔日一次, 每周2次."""
    if is_blank(raw):
        return NOTHING
    text = _folded(raw)
    if len(text) > _LONGEST:
        return _no_frequency()
    found = _latin(_MEALS.sub("", text).replace(".", "")) or _chinese(_MEALS.sub("", text))
    if found is None or not found[0]:
        return _no_frequency()
    return Reading(exactly(found[0], unit=found[1]))


_LONGEST = 24


def _no_frequency() -> Reading:
    return unusable("不是可读的频次", "not a frequency that can be read")


def _latin(text: str) -> tuple[Decimal, str] | None:
    named = _LATIN.get(text)
    if named is not None:
        return Decimal(named[0]), named[1]
    every = _EVERY.fullmatch(text)
    if every is None:
        return None
    count = int(every["count"])
    match every["unit"]:
        case "H":
            return _every_hours(count)
        case "D":
            return _divided(1, count)
        case _:
            return (Decimal(1), _WEEK) if count == 1 else None


def _chinese(text: str) -> tuple[Decimal, str] | None:
    for patterns, unit in ((_PER_DAY, _DAY), (_PER_WEEK, _WEEK)):
        for pattern in patterns:
            found = pattern.fullmatch(text)
            if found is not None:
                return Decimal(found["count"]), unit
    hourly = _HOURLY.fullmatch(text)
    if hourly is not None:
        return _every_hours(int(hourly["count"]))
    if _NIGHTLY.fullmatch(text):
        return Decimal(1), _DAY
    return (Decimal("0.5"), _DAY) if _ALTERNATE.fullmatch(text) else None


def _every_hours(count: int) -> tuple[Decimal, str] | None:
    return _divided(_HOURS_A_DAY, count)


def _divided(times: int, days: int) -> tuple[Decimal, str] | None:
    """A rate a day, where it has a finite decimal; a quotient such as 1/3 has none (S3)."""
    if not days:
        return None
    rate = (Decimal(times) / Decimal(days)).quantize(Decimal("0.0001"))
    return (rate.normalize(), _DAY) if rate * days == times else None


def read_supply(raw: object) -> Reading:
    """Days of supply: 7, 7天; 0 is what programs send where they have none."""
    if is_blank(raw):
        return NOTHING
    text = half_width(as_text(raw) or "").strip()
    found = _DAYS.fullmatch(text)
    read = read_days(text if found is None else found["count"])
    known = read.value.range
    if known is not None and known.exact == 0:
        return Reading(Value(), unusable("天数为 0，当作没有", "0 days; taken as none").trouble)
    return read

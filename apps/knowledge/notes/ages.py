"""Ages in a note: what a phrase says, and how neighbouring phrases join."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from apps.knowledge.notes.model import Age, Ages

ADULT = Age(18, "岁")
_UNIT = r"(?:周岁|岁|个月龄|月龄|个月|日龄|天龄)"
_UP = r"(?:及?以上|及\d+岁以上|以上|及更大年龄)"
# An age group named without its ages: it joins others but says nothing alone.
YOUTH = Ages(Age(-1, "岁"), ADULT)

_WORDS: Mapping[str, Ages] = MappingProxyType(
    {
        "成人": Ages(ADULT, None),
        "成年人": Ages(ADULT, None),
        "成年": Ages(ADULT, None),
        "儿童": Ages(None, ADULT),
        "儿科": Ages(None, ADULT),
        "患儿": Ages(None, ADULT),
        "小儿": Ages(None, ADULT),
        "青少年": YOUTH,
        "新生儿": Ages(None, Age(29, "日龄")),
    }
)
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Ages]], ...]


def _unit(text: str) -> str:
    return "岁" if "岁" in text else "月龄" if "月" in text else "日龄"


def _from(found: re.Match[str]) -> Ages:
    return Ages(Age(int(found["low"]), _unit(found["unit"])), None)


def _under(found: re.Match[str]) -> Ages:
    return Ages(None, Age(int(found["high"]), _unit(found["unit"])))


def _through(found: re.Match[str]) -> Ages:
    unit = _unit(found["unit"])
    low_unit = _unit(found["low_unit"]) if found["low_unit"] else unit
    under = bool(found["under"])
    high = int(found["high"]) + (0 if under else 1)
    return Ages(Age(int(found["low"]), low_unit), Age(high, unit))


_PATTERNS = (
    (
        re.compile(
            rf"\(?(?P<low>\d+)(?P<low_unit>{_UNIT})?(?:\(含\))?[-~～—至到](?P<high>\d+)(?P<unit>{_UNIT})(?P<under>以下)?(?:的?(?:婴幼儿|幼儿|婴儿))?\)?"
        ),
        _through,
    ),
    (re.compile(rf"\(?(?:年龄)?[≥≧](?P<low>\d+)(?P<unit>{_UNIT})\)?"), _from),
    (
        re.compile(
            rf"(?:年龄)?(?P<low>\d+)(?P<unit>{_UNIT})(?:\(含(?:(?P=low)(?P=unit))?\))?(?:及?(?P=low)(?P=unit))?{_UP}(?:的?老年(?:人|患者)?)?"
        ),
        _from,
    ),
    (re.compile(rf"(?:年龄)?(?:满)(?P<low>\d+)(?P<unit>{_UNIT})"), _from),
    (re.compile(rf"(?:不满|未满|小于|[<＜])(?P<high>\d+)(?P<unit>{_UNIT})"), _under),
    (re.compile(rf"(?P<high>\d+)(?P<unit>{_UNIT})以下(?:的?(?:婴幼儿|幼儿|婴儿))?"), _under),
)


def age_at(text: str, start: int) -> tuple[Ages, int] | None:
    """The ages named at a place of the text, and where their words end."""
    best: tuple[Ages, int] | None = None
    for pattern, meaning in _PATTERNS:
        found = pattern.match(text, start)
        if found and (best is None or found.end() > best[1]):
            best = meaning(found), found.end()
    for word, ages in _WORDS.items():
        end = start + len(word)
        if text.startswith(word, start) and (best is None or end > best[1]):
            best = ages, end
    return best


def both(one: Ages, other: Ages) -> Ages:
    """Ages that are in one and in the other: "12岁及以上" + "青少年" is 12 to 18."""
    if YOUTH in (one, other):
        known = other if one == YOUTH else one
        return Ages(known.least, known.below or ADULT)
    least = max((a for a in (one.least, other.least) if a), key=_days, default=None)
    below = min((a for a in (one.below, other.below) if a), key=_days, default=None)
    return Ages(least, below)


def either(one: Ages, other: Ages) -> Ages | None:
    """Ages that are in one or the other; None if a gap lies between them."""
    if YOUTH in (one, other):
        return other if one == YOUTH else one
    first, second = sorted((one, other), key=lambda ages: _days(ages.least))
    if first.below is not None and _days(second.least) > _days(first.below):
        return None
    if first.below is None or second.below is None:
        return Ages(first.least, None)
    return Ages(first.least, max(first.below, second.below, key=_days))


def _days(age: Age | None) -> int:
    return age.days if age else 0

"""Whether a comparison was made exactly at its threshold, or just on the other side of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.authoring.points import Boundary
from engine.derivation import Step
from engine.facts import Value
from engine.interpreter.compare import same_unit
from rulelang import calendar
from rulelang.calendar import AgeLimit
from rulelang.values import FALSE, Range
from rulelang.vocabulary import load

AT, BEYOND = "at", "beyond"
MIRRORED: Mapping[str, str] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
HOUR, MINUTE = Decimal(3600), Decimal(60)
NOWHERE_NEAR: frozenset[str] = frozenset()


def nearness(boundary: Boundary, step: Step) -> frozenset[str]:
    """`at`, where the value is the threshold; `beyond`, where it is the next on the other side.

    The other side is that on which the comparison gives the other answer: for `<=` above, for `<`
    below. The next value is at most one unit of the threshold's scale away, one day, one hour.
    """
    found = [part.value for part in step.parts if isinstance(part.value, Value)]
    if len(found) != len(("left", "right")):
        return NOWHERE_NEAR
    node = boundary.comparison
    value, limit = found
    types, op = (node.left.type.kind, node.right.type.kind), str(node.op)
    if boundary.reversed:
        value, limit, types = limit, value, (types[1], types[0])
        op = MIRRORED[op]
    if value.absent is not FALSE or limit.absent is not FALSE:
        return NOWHERE_NEAR
    beyond_is_more = op in {"<=", ">"}
    match types[0]:
        case "age":
            return _of_age(value, limit, op)
        case "enum":
            return _of_words(value, limit, node.left.type.name, more=beyond_is_more)
        case _:
            return _of_numbers(*_comparable(value, limit, types), types[1], more=beyond_is_more)


def _comparable(value: Value, limit: Value, kinds: tuple[str, str]) -> tuple[Any, Any]:
    """Both as what is compared; None where one is not exact."""
    first, second = value.range, limit.range
    if kinds[0] == "interval" and kinds[1] == "seconds":
        first = value.fine
    elif "quantity" in kinds:
        first, second = same_unit(value, limit)
    elif set(kinds) == {"date", "datetime"}:
        first = None if first is None else calendar.to_days(first)
        second = None if second is None else calendar.to_days(second)
    return _exact(first), _exact(second)


def _exact(known: Range | None) -> Any:
    return known.exact if known is not None and known.is_exact else None


def _of_numbers(value: Any, limit: Any, kind: str, *, more: bool) -> frozenset[str]:
    if value is None or limit is None:
        return NOWHERE_NEAR
    if value == limit:
        return frozenset({AT})
    unit = unit_of(limit, kind)
    if isinstance(limit, date):
        past = Fraction(_seconds(value - limit), _seconds(unit))
    else:
        past = (Fraction(value) - Fraction(limit)) / Fraction(unit)
    return frozenset({BEYOND}) if 0 < (past if more else -past) <= 1 else NOWHERE_NEAR


def _seconds(length: timedelta) -> int:
    return length.days * 86400 + length.seconds


def unit_of(limit: Any, kind: str) -> Any:
    """One unit of a threshold's scale: 1 for 30, 0.1 for 2.5, a day, an hour of whole hours."""
    if isinstance(limit, datetime):
        return timedelta(hours=1)
    if isinstance(limit, date):
        return timedelta(days=1)
    if kind == "seconds":
        whole = next((unit for unit in (HOUR, MINUTE) if limit % unit == 0), None)
        return whole or Decimal(1)
    if isinstance(limit, Fraction):
        return Decimal("0.01")
    exponent = limit.as_tuple().exponent if isinstance(limit, Decimal) else 0
    return Decimal(1).scaleb(min(int(exponent), 0))


def _of_age(value: Value, limit: Value, op: str) -> frozenset[str]:
    """On the day on which the answer turns, or the day before."""
    birth: date | None = _exact(value.range)
    day: date | None = _exact(value.fine)
    wanted: Any = next(iter(limit.choices or ()), None)
    if birth is None or day is None or not isinstance(wanted, AgeLimit):
        return NOWHERE_NEAR
    if not date.min < day < date.max:
        return NOWHERE_NEAR
    turning = wanted.count + (op in {"<=", ">"})

    def completed(on: date) -> int:
        return calendar.completed_age(birth, on, wanted.unit)

    around = (completed(day - calendar.DAY), completed(day), completed(day + calendar.DAY))
    if around[0] < turning == around[1]:
        return frozenset({AT})
    return frozenset({BEYOND}) if around[1] < turning == around[2] else NOWHERE_NEAR


def _of_words(value: Value, limit: Value, enum: str, *, more: bool) -> frozenset[str]:
    known = load().enums.get(enum)
    if known is None or len(value.choices or ()) != 1 or len(limit.choices or ()) != 1:
        return NOWHERE_NEAR
    first, second = (known.words[next(iter(v.choices or ()))].rank for v in (value, limit))
    if first is None or second is None:
        return NOWHERE_NEAR
    if first == second:
        return frozenset({AT})
    between = {word.rank for word in known.words.values() if word.rank is not None}
    past = {rank for rank in between if (second < rank if more else rank < second)}
    next_one = (min if more else max)(past, default=None)
    return frozenset({BEYOND}) if first == next_one else NOWHERE_NEAR

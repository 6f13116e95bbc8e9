"""Comparing values of every kind, three-valued (S6): ranges, candidates, ages, units, ranks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import product
from typing import Any

from engine.facts import ABSENT, UNLIMITED, Foreign, Value
from rulelang import calendar, values
from rulelang.calendar import AgeLimit
from rulelang.types import Type
from rulelang.unit_algebra import conversion, static_unit
from rulelang.units import BY_NAME
from rulelang.values import FALSE, TRUE, UNKNOWN, Range, Truth
from rulelang.vocabulary import Enumeration, load

OWN_UNIT = "*"  # a service item's own pricing unit


def compare(op: str, left: Value, right: Value, left_type: Type, right_type: Type) -> Truth:
    """`left op right`. A blank "no limit" makes it true; no value at all makes it false."""
    if left.unlimited or right.unlimited:
        return TRUE
    if TRUE in {left.absent, right.absent}:
        return Truth.of(op == "!=")
    found = _present(op, left, right, left_type, right_type)
    if left.absent is UNKNOWN or right.absent is UNKNOWN:
        without = Truth.of(op == "!=")
        return found if found is without else UNKNOWN
    return found


def _present(op: str, left: Value, right: Value, left_type: Type, right_type: Type) -> Truth:
    if op == "!=":
        return ~_present("=", left, right, left_type, right_type)
    if op in {">", ">="}:
        flipped = "<" if op == ">" else "<="
        return _present(flipped, right, left, right_type, left_type)
    if left_type.kind == "age":
        return _ages(op, left, right)
    if "interval" in {left_type.kind, right_type.kind}:
        return _intervals(op, left, right, left_type, right_type)
    if left_type.kind == "enum":
        return _words(op, left, right, left_type.name)
    if left_type.kind in {"code", "text", "yes_no", "window"}:
        return _choices(left, right)
    first, second = left.range, right.range
    if {left_type.kind, right_type.kind} & {"quantity", "rate"}:
        first, second = same_unit(in_own_unit(left, left_type), in_own_unit(right, right_type))
    if {left_type.kind, right_type.kind} == {"date", "datetime"}:
        first = calendar.to_days(first) if first is not None else None
        second = calendar.to_days(second) if second is not None else None
    return ranges(op, first, second)


def ranges(op: str, left: Range | None, right: Range | None) -> Truth:
    """Two ranges; what is not known at all is unknown."""
    if left is None or right is None:
        return UNKNOWN
    if op == "=":
        return values.equal(left, right)
    return values.less(left, right, or_equal=op == "<=")


def same_unit(left: Value, right: Value) -> tuple[Range | None, Range | None]:
    """Two quantities in one unit; None where the units do not meet or are not known."""
    if left.unit == right.unit and left.unit is not None:
        return left.range, right.range
    if OWN_UNIT in {left.unit, right.unit} and None not in {left.unit, right.unit}:
        return left.range, right.range
    have, want = BY_NAME.get(left.unit or ""), BY_NAME.get(right.unit or "")
    if "" in {left.unit, right.unit}:
        return left.range, right.range
    if have is None or want is None or have.dimension != want.dimension:
        return _converted(left, right)
    return in_base(left.range, have.factor), in_base(right.range, want.factor)


def in_own_unit(value: Value, type_: Type) -> Value:
    """A value with the unit that its type has, where it carries none itself."""
    unit = static_unit(type_)
    return value if unit is None or value.unit is not None else replace(value, unit=unit)


def _converted(left: Value, right: Value) -> tuple[Range | None, Range | None]:
    """Compound quantities in one unit (次/周 and 次/天); None where they do not meet."""
    if left.unit is None or right.unit is None or left.range is None:
        return None, None
    factor = conversion(left.unit, right.unit)
    if factor is None:
        return None, None
    return values.multiply(left.range, Range.exactly(factor)), right.range


def in_base(value: Range | None, factor: Decimal) -> Range | None:
    """A range in the base unit of its dimension."""
    if value is None:
        return None
    return values.multiply(value, Range.exactly(factor))


def _ages(op: str, left: Value, right: Value) -> Truth:
    """An age of a person against an age limit: completed units at the governing date (S4)."""
    if left.choices is not None and right.choices is None:
        mirrored = {"<": ">", "<=": ">=", "=": "="}[op]
        return _age_against(mirrored, right, left)
    if right.choices is not None and left.choices is None:
        return _age_against(op, left, right)
    if left.choices is not None and right.choices is not None:
        return _limits(op, left, right)
    return UNKNOWN


def _limits(op: str, left: Value, right: Value) -> Truth:
    return agree(
        _limit(op, first, second)
        for first, second in product(left.choices or (), right.choices or ())
    )


def _limit(op: str, left: object, right: object) -> Truth:
    if not isinstance(left, AgeLimit) or not isinstance(right, AgeLimit):
        return UNKNOWN
    if left.unit != right.unit:
        return UNKNOWN
    return ranges(op, Range.exactly(left.count), Range.exactly(right.count))


def _age_against(op: str, age: Value, limit: Value) -> Truth:
    """Against each age that the limit may be (a parameter may have changed meanwhile)."""
    if age.range is None or age.fine is None:
        return UNKNOWN
    return agree(_age_against_one(op, age, found) for found in limit.choices or ())


def _age_against_one(op: str, age: Value, limit: object) -> Truth:
    if not isinstance(limit, AgeLimit):
        return UNKNOWN
    counted = completed(age, limit.unit)
    wanted = Range.exactly(limit.count)
    if op in {">", ">="}:
        return ranges("<" if op == ">" else "<=", wanted, counted)
    return ranges(op, counted, wanted)


def completed(age: Value, unit: str) -> Range | None:
    """The completed units of an age, by its birth date and governing date ranges."""
    birth, on = age.range, age.fine
    if birth is None or on is None:
        return None
    low = (
        calendar.completed_age(birth.high, on.low, unit)
        if birth.high is not None and on.low is not None
        else None
    )
    high = (
        calendar.completed_age(birth.low, on.high, unit)
        if birth.low is not None and on.high is not None
        else None
    )
    return Range(low, high)


def _intervals(op: str, left: Value, right: Value, left_type: Type, right_type: Type) -> Truth:
    """A time difference against a length: days on civil dates, hours on elapsed time (S4)."""
    kinds = {left_type.kind, right_type.kind}
    if "seconds" in kinds:
        first = left.fine if left_type.kind == "interval" else left.range
        second = right.fine if right_type.kind == "interval" else right.range
        return ranges(op, first, second)
    if "months" in kinds:
        return _months(op, left, right, left_type)
    return ranges(op, left.range, right.range)


def _months(op: str, left: Value, right: Value, left_type: Type) -> Truth:
    """A difference is of n months when the later day is the earlier one moved by n months (S4)."""
    apart, length = (left, right) if left_type.kind == "interval" else (right, left)
    if not apart.choices or length.range is None or not length.range.is_exact:
        return UNKNOWN
    months = int(length.range.exact)
    sides = [_side(earlier, later, months) for earlier, later in apart.choices]
    known = Range(Decimal(min(sides)), Decimal(max(sides)))
    first, second = (known, values.ZERO) if left_type.kind == "interval" else (values.ZERO, known)
    return ranges(op, first, second)


def _side(earlier: date, later: date, months: int) -> int:
    """Whether a difference is shorter than (-1), just (0), or longer than (1) so many months."""
    moved = calendar.shift_months(Range.exactly(earlier), months).exact
    return int(later > moved) - int(later < moved)


def _choices(left: Value, right: Value) -> Truth:
    if left.choices is None or right.choices is None:
        return UNKNOWN
    return agree(_same(a, b) for a, b in product(left.choices, right.choices))


def _same(left: object, right: object) -> Truth:
    if isinstance(left, Foreign) != isinstance(right, Foreign):
        return UNKNOWN
    return Truth.of(left == right)


def agree(truths: Any) -> Truth:
    """The truth that all candidates share, else unknown."""
    found = set(truths)
    return found.pop() if len(found) == 1 else UNKNOWN


def _words(op: str, left: Value, right: Value, enum: str) -> Truth:
    if left.choices is None or right.choices is None:
        return UNKNOWN
    known = load().enums.get(enum)
    pairs = product(left.choices, right.choices)
    if op == "=":
        if known is None or not known.hierarchical:
            return agree(Truth.of(a == b) for a, b in pairs)
        return agree(under_word(known, a, b) for a, b in pairs)
    if known is None:
        return UNKNOWN
    return agree(_ranked(op, known, a, b) for a, b in pairs)


def _ranked(op: str, known: Enumeration, left: str, right: str) -> Truth:
    first, second = known.words[left].rank, known.words[right].rank
    if first is None or second is None:
        return UNKNOWN
    return Truth.of(first < second if op == "<" else first <= second)


def under_word(known: Enumeration, word: str, above: str) -> Truth:
    """Whether a word is, or stands below, another; unknown where a word below it would be."""
    if known.is_under(word, above):
        return TRUE
    below = (other for other in known.words if other != word and known.is_under(other, word))
    return UNKNOWN if any(known.is_under(other, above) for other in below) else FALSE


def gap(left: Value, right: Value) -> Value:
    """The difference of two times, whichever is first: days as civil dates, and seconds."""
    plain = _without_figure(left, right)
    if plain is not None or left.range is None or right.range is None:
        return plain or Value(absent=_absent(left, right))
    one, other = calendar.to_days(left.range), calendar.to_days(right.range)
    first, second = calendar.to_instants(left.range), calendar.to_instants(right.range)
    return Value(
        range=_difference(one, other, _days_between),
        choices=_furthest_and_nearest(one, other),  # for lengths in months
        fine=_difference(first, second, _seconds_between),
        absent=_absent(left, right),
    )


def _without_figure(left: Value, right: Value) -> Value | None:
    if TRUE in {left.absent, right.absent}:
        return ABSENT
    return UNLIMITED if left.unlimited or right.unlimited else None


def _absent(left: Value, right: Value) -> Truth:
    return UNKNOWN if UNKNOWN in {left.absent, right.absent} else FALSE


def _furthest_and_nearest(one: Range, other: Range) -> frozenset[tuple[date, date]] | None:
    """The pairs of days, the earlier first, between which all other pairs lie."""
    first, second = _both_ends(one), _both_ends(other)
    if first is None or second is None:
        return None
    (low, high), (least, most) = first, second
    found = {(min(pair), max(pair)) for pair in ((low, most), (least, high))}
    shared = max(low, least)
    if high < least or most < low:
        found.add((min(high, most), shared))
    else:
        found.add((shared, shared))
    return frozenset(found)


def _both_ends(known: Range) -> tuple[date, date] | None:
    if known.low is None or known.high is None:
        return None
    return known.low, known.high


def _days_between(later: date, earlier: date) -> Decimal:
    return Decimal((later - earlier).days)


def _seconds_between(later: datetime, earlier: datetime) -> Decimal:
    apart = later - earlier
    return Decimal(apart.days * 86400 + apart.seconds)


def _difference(left: Range, right: Range, between: Callable[[Any, Any], Decimal]) -> Range:
    """The absolute difference of two ranges of times."""
    known = left.low is not None and right.high is not None
    low = between(left.low, right.high) if known else None
    known = left.high is not None and right.low is not None
    high = between(left.high, right.low) if known else None
    apart = Range(low, high, left.low_open or right.high_open, left.high_open or right.low_open)
    return values.larger(values.larger(apart, values.negative(apart)), values.ZERO)


def span_days(left: Value, right: Value) -> Value:
    """Days from one date to another, both counted (S4.1)."""
    plain = _without_figure(left, right)
    if plain is not None or left.range is None or right.range is None:
        return plain or Value(absent=_absent(left, right))
    apart = _difference(calendar.to_days(left.range), calendar.to_days(right.range), _days_between)
    both = values.add(apart, Range.exactly(Decimal(1)))
    return Value(range=both, absent=_absent(left, right))

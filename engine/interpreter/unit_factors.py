"""Quantities in one unit: the factors between units of one dimension (S3.1). Knows no collections."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from engine.facts import Value
from engine.interpreter.compare import OWN_UNIT
from rulelang import values
from rulelang.units import BY_NAME
from rulelang.values import Range


def common_unit(found: Sequence[Value]) -> tuple[str | None, list[Decimal | None]]:
    """One unit for all values with the factor to it; None for a value whose unit does not meet."""
    units = [value.unit for value in found]
    named = [unit for unit in units if unit not in {None, OWN_UNIT}]
    if not named:
        unit = OWN_UNIT if OWN_UNIT in units else None
        return unit, [Decimal(1)] * len(found)
    first = _finest(named)
    return first, [_factor(unit, first) for unit in units]


def _finest(named: Sequence[str | None]) -> str | None:
    """The smallest of the units, into which all others go without a remainder."""
    known = [BY_NAME[unit] for unit in named if unit is not None and unit in BY_NAME]
    return min(known, key=lambda unit: (unit.factor, unit.name)).name if known else named[0]


def _factor(unit: str | None, wanted: str | None) -> Decimal | None:
    if unit in {wanted, OWN_UNIT}:
        return Decimal(1)
    have, want = BY_NAME.get(unit or ""), BY_NAME.get(wanted or "")
    if have is None or want is None or have.dimension != want.dimension:
        return None
    ratio = have.factor / want.factor
    return ratio if ratio * want.factor == have.factor else None


def scaled(value: Range | None, factor: Decimal | None) -> Range | None:
    """A range in another unit; where the factor is not known, its sign remains (S8.1)."""
    if value is None or factor == 1:
        return value
    if factor is None:
        return _of_its_sign(value)
    return values.multiply(value, Range.exactly(factor))


def _of_its_sign(value: Range) -> Range | None:
    """What a quantity may be in a unit that it is not known in: no factor turns a charge round."""
    zero = Decimal(0)
    if value.low is not None and value.low >= zero:
        return Range(zero, None, low_open=value.low > zero or value.low_open)
    if value.high is not None and value.high <= zero:
        return Range(None, zero, high_open=value.high < zero or value.high_open)
    return None

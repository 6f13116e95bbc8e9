"""What comes of multiplying and dividing quantities with units (S3.1). Knows the table of units only.

A unit is what stands above and below its strokes: `mg/kg/day` is mg over kg and day. Multiplying
cancels what stands above in one and below in the other; times of use (次) are mere counts. Nothing
cancels within one unit, so that mg/kg stays apart from a plain number.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from rulelang import types
from rulelang.units import BY_NAME

if TYPE_CHECKING:
    from rulelang.types import Type

_UNCOUNTED = "time"
MOST_BELOW = 2
_OF_TYPE = {"days": "day", "seconds": "second"}
RATE = types.Type("rate")
WITH_UNIT = frozenset({"quantity", "measure", "rate", "days", "seconds"})


@dataclass(frozen=True, slots=True)
class _Strokes:
    """The atoms above and below the strokes of a unit."""

    above: tuple[str, ...]
    below: tuple[str, ...]


def combined(op: str, left: str, right: str) -> tuple[str, Fraction]:
    """The unit of `left op right` with the factor that the figure takes; "" is a plain number."""
    one, other = _strokes(left), _strokes(right)
    alike = op == "*" or bool(other.below)  # a dose by a weight stays mg/kg
    if op == "/":
        other = _Strokes(other.below, other.above)
    first, factor = _cancelled(one.above, other.below, alike=alike)
    second, back = _cancelled(other.above, one.below, alike=True)
    above = (*first[0], *second[0])
    below = (*second[1], *first[1])
    return _written(_Strokes(above, below)), factor * back


def conversion(have: str, want: str) -> Fraction | None:
    """The factor from one unit to another; None where they do not meet."""
    one, other = _strokes(have), _strokes(want)
    if _signature(one) != _signature(other):
        return None
    return _factor(one) / _factor(other)


def static_unit(type_: Type) -> str | None:
    """The unit that a type has by itself; None where each value has its own."""
    if type_.kind == "measure":
        return type_.name
    return _OF_TYPE.get(type_.kind)


def product_type(op: str, left: Type, right: Type) -> Type | None:
    """The type of `left op right` of two operands with units, or None where it means nothing."""
    if not {left.kind, right.kind} <= WITH_UNIT:
        return None
    one, other = static_unit(left), static_unit(right)
    if one is not None and other is not None:
        return _type_of(combined(op, one, other)[0]) if one and other else None
    kinds = (left.kind, right.kind)
    if op == "*":
        return _dynamic_product({*kinds})
    match kinds:
        case ("quantity", "days" | "seconds" | "measure"):
            return RATE
        case ("rate", "measure" | "days"):
            return RATE
        case ("quantity", "rate"):
            return types.DAYS
        case _:
            return None


def _dynamic_product(kinds: set[str]) -> Type | None:
    if kinds in ({"rate", "days"}, {"rate", "seconds"}):
        return types.QUANTITY
    if kinds in ({"quantity", "rate"}, {"rate", "measure"}, {"quantity", "measure"}):
        return RATE
    return None


def _type_of(unit: str) -> Type | None:
    """The type of a quantity in a unit; None for what no unit is (days times days)."""
    if not unit:
        return types.NUMBER
    strokes = _strokes(unit)
    if not strokes.below and len(strokes.above) == 1:
        return types.DAYS if unit == "day" else types.QUANTITY
    if len(strokes.above) != 1 or len(strokes.below) > MOST_BELOW:
        return None
    return RATE


def _strokes(unit: str) -> _Strokes:
    if not unit:
        return _Strokes((), ())
    above, *below = unit.split("/")
    first = tuple(atom for atom in above.split("·") if atom not in {"1", _UNCOUNTED})
    return _Strokes(first, tuple(atom for atom in below if atom != _UNCOUNTED))


def _written(strokes: _Strokes) -> str:
    if not strokes.above and not strokes.below:
        return ""
    above = "·".join(sorted(strokes.above)) or _UNCOUNTED
    return "/".join((above, *sorted(strokes.below, key=_stroke_order)))


def _stroke_order(atom: str) -> tuple[bool, str]:
    known = BY_NAME.get(atom)
    return (known is not None and known.kind in {"days", "seconds", "months"}, atom)


def _cancelled(
    above: tuple[str, ...], below: tuple[str, ...], *, alike: bool
) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], Fraction]:
    """What is left of one unit's upper and another's lower atoms, with the factor of what went."""
    left, right, factor = list(above), list(below), Fraction(1)
    for same in (True, False) if alike else (True,):
        for atom in tuple(left):
            found = next(
                (b for b in right if (b == atom if same else _dimension(b) == _dimension(atom))),
                None,
            )
            if found is None:
                continue
            factor *= _atom_factor(atom) / _atom_factor(found)
            left.remove(atom)
            right.remove(found)
    return (tuple(left), tuple(right)), factor


def _dimension(atom: str) -> str:
    """What an atom measures; elapsed and civil time meet as lengths of time here."""
    known = BY_NAME.get(atom)
    if known is None:
        return atom
    return "time" if known.kind in {"days", "seconds"} else known.dimension


def _atom_factor(atom: str) -> Fraction:
    known = BY_NAME.get(atom)
    if known is None:
        return Fraction(1)
    return Fraction(known.factor) * (86400 if known.kind == "days" else 1)


def _factor(strokes: _Strokes) -> Fraction:
    found = Fraction(1)
    for atom in strokes.above:
        found *= _atom_factor(atom)
    for atom in strokes.below:
        found /= _atom_factor(atom)
    return found


def _signature(strokes: _Strokes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (
        tuple(sorted(_dimension(atom) for atom in strokes.above)),
        tuple(sorted(_dimension(atom) for atom in strokes.below)),
    )

"""Truth with three values, exact numbers, and ranges of ordered values. Knows nothing of rules.

Numbers are `Decimal` under a context that traps every inexact result: a scaled integer that carries
its scale (S3). A quotient is a `Fraction`, which is only compared, or rounded where a rule says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import (
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from enum import Enum
from fractions import Fraction
from typing import Any, TypeAlias

Exact: TypeAlias = Decimal | Fraction
Ordered: TypeAlias = Any  # Decimal, Fraction, int, date or datetime; one kind within a range

CONTEXT = Context(prec=96, traps=[Inexact, Overflow, InvalidOperation, DivisionByZero])


class Truth(Enum):
    """A truth value of strong Kleene logic (S6)."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2

    def __invert__(self) -> Truth:
        """Negation; unknown stays unknown."""
        return Truth(2 - self.value)

    def __bool__(self) -> bool:
        """Refused: a truth is compared with `is`, so that unknown is never taken for false."""
        message = "a Truth is not a bool; compare it with `is`"
        raise TypeError(message)

    @staticmethod
    def of(known: object) -> Truth:
        """The truth of a Python condition."""
        return Truth.TRUE if known else Truth.FALSE


TRUE, FALSE, UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN


def all_of(truths: Iterable[Truth]) -> Truth:
    """Conjunction: false if one is false, else unknown if one is unknown, else true."""
    return Truth(min((truth.value for truth in truths), default=TRUE.value))


def any_of(truths: Iterable[Truth]) -> Truth:
    """Disjunction: true if one is true, else unknown if one is unknown, else false."""
    return Truth(max((truth.value for truth in truths), default=FALSE.value))


def at_least(needed: int, truths: Iterable[Truth]) -> Truth:
    """True if `needed` are true, false if so many can no longer become true, else unknown."""
    values = list(truths)
    certain = sum(truth is TRUE for truth in values)
    possible = sum(truth is not FALSE for truth in values)
    if certain >= needed:
        return TRUE
    return FALSE if possible < needed else UNKNOWN


def exact_add(left: Exact, right: Exact) -> Exact:
    """Sum, keeping the larger scale.

    Raises:
        ArithmeticError: if the result does not fit the exact context.
    """
    if isinstance(left, Fraction) or isinstance(right, Fraction):
        return Fraction(left) + Fraction(right)
    with localcontext(CONTEXT):
        return left + right


def exact_negative(value: Exact) -> Exact:
    """The value with its sign turned."""
    if isinstance(value, Fraction):
        return -value
    return value.copy_negate() if value else value


def exact_multiply(left: Exact, right: Exact) -> Exact:
    """Product; the scales add up.

    Raises:
        ArithmeticError: if the result does not fit the exact context.
    """
    if isinstance(left, Fraction) or isinstance(right, Fraction):
        return Fraction(left) * Fraction(right)
    with localcontext(CONTEXT):
        return left * right


def exact_divide(left: Exact, right: Exact) -> Fraction:
    """Quotient as an exact fraction.

    Raises:
        ZeroDivisionError: if `right` is zero; rules guard against it (S10.1).
    """
    return Fraction(left) / Fraction(right)


def round_half_up(value: Exact, places: int) -> Decimal:
    """`value` rounded to `places` decimals, halves away from zero."""
    scaled = Fraction(value) * Fraction(10) ** places
    sign = -1 if scaled < 0 else 1
    doubled = abs(scaled) * 2 + 1
    whole = sign * (doubled.numerator // doubled.denominator // 2)
    return Decimal(whole).scaleb(-places, CONTEXT)


def as_decimal(value: Exact, places: int = 2) -> Decimal:
    """`value` with at least `places` decimals and no zeros behind; a fraction is rounded to them."""
    if isinstance(value, Fraction):
        return round_half_up(value, places)
    shortest = value.normalize(CONTEXT)
    exponent = shortest.as_tuple().exponent
    if isinstance(exponent, int) and -exponent < places:
        return shortest.quantize(Decimal(1).scaleb(-places), context=CONTEXT)
    return shortest


def to_fen(value: Exact) -> Decimal:
    """An amount in yuan rounded to the fen (halves up), as it is printed."""
    return round_half_up(value, 2)


@dataclass(frozen=True, slots=True)
class Range:
    """The values from `low` to `high` of one ordered kind; None is no bound on that side.

    INVARIANT: never empty; an end that is None counts as open.
    """

    low: Ordered | None
    high: Ordered | None
    low_open: bool = False
    high_open: bool = False

    @staticmethod
    def exactly(value: Ordered) -> Range:
        """The range that holds one value."""
        return Range(value, value)

    @property
    def is_exact(self) -> bool:
        """Whether one value is left."""
        return self.low is not None and self.low == self.high

    @property
    def exact(self) -> Ordered:
        """The one value.

        Raises:
            ValueError: if there is more than one.
        """
        if not self.is_exact:
            message = "the range holds more than one value"
            raise ValueError(message)
        return self.low


ANYTHING = Range(None, None)
FROM_ZERO = Range(Decimal(0), None)
ZERO = Range(Decimal(0), Decimal(0))


def less(left: Range, right: Range, *, or_equal: bool) -> Truth:
    """`left < right` (or `<=`): true or false where every pair of values agrees."""
    if left.high is not None and right.low is not None:
        touching_open = left.high_open or right.low_open
        if left.high < right.low or (left.high == right.low and (or_equal or touching_open)):
            return TRUE
    if left.low is not None and right.high is not None:
        touching_open = left.low_open or right.high_open
        if left.low > right.high or (left.low == right.high and (not or_equal or touching_open)):
            return FALSE
    return UNKNOWN


def equal(left: Range, right: Range) -> Truth:
    """`left = right`: true where both hold the same one value, false where they cannot meet."""
    if left.is_exact and right.is_exact:
        return Truth.of(left.low == right.low)
    apart = any_of((less(left, right, or_equal=False), less(right, left, or_equal=False)))
    return FALSE if apart is TRUE else UNKNOWN


def join(left: Range, right: Range) -> Range:
    """The smallest range that holds both."""
    low, low_open = _lower((left.low, left.low_open), (right.low, right.low_open))
    high, high_open = _higher((left.high, left.high_open), (right.high, right.high_open))
    return Range(low, high, low_open, high_open)


def hull(ranges: Iterable[Range]) -> Range:
    """The smallest range that holds all of `ranges`, of which there is at least one."""
    first, *others = ranges
    for other in others:
        first = join(first, other)
    return first


_End: TypeAlias = tuple[Ordered | None, bool]


def _lower(left: _End, right: _End) -> _End:
    if left[0] is None or right[0] is None:
        return None, False
    if left[0] == right[0]:
        return left[0], left[1] and right[1]
    return left if left[0] < right[0] else right


def _higher(left: _End, right: _End) -> _End:
    if left[0] is None or right[0] is None:
        return None, False
    if left[0] == right[0]:
        return left[0], left[1] and right[1]
    return left if left[0] > right[0] else right


def smaller(left: Range, right: Range) -> Range:
    """The range of the smaller of two values, one from each."""
    low, low_open = _lower((left.low, left.low_open), (right.low, right.low_open))
    if left.high is None or right.high is None:
        high, high_open = (
            (right.high, right.high_open) if left.high is None else (left.high, left.high_open)
        )
    elif left.high == right.high:
        high, high_open = left.high, left.high_open or right.high_open
    else:
        end = left if left.high < right.high else right
        high, high_open = end.high, end.high_open
    return Range(low, high, low_open, high_open)


def larger(left: Range, right: Range) -> Range:
    """The range of the larger of two values, one from each."""
    high, high_open = _higher((left.high, left.high_open), (right.high, right.high_open))
    if left.low is None or right.low is None:
        low, low_open = (
            (right.low, right.low_open) if left.low is None else (left.low, left.low_open)
        )
    elif left.low == right.low:
        low, low_open = left.low, left.low_open or right.low_open
    else:
        end = left if left.low > right.low else right
        low, low_open = end.low, end.low_open
    return Range(low, high, low_open, high_open)


def add(left: Range, right: Range) -> Range:
    """The range of the sum of two numbers."""
    low = None if left.low is None or right.low is None else exact_add(left.low, right.low)
    high = None if left.high is None or right.high is None else exact_add(left.high, right.high)
    return Range(low, high, left.low_open or right.low_open, left.high_open or right.high_open)


def negative(value: Range) -> Range:
    """The range of the negated number."""
    low = None if value.high is None else exact_negative(value.high)
    high = None if value.low is None else exact_negative(value.low)
    return Range(low, high, value.high_open, value.low_open)


def multiply(left: Range, right: Range) -> Range:
    """The range of the product of two numbers (ends count as closed: a hull, S8.2)."""
    if ZERO in (left, right):
        return ZERO
    low: Exact | None = None
    high: Exact | None = None
    corners = [_corner(a, b) for a in _ends(left) for b in _ends(right)]
    if not any(corner is _MINUS for corner in corners):
        low = min(corner for corner in corners if not isinstance(corner, _Infinity))
    if not any(corner is _PLUS for corner in corners):
        high = max(corner for corner in corners if not isinstance(corner, _Infinity))
    return Range(low, high)


def divide(left: Range, right: Range) -> Range:
    """The range of the quotient; everything where the divisor may be zero."""
    if right.low is not None and (right.low > 0 or (right.low == 0 and right.low_open)):
        inverse = Range(
            Fraction(0) if right.high is None else exact_divide(Decimal(1), right.high),
            None if right.low == 0 else exact_divide(Decimal(1), right.low),
        )
        return multiply(left, inverse)
    if right.high is not None and right.high < 0:
        return negative(divide(left, negative(right)))
    return ANYTHING


class _Infinity(Enum):
    """The ends that no number has."""

    MINUS = "-"
    PLUS = "+"


_MINUS, _PLUS = _Infinity.MINUS, _Infinity.PLUS
_Corner: TypeAlias = Any  # an exact number or an infinity


def _ends(value: Range) -> tuple[_Corner, _Corner]:
    return (
        _MINUS if value.low is None else value.low,
        _PLUS if value.high is None else value.high,
    )


def _corner(left: _Corner, right: _Corner) -> _Corner:
    if not isinstance(left, _Infinity) and not isinstance(right, _Infinity):
        return exact_multiply(left, right)
    signs = [_sign(left), _sign(right)]
    product = signs[0] * signs[1]
    if product == 0:
        return Decimal(0)
    return _PLUS if product > 0 else _MINUS


def _sign(value: _Corner) -> int:
    if isinstance(value, _Infinity):
        return -1 if value is _MINUS else 1
    return int(value > 0) - int(value < 0)

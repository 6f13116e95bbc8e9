"""What the fund would pay for one line under caps, and what is at risk (S17). Exact, in ranges.

Every function here is monotone: a narrower fact gives a narrower answer, another cap never raises
what is payable.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from engine.facts import Entity, Value
from engine.finding import Caps, LineClaim
from rulelang.values import (
    CONTEXT,
    FALSE,
    FROM_ZERO,
    TRUE,
    ZERO,
    Exact,
    Range,
    add,
    any_of,
    as_decimal,
    divide,
    exact_add,
    exact_multiply,
    exact_negative,
    join,
    larger,
    less,
    multiply,
    negative,
    round_half_up,
    smaller,
)

NOTHING = Decimal(0)
EVEN_PLACES = 12
ONE = Range.exactly(Decimal(1))


@dataclass(frozen=True, slots=True)
class Money:
    """What is claimed, what of it is payable, and the difference."""

    claimed: Range
    payable: Range
    at_risk: Range


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps of one or more findings on one line; None is none of that kind.

    `amount` holds fixed amounts; `reduction` what is taken off the claimed amount, kept apart so
    that a claimed amount known by a range is not taken for independent of itself.
    """

    quantity: Range | None = None
    unit_price: Range | None = None
    share: Range | None = None
    amount: Range | None = None
    reduction: Range | None = None


NO_LIMITS = Limits()


def known_range(value: Value) -> Range | None:
    """The range of a number that certainly exists, or None where nothing is known of it."""
    return value.range if value.absent is FALSE and not value.unlimited else None


def claimed_of(line: Entity) -> Range:
    """What a line claims of the fund: its claimed amount, else something up to its amount."""
    claimed = known_range(line.value("claimed_amount"))
    if claimed is not None:
        return claimed
    amount = known_range(line.value("amount"))
    return FROM_ZERO if amount is None else join(ZERO, amount)


def claimed_by(subject: Entity | None) -> tuple[Range | None, str]:
    """What a subject claims of the fund: its fund's part, else its total as an upper bound.

    A part that is not above zero is a sender's constant before settlement, not a figure.
    """
    for fact in ("fund_paid", "total"):
        found = None if subject is None else known_range(subject.value(fact))
        if found is not None and found.low is not None and found.low > 0:
            return found, fact
    return None, ""


def total(ranges: Iterable[Range]) -> Range:
    """The range of the sum."""
    result = ZERO
    for item in ranges:
        result = add(result, item)
    return result


def tighter(left: Limits, right: Limits) -> Limits:
    """Both at once: the smallest quantity, price, share and amount, the largest reduction."""
    return Limits(
        _smallest(left.quantity, right.quantity),
        _smallest(left.unit_price, right.unit_price),
        _smallest(left.share, right.share),
        _smallest(left.amount, right.amount),
        _largest(left.reduction, right.reduction),
    )


def limits_of(caps: Caps) -> Limits:
    """The caps of a finding as they are merged."""
    amount = caps.amount if caps.reduction is None else None
    return Limits(caps.quantity, caps.unit_price, caps.share, amount, caps.reduction)


def caps_of(limits: Limits, claimed: Range) -> Caps:
    """The caps as a finding shows them: a reduction is the amount cap claimed less it (S17)."""
    amount, reduction = limits.amount, limits.reduction
    if reduction is not None:
        left = larger(ZERO, add(claimed, negative(reduction)))
        if amount is not None:
            amount, reduction = smaller(amount, left), None
        else:
            amount = left
    return Caps(limits.quantity, limits.unit_price, limits.share, amount, reduction)


def claim_on(line: Entity, limits: Limits) -> LineClaim:
    """What a finding with these limits claims on a line."""
    return LineClaim(line, caps_of(limits, claimed_of(line)), money_of(line, limits).payable)


def merged(claims: Iterable[LineClaim]) -> Limits:
    """The limits of all claims on one line together."""
    result = NO_LIMITS
    for claim in claims:
        result = tighter(result, limits_of(claim.caps))
    return result


def money_of(line: Entity, limits: Limits) -> Money:
    """A line's money under limits."""
    quantity, price = _quantity_and_price(line)
    return money_under(claimed_of(line), limits, quantity, price)


def money_under(
    claimed: Range, limits: Limits, quantity: Range = FROM_ZERO, price: Range = FROM_ZERO
) -> Money:
    """Money under limits; a refund (claimed below zero) is paid back whole."""
    if claimed.high is not None and claimed.high <= 0:
        return Money(claimed, claimed, ZERO)
    if limits == NO_LIMITS:
        return Money(claimed, claimed, ZERO)
    charge = _charge(larger(ZERO, claimed), limits, quantity, price)
    if claimed.low is not None and claimed.low >= 0:
        return charge
    refund = Range(claimed.low, NOTHING)
    return Money(claimed, join(refund, charge.payable), join(ZERO, charge.at_risk))


def _smallest(left: Range | None, right: Range | None) -> Range | None:
    if left is None or right is None:
        return right if left is None else left
    return smaller(left, right)


def _largest(left: Range | None, right: Range | None) -> Range | None:
    if left is None or right is None:
        return right if left is None else left
    return larger(left, right)


def _quantity_and_price(line: Entity) -> tuple[Range, Range]:
    """A charge's quantity and price; either follows from the amount and the other one."""
    amount = known_range(line.value("amount"))
    quantity = known_range(line.value("quantity"))
    price = known_range(line.value("price"))
    found_quantity = _quotient(amount, price) if quantity is None else quantity
    found_price = _quotient(amount, quantity) if price is None else price
    return larger(ZERO, found_quantity), larger(ZERO, found_price)


def _quotient(amount: Range | None, divisor: Range | None) -> Range:
    return FROM_ZERO if amount is None or divisor is None else divide(amount, divisor)


def _charge(claimed: Range, limits: Limits, quantity: Range, price: Range) -> Money:
    """Money of a charge: claimed is not below zero.

    A cap of quantity or price that does not bind leaves the claimed amount as it is, so that the
    rounding of price x quantity never costs a fen.
    """
    binding = any_of(
        less(cap, actual, or_equal=False)
        for cap, actual in ((limits.quantity, quantity), (limits.unit_price, price))
        if cap is not None
    )
    cases = []
    if binding is not TRUE:
        cases.append(_corners(claimed, None, limits))
    if binding is not FALSE:
        paid_quantity = _smallest(limits.quantity, quantity) or quantity
        paid_price = _smallest(limits.unit_price, price) or price
        cases.append(_corners(claimed, multiply(paid_quantity, paid_price), limits))
    first, *others = cases
    for other in others:
        payable, at_risk = join(first.payable, other.payable), join(first.at_risk, other.at_risk)
        first = Money(claimed, payable, at_risk)
    return first


@dataclass(frozen=True, slots=True)
class _Point:
    """One value of everything that payment hangs on; None is boundless."""

    claimed: Exact | None
    base: Exact | None
    share: Exact | None
    amount: Exact | None
    reduction: Exact | None


def _corners(claimed: Range, base: Range | None, limits: Limits) -> Money:
    """Payment rises with every figure but the reduction, so its ends are at two corners."""
    share_low, share_high = _ends(limits.share or ONE)
    reduction = limits.reduction or ZERO
    base_low, base_high = _ends(base)
    amount_low, amount_high = _ends(limits.amount)

    def strict(claimed_end: Exact | None) -> _Point:
        return _Point(claimed_end, base_low, share_low, amount_low, reduction.high)

    def lenient(claimed_end: Exact | None) -> _Point:
        return _Point(claimed_end, base_high, share_high, amount_high, reduction.low)

    payable = Range(_even(_paid(strict(claimed.low))), _even(_paid(lenient(claimed.high))))
    at_risk = Range(_even(_lost(lenient(claimed.low))), _even(_lost(strict(claimed.high))))
    return Money(claimed, payable, at_risk)


def _even(value: Exact | None) -> Exact | None:
    """A quotient that comes out even as the decimal that it is."""
    if not isinstance(value, Fraction):
        return value
    rounded = round_half_up(value, EVEN_PLACES)
    return as_decimal(rounded.normalize(CONTEXT)) if rounded == value else value


def _ends(value: Range | None) -> tuple[Exact | None, Exact | None]:
    return (None, None) if value is None else (value.low, value.high)


def _paid(at: _Point) -> Exact | None:
    if at.reduction is None:
        return NOTHING
    paid = _least(at.claimed, at.base)
    if at.share == 0:
        paid = NOTHING
    elif paid is not None and at.share is not None:
        paid = exact_multiply(paid, at.share)
    left = None if at.claimed is None else _minus(at.claimed, at.reduction)
    paid = _least(paid, at.amount, left)
    return None if paid is None else max(paid, NOTHING)


def _lost(at: _Point) -> Exact | None:
    if at.claimed is None:
        only_reduced = at.base is None and at.amount is None and at.share == 1
        return at.reduction if only_reduced else None
    paid = _paid(at)
    return at.claimed if paid is None else _minus(at.claimed, paid)


def _minus(left: Exact, right: Exact) -> Exact:
    return exact_add(left, exact_negative(right))


def _least(*values: Exact | None) -> Exact | None:
    return min((value for value in values if value is not None), default=None)

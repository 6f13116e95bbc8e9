"""Comparisons of sums over one collection, member by member (S8.2).

Each member adds to the difference of both sides what its conditions and its value allow, so that
one that is not known stands on both sides with one figure. The difference is then compared with 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from engine.derivation import Step
from engine.facts import Value
from engine.interpreter.charges import of_member, of_others
from engine.interpreter.compare import compare
from engine.interpreter.results import Bag, Context, Item, Pointed, Result
from engine.interpreter.unit_factors import common_unit, scaled
from rulelang import core, types, values
from rulelang.values import ANYTHING, FALSE, TRUE, UNKNOWN, ZERO, Range, Truth

MOST_OPEN = 6  # conditions of one member that may each be so or not; beyond, only the plain form
COUNTED = Value(range=Range.exactly(Decimal(1)))


@dataclass(frozen=True, slots=True)
class _Addition:
    """What a member may add: the amount of each addend, and how its conditions may stand."""

    amounts: tuple[Value, ...]  # one an addend, before its factor
    ways: tuple[tuple[bool, ...], ...]  # which addends count, in each way that may be
    certain: bool  # whether the member belongs


def evaluate_joint(expr: core.Joint, context: Context) -> Result:
    """The comparison as it is written, and, where that is undecided, as a joint form.

    The derivation is that of the comparison as written, with its two figures.
    """
    truth, plain = context.evaluate(expr.written, context)
    if truth is not UNKNOWN:
        return truth, plain
    found = jointly(expr, context)
    if found is UNKNOWN:
        return truth, plain
    return found, Step(plain.expr, "all", found, plain.parts)


def jointly(expr: core.Joint, context: Context) -> Truth:
    """The comparison as a joint form only; unknown where it does not decide."""
    bag, _ = context.evaluate(expr.collection, context)
    factors = [context.evaluate(addend.factor, context)[0] for addend in expr.addends]
    rest = [context.evaluate(figure, context)[0] for figure in expr.rest]
    if not isinstance(bag, Bag) or not _are_figures([*factors, *rest]):
        return UNKNOWN
    additions = [_of_member(expr, item, context) for item in bag.items if item.truth is not FALSE]
    if not bag.is_closed:
        additions.append(_of_others(expr))
    amounts = [amount for each in additions if each is not None for amount in each.amounts]
    if None in additions or any(amount.unlimited for amount in amounts):
        return UNKNOWN
    known = [each for each in additions if each is not None]
    return _compared(expr, known, factors, rest)


def _are_figures(found: Sequence[Any]) -> bool:
    """Whether all are there and none is "no limit"."""
    return all(
        isinstance(each, Value) and each.absent is FALSE and not each.unlimited for each in found
    )


# ---------------------------------------------------------------- what a member adds


def _of_member(expr: core.Joint, item: Item, context: Context) -> _Addition | None:
    inner = context.bind(expr.element, Pointed((item.element,)))
    truths: list[tuple[core.Expr, Truth]] = []
    for atom in _atoms(expr):
        truth, _ = inner.evaluate(atom, inner)
        truths.append((atom, truth if isinstance(truth, Truth) else UNKNOWN))
    ways = _ways(expr, truths)
    amounts: list[Value] = []
    for addend in expr.addends:
        found = COUNTED if addend.value is None else inner.evaluate(addend.value, inner)[0]
        worth = found if isinstance(found, Value) else Value()
        amounts.append(of_member(addend.value, item.element, worth))
    if ways is None:
        return None
    return _Addition(tuple(amounts), ways, item.truth is TRUE)


def _of_others(expr: core.Joint) -> _Addition | None:
    """What members that are not held may add: any number of charges, of any amount, in any way."""
    ways = _ways(expr, [(atom, UNKNOWN) for atom in _atoms(expr)])
    amounts = tuple(Value(range=of_others(addend.value)) for addend in expr.addends)
    return None if ways is None else _Addition(amounts, ways, certain=False)


def _atoms(expr: core.Joint) -> list[core.Expr]:
    """The different conditions that are no combination of others."""
    found: dict[core.Expr, None] = {}
    for addend in expr.addends:
        if addend.where is not None:
            found.update(dict.fromkeys(_atoms_of(addend.where)))
    return list(found)


def _atoms_of(where: core.Expr) -> Iterator[core.Expr]:
    match where:
        case core.Logic():
            for item in where.items:
                yield from _atoms_of(item)
        case core.Not():
            yield from _atoms_of(where.operand)
        case _:
            yield where


def _ways(
    expr: core.Joint, truths: Sequence[tuple[core.Expr, Truth]]
) -> tuple[tuple[bool, ...], ...] | None:
    """Which addends count, for each way in which the open conditions may turn out."""
    undecided = [atom for atom, truth in truths if truth is UNKNOWN]
    if len(undecided) > MOST_OPEN:
        return None
    found: dict[tuple[bool, ...], None] = {}
    for chosen in product((TRUE, FALSE), repeat=len(undecided)):
        settled = dict(truths) | dict(zip(undecided, chosen, strict=True))
        way = tuple(
            addend.where is None or _holds(addend.where, settled) is TRUE for addend in expr.addends
        )
        found[way] = None
    return tuple(found)


def _holds(where: core.Expr, settled: dict[core.Expr, Truth]) -> Truth:
    match where:
        case core.Not():
            return ~_holds(where.operand, settled)
        case core.Logic():
            parts = [_holds(item, settled) for item in where.items]
            match where.op:
                case "and":
                    return values.all_of(parts)
                case "or":
                    return values.any_of(parts)
                case _:
                    return values.at_least(where.needed, parts)
        case _:
            return settled[where]


# ---------------------------------------------------------------- the difference of both sides


def _compared(
    expr: core.Joint, additions: Sequence[_Addition], factors: Sequence[Any], rest: Sequence[Any]
) -> Truth:
    units = _Units([*rest, *factors, *(a for each in additions for a in each.amounts)])
    total = ZERO
    for figure in rest:
        total = values.add(total, units.of(figure))
    ends = [_ends(units, factor) for factor in factors]
    if None in ends:
        return UNKNOWN
    corners = [
        values.add(total, _sum(expr, additions, corner, units))
        for corner in product(*(end for end in ends if end is not None))
    ]
    found = Value(range=values.hull(corners))
    return compare(expr.op, found, Value(range=ZERO), types.NUMBER, types.NUMBER)


class _Units:
    """One unit for all figures of a comparison; a figure that does not meet it is not known."""

    def __init__(self, figures: Sequence[Value]) -> None:
        with_unit = [figure for figure in figures if figure.unit is not None]
        self.known = dict(
            zip([figure.unit for figure in with_unit], common_unit(with_unit)[1], strict=True)
        )

    def of(self, figure: Value) -> Range:
        factor = Decimal(1) if figure.unit is None else self.known[figure.unit]
        found = scaled(figure.range, factor)
        return ANYTHING if found is None else found


def _ends(units: _Units, factor: Value) -> tuple[Range, ...] | None:
    """The ends of a factor: the difference is the widest at some of them. None without an end."""
    found = units.of(factor)
    if found.low is None or found.high is None:
        return None
    ends = (Range.exactly(found.low), Range.exactly(found.high))
    return ends[:1] if found.is_exact else ends


def _sum(
    expr: core.Joint, additions: Sequence[_Addition], factors: Sequence[Range], units: _Units
) -> Range:
    total = ZERO
    for each in additions:
        found = values.hull(_added(expr, each, way, factors, units) for way in each.ways)
        total = values.add(total, found if each.certain else values.join(ZERO, found))
    return total


def _added(
    expr: core.Joint,
    addition: _Addition,
    way: Sequence[bool],
    factors: Sequence[Range],
    units: _Units,
) -> Range:
    """What a member adds in one way: addends of one value first put their factors together."""
    together: dict[core.Expr | None, tuple[Range, Value]] = {}
    for addend, amount, factor, counts in zip(
        expr.addends, addition.amounts, factors, way, strict=True
    ):
        if counts and amount.absent is not TRUE:
            so_far = together.get(addend.value, (ZERO, amount))[0]
            together[addend.value] = (values.add(so_far, factor), amount)
    total = ZERO
    for factor, amount in together.values():
        found = values.multiply(factor, units.of(amount))
        total = values.add(total, found if amount.absent is FALSE else values.join(ZERO, found))
    return total

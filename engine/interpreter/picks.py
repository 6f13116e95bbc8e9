"""`首个`/`末个 … 按 key`: which member comes first, as far as that is known (S1.2, S7.2)."""

from __future__ import annotations

from engine.derivation import Step
from engine.interpreter.aggregate import Part, parts_of
from engine.interpreter.compare import same_unit
from engine.interpreter.results import Bag, Context, Pointed, Result, identity
from rulelang import core
from rulelang.values import FALSE, TRUE, UNKNOWN, less


def evaluate_pick(expr: core.Pick, context: Context) -> Result:
    """The first or last by a key; ties are settled by identity, members without a key come last."""
    bag, step = context.evaluate(expr.collection, context)
    if not isinstance(bag, Bag):
        return Pointed((), others=True), Step(expr, "all", None, (step,))
    parts = parts_of(bag, expr.element, expr.key, context)
    steps = (*(part.step for part in parts), *bag.open, *bag.closed)
    smallest = (expr.op == "first") is not expr.descending
    found = _pick(parts, bag, smallest=smallest)
    return found, Step(expr, "all", TRUE if found.exact is not None else None, steps)


def _pick(parts: list[Part], bag: Bag, *, smallest: bool) -> Pointed:
    if not parts:
        return Pointed((), others=not bag.is_closed, absent=TRUE if bag.is_closed else UNKNOWN)
    absent = FALSE if any(part.certain for part in parts) else UNKNOWN
    candidates = [
        part
        for part in parts
        if not any(_comes_before(other, part, smallest=smallest) for other in parts)
    ]
    ordered = sorted(candidates, key=lambda part: identity(part.element))
    return Pointed(tuple(part.element for part in ordered), not bag.is_closed, absent)


def _comes_before(one: Part, other: Part, *, smallest: bool) -> bool:
    """Whether one certainly belongs and certainly comes before the other."""
    if one is other or not one.certain:
        return False
    earlier = identity(one.element) < identity(other.element)
    mine, theirs = one.value, other.value
    if TRUE in {mine.absent, theirs.absent}:
        if mine.absent is theirs.absent:
            return earlier
        # "No key" comes last, so it is beaten by one that has a key.
        return theirs.absent is TRUE and mine.absent is FALSE and not mine.is_nothing
    if UNKNOWN in {mine.absent, theirs.absent}:
        return False
    if mine.unlimited or theirs.unlimited:
        if mine.unlimited and theirs.unlimited:
            return earlier
        return (theirs if smallest else mine).unlimited and not (
            theirs if mine.unlimited else mine
        ).is_nothing
    left, right = (
        same_unit(mine, theirs) if mine.unit != theirs.unit else (mine.range, theirs.range)
    )
    if left is None or right is None:
        return False
    first, second = (left, right) if smallest else (right, left)
    if less(first, second, or_equal=False) is TRUE:
        return True
    return earlier and less(first, second, or_equal=True) is TRUE

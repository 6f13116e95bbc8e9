"""One fact that several places state: what all agree on, else the set of candidates (S2.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from engine.facts import Fact, Value
from rulelang.values import TRUE, Range, join, less


def together(facts: Sequence[Fact]) -> tuple[Fact, bool]:
    """The fact that these places state together, and whether they contradict each other.

    Places that say nothing do not count. Where one says the same as another more exactly, the more
    exact one counts. Else the value is every candidate, and all places are its premises.

    Args:
        facts: What each place says, the leading one first; at least one.
    """
    known = [fact for fact in facts if not fact.value.is_nothing]
    if not known:
        return facts[0], False
    finest = reduce(_finer, known)
    if all(_holds(fact.value, finest.value) for fact in known):
        return finest, False
    leading = known[0]
    premises = tuple(dict.fromkeys(place for fact in known for place in _places(fact)))
    return replace(leading, value=_hull([fact.value for fact in known]), premises=premises), True


def _places(fact: Fact) -> tuple[str, ...]:
    return fact.premises or ((fact.pointer,) if fact.pointer else ())


def _finer(left: Fact, right: Fact) -> Fact:
    return right if _holds(left.value, right.value) else left


def _holds(wide: Value, narrow: Value) -> bool:
    """Whether all that `narrow` leaves possible is possible by `wide` too."""
    if wide.absent is TRUE or narrow.absent is TRUE:
        return wide.absent is narrow.absent
    if wide.choices is not None and narrow.choices is not None:
        return narrow.choices <= wide.choices
    if wide.range is not None and narrow.range is not None:
        return _within(wide.range, narrow.range)
    return False


def _within(wide: Range, narrow: Range) -> bool:
    if wide == narrow:
        return True
    if narrow.is_exact:
        return join(wide, narrow) == wide
    low = wide.low is None or (narrow.low is not None and _not_above(wide.low, narrow.low))
    high = wide.high is None or (narrow.high is not None and _not_above(narrow.high, wide.high))
    return low and high


def _not_above(left: object, right: object) -> bool:
    return less(Range.exactly(left), Range.exactly(right), or_equal=True) is TRUE


def _hull(values: Sequence[Value]) -> Value:
    """Every candidate; the units stay where all agree on them."""
    if all(value.choices is not None for value in values):
        return Value(choices=frozenset().union(*(value.choices or () for value in values)))
    ranges = [value.range for value in values if value.range is not None]
    units = {value.unit for value in values}
    if len(ranges) < len(values) or len(units) > 1:
        return Value()
    return Value(range=reduce(join, ranges), unit=units.pop())

"""How a group's cap or excess is laid on its members, in order. Knows ranges only."""

from __future__ import annotations

from collections.abc import Sequence

from rulelang.values import FALSE, ZERO, Range, add, larger, less, negative, smaller


def kept_of(cap: Range, sizes: Sequence[Range], others: Range = ZERO) -> list[Range | None]:
    """How much each member keeps of a group's cap, the first one cut first; None is all of it.

    A member keeps what the later ones leave of the cap; refunds (below zero) make room wherever
    they stand, and are never cut. `others` is the size of members that are not held, which may
    stand before all of these.
    """
    room = [ZERO for _ in sizes]
    later = others
    for index in range(len(sizes) - 1, -1, -1):
        room[index] = later
        later = add(later, sizes[index])
    refunded = ZERO
    result: list[Range | None] = []
    for size, after in zip(sizes, room, strict=True):
        taken = add(after, refunded)
        whole = less(cap, add(size, taken), or_equal=False) is FALSE
        never_cut = size.high is not None and size.high <= 0
        left = larger(ZERO, add(cap, negative(taken)))
        result.append(None if whole or never_cut else smaller(larger(ZERO, size), left))
        refunded = add(refunded, smaller(ZERO, size))
    return result


def borne_of(excess: Range, sizes: Sequence[Range]) -> list[Range | None]:
    """How much each member bears of an excess, the first one first; None is nothing."""
    before = ZERO
    result: list[Range | None] = []
    for size in sizes:
        charge = larger(ZERO, size)
        cut = smaller(charge, larger(ZERO, add(excess, negative(before))))
        result.append(None if cut == ZERO else cut)
        before = add(before, charge)
    return result

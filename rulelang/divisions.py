"""Which administrative division covers which: by prefixes of 2, 4 and 6 digits (S15.2)."""

from __future__ import annotations

from collections.abc import Sequence


def covers(territory: str, place: str) -> bool:
    """Whether a division covers a place."""
    return bool(territory) and place.startswith(_significant(territory))


def lies_within(inner: Sequence[str], outer: Sequence[str]) -> bool:
    """Whether all of `inner` lies in `outer`; no division at all is everywhere."""
    return not outer or (
        bool(inner) and all(any(covers(each, region) for each in outer) for region in inner)
    )


def meet(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether two territories have a place in common."""
    if not left or not right:
        return True
    return any(covers(a, b) or covers(b, a) for a in left for b in right)


def _significant(division: str) -> str:
    """A division without the pairs of zeros that say "all of it"."""
    for length in (2, 4):
        if not division[length:].strip("0"):
            return division[:length]
    return division

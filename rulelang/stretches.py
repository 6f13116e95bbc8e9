"""Stretches of days, as pairs of day numbers: what is in force when. Imports nothing of ours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeAlias

Stretch: TypeAlias = tuple[int, int]  # the first day within, the first day no more

FIRST, LAST = 0, 10_000_000  # before and after every date


def stretch_of(start: date | None, end: date | None) -> Stretch:
    """The days from `start` until before `end`; None is unbounded, a reversed period is empty."""
    first = FIRST if start is None else start.toordinal()
    last = LAST if end is None else end.toordinal()
    return first, max(first, last)


def without(stretches: Iterable[Stretch], taken: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """What remains of stretches where others are taken away."""
    found = [each for each in stretches if each[0] < each[1]]
    for start, end in taken:
        if start >= end:
            continue
        parts = [
            part
            for each in found
            for part in ((each[0], min(each[1], start)), (max(each[0], end), each[1]))
        ]
        found = [part for part in parts if part[0] < part[1]]
    return tuple(found)


def cover(stretches: Iterable[Stretch], days: Stretch) -> bool:
    """Whether stretches leave no day of another one out."""
    reached = days[0]
    for start, end in sorted(stretches):
        if start > reached:
            break
        reached = max(reached, end)
    return reached >= days[1]


def meet(left: Stretch, right: Stretch) -> bool:
    """Whether two stretches have a day in common."""
    return left[0] < right[1] and right[0] < left[1]

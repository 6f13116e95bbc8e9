"""Which rows are in force on a date that may be known by bounds only (S14, S14.1). Knows no keys.

A row is in force on a date that it covers and that no row superseding it covers: superseding
truncates, and where the newer row ends the older one counts again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from rulelang import core
from rulelang.stretches import FIRST, LAST, Stretch, cover, meet, stretch_of, without
from rulelang.values import Range

# When rows that supersede others are in force, by what they supersede.
Successors: TypeAlias = Mapping[str, frozenset[Stretch]]


def successors_of(rows: Iterable[core.Row]) -> Successors:
    """The stretches that superseding rows take, by the point that they supersede."""
    found: dict[str, set[Stretch]] = {}
    for row in rows:
        if row.supersedes and row.supersedes != row.point:
            found.setdefault(row.supersedes, set()).add(stretch_of(row.starts, row.ends))
    return {point: frozenset(stretches) for point, stretches in found.items()}


def in_force(
    rows: Iterable[core.Row], on: Range, newer: Successors
) -> tuple[tuple[core.Row, ...], tuple[core.Row, ...]]:
    """Rows in force on every possible date, and those on some only."""
    certain: list[core.Row] = []
    possible: list[core.Row] = []
    days = days_of(on)
    for row in rows:
        spans = _effective(row, newer)
        if cover(spans, days):
            certain.append(row)
        elif any(meet(span, days) for span in spans):
            possible.append(row)
    return tuple(certain), tuple(possible)


def is_gapless(rows: Iterable[core.Row], on: Range, newer: Successors) -> bool:
    """Whether on every possible date one of the rows is in force."""
    return cover([span for row in rows for span in _effective(row, newer)], days_of(on))


def days_of(on: Range) -> Stretch:
    """The days that a date known by bounds may be."""
    low = FIRST if on.low is None else on.low.toordinal()
    high = LAST if on.high is None else on.high.toordinal() + 1
    return low, high


def _effective(row: core.Row, newer: Successors) -> tuple[Stretch, ...]:
    """The stretches in which a row is in force."""
    taken = newer.get(row.point, ()) if row.point else ()
    return without((stretch_of(row.starts, row.ends),), taken)

"""Which rows are in force on a date that may be known by bounds only (S14, S14.1). Knows no keys.

A row is in force on a date that it covers and that no row superseding it covers: superseding
truncates, and where the newer row ends the older one counts again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from rulelang import core
from rulelang.values import Range

Successors: TypeAlias = Mapping[str, Sequence[core.Row]]  # by the point that they supersede
Span: TypeAlias = tuple[int, int]  # days by number: the first one in force, the first one no more

FIRST, LAST = 0, 10_000_000  # before and after every date


def successors_of(rows: Iterable[core.Row]) -> Successors:
    """The rows that supersede others, by what they supersede."""
    found: dict[str, list[core.Row]] = {}
    for row in rows:
        if row.supersedes:
            found.setdefault(row.supersedes, []).append(row)
    return found


def in_force(
    rows: Iterable[core.Row], on: Range, newer: Successors
) -> tuple[tuple[core.Row, ...], tuple[core.Row, ...]]:
    """Rows in force on every possible date, and those on some only."""
    certain: list[core.Row] = []
    possible: list[core.Row] = []
    days = _days(on)
    for row in rows:
        spans = _spans(row, newer)
        if _cover(spans, days):
            certain.append(row)
        elif any(start < days[1] and days[0] < end for start, end in spans):
            possible.append(row)
    return tuple(certain), tuple(possible)


def is_gapless(rows: Iterable[core.Row], on: Range, newer: Successors) -> bool:
    """Whether on every possible date one of the rows is in force."""
    return _cover([span for row in rows for span in _spans(row, newer)], _days(on))


def _days(on: Range) -> Span:
    low = FIRST if on.low is None else on.low.toordinal()
    high = LAST if on.high is None else on.high.toordinal() + 1
    return low, high


def _spans(row: core.Row, newer: Successors) -> list[Span]:
    """The stretches in which a row is in force."""
    found = [span for span in (_own(row),) if span[0] < span[1]]
    for other in newer.get(row.point, ()) if row.point else ():
        if other is not row:
            start, end = _own(other)
            parts = [part for span in found for part in ((span[0], min(span[1], start)),
                                                         (max(span[0], end), span[1]))]  # fmt: skip
            found = [part for part in parts if part[0] < part[1]]
    return found


def _own(row: core.Row) -> Span:
    start = FIRST if row.starts is None else row.starts.toordinal()
    end = LAST if row.ends is None else row.ends.toordinal()
    return start, max(start, end)


def _cover(spans: Iterable[Span], days: Span) -> bool:
    """Whether spans leave no day of a stretch out."""
    reached = days[0]
    for start, end in sorted(spans):
        if start > reached:
            break
        reached = max(reached, end)
    return reached >= days[1]

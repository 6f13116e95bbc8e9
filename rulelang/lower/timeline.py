"""When rows are in force, as knowledge grows: for what is in force twice."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, field

from rulelang.stretches import Stretch, without


@dataclass(eq=False)
class Timeline:
    """When the rows of one key are in force, as knowledge grows; no two of them on one day."""

    held: list[tuple[int, int, int]] = field(default_factory=list)  # from, until, which row
    parts: dict[int, tuple[Stretch, ...]] = field(default_factory=dict)

    def add(self, which: int, stretches: Iterable[Stretch]) -> int | None:
        """Enter a row; where another one has one of its days that one is given back."""
        for start, end in stretches:
            place = bisect_left(self.held, (start, end, which))
            for near in (place - 1, place):
                if 0 <= near < len(self.held):
                    low, high, other = self.held[near]
                    if low < end and start < high:
                        return other
            insort(self.held, (start, end, which))
            self.parts[which] = (*self.parts.get(which, ()), (start, end))
        return None

    def take(self, which: int, stretch: Stretch) -> None:
        """Truncate a row."""
        before = self.parts.get(which, ())
        after = without(before, (stretch,))
        if after == before:
            return
        for start, end in before:
            del self.held[bisect_left(self.held, (start, end, which))]
        for start, end in after:
            insort(self.held, (start, end, which))
        self.parts[which] = after

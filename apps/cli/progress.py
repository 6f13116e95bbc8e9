"""Tells on standard error how far a long run is, where that is a terminal; else nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def tracked(items: Sequence[Item], what: str) -> Iterator[Item]:
    """The items, one by one, with a line of progress that is gone at the end."""
    if not sys.stderr.isatty():
        yield from items
        return
    for number, item in enumerate(items, start=1):
        print(f"\r{what} {number}/{len(items)}\x1b[K", end="", file=sys.stderr, flush=True)
        yield item
    print("\r\x1b[K", end="", file=sys.stderr, flush=True)

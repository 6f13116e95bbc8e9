"""Tells on standard error how far a long run is, where that is a terminal; else nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from apps.rulesets import RuleTexts
    from rulelang.driver import Compiled

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


def compiled(texts: RuleTexts, lang: str) -> Compiled:
    """What rule texts compile to; on a terminal with a line that says how many files are read."""
    if not sys.stderr.isatty():
        return texts.compile()

    def told(done: int, of: int) -> None:
        reading = "reading rules" if lang == "en" else "读规则"
        checking = "compiling" if lang == "en" else "编译"
        what = f"{reading} {done}/{of}" if done < of else checking
        print(f"\r{what}\x1b[K", end="", file=sys.stderr, flush=True)

    found = texts.compile(told)
    print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    return found

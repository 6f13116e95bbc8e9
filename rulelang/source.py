"""Rule texts and places in them. Offsets are code points; nothing here knows grammar."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True, init=False)
class Span:
    """A half-open stretch of one source: code-point offsets `start` to `end`."""

    path: str
    start: int
    end: int

    def __init__(self, path: str, start: int, end: int) -> None:
        """Every node has one or more: this takes less time than what a frozen class is given."""
        _set_path(self, path)
        _set_start(self, start)
        _set_end(self, end)

    def to(self, other: Span) -> Span:
        """The stretch from the start of this one to the end of `other`."""
        return Span(self.path, min(self.start, other.start), max(self.end, other.end))


_set_path, _set_start, _set_end = (vars(Span)[name].__set__ for name in ("path", "start", "end"))

NOWHERE = Span("", 0, 0)


@dataclass(frozen=True)
class Source:
    """One text with its path; the path is what diagnostics show and what tables are relative to."""

    path: str
    text: str = field(repr=False)

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Offsets at which lines begin."""
        return (0, *(found.end() for found in re.finditer("\n", self.text)))

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1, the column in code points."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line (counted from 1) without its end."""
        start = self.line_starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : len(self.text) if end < 0 else end].rstrip("\r")

    def snippet(self, span: Span) -> str:
        """The text that a span covers."""
        return self.text[span.start : span.end]


def of_table(path: str, data: bytes) -> Source:
    """The text of a table file from its bytes, with lines that end alike.

    Raises:
        UnicodeDecodeError: if they are not UTF-8.
    """
    text = data.decode("utf-8-sig")
    return Source(path, text.replace("\r\n", "\n").replace("\r", "\n"))

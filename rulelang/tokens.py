"""Tokens, and the reading that produces them: folded text, what was found, what was wrong."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rulelang.diagnostics import Problems, Words
from rulelang.source import Span

if TYPE_CHECKING:
    from rulelang.keywords import Spelling

# str: a text, a code or a unit's name; (value, unit name): a quantity.
Value: TypeAlias = str | Decimal | tuple[Decimal, str] | date | datetime | None


class Token(NamedTuple):
    """One token; `text` is the folded text, `value` what a literal means."""

    type: str
    text: str
    start: int
    end: int
    value: Value = None
    spelling: Spelling | None = None


def _folding() -> dict[str, str]:
    """Signs that are read as another sign; one for one, so that offsets stay."""
    table = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    del table["\uff3c"]  # a full-width backslash stands for itself: it escapes nothing
    table |= {
        "、": ",", "。": ".", "【": "[", "】": "]", "《": "<", "》": ">", "—": "-", "―": "-",
        "\u2212": "-", "\u2012": "–", "\u2236": ":", "\u2223": "|", "\u00b5": "μ",
    }  # fmt: skip
    blanks = [0x0085, 0x00A0, 0x1680, 0x200B, 0x200C, 0x200D, 0x2028, 0x2029, 0x202F, 0x205F]
    blanks += [0x2060, 0x3000, 0xFEFF, *range(0x2000, 0x200B)]
    return table | dict.fromkeys(map(chr, blanks), " ")


_FOLDING = _folding()
_FOLDED = re.compile(f"[{''.join(_FOLDING)}]")


def fold(text: str) -> str:
    """A text with its full-width and other foreign signs as the signs that they are read as."""
    return _FOLDED.sub(lambda found: _FOLDING[found[0]], text)


class Reading:
    """One pass over a stretch of text.

    INVARIANT: `folded` is as long as `raw`; positions are within them and become offsets of the
    whole source by adding `base`; tokens are in order and do not overlap.
    """

    __slots__ = ("base", "folded", "path", "problems", "raw", "spelling", "tokens")

    def __init__(self, path: str, raw: str, folded: str, base: int) -> None:
        """Begin to read `raw`, which stands at offset `base` of the source `path`."""
        self.path = path
        self.raw = raw
        self.base = base
        self.folded = folded
        self.tokens: list[Token] = []
        self.problems = Problems()
        self.spelling: Spelling = "zh"

    def emit(self, kind: str, start: int, end: int, value: Value = None) -> int:
        """Add a token and return where it ends."""
        text = self.folded[start:end]
        self.tokens.append(Token(kind, text, self.base + start, self.base + end, value))
        return end

    def span(self, start: int, end: int) -> Span:
        """The place of a stretch in the source."""
        return Span(self.path, self.base + start, self.base + end)

    def complain(
        self, code: str, place: tuple[int, int], zh: str, en: str, mend: Words | None = None
    ) -> None:
        """Record a mistake at a stretch."""
        self.problems.add(code, self.span(*place), zh, en, mend)

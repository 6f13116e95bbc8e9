"""What may be said of a file before anything of it is read: whether it is within the limits.

One look over the text, with its quotes, comments and full-width signs, so that a file beyond a limit
costs neither the time nor the memory of reading it. It never refuses what the parser would take:
items are counted where they begin a line, and what is unclosed ends with its item, as the parser
has it.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from rulelang.brackets import PARTNERS
from rulelang.keywords import BY_TERMINAL, RESERVED
from rulelang.limits import LIMITS, beyond
from rulelang.literals import text_end
from rulelang.source import Source, Span
from rulelang.splitting import HEAD_WORDS, ITEM_WORDS, RULE_WORDS
from rulelang.tokens import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rulelang.diagnostics import Diagnostic
    from rulelang.tokens import Token

_ITEM_WORDS = "|".join(word for word, (kind, _) in RESERVED.items() if kind in ITEM_WORDS)
_OPENING = re.compile(rf"^[^\S\n]*+({_ITEM_WORDS})(?!\w)", re.MULTILINE)
_SIGN = re.compile(r"--[^\r\n]*|[\"“”'‘’「『()\[\]{},;]")
_CLOSERS = frozenset(PARTNERS.values())
_NONE: frozenset[str] = frozenset()
_NAMES = re.compile(r"[ \t]+([\w.]+)(?:\s*\|\s*([\w.]+))?")


def refused(source: Source) -> Diagnostic | None:
    """Why a file is refused before it is read, or None. Never raises."""
    return too_large(source) or beyond_limits(source, fold(source.text))


def beyond_limits(source: Source, folded: str) -> Diagnostic | None:
    """Why a file that is not too large is refused; `folded` is its text as `fold` gives it."""
    items = list(islice(_items(folded), LIMITS["items"].most + 1))
    if len(items) > LIMITS["items"].most:
        return beyond("items", Span(source.path, items[-1].start, items[-1].end))
    return _too_deep_or_long(source.path, folded, [0, *(item.start for item in items)])


def too_many_rules(sources: Iterable[Source]) -> Iterator[Span]:
    """For each ruleset with too many rules the first one that is too many, in the order of files."""
    most = LIMITS["rules"].most
    words = BY_TERMINAL["RULE"].zh, BY_TERMINAL["RULE"].en
    known = [source for source in sources if too_large(source) is None]
    if sum(source.text.count(word) for source in known for word in words) <= most:
        return
    counts: dict[frozenset[str], int] = {}
    for source in known:
        folded = fold(source.text)
        items = list(_items(folded))
        head = next((item for item in items if item.kind == "RULESET"), None)
        ruleset = _NONE if head is None else _names(folded, head.end)
        rules = [item for item in items if item.kind == "RULE"]
        before = counts.get(ruleset, 0)
        counts[ruleset] = before + len(rules)
        if before <= most < counts[ruleset]:
            first = rules[most - before]
            yield Span(source.path, first.start, first.end)


def too_large(source: Source) -> Diagnostic | None:
    """Why a file is refused for its size alone."""
    most = LIMITS["bytes"].most
    if 4 * len(source.text) <= most or len(source.text.encode("utf-8", "surrogatepass")) <= most:
        return None
    return beyond("bytes", Span(source.path, 0, 0))


class _Word(NamedTuple):
    """An item word that begins a line."""

    kind: str
    start: int
    end: int


def _items(folded: str) -> Iterator[_Word]:
    """The item words that begin a line, but for those that are a clause of a rule there."""
    current = ""
    for found in _OPENING.finditer(folded):
        kind = RESERVED[found[1]][0]
        if not (current in RULE_WORDS and kind in HEAD_WORDS):
            current = kind
            yield _Word(kind, *found.span(1))


def _names(folded: str, end: int) -> frozenset[str]:
    found = _NAMES.match(folded, end)
    return _NONE if found is None else frozenset(name for name in found.groups() if name)


class _Depth:
    """Brackets open at a place, each with the commas that stand directly in it."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.commas: list[int] = []

    def meets(self, sign: str) -> str:
        """Take a sign in; the limit that it passes, or nothing."""
        if sign in "([{":
            self.open.append(sign)
            self.commas.append(0)
            return "nesting" if len(self.open) > LIMITS["nesting"].most else ""
        if not self.open:
            return ""
        if sign in ")]}":
            self.open.pop()
            self.commas.pop()
        elif sign == ";":
            self.commas[-1] = 0
        elif self.open[-1] == "{":
            self.commas[-1] += 1
            return "list" if self.commas[-1] >= LIMITS["list"].most else ""
        return ""


def _too_deep_or_long(path: str, folded: str, starts: list[int]) -> Diagnostic | None:
    for start, end in zip(starts, [*starts[1:], len(folded)], strict=True):
        found = _in_item(path, folded, start, end)
        if found is not None:
            return found
    return None


def _in_item(path: str, folded: str, start: int, end: int) -> Diagnostic | None:
    brackets = sum(folded.count(sign, start, end) for sign in "([{")
    if brackets <= LIMITS["nesting"].most and folded.count(",", start, end) < LIMITS["list"].most:
        return None  # wherever its brackets and commas stand
    depth = _Depth()
    found = _SIGN.search(folded, start, end)
    while found is not None:
        behind = found.end()
        sign = found[0]
        if sign[0] in "\"“”'‘’「『":
            close, limit = text_end(folded, found.start())
            behind = limit if close is None else close + 1
        elif len(sign) == 1:
            passed = depth.meets(sign)
            if passed:
                return beyond(passed, Span(path, found.start(), behind))
        found = _SIGN.search(folded, behind, end)
    return None


def too_nested(tokens: Iterable[Token]) -> Token | None:
    """The bracket of an expression that is one too many, or None."""
    depth = 0
    for token in tokens:
        depth += (token.type in PARTNERS) - (token.type in _CLOSERS)
        if depth > LIMITS["nesting"].most:
            return token
    return None

"""`-- lint: 允许 RL0904 理由`: an opinion that the author has heard and does not share.

Such a comment stands in the item that it is about, or above it, and says why. One that allows
nothing is an opinion itself (RL0917).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from rulelang import ast
from rulelang.codes import CODES
from rulelang.diagnostics import Diagnostic, Edit, Level, Words
from rulelang.driver import Compiled
from rulelang.source import Source, Span

# Opinions that only cases give, and cases are not always run: an allowance of one is never idle.
OF_CASES = frozenset({"RL0951", "RL0952", "RL0953", "RL0954"})
_ALLOWED = re.compile(r"lint\s*[:：]\s*(?:允许|allow)\s+(RL\d{4})\s+\S")


@dataclass(frozen=True, slots=True)
class _Allowance:
    """One comment with the stretch of its file that it speaks for."""

    code: str
    comment: Span
    within: Span

    def covers(self, found: Diagnostic) -> bool:
        """Whether it allows an opinion."""
        return (
            found.code == self.code
            and found.span.path == self.within.path
            and self.within.start <= found.span.start < self.within.end
        )


def allowed(
    compiled: Compiled, found: Sequence[Diagnostic], paths: Collection[str]
) -> Iterator[Diagnostic]:
    """The opinions that no comment allows, and the comments that allow none; errors always."""
    comments = [
        each
        for unit in compiled.units
        for file in unit.files
        if file.span.path in paths
        for each in _allowances(file, compiled.sources[file.span.path])
    ]
    used: set[Span] = set()
    for each in found:
        by = [item.comment for item in comments if item.covers(each)]
        used.update(by)
        if not by or CODES[each.code].level is Level.ERROR:
            yield each
    for item in comments:
        if item.comment not in used and item.code not in OF_CASES:
            yield _idle(item, compiled.sources[item.comment.path])


def _allowances(file: ast.File, source: Source) -> Iterator[_Allowance]:
    for comment in file.comments:
        found = _ALLOWED.match(comment.value)
        if found is not None:
            item = _item_of(file, comment.span, source)
            if item is not None:
                yield _Allowance(found[1], comment.span, item)


def _item_of(file: ast.File, comment: Span, source: Source) -> Span | None:
    """The item that a comment stands in, or behind on its last line; else the next one."""
    line = source.position(comment.start)[0]
    for item in file.items:
        ends = source.position(item.span.end)[0]
        if comment.start < item.span.end or ends == line:
            return item.span
    return None


def _idle(item: _Allowance, source: Source) -> Diagnostic:
    line, column = source.position(item.comment.start)
    start, end = item.comment.start, item.comment.end
    if source.line(line)[: column - 1].strip() == "":
        start, end = start - (column - 1), min(end + 1, len(source.text))
    return Diagnostic(
        "RL0917",
        item.comment,
        Words(f"此处没有要允许的 {item.code}", f"there is no {item.code} here to be allowed"),
        Words("删去这条注释", "take the comment away"),
        edits=(Edit(Span(item.comment.path, start, end), ""),),
    )

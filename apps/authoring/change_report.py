"""Differences in meaning as lines for a reader and as a document for a tool."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from apps.authoring.change import Change
from rulelang import core
from rulelang.diagnostics import Words
from rulelang.source import Source, Span

SCHEMA = 1
MOST_SHOWN = 20  # changes of one thing


def lines(
    changes: Sequence[Change], old: core.Program, new: core.Program, lang: str
) -> Iterator[str]:
    """The report for a reader: by the thing that changed, those of wording last."""
    for _, group in groupby(changes, key=lambda change: (change.of, change.wording)):
        found = list(group)
        yield found[0].of.choose(lang)
        for change in found[:MOST_SHOWN]:
            wording = Words("（措辞）", " (wording)").choose(lang) if change.wording else ""
            yield f"    {change.words.choose(lang)}{wording}"
            yield f"        {_places(change, old, new)}"
        more = len(found) - MOST_SHOWN
        if more > 0:
            zh, en = (
                f"    余 {more} 处，--format json 全部列出",
                f"    {more} more; --format json lists all",
            )
            yield Words(zh, en).choose(lang)
    meant = sum(not change.wording for change in changes)
    worded = len(changes) - meant
    if meant:
        zh, en = (
            f"意义不同 {meant} 处，措辞 {worded} 处",
            f"{meant} differences of meaning, {worded} of wording",
        )
    else:
        zh, en = (
            f"意义相同，措辞不同 {worded} 处",
            f"the same meaning, {worded} differences of wording",
        )
    yield Words(zh, en).choose(lang)


def _places(change: Change, old: core.Program, new: core.Program) -> str:
    before, after = _place(change.old, old), _place(change.new, new)
    return " → ".join(text for text in (before, after) if text) or "-"


def _place(span: Span, program: core.Program) -> str:
    found = _line(span, program)
    return "" if found is None else f"{span.path}:{found}"


def _line(span: Span, program: core.Program) -> int | None:
    """The line of a rule text; of a table's file its row."""
    if not span.path:
        return None
    text = program.sources.get(span.path)
    return span.start if text is None else Source(span.path, text).position(span.start)[0]


def document(changes: Sequence[Change], old: core.Program, new: core.Program) -> dict[str, Any]:
    """The report for a tool; words in both languages."""
    return {
        "schema": SCHEMA,
        "same_meaning": all(change.wording for change in changes),
        "changes": [
            {
                "of": _both(change.of),
                "kind": change.kind,
                "change": _both(change.words),
                "wording": change.wording,
                "old": _pair(change.old, old),
                "new": _pair(change.new, new),
            }
            for change in changes
        ],
    }


def _pair(span: Span, program: core.Program) -> dict[str, Any] | None:
    line = _line(span, program)
    return None if line is None else {"path": span.path, "line": line}


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}

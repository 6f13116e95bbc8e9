"""From all that the passes found to what an author is told: each mistake once, in order of place.

A definition is checked wherever it is used, a head by each rule of its ruleset: the same sentence
about the same place is told once, and of a place that is wrong in two ways of syntax the first. A
name that is wrong in many places of a file is one mistake with
further places.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rulelang.diagnostics import Diagnostic, Related, Words
from rulelang.source import Span

# Codes of wrong names: the same sentence in several places of a file is one misunderstanding.
OF_NAMES = frozenset(
    {"RL0201", "RL0204", "RL0205", "RL0208", "RL0209", "RL0210", "RL0212", "RL0213"}
)
MOST_PLACES = 5
_HERE_TOO = Words("这里也是", "here too")


def gathered(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics to tell, sorted by place and code."""
    told: dict[object, Diagnostic] = {}
    ordered = sorted(found, key=lambda d: (d.span.path, d.span.start, d.code))
    texts = [each.span for each in ordered if each.code == "RL0102"]
    for each in ordered:
        key: object = (each.code, each.span, each.words)
        if each.code in OF_NAMES:
            key = (each.code, each.span.path, each.words)
        elif each.code.startswith("RL01"):
            key = each.span
            if each.code != "RL0102" and any(_within(each.span, text) for text in texts):
                continue
        first = told.setdefault(key, each)
        if first.span != each.span and len(first.related) < MOST_PLACES:
            related = (*first.related, Related(each.span, _HERE_TOO))
            told[key] = replace(first, related=related)
    return tuple(told.values())


def _within(inner: Span, outer: Span) -> bool:
    return inner.path == outer.path and outer.start <= inner.start and inner.end <= outer.end

"""What became of mutants, as lines for a reader and as a document for a tool."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from apps.authoring.mutating import Fate, Subject, Telling
from rulelang.diagnostics import Words
from rulelang.source import Source, Span

NOTHING_FOUND = Words(
    "没有找到能看出的账单：或许意义相同", "no difference found: perhaps equivalent"
)


def lines(subject: Subject, fates: Sequence[Fate], lang: str) -> Iterator[str]:
    """What a reader is told of one rule; bills stand as a page writes them."""
    killed = sum(bool(fate.killed_by) for fate in fates)
    zh, en = "{}  {}：案例 {}，改动 {}，看出 {}", "{}  {}: {} cases, {} changes, {} noticed"
    yield (
        Words(zh, en)
        .choose(lang)
        .format(
            subject.rule.name.choose(lang),
            place(subject.rule.span, subject),
            len(subject.cases),
            len(fates),
            killed,
        )
    )
    for fate in fates:
        if not fate.killed_by:
            yield ""
            yield from _survivor(subject, fate, lang)


def _survivor(subject: Subject, fate: Fate, lang: str) -> Iterator[str]:
    where = place(fate.mutant.span, subject)
    no_case = Words("没有案例看出：", "no case notices: ").choose(lang)
    yield f"{where}  {no_case}{fate.mutant.words.choose(lang)}"
    if fate.telling is None:
        yield "    " + NOTHING_FOUND.choose(lang)
        return
    telling = fate.telling
    made = Words("由“{}”改成的账单能看出：", "a bill made from “{}” tells:")
    yield "    " + made.choose(lang).format(telling.case)
    yield ""
    yield "```facts"
    yield telling.draft.text.rstrip("\n")
    yield "```"
    yield "```findings"
    yield from telling.before.splitlines()
    yield "```"
    yield Words("改动后会是：", "after the change:").choose(lang)
    yield from (f"    {line}" for line in telling.after.splitlines() or ("-",))


def place(span: Span, subject: Subject) -> str:
    """`path:line` of a place in a rule text, or in the page that the text stands in."""
    text = subject.program.sources.get(span.path)
    if text is None:
        return span.path
    case = subject.cases[0]
    line, _ = Source(span.path, text).position(span.start)
    if span.path in case.offsets:
        return f"{case.page.path}:{line + case.offsets[span.path]}"
    return f"{span.path}:{line}"


def document(subject: Subject, fates: Sequence[Fate]) -> dict[str, Any]:
    """What a tool is told of one rule."""
    return {
        "id": subject.rule.id,
        "name": _both(subject.rule.name),
        "place": place(subject.rule.span, subject),
        "cases": len(subject.cases),
        "mutants": [
            {
                "kind": fate.mutant.kind,
                "change": _both(fate.mutant.words),
                "place": place(fate.mutant.span, subject),
                "killed_by": fate.killed_by or None,
                "bill": None if fate.telling is None else _telling(fate.telling),
            }
            for fate in fates
        ],
    }


def _telling(found: Telling) -> dict[str, Any]:
    return {
        "case": found.case,
        "facts": found.draft.text,
        "findings": found.before,
        "after": found.after,
    }


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}

"""Coverage as lines for a reader and as a document for a tool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from apps.authoring.coverage import (
    ClauseCoverage,
    Coverage,
    PartCoverage,
    RuleCoverage,
    SeenPoint,
)
from engine.cite import citation_words
from rulelang import core
from rulelang.diagnostics import Words

SCHEMA = 1
SHOWN = 5  # parts of a table or list that no case has used
LONGEST = 60

KINDS: Mapping[str, Words] = {
    "condition": Words("条件", "conditions"),
    "boundary": Words("临界", "boundaries"),
    "exception": Words("例外", "exceptions"),
    "outcome": Words("结果", "outcomes"),
}
ONE: Mapping[str, Words] = {
    "condition": Words("条件", "condition"),
    "boundary": Words("临界", "boundary"),
    "exception": Words("例外", "exception"),
    "outcome": Words("结果", "outcome"),
}
AIMS: Mapping[str, Words] = {
    "true": Words("成立", "true"),
    "false": Words("不成立", "false"),
    "unknown": Words("未知", "unknown"),
    "at": Words("正好", "exactly at it"),
    "beyond": Words("刚过", "just beyond it"),
    "excusing": Words("起作用", "excusing"),
    "reached": Words("出现", "reached"),
}
PARTS: Mapping[str, Words] = {
    "table": Words("知识表 {} {}/{} 行", "table {}: {} of {} rows"),
    "list": Words("名单 {} {}/{} 项", "list {}: {} of {} items"),
    "decision": Words("决策表 {} {}/{} 行", "decision table {}: {} of {} rows"),
    "param": Words("参数 {} {}/{} 个值", "parameter {}: {} of {} values"),
}


def lines(found: Coverage, lang: str) -> Iterator[str]:
    """The report for a reader."""
    for rule in found.rules:
        yield from _rule_lines(rule, lang)
    if found.parts:
        yield ""
        yield Words("案例用到的知识：", "Knowledge that cases use:").choose(lang)
        for part in found.parts:
            yield "  " + _part_line(part, lang)
    if found.clauses:
        yield ""
        yield Words("政策条款：", "Clauses of law:").choose(lang)
        for clause in found.clauses:
            yield "  " + _clause_line(clause, lang)
    yield ""
    zh, en = (
        "覆盖 {}/{}（{}%）；没有案例的条款 {} 处",
        "covered {} of {} ({}%); clauses without a case: {}",
    )
    said = Words(zh, en).choose(lang)
    yield said.format(found.seen, found.aims, found.share, len(found.clauses_without_case))


def _rule_lines(found: RuleCoverage, lang: str) -> Iterator[str]:
    rule = found.rule
    kinds: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for item in found.points:
        kinds[item.point.kind] += len(item.point.aims)
        seen[item.point.kind] += len(item.seen)
    counts = [
        f"{words.choose(lang)} {seen[kind]}/{kinds[kind]}"
        for kind, words in KINDS.items()
        if kinds[kind]
    ]
    cases = Words(f"案例 {found.cases}", f"cases {found.cases}").choose(lang)
    yield f"{rule.name.choose(lang)}  {found.place.text}"
    yield "    " + "  ".join([cases, *counts])
    for item in found.points:
        if item.unseen and found.cases:
            yield "    " + _unseen(item, lang)


def _unseen(item: SeenPoint, lang: str) -> str:
    aims = [AIMS[aim].choose(lang) for aim in item.unseen]
    text = item.text if len(item.text) <= LONGEST else item.text[: LONGEST - 1] + "…"
    kind = ONE[item.point.kind].choose(lang)
    zh, en = "第 {} 行 {} `{}`：没有见到 {}", "line {}, {} `{}`: not seen {}"
    joined = Words("、".join(aims), ", ".join(aims)).choose(lang)
    return Words(zh, en).choose(lang).format(item.place.line, kind, text, joined)


def _part_line(part: PartCoverage, lang: str) -> str:
    used = part.total - len(part.unused)
    head = PARTS[part.kind].choose(lang).format(part.name.choose(lang), used, part.total)
    texts = [text for text in part.unused[:SHOWN] if text]
    if not texts:
        return head
    more = len(part.unused) - len(texts)
    rest = Words(f"，余 {more} 个", f", and {more} more").choose(lang) if more else ""
    joined = Words("，", ", ").choose(lang).join(texts)
    return head + Words("；没有用到：", "; unused: ").choose(lang) + joined + rest


def _clause_line(clause: ClauseCoverage, lang: str) -> str:
    words = citation_words(core.Citation(clause.document, clause.place)).choose(lang)
    said = Words("有案例", "has a case") if clause.has_case else Words("没有案例", "no case")
    if clause.has_case:
        return f"{said.choose(lang)}  {words}"
    by = Words("、", ", ").choose(lang).join(name.choose(lang) for name in clause.cited_by)
    return f"{said.choose(lang)}  {words}" + Words(f"（{by}）", f" ({by})").choose(lang)


# ---------------------------------------------------------------- for tools


def document(found: Coverage) -> dict[str, Any]:
    """The report for a tool; words in both languages, lines counted from 1."""
    return {
        "schema": SCHEMA,
        "seen": found.seen,
        "aims": found.aims,
        "percent": found.share,
        "rules": [_rule_document(rule) for rule in found.rules],
        "parts": [
            {
                "kind": part.kind,
                "id": part.id,
                "name": _both(part.name),
                "total": part.total,
                "used": part.total - len(part.unused),
                "unused": list(part.unused),
            }
            for part in found.parts
        ],
        "clauses": [
            {
                "document": _both(clause.document.title),
                "number": clause.document.number,
                "place": clause.place,
                "cited_by": [_both(name) for name in clause.cited_by],
                "has_case": clause.has_case,
            }
            for clause in found.clauses
        ],
    }


def _rule_document(found: RuleCoverage) -> dict[str, Any]:
    return {
        "id": found.rule.id,
        "name": _both(found.rule.name),
        "path": found.place.path,
        "line": found.place.line,
        "cases": found.cases,
        "points": [
            {
                "kind": item.point.kind,
                "text": item.text,
                "line": item.place.line,
                "seen": list(item.seen),
                "unseen": list(item.unseen),
            }
            for item in found.points
        ],
    }


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}

"""Findings as rows of two tables: a prescription review, and the fields of a credit rating."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from apps.render.answer import Answer
from apps.render.json import cited_by, money
from apps.render.labels import OUTCOMES
from apps.render.text import citation_text, subject_text
from engine.facts import Entity, Foreign, Value
from engine.finding import BillResult, Finding, Label
from rulelang.diagnostics import Words

_REVIEWED = frozenset({Label.VIOLATED, Label.SUSPECTED, Label.UNDETERMINED, Label.EXCUSED})
_RATED = frozenset({Label.VIOLATED, Label.SUSPECTED})
_CONFIRMED = Words("事实充分，待送达", "facts suffice; not yet issued")
_TO_CONFIRM = Words("待认定", "to be confirmed")

Column = tuple[Words, Callable[["_Row", str], str]]


@dataclass(frozen=True, slots=True)
class _Row:
    answer: Answer
    result: BillResult
    finding: Finding
    line: Entity | None


def _text(value: Value) -> str:
    choices = value.choices or frozenset()
    texts = [one.code if isinstance(one, Foreign) else str(one) for one in choices]
    if value.range is not None and value.range.is_exact:
        texts = [str(value.range.exact)]
    return "、".join(sorted(texts))


def _of_line(name: str) -> Callable[[_Row, str], str]:
    return lambda row, _: "" if row.line is None else _text(row.line.value(name))


def _message(row: _Row, lang: str) -> str:
    return " ".join(message.choose(lang) for message in row.finding.messages)


def _status(row: _Row, lang: str) -> str:
    words = _CONFIRMED if row.finding.label is Label.VIOLATED else _TO_CONFIRM
    return words.choose(lang)


def _law(row: _Row, lang: str) -> str:
    return "；".join(citation_text(one, lang) for one in cited_by(row.finding))


def _risk(row: _Row, _: str) -> str:
    known = row.finding.at_risk
    low, high = money(known.low), money(known.high)
    return str(low) if known.is_exact else f"{low or ''}~{high or ''}"


_COMMON: tuple[Column, ...] = (
    (Words("来源", "source"), lambda row, _: row.answer.source),
    (Words("机构编码", "institution"), lambda row, _: _text(row.result.bill.institution.value("id"))),
    (Words("就诊号", "encounter"), lambda row, _: row.result.bill.encounter.key),
    (Words("结论", "outcome"), lambda row, lang: OUTCOMES[row.finding.label].choose(lang)),
    (Words("规则", "rule"), lambda row, lang: row.finding.rule.title.choose(lang)),
    (Words("规则编号", "rule_id"), lambda row, _: row.finding.rule.national_code or row.finding.rule.id),
)  # fmt: skip
_REVIEW: tuple[Column, ...] = (
    *_COMMON,
    (Words("处方号", "rx_no"), _of_line("rx_no")),
    (Words("行号", "line"), lambda row, _: "" if row.line is None else row.line.key),
    (Words("药品编码", "drug"), _of_line("drug")),
    (Words("药品名称", "name"), _of_line("name")),
    (Words("日期", "date"), _of_line("date")),
    (Words("开单科室", "department"), _of_line("order_dept")),
    (Words("开单医师", "doctor"), _of_line("doctor")),
    (Words("点评", "comment"), _message),
    (Words("依据", "law"), _law),
)
_RATING: tuple[Column, ...] = (
    *_COMMON,
    (Words("对象", "subject"), lambda row, lang: "" if row.line is None else subject_text(row.line, lang)),
    (Words("科室", "department"), _of_line("order_dept")),
    (Words("医师", "doctor"), _of_line("doctor")),
    (Words("日期", "date"), _of_line("date")),
    (Words("涉及金额", "money"), _risk),
    (Words("主题", "topic"), lambda row, _: row.finding.rule.topic),
    (Words("认定状态", "status"), _status),
    (Words("依据", "law"), _law),
)  # fmt: skip

_ISSUE: tuple[Column, ...] = (
    *_COMMON,
    (Words("行号", "line"), lambda row, _: "" if row.line is None else row.line.key),
    (Words("涉及金额", "money"), _risk),
    (Words("问题", "finding"), _message),
    (Words("依据", "law"), _law),
)

REVIEW_HEADS = tuple(head for head, _ in _REVIEW)
ISSUE_HEADS = tuple(head for head, _ in _ISSUE)
RATING_HEADS = tuple(head for head, _ in _RATING)


def review_rows(answer: Answer, lang: str) -> Iterator[tuple[str, ...]]:
    """The rows of a prescription review: each open or excused finding on a drug's line."""
    for row in _rows(answer):
        if row.finding.label in _REVIEWED and row.line is not None and _may_be_drug(row.line):
            yield tuple(show(row, lang) for _, show in _REVIEW)


def rating_rows(answer: Answer, lang: str) -> Iterator[tuple[str, ...]]:
    """The rows of a rating: each finding that is violated or suspected, once."""
    for row in findings_of(answer):
        yield tuple(show(row, lang) for _, show in _RATING)


def findings_of(answer: Answer) -> Iterator[_Row]:
    """Each finding that is violated or suspected, once."""
    seen: set[int] = set()
    for row in _rows(answer):
        if row.finding.label in _RATED and id(row.finding) not in seen:
            seen.add(id(row.finding))
            yield row


def issue_cells(row: _Row, lang: str) -> tuple[str, ...]:
    """The cells of a finding that is to be issued."""
    return tuple(show(row, lang) for _, show in _ISSUE)


def names_of(row: _Row) -> Mapping[str, frozenset[str]]:
    """How a decision may name a finding: its encounter, its rule, the lines that it offends on."""
    rule, lines = row.finding.rule, [one for one in row.finding.offending if one.kind == "line"]
    return {
        "encounter": frozenset({row.result.bill.encounter.key}),
        "rule": frozenset({rule.id, rule.name.zh, rule.name.en, rule.national_code} - {""}),
        "line": frozenset(one.key for one in lines),
    }


def _may_be_drug(line: Entity) -> bool:
    value = line.value("drug")
    return bool(value.choices) or not value.is_known


def _rows(answer: Answer) -> Iterator[_Row]:
    for result in answer.results:
        for finding in result.findings:
            lines: list[Entity | None] = [one for one in finding.offending if one.kind == "line"]
            for line in lines or [None]:
                yield _Row(answer, result, finding, line)

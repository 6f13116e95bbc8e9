"""Answers as a workbook: bills, their lines with what becomes of them, and the findings.

One bill after another. Codes and texts stay texts; an amount is a number only where the file holds
it to the fen, else a text.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.render.answer import Answer
from apps.render.json import cited_by, money, number
from apps.render.labels import OUTCOMES, PAYMENTS, assumption
from apps.render.text import citation_text, risk_text, subject_text, supplier_text, waiver_texts
from apps.sheet_writing import Pen, new_workbook
from engine.codes import PRODUCT_SYSTEMS
from engine.facts import Entity, Foreign, Value
from engine.finding import BillResult, Finding, LineVerdict, MissingFact
from rulelang.diagnostics import Words
from rulelang.units import BY_NAME
from rulelang.values import Range, as_decimal

_FEN, _PRICE, _COUNT = 2, 6, 4
_LOOKS = {_FEN: "0.00", _PRICE: "0.00####", _COUNT: "0.####"}
_SEPARATOR = "\n"

Shown = str | tuple[Range | None, int]  # a text, or a number with its decimals


@dataclass(frozen=True, slots=True)
class _Column:
    """One column: head, width, and what it shows of a bill's line or finding."""

    head: Words
    width: int
    show: Callable[[Any, str], Shown]


def write(answers: Sequence[Answer], lang: str = "zh", *, everything: bool = False) -> bytes:
    """The bytes of a workbook with all bills of some answers.

    Args:
        answers: In the order in which they are to stand.
        lang: "zh" or "en".
        everything: Whether findings that are satisfied or not applicable are listed too.

    Raises:
        InputError: EN0123 where the optional part is not installed.
    """
    made = io.BytesIO()
    bills = list(_bills(answers))
    with new_workbook(made) as book:
        for name, columns, rows in (
            (Words("单据", "bills"), _BILLS, bills),
            (Words("明细", "lines"), _LINES, [line for bill in bills for line in bill.lines()]),
            (
                Words("审核结果", "findings"),
                _FINDINGS,
                [found for bill in bills for found in bill.found(everything=everything)],
            ),
        ):
            _sheet(book, name.choose(lang), columns, rows, lang)
    return made.getvalue()


def _bills(answers: Sequence[Answer]) -> Iterator[_Bill]:
    """All bills; their findings are numbered through each answer, as `explain` counts them."""
    for answer in answers:
        before = 0
        for result in answer.results:
            yield _Bill(answer, result, before)
            before += len(result.findings)


def _sheet(
    book: Any, name: str, columns: Sequence[_Column], rows: Sequence[object], lang: str
) -> None:
    sheet = book.add_worksheet(name)
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    pen = Pen(sheet, book)
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
        sheet.write_string(0, index, column.head.choose(lang), heading)
    sheet.freeze_panes(1, 0)
    for row, shown in enumerate(rows, start=1):
        for index, column in enumerate(columns):
            _write(pen, row, index, column.show(shown, lang))
    if rows:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)


def _write(pen: Pen, row: int, column: int, shown: Shown) -> None:
    if isinstance(shown, str):
        if shown:
            pen.text(row, column, shown)
        return
    known, places = shown
    if known is None or (known.low is None and known.high is None):
        return
    if known.is_exact and isinstance(known.exact, Decimal):
        pen.number(row, column, known.exact, _LOOKS[places], places)
    else:
        pen.text(row, column, _span(known, places))


def _span(known: Range, places: int) -> str:
    if known.is_exact:
        return format(as_decimal(known.exact, places), "f")
    if places == _FEN:
        low, high = money(known.low), money(known.high)
    else:
        low, high = number(known.low), number(known.high)
    return f"{low or ''}~{high or ''}"


# ---------------------------------------------------------------- what stands in a row


@dataclass(frozen=True, slots=True)
class _Bill:
    answer: Answer
    result: BillResult
    before: int

    def lines(self) -> Iterator[_Line]:
        for verdict in self.result.lines:
            rules = dict.fromkeys(
                rule
                for finding in self.result.findings
                if any(entity is verdict.line for entity in finding.offending)
                for rule in (finding.folded or (finding.rule,))
            )
            yield _Line(self, verdict, tuple(rule.title for rule in rules))

    def found(self, *, everything: bool) -> Iterator[_Found]:
        for index, finding in enumerate(self.result.findings, start=self.before + 1):
            yield _Found(self, str(index), finding)
        for finding in self.result.passed if everything else ():
            yield _Found(self, "", finding)


@dataclass(frozen=True, slots=True)
class _Line:
    bill: _Bill
    verdict: LineVerdict
    rules: tuple[Words, ...]

    def value(self, name: str) -> Value:
        return self.verdict.line.value(name)


@dataclass(frozen=True, slots=True)
class _Found:
    bill: _Bill
    index: str
    finding: Finding


def _code(line: _Line, _: str) -> str:
    """The code as it is, whatever kind of product it names; several where that is not known."""
    found: list[str] = []
    for system in PRODUCT_SYSTEMS:
        for choice in line.value(system).choices or ():
            found.append(choice.code if isinstance(choice, Foreign) else str(choice))
    return "、".join(sorted(dict.fromkeys(found)))


def _texts(value: Value) -> str:
    return "、".join(sorted(str(choice) for choice in value.choices or ()))


def _unit(line: _Line, lang: str) -> str:
    unit = BY_NAME.get(line.value("quantity").unit or "")
    return "" if unit is None else unit.spelt(lang)


def _subjects(found: _Found, lang: str) -> str:
    return _SEPARATOR.join(subject_text(entity, lang) for entity in found.finding.offending)


def _message(found: _Found, lang: str) -> str:
    finding = found.finding
    parts = [message.choose(lang) for message in finding.messages]
    parts += waiver_texts(finding, lang)
    head = "假定：" if lang != "en" else "assumed: "
    parts += [head + assumption(name, lang) for name in finding.assumptions]
    return _SEPARATOR.join(parts)


def _rules(found: _Found, lang: str) -> str:
    rules = found.finding.folded or (found.finding.rule,)
    return _SEPARATOR.join(rule.title.choose(lang) for rule in rules)


def _numbers(found: _Found, _: str) -> str:
    rules = found.finding.folded or (found.finding.rule,)
    return _SEPARATOR.join(rule.national_code or rule.id for rule in rules)


def _money(found: _Found, _: str) -> Shown:
    finding = found.finding
    if finding.amount is not None:
        return finding.amount, _FEN
    return (None if finding.measure is not None else finding.at_risk), _FEN


def _missing(found: _Found, lang: str) -> str:
    return _SEPARATOR.join(_missing_one(one, lang) for one in found.finding.missing)


def _missing_one(missing: MissingFact, lang: str) -> str:
    who = supplier_text(missing.supplier, lang)
    shown = missing.shown.choose(lang)
    return f"{shown} ({who})" if lang == "en" else f"{shown}（{who}）"


def _citations(found: _Found, lang: str) -> str:
    return _SEPARATOR.join(citation_text(one, lang) for one in cited_by(found.finding))


def _remedies(found: _Found, lang: str) -> str:
    return _SEPARATOR.join(
        f"{supplier_text(one.actor, lang)}{'：' if lang != 'en' else ': '}{one.text.choose(lang)}"
        for one in found.finding.remedies
    )


def _places(found: _Found, _: str) -> str:
    entities: tuple[Entity, ...] = (*found.finding.offending, *found.finding.involved)
    return _SEPARATOR.join(dict.fromkeys(entity.pointer for entity in entities if entity.pointer))


# ---------------------------------------------------------------- the columns


def _of_bill(show: Callable[[_Bill, str], Shown]) -> Callable[[Any, str], Shown]:
    return lambda row, lang: show(row if isinstance(row, _Bill) else row.bill, lang)


_SOURCE = _Column(Words("来源", "source"), 20, _of_bill(lambda bill, _: bill.answer.source))
_ENCOUNTER = _Column(
    Words("就诊号", "encounter_no"), 16, _of_bill(lambda bill, _: bill.result.bill.encounter.key)
)

_BILLS = (
    _SOURCE,
    _ENCOUNTER,
    _Column(Words("结论", "verdict"), 12, lambda b, lang: OUTCOMES[b.result.verdict].choose(lang)),
    _Column(Words("支付结论", "payment"), 12, lambda b, lang: PAYMENTS[b.result.payment].choose(lang)),
    _Column(Words("违规金额", "violated"), 12, lambda b, _: (b.result.totals.violated, _FEN)),
    _Column(Words("可疑金额", "suspected"), 12, lambda b, _: (b.result.totals.suspected, _FEN)),
    _Column(
        Words("待补充金额", "undetermined"), 16, lambda b, _: (b.result.totals.undetermined, _FEN)
    ),
    _Column(
        Words("数据读取说明", "notes on the input"),
        60,
        lambda b, lang: _SEPARATOR.join(
            f"{note.pointer} {note.words.choose(lang)}" for note in b.result.bill.notes
        ),
    ),
)  # fmt: skip

_LINES = (
    _SOURCE,
    _ENCOUNTER,
    _Column(Words("行号", "line_no"), 14, lambda one, _: one.verdict.line.key),
    _Column(Words("编码", "code"), 26, _code),
    _Column(Words("名称", "name"), 24, lambda one, _: _texts(one.value("name"))),
    _Column(Words("数量", "quantity"), 10, lambda one, _: (one.value("quantity").range, _COUNT)),
    _Column(Words("单位", "unit"), 8, _unit),
    _Column(Words("单价", "price"), 10, lambda one, _: (one.value("price").range, _PRICE)),
    _Column(Words("金额", "amount"), 12, lambda one, _: (one.value("amount").range, _FEN)),
    _Column(Words("申报", "claimed"), 12, lambda one, _: (one.verdict.claimed, _FEN)),
    _Column(Words("支付结论", "payment"), 12, lambda one, lang: PAYMENTS[one.verdict.payment].choose(lang)),
    _Column(Words("可支付", "payable"), 14, lambda one, _: (one.verdict.payable, _FEN)),
    _Column(
        Words("涉及规则", "rules"),
        40,
        lambda one, lang: _SEPARATOR.join(title.choose(lang) for title in one.rules),
    ),
    _Column(Words("位置", "place"), 30, lambda one, _: one.verdict.line.pointer),
)  # fmt: skip

_FINDINGS = (
    _SOURCE,
    _ENCOUNTER,
    _Column(Words("序号", "number"), 8, lambda found, _: found.index),
    _Column(Words("结论", "outcome"), 12, lambda found, lang: OUTCOMES[found.finding.label].choose(lang)),
    _Column(Words("规则", "rule"), 28, _rules),
    _Column(Words("编号", "rule_no"), 22, _numbers),
    _Column(Words("对象", "subject"), 30, _subjects),
    _Column(Words("说明", "message"), 50, _message),
    _Column(Words("金额", "money"), 14, _money),
    _Column(Words("金额说明", "money in words"), 22, lambda found, lang: risk_text(found.finding, lang)),
    _Column(Words("缺少的事实", "missing"), 30, _missing),
    _Column(Words("依据", "citations"), 40, _citations),
    _Column(Words("整改", "remedies"), 40, _remedies),
    _Column(Words("位置", "place"), 30, _places),
)  # fmt: skip

"""An answer as a billing clerk reads it: the worst finding first, each with reason and remedy.

Makes lines of styled pieces. Printed plainly they are the text; a terminal may colour them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from apps.render.answer import Answer
from apps.render.json import cited_by, money
from apps.render.labels import OUTCOMES, PAYMENTS, SUBJECTS, assumption
from engine.facts import Entity, IntakeNote
from engine.finding import BillResult, Cited, Conflict, Finding, Label, MissingFact
from engine.words import waiver_words
from rulelang import vocabulary
from rulelang.core import Citation
from rulelang.diagnostics import Words
from rulelang.values import ZERO, Range

Piece: TypeAlias = tuple[str, str]  # style, text
Line: TypeAlias = tuple[Piece, ...]

STYLES = {
    Label.VIOLATED: "violated",
    Label.SUSPECTED: "suspected",
    Label.UNDETERMINED: "undetermined",
    Label.EXCUSED: "passed",
    Label.SATISFIED: "passed",
    Label.NOT_APPLICABLE: "faint",
}

_YUAN = Words("元", "yuan")
_ILLUSTRATIVE = Words("（示例，非正式名单）", "[illustrative, not an official list]")
_INDENT = "   "
MOST_REASONS = 8
SHOWN_STEPS = 3


def plain(lines: Iterable[Line]) -> str:
    """The lines without any style."""
    return "".join("".join(visible(text) for _, text in line).rstrip() + "\n" for line in lines)


def visible(text: str) -> str:
    """A text that cannot disturb a terminal: what is not printable becomes a sign."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in text)


def render(answer: Answer, lang: str = "zh", *, everything: bool = False) -> list[Line]:
    """All bills of an answer; findings are numbered through, as `explain` counts them."""
    lines: list[Line] = []
    number = 0
    for result in answer.results:
        if lines:
            lines.append(())
        lines += _header(answer, result, lang)
        for finding in result.findings:
            number += 1
            lines.append(())
            lines += finding_lines(finding, lang, number)
        if everything:
            lines += _passed(result, lang)
        lines += (_conflict(conflict, lang) for conflict in result.conflicts)
        lines += _notes(result.bill.notes, lang)
    if not answer.results:
        lines.append((("", _pick(lang, "没有可审核的就诊", "there is no encounter to check")),))
    return lines


def _pick(lang: str, zh: str, en: str) -> str:
    return en if lang == "en" else zh


def _header(answer: Answer, result: BillResult, lang: str) -> Iterator[Line]:
    outcome = OUTCOMES[result.verdict].choose(lang)
    payment = PAYMENTS[result.payment].choose(lang)
    verdict = STYLES[result.verdict]
    if lang == "en":
        yield (
            ("title", f"Encounter {result.bill.encounter.key}"),
            ("faint", f"  {answer.source}"),
        )
        yield (("", "Verdict: "), (verdict, outcome), ("", f" · payment: {payment}"))
    else:
        yield (("title", f"就诊 {result.bill.encounter.key}"), ("faint", f"  {answer.source}"))
        yield (("", "结论："), (verdict, outcome), ("", f" · 支付：{payment}"))
    totals = result.totals
    yield (
        (
            "",
            " · ".join(
                f"{OUTCOMES[label].choose(lang)} {_amount(value, lang)}"
                for label, value in (
                    (Label.VIOLATED, totals.violated),
                    (Label.SUSPECTED, totals.suspected),
                    (Label.UNDETERMINED, totals.undetermined),
                )
            ),
        ),
    )
    if not result.findings:
        yield (("passed", _pick(lang, "没有发现问题", "nothing found")),)


def finding_lines(finding: Finding, lang: str, number: int) -> Iterator[Line]:
    """One finding: what, on what, why, by which text, and what to do."""
    yield _title(finding, lang, number)
    if len(finding.folded) > 1:
        titles = _pick(lang, "、", "; ").join(rule.title.choose(lang) for rule in finding.folded)
        yield _below(_pick(lang, "涉及规则：", "rules: ") + titles)
    for entity in finding.offending:
        yield _below(subject_text(entity, lang))
    for entity in finding.involved:
        yield _below(_pick(lang, "涉及 ", "involved: ") + subject_text(entity, lang))
    for message in finding.messages:
        yield _below(message.choose(lang), "message")
    if finding.measure is not None:
        yield _below(
            _pick(lang, "指标值 {0}，限 {1}", "measured {0}, limit {1}").format(
                finding.measure.value or _pick(lang, "不定", "not certain"),
                finding.measure.limit or _pick(lang, "不定", "not certain"),
            )
        )
    yield from because_lines(finding, lang)
    yield from (_below(text) for text in waiver_texts(finding, lang))
    yield from (missing_line(missing, lang) for missing in finding.missing)
    for name in finding.assumptions:
        yield _below(_pick(lang, "假定：", "assumed: ") + assumption(name, lang))
    if finding.illustrative:
        yield _below(
            _pick(
                lang,
                "本条用到标为“示例”的名单或知识表",
                "this leans on a list or table that is marked as illustrative",
            ),
            "faint",
        )
    for citation in cited_by(finding):
        yield _below(_pick(lang, "依据：", "citing: ") + citation_text(citation, lang))
    for remedy in finding.remedies:
        actor = supplier_text(remedy.actor, lang)
        yield _below(
            _pick(lang, f"建议（{actor}）：", f"remedy ({actor}): ") + remedy.text.choose(lang)
        )


def waiver_texts(finding: Finding, lang: str) -> list[str]:
    """The waiver that excuses a subject, in words; none where none does."""
    return [] if finding.waiver is None else [waiver_words(finding.waiver).choose(lang)]


def _title(finding: Finding, lang: str, number: int) -> Line:
    label = OUTCOMES[finding.label].choose(lang)
    risk = ""
    claims = finding.rule.certainty != "indicator"  # an indicator claims no money (S12)
    if claims and finding.label in {Label.VIOLATED, Label.SUSPECTED, Label.UNDETERMINED}:
        risk = "  " + risk_text(finding, lang)
    return (
        ("", f"{number}. "),
        (STYLES[finding.label], label),
        ("title", f"  {finding.rule.title.choose(lang)}"),
        ("", risk),
    )


def risk_text(finding: Finding, lang: str) -> str:
    """The money of a finding: at risk, or the figure of an outcome that claims none."""
    if finding.amount is not None:
        return _pick(lang, "金额 ", "figure ") + _amount(finding.amount, lang)
    if finding.needs_review and not finding.claims:
        return _pick(lang, "转人工复核", "to be reviewed")
    if finding.measure is not None:
        return ""
    if finding.is_folded and finding.at_risk == ZERO:
        return ""
    bounded = finding.upper_bound and finding.at_risk.is_exact
    most = _pick(lang, "最多 ", "up to ") if bounded else ""
    return _pick(lang, "涉及金额 ", "at risk ") + most + _amount(finding.at_risk, lang)


def _amount(value: Range, lang: str) -> str:
    unit = _YUAN.choose(lang)
    if value.is_exact:
        return f"{money(value.exact)} {unit}"
    high = money(value.high)
    if value.low is None:
        return _pick(lang, f"最多 {high} {unit}", f"up to {high} {unit}")
    if high is None:
        return _pick(lang, f"{money(value.low)} {unit}以上", f"{money(value.low)} {unit} or more")
    return f"{money(value.low)}~{high} {unit}"


def _below(text: str, style: str = "") -> Line:
    return ((style, _INDENT + text.replace("\n", "\n" + _INDENT)),)


def subject_text(entity: Entity, lang: str) -> str:
    """A subject as its sender knows it: number, name, amount."""
    known = vocabulary.load().entities.get(entity.kind)
    named = SUBJECTS.get(entity.kind) or (Words(known.zh, known.en) if known else None)
    kind = entity.kind if named is None else named.choose(lang)
    parts = [f"{kind} {entity.key}".rstrip()]
    name = entity.value("name").choices
    if name is not None and len(name) == 1:
        parts.append(str(next(iter(name))))
    amount = entity.value("amount").range if entity.kind == "line" else None
    if amount is not None:
        parts.append(_amount(amount, lang))
    return "  ".join(parts)


def because_lines(finding: Finding, lang: str, most: int = MOST_REASONS) -> Iterator[Line]:
    """What decided, with places and sources; assumptions are said on lines of their own."""
    reasons = [cited for cited in finding.because if cited.kind != "assumption"]
    if not reasons:
        return
    yield _below(_pick(lang, "因为：", "because:"))
    for cited in reasons[:most]:
        yield _reason(cited, lang)
    left = len(reasons) - most
    if left > 0:
        yield _below(_pick(lang, f"  · ……另有 {left} 项", f"  · ... and {left} more"), "faint")


def _reason(cited: Cited, lang: str) -> Line:
    shown, value = cited.shown.choose(lang), cited.value.choose(lang)
    joint = " = " if cited.kind == "fact" else _pick(lang, "：", ": ")
    text = joint.join(part for part in (shown, value) if part)
    places = [short_pointer(cited.pointer)] if cited.pointer else []
    if cited.source:
        places.append(_pick(lang, "来源：", "source: ") + cited.source)
    mark = _ILLUSTRATIVE.choose(lang) if cited.illustrative else ""
    where = _bracketed(_pick(lang, "；", "; ").join(places), lang)
    return (("", f"{_INDENT}  · {text}"), ("faint", where), ("undetermined", mark))


def missing_line(missing: MissingFact, lang: str) -> Line:
    """One fact that lacks, who supplies it and where it belongs."""
    how = missing.how.choose(lang)
    if not how:
        who = supplier_text(missing.supplier, lang)
        how = _pick(lang, f"{missing.shown.zh}（{who}）", f"{missing.shown.en} ({who})")
    text = _pick(lang, "缺少：", "missing: ") + how
    where = _bracketed(short_pointer(missing.pointer), lang)
    return (("undetermined", _INDENT + text), ("faint", where))


def short_pointer(pointer: str) -> str:
    """A place without the steps that all places of a request begin with."""
    steps = pointer.split("/")
    return pointer if len(steps) <= SHOWN_STEPS + 1 else "…/" + "/".join(steps[-SHOWN_STEPS:])


def _bracketed(text: str, lang: str) -> str:
    return _pick(lang, f"（{text}）", f" ({text})") if text else ""


def supplier_text(name: str, lang: str) -> str:
    """Who supplies or acts, in words."""
    words = vocabulary.load().suppliers.get(name)
    return name if words is None else words.choose(lang)


def citation_text(citation: Citation, lang: str) -> str:
    """A text with its number and place."""
    document = citation.document
    title = f"《{document.title.zh}》" if lang != "en" else document.title.en
    return " ".join(part for part in (title, document.number, citation.place) if part)


def _passed(result: BillResult, lang: str) -> Iterator[Line]:
    for index, finding in enumerate(result.passed):
        if index == 0:
            yield ()
        label = OUTCOMES[finding.label].choose(lang)
        subjects = _pick(lang, "、", ", ").join(
            subject_text(entity, lang) for entity in finding.offending
        )
        yield (
            (STYLES[finding.label], label),
            ("", f"  {finding.rule.title.choose(lang)}  {subjects}"),
        )


def _conflict(conflict: Conflict, lang: str) -> Line:
    subject = subject_text(conflict.line, lang)
    titles = [rule.title.choose(lang) for rule in conflict.rules]
    if lang == "en":
        return (("suspected", f"Rules disagree on {subject}: {'; '.join(titles)}"),)
    return (("suspected", f"规则之间不一致，{subject}：{'、'.join(titles)}"),)


def _notes(notes: tuple[IntakeNote, ...], lang: str) -> Iterator[Line]:
    if not notes:
        return
    yield ()
    yield (("title", _pick(lang, "数据读取说明", "Notes on the input")),)
    for note in notes:
        yield (
            ("", f"{_INDENT}{note.field}：{note.words.zh}" if lang != "en" else
             f"{_INDENT}{note.field}: {note.words.en}"),
            ("faint", f"（{note.pointer}）" if lang != "en" else f" ({note.pointer})"),
        )  # fmt: skip

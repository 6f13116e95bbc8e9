"""What came out of a case as the lines of its expected blocks. Always in one order, so exact."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from apps.render.json import money
from apps.render.labels import OUTCOMES, SUBJECTS
from apps.render.text import because_lines, missing_line, plain
from engine.cite import GAP_PREFIX, TABLE_PREFIX
from engine.explain import short
from engine.facts import Bill, Entity
from engine.finding import BillResult, Finding, Label, MissingFact
from engine.period_check import PeriodResult
from rulelang import vocabulary
from rulelang.core import Program
from rulelang.driver import Compiled
from rulelang.values import Range
from rulelang.words import PERIOD_SUBJECTS

Bills: TypeAlias = Sequence[Bill]

WITH_MONEY = frozenset({Label.VIOLATED, Label.SUSPECTED, Label.UNDETERMINED})


def printed(
    kind: str,
    results: Sequence[BillResult],
    program: Program,
    focus: Sequence[str],
    lang: str,
    *,
    beyond: tuple[Bills, Sequence[PeriodResult]] = ((), ()),
) -> str:
    """The text of a findings, notes or explanation block.

    `beyond` are the findings on periods and on the ruleset, with the bills that they are made of.
    """
    lines: list[str] = []
    for result in results:
        bill = result.bill
        own = [*_notes(result, lang)] if kind == "notes" else (
            _of_findings(kind, result, (bill,), program, focus, lang)
        )  # fmt: skip
        heads = len(results) > 1 and (own or not beyond[1])
        lines += [f"就诊 {bill.encounter.key}", *own] if heads else own
    for each in beyond[1] if kind != "notes" else ():
        lines += _of_findings(kind, each, beyond[0], program, focus, lang)
    return "".join(f"{line}\n" for line in lines)


def _of_findings(
    kind: str,
    result: BillResult | PeriodResult,
    bills: Bills,
    program: Program,
    focus: Sequence[str],
    lang: str,
) -> list[str]:
    if kind == "findings":
        return [_finding(each, bills, program) for each in _listed(result, program, focus)]
    found = _in_order(result.findings, program)
    return [line for finding in found for line in _explanation(finding, lang)]


def diagnostics(compiled: Compiled, shifts: Mapping[str, int], lang: str) -> str:
    """`code line:column message` of each diagnostic; the block or file where there are several."""
    lines = []
    for found in compiled.diagnostics:
        path = found.span.path
        source = compiled.sources.get(path)
        line, column = source.position(found.span.start) if source is not None else (0, 0)
        place = f"{line - shifts.get(path, 0)}:{column}"
        if path not in shifts:
            place = f"{path.rpartition('/')[2]}:{place}"
        elif len(shifts) > 1:
            place = f"#{path.rpartition('#')[2]}:{place}"
        lines.append(f"{found.code} {place} {found.words.choose(lang)}\n")
    return "".join(lines)


def _listed(
    result: BillResult | PeriodResult, program: Program, focus: Sequence[str]
) -> list[Finding]:
    """All findings, and the passed ones of the rules in focus, in the order of rules and subjects."""
    wanted = set(focus)
    passed = [finding for finding in result.passed if finding.rule.id in wanted]
    return _in_order([*result.findings, *passed], program)


def _in_order(findings: Iterable[Finding], program: Program) -> list[Finding]:
    place = {rule.id: number for number, rule in enumerate(program.rules)}

    def key(finding: Finding) -> tuple[object, ...]:
        entities = [*finding.offending, *finding.involved]
        orders = sorted((e.kind, e.order, e.key if e.links.get("period") else "") for e in entities)
        return (place[finding.rule.id], orders, finding.label.value)

    return sorted(findings, key=key)


def _finding(finding: Finding, bills: Bills, program: Program) -> str:
    rules = "、".join(rule.name.zh for rule in finding.folded or (finding.rule,))
    subject = _subject(finding, bills)
    text = OUTCOMES[finding.label].zh
    if finding.label in WITH_MONEY:
        text += f" {_amount(finding.at_risk)}"
    if finding.amount is not None:
        text += f"，计 {_amount(finding.amount)}"
    if finding.measure is not None:
        text += f"，指标 {finding.measure.value or '不定'} 限 {finding.measure.limit or '不定'}"
    if finding.needs_review:
        text += "，复核"
    missing = "，".join(_missing(item, bills, program) for item in finding.missing)
    return f"{rules}（{subject}）：{text}" + (f"（缺：{missing}）" if missing else "")


def _subject(finding: Finding, bills: Bills) -> str:
    entities = list(dict.fromkeys(finding.offending))
    if finding.subject_kind == "pair":
        entities = list(dict.fromkeys([*entities, *finding.involved]))
    entities.sort(key=lambda entity: (entity.kind, entity.order))
    names = [_name(entity, bills) for entity in entities]
    return "+".join(names) or SUBJECTS[finding.subject_kind].zh


def _name(entity: Entity, bills: Bills) -> str:
    """An entity as facts blocks call it; the current encounter has no number."""
    if entity.kind == "ruleset":
        return f"{_zh(entity.kind)} {entity.key}"
    if "period" in entity.links:  # a person has no key that may be shown
        number = str(entity.order + 1) if entity.kind == "patient" and entity.order else ""
        label, _, shown = entity.key.rpartition(" ")
        return f"{_zh(entity.kind)}{number or label} {shown}"
    first = bool(bills) and entity is bills[0].encounter
    if first or entity.kind in {"patient", "institution"}:
        return _zh(entity.kind)
    return f"{_zh(entity.kind)}{entity.order + 1}"


def _zh(kind: str) -> str:
    if kind in SUBJECTS:
        return SUBJECTS[kind].zh
    entity = vocabulary.load().entities.get(kind)
    return kind if entity is None else entity.zh


def _amount(value: Range) -> str:
    low, high = money(value.low), money(value.high)
    return str(low) if value.is_exact else f"{low or ''}~{high or ''}"


def _missing(missing: MissingFact, bills: Bills, program: Program) -> str:
    """A missing fact by its Chinese name, with the number of the entity that lacks it."""
    shown = missing.shown.zh
    if missing.fact.startswith(TABLE_PREFIX):
        return f"{shown}[{missing.subject}]"
    if missing.fact.startswith(GAP_PREFIX):
        return _gap(missing.fact.removeprefix(GAP_PREFIX), program) or shown
    kind, _, field = missing.fact.partition(".")
    if not missing.subject or not field:
        return shown
    owner = next((e for e in _entities(bills) if e.kind == kind and e.key == missing.subject), None)
    if owner is None:
        return _of_period(missing, kind, shown)
    return f"{_name(owner, bills)}.{shown.partition('.')[2] or shown}"


def _of_period(missing: MissingFact, kind: str, shown: str) -> str:
    """A fact of a subject of a period, with whose it is: 机构2.明细[2026-03]."""
    label = missing.subject.rpartition(" ")[0]
    if not label or kind not in PERIOD_SUBJECTS.values():
        return shown
    return f"{_zh(kind)}{label}.{shown.partition('.')[2] or shown}"


def _gap(what: str, program: Program) -> str:
    """The Chinese name of the list or decision table that leaves something open."""
    id_ = what.rpartition(":")[2]
    declared = program.lists.get(id_) or program.decisions.get(id_)
    return "" if declared is None else declared.name.zh


def _entities(bills: Bills) -> Iterator[Entity]:
    for bill in bills:
        yield bill.encounter
        yield from bill.lines
        yield from bill.prescriptions
        encounters = bill.patient.collections.get("encounters")
        for owner in (bill.patient, bill.encounter, *(encounters.members if encounters else ())):
            for collection in owner.collections.values():
                yield from collection.members


def _notes(result: BillResult, lang: str) -> Iterator[str]:
    for note in result.bill.notes:
        raw = json.dumps(note.raw, ensure_ascii=False, default=str)
        yield f"{note.pointer} {raw}：{note.words.choose(lang)}"


def _explanation(finding: Finding, lang: str) -> Iterator[str]:
    yield short(finding).choose(lang)
    lines = list(because_lines(finding, lang))
    lines += [missing_line(missing, lang) for missing in finding.missing]
    yield from plain(lines).splitlines()

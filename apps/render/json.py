"""An answer as the JSON that others build on (schema 1): amounts are strings, persons masked.

Fields may be added; none changes its meaning without a new number of `schema`.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any, TypeAlias

from apps.render.answer import MASKED, Answer, lines_of, ruleset_of, tool_version
from engine.facts import Entity, IntakeNote
from engine.finding import (
    BillResult,
    Caps,
    Cited,
    Conflict,
    Finding,
    Label,
    LineVerdict,
    MissingFact,
    ShownRemedy,
    Totals,
    Waiver,
)
from rulelang.core import Citation, Program, Rule
from rulelang.diagnostics import Words
from rulelang.values import Exact, Range, as_decimal

SCHEMA = 1
Json: TypeAlias = dict[str, Any]

_RATIO_PLACES = 6


def write(answer: Answer, *, everything: bool = False, indent: int | None = None) -> str:
    """The JSON text of an answer; `everything` shows passed findings and all lines."""
    return json.dumps(document(answer, everything=everything), ensure_ascii=False, indent=indent)


def document(answer: Answer, *, everything: bool = False) -> Json:
    """The answer as plain data, in the order of the contract."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "hegui", "version": tool_version()},
        "rulesets": [
            {"id": ruleset.id, "version": ruleset.version, "digest": ruleset.digest}
            for ruleset in sorted(answer.program.rulesets, key=lambda ruleset: ruleset.id)
        ],
        "source": answer.source,
        "input_digest": answer.input_digest,
        "profile": answer.profile,
        "clocks": {
            "service": "from the bill",
            "asked_at": _time(answer.asked_at),
            "settlement": _time(answer.settled_at),
            "known_on": _time(answer.known_on),
        },
        "stage": answer.stage,
        "decision_id": None,
        "bills": [
            _bill(result, answer.program, everything=everything) for result in answer.results
        ],
    }


def _bill(result: BillResult, program: Program, *, everything: bool) -> Json:
    findings = result.findings + (result.passed if everything else ())
    involved = {id(line) for finding in result.findings for line in finding.offending}
    shown = [line for line in result.lines if everything or id(line.line) in involved]
    return {
        "encounter": result.bill.encounter.key,
        "person": MASKED,
        "verdict": result.verdict.value,
        "payment": result.payment.value,
        "totals": _totals(result.totals),
        "lines": [_line(line) for line in shown],
        "findings": [finding_document(finding, program) for finding in findings],
        "counts": {label.value: result.counts.get(label.value, 0) for label in Label},
        "conflicts": [_conflict(conflict) for conflict in result.conflicts],
        "notes": [_note(note) for note in result.bill.notes],
    }


def _totals(totals: Totals) -> Json:
    return {
        "violated": money(totals.violated.low),
        "suspected": money(totals.suspected.low),
        "undetermined": money_range(totals.undetermined),
        "currency": "CNY",
    }


def _line(verdict: LineVerdict) -> Json:
    claimed = verdict.claimed
    return {
        **_place(verdict.line),
        "payment": verdict.payment.value,
        "claimed": money(claimed.exact) if claimed.is_exact else money_range(claimed),
        "payable": money_range(verdict.payable),
    }


def _conflict(conflict: Conflict) -> Json:
    """Rules that disagree about one line (S16), which makes it one to be reviewed."""
    rules = [rule.id for rule in conflict.rules]
    return {**_place(conflict.line), "topic": conflict.topic, "rules": rules}


def finding_document(finding: Finding, program: Program) -> Json:
    """One finding as plain data."""
    measure = finding.measure
    return {
        "rule": _rule(finding.rule, program),
        "rules": [rule.id for rule in finding.folded or (finding.rule,)],
        "outcome": finding.label.value,
        "certainty": finding.rule.certainty,
        "stages": list(finding.rule.stages),
        "subject": _subject(finding),
        "involved": [_place(entity) for entity in finding.involved],
        "money": {
            "at_risk": money_range(finding.at_risk),
            "upper_bound": finding.upper_bound,
            "amount": _figure(finding.amount, places=2),
        },
        "caps": _caps(_common_caps(finding)),
        "claims": [
            {
                **_place(claim.line),
                "caps": _caps(claim.caps),
                "payable": money_range(claim.payable),
            }
            for claim in finding.claims
        ],
        "measure": None if measure is None else {"value": measure.value, "limit": measure.limit},
        "assumptions": list(finding.assumptions),
        "illustrative": finding.illustrative,
        "waiver": _waiver(finding.waiver),
        "message": _message(finding),
        "because": [_because(cited) for cited in finding.because],
        "missing": [_missing(missing) for missing in finding.missing],
        "citations": [_citation(citation) for citation in cited_by(finding)],
        "remedies": [_remedy(remedy) for remedy in finding.remedies],
    }


def _rule(rule: Rule, program: Program) -> Json:
    ruleset = ruleset_of(program, rule.id)
    return {
        "id": rule.id,
        "title": _words(rule.title),
        "national_code": rule.national_code or None,
        "version": ruleset.version if ruleset is not None else "",
    }


def _subject(finding: Finding) -> Json:
    lines = lines_of(finding.offending)
    others = [entity for entity in finding.offending if entity.kind != "line"]
    return {
        "kind": finding.subject_kind,
        "lines": [_place(line) for line in lines],
        "entities": [{"kind": entity.kind, **_place(entity)} for entity in others],
    }


def _waiver(waiver: Waiver | None) -> Json | None:
    if waiver is None:
        return None
    return {
        "table": waiver.table,
        "row": waiver.number,
        "key": waiver.key or None,
        "reason": waiver.reason,
        "approver": waiver.approver,
        "service_from": _time(waiver.service_from),
        "service_to": _time(waiver.service_to),
        "known_from": _time(waiver.known_from),
        "known_to": _time(waiver.known_to),
    }


def _common_caps(finding: Finding) -> Caps:
    """The caps that all claims share; none where they differ (then `claims` tells them)."""
    caps = [claim.caps for claim in finding.claims]
    return caps[0] if caps and all(cap == caps[0] for cap in caps) else Caps()


def _caps(caps: Caps) -> Json:
    return {
        "quantity": _figure(caps.quantity),
        "unit_price": _figure(caps.unit_price, places=2),
        "share": _figure(caps.share),
        "amount": _figure(caps.amount, places=2),
    }


def cited_by(finding: Finding) -> tuple[Citation, ...]:
    """The texts that a finding stands on: its rule's, and its exception's where it is excused."""
    exception = () if finding.exception is None else (finding.exception,)
    found: list[Citation] = []
    added = (citation for each in finding.amendments for citation in each.citations)
    for citation in (*exception, *finding.rule.citations, *added):
        if citation not in found:
            found.append(citation)
    return tuple(found)


def _citation(citation: Citation) -> Json:
    document = citation.document
    return {"document": document.title.zh, "number": document.number, "place": citation.place}


def _message(finding: Finding) -> Json:
    messages = finding.messages or (finding.rule.title,)
    return {
        "zh": "\n".join(message.zh for message in messages),
        "en": "\n".join(message.en for message in messages),
    }


def _because(cited: Cited) -> Json:
    """One reason; a birth date comes as the age only, and it comes so from the engine."""
    match cited.kind:
        case "fact":
            found = {"fact": cited.name, "value": cited.value.zh, "pointer": cited.pointer}
        case "row":
            found = {"row": cited.name, "source": cited.source}
        case "no_row":
            found = {"no_row": cited.name, "source": cited.source}
        case kind:
            found = {kind: cited.value.zh or cited.name}
            if cited.pointer:
                found["pointer"] = cited.pointer
    return found | ({"illustrative": True} if cited.illustrative else {})


def _missing(missing: MissingFact) -> Json:
    return {
        "fact": missing.fact,
        "subject": missing.subject or None,
        "pointer": missing.pointer,
        "supplier": missing.supplier,
        "how": _words(missing.how),
    }


def _remedy(remedy: ShownRemedy) -> Json:
    """As the rule states it: not yet evaluated anew, so not verified and without a patch."""
    return {
        "actor": remedy.actor,
        "text": _words(remedy.text),
        "verified": False,
        "patch": [],
        "effect": None,
    }


def _note(note: IntakeNote) -> Json:
    return {
        "pointer": note.pointer,
        "field": note.field,
        "raw": _sent(note.raw),
        "reason": _words(note.words),
    }


def _sent(raw: object) -> object:
    """A value as it was sent; a decimal as its text, so that no reader rounds it."""
    return raw if raw is None or isinstance(raw, bool | int | str) else str(raw)


def _place(entity: Entity) -> Json:
    return {"id": entity.key, "pointer": entity.pointer}


def _words(words: Words) -> Json:
    return {"zh": words.zh, "en": words.en}


def _time(instant: date | datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def money(value: Exact | None) -> str | None:
    """An amount with two places at least; None is no bound."""
    return None if value is None else format(as_decimal(value), "f")


def money_range(value: Range) -> list[str | None]:
    """An amount known by bounds, as its two ends."""
    return [money(value.low), money(value.high)]


def number(value: Exact | None, places: int = 0) -> str | None:
    """A number as written out, never with an exponent."""
    if value is None:
        return None
    return format(as_decimal(value, places or _RATIO_PLACES), "f") if places else _plain(value)


def _plain(value: Exact) -> str:
    text = format(as_decimal(value, _RATIO_PLACES), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _figure(value: Range | None, places: int = 0) -> str | list[str | None] | None:
    """One string where one value is left, else the two ends."""
    if value is None:
        return None
    if value.is_exact:
        return number(value.exact, places)
    return [number(value.low, places), number(value.high, places)]

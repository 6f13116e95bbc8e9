"""From findings to the answer for one bill: order, line and bill verdicts, three totals (S16, S17).

Independent of the order in which findings come, and of findings that come twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.facts import Bill, Entity
from engine.finding import (
    WORST_FIRST,
    BillResult,
    Conflict,
    Finding,
    Label,
    LineClaim,
    LineVerdict,
    Payment,
    Totals,
)
from engine.payable import (
    NOTHING,
    Limits,
    caps_of,
    claimed_by,
    claimed_of,
    limits_of,
    merged,
    money_of,
    tighter,
    total,
)
from rulelang.core import Rule, Ruleset
from rulelang.values import ZERO, Exact, Range, add, exact_add, exact_negative, larger

PASSED = frozenset({Label.SATISFIED, Label.NOT_APPLICABLE})
FAILS = (Label.VIOLATED, Label.SUSPECTED)
COUNTED = (Label.VIOLATED, Label.SUSPECTED, Label.UNDETERMINED)


def combine(
    bill: Bill, findings: Sequence[Finding], rulesets: Sequence[Ruleset] = ()
) -> BillResult:
    """The answer for a bill.

    Args:
        bill: The bill that was checked.
        findings: All findings on it, folded (S12.2), in any order.
        rulesets: The rulesets in use, which say the layer of each rule (S16); a ruleset that is
            not among them is a layer of its own.
    """
    ordered = _ordered(findings)
    claims = _claims_by_line(ordered)
    conflicts = _conflicts(claims, {item.id: item.authority for item in rulesets})
    lines = list(dict.fromkeys([*bill.lines, *sorted(claims, key=entity_key)]))
    reviewed = _reviewed(ordered) | {conflict.line for conflict in conflicts}
    verdicts = tuple(_line_verdict(line, claims.get(line, ()), reviewed) for line in lines)
    apart = [item for item in ordered if _counts(item) and not item.claims and item.at_risk != ZERO]
    return BillResult(
        bill=bill,
        verdict=ordered[0].label if ordered else Label.NOT_APPLICABLE,
        payment=_bill_payment(verdicts, apart, reviewed),
        totals=_totals(claims, apart, _claimed_in_all(bill.encounter, lines)),
        lines=verdicts,
        findings=tuple(item for item in ordered if item.label not in PASSED),
        passed=tuple(item for item in ordered if item.label in PASSED),
        counts={label.value: sum(item.label is label for item in ordered) for label in WORST_FIRST},
        conflicts=conflicts,
    )


def entity_key(entity: Entity) -> tuple[int, str, str, str]:
    """What entities of one bill are ordered by: place in the request, then what identifies them."""
    return (entity.order, entity.kind, entity.key, entity.pointer)


def finding_key(finding: Finding) -> tuple[Any, ...]:
    """What findings are ordered by, the worst first; equal keys are one finding twice."""
    return (
        WORST_FIRST.index(finding.label),
        finding.rule.id,
        tuple(entity_key(item) for item in finding.offending),
        finding.subject_kind,
        tuple(entity_key(item) for item in finding.involved),
        tuple(sorted(rule.id for rule in finding.folded)),
        tuple(sorted((item.fact, item.subject, item.pointer) for item in finding.missing)),
        repr((finding.at_risk, finding.amount, [claim.caps for claim in finding.claims])),
    )


def _ordered(findings: Iterable[Finding]) -> list[Finding]:
    by_key = {finding_key(item): item for item in findings}
    return [by_key[key] for key in sorted(by_key)]


@dataclass(frozen=True, slots=True)
class _Claim:
    """A claim with the finding that makes it."""

    finding: Finding
    claim: LineClaim


def _counts(finding: Finding) -> bool:
    """Whether a finding enters totals and payment; an indicator never does (S12)."""
    return finding.label in COUNTED and finding.rule.certainty != "indicator"


def _claims_by_line(findings: Iterable[Finding]) -> dict[Entity, list[_Claim]]:
    found: defaultdict[Entity, list[_Claim]] = defaultdict(list)
    for finding in findings:
        if _counts(finding):
            for claim in finding.claims:
                found[claim.line].append(_Claim(finding, claim))
    return dict(found)


def _merged(claims: Iterable[_Claim], labels: Iterable[Label]) -> Limits:
    wanted = frozenset(labels)
    return merged(item.claim for item in claims if item.finding.label in wanted)


# ---------------------------------------------------------------- payment


def _reviewed(findings: Iterable[Finding]) -> set[Entity]:
    """The lines and subjects that a failed rule sends to a reviewer."""
    return {
        entity
        for finding in findings
        if finding.label in FAILS and finding.needs_review
        for entity in finding.offending
    }


def _line_verdict(line: Entity, claims: Iterable[_Claim], reviewed: set[Entity]) -> LineVerdict:
    money = money_of(line, _merged(claims, COUNTED))
    if line in reviewed:
        payment = Payment.NEEDS_REVIEW
    elif money.at_risk == ZERO:
        payment = Payment.PAYABLE
    elif not money.payable.is_exact:
        payment = Payment.UNDETERMINED
    elif money.payable.exact == 0:
        payment = Payment.NOT_PAYABLE
    else:
        payment = Payment.PARTLY_PAYABLE
    return LineVerdict(line, payment, money.claimed, money.payable)


def _bill_payment(
    verdicts: Iterable[LineVerdict], apart: Iterable[Finding], reviewed: set[Entity]
) -> Payment:
    """The bill's payment; a finding that claims on no line counts as a part of its own."""
    parts = {verdict.payment for verdict in verdicts}
    parts |= {_payment_apart(finding) for finding in apart}
    if reviewed:
        return Payment.NEEDS_REVIEW
    if Payment.UNDETERMINED in parts:
        return Payment.UNDETERMINED
    if parts <= {Payment.PAYABLE}:
        return Payment.PAYABLE
    return Payment.NOT_PAYABLE if parts == {Payment.NOT_PAYABLE} else Payment.PARTLY_PAYABLE


def _payment_apart(finding: Finding) -> Payment:
    return Payment.PARTLY_PAYABLE if finding.at_risk.is_exact else Payment.UNDETERMINED


# ---------------------------------------------------------------- totals


def _claimed_in_all(encounter: Entity, lines: Sequence[Entity]) -> Exact | None:
    """The most that can be at risk; None where nothing bounds it."""
    stated, _ = claimed_by(encounter)
    if stated is None and not lines:
        return None
    listed = total(larger(ZERO, claimed_of(line)) for line in lines)
    return larger(listed, stated or ZERO).high


def _totals(
    claims: Mapping[Entity, Sequence[_Claim]], apart: Iterable[Finding], most: Exact | None
) -> Totals:
    """Certain losses by label; everything that is only possible is undetermined (S17.1)."""
    violated = total(_lost(line, found, FAILS[:1]) for line, found in claims.items())
    failed = total(_lost(line, found, FAILS) for line, found in claims.items())
    possible = total(_lost(line, found, COUNTED) for line, found in claims.items())
    for finding in apart:
        if finding.label is Label.VIOLATED:
            violated = add(violated, finding.at_risk)
        if finding.label in FAILS:
            failed = add(failed, finding.at_risk)
        possible = add(possible, finding.at_risk)
    sure = _at_most(violated.low, most) or NOTHING
    likely = _at_most(failed.low, most) or NOTHING
    highest = _at_most(possible.high, most)
    surplus = None if highest is None else _minus(highest, likely)
    return Totals(Range.exactly(sure), Range.exactly(_minus(likely, sure)), Range(NOTHING, surplus))


def _lost(line: Entity, claims: Iterable[_Claim], labels: Iterable[Label]) -> Range:
    return money_of(line, _merged(claims, labels)).at_risk


def _at_most(value: Exact | None, most: Exact | None) -> Exact | None:
    known = [item for item in (value, most) if item is not None]
    return min(known, default=None)


def _minus(left: Exact, right: Exact) -> Exact:
    return exact_add(left, exact_negative(right))


# ---------------------------------------------------------------- conflicts


def _conflicts(
    claims: Mapping[Entity, Iterable[_Claim]], layers: Mapping[str, str]
) -> tuple[Conflict, ...]:
    """Lines on which failed rules of one layer and topic claim different caps (S16)."""
    found = []
    for line, on_line in claims.items():
        alike: defaultdict[tuple[str, str], list[_Claim]] = defaultdict(list)
        for item in on_line:
            rule = item.finding.rule
            if item.finding.label in FAILS and rule.topic:
                alike[layers.get(rule.ruleset, rule.ruleset), rule.topic].append(item)
        for (_, topic), items in sorted(alike.items()):
            rules = _disagreeing(line, items)
            if rules:
                found.append(Conflict(line, topic, rules))
    return tuple(sorted(found, key=lambda item: (entity_key(item.line), item.topic)))


def _disagreeing(line: Entity, claims: Iterable[_Claim]) -> tuple[Rule, ...]:
    """The rules that claim a cap of one kind with different figures."""
    rules: dict[str, Rule] = {}
    limits: defaultdict[str, Limits] = defaultdict(Limits)
    for item in claims:
        rule = item.finding.rule
        rules[rule.id] = rule
        limits[rule.id] = tighter(limits[rule.id], limits_of(item.claim.caps))
    caps = {rule_id: caps_of(found, claimed_of(line)) for rule_id, found in limits.items()}
    disagreeing: set[str] = set()
    for kind in ("quantity", "unit_price", "share", "amount"):
        figures = {
            rule_id: getattr(cap, kind) for rule_id, cap in caps.items() if getattr(cap, kind)
        }
        if len(set(figures.values())) > 1:
            disagreeing |= figures.keys()
    return tuple(rules[rule_id] for rule_id in sorted(disagreeing))

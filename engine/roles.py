"""Who bears what: which of a pair goes, in which order lines bear an excess, what is claimed."""

from __future__ import annotations

from dataclasses import replace

from engine.amounts import Claims, EvaluatedOutcome, claims_of
from engine.facts import Entity, Value
from engine.finding import Label, Measure
from engine.interpreter import condition, evaluate
from engine.interpreter.results import Context, Group, Pointed, identity
from engine.subjects import Subject, by_time
from engine.words import figure
from rulelang import core
from rulelang.values import FALSE, TRUE, UNKNOWN


def roles_of(rule: core.Rule, subject: Subject, context: Context) -> tuple[Subject, Entity | None]:
    """A pair with 保留 by a key: the first local becomes the one that stays."""
    keep = rule.keep
    if subject.kind != "pair" or keep is None or keep.key is None:
        return subject, None
    first, second = subject.lines
    keyed = []
    for line in (first, second):
        inner = context.bind("line", Pointed((line,)))
        value, _ = evaluate(keep.key, inner)
        found = value.range if isinstance(value, Value) and value.range is not None else None
        keyed.append((found.low if found is not None else None, line))
    stays = by_time(first, second)[0]  # of equal ones the earlier (S11.1)
    if keyed[0][0] is not None and keyed[1][0] is not None and keyed[0][0] != keyed[1][0]:
        larger_first = keyed[0][0] > keyed[1][0]
        stays = first if larger_first is keep.descending else second
    goes = second if stays is first else first
    names = rule.subject.locals
    swapped = replace(
        subject,
        locals={names[0]: Pointed((stays,)), names[1]: Pointed((goes,))},
        lines=(stays, goes),
        own=(stays, goes),
    )
    return swapped, stays


def claimed_by(rule: core.Rule, subject: Subject, label: Label, context: Context) -> Claims:
    """What a finding of a rule on a subject claims (S17)."""
    outcomes: list[EvaluatedOutcome] = []
    for outcome in rule.outcomes:
        holds = TRUE
        if outcome.condition is not None:
            holds, _ = condition(outcome.condition, context)
        amount: Value | None = None
        if outcome.amount is not None and label not in {Label.NOT_APPLICABLE}:
            result, _ = context.evaluate(outcome.amount, context)
            amount = result if isinstance(result, Value) else Value()
            if amount.absent is UNKNOWN:  # a rule that fails has its figure
                amount = replace(amount, absent=FALSE)
        target = _target(outcome, subject, context)
        outcomes.append(EvaluatedOutcome(outcome, holds, amount, target))
    grouped = subject.kind == "group"
    lines: tuple[Entity, ...] = subject.lines
    if grouped:
        lines = _in_order(rule, subject, label, context)
    elif subject.kind == "pair":
        lines = ()
    return claims_of(
        label,
        outcomes,
        lines,
        grouped=grouped,
        subject=subject.own[0] if subject.own else None,
        certainty=rule.certainty,
    )


def _target(outcome: core.Outcome, subject: Subject, context: Context) -> Entity | None:
    if subject.kind == "group":
        return None
    found = context.locals.get(outcome.target)
    exact = found.exact if isinstance(found, Pointed) else None
    if isinstance(exact, Entity) and exact.kind == "line":
        return exact
    return None


def _in_order(
    rule: core.Rule, subject: Subject, label: Label, context: Context
) -> tuple[Entity, ...]:
    """A group's lines in the order in which they bear the excess; ties by identity (S1.2)."""
    order = rule.deduct_order
    members = subject.lines
    if label is Label.UNDETERMINED and isinstance(subject.anchor, Group):
        items = subject.anchor.bag.items  # those too that may belong
        members = tuple(item.element for item in items if isinstance(item.element, Entity))
    if order is None:
        return tuple(reversed(members))
    keyed = []
    for line in members:
        inner = context.bind("line", Pointed((line,)))
        value, _ = evaluate(order.key, inner)
        found = value.range if isinstance(value, Value) else None
        keyed.append((found.low if found is not None else None, line))
    known = [item for item in keyed if item[0] is not None]
    unknown = [line for key, line in keyed if key is None]
    known.sort(key=lambda item: (item[0], identity(item[1])), reverse=order.descending)
    return (*(line for _, line in known), *unknown)


def sides_of(
    rule: core.Rule, subject: Subject, claims: Claims
) -> tuple[tuple[Entity, ...], tuple[Entity, ...]]:
    """Offending and involved entities: of a pair the one that goes offends (S11.1)."""
    if subject.kind != "pair":
        return subject.own or subject.lines, ()
    bearing = {id(claim.line) for claim in claims.lines}
    if bearing:
        offending = tuple(line for line in subject.lines if id(line) in bearing)
    elif rule.keep is not None and rule.keep.local == rule.subject.locals[1]:
        offending = subject.lines[:1]
    else:
        offending = subject.lines[1:]
    return offending, tuple(line for line in subject.lines if line not in offending)


def measure_of(rule: core.Rule, context: Context) -> Measure | None:
    """The value and limit of an indicator."""
    value = next((o.amount for o in rule.outcomes if o.op == "monitor" and o.amount), None)
    if value is None:
        return None
    compared = rule.require.written if isinstance(rule.require, core.Joint) else rule.require
    limit = compared.right if isinstance(compared, core.Cmp) else None
    return Measure(_text(value, context), _text(limit, context) if limit is not None else "")


def _text(expr: core.Expr, context: Context) -> str:
    found, _ = evaluate(expr, context)
    if isinstance(found, Value) and found.range is not None and found.range.is_exact:
        return figure(found.range.exact)
    return ""

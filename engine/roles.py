"""Who bears what: which of a pair goes, in which order lines bear an excess, what is claimed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.amounts import Claims, EvaluatedOutcome, claims_of
from engine.facts import Entity, Value
from engine.finding import Label, LineClaim, Measure
from engine.interpreter import condition, evaluate
from engine.interpreter.results import Context, Group, Pointed, identity
from engine.subjects import Subject, by_time
from engine.words import figure
from rulelang import core
from rulelang.calendar import to_instants
from rulelang.values import (
    FALSE,
    FROM_ZERO,
    TRUE,
    UNKNOWN,
    ZERO,
    Range,
    Truth,
    all_of,
    equal,
    hull,
    join,
    less,
)

NO_CLAIMS = Claims()


def roles_of(rule: core.Rule, subject: Subject, context: Context) -> tuple[Subject, ...]:
    """A pair with 保留 by a key: the first local becomes the one that stays.

    Two ways, the likelier first, where what is known of the keys does not say which one stays.
    """
    keep = rule.keep
    if subject.kind != "pair" or keep is None or keep.key is None:
        return (subject,)
    first, second = subject.lines
    before = _stays_before(first, second, keep, context)
    if before is UNKNOWN:
        stays, goes = by_time(first, second)
        return (_with_roles(rule, subject, stays, goes), _with_roles(rule, subject, goes, stays))
    stays, goes = (first, second) if before is TRUE else (second, first)
    return (_with_roles(rule, subject, stays, goes),)


def _stays_before(first: Entity, second: Entity, keep: core.KeepChoice, context: Context) -> Truth:
    """Whether the first of two lines stays: by its key, of equal ones the earlier (S11.1, S1.2)."""
    one, other = (_key_of(line, keep, context) for line in (first, second))
    earlier = _is_earlier(first, second)
    if one.absent is TRUE or other.absent is TRUE or one.unlimited or other.unlimited:
        return earlier  # no keys to go by
    if one.range is None or other.range is None or UNKNOWN in {one.absent, other.absent}:
        return UNKNOWN
    ends = (other.range, one.range) if keep.descending else (one.range, other.range)
    if equal(one.range, other.range) is TRUE:
        return earlier
    if less(*ends, or_equal=True) is TRUE and earlier is TRUE:
        return TRUE
    comes = less(*ends, or_equal=False)
    if comes is FALSE and equal(*ends) is not FALSE:
        return UNKNOWN if earlier is not FALSE else FALSE  # equal, or later
    return comes


def _key_of(line: Entity, keep: core.KeepChoice, context: Context) -> Value:
    inner = context.bind("line", Pointed((line,)))
    found = None if keep.key is None else evaluate(keep.key, inner)[0]
    return found if isinstance(found, Value) else Value()


def _is_earlier(first: Entity, second: Entity) -> Truth:
    """Whether the first of two lines is the earlier; of one time by their identity (S1.2)."""
    times = [line.value("time").range or line.value("date").range for line in (first, second)]
    one, other = (None if time is None else to_instants(time) for time in times)
    if one is None or other is None or equal(one, other) is TRUE or one == other:
        return Truth.of(by_time(first, second)[0] is first)
    return less(one, other, or_equal=False)


def _with_roles(rule: core.Rule, subject: Subject, stays: Entity, goes: Entity) -> Subject:
    names = rule.subject.locals
    return replace(
        subject,
        locals={names[0]: Pointed((stays,)), names[1]: Pointed((goes,))},
        lines=(stays, goes),
        own=(stays, goes),
    )


def claims_of_ways(
    rule: core.Rule, ways: Sequence[Subject], looked: Sequence[Context], label: Label
) -> Claims:
    """What is claimed; of a pair of which either may stay, what the one way or the other claims.

    `looked` is the state in which each way is looked at.
    """
    if label is Label.NOT_APPLICABLE:
        return NO_CLAIMS
    if len(ways) == 1:
        return claimed_by(rule, ways[0], label, looked[0])
    sure, doubtful = (
        [
            claimed_by(rule, way, label, at, borne=borne)
            for way, at in zip(ways, looked, strict=True)
        ]
        for borne in (TRUE, UNKNOWN)
    )
    if sure[0] == sure[1]:
        return sure[0]
    return replace(either_of(*doubtful), at_risk=either_of(*sure).at_risk)


def either_of(first: Claims, second: Claims) -> Claims:
    """What is claimed where one of two ways holds: each line may go free, the sum is one or other."""
    if first == second:
        return first
    lines = {claim.line: claim for claim in first.lines}
    for claim in second.lines:
        known = lines.get(claim.line)
        lines[claim.line] = claim if known is None else _hull(known, claim)
    amounts = [each.amount for each in (first, second) if each.amount is not None]
    return replace(
        first,
        lines=tuple(lines.values()),
        at_risk=join(first.at_risk, second.at_risk),
        upper_bound=first.upper_bound or second.upper_bound,
        amount=hull(amounts) if amounts else None,
        needs_review=first.needs_review or second.needs_review,
        assumptions=tuple(sorted({*first.assumptions, *second.assumptions})),
    )


def _hull(one: LineClaim, other: LineClaim) -> LineClaim:
    """A claim as wide as both; a cap that one of them lacks is no cap."""
    caps: dict[str, Range | None] = {}
    for name in ("quantity", "unit_price", "share", "amount", "reduction"):
        ends = getattr(one.caps, name), getattr(other.caps, name)
        caps[name] = None if None in ends else join(*ends)
    return LineClaim(one.line, replace(one.caps, **caps), join(one.payable, other.payable))


def claimed_by(
    rule: core.Rule, subject: Subject, label: Label, context: Context, *, borne: Truth = TRUE
) -> Claims:
    """What a finding of a rule on a subject claims (S17); `borne` is whether it is this one at all."""
    outcomes: list[EvaluatedOutcome] = []
    for outcome in rule.outcomes:
        holds = borne
        if outcome.condition is not None:
            holds = all_of((borne, condition(outcome.condition, context)[0]))
        amount: Value | None = None
        if outcome.amount is not None and label not in {Label.NOT_APPLICABLE}:
            result, _ = context.evaluate(outcome.amount, context)
            amount = result if isinstance(result, Value) else Value()
            if amount.absent is UNKNOWN:  # a rule that fails has its figure
                amount = replace(amount, absent=FALSE)
        target = _target(outcome, subject, context)
        outcomes.append(EvaluatedOutcome(outcome, holds, amount, target))
    grouped = _others(subject, label) if subject.kind == "group" else None
    lines: tuple[Entity, ...] = subject.lines
    if grouped is not None:
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


def _others(subject: Subject, label: Label) -> Range:
    """What lines that are not held may take of a group's cap (S7.2, S17).

    A group that fails all the same is charged for the lines that are there.
    """
    group = subject.anchor
    is_open = isinstance(group, Group) and not group.bag.is_closed
    return FROM_ZERO if is_open and label is Label.UNDETERMINED else ZERO


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

"""What a rule looks at in a bill: lines, groups, pairs, prescriptions, the encounter (S11.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from engine.candidates import candidates
from engine.derivation import FactLeaf, Step
from engine.facts import Entity, Fact, Foreign, Value
from engine.governing import governing
from engine.interpreter.collect import bag_of, member_step, within
from engine.interpreter.results import Bag, Context, Group, Item, Pointed, identity
from engine.periods import Periods
from engine.population import Population
from engine.refunds import is_refund
from rulelang import core
from rulelang.values import FALSE, TRUE, UNKNOWN, Truth, all_of, any_of

__all__ = ["Subject", "by_time", "governing", "subjects_of"]


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing to judge: its locals, its lines, what it is measured from, and its date.

    `why` holds what is already uncertain about it (a pair's window, a group's key).
    """

    kind: str
    locals: dict[str, Any]
    lines: tuple[Entity, ...]
    anchor: Any
    dated: Entity | Group
    own: tuple[Entity, ...] = ()
    why: tuple[Step, ...] = ()
    within: Truth = TRUE
    reverse: Subject | None = field(default=None)


def subjects_of(rule: core.Rule, context: Context) -> Iterator[Subject]:  # noqa: C901 - one case a kind
    """All subjects of a rule in a bill, in the order of the request."""
    bill = context.bill
    match rule.subject.kind:
        case "line":
            for line in bill.lines:
                if not is_refund(line):  # what is given back is not charged (S9)
                    yield _line(line)
        case "prescription":
            for found in bill.prescriptions:
                yield _whole("prescription", found, bag_of(found, "lines"))
        case "encounter":
            yield _whole("encounter", bill.encounter, bag_of(bill.encounter, "lines"))
        case "diagnosis" | "operation":
            name = {"diagnosis": "diagnoses", "operation": "operations"}[rule.subject.kind]
            for item in bag_of(bill.encounter, name).items:
                if isinstance(item.element, Entity):
                    yield Subject(
                        rule.subject.kind,
                        {rule.subject.kind: Pointed((item.element,))},
                        (),
                        item.element,
                        bill.encounter,
                        (item.element,),
                    )
        case "period":
            yield from _own_periods(rule, context)
        case "group":
            yield from _groups(rule, context)
        case "pair":
            yield from _pairs(rule, context)
        case _:
            return


def _line(line: Entity) -> Subject:
    found: dict[str, Any] = {"line": Pointed((line,))}
    prescription = line.links.get("prescription")
    found["prescription"] = (
        Pointed((prescription,)) if prescription is not None else Pointed((), others=True)
    )
    return Subject("line", found, (line,), line, line, (line,))


def _whole(kind: str, entity: Entity, bag: Bag) -> Subject:
    lines = tuple(i.element for i in bag.items if isinstance(i.element, Entity))
    claimed = lines if kind == "prescription" else ()
    dated = Group(entity, bag) if kind == "prescription" else entity
    return Subject(kind, {kind: Pointed((entity,))}, claimed, entity, dated, (entity,))


def _own_periods(rule: core.Rule, context: Context) -> Iterator[Subject]:
    """The person's periods that the bill lies in; other periods are of a population (S11.3)."""
    if rule.subject.element != "patient":
        return
    if context.periods is None:
        context.periods = Periods(Population((context.bill,)))
    for entity, truth, step in context.periods.current(rule.subject.period, context):
        found = period_subject(entity, context)
        yield replace(found, within=truth, why=(step,) if step is not None else ())


def period_subject(entity: Entity, context: Context) -> Subject:
    """A subject in a period as a thing to judge, by its period's last day (S14)."""
    names = context.periods.locals_of(entity) if context.periods is not None else {}
    return Subject("period", names, (), entity, entity, (entity,))


# ---------------------------------------------------------------- groups


def _groups(rule: core.Rule, context: Context) -> Iterator[Subject]:
    """Classes of lines by key; a line whose key is not known may belong to several (S11.1).

    Without a window of its own a group is of the bill's encounter. A line whose key has no value is
    in no group (S5.2).
    """
    owned = [i.element for i in _owned(rule, context).items if isinstance(i.element, Entity)]
    owned.sort(key=identity)
    keyed = [(line, _key_of(line, rule, context)) for line in owned]
    keyed = [(line, key) for line, key in keyed if not any(v.absent is TRUE for v, _ in key)]
    classes: dict[tuple[Any, ...], tuple[tuple[Value, Step], ...]] = {}
    loose: list[tuple[Entity, tuple[tuple[Value, Step], ...]]] = []
    for line, key in keyed:
        if all(value.is_known for value, _ in key):
            classes.setdefault(tuple(_plain(value) for value, _ in key), key)
        else:
            loose.append((line, key))
    current = set(map(id, context.bill.lines))
    for key in classes.values():
        subject = _group(rule, key, keyed, context)
        if any(id(line) in current for line in subject.lines):
            yield subject
    for line, key in loose:
        if id(line) in current:
            yield _group(rule, key, [(line, key)] + [p for p in keyed if p[0] is not line], context)


def _owned(rule: core.Rule, context: Context) -> Bag:
    """The lines that a group is of: the encounter's, or with a wider window the patient's."""
    window = rule.subject.window
    if window is None or window.word in {"same_visit", "same_prescription"}:
        return bag_of(context.bill.encounter, "lines")
    return bag_of(context.bill.patient, "lines")


def _key_of(line: Entity, rule: core.Rule, context: Context) -> tuple[tuple[Value, Step], ...]:
    inner = context.bind("line", Pointed((line,)))
    inner.on, inner.on_leaf = governing(line, context)
    found = []
    for _, expr in rule.subject.keys:
        value, step = inner.evaluate(expr, inner)
        found.append((value if isinstance(value, Value) else Value(), step))
    return tuple(found)


def _plain(value: Value) -> Any:
    if value.range is not None:
        return value.range.low
    return next(iter(value.choices or ()), None)


def _group(
    rule: core.Rule,
    key: tuple[tuple[Value, Step], ...],
    keyed: list[tuple[Entity, tuple[tuple[Value, Step], ...]]],
    context: Context,
) -> Subject:
    own = keyed[0][0] if not all(v.is_known for v, _ in key) else None
    items: list[Item] = []
    for line, theirs in keyed:
        if line is own:
            truth, why = TRUE, member_step(TRUE)
        else:
            truth, why = _belongs(key, theirs)
        if truth is FALSE:
            continue
        items.append(Item(line, truth, why))
    items = _in_window(items, rule, context)
    lines = [i.element for i in items if i.truth is TRUE and isinstance(i.element, Entity)]
    entity = Entity(
        "group", "+".join(line.key for line in lines), lines[0].pointer if lines else ""
    )
    for (name, _), (value, step) in zip(rule.subject.keys, key, strict=True):
        leaf = step.leaf
        pointer = leaf.fact.pointer if isinstance(leaf, FactLeaf) else ""
        entity.facts[name] = Fact(value, pointer=pointer)
    for name in ("patient", "encounter", "institution"):
        if lines and name in lines[0].links:
            entity.links[name] = lines[0].links[name]
    owner = _owned(rule, context)
    steps = {name: step for (name, _), (_, step) in zip(rule.subject.keys, key, strict=True)}
    group = Group(entity, Bag(tuple(items), owner.open, owner.closed), steps)
    found = Subject("group", {"group": group}, tuple(lines), group, group, tuple(lines))
    doubts = tuple(step for (_, expr), (value, step) in zip(rule.subject.keys, key, strict=True)
                   if _may_be_none(value, expr))  # fmt: skip
    if not doubts:
        return found
    open_ = tuple(Step(step.expr, step.rule, UNKNOWN, step.parts, step.leaf) for step in doubts)
    return replace(found, within=UNKNOWN, why=open_)


def _in_window(items: list[Item], rule: core.Rule, context: Context) -> list[Item]:
    """The members within the group's window, read from its latest line under audit (S11.1)."""
    window = rule.subject.window
    if window is None or window.word in {"same_visit", "so_far"}:
        return items
    current = set(map(id, context.bill.lines))
    certain = [i.element for i in items if i.truth is TRUE and id(i.element) in current]
    anchors = [line for line in certain if isinstance(line, Entity)]
    if not anchors:
        return items
    anchor = anchors[0]
    for line in anchors[1:]:
        anchor = by_time(anchor, line)[1]
    found: list[Item] = []
    for item in items:
        if item.element is anchor or not isinstance(item.element, Entity):
            found.append(item)
            continue
        near, why = within(item.element, anchor, window, context)
        truth = all_of((item.truth, near))
        if truth is not FALSE:
            steps = (item.why, why) if item.why.parts else (why,)
            found.append(Item(item.element, truth, member_step(truth, *steps)))
    return found


def _may_be_none(value: Value, expr: core.Expr) -> bool:
    """Whether a key may turn out to have no value, the line then being in no group.

    A line that is not identified may bill none of the products that a code is asked of.
    """
    return value.absent is UNKNOWN or (value.is_nothing and expr.type.kind == "code")


def _belongs(
    key: tuple[tuple[Value, Step], ...], theirs: tuple[tuple[Value, Step], ...]
) -> tuple[Truth, Step]:
    truths: list[Truth] = []
    steps: list[Step] = []
    for (mine, own), (other, its) in zip(key, theirs, strict=True):
        truth = _key_equal(mine, other)
        truths.append(truth)
        open_ = [step for value, step in ((mine, own), (other, its)) if not value.is_known]
        steps += [Step(s.expr, s.rule, truth, s.parts, s.leaf) for s in open_ or [its]]
    truth = all_of(truths)
    return truth, member_step(truth, *(steps if truth is not TRUE else ()))


def _key_equal(mine: Value, other: Value) -> Truth:
    if TRUE in {mine.absent, other.absent}:
        return FALSE
    if mine.range is not None and other.range is not None:
        if mine.is_known and other.is_known:
            return Truth.of(mine.range.low == other.range.low)
        low = max((r.low for r in (mine.range, other.range) if r.low is not None), default=None)
        high = min((r.high for r in (mine.range, other.range) if r.high is not None), default=None)
        return FALSE if low is not None and high is not None and low > high else UNKNOWN
    if mine.choices is not None and other.choices is not None:
        if not mine.choices & other.choices:
            kinds = {isinstance(choice, Foreign) for choice in mine.choices | other.choices}
            return FALSE if len(kinds) == 1 else UNKNOWN  # a foreign code may mean any other
        return TRUE if mine.is_known and other.is_known else UNKNOWN
    return UNKNOWN


# ---------------------------------------------------------------- pairs


def _pairs(rule: core.Rule, context: Context) -> Iterator[Subject]:
    """Unordered pairs of different lines within the window, at least one under audit."""
    pool = [
        item.element
        for item in bag_of(context.bill.patient, "lines").items
        if isinstance(item.element, Entity) and not is_refund(item.element)
    ] or [line for line in context.bill.lines if not is_refund(line)]
    first, second = (candidates(rule, place, pool, context) for place in (0, 1))
    current = set(map(id, context.bill.lines))
    for one, other in (by_time(*pair) for pair in combinations(pool, 2)):
        if id(one) not in current and id(other) not in current:
            continue
        forward = id(one) in first and id(other) in second
        backward = id(other) in first and id(one) in second
        if not (forward or backward):
            continue
        truth, why = _near(one, other, rule, context)
        if truth is FALSE:
            continue
        ways = [_pair(rule, one, other, truth, why)] if forward else []
        if backward:
            ways.append(_pair(rule, other, one, truth, why))
        subject = ways[0]
        if len(ways) > 1:
            subject = replace(subject, reverse=ways[1])
        yield subject


def _near(one: Entity, other: Entity, rule: core.Rule, context: Context) -> tuple[Truth, Step]:
    """Whether the pair lies in the rule's window, read from the later one (S11.1)."""
    window = rule.subject.window
    if window is None or window.word == "so_far":
        return TRUE, Step(None, "all", TRUE)
    early, late = by_time(one, other)
    truth, why = within(early, late, window, context)
    if truth is TRUE or window.word not in {"past", "next"}:
        return truth, why
    back, more = within(late, early, window, context)
    either = any_of((truth, back))
    return either, Step(None, "or", either, (why, more))


def by_time(one: Entity, other: Entity) -> tuple[Entity, Entity]:
    """Two lines, the earlier first; of one time, by their identity (S1.2)."""

    def key(line: Entity) -> tuple[str, tuple[int, str, int]]:
        value = line.value("time").range or line.value("date").range
        return (value.low.isoformat() if value is not None and value.low else "", identity(line))

    return (one, other) if key(one) <= key(other) else (other, one)


def _pair(rule: core.Rule, first: Entity, second: Entity, truth: Truth, why: Step) -> Subject:
    later = by_time(first, second)[1]
    names = rule.subject.locals
    both = Bag(tuple(Item(line, TRUE, member_step(TRUE)) for line in (first, second)))
    return Subject(
        "pair",
        {names[0]: Pointed((first,)), names[1]: Pointed((second,))},
        (first, second),
        later,
        Group(Entity("pair", f"{first.key}+{second.key}", later.pointer), both),
        (first, second),
        (why,) if truth is not TRUE else (),
        truth,
    )

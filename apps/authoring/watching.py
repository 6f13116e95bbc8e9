"""Runs cases with an eye on what is evaluated: which points are seen, which rows and items used.

The interpreter stays as it is: what watches is handed to it as the evaluator of the context.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from apps.authoring.amending import amended_in, as_rule
from apps.authoring.cases import Prepared
from apps.authoring.nearness import nearness
from apps.authoring.points import Boundary, Point, boundaries_of, points_of
from engine.checker import CheckRequest
from engine.derivation import RowLeaf, Step
from engine.facts import Bill
from engine.finding import Finding, Label
from engine.interpreter import evaluate
from engine.interpreter.lookup import as_value, decision_row_holds
from engine.interpreter.parameters import possible_values
from engine.interpreter.results import Bag, Context, Evaluator, Result, RowItem
from engine.interpreter.sets import member
from engine.judge import judged_in_turn
from engine.layers import at_place
from engine.period_check import judged_periods, judged_rulesets
from engine.select import is_of_bills, known_on, rules_for
from engine.tables import Tables
from rulelang import core
from rulelang.values import TRUE, Range, Truth

DECIDED = frozenset({Label.VIOLATED, Label.SUSPECTED, Label.EXCUSED, Label.SATISFIED})
FAILED = frozenset({Label.VIOLATED, Label.SUSPECTED})

RuleKey: TypeAlias = tuple[str, str, str, int]  # block, id, text, where in it
Used: TypeAlias = tuple[str, str, int]  # kind of declaration, its id, which of its parts


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """One evaluation: the expression, what it gave, why, on which day, and in which program."""

    expr: core.Expr
    result: object
    step: Step
    on: Range
    program: core.Program


@dataclass(eq=False)
class Watched:
    """A rule with what its cases have seen of it; points by their place in `points`.

    `path` is where it was first read (the same text may be read from elsewhere too), `offset` how
    many lines of a page stand before the first line of its text.
    """

    rule: core.Rule
    path: str
    offset: int
    program: core.Program
    points: tuple[Point, ...]
    boundaries: dict[int, Boundary]
    by_node: dict[int, list[int]]
    amends: bool = False
    seen: dict[int, set[str]] = field(default_factory=dict)
    decided: bool = False
    cases: int = 0


@dataclass(eq=False)
class Sightings:
    """All that a run of cases has seen. `used` are parts of declarations that were looked at.

    `decided` are those that a finding stands on which says yes or no. Both are kept by scope: a page
    may declare what another page declares otherwise.
    """

    rules: dict[RuleKey, Watched] = field(default_factory=dict)
    used: dict[str, set[Used]] = field(default_factory=dict)
    decided: dict[str, set[Used]] = field(default_factory=dict)
    amending: dict[int, core.Rule] = field(default_factory=dict)  # amendments as rules
    programs: list[core.Program] = field(default_factory=list)  # kept, so that ids stay theirs


def watch(cases: Iterable[Prepared]) -> Sightings:
    """Run cases, each with the rules that it is about, and tell what was seen."""
    found = Sightings()
    for case in cases:
        see_case(found, case)
    return found


def see_case(found: Sightings, case: Prepared) -> None:
    """Add what one case sees."""
    found.programs.append(case.program)
    for rule in case.program.rules:
        if rule.id in case.focus:
            watched_in(found, rule, case).cases += 1
    added = {}
    for amendment, rule in amended_in(case):
        added[amendment.id] = amending(found, amendment, rule, case)
        added[amendment.id].cases += 1
    rules = {(rule.id, rule.span): rule for rule in case.program.rules}
    asked = (*case.focus, *dict.fromkeys(rule.id for _, rule in amended_in(case)))
    for judged, events, finding in sights_of(case, asked):
        own = [watched_in(found, rules[judged.id, judged.span], case)]
        parts = [*own, *(added[a.id] for a in judged.amendments if a.id in added)]
        seen = parts if judged.id in case.focus else parts[1:]
        _learn(seen, events, finding)
        for watched in seen:
            _learn_used(found, scope_of(watched.rule, case), watched, events, finding)


def sights_of(
    case: Prepared, asked: Sequence[str]
) -> Iterator[tuple[core.Rule, list[Event], Finding | None]]:
    """What is evaluated for each finding of rules by their ids, on the bills, periods and tables.

    Each rule is given as it was judged: with the amendments that hold there.
    """
    program, knowledge = case.program, case.known_on or known_on(case.program)
    tables = Tables(program, knowledge)
    if not asked:
        return
    for bill in case.bills:
        for rule in rules_for(program, bill, asked):
            for noted, finding in observed(rule, bill, at_place(program, bill), tables):
                yield rule, noted, finding
    others = [r for r in program.rules if r.id in set(asked) and not is_of_bills(r)]
    request = CheckRequest(knowledge, tuple(dict.fromkeys(rule.id for rule in others)))
    events: list[Event] = []
    kinds = {rule.subject.kind for rule in others}
    if "period" in kinds:
        periods = judged_periods(
            program, case.population, request, shown=case.shown, evaluator=_noting(events)
        )
        for rule, finding in periods:
            if not is_of_bills(rule):  # a person's periods are judged with his bill
                yield finding.rule, list(events), finding
            events.clear()
    if "ruleset" in kinds:
        judged = judged_rulesets(program, case.on, request, evaluator=_noting(events))
        for rule, finding in judged:
            yield rule, list(events), finding
            events.clear()


def scope_of(rule: core.Rule, case: Prepared) -> str:
    """Where the declarations of a rule's case are at home: the page for its own, else nowhere."""
    return case.page.path if rule.span.path in case.offsets else ""


def key_of(rule: core.Rule, program: core.Program) -> RuleKey:
    """What tells a rule from all others, also from one of the same name on another page."""
    path = rule.span.path
    text = program.sources.get(path, "")
    return path if "#" in path else "", rule.id, text, rule.span.start  # versions share their id


def watched_in(found: Sightings, rule: core.Rule, case: Prepared) -> Watched:
    """What is known of a rule so far; the same rule of another program adds to it."""
    program, path = case.program, rule.span.path
    known = found.rules.get(key_of(rule, program))
    if known is not None and known.rule is rule:
        return known
    home = (case.page.path, case.offsets[path]) if path in case.offsets else (path, 0)
    fresh = _watched(rule, program, *home)
    if known is not None:  # compiled anew from the same text: the points are the same, in order
        fresh.seen, fresh.cases, fresh.decided = known.seen, known.cases, known.decided
        fresh.path, fresh.offset = known.path, known.offset
    found.rules[key_of(rule, program)] = fresh
    found.programs.append(program)
    return fresh


def amending(
    found: Sightings, amendment: core.Amendment, rule: core.Rule, case: Prepared
) -> Watched:
    """What is known of an amendment so far; see `watched_in`."""
    part = found.amending.setdefault(id(amendment), as_rule(amendment, rule))
    watched = watched_in(found, part, case)
    watched.amends = True
    return watched


def _watched(rule: core.Rule, program: core.Program, path: str, offset: int) -> Watched:
    points = points_of(rule)
    by_node: dict[int, list[int]] = {}
    for place, point in enumerate(points):
        by_node.setdefault(id(point.expr), []).append(place)
    boundaries = {id(item.comparison): item for item in boundaries_of(rule)}
    return Watched(rule, path, offset, program, points, boundaries, by_node)


def observed(
    rule: core.Rule, bill: Bill, program: core.Program, tables: Tables
) -> Iterator[tuple[list[Event], Finding | None]]:
    """The findings of a rule, each with what was evaluated for it."""
    events: list[Event] = []
    for finding in judged_in_turn(rule, bill, program, tables, _noting(events)):
        yield list(events), finding
        events.clear()


def _noting(events: list[Event]) -> Evaluator:
    """The evaluator that adds to `events` what it evaluates."""

    def evaluator(expr: core.Expr, context: Context) -> Result:
        result, step = evaluate(expr, context)
        if not context.hidden:  # what is tried for the sake of explaining is no sight of a case
            events.append(Event(expr, result, step, context.on, context.program))
        return result, step

    return evaluator


# ---------------------------------------------------------------- points


def _learn(parts: Sequence[Watched], events: list[Event], finding: Finding | None) -> None:
    """What a finding shows of a rule and of the amendments that are judged with it, in order."""
    evaluated = {id(event.expr) for event in events}
    for watched in parts:
        for event in events:
            for place in watched.by_node.get(id(event.expr), ()):
                watched.seen.setdefault(place, set()).update(_sights(watched, place, event))
        if finding is not None and finding.label in DECIDED:
            watched.decided |= not watched.amends or bool(evaluated & set(watched.by_node))
    if finding is None:
        return
    true = {id(event.expr) for event in events if event.result is TRUE}
    if finding.label is Label.EXCUSED:
        _learn_exception(parts, true)
    if finding.label in FAILED:
        _learn_outcomes(parts, true)


def _learn_outcomes(parts: Sequence[Watched], true: set[int]) -> None:
    for watched in parts:
        for place, point in enumerate(watched.points):
            if point.kind == "outcome" and (point.expr is None or id(point.expr) in true):
                _see(watched, place, "reached")


def _learn_exception(parts: Sequence[Watched], true: set[int]) -> None:
    """The first that held has excused (S12)."""
    for watched in parts:
        for place, point in enumerate(watched.points):
            if point.kind == "exception" and id(point.expr) in true:
                _see(watched, place, "excusing")
                return


def _sights(watched: Watched, place: int, event: Event) -> Iterable[str]:
    """In which ways one evaluation shows a point."""
    kind = watched.points[place].kind
    if kind == "condition" and isinstance(event.result, Truth):
        return (event.result.name.lower(),)
    return nearness(watched.boundaries[id(event.expr)], event.step) if kind == "boundary" else ()


def _see(watched: Watched, place: int, aim: str) -> None:
    watched.seen.setdefault(place, set()).add(aim)


# ---------------------------------------------------------------- declarations


def _learn_used(
    found: Sightings, scope: str, watched: Watched, events: list[Event], finding: Finding | None
) -> None:
    used = {part for event in events for part in used_by(event, watched.program)}
    found.used.setdefault(scope, set()).update(used)
    if finding is not None and finding.label in DECIDED:
        found.decided.setdefault(scope, set()).update(used)


def used_by(event: Event, program: core.Program) -> Iterator[Used]:
    """The rows, items, decision rows and dated values that one evaluation used."""
    match event.expr:
        case core.HasRow() | core.CellOf() | core.Rows():
            yield from (("table", event.expr.table, row.number) for row in rows_of(event))
        case core.InSet() if isinstance(event.expr.set, core.ListSet) and event.result is TRUE:
            name = event.expr.set.list
            for place in _items(event, program.lists[name].items):
                yield "list", name, place
        case core.Decide():
            for place in _decision_rows(event.expr, event.step, program):
                yield "decision", event.expr.decision, place
        case core.ParamRef():
            for place in _values_on(program.params[event.expr.param], event):
                yield "param", event.expr.param, place
        case _:
            return


def rows_of(event: Event) -> Iterator[core.Row]:
    """The rows that a look-up found."""
    if isinstance(event.result, Bag):
        for item in event.result.items:
            if isinstance(item.element, RowItem):
                yield item.element.row
    for part in event.step.parts:
        if isinstance(part.leaf, RowLeaf):
            yield part.leaf.row


def _items(event: Event, items: tuple[core.SetItem, ...]) -> Iterator[int]:
    """The items that what was found lies in."""
    expr = event.expr
    if not isinstance(expr, core.InSet) or not event.step.parts:
        return
    value = as_value(event.step.parts[0].value)
    for place, item in enumerate(items):
        if isinstance(item, core.CodeItem) and not expr.under and value.choices is not None:
            if item.value in value.choices:
                yield place
        elif member(value, (item,), expr.operand.type, under=expr.under) is TRUE:
            yield place


def _decision_rows(expr: core.Decide, step: Step, program: core.Program) -> Iterator[int]:
    decision = program.decisions[expr.decision]
    arguments = tuple(as_value(part.value) for part in step.parts[: len(expr.arguments)])
    for place, row in enumerate(decision.rows):
        if decision_row_holds(row, decision, arguments) is TRUE:
            yield place
            return


def _values_on(param: core.ParamDef, event: Event) -> Iterator[int]:
    """The value in force on a day that is certain; the only one there is on any.

    None where a lower layer's filling was read: that is no value of the parameter's own.
    """
    possible = possible_values(event.program.params[param.id], event.on)
    if len(possible) == 1 and not possible[0].fill:
        starts = [each.start for each in param.values]
        yield from (place for place, start in enumerate(starts) if start == possible[0].start)

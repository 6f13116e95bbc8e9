"""Runs cases with an eye on what is evaluated: which points are seen, which rows and items used.

The interpreter stays as it is: what watches is handed to it as the evaluator of the context.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from apps.authoring.cases import Prepared
from apps.authoring.nearness import nearness
from apps.authoring.points import Boundary, Point, boundaries_of, points_of
from engine.checker import CheckRequest
from engine.derivation import RowLeaf, Step
from engine.facts import Bill
from engine.finding import Finding, Label
from engine.interpreter import evaluate
from engine.interpreter.lookup import as_value, decision_row_holds
from engine.interpreter.results import Bag, Context, Evaluator, Result, RowItem
from engine.interpreter.sets import member
from engine.judge import judged_in_turn
from engine.period_check import judged_periods, judged_rulesets
from engine.select import is_of_bills, known_on, rules_for
from engine.tables import Tables
from rulelang import core
from rulelang.values import TRUE, Range, Truth

DECIDED = frozenset({Label.VIOLATED, Label.SUSPECTED, Label.EXCUSED, Label.SATISFIED})
FAILED = frozenset({Label.VIOLATED, Label.SUSPECTED})

RuleKey: TypeAlias = tuple[str, str, str]
Used: TypeAlias = tuple[str, str, int]  # kind of declaration, its id, which of its parts


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """One evaluation: the expression, what it gave, why, and on which day."""

    expr: core.Expr
    result: object
    step: Step
    on: Range


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
    tables = Tables(case.program, case.known_on or known_on(case.program))
    for rule in case.program.rules:
        if rule.id in case.focus:
            watched = watched_in(found, rule, case)
            watched.cases += 1
    for bill in case.bills:
        for rule in rules_for(case.program, bill, case.focus):
            watched = watched_in(found, rule, case)
            scope = scope_of(rule, case)
            for events, finding in observed(rule, bill, case.program, tables):
                _learn(watched, events, finding)
                _learn_used(found, scope, watched, events, finding)
    for rule, events, finding in _beyond_bills(case):
        watched = watched_in(found, rule, case)
        _learn(watched, events, finding)
        _learn_used(found, scope_of(rule, case), watched, events, finding)


def scope_of(rule: core.Rule, case: Prepared) -> str:
    """Where the declarations of a rule's case are at home: the page for its own, else nowhere."""
    return case.page.path if rule.span.path in case.offsets else ""


def key_of(rule: core.Rule, program: core.Program) -> RuleKey:
    """What tells a rule from all others, also from one of the same name on another page."""
    path = rule.span.path
    return path if "#" in path else "", rule.id, program.sources.get(path, "")


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
    for finding in judged_in_turn(rule, bill, program, tables, _watching(events)):
        yield list(events), finding
        events.clear()


def _watching(events: list[Event]) -> Evaluator:
    """An evaluator that puts down what is evaluated."""

    def evaluator(expr: core.Expr, context: Context) -> Result:
        result, step = evaluate(expr, context)
        if not context.hidden:  # what is tried for the sake of explaining is no sight of a case
            events.append(Event(expr, result, step, context.on))
        return result, step

    return evaluator


def _beyond_bills(case: Prepared) -> Iterator[tuple[core.Rule, list[Event], Finding]]:
    """The findings of rules on periods and on rulesets, each with what was evaluated for it."""
    own = [rule for rule in case.program.rules if rule.id in case.focus and not is_of_bills(rule)]
    for kind in sorted({rule.subject.kind for rule in own}):
        only = tuple(rule.id for rule in own if rule.subject.kind == kind)
        request = CheckRequest(known_on=case.known_on, only=only)
        events: list[Event] = []
        eye = _watching(events)
        judged = (
            judged_rulesets(case.program, case.on, request, evaluator=eye)
            if kind == "ruleset"
            else judged_periods(
                case.program, case.population, request, shown=case.shown, evaluator=eye
            )
        )
        for rule, finding in judged:
            yield rule, list(events), finding
            events.clear()


# ---------------------------------------------------------------- points


def _learn(watched: Watched, events: list[Event], finding: Finding | None) -> None:
    for event in events:
        for place in watched.by_node.get(id(event.expr), ()):
            watched.seen.setdefault(place, set()).update(_sights(watched, place, event))
    if finding is None:
        return
    watched.decided |= finding.label in DECIDED
    true = {id(event.expr) for event in events if event.result is TRUE}
    if finding.label is Label.EXCUSED:
        _learn_exception(watched, true)
    if finding.label in FAILED:
        for place, point in enumerate(watched.points):
            if point.kind == "outcome" and (point.expr is None or id(point.expr) in true):
                _see(watched, place, "reached")


def _learn_exception(watched: Watched, true: set[int]) -> None:
    """The first that held has excused (S12)."""
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
            for place in _values_on(program.params[event.expr.param], event.on):
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


def _values_on(param: core.ParamDef, on: Range) -> Iterator[int]:
    """The value in force on a day that is certain; the only one there is on any."""
    if len(param.values) == 1:
        yield 0
    elif on.is_exact:
        reached = [
            place
            for place, each in enumerate(param.values)
            if each.start is None or each.start <= on.exact
        ]
        yield from reached[-1:]

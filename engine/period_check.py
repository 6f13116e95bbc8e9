"""The chain of a check of periods on one screen: a program and a population in, findings out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeAlias

from engine.checker import CheckRequest
from engine.combine import PASSED, finding_key
from engine.facts import Bill, Entity, Fact, exactly
from engine.finding import WORST_FIRST, Finding
from engine.fold import fold
from engine.interpreter import evaluate
from engine.interpreter.results import Context, Evaluator
from engine.judge import judge_subjects
from engine.layers import amendments_at, at_place, holds_at
from engine.periods import Periods
from engine.population import Population
from engine.select import is_asked, known_on
from engine.subjects import Subject, period_subject
from engine.tables import Tables
from engine.versions import as_known
from rulelang import core
from rulelang.values import Range

Judged: TypeAlias = tuple[core.Rule, Finding]


@dataclass(frozen=True)
class PeriodResult:
    """What was found on periods, or on the ruleset: the worst first. There are no totals (S17)."""

    findings: tuple[Finding, ...] = ()  # all but satisfied and not applicable
    passed: tuple[Finding, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)


def check_periods(
    program: core.Program,
    population: Population,
    request: CheckRequest | None = None,
    *,
    shown: tuple[str, ...] = (),
) -> PeriodResult:
    """Check the periods of a population (S11.3); rules on persons are judged in each of theirs.

    Args:
        program: The rules; those on periods run, the others are for bills.
        population: Many bills, with what is declared of them.
        request: The date of knowledge, and which rules.
        shown: The periods to judge, as they are written (2026-03, 2026-Q1); none: all.
    """
    found = judged_periods(program, population, request, shown=shown)
    return _result(fold([finding for _, finding in found]))


def judged_periods(
    program: core.Program,
    population: Population,
    request: CheckRequest | None = None,
    *,
    shown: tuple[str, ...] = (),
    evaluator: Evaluator = evaluate,
) -> Iterator[Judged]:
    """The findings on periods in turn, each with its rule; `evaluator` may watch what is evaluated."""
    request = request or CheckRequest()
    base = _context(program, request, nobody(population.asked_at), evaluator)
    periods = Periods(population)
    base.periods = periods
    for rule in _rules(base.program, "period", request):
        if "after" in rule.stages:
            for finding in _of_rule(rule, base, periods, shown):
                yield rule, finding


def check_ruleset(
    program: core.Program, on: date | None = None, request: CheckRequest | None = None
) -> PeriodResult:
    """Judge the rules on the rulesets themselves (`针对 规则集`): their tables and parameters.

    Args:
        program: The rules with their tables.
        on: The date by which rows and rules are in force (S14); None: that of the newest version.
        request: The date of knowledge, and which rules.
    """
    found = judged_rulesets(program, on, request)
    return _result(tuple(finding for _, finding in found))


def judged_rulesets(
    program: core.Program,
    on: date | None = None,
    request: CheckRequest | None = None,
    *,
    evaluator: Evaluator = evaluate,
) -> Iterator[Judged]:
    """The findings on rulesets in turn, each with its rule; `evaluator` may watch."""
    request = request or CheckRequest()
    base = _context(program, request, nobody(None), evaluator)
    on = on or newest_version(program)
    for rule in _rules(base.program, "ruleset", request):
        entity = Entity("ruleset", rule.ruleset, "")
        entity.facts["date"] = Fact(exactly(on))
        subject = Subject("ruleset", {}, (), entity, entity, (entity,))
        for finding in judge_subjects(rule, [subject], base):
            yield rule, finding


def newest_version(program: core.Program) -> date:
    """The first day on which all that the program says of dates has begun, or ended."""
    periods = [(row.starts, row.ends) for table in program.tables.values() for row in table.rows]
    periods += [(r.in_force.start, r.in_force.end) for r in program.rules]
    periods += [(value.start, None) for p in program.params.values() for value in p.values]
    return max((day for pair in periods for day in pair if day is not None), default=date.min)


def nobody(asked_at: datetime | None) -> Bill:
    """What stands for the bill where rules are not about one."""
    return Bill(
        patient=Entity("patient", "", ""),
        encounter=Entity("encounter", "", ""),
        institution=Entity("institution", "", ""),
        lines=(),
        stage="after",
        asked_at=asked_at,
    )


def _context(
    program: core.Program, request: CheckRequest, bill: Bill, evaluator: Evaluator
) -> Context:
    knowledge = request.known_on or known_on(program)
    program = as_known(program, knowledge)  # versions of rules (S14.1)
    tables = Tables(program, knowledge)
    return Context(program, tables, bill, Range(None, None), evaluator)


def _rules(program: core.Program, kind: str, request: CheckRequest) -> Iterator[core.Rule]:
    rulesets = {ruleset.id: ruleset for ruleset in program.rulesets}
    for rule in program.rules:
        if rule.subject.kind == kind and is_asked(rule, rulesets[rule.ruleset], request.only):
            yield rule


def _of_rule(
    rule: core.Rule, base: Context, periods: Periods, shown: tuple[str, ...]
) -> Iterator[Finding]:
    """The findings of a rule on its subjects, as lower layers have it where each of them is."""
    program = base.program
    ruleset = next(each for each in program.rulesets if each.id == rule.ruleset)
    for entity in periods.subjects(rule.subject.element, rule.subject.period, base):
        if shown and periods.period_of(entity).shown not in shown:
            continue
        bills = periods.bills_of(entity, base)
        here = [bill for bill in bills if holds_at(ruleset, rule.territory, bill)]
        if ruleset.regions and not here:
            continue
        place = here[0] if here else base.bill
        there = replace(base, program=at_place(program, place))
        subject = period_subject(entity, there)
        added = amendments_at(program, place).get(rule.id, ())
        amended = replace(rule, amendments=added) if added else rule
        yield from judge_subjects(amended, [subject], there)


def _result(findings: tuple[Finding, ...]) -> PeriodResult:
    ordered = sorted(findings, key=finding_key)
    return PeriodResult(
        findings=tuple(item for item in ordered if item.label not in PASSED),
        passed=tuple(item for item in ordered if item.label in PASSED),
        counts={label.value: sum(item.label is label for item in ordered) for label in WORST_FIRST},
    )

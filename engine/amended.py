"""A rule together with what lower layers add to it, on one subject's date (S12, S15)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.derivation import Step
from engine.finding import Finding, Label
from engine.interpreter import condition
from engine.interpreter.parameters import possible_values
from engine.interpreter.results import Context
from engine.prune import steps_of
from rulelang import core, values
from rulelang.values import FALSE, TRUE, Range, Truth, all_of, any_of

UNLESS = "/unless"  # behind an amendment's id: the step of one of its exceptions


@dataclass(frozen=True, slots=True)
class Holding:
    """An amendment that is, or may be, in force on the governing date; `why` where it may."""

    amendment: core.Amendment
    truth: Truth
    why: tuple[Step, ...]


def in_force(period: core.Period, on: Range) -> Truth:
    """Whether a period covers a date that may be known by bounds only (S14)."""
    started = over = TRUE
    if period.start is not None:
        started = values.less(Range.exactly(period.start), on, or_equal=True)
    if period.end is not None:
        over = values.less(on, Range.exactly(period.end), or_equal=False)
    return all_of((started, over))


def dated_step(truth: Truth, context: Context) -> Step:
    """Why something is, or may be, in force: the governing date."""
    parts = (context.on_leaf,) if context.on_leaf is not None else ()
    return Step(None, "all", truth, parts, label="in_force")


def holding(rule: core.Rule, context: Context) -> tuple[Holding, ...]:
    """The amendments that may be in force; those that are not are as if they were not written."""
    found: list[Holding] = []
    for each in rule.amendments:
        truth = in_force(each.in_force, context.on)
        if truth is not FALSE:
            why = () if truth is TRUE else (dated_step(truth, context),)
            found.append(Holding(each, truth, why))
    return tuple(found)


def required(
    rule: core.Rule, amendments: tuple[Holding, ...], context: Context
) -> tuple[Truth, Step]:
    """要求 of the rule and, from when they are in force, those of its amendments."""
    truth, why = condition(rule.require, context)
    truths, steps = [truth], [why]
    for each in amendments:
        if each.amendment.require is None:
            continue
        truth, why = condition(each.amendment.require, context)
        parts = [why]
        if each.truth is not TRUE:
            truth = any_of((~each.truth, truth))
            parts = [*(Step(None, "not", ~each.truth, (part,)) for part in each.why), why]
        truths.append(truth)
        rule_of = "and" if each.truth is TRUE else "or"
        steps.append(Step(None, rule_of, truth, tuple(parts), label=each.amendment.id))
    if len(steps) == 1:
        return truths[0], steps[0]
    whole = all_of(truths)
    return whole, Step(None, "and", whole, tuple(steps))


def exceptions(
    rule: core.Rule, amendments: tuple[Holding, ...], context: Context
) -> Iterator[tuple[core.ExceptionClause, Truth, Step]]:
    """除非 of the rule and of its amendments, with whether each holds."""
    for clause in rule.exceptions:
        yield (clause, *condition(clause.condition, context))
    for each in amendments:
        for clause in each.amendment.exceptions:
            truth, why = condition(clause.condition, context)
            whole = all_of((each.truth, truth))
            label = f"{each.amendment.id}{UNLESS}"
            yield clause, whole, Step(None, "and", whole, (*each.why, why), label=label)


def leaned_on(
    rule: core.Rule, excused_by: object, derivation: Step, context: Context
) -> tuple[core.Amendment | core.Fill, ...]:
    """The amendments and fillings that a pruned derivation goes back to."""
    steps = tuple(steps_of(derivation))
    labels = {step.label for step in steps}
    found: list[core.Amendment | core.Fill] = [
        each
        for each in rule.amendments
        if labels & {each.id, f"{each.id}{UNLESS}"}
        or any(clause is excused_by for clause in each.exceptions)
    ]
    fills = {each.id: each for each in context.program.fills}
    used = {
        value.fill: None
        for step in steps
        if isinstance(step.expr, core.ParamRef)
        for value in possible_values(context.program.params[step.expr.param], context.on)
        if value.fill
    }
    return (*found, *(fills[id_] for id_ in used))


def in_turn(
    rule: core.Rule, finding: Finding, context: Context
) -> list[core.Rule | core.Amendment]:
    """The rule and its amendments in the order in which their texts are read.

    First speaks what the outcome hangs on: a requirement that a lower layer adds and that is not
    met, an exception of its own that holds; then the rule; then what else holds there.
    """
    steps = () if finding.derivation is None else steps_of(finding.derivation)
    labels = {step.label for step in steps}
    wanted = UNLESS if finding.label is Label.EXCUSED else ""
    decisive: list[core.Rule | core.Amendment] = [
        each
        for each in finding.amendments
        if isinstance(each, core.Amendment) and f"{each.id}{wanted}" in labels
    ]
    others = [each.amendment for each in holding(rule, context) if each.amendment not in decisive]
    return [*decisive, rule, *others]

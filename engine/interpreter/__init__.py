"""The reference interpreter: what every expression of the core means, slow and plain.

Written to be read next to docs/semantics.md; every other executor is held equal to it. The door is
`evaluate`, which gives a value (or truth, collection, entity) with the step that derives it.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any, assert_never

from engine.derivation import Step
from engine.facts import UNKNOWN_VALUE, Value
from engine.interpreter import (
    aggregate,
    arithmetic,
    collect,
    evidence,
    joint,
    lookup,
    parameters,
    picks,
    sets,
)
from engine.interpreter.compare import compare, gap, span_days
from engine.interpreter.results import Bag, Context, Group, Pointed, Result, truth_of
from rulelang import calendar, core, values
from rulelang.operations import SHIFTS
from rulelang.values import FALSE, TRUE, UNKNOWN, Range, Truth


def evaluate(expr: core.Expr, context: Context) -> Result:
    """The meaning of one expression; a yes_no value comes back as a truth."""
    result, step = _evaluate(expr, context)
    if expr.type.kind == "yes_no" and isinstance(result, Value):
        truth = truth_of(result)
        return truth, Step(step.expr or expr, step.rule, truth, step.parts, step.leaf, step.label)
    if step.expr is None:
        step = Step(expr, step.rule, step.value, step.parts, step.leaf, step.label)
    return result, step


def _evaluate(expr: core.Expr, context: Context) -> Result:  # noqa: C901 - one case a node kind
    match expr:
        case core.Lit():
            value = lookup.constant(expr.value, expr.type, expr.unit)
            return value, Step(expr, "all", value)
        case core.Local():
            return _local(expr, context)
        case core.Get():
            return lookup.evaluate_get(expr, context)
        case core.EvidenceOf():
            return evidence.evaluate_evidence(expr, context)
        case core.Series():
            return evidence.evaluate_series(expr, context)
        case core.Members():
            return collect.evaluate_members(expr, context)
        case core.HasRow():
            return lookup.evaluate_has_row(expr, context)
        case core.CellOf():
            return lookup.evaluate_cell(expr, context)
        case core.Rows():
            return lookup.evaluate_rows(expr, context)
        case core.ParamRef():
            return parameters.evaluate_param(expr, context)
        case core.Decide():
            return lookup.evaluate_decision(expr, context)
        case core.InSet():
            return sets.evaluate_in_set(expr, context)
        case core.Collection():
            return collect.evaluate_collection(expr, context)
        case core.Quantifier():
            return collect.evaluate_quantifier(expr, context)
        case core.Column():
            return collect.evaluate_column(expr, context)
        case core.Aggregate():
            return aggregate.evaluate_aggregate(expr, context)
        case core.Pick():
            return picks.evaluate_pick(expr, context)
        case core.Joint():
            return joint.evaluate_joint(expr, context)
        case core.Arith():
            return arithmetic.evaluate_arith(expr, context)
        case _:
            return _evaluate_logic(expr, context)


def _evaluate_logic(
    expr: (
        core.Cmp | core.Neg | core.Not | core.Logic | core.If | core.Known | core.OrElse
        | core.Call | core.Tuple | core.LiteralSet | core.ListSet
    ),
    context: Context,
) -> Result:  # fmt: skip
    match expr:
        case core.Cmp():
            return _compare(expr, context)
        case core.Neg():
            return _negative(expr, context)
        case core.Not():
            truth, step = condition(expr.operand, context)
            return ~truth, Step(expr, "not", ~truth, (step,))
        case core.Logic():
            return _logic(expr, context)
        case core.If():
            return _if(expr, context)
        case core.Known():
            value, step = context.evaluate(expr.operand, context)
            known = value.is_known if isinstance(value, Value) else value is not UNKNOWN
            return Truth.of(known), Step(expr, "all", Truth.of(known), (step,))
        case core.OrElse():
            return _or_else(expr, context)
        case core.Call():
            return _call(expr, context)
        case core.Tuple() | core.LiteralSet() | core.ListSet():
            return UNKNOWN_VALUE, Step(expr, "all", UNKNOWN_VALUE)
        case _:
            assert_never(expr)


def condition(expr: core.Expr, context: Context) -> tuple[Truth, Step]:
    """A condition's truth with its derivation."""
    found, step = context.evaluate(expr, context)
    if isinstance(found, Truth):
        return found, step
    return UNKNOWN, Step(step.expr, step.rule, UNKNOWN, step.parts, step.leaf, step.label)


def _local(expr: core.Local, context: Context) -> Result:
    """A subject or element, or a let, evaluated once a subject."""
    if expr.name in context.locals:
        found = context.locals[expr.name]
        if isinstance(found, Pointed) and found.others and expr.name == "prescription":
            return found, Step(expr, "all", None, _unprescribed(context))
        if isinstance(found, Pointed | Group):
            return found, Step(expr, "all", None)
        return Pointed((found,)), Step(expr, "all", None)
    if expr.name in context.lets:
        let = context.lets[expr.name]
        if isinstance(let, core.Let):
            found, step = context.evaluate(let.value, context)
            named = Step(expr, "let", step.value, (step,), label=let.name)
            context.lets[expr.name] = (found, named)
            return found, named
        result: Result = let
        return result
    return Pointed((), others=True), Step(expr, "all", None)


def _unprescribed(context: Context) -> tuple[Step, ...]:
    """Why a line's prescription is not known: its number was not sent."""
    line = context.locals.get("line")
    if not isinstance(line, Pointed) or line.exact is None:
        return ()
    return (lookup.read(line.exact, "rx_no", context)[1],)


def _compare(expr: core.Cmp, context: Context) -> Result:
    left, first = context.evaluate(expr.left, context)
    right, second = context.evaluate(expr.right, context)
    steps = (first, second)
    if isinstance(left, Pointed) and isinstance(right, Pointed):
        truth = _same_entity(left, right)
        truth = ~truth if expr.op == "!=" else truth
        return truth, Step(expr, "all", truth, steps)
    if isinstance(left, Truth) and isinstance(right, Truth):
        truth = UNKNOWN if UNKNOWN in {left, right} else Truth.of(left is right)
        truth = ~truth if expr.op == "!=" else truth
        return truth, Step(expr, "all", truth, steps)
    if not isinstance(left, Value) or not isinstance(right, Value):
        return UNKNOWN, Step(expr, "all", UNKNOWN, steps)
    truth = compare(expr.op, left, right, expr.left.type, expr.right.type)
    if {expr.left.type.kind, expr.right.type.kind} == {"date", "datetime"}:
        steps = (_by_the_day(first, left), _by_the_day(second, right))
    return truth, Step(expr, "all", truth, steps)


def _by_the_day(step: Step, value: Value) -> Step:
    """An instant compared with a date counts by its day, so an unknown hour is not missing."""
    if value.range is None or value.absent is not FALSE:
        return step
    day = Value(range=calendar.to_days(value.range))
    return Step(step.expr, "all", day, (step,)) if day.is_known else step


def _same_entity(left: Pointed, right: Pointed) -> Truth:
    first, second = left.exact, right.exact
    if first is not None and second is not None:
        return Truth.of(first is second)
    meet = any(a is b for a in left.candidates for b in right.candidates)
    return UNKNOWN if meet or left.others or right.others else FALSE


def _negative(expr: core.Neg, context: Context) -> Result:
    value, step = context.evaluate(expr.operand, context)
    if not isinstance(value, Value):
        return UNKNOWN_VALUE, Step(expr, "all", UNKNOWN_VALUE, (step,))
    turned = None if value.range is None else values.negative(value.range)
    found = replace(value, range=turned)
    return found, Step(expr, "all", found, (step,))


def _logic(expr: core.Logic, context: Context) -> Result:
    found = [condition(item, context) for item in expr.items]
    truths = [truth for truth, _ in found]
    steps = tuple(step for _, step in found)
    match expr.op:
        case "and":
            truth = values.all_of(truths)
        case "or":
            truth = values.any_of(truths)
        case _:
            truth = values.at_least(expr.needed, truths)
    return truth, Step(expr, expr.op, truth, steps, label=str(expr.needed or ""))


def _if(expr: core.If, context: Context) -> Result:
    """With an unknown test, the hull of both branches (S6)."""
    test, why = condition(expr.test, context)
    if test is not UNKNOWN:
        branch = expr.then if test is TRUE else expr.otherwise
        result, step = context.evaluate(branch, context)
        return result, Step(expr, "if", step.value, (why, step))
    first, one = context.evaluate(expr.then, context)
    second, two = context.evaluate(expr.otherwise, context)
    steps = (why, one, two)
    if isinstance(first, Truth) and isinstance(second, Truth):
        truth = first if first is second else UNKNOWN
        return truth, Step(expr, "if", truth, steps)
    if isinstance(first, Value) and isinstance(second, Value):
        value = lookup.join([first, second])
        return value, Step(expr, "if", value, steps)
    if isinstance(first, Pointed) and isinstance(second, Pointed):
        return either(first, second), Step(expr, "if", None, steps)
    return Bag((), open=(why,)), Step(expr, "if", None, steps)


def either(left: Pointed, right: Pointed) -> Pointed:
    """What one of two expressions names."""
    candidates = tuple(dict.fromkeys((*left.candidates, *right.candidates)))
    absent = left.absent if left.absent is right.absent else UNKNOWN
    return Pointed(candidates, left.others or right.others, absent)


def _or_else(expr: core.OrElse, context: Context) -> Result:
    """The value where there is one, else the default; the hull where that is unknown (S10.1)."""
    value, step = _evaluate(expr.operand, context)  # yes or no, or no value: not yet a truth
    if not isinstance(value, Value | Pointed) or value.absent is FALSE:
        return value, Step(expr, "all", value if isinstance(value, Value) else step.value, (step,))
    default, more = context.evaluate(expr.default, context)
    if isinstance(value, Pointed):
        found = default
        if isinstance(default, Pointed) and value.absent is UNKNOWN:
            found = either(replace(value, absent=FALSE), default)
        return found, Step(expr, "all", None, (step, more))
    other = lookup.as_value(default)
    joined = other
    if value.absent is UNKNOWN:
        joined = lookup.join([replace(value, absent=FALSE), other])
    return joined, Step(expr, "all", joined, (step, more))


def _call(expr: core.Call, context: Context) -> Result:
    if expr.function in SHIFTS:
        return _in_another_period(expr, context)
    if expr.function == "rows":
        return sets.evaluate_rows_of_list(expr, context)
    results = [context.evaluate(argument, context) for argument in expr.arguments]
    steps = tuple(step for _, step in results)
    found = [result for result, _ in results]
    if expr.function == "together":
        return _together(expr, found, steps, context)
    first, second = found[0], found[1]
    if not isinstance(first, Value) or not isinstance(second, Value):
        return UNKNOWN_VALUE, Step(expr, "all", UNKNOWN_VALUE, steps)
    match expr.function:
        case "gap":
            value = gap(first, second)
        case "span":
            value = span_days(first, second)
        case _:
            value = _rounded(first, second)
    return value, Step(expr, "all", value, steps)


def _in_another_period(expr: core.Call, context: Context) -> Result:
    """`上期（x）`: x with every period subject as it was then (S11.4)."""
    if context.periods is None:
        return lookup.unknown_of(expr)
    found, step = context.evaluate(
        expr.arguments[0], context.periods.shifted(expr.function, context)
    )
    return found, Step(expr, "all", step.value, (step,))


def _rounded(value: Value, places: Value) -> Value:
    if value.unlimited or value.range is None or places.range is None or not places.range.is_exact:
        return Value(absent=value.absent, unlimited=value.unlimited)
    count = int(places.range.exact)

    def end(number: Any) -> Decimal | None:
        return None if number is None else values.round_half_up(number, count)

    rounded = Range(end(value.range.low), end(value.range.high))
    return Value(range=rounded, absent=value.absent, unit=value.unit)


def _together(
    expr: core.Call, found: list[Any], steps: tuple[Step, ...], context: Context
) -> Result:
    first, second, window = found
    ends = [item.exact if isinstance(item, Pointed) else None for item in (first, second)]
    if not isinstance(window, Value):
        return UNKNOWN, Step(expr, "all", UNKNOWN, steps)
    truth, why = collect.together(ends[0], ends[1], window, context)
    return truth, Step(expr, "all", truth, (steps[2], why))

"""Membership in sets, lists and cells of codes, exact or along the hierarchy (S5)."""

from __future__ import annotations

from typing import Any

from engine import codes
from engine.derivation import GapLeaf, Step
from engine.facts import Foreign, Value
from engine.interpreter.compare import agree, ranges, under_word
from engine.interpreter.results import Context, Result
from rulelang import core
from rulelang.types import Type
from rulelang.values import FALSE, TRUE, UNKNOWN, Range, Truth, any_of
from rulelang.vocabulary import load


def evaluate_in_set(expr: core.InSet, context: Context) -> Result:
    """`x 在/属于 set`."""
    value, step = context.evaluate(expr.operand, context)
    if not isinstance(value, Value):
        return UNKNOWN, Step(expr, "all", UNKNOWN, (step,))
    items, illustrative, more = _items(expr.set, context)
    parts = (step, *more)
    if value.absent is TRUE:
        return FALSE, Step(expr, "all", FALSE, (step,))
    if items is None:
        return UNKNOWN, Step(expr, "all", UNKNOWN, parts)
    if items == "unlimited":
        return TRUE, Step(expr, "all", TRUE, parts)
    truth = member(value, items, expr.operand.type, under=expr.under)
    if truth is FALSE and illustrative:
        name = expr.set.list if isinstance(expr.set, core.ListSet) else ""
        gap = Step(None, "leaf", UNKNOWN, leaf=GapLeaf(f"list:{name}", "ruleset_owner"))
        return UNKNOWN, Step(expr, "all", UNKNOWN, (*parts, gap))
    if value.absent is UNKNOWN and truth is not FALSE:
        truth = UNKNOWN
    return truth, Step(expr, "all", truth, parts)


def _items(found: core.SetExpr, context: Context) -> tuple[Any, bool, tuple[Step, ...]]:
    """The members of a set expression; None where they are not known."""
    match found:
        case core.LiteralSet():
            return found.items, False, ()
        case core.ListSet():
            listed = context.program.lists[found.list]
            return listed.items, listed.illustrative, ()
        case _:
            value, step = context.evaluate(found, context)
            if not isinstance(value, Value):
                return None, False, (step,)
            if value.unlimited:
                return "unlimited", False, (step,)
            if value.choices is None or len(value.choices) != 1:
                return None, False, (step,)
            only = next(iter(value.choices))
            items = only if isinstance(only, tuple) else (core.CodeItem(only),)
            return items, False, (step,)


def member(value: Value, items: tuple[core.SetItem, ...], type_: Type, *, under: bool) -> Truth:
    """Whether what is known of a value lies in a set."""
    if value.unlimited:
        return TRUE
    if value.range is not None:
        return any_of(_in_range(value.range, item) for item in items)
    if value.choices is None:
        return UNKNOWN
    return agree(_one(choice, items, type_, under=under) for choice in value.choices)


def _in_range(value: Range, item: core.SetItem) -> Truth:
    if isinstance(item, core.CodeItem):
        return ranges("=", value, Range.exactly(item.value))
    low = ranges("<=", Range.exactly(item.low), value)
    high = ranges("<=", value, Range.exactly(item.high))
    return Truth(min(low.value, high.value))


def _one(choice: object, items: tuple[core.SetItem, ...], type_: Type, *, under: bool) -> Truth:
    if isinstance(choice, Foreign):
        known = any(isinstance(i, core.CodeItem) and i.value == choice.code for i in items)
        return TRUE if known else UNKNOWN
    return any_of(_matches(choice, item, type_, under=under) for item in items)


def _matches(choice: Any, item: core.SetItem, type_: Type, *, under: bool) -> Truth:
    if type_.kind == "code":
        if isinstance(item, core.CodeSpan):
            return Truth.of(codes.in_code_range(type_.name, choice, item.low, item.high))
        if under:
            return Truth.of(codes.is_under(type_.name, choice, item.value))
        return Truth.of(choice == item.value)
    known = load().enums.get(type_.name) if type_.kind == "enum" else None
    if known is not None and known.hierarchical and isinstance(item, core.CodeItem):
        return under_word(known, choice, item.value)
    return Truth.of(isinstance(item, core.CodeItem) and choice == item.value)

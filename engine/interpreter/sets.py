"""Membership in sets, lists and cells of codes, exact or along the hierarchy (S5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine import codes
from engine.derivation import GapLeaf, Step
from engine.facts import UNKNOWN_VALUE, Foreign, Value, exactly
from engine.interpreter.compare import agree, compare, under_word
from engine.interpreter.lookup import as_value, constant
from engine.interpreter.results import Context, Result
from rulelang import core
from rulelang.types import ORDERED, Type
from rulelang.values import FALSE, TRUE, UNKNOWN, Truth, all_of, any_of
from rulelang.vocabulary import load


def evaluate_in_set(expr: core.InSet, context: Context) -> Result:
    """`x 在/属于 set`."""
    result, step = context.evaluate(expr.operand, context)
    value = as_value(result)
    if value.absent is TRUE:
        return FALSE, Step(expr, "all", FALSE, (step,))
    parts: tuple[Step, ...] = ()
    match expr.set:
        case core.LiteralSet():
            truth = member(value, expr.set.items, expr.operand.type, under=expr.under)
        case core.ListSet():
            truth, parts = _in_list(value, expr, expr.set.list, context)
        case _:
            found, more = context.evaluate(expr.set, context)
            truth, parts = _in_cell(value, as_value(found), expr), (more,)
    if value.absent is UNKNOWN and truth is not FALSE:
        truth = UNKNOWN
    return truth, Step(expr, "all", truth, (step, *parts))


def _in_list(
    value: Value, expr: core.InSet, name: str, context: Context
) -> tuple[Truth, tuple[Step, ...]]:
    """Outside a list that is only illustrative nothing is known (S5.2)."""
    listed = context.program.lists[name]
    truth = member(value, listed.items, expr.operand.type, under=expr.under)
    if truth is not FALSE or not listed.illustrative:
        return truth, ()
    gap = GapLeaf(f"list:{name}", "ruleset_owner")
    return UNKNOWN, (Step(None, "leaf", UNKNOWN, leaf=gap),)


def _in_cell(value: Value, found: Value, expr: core.InSet) -> Truth:
    """Membership in what a cell, or a fact, holds: codes, or one value."""
    if found.unlimited:
        return TRUE
    if found.absent is TRUE:
        return FALSE
    if expr.operand.type.kind in ORDERED:
        truth = compare("=", value, found, expr.operand.type, expr.set.type)
    else:
        truth = agree(
            member(value, only if isinstance(only, tuple) else (core.CodeItem(only),),
                   expr.operand.type, under=expr.under)
            for only in found.choices or ()
        )  # fmt: skip
    return UNKNOWN if found.absent is UNKNOWN and truth is not FALSE else truth


def member(value: Value, items: tuple[core.SetItem, ...], type_: Type, *, under: bool) -> Truth:
    """Whether what is known of a value lies in a set."""
    if value.unlimited:
        return TRUE
    if type_.kind in ORDERED:
        return any_of(_in_range(value, item, type_) for item in items)
    if value.choices is None:
        return UNKNOWN
    return agree(_one(choice, items, type_, under=under) for choice in value.choices)


def _in_range(value: Value, item: core.SetItem, type_: Type) -> Truth:
    if isinstance(item, core.CodeItem):
        return compare("=", value, constant(item.value, type_), type_, type_)
    low = compare(">=", value, constant(item.low, type_), type_, type_)
    high = compare("<=", value, constant(item.high, type_), type_, type_)
    return all_of((low, high))


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


def evaluate_rows_of_list(expr: core.Call, context: Context) -> Result:
    """`行数（名单）`: how many items a list has."""
    listed = expr.arguments[0]
    if not isinstance(listed, core.ListSet):
        return (UNKNOWN_VALUE, Step(expr, "all", UNKNOWN_VALUE))
    value = exactly(Decimal(len(context.program.lists[listed.list].items)))
    return value, Step(expr, "all", value)

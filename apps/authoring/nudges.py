"""A constant and what lies just beside it, in its own scale: 30 g/L and 31 g/L, 14天 and 13天."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from apps.authoring.nearness import unit_of
from engine.interpreter.lookup import constant
from engine.words import value_text
from rulelang import core
from rulelang.calendar import AgeLimit, Window
from rulelang.diagnostics import Words
from rulelang.types import Type
from rulelang.values import exact_add, exact_negative

SECONDS_OF_HOUR = 3600


def nudged(value: Any, type_: Type) -> Iterator[Any]:
    """The next value below (where that is not below zero) and above, by the kind of the type."""
    match value:
        case bool():
            yield not value
        case AgeLimit() | Window():
            yield from _counted(value)
        case date():
            unit: timedelta = unit_of(value, type_.kind)
            if date.min + timedelta(days=1) < date(value.year, value.month, value.day) < date.max:
                yield value - unit
                yield value + unit
        case Decimal():
            unit_: Decimal = unit_of(value, type_.kind)
            if type_.kind in {"ratio", "points"}:
                unit_ = min(unit_, Decimal("0.01"))
            if value >= unit_:
                yield exact_add(value, exact_negative(unit_))
            yield exact_add(value, unit_)
        case tuple() if type_.kind == "quantity":
            for number in nudged(value[0], type_):
                yield number, value[1]
        case _:
            return


def _counted(value: AgeLimit | Window) -> Iterator[AgeLimit | Window]:
    if isinstance(value, AgeLimit):
        if value.count > 0:
            yield replace(value, count=value.count - 1)
        yield replace(value, count=value.count + 1)
        return
    if not value.amount:
        return
    by_hours = value.unit == "seconds" and value.amount % SECONDS_OF_HOUR == 0
    step = SECONDS_OF_HOUR if by_hours else 1
    if value.amount > step:
        yield replace(value, amount=value.amount - step)
    yield replace(value, amount=value.amount + step)


def constant_words(value: Any, type_: Type, program: core.Program, unit: str = "") -> Words:
    """A constant as a reader knows it, in both languages; codes with their sign."""
    known = constant(value, type_, unit)

    def said(lang: str) -> str:
        text = value_text(known, type_, program, lang)
        return f"#{text}" if type_.kind == "code" else text

    return Words(said("zh"), said("en"))


def item_words(item: core.SetItem, type_: Type, program: core.Program) -> Words:
    """An item of a set or list."""
    if isinstance(item, core.CodeItem):
        return constant_words(item.value, type_, program)
    low, high = (constant_words(end, type_, program) for end in (item.low, item.high))
    return Words(f"{low.zh} 至 {high.zh}", f"{low.en} to {high.en}")

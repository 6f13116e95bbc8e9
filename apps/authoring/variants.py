"""Small changes of one expression: each gives the expression anew, changed in a single place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from apps.authoring.nudges import constant_words, item_words, nudged
from engine import codes
from rulelang import core, types
from rulelang.diagnostics import Words
from rulelang.source import Span
from rulelang.types import ORDERED, Type

MOST_ITEMS = 4  # of a set, each taken away in turn
LONGEST = 48

SWAPPED: dict[str, Literal["=", "!=", "<", "<=", ">", ">="]] = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "!=", "!=": "=",
}  # fmt: skip
NUDGED = ORDERED | {"window"}


@dataclass(frozen=True, slots=True)
class Hint:
    """A constant that matters for telling a change: a bill that has it may show the difference."""

    value: Any
    type: Type
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """An expression with one change: of which kind, in words, and where."""

    expr: core.Expr
    kind: str
    words: Words
    span: Span
    hints: tuple[Hint, ...] = ()


def variants(expr: core.Expr, program: core.Program) -> Iterator[Variant]:
    """The expression with each of its small changes."""
    yield from _of_node(expr, program)
    whole: Any = expr
    for item in fields(expr):
        value: Any = None if item.name in {"type", "span"} else getattr(expr, item.name)
        if isinstance(value, core.Node):
            part: Any = value
            for found in variants(part, program):
                yield replace(found, expr=replace(whole, **{item.name: found.expr}))
        among: list[tuple[int, Any]] = []
        if isinstance(value, tuple):
            among += [(at, each) for at, each in enumerate(value) if isinstance(each, core.Node)]
        for place, each in among:
            for found in variants(each, program):
                parts = (*value[:place], found.expr, *value[place + 1 :])
                yield replace(found, expr=replace(whole, **{item.name: parts}))


def excerpt(span: Span, program: core.Program) -> str:
    """What is written at a place, on one line, not too long."""
    text = " ".join(program.sources.get(span.path, "")[span.start : span.end].split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def becomes(old: Words, new: Words) -> Words:
    """`old` 改为 `new`."""
    return Words(f"`{old.zh}` 改为 `{new.zh}`", f"`{old.en}` becomes `{new.en}`")


def _at(where: str, said: Words) -> Words:
    return Words(f"`{where}`：{said.zh}", f"`{where}`: {said.en}") if where else said


def _of_node(expr: core.Expr, program: core.Program) -> Iterator[Variant]:
    where = excerpt(expr.span, program)
    match expr:
        case core.Lit():
            yield from _literals(expr, program)
        case core.Cmp():
            op = SWAPPED[expr.op]
            said = _at(where, becomes(Words(expr.op, expr.op), Words(op, op)))
            yield Variant(replace(expr, op=op), "comparison", said, expr.span)
        case core.InSet():
            yield from _memberships(expr, where, program)
        case core.Logic():
            yield from _logic(expr, where)
        case core.Not():
            said = _at(where, Words("去掉“非”", "without its “not”"))
            yield Variant(expr.operand, "negation", said, expr.span)
        case core.Quantifier():
            each = expr.op == "any"
            old, new = Words("任一", "any"), Words("每个", "each")
            said = _at(where, becomes(*((old, new) if each else (new, old))))
            turned = replace(asked_of_each(expr), op="each" if each else "any")
            yield Variant(turned, "quantifier", said, expr.span)
        case core.Collection() if expr.window is not None:
            yield from _windows(expr, where, program)
        case core.Get() | core.EvidenceOf() | core.HasRow() if expr.type == types.YES_NO:
            said = _at(where, Words("变为相反", "is turned round"))
            yield Variant(
                core.Not(type=types.YES_NO, operand=expr, span=expr.span),
                "negation",
                said,
                expr.span,
            )
        case _:
            return


def asked_of_each(expr: core.Quantifier) -> core.Quantifier:
    """`任一 … 满足（…）` with its condition put to each member, as `每个` has it; it means the same."""
    found = expr.collection
    if expr.body is not None or not isinstance(found, core.Collection) or found.where is None:
        return expr
    bare = found.window is None and not found.other
    rest = found.source if bare else replace(found, where=None)
    return replace(expr, collection=rest, element=found.element, body=found.where)


def _literals(expr: core.Lit, program: core.Program) -> Iterator[Variant]:
    if expr.type.kind not in NUDGED:
        return
    old = constant_words(expr.value, expr.type, program, expr.unit)
    for value in nudged(expr.value, expr.type):
        new = constant_words(value, expr.type, program, expr.unit)
        hints = (Hint(expr.value, expr.type, expr.unit), Hint(value, expr.type, expr.unit))
        yield Variant(replace(expr, value=value), "threshold", becomes(old, new), expr.span, hints)


def _memberships(expr: core.InSet, where: str, program: core.Program) -> Iterator[Variant]:
    yield Variant(
        core.Not(type=types.YES_NO, operand=expr, span=expr.span),
        "negation",
        _at(where, Words("变为相反", "is turned round")),
        expr.span,
    )
    if not isinstance(expr.set, core.LiteralSet):
        return
    items, type_ = expr.set.items, expr.operand.type
    for place, item in enumerate(items[:MOST_ITEMS] if len(items) > 1 else ()):
        said = item_words(item, type_, program)
        less = replace(expr.set, items=(*items[:place], *items[place + 1 :]))
        yield Variant(
            replace(expr, set=less),
            "item",
            _at(where, Words(f"去掉 `{said.zh}`", f"without `{said.en}`")),
            expr.span,
            hints_of(item, type_),
        )
    for place, item in enumerate(items[:MOST_ITEMS] if expr.under else ()):
        wider = _wider(item, type_)
        if wider is not None:
            more = replace(expr.set, items=(*items[:place], wider, *items[place + 1 :]))
            old, new = (item_words(each, type_, program) for each in (item, wider))
            hints = (*hints_of(wider, type_), *hints_of(item, type_))
            said = _at(where, becomes(old, new))
            yield Variant(replace(expr, set=more), "item", said, expr.span, hints)


def _wider(item: core.SetItem, type_: Type) -> core.CodeItem | None:
    """The code above a code."""
    if type_.kind != "code" or not isinstance(item, core.CodeItem):
        return None
    above = codes.parents(type_.name, item.value)
    return core.CodeItem(above[-1]) if above else None


def hints_of(item: core.SetItem, type_: Type) -> tuple[Hint, ...]:
    """What lies in an item."""
    if isinstance(item, core.CodeItem):
        return (Hint(item.value, type_),)
    return (Hint(item.low, type_), Hint(item.high, type_))


def _logic(expr: core.Logic, where: str) -> Iterator[Variant]:
    if expr.op == "at_least":
        for needed in (expr.needed - 1, expr.needed + 1):
            if 1 <= needed <= len(expr.items):
                old, new = str(expr.needed), str(needed)
                said = _at(where, becomes(Words(old, old), Words(new, new)))
                yield Variant(replace(expr, needed=needed), "logic", said, expr.span)
        return
    both, either = Words("且", "and"), Words("或", "or")
    said = _at(where, becomes(*((both, either) if expr.op == "and" else (either, both))))
    op: Literal["and", "or"] = "or" if expr.op == "and" else "and"
    yield Variant(replace(expr, op=op), "logic", said, expr.span)


def _windows(expr: core.Collection, where: str, program: core.Program) -> Iterator[Variant]:
    old = constant_words(expr.window, types.WINDOW, program)
    for window in nudged(expr.window, types.WINDOW):
        new = constant_words(window, types.WINDOW, program)
        said = _at(where, becomes(old, new))
        hints = (Hint(expr.window, types.WINDOW), Hint(window, types.WINDOW))
        yield Variant(replace(expr, window=window), "period", said, expr.span, hints)

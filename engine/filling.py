"""Fills the places of messages and remedies with values in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from engine.facts import Value
from engine.words import fact_words, list_text, value_text
from rulelang import core
from rulelang.diagnostics import Words
from rulelang.types import Type

Evaluate: TypeAlias = Callable[[core.Expr], tuple[Value | Sequence[Value], Type]]

THIS_VALUE = Words("此值", "this value")


def fill(
    template: core.Template,
    evaluate: Evaluate,
    program: core.Program,
    lang: str,
    lets: Sequence[core.Let] = (),
) -> str:
    """A message with its places filled; what is unknown is named as missing.

    Args:
        template: The text with its places.
        evaluate: Gives each place's value, or the values of a list, with its type.
        program: Where names and words are declared.
        lang: "zh" or "en".
        lets: The rule's named parts, for the names of what is missing.
    """
    return "".join(
        piece if isinstance(piece, str) else _place(piece, evaluate, program, lang, lets)
        for piece in template.pieces
    )


def fill_message(
    message: core.Message,
    evaluate: Evaluate,
    program: core.Program,
    lets: Sequence[core.Let] = (),
) -> Words:
    """A message in both languages, its places filled."""
    return Words(
        fill(message.zh, evaluate, program, "zh", lets),
        fill(message.en, evaluate, program, "en", lets),
    )


def name_words(expr: core.Expr, program: core.Program, lets: Sequence[core.Let] = ()) -> Words:
    """What the value of an expression is called in a rule."""
    match expr:
        case core.Get():
            return _field_words(expr, program)
        case core.Members() | core.Series():
            field = expr.field if isinstance(expr, core.Members) else expr.evidence
            return fact_words(expr.base.type.name, field, program, field)
        case core.Local():
            named = {let.name: let.shown for let in lets}
            return named.get(expr.name, Words(expr.name, expr.name))
        case core.EvidenceOf():
            declared = program.evidence.get(expr.evidence)
            field = expr.evidence if declared is None else declared.name.en
            return fact_words(expr.base.type.name, field, program, expr.evidence)
        case core.CellOf():
            return _column_words(expr.table, expr.column, program)
        case core.Column():
            return name_words(expr.value, program, lets)
        case core.ParamRef() if expr.param in program.params:
            return program.params[expr.param].name
        case core.Decide() if expr.decision in program.decisions:
            return program.decisions[expr.decision].name
        case _:
            return THIS_VALUE


def _place(
    expr: core.Expr,
    evaluate: Evaluate,
    program: core.Program,
    lang: str,
    lets: Sequence[core.Let],
) -> str:
    found, type_ = evaluate(expr)
    if not isinstance(found, Value):
        element = type_.element or type_
        return list_text(found, element, program, lang)
    if found.is_nothing and not found.unlimited:
        name = name_words(expr, program, lets).choose(lang)
        return f"（缺：{name}）" if lang == "zh" else f"(missing: {name})"
    return value_text(found, type_, program, lang)


def _field_words(expr: core.Get, program: core.Program) -> Words:
    owner = expr.base.type.name
    if owner in program.tables:
        return _column_words(owner, expr.field, program)
    return fact_words(owner, expr.field, program, owner)


def _column_words(table_id: str, column: str, program: core.Program) -> Words:
    table = program.tables.get(table_id)
    if table is None:
        return Words(f"{table_id}.{column}", f"{table_id}.{column}")
    name = next((item.name for item in table.columns if item.name.en == column), None)
    found = Words(column, column) if name is None else name
    return Words(f"{table.name.zh}.{found.zh}", f"{table.name.en}.{found.en}")

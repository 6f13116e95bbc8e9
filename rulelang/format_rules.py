"""Heads and clauses of rules as canonical lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from rulelang import ast
from rulelang.format_expr import (
    SUM,
    Style,
    by_key,
    inline,
    name_text,
    plain_text,
    text_in,
    window_text,
)
from rulelang.layout import STEP, Frame, Line, broken, fits, lay_out

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECOND_TEXT = 9  # columns before a message's second text


def title_text(node: ast.Title) -> str:
    """One text or both, always in “ ”."""
    texts = [node.zh] if node.en is None else [node.zh, node.en]
    return " ".join(text_in(text.value, "“") for text in texts)


def cite_text(node: ast.Cite, style: Style) -> str:
    """A citation."""
    text = f"{style.word('CITE')} {node.document}"
    return text if node.place is None else f"{text} {plain_text(node.place, style)}"


def words(*parts: str | None) -> str:
    """The parts that are there, with blanks between them."""
    return " ".join(part for part in parts if part)


def rule_lines(rule: ast.Rule, style: Style) -> list[Line]:
    """The lines of a rule."""
    name, text = name_text(rule.name, style), title_text(rule.title)
    opening = f"{style.word('RULE')} {name} {text}"
    first = Line(0, opening, rule.span.start, rule.title.span.end)
    return [first, *_parts(rule.heads, rule.clauses, style)]


def amendment_lines(item: ast.Amend, style: Style) -> list[Line]:
    """The lines of an amendment."""
    opening = f"{style.word('AMEND')} {item.target}"
    if item.value is None:
        first = Line(0, opening, item.span.start, item.span.start + 1)
        return [first, *_parts(item.heads, item.clauses, style)]
    text = f"{opening} = {inline(item.value, style, SUM)}"
    basis = [head_text(head, style) for head in item.heads]
    return [Line(0, words(text, *basis), item.span.start, item.span.end)]


def _parts(heads: Sequence[ast.Head], clauses: Sequence[ast.Clause], style: Style) -> list[Line]:
    lines = [Line(STEP, head_text(head, style), head.span.start, head.span.end) for head in heads]
    for clause in clauses:
        lines += _clause(clause, style)
    return lines


def head_text(head: ast.Head, style: Style) -> str:
    """A head on its line."""
    match head:
        case ast.NationalCode():
            return f"{style.word('NATCODE')} {head.code}"
        case ast.Cite():
            return cite_text(head, style)
        case ast.InForce():
            end = f"{style.word('TO')} {inline(head.end, style)}" if head.end else None
            start = f"{style.word('STARTING')} {inline(head.start, style)}"
            return words(style.word("INFORCE"), start, end, head.word)
        case ast.Attribute():
            return words(style.word("ATTR"), head.name, _attribute_value(head, style))
        case ast.Certainty():
            return f"{style.word('CERTAINTY')} {head.word}"
        case ast.Stages():
            return f"{style.word('STAGES')} {style.listed(head.words)}"
        case ast.Open():
            return f"{style.word('OPEN')} {head.authority} {style.listed(head.words)}"
        case ast.Closed():
            return f"{style.word('CLOSED')} {cite_text(head.cite, style)}"
        case _:
            assert_never(head)


def _attribute_value(head: ast.Attribute, style: Style) -> str:
    if head.day is not None:
        return inline(head.day, style)
    if head.text is not None:
        return text_in(head.text.value, "“")
    return style.listed(head.values)


def _clause(clause: ast.Clause, style: Style) -> list[Line]:
    match clause:
        case ast.Let() | ast.When() | ast.Require() | ast.Forbid() | ast.Unless():
            return _condition(clause, style)
        case ast.Message() | ast.Remedy():
            return _message(clause, style)
        case ast.For() | ast.Keep() | ast.DeductOrder() | ast.Then() | ast.Note():
            text = _clause_text(clause, style)
            return [Line(STEP, text, clause.span.start, clause.span.end)]
        case _:
            assert_never(clause)


def _condition(
    clause: ast.Let | ast.When | ast.Require | ast.Forbid | ast.Unless, style: Style
) -> list[Line]:
    start = clause.span.start
    match clause:
        case ast.Let():
            name = name_text(clause.name, style)
            frame = Frame(STEP, f"{style.word('LET')} {name} = ", "", start)
            return lay_out(clause.value, frame, style)
        case ast.When():
            return _whole(clause.condition, Frame(STEP, f"{style.word('WHEN')} ", "", start), style)
        case ast.Require():
            frame = Frame(STEP, f"{style.word('REQUIRE')} ", "", start)
            return _whole(clause.condition, frame, style)
        case ast.Forbid():
            frame = Frame(STEP, f"{style.word('FORBID')} ", "", start)
            return _whole(clause.condition, frame, style)
        case ast.Unless():
            basis = f" {cite_text(clause.cite, style)}" if clause.cite else ""
            frame = Frame(STEP, f"{style.word('UNLESS')} ", basis, start)
            return _whole(clause.condition, frame, style)
        case _:
            assert_never(clause)


def _whole(node: ast.Expr, frame: Frame, style: Style) -> list[Line]:
    """A condition; a list that is the whole of it always has one part a line."""
    if isinstance(node, ast.Logic) and node.listed and len(node.items) > 1:
        return broken(node, frame, style)
    return lay_out(node, frame, style)


def _message(clause: ast.Message | ast.Remedy, style: Style) -> list[Line]:
    word = style.word("MESSAGE" if isinstance(clause, ast.Message) else "REMEDY")
    text = f"{word} {title_text(clause.text)}"
    span = clause.span
    if clause.text.en is None or (fits(STEP, text) and not style.parted(span.start, span.end)):
        return [Line(STEP, text, span.start, span.end)]
    zh, en = clause.text.zh, clause.text.en
    first = Line(STEP, f"{word} {text_in(zh.value, '“')}", span.start, zh.span.end)
    return [first, Line(_SECOND_TEXT, text_in(en.value, "“"), en.span.start, en.span.end)]


def _clause_text(
    clause: ast.For | ast.Keep | ast.DeductOrder | ast.Then | ast.Note, style: Style
) -> str:
    match clause:
        case ast.For():
            return _subject(clause, style)
        case ast.Keep():
            if clause.key is None:
                return f"{style.word('KEEP')} {clause.name}"
            key = by_key(clause.key, style, descending=clause.descending)
            return f"{style.word('KEEP')} {style.word('ORDER')} {key}"
        case ast.DeductOrder():
            key = by_key(clause.key, style, descending=clause.descending)
            return f"{style.word('DEDUCTORDER')} {key}"
        case ast.Then():
            return _outcome(clause, style)
        case ast.Note():
            return words(style.word("NOTE"), text_in(clause.text.value, "“"), clause.mark)
        case _:
            assert_never(clause)


def _subject(clause: ast.For, style: Style) -> str:
    text = f"{style.word('FOR')} {clause.subject}"
    if clause.first is not None and clause.second is not None:
        named = style.word("AS")
        second = f"{clause.second_subject} {named} {name_text(clause.second, style)}"
        text = f"{text} {named} {name_text(clause.first, style)}{style.comma}{second}"
    if clause.group:
        keys = style.listed(inline(key, style) for key in clause.group)
        text = f"{text} {style.word('GROUP')} {keys}"
    if clause.period is not None:
        text = f"{text} {style.word('PER')} {clause.period}"
    if clause.window is not None:
        text = f"{text} {style.word('WITHIN')} {window_text(clause.window, style)}"
    return text


_OUTCOMES = {
    "deny": "DENY", "reduce": "REDUCE", "apart": "APART", "monitor": "MONITOR",
    "pay_at_most": "PAYATMOST", "remind": "REMIND", "review": "REVIEW",
}  # fmt: skip


def _outcome(clause: ast.Then, style: Style) -> str:
    amount = None if clause.amount is None else inline(clause.amount, style, SUM)
    guard = None
    if clause.condition is not None:
        guard = f"{style.word('WHEN')} {inline(clause.condition, style)}"
    return words(style.word("THEN"), style.word(_OUTCOMES[clause.op]), clause.cap, amount, guard)

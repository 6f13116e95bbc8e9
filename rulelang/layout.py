"""Expressions over several lines where one would be too long. Each line knows what it came from."""

from __future__ import annotations

from typing import NamedTuple

from rulelang import ast
from rulelang.format_expr import (
    EXPR,
    UNARY,
    Style,
    collection_lead,
    filtered_parts,
    inline,
    joint,
    level,
    list_opening,
    pick_tail,
)
from rulelang.render import width

WIDEST = 120  # columns; a Chinese sign takes two
STEP = 4


class Line(NamedTuple):
    """One line of output: its indentation, its text, and the offsets of what stands on it.

    A line that ends in an opening bracket ends where it starts, so that what stands behind the
    bracket belongs to the next line. `start` is where its first word stands, or before it.
    """

    indent: int
    text: str
    start: int
    end: int


class Frame(NamedTuple):
    """Where an expression is laid out: indentation, what stands before and behind it."""

    indent: int
    before: str
    behind: str
    start: int  # offset of what stands before

    def inner(self, before: str = "", behind: str = "", *, start: int) -> Frame:
        """A frame one step further in."""
        return Frame(self.indent + STEP, before, behind, start)


def fits(indent: int, text: str) -> bool:
    """Whether a line is not too long."""
    return indent + width(text) <= WIDEST


def lay_out(node: ast.Expr, frame: Frame, style: Style, place: int = EXPR) -> list[Line]:
    """An expression on one line if it fits, else over several at its outermost joints."""
    text = f"{frame.before}{inline(node, style, place)}{frame.behind}"
    if fits(frame.indent, text) and not style.parted(node.span.start, node.span.end):
        return [Line(frame.indent, text, frame.start, node.span.end)]
    return broken(node, frame, style, place)


def broken(node: ast.Expr, frame: Frame, style: Style, place: int = EXPR) -> list[Line]:
    """An expression over several lines if it has joints, else on one long line."""
    if level(node) < place:
        before, behind = frame.before + style.parens[0], style.parens[1] + frame.behind
        frame = frame._replace(before=before, behind=behind)
    match node:
        case ast.Logic(listed=True):
            return _list(node, frame, style)
        case ast.Logic():
            return _chain(node, frame, style)
        case ast.Not():
            frame = frame._replace(before=f"{frame.before}{style.word('NOT')} ")
            return broken(node.operand, frame, style, UNARY)
        case ast.If():
            return _conditional(node, frame, style)
        case ast.Quantifier() | ast.Aggregate() | ast.Pick():
            lead = f"{frame.before}{collection_lead(node, style)} "
            behind = f"{pick_tail(node, style)}{frame.behind}"
            return broken(node.collection, frame._replace(before=lead, behind=behind), style)
        case ast.Filtered() if node.where is not None:
            return _filtered(node, node.where, frame, style)
        case ast.SetLiteral():
            return _set(node, frame, style)
        case _:
            text = f"{frame.before}{inline(node, style)}{frame.behind}"
            return [Line(frame.indent, text, frame.start, node.span.end)]


def _list(node: ast.Logic, frame: Frame, style: Style) -> list[Line]:
    opening = f"{frame.before}{list_opening(node, style)}"
    lines = [Line(frame.indent, opening, frame.start, frame.start)]
    last = len(node.items) - 1
    for index, item in enumerate(node.items):
        behind = style.semicolon.rstrip() if index < last else ""
        lines += lay_out(item, frame.inner(behind=behind, start=item.span.start), style)
    return [*lines, _closing(style.braces[1], node, frame)]


def _closing(bracket: str, node: ast.Expr, frame: Frame) -> Line:
    end = node.span.end
    return Line(frame.indent, f"{bracket}{frame.behind}", max(end - 1, 0), end)


def _chain(node: ast.Logic, frame: Frame, style: Style) -> list[Line]:
    """`a` on the first line, then `且 b`, one a line, further in."""
    first, *rest = node.items
    lines = lay_out(first, frame._replace(behind=""), style, UNARY)
    for index, item in enumerate(rest):
        behind = frame.behind if index == len(rest) - 1 else ""
        before = f"{joint(node, style)} "
        inner = frame.inner(before, behind, start=item.span.start)
        lines += lay_out(item, inner, style, UNARY)
    return lines


def _conditional(node: ast.If, frame: Frame, style: Style) -> list[Line]:
    before = f"{frame.before}{style.word('IF')} "
    lines = lay_out(node.test, frame._replace(before=before, behind=""), style)
    then = frame.inner(f"{style.word('TAKE')} ", start=node.then.span.start)
    otherwise = frame.inner(f"{style.word('ELSE')} ", frame.behind, start=node.otherwise.span.start)
    return [
        *lines,
        *lay_out(node.then, then, style),
        *lay_out(node.otherwise, otherwise, style),
    ]


def _filtered(node: ast.Filtered, where: ast.Expr, frame: Frame, style: Style) -> list[Line]:
    word = f"{style.word('WHERE')}{style.before_brace}{style.parens[0]}"
    opening = f"{frame.before}{filtered_parts(node, style)} {word}"
    first = Line(frame.indent, opening, frame.start, frame.start)
    inner = lay_out(where, frame.inner(start=where.span.start), style)
    return [first, *inner, _closing(style.parens[1], node, frame)]


def _set(node: ast.SetLiteral, frame: Frame, style: Style) -> list[Line]:
    """Members side by side, as many a line as fit."""
    opening = f"{frame.before}{style.braces[0]}"
    lines = [Line(frame.indent, opening, frame.start, frame.start)]
    indent = frame.indent + STEP
    comma = style.comma.rstrip()
    text, start, end = "", node.items[0].span.start, 0
    for index, item in enumerate(node.items):
        part = inline(item, style) + (comma if index < len(node.items) - 1 else "")
        blank = " " if style.spelling == "en" and text else ""
        if text and not fits(indent, f"{text}{blank}{part}"):
            lines.append(Line(indent, text, start, end))
            text, blank, start = "", "", item.span.start
        text, end = f"{text}{blank}{part}", item.span.end
        following = node.items[index + 1 : index + 2]
        if following and style.parted(end, following[0].span.start):
            lines.append(Line(indent, text, start, end))
            text, start = "", following[0].span.start
    lines.append(Line(indent, text, start, end))
    return [*lines, _closing(style.braces[1], node, frame)]

"""Items as canonical lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from rulelang import ast
from rulelang.format_expr import SUM, Style, inline, name_text, plain_text, quantity_text, text_in
from rulelang.format_rules import (
    amendment_lines,
    cite_text,
    head_text,
    rule_lines,
    title_text,
    words,
)
from rulelang.layout import STEP, Frame, Line, fits, lay_out
from rulelang.units import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def item_lines(item: ast.Item, style: Style) -> list[Line]:
    """The lines of one item."""
    match item:
        case ast.Rule():
            return rule_lines(item, style)
        case ast.Amend():
            return amendment_lines(item, style)
        case ast.Table() | ast.Evidence() | ast.Decision() | ast.ListItem():
            return _declaration(item, style)
        case ast.Define():
            head = f"{style.word('DEFINE')} {name_text(item.name, style)}"
            if item.parameters:
                head = f"{head} {columns(item.parameters, style)}"
            frame = Frame(0, f"{head} = ", "", item.span.start)
            return lay_out(item.body, frame, style)
        case _:
            return [Line(0, _one_line(item, style), item.span.start, item.span.end)]


def columns(parts: Sequence[ast.Column], style: Style) -> str:
    """Columns in round brackets, on one line."""
    return style.bracketed(style.listed(column(part, style) for part in parts))


def column(part: ast.Column, style: Style) -> str:
    """One column."""
    text = f"{name_text(part.name, style)}{style.colon}{type_text(part.type, style)}"
    return f"{text} {style.word('BLANKANY')}" if part.blank_any else text


def type_text(node: ast.TypeExpr, style: Style) -> str:
    """A type as written."""
    match node:
        case ast.NamedType():
            if node.unit is None:
                return node.name
            return f"{node.name} {BY_NAME[node.unit].spelt(style.spelling)}"
        case ast.EnumType():
            return style.braced(style.listed(name_text(word, style) for word in node.words))
        case ast.RecordType():
            return columns(node.columns, style)
        case _:
            assert_never(node)


def _cites(nodes: Iterable[ast.Cite], style: Style) -> str:
    return "".join(f" {cite_text(node, style)}" for node in nodes)


# ---------------------------------------------------------------- items of one line


def _one_line(
    item: ast.RulesetHead
    | ast.Use
    | ast.Authority
    | ast.Region
    | ast.Document
    | ast.InForce
    | ast.Attribute
    | ast.Param
    | ast.Repeal,
    style: Style,
) -> str:
    match item:
        case ast.RulesetHead():
            return words(style.word("RULESET"), name_text(item.name, style), title_text(item.title))
        case ast.Use():
            version = text_in(item.version.value, "“") if item.version is not None else None
            return words(style.word("USE"), item.name, version)
        case ast.Authority():
            return f"{style.word('AUTHORITY')} {item.word}"
        case ast.Region():
            codes = style.listed(inline(code, style) for code in item.codes)
            return f"{style.word('REGION')} {codes}"
        case ast.Document():
            return _document(item, style)
        case ast.InForce() | ast.Attribute():
            return head_text(item, style)
        case ast.Param():
            return _parameter(item, style)
        case ast.Repeal():
            start = f"{style.word('STARTING')} {inline(item.start, style)}"
            return words(style.word("REPEAL"), item.target, start, cite_text(item.cite, style))
        case _:
            assert_never(item)


def _document(item: ast.Document, style: Style) -> str:
    number = issued = None
    if item.number is not None:
        number = f"{style.word('DOCNO')} {text_in(item.number.value, '“')}"
    if item.issued is not None:
        issued = f"{style.word('ISSUED')} {inline(item.issued, style)}"
    name = name_text(item.name, style)
    return words(style.word("DOCUMENT"), name, title_text(item.title), number, issued)


def _parameter(item: ast.Param, style: Style) -> str:
    head = f"{style.word('PARAM')} {name_text(item.name, style)}{style.colon}"
    text = f"{head}{type_text(item.type, style)} = {inline(item.value, style, SUM)}"
    for later in item.later:
        start = f"{style.word('STARTING')} {inline(later.start, style)}"
        text += f"{style.comma}{start} {inline(later.value, style, SUM)}"
    if item.low is not None and item.high is not None:
        low, high = inline(item.low, style, SUM), inline(item.high, style, SUM)
        text += f" {style.word('BOUNDS')} {low} {style.word('TO')} {high}"
    if item.open is not None:
        text += f" {head_text(item.open, style)}"
    return text + _cites(item.cites, style)


# ---------------------------------------------------------------- declarations


def _declaration(
    item: ast.Table | ast.Evidence | ast.Decision | ast.ListItem, style: Style
) -> list[Line]:
    match item:
        case ast.Table():
            return _table(item, style)
        case ast.Evidence():
            return _evidence(item, style)
        case ast.Decision():
            return _decision(item, style)
        case ast.ListItem():
            return _list(item, style)
        case _:
            assert_never(item)


def _columns_lines(
    head: str, parts: Sequence[ast.Column], behind: str, style: Style, start: int
) -> list[Line]:
    """A head with its columns, one a line if they are too long for one."""
    end = parts[-1].span.end
    whole = f"{head} {columns(parts, style)}{behind}"
    if fits(0, whole) and not style.parted(start, end):
        return [Line(0, whole, start, end)]
    lines = [Line(0, f"{head} {style.parens[0]}", start, start)]
    last = len(parts) - 1
    for index, part in enumerate(parts):
        comma = style.comma.rstrip() if index < last else ""
        lines.append(Line(STEP, f"{column(part, style)}{comma}", part.span.start, part.span.end))
    return [*lines, Line(0, f"{style.parens[1]}{behind}", end, end)]


def _table(item: ast.Table, style: Style) -> list[Line]:
    head = f"{style.word('TABLE')} {name_text(item.name, style)}"
    if not item.columns:
        source = f"{style.word('FROM')} {plain_text(item.file, style)}{_cites(item.cites, style)}"
        return [Line(0, f"{head} {source}", item.span.start, item.span.end)]
    lines = _columns_lines(head, item.columns, "", style, item.span.start)
    keys = style.listed(
        words(key.name, style.word("UNDER") if key.under else None) for key in item.keys
    )
    complete = None
    if item.complete:
        within = f"{style.word('WITHIN')} {style.listed(item.within)}" if item.within else None
        complete = words(style.word("COMPLETE"), within)
    key_text = words(style.word("KEY"), keys, item.word, complete)
    source = f"{style.word('FROM')} {plain_text(item.file, style)}"
    source = words(source + _cites(item.cites, style), item.mark)
    start, middle = item.keys[0].span.start, item.file.span.start
    is_parted = style.parted(start, item.span.end)
    if fits(STEP, f"{key_text} {source}") and not is_parted:
        return [*lines, Line(STEP, f"{key_text} {source}", start, item.span.end)]
    first = Line(STEP, key_text, start, item.keys[-1].span.end)
    return [*lines, first, Line(STEP, source, middle, item.span.end)]


def _evidence(item: ast.Evidence, style: Style) -> list[Line]:
    head = f"{style.word('EVIDENCE')} {name_text(item.name, style)}"
    if item.parameters:
        head = f"{head} {columns(item.parameters, style)}"
    head = f"{head}{style.colon}{type_text(item.type, style)}"
    valid = None
    if item.validity is not None:
        direction = style.word("PAST" if item.direction == "past" else "NEXT")
        valid = words(style.word("VALID"), direction, quantity_text(item.validity, style))
    owner = f"{style.word('OWNER')} {item.owner}"
    providers = f"{style.word('PROVIDER')} {style.listed(item.providers)}"
    tail = words(owner, providers, valid, item.word)
    if fits(0, f"{head} {tail}") and not style.parted(item.span.start, item.span.end):
        return [Line(0, f"{head} {tail}", item.span.start, item.span.end)]
    middle = item.type.span.end
    first = Line(0, head, item.span.start, middle)
    return [first, Line(STEP, tail, middle, item.span.end)]


def _list(item: ast.ListItem, style: Style) -> list[Line]:
    head = f"{style.word('LIST')} {name_text(item.name, style)}{style.colon}"
    head = f"{head}{type_text(item.type, style)}"
    tail = _cites(item.cites, style)
    if item.closed is not None:
        tail += f" {style.word('CLOSED')} {cite_text(item.closed, style)}"
    tail += f" {item.mark}" if item.mark else ""
    if item.members is None:
        file = f" {style.word('FROM')} {plain_text(item.file, style)}" if item.file else ""
        return [Line(0, f"{head}{file}{tail}", item.span.start, item.span.end)]
    return lay_out(item.members, Frame(0, f"{head} = ", tail, item.span.start), style, SUM)


def _decision(item: ast.Decision, style: Style) -> list[Line]:
    head = f"{style.word('DECISION')} {name_text(item.name, style)}"
    behind = f"{style.colon}{type_text(item.type, style)} {style.braces[0]}"
    lines = _columns_lines(head, item.parameters, behind, style, item.span.start)
    last = len(item.rows) - 1
    for index, row in enumerate(item.rows):
        mark = style.semicolon.rstrip() if index < last else ""
        lines.append(Line(STEP, f"{_row(row, style)}{mark}", row.span.start, row.span.end))
    end = item.rows[-1].span.end
    closing = f"{style.braces[1]}{_cites(item.cites, style)}"
    return [*lines, Line(0, closing, end, item.span.end)]


def _row(row: ast.DecisionRow, style: Style) -> str:
    value = f"{style.word('GIVES')} {inline(row.value, style, SUM)}"
    if row.cells is None:
        return f"{style.word('OTHERWISE')} {value}"
    return f"{style.listed(_cell(cell, style) for cell in row.cells)} {value}"


def _cell(cell: ast.Cell, style: Style) -> str:
    if cell.low is None:
        return style.word("WHATEVER")
    low = inline(cell.low, style, SUM)
    if cell.high is None:
        return low
    return f"{low} {style.word('TO')} {inline(cell.high, style, SUM)}"

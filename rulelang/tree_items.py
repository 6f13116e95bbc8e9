"""Trees of items to nodes of `rulelang.ast`. Knows shapes, nothing of meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rulelang import ast
from rulelang.tree import (
    Place,
    Tree,
    find,
    find_token,
    get,
    get_token,
    has_token,
    span_of,
    subtrees,
    tokens,
)
from rulelang.tree_expr import (
    code_of,
    date_of,
    expression,
    name_text,
    quantity_of,
    reference,
    set_literal,
    text_of,
)
from rulelang.tree_parts import (
    attribute,
    cite_of,
    cites_of,
    columns_of,
    declared,
    in_force,
    is_equals,
    names_of,
    open_of,
    title_of,
    type_of,
    word_of,
)
from rulelang.tree_rules import amend, rule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _ruleset(tree: Tree, at: Place) -> ast.Item:
    return ast.RulesetHead(
        name=declared(tree, at), title=title_of(tree, at), span=span_of(tree, at)
    )


def _use(tree: Tree, at: Place) -> ast.Item:
    version = find_token(tree, "STRING")
    return ast.Use(
        name=name_text(get(tree, "dname")),
        version=text_of(version, at) if version else None,
        span=span_of(tree, at),
    )


def _authority(tree: Tree, at: Place) -> ast.Item:
    return ast.Authority(word=get_token(tree, "NAME").text, span=span_of(tree, at))


def _region(tree: Tree, at: Place) -> ast.Item:
    codes = tuple(code_of(token, at) for token in tokens(tree, "CODE"))
    return ast.Region(codes=codes, span=span_of(tree, at))


def _document(tree: Tree, at: Place) -> ast.Item:
    number, issued = find(tree, "document_number"), find(tree, "issued")
    return ast.Document(
        name=declared(tree, at),
        title=title_of(tree, at),
        number=text_of(get_token(number, "STRING"), at) if number else None,
        issued=date_of(get_token(issued, "DATE"), at) if issued else None,
        span=span_of(tree, at),
    )


def _table(tree: Tree, at: Place) -> ast.Item:
    complete = find(tree, "complete")
    return ast.Table(
        name=declared(tree, at),
        columns=columns_of(tree, at),
        keys=tuple(
            ast.KeyColumn(
                name=get_token(key, "NAME").text,
                under=has_token(key, "UNDER"),
                span=span_of(key, at),
            )
            for key in subtrees(tree, "key")
        ),
        word=word_of(tree, "word"),
        complete=complete is not None,
        within=names_of(complete) if complete and find(complete, "names") else (),
        file=text_of(get_token(tree, "STRING"), at),
        cites=cites_of(tree, at),
        mark=word_of(tree, "mark"),
        span=span_of(tree, at),
    )


def _list(tree: Tree, at: Place) -> ast.Item:
    file, members = find_token(tree, "STRING"), find(tree, "set_lit", "ref")
    closed = find(tree, "closed")
    return ast.ListItem(
        name=declared(tree, at),
        type=type_of(tree, at),
        file=text_of(file, at) if file else None,
        members=_members(members, at) if members else None,
        cites=cites_of(tree, at),
        closed=cite_of(get(closed, "cite"), at) if closed else None,
        mark=word_of(tree, "mark"),
        span=span_of(tree, at),
    )


def _members(tree: Tree, at: Place) -> ast.Expr:
    return set_literal(tree, at) if tree.data == "set_lit" else reference(tree, at)


def _evidence(tree: Tree, at: Place) -> ast.Item:
    validity = find(tree, "validity")
    direction: Literal["past", "next"] | None = None
    if validity:
        direction = "past" if has_token(validity, "PAST") else "next"
    return ast.Evidence(
        name=declared(tree, at),
        parameters=columns_of(tree, at),
        type=type_of(tree, at),
        owner=get_token(get(tree, "owner"), "NAME").text,
        providers=names_of(get(tree, "provider")),
        direction=direction,
        validity=quantity_of(get_token(validity, "QTY"), at) if validity else None,
        word=word_of(tree, "word"),
        span=span_of(tree, at),
    )


def _param(tree: Tree, at: Place) -> ast.Item:
    bounds, opened = find(tree, "bounds"), find(tree, "open")
    equals = next(place for place, child in enumerate(tree.children) if is_equals(child))
    return ast.Param(
        name=declared(tree, at),
        type=type_of(tree, at),
        value=expression(tree.children[equals + 1], at),
        later=tuple(
            ast.DatedValue(
                start=date_of(get_token(part, "DATE"), at),
                value=expression(part.children[2], at),
                span=span_of(part, at),
            )
            for part in subtrees(tree, "dated")
        ),
        low=expression(bounds.children[1], at) if bounds else None,
        high=expression(bounds.children[3], at) if bounds else None,
        open=open_of(opened, at) if opened else None,
        cites=cites_of(tree, at),
        span=span_of(tree, at),
    )


def _define(tree: Tree, at: Place) -> ast.Item:
    return ast.Define(
        name=declared(tree, at),
        parameters=columns_of(tree, at),
        body=expression(tree.children[-1], at),
        span=span_of(tree, at),
    )


def _decision(tree: Tree, at: Place) -> ast.Item:
    return ast.Decision(
        name=declared(tree, at),
        parameters=columns_of(tree, at),
        type=type_of(tree, at),
        rows=tuple(_row(row, at) for row in subtrees(tree, "drow")),
        cites=cites_of(tree, at),
        span=span_of(tree, at),
    )


def _row(tree: Tree, at: Place) -> ast.DecisionRow:
    cells = tuple(_cell(cell, at) for cell in subtrees(tree, "cell"))
    value = expression(tree.children[-1], at)
    otherwise = has_token(tree, "OTHERWISE")
    return ast.DecisionRow(cells=None if otherwise else cells, value=value, span=span_of(tree, at))


def _cell(tree: Tree, at: Place) -> ast.Cell:
    span = span_of(tree, at)
    if has_token(tree, "WHATEVER"):
        return ast.Cell(span=span)
    low = expression(tree.children[0], at)
    high = expression(tree.children[2], at) if has_token(tree, "TO") else None
    return ast.Cell(low=low, high=high, span=span)


def _repeal(tree: Tree, at: Place) -> ast.Item:
    return ast.Repeal(
        target=name_text(get(tree, "dname")),
        start=date_of(get_token(tree, "DATE"), at),
        cite=cite_of(get(tree, "cite"), at),
        span=span_of(tree, at),
    )


_ITEMS: Mapping[str, Callable[[Tree, Place], ast.Item]] = {
    "ruleset": _ruleset, "use": _use, "authority": _authority, "region": _region,
    "document": _document, "in_force": in_force, "attribute": attribute, "table": _table,
    "list": _list, "evidence": _evidence, "param": _param, "define": _define,
    "decision": _decision, "rule": rule, "amend": amend, "repeal": _repeal,
}  # fmt: skip


def item(tree: Tree, at: Place) -> ast.Item:
    """The node of one item of a file."""
    return _ITEMS[tree.data](tree, at)

"""Parts that items and clauses share, from trees to nodes of `rulelang.ast`."""

from __future__ import annotations

from typing import cast

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
    date_of,
    expression,
    local_name,
    name_text,
    named,
    text_of,
)


def declared(tree: Tree, at: Place) -> ast.Name:
    """The name of a declaration."""
    decl = get(tree, "decl")
    names = [name_text(part) for part in subtrees(decl, "dname")]
    return named(names[0], names[1] if len(names) > 1 else None, span_of(decl, at), at)


def title_of(tree: Tree, at: Place) -> ast.Title:
    """The two texts of a title."""
    title = get(tree, "title")
    texts = [text_of(token, at) for token in tokens(title, "STRING")]
    en = texts[1] if len(texts) > 1 else None
    return ast.Title(zh=texts[0], en=en, span=span_of(title, at))


def names_of(tree: Tree) -> tuple[str, ...]:
    """The words of a list of names."""
    return tuple(token.text for token in tokens(get(tree, "names"), "NAME"))


def word_of(tree: Tree, rule: str) -> str | None:
    """The one word of a part, or None."""
    part = find(tree, rule)
    return get_token(part, "NAME").text if part else None


def cites_of(tree: Tree, at: Place) -> tuple[ast.Cite, ...]:
    """All citations of an item."""
    return tuple(cite_of(part, at) for part in subtrees(tree, "cite"))


def cite_of(tree: Tree, at: Place) -> ast.Cite:
    """One citation."""
    place = find_token(tree, "STRING")
    return ast.Cite(
        document=name_text(get(tree, "dname")),
        place=text_of(place, at) if place else None,
        span=span_of(tree, at),
    )


def type_of(tree: Tree, at: Place) -> ast.TypeExpr:
    """The type that is written."""
    part = get(tree, "named_type", "enum_type", "record_type")
    span = span_of(part, at)
    if part.data == "enum_type":
        words = tuple(local_name(word, at) for word in subtrees(part, "local"))
        return ast.EnumType(words=words, span=span)
    if part.data == "record_type":
        return ast.RecordType(columns=columns_of(part, at), span=span)
    unit = find_token(part, "UNIT")
    name = get_token(part, "NAME").text
    return ast.NamedType(name=name, unit=cast("str", unit.value) if unit else None, span=span)


def columns_of(tree: Tree, at: Place) -> tuple[ast.Column, ...]:
    """Columns of a table, parameters of a definition."""
    part = find(tree, "columns")
    if part is None:
        return ()
    return tuple(
        ast.Column(
            name=declared(column, at),
            type=type_of(column, at),
            blank_any=has_token(column, "BLANKANY"),
            span=span_of(column, at),
        )
        for column in subtrees(part, "column")
    )


def only(tree: Tree, at: Place) -> ast.Expr:
    """The one expression of a clause that is a keyword and an expression."""
    return expression(tree.children[1], at)


def in_force(tree: Tree, at: Place) -> ast.InForce:
    """The node of 施行."""
    until = find(tree, "until")
    return ast.InForce(
        start=date_of(get_token(tree, "DATE"), at),
        end=date_of(get_token(until, "DATE"), at) if until else None,
        word=word_of(tree, "word"),
        span=span_of(tree, at),
    )


def attribute(tree: Tree, at: Place) -> ast.Attribute:
    """The node of 属性."""
    day, text = find_token(tree, "DATE"), find_token(tree, "STRING")
    return ast.Attribute(
        name=get_token(tree, "NAME").text,
        values=names_of(tree) if day is None and text is None else (),
        day=date_of(day, at) if day else None,
        text=text_of(text, at) if text else None,
        span=span_of(tree, at),
    )


def is_equals(child: object) -> bool:
    """Whether a child is the sign `=`."""
    return getattr(child, "type", "") == "EQ"


def open_of(tree: Tree, at: Place) -> ast.Open:
    """The node of 开放."""
    authority = get_token(tree, "NAME").text
    return ast.Open(authority=authority, words=names_of(tree), span=span_of(tree, at))

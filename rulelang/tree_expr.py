"""Expression trees to nodes of `rulelang.ast`. Knows the grammar's shapes, nothing of meaning."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from rulelang import ast
from rulelang.limits import LIMITS
from rulelang.source import Span
from rulelang.tokens import Token
from rulelang.tree import (
    Branch,
    Place,
    Tree,
    find,
    find_token,
    get,
    get_token,
    has_token,
    span_of,
    tokens,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime
    from decimal import Decimal

MOST_LEVELS = LIMITS["levels"].most

CompareOp: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]
MemberOp: TypeAlias = Literal["in", "not_in", "under", "not_under", "has"]
TakeOp: TypeAlias = Literal["distinct", "sum", "max", "min", "median"]
SignOp: TypeAlias = Literal["+", "-", "*", "/"]

_COMPARISONS: Mapping[str, CompareOp] = {
    "=": "=", "!=": "!=", "≠": "!=", "<": "<", "<=": "<=", "≤": "<=", ">": ">", ">=": ">=",
    "≥": ">=", "==": "=", "=<": "<=", "=>": ">=", "<>": "!=",
}  # fmt: skip
_MEMBERSHIPS: Mapping[str, MemberOp] = {
    "IN": "in", "NOTIN": "not_in", "UNDER": "under", "NOTUNDER": "not_under", "HAS": "has",
}  # fmt: skip
_SIGNS: Mapping[str, SignOp] = {"PLUS": "+", "MINUS": "-", "STAR": "*", "SLASH": "/"}
_TAKES: Mapping[str, TakeOp] = {
    "COUNT": "distinct", "SUM": "sum", "MAX": "max", "MIN": "min", "MEDIAN": "median",
}  # fmt: skip


class TooDeep(Exception):  # noqa: N818  (never leaves the parser; it carries a place)
    """Nesting beyond what is read."""

    def __init__(self, span: Span) -> None:
        """Remember where the limit was passed."""
        super().__init__(span)
        self.span = span


def expression(branch: Branch, at: Place) -> ast.Expr:
    """The node of an expression; raises `TooDeep` beyond the nesting limit."""
    if isinstance(branch, Token):
        return literal(branch, at)
    if branch.data == "group":  # brackets leave no level behind
        return _group(branch, at)
    if at.depth >= MOST_LEVELS:
        raise TooDeep(span_of(branch, at))
    return _EXPRESSIONS[branch.data](branch, at.within())


def literal(token: Token, at: Place) -> ast.Expr:
    """The node of a literal token."""
    return _LITERALS[token.type](token, span_of(token, at))


def name_text(tree: Tree) -> str:
    """A dotted name as one text."""
    return ".".join(token.text for token in tokens(tree, "NAME"))


def named(first: str, second: str | None, span: Span, at: Place) -> ast.Name:
    """A declared name: the file's spelling first, then the other one."""
    if at.spelling == "zh":
        return ast.Name(zh=first, en=second, span=span)
    return ast.Name(zh=second, en=first, span=span)


def local_name(tree: Tree, at: Place) -> ast.Name:
    """The node of `甲 | a`."""
    words = [token.text for token in tokens(tree, "NAME")]
    return named(words[0], words[1] if len(words) > 1 else None, span_of(tree, at), at)


def text_of(token: Token, at: Place) -> ast.Text:
    """The node of a text token."""
    return ast.Text(value=cast("str", token.value), span=span_of(token, at))


def date_of(token: Token, at: Place) -> ast.Date:
    """The node of a date token."""
    return ast.Date(value=cast("date", token.value), span=span_of(token, at))


def quantity_of(token: Token, at: Place) -> ast.Quantity:
    """The node of a quantity token."""
    value, unit = cast("tuple[Decimal, str]", token.value)
    return ast.Quantity(value=value, unit=unit, span=span_of(token, at))


def code_of(token: Token, at: Place) -> ast.Code:
    """The node of a code token."""
    return ast.Code(value=cast("str", token.value), span=span_of(token, at))


def reference(tree: Tree, at: Place) -> ast.Expr:
    """A name with its fields, look-ups and calls, from left to right."""
    head, *posts = tree.children
    if at.depth + len(posts) > MOST_LEVELS:
        raise TooDeep(span_of(tree, at))
    path, start = at.path, head.start
    node: ast.Expr = ast.Ref(name=cast("Token", head).text, span=Span(path, start, head.end))
    for post in posts:
        span = Span(path, start, post.end)
        if isinstance(post, Token):
            place = Span(path, post.start, post.end)
            node = ast.Member(base=node, field=post.text, field_span=place, span=span)
        elif post.data == "lookup":
            node = ast.Lookup(base=node, keys=_operands(post, at), span=span)
        else:
            node = ast.Call(base=node, arguments=_operands(post, at), span=span)
    return node


def set_literal(tree: Tree, at: Place) -> ast.SetLiteral:
    """The node of `｛a，b 至 c｝`."""
    return ast.SetLiteral(items=_operands(tree, at), span=span_of(tree, at))


def window(tree: Tree, at: Place) -> ast.Window:
    """The node of what stands after 于, from a tree that holds it."""
    inner = get(tree, "window")
    span = span_of(inner, at)
    length = find_token(inner, "QTY")
    if length is None:
        return ast.Window(word=get_token(inner, "NAME").text, span=span)
    direction: Literal["past", "next"] = "past" if has_token(inner, "PAST") else "next"
    return ast.Window(direction=direction, length=quantity_of(length, at), span=span)


def by_key(tree: Tree, at: Place) -> tuple[ast.Expr, bool]:
    """The key of `按 ref [倒序]` and whether it descends."""
    return reference(get(tree, "ref"), at), has_token(tree, "DESC")


# Signs and keywords that stand beside operands without being one.
_BESIDE = frozenset(
    {
        "LPAR", "RPAR", "LSQB", "RSQB", "LBRACE", "RBRACE", "AND", "OR", "NOT", "IF", "TAKE",
        "ELSE", "CMP", "EQ", "IN", "NOTIN", "UNDER", "NOTUNDER", "HAS", "KNOWN", "ORELSE",
        "ATLEAST", "BELOW", "TO", "PLUS", "MINUS", "STAR", "SLASH", "ALLOF", "ONEOF", "ANY", "EACH",
        "COUNT", "DAYS", "DISTINCT", "FROM", "SUM", "MAX", "MIN", "MEDIAN", "FIRST", "LAST",
    }
)  # fmt: skip


def _operands(tree: Tree, at: Place) -> tuple[ast.Expr, ...]:
    return tuple(
        [
            expression(child, at)
            for child in tree.children
            if isinstance(child, Tree) or child.type not in _BESIDE
        ]
    )


def _conjunction(tree: Tree, at: Place) -> ast.Expr:
    return ast.Logic(op="and", items=_operands(tree, at), span=span_of(tree, at))


def _disjunction(tree: Tree, at: Place) -> ast.Expr:
    return ast.Logic(op="or", items=_operands(tree, at), span=span_of(tree, at))


def _all_of(tree: Tree, at: Place) -> ast.Expr:
    return ast.Logic(op="and", items=_operands(tree, at), listed=True, span=span_of(tree, at))


def _one_of(tree: Tree, at: Place) -> ast.Expr:
    return ast.Logic(op="or", items=_operands(tree, at), listed=True, span=span_of(tree, at))


def _at_least(tree: Tree, at: Place) -> ast.Expr:
    number, *items = _operands(tree, at)
    needed = cast("ast.Number", number).value
    return ast.Logic(
        op="at_least", items=tuple(items), needed=int(needed), listed=True, span=span_of(tree, at)
    )


def _if_else(tree: Tree, at: Place) -> ast.Expr:
    test, then, otherwise = _operands(tree, at)
    return ast.If(test=test, then=then, otherwise=otherwise, span=span_of(tree, at))


def _negation(tree: Tree, at: Place) -> ast.Expr:
    return ast.Not(operand=_operands(tree, at)[0], span=span_of(tree, at))


def _compare(tree: Tree, at: Place) -> ast.Expr:
    left, right = _operands(tree, at)
    op = _COMPARISONS[get_token(tree, "CMP", "EQ").text]
    return ast.Compare(op=op, left=left, right=right, span=span_of(tree, at))


def _membership(tree: Tree, at: Place) -> ast.Expr:
    left, right = _operands(tree, at)
    op = _MEMBERSHIPS[get_token(tree, *_MEMBERSHIPS).type]
    return ast.Membership(op=op, left=left, right=right, span=span_of(tree, at))


def _known(tree: Tree, at: Place) -> ast.Expr:
    return ast.IsKnown(operand=_operands(tree, at)[0], span=span_of(tree, at))


def _or_else(tree: Tree, at: Place) -> ast.Expr:
    operand, default = _operands(tree, at)
    return ast.OrElse(operand=operand, default=default, span=span_of(tree, at))


def _half_open(tree: Tree, at: Place) -> ast.Expr:
    operand, low, high = _operands(tree, at)
    return ast.HalfOpen(operand=operand, low=low, high=high, span=span_of(tree, at))


def _closed_range(tree: Tree, at: Place) -> ast.Expr:
    low, high = _operands(tree, at)
    return ast.ClosedRange(low=low, high=high, span=span_of(tree, at))


def _arithmetic(tree: Tree, at: Place) -> ast.Expr:
    left, right = _operands(tree, at)
    op = _SIGNS[get_token(tree, *_SIGNS).type]
    return ast.Arithmetic(op=op, left=left, right=right, span=span_of(tree, at))


def _negative(tree: Tree, at: Place) -> ast.Expr:
    return ast.Negative(operand=_operands(tree, at)[0], span=span_of(tree, at))


def _group(tree: Tree, at: Place) -> ast.Expr:
    """Brackets leave no node, but the node within covers them."""
    return replace(_operands(tree, at)[0], span=span_of(tree, at))


def _tuple(tree: Tree, at: Place) -> ast.Expr:
    return ast.Tuple(items=_operands(tree, at), span=span_of(tree, at))


def _quantifier(tree: Tree, at: Place) -> ast.Expr:
    op: Literal["any", "each"] = "any" if has_token(tree, "ANY") else "each"
    return ast.Quantifier(op=op, collection=_operands(tree, at)[0], span=span_of(tree, at))


def _counted(tree: Tree, at: Place) -> ast.Expr:
    op: Literal["count", "days"] = "count" if has_token(tree, "COUNT") else "days"
    return ast.Aggregate(op=op, collection=_operands(tree, at)[0], span=span_of(tree, at))


def _taken(tree: Tree, at: Place) -> ast.Expr:
    value, collection = _operands(tree, at)
    op = _TAKES[get_token(tree, *_TAKES).type]
    return ast.Aggregate(op=op, collection=collection, value=value, span=span_of(tree, at))


def _pick(tree: Tree, at: Place) -> ast.Expr:
    op: Literal["first", "last"] = "first" if has_token(tree, "FIRST") else "last"
    key, descending = by_key(get(tree, "by"), at)
    collection = expression(get(tree, "ref", "filtered"), at)
    span = span_of(tree, at)
    return ast.Pick(op=op, collection=collection, key=key, descending=descending, span=span)


def _filtered(tree: Tree, at: Place) -> ast.Expr:
    binder, within, where = find(tree, "binder"), find(tree, "within"), find(tree, "where")
    return ast.Filtered(
        source=reference(get(tree, "ref"), at),
        other=has_token(tree, "OTHER"),
        binder=local_name(get(binder, "local"), at) if binder else None,
        window=window(within, at) if within else None,
        where=expression(where.children[2], at) if where else None,
        span=span_of(tree, at),
    )


_EXPRESSIONS: Mapping[str, Callable[[Tree, Place], ast.Expr]] = {
    "conj": _conjunction,
    "disj": _disjunction,
    "if_else": _if_else,
    "negation": _negation,
    "compare": _compare,
    "membership": _membership,
    "known": _known,
    "or_else": _or_else,
    "half_open": _half_open,
    "closed_range": _closed_range,
    "set_lit": set_literal,
    "arithmetic": _arithmetic,
    "negative": _negative,
    "tuple": _tuple,
    "all_of": _all_of,
    "one_of": _one_of,
    "at_least": _at_least,
    "quantifier": _quantifier,
    "counted": _counted,
    "taken": _taken,
    "pick": _pick,
    "ref": reference,
    "filtered": _filtered,
}


def _number(token: Token, span: Span) -> ast.Expr:
    return ast.Number(value=cast("Decimal", token.value), span=span)


def _quantity(token: Token, span: Span) -> ast.Expr:
    value, unit = cast("tuple[Decimal, str]", token.value)
    return ast.Quantity(value=value, unit=unit, span=span)


_LITERALS: Mapping[str, Callable[[Token, Span], ast.Expr]] = {
    "NUM": _number,
    "QTY": _quantity,
    "DATE": lambda token, span: ast.Date(value=cast("date", token.value), span=span),
    "DATETIME": lambda token, span: ast.DateTime(value=cast("datetime", token.value), span=span),
    "CODE": lambda token, span: ast.Code(value=cast("str", token.value), span=span),
    "STRING": lambda token, span: ast.Text(value=cast("str", token.value), span=span),
}

"""Trees of rules and their clauses to nodes of `rulelang.ast`. Knows shapes, not meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from rulelang import ast
from rulelang.tree import (
    Place,
    Tree,
    find,
    get,
    get_token,
    span_of,
    subtrees,
)
from rulelang.tree_expr import (
    by_key,
    expression,
    local_name,
    name_text,
    reference,
    text_of,
    window,
)
from rulelang.tree_parts import (
    attribute,
    cite_of,
    cites_of,
    declared,
    in_force,
    is_equals,
    names_of,
    only,
    open_of,
    title_of,
    word_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Clause: TypeAlias = ast.Head | ast.Clause
OutcomeOp: TypeAlias = Literal[
    "deny", "reduce", "apart", "monitor", "pay_at_most", "remind", "review"
]

_OUTCOMES: Mapping[str, OutcomeOp] = {
    "DENY": "deny", "REDUCE": "reduce", "APART": "apart", "MONITOR": "monitor",
    "PAYATMOST": "pay_at_most", "REMIND": "remind", "REVIEW": "review",
}  # fmt: skip


def _natcode(tree: Tree, at: Place) -> ast.NationalCode:
    return ast.NationalCode(code=get_token(tree, "NAME").text, span=span_of(tree, at))


def _certainty(tree: Tree, at: Place) -> ast.Certainty:
    return ast.Certainty(word=get_token(tree, "NAME").text, span=span_of(tree, at))


def _stages(tree: Tree, at: Place) -> ast.Stages:
    return ast.Stages(words=names_of(tree), span=span_of(tree, at))


def _closed(tree: Tree, at: Place) -> ast.Closed:
    return ast.Closed(cite=cite_of(get(tree, "cite"), at), span=span_of(tree, at))


def _for(tree: Tree, at: Place) -> ast.For:
    pair, group = find(tree, "pair"), find(tree, "group_by")
    period, within = find(tree, "period"), find(tree, "within")
    locals_ = [local_name(part, at) for part in subtrees(pair, "local")] if pair else []
    return ast.For(
        subject=get_token(tree, "NAME", "RULESET").text,
        first=locals_[0] if locals_ else None,
        second_subject=get_token(pair, "NAME").text if pair else None,
        second=locals_[1] if locals_ else None,
        group=tuple(reference(part, at) for part in subtrees(group, "ref")) if group else (),
        period=get_token(period, "NAME").text if period else None,
        window=window(within, at) if within else None,
        span=span_of(tree, at),
    )


def _let(tree: Tree, at: Place) -> ast.Let:
    name = local_name(get(tree, "local"), at)
    return ast.Let(name=name, value=expression(tree.children[-1], at), span=span_of(tree, at))


def _when(tree: Tree, at: Place) -> ast.When:
    return ast.When(condition=only(tree, at), span=span_of(tree, at))


def _require(tree: Tree, at: Place) -> ast.Require:
    return ast.Require(condition=only(tree, at), span=span_of(tree, at))


def _forbid(tree: Tree, at: Place) -> ast.Forbid:
    return ast.Forbid(condition=only(tree, at), span=span_of(tree, at))


def _unless(tree: Tree, at: Place) -> ast.Unless:
    cite = find(tree, "cite")
    basis = cite_of(cite, at) if cite else None
    return ast.Unless(condition=only(tree, at), cite=basis, span=span_of(tree, at))


def _keep(tree: Tree, at: Place) -> ast.Keep:
    by, span = find(tree, "by"), span_of(tree, at)
    if by is None:
        return ast.Keep(name=get_token(tree, "NAME").text, span=span)
    key, descending = by_key(by, at)
    return ast.Keep(key=key, descending=descending, span=span)


def _deduct_order(tree: Tree, at: Place) -> ast.DeductOrder:
    key, descending = by_key(tree, at)
    return ast.DeductOrder(key=key, descending=descending, span=span_of(tree, at))


def _then(tree: Tree, at: Place) -> ast.Then:
    outcome = get_token(tree, *_OUTCOMES)
    amounts = [
        child
        for child in tree.children[2:]
        if not (isinstance(child, Tree) and child.data in {"when", "word"})
    ]
    when = find(tree, "when")
    return ast.Then(
        op=_OUTCOMES[outcome.type],
        amount=expression(amounts[0], at) if amounts else None,
        cap=word_of(tree, "word"),
        condition=only(when, at) if when else None,
        span=span_of(tree, at),
    )


def _message(tree: Tree, at: Place) -> ast.Message:
    return ast.Message(text=title_of(tree, at), span=span_of(tree, at))


def _remedy(tree: Tree, at: Place) -> ast.Remedy:
    return ast.Remedy(text=title_of(tree, at), span=span_of(tree, at))


def _note(tree: Tree, at: Place) -> ast.Note:
    text = text_of(get_token(tree, "STRING"), at)
    return ast.Note(text=text, mark=word_of(tree, "mark"), span=span_of(tree, at))


_CLAUSES: Mapping[str, Callable[[Tree, Place], Clause]] = {
    "natcode": _natcode, "cite": cite_of, "in_force": in_force, "attribute": attribute,
    "certainty": _certainty, "stages": _stages, "open": open_of, "closed": _closed, "for": _for,
    "let": _let, "when": _when, "require": _require, "forbid": _forbid, "unless": _unless,
    "keep": _keep, "deduct_order": _deduct_order, "then": _then, "message": _message,
    "remedy": _remedy, "note": _note,
}  # fmt: skip


def clause(tree: Tree, at: Place) -> Clause:
    """The node of one clause of a rule, head or body."""
    return _CLAUSES[tree.data](tree, at)


def opening(tree: Tree, at: Place) -> tuple[ast.Name, ast.Title]:
    """Name and title of a rule."""
    return declared(tree, at), title_of(tree, at)


def target(tree: Tree) -> str:
    """The rule or parameter that a 补充 names."""
    return name_text(get(tree, "dname"))


def parted(clauses: list[Clause]) -> tuple[tuple[ast.Head, ...], tuple[ast.Clause, ...]]:
    """Heads and body clauses, each in the order written."""
    heads = [part for part in clauses if isinstance(part, ast.Head)]
    body = [part for part in clauses if not isinstance(part, ast.Head)]
    return tuple(heads), tuple(body)


def rule(tree: Tree, at: Place) -> ast.Item:
    """The node of a whole rule."""
    first, *rest = subtrees(tree)
    name, title = opening(first, at)
    heads, clauses = parted([clause(part, at) for part in rest])
    return ast.Rule(name=name, title=title, heads=heads, clauses=clauses, span=span_of(tree, at))


def amend(tree: Tree, at: Place) -> ast.Item:
    """The node of a whole amendment."""
    first, *rest = tree.children
    name, span = target(cast("Tree", first)), span_of(tree, at)
    if rest and is_equals(rest[0]):
        value = expression(rest[1], at)
        return ast.Amend(target=name, value=value, heads=cites_of(tree, at), span=span)
    parts = [clause(part, at) for part in rest if isinstance(part, Tree)]
    heads, clauses = parted(parts)
    return ast.Amend(target=name, heads=heads, clauses=clauses, span=span)

"""What a case can see of a rule: its conditions, boundaries, exceptions and outcomes.

Reads the core only; what cases have seen of these points is `coverage`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rulelang import core
from rulelang.source import Span
from rulelang.types import Type
from rulelang.walk import children, walk

Kind: TypeAlias = Literal["condition", "boundary", "exception", "outcome"]

AIMS: Mapping[Kind, tuple[str, ...]] = {
    "condition": ("true", "false", "unknown"),
    "boundary": ("at", "beyond"),
    "exception": ("excusing",),
    "outcome": ("reached",),
}
ORDERINGS = frozenset({"<", "<=", ">", ">="})
ROW = "row:"  # how the type of a table's row begins


@dataclass(frozen=True, slots=True)
class Point:
    """One thing of a rule; it is to be seen in each of the ways that `AIMS` gives for its kind.

    `expr` is what is evaluated for it; None for an outcome without a condition.
    """

    kind: Kind
    expr: core.Expr | None
    span: Span

    @property
    def aims(self) -> tuple[str, ...]:
        """The ways in which it is to be seen."""
        return AIMS[self.kind]


@dataclass(frozen=True, slots=True)
class Boundary:
    """A comparison of something found with a threshold, which may stand on either side."""

    comparison: core.Cmp
    threshold: core.Expr
    reversed: bool  # the threshold stands on the left


def points_of(rule: core.Rule) -> tuple[Point, ...]:
    """All points of a rule, in the order in which they are written."""
    found = [
        *(Point("condition", expr, expr.span) for expr in conditions_of(rule)),
        *(Point("boundary", item.comparison, item.comparison.span) for item in boundaries_of(rule)),
        *(Point("exception", item.condition, item.span) for item in rule.exceptions),
        *(Point("outcome", item.condition, _place(item, rule)) for item in rule.outcomes),
    ]
    return tuple(found)


def _place(outcome: core.Outcome, rule: core.Rule) -> Span:
    known = outcome.condition if outcome.condition is not None else outcome.amount
    return rule.span if known is None or not known.span.path else known.span


def clauses_of(rule: core.Rule) -> Iterator[core.Expr]:
    """The expressions that decide: named parts, 当, 要求, 除非, 则."""
    yield from (let.value for let in rule.lets)
    yield rule.when
    yield rule.require
    yield from (clause.condition for clause in rule.exceptions)
    for outcome in rule.outcomes:
        yield from (part for part in (outcome.amount, outcome.condition) if part is not None)


def nodes_of(rule: core.Rule) -> Iterator[core.Expr]:
    """Every expression of the clauses that decide, and of a group's key."""
    for clause in clauses_of(rule):
        yield from walk(clause)
    for _, key in rule.subject.keys:
        yield from walk(key)


# ---------------------------------------------------------------- conditions


def conditions_of(rule: core.Rule) -> tuple[core.Expr, ...]:
    """The leaf conditions of a rule, and the branches of a disjunction, each once."""
    found: dict[int, core.Expr] = {}
    for clause in clauses_of(rule):
        for expr in _conditions(clause, asked=clause.type.kind == "yes_no"):
            found.setdefault(id(expr), expr)
    return tuple(found.values())


def _conditions(expr: core.Expr, *, asked: bool) -> Iterator[core.Expr]:
    """The conditions in an expression; `asked` says that the expression itself is one."""
    match expr:
        case core.Logic():
            for item in expr.items:
                if expr.op != "and" and isinstance(item, core.Logic):
                    yield item
                yield from _conditions(item, asked=True)
        case core.Not():
            yield from _conditions(expr.operand, asked=True)
        case core.If():
            yield from _conditions(expr.test, asked=True)
            yield from _conditions(expr.then, asked=asked)
            yield from _conditions(expr.otherwise, asked=asked)
        case _:
            if asked and not isinstance(expr, core.Lit):
                yield expr
            for child in children(expr):
                yield from _conditions(child, asked=child is _asked_of_each(expr))


def _asked_of_each(expr: core.Expr) -> core.Expr | None:
    """The condition that is put to each member of a collection; of `含` there is but the whole."""
    if isinstance(expr, core.Quantifier):
        return expr.body if expr.body is None or expr.body.span != expr.span else None
    return expr.where if isinstance(expr, core.Collection) else None


# ---------------------------------------------------------------- boundaries


def boundaries_of(rule: core.Rule) -> tuple[Boundary, ...]:
    """The comparisons by size of something found with a literal, parameter, cell or decision."""
    lets = {let.name: let.value for let in rule.lets}
    found: dict[int, Boundary] = {}
    for node in nodes_of(rule):
        if isinstance(node, core.Cmp) and node.op in ORDERINGS and id(node) not in found:
            boundary = _boundary(node, lets)
            if boundary is not None:
                found[id(node)] = boundary
    return tuple(found.values())


def _boundary(node: core.Cmp, lets: Mapping[str, core.Expr]) -> Boundary | None:
    left, right = _is_threshold(node.left, lets), _is_threshold(node.right, lets)
    if left is right or not _has_steps(node.left.type, node.right.type):
        return None
    return Boundary(node, node.left if left else node.right, reversed=left)


def _has_steps(left: Type, right: Type) -> bool:
    """Whether it can be told what lies just beside a value: not of differences in months."""
    return {left.kind, right.kind} != {"interval", "months"}


def _is_threshold(expr: core.Expr, lets: Mapping[str, core.Expr]) -> bool:
    match expr:
        case core.Lit() | core.ParamRef() | core.CellOf() | core.Decide():
            return True
        case core.Local():
            return expr.name in lets and _is_threshold(lets[expr.name], lets)
        case core.Get():
            return expr.base.type.name.startswith(ROW)
        case core.If():
            return _is_threshold(expr.then, lets) and _is_threshold(expr.otherwise, lets)
        case core.Arith():
            return _is_threshold(expr.left, lets) and _is_threshold(expr.right, lets)
        case core.Neg():
            return _is_threshold(expr.operand, lets)
        case core.OrElse():
            return _is_threshold(expr.operand, lets) and _is_threshold(expr.default, lets)
        case _:
            return False

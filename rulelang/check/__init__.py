"""Types of expressions: the tree as written becomes core, every mistake reported once.

The door is `check_expr`; rules and declarations are lowered in `rulelang.lower`.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import assert_never

from rulelang import ast, core, types
from rulelang.calendar import AgeLimit
from rulelang.check.calls import check_call
from rulelang.check.collections import (
    check_aggregate,
    check_condition,
    check_filtered,
    check_pick,
    check_quantifier,
)
from rulelang.check.compare import (
    check_arithmetic,
    check_compare,
    check_half_open,
    fit_literal,
)
from rulelang.check.guards import conjuncts
from rulelang.check.levels import MOST_LEVELS, too_deep
from rulelang.check.lookups import check_lookup
from rulelang.check.names import check_member, check_ref
from rulelang.check.scope import Checker, Scope, alike, broken, is_broken
from rulelang.check.sets import check_membership
from rulelang.check.units import unit_help
from rulelang.types import Type
from rulelang.units import BY_NAME


def check_expr(c: Checker, node: ast.Expr, scope: Scope, expected: Type | None) -> core.Expr:
    """One expression in a scope; `expected` is a hint for words and codes, not a demand.

    What it is nested in is counted, definitions in place of their names included.
    """
    if c.level >= MOST_LEVELS:
        return too_deep(c, node.span)
    c.level += 1
    found = _check(c, node, scope, expected)
    c.level -= 1
    return found


def _check(  # noqa: C901 - one case a node kind
    c: Checker, node: ast.Expr, scope: Scope, expected: Type | None
) -> core.Expr:
    match node:  # the most frequent first
        case ast.Ref():
            return check_ref(c, node, scope, expected)
        case ast.Member():
            return check_member(c, node, scope)
        case ast.Number() | ast.Quantity() | ast.Date() | ast.DateTime() | ast.Code() | ast.Text():
            return literal(node, expected)
        case ast.Lookup():
            return check_lookup(c, node, scope)
        case ast.Call():
            return check_call(c, node, scope)
        case ast.Compare():
            return check_compare(c, node, scope)
        case ast.HalfOpen():
            return check_half_open(c, node, scope)
        case ast.Membership():
            return check_membership(c, node, scope)
        case ast.Arithmetic():
            return check_arithmetic(c, node, scope)
        case ast.Filtered():
            return check_filtered(c, node, scope)
        case ast.Quantifier():
            return check_quantifier(c, node, scope)
        case ast.Aggregate():
            return check_aggregate(c, node, scope)
        case ast.Pick():
            return check_pick(c, node, scope)
        case _:
            return _check_rest(c, node, scope, expected)


def _check_rest(
    c: Checker,
    node: (
        ast.Tuple | ast.Negative | ast.ClosedRange | ast.SetLiteral | ast.IsKnown | ast.OrElse
        | ast.Not | ast.Logic | ast.If
    ),
    scope: Scope,
    expected: Type | None,
) -> core.Expr:  # fmt: skip
    match node:
        case ast.Tuple():
            items = tuple(c.expr(c, item, scope, None) for item in node.items)
            kinds = tuple(item.type for item in items)
            return core.Tuple(type=Type("tuple", items=kinds), span=node.span, items=items)
        case ast.Negative():
            return _negative(c, node, scope)
        case ast.ClosedRange() | ast.SetLiteral():
            return c.fail(
                "RL0314",
                node.span,
                ("范围和集合只能写在 `在`、`属于`、`含` 后面", "ranges and sets stand behind in, under or has only"),
            )  # fmt: skip
        case ast.IsKnown():
            return _known(c, node, scope)
        case ast.OrElse():
            return _or_else(c, node, scope, expected)
        case ast.Not():
            operand = check_condition(c, node.operand, scope)
            if is_broken(operand):
                return operand
            return core.Not(type=types.YES_NO, span=node.span, operand=operand)
        case ast.Logic():
            return _logic(c, node, scope)
        case ast.If():
            return _if(c, node, scope, expected)
        case _:
            assert_never(node)


def literal(
    node: ast.Number | ast.Quantity | ast.Date | ast.DateTime | ast.Code | ast.Text,
    expected: Type | None,
) -> core.Lit:
    """A constant; a code takes its system from what is expected."""
    match node:
        case ast.Number():
            return core.Lit(type=types.NUMBER, span=node.span, value=node.value)
        case ast.Quantity():
            return quantity(node)
        case ast.Date():
            return core.Lit(type=types.DATE, span=node.span, value=node.value)
        case ast.DateTime():
            return core.Lit(type=types.DATETIME, span=node.span, value=node.value)
        case ast.Code():
            system = expected.name if expected and expected.kind in {"code", "codes"} else ""
            return core.Lit(type=types.code(system), span=node.span, value=node.value)
        case ast.Text():
            return core.Lit(type=types.TEXT, span=node.span, value=node.value)
        case _:
            assert_never(node)


def quantity(node: ast.Quantity) -> core.Lit:
    """A number with its unit, by the unit's kind (S3.1, S4.1)."""
    unit = BY_NAME[node.unit]
    scaled = node.value * unit.factor
    match unit.kind:
        case "days":
            return core.Lit(type=types.DAYS, span=node.span, value=scaled)
        case "months":
            return core.Lit(type=types.MONTHS, span=node.span, value=scaled)
        case "seconds":
            return core.Lit(type=types.SECONDS, span=node.span, value=scaled)
        case "age":
            limit = AgeLimit(int(node.value), unit.name)
            return core.Lit(type=types.AGE, span=node.span, value=limit)
        case "money":
            return core.Lit(type=types.MONEY, span=node.span, value=scaled)
        case "ratio":
            return core.Lit(type=types.RATIO, span=node.span, value=scaled)
        case "points":
            return core.Lit(type=types.POINTS, span=node.span, value=scaled)
        case "compound":
            kind = Type("measure", unit.name)
            return core.Lit(type=kind, span=node.span, value=node.value, unit=unit.name)
        case _:
            return core.Lit(type=types.QUANTITY, span=node.span, value=node.value, unit=unit.name)


def _negative(c: Checker, node: ast.Negative, scope: Scope) -> core.Expr:
    operand = c.expr(c, node.operand, scope, None)
    if is_broken(operand):
        return operand
    if operand.type.kind not in types.NUMERIC:
        words = c.say(operand.type)
        return c.fail("RL0402", node.span, (f"{words.zh}没有相反数", f"{words.en} has no negative"))
    if isinstance(operand, core.Lit) and isinstance(operand.value, Decimal):
        return replace(operand, value=-operand.value, span=node.span)
    return core.Neg(type=operand.type, span=node.span, operand=operand)


def _known(c: Checker, node: ast.IsKnown, scope: Scope) -> core.Expr:
    if not scope.known_allowed:
        return c.fail(
            "RL0310",
            node.span,
            (
                "`已知` 只能用在数据完整性规则、说明和整改中",
                "`known` stands in completeness rules, messages and remedies only",
            ),
            (
                "若要求有某项证明，请声明一个 `证据` 并要求它成立",
                "to want a proof, declare an `evidence` fact and require it",
            ),
        )
    operand = c.expr(c, node.operand, scope, None)
    if is_broken(operand):
        return operand
    return core.Known(type=types.YES_NO, span=node.span, operand=operand)


def _or_else(c: Checker, node: ast.OrElse, scope: Scope, expected: Type | None) -> core.Expr:
    operand = c.expr(c, node.operand, replace(scope, guarded=True), expected)
    default = c.expr(c, node.default, scope, operand.type)
    if is_broken(operand, default):
        return broken(node.span)
    default = fit_literal(c, default, operand.type)
    if not alike(default.type, operand.type) or operand.type.kind == "collection":
        first, second = c.say(operand.type), c.say(default.type)
        return c.fail(
            "RL0301",
            node.default.span,
            (f"`缺则` 前面是{first.zh}，后面是{second.zh}", f"{first.en} stands before `if_none`, {second.en} behind"),
            unit_help(c, operand.type, default.type, c.text(node.default.span)),
        )  # fmt: skip
    return core.OrElse(type=operand.type, span=node.span, operand=operand, default=default)


def _logic(c: Checker, node: ast.Logic, scope: Scope) -> core.Expr:
    items: list[core.Expr] = []
    for item in node.items:
        found = check_condition(c, item, scope)
        items.append(found)
        if node.op == "and" and item is not node.items[-1]:
            scope = scope.knowing(*conjuncts(found))
    if is_broken(*items):
        return broken(node.span)
    needed = node.needed or 0
    if node.op == "at_least" and not 1 <= needed <= len(items):
        return c.fail(
            "RL0308",
            node.span,
            (f"共 {len(items)} 项，不能要求至少 {needed} 项", f"there are {len(items)} items; at least {needed} cannot be wanted"),
        )  # fmt: skip
    return core.Logic(
        type=types.YES_NO, span=node.span, op=node.op, items=tuple(items), needed=needed
    )


def _if(c: Checker, node: ast.If, scope: Scope, expected: Type | None) -> core.Expr:
    test = check_condition(c, node.test, scope)
    then = c.expr(c, node.then, scope.knowing(*conjuncts(test)), expected)
    otherwise = c.expr(c, node.otherwise, scope, expected or then.type)
    if is_broken(test, then, otherwise):
        return broken(node.span)
    then, otherwise = fit_literal(c, then, otherwise.type), fit_literal(c, otherwise, then.type)
    if not alike(then.type, otherwise.type):
        first, second = c.say(then.type), c.say(otherwise.type)
        return c.fail(
            "RL0301",
            node.span,
            (f"`那么` 给出{first.zh}，`否则` 给出{second.zh}", f"`take` gives {first.en}, `else` gives {second.en}"),
            unit_help(c, then.type, otherwise.type, c.text(node.otherwise.span)),
        )  # fmt: skip
    return core.If(type=then.type, span=node.span, test=test, then=then, otherwise=otherwise)

"""Memberships: values in and under sets, lists, tables and ranges."""

from __future__ import annotations

from rulelang import ast, core, types
from rulelang.check.compare import check_compare, fit_literal, is_hierarchical
from rulelang.check.lookups import table_keys
from rulelang.check.scope import Checker, Scope, broken, fits, is_broken
from rulelang.types import Type


def check_membership(c: Checker, node: ast.Membership, scope: Scope) -> core.Expr:
    """`在 不在 属于 不属于 含`."""
    found = _positive(c, node, scope)
    if is_broken(found) or node.op not in {"not_in", "not_under"}:
        return found
    return core.Not(type=types.YES_NO, span=node.span, operand=found)


def _positive(c: Checker, node: ast.Membership, scope: Scope) -> core.Expr:
    if isinstance(node.right, ast.ClosedRange) and node.op in {"in", "not_in"}:
        return _between(c, node, node.right, scope)
    table = _table_named(c, node)
    if table is not None:
        return _has_row(c, node, table, scope)
    left = c.expr(c, node.left, scope, None)
    if is_broken(left):
        return broken(node.span)
    if node.op == "has":
        return _has(c, node, left, scope)
    return member_of(c, node, left, scope)


def _table_named(c: Checker, node: ast.Membership) -> core.Table | None:
    if not isinstance(node.right, ast.Ref) or node.op not in {"in", "not_in", "under", "not_under"}:
        return None
    symbol = c.unit.find(node.right.name)
    if symbol is None or not isinstance(symbol.node, ast.Table):
        return None
    return c.declared.tables.get(symbol.id)


def _has_row(c: Checker, node: ast.Membership, table: core.Table, scope: Scope) -> core.Expr:
    parts = node.left.items if isinstance(node.left, ast.Tuple) else (node.left,)
    keys = table_keys(c, table, parts, scope, node.left.span)
    if keys is None:
        return broken(node.span)
    return core.HasRow(type=types.YES_NO, span=node.span, table=table.id, keys=keys)


def _between(c: Checker, node: ast.Membership, right: ast.ClosedRange, scope: Scope) -> core.Expr:
    low = check_compare(
        c, ast.Compare(op=">=", left=node.left, right=right.low, span=node.span), scope
    )
    if is_broken(low):
        return low
    high = check_compare(
        c, ast.Compare(op="<=", left=node.left, right=right.high, span=node.span), scope
    )
    if is_broken(high):
        return high
    return core.Logic(type=types.YES_NO, span=node.span, op="and", items=(low, high))


def member_of(c: Checker, node: ast.Membership, left: core.Expr, scope: Scope) -> core.Expr:
    """A value in, or under, a set."""
    under = node.op in {"under", "not_under"}
    if left.type.kind == "collection":
        words = c.say(left.type)
        return c.fail(
            "RL0301",
            node.span,
            (f"{words.zh}不能用 `在`/`属于`", f"{words.en} is not used with in/under"),
            ("写 `集合 含 名单`，或 `任一 集合 满足（…）`", "write `collection has list`, or `any collection where (...)`"),
        )  # fmt: skip
    hierarchical = is_hierarchical(c, left.type)
    if hierarchical and not under:
        words = c.say(left.type)
        return c.fail(
            "RL0304",
            node.span,
            (f"{words.zh}有上下级，不能用 `在`", f"{words.en} has levels above and below and is not used with `in`"),
            ("改用 `属于`（含其下级）", "use `under` (descendants included)"),
        )  # fmt: skip
    ordered_tree = left.type.kind == "enum" and (
        (known := c.vocabulary.enums.get(left.type.name)) is not None and known.hierarchical
    )
    if under and not hierarchical and not ordered_tree and left.type.kind in {"code", "enum"}:
        words = c.say(left.type)
        return c.fail(
            "RL0304",
            node.span,
            (
                f"{words.zh}没有上下级，不能用 `属于`",
                f"{words.en} has no levels and is not used with `under`",
            ),
            ("改用 `在` 或 `=`", "use `in` or `=`"),
        )
    found = check_set(c, node.right, scope, left.type)
    if is_broken(found):
        return broken(node.span)
    return core.InSet(type=types.YES_NO, span=node.span, operand=left, set=found, under=under)


def check_set(c: Checker, node: ast.Expr, scope: Scope, element: Type) -> core.Expr:
    """The right side of a membership: a set, a list, a cell of codes, or one value."""
    if isinstance(node, ast.SetLiteral):
        return literal_set(c, node, element)
    found = fit_literal(c, c.expr(c, node, scope, element), element)
    if is_broken(found):
        return found
    if isinstance(found, core.Lit):
        if not fits(found.type, element):
            return _not_a_set(c, node, found.type, element)
        return core.LiteralSet(type=element, span=node.span, items=(core.CodeItem(found.value),))
    wanted = found.type
    if wanted.kind == "codes":
        wanted = types.code(wanted.name)
    if not fits(wanted, element):
        return _not_a_set(c, node, found.type, element)
    return found


def _not_a_set(c: Checker, node: ast.Expr, found: Type, element: Type) -> core.Lit:
    first, second = c.say(found), c.say(element)
    return c.fail(
        "RL0301",
        node.span,
        (f"此处应为{second.zh}的集合或名单，写的是{first.zh}", f"a set or list of {second.en} is wanted here, found {first.en}"),
    )  # fmt: skip


def literal_set(c: Checker, node: ast.SetLiteral, element: Type) -> core.Expr:
    """`{a, b to c}` of constants."""
    items: list[core.SetItem] = []
    for item in node.items:
        ends = (item.low, item.high) if isinstance(item, ast.ClosedRange) else (item,)
        values: list[object] = []
        for end in ends:
            value = fit_literal(c, c.expr(c, end, Scope(), element), element)
            if is_broken(value):
                return value
            if not isinstance(value, core.Lit) or not fits(value.type, element):
                return _not_a_constant(c, end, element)
            values.append(value.value)
        if len(values) > 1:
            items.append(core.CodeSpan(values[0], values[1]))
        else:
            items.append(core.CodeItem(values[0]))
    return core.LiteralSet(type=element, span=node.span, items=tuple(items))


def _not_a_constant(c: Checker, node: ast.Expr, element: Type) -> core.Lit:
    words = c.say(element)
    return c.fail(
        "RL0314",
        node.span,
        (f"集合里只能写{words.zh}的常量", f"a set holds constants of {words.en} only"),
    )


def _has(c: Checker, node: ast.Membership, left: core.Expr, scope: Scope) -> core.Expr:
    element_type = left.type.element
    field = (
        c.vocabulary.field(element_type.name, "code")
        if element_type is not None and element_type.kind == "entity"
        else None
    )
    if element_type is None or field is None:
        words = c.say(left.type)
        return c.fail(
            "RL0301",
            node.span,
            (f"`含` 前应为诊断或手术的集合，写的是{words.zh}", f"`has` follows a collection of diagnoses or operations, found {words.en}"),
        )  # fmt: skip
    element = c.fresh()
    found = check_set(c, node.right, scope, field.type)
    if is_broken(found):
        return broken(node.span)
    code = core.Get(
        type=field.type,
        span=node.span,
        base=core.Local(type=element_type, span=node.span, name=element),
        field="code",
    )
    body = core.InSet(type=types.YES_NO, span=node.span, operand=code, set=found, under=True)
    return core.Quantifier(
        type=types.YES_NO, span=node.span, op="any", collection=left, element=element, body=body
    )

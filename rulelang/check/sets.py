"""Memberships: values in and under sets, lists, tables and ranges."""

from __future__ import annotations

from decimal import Decimal

from rulelang import ast, core, types
from rulelang.check.compare import check_compare, fit_literal, is_hierarchical, is_nested
from rulelang.check.lookups import table_keys
from rulelang.check.ranges import report_reversed, reversed_range
from rulelang.check.scope import Checker, Scope, alike, broken, fits, is_broken
from rulelang.types import Type

_TERMINALS = {
    "in": "IN", "not_in": "NOTIN", "under": "UNDER", "not_under": "NOTUNDER", "has": "HAS",
}  # fmt: skip


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
    scope = scope.unguarded()
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
    c.note_symbol(node.right.span, symbol)
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
    return reversed_range(c, right.low, right.high, low, high) or core.Logic(
        type=types.YES_NO, span=node.span, op="and", items=(low, high)
    )


def member_of(c: Checker, node: ast.Membership, left: core.Expr, scope: Scope) -> core.Expr:
    """A value in, or under, a set."""
    under = node.op in {"under", "not_under"}
    if left.type.kind == "collection":
        return _collection_in(c, node, left)
    hierarchical = is_hierarchical(c, left.type)
    if hierarchical and not under:
        return _wrong_membership(c, node, left.type, "UNDER" if node.op == "in" else "NOTUNDER")
    ordered_tree = left.type.kind == "enum" and (
        (known := c.vocabulary.enums.get(left.type.name)) is not None and known.hierarchical
    )
    levels = hierarchical or ordered_tree or is_nested(c, left.type)
    if under and not levels and left.type.kind in {"code", "enum"}:
        return _wrong_membership(c, node, left.type, "IN" if node.op == "under" else "NOTIN")
    found = check_set(c, node.right, scope, left.type)
    if is_broken(found):
        return broken(node.span)
    return core.InSet(type=types.YES_NO, span=node.span, operand=left, set=found, under=under)


def _collection_in(c: Checker, node: ast.Membership, left: core.Expr) -> core.Lit:
    """The complaint about a collection where one value is wanted."""
    words, keyword = c.say(left.type), c.keyword(_TERMINALS[node.op])
    source, right = c.text(node.left.span), c.text(node.right.span)
    element = left.type.element
    coded = element is not None and c.vocabulary.field(element.name, "code") is not None
    opener, closer = ("（", "）") if c.spelling == "zh" else (" (", ")")
    written = f"{c.keyword('ANY')} {source} {c.keyword('WHERE')}{opener}… {keyword} {right}{closer}"
    if coded:
        negated = f"{c.keyword('NOT')} " if node.op in {"not_in", "not_under"} else ""
        written = f"{negated}{source} {c.keyword('HAS')} {right}"
    return c.fail(
        "RL0301",
        node.span,
        (f"{words.zh}不能用 `{keyword}`", f"{words.en} is not used with `{keyword}`"),
        (f"写 `{written}`", f"write `{written}`"),
    )


def _wrong_membership(c: Checker, node: ast.Membership, left: Type, right: str) -> core.Lit:
    """The complaint about 在 where there are levels, or 属于 where there are none."""
    words, keyword = c.say(left), c.keyword(_TERMINALS[node.op])
    written = f"{c.text(node.left.span)} {c.keyword(right)} {c.text(node.right.span)}"
    if right in {"UNDER", "NOTUNDER"}:
        zh, en = f"{words.zh}有上下级", f"{words.en} has levels above and below"
        more = ("，下级也算在内", "; what is below counts too")
    else:
        zh, en, more = f"{words.zh}没有上下级", f"{words.en} has no levels", ("", "")
    return c.fail(
        "RL0304",
        node.span,
        (f"{zh}，不能用 `{keyword}`", f"{en} and is not used with `{keyword}`"),
        (f"写 `{written}`{more[0]}", f"write `{written}`{more[1]}"),
    )


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
        return core.LiteralSet(
            type=element, span=node.span, items=(core.CodeItem(_with_unit(found)),)
        )
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
        _as_code(c, node) if found.kind == "text" and element.kind == "code" else None,
    )  # fmt: skip


def _as_code(c: Checker, node: ast.Expr) -> tuple[str, str]:
    code = c.text(node.span).strip("\"“”'")
    return f"编码写作 `#{code}`，不加引号", f"codes are written `#{code}`, without quotes"


def literal_set(c: Checker, node: ast.SetLiteral, element: Type) -> core.Expr:
    """`{a, b to c}` of constants."""
    items: list[core.SetItem] = []
    for item in node.items:
        ends = (item.low, item.high) if isinstance(item, ast.ClosedRange) else (item,)
        values: list[object] = []
        for end in ends:
            told = len(c.problems.found)
            value = fit_literal(c, c.expr(c, end, Scope(), element), element)
            if is_broken(value):  # what is only declared further down was not told of
                return value if len(c.problems.found) > told else _not_a_constant(c, end, element)
            if not isinstance(value, core.Lit) or not alike(value.type, element):
                return _not_a_constant(c, end, element)
            values.append(_with_unit(value))
        if len(values) > 1:
            if isinstance(item, ast.ClosedRange) and _is_reversed(values[0], values[1]):
                return report_reversed(c, item.low, item.high)
            items.append(core.CodeSpan(values[0], values[1]))
        else:
            items.append(core.CodeItem(values[0]))
    return core.LiteralSet(type=element, span=node.span, items=tuple(items))


def _with_unit(value: core.Lit) -> object:
    """A member as the cells of tables hold it: a quantity with its unit."""
    return (value.value, value.unit) if value.type.kind == "quantity" else value.value


def _is_reversed(low: object, high: object) -> bool:
    if isinstance(low, str) and isinstance(high, str):
        return low > high and not low.startswith(high)
    return isinstance(low, Decimal) and isinstance(high, Decimal) and low > high


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
            (f"`含` 前应为许多诊断或手术，写的是{words.zh}", f"`has` follows a collection of diagnoses or operations, found {words.en}"),
            _instead_of_has(c, node, left.type),
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


def _instead_of_has(c: Checker, node: ast.Membership, left: Type) -> tuple[str, str] | None:
    if left.kind in {"code", "enum"}:
        keyword = c.keyword("UNDER" if is_hierarchical(c, left) else "IN")
        written = f"{c.text(node.left.span)} {keyword} {c.text(node.right.span)}"
        return f"写 `{written}`", f"write `{written}`"
    if left.kind == "text":
        return "文本不能按内容查找；用编码和名单", "texts are not searched; use codes and lists"
    return None

"""What follows from what, by the forms of conditions alone: literals, ranges, sets and prefixes.

Says yes only where it is so for all values; a no means that nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rulelang import core
from rulelang.check.guards import alike, spelt_out
from rulelang.walk import rebuild, walk

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_BY_PREFIX = frozenset({"icd10", "icd9", "drug_class"})  # a code begins with those above it
_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}


@dataclass(frozen=True, slots=True)
class _Range:
    """What a comparison with a literal leaves of a value; None is no limit."""

    operand: core.Expr
    unit: tuple[str, str, str]
    low: Any = None
    low_in: bool = False
    high: Any = None
    high_in: bool = False


def plain(expr: core.Expr, rule: core.Rule) -> core.Expr:
    """A condition with what its names stand for, as it was written."""
    lets = {let.name: let.value for let in rule.lets}

    def change(node: core.Expr) -> core.Expr:
        return node.written if isinstance(node, core.Joint) else node

    return rebuild(spelt_out(expr, lets), change)


def implies(left: core.Expr, right: core.Expr) -> bool:
    """Whether `right` holds wherever `left` does."""
    if alike(left, right):
        return True
    if isinstance(right, core.Logic) and right.op == "and":
        return all(implies(left, item) for item in right.items)
    if isinstance(left, core.Logic) and left.op == "or":
        return all(implies(item, right) for item in left.items)
    if isinstance(right, core.Logic) and right.op == "or":
        return any(implies(left, item) for item in right.items)
    if isinstance(left, core.Logic) and left.op == "and":
        return any(implies(item, right) for item in left.items)
    if isinstance(left, core.Not) and isinstance(right, core.Not):
        return implies(right.operand, left.operand)
    return _in_range(left, right) or _in_set(left, right) or _has_more(left, right)


def contradicts(left: core.Expr, right: core.Expr) -> bool:
    """Whether two conditions never hold together."""
    if isinstance(left, core.Not):
        return implies(right, left.operand)
    if isinstance(right, core.Not):
        return implies(left, right.operand)
    one, two = _range(left), _range(right)
    if one is not None and two is not None and _same(one, two):
        return _before(one, two) or _before(two, one)
    one_set, two_set = _set(left), _set(right)
    if one_set is None or two_set is None or not alike(one_set[0], two_set[0]):
        return False
    if one_set[2] or two_set[2]:
        return False  # one may lie below the other
    values = [_values(one_set[1]), _values(two_set[1])]
    return None not in values and not (values[0] or set()) & (values[1] or set())


def _values(items: tuple[core.SetItem, ...]) -> set[Any] | None:
    """The members of a set without ranges."""
    single = [item.value for item in items if isinstance(item, core.CodeItem)]
    return set(single) if len(single) == len(items) else None


def constant(expr: core.Expr) -> bool | None:
    """What a condition comes to whatever the bill; None where that is not to be seen."""
    match expr:
        case core.Lit() if isinstance(expr.value, bool):
            return expr.value
        case core.Not():
            inner = constant(expr.operand)
            return None if inner is None else not inner
        case core.Cmp():
            return _compared(expr)
        case _:
            return None


def _compared(expr: core.Cmp) -> bool | None:
    left, right = expr.left, expr.right
    if alike(left, right):
        return expr.op in {"=", "<=", ">="}
    if not isinstance(left, core.Lit) or not isinstance(right, core.Lit):
        return None
    one, two = left.value, right.value
    if left.type != right.type or left.unit != right.unit or type(one) is not type(two):
        return None
    if expr.op in {"=", "!="}:
        return bool(one == two) is (expr.op == "=")
    if not isinstance(one, Decimal | date):
        return None
    above = bool(one > two)
    return above if expr.op == ">" else bool(one < two) if expr.op == "<" else (
        above or one == two if expr.op == ">=" else not above
    )  # fmt: skip


# ---------------------------------------------------------------- ranges


def _range(expr: core.Expr) -> _Range | None:
    if isinstance(expr, core.Not) and isinstance(expr.operand, core.Cmp):
        inner = expr.operand
        return _limits(inner.left, _NEGATED[inner.op], inner.right)
    return _limits(expr.left, expr.op, expr.right) if isinstance(expr, core.Cmp) else None


def _limits(left: core.Expr, op: str, right: core.Expr) -> _Range | None:
    if isinstance(left, core.Lit):
        left, op, right = right, _FLIPPED[op], left
    if not isinstance(right, core.Lit) or not isinstance(right.value, Decimal | date):
        return None
    unit = (right.type.kind, right.type.name, right.unit)
    value = right.value
    match op:
        case "=":
            return _Range(left, unit, value, low_in=True, high=value, high_in=True)
        case "<" | "<=":
            return _Range(left, unit, high=value, high_in=op == "<=")
        case ">" | ">=":
            return _Range(left, unit, value, low_in=op == ">=")
        case _:
            return None


def _same(one: _Range, two: _Range) -> bool:
    return one.unit == two.unit and alike(one.operand, two.operand)


def _in_range(left: core.Expr, right: core.Expr) -> bool:
    one, two = _range(left), _range(right)
    if one is None or two is None or not _same(one, two):
        return False
    low = two.low is None or (
        one.low is not None
        and (one.low > two.low or (one.low == two.low and (two.low_in or not one.low_in)))
    )
    high = two.high is None or (
        one.high is not None
        and (one.high < two.high or (one.high == two.high and (two.high_in or not one.high_in)))
    )
    return low and high


def _before(one: _Range, two: _Range) -> bool:
    if one.high is None or two.low is None:
        return False
    return bool(one.high < two.low) or (one.high == two.low and not (one.high_in and two.low_in))


# ---------------------------------------------------------------- sets


def _set(expr: core.Expr) -> tuple[core.Expr, tuple[core.SetItem, ...], bool] | None:
    """An operand, the members one of which it is, and whether all below them count."""
    if isinstance(expr, core.InSet) and isinstance(expr.set, core.LiteralSet):
        return expr.operand, expr.set.items, expr.under
    if isinstance(expr, core.Cmp) and expr.op == "=" and isinstance(expr.right, core.Lit):
        value = expr.right.value
        if isinstance(value, str):
            return expr.left, (core.CodeItem(value),), False
    return None


def _in_set(left: core.Expr, right: core.Expr) -> bool:
    one, two = _set(left), _set(right)
    if one is None or two is None or not alike(one[0], two[0]) or (one[2] and not two[2]):
        return False
    by_prefix = two[2] and two[0].type.kind == "code" and two[0].type.name in _BY_PREFIX
    return all(any(_covers(b, a, by_prefix=by_prefix) for b in two[1]) for a in one[1])


def _has_more(left: core.Expr, right: core.Expr) -> bool:
    """`含 #I63.9` is `含 #I63` as well."""
    if not isinstance(left, core.Quantifier) or not isinstance(right, core.Quantifier):
        return False
    if left.op != "any" or right.op != "any" or left.body is None or right.body is None:
        return False
    if not alike(left.collection, right.collection):
        return False
    return implies(left.body, _renamed(right.body, right.element, left.element))


def _renamed(expr: core.Expr, old: str, new: str) -> core.Expr:
    from dataclasses import replace  # noqa: PLC0415

    def change(node: core.Expr) -> core.Expr:
        if isinstance(node, core.Local) and node.name == old:
            return replace(node, name=new)
        return node

    return rebuild(expr, change)


def _covers(wide: core.SetItem, narrow: core.SetItem, *, by_prefix: bool) -> bool:
    """Whether all that one member of a set stands for, another stands for too."""
    low, high = _ends(wide)
    first, last = _ends(narrow)
    if wide == narrow or not by_prefix:
        return wide == narrow
    return bool(low <= first or first.startswith(low)) and bool(
        last <= high or last.startswith(high)
    )


def _ends(item: core.SetItem) -> tuple[Any, Any]:
    return (item.low, item.high) if isinstance(item, core.CodeSpan) else (item.value, item.value)


# ---------------------------------------------------------------- what is read


def stands_on(
    asked: Iterable[core.Expr], rule: core.Rule, program: core.Program
) -> tuple[core.Expr | None, core.Expr | None]:
    """The first evidence fact and the first illustrative table or list that conditions read."""
    evidence: core.Expr | None = None
    table: core.Expr | None = None
    for expr in asked:
        for node in walk(plain(expr, rule)):
            if isinstance(node, core.EvidenceOf | core.Series):
                evidence = evidence or node
            elif isinstance(node, core.HasRow | core.CellOf | core.Rows):
                if program.tables[node.table].illustrative:
                    table = table or node
            elif isinstance(node, core.ListSet) and program.lists[node.list].illustrative:
                table = table or node
    return evidence, table

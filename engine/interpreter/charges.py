"""The sign of what a member adds to a sum: members that are not held are charges (S7.2, S8.1).

A price, a duration or a dose is never below 0; an amount or a quantity is not for a charge, and may
be for a refund that was not netted. What is held and what is not is read by one measure, so that a
member that comes to be known never takes back what was decided without it (S12.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.facts import Entity, Value
from rulelang import core
from rulelang.values import ANYTHING, FROM_ZERO, TRUE, ZERO, Range, larger
from rulelang.walk import walk

# Facts of a line that are below 0 where it gives something back.
TURNED = frozenset(
    {"amount", "claimed_amount", "content", "dose_per_pack", "quantity", "unit_quantity"}
)
OF_BILLS = frozenset({"line", "encounter", "operation", "prescription"})
COUNTED = frozenset({"money", "quantity"})
MEASURED = COUNTED | {"days", "measure", "number", "ratio", "seconds"}


def of_others(value: core.Expr | None) -> Range:
    """What a member that is not held may add."""
    return FROM_ZERO if value is None or _is_never_negative(value) else ANYTHING


def of_member(expr: core.Expr | None, element: Any, value: Value) -> Value:
    """What a member adds, not below 0 where nothing of its kind is, as far as it is a charge."""
    if expr is None or value.absent is TRUE or value.unlimited or value.choices is not None:
        return value
    known = ANYTHING if value.range is None else value.range
    if known.low is not None or (known.high is not None and known.high < 0):
        return value
    if not _is_never_negative(expr) or not (_is_charge(element) or not any(_turned(expr))):
        return value
    return replace(value, range=larger(ZERO, known))


def _turned(expr: core.Expr) -> Iterator[core.Expr]:
    for node in walk(expr):
        if isinstance(node, core.Get) and node.field in TURNED:
            yield node


def _is_charge(element: Any) -> bool:
    """Whether a line is known to be one: the sign of its amount or of its quantity is known."""
    if not isinstance(element, Entity):
        return False
    found = (element.value(name).range for name in ("amount", "quantity"))
    return any(one is not None and one.low is not None and one.low >= 0 for one in found)


def _is_never_negative(expr: core.Expr) -> bool:
    match expr:
        case core.Get():
            of_a_bill = expr.base.type.name in OF_BILLS
            return expr.type.kind in (MEASURED if of_a_bill else COUNTED)
        case core.CellOf() | core.EvidenceOf():
            return expr.type.kind in COUNTED
        case core.ParamRef():
            return expr.type.kind in MEASURED
        case core.Lit():
            return isinstance(expr.value, Decimal) and expr.value >= 0
        case core.Arith():
            sides = _is_never_negative(expr.left) and _is_never_negative(expr.right)
            return expr.op != "-" and sides
        case core.OrElse():
            return _is_never_negative(expr.operand) and _is_never_negative(expr.default)
        case core.If():
            return _is_never_negative(expr.then) and _is_never_negative(expr.otherwise)
        case _:
            return False

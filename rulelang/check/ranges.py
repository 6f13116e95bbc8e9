"""Ranges of constants whose end lies before their start: nothing is ever in them."""

from __future__ import annotations

from rulelang import ast, core
from rulelang.calendar import AgeLimit
from rulelang.check.scope import Checker


def reversed_range(
    c: Checker, low: ast.Expr, high: ast.Expr, first: core.Expr, second: core.Expr
) -> core.Lit | None:
    """The complaint about `low` to `high`, given the two comparisons, if it holds nothing."""
    if not isinstance(first, core.Cmp) or not isinstance(second, core.Cmp):
        return None
    if not is_empty(first.right, second.right, second.op):
        return None
    return report_reversed(c, low, high)


def report_reversed(c: Checker, low: ast.Expr, high: ast.Expr) -> core.Lit:
    """Say that a range is written from its end to its start."""
    start, end = c.text(low.span), c.text(high.span)
    return c.fail(
        "RL0315",
        low.span.to(high.span),
        (f"从 `{start}` 到 `{end}` 之间没有值", f"nothing lies between `{start}` and `{end}`"),
        ("小的写在前面", "the smaller one stands first"),
    )


def is_empty(low: core.Expr, high: core.Expr, op: str = "<=") -> bool:
    """Whether nothing lies from `low` to `high`, which is included if `op` is <=."""
    if not isinstance(low, core.Lit) or not isinstance(high, core.Lit) or low.unit != high.unit:
        return False
    first, last = low.value, high.value
    if isinstance(first, AgeLimit) and isinstance(last, AgeLimit):
        if first.unit != last.unit:
            return False
        first, last = first.count, last.count
    if type(first) is not type(last):
        return False
    return bool(first > last) or (op == "<" and bool(first == last))

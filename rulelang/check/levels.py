"""How deep expressions are, with what named parts and definitions stand for.

Every pass over an expression goes as deep as it is; what is named in 记 or 定义 is as deep where it
is used as if it were written there.
"""

from __future__ import annotations

from collections.abc import Mapping

from rulelang import core
from rulelang.check.scope import Checker, broken
from rulelang.limits import LIMITS, beyond
from rulelang.source import Span
from rulelang.walk import children

MOST_LEVELS = LIMITS["levels"].most


def too_deep(c: Checker, span: Span) -> core.Lit:
    """Tell that the levels at a place are more than are taken; once of a stretch."""
    told = beyond("levels", span)
    if not any(each.code == told.code and each.span == span for each in c.problems.found):
        c.problems.found.append(told)
    return broken(span)


def levels_of(expr: core.Expr, named: Mapping[str, int]) -> int:
    """How many levels an expression has; `named` are those of the parts that it may name."""
    most = 0
    waiting = [(expr, 1)]
    while waiting:
        node, level = waiting.pop()
        most = max(most, level + (named.get(node.name, 0) if isinstance(node, core.Local) else 0))
        waiting += [(child, level + 1) for child in children(node)]
    return most

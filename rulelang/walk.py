"""Walks over core expressions: children, and rebuilding with some nodes replaced."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace

from rulelang import core

_HOLDING = re.compile(r"\b(Expr|SetExpr|Addend)\b")


class _Holding(dict[type, tuple[str, ...]]):
    """The fields of a kind of expression that may hold others, as their annotations say."""

    def __missing__(self, kind: type[core.Node]) -> tuple[str, ...]:
        names = (item.name for item in fields(kind) if _HOLDING.search(str(item.type)))
        found = self[kind] = tuple(names)
        return found


_FIELDS = _Holding()


def children(expr: core.Expr) -> Iterator[core.Expr]:
    """The expressions directly below one, in the order of its fields."""
    for name in _FIELDS[type(expr)]:
        value = getattr(expr, name)
        if isinstance(value, core.Node):
            yield value  # type: ignore[misc]
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, core.Node))  # type: ignore[misc]


def walk(expr: core.Expr) -> Iterator[core.Expr]:
    """`expr` and all expressions below it, each before its parts."""
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        yield node
        if _FIELDS[type(node)]:
            waiting.extend(reversed([*children(node)]))


def rebuild(expr: core.Expr, change: Callable[[core.Expr], core.Expr]) -> core.Expr:
    """`expr` with `change` applied to every node, the innermost first."""
    changed: dict[str, object] = {}
    for name in _FIELDS[type(expr)]:
        value = getattr(expr, name)
        if isinstance(value, core.Node):
            made = rebuild(value, change)  # type: ignore[arg-type]
            if made is not value:
                changed[name] = made
        elif isinstance(value, tuple) and any(isinstance(item, core.Node) for item in value):
            parts = tuple(
                rebuild(item, change) if isinstance(item, core.Node) else item  # type: ignore[arg-type]
                for item in value
            )
            if any(one is not other for one, other in zip(parts, value, strict=True)):
                changed[name] = parts
    return change(replace(expr, **changed) if changed else expr)  # type: ignore[arg-type]

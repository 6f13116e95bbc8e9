"""Opinions on sets that are written out: members that another member holds already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rulelang import ast
from rulelang.diagnostics import Diagnostic, Edit, Related, Words
from rulelang.driver import Compiled
from rulelang.lint.trees import nodes
from rulelang.source import Span


def on_sets(compiled: Compiled) -> Iterator[Diagnostic]:
    """RL0910: a code that stands twice, or below another one of a set of codes with levels."""
    for unit in compiled.units:
        for file in unit.files:
            for node in nodes(file):
                if isinstance(node, ast.SetLiteral):
                    yield from _of_set(node)


def _of_set(node: ast.SetLiteral) -> Iterator[Diagnostic]:
    seen: dict[str, ast.Expr] = {}
    for index, item in enumerate(node.items):
        if not isinstance(item, ast.Code):
            continue
        first = _holder(item, node.items[:index]) or seen.get(item.value)
        seen.setdefault(item.value, item)
        if first is None:
            continue
        yield Diagnostic(
            "RL0910",
            item.span,
            Words(f"`#{item.value}` 已在集合中", f"`#{item.value}` is in the set already"),
            Words("删去它", "take it away"),
            (Related(first.span, Words("已包含它", "holds it")),),
            (Edit(_with_comma(node, index), ""),),
        )


def _holder(code: ast.Code, earlier: Sequence[ast.Expr]) -> ast.Expr | None:
    """A range before a code that holds it; one code never holds another where there are no levels."""
    for item in earlier:
        if isinstance(item, ast.ClosedRange):
            low, high = item.low, item.high
            if isinstance(low, ast.Code) and isinstance(high, ast.Code):
                within = low.value <= code.value <= high.value
                if within or code.value.startswith(high.value):
                    return item
    return None


def _with_comma(node: ast.SetLiteral, index: int) -> Span:
    item = node.items[index].span
    return Span(item.path, node.items[index - 1].span.end, item.end)

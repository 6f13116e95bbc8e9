"""Messages and remedies: texts with places, in both languages."""

from __future__ import annotations

import re

from rulelang import ast, core
from rulelang.check.scope import Checker, Scope, is_broken
from rulelang.diagnostics import Diagnostic, Problems
from rulelang.parser import parse_expression
from rulelang.source import Source
from rulelang.walk import walk

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def lower_text(c: Checker, node: ast.Title, scope: Scope) -> core.Message:
    """One message; both texts must name the same facts (SYNTAX 1.2)."""
    zh = _template(c, node.zh, scope)
    en = _template(c, node.en, scope) if node.en is not None else zh
    if node.en is not None and _named(zh) != _named(en):
        first, second = _shown(node.zh.value), _shown(node.en.value)
        c.fail(
            "RL0311",
            node.en.span,
            (f"两种文字引用的事实不同：{first}；{second}", f"the two texts name different facts: {first}; {second}"),
            ("让两段文字的 `{…}` 指同样的事实", "let the `{...}` of both texts stand for the same facts"),
        )  # fmt: skip
    return core.Message(zh, en)


def _shown(text: str) -> str:
    return "、".join(found.group(0) for found in _PLACE.finditer(text) if found.group(1)) or "—"


def _named(template: core.Template) -> set[str]:
    return {_key(piece) for piece in template.pieces if not isinstance(piece, str)}


def _key(expr: core.Expr) -> str:
    parts = []
    for node in walk(expr):
        match node:
            case core.Local():
                parts.append("" if node.name.startswith("_") else node.name)
            case core.Get() | core.Members():
                parts.append(node.field)
            case core.EvidenceOf() | core.Series():
                parts.append(node.evidence)
            case core.CellOf():
                parts.append(f"{node.table}.{node.column}")
            case core.ParamRef():
                parts.append(node.param)
            case _:
                parts.append(type(node).__name__)
    return "/".join(parts)


def _template(c: Checker, text: ast.Text, scope: Scope) -> core.Template:
    pieces: list[str | core.Expr] = []
    last = 0
    for found in _PLACE.finditer(text.value):
        pieces.append(text.value[last : found.start()])
        last = found.end()
        inner = found.group(1)
        if inner is None:
            if found.group(0) in {"{{", "}}"}:
                pieces.append(found.group(0)[0])
            else:
                c.fail(
                    "RL0313",
                    text.span,
                    (
                        f"花括号没有配对：`{found.group(0)}`",
                        f"the brace `{found.group(0)}` is not paired",
                    ),
                    ("要写花括号本身，写两个：`{{`", "a brace itself is written twice: `{{`"),
                )
            continue
        expr = _place(c, inner, text, scope)
        if expr is not None:
            pieces.append(expr)
    pieces.append(text.value[last:])
    return core.Template(tuple(piece for piece in pieces if piece != ""))


def _place(c: Checker, inner: str, text: ast.Text, scope: Scope) -> core.Expr | None:
    node, diagnostics = parse_expression(Source(text.span.path, inner))
    before, c.problems = c.problems, Problems()
    try:
        c.problems.found.extend(diagnostics)
        found = c.expr(c, node, scope, None) if node is not None else None
        problems = c.problems.found
    finally:
        c.problems = before
    for problem in problems:
        c.problems.found.append(
            Diagnostic(problem.code, text.span, problem.words, problem.help, problem.related)
        )
    if found is None or is_broken(found):
        return None
    return found

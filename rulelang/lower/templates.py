"""Messages and remedies: texts with places, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from rulelang import ast, core
from rulelang.check.scope import Checker, Scope, is_broken
from rulelang.diagnostics import Diagnostic, Problems
from rulelang.literals import unescaped
from rulelang.parser import parse_expression
from rulelang.source import Source, Span
from rulelang.walk import walk

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_FULL_WIDTH = re.compile(r"｛([\w.]+)｝")


class _Raw(NamedTuple):
    """A text as it stands in its file, and where; `exact` if its places are those of the file."""

    source: Source
    start: int
    body: str
    exact: bool

    def span(self, start: int, end: int) -> Span:
        """The place of a stretch of the text."""
        return Span(self.source.path, self.start + start, self.start + end)


class _Read(NamedTuple):
    """A template, whether all of its places could be read, and how each is written."""

    template: core.Template
    good: bool
    written: dict[str, str]  # by what the place stands for


def lower_text(c: Checker, node: ast.Title, scope: Scope) -> core.Message:
    """One message; both texts must name the same facts (SYNTAX 1.2)."""
    before = c.spelling
    c.spelling = "zh"
    zh = _template(c, node.zh, scope)
    c.spelling = "en"
    en = _template(c, node.en, scope) if node.en is not None else zh
    c.spelling = before
    if node.en is not None and zh.good and en.good and zh.written.keys() != en.written.keys():
        _differ(c, node.en.span, zh, en)
    return core.Message(zh.template, en.template)


def _differ(c: Checker, span: Span, zh: _Read, en: _Read) -> None:
    """The complaint about two texts that name different facts."""
    lacking = {
        "en": [text for key, text in zh.written.items() if key not in en.written],
        "zh": [text for key, text in en.written.items() if key not in zh.written],
    }
    parts = [
        (f"英文缺 {'、'.join(lacking['en'])}", f"the English one lacks {', '.join(lacking['en'])}"),
        (f"中文缺 {'、'.join(lacking['zh'])}", f"the Chinese one lacks {', '.join(lacking['zh'])}"),
    ]
    found = [part for part, lang in zip(parts, ("en", "zh"), strict=True) if lacking[lang]]
    c.fail(
        "RL0311",
        span,
        ("两种文字引用的事实不同：" + "，".join(part[0] for part in found),
         "the two texts name different facts: " + ", ".join(part[1] for part in found)),
        ("两段文字要引用同样的事实，中文用中文名，英文用英文名",
         "both texts name the same facts, each in its own language"),
    )  # fmt: skip


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


def _raw(c: Checker, text: ast.Text) -> _Raw:
    written = c.written(text.span)[1:]
    source = c.sources.get(text.span.path)
    for body in (written[:-1], written):
        if source is not None and written and unescaped(body) == text.value:
            return _Raw(source, text.span.start + 1, body, exact=True)
    return _Raw(Source(text.span.path, text.value), 0, text.value, exact=False)


def _template(c: Checker, text: ast.Text, scope: Scope) -> _Read:
    raw = _raw(c, text)
    pieces: list[str | core.Expr] = []
    named: dict[str, str] = {}
    before = len(c.problems.found)
    last = 0
    for found in _PLACE.finditer(raw.body):
        pieces.append(unescaped(raw.body[last : found.start()]))
        last = found.end()
        if found.group(0) in {"{{", "}}"}:
            pieces.append(found.group(0)[0])
        elif found.group(1) is None:
            _unpaired(c, raw.span(*found.span()) if raw.exact else text.span, found.group(0))
        else:
            expr = _place(c, raw, found.span(1), text, scope)
            if expr is not None:
                pieces.append(expr)
                named.setdefault(_key(expr), f"`{found.group(0)}`")
    pieces.append(unescaped(raw.body[last:]))
    _full_width(c, raw)
    good = len(c.problems.found) == before
    return _Read(core.Template(tuple(piece for piece in pieces if piece != "")), good, named)


def _unpaired(c: Checker, span: Span, brace: str) -> None:
    c.fail(
        "RL0313",
        span,
        (f"花括号 `{brace}` 没有配对", f"the brace `{brace}` is not paired"),
        (
            "事实写作 `{名称}`；要写花括号本身，写两个：`{{`",
            "facts are written `{name}`; a brace itself is written twice: `{{`",
        ),
    )


def _full_width(c: Checker, raw: _Raw) -> None:
    """Full-width braces are signs of a text, and so would be printed; a fact is meant."""
    if not raw.exact:
        return
    for found in _FULL_WIDTH.finditer(raw.body):
        c.fail(
            "RL0313",
            raw.span(*found.span()),
            (f"`{found[0]}` 是全角花括号，不会换成事实", f"`{found[0]}` has full-width braces and stands for no fact"),
            (f"写 `{{{found[1]}}}`", f"write `{{{found[1]}}}`"),
        )  # fmt: skip


def _place(
    c: Checker, raw: _Raw, within: tuple[int, int], text: ast.Text, scope: Scope
) -> core.Expr | None:
    node, diagnostics = _read(raw, raw.span(*within), raw.body[slice(*within)])
    before, c.problems = c.problems, Problems()
    try:
        c.problems.found.extend(diagnostics)
        found = c.expr(c, node, scope, None) if node is not None else None
        problems = c.problems.found
    finally:
        c.problems = before
    for problem in problems:
        c.problems.found.append(problem if raw.exact else replace(problem, span=text.span))
    if found is None or is_broken(found):
        return None
    return found


def _read(raw: _Raw, span: Span, text: str) -> tuple[ast.Expr | None, tuple[Diagnostic, ...]]:
    """What stands in a place, and what is wrong with it."""
    named = _fields_of_a_name(text)
    if named is None:
        return parse_expression(raw.source, span)
    return _moved(named, span), ()


@lru_cache(maxsize=10_000)
def _fields_of_a_name(text: str) -> ast.Expr | None:
    """A name with its fields, as most places are, and the same ones in most rules: read once."""
    node, problems = parse_expression(Source("", text))
    innermost = node
    while isinstance(innermost, ast.Member):
        innermost = innermost.base
    return node if isinstance(innermost, ast.Ref) and not problems else None


def _moved(node: ast.Expr, to: Span) -> ast.Expr:
    """A name with its fields as it stands in the place `to`."""

    def moved(span: Span) -> Span:
        return Span(to.path, to.start + span.start, to.start + span.end)

    match node:
        case ast.Ref():
            return ast.Ref(name=node.name, span=moved(node.span))
        case ast.Member():
            base, at = _moved(node.base, to), moved(node.field_span)
            return ast.Member(base=base, field=node.field, field_span=at, span=moved(node.span))
        case _:
            return node

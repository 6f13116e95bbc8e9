"""Opinions on names: of one spelling, never used, written in the other language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rulelang import ast
from rulelang.diagnostics import Diagnostic, Edit, Words
from rulelang.driver import Compiled
from rulelang.lexer import lex
from rulelang.lint.trees import nodes, spellings, words_used
from rulelang.resolve import Unit, shown
from rulelang.source import Source, Span

_MARK = re.compile(r"[A-Z0-9_]+")
_KINDS = {
    ast.Table: Words("知识表", "table"),
    ast.ListItem: Words("名单", "list"),
    ast.Evidence: Words("证据", "evidence"),
    ast.Param: Words("参数", "parameter"),
    ast.Define: Words("定义", "definition"),
    ast.Decision: Words("判定表", "decision"),
    ast.Document: Words("文件", "document"),
}


def on_names(compiled: Compiled) -> Iterator[Diagnostic]:
    """RL0901 one spelling, RL0902 unused declaration, RL0903 unused local name, RL0915 the other's."""
    used: set[str] = set()
    for unit in compiled.units:
        for word in words_used(item for item, _ in unit.items()):
            symbol = unit.find(word)
            if symbol is not None:
                used.add(symbol.id)
    for unit in compiled.units:
        yield from _unused(unit, used)
        for file in unit.files:
            yield from _one_spelling(file)
            yield from _locals(file)
            yield from _other_spelling(file, compiled)


def _lacks_one(name: ast.Name) -> bool:
    """Whether a name has one spelling, and is no mark such as SX25, which is one in any language."""
    written = spellings(name)
    return len(written) == 1 and not _MARK.fullmatch(written[0])


def _one_spelling(file: ast.File) -> Iterator[Diagnostic]:
    for node in nodes(file):
        if isinstance(node, ast.Name) and _lacks_one(node):
            name = spellings(node)[0]
            other = Words("英文", "Chinese") if file.spelling == "zh" else Words("中文", "Chinese")
            english = "English" if file.spelling == "zh" else other.en
            sample = "英文名" if file.spelling == "zh" else "中文名"
            yield Diagnostic(
                "RL0901",
                node.span,
                Words(f"`{name}` 没有{other.zh}写法", f"`{name}` has no {english} spelling"),
                Words(f"写 `{name} | {sample}`", f"write `{name} | ` and the other name behind it"),
            )


def _unused(unit: Unit, used: set[str]) -> Iterator[Diagnostic]:
    if not any(isinstance(item, ast.Rule | ast.Amend) for item, _ in unit.items()):
        return  # declarations that are there for others
    for symbol in dict.fromkeys(unit.names.values()):
        kind = _KINDS.get(type(symbol.node))
        if kind is None or symbol.id in used:
            continue
        name = shown(symbol.name)
        yield Diagnostic(
            "RL0902",
            symbol.name.span,
            Words(f"{kind.zh} `{name.zh}` 没有用到", f"the {kind.en} `{name.en}` is not used"),
            Words("用上它，或删去它", "use it, or take it away"),
        )


def _locals(file: ast.File) -> Iterator[Diagnostic]:
    for item in file.items:
        if isinstance(item, ast.Rule | ast.Amend):
            for index, clause in enumerate(item.clauses):
                if isinstance(clause, ast.Let):
                    after = words_used(item.clauses[index + 1 :])
                    yield from _unused_local(clause.name, after, clause.span)
        elif isinstance(item, ast.Define):
            for column in item.parameters:
                yield from _unused_local(column.name, words_used([item.body]), None)


def _unused_local(name: ast.Name, used: set[str], clause: Span | None) -> Iterator[Diagnostic]:
    if used & set(spellings(name)):
        return
    words = shown(name)
    yield Diagnostic(
        "RL0903",
        name.span,
        Words(f"`{words.zh}` 后面没有用到", f"`{words.en}` is not used"),
        Words("用上它，或删去它", "use it, or take it away"),
        edits=(Edit(clause, ""),) if clause is not None else (),
    )


def _other_spelling(file: ast.File, compiled: Compiled) -> Iterator[Diagnostic]:
    source: Source = compiled.sources[file.span.path]
    for token in lex(source).tokens:
        words = compiled.spelt.get((source.path, token.end)) if token.type == "NAME" else None
        if words is None or words.zh == words.en or words.zh.isascii():
            continue
        wanted = words.choose(file.spelling)
        if token.text == words.choose("en" if file.spelling == "zh" else "zh"):
            span = Span(source.path, token.start, token.end)
            yield Diagnostic(
                "RL0915",
                span,
                Words(
                    f"`{token.text}` 是另一种写法，此文件写 `{wanted}`",
                    f"`{token.text}` is the other spelling; this file has `{wanted}`",
                ),
                Words("运行 `hegui lint --fix`", "run `hegui lint --fix`"),
                edits=(Edit(span, wanted),),
            )

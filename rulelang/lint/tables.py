"""Opinions on tables and periods: days that no row or version has, and rows that no code can reach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from rulelang import ast, core
from rulelang.check.compare import STRICT
from rulelang.check.saying import say_type
from rulelang.check.scope import Declarations
from rulelang.diagnostics import Diagnostic, Related, Words
from rulelang.driver import Compiled
from rulelang.source import Source, Span
from rulelang.vocabulary import load


def on_gaps(compiled: Compiled, program: core.Program) -> Iterator[Diagnostic]:
    """RL0909."""
    for unit in compiled.units:
        for symbol in dict.fromkeys(unit.names.values()):
            table = program.tables.get(symbol.id)
            if table is not None and isinstance(symbol.node, ast.Table) and not table.many:
                yield from _of_table(table, compiled, symbol.node.span.path)
    versions: dict[tuple[str, str], list[core.Rule]] = {}
    for rule in program.rules:
        if rule.national_code:
            versions.setdefault((rule.ruleset, rule.national_code), []).append(rule)
    for rules in versions.values():
        periods = [(rule.in_force.start, rule.in_force.end, rule) for rule in rules]
        for end, start, later, earlier in _gaps(periods):
            span, other = later.span, earlier.span
            yield _gap(span, other, end, start)


def on_malformed(compiled: Compiled, program: core.Program) -> Iterator[Diagnostic]:
    """RL0921."""
    for unit in compiled.units:
        for symbol in dict.fromkeys(unit.names.values()):
            table = program.tables.get(symbol.id)
            if table is not None and isinstance(symbol.node, ast.Table):
                source = _file_of(table, compiled, symbol.node.span.path)
                if source is not None:
                    yield from _malformed(table, source)


def _malformed(table: core.Table, source: Source) -> Iterator[Diagnostic]:
    for place, column in enumerate(table.columns):
        system = load().systems.get(column.type.name)
        if column.type.kind != "code" or system is None or system.en not in STRICT:
            continue
        looks, said = re.compile(system.pattern), say_type(column.type, load(), Declarations())
        for row in table.rows:
            code = row.cells[place]
            if isinstance(code, str) and looks.fullmatch(code) is None:
                yield Diagnostic(
                    "RL0921",
                    _line(source, row),
                    Words(f"`{code}` 不是{said.zh}，没有单据用得到这一行", f"`{code}` is not {said.en}: no bill reaches this row"),
                    Words(f"如 `{STRICT[system.en]}`", f"as `{STRICT[system.en]}`"),
                )  # fmt: skip


def _file_of(table: core.Table, compiled: Compiled, beside: str) -> Source | None:
    return compiled.sources.get(str(PurePosixPath(beside).parent / table.file))


def _of_table(table: core.Table, compiled: Compiled, beside: str) -> Iterator[Diagnostic]:
    source = _file_of(table, compiled, beside)
    places = [n for n, column in enumerate(table.columns) if column.name.en in table.keys]
    keyed: dict[str, list[tuple[date | None, date | None, core.Row]]] = {}
    for row in table.rows:
        key = repr([row.cells[place] for place in places])
        keyed.setdefault(key, []).append((row.starts, row.ends, row))
    for rows in keyed.values():
        for end, start, later, earlier in _gaps(rows):
            if source is not None:
                yield _gap(_line(source, later), _line(source, earlier), end, start)


def _gaps(
    periods: list[tuple[date | None, date | None, Any]],
) -> Iterator[tuple[date, date, Any, Any]]:
    """The days between periods: from, until, whose period follows, whose came before."""
    ordered = sorted(periods, key=lambda each: each[0] or date.min)
    reached: date | None = date.min
    last: Any = None
    for start, end, owner in ordered:
        if last is not None and reached is not None and start is not None and start > reached:
            yield reached, start, owner, last
        if last is None or (reached is not None and (end is None or end > reached)):
            reached, last = end, owner


def _line(source: Source, row: core.Row) -> Span:
    lines = source.text.split("\n")
    start = sum(len(line) + 1 for line in lines[: row.number - 1])
    return Span(source.path, start, start + len(lines[row.number - 1]))


def _gap(span: Span, other: Span, end: date, start: date) -> Diagnostic:
    return Diagnostic(
        "RL0909",
        span,
        Words(f"{end} 至 {start} 的前一日之间没有规定", f"nothing is in force from {end} to the day before {start}"),
        Words("补上这一段，或改正日期", "add what held then, or mend a date"),
        (Related(other, Words("前一段到此为止", "the one before ends here")),),
    )  # fmt: skip

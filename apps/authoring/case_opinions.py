"""Opinions on rules that only their cases can give: none at all, none at a boundary, none that lacks a fact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from apps.authoring.beside import CASES
from apps.authoring.cases import Prepared, load_page, prepared
from apps.authoring.coverage import RuleCoverage, SeenPoint, covered
from apps.authoring.pages import PageError
from engine.errors import InputError
from engine.select import is_of_bills
from rulelang import core
from rulelang.diagnostics import Diagnostic, Words
from rulelang.driver import Compiled
from rulelang.source import Source, Span


def on_cases(compiled: Compiled, asked: Sequence[str]) -> Iterator[Diagnostic]:
    """RL0951 to RL0954, of the rules in files beside which pages of cases lie.

    Pages lie in a folder `cases` beside the rules, or right beside them.
    """
    if compiled.program is None:
        return
    folders = {str(Path(path).parent) for path in asked if Path(path).is_file()}
    by_folder = {folder: _cases_in(Path(folder)) for folder in sorted(folders)}
    found = covered([case for cases in by_folder.values() for case in cases])
    for rule in compiled.program.rules:
        path = rule.span.path
        if path in asked and by_folder.get(str(Path(path).parent)):
            yield from _of_rule(rule, found.get(rule.id), compiled.sources[path])


def _cases_in(folder: Path) -> list[Prepared]:
    pages = [*sorted(folder.glob("*.md")), *sorted((folder / CASES).glob("*.md"))]
    found: list[Prepared] = []
    for path in pages:
        try:
            page = load_page(path)
        except (PageError, InputError):
            continue  # no page of cases; `hegui test` says what is wrong with one
        found += [case for each in page.cases if (case := prepared(page, each)) is not None]
    return found


def _of_rule(
    rule: core.Rule, coverage: RuleCoverage | None, source: Source
) -> Iterator[Diagnostic]:
    first = Span(source.path, rule.span.start, rule.span.start + _line_length(rule, source))
    if coverage is None or not coverage.cases:
        yield Diagnostic(
            "RL0951",
            first,
            Words("这条规则没有案例", "no case is about this rule"),
            Words(
                "至少写：查出的、没有查出的、边界上的、缺一项事实的",
                "at least one that finds, one that does not, one at the boundary, one that lacks a fact",
            ),
        )
        return
    if not is_of_bills(rule):
        return  # their cases count; which of many members lies at a boundary is not asked
    points = coverage.points
    if not any("unknown" in point.seen for point in points):
        yield Diagnostic(
            "RL0953",
            first,
            Words("没有缺一项事实的案例", "no case lacks a fact that the rule asks for"),
            Words("写一个不给出这项事实的案例", "write a case that does not give the fact"),
        )
    for point in points:
        span = _span_of(point, first, source)
        if point.point.kind == "boundary" and not point.seen:
            yield Diagnostic(
                "RL0952",
                span,
                Words("没有在这个界上的案例", "no case lies at this boundary"),
                Words(
                    "写一个正好等于界的和一个刚超过的",
                    "write one right at it and one just beyond",
                ),
            )
        elif point.point.kind == "exception" and not point.seen:
            yield Diagnostic(
                "RL0954",
                span,
                Words("没有因这个例外而放过的案例", "no case is excused by this exception"),
                Words("写一个例外成立的案例", "write a case in which it holds"),
            )


def _line_length(rule: core.Rule, source: Source) -> int:
    line, column = source.position(rule.span.start)
    return len(source.line(line)) - column + 1


def _span_of(point: SeenPoint, otherwise: Span, source: Source) -> Span:
    """The place of a point, if the cases were run with the text as it is here."""
    span = Span(source.path, point.point.span.start, point.point.span.end)
    same = " ".join(source.snippet(span).split()) == point.text
    return span if same else otherwise

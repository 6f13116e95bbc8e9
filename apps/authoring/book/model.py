"""What the rule book shows, as data for its pages. Knows nothing of HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from apps.authoring.amending import as_rule
from apps.authoring.graphs import decision_tree, dependencies
from apps.authoring.pages import Case, PageError, read_page
from apps.authoring.uses import used_by
from apps.checking import rules_named
from apps.render.drawing import svg
from apps.render.labels import CERTAINTIES, STAGES
from apps.rulesets import RuleTexts
from engine.words import cell_value, value_text
from rulelang import ast, core
from rulelang.diagnostics import Words
from rulelang.driver import Compiled
from rulelang.parser import parse_file
from rulelang.source import Source, Span
from rulelang.translate import switched

MOST_ROWS = 2_000  # of a table on its page
Written: TypeAlias = Mapping[tuple[str, int], Mapping[str, str]]
_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class CaseShown:
    """One case: its name, what it says, what it gives and expects, each with the kind of block."""

    name: str
    blocks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AmendmentShown:
    """What a lower layer adds to a rule: whose it is, and its text by spelling."""

    amendment: core.Amendment
    ruleset: core.Ruleset
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RuleShown:
    """One rule, or one version of it, with all that its page says; `earlier` versions stand below."""

    rule: core.Rule
    slug: str
    texts: Mapping[str, str]  # the rule text by spelling
    tree: str
    tables: tuple[core.Table, ...]
    lists: tuple[core.ListDef, ...]
    cases: tuple[CaseShown, ...]
    certainty: Words
    stages: tuple[Words, ...]
    amendments: tuple[AmendmentShown, ...] = ()
    earlier: tuple[RuleShown, ...] = ()


@dataclass(frozen=True, slots=True)
class ClauseShown:
    """One cited place of a document with the rules that rest on it."""

    place: str
    rules: tuple[core.Rule, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """The whole book."""

    lang: str
    rulesets: tuple[core.Ruleset, ...]
    rules: tuple[RuleShown, ...]
    tables: tuple[core.Table, ...]
    lists: tuple[core.ListDef, ...]
    law: tuple[tuple[core.Document, tuple[ClauseShown, ...]], ...]
    drawing: str
    program: core.Program = field(repr=False)

    def cells(self, table: core.Table, row: core.Row) -> tuple[str, ...]:
        """The cells of a row in words."""
        return tuple(
            value_text(cell_value(cell, column.type), column.type, self.program, self.lang)
            for cell, column in zip(row.cells, table.columns, strict=True)
        )

    def members(self, listed: core.ListDef) -> Iterator[tuple[str, str]]:
        """The members of a list in words, each with its source."""
        sources = (*listed.sources, *("" for _ in range(len(listed.items) - len(listed.sources))))
        for item, source in zip(listed.items, sources, strict=False):
            yield self._member(item, listed), source

    def _member(self, item: core.SetItem, listed: core.ListDef) -> str:
        values = (item.low, item.high) if isinstance(item, core.CodeSpan) else (item.value,)
        shown = [
            value_text(cell_value(value, listed.type), listed.type, self.program, self.lang)
            for value in values
        ]
        return (" 至 " if self.lang == "zh" else " to ").join(shown)


def slug(id_: str) -> str:
    """An id as the name of a file."""
    return _UNSAFE.sub("-", id_)


def book_of(texts: RuleTexts, compiled: Compiled, program: core.Program, lang: str) -> Book:
    """The book of a program that compiled from rule texts."""
    written = _written(texts.sources, compiled)
    cases = _cases(texts, program)
    links = {rule.id: f"rules/{slug(rule.id)}.html" for rule in program.rules}
    links |= {table: f"tables/{slug(table)}.html" for table in (*program.tables, *program.lists)}
    rules = tuple(
        _rules_of(tuple(versions), program, written, cases, lang)
        for _, versions in groupby(program.rules, key=lambda rule: rule.id)
    )
    return Book(
        lang=lang,
        rulesets=tuple(sorted(program.rulesets, key=lambda ruleset: ruleset.id)),
        rules=rules,
        tables=tuple(program.tables[id_] for id_ in sorted(program.tables)),
        lists=tuple(program.lists[id_] for id_ in sorted(program.lists)),
        law=tuple(_law(program)),
        drawing=svg(dependencies(program), lang, links),
        program=program,
    )


def _rules_of(
    versions: Sequence[core.Rule],
    program: core.Program,
    written: Written,
    cases: Mapping[str, tuple[CaseShown, ...]],
    lang: str,
) -> RuleShown:
    """A rule, the newest version first."""
    shown = [_rule(rule, program, written, cases, lang) for rule in versions]
    shown.sort(key=lambda each: each.rule.in_force.start or date.min, reverse=True)
    rulesets = {ruleset.id: ruleset for ruleset in program.rulesets}
    amendments = tuple(
        AmendmentShown(each, rulesets[each.ruleset], written.get(_place(each.span), {}))
        for each in program.amendments
        if each.rule == versions[0].id
    )
    return replace(shown[0], amendments=amendments, earlier=tuple(shown[1:]))


def _place(span: Span) -> tuple[str, int]:
    return span.path, span.start


def _rule(
    rule: core.Rule,
    program: core.Program,
    written: Written,
    cases: Mapping[str, tuple[CaseShown, ...]],
    lang: str,
) -> RuleShown:
    used = used_by(rule)
    return RuleShown(
        rule=rule,
        slug=slug(rule.id),
        texts=written.get(_place(rule.span), {}),
        tree=svg(decision_tree(program, rule), lang),
        tables=tuple(program.tables[id_] for id_ in used.tables),
        lists=tuple(program.lists[id_] for id_ in used.lists),
        cases=cases.get(rule.id, ()),
        certainty=CERTAINTIES[rule.certainty],
        stages=tuple(STAGES[stage] for stage in rule.stages),
    )


# ---------------------------------------------------------------- rule texts


def _written(sources: Iterable[Source], compiled: Compiled) -> Written:
    """The text of each rule and amendment by its place, in both spellings."""
    found: dict[tuple[str, int], dict[str, str]] = {}
    for source in sources:
        file, _ = parse_file(source)
        if not any(isinstance(item, ast.Rule | ast.Amend) for item in file.items):
            continue
        other: ast.Spelling = "en" if file.spelling == "zh" else "zh"
        made = Source(source.path, switched(source, compiled, other))
        for item, twin in zip(file.items, parse_file(made)[0].items, strict=True):
            if isinstance(item, ast.Rule | ast.Amend):
                found[_place(item.span)] = {
                    file.spelling: source.snippet(item.span).rstrip(),
                    other: made.snippet(twin.span).rstrip(),
                }
    return found


# ---------------------------------------------------------------- cases


def _cases(texts: RuleTexts, program: core.Program) -> dict[str, tuple[CaseShown, ...]]:
    """The cases beside the rule files, by the rules that they try."""
    found: dict[str, list[CaseShown]] = {}
    for page in sorted(set(_pages(source.path for source in texts.sources))):
        try:
            read = read_page(page.as_posix(), page.read_text(encoding="utf-8"))
        except (PageError, OSError):
            continue  # `hegui test` says what is wrong with a page
        for case in read.cases:
            for name in case.named("focus"):
                for id_ in dict.fromkeys(rule.id for rule in rules_named(program, name)):
                    found.setdefault(id_, []).append(_case(case))
    return {rule: tuple(shown) for rule, shown in found.items()}


def _pages(paths: Iterable[str]) -> Iterator[Path]:
    shipped = Path(str(files("rulesets")))
    for path in paths:
        place = Path(path) if Path(path).is_file() else shipped / path
        yield from (place.parent / "cases").glob("*.md")


def _case(case: Case) -> CaseShown:
    blocks = (*case.given, *case.expected)
    return CaseShown(case.name, tuple((block.kind, block.text) for block in blocks))


# ---------------------------------------------------------------- the law


def _law(program: core.Program) -> Iterator[tuple[core.Document, tuple[ClauseShown, ...]]]:
    """Each document that a rule or one of its exceptions cites, with the cited places."""
    documents: dict[str, core.Document] = {}
    cited: dict[str, dict[str, list[core.Rule]]] = {}
    rules = {rule.id: rule for rule in program.rules}
    citing = [(rule.id, rule) for rule in program.rules]
    citing += [(each.rule, as_rule(each, rules[each.rule])) for each in program.amendments]
    for id_, rule in citing:
        for citation in _citations(rule):
            key = f"{citation.document.number} {citation.document.title.zh}"
            documents.setdefault(key, citation.document)
            listed = cited.setdefault(key, {}).setdefault(citation.place, [])
            if all(each.id != id_ for each in listed):  # of its versions one
                listed.append(rules[id_])
    for key in sorted(documents):
        places: Sequence[str] = sorted(cited[key])
        yield documents[key], tuple(ClauseShown(at, tuple(cited[key][at])) for at in places)


def _citations(rule: core.Rule) -> Iterator[core.Citation]:
    yield from rule.citations
    yield from (item.citation for item in rule.exceptions if item.citation is not None)

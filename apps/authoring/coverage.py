"""What the cases of rules cover: points of rules, rows, items, values, and clauses of law."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Literal, TypeAlias, assert_never

from apps.authoring.amending import amended_in
from apps.authoring.cases import Prepared
from apps.authoring.points import Point, boundaries_of, nodes_of
from apps.authoring.watching import (
    RuleKey,
    Sightings,
    Used,
    Watched,
    amending,
    key_of,
    scope_of,
    watch,
    watched_in,
)
from rulelang import core
from rulelang.diagnostics import Words
from rulelang.source import Source, Span

__all__ = ["Coverage", "boundaries_of", "cover", "covered"]

Part: TypeAlias = Literal["table", "list", "decision", "param"]
Clause: TypeAlias = tuple[str, str, str]  # title, number, place


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file, as an editor opens it; line 0 is nowhere."""

    path: str
    line: int

    @property
    def text(self) -> str:
        """`path:line`."""
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class SeenPoint:
    """A point of a rule, the text that stands there, and in which ways it was seen."""

    point: Point
    text: str
    place: Place
    seen: tuple[str, ...]

    @property
    def unseen(self) -> tuple[str, ...]:
        """In which ways it was not."""
        return tuple(aim for aim in self.point.aims if aim not in self.seen)


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """One rule with the number of its cases."""

    rule: core.Rule
    place: Place
    cases: int
    points: tuple[SeenPoint, ...]


@dataclass(frozen=True, slots=True)
class PartCoverage:
    """A table, list, decision table or parameter: how many of its parts a case has used."""

    kind: Part
    id: str
    name: Words
    total: int
    unused: tuple[str, ...]  # each as a reader finds it: row number, code, date


@dataclass(frozen=True, slots=True)
class ClauseCoverage:
    """A place of a document, who cites it, and whether a case was decided by one of them."""

    document: core.Document
    place: str
    cited_by: tuple[Words, ...]
    has_case: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """All that a run covers."""

    rules: tuple[RuleCoverage, ...]
    parts: tuple[PartCoverage, ...]
    clauses: tuple[ClauseCoverage, ...]

    @property
    def aims(self) -> int:
        """How many things of rules are to be seen."""
        return sum(len(item.point.aims) for rule in self.rules for item in rule.points)

    @property
    def seen(self) -> int:
        """How many of them were seen."""
        return sum(len(item.seen) for rule in self.rules for item in rule.points)

    @property
    def share(self) -> int:
        """What was seen in hundredths of what is to be seen, rounded down; all of nothing is all."""
        return 100 * self.seen // self.aims if self.aims else 100

    @property
    def clauses_without_case(self) -> tuple[ClauseCoverage, ...]:
        """The cited places that no case was decided by."""
        return tuple(item for item in self.clauses if not item.has_case)


def cover(cases: Sequence[Prepared], *, whole: bool) -> Coverage:
    """What cases cover of the rules that they are about.

    Args:
        cases: The cases, in the order of their pages.
        whole: Whether every rule beside the pages counts, with cases or without.
    """
    found = watch(cases)
    scopes = {rule: scope for case in cases for rule, scope in _counted(found, case, whole=whole)}
    places = _Places()
    chosen = [(found.rules[key], scope) for key, scope in scopes.items()]
    chosen.sort(key=lambda pair: (pair[0].path, pair[0].rule.span.start))
    return Coverage(
        rules=tuple(_rule_coverage(watched, places) for watched, _ in chosen),
        parts=tuple(_part_coverages(found, chosen)),
        clauses=tuple(_clause_coverages(found, chosen)),
    )


def covered(cases: Sequence[Prepared]) -> dict[str, RuleCoverage]:
    """The coverage of rules by their ids, of those that the cases are about; of versions together."""
    found: dict[str, RuleCoverage] = {}
    for item in cover(cases, whole=False).rules:
        known = found.get(item.rule.id)
        points = item.points if known is None else (*known.points, *item.points)
        found[item.rule.id] = replace(item, points=points)
    return found


def _counted(found: Sightings, case: Prepared, *, whole: bool) -> Iterator[tuple[RuleKey, str]]:
    page = PurePath(case.page.path)
    beside = {page.parent, page.parent.parent} if whole else set()
    for rule in case.program.rules:
        if rule.id in case.focus or PurePath(rule.span.path).parent in beside:
            watched_in(found, rule, case)
            yield key_of(rule, case.program), scope_of(rule, case)
    rules = {rule.id: rule for rule in case.program.rules}
    about = {amendment.id for amendment, _ in amended_in(case)}
    for each in case.program.amendments:
        if each.id in about or (each.rule in rules and PurePath(each.span.path).parent in beside):
            part = amending(found, each, rules[each.rule], case).rule
            yield key_of(part, case.program), scope_of(part, case)


# ---------------------------------------------------------------- rules


class _Places:
    """Spans to places; a block of a page counts its lines from the page's first."""

    def __init__(self) -> None:
        self.sources: dict[tuple[str, int], Source] = {}

    def source(self, path: str, program: core.Program) -> Source:
        text = program.sources.get(path, "")
        return self.sources.setdefault((path, hash(text)), Source(path, text))

    def of(self, span: Span, watched: Watched) -> Place:
        if span.path not in watched.program.sources:
            return Place(watched.path, 0)
        line, _ = self.source(span.path, watched.program).position(span.start)
        return Place(watched.path, line + watched.offset)

    def text(self, span: Span, program: core.Program) -> str:
        """What is written there, on one line."""
        return " ".join(self.source(span.path, program).snippet(span).split())


def _rule_coverage(watched: Watched, places: _Places) -> RuleCoverage:
    program = watched.program
    points = tuple(
        SeenPoint(
            point,
            places.text(point.span, program),
            places.of(point.span, watched),
            tuple(aim for aim in point.aims if aim in watched.seen.get(number, ())),
        )
        for number, point in enumerate(watched.points)
    )
    place = places.of(watched.rule.span, watched)
    in_order = sorted(points, key=lambda item: (item.place.line, item.point.span.start))
    return RuleCoverage(watched.rule, place, watched.cases, tuple(in_order))


# ---------------------------------------------------------------- declarations


@dataclass(frozen=True, slots=True)
class _Declared:
    """A declaration that a rule uses."""

    kind: Part
    item: core.Table | core.ListDef | core.DecisionDef | core.ParamDef


def _part_coverages(
    found: Sightings, chosen: Sequence[tuple[Watched, str]]
) -> Iterator[PartCoverage]:
    by_key: dict[tuple[str, str, str], _Declared] = {}
    for watched, scope in chosen:
        for declared in _declared_in(watched.rule, watched.program):
            by_key.setdefault((declared.kind, declared.item.id, scope), declared)
    for (kind, id_, scope), declared in sorted(by_key.items(), key=lambda pair: pair[0]):
        used = found.used.get(scope, set())
        parts = _parts_of(declared.item)
        unused = tuple(text for part, text in parts.items() if (kind, id_, part) not in used)
        yield PartCoverage(declared.kind, id_, declared.item.name, len(parts), unused)


def _declared_in(rule: core.Rule, program: core.Program) -> Iterator[_Declared]:
    """What a rule's expressions use, each perhaps several times."""
    for node in nodes_of(rule):
        match node:
            case core.HasRow() | core.CellOf() | core.Rows():
                yield _Declared("table", program.tables[node.table])
            case core.ListSet():
                yield _Declared("list", program.lists[node.list])
            case core.Decide():
                yield _Declared("decision", program.decisions[node.decision])
            case core.ParamRef():
                yield _Declared("param", program.params[node.param])
            case _:
                pass


def _parts_of(item: core.Table | core.ListDef | core.DecisionDef | core.ParamDef) -> dict[int, str]:
    """The parts of a declaration by the numbers that they are used by."""
    match item:
        case core.Table():
            names = [column.name.en for column in item.columns]
            keys = [names.index(key) for key in item.keys]
            return {
                row.number: " ".join([str(row.number), *(_key_text(row.cells[at]) for at in keys)])
                for row in item.rows
            }
        case core.ListDef():
            return dict(enumerate(map(_item_text, item.items)))
        case core.DecisionDef():
            return {place: str(place + 1) for place in range(len(item.rows))}
        case core.ParamDef():
            return {place: str(each.start or "") for place, each in enumerate(item.values)}
        case _:
            assert_never(item)


def _key_text(cell: object) -> str:
    return "*" if cell is None else str(cell)


def _item_text(item: core.SetItem) -> str:
    return str(item.value) if isinstance(item, core.CodeItem) else f"{item.low}~{item.high}"


# ---------------------------------------------------------------- clauses of law


def _clause_coverages(
    found: Sightings, chosen: Sequence[tuple[Watched, str]]
) -> Iterator[ClauseCoverage]:
    documents: dict[Clause, core.Document] = {}
    cited: dict[Clause, dict[Words, None]] = {}
    met: set[Clause] = set()
    for watched, scope in chosen:
        for citation, who, has_case in _cited(watched, found.decided.get(scope, set())):
            document = citation.document
            clause = (document.title.zh or document.title.en, document.number, citation.place)
            documents[clause] = document
            cited.setdefault(clause, {})[who] = None
            if has_case:
                met.add(clause)
    for clause in sorted(cited):
        yield ClauseCoverage(
            documents[clause], clause[2], tuple(cited[clause]), has_case=clause in met
        )


def _cited(watched: Watched, decided: set[Used]) -> Iterator[tuple[core.Citation, Words, bool]]:
    """Each citation that a rule stands on, with what bears it and whether a case was decided by it."""
    rule = watched.rule
    for citation in rule.citations:
        yield citation, rule.name, watched.decided
    excusing = {
        id(point.expr)
        for number, point in enumerate(watched.points)
        if point.kind == "exception" and "excusing" in watched.seen.get(number, ())
    }
    for clause in rule.exceptions:
        if clause.citation is not None:
            yield clause.citation, rule.name, id(clause.condition) in excusing
    used = {(kind, id_) for kind, id_, _ in decided}
    for declared in _declared_in(rule, watched.program):
        for citation in declared.item.citations:
            yield citation, declared.item.name, (declared.kind, declared.item.id) in used

"""The chain of passes on one screen: texts in, a program and its diagnostics out."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rulelang import ast, core
from rulelang.canonical import digest_of, in_order
from rulelang.check import check_expr
from rulelang.check.scope import Checker, Declarations
from rulelang.codes import CODES
from rulelang.diagnostics import Diagnostic, Level, Problems, Words
from rulelang.gathering import gathered
from rulelang.limits import beyond
from rulelang.lower.amend import lower_amendments
from rulelang.lower.closed import check_closed
from rulelang.lower.declare import declare
from rulelang.lower.definitions import check_definitions
from rulelang.lower.fills import check_fills
from rulelang.lower.heads import attributes_of, period_of
from rulelang.lower.openness import Layers
from rulelang.lower.overlay import overlay_tables
from rulelang.lower.rows import load_list, load_table
from rulelang.lower.rules import lower_rule
from rulelang.lower.rulesets import lower_ruleset
from rulelang.lower.table_checks import check_table
from rulelang.lower.versions import check_versions
from rulelang.lower.waivers import check_waivers
from rulelang.overlays import Overlay
from rulelang.parser import parse_file
from rulelang.prescan import too_many_rules
from rulelang.resolve import Symbol, Unit, resolve
from rulelang.source import Source
from rulelang.unread import head_words, note_unread
from rulelang.uses import link
from rulelang.vocabulary import load


@dataclass(frozen=True)
class Compiled:
    """What a compilation gives: a program, unless there was an error, and everything found."""

    program: core.Program | None
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, Source]
    units: tuple[Unit, ...] = ()
    spelt: Mapping[tuple[str, int], Words] = field(default_factory=dict)  # names by where they end

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that stop the compilation."""
        return _errors(self.diagnostics)


def compile_sources(
    sources: Sequence[Source],
    read: Callable[[str], bytes | None],
    told: Callable[[int, int], None] | None = None,
    overlay: Overlay | None = None,
) -> Compiled:
    """Compile rule files into one program.

    Args:
        sources: the rule files; tables lie relative to their paths.
        read: gives the bytes of a table file by its path, None where there is none.
        told: hears how many files have been read so far, and of how many.
        overlay: which of the table files took the place of others.
    """
    with _without_collection():
        return _compiled(sources, read, told, overlay)


@contextmanager
def _without_collection() -> Iterator[None]:
    """No search for circles of garbage: what a compilation makes has none, and lives on."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _compiled(
    sources: Sequence[Source],
    read: Callable[[str], bytes | None],
    told: Callable[[int, int], None] | None,
    overlay: Overlay | None,
) -> Compiled:
    problems = Problems()
    known = {source.path: source for source in sources}
    ordered = sorted(sources, key=lambda source: source.path)
    crowded = [beyond("rules", span) for span in too_many_rules(ordered)]
    if crowded:
        return Compiled(None, tuple(crowded), known)
    files = _parsed(ordered, problems, told)
    unparsed = tuple(problems.found)
    units = resolve(
        _with_heads(files, known, unparsed), problems
    )  # declarations of all files first
    link(units, problems)
    note_unread(units, known, unparsed)
    declared = Declarations()
    vocabulary = load()
    checkers = [Checker(unit, vocabulary, declared, problems, known) for unit in _used_first(units)]
    for checker in checkers:  # heads first: rules look at columns and types
        checker.expr = check_expr
        declare(checker)
    for checker in checkers:
        _load_rows(checker, read, known)
    if overlay is not None:
        overlay_tables(checkers, overlay)
    for checker in checkers:  # tables as a whole: an extent may be another's rows
        for symbol in _own_symbols(checker):
            check_table(checker, symbol, known)
            check_waivers(checker, symbol, known)
        check_definitions(checker)
    layers = _layers(checkers)
    lower_amendments(layers)
    check_fills(layers)
    if not _errors(problems.found):  # of whole rules with their layers known
        check_closed(layers)
    found = gathered(problems.found)
    if _errors(found):
        return Compiled(None, found, known, tuple(units), declared.spelt)
    program = core.Program(
        rulesets=tuple(layers.rulesets.values()),
        rules=tuple(layers.rules.values()),
        tables=declared.tables,
        lists=declared.lists,
        evidence=declared.evidence,
        params=declared.params,
        decisions=declared.decisions,
        enums=declared.enums,
        sources={source.path: source.text for source in ordered},
        amendments=tuple(layers.amendments),
        fills=tuple(layers.fills),
    )
    return Compiled(_with_digests(in_order(program)), found, known, tuple(units), declared.spelt)


def _errors(found: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(each for each in found if CODES[each.code].level is Level.ERROR)


def _parsed(
    sources: Sequence[Source], problems: Problems, told: Callable[[int, int], None] | None
) -> list[ast.File]:
    files: list[ast.File] = []
    for source in sources:
        if told is not None:
            told(len(files), len(sources))
        files.append(_parse(source, problems))
    if told is not None:
        told(len(sources), len(sources))
    return files


def _parse(source: Source, problems: Problems) -> ast.File:
    file, found = parse_file(source)
    problems.found.extend(found)
    return file


def _with_heads(
    files: Sequence[ast.File], sources: Mapping[str, Source], found: Sequence[Diagnostic]
) -> list[ast.File]:
    """The files but those whose 规则集 line did not parse: that it is missing is not said as well."""
    faulty = {each.span.path for each in found}
    return [
        file
        for file in files
        if (file.span.path and file.span.path not in faulty)
        or any(isinstance(item, ast.RulesetHead) for item in file.items)
        or (file.span.path and "RULESET" not in head_words(sources[file.span.path].text))
    ]


def _used_first(units: Sequence[Unit]) -> list[Unit]:
    """Rulesets after the ones that they use; the order of ids otherwise."""
    done: list[Unit] = []

    def visit(unit: Unit, path: tuple[Unit, ...]) -> None:
        if unit in done or unit in path:
            return
        for used in sorted(unit.uses, key=lambda item: item.id):
            visit(used, (*path, unit))
        done.append(unit)

    for unit in sorted(units, key=lambda item: item.id):
        visit(unit, ())
    return done


def _load_rows(
    checker: Checker, read: Callable[[str], bytes | None], known: dict[str, Source]
) -> None:
    for symbol in _own_symbols(checker):
        match symbol.node:
            case ast.Table():
                load_table(checker, symbol, read, known)
            case ast.ListItem():
                load_list(checker, symbol, read, known)
            case _:
                continue


def _own_symbols(checker: Checker) -> Iterator[Symbol]:
    seen: set[str] = set()
    for symbol in checker.unit.names.values():
        if symbol.id not in seen:
            seen.add(symbol.id)
            yield symbol
    yield from checker.unit.versions


def _layers(checkers: Sequence[Checker]) -> Layers:
    """All rulesets with their own rules, before lower ones change higher ones."""
    layers = Layers({each.unit.id: each for each in checkers}, rulesets := {}, {}, attributes := {})
    for checker in checkers:
        id_ = checker.unit.id
        rulesets[id_] = lower_ruleset(checker)
        heads = [item for item, _ in checker.unit.items() if isinstance(item, ast.Attribute)]
        attributes[id_] = attributes_of(checker, heads)
        for rule in _rules(checker, attributes[id_]):
            place = rule.id  # of versions the first stands under the id of all
            while place in layers.rules:
                place += "'"
            layers.rules[place] = rule
    return layers


def _rules(checker: Checker, defaults: dict[str, tuple[str, ...]]) -> list[core.Rule]:
    unit = checker.unit
    in_force_nodes = [item for item, _ in unit.items() if isinstance(item, ast.InForce)]
    in_force = period_of(checker, in_force_nodes[0], core.ALWAYS) if in_force_nodes else core.ALWAYS
    found = [
        (symbol, rule)
        for symbol in _own_symbols(checker)
        if (rule := lower_rule(checker, symbol, defaults, in_force)) is not None
    ]
    check_versions(checker, found)
    return [rule for _, rule in found]


def _with_digests(program: core.Program) -> core.Program:
    from dataclasses import replace  # noqa: PLC0415

    return replace(
        program,
        rulesets=tuple(
            replace(
                ruleset,
                digest=(digest := digest_of(program, ruleset.id)),
                version=ruleset.version or digest[7:19],
            )
            for ruleset in program.rulesets
        ),
    )

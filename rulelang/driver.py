"""The chain of passes on one screen: texts in, a program and its diagnostics out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rulelang import ast, core
from rulelang.canonical import digest_of, in_order
from rulelang.check import check_expr
from rulelang.check.scope import Checker, Declarations
from rulelang.codes import CODES
from rulelang.diagnostics import Diagnostic, Level, Problems, Words
from rulelang.gathering import gathered
from rulelang.lower.citations import document
from rulelang.lower.declare import declare
from rulelang.lower.definitions import check_definitions
from rulelang.lower.heads import attributes_of, period_of
from rulelang.lower.rows import load_list, load_table
from rulelang.lower.rules import lower_rule
from rulelang.parser import parse_file
from rulelang.resolve import Unit, resolve, shown
from rulelang.source import Source
from rulelang.unread import note_unread
from rulelang.vocabulary import load
from rulelang.words import AUTHORITIES, word_of


@dataclass(frozen=True)
class Compiled:
    """What a compilation gives: a program, unless there was an error, and everything found."""

    program: core.Program | None
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, Source]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that stop the compilation."""
        return tuple(d for d in self.diagnostics if CODES[d.code].level is Level.ERROR)


def compile_sources(sources: Sequence[Source], read: Callable[[str], bytes | None]) -> Compiled:
    """Compile rule files into one program.

    Args:
        sources: the rule files; tables lie relative to their paths.
        read: gives the bytes of a table file by its path, None where there is none.
    """
    problems = Problems()
    known = {source.path: source for source in sources}
    ordered = sorted(sources, key=lambda source: source.path)
    files = [_parse(source, problems) for source in ordered]
    unparsed = tuple(problems.found)
    units = resolve(files, problems)  # declarations of all files, before any use
    note_unread(units, known, unparsed)
    declared = Declarations()
    vocabulary = load()
    checkers = [Checker(unit, vocabulary, declared, problems, known) for unit in _used_first(units)]
    for checker in checkers:  # heads first: rules look at columns and types
        checker.expr = check_expr
        declare(checker)
    for checker in checkers:
        _load_rows(checker, read, known)
    for checker in checkers:
        check_definitions(checker)
    rulesets: list[core.Ruleset] = []
    rules: list[core.Rule] = []
    for checker in checkers:
        rulesets.append(_ruleset(checker))
        rules += _rules(checker)
    found = gathered(problems.found)
    if any(CODES[d.code].level is Level.ERROR for d in found):
        return Compiled(None, found, known)
    program = core.Program(
        rulesets=tuple(rulesets),
        rules=tuple(rules),
        tables=declared.tables,
        lists=declared.lists,
        evidence=declared.evidence,
        params=declared.params,
        decisions=declared.decisions,
        enums=declared.enums,
        sources={source.path: source.text for source in ordered},
    )
    return Compiled(_with_digests(in_order(program)), found, known)


def _parse(source: Source, problems: Problems) -> ast.File:
    file, found = parse_file(source)
    problems.found.extend(found)
    return file


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


def _own_symbols(checker: Checker):  # type: ignore[no-untyped-def]
    seen: set[str] = set()
    for symbol in checker.unit.names.values():
        if symbol.id not in seen:
            seen.add(symbol.id)
            yield symbol


def _ruleset(checker: Checker) -> core.Ruleset:
    unit = checker.unit
    head = unit.head
    authority, regions, documents, in_force = "", [], [], core.ALWAYS
    for item, _ in unit.items():
        match item:
            case ast.Authority():
                authority = word_of(AUTHORITIES, item.word) or ""
                if not authority:
                    checker.fail(
                        "RL0705",
                        item.span,
                        (f"没有名为 `{item.word}` 的层级", f"there is no authority `{item.word}`"),
                        ("可用：" + "、".join(AUTHORITIES), "one of: " + ", ".join(AUTHORITIES.values())),
                    )  # fmt: skip
            case ast.Region():
                regions += [code.value for code in item.codes]
            case ast.Document():
                documents.append(document(item))
            case ast.InForce():
                in_force = period_of(checker, item, core.ALWAYS)
            case ast.Amend() | ast.Repeal():
                checker.fail(
                    "RL0706",
                    item.span,
                    (
                        "本版尚不支持 `补充` 和 `废止`",
                        "`amend` and `repeal` come with a later version",
                    ),
                )
            case _:
                pass
    if not authority and not any(isinstance(item, ast.Authority) for item, _ in unit.items()):
        checker.fail(
            "RL0203",
            head.span,
            ("规则集没有 `层级`", "the ruleset has no `authority`"),
            ("在开头写 `层级 国家`、`省级` 或 `市级`", "write `authority national`, `province` or `city` in the head"),
        )  # fmt: skip
    title = Words(head.title.zh.value, (head.title.en or head.title.zh).value)
    return core.Ruleset(
        id=unit.id,
        name=shown(head.name),
        title=title,
        authority=authority,
        regions=tuple(regions),
        documents=tuple(documents),
        in_force=in_force,
        uses=tuple(sorted(used.id for used in unit.uses)),
    )


def _rules(checker: Checker) -> list[core.Rule]:
    unit = checker.unit
    attributes = [item for item, _ in unit.items() if isinstance(item, ast.Attribute)]
    defaults = attributes_of(checker, attributes)
    in_force_nodes = [item for item, _ in unit.items() if isinstance(item, ast.InForce)]
    in_force = period_of(checker, in_force_nodes[0], core.ALWAYS) if in_force_nodes else core.ALWAYS
    found = (
        lower_rule(checker, symbol, defaults, in_force)
        for symbol in _own_symbols(checker)
        if isinstance(symbol.node, ast.Rule)
    )
    return [rule for rule in found if rule is not None]


def _with_digests(program: core.Program) -> core.Program:
    from dataclasses import replace  # noqa: PLC0415

    return replace(
        program,
        rulesets=tuple(
            replace(
                ruleset, digest=(digest := digest_of(program, ruleset.id)), version=digest[7:19]
            )
            for ruleset in program.rulesets
        ),
    )

"""Mutants of a rule: the rule, or what it uses, with one small change that means something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from apps.authoring.nudges import constant_words, item_words, nudged
from apps.authoring.points import ROW, nodes_of
from apps.authoring.variants import NUDGED, Hint, becomes, excerpt, hints_of, variants
from rulelang import core, types
from rulelang.diagnostics import Words
from rulelang.source import Span
from rulelang.types import Type

MOST_USED, MOST_UNUSED = 2, 1  # rows of a table, items of a list, that are changed
CERTAINTIES: Mapping[str, tuple[str, Words]] = {
    "definite": ("suspect", Words("`违规` 改为 `可疑`", "`definite` becomes `suspect`")),
    "suspect": ("definite", Words("`可疑` 改为 `违规`", "`suspect` becomes `definite`")),
    "indicator": ("suspect", Words("`监测指标` 改为 `可疑`", "`indicator` becomes `suspect`")),
}
Used = Mapping[tuple[str, str], frozenset[int]]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed rule with the program that it runs in; `hints` help to find who could tell."""

    kind: str
    words: Words
    span: Span
    rule: core.Rule
    program: core.Program
    hints: tuple[Hint, ...] = ()


def mutants_of(rule: core.Rule, program: core.Program, used: Used) -> tuple[Mutant, ...]:
    """All mutants of a rule, each once, in the order of the rule's parts.

    Args:
        rule: The rule.
        program: The program that it belongs to.
        used: The parts of tables and lists that cases use, by kind and id; these are changed first.
    """
    found = [
        *_of_expressions(rule, program),
        *_of_rule(rule, program),
        *_of_exceptions(rule, program),
        *_of_declarations(rule, program, used),
    ]
    return tuple({(each.words.zh, each.span): each for each in found}.values())


# ---------------------------------------------------------------- expressions


def _of_expressions(rule: core.Rule, program: core.Program) -> Iterator[Mutant]:
    for value, changed_to in _slots(rule):
        for variant in variants(value, program):
            changed = changed_to(variant.expr)
            yield Mutant(variant.kind, variant.words, variant.span, changed, program, variant.hints)


Slot = tuple[core.Expr, Callable[[core.Expr], core.Rule]]


def _slots(rule: core.Rule) -> Iterator[Slot]:
    """Each expression that decides, with the way to the rule that has another in its place."""
    for at, let in enumerate(rule.lets):
        yield let.value, partial(_with_let, rule, at)
    yield rule.when, lambda expr: replace(rule, when=expr)
    yield rule.require, lambda expr: replace(rule, require=expr)
    for at, clause in enumerate(rule.exceptions):
        yield clause.condition, partial(_with_exception, rule, at)
    for at, outcome in enumerate(rule.outcomes):
        if outcome.amount is not None:
            yield outcome.amount, partial(_with_amount, rule, at)
        if outcome.condition is not None:
            yield outcome.condition, partial(_with_condition, rule, at)


def _with_let(rule: core.Rule, at: int, expr: core.Expr) -> core.Rule:
    return replace(rule, lets=_with(rule.lets, at, replace(rule.lets[at], value=expr)))


def _with_exception(rule: core.Rule, at: int, expr: core.Expr) -> core.Rule:
    clause = replace(rule.exceptions[at], condition=expr)
    return replace(rule, exceptions=_with(rule.exceptions, at, clause))


def _with_amount(rule: core.Rule, at: int, expr: core.Expr) -> core.Rule:
    outcome = replace(rule.outcomes[at], amount=expr)
    return replace(rule, outcomes=_with(rule.outcomes, at, outcome))


def _with_condition(rule: core.Rule, at: int, expr: core.Expr) -> core.Rule:
    outcome = replace(rule.outcomes[at], condition=expr)
    return replace(rule, outcomes=_with(rule.outcomes, at, outcome))


def _with(items: tuple[Any, ...], at: int, item: object) -> tuple[Any, ...]:
    return (*items[:at], item, *items[at + 1 :])


# ---------------------------------------------------------------- the rule itself


def _of_rule(rule: core.Rule, program: core.Program) -> Iterator[Mutant]:
    if rule.certainty in CERTAINTIES:
        certainty, said = CERTAINTIES[rule.certainty]
        changed = replace(rule, certainty=certainty)
        yield Mutant("certainty", said, rule.span, changed, program)
    ends = (
        ("start", Words("施行首日", "first day in force")),
        ("end", Words("失效日", "first day no more in force")),
    )
    for name, words in ends:
        day = getattr(rule.in_force, name)
        for moved in nudged(day, types.DATE) if day is not None else ():
            period = replace(rule.in_force, **{name: moved})
            if period.start is not None and period.end is not None and period.start >= period.end:
                continue
            said = becomes(Words(str(day), str(day)), Words(str(moved), str(moved)))
            said = Words(f"{words.zh} {said.zh}", f"{words.en}: {said.en}")
            hints = tuple(
                Hint(hint, types.DATE) for hint in (min(day, moved), min(day, moved) - DAY)
            )
            changed = replace(rule, in_force=period)
            yield Mutant("period", said, rule.span, changed, program, hints)
    window = rule.subject.window
    for moved in nudged(window, types.WINDOW) if window is not None else ():
        old, new = (constant_words(each, types.WINDOW, program) for each in (window, moved))
        subject = replace(rule.subject, window=moved)
        hints = (Hint(window, types.WINDOW), Hint(moved, types.WINDOW))
        changed = replace(rule, subject=subject)
        yield Mutant("period", becomes(old, new), rule.span, changed, program, hints)


DAY = timedelta(days=1)


def _of_exceptions(rule: core.Rule, program: core.Program) -> Iterator[Mutant]:
    for at, clause in enumerate(rule.exceptions):
        where = excerpt(clause.span, program)
        clauses = (*rule.exceptions[:at], *rule.exceptions[at + 1 :])
        said = Words(f"去掉 `{where}`", f"without `{where}`")
        yield Mutant("exception", said, clause.span, replace(rule, exceptions=clauses), program)


# ---------------------------------------------------------------- what the rule uses


def _of_declarations(rule: core.Rule, program: core.Program, used: Used) -> Iterator[Mutant]:
    def told(
        kind: str, said: Words, node: core.Expr, changed: core.Program, *hints: Hint
    ) -> Mutant:
        return Mutant(kind, said, node.span, rule, changed, hints)

    done: set[tuple[str, str]] = set()
    for node in nodes_of(rule):
        for kind, id_ in _named_by(node):
            if (kind, id_) in done:
                continue
            done.add((kind, id_))
            numbers = used.get((kind, id_), frozenset())
            for said, changed, hints in _changes(kind, id_, rule, program, numbers):
                yield told(kind, said, node, changed, *hints)


def _named_by(node: core.Expr) -> Iterator[tuple[str, str]]:
    match node:
        case core.HasRow() | core.CellOf() | core.Rows():
            yield "table", node.table
        case core.ListSet():
            yield "list", node.list
        case core.ParamRef():
            yield "param", node.param
        case core.Decide():
            yield "decision", node.decision
        case _:
            return


Change = tuple[Words, core.Program, tuple[Hint, ...]]


def _changes(
    kind: str, id_: str, rule: core.Rule, program: core.Program, used: frozenset[int]
) -> Iterator[Change]:
    match kind:
        case "table":
            yield from _table_changes(program.tables[id_], rule, program, used)
        case "list":
            yield from _list_changes(program.lists[id_], program, used)
        case "param":
            yield from _param_changes(program.params[id_], program)
        case _:
            yield from _decision_changes(program.decisions[id_], program)


def _sample(count: int, used: Sequence[int]) -> list[int]:
    """Which parts are changed: a few that cases use, and one that none does."""
    unused = [place for place in range(count) if place not in set(used)]
    few = sorted(used)[:MOST_USED]
    return few + unused[: MOST_UNUSED if few else MOST_USED]


def _table_changes(
    table: core.Table, rule: core.Rule, program: core.Program, used: frozenset[int]
) -> Iterator[Change]:
    places = [at for at, row in enumerate(table.rows) if row.number in used]
    names = [column.name.en for column in table.columns]
    keys = [names.index(key) for key in table.keys]
    read = _columns_read(rule, table.id)
    for at in _sample(len(table.rows), places):
        row = table.rows[at]
        hints = tuple(
            Hint(row.cells[key], table.columns[key].type)
            for key in keys
            if row.cells[key] is not None
        )
        zh, en = f"{table.name.zh} 第 {row.number} 行", f"{table.name.en}, row {row.number}"
        rows = (*table.rows[:at], *table.rows[at + 1 :])
        gone = replace(table, rows=rows)
        tables = {**program.tables, table.id: gone}
        yield Words(f"去掉 {zh}", f"without {en}"), replace(program, tables=tables), hints
        for place, column in enumerate(table.columns):
            if place in keys or column.name.en not in read:
                continue
            for value in list(nudged(row.cells[place], column.type))[-1:]:
                changed = replace(row, cells=_with(row.cells, place, value))
                whole = replace(table, rows=_with(tuple(table.rows), at, changed))
                old = constant_words(row.cells[place], column.type, program)
                said = becomes(old, constant_words(value, column.type, program))
                said = Words(
                    f"{zh} {column.name.zh} {said.zh}", f"{en}, {column.name.en}: {said.en}"
                )
                tables = {**program.tables, table.id: whole}
                cells = (Hint(row.cells[place], column.type), Hint(value, column.type))
                yield said, replace(program, tables=tables), (*hints, *cells)


def _columns_read(rule: core.Rule, table: str) -> frozenset[str]:
    """The columns of a table that a rule's clauses read."""
    found: set[str] = set()
    for node in nodes_of(rule):
        if isinstance(node, core.CellOf) and node.table == table:
            found.add(node.column)
        if isinstance(node, core.Get) and node.base.type.name == f"{ROW}{table}":
            found.add(node.field)
    return frozenset(found)


def _list_changes(
    listed: core.ListDef, program: core.Program, used: frozenset[int]
) -> Iterator[Change]:
    for at in _sample(len(listed.items), sorted(used)):
        item = listed.items[at]
        said = item_words(item, listed.type, program)
        sources = listed.sources
        less = replace(
            listed,
            items=(*listed.items[:at], *listed.items[at + 1 :]),
            sources=(*sources[:at], *sources[at + 1 :]) if sources else (),
        )
        words = Words(f"{listed.name.zh} 去掉 `{said.zh}`", f"{listed.name.en} without `{said.en}`")
        lists = {**program.lists, listed.id: less}
        yield words, replace(program, lists=lists), hints_of(item, listed.type)


def _moved(value: core.Expr | None, type_: Type) -> Iterator[tuple[core.Lit, core.Lit]]:
    """A literal with each of those beside it."""
    if isinstance(value, core.Lit) and (type_.kind in NUDGED or type_.kind == "yes_no"):
        for moved in nudged(value.value, type_):
            yield value, replace(value, value=moved)


def _param_changes(param: core.ParamDef, program: core.Program) -> Iterator[Change]:
    for at, dated in enumerate(param.values):
        for pair in _moved(dated.value, param.type):
            old, new = (constant_words(v.value, param.type, program, v.unit) for v in pair)
            said = becomes(old, new)
            words = Words(f"{param.name.zh} {said.zh}", f"{param.name.en}: {said.en}")
            changed = replace(param, values=_with(param.values, at, replace(dated, value=pair[1])))
            params = {**program.params, param.id: changed}
            hints = tuple(Hint(each.value, param.type, each.unit) for each in pair)
            yield words, replace(program, params=params), hints


def _decision_changes(decision: core.DecisionDef, program: core.Program) -> Iterator[Change]:
    for at, row in enumerate(decision.rows):
        zh, en = f"{decision.name.zh} 第 {at + 1} 行", f"{decision.name.en}, row {at + 1}"
        cells = [cell.low for cell in row.cells or () if isinstance(cell.low, core.Lit)]
        hints = tuple(Hint(cell.value, cell.type, cell.unit) for cell in cells)
        for pair in list(_moved(row.value, decision.type))[-1:]:
            old, new = (constant_words(v.value, decision.type, program, v.unit) for v in pair)
            said = becomes(old, new)
            rows = _with(decision.rows, at, replace(row, value=pair[1]))
            decisions = {**program.decisions, decision.id: replace(decision, rows=rows)}
            words = Words(f"{zh} {said.zh}", f"{en}: {said.en}")
            yield words, replace(program, decisions=decisions), hints

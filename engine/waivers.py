"""Waivers: rows of the table 豁免 that excuse a subject of a rule for a time (S13).

A waiver counts like an exception of the rule: where it is not certain that it covers the subject the
finding stays undetermined.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from engine import codes
from engine.derivation import RowLeaf, Step
from engine.facts import Entity, Foreign, Value
from engine.finding import Waiver
from engine.interpreter.lookup import read
from engine.interpreter.results import Context
from engine.subjects import Subject
from engine.tables import cell
from rulelang import core, values
from rulelang.values import FALSE, TRUE, UNKNOWN, Range, Truth, all_of, any_of
from rulelang.words import WAIVER

_ONE_CODE = frozenset({"diagnosis", "operation"})


def is_waiver(table: core.Table) -> bool:
    """Whether a table is the reserved one."""
    return table.name.en in WAIVER


def learnt(program: core.Program) -> Iterator[date]:
    """The dates on which waivers became known, or were known no longer."""
    for table in program.tables.values():
        if is_waiver(table):
            for row in table.rows:
                yield cell(table, row, "known_from")
                if cell(table, row, "known_to") is not None:
                    yield cell(table, row, "known_to")


def waived(
    rule: core.Rule, subject: Subject, context: Context
) -> Iterator[tuple[Waiver, Truth, Step]]:
    """The waivers of a rule that may cover a subject, with whether they do and why."""
    for table in context.program.tables.values():
        if not is_waiver(table):
            continue
        for row in table.rows:
            if row.cells[0] != rule.id or not _is_known(table, row, context.tables.known_on):
                continue
            truth, why = _covers(table, row, subject, context)
            if truth is not FALSE:
                yield _shown(table, row), truth, why


def _is_known(table: core.Table, row: core.Row, known_on: date | None) -> bool:
    if known_on is None:
        return True
    until = cell(table, row, "known_to")
    return bool(cell(table, row, "known_from") <= known_on) and (until is None or known_on < until)


def _covers(
    table: core.Table, row: core.Row, subject: Subject, context: Context
) -> tuple[Truth, Step]:
    """Whether the governing date lies in the period of service, and the key is the subject's."""
    start, end = cell(table, row, "service_from"), cell(table, row, "service_to")
    dated = all_of(
        (
            values.less(Range.exactly(start), context.on, or_equal=True),
            values.less(context.on, Range.exactly(end), or_equal=False),
        )
    )
    dates = (context.on_leaf,) if context.on_leaf is not None else ()
    when = Step(None, "all", dated, dates, label="in_force")
    key = cell(table, row, "key")
    meant, which = (TRUE, ()) if key is None else _is_meant(key, subject, context)
    leaf = Step(None, "leaf", TRUE, leaf=RowLeaf(table, _keys(row), row))
    truth = all_of((dated, meant))
    return truth, Step(None, "and", truth, (leaf, when, Step(None, "all", meant, which)))


def _keys(row: core.Row) -> tuple[Any, ...]:
    return row.cells[:1] if row.cells[1] is None else row.cells[:2]


def _is_meant(key: str, subject: Subject, context: Context) -> tuple[Truth, tuple[Step, ...]]:
    """Whether a key is the institution's, or the code of what the subject is or bills (S13)."""
    if codes.is_resolved("institution", key):
        value, step = read(context.bill.institution, "id", context)
        return _equals(value, key), (step,)
    if subject.kind in _ONE_CODE:
        value, step = read(subject.own[0], "code", context)
        return _equals(value, key), (step,)
    if subject.kind not in {"line", "group", "pair"} or not subject.lines:
        return FALSE, ()
    each = [_bills(line, key, context) for line in subject.lines]
    join = any_of if subject.kind == "pair" else all_of
    return join([truth for truth, _ in each]), tuple(step for _, steps in each for step in steps)


def _bills(line: Entity, key: str, context: Context) -> tuple[Truth, tuple[Step, ...]]:
    """Whether a line bills the product of a code, whatever its kind."""
    system = codes.product_system(key)
    systems = codes.PRODUCT_SYSTEMS if system is None else (system,)
    found = [read(line, each, context) for each in systems]
    truth = any_of([_equals(value, key) for value, _ in found])
    return truth, tuple(step for _, step in found)


def _equals(value: Value, key: str) -> Truth:
    if value.absent is TRUE:
        return FALSE
    if value.choices is None:
        return UNKNOWN
    same = [
        (choice.code if isinstance(choice, Foreign) else str(choice)).upper() == key
        for choice in value.choices
    ]
    return TRUE if all(same) and value.absent is FALSE else UNKNOWN if any(same) else FALSE


def _shown(table: core.Table, row: core.Row) -> Waiver:
    _, key, reason, approver, service_from, service_to, known_from, known_to = row.cells
    return Waiver(
        table.id, row.number, key or "", reason, approver,
        service_from, service_to, known_from, known_to,
    )  # fmt: skip

"""Sheets of bill lines to bills: the door of this intake, and its chain on one screen.

One bill for each person and encounter that has lines under audit, in order of appearance (S1.3);
the person's other encounters are history.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine import errors
from engine.errors import InputError
from engine.intake.evidence import supply
from engine.intake.evidence_rows import holds_evidence, rows_of_sheet
from engine.intake.nhsa import ShapeAsked, bill_of_shape
from engine.intake.notes import Notes
from engine.intake.patients import is_audited
from engine.intake.reading import LIMITS, Limits
from engine.intake.sheet_columns import NOTHING_DECLARED, Declared, Table, read_headers
from engine.intake.sheet_facts import SheetFacts
from engine.intake.sheet_names import chinese_names
from engine.intake.sheet_nodes import PersonShapes
from engine.intake.sheet_rows import EncounterRows, join_rows
from engine.profile import NO_PROFILE, Profile
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from engine.facts import Bill, IntakeNote
    from engine.intake.workbooks import Workbook

__all__ = ["NOTHING_DECLARED", "Declared", "read_workbook"]

# A person's lines are read anew for each of his bills, as history of the others.
_MOST_READINGS = 5
_HEAD = re.compile(r"!R\d+C(?P<head>.+)", re.DOTALL)


def read_workbook(
    workbook: Workbook,
    profile: Profile = NO_PROFILE,
    *,
    declared: Declared = NOTHING_DECLARED,
    as_of: datetime | None = None,
    stage: str | None = None,
    limits: Limits = LIMITS,
) -> tuple[Bill, ...]:
    """The bills on the sheets of a file, with their facts, coverages and notes.

    Args:
        workbook: Sheets 明细, 就诊, 诊断, of which only the first must be there; a CSV file is one
            sheet 明细 with the columns of the others repeated.
        profile: What this sender's data means.
        declared: Evidence that may be a column too.
        as_of: Time of asking where the sheets have none (S14.2).
        stage: "before", "during" or "after" where the caller knows it better than a scene.
        limits: For the number of lines of a person.

    Raises:
        InputError: EN0105, EN0113, EN0114, EN0116, EN0117, EN0119; no half of a file is read.
    """
    tables, of_sheets = read_headers(workbook, declared)
    joined = join_rows(workbook.file, tables)
    if not joined.encounters:
        words = Words("表中没有明细", "there are no lines on the sheet")
        raise InputError(errors.NO_ENCOUNTER, words, workbook.file)
    people = _people(joined.encounters)
    for rows in people:
        _check_lines(rows, tables, workbook, limits)
    how = _How(workbook.file, tables, profile, declared, as_of, stage)
    common = (*of_sheets, *joined.notes)
    bills = {
        id(rows): replace(bill, notes=(*common, *bill.notes))
        for person in people
        for rows, bill in _bills(person, how, joined.personal)
    }
    found = tuple(bills[id(rows)] for rows in joined.encounters if id(rows) in bills)
    return _with_evidence(found, workbook, declared)


def _with_evidence(
    bills: tuple[Bill, ...], workbook: Workbook, declared: Declared
) -> tuple[Bill, ...]:
    """The bills with what the sheet 证据 says."""
    rows = [
        row
        for title, sheet in workbook.sheets.items()
        if holds_evidence(title)
        for row in rows_of_sheet(workbook.file, sheet)
    ]
    return supply(bills, rows, declared.evidence, declared.enums)


@dataclass(frozen=True, slots=True)
class _How:
    """How the sheets of a file are read."""

    file: str
    tables: Mapping[str, Table]
    profile: Profile
    declared: Declared
    as_of: datetime | None
    stage: str | None


def _people(encounters: Sequence[EncounterRows]) -> list[list[EncounterRows]]:
    """The encounters by person; without a person, nothing says that two are the same one's."""
    found: dict[tuple[str, str], list[EncounterRows]] = {}
    for rows in encounters:
        key = (rows.person, "") if rows.person else ("", rows.number)
        found.setdefault(key, []).append(rows)
    return list(found.values())


def _check_lines(
    person: list[EncounterRows], tables: Mapping[str, Table], workbook: Workbook, limits: Limits
) -> None:
    count = sum(len(rows.lines) for rows in person)
    place = f"{workbook.file}#{tables['lines'].sheet.name}"
    if count > limits.lines:
        words = Words(
            f"一位人员的明细 {count} 行，上限 {limits.lines} 行",
            f"{count} lines of one person; the limit is {limits.lines}",
        )
        mend = Words("按就诊拆成几个文件", "split it into several files, by encounter")
        raise InputError(errors.TOO_MANY_LINES, words, place, mend)
    if count * len(person) > limits.lines * _MOST_READINGS:
        words = Words(
            f"一位人员 {len(person)} 次就诊共 {count} 行，互为历史，太多",
            f"{len(person)} encounters of one person with {count} lines, each the others' history",
        )
        mend = Words("按月拆成几个文件", "split it into several files, by month")
        raise InputError(errors.TOO_MANY_LINES, words, place, mend)


def _bills(
    person: list[EncounterRows], how: _How, personal: frozenset[str]
) -> Iterator[tuple[EncounterRows, Bill]]:
    """The bills of one person; without a line under audit, that of his last encounter."""
    shapes = PersonShapes(how.file, how.tables, how.profile, person).make()
    current = [
        number
        for number, shape in enumerate(shapes.encounters)
        if any(is_audited(node) for node in shape.lines.nodes)
    ]
    for number in current or [len(person) - 1]:
        built = shapes.bill(number)
        supplement = SheetFacts(built, how.profile, how.declared.enums, how.declared.evidence)
        asked = ShapeAsked(number, how.profile, Notes(personal), supplement, how.as_of, how.stage)
        bill = bill_of_shape(built.shape, asked)
        notes = (*built.notes, *map(_by_its_head, bill.notes))
        yield person[number], replace(bill, notes=notes)


def _by_its_head(note: IntakeNote) -> IntakeNote:
    """The note under the head of its column instead of the interface's field."""
    head = _HEAD.search(note.pointer)
    name = chinese_names().get(note.field, note.field) if head is None else head["head"]
    return replace(note, field=name)

"""The rows of all sheets, joined by encounter; a code that is no text any more is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from engine import errors
from engine.codes import half_width
from engine.errors import InputError
from engine.facts import IntakeNote
from engine.intake import sheet_names as names
from engine.intake.readers import as_text, is_blank
from engine.intake.workbooks import NO_RESULT, Cell, Fault, Row, place
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.intake.sheet_columns import Column, Table
    from engine.intake.sheet_names import Meaning

_AS_TEXT = frozenset({"text", "code", "codes"})
# What is left of a code in a CSV file that a spreadsheet program has written.
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+\d{1,3}", re.ASCII)
_TOTALS = frozenset({"合计", "总计", "小计", "共计", "total", "subtotal", "sum"})
MOST_CANDIDATES = 5  # where so many places say different things, nothing is known
_MIN_ASCII, _MIN_CHINESE = 5, 2  # shorter texts tell no person, and would mask what notes show
_ENCOUNTER_KINDS = frozenset({"encounter", "patient", "institution", "bill"})

_NO_VALUE = Words("单元格是错误值", "the cell holds an error")
_NO_RESULT = Words(
    "公式没有存下结果：用表格软件打开，保存后再审核",
    "the formula's result was never stored: open the file in its program and save it",
)

About: TypeAlias = tuple[str, str]  # kind, field


@dataclass(frozen=True, slots=True)
class Placed:
    """What one cell says, with its place."""

    meaning: Meaning
    pointer: str
    raw: object

    @property
    def text(self) -> str:
        """The value as text; equal texts say the same."""
        return as_text(self.raw) or ""


@dataclass(frozen=True, slots=True)
class RowRead:
    """One row: where it stands, and what its cells say that say anything."""

    pointer: str
    values: Mapping[About, Placed]


@dataclass(slots=True)
class EncounterRows:
    """All rows of one person's encounter.

    `values` holds what is said of encounter, person, institution and the bill as a whole: each
    thing once for every different value, `MOST_CANDIDATES` of them at most.
    """

    person: str
    number: str
    pointer: str
    duty: str
    values: dict[About, list[Placed]] = field(default_factory=dict)
    lines: list[RowRead] = field(default_factory=list)
    diagnoses: list[RowRead] = field(default_factory=list)
    operations: list[RowRead] = field(default_factory=list)
    notes: list[IntakeNote] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Joined:
    """The encounters in order of appearance, notes on rows of none, and texts of persons."""

    encounters: tuple[EncounterRows, ...]
    notes: tuple[IntakeNote, ...]
    personal: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Keyed:
    """A row with whose it is as far as it says so itself."""

    duty: str
    person: str
    number: str
    row: RowRead
    notes: tuple[IntakeNote, ...]


def join_rows(file: str, tables: Mapping[str, Table]) -> Joined:
    """Read all rows and put them together by encounter.

    Raises:
        InputError: EN0114 at a code that is a number or a date, EN0119 at a row that does not say
            which encounter it belongs to.
    """
    in_order = [tables[duty] for duty in names.SHEETS if duty in tables]
    rows = [keyed for table in in_order for keyed in _rows(file, table)]
    persons: dict[str, set[str]] = {}
    for keyed in rows:
        persons.setdefault(keyed.number, set()).update({keyed.person} - {""})
    found: dict[tuple[str, str], EncounterRows] = {}
    strays: list[IntakeNote] = []
    for keyed in rows:
        _put(keyed, _person(keyed, persons[keyed.number]), found, strays)
    personal = {keyed.person for keyed in rows} | set(_personal(in_order))
    _note_without_row(tables, found.values())
    telling = frozenset(text for text in personal if _identifies(text))
    return Joined(tuple(found.values()), tuple(strays), telling)


def _rows(file: str, table: Table) -> Iterator[_Keyed]:
    for row in table.sheet.rows:
        if any(cell is not None for cell in row.cells):
            yield _read_row(file, table, row)


def _read_row(file: str, table: Table, row: Row) -> _Keyed:
    pointer = place(file, table.sheet.name, row.number)
    values: dict[About, Placed] = {}
    notes: list[IntakeNote] = []
    for column in table.columns:
        cell = row.cells[column.index] if column.index < len(row.cells) else None
        if cell is None:
            continue
        where = f"{pointer}C{column.head}"
        if isinstance(cell, Fault):
            words = _NO_RESULT if cell.text == NO_RESULT else _NO_VALUE
            notes.append(IntakeNote(where, column.head, cell.text, words))
            continue
        raw = _raw(cell, column, table.sheet.name, row.number, where)
        if not is_blank(raw):
            about = (column.meaning.kind, column.meaning.field)
            values[about] = Placed(column.meaning, where, raw)
    number = _key(values, names.KEY)
    if not number or number.lower() in _TOTALS:
        raise _no_key(pointer)
    return _Keyed(table.duty, _key(values, names.PERSON), number, RowRead(pointer, values), tuple(notes))  # fmt: skip


def _key(values: Mapping[About, Placed], about: About) -> str:
    placed = values.get(about)
    return "" if placed is None else half_width(placed.text).strip()


def _no_key(pointer: str) -> InputError:
    words = Words("这一行没有就诊号", "this row has no encounter_no")
    mend = Words(
        "每行都要写就诊号：拆开合并的单元格，去掉合计行",
        "write it in each row: take merged cells apart, remove rows of totals",
    )
    return InputError(errors.NO_KEY, words, pointer, mend)


def _raw(cell: Cell, column: Column, sheet: str, number: int, where: str) -> object:
    """What a cell says in the form in which readers take it."""
    kind = column.meaning.type.kind
    if kind in _AS_TEXT and (not isinstance(cell, str) or _is_damaged(cell, column)):
        raise _no_text(sheet, number, column.head, where)
    match cell:
        case bool() | str():
            return cell
        case Decimal():
            whole = kind == "enum" and cell == cell.to_integral_value()
            return int(cell) if whole else format(cell, "f")
        case datetime():
            return cell.isoformat(" ")
        case date():
            return cell.isoformat()
        case _:
            return None


def _is_damaged(text: str, column: Column) -> bool:
    """Whether a text is what a spreadsheet program has made of a long number."""
    return column.meaning.field != "name" and _SCIENTIFIC.fullmatch(text.strip()) is not None


def _no_text(sheet: str, number: int, head: str, where: str) -> InputError:
    words = Words(
        f"`{sheet}` 第 {number} 行 `{head}` 列是数字或日期，应是文本",
        f"`{sheet}`, row {number}, column `{head}` holds a number or a date; a text is wanted",
    )
    mend = Words(
        "编码作数字存放会丢失前导零和末尾数字：把该列设为文本，从原系统重新粘贴",
        "as a number a code loses zeros and digits: format the column as text and paste it anew",
    )
    return InputError(errors.NUMBER_FOR_CODE, words, where, mend)


def _person(keyed: _Keyed, persons: set[str]) -> str:
    """Whose row it is: as it says, else as the only one that other rows of the encounter name."""
    if keyed.person or not persons:
        return keyed.person
    if len(persons) == 1:
        return next(iter(persons))
    words = Words(
        "同一就诊号有几个人员，这一行没有写明",
        "several persons have this encounter_no; this row names none",
    )
    mend = Words("在这一行写明人员", "fill in the person")
    raise InputError(errors.NO_KEY, words, keyed.row.pointer, mend)


def _put(
    keyed: _Keyed,
    person: str,
    found: dict[tuple[str, str], EncounterRows],
    strays: list[IntakeNote],
) -> None:
    key = (person, keyed.number)
    encounter = found.get(key)
    if encounter is None:
        if keyed.duty in {"diagnoses", "operations"}:
            words = Words("没有这次就诊，未读取", "there is no such encounter; not read")
            strays.append(IntakeNote(keyed.row.pointer, "就诊号", None, words))
            return
        encounter = EncounterRows(person, keyed.number, keyed.row.pointer, keyed.duty)
        found[key] = encounter
    encounter.notes.extend(keyed.notes)
    for about, placed in keyed.row.values.items():
        if about[0] in _ENCOUNTER_KINDS:
            _add(encounter.values.setdefault(about, []), placed)
    if keyed.duty != "encounters":
        members: list[RowRead] = getattr(encounter, keyed.duty)
        members.append(keyed.row)


def _add(known: list[Placed], placed: Placed) -> None:
    if len(known) < MOST_CANDIDATES and all(placed.text != other.text for other in known):
        known.append(placed)


def _note_without_row(tables: Mapping[str, Table], found: Iterable[EncounterRows]) -> None:
    if "encounters" not in tables:
        return
    for encounter in found:
        if encounter.duty != "encounters":
            words = Words("`就诊` 表没有这次就诊", "the sheet `encounters` has no such encounter")
            encounter.notes.append(IntakeNote(encounter.pointer, "就诊号", None, words))


def _identifies(text: str) -> bool:
    return len(text) >= (_MIN_ASCII if text.isascii() else _MIN_CHINESE)


def _personal(tables: Iterable[Table]) -> Iterator[str]:
    """Texts of columns that are not read, but must not turn up in a note."""
    for table in tables:
        for row in table.sheet.rows:
            for index in table.personal:
                cell = row.cells[index] if index < len(row.cells) else None
                if isinstance(cell, str | Decimal) and not is_blank(cell):
                    yield as_text(cell) or ""

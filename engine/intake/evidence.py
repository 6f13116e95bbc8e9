"""Evidence that is supplied beside the bills: rows of a file or sheet to the facts of their owners.

A row says whose evidence it is (by the numbers that the bills use), which, its argument, value, date and
provider. What cannot be used leaves a note and is left out; what is not known stays unknown (S2, S2.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from engine.facts import (
    Bill,
    Collection,
    Coverage,
    Entity,
    EvidenceItem,
    Fact,
    IntakeNote,
    Value,
    evidence_key,
    may_provide,
)
from engine.intake.dates import first_instant, read_date, read_instant
from engine.intake.evidence_owners import owners_of
from engine.intake.evidence_rows import KNOWN, NAMES, Cell, Supplied, fold
from engine.intake.readers import as_text, is_blank, read_yes_no
from engine.intake.sheet_types import Enums, read_typed
from engine.owners import keys_of
from engine.population import OF_PERIODS, Stated
from rulelang import vocabulary
from rulelang.core import EvidenceDef, TableColumn
from rulelang.diagnostics import Words
from rulelang.periods import written_period
from rulelang.types import Type
from rulelang.values import Range, join

_SAID_ALL = Words("证据写明这些是全部", "the evidence says that these are all")
_NOT_ALL = Words("证据没有写明这些是全部", "the evidence does not say that these are all")
_SPAN = re.compile(r"\s*[~～]\s*")
_PARTS = re.compile(r"\s*[,，、;；]\s*")
_MOST_NOTES = 20


def supply(
    bills: Sequence[Bill],
    rows: Sequence[Supplied],
    evidence: Mapping[str, EvidenceDef],
    enums: Enums,
) -> tuple[Bill, ...]:
    """The bills with what the rows say added to their owners' facts, and notes on what was not used.

    Rows on a period are for checks of periods (`state`): a note says how many there are.
    """
    if not bills or not rows:
        return tuple(bills)
    supplier = _Supplier(tuple(bills), evidence, enums)
    for row in rows:
        if not row.text("period"):
            supplier.take(row)
    notes = supplier.notes
    of_periods = [row for row in rows if row.text("period")]
    if of_periods:
        words = Words(
            f"{len(of_periods)} 条期间的值不用于账单；审核期间用 --periods，本文件写在 --evidence 后",
            f"{len(of_periods)} values of periods are not for bills; to check periods, use --periods"
            " and name this file behind --evidence",
        )
        notes.append(IntakeNote(of_periods[0].pointer, NAMES["period"][0], None, words))
    if len(notes) > _MOST_NOTES:
        more = len(notes) - _MOST_NOTES
        words = Words(f"还有 {more} 条证据未使用", f"{more} more of the evidence not used")
        notes = [*notes[:_MOST_NOTES], IntakeNote(notes[_MOST_NOTES].pointer, "证据", None, words)]
    return (replace(bills[0], notes=(*bills[0].notes, *notes)), *bills[1:])


def state(
    bills: Sequence[Bill],
    rows: Sequence[Supplied],
    evidence: Mapping[str, EvidenceDef],
    enums: Enums,
) -> tuple[tuple[Stated, ...], tuple[IntakeNote, ...]]:
    """What the rows on periods say of institutions and their like, and notes on what was not used.

    A row names its subject by `owner` or by its own column; an institution may be left out where all
    bills are of one. `period` is 2026-03, 2026-Q1 or 2026.
    """
    supplier = _Supplier(tuple(bills), evidence, enums)
    stated = [supplier.stated(row) for row in rows if row.text("period")]
    return tuple(each for each in stated if each is not None), tuple(supplier.notes)


@dataclass(slots=True)
class _Supplier:
    """Takes rows one by one."""

    bills: tuple[Bill, ...]
    evidence: Mapping[str, EvidenceDef]
    enums: Enums
    notes: list[IntakeNote] = field(default_factory=list)

    def take(self, row: Supplied) -> None:
        """Add what a row says to its owner in each bill that has him."""
        declared = self._declared(row)
        if declared is None:
            return
        owners = [owner for bill in self.bills for owner in owners_of(bill, declared.owner, row)]
        if len({(owner.kind, owner.pointer) for owner in owners}) != 1:
            zh = "不知是谁的" if owners else "请求中没有这个归属对象"
            en = "not clear whose it is" if owners else "its owner is not in the request"
            self._note(row, "owner", zh, en)
            return
        arguments = self._arguments(declared, row)
        if arguments is None:
            return
        provider = self._provider(declared, row)
        at = self._taken(row)
        for number, owner in enumerate(owners):  # each bill has the person anew: note once
            quiet = self if number == 0 else replace(self, notes=[])
            if declared.word == "series":
                if may_provide(declared.providers, provider):
                    quiet.add_record(declared, owner, row, at)
                continue
            item = quiet.item(declared, owner, row)
            if item is not None:
                key = evidence_key(declared.id, arguments)
                before = owner.evidence.get(key, ())
                owner.evidence[key] = (*before, replace(item, at=at, provider=provider))

    def stated(self, row: Supplied) -> Stated | None:
        """What a row says of a subject in a period."""
        stretch = written_period(row.text("period"))
        if stretch is None:
            zh, en = "期间写作 2026-03、2026-Q1 或 2026", "a period is 2026-03, 2026-Q1 or 2026"
            self._note(row, "period", zh, en)
            return None
        meant = self._figure(row)
        if meant is None:
            return None
        kind, name, type_ = meant
        whose, cell = self._subject(row, kind), row.cells.get("value")
        if not whose:
            self._note(row, "owner", "不知是谁的", "not clear whose it is")
            return None
        if cell is None or is_blank(cell.raw):
            self._note(row, "value", "没有值", "there is no value")
            return None
        reading = read_typed(type_, self.enums)(cell.raw)
        if reading.trouble is not None:
            self._note(row, "value", reading.trouble.zh, reading.trouble.en, used=True)
        fact = Fact(reading.value, cell.pointer, cell.raw, reading.trouble)
        return Stated(kind, whose, stretch.first, stretch.last, {name: fact})

    def _figure(self, row: Supplied) -> tuple[str, str, Type] | None:
        """What a row on a period is about: the kind of its subject, the fact and its type."""
        kind, _, name = row.text("evidence").rpartition(".")
        owner = vocabulary.load().entity(kind or "institution")
        field_ = None if owner is None else vocabulary.load().field(owner.en, name)
        if owner is not None and field_ is not None and field_.of_period:
            return owner.en, field_.en, field_.type
        declared = self._declared(row)
        arguments = None if declared is None else self._arguments(declared, row)
        if declared is None or arguments is None:
            return None
        if declared.owner not in OF_PERIODS or declared.fields or declared.word == "series":
            self._note(row, "evidence", "不是期间的单项证据", "no single evidence of a period")
            return None
        if not may_provide(declared.providers, self._provider(declared, row)):
            return None
        return declared.owner, evidence_key(declared.id, arguments), declared.type

    def _subject(self, row: Supplied, kind: str) -> str:
        """The number of a row's subject; of an institution, that of all bills where none is said."""
        said = row.text(kind) or row.text("owner")
        if said or kind != "institution":
            return said
        found = {keys_of(bill.institution) for bill in self.bills}
        return next(iter(found))[0] if len(found) == 1 and () not in found else ""

    def _note(self, row: Supplied, name: str, zh: str, en: str, *, used: bool = False) -> None:
        cell = row.cells.get(name)
        shown = NAMES[name][0] if name in NAMES else name
        zh, en = (zh, en) if used else (f"{zh}，未使用", f"{en}; not used")
        raw = None if cell is None or name in _OWNERS else as_text(cell.raw)
        pointer = row.pointer if cell is None else cell.pointer
        self.notes.append(IntakeNote(pointer, shown, raw, Words(zh, en)))

    def _declared(self, row: Supplied) -> EvidenceDef | None:
        """The evidence that a row names; of one name with several owners, whose number it gives."""
        owner, dot, name = row.text("evidence").rpartition(".")
        kind = vocabulary.load().entity(owner) if dot else None
        folded = fold(name)
        found = [
            each
            for each in self.evidence.values()
            if folded in {fold(each.name.zh), fold(each.name.en)} or row.text("evidence") == each.id
            if kind is None or each.owner == kind.en
        ]
        if len(found) > 1:
            found = [each for each in found if row.text(each.owner)]
        if len(found) != 1:
            self._note(
                row, "evidence", "规则集没有声明这项证据", "no ruleset declares this evidence"
            )
            return None
        return found[0]

    def _arguments(self, declared: EvidenceDef, row: Supplied) -> tuple[str, ...] | None:
        cell = row.cells.get("argument")
        raw = None if cell is None else cell.raw
        if isinstance(raw, dict):
            sent = [raw.get(c.name.zh, raw.get(c.name.en)) for c in declared.parameters]
        elif isinstance(raw, list):
            sent = raw
        else:
            sent = [part for part in _PARTS.split(row.text("argument")) if part]
        if len(sent) != len(declared.parameters):
            count = len(declared.parameters)
            self._note(row, "argument", f"应有 {count} 个参数", f"{count} arguments are wanted")
            return None
        found: list[str] = []
        for part, column in zip(sent, declared.parameters, strict=True):
            choices = read_typed(column.type, self.enums)(part).value.choices
            if choices is None or len(choices) != 1:
                self._note(row, "argument", "参数读不懂", "the argument cannot be read")
                return None
            found.append(str(next(iter(choices))))
        return tuple(found)

    def _provider(self, declared: EvidenceDef, row: Supplied) -> str:
        """Who provided it; a name that is none of the suppliers is nobody who may."""
        text = row.text("provider")
        if not text:
            return ""
        suppliers = vocabulary.load().suppliers
        known = next((k for k, w in suppliers.items() if text in {k, w.zh, w.en}), text)
        if not may_provide(declared.providers, known):
            who = "、".join(suppliers[each].zh for each in declared.providers)
            whom = ", ".join(suppliers[each].en for each in declared.providers)
            self._note(row, "provider", f"应由 {who} 提供", f"{whom} may provide it")
        return known

    def _taken(self, row: Supplied) -> Range | None:
        """When it was taken: a date, a date with an hour, or a span of them."""
        cell = row.cells.get("date")
        if cell is None or is_blank(cell.raw):
            return None
        parts = cell.raw if isinstance(cell.raw, list) else [cell.raw]
        if isinstance(cell.raw, str):
            parts = _SPAN.split(cell.raw)
        found = [read_instant(part) for part in parts]
        ranges = [each.value.range for each in found if each.value.range is not None]
        if len(ranges) != len(parts) or not ranges:
            self._note(
                row, "date", "日期读不懂，当作没有日期", "not a date; taken as none", used=True
            )
            return None
        return join(ranges[0], ranges[-1])

    def item(self, declared: EvidenceDef, owner: Entity, row: Supplied) -> EvidenceItem | None:
        """The value of a single evidence fact; None where the row says none."""
        cell = row.cells.get("value")
        if declared.fields:
            number = sum(len(items) for items in owner.evidence.values()) + 1
            record = self._record(declared, owner, row, number)
            return EvidenceItem(Value(), pointer=row.pointer, record=record)
        if cell is None or is_blank(cell.raw):
            self._note(row, "value", "没有值", "there is no value")
            return None
        reading = read_typed(declared.type, self.enums)(cell.raw)
        if reading.trouble is not None:
            self._note(row, "value", reading.trouble.zh, reading.trouble.en, used=True)
        return EvidenceItem(reading.value, pointer=cell.pointer, raw=cell.raw)

    def add_record(
        self, declared: EvidenceDef, owner: Entity, row: Supplied, at: Range | None
    ) -> None:
        """One record of a series, or what a row says of all of them."""
        key = evidence_key(declared.id)
        before = owner.collections.get(key)
        members = () if before is None else before.members
        if any(name in row.cells for name in _names_of(declared.fields)) or "value" in row.cells:
            made = self._record(declared, owner, row, len(members) + 1)
            if at is not None:
                made.facts.setdefault("date", Fact(Value(range=at), row.pointer))
            members = (*members, made)
        cover = self._coverage(declared, row, None if before is None else before.coverage)
        owner.collections[key] = Collection(members, cover)

    def _coverage(self, declared: EvidenceDef, row: Supplied, before: Coverage | None) -> Coverage:
        cell = row.cells.get("complete")
        choices = None if cell is None else read_yes_no(cell.raw).value.choices
        supplier = declared.providers[0] if declared.providers else "physician"
        if choices != frozenset({True}):
            return before or Coverage(
                closed=False, words=_NOT_ALL, pointer=row.pointer, supplier=supplier
            )
        since = _first_day(row)
        pointer = row.pointer if cell is None else cell.pointer
        return Coverage(
            closed=True, words=_SAID_ALL, pointer=pointer, supplier=supplier, since=since
        )

    def _record(self, declared: EvidenceDef, owner: Entity, row: Supplied, number: int) -> Entity:
        made = Entity(f"record:{declared.id}", str(number), row.pointer, number - 1)
        made.links[owner.kind] = owner
        cell = row.cells.get("value")
        inside = cell.raw if cell is not None and isinstance(cell.raw, dict) else {}
        cells = {
            fold(name): Cell(raw, f"{row.pointer}/value/{name}") for name, raw in inside.items()
        }
        for column in declared.fields:
            sent = _of_column(column, cells) or _of_column(column, row.cells)
            if sent is None:
                continue
            reading = read_typed(column.type, self.enums)(sent.raw)
            made.facts[column.name.en] = Fact(reading.value, sent.pointer, sent.raw)
            if reading.trouble is not None:
                self.notes.append(
                    IntakeNote(sent.pointer, column.name.zh, as_text(sent.raw), reading.trouble)
                )
        return made


_OWNERS = frozenset(
    {"owner", "patient", "encounter", "line", "prescription", "diagnosis", "operation", "institution"}
)  # fmt: skip


def _names_of(columns: Iterable[TableColumn]) -> set[str]:
    names = {fold(name) for c in columns for name in (c.name.zh, c.name.en)}
    return names | {KNOWN[name] for name in names if name in KNOWN}


def _of_column(column: TableColumn, cells: Mapping[str, Cell]) -> Cell | None:
    for name in _names_of((column,)):
        if name in cells:
            return cells[name]
    return None


def _first_day(row: Supplied) -> date | None:
    cell = row.cells.get("since")
    known = None if cell is None else read_date(cell.raw).value.range
    return None if known is None else first_instant(known).date()

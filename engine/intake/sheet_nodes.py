"""The rows of one person as the shapes that the intake of requests makes bills of.

Every cell stands under the interface's name of what it says, so that the same builders, maps and
constants read it; what the interface has no field for stands beside, by the place of its entity.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.codes import PRODUCT_SYSTEMS, is_no_code, normalise
from engine.derived import SYSTEM_OF_LIST
from engine.facts import IntakeNote
from engine.intake import sheet_names as names
from engine.intake.nodes import Listed, Node, Sent
from engine.intake.shapes import EncounterShape, PatientShape, RequestShape
from engine.intake.sheet_rows import MOST_CANDIDATES, About, EncounterRows, Placed, RowRead
from rulelang import vocabulary
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.intake.sheet_columns import Table
    from engine.profile import Profile

_PARTS = {"diagnoses": "diagnosis", "operations": "operation"}
_CODE = {"diagnoses": "dise_codg", "operations": "oprn_code"}
_NAME = {"diagnoses": "dise_name", "operations": "oprn_name"}
_NO_FACTS = frozenset({*_PARTS, "main_diagnosis", "person"})
_NO_MAIN = frozenset({"maindise_flag"})
_ITEMS = re.compile(r"[；;、\r\n]+")
_CLOCK = re.compile(r"\d{1,2}[:：]\d{2}([:：]\d{2})?", re.ASCII)

# What is true of a person whichever of his encounters says it; all else is said of one of them.
_LASTING = frozenset({("patient", "sex"), ("patient", "birth_date"), ("patient", "death_date")})

Beside = dict[tuple[str, str], list[Placed]]
Doubles = dict[tuple[str, str], list[list[Placed]]]


@dataclass(frozen=True, slots=True)
class Built:
    """The shape of one person's bill, with what stands beside it.

    `beyond` holds what the interface has no field for, `doubles` what further places say
    differently, fact by fact; both by kind and pointer of the entity that they are about.
    """

    shape: RequestShape
    beyond: Mapping[tuple[str, str], list[Placed]]
    doubles: Mapping[tuple[str, str], list[list[Placed]]]
    notes: tuple[IntakeNote, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonShapes:
    """One person's encounters as shapes, made once for all of his bills."""

    file: str
    tables: Mapping[str, Table]
    profile: Profile
    rows: Sequence[EncounterRows]
    encounters: list[EncounterShape] = field(default_factory=list)
    beyond: Beside = field(default_factory=dict)
    doubles: Doubles = field(default_factory=dict)
    notes: list[IntakeNote] = field(default_factory=list)

    def make(self) -> PersonShapes:
        """Build the encounters; gives itself."""
        for encounter in self.rows:
            self.notes.extend(encounter.notes)
            self.encounters.append(self._encounter(encounter))
        return self

    def bill(self, current: int) -> Built:
        """The shape of the bill of one of the encounters."""
        rows = self.rows[current]
        data = Node(rows.pointer, self._fields("bill", rows.values, rows, joined=("scene",)))
        beyond: Beside = {}
        doubles: Doubles = {}
        values = _said_of_person(self.rows, current)
        fields = self._fields("patient", values, rows)
        self._set_aside("patient", rows.pointer, values, beyond, doubles)
        patient = PatientShape(Node(rows.pointer, fields), tuple(self.encounters))
        shape = RequestShape(data, data, (patient,))
        return Built(
            shape,
            ChainMap(beyond, self.beyond),
            ChainMap(doubles, self.doubles),
            (*self.notes, *_said_differently(rows)),
        )

    def _encounter(self, rows: EncounterRows) -> EncounterShape:
        fields: dict[str, Sent] = {}
        for kind in ("encounter", "institution"):
            fields |= self._fields(kind, rows.values, rows)
            self._set_aside(kind, rows.pointer, rows.values, self.beyond, self.doubles)
        return EncounterShape(
            Node(rows.pointer, fields),
            self._listed("diagnoses", rows),
            self._listed("operations", rows),
            Listed(tuple(self._line(row) for row in rows.lines), self._place("lines")),
        )

    def _place(self, duty: str) -> str:
        return f"{self.file}#{self.tables[duty].sheet.name}"

    def _fields(
        self,
        kind: str,
        values: Mapping[About, list[Placed]],
        rows: EncounterRows,
        joined: tuple[str, ...] = (),
    ) -> dict[str, Sent]:
        """Fields of the interface: what was said, and where the rest would have been said."""
        table = self.tables[rows.duty]
        found = _blanks(kind, rows.pointer, rows.duty, table.lang)
        for (owner, name), placed in values.items():
            first = placed[0]
            if owner == kind and first.meaning.sends:
                raw = ",".join(one.text for one in placed) if name in joined else first.raw
                found[first.meaning.sends] = Sent(first.pointer, raw)
        return found

    def _set_aside(
        self,
        kind: str,
        pointer: str,
        values: Mapping[About, list[Placed]],
        beyond: Beside,
        doubles: Doubles,
    ) -> None:
        own = [
            placed
            for (owner, name), placed in values.items()
            if owner == kind and name not in _NO_FACTS
        ]
        beyond[kind, pointer] = [placed[0] for placed in own if not placed[0].meaning.sends]
        doubles[kind, pointer] = [placed[1:] for placed in own if len(placed) > 1]

    # Diagnoses and operations

    def _listed(self, duty: str, rows: EncounterRows) -> Listed:
        """A list of an encounter: the rows of its sheet, then what a cell lists."""
        members: tuple[RowRead, ...] = tuple(getattr(rows, duty))
        nodes = [self._member(duty, row) for row in members]
        cells = rows.values.get(("encounter", duty), [])
        mains = rows.values.get(("encounter", "main_diagnosis"), [])
        main = mains if duty == "diagnoses" and len(mains) == 1 else []
        listed = list(_items(duty, cells, main))
        pointer = cells[0].pointer if cells else self._place(rows.duty)
        if duty in self.tables:
            pointer = self._place(duty)
        was_asked = duty in self.tables or self.tables[rows.duty].has("encounter", duty)
        sent = Sent(pointer, None) if was_asked else None
        is_whole = len(cells) < MOST_CANDIDATES
        return Listed((*nodes, *listed), pointer, sent, is_whole)

    def _member(self, duty: str, row: RowRead) -> Node:
        kind = _PARTS[duty]
        found = _blanks(kind, row.pointer, duty, self.tables[duty].lang)
        for placed in row.values.values():
            if placed.meaning.kind == kind and placed.meaning.sends:
                found[placed.meaning.sends] = Sent(placed.pointer, placed.raw)
        self.beyond[kind, row.pointer] = [
            one for one in row.values.values() if one.meaning.kind == kind and not one.meaning.sends
        ]
        return Node(row.pointer, found, self._lacks(duty, "main", "maindise_flag"))

    # Lines

    def _line(self, row: RowRead) -> Node:
        found = _blanks("line", row.pointer, "lines", self.tables["lines"].lang)
        for (kind, name), placed in row.values.items():
            if kind in {"line", "prescription"} and placed.meaning.sends and name not in _PRODUCTS:
                found[placed.meaning.sends] = Sent(placed.pointer, placed.raw)
        self._product(row, found)
        _join_clock(row, found)
        for owner in ("line", "prescription"):
            self.beyond[owner, row.pointer] = [
                one
                for one in row.values.values()
                if one.meaning.kind == owner and not one.meaning.sends
            ]
        return Node(row.pointer, found, self._lacks("lines", "list_type", "hilist_type"))

    def _lacks(self, duty: str, name: str, sends: str) -> frozenset[str]:
        """The field that no column of a sheet says, so that not to send it is no oddity."""
        return (
            frozenset()
            if self.tables[duty].has(names.OWNERS[duty][0], name)
            else frozenset({sends})
        )

    def _product(self, row: RowRead, fields: dict[str, Sent]) -> None:
        """The one code of a line, and the kind of catalog that its column tells."""
        given = {
            name: row.values["line", name]
            for name in (*PRODUCT_SYSTEMS, "code")
            if ("line", name) in row.values
        }
        if len({normalise("drug", placed.text) for placed in given.values()}) > 1:
            words = Words("一行有几个编码，都不采用", "several codes in one row; none is taken")
            place = next(iter(given.values())).pointer
            self.notes.append(IntakeNote(place, "编码", None, words))
            return
        name, sent = next(((n, Sent(p.pointer, p.raw)) for n, p in given.items()), ("code", None))
        if sent is None or is_no_code(str(sent.raw)):
            sent = self._by_name(row, fields) or sent
        if sent is None:
            return
        fields["hilist_code"] = sent
        if name != "code" and fields["hilist_type"].is_blank:
            fields["hilist_type"] = Sent(sent.pointer, _top_word(name))

    def _by_name(self, row: RowRead, fields: Mapping[str, Sent]) -> Sent | None:
        """The code that the profile gives for an exact name (OUTPUT: Sheets)."""
        named = row.values.get(("line", "name"))
        code = None if named is None else self.profile.names.get(named.text)
        if named is None or code is None:
            place = fields["hilist_code"].pointer
            words = Words("没有编码；名称不会变成编码", "no code; a name is never turned into one")
            self.notes.append(IntakeNote(place, "编码", None, words))
            return None
        words = Words(
            f"按配置的名称表取编码 {code}", f"code {code} by the profile's table of names"
        )
        self.notes.append(IntakeNote(named.pointer, "名称", None, words))
        return Sent(named.pointer, code)


_PRODUCTS = frozenset({*PRODUCT_SYSTEMS, "code"})
_TOP_WORDS = MappingProxyType({system: word for word, system in SYSTEM_OF_LIST.items()})


def _top_word(system: str) -> str:
    return vocabulary.load().enums["list_type"].words[_TOP_WORDS[system]].zh


def _blanks(kind: str, pointer: str, duty: str, lang: str) -> dict[str, Sent]:
    """The fields of one kind as not sent, each at the place where it would stand."""
    return {
        sends: Sent(f"{pointer}C{head}", None)
        for sends, head in names.places(kind, duty, lang).items()
    }


def _said_of_person(rows: Sequence[EncounterRows], current: int) -> dict[About, list[Placed]]:
    """What is said of the person: with the current encounter, and what lasts with any of them."""
    found = {about: list(p) for about, p in rows[current].values.items() if about[0] == "patient"}
    for encounter in rows:
        for about in _LASTING & encounter.values.keys():
            known = found.setdefault(about, [])
            said = {placed.text for placed in known}
            known += [placed for placed in encounter.values[about] if placed.text not in said]
    return found


def _said_differently(rows: EncounterRows) -> Iterator[IntakeNote]:
    """What is said of the bill as a whole, or of the main diagnosis, in more than one way."""
    for (kind, name), placed in rows.values.items():
        if len(placed) > 1 and (kind == "bill" or name == "main_diagnosis") and name != "scene":
            words = Words("几处不同，按第一处", "said in several ways; the first counts")
            if name == "main_diagnosis":
                words = Words("几处不同，都不采用", "said in several ways; none is taken")
            head = placed[1].pointer.rpartition("C")[2]
            yield IntakeNote(placed[1].pointer, head, None, words)


def _items(duty: str, cells: Sequence[Placed], main: Sequence[Placed]) -> Iterator[Node]:
    """What cells list: `I63.900 脑梗死；I10.x00`, the main one marked where a column names it."""
    system = "icd10" if duty == "diagnoses" else "icd9"
    found: dict[str, dict[str, Sent]] = {}
    for placed in (*main, *cells):
        for item in _ITEMS.split(placed.text):
            code, _, name = item.strip().partition(" ")
            if not code:
                continue
            fields = found.setdefault(
                normalise(system, code), {_CODE[duty]: Sent(placed.pointer, code)}
            )
            if name.strip():
                fields[_NAME[duty]] = Sent(placed.pointer, name.strip())
            fields.setdefault("", Sent(placed.pointer, None))
            if main:
                is_main = "1" if placed is main[0] else "0"
                fields.setdefault("maindise_flag", Sent(main[0].pointer, is_main))
    for fields in found.values():
        lacks = frozenset() if "maindise_flag" in fields else _NO_MAIN
        yield Node(fields.pop("").pointer, fields, lacks)


def _join_clock(row: RowRead, fields: dict[str, Sent]) -> None:
    """A time of day beside a date is that day's."""
    time, day = row.values.get(("line", "time")), row.values.get(("line", "date"))
    if time is None or day is None or not isinstance(time.raw, str):
        return
    if _CLOCK.fullmatch(time.text) is not None:
        clock = time.text.replace("：", ":")
        fields["drord_begn_date"] = Sent(time.pointer, f"{day.text} {clock}")

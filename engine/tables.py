"""Rows in force: look-up by key, date of service and date of knowledge. Knows nothing of rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from itertools import product
from typing import Any

from engine import codes, stored
from engine.effective import Successors, in_force, is_gapless, successors_of
from engine.facts import Foreign, Value
from rulelang import core
from rulelang.values import TRUE, Range
from rulelang.vocabulary import load


class Extent(Enum):
    """Why a key has no row, or that it cannot be told."""

    INSIDE = "inside"  # the table says all there is: no row means none
    OUTSIDE = "outside"  # not held
    UNKNOWN_KEY = "unknown key"


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of a key: those certain and those that hold on some of the possible dates only."""

    certain: tuple[core.Row, ...] = ()
    possible: tuple[core.Row, ...] = ()
    extent: Extent = Extent.INSIDE
    gapless: bool = False  # on every possible date one of the possible rows is in force
    held_by: str = ""  # outside: the table or list that would have to hold the key
    key: tuple[Any, ...] = ()
    lacking: Any = None  # outside: the part of the key that is not held


class Tables:
    """All tables of a program, indexed. `known_on` is the date of knowledge (S14.1)."""

    def __init__(self, program: core.Program, known_on: date | None) -> None:
        """Index the rows known on a date; None knows them all."""
        self.program = program
        self.known_on = known_on
        self._index: dict[str, dict[tuple[Any, ...], list[int]]] = {}
        self._newer: dict[str, Successors] = {}

    def index(self, table: core.Table) -> Mapping[tuple[Any, ...], list[int]]:
        """Where the known rows of a key stand in a table."""
        found = self._index.get(table.id)
        if found is None:
            found = {}
            keys = zip(
                *(stored.cells(table.rows, place) for place in key_places(table)), strict=True
            )
            for at, (key, known) in enumerate(
                zip(keys, stored.column(table.rows, "known"), strict=True)
            ):
                if self._is_known(known):
                    found.setdefault(key, []).append(at)
            self._index[table.id] = found
            newer = (
                at for at, point in enumerate(stored.column(table.rows, "supersedes")) if point
            )
            rows = (table.rows[at] for at in newer)
            self._newer[table.id] = successors_of(row for row in rows if self._is_known(row.known))
        return found

    def _is_known(self, known: date | None) -> bool:
        return self.known_on is None or known is None or known <= self.known_on

    def find(self, table: core.Table, keys: tuple[Value, ...], on: Range) -> Found:
        """The rows of a key on a date of service, which may be known by bounds only."""
        if any(key.absent is TRUE for key in keys):
            return Found()
        options = [_options(key) for key in keys]
        if any(option is None for option in options):
            return Found(extent=Extent.UNKNOWN_KEY)
        combinations = list(product(*(option or () for option in options)))
        if len(combinations) != 1:
            return Found(extent=Extent.UNKNOWN_KEY)
        key = combinations[0]
        if any(isinstance(part, Foreign) for part in key):
            return Found(extent=Extent.UNKNOWN_KEY, key=key)
        certain, possible = self._effective(table, self._matching(table, key), on)
        if certain or possible:
            gapless = bool(certain) or is_gapless(possible, on, self._newer[table.id])
            return Found(certain, possible, key=key, gapless=gapless)
        return self._no_row(table, key)

    def _effective(
        self, table: core.Table, matching: Iterable[Sequence[core.Row]], on: Range
    ) -> tuple[tuple[core.Row, ...], tuple[core.Row, ...]]:
        """The rows of a key in force; of a table with one row a key the nearest."""
        certain: list[core.Row] = []
        possible: list[core.Row] = []
        for rows in matching:
            sure, perhaps = in_force(rows, on, self._newer[table.id])
            certain += sure
            possible += perhaps
            if not table.many and (sure or is_gapless(possible, on, self._newer[table.id])):
                break
        return tuple(certain), tuple(possible)

    def all_rows(self, table: core.Table, on: Range) -> Found:
        """All rows in force on a date."""
        rows = [table.rows[at] for found in self.index(table).values() for at in found]
        ordered = sorted(rows, key=lambda row: row.number)
        certain, possible = in_force(ordered, on, self._newer[table.id])
        return Found(certain, possible)

    def holds(self, table: core.Table, key: tuple[Any, ...]) -> bool:
        """Whether a table has any row of a key, whenever in force."""
        return any(self._matching(table, key))

    def _matching(self, table: core.Table, key: tuple[Any, ...]) -> list[Sequence[core.Row]]:
        """The rows that hold for a key, by where they stand: the nearest first."""
        index = self.index(table)
        choices = [
            _spellings(column, part, under=under)
            for column, part, under in zip(key_columns(table), key, table.under, strict=True)
        ]
        found = (index.get(combination, ()) for combination in product(*choices))
        return [[table.rows[at] for at in places] for places in found]

    def _no_row(self, table: core.Table, key: tuple[Any, ...]) -> Found:
        if not table.complete:
            return Found(extent=Extent.OUTSIDE, held_by=table.id, key=key, lacking=_only(key))
        if not table.within:
            return Found(extent=Extent.INSIDE, key=key)
        for column, part in zip(key_columns(table), key, strict=True):
            lacking = self._lacking(table, column, part)
            if lacking is not None:
                return Found(extent=Extent.OUTSIDE, held_by=lacking, key=key, lacking=part)
        return Found(extent=Extent.INSIDE, key=key)

    def _lacking(self, table: core.Table, column: core.TableColumn, part: object) -> str | None:
        """The extent that should hold a part of the key and does not, if there is one."""
        fitting = [e for e in table.within if self._extent_type(e) == column.type]
        if not fitting or any(self._in_extent(e, part) for e in fitting):
            return None
        return fitting[0]

    def _extent_type(self, extent: str) -> object:
        if extent in self.program.tables:
            return key_columns(self.program.tables[extent])[0].type
        return self.program.lists[extent].type

    def _in_extent(self, extent: str, part: object) -> bool:
        table = self.program.tables.get(extent)
        if table is None:
            return _listed(self.program.lists[extent], part)
        if len(table.keys) == 1:
            return self.holds(table, (part,))
        return any(key[0] == part for key in self.index(table))


def key_places(table: core.Table) -> tuple[int, ...]:
    """Where the key columns stand among the columns."""
    names = [column.name.en for column in table.columns]
    return tuple(names.index(key) for key in table.keys)


def key_columns(table: core.Table) -> tuple[core.TableColumn, ...]:
    """The columns of the key, in the key's order."""
    return tuple(table.columns[place] for place in key_places(table))


def cell(table: core.Table, row: core.Row, column: str) -> Any:
    """A cell by the English name of its column."""
    names = [item.name.en for item in table.columns]
    return row.cells[names.index(column)]


def _listed(found: core.ListDef, part: Any) -> bool:
    """Whether a list holds a code, itself or by what stands above it."""
    for item in found.items:
        if isinstance(item, core.CodeSpan):
            if codes.in_code_range(found.type.name, part, item.low, item.high):
                return True
        elif item.value == part or (
            found.type.name in codes.BOUNDARIES
            and codes.is_under(found.type.name, part, item.value)
        ):
            return True
    return False


def _only(key: tuple[Any, ...]) -> Any:
    return key[0] if len(key) == 1 else key


def _options(key: Value) -> frozenset[Any] | None:
    if key.range is not None:
        return frozenset({key.range.exact}) if key.range.is_exact else None
    return key.choices


def _spellings(column: core.TableColumn, part: Any, *, under: bool) -> list[Any]:
    """The keys under which a row for `part` may stand, the nearest first."""
    found = [part]
    if column.type.kind == "code" and under:
        found += reversed(codes.parents(column.type.name, part))  # the nearest first
    elif column.type.kind == "enum":
        found += _words_above(column.type.name, part)
    if column.blank_any:
        found.append(None)
    return found


def _words_above(enum: str, word: str) -> list[str]:
    known = load().enums.get(enum)
    if known is None or not known.hierarchical or word not in known.words:
        return []
    above = list(known.words[word].parents)
    for parent in known.words[word].parents:
        above += _words_above(enum, parent)
    return above

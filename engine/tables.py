"""Rows in force: look-up by key, date of service and date of knowledge. Knows nothing of rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from itertools import product
from typing import Any

from engine import codes
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
        self._index: dict[str, dict[tuple[Any, ...], list[core.Row]]] = {}

    def index(self, table: core.Table) -> Mapping[tuple[Any, ...], list[core.Row]]:
        """The known rows of a table by their key."""
        found = self._index.get(table.id)
        if found is None:
            places = key_places(table)
            found = {}
            for row in table.rows:
                if self.known_on is None or row.known is None or row.known <= self.known_on:
                    found.setdefault(tuple(row.cells[i] for i in places), []).append(row)
            self._index[table.id] = found
        return found

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
        rows = self._matching(table, key)
        certain, possible = in_force(rows, on)
        if certain or possible:
            gapless = bool(certain) or covers_all(possible, rows, on)
            return Found(certain, possible, key=key, gapless=gapless)
        return self._no_row(table, key)

    def all_rows(self, table: core.Table, on: Range) -> Found:
        """All rows in force on a date."""
        rows = [row for found in self.index(table).values() for row in found]
        certain, possible = in_force(sorted(rows, key=lambda row: row.number), on)
        return Found(certain, possible)

    def holds(self, table: core.Table, key: tuple[Any, ...]) -> bool:
        """Whether a table has any row of a key, whenever in force."""
        return bool(self._matching(table, key))

    def _matching(self, table: core.Table, key: tuple[Any, ...]) -> list[core.Row]:
        index = self.index(table)
        choices = [
            _spellings(column, part, under=under)
            for column, part, under in zip(key_columns(table), key, table.under, strict=True)
        ]
        found: list[core.Row] = []
        for combination in product(*choices):
            rows = index.get(combination, ())
            found += rows
            if rows and not table.many:
                break  # the nearest row counts
        return found

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
        if extent in self.program.tables:
            return self.holds(self.program.tables[extent], (part,))
        return any(
            isinstance(item, core.CodeItem) and item.value == part
            for item in self.program.lists[extent].items
        )


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


def in_force(
    rows: Iterable[core.Row], on: Range
) -> tuple[tuple[core.Row, ...], tuple[core.Row, ...]]:
    """Rows in force on every possible date, and those on some only (S14, S14.1).

    A row that another effective row supersedes is in force until that one starts.
    """
    rows = tuple(rows)
    certain: list[core.Row] = []
    possible: list[core.Row] = []
    for row in rows:
        starts, ends = row.starts, _effective_end(row, rows)
        if starts is not None and ends is not None and ends <= starts:
            continue
        before_all = starts is None or (on.low is not None and starts <= on.low)
        after_all = ends is None or (on.high is not None and on.high < ends)
        if before_all and after_all:
            certain.append(row)
        elif (starts is None or on.high is None or starts <= on.high) and (
            ends is None or on.low is None or on.low < ends
        ):
            possible.append(row)
    return tuple(certain), tuple(possible)


def covers_all(possible: Iterable[core.Row], rows: Iterable[core.Row], on: Range) -> bool:
    """Whether on every possible date one of the rows is in force."""
    every = tuple(rows)
    reached = on.low
    if reached is None and all(row.starts is not None for row in possible):
        return False
    spans = sorted(
        (row.starts or date.min, _effective_end(row, every) or date.max) for row in possible
    )
    position = reached or date.min
    for start, end in spans:
        if start > position:
            return False
        position = max(position, end)
    return position == date.max or (on.high is not None and position > on.high)


def _effective_end(row: core.Row, rows: tuple[core.Row, ...]) -> date | None:
    """The end of a row, truncated where a superseding row starts."""
    end = row.ends
    if not row.point:
        return end
    for other in rows:
        if other.supersedes == row.point and other is not row:
            start = other.starts or date.min
            end = start if end is None or start < end else end
    return end

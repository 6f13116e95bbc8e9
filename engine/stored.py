"""Rows of a table as a bundle keeps them: in columns, a row made when it is asked for.

A look-up needs the columns of the key; most rows of most tables are never looked at. Whatever asks
may also hold plain tuples of rows: the functions below read both.
"""

# `override` comes with a later Python.
# mypy: disable-error-code="explicit-override"

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeAlias, overload

from rulelang import core

Column: TypeAlias = Sequence[Any]
CELLS = "cells"


@cache
def names() -> tuple[str, ...]:
    """What a row has beside its cells, in the order in which a row is made."""
    return tuple(item.name for item in fields(core.Row) if item.name != CELLS)


class StoredRows(Sequence[core.Row]):
    """Rows in columns, equal to the tuple of the same rows.

    INVARIANT: every column is as long as there are rows; a row is made once.
    """

    __slots__ = ("_columns", "_count", "_made")

    def __init__(self, count: int, columns: Callable[[str | int], Column]) -> None:
        """So many rows; `columns` gives a column by the name of a field or the place of a cell."""
        self._count = count
        self._columns = columns
        self._made: dict[int, core.Row] = {}

    def column(self, which: str | int) -> Column:
        """One column."""
        return self._columns(which)

    def __len__(self) -> int:
        """How many rows there are."""
        return self._count

    @overload
    def __getitem__(self, place: int) -> core.Row: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[core.Row, ...]: ...
    def __getitem__(self, place: int | slice) -> core.Row | tuple[core.Row, ...]:
        """One row, or some."""
        if isinstance(place, slice):
            return tuple(self._row(at) for at in range(*place.indices(self._count)))
        if not -self._count <= place < self._count:
            raise IndexError(place)
        return self._row(place % self._count)

    def _row(self, place: int) -> core.Row:
        found = self._made.get(place)
        if found is None:
            given = {name: self._columns(name)[place] for name in names()}
            cells = tuple(self._columns(at)[place] for at in range(len(self._columns(CELLS))))
            found = self._made[place] = core.Row(cells=cells, **given)
        return found

    def __iter__(self) -> Iterator[core.Row]:
        """All rows in their order."""
        return (self._row(place) for place in range(self._count))

    def __eq__(self, other: object) -> bool:
        """Whether the rows are the same, however they are kept."""
        if isinstance(other, StoredRows | tuple):
            return tuple(self) == tuple(other)
        return NotImplemented

    def __hash__(self) -> int:
        """As the tuple of the rows."""
        return hash(tuple(self))


def columns(rows: Sequence[core.Row]) -> list[Column]:
    """What the rows say, field by field as they are called in `names`, then cell by cell."""
    if isinstance(rows, StoredRows):
        return [rows.column(which) for which in (*names(), *rows.column(CELLS))]
    given = zip(*map(attrgetter(*names()), rows), strict=True)
    return [*given, *zip(*(row.cells for row in rows), strict=True)]


def column(rows: Sequence[core.Row], name: str) -> Column:
    """What the rows say in one field, in their order."""
    if isinstance(rows, StoredRows):
        return rows.column(name)
    return [getattr(row, name) for row in rows]


def cells(rows: Sequence[core.Row], place: int) -> Column:
    """What the rows say in one column of their table, in their order."""
    if isinstance(rows, StoredRows):
        return rows.column(place)
    return [row.cells[place] for row in rows]

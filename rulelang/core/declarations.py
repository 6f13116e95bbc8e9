"""Core declarations: tables with rows, lists, evidence, parameters, decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rulelang.calendar import Window
from rulelang.core.expressions import Expr, SetItem
from rulelang.diagnostics import Words
from rulelang.types import Type


@dataclass(frozen=True, slots=True)
class Period:
    """Dates in force: `start` the first day, `end` the first day no more; None is unbounded."""

    start: date | None = None
    end: date | None = None
    by_document_date: bool = False

    def covers(self, day: date) -> bool:
        """Whether `day` lies within."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


ALWAYS = Period()


@dataclass(frozen=True, slots=True)
class Document:
    """A published source."""

    key: str
    title: Words
    number: str = ""
    issued: date | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a document."""

    document: Document
    place: str = ""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column: its names, the type of its cells, and whether a blank means "no limit"."""

    name: Words
    type: Type
    blank_any: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `cells` stand in the order of the columns; None is a blank that means "no limit".

    The reserved columns: the row is in force from `starts` until before `ends`, known since `known`.
    """

    cells: tuple[Any, ...]
    number: int
    starts: date | None = None
    ends: date | None = None
    known: date | None = None
    source: str = ""
    point: str = ""
    batch: str = ""
    published: str = ""
    supersedes: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A keyed table with its rows (S5.2, S5.3)."""

    id: str
    name: Words
    columns: tuple[TableColumn, ...]
    keys: tuple[str, ...]  # English names of the key columns
    under: tuple[bool, ...]  # per key part: a row holds for all below its code
    many: bool
    complete: bool
    within: tuple[str, ...]  # ids of the tables or lists whose keys the extent is
    illustrative: bool
    file: str
    rows: Sequence[Row]  # a tuple, or what reads rows when they are asked for
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class ListDef:
    """A named set: a definition, so complete unless illustrative (S5.2)."""

    id: str
    name: Words
    type: Type
    items: tuple[SetItem, ...]
    illustrative: bool = False
    citations: tuple[Citation, ...] = ()
    sources: tuple[str, ...] = ()  # one an item, where the file gives it
    closed: Citation | None = None


@dataclass(frozen=True, slots=True)
class EvidenceDef:
    """A fact that no bill carries: whose it is, who may provide it, how long it is valid."""

    id: str
    name: Words
    parameters: tuple[TableColumn, ...]
    type: Type
    fields: tuple[TableColumn, ...]  # of a record
    owner: str
    providers: tuple[str, ...]
    direction: str = ""  # past, next, or none
    validity: Window | None = None
    word: str = ""  # series, registered, or none


@dataclass(frozen=True, slots=True)
class Opening:
    """`开放`: what one lower layer may do with a rule or a parameter (S15)."""

    authority: str
    words: tuple[str, ...]  # fill, exception, tighten, tighten_down, tighten_up


@dataclass(frozen=True, slots=True)
class ParamValue:
    """A parameter's value from a date on, in dates rising; None: 不明.

    `fill` is the id of the lower layer's filling that it comes from, empty where it is its own.
    """

    start: date | None
    value: Expr | None
    fill: str = ""


@dataclass(frozen=True, slots=True)
class ParamDef:
    """A dated parameter; the value whose start is the latest not after the governing date counts."""

    id: str
    name: Words
    type: Type
    values: tuple[ParamValue, ...]
    openings: tuple[Opening, ...] = ()
    citations: tuple[Citation, ...] = ()
    low: Expr | None = None
    high: Expr | None = None


@dataclass(frozen=True, slots=True)
class DecisionCell:
    """One cell: anything (both None), one value (low), or a closed range."""

    low: Expr | None = None
    high: Expr | None = None


@dataclass(frozen=True, slots=True)
class DecisionRowDef:
    """One row; no cells: the row for all not listed; no value: 不明."""

    cells: tuple[DecisionCell, ...] | None
    value: Expr | None


@dataclass(frozen=True, slots=True)
class DecisionDef:
    """A decision table."""

    id: str
    name: Words
    parameters: tuple[TableColumn, ...]
    type: Type
    rows: tuple[DecisionRowDef, ...]
    citations: tuple[Citation, ...] = ()

"""The XML parts of a workbook, looked through as a stream: names, sizes, cells without a value.

Knows nothing of what cells say. Declarations of document types are refused, so nothing expands.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias
from xml.parsers import expat

from apps.config import LIMITS
from apps.sheet_cells import not_a_table, too_many
from engine.intake.workbooks import NO_RESULT
from rulelang.diagnostics import Words

DAMAGED = Words("工作簿已损坏，不能读取", "the workbook is damaged; it cannot be read")

Position: TypeAlias = tuple[int, int]  # row, column, from 1
_Start: TypeAlias = Callable[[str, dict[str, str]], None]

_REFERENCE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")
_TAGS_A_CELL = 6  # cell, formula and value, begun and ended
_VALUES = frozenset({"v", "t"})


@dataclass(slots=True)
class Budget:
    """How much of one file may still be unpacked, laid out and read."""

    bytes_: int = LIMITS["workbook"].most
    texts: int = LIMITS["workbook"].most  # repeated ones count as if each stood in its place
    rows: int = LIMITS["rows"].most
    cells: int = LIMITS["cells"].most

    def unpack(self, count: int) -> None:
        """Use some bytes."""
        self.bytes_ -= count
        if self.bytes_ < 0:
            raise too_many(LIMITS["workbook"])

    def repeat(self, count: int) -> None:
        """Use some bytes of texts that several cells share."""
        self.texts -= count
        if self.texts < 0:
            raise too_many(LIMITS["workbook"])

    def lay_out(self, rows: int, columns: int) -> None:
        """Use the cells of a whole sheet, blank ones too: the reader makes room for them all."""
        self.rows -= rows
        if self.rows < 0:
            raise too_many(LIMITS["rows"])
        self.cells -= rows * columns
        if self.cells < 0:
            raise too_many(LIMITS["cells"])


def _parser(start: _Start) -> expat.XMLParserType:
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _no_doctype
    return parser


def _no_doctype(*_: object) -> None:
    raise expat.ExpatError


def _parse(
    parser: expat.XMLParserType, xml: bytes, at_end: Callable[[], None] | None = None
) -> None:
    try:
        parser.Parse(xml, True)  # noqa: FBT003 - the parser takes no keywords
        if at_end is not None:
            at_end()
    except (expat.ExpatError, ValueError):
        raise not_a_table(DAMAGED) from None


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def worksheet_parts(workbook: bytes, relations: bytes) -> dict[str, str]:
    """The part of each sheet by the sheet's name."""
    targets: dict[str, str] = {}
    sheets: dict[str, str] = {}

    def relation(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "Relationship":
            target = attributes.get("Target", "")
            path = target[1:] if target.startswith("/") else posixpath.join("xl", target)
            targets[attributes.get("Id", "")] = posixpath.normpath(path)

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "sheet":
            key = next((v for k, v in attributes.items() if k != "id" and _local(k) == "id"), "")
            if attributes.get("name", "") in sheets:
                raise ValueError
            sheets[attributes.get("name", "")] = targets.get(key, "")

    _parse(_parser(relation), relations)
    _parse(_parser(sheet), workbook)
    return sheets


def shared_lengths(xml: bytes) -> Sequence[int]:
    """How long each shared text is.

    Raises:
        InputError: EN0106 where one is over the limit.
    """
    found: list[int] = []

    def start(name: str, _: dict[str, str]) -> None:
        if _local(name) == "si":
            found.append(0)

    def text(data: str) -> None:
        if found:
            found[-1] += len(data.encode())

    parser = _parser(start)
    parser.CharacterDataHandler = text
    _parse(parser, xml)
    if max(found, default=0) > LIMITS["text"].most:
        raise too_many(LIMITS["text"])
    return found


@dataclass(frozen=True, slots=True)
class Scanned:
    """What stands out on a sheet: cells without a value by their error, and cells with a formula."""

    faults: Mapping[Position, str]
    formulas: frozenset[Position]


def scanned(xml: bytes, lengths: Sequence[int], budget: Budget) -> Scanned:
    """The cells of a sheet that hold an error or a formula, with a result or without.

    Raises:
        InputError: EN0107 or EN0118 where the sheet would be too large once laid out.
    """
    scan = _Scan(lengths, budget)
    if xml.count(b"<") > budget.cells * _TAGS_A_CELL:
        raise too_many(LIMITS["cells"])
    parser = _parser(scan.start)
    parser.CharacterDataHandler = scan.text
    _parse(parser, xml, scan.close)
    budget.lay_out(scan.rows, scan.columns)
    return Scanned(scan.faults, frozenset(scan.formulas))


class _Scan:
    """One sheet being looked through, cell by cell; a cell is closed when the next one begins."""

    def __init__(self, lengths: Sequence[int], budget: Budget) -> None:
        """Nothing seen yet."""
        self.rows = 0
        self.columns = 0
        self.faults: dict[Position, str] = {}
        self.formulas: set[Position] = set()
        self._lengths = lengths
        self._budget = budget
        self._row = 0
        self._column = 0
        self._type = ""
        self._has_formula = False
        self._held = ""
        self._inside = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Row, cell, formula or value begins."""
        if ":" in name:
            name = _local(name)
        self._inside = name
        if name == "c":
            self.close()
            self._cell(attributes)
        elif name == "f":
            self._has_formula = True
            self.formulas.add((self._row, self._column))
        elif name == "row":
            self.close()
            self._row = int(attributes.get("r", self._row + 1))
            self._column = 0

    def text(self, data: str) -> None:
        """Text; that of values only is of interest."""
        if self._inside in _VALUES:
            self._held += data

    def close(self) -> None:
        """The cell that was last begun is over."""
        if self._type == "s":
            held = self._held.strip()
            if not held.isdigit() or int(held) >= len(self._lengths):
                raise ValueError
            self._budget.repeat(self._lengths[int(held)])
        elif self._type == "e":
            self.faults[self._row, self._column] = self._held.strip() or "#N/A"
        elif self._has_formula and self._type != "str" and not self._held.strip():
            self.faults[self._row, self._column] = NO_RESULT
        self._type = self._held = ""
        self._has_formula = False

    def _cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            self._row, self._column = max(self._row, 1), self._column + 1
        else:
            match = _REFERENCE.fullmatch(reference)
            if match is None:
                raise ValueError
            self._row, self._column = int(match[2]), _column_number(match[1])
        self.rows, self.columns = max(self.rows, self._row), max(self.columns, self._column)
        self._type = attributes.get("t", "")


@lru_cache(maxsize=1024)
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number

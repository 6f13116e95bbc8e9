"""Rows of tables and members of lists, from CSV: every cell typed, every mistake with its place."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from rulelang import ast, core
from rulelang.check.scope import Checker
from rulelang.diagnostics import Words
from rulelang.lower.cells import Unreadable, read_cell, read_code_items, read_date
from rulelang.lower.columns import TEXTS, read_columns
from rulelang.lower.sheets import (
    Header,
    Line,
    Reader,
    Told,
    file_text,
    read_layout,
    read_member_column,
)
from rulelang.resolve import Symbol
from rulelang.source import Source, Span
from rulelang.words import RESERVED_COLUMNS, spelling_of

DATES = ("ends", "known", "starts")


def load_table(c: Checker, symbol: Symbol, read: Reader, sources: dict[str, Source]) -> None:
    """Read a table's file into its declaration."""
    table = c.declared.tables.get(symbol.id)
    if table is None or not isinstance(symbol.node, ast.Table):
        return
    file = symbol.node.file
    text = file_text(c, file, read, sources)
    if text is None:
        return
    lines = _lines(text)
    first = next(lines, None)
    if first is None:
        _empty(c, file.span, table.file)
        return
    header = Header(text, first)
    layout = read_layout(c, table, header)
    if layout is None:
        return
    places = {name: place for place, name in layout.items()}
    rows = read_columns(c, table, places, header)
    if rows is None:  # line by line, so that every mistake is told at its place
        rows = _read_lines(RowReader(c, table, places, header), lines)
    c.declared.tables[symbol.id] = replace(table, rows=rows)


def _read_lines(reader: RowReader, lines: Iterable[Line]) -> tuple[core.Row, ...]:
    rows = [reader.row(line) for line in lines if not _is_blank(line)]
    reader.finish()
    return tuple(row for row in rows if row is not None)


def _empty(c: Checker, span: Span, name: str) -> None:
    c.fail(
        "RL0221",
        span,
        (f"`{name}` 是空文件", f"`{name}` is empty"),
        (
            "第一行写列名，以下一行一条",
            "its first line names the columns, each further line is a row",
        ),
    )


def load_list(c: Checker, symbol: Symbol, read: Reader, sources: dict[str, Source]) -> None:
    """Read a list's file, where it has one; its first column that is not reserved are the members."""
    listed = c.declared.lists.get(symbol.id)
    file = symbol.node.file if isinstance(symbol.node, ast.ListItem) else None
    if listed is None or file is None or listed.type.kind == "error":
        return
    text = file_text(c, file, read, sources)
    if text is None:
        return
    lines = _lines(text)
    first = next(lines, None)
    if first is None:
        _empty(c, file.span, file.value)
        return
    place, origin = read_member_column(c, listed, Header(text, first), file)
    if place is None:
        return
    told = Told(c, file.value)
    items: list[core.SetItem] = []
    origins: list[str] = []
    for line in lines:
        value = line.cells[place].strip() if place < len(line.cells) else ""
        if _is_blank(line):
            continue
        if not value:
            blank = (f"第 {line.number} 行的成员空白", f"row {line.number}: the member is blank")
            told.fail("RL0223", line.cell(text, place), blank, None)
            continue
        try:
            found = (
                read_code_items(value)
                if listed.type.kind == "code"
                else (core.CodeItem(read_cell(c, value, listed.type)),)
            )
        except Unreadable as problem:
            words = (
                f"第 {line.number} 行：{problem.words.zh}",
                f"row {line.number}: {problem.words.en}",
            )
            told.fail("RL0222", line.cell(text, place), words, problem.help)
            continue
        items += found
        given = (
            line.cells[origin].strip() if origin is not None and origin < len(line.cells) else ""
        )
        origins += [given] * len(found)
    told.finish()
    c.declared.lists[symbol.id] = replace(listed, items=tuple(items), sources=tuple(origins))


def _lines(source: Source) -> Iterator[Line]:
    """All lines from the first one on that is not blank."""
    reader = csv.reader(io.StringIO(source.text))
    csv.field_size_limit(max(csv.field_size_limit(), len(source.text)))  # so that it never raises
    before, blank = 0, True
    for cells in reader:
        start = source.line_starts[min(before, len(source.line_starts) - 1)]
        after = reader.line_num
        end = source.line_starts[after] - 1 if after < len(source.line_starts) else len(source.text)
        line = Line(before + 1, tuple(cells), start, end)
        blank = blank and _is_blank(line)
        if not blank:
            yield line
        before = after


def _is_blank(line: Line) -> bool:
    return not "".join(line.cells).strip()


class RowReader:
    """Reads the rows of one table; what is wrong is told cell by cell, up to a limit."""

    def __init__(
        self, c: Checker, table: core.Table, places: Mapping[str, int], header: Header
    ) -> None:
        """For one table, with where its columns stand in the file."""
        self.c, self.table, self.text = c, table, header.text
        self.places = places
        self.told = Told(c, table.file)
        self.header_width = len(header.names)
        self.dates = [(name, self._at(f".{name}")) for name in DATES]
        self.texts = [self._at(f".{name}") for name in TEXTS]
        # for each column where its cells stand and, many being alike, how they were read
        known: list[dict[str, Any]] = [{} for _ in table.columns]
        self.columns = [
            (self._at(column.name.en), known[i], column) for i, column in enumerate(table.columns)
        ]
        self.has_quotes = '"' in header.text.text

    def finish(self) -> None:
        """Say how much was not told."""
        self.told.finish()

    def row(self, line: Line) -> core.Row | None:
        """One row, or None where a cell is wrong (and was complained of)."""
        before = self.told.count
        if self.has_quotes and self._is_unclosed(line):
            return None
        if len(line.cells) > self.header_width and any(
            cell.strip() for cell in line.cells[self.header_width :]
        ):
            self._too_long(line)
            return None
        cells = [cell.strip() for cell in line.cells]
        cells += [""] * (self.header_width + 1 - len(cells))
        values = [
            known[cells[place]]
            if cells[place] in known
            else self._value(line, cells[place], column, known)
            for place, known, column in self.columns
        ]
        ends, since, starts = [
            self._date(line, cells[place], name) if cells[place] else None
            for name, place in self.dates
        ]
        if starts is not None and ends is not None and ends <= starts:
            self._never_in_force(line, starts, ends)
        if self.told.count > before:
            return None
        texts = [cells[place] for place in self.texts]
        return core.Row(tuple(values), line.number, starts, ends, since, *texts)

    def _at(self, name: str) -> int:
        """Where the cells of a column stand; behind the header's where there is no such column."""
        return self.places.get(name, self.header_width)

    def _place(self, line: Line, name: str) -> Span:
        place = self.places.get(name)
        return line.span(self.text) if place is None else line.cell(self.text, place)

    def _value(self, line: Line, text: str, column: core.TableColumn, known: dict[str, Any]) -> Any:
        name = column.name
        if column.type.kind == "error":
            return None
        if not text:
            if not column.blank_any:
                help_ = Words(
                    "补上；若空白表示不限，在知识表中给这一列写 `空即不限`",
                    "fill it in; if blank means no limit, declare the column `blank_any`",
                )
                blank = (
                    f"第 {line.number} 行 `{name.zh}` 空白",
                    f"row {line.number}: `{name.en}` is blank",
                )
                self.told.fail("RL0223", self._place(line, name.en), blank, help_)
            return None
        try:
            found = read_cell(self.c, text, column.type)
        except Unreadable as problem:
            self._unreadable(line, name, name.en, problem)
            return None
        known[text] = found
        return found

    def _date(self, line: Line, text: str, name: str) -> date | None:
        try:
            return read_date(text)
        except Unreadable as problem:
            self._unreadable(
                line, Words(spelling_of(RESERVED_COLUMNS, name), name), f".{name}", problem
            )
            return None

    def _unreadable(self, line: Line, name: Words, place: str, problem: Unreadable) -> None:
        words = (
            f"第 {line.number} 行 `{name.zh}`：{problem.words.zh}",
            f"row {line.number}, `{name.en}`: {problem.words.en}",
        )
        self.told.fail("RL0222", self._place(line, place), words, problem.help)

    def _never_in_force(self, line: Line, starts: date, ends: date) -> None:
        self.told.fail(
            "RL0708",
            self._place(line, ".ends"),
            (f"第 {line.number} 行自 {starts} 生效，到 {ends} 前失效，从不生效",
             f"row {line.number} starts {starts} and ends before {ends}: it is never in force"),
            Words("`失效` 写不再有效的第一天", "`ends` is the first day not in force"),
        )  # fmt: skip

    def _is_unclosed(self, line: Line) -> bool:
        """Whether a quote of the line has no partner, so that it swallowed the lines behind it."""
        if not self.has_quotes:
            return False
        raw = self.text.text[line.start : line.end]
        if raw.count('"') % 2 == 0:
            return False
        start = line.start + raw.rindex('"')
        self.told.fail(
            "RL0102",
            Span(self.text.path, start, start + 1),
            (f"第 {line.number} 行的双引号没有配对", f"row {line.number}: a double quote has no partner"),
            Words("格内的双引号写两个：`\"\"`", "a double quote within a cell is written twice: `\"\"`"),
        )  # fmt: skip
        return True

    def _too_long(self, line: Line) -> None:
        found, wanted = len(line.cells), self.header_width
        self.told.fail(
            "RL0222",
            line.span(self.text),
            (f"第 {line.number} 行有 {found} 格，表头只有 {wanted} 列",
             f"row {line.number} has {found} cells, the header {wanted} columns"),
            Words("格内有逗号的，用双引号括起来", "a cell that holds a comma stands in double quotes"),
        )  # fmt: skip

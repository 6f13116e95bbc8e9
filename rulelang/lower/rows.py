"""Rows of tables and members of lists, from CSV: every cell typed, every mistake with its place."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeAlias

from rulelang import core
from rulelang.check.scope import Checker
from rulelang.diagnostics import Related, Words
from rulelang.lower.cells import Unreadable, read_cell, read_code_items, read_date
from rulelang.meant import nearest
from rulelang.resolve import Symbol
from rulelang.source import Source, Span
from rulelang.words import RESERVED_COLUMNS

Reader: TypeAlias = Callable[[str], bytes | None]
DATES = frozenset({"starts", "ends", "known"})


def load_table(c: Checker, symbol: Symbol, read: Reader, sources: dict[str, Source]) -> None:
    """Read a table's file into its declaration."""
    table = c.declared.tables.get(symbol.id)
    if table is None:
        return
    file = getattr(symbol.node, "file", None)
    span = file.span if file is not None else symbol.node.span
    text = _file_text(c, span, table.file, read, sources)
    if text is None:
        return
    lines = _lines(text)
    if not lines:
        c.fail("RL0221", span, (f"`{table.file}` 是空文件", f"`{table.file}` is empty"))
        return
    layout = _layout(c, table, lines[0][1], Span(text.path, 0, lines[0][2]), span)
    if layout is None:
        return
    rows = []
    for number, cells, end, start in _body(lines):
        row = _row(c, table, layout, number, cells, Span(text.path, start, end))
        if row is not None:
            rows.append((row, Span(text.path, start, end)))
    if not table.many:
        _check_unique(c, table, rows)
    c.declared.tables[symbol.id] = replace(table, rows=tuple(row for row, _ in rows))


def load_list(c: Checker, symbol: Symbol, read: Reader, sources: dict[str, Source]) -> None:
    """Read a list's file, where it has one; its first column that is not reserved are the members."""
    listed = c.declared.lists.get(symbol.id)
    file = getattr(symbol.node, "file", None)
    if listed is None or file is None or listed.type.kind == "error":
        return
    text = _file_text(c, file.span, file.value, read, sources)
    if text is None:
        return
    lines = _lines(text)
    header = [cell.strip().lstrip("\ufeff") for cell in lines[0][1]] if lines else []
    place = next((i for i, name in enumerate(header) if not _reserved(name)), None)
    if place is None:
        c.fail(
            "RL0221",
            file.span,
            (f"`{file.value}` 没有成员列", f"`{file.value}` has no column of members"),
        )
        return
    origin = next((i for i, name in enumerate(header) if _reserved(name) == "source"), None)
    items: list[core.SetItem] = []
    origins: list[str] = []
    for _number, cells, end, start in _body(lines):
        value = cells[place].strip() if place < len(cells) else ""
        span = Span(text.path, start, end)
        if not value:
            c.fail("RL0223", span, ("成员是空白", "the member is blank"))
            continue
        try:
            found = (
                read_code_items(value)
                if listed.type.kind == "code"
                else (core.CodeItem(read_cell(c, value, listed.type)),)
            )
        except Unreadable as problem:
            c.fail("RL0222", span, (problem.words.zh, problem.words.en), problem.help)
            continue
        items += found
        given = cells[origin].strip() if origin is not None and origin < len(cells) else ""
        origins += [given] * len(found)
    c.declared.lists[symbol.id] = replace(listed, items=tuple(items), sources=tuple(origins))


def _reserved(name: str) -> str | None:
    if name in RESERVED_COLUMNS:
        return RESERVED_COLUMNS[name]
    return name if name in RESERVED_COLUMNS.values() else None


_Line: TypeAlias = tuple[int, list[str], int, int]  # number, cells, end, start


def _file_text(
    c: Checker, span: Span, name: str, read: Reader, sources: dict[str, Source]
) -> Source | None:
    folder = span.path.rpartition("/")[0]
    path = f"{folder}/{name}" if folder else name
    data = read(path)
    if data is None:
        c.fail(
            "RL0220",
            span,
            (f"找不到文件 `{name}`", f"the file `{name}` is not there"),
            (f"应在 `{path}`", f"it is looked for at `{path}`"),
        )
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        c.fail(
            "RL0226",
            span,
            (f"`{name}` 第 {problem.start} 字节起不是 UTF-8", f"`{name}` is not UTF-8 from byte {problem.start} on"),
            ("用 UTF-8 另存（表格软件里选 CSV UTF-8）", "save it as UTF-8 (CSV UTF-8 in a spreadsheet)"),
        )  # fmt: skip
        return None
    source = Source(path, text)
    sources[path] = source
    return source


def _lines(source: Source) -> list[_Line]:
    reader = csv.reader(io.StringIO(source.text))
    found: list[_Line] = []
    before = 0
    for cells in reader:
        start = source.line_starts[min(before, len(source.line_starts) - 1)]
        after = reader.line_num
        end = source.line_starts[after] - 1 if after < len(source.line_starts) else len(source.text)
        found.append((before + 1, cells, end, start))
        before = after
    return found


def _body(lines: list[_Line]) -> list[_Line]:
    return [line for line in lines[1:] if any(cell.strip() for cell in line[1])]


def _layout(
    c: Checker, table: core.Table, header: list[str], span: Span, from_span: Span
) -> dict[int, str] | None:
    """Which column of the file is which of the table; reserved ones are prefixed with a dot."""
    spellings = {s: col.name.en for col in table.columns for s in (col.name.zh, col.name.en)}
    layout: dict[int, str] = {}
    for place, name in enumerate(cell.strip() for cell in header):
        reserved = _reserved(name)
        if name in spellings:
            layout[place] = spellings[name]
        elif reserved is not None:
            layout[place] = f".{reserved}"
        elif name:
            c.fail(
                "RL0225",
                span,
                (
                    f"列 `{name}` 没有在知识表中声明，未读",
                    f"column `{name}` is not declared and was not read",
                ),
                nearest(name, spellings),
            )
    missing = [col for col in table.columns if col.name.en not in layout.values()]
    for column in missing:
        c.fail(
            "RL0221",
            span if span.end else from_span,
            (f"文件缺少列 `{column.name.zh}`", f"the file has no column `{column.name.en}`"),
            nearest(column.name.zh, [cell.strip() for cell in header]),
        )
    return None if missing else layout


def _row(
    c: Checker,
    table: core.Table,
    layout: Mapping[int, str],
    number: int,
    cells: list[str],
    span: Span,
) -> core.Row | None:
    by_name = {
        name: (cells[place].strip() if place < len(cells) else "") for place, name in layout.items()
    }
    values: list[Any] = []
    good = True
    for column in table.columns:
        text = by_name[column.name.en]
        if not text:
            values.append(None)
            if not column.blank_any:
                good = False
                c.fail(
                    "RL0223",
                    span,
                    (f"第 {number} 行 `{column.name.zh}` 空白", f"row {number}: `{column.name.en}` is blank"),
                    ("补上，或在知识表中给这一列写 `空即不限`", "fill it in, or declare the column `blank_any`"),
                )  # fmt: skip
            continue
        try:
            values.append(read_cell(c, text, column.type))
        except Unreadable as problem:
            good = False
            c.fail(
                "RL0222",
                span,
                (f"第 {number} 行 `{column.name.zh}`：{problem.words.zh}",
                 f"row {number}, `{column.name.en}`: {problem.words.en}"),
                problem.help,
            )  # fmt: skip
    dates: dict[str, date | None] = {}
    for name in sorted(DATES):
        text = by_name.get(f".{name}", "")
        try:
            dates[name] = read_date(text) if text else None
        except Unreadable as problem:
            good = False
            c.fail("RL0222", span, (problem.words.zh, problem.words.en), problem.help)
    if not good:
        return None
    texts = {name: by_name.get(f".{name}", "") for name in RESERVED_COLUMNS.values()}
    return core.Row(
        cells=tuple(values),
        number=number,
        starts=dates["starts"],
        ends=dates["ends"],
        known=dates["known"],
        source=texts["source"],
        point=texts["point"],
        batch=texts["batch"],
        published=texts["published"],
        supersedes=texts["supersedes"],
    )


def _check_unique(c: Checker, table: core.Table, rows: list[tuple[core.Row, Span]]) -> None:
    places = [i for i, col in enumerate(table.columns) if col.name.en in table.keys]
    seen: dict[tuple[Any, ...], list[tuple[core.Row, Span]]] = {}
    for row, span in rows:
        key = tuple(row.cells[i] for i in places)
        for other, other_span in seen.setdefault(key, []):
            if _overlap(row, other) and not _supersedes(row, other):
                shown = "，".join(str(part) for part in key)
                c.fail(
                    "RL0224",
                    span,
                    (f"键 `{shown}` 有两行，期间重叠", f"the key `{shown}` has two rows whose periods overlap"),
                    ("删去一行，或写明 生效、失效 或 取代，或声明 `多行`", "take one away, or give starts, ends or supersedes, or declare `many`"),
                    (Related(other_span, Words(f"第 {other.number} 行", f"row {other.number}")),),
                )  # fmt: skip
                break
        seen[key].append((row, span))


def _overlap(left: core.Row, right: core.Row) -> bool:
    starts_before = left.starts is None or right.ends is None or left.starts < right.ends
    ends_after = left.ends is None or right.starts is None or right.starts < left.ends
    return starts_before and ends_after


def _supersedes(left: core.Row, right: core.Row) -> bool:
    return bool(left.supersedes and left.supersedes == right.point) or bool(
        right.supersedes and right.supersedes == left.point
    )

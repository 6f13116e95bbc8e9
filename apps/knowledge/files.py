"""Files as they come to grids of cells or rows of fields: workbooks, CSV, JSON; also in GBK.

Nothing is half read: a file that cannot be read as a whole is refused with its place.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

from apps import sheets_xlsx
from apps.config import LIMITS, MEGABYTE, Limit
from apps.knowledge.points import Place, Remark
from apps.sheet_cells import not_a_table, text_cell, too_many
from engine import errors
from engine.errors import InputError
from engine.intake.workbooks import Cell, Fault, Row
from rulelang.diagnostics import Words

SIZE = Limit(200 * MEGABYTE, errors.TOO_LARGE, Words("知识文件的字节数", "bytes of a file"))
ROWS = Limit(400_000, errors.TOO_MANY_CELLS, Words("一个目录文件的行数", "rows of a catalog"))
POINT_ROWS = Limit(
    100_000, errors.TOO_MANY_CELLS, Words("一个知识点文件的行数", "rows of a file of points")
)
POINT_KEYS = frozenset({"kp_id", "rule_class", "知识点编号", "知识点", "规则名称"})
COLUMNS = Limit(500, errors.TOO_MANY_CELLS, Words("一行的格数", "cells of a row"))

_ARCHIVES = (b"PK", bytes.fromhex("d0cf11e0a1b11ae1"))
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = "\t,;|^"
_FIELD = 8 * MEGABYTE  # a point may hold thousands of codes in one cell


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet from its first row on; rows with formulas are named."""

    sheet: str
    rows: tuple[Row, ...]
    formulas: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Loaded:
    """One file: its digest, its sheets or its rows of fields, and what was mended to read it.

    A row that is no row of fields stands as None: it is rejected with its place.
    """

    file: str
    digest: str
    grids: tuple[Grid, ...] = ()
    objects: tuple[tuple[int, Mapping[str, Any] | None], ...] = ()
    remarks: tuple[Remark, ...] = ()


def load(path: Path) -> Loaded:
    """Read a file.

    Raises:
        InputError: EN0101, EN0103, EN0106, EN0107, EN0115, EN0118, EN0123.
        OSError: if the system does not let us.
    """
    with path.open("rb") as stream:
        data = stream.read(SIZE.most + 1)
    try:
        return read(data, path.name)
    except InputError as error:
        where = error.place if error.place.startswith(path.name) else path.name
        place = where if where == error.place or not error.place else f"{where} {error.place}"
        raise InputError(error.code, error.words, place, error.help) from None


def read(data: bytes, file: str) -> Loaded:
    """The bytes of a file, told apart by their content.

    Raises:
        InputError: EN0101, EN0103, EN0106, EN0107, EN0115, EN0118, EN0123.
    """
    if len(data) > SIZE.most:
        raise too_many(SIZE)
    digest = "sha256:" + sha256(data).hexdigest()
    if data.startswith(_ARCHIVES):
        return _workbook(data, file, digest)
    text, remarks = _decoded(data, file)
    if "\0" in text:
        raise not_a_table(Words("含有空字符，不是文本", "it holds NUL; it is no text"))
    start = text.lstrip()[:1]
    if start in {"{", "["}:
        objects = tuple(_lines(text) if start == "{" else _array(text))
        return Loaded(file, digest, objects=objects, remarks=remarks)
    return Loaded(file, digest, (Grid("", tuple(_csv(text))),), remarks=remarks)


def _workbook(data: bytes, file: str, digest: str) -> Loaded:
    sheets, formulas = sheets_xlsx.read_all(data, file)
    grids = []
    for name, sheet in sheets.items():
        first = Row(1, tuple(head.strip() or None for head in sheet.header))
        grids.append(Grid(name, (first, *sheet.rows), formulas.get(name, frozenset())))
    return Loaded(file, digest, tuple(grids))


def _decoded(data: bytes, file: str) -> tuple[str, tuple[Remark, ...]]:
    """The text, and that it was in another encoding than UTF-8 where it was."""
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        pass
    codec, shown = ("utf-16", "UTF-16") if data.startswith(_MARKS) else ("gb18030", "GBK")
    try:
        text = data.decode(codec)
    except UnicodeError:
        words = Words(
            "文件既不是 UTF-8 也不是 GBK，或已损坏",
            "the file is neither UTF-8 nor GBK, or it is damaged",
        )
        raise InputError(errors.NOT_UTF8, words) from None
    said = Words(f"文件是 {shown}，已转为 UTF-8", f"the file is in {shown}; it was decoded")
    return text, (Remark(Place(file, "", 0), "decoded", said),)


# ---------------------------------------------------------------- JSON


def _lines(text: str) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    """One object a line; a file that is one object over several lines is one row."""
    lines = text.splitlines() if "\x0b" not in text else text.split("\n")
    first = _object(next((line for line in lines if line.strip()), ""))
    most = POINT_ROWS if first is not None and POINT_KEYS & first.keys() else ROWS
    if len(lines) > most.most:
        raise too_many(most)
    found = [(number, _object(line)) for number, line in enumerate(lines, 1) if line.strip()]
    alone = len(found) == 1 and not POINT_KEYS & _keys_of_first(found)
    if alone or all(value is None for _, value in found):
        whole = _object(text)
        if whole is None:
            words = Words("不是 JSON，也不是每行一个 JSON", "neither JSON nor one JSON a line")
            raise not_a_table(words)
        yield from _rows_within(whole)
        return
    yield from found


def _keys_of_first(found: Sequence[tuple[int, Mapping[str, Any] | None]]) -> set[str]:
    """The keys of the first row."""
    return set(found[0][1] or ()) if found else set()


def _rows_within(whole: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    """The rows of a reply that wraps them (`output`, `data`, `list`), else the object itself."""
    inner: Any = whole
    for key in ("output", "data", "list", "rows", "records"):
        if isinstance(inner, dict) and isinstance(inner.get(key), dict | list):
            inner = inner[key]
    if isinstance(inner, list):
        yield from _numbered(inner)
    else:
        yield 1, whole


def _array(text: str) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    found = _parsed(text)
    if not isinstance(found, list):
        raise not_a_table(Words("不是合法的 JSON", "malformed JSON"))
    yield from _numbered(found)


def _numbered(rows: Sequence[Any]) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    if len(rows) > ROWS.most:
        raise too_many(ROWS)
    for number, row in enumerate(rows, start=1):
        yield number, row if isinstance(row, dict) else None


def _object(text: str) -> Mapping[str, Any] | None:
    found = _parsed(text)
    return found if isinstance(found, dict) else None


def _parsed(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


_DECODER = json.JSONDecoder(parse_float=str, parse_constant=_no_number)


# ---------------------------------------------------------------- CSV and tab-separated text


def _csv(text: str) -> Iterator[Row]:
    csv.field_size_limit(max(csv.field_size_limit(), _FIELD))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    number = 0
    try:
        for number, record in enumerate(reader, start=1):
            if number > ROWS.most:
                raise too_many(ROWS)
            if len(record) > COLUMNS.most:
                raise too_many(COLUMNS, f"line {number}")
            yield Row(number, tuple(_cell(one) for one in record))
    except csv.Error as error:
        words = Words(
            f"第 {reader.line_num} 行的引号没有配对，或格式不对",
            f"line {reader.line_num} is not well formed: {error}",
        )
        raise not_a_table(words, place=f"line {reader.line_num}") from None
    if number == 0:
        raise not_a_table(Words("是空文件", "the file is empty"))


def _cell(text: str) -> Cell:
    """A text as a cell; one over the limit is no value: its row is damaged."""
    if len(text) > LIMITS["text"].most // 4 and len(text.encode()) > LIMITS["text"].most:
        return Fault(text[:8] + "…")
    return text_cell(text, "")


def _delimiter(text: str) -> str:
    """The sign that parts most cells of the first lines."""
    head = text[:4096].splitlines()[:5]
    counts = {sign: max((line.count(sign) for line in head), default=0) for sign in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda sign: counts[sign])
    return best if counts[best] else ","

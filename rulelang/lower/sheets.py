"""Table files as text: their bytes, their lines with the place of every cell, and their header."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from rulelang import ast, core
from rulelang.check.scope import Checker
from rulelang.diagnostics import Related, Words
from rulelang.meant import nearest_name
from rulelang.source import Source, Span, of_table
from rulelang.words import RESERVED_COLUMNS

Reader: TypeAlias = Callable[[str], bytes | None]

MOST_TOLD = 10  # mistakes of one file that are told one by one
_OTHER_MARKS = (";", "；", "\t", "，", "|")
_ENCODINGS = (("GBK", "gb18030"), ("UTF-16", "utf-16"))


class Line(NamedTuple):
    """One line of a file: its number from 1, its cells, and where it stands."""

    number: int
    cells: tuple[str, ...]
    start: int
    end: int

    def span(self, text: Source) -> Span:
        """The whole line."""
        return Span(text.path, self.start, self.end)

    def cell(self, text: Source, place: int) -> Span:
        """One cell, its quotes included; the end of the line if the line is too short."""
        raw = text.text[self.start : self.end]
        start, index, quoted = 0, 0, False
        for position, character in enumerate(raw):
            if character == '"':
                quoted = not quoted
            elif character == "," and not quoted:
                if index == place:
                    return Span(text.path, self.start + start, self.start + position)
                index += 1
                start = position + 1
        end = len(raw.rstrip("\r"))
        first = start if index == place else end
        return Span(text.path, self.start + min(first, end), self.start + end)


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a file."""

    text: Source
    line: Line

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(cell.strip() for cell in self.line.cells)

    def at(self, place: int) -> Span:
        """The name of a column."""
        return self.line.cell(self.text, place)

    def whole(self) -> Span:
        """All of it."""
        return self.line.span(self.text)


class Told:
    """Complaints about one file, the first of them one by one, the others counted."""

    def __init__(self, c: Checker, file: str) -> None:
        """None so far."""
        self.c, self.file = c, file
        self.count = 0
        self.last = Span("", 0, 0)

    def fail(
        self,
        code: str,
        span: Span,
        words: tuple[str, str],
        help_: Words | None,
        related: tuple[Related, ...] = (),
    ) -> None:
        """Complain, or count."""
        self.count += 1
        if self.count <= MOST_TOLD:
            self.c.fail(code, span, words, help_, related)
        self.last = span

    def finish(self) -> None:
        """Say how many were only counted."""
        more = self.count - MOST_TOLD
        if more > 0:
            self.c.fail(
                "RL0119",
                self.last,
                (f"`{self.file}` 还有 {more} 处错误，不再列出",
                 f"`{self.file}` has {more} more mistakes, which are not listed"),
            )  # fmt: skip


def path_beside(file: ast.Text) -> str:
    """The path of a file that a rule file names: it lies in the folder of the rule file."""
    folder = file.span.path.rpartition("/")[0]
    return f"{folder}/{file.value}" if folder else file.value


def file_text(
    c: Checker, file: ast.Text, read: Reader, sources: dict[str, Source]
) -> Source | None:
    """The text of a file beside the rule file; None where it cannot be had (and was told)."""
    span, name, path = file.span, file.value, path_beside(file)
    data = read(path)
    if data is None:
        where = Words("它应与规则文件在同一文件夹", "it belongs into the folder of the rule file")
        if path != name:
            where = Words(f"应在 `{path}`", f"it is looked for at `{path}`")
        c.fail("RL0220", span, (f"找不到文件 `{name}`", f"the file `{name}` is not there"), where)
        return None
    try:
        source = of_table(path, data)
    except UnicodeDecodeError as problem:
        if data[:2] == b"PK":
            c.fail(
                "RL0226",
                span,
                (f"`{name}` 是表格软件的工作簿，不是 CSV", f"`{name}` is a spreadsheet's workbook, not CSV"),
                ("在表格软件里另存为“CSV UTF-8（逗号分隔）”", "save it as “CSV UTF-8 (comma delimited)” in a spreadsheet"),
            )  # fmt: skip
            return None
        known = next((shown for shown, codec in _ENCODINGS if _decodes(data, codec)), "")
        line = data[: problem.start].count(b"\n") + 1
        zh = f"，像是 {known}" if known else f"（第 {line} 行起）"
        en = f"; it seems to be {known}" if known else f" (from line {line} on)"
        c.fail(
            "RL0226",
            span,
            (f"`{name}` 不是 UTF-8{zh}", f"`{name}` is not UTF-8{en}"),
            ("在表格软件里另存为“CSV UTF-8（逗号分隔）”", "save it as “CSV UTF-8 (comma delimited)” in a spreadsheet"),
        )  # fmt: skip
        return None
    sources[path] = source
    return source


def _decodes(data: bytes, codec: str) -> bool:
    if codec == "utf-16" and data[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        return False
    if codec != "utf-16" and data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return False
    try:
        data.decode(codec)
    except UnicodeError:
        return False
    return True


def reserved(name: str) -> str | None:
    """The English name of a reserved column, by either spelling."""
    if name in RESERVED_COLUMNS:
        return RESERVED_COLUMNS[name]
    return name if name in RESERVED_COLUMNS.values() else None


def read_layout(c: Checker, table: core.Table, header: Header) -> dict[int, str] | None:
    """Which column of the file is which of the table; reserved ones are prefixed with a dot."""
    if _other_mark(c, header, len(table.columns)):
        return None
    spellings = {s: col.name.en for col in table.columns for s in (col.name.zh, col.name.en)}
    layout: dict[int, str] = {}
    strange: dict[str, int] = {}
    for place, name in enumerate(header.names):
        kept = reserved(name)
        meant = spellings.get(name) or (f".{kept}" if kept is not None else None)
        if meant is None:
            if name:
                strange[name] = place
            continue
        if meant in layout.values():
            _twice(c, header, place, name)
        layout[place] = meant
    missing = [col for col in table.columns if col.name.en not in layout.values()]
    if not layout and len(missing) > 1:
        _no_header(c, header, table)
        return None
    for column in missing:
        _missing(c, header, column, strange)
    for name, place in strange.items():
        c.fail(
            "RL0225",
            header.at(place),
            (f"列 `{name}` 没有在知识表中声明，未读", f"column `{name}` is not declared and was not read"),
        )  # fmt: skip
    return None if missing else layout


def _missing(c: Checker, header: Header, column: core.TableColumn, strange: dict[str, int]) -> None:
    """A column that the file does not have, or has under another name."""
    name = column.name
    meant = nearest_name(name.zh, strange) or nearest_name(name.en, strange)
    span = header.whole() if meant is None else header.at(strange.pop(meant))
    c.fail(
        "RL0221",
        span,
        (f"文件缺少列 `{name.zh}`", f"the file has no column `{name.en}`"),
        (f"表头的 `{meant}` 若是这一列，改为 `{name.zh}`",
         f"if `{meant}` of the header is this column, call it `{name.en}`") if meant else None,
    )  # fmt: skip


def _no_header(c: Checker, header: Header, table: core.Table) -> None:
    """The first line names none of the columns: it is a row, or another file's."""
    zh = ",".join(column.name.zh for column in table.columns)
    en = ",".join(column.name.en for column in table.columns)
    c.fail(
        "RL0221",
        header.whole(),
        ("第一行没有一个列名", "the first line names none of the columns"),
        (f"第一行写列名：`{zh}`", f"the first line names the columns: `{en}`"),
    )


def _twice(c: Checker, header: Header, place: int, name: str) -> None:
    c.fail(
        "RL0202",
        header.at(place),
        (f"表头里列 `{name}` 写了两次", f"the header has column `{name}` twice"),
        ("删去一列", "take one of them away"),
    )


def _other_mark(c: Checker, header: Header, wanted: int) -> bool:
    """Whether the cells are parted by another sign than a comma (and that was told)."""
    if len(header.line.cells) > 1 or wanted < 2:  # noqa: PLR2004 - one column needs no sign
        return False
    mark = next((sign for sign in _OTHER_MARKS if sign in header.line.cells[0]), None)
    if mark is None:
        return False
    shown = "制表符" if mark == "\t" else f"`{mark}`"
    english = "tabs" if mark == "\t" else f"`{mark}`"
    c.fail(
        "RL0221",
        header.whole(),
        (f"各列用 {shown} 分隔，应为逗号 `,`", f"the columns are parted by {english}, wanted commas `,`"),
        ("在表格软件里另存为“CSV UTF-8（逗号分隔）”", "save it as “CSV UTF-8 (comma delimited)” in a spreadsheet"),
    )  # fmt: skip
    return True


def read_member_column(
    c: Checker, listed: core.ListDef, header: Header, file: ast.Text
) -> tuple[int | None, int | None]:
    """Where a list's members stand, and where their sources.

    A file may serve a table too: the column is the one that is called like the list or like its
    type, else the first; a guess among several is told.
    """
    names = header.names
    members = [place for place, name in enumerate(names) if name and reserved(name) is None]
    origin = next((place for place, name in enumerate(names) if reserved(name) == "source"), None)
    if not members:
        c.fail(
            "RL0221",
            file.span,
            (f"`{file.value}` 没有成员列", f"`{file.value}` has no column of members"),
            ("第一列写成员，第一行写列名", "members stand in the first column, its name in the first line"),
        )  # fmt: skip
        return None, origin
    called = next((place for place in members if names[place] in _called(c, listed)), None)
    if called is None and len(members) > 1:
        name = names[members[0]]
        c.fail(
            "RL0225",
            header.at(members[0]),
            (f"名单取第一列 `{name}`，其他列未读", f"the list takes the first column `{name}`, the others were not read"),
            ("成员列与名单或类型同名，如 `药品`", "the column of members is called like the list or its type, as `drug`"),
        )  # fmt: skip
    return members[0] if called is None else called, origin


def _called(c: Checker, listed: core.ListDef) -> set[str]:
    """What the column of a list's members may be called."""
    names = {listed.name.zh, listed.name.en, "成员", "member"}
    system = c.vocabulary.systems.get(listed.type.name) if listed.type.kind == "code" else None
    if system is not None:
        for spelling in (system.zh, system.en, *system.also):
            names |= {spelling, spelling.removesuffix("编码").removesuffix("_code")}
    return names

"""Tables as a whole, once all their rows are read: what is in force twice, or never (S14.1, S5.2).

What overlaps is looked for on the effective set, at each date of knowledge: a row truncated by one
that supersedes it overlaps nothing there. All checks are linear in the rows but for sorting.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any, TypeAlias

from rulelang import ast, core
from rulelang.check.scope import Checker
from rulelang.codes import CODES
from rulelang.diagnostics import Level, Related, Words
from rulelang.lower.sheets import MOST_TOLD, path_beside
from rulelang.lower.timeline import Timeline
from rulelang.resolve import Symbol
from rulelang.source import Source, Span
from rulelang.stretches import Stretch, stretch_of, without
from rulelang.words import RESERVED_COLUMNS, spelling_of

Cut: TypeAlias = tuple[int, Stretch]  # known since, and the days taken
ALWAYS_KNOWN = 0


def check_table(c: Checker, symbol: Symbol, sources: Mapping[str, Source]) -> None:
    """Complain of rows that contradict, overlap or repeat others, or are never in force."""
    table = c.declared.tables.get(symbol.id)
    if table is None or not table.rows or not isinstance(symbol.node, ast.Table):
        return
    text = sources.get(path_beside(symbol.node.file))
    if text is None or any(column.type.kind == "error" for column in table.columns):
        return
    c.spelling = symbol.spelling
    told = Complaints(c, table, text)
    cuts = _cuts(table.rows)
    _check_superseding(told, table)
    _check_reachable(told, table, cuts)
    if table.many:
        _check_repeated(told, table)
    else:
        _check_effective(told, table, cuts)
    _check_extent(told, table)
    told.finish()


@dataclass(eq=False)
class Complaints:
    """What is said of one table's rows, each with its place; of each kind the first ones."""

    c: Checker
    table: core.Table
    text: Source
    counts: dict[str, int] = field(default_factory=dict)
    last: dict[str, Span] = field(default_factory=dict)

    def say(
        self,
        code: str,
        row: core.Row,
        words: tuple[str, str],
        mend: tuple[str, str],
        other: core.Row | None = None,
    ) -> None:
        """Complain of a row, showing another one; from the eleventh of a kind on only count."""
        span = self.place(row)
        self.counts[code] = self.counts.get(code, 0) + 1
        self.last[code] = span
        if self.counts[code] > MOST_TOLD:
            return
        related: tuple[Related, ...] = ()
        if other is not None:
            shown = Words(f"第 {other.number} 行", f"row {other.number}")
            related = (Related(self.place(other), shown),)
        self.c.fail(code, span, words, mend, related)

    def place(self, row: core.Row) -> Span:
        """The line of a row."""
        start = self.text.line_starts[row.number - 1]
        return Span(self.text.path, start, start + len(self.text.line(row.number)))

    def finish(self) -> None:
        """Say how much was not told."""
        for code, count in sorted(self.counts.items()):
            more = count - MOST_TOLD
            if more <= 0:
                continue
            if CODES[code].level is Level.ERROR:
                zh, en = "处错误", "mistakes"
                code_said = "RL0119"
            else:
                zh, en = "处同样的情形", "rows of this kind"
                code_said = code
            self.c.fail(
                code_said,
                self.last[code],
                (f"`{self.table.file}` 还有 {more} {zh}，不再列出",
                 f"`{self.table.file}` has {more} more {en}, which are not listed"),
            )  # fmt: skip

    def key(self, row: core.Row) -> str:
        """The key of a row as it is written in the file."""
        names = [column.name.en for column in self.table.columns]
        return "，".join(_plain(row.cells[names.index(key)]) for key in self.table.keys)


def _plain(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return " ".join(_plain(part) for part in cell)
    return str(cell)


def _known(row: core.Row) -> int:
    return ALWAYS_KNOWN if row.known is None else row.known.toordinal()


class _Cuts:
    """What superseding rows take from those of one point, by when it is in force."""

    __slots__ = ("by_start", "reached")

    def __init__(self, cuts: Iterable[Cut]) -> None:
        """Order them by where they begin, and note how far those up to each one reach."""
        self.by_start = sorted((start, end, since) for since, (start, end) in cuts)
        self.reached = list(accumulate((end for _, end, _ in self.by_start), max))

    def meeting(self, stretch: Stretch) -> list[Cut]:
        """Those that take a day of a stretch, in the order in which they are known."""
        found: list[Cut] = []
        place = bisect_left(self.by_start, (stretch[1],)) - 1
        while place >= 0 and self.reached[place] > stretch[0]:
            start, end, since = self.by_start[place]
            if end > stretch[0]:
                found.append((since, (start, end)))
            place -= 1
        return sorted(found)


def _cuts(rows: Sequence[core.Row]) -> dict[str, _Cuts]:
    """What superseding rows take from those of a point."""
    found: dict[str, set[Cut]] = {}
    for row in rows:
        if row.supersedes and row.supersedes != row.point:
            cut = (_known(row), stretch_of(row.starts, row.ends))
            found.setdefault(row.supersedes, set()).add(cut)
    return {point: _Cuts(cuts) for point, cuts in found.items()}


def _cuts_of(row: core.Row, cuts: Mapping[str, _Cuts]) -> list[Cut]:
    own = cuts.get(row.point) if row.point else None
    return own.meeting(stretch_of(row.starts, row.ends)) if own is not None else []


def _at_first(row: core.Row, cuts: Mapping[str, _Cuts]) -> tuple[Stretch, ...]:
    """When a row is in force as of the date on which it became known: never is it more."""
    known = _known(row)
    taken = (stretch for since, stretch in _cuts_of(row, cuts) if since <= known)
    return without((stretch_of(row.starts, row.ends),), taken)


def _check_superseding(told: Complaints, table: core.Table) -> None:
    points = {row.point for row in table.rows if row.point}
    column = spelling_of(RESERVED_COLUMNS, "supersedes")
    for row in table.rows:
        if not row.supersedes:
            continue
        if row.supersedes == row.point:
            told.say(
                "RL0229",
                row,
                (f"第 {row.number} 行的 `{column}` 写的是它自己的知识点 `{row.point}`",
                 f"row {row.number} supersedes its own point `{row.point}`"),
                ("新的一行用新的 `知识点`", "the newer row has a `point` of its own"),
            )  # fmt: skip
        elif row.supersedes not in points:
            told.say(
                "RL0229",
                row,
                (f"第 {row.number} 行取代 `{row.supersedes}`，表中没有这个知识点",
                 f"row {row.number} supersedes `{row.supersedes}`, a point that no row has"),
                ("补上被取代的行，或删去 `取代`", "add the row that is superseded, or clear `supersedes`"),
            )  # fmt: skip


def _check_reachable(told: Complaints, table: core.Table, cuts: Mapping[str, _Cuts]) -> None:
    """Rows that are superseded wholly by rows known as early as they are."""
    if not cuts:
        return
    newer: dict[str, core.Row] = {}
    for row in table.rows:
        if row.supersedes:
            newer.setdefault(row.supersedes, row)
    for row in table.rows:
        if not _at_first(row, cuts):
            told.say(
                "RL0230",
                row,
                (f"第 {row.number} 行整个期间都被取代，永远用不到",
                 f"row {row.number} is superseded on all its days and is never in force"),
                ("若是后来才更正的，写明 `入库`；否则删去这一行",
                 "if it was corrected later give `known`, else take the row away"),
                newer.get(row.point),
            )  # fmt: skip


def _check_repeated(told: Complaints, table: core.Table) -> None:
    """Of a table with many rows a key: rows that say the same for the same days."""
    seen: dict[tuple[Any, ...], core.Row] = {}
    for row in table.rows:
        first = seen.setdefault((row.cells, row.starts, row.ends), row)
        if first is not row and not _supersedes(row, first):
            _repeated(told, row, first)


def _supersedes(left: core.Row, right: core.Row) -> bool:
    return bool(left.supersedes and left.supersedes == right.point) or bool(
        right.supersedes and right.supersedes == left.point
    )


def _repeated(told: Complaints, row: core.Row, first: core.Row) -> None:
    told.say(
        "RL0228",
        row,
        (f"第 {row.number} 行与第 {first.number} 行相同",
         f"row {row.number} says the same as row {first.number}"),
        ("删去一行", "take one of them away"),
        first,
    )  # fmt: skip


# ---------------------------------------------------------------- one row a key


def _check_effective(told: Complaints, table: core.Table, cuts: Mapping[str, _Cuts]) -> None:
    """Of a table with one row a key: two rows of a key that are in force on one day."""
    names = [column.name.en for column in table.columns]
    places = [names.index(key) for key in table.keys]
    columns = ([row.cells[place] for row in table.rows] for place in places)
    keys = [*zip(*columns, strict=True)]
    if len(set(keys)) == len(keys):  # as they nearly always are
        return
    groups: dict[tuple[Any, ...], list[core.Row]] = {}
    for key, row in zip(keys, table.rows, strict=True):
        groups.setdefault(key, []).append(row)
    for rows in groups.values():
        for row, other in _overlapping(rows, cuts):
            _complain_of_two(told, *sorted((row, other), key=lambda item: -item.number))


def _overlapping(
    rows: Sequence[core.Row], cuts: Mapping[str, _Cuts]
) -> Iterator[tuple[core.Row, core.Row]]:
    """Pairs of rows in force on one day, as of any date of knowledge; a row is in one pair."""
    if _apart(rows):
        return
    events: list[tuple[int, int, int, Stretch]] = []
    for which, row in enumerate(rows):
        known = _known(row)
        events += [(known, 1, which, part) for part in _at_first(row, cuts)]
        events += [(at, 0, which, part) for at, part in _cuts_of(row, cuts) if at > known]
    line = Timeline()
    faulty: set[int] = set()
    for _, enters, which, stretch in sorted(events):
        if which in faulty:
            continue
        if not enters:
            line.take(which, stretch)
            continue
        other = line.add(which, (stretch,))
        if other is not None:
            faulty.add(which)
            yield rows[which], rows[other]


def _apart(rows: Sequence[core.Row]) -> bool:
    """Whether no two rows have a day in common, whatever is known: nearly always."""
    stretches = sorted(stretch_of(row.starts, row.ends) for row in rows)
    return all(one[1] <= other[0] for one, other in pairwise(stretches))


def _complain_of_two(told: Complaints, row: core.Row, other: core.Row) -> None:
    """Two rows of one key for one day: the later one in the file is complained of."""
    key = told.key(row)
    if (row.starts, row.ends) != (other.starts, other.ends):
        told.say(
            "RL0227",
            row,
            (f"键 `{key}` 有两行，期间重叠：{_period(row, 'zh')}；{_period(other, 'zh')}",
             f"the key `{key}` has two rows whose periods overlap: {_period(row, 'en')}; {_period(other, 'en')}"),
            ("给前一行写 `失效`，或写 `取代`，或声明 `多行`",
             "give the earlier row `ends`, or write `supersedes`, or declare `many`"),
            other,
        )  # fmt: skip
    elif row.cells == other.cells:
        _repeated(told, row, other)
    else:
        told.say(
            "RL0224",
            row,
            (f"键 `{key}` 有两行，期间相同，内容不同",
             f"the key `{key}` has two rows for the same period that say different things"),
            ("删去一行，或写明 生效、失效 或 取代，或声明 `多行`",
             "take one away, or give starts, ends or supersedes, or declare `many`"),
            other,
        )  # fmt: skip


def _period(row: core.Row, lang: str) -> str:
    start = "" if row.starts is None else row.starts.isoformat()
    end = "" if row.ends is None else row.ends.isoformat()
    if lang == "zh":
        return f"自 {start or '最初'} 至 {end or '今后'} 前" if end else f"自 {start or '最初'} 起"
    return f"from {start or 'ever'} until before {end}" if end else f"from {start or 'ever'} on"


# ---------------------------------------------------------------- the extent


def _check_extent(told: Complaints, table: core.Table) -> None:
    """Rows for keys that the tables and lists of 完整 于 do not hold (S5.2)."""
    names = [column.name.en for column in table.columns]
    for key in table.keys:
        place = names.index(key)
        column = table.columns[place]
        system = told.c.vocabulary.systems.get(column.type.name)
        if column.type.kind != "code" or system is None or system.hierarchical:
            continue
        held, spans = _extent(told.c, table, column)
        if held is None:
            continue
        for row in table.rows:
            code = row.cells[place]
            if code is None or code in held or any(a <= code <= b for a, b in spans):
                continue
            told.say(
                "RL0231",
                row,
                (f"第 {row.number} 行的 `{code}` 不在 `完整 于` 的范围内",
                 f"row {row.number}: `{code}` lies outside the extent of `complete within`"),
                ("在作为范围的表或名单里补上这个编码，或改正它",
                 "add the code to the table or list that is the extent, or correct it"),
            )  # fmt: skip


def _extent(
    c: Checker, table: core.Table, column: core.TableColumn
) -> tuple[set[Any] | None, list[tuple[str, str]]]:
    """The codes and ranges of codes that the extents of a column's type hold; None without one."""
    held: set[Any] | None = None
    spans: list[tuple[str, str]] = []
    for id_ in table.within:
        extent, listed = c.declared.tables.get(id_), c.declared.lists.get(id_)
        if extent is not None and extent.rows:
            first = next(i for i, col in enumerate(extent.columns) if col.name.en == extent.keys[0])
            if extent.columns[first].type == column.type:
                held = (held or set()) | {row.cells[first] for row in extent.rows}
        elif listed is not None and listed.type == column.type:
            held = held or set()
            for item in listed.items:
                if isinstance(item, core.CodeSpan):
                    spans.append((item.low, item.high))
                elif isinstance(item, core.CodeItem):
                    held.add(item.value)
    return held, spans

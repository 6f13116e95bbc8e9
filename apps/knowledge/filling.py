"""Tables filled from points: their rows with all that tells where they come from.

Points that a table cannot take are not lost: the codes of such a point are told, and the table does
not claim to hold all there is to say of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from apps.knowledge import shipped
from apps.knowledge.adapters import (
    ADAPTERS,
    DRUGS,
    HERBS,
    ITEMS,
    Adapter,
    Cells,
    keys_of,
    noted,
)
from apps.knowledge.notes.diagnoses import DiagnosisNames
from apps.knowledge.points import Point, Remark
from engine.codes import product_system
from rulelang.diagnostics import Words

CATALOGS = {"drug": (DRUGS, "药品"), "item": (ITEMS, "项目"), "herb": (HERBS, "饮片")}
_SOURCE = "国家医保局两库"


@dataclass(slots=True)
class Filled:
    """One table: its columns, its rows, and the codes of which it does not say all."""

    columns: tuple[str, ...]
    rows: list[dict[str, str]] = field(default_factory=list)
    untyped: set[str] = field(default_factory=set)
    complete: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    key: tuple[str, ...]
    cells: Cells
    point: Point


def fill(
    points: Mapping[str, Point], remarks: list[Remark], names: DiagnosisNames
) -> tuple[dict[str, Filled], dict[str, int]]:
    """The tables that points fill by path, and how many points of each class are in none."""
    by_table: defaultdict[str, list[Point]] = defaultdict(list)
    kept: dict[str, int] = {}
    for point in points.values():
        adapter = ADAPTERS.get(point.rule_class)
        if adapter is None or not _is_shipped(adapter):
            kept[point.rule_class] = kept.get(point.rule_class, 0) + 1
        else:
            by_table[adapter.table].append(point)
    found = {
        path: _table(path, _Held(held, points, names), remarks)
        for path, held in sorted(by_table.items())
    }
    return found, kept


def _is_shipped(adapter: Adapter) -> bool:
    return set(adapter.keys) <= set(shipped.tables().get(adapter.table, ()))


@dataclass(frozen=True, slots=True)
class _Held:
    """The points of one table, among all, and the names of diagnoses at hand."""

    points: Sequence[Point]
    among: Mapping[str, Point]
    names: DiagnosisNames


def _table(path: str, given: _Held, remarks: list[Remark]) -> Filled:
    held, points = given.points, given.among
    table = Filled(shipped.tables()[path])
    rows: list[_Row] = []
    many = False
    typed: dict[str, tuple[Cells, ...]] = {}
    for point in held:
        typed[point.id] = _cells(ADAPTERS[point.rule_class], point, given)
    newer = {point.supersedes: point for point in held if point.supersedes}
    for point in held:
        adapter = ADAPTERS[point.rule_class]
        many = many or adapter.many
        keys = [key for key in keys_of(adapter, point) if not _elsewhere(adapter, key)]
        successor = newer.get(point.id)
        if successor is not None and not (typed[successor.id] and _later(successor, point)):
            continue  # what is superseded leaves no row that could not be told apart
        if not typed[point.id] or not keys_of(adapter, point):
            table.untyped |= {code for key in keys for code in key} | set(point.codes)
            words = Words("没有写明限定的值，未入表", "it does not say its limit; in no table")
            remarks.append(Remark(point.place, "untyped", words, point.id))
            continue
        rows += [_Row(key, cells, point) for key in keys for cells in typed[point.id]]
    rows = _without_several(rows, points, table, remarks)
    kept = _distinct(rows) if many else _one_a_key(rows, points, remarks)
    known = {row.point.id for row in kept}
    table.rows = [_written(row, table.columns, known) for row in sorted(kept, key=_order)]
    table.untyped -= {code for row in kept for code in row.key}
    return table


def _later(newer: Point, older: Point) -> bool:
    return bool(newer.published and older.published and newer.published > older.published)


def _elsewhere(adapter: Adapter, key: tuple[str, ...]) -> bool:
    return any(row["药品"] == key[0] for path in adapter.elsewhere for row in shipped.rows(path))


def _cells(adapter: Adapter, point: Point, given: _Held) -> tuple[Cells, ...]:
    """The cells that a point says, that it inherits, or that the shipped table gives it."""
    found = _curated(adapter, point.id) if adapter.curated else ()
    if not found:
        found = noted(point, given.names) if adapter.note else adapter.make(point)
    points = given.among
    at: Point | None = point
    seen: set[str] = set()
    while not found and at is not None and at.id not in seen:
        seen.add(at.id)
        found = _curated(adapter, at.id)
        at = points.get(at.supersedes)
        if not found and at is not None and at.rule_class == point.rule_class and at.typed:
            found = adapter.make(at)
    return found


def _curated(adapter: Adapter, id_: str) -> tuple[Cells, ...]:
    """What the shipped table says of a point, where all its rows say the same."""
    columns = [name for name in shipped.tables()[adapter.table] if name not in adapter.keys]
    said = {
        tuple(row.get(name) or "" for name in columns)
        for row in shipped.rows(adapter.table)
        if row.get("知识点") == id_
    }
    if len(said) != 1:
        return ()
    return (dict(zip(columns, said.pop(), strict=True)),)


def _without_several(
    rows: Sequence[_Row], points: Mapping[str, Point], table: Filled, remarks: list[Remark]
) -> list[_Row]:
    """The rows but those of a code that stands in several groups: it is in no table, and told of."""
    superseded = {point.supersedes for point in points.values()}
    groups: defaultdict[tuple[str, ...], set[tuple[tuple[str, str], ...]]] = defaultdict(set)
    for row in rows:
        if ADAPTERS[row.point.rule_class].alone and row.point.id not in superseded:
            groups[row.key].add(tuple(sorted(row.cells.items())))
    several = {key for key, said in groups.items() if len(said) > 1}
    for key in sorted(several):
        first = next(row for row in rows if row.key == key)
        shown = "、".join(sorted(text for said in groups[key] for _, text in said))
        words = Words(
            f"`{key[0]}` 属于几组（{shown}），未入表",
            f"`{key[0]}` is in several groups ({shown}); in no table",
        )
        remarks.append(Remark(first.point.place, "several-groups", words, first.point.id))
        table.untyped |= set(key)
    return [row for row in rows if row.key not in several]


def _distinct(rows: Iterable[_Row]) -> list[_Row]:
    """Of a table with many rows a key: each row once, but for those that supersede."""
    seen: dict[tuple[object, ...], _Row] = {}
    found = []
    for row in sorted(rows, key=lambda one: (_age(one), one.point.id), reverse=True):
        said = (row.key, tuple(sorted(row.cells.items())))
        first = seen.setdefault(said, row)
        if first is row or row.point.id == first.point.supersedes:
            found.append(row)
    return found


def _one_a_key(
    rows: Iterable[_Row], points: Mapping[str, Point], remarks: list[Remark]
) -> list[_Row]:
    """Of rows for one key the newest, with those that it supersedes."""
    by_key: defaultdict[tuple[str, ...], list[_Row]] = defaultdict(list)
    superseded = {point.supersedes for point in points.values()}
    for row in rows:
        by_key[row.key].append(row)
    found: list[_Row] = []
    told: set[str] = set()
    for same in by_key.values():
        same.sort(
            key=lambda one: (one.point.id in superseded, _descending(_age(one)), one.point.id)
        )
        line = _ancestors(same[0].point, points)
        kept: list[_Row] = []
        for row in same:
            if row.point.id in line and all(row.point.id != one.point.id for one in kept):
                kept.append(row)
            elif row.cells != same[0].cells and row.point.id not in told:
                told.add(row.point.id)
                words = Words(
                    f"`{row.key[0]}` 与 {same[0].point.id} 的限定不同，取较新的",
                    f"`{row.key[0]}`: another limit than {same[0].point.id}; the newer one is taken",
                )
                remarks.append(Remark(row.point.place, "table-conflict", words, row.point.id))
        found += kept
    return found


def _age(row: _Row) -> str:
    return row.point.published


def _descending(text: str) -> tuple[int, ...]:
    return tuple(-ord(sign) for sign in text) or (0,)


def _ancestors(point: Point, points: Mapping[str, Point]) -> set[str]:
    found: set[str] = set()
    at: Point | None = point
    while at is not None and at.id not in found:
        found.add(at.id)
        at = points.get(at.supersedes)
    return found


def _order(row: _Row) -> tuple[object, ...]:
    return (row.key, row.point.published, row.point.id, tuple(sorted(row.cells.items())))


def _written(row: _Row, columns: Sequence[str], known: set[str]) -> dict[str, str]:
    adapter = ADAPTERS[row.point.rule_class]
    cells = dict.fromkeys(columns, "") | dict(zip(adapter.keys, row.key, strict=True))
    point = row.point
    source = " ".join(filter(None, (_SOURCE, point.batch, point.published, "知识点", point.id)))
    return {
        **cells,
        **{name: text for name, text in row.cells.items() if name in columns},
        "来源": source,
        "知识点": point.id,
        "批次": point.batch,
        "发布日期": point.published,
        "取代": point.supersedes if point.supersedes in known else "",
        "生效": point.published if point.supersedes in known else "",
        "入库": point.published,
    }


# ---------------------------------------------------------------- catalogs


def widen_catalogs(points: Iterable[Point], tables: dict[str, Filled]) -> None:
    """Catalogs with the codes of points: what is published is known to exist.

    A complete catalog stays as it is; where none was read the shipped one is widened.
    """
    named: dict[str, dict[str, Point]] = {system: {} for system in CATALOGS}
    for point in points:
        for code in point.codes:
            system = product_system(code)
            if system in named:
                named[system].setdefault(code, point)
    for system, codes in named.items():
        path, key = CATALOGS[system]
        given = tables.get(path)
        if not codes or path not in shipped.tables() or (given is not None and given.complete):
            continue
        table = Filled(shipped.tables()[path])
        table.rows = given.rows if given is not None else [{**r} for r in shipped.rows(path)]
        have = {row[key] for row in table.rows}
        for code in sorted(codes.keys() - have):
            table.rows.append(_catalog_row(code, key, codes[code], table.columns))
        table.rows.sort(key=lambda row: row[key])
        tables[path] = table


def _catalog_row(code: str, key: str, point: Point, columns: Sequence[str]) -> dict[str, str]:
    name = point.name
    if "×" in name and len(point.codes) > 1:
        name = name.split("×")[min(point.codes.index(code), name.count("×"))]
    source = " ".join(filter(None, (_SOURCE, point.batch, point.published, "知识点", point.id)))
    return {
        **dict.fromkeys(columns, ""), key: code, "名称": name, "来源": source,
        "知识点": point.id, "批次": point.batch, "发布日期": point.published,
    }  # fmt: skip

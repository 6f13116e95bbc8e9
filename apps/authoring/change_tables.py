"""How two tables, lists, parameters, decision tables or evidence facts of one name differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from apps.authoring.change import (
    Change,
    Sides,
    added,
    moved,
    plain,
    removed,
    set_changes,
    unmatched,
)
from apps.authoring.change_expressions import expression_changes
from apps.authoring.nudges import constant_words, item_words
from rulelang import core
from rulelang.diagnostics import Words
from rulelang.source import NOWHERE, Span

LABELS: Mapping[str, Words] = {
    "columns": Words("列", "columns"), "keys": Words("键", "key"),
    "under": Words("下级", "under"), "many": Words("多行", "many"),
    "complete": Words("完整", "complete"), "within": Words("范围", "extent"),
    "illustrative": Words("示例", "illustrative"), "type": Words("类型", "type"),
    "owner": Words("归属", "owner"), "providers": Words("提供", "providers"),
    "direction": Words("有效方向", "direction of validity"), "validity": Words("有效期", "validity"),
    "word": Words("登记方式", "way of keeping"), "fields": Words("字段", "fields"),
    "parameters": Words("参数", "arguments"), "openings": Words("开放", "openings"),
    "closed": Words("封闭", "closing"), "low": Words("下界", "lower bound"),
    "high": Words("上界", "upper bound"),
}  # fmt: skip
CITED = Words("依据", "citing")
ROW_FIELDS: Mapping[str, Words] = {
    "starts": Words("生效", "in force from"), "ends": Words("失效", "no more in force from"),
    "known": Words("入库", "known since"), "source": Words("来源", "source"),
    "point": Words("知识点", "point"), "batch": Words("批次", "batch"),
    "published": Words("发布日期", "published"), "supersedes": Words("取代", "supersedes"),
}  # fmt: skip
PERIODS = frozenset({"starts", "ends", "known"})
APART = frozenset({"id", "name", "span", "file", "citations", "sources", "rows", "items", "values"})


def declared_changes(sides: Sides, old: Any, new: Any) -> Iterator[Change]:
    """All differences of two declarations of one kind and one id."""
    if old.name != new.name:
        said = moved(Words("名字", "name"), old.name, new.name)
        yield sides.change("wording", said, wording=True)
    for item in fields(old):
        before, after = getattr(old, item.name), getattr(new, item.name)
        if item.name in APART or before == after:
            continue
        label = LABELS.get(item.name, Words(item.name, item.name))
        if isinstance(before, bool | str):
            yield sides.change("declaration", moved(label, plain(before), plain(after)))
        elif item.name in {"low", "high"}:
            yield sides.change(
                "declaration", moved(label, _bound(before, sides.old), _bound(after, sides.new))
            )
        else:
            said = Words(f"{label.zh}改了", f"the {label.en} changed")
            yield sides.change("declaration", said)
    cited = (getattr(side, "citations", ()) for side in (old, new))
    yield from set_changes(sides, "citations", CITED, *cited)
    match old, new:
        case core.Table(), core.Table():
            yield from _row_changes(sides, old, new)
        case core.ListDef(), core.ListDef():
            yield from _item_changes(sides, old, new)
        case core.ParamDef(), core.ParamDef():
            yield from _value_changes(sides, old, new)
        case core.DecisionDef(), core.DecisionDef():
            yield from _decision_changes(sides, old, new)
        case _:
            return


# ---------------------------------------------------------------- tables


def _row_changes(sides: Sides, old: core.Table, new: core.Table) -> Iterator[Change]:
    if [column.name.en for column in old.columns] != [column.name.en for column in new.columns]:
        return  # the columns have been told; rows of other columns are not compared
    before, after = _by_key(old), _by_key(new)
    for key in sorted(before.keys() | after.keys(), key=_order):
        gone, come = _unlike(before.get(key, ()), after.get(key, ()))
        label = _key_words(key, new, sides.new)
        for one, other in zip(gone, come, strict=False):
            yield from _cell_changes(_at_rows(sides, old, one, new, other), label, new, one, other)
        for row in gone[len(come) :]:
            said = Words(f"去掉 {label.zh}", f"without {label.en}")
            yield _at_rows(sides, old, row, new, None).change("row", said)
        for row in come[len(gone) :]:
            said = Words(f"增加 {label.zh}", f"{label.en} is added")
            yield _at_rows(sides, old, None, new, row).change("row", said)


def _by_key(table: core.Table) -> dict[tuple[Any, ...], list[core.Row]]:
    names = [column.name.en for column in table.columns]
    places = [names.index(key) for key in table.keys]
    found: dict[tuple[Any, ...], list[core.Row]] = {}
    for row in table.rows:
        found.setdefault(tuple(row.cells[place] for place in places), []).append(row)
    return found


def _order(key: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(str(part) for part in key)


def _unlike(
    old: Sequence[core.Row], new: Sequence[core.Row]
) -> tuple[list[core.Row], list[core.Row]]:
    """The rows that the other side lacks, by their dates; where a row stands does not count."""
    left = [replace(row, number=0) for row in new]
    after = list(new)
    before = []
    for row in old:
        same = replace(row, number=0)
        if same in left:
            place = left.index(same)
            del left[place], after[place]
        else:
            before.append(row)

    def date_first(row: core.Row) -> tuple[str, int]:
        return str(row.starts or ""), row.number

    return sorted(before, key=date_first), sorted(after, key=date_first)


def _cell_changes(
    sides: Sides, label: Words, table: core.Table, old: core.Row, new: core.Row
) -> Iterator[Change]:
    for column, before, after in zip(table.columns, old.cells, new.cells, strict=True):
        if before != after:
            pair = (
                constant_words(before, column.type, sides.old),
                constant_words(after, column.type, sides.new),
            )
            yield sides.change("cell", moved(_of(label, column.name), *pair))
    for name, words in ROW_FIELDS.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            kind = "period" if name in PERIODS else "source"
            yield sides.change(kind, moved(_of(label, words), plain(before), plain(after)))


def _of(label: Words, name: Words) -> Words:
    return Words(f"{label.zh} {name.zh}", f"{label.en} {name.en}")


def _key_words(key: tuple[Any, ...], table: core.Table, program: core.Program) -> Words:
    types = {column.name.en: column.type for column in table.columns}
    parts = [
        constant_words(part, types[name], program)
        for name, part in zip(table.keys, key, strict=True)
    ]
    zh, en = ("，".join(part.zh for part in parts), ", ".join(part.en for part in parts))
    return Words(f"{zh} 的行", f"the row of {en}")


def _at_rows(
    sides: Sides, old: core.Table, one: core.Row | None, new: core.Table, other: core.Row | None
) -> Sides:
    """Rows are found by file and number; a span of a table's file holds the number."""
    before = NOWHERE if one is None else Span(old.file, one.number, one.number)
    after = NOWHERE if other is None else Span(new.file, other.number, other.number)
    return replace(sides, old_place=before, new_place=after)


# ---------------------------------------------------------------- lists, parameters, decisions


def _item_changes(sides: Sides, old: core.ListDef, new: core.ListDef) -> Iterator[Change]:
    label = Words("名单", "the list")
    gone, come = unmatched(old.items, new.items)
    for item in gone:
        yield sides.change("item", removed(label, item_words(item, old.type, sides.old)))
    for item in come:
        yield sides.change("item", added(label, item_words(item, new.type, sides.new)))


def _value_changes(sides: Sides, old: core.ParamDef, new: core.ParamDef) -> Iterator[Change]:
    before, after = ({each.start: each.value for each in side.values} for side in (old, new))
    for start in sorted(before.keys() | after.keys(), key=str):
        words = Words("值", "value")
        if start is not None:
            words = Words(f"自 {start} 的值", f"value from {start}")
        yield from expression_changes(sides, words, before.get(start), after.get(start))


def _decision_changes(
    sides: Sides, old: core.DecisionDef, new: core.DecisionDef
) -> Iterator[Change]:
    before, after = unmatched(old.rows, new.rows)
    by_cells = {row.cells: row for row in after}
    for row in before:
        label = _cells_words(row, sides.old)
        other = by_cells.pop(row.cells, None)
        if other is None:
            yield sides.change("row", Words(f"去掉 {label.zh}", f"without {label.en}"))
        else:
            yield from expression_changes(sides, label, row.value, other.value)
    for row in by_cells.values():
        label = _cells_words(row, sides.new)
        yield sides.change("row", Words(f"增加 {label.zh}", f"{label.en} is added"))
    if not before and not after and old.rows != new.rows:
        yield sides.change("row", Words("行的次序改了", "the order of the rows changed"))


def _cells_words(row: core.DecisionRowDef, program: core.Program) -> Words:
    if row.cells is None:
        return Words("未列的行", "the row of all else")
    zh, en = [], []
    for cell in row.cells:
        ends = [
            constant_words(end.value, end.type, program, end.unit)
            for end in (cell.low, cell.high)
            if isinstance(end, core.Lit)
        ]
        zh.append(" 至 ".join(end.zh for end in ends) or "任意")
        en.append(" to ".join(end.en for end in ends) or "any")
    return Words(f"{'，'.join(zh)} 的行", f"the row of {', '.join(en)}")


def _bound(value: core.Expr | None, program: core.Program) -> Words:
    if not isinstance(value, core.Lit):
        return plain(None)
    return constant_words(value.value, value.type, program, value.unit)


def place_of(item: Any, program: core.Program) -> Span:
    """Where a declaration begins in its rule text; nowhere where it cannot be told."""
    names = "|".join(re.escape(name) for name in {item.name.zh, item.name.en} if name)
    pattern = re.compile(rf"^[^\S\n]*[^\s|｜]+[^\S\n]+(?:{names})(?![\w.])", re.MULTILINE)
    for path, text in sorted(program.sources.items()):
        found = pattern.search(text)
        if found is not None:
            return Span(path, found.start(), found.end())
    return NOWHERE

"""Grids and rows of fields to raw rows of knowledge points and of their codes, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from apps.knowledge.files import POINT_KEYS, POINT_ROWS, Grid, Loaded
from apps.knowledge.heads import FOOTERS, TYPED, class_in, columns_of, head, header_of
from apps.knowledge.points import Place, Remark
from apps.sheet_cells import too_many
from engine.intake.workbooks import Cell, Fault
from rulelang.diagnostics import Words

_SEPARATORS = re.compile(r"[,，;；、|\s]+")
_STEM = re.compile(r"(_codes)?(\.[^.]+)?$")
_SHORT = 2  # a footer fills hardly any cells
_POINTS = frozenset({"id", "constraint", "logic", "limit", "count", "most", "code_a"})
_LISTED = frozenset({"codes", "serial", "name", "kind", "class"})


@dataclass(frozen=True, slots=True)
class Raw:
    """One row: its texts by field, its codes as they came, and why it cannot be used, if so."""

    place: Place
    fields: Mapping[str, str]
    codes: tuple[Cell, ...] = ()
    hint: str = ""  # titles, sheet and file, which tell class and batch where the row does not
    fault: Remark | None = None

    def get(self, name: str) -> str:
        """A field; empty where the row has none."""
        return self.fields.get(name, "")


@dataclass(slots=True)
class RawRows:
    """What was found: rows of points, and rows that give codes to the points of a file."""

    points: list[Raw] = field(default_factory=list)
    codes: list[Raw] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def are_points(row: Mapping[str, Any]) -> bool:
    """Whether a row of fields is a knowledge point."""
    return bool(POINT_KEYS & row.keys())


def of_objects(loaded: Loaded, into: RawRows) -> None:
    """The rows of a file of JSON."""
    if len(loaded.objects) > POINT_ROWS.most:
        raise too_many(POINT_ROWS, loaded.file)
    for number, row in loaded.objects:
        place = Place(loaded.file, "", number)
        if row is None:
            words = Words("这一行不是 JSON 对象", "this line is no JSON object")
            into.points.append(Raw(place, {}, fault=Remark(place, "damaged", words)))
            continue
        keys = list(row)
        columns = columns_of(keys)
        cells = [_of_json(row[key]) for key in keys]
        into.points.append(_raw(place, columns, cells, loaded.file))


def _of_json(value: Any) -> Any:
    match value:
        case None:
            return None
        case str() | bool():
            return value
        case int():
            return Decimal(value)
        case list():
            return tuple(_of_json(one) for one in value)
        case _:
            return Fault("{…}")


def of_grid(grid: Grid, file: str, into: RawRows) -> bool:
    """The rows of a sheet; False where it holds neither points nor their codes."""
    found = header_of(grid, frozenset({"name", "code_a", "id"}))
    if found is None:
        return False
    after, columns = found
    fields = set(columns.values())
    is_codes = {"name", "codes"} <= fields and not fields & _POINTS and fields <= _LISTED
    if not is_codes and not fields & (_POINTS | {"codes"}):
        return False
    if len(grid.rows) > POINT_ROWS.most:
        raise too_many(POINT_ROWS, file)
    titles = " ".join(
        cell for row in grid.rows[: after - 1] for cell in row.cells if isinstance(cell, str)
    )
    hint = f"{titles}\n{grid.sheet}\n{file}"
    target = into.codes if is_codes else into.points
    for row in grid.rows[after:]:
        if all(cell is None for cell in row.cells):
            continue
        place = Place(file, grid.sheet, row.number)
        target.append(_raw(place, columns, row.cells, hint))
        if row.number in grid.formulas:
            words = Words(
                "这一行有公式，按存下的结果读", "a row with formulas, read by the stored results"
            )
            into.remarks.append(Remark(place, "formula", words))
    return True


def group_of(place: Place) -> str:
    """The files that belong together: points, and their codes in `…_codes.csv` beside them."""
    return place.file if place.sheet else _STEM.sub("", place.file)


def _raw(place: Place, columns: Mapping[int, str], cells: Sequence[Any], hint: str) -> Raw:
    fault = _fault(place, columns, cells)
    fields = {
        name: _text(cells[at])
        for at, name in columns.items()
        if at < len(cells) and name not in {"codes", "code_a", "code_b"}
    }
    codes = [
        one
        for name in ("code_a", "code_b", "codes")
        for at, column in columns.items()
        if column == name and at < len(cells)
        for one in _codes(cells[at])
    ]
    return Raw(place, {k: v for k, v in fields.items() if v}, tuple(codes), hint, fault)


def _codes(cell: Any) -> Iterator[Cell]:
    if isinstance(cell, tuple):
        yield from (one for one in cell if one is not None)
    elif isinstance(cell, str):
        yield from (part for part in _SEPARATORS.split(cell) if part)
    elif cell is not None:
        yield cell


def _text(cell: Any) -> str:
    match cell:
        case None | Fault():
            return ""
        case str():
            return cell.strip()
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case Decimal():
            return format(cell, "f")
        case _:
            return str(cell)


def _fault(place: Place, columns: Mapping[int, str], cells: Sequence[Any]) -> Remark | None:
    """Why a row is none: a footer, the heads again, a cell without a value."""
    texts = [cell for cell in cells if cell is not None]
    first = next((cell for cell in texts if isinstance(cell, str)), "")
    if len(texts) <= _SHORT and first.strip().startswith(FOOTERS):
        return Remark(place, "footer", Words("是表尾，不是知识点", "a footer, no knowledge point"))
    same = sum(
        isinstance(cells[at], str) and columns_of([cells[at]]).get(0) == name
        for at, name in columns.items()
        if at < len(cells)
    )
    if same >= _SHORT:
        return Remark(place, "heading", Words("表头重复出现", "the heads once more"))
    bad = next(
        (cells[at] for at in columns if at < len(cells) and isinstance(cells[at], Fault)), None
    )
    if bad is not None:
        words = Words(
            f"有格没有值（{bad.text}：公式没有结果，或是错误）",
            f"a cell without a value ({bad.text}: a formula without result, or an error)",
        )
        return Remark(place, "damaged", words)
    return None


# What the cell 限定类型 of a table says of its rule class, for drugs and for service items.
_KINDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "限定性别": (("药品区分性别使用",), ("医疗服务项目区分性别使用",)),
    "限定年龄": (("药品儿童专用", "药品限儿童使用"), ("医疗服务项目儿童专用",)),
    "限定主次操作": ((), ("手术项目未按规定折价收费",)),
    "限定就医方式": (("药品限就医方式",), ("医疗服务项目限就医方式",)),
    "限定机构等级": (("药品限医疗机构级别",), ("医疗服务项目限医疗机构级别",)),
    "限定支付疗程": (("药品限支付疗程",), ("医疗服务项目限支付疗程",)),
}
_FUNDS = {"工伤": "药品限工伤保险", "生育": "药品限生育保险"}
_BY_FIELDS = (
    (frozenset({"code_a", "window"}), "医疗服务项目重复收费"),
    (frozenset({"name_a", "window"}), "医疗服务项目重复收费"),
    (frozenset({"count", "unit"}), "医疗服务项目限定频次"),
    (frozenset({"most", "period"}), "医疗服务项目周期超频次"),
)


def classes_of(raw: Raw, default: str) -> tuple[str, ...]:
    """The rule classes that a row may belong to: one where something says so."""
    given = raw.get("class")
    if given:
        return (class_in(given) or head(given),)
    told = class_in(raw.hint)
    if told:
        return (told,)
    kind, is_drug = raw.get("kind"), not (raw.codes and _is_item(raw.codes[0]))
    if kind == "限定保险类型" and raw.get("limit") in _FUNDS:
        return (_FUNDS[raw.get("limit")],)
    for name, (drugs, items) in _KINDS.items():
        if kind.startswith(name):
            return drugs if is_drug else items
    held = raw.fields.keys() | ({"code_a"} if raw.get("name_a") else set())
    for wanted, name in _BY_FIELDS:
        if wanted <= held:
            return (name,)
    return (default,) if default else ()


def _is_item(code: Cell) -> bool:
    return isinstance(code, str) and code[:1].isdigit()


def typed_of(raw: Raw) -> dict[str, str]:
    """The cells of a row that give its limit by themselves."""
    return {name: raw.get(name) for name in TYPED if raw.get(name)}

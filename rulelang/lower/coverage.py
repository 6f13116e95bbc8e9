"""Gaps and overlaps of decision tables: for every case there is one row, or the rows say which.

A case is one value a parameter: each word of an enumeration, yes and no, and of what has an order
the limits that the rows write and what lies between and beyond them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from typing import Any, TypeAlias

from rulelang import ast, core
from rulelang.calendar import AgeLimit
from rulelang.check.scope import Checker
from rulelang.diagnostics import Related, Words
from rulelang.types import ORDERED, Type
from rulelang.units import BY_NAME
from rulelang.values import exact_multiply

MOST_CASES = 20_000
_MONTHS = "months"  # years and months of age together
Point: TypeAlias = tuple[Any, int]  # a value, and -1, 0 or 1 for just below, at or just above it


def check_coverage(
    c: Checker,
    node: ast.Decision,
    parameters: tuple[core.TableColumn, ...],
    rows: Sequence[core.DecisionRowDef],
) -> None:
    """Complain of two rows for one case, and of a case without a row."""
    _otherwise_once(c, [part for part in node.rows if part.cells is None])
    placed = [
        (row, part) for row, part in zip(rows, node.rows, strict=True) if row.cells is not None
    ]
    sides = [_points(c, parameter.type, [row.cells[i] for row, _ in placed if row.cells])
             for i, parameter in enumerate(parameters)]  # fmt: skip
    if any(side is None for side in sides):
        return
    kinds = [parameter.type for parameter in parameters]
    _overlaps(c, kinds, placed, [side or () for side in sides])
    size = 1
    for side in sides:
        size *= len(side or ())
    if size > MOST_CASES or any(row.cells is None for row in rows):
        return
    for case in product(*(side or () for side in sides)):
        if not any(_holds(c, kinds, row, case) for row, _ in placed):
            _gap(c, node, parameters, case)
            return


def _points(
    c: Checker, type_: Type, cells: Sequence[core.DecisionCell]
) -> tuple[Point, ...] | None:
    """The values of a parameter that have to be told apart; None where they cannot be listed."""
    if type_.kind == "yes_no":
        return ((True, 0), (False, 0))
    if type_.kind == "enum":
        return tuple((word, 0) for word in dict.fromkeys(_words(c, type_.name)))
    if type_.kind == "error":
        return None
    written = [limit for cell in cells for limit in _written(cell)]
    if any(not isinstance(limit, core.Lit) for limit in written):
        return None
    literals = [limit for limit in written if isinstance(limit, core.Lit)]
    if type_.kind == "quantity" and len({_dimension(limit) for limit in literals}) > 1:
        return None
    limits = sorted({_plain(limit) for limit in literals})
    if type_.kind not in ORDERED:
        return (*((limit, 0) for limit in limits), (None, 0))
    if type_.kind == "age":
        return _ages(limits)
    points: list[Point] = [(limits[0], -1)] if limits else [(None, 0)]
    for limit in limits:
        points += [(limit, 0), (limit, 1)]
    return tuple(points)


def _ages(limits: Sequence[tuple[str, int]]) -> tuple[Point, ...] | None:
    """Ages count whole units, so that 12岁 and 13岁 leave nothing between them."""
    units = {unit for unit, _ in limits}
    if units == {"year_old", "month_old"}:
        return _in_months(limits)
    if len(units) > 1:
        return None
    counts = {count + step for _, count in limits for step in (-1, 0, 1)}
    unit = next(iter(units), "year_old")
    return tuple(((unit, count), 0) for count in sorted(counts) if count >= 0) or ((None, 0),)


def _in_months(limits: Sequence[tuple[str, int]]) -> tuple[Point, ...]:
    """Years and months meet as completed months: 1岁 is the twelfth month to the twenty-third."""
    edges = {edge for limit in limits for edge in _months(limit)}
    counts = {edge + step for edge in edges for step in (-1, 0, 1)}
    return tuple(((_MONTHS, count), 0) for count in sorted(counts) if count >= 0)


def _months(limit: tuple[str, int]) -> tuple[int, int]:
    """The completed months of an age, first and last."""
    unit, count = limit
    return (count * 12, count * 12 + 11) if unit == "year_old" else (count, count)


def _dimension(limit: core.Lit) -> str:
    unit = BY_NAME.get(limit.unit)
    return limit.unit if unit is None else unit.dimension


def _words(c: Checker, enum: str) -> list[str]:
    words = c.enum_words(enum)[1::2]
    return [c.enum_word(enum, word) or word for word in words]


def _written(cell: core.DecisionCell) -> list[core.Expr]:
    return [limit for limit in (cell.low, cell.high) if limit is not None]


def _plain(limit: core.Lit) -> Any:
    """A value that can be sorted: an age by its unit and count, a quantity in its base unit."""
    if isinstance(limit.value, AgeLimit):
        return (limit.value.unit, limit.value.count)
    unit = BY_NAME.get(limit.unit)
    if limit.type.kind != "quantity" or unit is None:
        return limit.value
    return exact_multiply(limit.value, unit.factor)


def _holds(
    c: Checker, kinds: Sequence[Type], row: core.DecisionRowDef, case: Sequence[Point]
) -> bool:
    return all(
        _within(c, kind, cell, point)
        for kind, cell, point in zip(kinds, row.cells or (), case, strict=True)
    )


def _within(c: Checker, kind: Type, cell: core.DecisionCell, point: Point) -> bool:
    """Whether a cell holds for a point."""
    if not isinstance(cell.low, core.Lit):
        return True
    low = _plain(cell.low)
    high = _plain(cell.high) if isinstance(cell.high, core.Lit) else low
    value, side = point
    if kind.kind == "enum":
        known = c.vocabulary.enums.get(kind.name)
        if known is not None and known.hierarchical and cell.high is None:
            return known.is_under(value, low)
    if kind.kind not in ORDERED:
        return bool(value == low)
    if value is None:
        return False
    if kind.kind == "age" and value[0] == _MONTHS:
        return bool(_months(low)[0] <= value[1] <= _months(high)[1])
    return (value, side) >= (low, 0) and (value, side) <= (high, 0)


def _overlaps(
    c: Checker,
    kinds: Sequence[Type],
    placed: Sequence[tuple[core.DecisionRowDef, ast.DecisionRow]],
    sides: Sequence[tuple[Point, ...]],
) -> None:
    """One complaint a row that says something of a case which an earlier row has."""
    told: set[int] = set()
    for (_, (first, part)), (place, (second, other)) in combinations(enumerate(placed), 2):
        if place in told:
            continue
        both = all(
            any(_within(c, kind, a, point) and _within(c, kind, b, point) for point in side)
            for kind, a, b, side in zip(kinds, first.cells or (), second.cells or (), sides, strict=True)
        )  # fmt: skip
        if both:
            told.add(place)
            _twice(c, part, other)


def _twice(c: Checker, first: ast.DecisionRow, other: ast.DecisionRow) -> None:
    """Say that two rows hold for one case."""
    c.fail(
        "RL0502",
        other.span,
        ("这一行与前面的一行有相同的情形", "this row and an earlier one hold for the same case"),
        ("改到互不重叠，或删去一行", "make them exclude one another, or take one away"),
        (Related(first.span, Words("前面的一行", "the earlier row")),),
    )


def _otherwise_once(c: Checker, rows: Sequence[ast.DecisionRow]) -> None:
    """Complain of each 未列 but the first."""
    for row in rows[1:]:
        _twice(c, rows[0], row)


def _gap(
    c: Checker, node: ast.Decision, parameters: Sequence[core.TableColumn], case: Sequence[Point]
) -> None:
    """Say which case has no row."""
    named = [(p.name, _shown(c, p.type, point)) for p, point in zip(parameters, case, strict=True)]
    zh = "，".join(f"{name.zh} {shown.zh}" for name, shown in named)
    en = ", ".join(f"{name.en} {shown.en}" for name, shown in named)
    row_zh = "，".join(shown.zh for _, shown in named)
    row_en = ", ".join(shown.en for _, shown in named)
    exact = all(side == 0 for _, side in case)
    c.fail(
        "RL0501",
        node.name.span,
        (f"没有一行说明：{zh}", f"no row says what holds for: {en}"),
        (f"补上 `{row_zh} 得 …`；文件没有规定的写 `得 不明`" if exact
         else "补上这一行，或加一行 `未列 得 …`；文件没有规定的写 `得 不明`",
         f"add `{row_en} gives …`; what the document does not say is `gives not_stated`" if exact
         else "add the row, or one `otherwise gives …`; what the document does not say is `gives not_stated`"),
    )  # fmt: skip


def _shown(c: Checker, type_: Type, point: Point) -> Words:
    value, side = point
    if type_.kind == "yes_no":
        return Words("是", "yes") if value else Words("否", "no")
    if type_.kind == "enum":
        words = c.enum_words(type_.name)
        zh = next(
            (a for a, b in zip(words[::2], words[1::2], strict=True) if b == value), str(value)
        )
        return Words(zh, str(value))
    if value is None:
        return Words("其他", "any other")
    if isinstance(value, tuple):
        unit = BY_NAME["month_old" if value[0] == _MONTHS else value[0]]
        return Words(f"{value[1]}{unit.zh}", f"{value[1]}{unit.en}")
    figure = str(value)
    signs = {-1: ("小于 ", "below "), 0: ("", ""), 1: ("大于 ", "above ")}[side]
    return Words(signs[0] + figure, signs[1] + figure)

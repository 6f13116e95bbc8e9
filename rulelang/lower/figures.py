"""Constants, dated parameters and decision tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rulelang import ast, core, types
from rulelang.calendar import AgeLimit
from rulelang.check.ranges import is_empty, report_reversed
from rulelang.check.scope import Checker, Scope, fits, is_broken
from rulelang.check.units import unit_help
from rulelang.diagnostics import Related, Words
from rulelang.lower.citations import citations
from rulelang.lower.coverage import check_coverage
from rulelang.lower.openness import FOR_PARAMETERS, opening
from rulelang.lower.typed import columns_of, read_type
from rulelang.resolve import shown
from rulelang.types import Type
from rulelang.words import NOT_STATED


def constant(c: Checker, node: ast.Expr, type_: Type) -> core.Expr | None:
    """A constant of a type; None where it is not one (and was said)."""
    if type_.kind == "error":
        return None
    told = len(c.problems.found)
    found = c.expr(c, node, Scope(), type_)
    if is_broken(found):
        if len(c.problems.found) == told:  # it names what is only declared further down
            _no_constant(c, node, type_)
        return None
    if isinstance(found, core.Lit) and found.type.kind == "number" and type_.kind == "ratio":
        if not 0 <= found.value <= 1:
            _percent(c, node, found.value)
            return None
        found = core.Lit(type=type_, span=found.span, value=found.value)
    if type_.kind == "days" and found.type.kind in {"months", "seconds"}:
        return found
    if not fits(found.type, type_):
        first, second = c.say(found.type), c.say(type_)
        units = {found.type.kind, type_.kind} <= types.NUMERIC | {"months", "age"}
        c.fail(
            "RL0401" if units else "RL0301",
            node.span,
            (
                f"此处应为{second.zh}，写的是{first.zh}",
                f"{second.en} is wanted here, found {first.en}",
            ),
            unit_help(c, type_, found.type, c.text(node.span)) if units else None,
        )
        return None
    if not isinstance(found, core.Lit):
        _no_constant(c, node, type_)
        return None
    return found


def _no_constant(c: Checker, node: ast.Expr, type_: Type) -> None:
    """The complaint about what has to be worked out first."""
    words = c.say(type_)
    c.fail(
        "RL0314",
        node.span,
        (f"此处只能写{words.zh}的常量", f"only a constant of {words.en} stands here"),
        ("把算出的结果写在这里", "write the result of the sum here"),
    )


def _percent(c: Checker, node: ast.Expr, value: Decimal) -> None:
    """The complaint about a ratio written without its %."""
    shown = f"{value}%"
    c.fail(
        "RL0401",
        node.span,
        (f"比例写成了 `{value}`，即 {value * 100}%", f"the ratio is written `{value}`, which is {value * 100}%"),
        (f"写 `{shown}`", f"write `{shown}`"),
    )  # fmt: skip


def parameter(c: Checker, id_: str, node: ast.Param) -> None:
    """Lower a parameter with its dated values."""
    type_ = read_type(c, node.type, id_)
    if type_.kind == "error":
        return
    values = _values(c, node, type_)
    given = [each.value for each in values if each.value is not None]
    _of_one_kind(c, given)
    low, high = (_bound(c, bound, type_) for bound in (node.low, node.high))
    for value in given:
        check_bounds(c, value, Bounds(shown(node.name), low, high))
    openings = opening(c, node.open, FOR_PARAMETERS) if node.open is not None else []
    if values:
        c.declared.params[id_] = core.ParamDef(
            id=id_,
            name=shown(node.name),
            type=given[0].type if type_.kind == "days" and given else type_,
            values=tuple(values),
            openings=tuple(openings),
            citations=citations(c, node.cites),
            low=low,
            high=high,
        )


def _values(c: Checker, node: ast.Param, type_: Type) -> list[core.ParamValue]:
    """The dated values; a date that is not after the one before is told of and left out."""
    written: list[tuple[ast.Date | None, ast.Expr]] = [(None, node.value)]
    written += [(later.start, later.value) for later in node.later]
    found: list[core.ParamValue] = []
    before: ast.Date | None = None
    for start, given in written:
        value = None if is_not_stated(given) else constant(c, given, type_)
        if start is not None and before is not None and start.value <= before.value:
            _out_of_order(c, start, before)
            continue
        before = start
        if value is not None or is_not_stated(given):
            found.append(core.ParamValue(start.value if start else None, value))
    return found


def _out_of_order(c: Checker, start: ast.Date, before: ast.Date) -> None:
    twice = start.value == before.value
    c.fail(
        "RL0609",
        start.span,
        (f"{start.value} 写了两次", f"{start.value} is written twice")
        if twice
        else (f"{start.value} 写在 {before.value} 之后", f"{start.value} stands behind {before.value}"),
        ("各期从早到晚，一个日期写一次", "the dates rise, each written once"),
        (Related(before.span, Words("前一个日期", "the date before")),),
    )  # fmt: skip


def is_not_stated(node: ast.Expr) -> bool:
    """Whether an author writes that the value is not known (不明)."""
    return isinstance(node, ast.Ref) and node.name in NOT_STATED


def _of_one_kind(c: Checker, values: list[core.Expr]) -> None:
    """Days, months and hours are counted differently and cannot follow one another (S4)."""
    for value in values[1:]:
        if value.type.kind != values[0].type.kind:
            first, second = c.say(values[0].type), c.say(value.type)
            c.fail(
                "RL0401",
                value.span,
                (f"前面的值是{first.zh}，此处是{second.zh}", f"the value before is {first.en}, here it is {second.en}"),
                ("各期的值用同一种单位", "give all values the same kind of unit"),
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of a parameter, by name; none where they are not written."""

    name: Words
    low: core.Expr | None
    high: core.Expr | None


def _bound(c: Checker, node: ast.Expr | None, type_: Type) -> core.Expr | None:
    return None if node is None else constant(c, node, type_)


def check_bounds(c: Checker, value: core.Expr, bounds: Bounds) -> bool:
    """Whether a value lies within the bounds of its parameter; told of where it does not."""
    low, high = bounds.low, bounds.high
    if low is None or high is None:
        return True
    if is_smaller(value, low) or is_smaller(high, value):
        c.fail(
            "RL0704",
            value.span,
            (f"参数 `{bounds.name.zh}` 的值超出了它的界", f"the value of `{bounds.name.en}` lies outside its bounds"),
            (f"界是 {c.text(low.span)} 至 {c.text(high.span)}",
             f"the bounds are {c.text(low.span)} to {c.text(high.span)}"),
            () if low.span.path == value.span.path
            else (Related(low.span.to(high.span), Words("界写在此处", "the bounds")),),
        )  # fmt: skip
        return False
    return True


def is_smaller(left: core.Expr, right: core.Expr) -> bool:
    """Whether one constant is certainly smaller than another; false of what has no order."""
    if not isinstance(left, core.Lit) or not isinstance(right, core.Lit):
        return False
    first, second = left.value, right.value
    if isinstance(first, AgeLimit) and isinstance(second, AgeLimit):
        return _days(first)[1] <= _days(second)[0] and first != second
    if isinstance(first, Decimal) and isinstance(second, Decimal):
        return left.unit == right.unit and first < second
    if isinstance(first, date) and isinstance(second, date) and type(first) is type(second):
        return first < second
    return False


def _days(age: AgeLimit) -> tuple[int, int]:
    """The fewest and the most days that an age can be."""
    if age.unit == "day_old":
        return age.count, age.count
    years, months = (age.count, 0) if age.unit == "year_old" else divmod(age.count, 12)
    return years * 365 + months * 28, years * 366 + months * 31


def decision(c: Checker, id_: str, node: ast.Decision) -> None:
    """Lower a decision table."""
    parameters = columns_of(c, node.parameters, id_)
    type_ = read_type(c, node.type, id_)
    rows: list[core.DecisionRowDef] = []
    whole = True  # every row could be read
    before = len(c.problems.found)
    for row in node.rows:
        value = _given(c, row.value, type_)
        if row.cells is None:
            rows.append(core.DecisionRowDef(None, value))
            continue
        if len(row.cells) != len(parameters):
            names = [parameter.name for parameter in parameters]
            c.fail(
                "RL0308",
                row.span,
                (f"判定表一行应有 {len(names)} 格，写了 {len(row.cells)} 格",
                 f"a row has {len(names)} {'cell' if len(names) == 1 else 'cells'}, found {len(row.cells)}"),
                ("依次为 " + "、".join(name.zh for name in names) + "；不论哪个写 `任意`",
                 "in this order: " + ", ".join(name.en for name in names) + "; `whatever` for any"),
            )  # fmt: skip
            whole = False
            continue
        cells = tuple(
            _cell(c, cell, parameter.type)
            for cell, parameter in zip(row.cells, parameters, strict=True)
        )
        rows.append(core.DecisionRowDef(cells, value))
    given = [row.value for row in rows if row.value is not None]
    _of_one_kind(c, given)
    if type_.kind == "days" and given:
        type_ = given[0].type  # hours count elapsed time, days count dates
    if whole and len(c.problems.found) == before:
        check_coverage(c, node, parameters, rows)
    c.declared.decisions[id_] = core.DecisionDef(
        id_, shown(node.name), parameters, type_, tuple(rows), citations(c, node.cites)
    )


def _cell(c: Checker, cell: ast.Cell, type_: Type) -> core.DecisionCell:
    low = constant(c, cell.low, type_) if cell.low is not None else None
    high = constant(c, cell.high, type_) if cell.high is not None else None
    if cell.low and cell.high and low and high and is_empty(low, high):
        report_reversed(c, cell.low, cell.high)
    return core.DecisionCell(low, high)


def _given(c: Checker, node: ast.Expr, type_: Type) -> core.Expr | None:
    return None if is_not_stated(node) else constant(c, node, type_)

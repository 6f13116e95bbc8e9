"""Constants, dated parameters and decision tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from rulelang import ast, core, types
from rulelang.check.scope import Checker, Scope, fits, is_broken
from rulelang.check.units import unit_help
from rulelang.lower.citations import citations
from rulelang.lower.coverage import check_coverage
from rulelang.lower.heads import check_open
from rulelang.lower.typed import columns_of, read_type
from rulelang.resolve import shown
from rulelang.types import Type
from rulelang.words import AUTHORITIES, NOT_STATED, OPEN_WORDS, word_of


def constant(c: Checker, node: ast.Expr, type_: Type) -> core.Expr | None:
    """A constant of a type; None where it is not one (and was said)."""
    if type_.kind == "error":
        return None
    found = c.expr(c, node, Scope(), type_)
    if is_broken(found):
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
        words = c.say(type_)
        c.fail(
            "RL0314",
            node.span,
            (f"此处只能写{words.zh}的常量", f"only a constant of {words.en} stands here"),
            ("把算出的结果写在这里", "write the result of the sum here"),
        )
        return None
    return found


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
    values: list[tuple[date | None, core.Expr]] = []
    first = constant(c, node.value, type_)
    if first is not None:
        values.append((None, first))
    for later in node.later:
        value = constant(c, later.value, type_)
        if value is not None:
            values.append((later.start.value, value))
    _of_one_kind(c, [value for _, value in values])
    _bounds(c, node, type_, [value for _, value in values])
    open_to = ""
    if node.open is not None:
        check_open(c, node.open)
        words = [word_of(OPEN_WORDS, word) or word for word in node.open.words]
        authority = word_of(AUTHORITIES, node.open.authority) or node.open.authority
        open_to = f"{authority} {' '.join(words)}"
    if values:
        c.declared.params[id_] = core.ParamDef(
            id=id_,
            name=shown(node.name),
            type=values[0][1].type if type_.kind == "days" else type_,
            values=tuple(values),
            open_to=open_to,
            citations=citations(c, node.cites),
        )


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


def _bounds(c: Checker, node: ast.Param, type_: Type, values: list[core.Expr]) -> None:
    if node.low is None or node.high is None:
        return
    low, high = constant(c, node.low, type_), constant(c, node.high, type_)
    if not isinstance(low, core.Lit) or not isinstance(high, core.Lit):
        return
    for value in values:
        if (
            isinstance(value, core.Lit)
            and isinstance(value.value, Decimal)
            and not low.value <= value.value <= high.value
        ):
            c.fail(
                "RL0704",
                value.span,
                (f"参数 `{shown(node.name).zh}` 的值超出了它的界", f"the value of `{shown(node.name).en}` lies outside its bounds"),
                (f"界是 {c.text(node.low.span)} 至 {c.text(node.high.span)}",
                 f"the bounds are {c.text(node.low.span)} to {c.text(node.high.span)}"),
            )  # fmt: skip


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
            core.DecisionCell(
                constant(c, cell.low, parameter.type) if cell.low is not None else None,
                constant(c, cell.high, parameter.type) if cell.high is not None else None,
            )
            for cell, parameter in zip(row.cells, parameters, strict=True)
        )
        rows.append(core.DecisionRowDef(cells, value))
    if whole and len(c.problems.found) == before:
        check_coverage(c, node, parameters, rows)
    c.declared.decisions[id_] = core.DecisionDef(
        id_, shown(node.name), parameters, type_, tuple(rows), citations(c, node.cites)
    )


def _given(c: Checker, node: ast.Expr, type_: Type) -> core.Expr | None:
    if isinstance(node, ast.Ref) and node.name in NOT_STATED:
        return None
    return constant(c, node, type_)

"""Constants, dated parameters and decision tables."""

from __future__ import annotations

from decimal import Decimal

from rulelang import ast, core
from rulelang.check.scope import Checker, Scope, fits, is_broken
from rulelang.lower.citations import citations
from rulelang.lower.typed import columns_of, read_type
from rulelang.resolve import shown
from rulelang.types import Type
from rulelang.words import NOT_STATED, OPEN_WORDS, word_of


def constant(c: Checker, node: ast.Expr, type_: Type) -> core.Expr | None:
    """A constant of a type; None where it is not one (and was said)."""
    found = c.expr(c, node, Scope(), type_)
    if is_broken(found):
        return None
    if isinstance(found, core.Lit) and found.type.kind == "number" and type_.kind == "ratio":
        found = core.Lit(type=type_, span=found.span, value=found.value)
    if type_.kind == "days" and found.type.kind in {"months", "seconds"}:
        return found
    if not fits(found.type, type_):
        first, second = c.say(found.type), c.say(type_)
        c.fail(
            "RL0301",
            node.span,
            (
                f"此处应为{second.zh}，写的是{first.zh}",
                f"{second.en} is wanted here, found {first.en}",
            ),
        )
        return None
    return found


def parameter(c: Checker, id_: str, node: ast.Param) -> None:
    """Lower a parameter with its dated values."""
    type_ = read_type(c, node.type, id_)
    if type_.kind == "error":
        return
    values: list[tuple[object, core.Expr]] = []
    first = constant(c, node.value, type_)
    if first is not None:
        values.append((None, first))
    for later in node.later:
        value = constant(c, later.value, type_)
        if value is not None:
            values.append((later.start.value, value))
    _bounds(c, node, type_, [value for _, value in values])
    open_to = ""
    if node.open is not None:
        words = [word_of(OPEN_WORDS, word) or word for word in node.open.words]
        open_to = f"{node.open.authority} {' '.join(words)}"
    if values:
        c.declared.params[id_] = core.ParamDef(
            id=id_,
            name=shown(node.name),
            type=values[0][1].type if type_.kind == "days" else type_,
            values=tuple(values),  # type: ignore[arg-type]
            open_to=open_to,
            citations=citations(c, node.cites),
        )


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
            )  # fmt: skip


def decision(c: Checker, id_: str, node: ast.Decision) -> None:
    """Lower a decision table."""
    parameters = columns_of(c, node.parameters, id_)
    type_ = read_type(c, node.type, id_)
    rows: list[core.DecisionRowDef] = []
    for row in node.rows:
        value = _given(c, row.value, type_)
        if row.cells is None:
            rows.append(core.DecisionRowDef(None, value))
            continue
        if len(row.cells) != len(parameters):
            c.fail(
                "RL0308",
                row.span,
                (f"判定表一行应有 {len(parameters)} 格，写了 {len(row.cells)} 格",
                 f"a row has {len(parameters)} cells, {len(row.cells)} were written"),
            )  # fmt: skip
            continue
        cells = tuple(
            core.DecisionCell(
                constant(c, cell.low, parameter.type) if cell.low is not None else None,
                constant(c, cell.high, parameter.type) if cell.high is not None else None,
            )
            for cell, parameter in zip(row.cells, parameters, strict=True)
        )
        rows.append(core.DecisionRowDef(cells, value))
    c.declared.decisions[id_] = core.DecisionDef(
        id_, shown(node.name), parameters, type_, tuple(rows), citations(c, node.cites)
    )


def _given(c: Checker, node: ast.Expr, type_: Type) -> core.Expr | None:
    if isinstance(node, ast.Ref) and node.name in NOT_STATED:
        return None
    return constant(c, node, type_)

"""Facts, evidence, table look-ups, parameters and decision tables."""

from __future__ import annotations

from itertools import product
from typing import Any

from engine.derivation import FactLeaf, GapLeaf, NoRowLeaf, RowLeaf, Step
from engine.facts import (
    ABSENT,
    UNKNOWN_VALUE,
    UNLIMITED,
    Entity,
    Fact,
    Foreign,
    Value,
    exactly,
    one,
)
from engine.interpreter.compare import agree, compare
from engine.interpreter.links import evaluate_link
from engine.interpreter.results import Bag, Context, Group, Item, Pointed, Result, RowItem
from engine.interpreter.unit_factors import common_unit, scaled
from engine.tables import Extent, Found, cell
from rulelang import core, values
from rulelang.types import Type
from rulelang.values import FALSE, TRUE, UNKNOWN, Range, Truth, all_of

MOST_CANDIDATES = 16


def constant(value: Any, type_: Type, unit: str = "") -> Value:
    """A literal or a cell as a value; None is a blank that means "no limit"."""
    if value is None:
        return UNLIMITED
    if type_.kind == "quantity" and isinstance(value, tuple):
        return exactly(value[0], value[1])
    if type_.kind in {"yes_no", "text", "code", "codes", "enum", "window", "age", "error"}:
        return one(value)
    return exactly(value, unit or (type_.name if type_.kind == "measure" else "") or None)


def join(found: list[Value]) -> Value:
    """The hull of several possible values: unknown if one of them is."""
    if not found:
        return UNKNOWN_VALUE
    first = found[0]
    for other in found[1:]:
        if first == other:
            continue
        first = _join_two(first, other)
    return first


def _join_two(left: Value, right: Value) -> Value:
    if TRUE in {left.absent, right.absent}:
        present = right if left.absent is TRUE else left
        if present.absent is TRUE:
            return ABSENT
        return Value(
            present.range, present.choices, UNKNOWN, present.unit, present.fine, present.unlimited
        )
    absent = UNKNOWN if UNKNOWN in {left.absent, right.absent} else FALSE
    if left.unlimited or right.unlimited:
        return Value(absent=absent)
    if left.range is not None and right.range is not None:
        unit, factors = common_unit([left, right])
        first, second = (scaled(v.range, f) for v, f in zip((left, right), factors, strict=True))
        if first is None or second is None or (left.unit is None) is not (right.unit is None):
            return Value(absent=absent)
        fine = (
            values.join(left.fine, right.fine)
            if left.fine is not None and right.fine is not None
            else None
        )
        pairs = left.choices | right.choices if left.choices and right.choices else None
        return Value(values.join(first, second), pairs, absent, unit, fine)
    if left.choices is not None and right.choices is not None:
        return Value(choices=left.choices | right.choices, absent=absent)
    return Value(absent=absent)


def pointed(result: Any) -> Pointed | None:
    """A result as the entity that it names."""
    return result if isinstance(result, Pointed) else None


def evaluate_get(expr: core.Get, context: Context) -> Result:
    """One fact of an entity: the hull over the candidates where the entity is not certain."""
    base, step = context.evaluate(expr.base, context)
    if isinstance(base, Group):
        return _group_field(expr, base, context)
    if not isinstance(base, Pointed):
        return unknown_of(expr, step)
    if expr.type.kind == "entity":
        return evaluate_link(expr, base, step, context)
    found: list[Value] = []
    steps: list[Step] = [step] if step.parts or not isinstance(expr.base, core.Local) else []
    for candidate in base.candidates:
        value, leaf = read(candidate, expr.field, context)
        found.append(value)
        steps.append(leaf)
    if base.others or not base.candidates:
        found.append(UNKNOWN_VALUE if base.others else ABSENT)
    value = join(found)
    if base.absent is not FALSE and base.candidates:
        value = _join_two(value, ABSENT)
    if len(steps) == 1:
        only = steps[0]
        return value, Step(expr, "leaf", value, only.parts, only.leaf)
    return value, Step(expr, "all", value, tuple(steps))


def unknown_of(expr: core.Expr, *steps: Step) -> Result:
    """Nothing known, because of what stands below."""
    return UNKNOWN_VALUE, Step(expr, "all", UNKNOWN_VALUE, steps)


def read(element: Entity | RowItem, field: str, context: Context) -> tuple[Value, Step]:
    """One fact of one entity, or one cell of a row, with its leaf."""
    if isinstance(element, RowItem):
        types = {column.name.en: column.type for column in element.table.columns}
        value = constant(cell(element.table, element.row, field), types[field])
        leaf = RowLeaf(element.table, element.keys, element.row)
        return value, Step(None, "leaf", value, leaf=leaf)
    if element.kind == "patient" and field == "age":
        return _age(element, context)
    if field == "total_cost" and context.periods is not None and field not in element.facts:
        worth, why = context.periods.total_cost(element, context)
        return as_value(worth), why
    fact = element.fact(field)
    return leaf_of(FactLeaf(element, field, fact), context)


def leaf_of(leaf: FactLeaf, context: Context) -> tuple[Value, Step]:
    """A fact's value with its leaf; a hidden one reads as unknown."""
    if leaf.key in context.hidden:
        hidden = FactLeaf(
            leaf.entity, leaf.field, Fact(UNKNOWN_VALUE), leaf.evidence, leaf.arguments
        )
        return UNKNOWN_VALUE, Step(None, "leaf", UNKNOWN_VALUE, leaf=hidden)
    return leaf.fact.value, Step(None, "leaf", leaf.fact.value, leaf=leaf)


def _age(patient: Entity, context: Context) -> tuple[Value, Step]:
    """The age at the governing date, from the birth date; or an age that was sent (S4)."""
    sent = patient.facts.get("age")
    if sent is not None and not sent.value.is_nothing:
        return leaf_of(FactLeaf(patient, "age", sent), context)
    value, step = leaf_of(FactLeaf(patient, "birth_date", patient.fact("birth_date")), context)
    on, dated = context.on, context.on_leaf
    nothing = value.range is None or (on.low is None and on.high is None)
    age = Value(absent=value.absent) if nothing else Value(range=value.range, fine=on)
    if not on.is_exact and dated is not None:
        return age, Step(None, "all", age, (step, dated))
    return age, Step(None, "leaf", age, leaf=step.leaf)


def _group_field(expr: core.Get, group: Group, context: Context) -> Result:
    """`组.x`: a part of the key, or a field on which all members agree (S11.2)."""
    if expr.field in group.entity.facts:
        fact = group.entity.facts[expr.field]
        own = group.keys.get(expr.field)
        if own is not None and _is_wanting(fact.value):  # what is missing is the line's
            return fact.value, Step(expr, own.rule, fact.value, own.parts, own.leaf)
        value, leaf = leaf_of(FactLeaf(group.entity, expr.field, fact), context)
        return value, Step(expr, "leaf", value, leaf=leaf.leaf)
    found: list[Value] = []
    steps: list[Step] = []
    for item in group.bag.items:
        if isinstance(item.element, Entity):
            value, step = read(item.element, expr.field, context)
            found.append(value)
            steps += [step] if item.truth is TRUE else [item.why, step]
    value = join(found)
    return value, Step(expr, "all", value, tuple(steps))


def _is_wanting(key: Value) -> bool:
    """Whether a part of a group's key is not known, or a code of another system (S5.1)."""
    foreign = any(isinstance(choice, Foreign) for choice in key.choices or ())
    return foreign or not key.is_known


def _keys(
    nodes: tuple[core.Expr, ...], context: Context
) -> tuple[tuple[Value, ...], tuple[Step, ...]]:
    found: list[Value] = []
    steps: list[Step] = []
    for node in nodes:
        value, step = context.evaluate(node, context)
        found.append(as_value(value))
        steps.append(step)
    return tuple(found), tuple(steps)


def as_value(result: Any) -> Value:
    """What an expression gave as a value; a condition is yes or no."""
    if isinstance(result, Truth):
        return UNKNOWN_VALUE if result is UNKNOWN else one(result is TRUE)
    return result if isinstance(result, Value) else UNKNOWN_VALUE


def _find(
    table_id: str, nodes: tuple[core.Expr, ...], context: Context
) -> tuple[core.Table, list[Found], tuple[Step, ...]]:
    """The rows of a key; of a key with several candidates those of each (S2.3)."""
    table = context.program.tables[table_id]
    if not nodes:
        return table, [context.tables.all_rows(table, context.on)], ()
    keys, steps = _keys(nodes, context)
    found = [context.tables.find(table, each, context.on) for each in _candidates(keys)]
    if any(each.possible for each in found) and context.on_leaf is not None:
        steps = (*steps, context.on_leaf)
    return table, found, steps


def _candidates(keys: tuple[Value, ...]) -> list[tuple[Value, ...]]:
    """The keys that a key known by candidates may be; itself where there are too many."""
    sides = [
        [one(choice) for choice in sorted(key.choices, key=str)]
        if key.choices is not None and len(key.choices) > 1 and key.absent is FALSE
        else [key]
        for key in keys
    ]
    found = list(product(*sides))
    return found if len(found) <= MOST_CANDIDATES else [keys]


def _no_row(table: core.Table, found: Found) -> Step:
    inside = found.extent is Extent.INSIDE
    leaf = NoRowLeaf(table, found.key, inside, found.held_by, found.lacking)
    return Step(None, "leaf", FALSE if inside else UNKNOWN, leaf=leaf)


def evaluate_has_row(expr: core.HasRow, context: Context) -> Result:
    """`key 在 table`: false inside the table's extent only (S5.2)."""
    table, found, steps = _find(expr.table, expr.keys, context)
    answers = [_has_row(table, each) for each in found]
    truth = agree(answer for answer, _ in answers)
    if truth is not UNKNOWN or len(answers) == 1:
        steps = (*steps, *(leaf for _, leaf in answers if leaf is not None))
    return truth, Step(expr, "all", truth, steps)


def _has_row(table: core.Table, found: Found) -> tuple[Truth, Step | None]:
    if found.certain:
        leaf = RowLeaf(table, found.key, found.certain[0])
        return TRUE, Step(None, "leaf", TRUE, leaf=leaf)
    if found.possible and found.gapless:
        return TRUE, None
    if found.possible or found.extent is Extent.UNKNOWN_KEY:
        return UNKNOWN, None
    if not found.key:
        return FALSE, None
    truth = FALSE if found.extent is Extent.INSIDE else UNKNOWN
    return truth, _no_row(table, found)


def evaluate_cell(expr: core.CellOf, context: Context) -> Result:
    """`table[key].column` of a table with one row a key."""
    table, found, steps = _find(expr.table, expr.keys, context)
    cells = [_cell(expr, table, each) for each in found]
    value = join([each for each, _ in cells])
    steps = (*steps, *(leaf for _, leaf in cells if leaf is not None))
    return value, Step(expr, "all", value, steps)


def _cell(expr: core.CellOf, table: core.Table, found: Found) -> tuple[Value, Step | None]:
    if found.certain and not found.possible:
        row = found.certain[0]
        value = constant(cell(table, row, expr.column), expr.type)
        return value, Step(None, "leaf", value, leaf=RowLeaf(table, found.key, row))
    if found.certain or found.possible:
        rows = (*found.certain, *found.possible)
        options = [constant(cell(table, row, expr.column), expr.type) for row in rows]
        return join(options if found.gapless else [*options, ABSENT]), None
    if found.extent is Extent.UNKNOWN_KEY:
        return Value(absent=UNKNOWN), None
    if not found.key:
        return ABSENT, None
    value = ABSENT if found.extent is Extent.INSIDE else Value(absent=UNKNOWN)
    return value, _no_row(table, found)


def evaluate_rows(expr: core.Rows, context: Context) -> Result:
    """`table[key]` with many rows a key, as a collection."""
    table, each, steps = _find(expr.table, expr.keys, context)
    whole = Step(expr, "all", None, steps)
    if len(each) > 1:
        return Bag((), open=steps), whole
    found = each[0]
    items = [
        Item(RowItem(table, row, found.key), truth, _row_step(table, found, row, truth))
        for rows, truth in ((found.certain, TRUE), (found.possible, UNKNOWN))
        for row in rows
    ]
    if found.extent is Extent.UNKNOWN_KEY:
        return Bag((), open=steps or (whole,)), whole
    if items or not expr.keys or not found.key:
        return Bag(tuple(items), closed=steps), whole
    end = _no_row(table, found)
    if found.extent is Extent.INSIDE:
        return Bag((), closed=(*steps, end)), whole
    return Bag((), open=(*steps, end)), whole


def _row_step(table: core.Table, found: Found, row: core.Row, truth: Truth) -> Step:
    return Step(None, "leaf", truth, leaf=RowLeaf(table, found.key, row))


def evaluate_decision(expr: core.Decide, context: Context) -> Result:
    """The value of the first row that holds; the hull of those that may hold."""
    decision = context.program.decisions[expr.decision]
    arguments, steps = _keys(expr.arguments, context)
    found: list[Value] = []
    gap: tuple[Step, ...] = ()
    for row in decision.rows:
        truth = decision_row_holds(row, decision, arguments)
        if truth is FALSE:
            continue
        if row.value is None:
            found.append(UNKNOWN_VALUE)
            gap = (Step(None, "leaf", UNKNOWN, leaf=GapLeaf(decision.id, "insurance_authority")),)
        elif isinstance(row.value, core.Lit):
            found.append(constant(row.value.value, decision.type, row.value.unit))
        if truth is TRUE:
            break
    if not found:  # a gap that the checker could not see; what it can see it refuses (RL0501)
        found.append(UNKNOWN_VALUE)
        gap = (Step(None, "leaf", UNKNOWN, leaf=GapLeaf(decision.id, "insurance_authority")),)
    value = join(found)
    return value, Step(expr, "all", value, (*steps, *gap))


def decision_row_holds(
    row: core.DecisionRowDef, decision: core.DecisionDef, arguments: tuple[Value, ...]
) -> Truth:
    """Whether a row of a decision table holds for its arguments."""
    if row.cells is None:
        return TRUE
    truths: list[Truth] = []
    for each, parameter, value in zip(row.cells, decision.parameters, arguments, strict=True):
        if not isinstance(each.low, core.Lit):
            continue
        low = constant(each.low.value, parameter.type, each.low.unit)
        if isinstance(each.high, core.Lit):
            high = constant(each.high.value, parameter.type, each.high.unit)
            truths.append(compare("<=", low, value, parameter.type, parameter.type))
            truths.append(compare("<=", value, high, parameter.type, parameter.type))
        else:
            truths.append(compare("=", value, low, parameter.type, parameter.type))
    return all_of(truths)


def day_range(value: Value) -> Range:
    """A date's range, everything where nothing is known."""
    return value.range if value.range is not None else Range(None, None)

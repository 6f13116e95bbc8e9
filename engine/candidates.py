"""Which lines may stand at the places of a pair, so that not all pairs need be looked at (S11.1)."""

from __future__ import annotations

from engine.facts import Entity
from engine.interpreter import condition, evaluate
from engine.interpreter.lookup import read
from engine.interpreter.results import Context, Pointed
from engine.stored import cells
from engine.tables import key_places
from rulelang import core
from rulelang.values import FALSE, TRUE, Range
from rulelang.walk import walk

# What a part of 当 may be made of to be asked of a line by itself: no windows, no collections, no lets.
PLAIN = (
    core.Lit, core.Local, core.Get, core.HasRow, core.CellOf, core.InSet, core.ListSet,
    core.LiteralSet, core.Cmp, core.Logic, core.Not,
)  # fmt: skip


def candidates(rule: core.Rule, place: int, pool: list[Entity], context: Context) -> set[int]:
    """Lines that may stand at one place of a pair: 当 is false for all others, whatever the other is.

    A narrowing only: `[甲.x，乙.y] 在 表` is false for lines whose key part no row holds, wherever
    the table says all there is for both; and a part of 当 that speaks of one place alone is asked of
    each line once, on any date.
    """
    pool = [line for line in pool if _may_stand(rule, place, line, context)]
    row = _row_condition(rule)
    if row is None:
        return set(map(id, pool))
    table = context.program.tables[row.table]
    key = row.keys[place]
    if not isinstance(key, core.Get) or table.under[place]:
        return set(map(id, pool))
    held = set(cells(table.rows, key_places(table)[place]))
    found: set[int] = set()
    for line in pool:
        value, _ = read(line, key.field, context)
        if value.absent is TRUE:
            continue
        sure = value.is_known and value.choices is not None
        only: object = next(iter(value.choices or ()), None)
        if sure and isinstance(only, str) and only not in held and _is_held(table, only, context):
            continue
        found.add(id(line))
    return found


def _is_held(table: core.Table, code: str, context: Context) -> bool:
    """Whether a table says all there is for a code, so that no row means no."""
    if not table.complete:
        return False
    if not table.within:
        return True
    program = context.program
    return any(
        context.tables.holds(program.tables[extent], (code,))
        for extent in table.within
        if extent in program.tables
    )


def _row_condition(rule: core.Rule) -> core.HasRow | None:
    """The condition `[甲.x，乙.y] 在 表` of a pair rule, where it has one."""
    names = rule.subject.locals
    for part in _parts(rule):
        if isinstance(part, core.HasRow) and len(part.keys) == len(names):
            bases = [k.base.name for k in part.keys if isinstance(k, core.Get)
                     and isinstance(k.base, core.Local)]  # fmt: skip
            if tuple(bases) == names:
                return part
    return None


def _parts(rule: core.Rule) -> tuple[core.Expr, ...]:
    """What 当 joins by 且."""
    if isinstance(rule.when, core.Logic) and rule.when.op == "and":
        return rule.when.items
    return (rule.when,)


def _may_stand(rule: core.Rule, place: int, line: Entity, context: Context) -> bool:
    """Whether no part of 当 that is about this place alone is false for a line.

    Who watches the evaluation sees every pair.
    """
    if context.evaluate is not evaluate:
        return True
    name = rule.subject.locals[place]
    alone = context.bind(name, Pointed((line,)))
    alone.on, alone.on_leaf = Range(None, None), None
    return all(
        condition(part, alone)[0] is not FALSE for part in _parts(rule) if _is_about(part, name)
    )


def _is_about(part: core.Expr, name: str) -> bool:
    found = tuple(walk(part))
    names = {each.name for each in found if isinstance(each, core.Local)}
    return names == {name} and all(isinstance(each, PLAIN) for each in found)

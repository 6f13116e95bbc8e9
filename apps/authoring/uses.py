"""What a rule leans on: tables, lists, evidence, parameters, decision tables and facts, by id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rulelang import core
from rulelang.walk import walk


@dataclass(frozen=True, slots=True)
class Used:
    """What some expressions look into. Ids are sorted; facts are `entity.field`."""

    tables: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()

    @property
    def declared(self) -> tuple[str, ...]:
        """Everything that is declared in a ruleset, in one order."""
        return (*self.tables, *self.lists, *self.evidence, *self.params, *self.decisions)


def expressions_of(rule: core.Rule) -> Iterator[core.Expr]:
    """All expressions of a rule that decide something, in the order in which they are written."""
    yield from (key for _, key in rule.subject.keys)
    yield from (let.value for let in rule.lets)
    yield rule.when
    yield rule.require
    yield from (exception.condition for exception in rule.exceptions)
    if rule.keep is not None and rule.keep.key is not None:
        yield rule.keep.key
    if rule.deduct_order is not None:
        yield rule.deduct_order.key
    for outcome in rule.outcomes:
        if outcome.amount is not None:
            yield outcome.amount
        if outcome.condition is not None:
            yield outcome.condition


def used_by(rule: core.Rule) -> Used:
    """What a rule looks into by itself; what a decision table needs is the table's own."""
    return used_in(expressions_of(rule))


def used_by_decision(decision: core.DecisionDef) -> Used:
    """What the cells and values of a decision table look into."""
    return used_in(_cells(decision))


def used_by_param(param: core.ParamDef) -> Used:
    """What the values of a parameter look into."""
    return used_in(each.value for each in param.values if each.value is not None)


def used_in(expressions: Iterator[core.Expr]) -> Used:
    """What expressions look into."""
    found: dict[str, set[str]] = {
        name: set() for name in ("tables", "lists", "evidence", "params", "decisions")
    }
    for expr in expressions:
        for part in walk(expr):
            match part:
                case core.HasRow() | core.CellOf() | core.Rows():
                    found["tables"].add(part.table)
                case core.ListSet():
                    found["lists"].add(part.list)
                case core.EvidenceOf() | core.Series():
                    found["evidence"].add(part.evidence)
                case core.ParamRef():
                    found["params"].add(part.param)
                case core.Decide():
                    found["decisions"].add(part.decision)
                case _:
                    continue
    return Used(**{name: tuple(sorted(ids)) for name, ids in found.items()})


def _cells(decision: core.DecisionDef) -> Iterator[core.Expr]:
    for row in decision.rows:
        for cell in row.cells or ():
            yield from (side for side in (cell.low, cell.high) if side is not None)
        if row.value is not None:
            yield row.value

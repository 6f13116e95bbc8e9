"""What is tried to tell a rule from its mutants: constants of the rule, and facts not given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apps.authoring.mutants import Used
from apps.authoring.points import nodes_of
from apps.authoring.variants import Hint, hints_of
from apps.authoring.watching import Event
from engine import codes
from engine.derivation import CoverageLeaf, FactLeaf, Step
from engine.words import fact_type, fact_words
from rulelang import core
from rulelang.types import Type
from rulelang.vocabulary import load

MOST_SEEDS = 8
MOST_CONSTANTS = 24


def not_given(event: Event, program: core.Program) -> Iterator[tuple[str, Type]]:
    """The facts that an evaluation read and did not find, as a block would give them."""
    for leaf in _leaves_below(event.step):
        if isinstance(leaf, CoverageLeaf):
            yield from _members_of(leaf, program)
            continue
        if not leaf.fact.value.is_nothing or leaf.arguments or not leaf.entity.pointer:
            continue
        name = fact_words(leaf.entity.kind, leaf.field, program, leaf.evidence).zh
        type_ = fact_type(leaf.entity.kind, leaf.field, program, leaf.evidence)
        yield f"{leaf.entity.pointer}.{name.rpartition('.')[2]}", type_


def _members_of(leaf: CoverageLeaf, program: core.Program) -> Iterator[tuple[str, Type]]:
    """Diagnoses and operations that a block does not give, by the code of one."""
    known = load().field(leaf.entity.kind, leaf.field)
    element = None if known is None else known.type.element
    code = None if element is None else load().field(element.name, "code")
    if code is not None and leaf.entity.pointer:
        name = fact_words(leaf.entity.kind, leaf.field, program).zh
        yield f"{leaf.entity.pointer}.{name.rpartition('.')[2]}", code.type


def _leaves_below(step: Step) -> Iterator[FactLeaf | CoverageLeaf]:
    if isinstance(step.leaf, FactLeaf | CoverageLeaf):
        yield step.leaf
    for part in step.parts:
        if part.expr is None:  # what has an expression of its own is an event of its own
            yield from _leaves_below(part)


def constants_of(rule: core.Rule, program: core.Program, used: Used) -> tuple[Hint, ...]:
    """The constants of a rule, of its lists and of the rows that its cases use."""
    found: list[Hint] = []
    for limit in (rule.in_force.start, rule.in_force.end):
        if limit is not None:
            found.append(Hint(limit, _DATE_TYPE))
    for node in nodes_of(rule):
        match node:
            case core.Lit():
                found.append(Hint(node.value, node.type, node.unit))
            case core.InSet() if isinstance(node.set, core.LiteralSet):
                items = node.set.items[:MOST_SEEDS]
                found += [hint for item in items for hint in hints_of(item, node.operand.type)]
                found += _unlisted(node.set.items, node.operand.type)
            case core.ListSet():
                listed = program.lists[node.list]
                items = listed.items[:MOST_SEEDS]
                found += [hint for item in items for hint in hints_of(item, listed.type)]
                found += _unlisted(listed.items, listed.type)
            case core.Collection() if node.window is not None and node.window.amount:
                found.append(Hint(node.window, _WINDOW_TYPE))
            case core.ParamRef():
                param = program.params[node.param]
                lits = [each.value for each in param.values if isinstance(each.value, core.Lit)]
                found += [Hint(lit.value, param.type, lit.unit) for lit in lits]
                found += [Hint(v.start, _DATE_TYPE) for v in param.values if v.start is not None]
            case core.HasRow() | core.CellOf() | core.Rows():
                found += _outside(program.tables[node.table], program)
                found += _cells(program.tables[node.table], used)
            case _:
                pass
    return tuple(dict.fromkeys(found))[:MOST_CONSTANTS]


def _cells(table: core.Table, used: Used) -> Iterator[Hint]:
    numbers = used.get(("table", table.id), frozenset())
    for row in [row for row in table.rows if row.number in numbers][:2]:
        for column, value in zip(table.columns, row.cells, strict=True):
            if value is not None and column.type.kind != "text":
                yield Hint(value, column.type)


def _unlisted(items: Sequence[core.SetItem], type_: Type) -> Iterator[Hint]:
    """A code that is in no item of a set: the last one with another last character."""
    ends = [item.value if isinstance(item, core.CodeItem) else item.high for item in items]
    if type_.kind != "code" or not ends:
        return
    own = max(map(str, ends))
    for other in (f"{own[:-1]}{end}" for end in "0123456789"):
        if not any(_covers(item, other, type_.name) for item in items):
            yield Hint(other, type_)
            return


def _covers(item: core.SetItem, code: str, system: str) -> bool:
    if isinstance(item, core.CodeItem):
        return code == item.value or codes.is_under(system, code, str(item.value))
    return codes.in_code_range(system, code, str(item.low), str(item.high))


def _outside(table: core.Table, program: core.Program) -> Iterator[Hint]:
    """A key that lies in the table's extent and has no row."""
    if len(table.keys) != 1:
        return
    names = [column.name.en for column in table.columns]
    at = names.index(table.keys[0])
    own = {row.cells[at] for row in table.rows}
    for extent in table.within:
        if extent in program.tables:
            keys = [row.cells[0] for row in program.tables[extent].rows]
        else:
            items = program.lists[extent].items
            keys = [item.value for item in items if isinstance(item, core.CodeItem)]
        other = next((key for key in keys if key not in own), None)
        if other is not None:
            yield Hint(other, table.columns[at].type)


_DATE_TYPE = Type("date")
_WINDOW_TYPE = Type("window")

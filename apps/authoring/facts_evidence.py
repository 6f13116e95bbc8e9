"""Evidence in a facts block: values with when they were taken and who supplied them.

`28 g/L（2026-03-10，检验）`, several of them behind one another; `无日期` where nobody says when. A value
without brackets is the fact itself, as it stands at the subject's time.
"""

from __future__ import annotations

from dataclasses import dataclass

from apps.authoring.facts_parts import Assignment, listed, record_parts
from apps.authoring.facts_values import (
    NONE_WORDS,
    UNKNOWN_WORDS,
    RefusedError,
    read_value,
)
from apps.authoring.facts_world import (
    ALL_WORDS,
    PARTLY_WORDS,
    World,
    put,
    unknown_field,
    value_of,
)
from engine.facts import UNKNOWN_VALUE, Entity, EvidenceItem, Fact, Value, evidence_key
from rulelang import calendar, types, vocabulary
from rulelang.core import EvidenceDef, Program, TableColumn
from rulelang.diagnostics import Words
from rulelang.values import Range

UNDATED_WORDS = frozenset({"无日期", "undated"})
_OPENING, _CLOSING = "（(", "）)"


@dataclass(frozen=True, slots=True)
class _Taken:
    """What stands in brackets behind a value; `is_said` tells whether anything does."""

    value: str
    at: Range | None = None
    provider: str = ""
    is_said: bool = False


def assign_evidence(world: World, entity: Entity, line: Assignment) -> None:
    """Do what a line says of evidence.

    Raises:
        RefusedError: if it cannot be understood.
    """
    declared = _declared(world.program, entity.kind, line.field)
    if declared is None:
        raise unknown_field(world.program, entity.kind, line.field)
    if declared.word == "series":
        _series(world, entity, declared, line)
        return
    if len(line.arguments) != len(declared.parameters):
        count = len(declared.parameters)
        raise RefusedError(
            Words(
                f"`{declared.name.zh}` 要 {count} 个参数",
                f"`{declared.name.en}` takes {count} arguments",
            )
        )
    arguments = tuple(
        _argument(text, column, world.program)
        for text, column in zip(line.arguments, declared.parameters, strict=True)
    )
    _single(world, entity, declared, evidence_key(declared.id, arguments), line)


def _single(
    world: World, entity: Entity, declared: EvidenceDef, key: str, line: Assignment
) -> None:
    parts = [_taken(part) for part in listed(line.value)]
    dated = [part for part in parts if part.is_said] if not declared.fields else parts
    if not dated:
        put(entity, key, value_of(line.value, declared.type, world.program), line)
        return
    if key in entity.evidence:
        raise RefusedError(Words(f"`{line.field}` 重复赋值", f"`{line.field}` is assigned twice"))
    place = f"{entity.pointer}.{line.field}"
    items: list[EvidenceItem] = []
    for number, part in enumerate(parts, start=1):
        at = place if len(parts) == 1 else f"{place}#{number}"
        record = None
        value = UNKNOWN_VALUE
        if declared.fields and part.value not in UNKNOWN_WORDS:
            record = _record(world, entity, declared, part, len(items))
        elif not declared.fields:
            value = value_of(part.value, declared.type, world.program)
        items.append(EvidenceItem(value, part.at, part.provider, at, part.value, record))
    entity.evidence[key] = tuple(items)


def _declared(program: Program, kind: str, name: str) -> EvidenceDef | None:
    return next(
        (
            evidence
            for evidence in program.evidence.values()
            if evidence.owner == kind and name in {evidence.name.zh, evidence.name.en}
        ),
        None,
    )


def _argument(text: str, column: TableColumn, program: Program) -> str:
    choices = read_value(text, column.type, program.enums).choices
    if choices is None or len(choices) != 1:
        raise RefusedError(Words(f"`{text}` 不是一个确定的参数", f"`{text}` is not one argument"))
    return str(next(iter(choices)))


def _taken(text: str) -> _Taken:
    """A value apart from the brackets behind it, where these say when or by whom."""
    opening = max(text.rfind(sign) for sign in _OPENING)
    if text[-1:] not in _CLOSING or opening <= 0:
        return _Taken(text)
    at, provider, is_said = None, "", False
    suppliers = vocabulary.load().suppliers
    for part in listed(text[opening + 1 : -1]):
        known = next((key for key, words in suppliers.items() if part in {key, words.zh}), None)
        if known is not None:
            provider = known
        elif part not in UNDATED_WORDS:
            at = _moment(part)
            if at is None:
                return _Taken(text)
        is_said = True
    return _Taken(text[:opening].strip(), at, provider, is_said)


def _moment(text: str) -> Range | None:
    """A date (its day), a date with an hour, or a span of them; None where it is neither."""
    try:
        found = read_value(text, types.DATETIME if "T" in text else types.DATE, {}).range
    except RefusedError:
        return None
    return found if found is None or "T" not in text else calendar.to_instants(found)


# ---------------------------------------------------------------- records


def _series(world: World, entity: Entity, declared: EvidenceDef, line: Assignment) -> None:
    """`［药类 #A1，结局 无效］`, several of them, `无`, and `全部` where these are all."""
    key = evidence_key(declared.id)
    records = world.series.setdefault((entity, key), [])
    for part in listed(line.value):
        if part in ALL_WORDS or part in PARTLY_WORDS:
            world.said_all[entity, key] = part in ALL_WORDS
        elif part in NONE_WORDS:
            world.said_all[entity, key] = True
        elif part not in UNKNOWN_WORDS:
            records.append(_record(world, entity, declared, _taken(part), len(records)))


def _record(
    world: World, owner: Entity, declared: EvidenceDef, taken: _Taken, order: int
) -> Entity:
    pairs = record_parts(taken.value)
    if pairs is None:
        raise RefusedError(
            Words(
                f"`{taken.value}` 不是记录，写作 `［列 值，列 值］`",
                f"`{taken.value}` is no record: `[name value]`",
            )
        )
    place = f"{owner.pointer}.{declared.name.zh}{order + 1}"
    made = Entity(f"record:{declared.id}", str(order + 1), place, order)
    made.links[owner.kind] = owner
    for name, value in pairs:
        column = next((c for c in declared.fields if name in {c.name.zh, c.name.en}), None)
        if column is None:
            known = [c.name.zh for c in declared.fields]
            raise RefusedError(
                Words(f"记录没有 `{name}`；有 {'、'.join(known)}", f"a record has no `{name}`")
            )
        found = value_of(value, column.type, world.program)
        made.facts[column.name.en] = Fact(found, f"{place}.{column.name.zh}", value)
    if taken.at is not None:
        made.facts.setdefault("date", Fact(Value(range=taken.at), place))
    return made

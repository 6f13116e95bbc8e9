"""Assignments of a facts block to entities: their facts, links and members, one line at a time.

What belongs to the bill as a whole is kept for `facts_block`, which makes the bill.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from apps.authoring.facts_parts import Assignment, listed
from apps.authoring.facts_stated import Statement, statement_of
from apps.authoring.facts_values import (
    NONE_WORDS,
    UNKNOWN_WORDS,
    YES_NO,
    RefusedError,
    parse,
    read_value,
)
from engine.facts import Entity, Fact, Value
from rulelang import ast, types, vocabulary
from rulelang.calendar import DAY, add_months
from rulelang.core import Program
from rulelang.diagnostics import Words
from rulelang.meant import nearest
from rulelang.types import Type
from rulelang.units import BY_NAME
from rulelang.values import Range

SCENES = frozenset(str(number) for number in range(1, 11))
STAGES = {"事前": "before", "事中": "during", "事后": "after"}
LINKS = {
    "就诊": "encounter", "encounter": "encounter",
    "处方": "prescription", "prescription": "prescription",
    "历史": "history", "history": "history",
}  # fmt: skip
LINKED = frozenset({"line", "diagnosis", "operation", "prescription"})
LINKS_OF_VISIT = {
    "患者": "patient", "patient": "patient", "机构": "institution", "institution": "institution",
}  # fmt: skip
FIRST = frozenset({"patient", "encounter", "institution"})  # the first one needs no number
ALL_WORDS = frozenset({"全部", "all"})
PARTLY_WORDS = frozenset({"不全", "partial"})
AGE_COUNTED_ON = date(2001, 1, 1)  # any day: an age alone is counted the same on each


@dataclass(eq=False)
class World:
    """What the assignments have made so far."""

    program: Program
    patient: Entity
    institution: Entity
    numbered: dict[tuple[str, int], Entity] = field(default_factory=dict)
    history: set[Entity] = field(default_factory=set)
    said_all: dict[tuple[Entity, str], bool] = field(default_factory=dict)
    of_bill: dict[str, Value | str] = field(default_factory=dict)
    series: dict[tuple[Entity, str], list[Entity]] = field(default_factory=dict)
    stated: list[tuple[Entity, Statement]] = field(default_factory=list)

    def entity(self, kind: str, number: int = 1) -> Entity:
        """The entity of a kind and number, made when it is first spoken of."""
        if number == 1 and kind in {"patient", "institution"}:
            return self.patient if kind == "patient" else self.institution
        found = self.numbered.get((kind, number))
        if found is None:
            zh = vocabulary.load().entities[kind].zh
            name = zh if kind in FIRST and number == 1 else f"{zh}{number}"
            found = Entity(kind, str(number), name, number - 1)
            self.numbered[kind, number] = found
        return found

    def of_kind(self, kind: str) -> tuple[Entity, ...]:
        """All of a kind, in the order of their numbers."""
        found = [self.numbered[key] for key in sorted(self.numbered) if key[0] == kind]
        return tuple(found)

    def next_number(self, kind: str) -> int:
        """The first number after all that are taken."""
        return max((number for k, number in self.numbered if k == kind), default=0) + 1


# ---------------------------------------------------------------- one assignment


def assign(world: World, line: Assignment) -> bool:
    """Do what one line says; False where it is of no field of the vocabulary, so of evidence.

    Raises:
        RefusedError: if it cannot be understood.
    """
    if not line.owner:
        world.of_bill[line.field] = _of_bill(line)
        return True
    entity = world.entity(line.owner, line.number)
    links = LINKS_OF_VISIT if line.owner == "encounter" else LINKS
    if line.owner in {*LINKED, "encounter"} and line.field in links:
        _link(world, entity, links[line.field], line)
        return True
    stated = statement_of(line, world.program)
    if stated is not None:
        world.stated.append((entity, stated))
        return True
    known = vocabulary.load().field(line.owner, line.field)
    if known is not None and known.type.kind == "collection":
        _collection(world, entity, known.en, line)
    elif known is not None:
        put(entity, known.en, value_of(line.value, known.type, world.program), line)
    else:
        return False
    return True


def value_of(text: str, type_: Type, program: Program) -> Value:
    """What is known of a value of this type, an age by itself included."""
    return _age(text) if type_.kind == "age" else read_value(text, type_, program.enums)


def put(entity: Entity, name: str, value: Value, line: Assignment) -> None:
    """Store a fact, once."""
    if name in entity.facts:
        raise RefusedError(Words(f"`{line.field}` 重复赋值", f"`{line.field}` is assigned twice"))
    place = f"{entity.pointer}.{line.field}"
    entity.facts[name] = Fact(value, place, line.value)


def _of_bill(line: Assignment) -> Value | str:
    match line.field:
        case "scene":
            if line.value not in SCENES:
                raise RefusedError(Words("场景是 1 到 10 的数", "a scene is a number from 1 to 10"))
            return line.value
        case "stage":
            if line.value not in {*STAGES, *STAGES.values()}:
                raise RefusedError(
                    Words("环节是 事前、事中、事后", "a stage is before, during or after")
                )
            return STAGES.get(line.value, line.value)
        case "judged":
            return line.value
        case "on":
            return read_value(line.value, types.DATE, {})
        case "asked_at" | "settled_at":
            return read_value(line.value, types.DATETIME, {})
        case _:
            return read_value(line.value, types.code("division"), {})


def _age(text: str) -> Value:
    """An age by itself, as the births that would have it on some day."""
    node = parse(text)
    if not isinstance(node, ast.Quantity) or BY_NAME[node.unit].kind != "age":
        raise RefusedError(
            Words("年龄写作 `12岁`、`6月龄` 或 `28日龄`", "ages are `12yo`, `6mo_old`, `28d_old`")
        )
    count = int(node.value)
    if node.unit == "day_old":
        birth = AGE_COUNTED_ON - count * DAY
        born = Range.exactly(birth)
    else:
        months = 12 if node.unit == "year_old" else 1
        last = add_months(AGE_COUNTED_ON, -count * months)
        born = Range(add_months(AGE_COUNTED_ON, -(count + 1) * months) + DAY, last)
    return Value(range=born, fine=Range.exactly(AGE_COUNTED_ON))


# ---------------------------------------------------------------- links and members


def _link(world: World, entity: Entity, link: str, line: Assignment) -> None:
    if link == "history":
        if YES_NO.get(line.value):
            world.history.add(entity)
        elif line.value not in YES_NO:
            raise RefusedError(Words("历史写作 `是` 或 `否`", "history is yes or no"))
        return
    node = parse(line.value)
    kind = vocabulary.load().entities[link]
    name = node.name if isinstance(node, ast.Ref) else ""
    digits = name.lstrip("".join(sorted(set(kind.zh + kind.en))))
    stem = name[: len(name) - len(digits)]
    if stem not in {kind.zh, kind.en} or not (digits.isdigit() or digits == ""):
        raise RefusedError(Words(f"应写作 `{kind.zh}2` 这样", f"write it as `{kind.en}2`"))
    entity.links[link] = world.entity(link, int(digits or 1))


def _collection(world: World, entity: Entity, name: str, line: Assignment) -> None:
    """`就诊.诊断 = #I63，#I10`; `全部` and `不全` say whether these are all."""
    field_ = vocabulary.load().field(entity.kind, name)
    member = field_.type.element.name if field_ and field_.type.element else ""
    coded = "code" if member in {"diagnosis", "operation"} else ""
    for part in listed(line.value):
        if part in ALL_WORDS or part in PARTLY_WORDS:
            world.said_all[entity, name] = part in ALL_WORDS
        elif part in NONE_WORDS:
            world.said_all.setdefault((entity, name), True)
        elif part in UNKNOWN_WORDS:
            world.said_all[entity, name] = False
        elif coded:
            world.said_all.setdefault((entity, name), True)
            _coded_member(world, entity, member, part)
        else:
            raise RefusedError(
                Words(
                    f"`{line.field}` 只能写 全部、不全 或 无；成员各自赋值",
                    f"`{line.field}` is all, partial or none; members are assigned one by one",
                )
            )


def _coded_member(world: World, encounter: Entity, kind: str, text: str) -> None:
    known = vocabulary.load().field(kind, "code")
    if known is None:
        return
    made = world.entity(kind, world.next_number(kind))
    made.links["encounter"] = encounter
    value = read_value(text, known.type, {})
    made.facts["code"] = Fact(value, f"{made.pointer}.{known.zh}", text)


def unknown_field(program: Program, kind: str, name: str) -> RefusedError:
    """That an entity has no such fact, with the nearest one."""
    entity = vocabulary.load().entities[kind]
    known = [spelling for f in entity.fields.values() for spelling in (f.zh, f.en)]
    for evidence in program.evidence.values():
        if evidence.owner == kind:
            known += [evidence.name.zh, evidence.name.en]
    mend = nearest(name, known)
    zh = f"{entity.zh}没有 `{name}`" + (f"；{mend.zh}" if mend else "")
    en = f"{entity.en} has no `{name}`" + (f"; {mend.en}" if mend else "")
    return RefusedError(Words(zh, en))

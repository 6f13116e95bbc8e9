"""Facts of a sheet that no field of the interface says, and facts that two places say differently."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.facts import UNKNOWN_VALUE, Entity, Fact, Value
from engine.intake.fields import Source
from engine.intake.nodes import Node, Sent
from engine.intake.sheet_rows import MOST_CANDIDATES, Placed
from engine.intake.sheet_types import Enums, read_typed, widened
from rulelang import vocabulary
from rulelang.diagnostics import Words
from rulelang.values import join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.intake.notes import Notes
    from engine.intake.sheet_nodes import Built
    from engine.profile import Profile


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What is added to the facts that the builders of requests have made."""

    built: Built
    profile: Profile
    enums: Enums
    file: str

    def __call__(self, patient: Entity, notes: Notes) -> None:
        """Add to a person, his encounters and all that belongs to them."""
        for entity in _all_of(patient):
            about = (entity.kind, entity.pointer)
            for placed in self.built.beyond.get(about, ()):
                entity.facts[placed.meaning.field] = self._read(placed, notes)
            for placed in self.built.doubles.get(about, ()):
                self._second(entity, placed, notes)
            self._widen(entity)

    def _read(self, placed: Placed, notes: Notes) -> Fact:
        name = placed.meaning.sends or placed.meaning.field
        node = Node(placed.pointer, {name: Sent(placed.pointer, placed.raw)})
        source = Source(node, notes, self.profile)
        return source.fact(name, read_typed(placed.meaning.type, self.enums))

    def _second(self, entity: Entity, placed: Placed, notes: Notes) -> None:
        """One of several places that say a thing differently: all stay candidates (S2.3)."""
        name = placed.meaning.field
        before = entity.facts.get(name, Fact(UNKNOWN_VALUE))
        if before.pointer == placed.pointer:
            return
        words = Words(f"与 {before.pointer} 不同", f"differs from {before.pointer}")
        notes.add(placed.pointer, placed.meaning.sends or name, placed.raw, words)
        about = (entity.kind, entity.pointer)
        too_many = len(self.built.doubles[about]) >= MOST_CANDIDATES and (
            sum(one.meaning.field == name for one in self.built.doubles[about]) >= MOST_CANDIDATES
        )
        other = Fact(UNKNOWN_VALUE) if too_many else self._read(placed, notes)
        places = (*(before.premises or (before.pointer,)), placed.pointer)
        entity.facts[name] = replace(
            before, value=_either(before.value, other.value), premises=places, why=words
        )

    def _is_of_file(self, fact: Fact) -> bool:
        """Whether the sheets say it, and not the profile's register."""
        return fact.pointer.startswith(f"{self.file}#")

    def _widen(self, entity: Entity) -> None:
        """General words leave open what is below them (S12.1)."""
        kind = vocabulary.load().entities.get(entity.kind)
        for name, fact in entity.facts.items():
            field = None if kind is None else kind.fields.get(name)
            if field is None or field.type.kind != "enum" or not self._is_of_file(fact):
                continue
            value = widened(field.type.name, fact.value, fact.raw)
            if value is not None:
                entity.facts[name] = replace(fact, value=value)


def _all_of(patient: Entity) -> Iterator[Entity]:
    yield patient
    for encounter in patient.collections["encounters"].members:
        yield encounter
        yield encounter.links["institution"]
        prescribed: dict[Entity, None] = {}
        for name in ("diagnoses", "operations", "lines"):
            for member in encounter.collections[name].members:
                yield member
                if "prescription" in member.links:
                    prescribed[member.links["prescription"]] = None
        yield from prescribed


def _either(first: Value, second: Value) -> Value:
    """One of two values: the set, or the range, that holds both; nothing where one is nothing."""
    if first.range is not None and second.range is not None and first.unit == second.unit:
        return Value(range=join(first.range, second.range), unit=first.unit)
    if first.choices is not None and second.choices is not None:
        return Value(choices=first.choices | second.choices)
    return UNKNOWN_VALUE

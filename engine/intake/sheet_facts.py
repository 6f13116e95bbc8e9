"""Facts of a sheet that no field of the interface says, and facts that two places say differently."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.facts import UNKNOWN_VALUE, Entity, EvidenceItem, Fact
from engine.intake.conflicts import together
from engine.intake.fields import Source
from engine.intake.nodes import Node, Sent
from engine.intake.sheet_columns import TAKEN
from engine.intake.sheet_rows import MOST_CANDIDATES, Placed
from engine.intake.sheet_types import Enums, read_typed
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.intake.notes import Notes
    from engine.intake.sheet_nodes import Built
    from engine.profile import Profile
    from rulelang.core import EvidenceDef


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What is added to the facts that the builders of requests have made."""

    built: Built
    profile: Profile
    enums: Enums
    evidence: Mapping[str, EvidenceDef]

    def __call__(self, patient: Entity, notes: Notes) -> None:
        """Add to a person, his encounters and all that belongs to them."""
        for entity in _all_of(patient):
            about = (entity.kind, entity.pointer)
            beyond = self.built.beyond.get(about, ())
            taken = {p.meaning.field: p for p in beyond if p.meaning.field.endswith(TAKEN)}
            for placed in beyond:
                if not placed.meaning.field.endswith(TAKEN):
                    self._put(entity, placed, taken.get(placed.meaning.field + TAKEN), notes)
            for others in self.built.doubles.get(about, ()):
                self._differ(entity, others, notes)

    def _put(self, entity: Entity, placed: Placed, taken: Placed | None, notes: Notes) -> None:
        """A fact; evidence that has a date, or would need one, as an item of it (S2.4)."""
        key, fact = placed.meaning.field, self._read(placed, notes)
        known = self.evidence.get(key.partition("[")[0])
        if taken is None and (known is None or known.validity is None):
            entity.facts[key] = fact
            return
        at = None if taken is None else self._read(taken, notes).value.range
        item = EvidenceItem(fact.value, at, "", fact.pointer, fact.raw)
        entity.evidence[key] = (*entity.evidence.get(key, ()), item)

    def _read(self, placed: Placed, notes: Notes) -> Fact:
        name = placed.meaning.sends or placed.meaning.field
        node = Node(placed.pointer, {name: Sent(placed.pointer, placed.raw)})
        source = Source(node, notes, self.profile)
        return source.fact(name, read_typed(placed.meaning.type, self.enums))

    def _differ(self, entity: Entity, others: list[Placed], notes: Notes) -> None:
        """Several places say a thing differently: all stay candidates (S2.3)."""
        name = others[0].meaning.field
        first = entity.facts.get(name, Fact(UNKNOWN_VALUE))
        found, is_conflict = together([first, *(self._read(placed, notes) for placed in others)])
        words = Words(f"与 {first.pointer} 不同", f"differs from {first.pointer}")
        if len(others) + 1 >= MOST_CANDIDATES:  # there may be more that were not kept
            found, is_conflict = replace(found, value=UNKNOWN_VALUE, why=words), True
        for placed in others if is_conflict else ():
            notes.add(placed.pointer, placed.meaning.sends or name, placed.raw, words)
        entity.facts[name] = found


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

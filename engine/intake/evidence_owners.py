"""Whose a row of evidence is: persons, encounters, lines by the numbers that the bills use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.facts import Bill, Entity

if TYPE_CHECKING:
    from engine.intake.evidence_rows import Supplied

_ABOVE = ("patient", "encounter", "prescription", "line")


def owners_of(bill: Bill, kind: str, row: Supplied) -> tuple[Entity, ...]:
    """The entities of a kind that a row may mean: all that no number in it excludes."""
    person = row.text("patient")
    if person and bill.patient.key != person:
        return ()
    return tuple(found for found in _all_of(bill, kind) if _is_meant(found, kind, row))


def _all_of(bill: Bill, kind: str) -> Iterable[Entity]:
    if kind == "patient":
        return (bill.patient,)
    if kind == "institution":
        return (bill.institution,)
    encounters = _members(bill.patient, "encounters") or (bill.encounter,)
    match kind:
        case "encounter":
            return encounters
        case "line":
            return _members(bill.patient, "lines") or bill.lines
        case "prescription":
            lines = _members(bill.patient, "lines") or bill.lines
            linked = (line.links.get("prescription") for line in lines)
            return tuple(dict.fromkeys(found for found in linked if found is not None))
        case "diagnosis":
            return tuple(m for stay in encounters for m in _members(stay, "diagnoses"))
        case _:
            return tuple(m for stay in encounters for m in _members(stay, f"{kind}s"))


def _members(entity: Entity, name: str) -> tuple[Entity, ...]:
    found = entity.collections.get(name)
    return () if found is None else found.members


def _is_meant(entity: Entity, kind: str, row: Supplied) -> bool:
    key = row.text("owner")
    if key and key not in _own_keys(entity):
        return False
    for above in (*_ABOVE, kind):
        number = row.text(above)
        if not number or above == "patient":
            continue
        if above == kind:
            if number not in _own_keys(entity):
                return False
        elif kind == "patient" and above == "encounter":
            if all(stay.key != number for stay in _members(entity, "encounters")):
                return False
        elif above in entity.links and entity.links[above].key != number:
            return False
    return True


def _own_keys(entity: Entity) -> frozenset[str]:
    """The numbers that an owner is known by: his own, a code, for a person his encounters' too."""
    found = {entity.key}
    for name in ("code", "id", "encounter_no", "line_no", "rx_no"):
        choices = entity.value(name).choices or ()
        found |= {str(getattr(choice, "code", choice)) for choice in choices}
    if entity.kind == "patient":
        found |= {stay.key for stay in _members(entity, "encounters")}
    return frozenset(found)

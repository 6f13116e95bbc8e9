"""Many bills taken together: persons, encounters and lines, each of them once (S11.3).

What periods are made of. Knows no rules; what belongs to which period is `engine.periods`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from engine.facts import Bill, Collection, Coverage, Entity, Fact
from engine.interpreter.lookup import join
from engine.profile import NO_PROFILE, CoverageClaim, Profile
from rulelang.periods import JANUARY

UNNAMED = "#"  # how keys begin that the intake made up
PERSONAL = ("lines", "encounters")
OF_PERIODS = frozenset({"institution", "department", "doctor", "community"})  # beside persons


@dataclass(frozen=True, slots=True)
class Stated:
    """What is stated of a subject for a stretch of time: facts, and which collections are whole.

    `kind` and `key` name the subject: "institution" and its code. Without `first` and `last` it
    holds for every period.
    """

    kind: str
    key: str
    first: date | None = None
    last: date | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    coverage: Mapping[str, Coverage] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Population:
    """Bills whose encounters and lines are the members of periods.

    Args:
        bills: Each as an intake makes it, completed.
        claims: What the sender's profile declares to be there in full (S7.2).
        stated: Facts of subjects for periods, which no bill carries.
        insurance_year_starts: The month in which the insurance year begins.
    """

    bills: tuple[Bill, ...]
    claims: tuple[CoverageClaim, ...] = ()
    stated: tuple[Stated, ...] = ()
    insurance_year_starts: int = JANUARY

    @property
    def asked_at(self) -> datetime | None:
        """The time of asking, the latest of the bills' (S14.2)."""
        return max((bill.asked_at for bill in self.bills if bill.asked_at), default=None)


def population_of(bills: Sequence[Bill], profile: Profile = NO_PROFILE) -> Population:
    """The bills with what their sender's profile declares."""
    return Population(
        tuple(bills),
        profile.coverage,
        insurance_year_starts=profile.insurance_year_starts,
    )


@dataclass(frozen=True)
class Members:
    """The persons, encounters and lines of a population, each once, in an order of its own.

    `person_of` gives the person that a bill's patient is, `bill_of` the bill of an encounter.
    """

    persons: tuple[Entity, ...]
    encounters: tuple[Entity, ...]
    lines: tuple[Entity, ...]
    person_of: Mapping[int, Entity]
    bill_of: Mapping[int, Bill]


def members_of(population: Population) -> Members:
    """All that the bills hold; an encounter that came with several bills is taken once.

    Of the copies of an encounter the one under audit counts, then the one with more lines. What has
    no number of its own cannot be recognised again, and stays.
    """
    bills = sorted(population.bills, key=_bill_key)
    by_person: dict[object, list[Bill]] = {}
    for bill in bills:
        by_person.setdefault(_person_key(bill.patient), []).append(bill)
    persons: list[Entity] = []
    encounters: list[Entity] = []
    lines: list[Entity] = []
    person_of: dict[int, Entity] = {}
    bill_of: dict[int, Bill] = {}
    for own in by_person.values():
        person, kept, theirs = _gather(own)
        persons.append(person)
        encounters += kept
        lines += theirs
        person_of.update({id(bill.patient): person for bill in own})
        bill_of.update({id(each): bill for bill in own for each in _encounters(bill)})
        bill_of.update({id(bill.encounter): bill for bill in own})
    return Members(tuple(persons), tuple(encounters), tuple(lines), person_of, bill_of)


def element_key(element: Entity) -> tuple[object, ...]:
    """An order of members that does not depend on the order of the bills."""
    visit = element.links.get("encounter", element)
    return (
        len(visit.key),
        visit.key,
        len(element.key),
        element.key,
        element.order,
        element.pointer,
    )


def _bill_key(bill: Bill) -> tuple[object, ...]:
    return (bill.patient.key, bill.encounter.key, bill.encounter.pointer, bill.request_id)


def _person_key(patient: Entity) -> object:
    """What tells a person: the number that was sent, else the object itself."""
    return id(patient) if patient.key.startswith(UNNAMED) else patient.key


def _gather(bills: list[Bill]) -> tuple[Entity, list[Entity], list[Entity]]:
    """One person's encounters and lines out of all his bills, and the person."""
    copies: dict[object, list[Entity]] = {}
    for bill in bills:
        for encounter in _encounters(bill):
            named = not encounter.key.startswith(UNNAMED)
            copies.setdefault(encounter.key if named else id(encounter), []).append(encounter)
    current = {id(bill.encounter) for bill in bills}
    lines = _lines(bills)
    count: dict[int, int] = {}
    for line in lines:
        visit = id(line.links.get("encounter"))
        count[visit] = count.get(visit, 0) + 1
    kept = [
        max(same, key=lambda each: (id(each) in current, count.get(id(each), 0), each.pointer))
        for same in copies.values()
    ]
    chosen = set(map(id, kept))
    theirs = [
        line
        for line in lines
        if "encounter" not in line.links or id(line.links["encounter"]) in chosen
    ]
    kept.sort(key=element_key)
    theirs.sort(key=element_key)
    return _person(bills, kept, theirs), kept, theirs


def _encounters(bill: Bill) -> list[Entity]:
    found = bill.patient.collections.get("encounters")
    return list(dict.fromkeys([bill.encounter, *(found.members if found else ())]))


def _lines(bills: Iterable[Bill]) -> list[Entity]:
    found: list[Entity] = []
    for bill in bills:
        found += bill.lines
        for owner in (bill.patient, *_encounters(bill)):
            lines = owner.collections.get("lines")
            found += lines.members if lines else ()
    return list(dict.fromkeys(found))


def _person(bills: list[Bill], encounters: list[Entity], lines: list[Entity]) -> Entity:
    """One person for all his bills; a single bill's own patient stays as it is."""
    first = bills[0].patient
    if len(bills) == 1:
        return first
    person = Entity("patient", first.key, first.pointer, first.order)
    person.facts = merged_facts([bill.patient for bill in bills])
    members = {"lines": lines, "encounters": encounters}
    for name in dict.fromkeys(name for bill in bills for name in bill.patient.collections):
        found = [bill.patient.collections.get(name) for bill in bills]
        sent = [each for each in found if each is not None]
        whole = next((each.coverage for each in sent if each.coverage.closed), sent[0].coverage)
        records = [record for each in sent for record in each.members]
        person.collections[name] = Collection(tuple(members.get(name, records)), whole)
    return person


def merged_facts(entities: Sequence[Entity]) -> dict[str, Fact]:
    """What several places say of one thing: known by one is known, two that differ are both."""
    found: dict[str, list[Fact]] = {}
    for entity in entities:
        for name, fact in entity.facts.items():
            found.setdefault(name, []).append(fact)
    return {name: _together(facts) for name, facts in found.items()}


def _together(facts: list[Fact]) -> Fact:
    known = [fact for fact in facts if not fact.value.is_nothing]
    if not known:
        return facts[0]
    values = [fact.value for fact in known]
    if all(value == values[0] for value in values):
        return known[0]
    places = tuple(sorted({fact.pointer for fact in known if fact.pointer}))
    return replace(known[0], value=join(values), premises=places)

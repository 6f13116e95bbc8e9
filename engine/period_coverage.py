"""How much of a period is there: what is stated, what a profile declares, else open (S7.2, S11.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from engine.facts import Coverage, Entity
from engine.owners import Owner
from engine.population import Population
from engine.profile import CoverageClaim
from rulelang import vocabulary
from rulelang.diagnostics import Words
from rulelang.periods import CalendarPeriod

UNDECLARED = Words("没有声明本期是全的", "nobody declares that these are all of the period")
NOT_OVER = Words("期间尚未结束", "the period is not over")


def coverage_of(
    population: Population, owner: Owner, stretch: CalendarPeriod, field: str, person: Entity | None
) -> Coverage:
    """What is declared of a subject's collection in a period.

    Args:
        population: With its claims and statements.
        owner: Whose collection it is.
        stretch: The period.
        field: "lines", "encounters" or "peers".
        person: Who the owner is, where it is a person.
    """
    for each in population.stated:
        if (each.kind, each.key) != (owner.kind, owner.key) or field not in each.coverage:
            continue
        if each.first is None or each.last is None:
            return each.coverage[field]
        if each.first <= stretch.first and stretch.last <= each.last:
            return each.coverage[field]
    if person is not None:
        return _personal(person, field, stretch)
    return _claimed(population, owner, field, stretch)


def _personal(person: Entity, field: str, stretch: CalendarPeriod) -> Coverage:
    """Of a person: as far as the history is covered, up to the time of asking."""
    found = person.collections.get(field)
    if found is None:
        return Coverage(closed=False, words=UNDECLARED, supplier="institution")
    since = found.coverage.since
    whole = found.coverage.closed and (since is None or since <= stretch.first)
    return replace(found.coverage, closed=whole, since=None)


def _claimed(population: Population, owner: Owner, field: str, stretch: CalendarPeriod) -> Coverage:
    """A profile's claim; one without an end holds for the periods that are over."""
    supplier = vocabulary.load().entities[owner.kind].fields[field].supplier
    for claim in population.claims:
        if not _speaks_of(claim, owner, field):
            continue
        if claim.since is not None and claim.since > stretch.first:
            continue
        over = _is_over(population, stretch, claim.until)
        words = _declared(claim.since) if over else NOT_OVER
        return Coverage(over, words, f"profile#/coverage/{claim.collection}", supplier)
    return Coverage(closed=False, words=UNDECLARED, supplier=supplier)


def _speaks_of(claim: CoverageClaim, owner: Owner, field: str) -> bool:
    """Whether a claim is about an owner's collection: a department's is its institution's too."""
    if claim.collection in _names(owner.kind, field):
        key = owner.within or owner.key
    elif owner.kind == "department" and claim.collection in _names("institution", field):
        key = owner.within
    else:
        return False
    return not claim.institutions or field == "peers" or key in claim.institutions


def _names(kind: str, field: str) -> frozenset[str]:
    entity = vocabulary.load().entities[kind]
    return frozenset({f"{kind}.{field}", f"{entity.zh}.{entity.fields[field].zh}"})


def _is_over(population: Population, stretch: CalendarPeriod, until: date | None) -> bool:
    if until is not None:
        return stretch.last <= until
    asked = population.asked_at
    return asked is not None and stretch.last < asked.date()


def _declared(since: date | None) -> Words:
    if since is None:
        return Words("配置声明：是全的", "the profile declares it whole")
    return Words(f"配置声明：自{since}起是全的", f"the profile declares it whole since {since}")

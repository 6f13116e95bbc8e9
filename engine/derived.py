"""Facts that follow from others, computed where they were not given (VOCABULARY: D).

Used on bills from requests and from case pages alike. Nothing is invented: amounts and quantities
are never computed, and what does not follow stays unknown.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from engine.claims import complete_claim
from engine.codes import PRODUCT_SYSTEMS, is_resolved
from engine.facts import ABSENT, Bill, Entity, Fact, Value, one
from engine.profile import NO_PROFILE, Profile
from engine.refunds import net
from engine.strength import complete_content
from rulelang import vocabulary
from rulelang.calendar import DAY, day_of, to_days, to_instants
from rulelang.divisions import covers
from rulelang.values import TRUE, Exact, Ordered, Range

OWN_UNIT = "*"  # a service item is counted in its own pricing unit

# The product system of what each top word of the kinds of catalog bills.
SYSTEM_OF_LIST = {"drugs": "drug", "herbs": "herb", "items": "item", "consumables": "consumable"}
_LIST_OF_SYSTEM = {system: word for word, system in SYSTEM_OF_LIST.items()}
_NO_PRODUCT = "long_term_care"

# Centrally governed cities are one pool each; 90 stands for places directly under a province.
_CITY_PROVINCES = frozenset({"11", "12", "31", "50"})
_DIRECT = "90"
_PROVINCE_ITSELF = frozenset({"00", "99"})


def complete(bill: Bill, profile: Profile = NO_PROFILE) -> Bill:
    """The bill with its derived facts; those that were given stay as they are.

    Entities are completed in place; doing it twice changes nothing.

    Args:
        bill: From an intake or a case page.
        profile: For the end of the claimed ladder (S17.2).
    """
    bill = replace(bill, territories=_territories(bill))
    _settlement(bill)
    for encounter in _encounters(bill):
        _stay(encounter, bill if encounter is bill.encounter else None)
        _fund(encounter)
    _place(bill)
    for line in _lines(bill):
        _times(line)
        _kinds(line)
        _bound_by_sign(line)
        complete_claim(line, profile)
        complete_content(line)
    return net(bill)  # refunds last: they take off claimed amounts too


def _encounters(bill: Bill) -> list[Entity]:
    history = bill.patient.collections.get("encounters")
    members = list(history.members) if history else []
    return members if bill.encounter in members else [bill.encounter, *members]


def _lines(bill: Bill) -> list[Entity]:
    found = list(bill.lines)
    for owner in (bill.patient, *_encounters(bill)):
        lines = owner.collections.get("lines")
        found += lines.members if lines else ()
    return list(dict.fromkeys(found))


def _give(entity: Entity, name: str, value: Value, *premises: str) -> None:
    """Store a derived value, at the place that the fact itself would have."""
    pointer = entity.fact(name).pointer
    entity.facts[name] = Fact(value, pointer, premises=tuple(place for place in premises if place))


def _lacks(entity: Entity, name: str) -> bool:
    """Whether nothing is known of a fact and nothing unusable was sent for it."""
    fact = entity.facts.get(name)
    return fact is None or (fact.value.is_nothing and fact.why is None)


def _is_under(enum: str, value: Value, above: str) -> bool | None:
    """Whether an enumeration's value is under a word; None where that is not known."""
    return None if value.choices is None else _all_under(enum, value.choices, above)


@lru_cache(maxsize=1024)
def _all_under(enum: str, choices: frozenset[str], above: str) -> bool | None:
    known = vocabulary.load().enums[enum]
    answers = {known.is_under(word, above) for word in choices}
    return answers.pop() if len(answers) == 1 else None


# Stays


def _settlement(bill: Bill) -> None:
    """When the encounter is settled (S14.2); beforehand not earlier than the time of asking (S2.1)."""
    if not _lacks(bill.encounter, "settled"):
        return
    if bill.settled_at is not None:
        _give(bill.encounter, "settled", Value(range=Range.exactly(bill.settled_at)))
    elif bill.stage == "before" and bill.asked_at is not None:
        _give(bill.encounter, "settled", Value(range=Range(bill.asked_at, None)))


def _stay(encounter: Entity, bill: Bill | None) -> None:
    """Discharge by bounds (S2.1), whether still in, and the days; `bill` of a current one only."""
    given = not encounter.value("discharged").is_nothing
    if not given:
        _discharge(encounter, bill)
    if _lacks(encounter, "still_in"):
        _still_in(encounter, bill)
    if _lacks(encounter, "stay_days"):
        _stay_days(encounter)


def _discharge(encounter: Entity, bill: Bill | None) -> None:
    admitted = encounter.fact("admitted")
    inpatient = _is_under("care_type", encounter.value("care_type"), "inpatient")
    was_unusable = not _lacks(encounter, "discharged")
    earliest = None if admitted.value.range is None else admitted.value.range.low
    if inpatient is False and not was_unusable and not _may_last(encounter):
        if admitted.value.range is not None:
            _give(encounter, "discharged", admitted.value, admitted.pointer)
        return
    if inpatient and bill is not None and bill.stage == "before" and not was_unusable:
        _give(encounter, "still_in", one(choice=True), encounter.fact("care_type").pointer)
        earliest = max((day for day in (bill.asked_at, earliest) if day is not None), default=None)
    if earliest is not None:
        old = encounter.fact("discharged")
        value = Value(range=Range(earliest, None))
        encounter.facts["discharged"] = replace(old, value=value, premises=(admitted.pointer,))


def _may_last(encounter: Entity) -> bool:
    """Whether care outside of a ward may last longer than a day."""
    return _is_under("care_type", encounter.value("care_type"), "home_bed") is not False


def _still_in(encounter: Entity, bill: Bill | None) -> None:
    discharged = encounter.fact("discharged")
    known = discharged.value.range
    if known is None or known.low is None or known.high is None:
        return
    planned = (
        bill is not None and bill.asked_at is not None and day_of(known.low) > bill.asked_at.date()
    )
    _give(encounter, "still_in", one(planned), discharged.pointer)


def _stay_days(encounter: Entity) -> None:
    admitted, discharged = encounter.fact("admitted"), encounter.fact("discharged")
    if _is_under("care_type", encounter.value("care_type"), "inpatient") is not True:
        return
    if admitted.value.range is None or discharged.value.range is None:
        return
    first, last = to_days(admitted.value.range), to_days(discharged.value.range)
    low = _days_between(first.high, last.low)
    high = _days_between(first.low, last.high)
    if low is not None or high is not None:
        least = Decimal(1) if low is None else low
        value = Value(range=Range(least, high))
        _give(encounter, "stay_days", value, admitted.pointer, discharged.pointer)


def _days_between(first: Ordered | None, last: Ordered | None) -> Decimal | None:
    """Days of a stay between two civil dates: at least one."""
    if first is None or last is None:
        return None
    return Decimal(max((last - first) // DAY, 1))


# Fund and place


def _fund(encounter: Entity) -> None:
    if not _lacks(encounter, "fund"):
        return
    scheme, care = encounter.fact("scheme"), encounter.fact("care_type")
    funds: set[str] = set()
    for word in scheme.value.choices or ():
        found = _funds_of(str(word), care.value)
        if not found:
            return
        funds |= found
    if funds:
        _give(encounter, "fund", Value(choices=frozenset(funds)), scheme.pointer, care.pointer)


def _funds_of(scheme: str, care: Value) -> set[str]:
    """The funds that may pay under a scheme; none where the scheme pays from something else."""
    if scheme in {"maternity", "work_injury"}:
        return {scheme}
    if not vocabulary.load().enums["scheme"].is_under(scheme, "basic_medical"):
        return set()
    # Maternity care of the insured is paid through either fund, by region.
    return (
        {"basic"} if _is_under("care_type", care, "maternity") is False else {"basic", "maternity"}
    )


def _territories(bill: Bill) -> dict[str, str]:
    """The places that a bill follows, completed from its facts (S15.1)."""
    found = dict(bill.territories)
    institution = _division(bill.institution, "division")
    pool = _division(bill.patient, "pool_area")
    if institution is not None:
        found.setdefault("place_of_institution", institution)
        found.setdefault("place_of_care", institution)
    if pool is not None:
        found.setdefault("place_of_insurance", pool)
    return found


def _division(entity: Entity, name: str) -> str | None:
    choices = entity.value(name).choices
    if choices is None or len(choices) != 1:
        return None
    (code,) = choices
    return code if isinstance(code, str) and is_resolved("division", code) else None


def _place(bill: Bill) -> None:
    """Local, same or other province: of every pair of places that facts leave possible."""
    insured = _possible(bill, "place_of_insurance", bill.patient, "pool_area")
    care = _possible(bill, "place_of_care", bill.institution, "division")
    if not insured or not care or not _lacks(bill.encounter, "place"):
        return
    premises = [bill.patient.fact("pool_area").pointer]
    if care == _divisions(bill.institution, "division"):
        premises.append(bill.institution.fact("division").pointer)
    found = frozenset().union(*(places_between(one, two) for one in insured for two in care))
    _give(bill.encounter, "place", Value(choices=found), *premises)


def _possible(bill: Bill, place: str, entity: Entity, name: str) -> set[str]:
    """A place that the bill follows, else each of those that a conflicting fact names."""
    known = bill.territories.get(place)
    return {known} if known is not None else _divisions(entity, name)


def _divisions(entity: Entity, name: str) -> set[str]:
    """The divisions that a fact leaves possible; none where one of them is no division."""
    choices = entity.value(name).choices or frozenset()
    codes = {code for code in choices if isinstance(code, str) and is_resolved("division", code)}
    return codes if len(codes) == len(choices) else set()


def places_between(insured: str, care: str) -> frozenset[str]:
    """What a place of care may be to a place of insurance: local, same or other province."""
    if insured == care:
        return frozenset({"local"})
    if insured[:2] != care[:2]:
        return frozenset({"other_province"})
    if insured[:2] in _CITY_PROVINCES:
        return frozenset({"local"})
    if insured[2:4] in _PROVINCE_ITSELF or care[2:4] in _PROVINCE_ITSELF:
        return frozenset({"local", "same_province"})
    local = covers(insured[:4] + "00", care) and insured[2:4] != _DIRECT
    return frozenset({"local" if local else "same_province"})


# Lines


def _times(line: Entity) -> None:
    """A line's date from its time, and its time from its date."""
    moment, day = line.fact("time"), line.fact("date")
    if day.value.range is None and moment.value.range is not None:
        value = Value(range=to_days(moment.value.range))
        line.facts["date"] = Fact(value, moment.pointer, moment.raw, premises=(moment.pointer,))
    elif moment.value.range is None and day.value.range is not None and _lacks(line, "time"):
        value = Value(range=to_instants(day.value.range))
        line.facts["time"] = Fact(value, day.pointer, day.raw, premises=(day.pointer,))
    elif "date" not in line.facts and "time" in line.facts:
        line.facts["date"] = moment


def _kinds(line: Entity) -> None:
    """Exactly one of drug, item, consumable and herb has a value; the others have none."""
    given = [
        system
        for system in PRODUCT_SYSTEMS
        if line.value(system).choices is not None and line.value(system).absent is not TRUE
    ]
    listed = line.fact("list_type")
    if len(given) == 1:
        system, premise = given[0], line.fact(given[0]).pointer
        if _lacks(line, "list_type"):
            _give(line, "list_type", _top_words(_LIST_OF_SYSTEM[system]), premise)
    else:
        system, premise = _system_listed(listed.value), listed.pointer
    if not system or len(given) > 1:
        return
    for other in PRODUCT_SYSTEMS:
        if other != system and line.value(other).is_nothing:
            _give(line, other, ABSENT, premise)
    if line.value("drug").absent is TRUE:
        for name in ("generic", "drug_class"):
            if line.value(name).is_nothing:
                _give(line, name, ABSENT, premise)


def _top_words(top: str) -> Value:
    """A kind of catalog of which only the top word is known."""
    enum = vocabulary.load().enums["list_type"]
    return Value(choices=frozenset(word for word in enum.words if enum.is_under(word, top)))


def _system_listed(listed: Value) -> str:
    """The product system that a kind of catalog tells; empty where it does not tell one."""
    for word, system in SYSTEM_OF_LIST.items():
        if _is_under("list_type", listed, word):
            return system
    return _NO_PRODUCT if _is_under("list_type", listed, _NO_PRODUCT) else ""


# Charges and refunds


def _exact(entity: Entity, name: str) -> Exact | None:
    known = entity.value(name).range
    if known is None or not known.is_exact:
        return None
    exact: Exact = known.exact
    return exact


def _unit(entity: Entity, fact: Fact) -> str | None:
    """The unit of what was not sent: an item's is its own pricing unit (decision 0006)."""
    if fact.value.unit is None and entity.value("item").choices is not None:
        return OWN_UNIT
    return fact.value.unit


def _bound_by_sign(entity: Entity) -> None:
    """An unknown quantity of a line known to be a charge is above 0 (S8.1), and the other way."""
    for name, other in (("quantity", "amount"), ("amount", "quantity")):
        fact, known = entity.fact(name), _exact(entity, other)
        if fact.value.range is not None or not known:
            continue
        bound = (
            Range(Decimal(0), None, low_open=True)
            if known > 0
            else Range(None, Decimal(0), high_open=True)
        )
        premises = (entity.fact(other).pointer,)
        entity.facts[name] = replace(
            fact, value=Value(range=bound, unit=_unit(entity, fact)), premises=premises
        )
        return

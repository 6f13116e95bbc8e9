"""Bills of which less is known: many cases from one drawn plan, by a seeded Random."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from hypothesis import strategies as st

from engine.facts import Value
from rulelang.calendar import instants_of
from rulelang.values import Range
from tests.strategies_bills import COLLECTIONS, PRODUCTS, Plan, Thing, completed_by, moment, said_by
from tests.strategies_facts import DOMAINS, UNKNOWN, Ordered

EACH = 20  # bills of one example
BASIC = frozenset({"drug", "item", "time", "discharged"})  # that all rules look at
seeds = st.integers(0, 2**32 - 1)
IDENTITY = (*PRODUCTS, "list_type", "drug_class")
TOGETHER = frozenset({*IDENTITY, "name", "time", "date", "discharged", "still_in"})
TRIES = 50


def seeded(seed: int) -> Random:
    """The Random of an example."""
    return Random(seed)  # noqa: S311 - no secret


def many(drawn: Plan, about: str, random: Random, count: int = EACH) -> list[Plan]:
    """So many different plans that are like the drawn one, each with other facts known."""
    return several(whole(drawn, about, random), count, lambda of: forgotten(of, random))


def whole(drawn: Plan, about: str, random: Random) -> Plan:
    """The drawn plan with all known that rules with this text may look at."""
    said = said_by(about)
    return completed_by(random.choice, drawn, lambda _thing, name: said.has(name) or name in BASIC)


def several(plan: Plan, count: int, change: Callable[[Plan], Plan]) -> list[Plan]:
    """So many different plans made of one, all different from it too."""
    found: list[Plan] = []
    for _ in range(TRIES * count):
        if len(found) == count:
            break
        made = change(plan)
        if made != plan and made not in found:
            found.append(made)
    assert len(found) == count, plan
    return found


def forgotten(plan: Plan, random: Random) -> Plan:
    """The plan with some facts unknown or wider, and some collections open."""
    share = random.choice((0.15, 0.4, 0.8))
    before = plan.changed(lambda thing: _forgotten_thing(thing, random, share))
    opened = {name for name in COLLECTIONS if random.random() < share / 2}
    return replace(before, open=plan.open | opened)


def fewer(plan: Plan, random: Random) -> Plan:
    """The plan with open collections of lines, and without one of its lines.

    What is not held is a charge by assumption (S7.2), so one is left out only where it is known to
    be a charge: a refund that turns up is a correction (S12.1).
    """
    kept = list(plan.lines)
    charges = [line for line in kept if is_charge(line)]
    if len([line for line in kept if line.encounter == "now"]) > 1:
        if charges:
            kept.remove(random.choice(charges))
    else:
        kept = [line for line in kept if line.encounter == "now" or line not in charges]
    opened = {"encounter.lines", "patient.lines", "prescription.lines"}
    held = {line.prescription for line in kept}
    prescriptions = tuple(each for each in plan.prescriptions if each.key in held)
    return replace(plan, lines=tuple(kept), prescriptions=prescriptions, open=plan.open | opened)


def is_charge(line: Thing) -> bool:
    """Whether the sign of its amount or of its quantity is known."""
    found = (line.facts[name].range for name in ("amount", "quantity") if name in line.facts)
    return any(one is not None and one.low is not None and one.low >= 0 for one in found)


def _forgotten_thing(thing: Thing, random: Random, share: float) -> Thing:
    facts = dict(thing.facts)
    for name, value in thing.facts.items():
        if name not in TOGETHER and "approved" not in name and random.random() < share:
            facts[name] = _wider(value, (thing.kind, name), random)
    if thing.kind == "line":
        facts |= _of_line(facts, random, share)
    if thing.kind == "encounter" and random.random() < share:
        facts |= {"discharged": UNKNOWN, "still_in": UNKNOWN}
    return replace(thing, facts=facts)


def _of_line(facts: Mapping[str, Value], random: Random, share: float) -> dict[str, Value]:
    changed: dict[str, Value] = {}
    if random.random() < share / 2:
        changed |= dict.fromkeys(IDENTITY, UNKNOWN)
    elif random.random() < share / 2 and facts["drug"].choices is not None:
        changed["drug"] = UNKNOWN  # that it is a drug is known all the same
    time = facts["time"].range
    if random.random() < share / 2:
        changed |= {"time": UNKNOWN, "date": UNKNOWN}
    elif random.random() < share and time is not None and time.is_exact:
        changed |= moment(Value(range=instants_of(time.exact.date())))
    return changed


def _wider(value: Value, of: tuple[str, str], random: Random) -> Value:
    """Less of a fact: nothing, one bound, or one more that it may be."""
    domain = DOMAINS.get(of)
    if domain is None or random.random() < 0.5 or value.is_nothing:
        return UNKNOWN
    if isinstance(domain, Ordered):
        if value.range is None:
            return UNKNOWN
        low, high = value.range.low, value.range.high
        ends = random.choice(((low, None), (None, high)))
        if ends[1] == 0:
            return UNKNOWN  # "0 or less" is how a refund stands that may belong elsewhere (S9)
        return UNKNOWN if ends == (None, None) else replace(value, range=Range(*ends))
    if not value.choices:
        return UNKNOWN
    return replace(value, choices=value.choices | {random.choice(domain.choices)})

"""Bills of made-up people as plain data: facts known, bounded, conflicting and unknown, and what they may turn out to be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from engine.facts import ABSENT, Bill, Collection, Coverage, Entity, Fact, Foreign, Value
from rulelang.calendar import instants_of, to_days
from rulelang.diagnostics import Words
from rulelang.values import TRUE, Range
from tests.strategies_facts import (
    DOMAINS,
    TIMES,
    UNKNOWN,
    YES_NO,
    Choose,
    Ordered,
    Unordered,
    exact,
    facts,
    holds,
    settled,
)
from tests.strategies_text import CLASSES, DRUGS, ITEMS

ASKED = datetime(2026, 3, 10, 12, 0)  # noqa: DTZ001 - civil time


COLLECTIONS = ("encounter.lines", "encounter.diagnoses", "patient.lines", "prescription.lines",
               "patient.trial/courses")  # fmt: skip


@dataclass(frozen=True)
class Thing:
    """One patient, line, diagnosis ... as data, with what it belongs to."""

    kind: str
    key: str
    facts: Mapping[str, Value]
    encounter: str = "now"
    prescription: str = ""

    def __repr__(self) -> str:
        known = {name: shown(value) for name, value in self.facts.items() if value != UNKNOWN}
        return f"{self.key}({self.encounter}{self.prescription} {known})"


def shown(value: Value) -> str:
    """A value on one line, for the report of a broken law."""
    if value.absent is TRUE or value == UNKNOWN:
        return "none" if value.absent is TRUE else "?"
    if value.choices is not None:
        return "|".join(sorted(map(str, value.choices)))
    known, unit = value.range or Range(None, None), value.unit or ""
    if known.is_exact:
        return f"{known.low}{unit}"
    ends = "(" if known.low_open else "[", ")" if known.high_open else "]"
    return f"{ends[0]}{known.low}..{known.high}{ends[1]}{unit}"


@dataclass(frozen=True)
class Plan:
    """A bill as data. `open` names the collections whose members may not be all."""

    patient: Thing
    encounter: Thing
    institution: Thing
    lines: tuple[Thing, ...]
    diagnoses: tuple[Thing, ...] = ()
    courses: tuple[Thing, ...] = ()
    prescriptions: tuple[Thing, ...] = ()
    open: frozenset[str] = frozenset()
    stage: str = "during"
    places: Mapping[str, str] = field(default_factory=dict)

    def things(self) -> Iterable[Thing]:
        yield from (self.patient, self.encounter, self.institution)
        yield from (*self.lines, *self.diagnoses, *self.courses, *self.prescriptions)

    def changed(self, change: Callable[[Thing], Thing]) -> Plan:
        """This plan with every thing passed through `change`."""
        return replace(
            self,
            patient=change(self.patient),
            encounter=change(self.encounter),
            institution=change(self.institution),
            lines=tuple(map(change, self.lines)),
            diagnoses=tuple(map(change, self.diagnoses)),
            courses=tuple(map(change, self.courses)),
            prescriptions=tuple(map(change, self.prescriptions)),
        )

    def bill(self) -> Bill:
        return _Builder(self).bill()


class _Builder:
    """Makes entities of things, with their links and collections."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.patient = _entity(plan.patient)
        self.institution = _entity(plan.institution)
        self.encounters = {
            "now": _entity(plan.encounter),
            "past": Entity("encounter", "past", "/encounter/past", 1),
        }
        self.prescriptions = {
            thing.key: _entity(thing, order) for order, thing in enumerate(plan.prescriptions)
        }

    def bill(self) -> Bill:
        plan, now = self.plan, self.encounters["now"]
        for made in (*self.encounters.values(), *self.prescriptions.values()):
            made.links |= {
                "patient": self.patient,
                "institution": self.institution,
                "encounter": now,
            }
        lines = [self._line(thing, order) for order, thing in enumerate(plan.lines)]
        mine = [line for line in lines if line.links["encounter"] is now]
        for name, found in self.prescriptions.items():
            members = [line for line in mine if line.links.get("prescription") is found]
            found.collections["lines"] = self._all(members, "prescription.lines", name)
        now.collections["lines"] = self._all(mine, "encounter.lines")
        self.patient.collections["lines"] = self._all(lines, "patient.lines")
        now.collections["diagnoses"] = self._members(plan.diagnoses, "encounter.diagnoses")
        courses = self._members(plan.courses, "patient.trial/courses")
        self.patient.collections["trial/courses"] = courses
        return Bill(
            patient=self.patient,
            encounter=now,
            institution=self.institution,
            lines=tuple(mine),
            prescriptions=tuple(self.prescriptions.values()),
            stage=plan.stage,
            asked_at=ASKED,
            territories=dict(plan.places),
        )

    def _line(self, thing: Thing, order: int) -> Entity:
        line = _entity(thing, order)
        line.links |= {"patient": self.patient, "institution": self.institution}
        line.links["encounter"] = self.encounters[thing.encounter]
        if thing.prescription:
            line.links["prescription"] = self.prescriptions[thing.prescription]
        return line

    def _members(self, things: Iterable[Thing], name: str) -> Collection:
        members = [_entity(thing, order) for order, thing in enumerate(things)]
        for member in members:
            member.links |= {"patient": self.patient, "encounter": self.encounters["now"]}
        return self._all(members, name)

    def _all(self, members: Iterable[Entity], name: str, key: str = "") -> Collection:
        closed = name not in self.plan.open
        words = Words("列全了", "all") if closed else Words("可能不全", "perhaps not all")
        return Collection(tuple(members), Coverage(closed, words, f"/{name}/{key}"))


def _entity(thing: Thing, order: int = 0) -> Entity:
    pointer = f"/{thing.kind}/{thing.key}"
    made = Entity(thing.kind, thing.key, pointer, order)
    made.facts = {
        name: Fact(value, f"{pointer}/{name}")
        for name, value in thing.facts.items()
        if value != UNKNOWN
    }
    return made


# ---------------------------------------------------------------- lines

PRODUCTS = ("drug", "item", "consumable", "herb")


def _one(choice: object) -> Value:
    return Value(choices=frozenset({choice}))


def product(kind: str, code: Value) -> dict[str, Value]:
    """What identifies a line: one code, and none of the other kinds."""
    found = dict.fromkeys(PRODUCTS, ABSENT)
    found[kind] = code
    found["list_type"] = _one({"drug": "western_and_patent", "item": "items"}[kind])
    if kind == "item":
        found["drug_class"] = ABSENT
    return found


KNOWN_PRODUCTS = (
    *(product("drug", _one(code)) for code in (*DRUGS, Foreign("Y99"))),
    *(product("item", _one(code)) for code in ITEMS),
)


@st.composite
def products(draw: st.DrawFn) -> dict[str, Value]:
    how = draw(st.integers(0, 9))
    if how <= 6:
        return dict(draw(st.sampled_from(KNOWN_PRODUCTS)))
    if how == 7:
        return dict.fromkeys((*PRODUCTS, "list_type", "drug_class"), UNKNOWN)
    two = frozenset(draw(st.sets(st.sampled_from(DRUGS), min_size=2, max_size=2)))
    return product("drug", UNKNOWN if how == 8 else Value(choices=two))


DRUG_CLASS = Unordered((*CLASSES, Foreign("Q1")))


@st.composite
def moments(draw: st.DrawFn) -> dict[str, Value]:
    """A line's time, and the date that follows from it."""
    found = draw(facts(Ordered(TIMES)))
    if draw(st.integers(0, 4)) == 0:
        found = Value(range=instants_of(draw(st.sampled_from(TIMES)).date()))
    return moment(found)


def moment(time: Value) -> dict[str, Value]:
    day = UNKNOWN if time.range is None else Value(range=to_days(time.range))
    return {"time": time, "date": day}


@dataclass(frozen=True)
class Said:
    """What rules speak of: facts that none of them reads need not be made up."""

    words: frozenset[str]
    prescriptions: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        name = {"birth_date": "age"}.get(name, name)
        return not self.words or bool(self.words & {*name.replace("[", "/").split("/")})


LINE_FACTS = ("price", "amount", "claimed_amount", "claimed", "class", "dose", "days_supply",
              "discharge_drug", "price_cap", "trial/mark", "trial/side_of")  # fmt: skip


@st.composite
def lines(draw: st.DrawFn, key: str, said: Said, *, past: bool = False) -> Thing:
    found = draw(products()) | draw(moments())
    found["name"] = _one(key)
    if "drug_class" not in found:
        found["drug_class"] = draw(facts(DRUG_CLASS)) if said.has("drug_class") else UNKNOWN
    for name in LINE_FACTS:
        found[name] = draw(facts(DOMAINS["line", name])) if said.has(name) else UNKNOWN
    unit = "time" if found["drug"] == ABSENT else "box"
    found["quantity"] = replace(draw(facts(DOMAINS["line", "quantity"])), unit=unit)
    if found["quantity"].range is None:
        found["quantity"] = UNKNOWN
    held = draw(st.sampled_from(said.prescriptions)) if said.prescriptions and not past else ""
    return Thing("line", key, found, "past" if past else "now", held)


# ---------------------------------------------------------------- bills


@st.composite
def _thing(draw: st.DrawFn, kind: str, key: str, said: Said) -> Thing:
    names = [name for owner, name in DOMAINS if owner == kind]
    found = {
        name: draw(facts(DOMAINS[kind, name])) if said.has(name) else UNKNOWN for name in names
    }
    if kind == "patient":  # a register: what it does not hold is not so
        found["trial/approved[left]"] = draw(exact(YES_NO))
    return Thing(kind, key, found)


STAYS = (
    Range.exactly(TIMES[7]),
    Range.exactly(TIMES[6]),
    Range(ASKED, None),
    Range(TIMES[3], None),
)


@st.composite
def _encounters(draw: st.DrawFn, said: Said) -> Thing:
    made = draw(_thing("encounter", "now", said))
    discharged = draw(st.sampled_from([*STAYS, None]))
    found = dict(made.facts) | {"discharged": UNKNOWN, "still_in": UNKNOWN}
    if discharged is not None:
        found["discharged"] = Value(range=discharged)
        if discharged.is_exact or discharged.low == ASKED:
            found["still_in"] = _one(not discharged.is_exact)
    return replace(made, facts=found)


@st.composite
def plans(draw: st.DrawFn, about: str = "", most_lines: int = 3, *, open_too: bool = True) -> Plan:
    """A bill of one to three lines under audit, perhaps with history.

    Args:
        draw: Of Hypothesis.
        about: Rule text in English; only facts that it names are made up. Empty: all.
        most_lines: At most so many lines under audit.
        open_too: Whether collections may be open.
    """
    said = said_by(about, tuple(f"R{n}" for n in range(draw(st.integers(0, 2)))))
    mine = [draw(lines(f"L{n}", said)) for n in range(draw(st.integers(1, most_lines)))]
    past = [draw(lines(f"H{n}", said, past=True)) for n in range(draw(st.integers(0, 2)))]
    courses = draw(st.integers(0, 2)) if said.has("courses") else 0
    diagnoses = draw(st.integers(0, 2)) if said.has("diagnoses") or said.has("diagnosis") else 0
    unclosed = st.sets(st.sampled_from(COLLECTIONS), max_size=3) if open_too else st.just(set())
    return Plan(
        patient=draw(_thing("patient", "P", said)),
        encounter=draw(_encounters(said)),
        institution=draw(_thing("institution", "I", said)),
        lines=(*mine, *past),
        diagnoses=tuple(draw(_thing("diagnosis", f"D{n}", said)) for n in range(diagnoses)),
        courses=tuple(draw(_thing("trial/courses", f"C{n}", said)) for n in range(courses)),
        prescriptions=tuple(
            draw(_thing("prescription", name, said))
            for name in said.prescriptions
            if any(line.prescription == name for line in mine)
        ),
        open=frozenset(draw(unclosed)),
    )


# ---------------------------------------------------------------- knowing more


def is_settled(thing: Thing) -> bool:
    return all(_is_final(value) for value in thing.facts.values())


def _is_final(value: Value) -> bool:
    not_yet = value.range is not None and value.range.low == ASKED and value.range.high is None
    return value.is_known or not_yet


Chooser = Callable[[Thing, str], bool]


@st.composite
def completed(draw: st.DrawFn, plan: Plan, chosen: Chooser) -> Plan:
    """The plan with the chosen facts known, within what was known of them; coverage is kept."""
    return completed_by(lambda options: draw(st.sampled_from(options)), plan, chosen)


def completed_by(choose: Choose, plan: Plan, chosen: Chooser) -> Plan:
    """The same, by whatever chooses."""
    return plan.changed(lambda thing: _completed_thing(choose, thing, chosen))


def _completed_thing(choose: Choose, thing: Thing, chosen: Chooser) -> Thing:
    found = dict(thing.facts)
    if thing.kind == "line":
        if any(chosen(thing, name) for name in (*PRODUCTS, "list_type")):
            found |= _identified(choose, found)
        if chosen(thing, "time") or chosen(thing, "date"):
            found |= moment(settled(choose, found["time"], Ordered(TIMES)))
        if chosen(thing, "drug_class") and not found["drug_class"].is_known:
            found["drug_class"] = settled(choose, found["drug_class"], DRUG_CLASS)
    if thing.kind == "encounter" and (chosen(thing, "discharged") or chosen(thing, "still_in")):
        found |= _left(choose, found)
    for name in thing.facts:
        domain = DOMAINS.get((thing.kind, name))
        if domain is not None and chosen(thing, name):
            found[name] = settled(choose, found[name], domain)
            if name == "quantity" and found[name].unit is None:
                found[name] = replace(
                    found[name], unit="time" if found["drug"] == ABSENT else "box"
                )
    return replace(thing, facts=found)


def _identified(choose: Choose, found: Mapping[str, Value]) -> dict[str, Value]:
    if found["list_type"] == UNKNOWN:
        made = dict(choose(KNOWN_PRODUCTS))
        unit = found["quantity"].unit
        if unit is not None and (unit == "box") is (made["drug"] == ABSENT):
            made = (
                product("drug", _one(DRUGS[0]))
                if unit == "box"
                else product("item", _one(ITEMS[0]))
            )
        if "drug_class" in made and not found["drug_class"].is_nothing:
            made["drug_class"] = found["drug_class"]
        return made
    drugs = Unordered((*DRUGS, Foreign("Y99")))
    return {} if found["drug"].is_known else {"drug": settled(choose, found["drug"], drugs)}


def _left(choose: Choose, found: Mapping[str, Value]) -> dict[str, Value]:
    """When the patient left, or that he has not."""
    known = found.get("discharged", UNKNOWN).range
    if known is not None and (known.is_exact or known.low == ASKED):
        return {}
    times = [time for time in TIMES if known is None or holds(known, time)]
    point = choose([*times, None])
    if point is None:
        return {"discharged": Value(range=Range(ASKED, None)), "still_in": _one(choice=True)}
    return {"discharged": Value(range=Range.exactly(point)), "still_in": _one(choice=False)}


@st.composite
def completions(draw: st.DrawFn, plan: Plan, about: str = "") -> Plan:
    """The plan with some, or all, of the unknown facts known; those that nobody reads stay."""
    said = said_by(about)
    open_facts = [
        (thing.kind, thing.key, name)
        for thing in plan.things()
        for name, value in thing.facts.items()
        if not value.is_known and (said.has(name) or name in {"drug", "item", "time", "discharged"})
    ]
    if not draw(st.booleans()):
        open_facts = draw(st.lists(st.sampled_from(open_facts), unique=True)) if open_facts else []
    some = frozenset(open_facts)
    return draw(completed(plan, lambda thing, name: (thing.kind, thing.key, name) in some))


def said_by(about: str, prescriptions: tuple[str, ...] = ()) -> Said:
    """What a rule text speaks of."""
    return Said(words_of(about), prescriptions)


def words_of(about: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", about.replace("same_side", "same_side side_of")))


__all__ = [
    "ASKED",
    "Plan",
    "Thing",
    "completed",
    "completions",
    "exact",
    "lines",
    "plans",
    "said_by",
    "timedelta",
]

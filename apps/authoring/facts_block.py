"""A facts block to a bill: collections with their coverage, clocks, places; then what follows.

What is not assigned is unknown. Lines are complete unless the scene lies before settlement (1 to
5); diagnoses and operations where any is assigned; the person's history only where it is said.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from apps.authoring.facts_evidence import assign_evidence
from apps.authoring.facts_parts import assignments, listed
from apps.authoring.facts_stated import ONLY_PERIODS
from apps.authoring.facts_values import OWN_UNIT, RefusedError
from apps.authoring.facts_world import World, assign
from apps.authoring.pages import Block, PageError
from engine.derived import complete
from engine.facts import Bill, Collection, Coverage, Entity, Fact, Value
from engine.owners import keys_of
from engine.population import Population, Stated, population_of
from engine.profile import NO_PROFILE, Profile
from rulelang import vocabulary
from rulelang.calendar import day_of, start_of
from rulelang.core import Program
from rulelang.diagnostics import Words

DEFAULT_SCENE = "8"
BEFORE_SETTLEMENT = frozenset({"1", "2", "3", "4", "5"})
SAID = Words("案例写明这些是全部", "the case says that these are all")
RUNNING = Words("就诊未结束，明细可能增加", "the encounter is running; lines may be added")
UNSAID = Words("案例没有写明这些是全部", "the case does not say that these are all")
SUPPLIERS = {"diagnoses": "physician", "operations": "physician"}
NOT_OF_THE_BILL = frozenset({"birth_date", "death_date"})


def read_facts(block: Block, program: Program, profile: Profile = NO_PROFILE) -> Bill:
    """The bill that a block describes, derived facts included; of several persons the first's.

    Raises:
        PageError: at the first line that cannot be understood.
    """
    return read_population(block, program, profile).bills[0]


def read_population(block: Block, program: Program, profile: Profile = NO_PROFILE) -> Population:
    """The bills that a block describes, one a person, with what it states of periods.

    Raises:
        PageError: at the first line that cannot be understood.
    """
    world = _world_of(block, program)
    _link_all(world, world.entity("encounter"))
    seen = {id(encounter.links["patient"]) for encounter in world.of_kind("encounter")}
    others = (patient for patient in world.of_kind("patient") if id(patient) in seen)
    patients = [world.patient, *others]
    _gather(world, [_current(world, patient) for patient in patients])
    bills = tuple(complete(_bill(world, patient), profile) for patient in patients)
    return replace(population_of(bills, profile), stated=stated_of(world))


def judged_of(block: Block, program: Program) -> tuple[tuple[str, ...], date | None]:
    """The periods to judge, and the date by which rulesets are judged, as a block says them."""
    world = _world_of(block, program)
    shown, on = world.of_bill.get("judged"), world.of_bill.get("on")
    day = on.range.low if isinstance(on, Value) and on.range is not None else None
    return (listed(shown) if isinstance(shown, str) else ()), day


def _world_of(block: Block, program: Program) -> World:
    world = World(program, Entity("patient", "", "患者"), Entity("institution", "", "机构"))
    world.entity("encounter")
    lines = tuple(assignments(block))
    for line in lines:
        if line.owner:
            world.entity(line.owner, line.number)
    for line in lines:
        try:
            if not assign(world, line):
                assign_evidence(world, world.entity(line.owner, line.number), line)
        except RefusedError as problem:
            raise PageError(line.line, problem.words.zh, problem.words.en) from None
    return world


def _current(world: World, patient: Entity) -> Entity:
    """A person's first encounter, which his bill is of."""
    own = [each for each in world.of_kind("encounter") if each.links["patient"] is patient]
    if own:
        return own[0]
    made = world.entity("encounter", world.next_number("encounter"))
    made.links["patient"] = patient
    _link_above(world, made)
    return made


def _scene(world: World) -> str:
    return str(world.of_bill.get("scene", DEFAULT_SCENE))


def _bill(world: World, patient: Entity) -> Bill:
    current = _current(world, patient)
    scene = _scene(world)
    before = scene in BEFORE_SETTLEMENT
    lines = [line for line in world.of_kind("line") if line.links["encounter"] is current]
    return Bill(
        patient=patient,
        encounter=current,
        institution=current.links["institution"],
        lines=tuple(line for line in lines if line not in world.history),
        prescriptions=tuple(
            item for item in world.of_kind("prescription") if item.links["encounter"] is current
        ),
        stage=str(world.of_bill.get("stage", "before" if before else "during")),
        scene=scene,
        asked_at=_clock(world, "asked_at") or _latest(world),
        settled_at=_clock(world, "settled_at"),
        territories=_territories(world),
        request_id="page",
    )


def _link_all(world: World, current: Entity) -> None:
    for encounter in world.of_kind("encounter"):
        _link_above(world, encounter)
    for kind in ("line", "diagnosis", "operation", "prescription"):
        for entity in world.of_kind(kind):
            visit = entity.links.setdefault("encounter", current)
            entity.links.setdefault("patient", visit.links["patient"])
            entity.links.setdefault("institution", visit.links["institution"])
    for line in world.of_kind("line"):
        quantity, item = line.facts.get("quantity"), line.value("item")
        if quantity is not None and quantity.value.unit is None and item.choices is not None:
            known = Value(range=quantity.value.range, unit=OWN_UNIT)
            line.facts["quantity"] = Fact(known, quantity.pointer, quantity.raw)


def _link_above(world: World, entity: Entity) -> None:
    entity.links.setdefault("patient", world.patient)
    entity.links.setdefault("institution", world.institution)


# ---------------------------------------------------------------- collections


def _gather(world: World, current: list[Entity]) -> None:
    before = _scene(world) in BEFORE_SETTLEMENT
    for encounter in world.of_kind("encounter"):
        _members(world, encounter, "lines", "line", closed=encounter in current and not before)
        _members(world, encounter, "diagnoses", "diagnosis")
        _members(world, encounter, "operations", "operation")
    for prescription in world.of_kind("prescription"):
        _members(world, prescription, "lines", "line", closed=not before)
    for patient in (world.patient, *world.of_kind("patient")):
        _members(world, patient, "lines", "line", closed=False)
        _members(world, patient, "encounters", "encounter", closed=False)
    for (owner, key), records in world.series.items():
        _set(world, owner, key, tuple(records), closed=False)


def _members(
    world: World, owner: Entity, name: str, kind: str, *, closed: bool | None = None
) -> None:
    """The members that are linked to an owner; without `closed` those are all where there are any."""
    found = tuple(item for item in world.of_kind(kind) if item.links.get(owner.kind) is owner)
    _set(world, owner, name, found, closed=bool(found) if closed is None else closed)


def _set(
    world: World, owner: Entity, name: str, members: tuple[Entity, ...], *, closed: bool
) -> None:
    said = world.said_all.get((owner, name))
    is_closed = closed if said is None else said
    running = name == "lines" and owner.kind != "patient" and said is None
    words = SAID if is_closed else RUNNING if running else UNSAID
    field = vocabulary.load().field(owner.kind, name)
    place = f"{owner.pointer}.{field.zh}" if field is not None else owner.pointer
    supplier = SUPPLIERS.get(name, field.supplier if field is not None else "physician")
    owner.collections[name] = Collection(members, Coverage(is_closed, words, place, supplier))


def stated_of(world: World) -> tuple[Stated, ...]:
    """What the block states of subjects for periods."""
    found = []
    for entity, said in world.stated:
        key = next(iter(keys_of(entity)), entity.key)
        if entity.kind in ONLY_PERIODS:
            ids = [s.what for e, s in world.stated if e is entity and s.field == "id"]
            named = next((fact for fact in ids if isinstance(fact, Fact)), None)
            first = "" if entity.order == 0 else entity.key
            key = str(next(iter(named.value.choices or ()), first)) if named else first
        facts = {said.field: said.what} if isinstance(said.what, Fact) else {}
        covers = {said.field: said.what} if isinstance(said.what, Coverage) else {}
        found.append(Stated(entity.kind, key, said.first, said.last, facts, covers))
    return tuple(found)


# ---------------------------------------------------------------- clocks and places


def _clock(world: World, name: str) -> datetime | None:
    value = world.of_bill.get(name)
    known = value.range if isinstance(value, Value) else None
    return None if known is None or known.low is None else known.low


def _latest(world: World) -> datetime | None:
    """The latest date in the bill, where nobody says when is asked (S14.2)."""
    fields = {
        (kind.en, f.en)
        for kind in vocabulary.load().entities.values()
        for f in kind.fields.values()
        if f.type.kind in {"date", "datetime"} and f.en not in NOT_OF_THE_BILL
    }
    found = [
        fact.value.range.low
        for entity in world.numbered.values()
        for name, fact in entity.facts.items()
        if (entity.kind, name) in fields and fact.value.range is not None
    ]
    instants = [
        moment if isinstance(moment, datetime) else start_of(day_of(moment))
        for moment in found
        if moment is not None
    ]
    return max(instants, default=None)


def _territories(world: World) -> dict[str, str]:
    """The places that are said; the engine completes them from the facts."""
    found: dict[str, str] = {}
    for name in ("place_of_insurance", "place_of_care"):
        value = world.of_bill.get(name)
        if not isinstance(value, Value) or value.choices is None:
            continue
        codes = [code for code in value.choices if isinstance(code, str)]
        if len(codes) == 1:
            found[name] = codes[0]
            if name == "place_of_insurance":
                for patient in (world.patient, *world.of_kind("patient")):
                    patient.facts.setdefault("pool_area", Fact(value, "参保地"))
    return found

"""A facts block to a bill: collections with their coverage, clocks, places; then what follows.

What is not assigned is unknown. Lines are complete unless the scene lies before settlement (1 to
5); diagnoses and operations where any is assigned; the person's history only where it is said.
"""

from __future__ import annotations

from datetime import datetime

from apps.authoring.facts_evidence import assign_evidence
from apps.authoring.facts_parts import assignments
from apps.authoring.facts_values import OWN_UNIT, RefusedError
from apps.authoring.facts_world import World, assign
from apps.authoring.pages import Block, PageError
from engine.derived import complete
from engine.facts import Bill, Collection, Coverage, Entity, Fact, Value
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
    """The bill that a block describes, derived facts included.

    Raises:
        PageError: at the first line that cannot be understood.
    """
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
    return complete(_bill(world), profile)


def _bill(world: World) -> Bill:
    current = world.entity("encounter")
    scene = world.of_bill.get("scene", DEFAULT_SCENE)
    before = scene in BEFORE_SETTLEMENT
    _link_all(world, current)
    _gather(world, current, before=before)
    lines = [line for line in world.of_kind("line") if line.links["encounter"] is current]
    return Bill(
        patient=world.patient,
        encounter=current,
        institution=world.institution,
        lines=tuple(line for line in lines if line not in world.history),
        prescriptions=tuple(
            item for item in world.of_kind("prescription") if item.links["encounter"] is current
        ),
        stage=str(world.of_bill.get("stage", "before" if before else "during")),
        scene=str(scene),
        asked_at=_clock(world, "asked_at") or _latest(world),
        settled_at=_clock(world, "settled_at"),
        territories=_territories(world),
        request_id="page",
    )


def _link_all(world: World, current: Entity) -> None:
    for kind in ("line", "diagnosis", "operation", "prescription"):
        for entity in world.of_kind(kind):
            entity.links.setdefault("encounter", current)
            _link_above(world, entity)
    for encounter in world.of_kind("encounter"):
        _link_above(world, encounter)
    for line in world.of_kind("line"):
        quantity, item = line.facts.get("quantity"), line.value("item")
        if quantity is not None and quantity.value.unit is None and item.choices is not None:
            known = Value(range=quantity.value.range, unit=OWN_UNIT)
            line.facts["quantity"] = Fact(known, quantity.pointer, quantity.raw)


def _link_above(world: World, entity: Entity) -> None:
    entity.links.setdefault("patient", world.patient)
    entity.links.setdefault("institution", world.institution)


# ---------------------------------------------------------------- collections


def _gather(world: World, current: Entity, *, before: bool) -> None:
    for encounter in world.of_kind("encounter"):
        _members(world, encounter, "lines", "line", closed=encounter is current and not before)
        _members(world, encounter, "diagnoses", "diagnosis")
        _members(world, encounter, "operations", "operation")
    for prescription in world.of_kind("prescription"):
        _members(world, prescription, "lines", "line", closed=not before)
    _set(world, world.patient, "lines", world.of_kind("line"), closed=False)
    _set(world, world.patient, "encounters", world.of_kind("encounter"), closed=False)
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
                world.patient.facts.setdefault("pool_area", Fact(value, "参保地"))
    return found

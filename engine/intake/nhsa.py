"""A request of the national interface (3101, 3102, 2204, 2301) to bills: the door of this intake.

One bill for each person and current encounter (S1.3); the chain stands in `_bill`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from engine.derived import complete
from engine.facts import Bill, Collection, Coverage, Entity, IntakeNote
from engine.intake import coverage
from engine.intake.asking import Asking, asked_at, read_asking
from engine.intake.dates import first_instant, read_instant
from engine.intake.encounters import (
    diagnoses,
    encounter_entity,
    main_is_elsewhere,
    operations,
)
from engine.intake.fees import holds_fees, read_upload
from engine.intake.fields import Source
from engine.intake.flags import note_flagged_history, note_flags
from engine.intake.institutions import institution_entity
from engine.intake.lines import compare_total, line_entity, neighbours_of
from engine.intake.nodes import Node, personal_texts
from engine.intake.notes import Notes
from engine.intake.patients import (
    current_encounters,
    is_audited,
    patient_entity,
    territories,
)
from engine.intake.prescriptions import prescriptions
from engine.intake.readers import is_blank
from engine.intake.reading import LIMITS, Limits
from engine.intake.shapes import EncounterShape, PatientShape, RequestShape, read_shape
from engine.profile import NO_PROFILE, Profile
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

# Adds to a person's facts what another source than a request says, before anything is derived.
Supplement: TypeAlias = Callable[[Entity, Notes], None]
_OTHER_MAIN = Words(
    "另处的主诊断不在列表中", "a main diagnosis that is stated elsewhere is not on the list"
)
_NOT_YET = Coverage(closed=False, words=Words("尚未判断", "not judged yet"))


def read_bills(
    request: object,
    profile: Profile = NO_PROFILE,
    *,
    as_of: datetime | None = None,
    stage: str | None = None,
    limits: Limits = LIMITS,
) -> tuple[Bill, ...]:
    """The bills that a request asks about, with their facts, coverages and notes.

    Args:
        request: The JSON tree, as `reading.read_request` gives it.
        profile: What this sender's data means.
        as_of: Time of asking where the request has none (S14.2).
        stage: "before", "during" or "after" where the caller knows it better than the request.
        limits: For the number of lines of a person.

    Raises:
        InputError: EN0105, EN0111 to EN0113 where it is no request.
    """
    personal = personal_texts(request)
    notes = Notes(personal)
    supplement: Supplement | None = None
    if isinstance(request, dict) and holds_fees(request):
        upload = read_upload(request, notes, profile, limits)
        shape, supplement = upload.shape, upload.facts
    else:
        shape = read_shape(request, notes, limits)
    bills = []
    for patient in shape.patients:
        for number in current_encounters(patient, notes):
            asked = _Asked(shape, patient, number, Notes(personal), profile, supplement)
            bills.append(_bill(asked, _notes_of(patient, shape, notes), as_of, stage))
    return tuple(bills)


@dataclass(frozen=True, slots=True)
class ShapeAsked:
    """A bill of a shape that was no request: which encounter, how it is read, when it asks."""

    current: int
    profile: Profile
    notes: Notes
    supplement: Supplement
    as_of: datetime | None = None
    stage: str | None = None


def bill_of_shape(shape: RequestShape, how: ShapeAsked) -> Bill:
    """The bill of one encounter of the shape's first person: the same chain for every intake."""
    asked = _Asked(shape, shape.patients[0], how.current, how.notes, how.profile, how.supplement)
    return _bill(asked, (), how.as_of, how.stage)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One person's one current encounter in a request."""

    shape: RequestShape
    patient: PatientShape
    current: int
    notes: Notes
    profile: Profile
    supplement: Supplement | None = None

    @property
    def twins(self) -> tuple[Node, ...]:
        """Other objects of the request that are of the same person."""
        key = self.patient.node.text("patn_id")
        return tuple(
            other.node
            for other in self.shape.patients
            if key and other.node is not self.patient.node and other.node.text("patn_id") == key
        )

    def source(self, node: Node) -> Source:
        """An object of the request, read for this bill."""
        return Source(node, self.notes, self.profile)


@dataclass(frozen=True, slots=True)
class _Built:
    """One encounter as built, with what its coverages hang on."""

    shape: EncounterShape
    entity: Entity
    lines: tuple[Entity, ...]
    prescriptions: tuple[tuple[Entity, tuple[Entity, ...]], ...]


@dataclass(slots=True)
class _Counts:
    """How many entities of each kind there are already, for their order."""

    diagnoses: int = 0
    operations: int = 0
    lines: int = 0
    prescriptions: int = 0


def _notes_of(patient: PatientShape, shape: RequestShape, notes: Notes) -> tuple[IntakeNote, ...]:
    """The notes on the structure, without those on other persons."""
    own = patient.node.pointer + "/"
    others = tuple(
        node.pointer + "/"
        for other in shape.patients
        if other.node is not patient.node
        for node in (other.node, *(line for stay in other.encounters for line in stay.lines.nodes))
    )
    return tuple(
        note
        for note in notes.found()
        if (note.pointer + "/").startswith(own) or not (note.pointer + "/").startswith(others)
    )


def _bill(
    asked: _Asked, shape_notes: tuple[IntakeNote, ...], as_of: datetime | None, stage: str | None
) -> Bill:
    source = asked.source(asked.shape.data)
    if asked.patient.encounters[asked.current].is_settled:
        stage = stage or "during"
    asking = read_asking(source, stage)
    _note_rule_ids(source)
    patient = patient_entity(asked.source(asked.patient.node), asked.shape.data, asked.twins)
    built = _encounters(asked, asking, patient)
    if asked.supplement is not None:
        asked.supplement(patient, asked.notes)
    current = built[asked.current]
    audited = _audited(asked, current)
    bill = Bill(
        patient=patient,
        encounter=current.entity,
        institution=current.entity.links["institution"],
        lines=audited,
        prescriptions=tuple(
            entity
            for entity, members in current.prescriptions
            if any(line in audited for line in members)
        ),
        stage=asking.stage,
        scene=asking.scene,
        asked_at=asked_at(source, as_of, _dated(built)),
        settled_at=_settled_at(asked, current),
        territories=territories(asked.shape.data, current.entity.links["institution"]),
        request_id=source.node.text("task_id") or source.node.text("msgid"),
    )
    bill = complete(bill, asked.profile)
    _cover(bill, built, asked, asking)
    return replace(bill, notes=(*shape_notes, *asked.notes.found(), *bill.notes))


def _note_rule_ids(source: Source) -> None:
    sent = source.node.get("rule_ids")
    if sent is not None and not is_blank(sent.raw) and sent.raw not in ([], {}):
        source.note("rule_ids", "不按 rule_ids 挑选规则", "rules are not chosen by rule_ids")


def _settled_at(asked: _Asked, current: _Built) -> datetime | None:
    for node in (current.shape.node, asked.shape.data):
        known = asked.source(node).fact("setl_date", read_instant).value.range
        if known is not None:
            return first_instant(known)
    return None


# Building


def _encounters(asked: _Asked, asking: Asking, patient: Entity) -> tuple[_Built, ...]:
    counts = _Counts()
    built = tuple(
        _encounter(asked, asking, patient, number, counts)
        for number in range(len(asked.patient.encounters))
    )
    patient.collections["encounters"] = Collection(tuple(one.entity for one in built), _NOT_YET)
    lines = tuple(line for one in built for line in one.lines)
    patient.collections["lines"] = Collection(lines, _NOT_YET)
    return built


def _encounter(
    asked: _Asked, asking: Asking, patient: Entity, number: int, counts: _Counts
) -> _Built:
    shape = asked.patient.encounters[number]
    source = asked.source(shape.node)
    entity = encounter_entity(source, number, asking.stage)
    header = asked.shape.data if number == asked.current else None
    institution = institution_entity(source, header, number)
    entity.links = {"patient": patient, "institution": institution}
    belongs = {**entity.links, "encounter": entity}

    found = diagnoses(source, shape.diagnoses, counts.diagnoses)
    performed = operations(source, shape.operations, counts.operations)
    lines = _lines(asked, shape, entity, counts.lines)
    _link((*found, *performed, *(line for line, _ in lines)), belongs)
    grouped = prescriptions(lines, counts.prescriptions)
    _link((one for one, _ in grouped), belongs)

    if number == asked.current and asking.stage != "before":
        compare_total(source, shape.lines.nodes, entity.fact("total"))
    members = tuple(line for line, _ in lines)
    for prescription, own in grouped:
        prescription.collections["lines"] = Collection(own, _NOT_YET)
    for name, collected in (("diagnoses", found), ("operations", performed), ("lines", members)):
        entity.collections[name] = Collection(collected, _NOT_YET)
    counts.diagnoses += len(found)
    counts.operations += len(performed)
    counts.lines += len(members)
    counts.prescriptions += len(grouped)
    return _Built(shape, entity, members, grouped)


def _link(entities: Iterable[Entity], belongs: dict[str, Entity]) -> None:
    for entity in entities:
        entity.links = {**belongs, **entity.links}


def _lines(
    asked: _Asked, shape: EncounterShape, encounter: Entity, start: int
) -> list[tuple[Entity, Source]]:
    nodes = shape.lines.nodes
    source = asked.source(shape.node)
    neighbours = neighbours_of(source, nodes, encounter.fact("total"))
    keys = _keys(asked, nodes)
    return [
        (line_entity(source.at(node), keys[number], start + number, neighbours), source.at(node))
        for number, node in enumerate(nodes)
    ]


def _keys(asked: _Asked, nodes: tuple[Node, ...]) -> list[str]:
    """The row key of each line where it is unique, else its position (S1.2)."""
    times = Counter(node.text("rx_id") for node in nodes)
    for node in nodes:
        if node.text("rx_id") and times[node.text("rx_id")] > 1:
            sent = node.get("rx_id")
            words = Words("行号不唯一，以位置区分", "not unique; told apart by position")
            asked.notes.add_once(node.place("rx_id"), "rx_id", sent and sent.raw, words)
    return [
        node.text("rx_id") if times[node.text("rx_id")] == 1 and node.text("rx_id") else f"#{n + 1}"
        for n, node in enumerate(nodes)
    ]


def _audited(asked: _Asked, current: _Built) -> tuple[Entity, ...]:
    """The lines under audit, with notes on what is odd about their flags (S1.3)."""
    nodes = current.shape.lines.nodes
    note_flags(nodes, asked.notes)
    for number, other in enumerate(asked.patient.encounters):
        if number != asked.current and asked.patient.node.text("curr_mdtrt_id"):
            note_flagged_history(other.lines.nodes, asked.notes)
    audited = tuple(
        line for line, node in zip(current.lines, nodes, strict=True) if is_audited(node)
    )
    if not audited:
        words = Words("没有待审明细", "no line under audit")
        asked.notes.add(current.shape.lines.pointer, "fsi_order_dtos", None, words)
    return audited


def _dated(built: tuple[_Built, ...]) -> list[Entity]:
    """Everything that happened, for the latest date of the bill (S14.2)."""
    return [
        one
        for each in built
        for one in (
            each.entity,
            *each.lines,
            *each.entity.collections["diagnoses"].members,
            *each.entity.collections["operations"].members,
        )
    ]


# Coverage


def _cover(bill: Bill, built: tuple[_Built, ...], asked: _Asked, asking: Asking) -> None:
    for each in built:
        _cover_encounter(bill, each, asked, asking)
    lines = built[asked.current].entity.collections["lines"].coverage
    for name, is_open in (("lines", not lines.closed), ("encounters", False)):
        cover = coverage.of_history(
            name,
            bill,
            asked.profile,
            is_open=is_open or not asked.patient.is_whole or bool(asked.twins),
        )
        members = bill.patient.collections[name].members
        bill.patient.collections[name] = Collection(members, cover)


def _cover_encounter(bill: Bill, each: _Built, asked: _Asked, asking: Asking) -> None:
    shape, collections = each.shape, each.entity.collections
    found = collections["diagnoses"].members
    performed = collections["operations"].members
    lines = coverage.of_lines(bill, each.entity, shape.lines, stage_was_said=asking.was_said)
    listed = shape.diagnoses
    if listed.is_whole and found and main_is_elsewhere(asked.source(shape.node), found):
        listed = replace(listed, is_whole=False, why_open=_OTHER_MAIN)
    covers = {
        "diagnoses": coverage.of_list(
            listed,
            "fsi_diagnose_dtos",
            asked.profile,
            "physician",
            is_made_up=bool(found) and not shape.diagnoses.nodes,
        ),
        "operations": coverage.of_list(
            shape.operations,
            "fsi_operation_dtos",
            asked.profile,
            "physician",
            is_made_up=bool(performed) and not shape.operations.nodes,
        ),
        "lines": lines,
    }
    for name, cover in covers.items():
        collections[name] = Collection(collections[name].members, cover)
    for prescription, _ in each.prescriptions:
        members = prescription.collections["lines"].members
        prescription.collections["lines"] = Collection(members, lines)

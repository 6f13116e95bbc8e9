"""The person of a bill: facts, places, and which encounters are current (S1.3)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from engine.codes import half_width, is_resolved
from engine.facts import Entity, Fact, Value, exactly, one
from engine.intake.conflicts import together
from engine.intake.dates import EPOCH, first_instant, read_date, read_instant
from engine.intake.fields import Row, Source, code_in, known_code
from engine.intake.identity import read_identity
from engine.intake.notes import Notes
from engine.intake.readers import read_word, read_yes_no
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from datetime import datetime

    from engine.intake.nodes import Node
    from engine.intake.shapes import PatientShape

_PATIENT = (
    Row("sex", "gend", partial(read_word, "sex", means_nothing=frozenset({"0", "9"}))),
    Row("birth_date", "brdy", read_date),
)


_WRITTEN_IN = ("patn_id", "certno", "cert_no")


def patient_entity(source: Source, data: Node, twins: tuple[Node, ...] = ()) -> Entity:
    """The person with his own facts.

    Args:
        source: The person's object.
        data: The request's outer fields, for the place of insurance.
        twins: Other objects of the request that are of the same person.
    """
    key = source.node.text("patn_id") or "#1"
    entity = Entity("patient", key, source.node.pointer)
    source.fill(entity, _PATIENT)
    entity.facts["pool_area"] = _pool_area(source, data)
    for row in _PATIENT:
        _settle(source, entity, row, twins)
    return entity


def _settle(source: Source, entity: Entity, row: Row, twins: tuple[Node, ...]) -> None:
    """A fact of the person that his other objects, or his identity number, state too (S2.3)."""
    silent = replace(source, notes=Notes())  # what is odd about a twin is noted in its own bill
    own = entity.fact(row.fact)
    stated = [silent.at(twin).fact(row.field, row.read) for twin in twins]
    if not own.value.is_nothing:
        stated += _by_number(source.node, row.fact)
    found, is_conflict = together([own, *stated])
    if is_conflict:
        source.note(
            row.field,
            "与同一人的另一处不符，两处都可能",
            "contradicts another place on the same person; either may be true",
        )
    if found is not own and not found.value.is_nothing:
        entity.facts[row.fact] = found


def _by_number(node: Node, fact: str) -> list[Fact]:
    """What a resident number of the person says; its place, never the number itself."""
    for field in _WRITTEN_IN:
        said = read_identity(node.text(field))
        if said is not None:
            birth, sex = said
            value = exactly(birth) if fact == "birth_date" else one(sex)
            return [Fact(value, node.place(field))]
    return []


def _pool_area(source: Source, data: Node) -> Fact:
    own = source.fact("poolarea", code_in("division"))
    header = source.at(data).fact("insuplc_admdvs", code_in("division"), once=True)
    here, there = known_code(own), known_code(header)
    if here is None:
        return own if there is None else header
    if there is None or there[:4] == here[:4]:
        return own
    source.note(
        "poolarea", "与报文头的参保地不同", "differs from the place of insurance of the envelope"
    )
    value = Value(choices=frozenset({here, there}))
    return Fact(value, own.pointer, own.raw, premises=(own.pointer, header.pointer))


def territories(data: Node, institution: Entity) -> dict[str, str]:
    """The place of care that the envelope states; the others follow from facts.

    Where the institution's own division contradicts it, neither place is known (S2.3, S15.2).
    """
    division = institution.value("division").choices
    if division is not None and len(division) > 1:
        return {}
    code = half_width(data.text("mdtrtarea_admvs"))
    return {"place_of_care": code} if is_resolved("division", code) else {}


def is_audited(line: Node) -> bool:
    """Whether a line is under audit: all but those sent as history."""
    return not is_history(line)


def is_history(line: Node) -> bool:
    """Whether a line was sent as history: curr_drord_flag 0."""
    sent = line.get("curr_drord_flag")
    return sent is not None and read_yes_no(sent.raw).value.choices == frozenset({False})


def current_encounters(patient: PatientShape, notes: Notes) -> tuple[int, ...]:
    """The numbers of the encounters that the request asks about."""
    wanted = patient.node.text("curr_mdtrt_id")
    numbers = range(len(patient.encounters))
    named = [n for n in numbers if patient.encounters[n].node.text("mdtrt_id") == wanted]
    if wanted and named:
        if len(named) > 1:
            _note(patient, notes, "几次就诊用同一个号", "several encounters have this number")
        return tuple(named)
    if wanted:
        _note(patient, notes, "没有这一次就诊", "there is no such encounter")
    elif len(numbers) > 1 and "curr_mdtrt_id" not in patient.node.lacks:
        _note(patient, notes, "没有指明当前就诊", "the current encounter is not named")
    audited = [n for n in numbers if any(map(is_audited, patient.encounters[n].lines.nodes))]
    return tuple(audited) or (max(numbers, key=partial(_admission, patient)),)


def _admission(patient: PatientShape, number: int) -> tuple[datetime, int]:
    """For the latest encounter: admission, then the place in the request."""
    sent = patient.encounters[number].node.get("adm_date")
    known = None if sent is None else read_instant(sent.raw).value.range
    return (EPOCH if known is None else first_instant(known)), number


def _note(patient: PatientShape, notes: Notes, zh: str, en: str) -> None:
    sent = patient.node.get("curr_mdtrt_id")
    raw = None if sent is None else sent.raw
    notes.add(patient.node.place("curr_mdtrt_id"), "curr_mdtrt_id", raw, Words(zh, en))

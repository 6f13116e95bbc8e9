"""The structure of a request: which object is a patient, an encounter, a diagnosis, a line.

Every shape that senders use becomes one tree (INTERFACE 6, variants 1-4 and 11); what is odd about
it is noted at its place in the request as it came. Knows no facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from engine import errors
from engine.errors import InputError
from engine.intake.aliases import canonical
from engine.intake.levels import WANTED, Level, merged, one_visit, read_levels, refusal, wrapped
from engine.intake.nodes import Listed, Node, Sent, read_list, read_node
from engine.intake.reading import LIMITS, Limits, pointer_step
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.intake.notes import Notes

_PARTS = {
    "fsi_diagnose_dtos": "diagnosis",
    "fsi_order_dtos": "line",
    "fsi_operation_dtos": "operation",
}
_OPERATION_FIELDS = frozenset({"oprn_code", "oprn_name", "main_oprn_flag", "setl_list_oprn_id"})


@dataclass(frozen=True, slots=True)
class EncounterShape:
    """One encounter with its parts; `is_settled` where settlement data of it came along."""

    node: Node
    diagnoses: Listed
    operations: Listed
    lines: Listed
    is_settled: bool = False


@dataclass(frozen=True, slots=True)
class PatientShape:
    """One person with the encounters sent."""

    node: Node
    encounters: tuple[EncounterShape, ...]
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class RequestShape:
    """The whole request; `data` holds the payload's own fields, outermost names included."""

    envelope: Node
    data: Node
    patients: tuple[PatientShape, ...]


def read_shape(request: object, notes: Notes, limits: Limits = LIMITS) -> RequestShape:
    """The structure of a request.

    Args:
        request: The JSON tree as it came.
        notes: Where oddities are noted.
        limits: For the number of lines of a person.

    Raises:
        InputError: EN0111 to EN0113 where it is no request at all, EN0105 above the limit.
    """
    if not isinstance(request, dict):
        words = Words("最外层应是对象", "the outermost value should be an object")
        raise InputError(errors.NOT_A_REQUEST, words, "", WANTED)
    levels = read_levels(request, notes)
    patients = _patients(levels, notes)
    shapes = _with_encounters(patients, levels, notes)
    for shape in shapes:
        check_lines(shape, limits.lines)
    return RequestShape(levels[0].node, merged(levels), shapes)


def _patients(levels: list[Level], notes: Notes) -> Listed:
    found, level = _nearest(levels, "patient_dtos")
    if found is None:
        visit = one_visit(levels, notes)
        if visit is None:
            raise refusal(levels, is_request=_is_request(levels))
        return visit
    if level is not levels[-1]:
        words = Words("参保人与 data 并列，而不在其中", "the persons stand beside data, not in it")
        notes.add(found.pointer, "patient_dtos", found.raw, words)
    read = partial(read_node, scope="patient", notes=notes)
    listed = read_list(found, found.pointer, read, notes, "patient_dtos")
    if not listed.nodes:
        words = Words("参保人不是对象", "the persons are no objects")
        raise InputError(errors.NO_PATIENT, words, found.pointer, WANTED)
    return listed


def _is_request(levels: list[Level]) -> bool:
    return wrapped(levels[0].node) is not None or levels[0].node.get("infno") is not None


def _nearest(levels: list[Level], name: str) -> tuple[Sent | None, Level]:
    """The innermost list under a name that holds anything."""
    for level in reversed(levels):
        sent = level.node.get(name)
        if sent is not None and isinstance(sent.raw, dict | list) and sent.raw:
            return sent, level
    return None, levels[0]


def _with_encounters(
    patients: Listed, levels: list[Level], notes: Notes
) -> tuple[PatientShape, ...]:
    flat = _flat_list(levels, "fsi_encounter_dtos", "encounter", notes)
    shapes = []
    for patient in patients.nodes:
        read = partial(read_node, scope="encounter", notes=notes)
        own = read_list(
            patient.get("fsi_encounter_dtos"), patient.pointer, read, notes, "fsi_encounter_dtos"
        )
        if not own.nodes and flat.nodes:
            own = _of_patient(patient, flat, alone=len(patients.nodes) == 1)
        around = [*levels, Level(patient.pointer, patient, {})]
        encounters = _with_parts(patient, own, around, notes)
        shapes.append(PatientShape(patient, encounters, own.is_whole))
    if not any(shape.encounters for shape in shapes):
        place = patients.nodes[0].place("fsi_encounter_dtos")
        raise InputError(
            errors.NO_ENCOUNTER, Words("没有找到就诊", "no encounter was found"), place, WANTED
        )
    _note_strays(flat, shapes, notes)
    return tuple(shape for shape in shapes if shape.encounters)


def _flat_list(levels: list[Level], name: str, scope: str, notes: Notes) -> Listed:
    """A list that stands beside the patients (variant 2)."""
    found, _ = _nearest(levels, name)
    if found is None:
        return Listed((), "")
    words = Words("与上级并列，而不在其中", "stands beside what it belongs to, not in it")
    notes.add(found.pointer, name, found.raw, words)
    return read_list(
        found, found.pointer, partial(read_node, scope=scope, notes=notes), notes, name
    )


def _of_patient(patient: Node, flat: Listed, *, alone: bool) -> Listed:
    """The encounters beside the patients that are this patient's."""
    if alone:
        return flat
    key, current = patient.text("patn_id"), patient.text("curr_mdtrt_id")
    nodes = tuple(
        node
        for node in flat.nodes
        if (key and key in {node.text("patn_id"), node.text("psn_no")})
        or (current and node.text("mdtrt_id") == current)
    )
    return Listed(nodes, flat.pointer, flat.sent, is_whole=False)


def _note_strays(flat: Listed, shapes: list[PatientShape], notes: Notes) -> None:
    taken = {encounter.node.pointer for shape in shapes for encounter in shape.encounters}
    for node in flat.nodes:
        if node.pointer not in taken and len(shapes) > 1:
            words = Words("不知属于哪一位参保人，未读取", "not known whose it is; not read")
            notes.add(node.pointer, "fsi_encounter_dtos", {}, words)


def _with_parts(
    patient: Node, encounters: Listed, around: list[Level], notes: Notes
) -> tuple[EncounterShape, ...]:
    parts = {
        name: _parts_of(name, scope, patient, encounters.nodes, around, notes)
        for name, scope in _PARTS.items()
    }
    return tuple(
        EncounterShape(
            node,
            parts["fsi_diagnose_dtos"][number],
            parts["fsi_operation_dtos"][number],
            parts["fsi_order_dtos"][number],
        )
        for number, node in enumerate(encounters.nodes)
    )


def _parts_of(
    name: str,
    scope: str,
    patient: Node,
    encounters: tuple[Node, ...],
    around: list[Level],
    notes: Notes,
) -> list[Listed]:
    """The lists of one kind, one for each encounter."""
    read = partial(read_node, scope=scope, notes=notes)
    found = [_own_part(node, name, read, notes) for node in encounters]
    if any(listed.nodes for listed in found):
        return found
    flat = _flat_list(around, name, scope, notes)
    if not flat.nodes:
        return [_empty_aside(listed, around, name) for listed in found]
    return _share_out(flat, found, patient, encounters, notes)


def _empty_aside(own: Listed, around: list[Level], name: str) -> Listed:
    """An encounter's list that was not sent, while an empty one stands beside the encounters."""
    if own.sent is not None:
        return own
    aside = next((sent for level in reversed(around) if (sent := level.node.get(name))), None)
    return own if aside is None else Listed((), aside.pointer, aside)


def _own_part(
    encounter: Node, name: str, read: Callable[[Mapping[object, object], str], Node], notes: Notes
) -> Listed:
    sent = encounter.get(name)
    if name == "fsi_operation_dtos" and (sent is None or sent.is_blank or sent.raw == []):
        misplaced = encounter.get("fsi_encounter_dtos")
        if misplaced is not None and sent is None and misplaced.raw == []:
            sent = misplaced
        elif misplaced is not None and _looks_like_operations(misplaced.raw):
            words = Words(
                "手术列在 fsi_encounter_dtos 之下", "operations stand under fsi_encounter_dtos"
            )
            notes.add(misplaced.pointer, "fsi_encounter_dtos", misplaced.raw, words)
            sent = misplaced
    return read_list(sent, encounter.pointer + pointer_step(name), read, notes, name)


def _looks_like_operations(raw: object) -> bool:
    members = [raw] if isinstance(raw, dict) else raw
    if not isinstance(members, list):
        return False
    keys = {
        canonical("operation", str(key))
        for member in members
        if isinstance(member, dict)
        for key in member
    }
    return bool(keys & _OPERATION_FIELDS)


def _share_out(
    flat: Listed, own: list[Listed], patient: Node, encounters: tuple[Node, ...], notes: Notes
) -> list[Listed]:
    """Lists beside the encounters: each member to the encounter it names, else to the current."""
    numbers = {node.text("mdtrt_id"): number for number, node in enumerate(encounters)}
    current = numbers.get(patient.text("curr_mdtrt_id"), 0 if len(encounters) == 1 else None)
    shared: list[list[Node]] = [[] for _ in own]
    stray = False
    for node in flat.nodes:
        named = numbers.get(node.text("mdtrt_id")) if node.text("mdtrt_id") else current
        if named is None:
            stray = True
            words = Words(
                "不知属于哪一次就诊，未读取", "not known which encounter it belongs to; not read"
            )
            notes.add(node.pointer, "mdtrt_id", node.text("mdtrt_id"), words)
        else:
            shared[named].append(node)
    whole = flat.is_whole and not stray
    return [
        Listed(tuple(nodes), flat.pointer, flat.sent, whole)
        if nodes or listed.sent is None
        else listed
        for nodes, listed in zip(shared, own, strict=True)
    ]


def check_lines(shape: PatientShape, limit: int) -> None:
    """Refuse a person with more lines than the limit (EN0105)."""
    count = sum(len(encounter.lines.nodes) for encounter in shape.encounters)
    if count > limit:
        words = Words(f"明细 {count} 行，上限 {limit} 行", f"{count} lines; the limit is {limit}")
        mend = Words("按就诊拆成几个请求", "split it into several requests, by encounter")
        raise InputError(errors.TOO_MANY_LINES, words, shape.encounters[0].lines.pointer, mend)

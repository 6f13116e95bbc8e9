"""Fee details (2204, 2301) as the shapes that bills are made of.

One encounter for each person and encounter number on the lines. A platform's reply and settlement
data that stand beside are merged into the lines and encounters (`fee_reply`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from engine import errors
from engine.codes import is_resolved, normalise
from engine.errors import InputError
from engine.intake.aliases import snake_case
from engine.intake.fee_reply import (
    Replies,
    Settlement,
    note_unused,
    read_replies,
    read_settlements,
    settlement_of,
    with_reply,
)
from engine.intake.levels import merged, read_levels
from engine.intake.nodes import Listed, Node, Sent, read_list, read_node
from engine.intake.readers import is_blank, read_yes_no
from engine.intake.reading import LIMITS, Limits
from engine.intake.shapes import EncounterShape, PatientShape, RequestShape, check_lines
from engine.intake.upload_facts import UploadFacts
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from engine.intake.levels import Level
    from engine.intake.notes import Notes
    from engine.profile import Profile

FEES = "feedetail"
_MAX_DEPTH = 6

# What a line of a fee upload has no field for.
_LACKS = frozenset({"hilist_type"})
_NO_MAIN = frozenset({"maindise_flag"})
_NOT_NAMED = frozenset({"curr_mdtrt_id"})

_ONE_DISEASE = Words(
    "费用明细只带本批的疾病编码，不是全部诊断",
    "fee details carry the disease of their batch, not all diagnoses",
)
_PERSON_WANTED = Words(
    "费用明细请在 input.feedetail 的每行写 psn_no 和 mdtrt_id；审核请求请把参保人写在 input.data.patient_dtos",
    "fee details need psn_no and mdtrt_id on each line of input.feedetail; a request for review has its persons in input.data.patient_dtos",
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A fee upload as a request's shape, with the facts that other places state differently."""

    shape: RequestShape
    facts: UploadFacts


def holds_fees(request: object) -> bool:
    """Whether a tree is a fee upload: lines under feedetail, and no persons of a review request."""
    names = _names(request, _MAX_DEPTH)
    return FEES in names and "patient_dtos" not in names


def _names(tree: object, depth: int) -> set[str]:
    """The names of what holds something, in the objects around a payload."""
    if not isinstance(tree, dict) or depth == 0:
        return set()
    found: set[str] = set()
    for key, value in tree.items():
        name = snake_case(str(key)).replace("fee_detail", FEES)
        if isinstance(value, dict | list) and value:
            found.add(name)
        if name in {"input", "data", "request"}:
            found |= _names(value, depth - 1)
    return found


def read_upload(
    request: Mapping[object, object], notes: Notes, profile: Profile, limits: Limits = LIMITS
) -> Upload:
    """The shapes of a fee upload.

    Args:
        request: A tree for which `holds_fees` is true.
        notes: Where oddities are noted.
        profile: What this sender's data means.
        limits: For the number of lines of a person.

    Raises:
        InputError: EN0112 where no line names a person or an encounter, EN0105 above the limit.
    """
    levels = read_levels(request, notes)
    lines = _lines(levels, notes)
    replies = read_replies(levels, notes)
    settlements = read_settlements(levels, notes)
    stays = _stays(lines, notes)
    settled = {
        stay.pointer: settlement_of(settlements, stay.person, stay.number, is_alone=len(stays) == 1)
        for stay in stays
    }
    note_unused(settlements, [one for one in settled.values() if one is not None], notes)
    data = merged(levels)
    people: dict[str, list[EncounterShape]] = {}
    for stay in stays:
        people.setdefault(stay.person, []).append(
            _encounter(stay, data, replies, settled[stay.pointer])
        )
    shapes = tuple(_patient(key, shapes, stays) for key, shapes in people.items())
    for shape in shapes:
        check_lines(shape, limits.lines)
    _note_skips(lines, notes)
    said = {node.pointer: replies.of(node) for node in lines.nodes}
    facts = UploadFacts(
        {place: reply for place, reply in said.items() if reply is not None},
        {stay.pointer: _cares(stay, data, settled[stay.pointer]) for stay in stays},
        profile,
    )
    return Upload(RequestShape(levels[0].node, data, shapes), facts)


def _cares(stay: _Stay, data: Node, settlement: Settlement | None) -> tuple[Sent, ...]:
    """Every statement of the type of care of an encounter."""
    nodes = [*stay.lines, data, *([] if settlement is None else [settlement.node])]
    sent = (node.get("med_type") for node in nodes)
    return tuple(one for one in sent if one is not None and not one.is_blank)


def _lines(levels: Sequence[Level], notes: Notes) -> Listed:
    read = partial(read_node, scope="fee", notes=notes)
    for level in reversed(levels):
        for name in (FEES, "fee_detail"):
            sent = level.node.get(name)
            if sent is not None and isinstance(sent.raw, dict | list) and sent.raw:
                return read_list(sent, sent.pointer, read, notes, FEES)
    return Listed((), "/input/" + FEES)


@dataclass(frozen=True, slots=True)
class _Stay:
    """The lines of one encounter of one person."""

    person: str
    number: str
    listed: Listed
    lines: tuple[Node, ...]

    @property
    def pointer(self) -> str:
        """Where the encounter is read from: its first line."""
        return self.lines[0].pointer

    def first(self, name: str) -> Sent | None:
        """What the first line that says anything says."""
        sent = (node.get(name) for node in self.lines)
        return next((one for one in sent if one is not None and not one.is_blank), None)


def _stays(listed: Listed, notes: Notes) -> list[_Stay]:
    """The lines by person and encounter, in the order of their first lines."""
    persons = {node.text("psn_no") for node in listed.nodes} - {""}
    of_number: dict[str, str] = {}
    for node in listed.nodes:
        of_number.setdefault(node.text("mdtrt_id"), node.text("psn_no"))
    if not persons and not any(of_number):
        words = Words(
            f"{len(listed.nodes)} 行费用明细都没有写人员和就诊",
            f"none of {len(listed.nodes)} fee lines names a person or an encounter",
        )
        raise InputError(errors.NO_PATIENT, words, listed.pointer, _PERSON_WANTED)
    only = next(iter(persons)) if len(persons) == 1 else ""
    found: dict[tuple[str, str], list[Node]] = {}
    for node in listed.nodes:
        number = node.text("mdtrt_id")
        person = node.text("psn_no") or of_number[number] or only
        if not node.text("psn_no") and persons:
            words = Words(
                "没有写人员，按同次就诊的", "names no person; taken as that of its encounter"
            )
            notes.add(node.place("psn_no"), "psn_no", None, words)
        found.setdefault((person, number), []).append(node)
    return [_Stay(*key, listed, tuple(nodes)) for key, nodes in found.items()]


def _patient(key: str, shapes: list[EncounterShape], stays: list[_Stay]) -> PatientShape:
    mine = [stay for stay in stays if stay.person == key]
    fields: dict[str, Sent] = {}
    number = mine[0].first("psn_no")
    if number is not None:
        fields["patn_id"] = number
    for shape in shapes:
        for name in ("gend", "brdy"):
            sent = shape.node.get(name)
            if sent is not None and name not in fields:
                fields[name] = sent
    node = Node(mine[0].pointer, fields, _NOT_NAMED)
    return PatientShape(node, tuple(shapes), is_whole=False)


# One encounter


def _encounter(
    stay: _Stay, data: Node, replies: Replies, settlement: Settlement | None
) -> EncounterShape:
    fields = _stay_fields(stay, data, settlement)
    lines = tuple(replace(with_reply(node, replies), lacks=_LACKS) for node in stay.lines)
    why_open = None if settlement is None else settlement.why_open(lines)
    listed = replace(
        stay.listed,
        nodes=lines,
        is_whole=stay.listed.is_whole and why_open is None,
        why_open=why_open if stay.listed.is_whole else None,
    )
    return EncounterShape(
        Node(stay.pointer, fields),
        _diagnoses(stay),
        Listed((), stay.pointer),
        listed,
        is_settled=settlement is not None,
    )


def _stay_fields(stay: _Stay, data: Node, settlement: Settlement | None) -> dict[str, Sent]:
    """The fields of an encounter: of its settlement, else of the request beside, else of a line."""
    fields = {} if settlement is None else dict(settlement.fields)
    for name in ("insutype", "med_type", "dise_no"):
        beside = data.get(name)
        if beside is not None and not beside.is_blank:
            fields.setdefault(name, beside)
    for name in ("mdtrt_id", "med_type"):
        said = stay.first(name)
        if said is not None:
            fields[name] = said
    sender = data.get("fixmedins_code")
    if sender is not None:
        fields["medins_id"] = sender
    disease = stay.first("dise_codg")
    if disease is not None and not _is_icd(disease) and "dise_no" not in fields:
        fields["dise_no"] = disease
    maternity = [node.get("matn_fee_flag") for node in stay.lines]
    sent = [one for one in maternity if one is not None and not one.is_blank]
    yes = frozenset({True})
    if sent and all(read_yes_no(one.raw).value.choices == yes for one in sent):
        fields["matn_fee_flag"] = sent[0]
    return fields


def _is_icd(sent: Sent) -> bool:
    return is_resolved("icd10", normalise("icd10", str(sent.raw)))


def _diagnoses(stay: _Stay) -> Listed:
    """The diagnoses that the lines name: never all of the encounter's."""
    found: dict[str, Node] = {}
    for node in stay.lines:
        sent = node.get("dise_codg")
        if sent is not None and not sent.is_blank and _is_icd(sent):
            found.setdefault(
                node.text("dise_codg"), Node(node.pointer, {"dise_codg": sent}, _NO_MAIN)
            )
    return Listed(tuple(found.values()), stay.pointer, None, is_whole=False, why_open=_ONE_DISEASE)


def _note_skips(lines: Listed, notes: Notes) -> None:
    """One region's upload asks to skip the audit of a line; it is audited all the same."""
    for node in lines.nodes:
        sent = node.get("unchk_flag")
        if sent is not None and not is_blank(sent.raw) and str(sent.raw).strip() == "1":
            words = Words("要求不审，仍然审核", "asks for no audit; audited all the same")
            notes.add_once(sent.pointer, "unchk_flag", sent.raw, words)

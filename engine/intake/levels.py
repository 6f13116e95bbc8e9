"""The objects around a request's payload, and what is said where no request is found in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine import errors
from engine.errors import InputError
from engine.intake.nodes import Listed, Node, Sent, read_node
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from engine.intake.notes import Notes

WANTED = Words(
    "请按国家接口 3101/3102 发送，参保人在 input.data.patient_dtos；或按 2204/2301 发送，明细在 input.feedetail",
    "send a national 3101 or 3102 request with the persons in input.data.patient_dtos, or 2204 or 2301 with the lines in input.feedetail",
)

_WRAPPERS = ("request", "input", "data", "trig_scen")  # trig_scen: one dialect's payload
_MAX_WRAPPERS = 8
_MOST_NAMES = 8
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}", re.ASCII)

# Transactions without any line to review, by their number.
_WITHOUT_LINES: Mapping[str, Words] = {
    "2205": Words("2205 撤销整批，不带明细", "2205 takes back a whole batch and holds no lines"),
    "2302": Words("2302 撤销上传，不带明细", "2302 takes back an upload and holds no lines"),
    "3103": Words("3103 是反馈，不带明细", "3103 is feedback and holds no lines"),
    "4101": Words("4101 只有分类合计，不带明细", "4101 holds totals by class and no lines"),
}


@dataclass(frozen=True, slots=True)
class Level:
    """One object around the payload, with the lists that stand beside it."""

    pointer: str
    node: Node
    raw: Mapping[object, object]


def read_levels(request: Mapping[object, object], notes: Notes) -> list[Level]:
    """The objects one inside another that lead to the patients, outermost first."""
    levels = [Level("", read_node(request, "", "envelope", notes), request)]
    while len(levels) < _MAX_WRAPPERS:
        inner = wrapped(levels[-1].node)
        if inner is None:
            break
        pointer, raw = inner
        levels.append(Level(pointer, read_node(raw, pointer, "envelope", notes), raw))
    return levels


def wrapped(node: Node) -> tuple[str, Mapping[object, object]] | None:
    """The payload inside an object, with its pointer."""
    for name in _WRAPPERS:
        sent = node.get(name)
        if sent is not None and isinstance(sent.raw, dict) and sent.raw:
            return sent.pointer, sent.raw
    return None


def merged(levels: Sequence[Level]) -> Node:
    """The fields of all levels as one node; the innermost that says something counts."""
    fields: dict[str, Sent] = {}
    for level in levels:
        for name, sent in level.node.fields.items():
            if name not in fields or not sent.is_blank:
                fields[name] = sent
    return Node(levels[-1].pointer, fields)


def one_visit(levels: Sequence[Level], notes: Notes) -> Listed | None:
    """A person and his one visit in a single object (pid, pvid, order_info), as a list of one."""
    for level in reversed(levels):
        visit = read_node(level.raw, level.pointer, "encounter", notes)
        lines = visit.get("fsi_order_dtos")
        if lines is None or not isinstance(lines.raw, dict | list) or not lines.raw:
            continue
        person = read_node(level.raw, level.pointer, "patient", notes)
        if not person.text("patn_id") and not visit.text("mdtrt_id"):
            continue
        words = Words(
            "没有国家接口的报文结构；人员、就诊、明细在同一个对象中，按一次就诊读取",
            "no national envelope; person, visit and lines in one object are read as one visit",
        )
        notes.add(level.pointer, "patient_dtos", {}, words)
        whole = Sent(level.pointer, dict(level.raw))
        fields = {**person.fields, "fsi_encounter_dtos": whole}
        return Listed((replace(person, fields=fields),), level.pointer, whole)
    return None


def refusal(levels: Sequence[Level], *, is_request: bool) -> InputError:
    """Why no person was found: what the objects hold, and what is wanted."""
    held = _names_in(levels)
    words = _WITHOUT_LINES.get(levels[0].node.text("infno")) or Words(
        f"没有找到参保人；读到的字段：{held or '无'}",
        f"no person was found among: {held or 'nothing'}",
    )
    if not is_request:
        return InputError(errors.NOT_A_REQUEST, words, "", WANTED)
    return InputError(errors.NO_PATIENT, words, levels[-1].pointer + "/patient_dtos", WANTED)


def _names_in(levels: Sequence[Level]) -> str:
    """The field names of the innermost object, where they are plain names."""
    names = [str(key) for key in levels[-1].raw if _PLAIN_NAME.fullmatch(str(key))]
    shown = names[:_MOST_NAMES]
    return ", ".join(shown) + (" …" if len(names) > len(shown) else "")

"""What stands beside a fee upload: the platform's reply by line, and settlement data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from engine.intake.nodes import Node, Sent, read_list, read_node
from engine.intake.readers import AMOUNT_PLACES, read_decimal
from engine.intake.reading import pointer_step
from rulelang.diagnostics import Words
from rulelang.values import Exact, exact_add, exact_negative

if TYPE_CHECKING:
    from engine.intake.levels import Level
    from engine.intake.notes import Notes

# Around a reply: the object of the answer itself, where it was put beside the request.
_ASIDE = ("reply", "response")
_SETTLED = ("setlinfo", "setl_info")

# What only the platform says of a line.
_FROM_REPLY = (
    "selfpay_prop",
    "inscp_scp_amt",
    "pric_uplmt_amt",
    "lmt_used_flag",
    "hilist_lv",
    "chrg_type",
)
_OF_STAY = (
    "medfee_sumamt",
    "ownpay_amt",
    "hifp_payamt",
    "psn_part_amt",
    "act_pay_dedc",
    "setl_date",
    "insutype",
    "med_type",
    "gend",
    "brdy",
)


@dataclass(frozen=True, slots=True)
class Replies:
    """The platform's lines by their number, of those that name one line."""

    nodes: Mapping[str, Node]

    def of(self, line: Node) -> Node | None:
        """The reply to a line of the upload."""
        return self.nodes.get(line.text("rx_id"))


def _insides(levels: Sequence[Level], name: str) -> list[Sent]:
    """What was sent under a name in the objects around, in a reply beside, or in its output."""
    found: list[Sent] = []
    for level in levels:
        found += _below(level.raw, level.pointer, name, 3)
    return list({sent.pointer: sent for sent in found}.values())


def _below(raw: object, pointer: str, name: str, depth: int) -> list[Sent]:
    if not isinstance(raw, dict) or not depth:
        return []
    found = []
    for key, value in raw.items():
        place = pointer + pointer_step(key)
        if key == name and isinstance(value, dict | list) and value:
            found.append(Sent(place, value))
        elif key in {"output", *_ASIDE}:
            found += _below(value, place, name, depth - 1)
    return found


def read_replies(levels: Sequence[Level], notes: Notes) -> Replies:
    """The lines of a reply (output.result) that was sent beside the upload."""
    read = partial(read_node, scope="reply", notes=notes)
    nodes = [
        node
        for sent in _insides(levels, "result")
        for node in read_list(sent, sent.pointer, read, notes, "result").nodes
    ]
    times = Counter(node.text("rx_id") for node in nodes)
    for node in nodes:
        if times[node.text("rx_id")] > 1 or not node.text("rx_id"):
            words = Words(
                "回执行没有唯一的行号，未读取", "no unique line number in the reply; not read"
            )
            notes.add_once(node.place("rx_id"), "feedetl_sn", node.text("rx_id"), words)
    return Replies(
        {
            node.text("rx_id"): node
            for node in nodes
            if node.text("rx_id") and times[node.text("rx_id")] == 1
        }
    )


def with_reply(line: Node, replies: Replies) -> Node:
    """A line of the upload with what the platform says of it."""
    reply = replies.of(line)
    if reply is None:
        return line
    fields = dict(line.fields)
    for name in _FROM_REPLY:
        said, mine = reply.get(name), fields.get(name)
        if said is not None and (mine is None or mine.is_blank):
            fields[name] = said
    return replace(line, fields=fields)


# Settlement


@dataclass(frozen=True, slots=True)
class Settlement:
    """Settlement data of one encounter, under the names of an encounter's fields."""

    node: Node

    @property
    def fields(self) -> dict[str, Sent]:
        """The fields that an encounter has too."""
        sent = {name: self.node.get(name) for name in _OF_STAY}
        return {name: one for name, one in sent.items() if one is not None and not one.is_blank}

    def why_open(self, lines: Sequence[Node]) -> Words | None:
        """Why the lines may not be all that were settled; None where their sum is the total."""
        total = _amount(self.node, "medfee_sumamt")
        amounts = [_amount(line, "sumamt") for line in lines]
        known = [amount for amount in amounts if amount is not None]
        if total is None or len(known) < len(amounts):
            return Words(
                "不知明细是否就是结算的全部",
                "not known whether these are all lines that were settled",
            )
        missing = exact_add(total, exact_negative(_sum(known)))
        if missing:
            return Words(
                f"明细合计与结算总额相差 {missing}",
                f"the lines differ from the settled total by {missing}",
            )
        return None


def _sum(amounts: Sequence[Exact]) -> Exact:
    total: Exact = Decimal(0)
    for amount in amounts:
        total = exact_add(total, amount)
    return total


def _amount(node: Node, name: str) -> Exact | None:
    sent = node.get(name)
    known = None if sent is None else read_decimal(sent.raw, AMOUNT_PLACES).value.range
    if known is None:
        return None
    exact: Exact = known.exact
    return exact


def read_settlements(levels: Sequence[Level], notes: Notes) -> tuple[Node, ...]:
    """The settlement data (2303, 2304: setlinfo) that were sent beside the upload."""
    found: list[Node] = []
    for sent in (sent for name in _SETTLED for sent in _insides(levels, name)):
        if isinstance(sent.raw, dict):
            found.append(read_node(sent.raw, sent.pointer, "settlement", notes))
        else:
            read = partial(read_node, scope="settlement", notes=notes)
            found += read_list(sent, sent.pointer, read, notes, "setlinfo").nodes
    return tuple(found)


def settlement_of(
    settlements: Sequence[Node], person: str, number: str, *, is_alone: bool
) -> Settlement | None:
    """The settlement of one encounter: by its number; without one, of the only encounter."""
    found = [node for node in settlements if number and node.text("mdtrt_id") == number]
    if not found and is_alone:
        unnamed = [node for node in settlements if not node.text("mdtrt_id")]
        found = [node for node in unnamed if node.text("psn_no") in {"", person}]
    return Settlement(found[0]) if len(found) == 1 else None


def note_unused(settlements: Sequence[Node], used: Sequence[Settlement], notes: Notes) -> None:
    """Settlement data that belong to no encounter of the upload, or of which several do."""
    taken = {settlement.node.pointer for settlement in used}
    for node in settlements:
        if node.pointer not in taken:
            words = Words(
                "不知属于哪一次就诊，未读取", "not known which encounter it is of; not read"
            )
            notes.add(node.pointer, "setlinfo", {}, words)

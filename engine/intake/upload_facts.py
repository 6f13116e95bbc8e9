"""Facts of a fee upload that several places state: a line and its reply, the lines of a stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from engine.intake.conflicts import together
from engine.intake.fields import Read, Source
from engine.intake.nodes import Node, Sent
from engine.intake.readers import (
    AMOUNT_PLACES,
    PRICE_PLACES,
    read_decimal,
    read_quantity,
    read_word,
)
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from engine.facts import Entity
    from engine.intake.notes import Notes
    from engine.profile import Profile

_DIFFERS = Words("上传的与平台回执的不同", "the upload differs from the platform's reply")
_CARE_DIFFERS = Words("各处的医疗类别不同", "the type of care is stated differently")


@dataclass(frozen=True, slots=True)
class UploadFacts:
    """Sets what the places state together (S2.3), before anything is derived.

    `replies` holds the platform's line by the pointer of the upload's, `cares` every statement of
    the type of care by the pointer of the encounter.
    """

    replies: Mapping[str, Node]
    cares: Mapping[str, Sequence[Sent]]
    profile: Profile

    def __call__(self, patient: Entity, notes: Notes) -> None:
        """Compare the statements of one person's encounters and lines."""
        for encounter in patient.collections["encounters"].members:
            statements = self.cares.get(encounter.pointer, ())
            nodes = [Node(one.pointer, {"med_type": one}) for one in statements]
            self._settle(encounter, "care_type", _care(), nodes, notes)
        for line in patient.collections["lines"].members:
            reply = self.replies.get(line.pointer)
            for name, (field, read) in _compared(line).items() if reply is not None else ():
                if reply is not None and reply.text(field):
                    self._settle(line, name, (field, read), [reply], notes)

    def _settle(
        self,
        entity: Entity,
        name: str,
        how: tuple[str, Read],
        others: Sequence[Node],
        notes: Notes,
    ) -> None:
        field, read = how
        mine = entity.fact(name)
        stated = [Source(node, notes, self.profile).fact(field, read, once=True) for node in others]
        found, is_conflict = together([mine, *stated])
        if is_conflict:
            words = _CARE_DIFFERS if name == "care_type" else _DIFFERS
            notes.add(stated[-1].pointer, field, stated[-1].raw, words)
        if found is not mine and not found.value.is_nothing:
            entity.facts[name] = found


def _care() -> tuple[str, Read]:
    return "med_type", partial(read_word, "care_type")


def _compared(line: Entity) -> dict[str, tuple[str, Read]]:
    """What an upload and its reply both say of a line."""
    unit = line.value("quantity").unit
    return {
        "quantity": ("cnt", partial(read_quantity, unit=unit)),
        "price": ("pric", partial(read_decimal, places=PRICE_PLACES)),
        "amount": ("sumamt", partial(read_decimal, places=AMOUNT_PLACES)),
        "class": ("hilist_lv", partial(read_word, "payment_class")),
    }

"""What is odd about the flags that tell lines under audit from history (S1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.intake.patients import is_history
from engine.intake.readers import read_yes_no
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.intake.nodes import Node
    from engine.intake.notes import Notes


def note_flags(nodes: Sequence[Node], notes: Notes) -> None:
    """A flag that lacks on some lines only, or that is neither 1 nor 0."""
    flagged = [node for node in nodes if node.text("curr_drord_flag")]
    for node in nodes:
        sent = node.get("curr_drord_flag")
        if sent is None or sent.is_blank:
            if flagged:
                words = Words("没有标志，按待审", "no flag; taken as under audit")
                notes.add(node.place("curr_drord_flag"), "curr_drord_flag", None, words)
        elif read_yes_no(sent.raw).value.is_nothing:
            words = Words("应是 1 或 0，按待审", "1 or 0 is wanted; taken as under audit")
            notes.add(sent.pointer, "curr_drord_flag", sent.raw, words)


def note_flagged_history(nodes: Sequence[Node], notes: Notes) -> None:
    """A note, once, where lines of an encounter that is not asked about are flagged."""
    for node in nodes:
        sent = node.get("curr_drord_flag")
        if sent is not None and not sent.is_blank and not is_history(node):
            words = Words(
                "不是当前就诊的明细，只作历史", "not of the current encounter; history only"
            )
            notes.add(sent.pointer, "curr_drord_flag", sent.raw, words)
            return

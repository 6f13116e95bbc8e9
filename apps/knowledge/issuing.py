"""What may be issued to an institution: definite findings, and suspicions that experts accepted.

A suspicion is discussed first; a hard one goes to the bureau above and comes back with an answer. What
was decided stands in a table of decisions, a row each; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path

from apps.knowledge import columns
from apps.knowledge.points import Place, Remark
from apps.knowledge.supervision import ISSUE_HEADS, findings_of, issue_cells, names_of
from apps.render.answer import Answer
from engine.finding import Label
from rulelang.diagnostics import Words

__all__ = ["ISSUED_HEADS", "Decision", "Issue", "read_decisions"]

HEADS: columns.Heads = {
    "encounter": ("就诊号", "encounter", "mdtrt_id"),
    "rule": ("规则编号", "rule_id", "rule"),
    "line": ("行号", "line"),
    "decided": ("决定", "认定", "decision"),
    "by": ("决定人", "专家", "by"),
    "on": ("日期", "决定日期", "date"),
}
NEEDED = frozenset({"encounter", "rule", "decided", "by", "on"})


class State(Enum):
    """Where a finding stands."""

    DEFINITE = Words("事实充分，待送达", "facts suffice; to be issued")
    WAITING = Words("待专家讨论", "to be discussed by experts")
    ACCEPTED = Words("专家认可", "accepted by experts")
    DROPPED = Words("专家不认可，撤销", "not accepted; dropped")
    ESCALATED = Words("已请示上级", "put to the bureau above")

    @property
    def is_final(self) -> bool:
        """Whether nothing more can be decided."""
        return self in {State.ACCEPTED, State.DROPPED}

    @property
    def is_issued(self) -> bool:
        """Whether the institution is told."""
        return self in {State.DEFINITE, State.ACCEPTED}


_WORDS = {
    **dict.fromkeys(("认可", "确认", "accepted"), State.ACCEPTED),
    **dict.fromkeys(("不认可", "撤销", "dropped"), State.DROPPED),
    **dict.fromkeys(("请示", "上报", "escalated"), State.ESCALATED),
}
_YES, _NO = Words("是", "yes"), Words("否", "no")
ISSUED_HEADS: tuple[Words, ...] = (
    *ISSUE_HEADS,
    Words("状态", "state"),
    Words("下发", "issued"),
    Words("决定人", "by"),
    Words("决定日期", "decided_on"),
)


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision on a finding: of which encounter, by which rule, on which line."""

    place: Place
    encounter: str
    rule: str
    line: str
    state: State
    by: str
    on: date

    def is_about(self, names: Mapping[str, frozenset[str]]) -> bool:
        """Whether it is about a finding with these names; without a line it is about any of them."""
        return (
            self.encounter in names["encounter"]
            and self.rule in names["rule"]
            and (not self.line or self.line in names["line"])
        )


def read_decisions(path: Path) -> tuple[tuple[Decision, ...], tuple[Remark, ...]]:
    """The decisions of a table in order of their dates, and the rows that are none, with the reason.

    Raises:
        InputError: EN0101, EN0103, EN0106, EN0107, EN0115, EN0118, EN0123.
        OSError: if the system does not let us.
    """
    found: list[Decision] = []
    refused: list[Remark] = []
    for line in columns.read(path, HEADS, NEEDED).lines:
        words = line.fault or _lacking(line.cells)
        if words is not None:
            refused.append(Remark(line.place, "no-decision", words))
            continue
        cells = line.cells
        on = date.fromisoformat(cells["on"][:10])
        state = _WORDS[cells["decided"].lower()]
        found.append(
            Decision(
                line.place,
                cells["encounter"],
                cells["rule"],
                cells.get("line", ""),
                state,
                cells["by"],
                on,
            )
        )
    return tuple(sorted(found, key=lambda one: (one.on, one.place))), tuple(refused)


def _lacking(cells: Mapping[str, str]) -> Words | None:
    for name in sorted(NEEDED):
        if not cells.get(name):
            return Words(f"没有{HEADS[name][0]}", f"it lacks {HEADS[name][-1]}")
    if cells["decided"].lower() not in _WORDS:
        said = cells["decided"]
        return Words(
            f"`{said}` 不是决定：认可、不认可、请示",
            f"`{said}` is no decision: accepted, dropped, escalated",
        )
    try:
        date.fromisoformat(cells["on"][:10])
    except ValueError:
        return Words(f"`{cells['on']}` 不是日期", f"`{cells['on']}` is no date")
    return None


class Issue:
    """The sheet of what is issued; it keeps count of the decisions that were used."""

    def __init__(self, decisions: Sequence[Decision]) -> None:
        """The decisions in order."""
        self.decisions = decisions
        self.used: set[Place] = set()
        self.refused: list[Remark] = []

    def rows(self, answer: Answer, lang: str) -> Iterator[tuple[str, ...]]:
        """A row for each finding that is violated or suspected, with where it stands."""
        for row in findings_of(answer):
            definite = row.finding.label is Label.VIOLATED
            state = State.DEFINITE if definite else State.WAITING
            last: Decision | None = None
            for decision in self.decisions:
                if not decision.is_about(names_of(row)):
                    continue
                self.used.add(decision.place)
                if state.is_final:
                    words = Words("已有最终的决定", "what was decided before is final")
                    self.refused.append(Remark(decision.place, "final", words))
                    continue
                state, last = decision.state, decision
            yield (
                *issue_cells(row, lang),
                state.value.choose(lang),
                (_YES if state.is_issued else _NO).choose(lang),
                last.by if last is not None else "",
                last.on.isoformat() if last is not None else "",
            )

    def unused(self) -> Iterator[Remark]:
        """Decisions about no finding of these bills."""
        words = Words("没有这样的违规或可疑", "there is no such finding")
        for decision in self.decisions:
            if decision.place not in self.used:
                yield Remark(decision.place, "no-finding", words)

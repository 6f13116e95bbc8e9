"""The answer to one input as all writers take it: results with what they were made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from engine.facts import Entity
from engine.finding import BillResult, Finding, Label
from rulelang.core import Program, Ruleset
from rulelang.version import __version__

MASKED = "(masked)"


@dataclass(frozen=True)
class Answer:
    """What one input was answered: one result for each person and current encounter (S1.3).

    `request` is its tree as it was read, where it was a request of the national interface.
    """

    source: str
    input_digest: str
    program: Program
    results: tuple[BillResult, ...]
    profile: str | None = None
    known_on: date | None = None
    request: object = None

    @property
    def stage(self) -> str | None:
        """The stage of the check; one input has one."""
        return self.results[0].bill.stage if self.results else None

    @property
    def asked_at(self) -> datetime | None:
        """The time of asking, the latest of the bills' (S14.2)."""
        return max((t for r in self.results if (t := r.bill.asked_at) is not None), default=None)

    @property
    def settled_at(self) -> datetime | None:
        """The settlement date, the latest of the bills', where one is known."""
        return max((t for r in self.results if (t := r.bill.settled_at) is not None), default=None)

    @property
    def findings(self) -> tuple[tuple[BillResult, Finding], ...]:
        """All findings but satisfied and not applicable ones, numbered by their order here."""
        return tuple((result, finding) for result in self.results for finding in result.findings)

    @property
    def has_findings(self) -> bool:
        """Whether anything was found; excused counts as nothing found."""
        found = {Label.VIOLATED, Label.SUSPECTED, Label.UNDETERMINED}
        return any(finding.label in found for _, finding in self.findings)


def tool_version() -> str:
    """The version of this tool; the package's metadata say the same, but take long to load."""
    return __version__


def ruleset_of(program: Program, rule_id: str) -> Ruleset | None:
    """The ruleset that a rule belongs to."""
    name = rule_id.rsplit("/", 1)[0]
    return next((ruleset for ruleset in program.rulesets if ruleset.id == name), None)


def lines_of(entities: tuple[Entity, ...]) -> tuple[Entity, ...]:
    """The lines among the entities of a finding."""
    return tuple(entity for entity in entities if entity.kind == "line")

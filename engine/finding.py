"""What a check answers: findings on subjects, verdicts on lines and bills. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from engine.derivation import Step
from engine.facts import Bill, Entity
from rulelang.core import Amendment, Citation, Fill, Rule
from rulelang.diagnostics import Words
from rulelang.values import ANYTHING, ZERO, Range


class Label(Enum):
    """The six outcomes of a rule on a subject (S12), worst first (S17.1)."""

    VIOLATED = "violated"
    SUSPECTED = "suspected"
    UNDETERMINED = "undetermined"
    EXCUSED = "excused"
    SATISFIED = "satisfied"
    NOT_APPLICABLE = "not_applicable"


WORST_FIRST = tuple(Label)


class Payment(Enum):
    """What the fund does with a line or a bill."""

    PAYABLE = "payable"
    PARTLY_PAYABLE = "partly_payable"
    NOT_PAYABLE = "not_payable"
    NEEDS_REVIEW = "needs_review"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Caps:
    """What a finding claims on one line: the most that is payable (S17); None is no cap.

    `reduction` is set where the amount cap is nothing but claimed less this figure, so that caps
    are merged without taking the two for independent; readers need `amount` only.
    """

    quantity: Range | None = None
    unit_price: Range | None = None
    share: Range | None = None
    amount: Range | None = None
    reduction: Range | None = None


@dataclass(frozen=True, slots=True)
class LineClaim:
    """A finding's caps on one line, with what the line would still be paid under them alone."""

    line: Entity
    caps: Caps
    payable: Range


@dataclass(frozen=True, slots=True)
class MissingFact:
    """One fact that an undetermined finding lacks, who can supply it, and where it belongs.

    `fact` is the name that rules use ("patient.birth_date", "line.quantity"), `subject` the key of
    the entity that lacks it, empty where there is only one.
    """

    fact: str
    shown: Words
    pointer: str
    supplier: str
    how: Words
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Cited:
    """One thing that decided a finding: a fact, a table row or a coverage, in words."""

    kind: str  # fact, row, no_row, coverage, assumption
    name: str  # patient.sex; table id / key
    shown: Words
    value: Words
    pointer: str = ""
    source: str = ""
    illustrative: bool = False


@dataclass(frozen=True, slots=True)
class ShownRemedy:
    """A remedy that the rule states, its places filled."""

    text: Words
    actor: str = "biller"


@dataclass(frozen=True, slots=True)
class Measure:
    """An indicator's value and limit."""

    value: str
    limit: str


@dataclass(frozen=True, slots=True)
class Waiver:
    """A row of the table 豁免 by which a subject is excused (S13); each `to` is the first day not covered."""

    table: str
    number: int  # of the row in its file
    key: str  # the code that is excused; empty for all
    reason: str
    approver: str
    service_from: date
    service_to: date
    known_from: date
    known_to: date | None = None


@dataclass(frozen=True)
class Finding:
    """The outcome of one rule (or, folded, of several) on one subject."""

    rule: Rule
    label: Label
    subject_kind: str
    offending: tuple[Entity, ...]  # the subject's lines, or the subject itself
    involved: tuple[Entity, ...] = ()
    claims: tuple[LineClaim, ...] = ()
    at_risk: Range = ZERO
    upper_bound: bool = False
    amount: Range | None = None
    needs_review: bool = False
    measure: Measure | None = None
    assumptions: tuple[str, ...] = ()
    missing: tuple[MissingFact, ...] = ()
    because: tuple[Cited, ...] = ()
    messages: tuple[Words, ...] = ()
    remedies: tuple[ShownRemedy, ...] = ()
    exception: Citation | None = None
    amendments: tuple[Amendment | Fill, ...] = ()  # what of lower layers it leans on (S15)
    waiver: Waiver | None = None
    on: Range = ANYTHING  # the governing date (S14)
    derivation: Step | None = None
    folded: tuple[Rule, ...] = ()  # all rules, where this stands for several (S12.2)
    illustrative: bool = False  # leans on a row or list marked as illustrative

    @property
    def is_folded(self) -> bool:
        """Whether it stands for several subjects or rules."""
        return bool(self.folded)


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """What becomes of one line under all findings."""

    line: Entity
    payment: Payment
    claimed: Range
    payable: Range


@dataclass(frozen=True, slots=True)
class Totals:
    """Money at risk by certainty, in yuan; undetermined is a range (S17.1)."""

    violated: Range = ZERO
    suspected: Range = ZERO
    undetermined: Range = ZERO


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules of one layer and topic that claim different caps on one line (S16)."""

    line: Entity
    topic: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class BillResult:
    """The answer for one bill: all findings, the worst first."""

    bill: Bill
    verdict: Label
    payment: Payment
    totals: Totals
    lines: tuple[LineVerdict, ...]
    findings: tuple[Finding, ...]  # all but satisfied and not applicable
    passed: tuple[Finding, ...] = ()  # satisfied and not applicable ones
    counts: dict[str, int] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()

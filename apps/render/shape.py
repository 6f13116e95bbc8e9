"""The shape of the JSON answer as models, from which its JSON Schema is generated.

`python -m apps.render.shape` prints the schema that is shipped beside this module, with `periods`
that of the document on periods; a test compares.
Only tools read this: a check writes its answer without it.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Amount: TypeAlias = Annotated[str, Field(pattern=r"^-?\d+\.\d{2,}$", description="yuan")]
Number: TypeAlias = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$")]
Digest: TypeAlias = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
Ends: TypeAlias = Annotated[
    list[Amount | None],
    Field(min_length=2, max_length=2, description="the two ends; null is no bound"),
]
Figure: TypeAlias = Annotated[
    Number | Annotated[list[Number | None], Field(min_length=2, max_length=2)] | None,
    Field(description="one figure where one is left, else its two ends; null is none"),
]
Outcome: TypeAlias = Literal[
    "violated", "suspected", "undetermined", "excused", "satisfied", "not_applicable"
]
Payment: TypeAlias = Literal[
    "payable", "partly_payable", "not_payable", "needs_review", "undetermined"
]
Stage: TypeAlias = Literal["before", "during", "after"]


class Shape(BaseModel):
    """Every field is always there; fields may be added."""

    model_config = ConfigDict(frozen=True)


class Words(Shape):
    """One text in both languages."""

    zh: str
    en: str


class Tool(Shape):
    """What answered."""

    name: Literal["hegui"]
    version: str


class RulesetUsed(Shape):
    """One ruleset in use."""

    id: str
    version: str
    digest: Digest


class Clocks(Shape):
    """The three clocks and the time of asking (S14)."""

    service: Literal["from the bill"]
    asked_at: str | None
    settlement: str | None
    known_on: str | None


class Place(Shape):
    """An entity as its sender calls it, and where in the input it stands."""

    id: str
    pointer: str


class EntityPlace(Place):
    """A subject that is no line."""

    kind: str


class Totals(Shape):
    """Money at risk by certainty (S17.1)."""

    violated: Amount
    suspected: Amount
    undetermined: Ends
    currency: Literal["CNY"]


class Line(Place):
    """What becomes of one line."""

    payment: Payment
    claimed: Amount | Ends
    payable: Ends


class RuleNamed(Shape):
    """The rule of a finding."""

    id: str
    title: Words
    national_code: str | None
    version: str


class Subject(Shape):
    """What a finding is about: lines, or other entities."""

    kind: str
    lines: list[Place]
    entities: list[EntityPlace]


class Money(Shape):
    """Money at risk, or the figure of an outcome that claims none."""

    at_risk: Ends
    upper_bound: bool
    amount: Figure


class Caps(Shape):
    """The most that is payable; null is no cap of that kind (S17)."""

    quantity: Figure
    unit_price: Figure
    share: Figure
    amount: Figure


class Claim(Place):
    """What a finding claims on one line."""

    caps: Caps
    payable: Ends


class Measure(Shape):
    """An indicator's value and limit."""

    value: str
    limit: str


class Missing(Shape):
    """A fact that an undetermined finding lacks."""

    fact: str
    subject: str | None
    pointer: str
    supplier: str
    how: Words


class Citation(Shape):
    """A place in a document."""

    document: str
    number: str
    place: str


class PatchStep(Shape):
    """One step of a JSON Patch on the request as sent."""

    op: Literal["add", "remove", "replace"]
    path: str
    value: Any = None


class Effect(Shape):
    """What a remedy changes for fund and patient."""

    fund: Amount
    patient: Amount


class Remedy(Shape):
    """What somebody may do; verified where it has been evaluated anew (S19)."""

    actor: str
    text: Words
    verified: bool
    patch: list[PatchStep]
    effect: Effect | None


class WaiverShape(Shape):
    """The row of 豁免 that excuses a subject (S13); each `to` is the first day not covered."""

    table: str
    row: int
    key: str | None
    reason: str
    approver: str
    service_from: str
    service_to: str
    known_from: str
    known_to: str | None


class FindingShape(Shape):
    """The outcome of one rule on one subject; of several rules where it is folded (S12.2)."""

    rule: RuleNamed
    rules: list[str]
    outcome: Outcome
    certainty: Literal["definite", "suspect", "indicator"]
    stages: list[Stage]
    subject: Subject
    involved: list[Place]
    money: Money
    caps: Caps
    claims: list[Claim]
    measure: Measure | None
    assumptions: list[str]
    illustrative: bool
    waiver: WaiverShape | None
    message: Words
    because: list[dict[str, str | bool]]
    missing: list[Missing]
    citations: list[Citation]
    remedies: list[Remedy]


class ConflictShape(Place):
    """Rules of one layer and topic that disagree about a line (S16)."""

    topic: str
    rules: list[str]


class NoteShape(Shape):
    """Something odd in the input."""

    pointer: str
    field: str
    raw: Any
    reason: Words


class BillShape(Shape):
    """The answer for one person and current encounter (S1.3)."""

    encounter: str
    person: Literal["(masked)"]
    verdict: Outcome
    payment: Payment
    totals: Totals
    lines: list[Line]
    findings: list[FindingShape]
    counts: dict[Outcome, int]
    conflicts: list[ConflictShape]
    notes: list[NoteShape]


class AnswerShape(Shape):
    """The answer to one input."""

    schema_: Literal[1] = Field(alias="schema")
    tool: Tool
    rulesets: list[RulesetUsed]
    source: str
    input_digest: Digest
    profile: str | None
    clocks: Clocks
    stage: Stage | None
    decision_id: str | None
    bills: list[BillShape]


class SourceShape(Shape):
    """One input of several."""

    source: str
    input_digest: Digest


class PeriodsShape(Shape):
    """What was found on periods over all inputs (S11.3)."""

    judged: list[str] = Field(description="the periods that were asked for; none: all")
    findings: list[FindingShape]
    counts: dict[Outcome, int]


class PeriodAnswerShape(Shape):
    """The document that `--periods` adds behind those of the inputs."""

    schema_: Literal[1] = Field(alias="schema")
    tool: Tool
    rulesets: list[RulesetUsed]
    sources: list[SourceShape]
    profile: str | None
    clocks: Clocks
    stage: Literal["after"]
    decision_id: str | None
    periods: PeriodsShape


def schema_text() -> str:
    """The JSON Schema of an answer, as it is shipped."""
    return _text(AnswerShape, "Answer of hegui check --format json")


def period_schema_text() -> str:
    """The JSON Schema of the document on periods, as it is shipped."""
    return _text(PeriodAnswerShape, "Document on periods of hegui check --periods --format json")


def _text(shape: type[Shape], title: str) -> str:
    found = shape.model_json_schema(by_alias=True)
    found = {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}
    found["title"] = title
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    print(period_schema_text() if "periods" in sys.argv else schema_text(), end="")  # noqa: T201 - this is what the module is run for

"""The facts of one bill: what is known, what is not, and where in the input each stands.

A fact that was not sent is unknown, never zero, never false (S2). Knows nothing of rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from rulelang.diagnostics import Words
from rulelang.values import FALSE, TRUE, Range, Truth


@dataclass(frozen=True, slots=True)
class Foreign:
    """A code that was sent but lies outside its system: equal only to itself (S5.1)."""

    code: str


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of one value.

    Ordered values (numbers, dates, instants) are a `range`; all others a set of `choices` (True and
    False for yes_no, English words of enumerations, code texts, `Foreign`, texts, windows). With
    neither, nothing is known. `absent` tells whether there may be no value at all (S10.1).
    `unit` is the unit of a quantity, None where it is not known. `fine` is the elapsed seconds of an
    interval whose `range` is its days, or the governing date of an age whose `range` is the birth
    date. `unlimited` is a blank cell that means "no limit".
    """

    range: Range | None = None
    choices: frozenset[Any] | None = None
    absent: Truth = FALSE
    unit: str | None = None
    fine: Range | None = None
    unlimited: bool = False

    @property
    def is_known(self) -> bool:
        """Whether exactly one value, or certainly none, is left."""
        if self.absent is TRUE or self.unlimited:
            return True
        if self.absent is not FALSE:
            return False
        if self.range is not None:
            return self.range.is_exact and (self.fine is None or self.fine.is_exact)
        return self.choices is not None and len(self.choices) == 1

    @property
    def is_nothing(self) -> bool:
        """Whether nothing at all is known."""
        return self.range is None and self.choices is None and self.absent is not TRUE


UNKNOWN_VALUE = Value()
ABSENT = Value(absent=TRUE)
UNLIMITED = Value(unlimited=True)


def exactly(value: object, unit: str | None = None) -> Value:
    """One ordered value."""
    return Value(range=Range.exactly(value), unit=unit)


def one(choice: object) -> Value:
    """One unordered value."""
    return Value(choices=frozenset({choice}))


@dataclass(frozen=True, slots=True)
class Fact:
    """A value with the place it came from.

    `pointer` is a JSON pointer (or file, sheet, row, column); empty where nothing was sent. `raw` is
    what was sent. `why` says why an unusable value is unknown, or why evidence that nobody supplied
    is known (a register). `assumption` names the site assumption that the value stands on (S17.2).
    `premises` are the places that a derived fact was derived from. `at` is when evidence was taken.
    """

    value: Value
    pointer: str = ""
    raw: object = None
    why: Words | None = None
    assumption: str | None = None
    premises: tuple[str, ...] = ()
    at: Range | None = None


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One supplied value of an evidence fact (S2.4).

    `at` is when it was taken, a range of dates or of instants; None where nobody says when.
    `provider` is a key of the vocabulary's suppliers, empty where nobody says who. A record stands
    in `record`, an entity of the kind `record:<evidence>`.
    """

    value: Value
    at: Range | None = None
    provider: str = ""
    pointer: str = ""
    raw: object = None
    record: Entity | None = None


NOT_SENT = Fact(UNKNOWN_VALUE)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether a collection's members are all there are (S7.2), and which source says so.

    With `since`, a closed coverage holds from that day on; a window that reaches before it is open.
    """

    closed: bool
    words: Words
    pointer: str = ""
    supplier: str = "biller"
    since: date | None = None


class Entity:
    """One patient, encounter, line ...: compared by identity.

    `kind` is the English name in the vocabulary, `key` what the sender calls it (S1.2), `order` its
    place in the request among its kind. `facts` and `collections` are keyed by English field names;
    `links` hold the entities that it belongs to ("patient", "encounter", "prescription",
    "institution"). `evidence` holds what was supplied of single evidence facts, by `evidence_key`.
    """

    __slots__ = ("collections", "evidence", "facts", "key", "kind", "links", "order", "pointer")

    def __init__(self, kind: str, key: str, pointer: str, order: int = 0) -> None:
        """An entity without facts yet."""
        self.kind = kind
        self.key = key
        self.pointer = pointer
        self.order = order
        self.facts: dict[str, Fact] = {}
        self.collections: dict[str, Collection] = {}
        self.evidence: dict[str, tuple[EvidenceItem, ...]] = {}
        self.links: dict[str, Entity] = {}

    def fact(self, name: str) -> Fact:
        """A fact by its English name; one that was not sent is unknown, at the place it would have.

        A fact stored without a pointer of its own keeps the entity's.
        """
        found = self.facts.get(name)
        return found if found is not None else Fact(UNKNOWN_VALUE, pointer=self.pointer)

    def value(self, name: str) -> Value:
        """The value of a fact."""
        return self.fact(name).value


@dataclass(frozen=True, slots=True)
class Collection:
    """Members with their coverage."""

    members: tuple[Entity, ...]
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class IntakeNote:
    """Something odd in the input: where, what was sent, and what was made of it."""

    pointer: str
    field: str
    raw: object
    words: Words


@dataclass(frozen=True, slots=True)
class Bill:
    """One person's current encounter, with the history that came along (S1.3).

    `lines` are those under audit, in the order of the request; lines of history and of other
    encounters are members of collections only. `asked_at` is the time of asking (S14.2).
    `territories` holds the division codes by what they are the place of: "place_of_care",
    "place_of_insurance", "place_of_institution"; unknown ones are left out.
    """

    patient: Entity
    encounter: Entity
    institution: Entity
    lines: tuple[Entity, ...]
    prescriptions: tuple[Entity, ...] = ()
    stage: str = "during"  # before, during, after
    scene: str | None = None
    asked_at: datetime | None = None
    settled_at: datetime | None = None
    territories: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[IntakeNote, ...] = ()
    request_id: str = ""
    netted: tuple[Entity, ...] | None = None  # lines given back whole, and their refunds (S9)


def evidence_key(evidence: str, arguments: tuple[object, ...] = ()) -> str:
    """The key under which an evidence fact (by its id) with its arguments stands in `facts`.

    What was supplied with a date stands under the same key in `evidence`, a series (多次) in
    `collections`.
    """
    if not arguments:
        return evidence
    return f"{evidence}[{','.join(str(argument) for argument in arguments)}]"


def may_provide(providers: tuple[str, ...], provider: str) -> bool:
    """Whether who supplied evidence may; where nobody is named the sender's word is taken."""
    return not provider or not providers or provider in providers

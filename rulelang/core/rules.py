"""Core rules, rulesets and the program."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from rulelang.calendar import Window
from rulelang.core.declarations import (
    Citation,
    DecisionDef,
    Document,
    EvidenceDef,
    ListDef,
    Opening,
    ParamDef,
    Period,
    Table,
)
from rulelang.core.expressions import Expr
from rulelang.diagnostics import Words
from rulelang.source import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule looks at, and the locals that it binds.

    `kind` is line, diagnosis, operation, prescription, encounter, group, pair, period or ruleset.
    `locals` are the bound names: one, two for a pair; a group binds "group". `keys` are a group's
    key expressions with the field name that each is read by (`组.x`); they see the line as the
    local "line".
    """

    kind: str
    element: str = "line"
    locals: tuple[str, ...] = ()
    keys: tuple[tuple[str, Expr], ...] = ()
    window: Window | None = None
    period: str = ""


@dataclass(frozen=True, slots=True)
class Let:
    """A named part, evaluated once a subject."""

    name: str
    shown: Words
    value: Expr


@dataclass(frozen=True, slots=True)
class ExceptionClause:
    """`除非`, with its citation."""

    condition: Expr
    citation: Citation | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`则`. `cap` is quantity, unit_price, share or amount where `op` is pay_at_most.

    `target` is the local whose payment a deny, reduce or cap limits: the subject, or one of a pair.
    """

    op: Literal["deny", "reduce", "apart", "monitor", "pay_at_most", "remind", "review"]
    amount: Expr | None = None
    cap: str = ""
    condition: Expr | None = None
    target: str = ""


@dataclass(frozen=True, slots=True)
class KeepChoice:
    """Which of a pair stays: a named one, or by a key read from each (local "line")."""

    local: str = ""
    key: Expr | None = None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class DeductOrder:
    """In which order lines bear a group's excess; the key sees a line as the local "line"."""

    key: Expr
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A text with places: plain pieces and expressions."""

    pieces: tuple[str | Expr, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message in both languages."""

    zh: Template
    en: Template


@dataclass(frozen=True, slots=True)
class Amendment:
    """`补充` of a rule by a lower layer: in its territory and period it is part of the rule (S15).

    `require` is what it requires besides, None where it only excepts.
    """

    id: str
    rule: str
    ruleset: str
    territory: str  # which place has to lie within the ruleset's regions
    citations: tuple[Citation, ...]
    in_force: Period
    lets: tuple[Let, ...]
    require: Expr | None
    exceptions: tuple[ExceptionClause, ...]
    messages: tuple[Message, ...] = ()
    remedies: tuple[Message, ...] = ()
    notes: tuple[str, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Fill:
    """`补充` of a parameter: its value in a lower layer's territory and period (S15.1)."""

    id: str
    param: str
    ruleset: str
    territory: str
    citations: tuple[Citation, ...]
    in_force: Period
    value: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, or one version of it: versions share their id (S11, S14.3).

    `amendments` are those that hold at the bill's place; a compiled program has them apart.
    `known` is the date since which the version is known; None: always.
    """

    id: str
    name: Words
    title: Words
    ruleset: str
    national_code: str
    topic: str
    territory: str
    attributes: tuple[tuple[str, tuple[str, ...]], ...]
    citations: tuple[Citation, ...]
    in_force: Period
    certainty: str  # definite, suspect, indicator
    stages: tuple[str, ...]  # before, during, after
    subject: Subject
    lets: tuple[Let, ...]
    when: Expr
    require: Expr
    exceptions: tuple[ExceptionClause, ...]
    outcomes: tuple[Outcome, ...]
    keep: KeepChoice | None
    deduct_order: DeductOrder | None
    messages: tuple[Message, ...]
    remedies: tuple[Message, ...]
    notes: tuple[str, ...]
    openings: tuple[Opening, ...] = ()
    closed: Citation | None = None
    ended_by: Citation | None = None  # 废止
    amendments: tuple[Amendment, ...] = ()
    known: date | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Ruleset:
    """The unit of release: one id, one authority, one territory.

    `version` is the one that it declares (属性 版本), else the beginning of its digest.
    """

    id: str
    name: Words
    title: Words
    authority: str  # national, province, city, county, institution
    regions: tuple[str, ...]
    documents: tuple[Document, ...]
    in_force: Period
    uses: tuple[str, ...]
    version: str = ""
    digest: str = ""


@dataclass(frozen=True)
class Program:
    """All rulesets of one compilation, with their declarations by id.

    `sources` are the rule texts by path, so that an explanation can show the law as it is written.
    """

    rulesets: tuple[Ruleset, ...]
    rules: tuple[Rule, ...]
    tables: dict[str, Table]
    lists: dict[str, ListDef]
    evidence: dict[str, EvidenceDef]
    params: dict[str, ParamDef]
    decisions: dict[str, DecisionDef]
    enums: dict[str, dict[str, Words]] = field(
        default_factory=dict
    )  # written in place, by type name
    sources: dict[str, str] = field(default_factory=dict)
    amendments: tuple[Amendment, ...] = field(default_factory=tuple)
    fills: tuple[Fill, ...] = field(default_factory=tuple)

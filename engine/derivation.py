"""How a value came about: a tree of steps whose leaves are facts, rows, coverages and constants.

The tree is data; pruning it to what decided is `engine.prune`, saying it in words `engine.explain`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.facts import Coverage, Entity, Fact, Value
from rulelang.core import Expr, Row, Table
from rulelang.values import Truth


@dataclass(frozen=True, slots=True, eq=False)
class FactLeaf:
    """A fact that was read (or found missing)."""

    entity: Entity
    field: str
    fact: Fact
    evidence: str = ""  # id of its declaration, for evidence facts
    arguments: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells this fact from all others."""
        return (id(self.entity), self.evidence, self.field, self.arguments)


@dataclass(frozen=True, slots=True, eq=False)
class RowLeaf:
    """A table row that was used, with its source."""

    table: Table
    keys: tuple[Any, ...]
    row: Row


@dataclass(frozen=True, slots=True, eq=False)
class NoRowLeaf:
    """A key without a row: inside the table's extent (known absent) or outside it ("row not held").

    Outside, `extent` is the table (or list) that would have to hold the key (S5.2).
    """

    table: Table
    keys: tuple[Any, ...]
    inside: bool
    extent_id: str = ""
    extent_key: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class CoverageLeaf:
    """A collection's coverage, where it mattered."""

    entity: Entity
    field: str
    coverage: Coverage


@dataclass(frozen=True, slots=True, eq=False)
class GapLeaf:
    """Something that the rule text itself leaves open: 不明, an unfilled parameter."""

    what: str
    supplier: str


Leaf: TypeAlias = FactLeaf | RowLeaf | NoRowLeaf | CoverageLeaf | GapLeaf


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One evaluated expression with the steps below it.

    `rule` says how the parts decide the whole: "leaf", "and", "or", "not", "all" (every part
    counts), "if", "at_least", "let".
    """

    expr: Expr | None
    rule: str
    value: Value | Truth | None
    parts: tuple[Step, ...] = ()
    leaf: Leaf | None = None
    label: str = ""

"""Core expressions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from rulelang import types
from rulelang.calendar import Window
from rulelang.source import NOWHERE, Span
from rulelang.types import Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Base of all expressions; spans do not count for equality."""

    type: Type
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lit(Node):
    """A constant: Decimal, bool, text, code text, enum word, date, datetime, AgeLimit, Window."""

    value: Any
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Local(Node):
    """A subject, a let, a parameter or an element of an enclosing collection."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Get(Node):
    """One fact of an entity, a column of a row, or a field of an evidence record."""

    base: Expr
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceOf(Node):
    """A single-valued evidence fact of an entity, with its arguments."""

    base: Expr
    evidence: str
    arguments: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Series(Node):
    """An evidence fact of many records (多次), as a collection."""

    base: Expr
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Members(Node):
    """A collection that an entity has: encounter.lines, group.lines."""

    base: Expr
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HasRow(Node):
    """`key 在 table`."""

    table: str
    keys: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellOf(Node):
    """`table[key].column` of a table with one row a key."""

    table: str
    keys: tuple[Expr, ...]
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Node):
    """`table[key]` of a table with many rows a key, as a collection; no keys: the whole table."""

    table: str
    keys: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamRef(Node):
    """A parameter's value at the governing date."""

    param: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide(Node):
    """The value that a decision table gives."""

    decision: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class CodeItem:
    """One code, word or value of a set."""

    value: Any


@dataclass(frozen=True, slots=True)
class CodeSpan:
    """All from `low` to `high`, with the descendants of `high`."""

    low: Any
    high: Any


SetItem: TypeAlias = CodeItem | CodeSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class LiteralSet(Node):
    """A set written in the rule."""

    items: tuple[SetItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSet(Node):
    """A named list."""

    list: str


SetExpr: TypeAlias = "LiteralSet | ListSet | Expr"


@dataclass(frozen=True, slots=True, kw_only=True)
class InSet(Node):
    """Membership, exact or (under) along the hierarchy; the set may be a cell of codes."""

    operand: Expr
    set: SetExpr
    under: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cmp(Node):
    """A comparison; entities compare by identity with = and !=."""

    op: Literal["=", "!=", "<", "<=", ">", ">="]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Arith(Node):
    """`+ - * /`."""

    op: Literal["+", "-", "*", "/"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Neg(Node):
    """Unary minus."""

    operand: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    """Negation."""

    operand: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Logic(Node):
    """Conjunction, disjunction, or at least `needed` of the items."""

    op: Literal["and", "or", "at_least"]
    items: tuple[Expr, ...]
    needed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class If(Node):
    """A choice between two values of one type."""

    test: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(Node):
    """Whether a fact is known (S6.1)."""

    operand: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class OrElse(Node):
    """The operand, or the default where there is no value (S10.1)."""

    operand: Expr
    default: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection(Node):
    """`source` narrowed. `element` is the local that `where` reads each member by.

    `anchor` is the subject that a window is measured from and that `other` leaves out.
    """

    source: Expr
    element: str
    where: Expr | None = None
    window: Window | None = None
    anchor: Expr | None = None
    other: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantifier(Node):
    """`任一` or `每个`: whether `body` holds of one, or of all, members."""

    op: Literal["any", "each"]
    collection: Expr
    element: str
    body: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate(Node):
    """A figure over a collection; `value` reads each member by `element`."""

    op: Literal["count", "days", "distinct", "sum", "max", "min", "median"]
    collection: Expr
    element: str
    value: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick(Node):
    """The first or last member by a key."""

    op: Literal["first", "last"]
    collection: Expr
    element: str
    key: Expr
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Node):
    """`.column` of a collection, for printing in messages only."""

    collection: Expr
    element: str
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Node):
    """A built-in function of `rulelang.operations`."""

    function: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuple(Node):
    """A composite key."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Addend(Node):
    """One sum or count of a joint form: `factor` times `value` of each member of which `where` holds.

    No `where`: of each member; no `value`: 1, as in a count. Both read the member by the joint
    form's `element`; `factor` does not depend on the member.
    """

    factor: Expr
    where: Expr | None = None
    value: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint(Node):
    """A comparison of figures over one collection, with each member counted once (S8.2).

    INVARIANT: `written` is the comparison as the author wrote it, and where all is known (and what
    it divides by is positive, as its guard says) it holds just where

        sum over the members of `collection` of (sum of `addends`) + sum of `rest`   `op`   0.

    Conditions and values of different addends that mean the same are equal expressions.
    """

    written: Expr
    op: Literal["=", "!=", "<", "<=", ">", ">="]
    collection: Expr
    element: str
    addends: tuple[Addend, ...]
    rest: tuple[Expr, ...]


Expr: TypeAlias = (
    Lit | Local | Get | EvidenceOf | Series | Members | HasRow | CellOf | Rows | ParamRef | Decide
    | LiteralSet | ListSet | InSet | Cmp | Arith | Neg | Not | Logic | If | Known | OrElse
    | Collection | Quantifier | Aggregate | Pick | Column | Call | Tuple | Joint
)  # fmt: skip

TRUE_LIT = Lit(type=types.YES_NO, value=True)

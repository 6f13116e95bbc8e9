"""Expressions as they were written."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as _field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from rulelang.ast.base import Name, Node, Text
from rulelang.source import NOWHERE, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Node):
    """A plain number without unit."""

    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity(Node):
    """A number and its unit in one token: 14天, 5000元, 12岁, 30 g/L, 20%, 10个百分点.

    `unit` is the canonical unit name of `rulelang.units` (for example "day", "yuan", "year_old").
    """

    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Date(Node):
    """A civil date literal."""

    value: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DateTime(Node):
    """A civil date and time literal."""

    value: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Code(Node):
    """A code literal, without the leading #."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref(Node):
    """A bare name: a fact, a local, a list, a table, an enum word; resolved later."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Node):
    """`base.field`."""

    base: Expr
    field: str
    field_span: Span = _field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup(Node):
    """`base[key, ...]`: a table row or an evidence fact with its argument."""

    base: Expr
    keys: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Node):
    """`base(argument, ...)`: a function, a definition or a decision table."""

    base: Expr
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuple(Node):
    """`[a, b, ...]`, a composite key."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Negative(Node):
    """Unary minus."""

    operand: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic(Node):
    """`+ - * /` of two operands."""

    op: Literal["+", "-", "*", "/"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Node):
    """`= != < <= > >=`."""

    op: Literal["=", "!=", "<", "<=", ">", ">="]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedRange(Node):
    """`low 至 high`, both included; only as the right side of a membership or inside a set."""

    low: Expr
    high: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLiteral(Node):
    """`{a, b to c}`."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership(Node):
    """`在 不在 属于 不属于 含`, with the right side a set, a name or a range."""

    op: Literal["in", "not_in", "under", "not_under", "has"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class IsKnown(Node):
    """`x 已知`."""

    operand: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class OrElse(Node):
    """`x 缺则 y`."""

    operand: Expr
    default: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfOpen(Node):
    """`x 至少 low 不满 high`."""

    operand: Expr
    low: Expr
    high: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    """`非 x`."""

    operand: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Logic(Node):
    """`且`/`或` chains and the bracketed lists. `needed` only for at_least.

    `listed` tells `符合全部｛…｝` (True) from `a 且 b` (False).
    """

    op: Literal["and", "or", "at_least"]
    items: tuple[Expr, ...]
    needed: int | None = None
    listed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class If(Node):
    """`如果 test 那么 then 否则 else`."""

    test: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(Node):
    """What stands after 于: a word (`同日`) or a length with its direction (`前 14天`)."""

    word: str | None = None
    direction: Literal["past", "next"] | None = None
    length: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtered(Node):
    """A collection narrowed: `[其余] source [作 row | 行] [于 window] [满足（where）]`."""

    source: Expr
    other: bool = False
    binder: Name | None = None
    window: Window | None = None
    where: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantifier(Node):
    """`任一`/`每个` over a collection."""

    op: Literal["any", "each"]
    collection: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate(Node):
    """计数 计日 计数不同 合计 最大 最小 中位 over a collection; `value` where one is taken from each."""

    op: Literal["count", "days", "distinct", "sum", "max", "min", "median"]
    collection: Expr
    value: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick(Node):
    """`首个`/`末个 collection 按 key [倒序]`."""

    op: Literal["first", "last"]
    collection: Expr
    key: Expr
    descending: bool = False


Expr: TypeAlias = (
    Number
    | Quantity
    | Date
    | DateTime
    | Code
    | Text
    | Ref
    | Member
    | Lookup
    | Call
    | Tuple
    | Negative
    | Arithmetic
    | Compare
    | ClosedRange
    | SetLiteral
    | Membership
    | IsKnown
    | OrElse
    | HalfOpen
    | Not
    | Logic
    | If
    | Filtered
    | Quantifier
    | Aggregate
    | Pick
)

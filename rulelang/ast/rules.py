"""Rules and their clauses as they were written, and the file that holds all items."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from rulelang.ast.base import Name, Node, Spelling, Text, Title
from rulelang.ast.declarations import (
    Attribute,
    Authority,
    Cite,
    Decision,
    Define,
    Document,
    Evidence,
    InForce,
    ListItem,
    Open,
    Param,
    Region,
    RulesetHead,
    Table,
    Use,
)
from rulelang.ast.expressions import Date, Expr, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalCode(Node):
    """`国家编码 GZ...`."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certainty(Node):
    """`结果类型 word`."""

    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages(Node):
    """`环节 words`."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(Node):
    """`封闭 依据 ...`."""

    cite: Cite


Head: TypeAlias = NationalCode | Cite | InForce | Attribute | Certainty | Stages | Open | Closed


@dataclass(frozen=True, slots=True, kw_only=True)
class For(Node):
    """`针对 subject [作 a，subject 作 b] [分组 refs] [每 period] [于 window]`."""

    subject: str
    first: Name | None = None
    second_subject: str | None = None
    second: Name | None = None
    group: tuple[Expr, ...] = ()
    period: str | None = None
    window: Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Let(Node):
    """`记 name = expr`."""

    name: Name
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class When(Node):
    """`当 expr`."""

    condition: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Require(Node):
    """`要求 expr`."""

    condition: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbid(Node):
    """`不得 expr`, the same as 要求 非."""

    condition: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Unless(Node):
    """`除非 expr [依据 ...]`."""

    condition: Expr
    cite: Cite | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep(Node):
    """`保留 name` or `保留 按 ref [倒序]`."""

    name: str | None = None
    key: Expr | None = None
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeductOrder(Node):
    """`扣减顺序 ref [倒序]`."""

    key: Expr
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Then(Node):
    """One outcome. `cap` is the word after 限付."""

    op: Literal["deny", "reduce", "apart", "monitor", "pay_at_most", "remind", "review"]
    amount: Expr | None = None
    cap: str | None = None
    condition: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Node):
    """`说明 zh en`."""

    text: Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy(Node):
    """`整改 zh en`."""

    text: Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Node):
    """`注 text [示例]`."""

    text: Text
    mark: str | None = None


Clause: TypeAlias = (
    For
    | Let
    | When
    | Require
    | Forbid
    | Unless
    | Keep
    | DeductOrder
    | Then
    | Message
    | Remedy
    | Note
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Node):
    """A rule: its heads and its clauses in the order written (记 and 当 may alternate)."""

    name: Name
    title: Title
    heads: tuple[Head, ...] = ()
    clauses: tuple[Clause, ...] = ()
    broken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Amend(Node):
    """`补充 name = value cite*` (a parameter) or `补充 name head* clauses` (a rule)."""

    target: str
    value: Expr | None = None
    heads: tuple[Head, ...] = ()
    clauses: tuple[Clause, ...] = ()
    broken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeal(Node):
    """`废止 name 自 D 依据 ...`."""

    target: str
    start: Date
    cite: Cite


Item: TypeAlias = (
    RulesetHead
    | Use
    | Authority
    | Region
    | Document
    | InForce
    | Attribute
    | Table
    | ListItem
    | Evidence
    | Param
    | Define
    | Decision
    | Rule
    | Amend
    | Repeal
)


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Node):
    """One rule file: its items in order, the spelling of its keywords, its comments by offset."""

    spelling: Spelling
    items: tuple[Item, ...]
    comments: tuple[Text, ...] = field(default=(), compare=False)

"""Heads and declarations as they were written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rulelang.ast.base import Name, Node, Text, Title
from rulelang.ast.expressions import Code, Date, Expr, Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedType(Node):
    """A type by its name, with the unit of a 数值/value where one is written."""

    name: str
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumType(Node):
    """`｛有效 | effective，…｝` written in place."""

    words: tuple[Name, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordType(Node):
    """`（药类：药品分类，…）` written in place."""

    columns: tuple[Column, ...]


TypeExpr: TypeAlias = NamedType | EnumType | RecordType


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Node):
    """One column of a table, or a parameter of a definition, decision or evidence fact."""

    name: Name
    type: TypeExpr
    blank_any: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cite(Node):
    """`依据 文件 “place”`."""

    document: str
    place: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesetHead(Node):
    """`规则集 name title`."""

    name: Name
    title: Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Use(Node):
    """`引用 name [“version”]`."""

    name: str
    version: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority(Node):
    """`层级 word`."""

    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Region(Node):
    """`地区 #code, ...`."""

    codes: tuple[Code, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Node):
    """`文件 key title [文号] [发布]`."""

    name: Name
    title: Title
    number: Text | None = None
    issued: Date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce(Node):
    """`施行 自 D [至 D] [依文件日期]`."""

    start: Date
    end: Date | None = None
    word: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute(Node):
    """`属性 name value, ...`, or with one date (入库) or one text (版本)."""

    name: str
    values: tuple[str, ...] = ()
    day: Date | None = None
    text: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyColumn(Node):
    """One part of a table's key; `under` where a row holds for all below its code."""

    name: str
    under: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Node):
    """`知识表 name (columns) 键 ... [多行] [完整 [于 names]] 取自 file cite* [示例]`.

    A reserved table (豁免) is written without columns and keys.
    """

    name: Name
    columns: tuple[Column, ...] = ()
    keys: tuple[KeyColumn, ...] = ()
    word: str | None = None
    complete: bool = False
    within: tuple[str, ...] = ()
    file: Text
    cites: tuple[Cite, ...] = ()
    mark: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListItem(Node):
    """`名单 name：type 取自 file | = ｛…｝ cite* [封闭 cite] [示例]`."""

    name: Name
    type: TypeExpr
    file: Text | None = None
    members: Expr | None = None
    cites: tuple[Cite, ...] = ()
    closed: Cite | None = None
    mark: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Node):
    """`证据 name [(args)]：type 归属 owner 提供 providers [有效期 前|后 length] [多次|登记]`."""

    name: Name
    parameters: tuple[Column, ...] = ()
    type: TypeExpr
    owner: str
    providers: tuple[str, ...]
    direction: Literal["past", "next"] | None = None
    validity: Quantity | None = None
    word: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedValue(Node):
    """`，自 D value` of a parameter."""

    start: Date
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Node):
    """`开放 authority word, ...`."""

    authority: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Param(Node):
    """`参数 name：type = value [，自 D value]* [界 a 至 b] [开放 ...] cite*`."""

    name: Name
    type: TypeExpr
    value: Expr
    later: tuple[DatedValue, ...] = ()
    low: Expr | None = None
    high: Expr | None = None
    open: Open | None = None
    cites: tuple[Cite, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Define(Node):
    """`定义 name [(params)] = expr`."""

    name: Name
    parameters: tuple[Column, ...] = ()
    body: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell(Node):
    """A decision cell: 任意 (both None), one value, or a range."""

    low: Expr | None = None
    high: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow(Node):
    """`cells 得 value`, or `未列 得 value` with no cells."""

    cells: tuple[Cell, ...] | None
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Node):
    """`判定表 name (params)：type ｛rows｝ cite*`."""

    name: Name
    parameters: tuple[Column, ...]
    type: TypeExpr
    rows: tuple[DecisionRow, ...]
    cites: tuple[Cite, ...] = ()

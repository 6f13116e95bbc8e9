"""One value as a facts block writes it, by the type that it is wanted in. Knows no entities.

A literal of the rule language; `a~b`, `<a`, `>=a` are bounds; `a 或 b` are conflicting candidates;
`未知` is unknown and `无` known to be none. A `#code` counts as resolved; a code in quotes is read
as a sender's, and may be foreign (S5.1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine import codes
from engine.facts import ABSENT, UNKNOWN_VALUE, Value, one
from engine.intake.readers import read_code_of, read_word
from rulelang import ast, calendar, vocabulary
from rulelang.diagnostics import Words
from rulelang.parser import parse_expression
from rulelang.source import Source
from rulelang.types import Type
from rulelang.units import BY_NAME
from rulelang.values import Range, exact_divide, exact_multiply, hull

OWN_UNIT = "*"
UNKNOWN_WORDS = frozenset({"未知", "unknown"})
NONE_WORDS = frozenset({"无", "none"})
YES_NO = {"是": True, "否": False, "yes": True, "no": False}

_FOLD = str.maketrans("～＜＞≤≥（）", "~<>≤≥()")
_BETWEEN = re.compile(r"(?P<low>[^~<>≤≥]+)~(?P<high>[^~<>≤≥]+)")
_BEYOND = re.compile(r"(?P<op><=|>=|[<>≤≥])\s*(?P<end>[^~<>=≤≥]+)")

Enums = Mapping[str, Mapping[str, Words]]


class RefusedError(Exception):
    """A text that is no value of the wanted type."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.zh)
        self.words = words


def read_value(text: str, type_: Type, enums: Enums) -> Value:
    """What is known of a value of this type.

    Raises:
        RefusedError: if the text says none.
    """
    written = text.strip()
    if written in UNKNOWN_WORDS:
        return UNKNOWN_VALUE
    if written in NONE_WORDS:
        return ABSENT
    if type_.kind == "text":
        return _texts(written)
    folded = written.translate(_FOLD)
    between = _BETWEEN.fullmatch(folded)
    if between is not None:
        low, high = (_exact(between[end], type_, enums) for end in ("low", "high"))
        return _spanned(low, high, type_)
    beyond = _BEYOND.fullmatch(folded)
    if beyond is not None:
        return _bounded(beyond["op"], _exact(beyond["end"], type_, enums))
    return _exact(written, type_, enums)


def parse(text: str) -> ast.Expr:
    """The tree of one literal or list of them.

    Raises:
        RefusedError: if it is no expression.
    """
    node, found = parse_expression(Source("", text.strip()))
    if node is None or found:
        problem = found[0].words if found else Words("写法不对", "it is not well formed")
        raise RefusedError(
            Words(f"`{text.strip()}`：{problem.zh}", f"`{text.strip()}`: {problem.en}")
        )
    return node


def _texts(written: str) -> Value:
    if written[:1] in {"“", '"'}:
        node = parse(written)
        if isinstance(node, ast.Text):
            return one(node.value)
    return one(written)


def _exact(text: str, type_: Type, enums: Enums) -> Value:
    node = parse(text)
    if isinstance(node, ast.Logic) and node.op == "or":
        return _candidates([_literal(item, type_, enums) for item in node.items])
    return _literal(node, type_, enums)


def _candidates(values: list[Value]) -> Value:
    """Two places that say different things (S2.3)."""
    ranges = [value.range for value in values if value.range is not None]
    if ranges:
        return Value(range=hull(ranges), unit=values[0].unit)
    return Value(choices=frozenset().union(*(value.choices or frozenset() for value in values)))


def _spanned(low: Value, high: Value, type_: Type) -> Value:
    if low.range is None or high.range is None:
        raise _unordered(type_)
    first, last = low.range.low, high.range.high
    if first is None or last is None or first > last:
        raise RefusedError(Words("范围的上下限颠倒了", "the range is upside down"))
    return Value(range=hull((low.range, high.range)), unit=low.unit)


def _bounded(op: str, end: Value) -> Value:
    known = end.range
    if known is None:
        raise RefusedError(
            Words("只有分大小的值能写上下限", "only a value that has an order has bounds")
        )
    is_number = isinstance(known.low, Decimal)
    if op in {"<", "<=", "≤"}:
        floor = Decimal(0) if is_number and known.exact >= 0 else None
        is_open = op == "<" or known.high_open
        return Value(range=Range(floor, known.high, high_open=is_open), unit=end.unit)
    return Value(range=Range(known.low, None, low_open=op == ">"), unit=end.unit)


def _unordered(type_: Type) -> RefusedError:
    return RefusedError(
        Words(f"{type_.kind} 不分大小，不能写范围", f"{type_.kind} has no order, so no range")
    )


def _literal(node: ast.Expr, type_: Type, enums: Enums) -> Value:
    match type_.kind:
        case "yes_no":
            return _yes_no(node)
        case "enum":
            return _word(node, type_.name, enums)
        case "code":
            return _code(node, type_.name)
        case "text":
            return one(node.value) if isinstance(node, ast.Text) else _no(node, "文本", "a text")
        case "date" | "datetime":
            return _time(node, type_.kind)
        case _:
            return _number(node, type_)


def _no(node: ast.Expr, zh: str, en: str) -> Value:
    found = getattr(node, "name", None) or getattr(node, "value", None)
    shown = f"`{found}` " if found is not None else ""
    raise RefusedError(Words(f"{shown}不是{zh}", f"{shown}is not {en}"))


def _yes_no(node: ast.Expr) -> Value:
    if isinstance(node, ast.Ref) and node.name in YES_NO:
        return one(YES_NO[node.name])
    return _no(node, "是或否", "yes or no")


def _word(node: ast.Expr, enum: str, enums: Enums) -> Value:
    known = vocabulary.load()
    if enum in enums:
        if isinstance(node, ast.Ref):
            for identity, words in enums[enum].items():
                if node.name in {identity, words.zh, words.en}:
                    return one(identity)
        options = [words.zh for words in enums[enum].values()]
        return _no(node, "、".join(options) + " 之一", "one of " + ", ".join(enums[enum]))
    if isinstance(node, ast.Text):
        return read_word(enum, node.value).value
    word = known.word(enum, node.name) if isinstance(node, ast.Ref) else None
    if word is None:
        entry = known.enums[enum]
        return _no(node, f"{entry.zh}的词", f"a word of {entry.en}")
    return one(word.en)


def _code(node: ast.Expr, system: str) -> Value:
    if isinstance(node, ast.Code):
        return one(codes.normalise(system, node.value))
    if isinstance(node, ast.Text):
        return read_code_of(system, node.value).value
    return _no(node, "编码（`#…`）", "a code (`#…`)")


def _time(node: ast.Expr, kind: str) -> Value:
    if not isinstance(node, ast.Date | ast.DateTime):
        return _no(node, "日期", "a date")
    found: date | datetime = node.value
    if kind == "date":
        return Value(range=Range.exactly(calendar.day_of(found)))
    if isinstance(found, datetime):
        return Value(range=Range.exactly(found))
    return Value(range=calendar.instants_of(found))


def _number(node: ast.Expr, type_: Type) -> Value:
    sign = Decimal(-1) if isinstance(node, ast.Negative) else Decimal(1)
    inner = node.operand if isinstance(node, ast.Negative) else node
    match inner:
        case ast.Number():
            value, unit = _plain(sign * inner.value, type_)
        case ast.Quantity():
            value, unit = _with_unit(sign * inner.value, inner.unit, type_)
        case _:
            return _no(node, _WANTED.get(type_.kind, ("数", "a number"))[0],
                       _WANTED.get(type_.kind, ("数", "a number"))[1])  # fmt: skip
    return Value(range=Range.exactly(value), unit=unit)


_WANTED: Mapping[str, tuple[str, str]] = {
    "money": ("金额（`12元`）", "an amount (`12yuan`)"),
    "ratio": ("比例（`20%`）", "a ratio (`20%`)"),
    "quantity": ("数量（`2支`）", "a quantity (`2amp`)"),
    "days": ("天数（`7天`）", "days (`7d`)"),
    "measure": ("带单位的数值", "a value with its unit"),
    "rate": ("频次（`3次/天`）", "a rate (`3time/d`)"),
}

_DIMENSIONLESS = frozenset({"number", "ratio", "quantity", "rate", "measure"})
_KIND_OF_UNIT = {"money": "money", "ratio": "ratio", "days": "days", "points": "points"}


def _plain(value: Decimal, type_: Type) -> tuple[Decimal, str | None]:
    """A number without unit: a quantity's unit is then not known."""
    if type_.kind not in _DIMENSIONLESS or (type_.kind == "measure" and type_.name):
        zh, en = _WANTED.get(type_.kind, ("数", "a number"))
        raise RefusedError(
            Words(f"`{value}` 缺单位，应为{zh}", f"`{value}` lacks its unit; {en} is wanted")
        )
    return value, None


def _with_unit(value: Decimal, name: str, type_: Type) -> tuple[Decimal, str | None]:
    unit = BY_NAME[name]
    if type_.kind in {"quantity", "rate"}:
        return value, unit.name
    if type_.kind == "measure":
        return _converted(value, name, type_.name), type_.name or None
    if _KIND_OF_UNIT.get(type_.kind) != unit.kind:
        zh, en = _WANTED.get(type_.kind, ("数", "a number"))
        raise RefusedError(
            Words(
                f"单位 `{unit.zh}` 不合，应为{zh}", f"unit `{unit.en}` does not fit; {en} is wanted"
            )
        )
    scaled: Any = exact_multiply(value, unit.factor)
    return scaled, None


def _converted(value: Decimal, name: str, wanted: str) -> Decimal:
    """A measured value in the unit of its declaration."""
    have, want = BY_NAME[name], BY_NAME.get(wanted)
    if want is None or have.dimension != want.dimension:
        raise RefusedError(
            Words(f"单位 `{have.zh}` 不合，应为 `{wanted}`", f"unit `{have.en}` is not `{wanted}`")
        )
    if have is want:
        return value
    found = exact_divide(exact_multiply(value, have.factor), want.factor)
    numerator, denominator = Decimal(found.numerator), Decimal(found.denominator)
    return numerator / denominator

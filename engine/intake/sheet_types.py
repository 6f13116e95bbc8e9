"""How a cell is read by the type of its fact, where no field of the interface says the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from engine.codes import half_width
from engine.facts import Value, exactly, one
from engine.intake.dates import read_date, read_instant
from engine.intake.readers import (
    NOTHING,
    PRICE_PLACES,
    RATIO_PLACES,
    Reading,
    as_text,
    is_blank,
    parse_decimal,
    read_code_of,
    read_days,
    read_decimal,
    read_dose,
    read_quantity,
    read_text,
    read_word,
    read_yes_no,
    unusable,
)
from rulelang.calendar import DAY, add_months
from rulelang.diagnostics import Words
from rulelang.units import unit_named
from rulelang.values import CONTEXT, Range

if TYPE_CHECKING:
    from rulelang.types import Type

Enums: TypeAlias = Mapping[str, Mapping[str, Words]]
Read: TypeAlias = Callable[[object], Reading]

# A number, with a sign of a bound before it and a unit behind it.
_MEASURED = re.compile(
    r"(?P<op><=|>=|[<>≤≥])?\s*(?P<number>[+-]?\d+(?:\.\d+)?)\s*(?P<unit>[^\d\s<>≤≥].*)?", re.ASCII
)
_AGE = re.compile(r"(?P<count>\d{1,5})\s*(?P<unit>\D+)", re.ASCII)
_AGE_UNITS = {
    "岁": "year", "周岁": "year", "yo": "year", "月龄": "month", "个月": "month", "月": "month",
    "mo_old": "month", "日龄": "day", "天": "day", "日": "day", "d_old": "day",
}  # fmt: skip
_OLDEST = 150 * 366  # in any unit
_COUNTED_ON = date(2001, 1, 1)  # any day: an age alone is counted the same on each


def read_typed(type_: Type, enums: Enums) -> Read:
    """The reader of values of one type."""
    match type_.kind:
        case "enum":
            return partial(_word, type_.name, enums)
        case "code":
            return partial(read_code_of, type_.name)
        case "measure" | "rate":
            return partial(_measured, type_)
        case kind:
            return _PLAIN.get(kind, read_text)


def _number(raw: object) -> Reading:
    return read_decimal(raw, PRICE_PLACES)


def _ratio(raw: object) -> Reading:
    text = half_width(as_text(raw) or "").strip()
    if not text.endswith("%"):
        return read_decimal(raw, RATIO_PLACES)
    number = parse_decimal(text[:-1])
    if number is None:
        return unusable(f"`{text[:40]}` 不是比例", f"`{text[:40]}` is no ratio")
    return read_decimal(format(number.scaleb(-2, CONTEXT), "f"), RATIO_PLACES)


def _quantity(raw: object) -> Reading:
    number = parse_decimal(half_width(as_text(raw) or ""))
    return read_dose(raw) if number is None else read_quantity(raw, None)


def _age(raw: object) -> Reading:
    """An age by itself, as the births that would have it on some day."""
    if is_blank(raw):
        return NOTHING
    match = _AGE.fullmatch(half_width(as_text(raw) or "").strip())
    unit = None if match is None else _AGE_UNITS.get(match["unit"].strip())
    count = 0 if match is None else int(match["count"])
    if unit is None or count > _OLDEST:
        return unusable("年龄写作 12岁、6月龄 或 28日龄", "ages are 12yo, 6mo_old or 28d_old")
    if unit == "day":
        born = Range.exactly(_COUNTED_ON - count * DAY)
    else:
        months = 12 if unit == "year" else 1
        if count * months > _OLDEST // 30:
            return unusable("年龄不合情理", "the age is not plausible")
        last = add_months(_COUNTED_ON, -count * months)
        born = Range(add_months(_COUNTED_ON, -(count + 1) * months) + DAY, last)
    return Reading(Value(range=born, fine=Range.exactly(_COUNTED_ON)))


_PLAIN: Mapping[str, Read] = {
    "yes_no": read_yes_no,
    "text": read_text,
    "number": _number,
    "money": _number,
    "ratio": _ratio,
    "date": read_date,
    "datetime": read_instant,
    "days": read_days,
    "quantity": _quantity,
    "age": _age,
}


def _word(enum: str, enums: Enums, raw: object) -> Reading:
    """A word of the vocabulary's enumerations, or of one that a ruleset declares in place."""
    own = enums.get(enum)
    if own is None:
        return read_word(enum, raw)
    if is_blank(raw):
        return NOTHING
    text = half_width(as_text(raw) or "").strip()
    for identity, words in own.items():
        if text in {identity, words.zh, words.en}:
            return Reading(one(identity))
    options = "、".join(words.zh for words in own.values())
    return unusable(
        f"`{text[:40]}` 不是 {options} 之一", f"`{text[:40]}` is none of {', '.join(own)}"
    )


def _measured(type_: Type, raw: object) -> Reading:
    """A measured value or a rate: `28.5`, `28.5 g/L`, `<0.1` (S2.1)."""
    if is_blank(raw):
        return NOTHING
    text = half_width(as_text(raw) or "").strip()
    match = _MEASURED.fullmatch(text)
    number = None if match is None else parse_decimal(match["number"])
    if match is None or number is None:
        return unusable(f"`{text[:40]}` 不是数值", f"`{text[:40]}` is no measured value")
    unit = _unit(type_, (match["unit"] or "").strip())
    if unit is None:
        wanted = type_.name or "次/天"
        return unusable(f"单位应是 {wanted}", f"the unit should be {wanted}")
    range_ = exactly(number).range if match["op"] is None else _beyond(match["op"], number)
    return Reading(Value(range=range_, unit=unit or None))


def _unit(type_: Type, sent: str) -> str | None:
    """The unit that a value is in; None where it is not the declared one."""
    known = unit_named(sent) if sent else None
    if type_.kind == "rate":
        return None if known is None else known.name
    if not sent or (known is not None and known.name == type_.name):
        return type_.name
    return None


def _beyond(op: str, end: Decimal) -> Range:
    if op in {"<", "<=", "≤"}:
        return Range(Decimal(0) if end >= 0 else None, end, high_open=op == "<")
    return Range(end, None, low_open=op == ">")

"""One cell of a table file as a value of its column's type."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from rulelang import core
from rulelang.calendar import AgeLimit, Window
from rulelang.check.scope import Checker
from rulelang.diagnostics import Words
from rulelang.meant import nearest
from rulelang.typenames import WINDOW_WORDS
from rulelang.types import Type
from rulelang.units import UNITS, Unit, suggest_unit, unit_named

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_RANGE = re.compile(r"\s*(?:至|~|～|–|—| to )\s*")
_SEPARATOR = re.compile(r"[，,、；;|\s]+")


class Unreadable(Exception):  # noqa: N818 - a cell, not an error of ours
    """A cell that does not fit its column's type."""

    def __init__(self, zh: str, en: str, help_: Words | None = None) -> None:
        """What was found and wanted."""
        super().__init__(en)
        self.words = Words(zh, en)
        self.help = help_


def read_cell(c: Checker, text: str, type_: Type) -> Any:
    """The value of a cell that is not blank.

    Raises:
        Unreadable: if the text does not fit the type.
    """
    match type_.kind:
        case "text":
            return text
        case "code":
            return read_code(text)
        case "codes":
            return read_code_items(text)
        case "enum":
            return _word(c, text, type_)
        case "yes_no":
            return _yes_no(text)
        case "date":
            return read_date(text)
        case "datetime":
            return _datetime(text)
        case "window":
            return read_window(text)
        case "age":
            return _age(text)
        case _:
            return _measured(text, type_)


def read_code(text: str) -> str:
    """A code, with or without its #; a number that a spreadsheet mangled is refused.

    Raises:
        Unreadable: if it is no code.
    """
    code = text.removeprefix("#").removeprefix("＃").strip()
    if re.fullmatch(r"\d(?:\.\d+)?[eE]\+?\d+", code) or re.fullmatch(r"\d+\.0", code):
        raise Unreadable(
            f"`{text}` 像是被表格软件改成了数", f"`{text}` looks like a number made by a spreadsheet",
            Words("把这一列设为文本后重新填写", "make the column text and fill it in again"),
        )  # fmt: skip
    if not code or any(character.isspace() for character in code):
        raise Unreadable(f"`{text}` 不是编码", f"`{text}` is no code")
    return code


def read_code_items(text: str) -> tuple[core.SetItem, ...]:
    """Codes and ranges of codes, separated by commas, semicolons or spaces.

    Raises:
        Unreadable: if one of them is no code.
    """
    items: list[core.SetItem] = []
    joined = re.sub(r"\s*(至|~|～|–|—)\s*", r"\1", text)
    for piece in _SEPARATOR.split(joined):
        if not piece:
            continue
        ends = _RANGE.split(piece)
        if len(ends) == 1:
            items.append(core.CodeItem(read_code(ends[0])))
        elif len(ends) == 2:  # noqa: PLR2004 - a range has two ends
            items.append(core.CodeSpan(read_code(ends[0]), read_code(ends[1])))
        else:
            raise Unreadable(f"`{piece}` 不是编码范围", f"`{piece}` is no range of codes")
    if not items:
        raise Unreadable(f"`{text}` 里没有编码", f"there is no code in `{text}`")
    return tuple(items)


def read_date(text: str) -> date:
    """A civil date, year-month-day.

    Raises:
        Unreadable: if it is none.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Unreadable(
            f"`{text}` 不是日期",
            f"`{text}` is no date",
            Words("写作 2026-01-31", "written 2026-01-31"),
        ) from None


def read_window(text: str) -> Window:
    """A window: 同日, 同次, 6小时, 前 14天.

    Raises:
        Unreadable: if it is none.
    """
    word = WINDOW_WORDS.get(text)
    if word is not None:
        return Window(word)
    for prefix, direction in (("前", "past"), ("past", "past"), ("后", "next"), ("next", "next")):
        if text.startswith(prefix):
            number, unit = _number_and_unit(text.removeprefix(prefix).strip())
            return Window(direction, int(number * unit.factor), unit.kind)
    number, unit = _number_and_unit(text)
    if unit.kind not in {"days", "months", "seconds"}:
        raise Unreadable(f"`{text}` 不是窗口", f"`{text}` is no window")
    return Window("length", int(number * unit.factor), unit.kind)


def _datetime(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise Unreadable(f"`{text}` 不是日期时间", f"`{text}` is no date and time") from None


def _yes_no(text: str) -> bool:
    known = {"是": True, "yes": True, "1": True, "否": False, "no": False, "0": False}
    if text.lower() not in known:
        raise Unreadable(f"`{text}` 不是 是 或 否", f"`{text}` is neither yes nor no")
    return known[text.lower()]


def _word(c: Checker, text: str, type_: Type) -> str:
    word = c.enum_word(type_.name, text)
    if word is None:
        wanted = c.say(type_)
        raise Unreadable(
            f"{wanted.zh}没有 `{text}` 一词", f"{wanted.en} has no word `{text}`",
            nearest(text, c.enum_words(type_.name)),
        )  # fmt: skip
    return word


def _number_and_unit(text: str) -> tuple[Decimal, Unit]:
    found = _NUMBER.match(text)
    if found is None:
        raise Unreadable(f"`{text}` 不是数", f"`{text}` is no number")
    rest = text[found.end() :].strip()
    unit = unit_named(rest)
    if unit is None:
        close = suggest_unit(rest, "zh") if rest else None
        raise Unreadable(
            f"`{text}` 的单位不在表中", f"the unit of `{text}` is not in the table",
            Words(f"是否指 `{close}`？", f"is `{close}` meant?") if close
            else Words("在数后写上单位", "write the unit behind the number"),
        )  # fmt: skip
    return Decimal(found.group()), unit


def _age(text: str) -> AgeLimit:
    number, unit = _number_and_unit(text)
    if unit.kind != "age" or number != int(number):
        raise Unreadable(
            f"`{text}` 不是年龄", f"`{text}` is no age",
            Words("写作 12岁、6月龄 或 28日龄", "written 12yo, 6mo_old or 28d_old"),
        )  # fmt: skip
    return AgeLimit(int(number), unit.name)


def _measured(text: str, type_: Type) -> Any:
    """A number; of a quantity, the pair of number and unit name."""
    if type_.kind == "quantity":
        number, unit = _number_and_unit(text)
        return number, unit.name
    if type_.kind in {"number", "measure"} or _NUMBER.fullmatch(text):
        return _plain(text, type_)
    number, unit = _number_and_unit(text)
    kind = type_.kind
    allowed = {"days": {"days"}, "money": {"money"}, "ratio": {"ratio"}, "points": {"points"}}
    if unit.kind not in allowed.get(kind, {kind}):
        raise Unreadable(f"`{text}` 的单位不对", f"the unit of `{text}` does not fit")
    return number * unit.factor


def _plain(text: str, type_: Type) -> Decimal:
    if type_.kind == "measure" and not _NUMBER.fullmatch(text):
        number, unit = _number_and_unit(text)
        wanted = next((u for u in UNITS if u.name == type_.name), None)
        if wanted is None or wanted.dimension != unit.dimension:
            raise Unreadable(f"`{text}` 的单位不对", f"the unit of `{text}` does not fit")
        return number * unit.factor / wanted.factor
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Unreadable(f"`{text}` 不是数", f"`{text}` is no number") from None

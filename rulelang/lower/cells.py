"""One cell of a table file as a value of its column's type."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from rulelang import core
from rulelang.calendar import AgeLimit, Window
from rulelang.check.scope import Checker
from rulelang.check.unknown import one_of
from rulelang.diagnostics import Words
from rulelang.meant import nearest
from rulelang.typenames import WINDOW_WORDS
from rulelang.types import Type
from rulelang.units import UNITS, Unit, suggest_unit, unit_named

_MANGLED = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+|\d+\.0")
_BLANK = re.compile(r"\s")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_RANGE = re.compile(r"\s*(?:至|~|～|–|—| to )\s*")
_DASHED = re.compile(r"#?([A-Z]\d{2}[\w.]*)(?:-#?([A-Z]\d{2}[\w.]*))+")
_SERIAL = re.compile(r"[345]\d{4}")  # days since 1899-12-30, as spreadsheets count them
_LOOSE_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_SEPARATOR = re.compile(r"[，,、；;|\s]+")


_WINDOWS = Words(
    "写作 `同日`、`同次`、`同处方`、`同小时`、`至今`、`6小时` 或 `前 14天`",
    "written `same_day`, `same_visit`, `same_prescription`, `same_hour`, `so_far`, `6h` or `past 14d`",
)


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
    if text.isalnum() and text[0].isalpha():  # as most are
        return text
    code = text.removeprefix("#").removeprefix("＃").strip()
    if _MANGLED.fullmatch(code):
        raise Unreadable(
            f"`{text}` 像是被表格软件改成了数", f"`{text}` looks like a number made by a spreadsheet",
            Words("把这一列设为文本后重新填写", "make the column text and fill it in again"),
        )  # fmt: skip
    if not code or _BLANK.search(code):
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
        dashed = _DASHED.fullmatch(piece)
        if dashed is not None:
            raise Unreadable(
                f"编码范围 `{piece}` 用了连接号", f"the range of codes `{piece}` is written with a dash",
                Words(f"写作 `{dashed[1]}至{dashed[2]}`", f"write `{dashed[1]} to {dashed[2]}`"),
            )  # fmt: skip
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
        raise Unreadable(f"`{text}` 不是日期", f"`{text}` is no date", _date_help(text)) from None


def _date_help(text: str) -> Words:
    loose = _LOOSE_DATE.fullmatch(text.strip())
    try:
        if loose is not None:
            meant = date(int(loose[1]), int(loose[2]), int(loose[3])).isoformat()
            return Words(f"写作 `{meant}`", f"write `{meant}`")
        if _SERIAL.fullmatch(text.strip()):
            meant = (date(1899, 12, 30) + timedelta(days=int(text))).isoformat()
            return Words(
                f"这是表格软件的日期序号，即 {meant}；把这一列设为文本后填 `{meant}`",
                f"this is a spreadsheet's number of {meant}; make the column text and write `{meant}`",
            )
    except ValueError:
        pass
    return Words("写作 `2026-01-31`", "written `2026-01-31`")


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
            number, unit = _number_and_unit(text.removeprefix(prefix).strip(), "14天")
            return Window(direction, int(number * unit.factor), unit.kind)
    if not text[:1].isdigit():
        raise Unreadable(
            f"`{text}` 不是窗口", f"`{text}` is no window", nearest(text, WINDOW_WORDS) or _WINDOWS
        )
    number, unit = _number_and_unit(text, "6小时")
    if unit.kind not in {"days", "months", "seconds"}:
        raise Unreadable(f"`{text}` 不是窗口", f"`{text}` is no window", _WINDOWS)
    return Window("length", int(number * unit.factor), unit.kind)


def _datetime(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise Unreadable(
            f"`{text}` 不是日期时间", f"`{text}` is no date and time",
            Words("写作 `2026-01-31T08:30`", "written `2026-01-31T08:30`"),
        ) from None  # fmt: skip


def _yes_no(text: str) -> bool:
    known = {"是": True, "yes": True, "1": True, "否": False, "no": False, "0": False}
    if text.lower() not in known:
        raise Unreadable(
            f"`{text}` 既不是 `是` 也不是 `否`", f"`{text}` is neither `yes` nor `no`",
            nearest(text, ("是", "否", "yes", "no")),
        )  # fmt: skip
    return known[text.lower()]


def _word(c: Checker, text: str, type_: Type) -> str:
    word = c.enum_word(type_.name, text)
    if word is None:
        wanted, words = c.say(type_), c.enum_words(type_.name)
        raise Unreadable(
            f"{wanted.zh}没有 `{text}` 一词", f"{wanted.en} has no word `{text}`",
            nearest(text, words) or one_of(words[::2], words[1::2]),
        )  # fmt: skip
    return word


def _number_and_unit(text: str, example: str) -> tuple[Decimal, Unit]:
    """A number with its unit; `example` is what a cell of this kind looks like."""
    found = _NUMBER.match(text)
    if found is None:
        raise Unreadable(
            f"`{text}` 不是数", f"`{text}` is no number",
            Words(f"写作 `{example}`", f"written `{example}`"),
        )  # fmt: skip
    rest = text[found.end() :].strip()
    if not rest:
        unit = _NUMBER.sub("", example)
        raise Unreadable(
            f"`{text}` 没有单位", f"`{text}` has no unit",
            Words(f"写上单位，如 `{text}{unit}`", f"write the unit, as `{text}{unit}`"),
        )  # fmt: skip
    known = unit_named(rest)
    if known is None:
        close = suggest_unit(rest, "zh")
        raise Unreadable(
            f"单位表中没有 `{rest}`", f"`{rest}` is not in the table of units",
            Words(f"是否指 `{close}`？", f"do you mean `{close}`?") if close else None,
        )  # fmt: skip
    return Decimal(found.group()), known


def _age(text: str) -> AgeLimit:
    number, unit = _number_and_unit(text, "12岁")
    if unit.kind != "age" or number != int(number):
        raise Unreadable(
            f"`{text}` 不是年龄", f"`{text}` is no age",
            Words("写作 `12岁`、`6月龄` 或 `28日龄`", "written `12yo`, `6mo_old` or `28d_old`"),
        )  # fmt: skip
    return AgeLimit(int(number), unit.name)


_EXAMPLES = {
    "quantity": "2支",
    "money": "5元",
    "ratio": "20%",
    "points": "5个百分点",
    "days": "14天",
}
_KINDS = {"days": {"days"}, "money": {"money"}, "ratio": {"ratio"}, "points": {"points"}}


def _measured(text: str, type_: Type) -> Any:
    """A number; of a quantity, the pair of number and unit name."""
    example = _EXAMPLES.get(type_.kind, "5")
    if type_.kind == "quantity":
        number, unit = _number_and_unit(text, example)
        return number, unit.name
    if type_.kind in {"number", "measure"} or _NUMBER.fullmatch(text):
        return _plain(text, type_)
    number, unit = _number_and_unit(text, example)
    if unit.kind not in _KINDS.get(type_.kind, {type_.kind}):
        raise Unreadable(
            f"`{text}` 的单位不对", f"the unit of `{text}` does not fit",
            Words(f"写作 `{example}`", f"written `{example}`"),
        )  # fmt: skip
    return number * unit.factor


def _plain(text: str, type_: Type) -> Decimal:
    if type_.kind == "measure" and not _NUMBER.fullmatch(text):
        number, unit = _number_and_unit(text, f"30 {type_.name}".rstrip())
        wanted = next((u for u in UNITS if u.name == type_.name), None)
        if wanted is None or wanted.dimension != unit.dimension:
            raise Unreadable(
                f"`{text}` 的单位不对", f"the unit of `{text}` does not fit",
                Words(f"用 {type_.name} 写", f"write it in {type_.name}") if type_.name else None,
            )  # fmt: skip
        return number * unit.factor / wanted.factor
    if not _NUMBER.fullmatch(text):
        raise Unreadable(f"`{text}` 不是数", f"`{text}` is no number")
    value = Decimal(text)
    if type_.kind == "ratio" and not 0 <= value <= 1:
        raise Unreadable(
            f"比例写成了 `{text}`，即 {value * 100}%", f"the ratio is written `{text}`, which is {value * 100}%",
            Words(f"写 `{text}%`", f"write `{text}%`"),
        )  # fmt: skip
    return value

"""Values, facts and places as words for a reader, in Chinese and English. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from engine.facts import Foreign, Value
from engine.finding import Waiver
from rulelang import types, vocabulary
from rulelang.calendar import AgeLimit, Window, completed_age, start_of, to_days
from rulelang.core import CodeItem, CodeSpan, Program
from rulelang.diagnostics import Words
from rulelang.types import Type
from rulelang.units import BY_NAME
from rulelang.values import TRUE, UNKNOWN, Range, as_decimal, round_half_up

GROUP, LINE = "group", "line"  # a group is read like one of its lines (S11.2)
GROUP_WORDS = Words("组", "group")
MOST_SHOWN = 5
MISSING = Words("（缺）", "(missing)")
NONE = Words("无", "none")
NO_LIMIT = Words("不限", "no limit")
YES = Words("是", "yes")
NO = Words("否", "no")
KNOWN = Words("已知", "known")
OR = Words("或", " or ")
PERHAPS_NONE = Words("（或无）", " (or none)")

PLACES = 2  # of money and of percentages
MOST_PLACES = 6  # of a quotient that comes out even
RECORD = "record:"  # the kind of a record is the id of its evidence
HOURS_UP_TO = 3 * 24 * 3600  # shorter intervals are said in hours

WINDOWS: Mapping[str, Words] = MappingProxyType(
    {
        "same_day": Words("同日", "same day"),
        "same_visit": Words("同次就诊", "same visit"),
        "same_prescription": Words("同一处方", "same prescription"),
        "same_hour": Words("同一小时", "same hour"),
        "so_far": Words("至今", "so far"),
        "this_month": Words("本月", "this month"),
        "this_year": Words("本年", "this year"),
        "past": Words("前", "past "),
        "next": Words("后", "next "),
        "length": Words("", ""),
    }
)


def value_words(value: Value, type_: Type, program: Program) -> Words:
    """What is known of a value, said by its type; `（缺）` where nothing is."""
    return Words(value_text(value, type_, program, "zh"), value_text(value, type_, program, "en"))


def value_text(value: Value, type_: Type, program: Program, lang: str) -> str:
    """`value_words` in one language."""
    if value.unlimited:
        return NO_LIMIT.choose(lang)
    if value.absent is TRUE:
        return NONE.choose(lang)
    if value.is_nothing:
        return MISSING.choose(lang)
    if value.range is not None:
        text = _range_text(value, value.range, type_, lang)
    else:
        texts = sorted(_choice_text(item, type_, program, lang) for item in value.choices or ())
        text = OR.choose(lang).join(texts)
    return text + PERHAPS_NONE.choose(lang) if value.absent is UNKNOWN else text


def list_text(values: Sequence[Value], type_: Type, program: Program, lang: str) -> str:
    """Values joined, at most five and then their number."""
    shown = [value_text(value, type_, program, lang) for value in values[:MOST_SHOWN]]
    return joined(shown, len(values), lang)


def joined(shown: Sequence[str], count: int, lang: str) -> str:
    """The first texts of a list of `count`."""
    if not count:
        return NONE.choose(lang)
    if lang == "en":
        return ", ".join(shown) + (f" and others, {count} in all" if count > len(shown) else "")
    return "、".join(shown) + (f"等{count}项" if count > len(shown) else "")


def cell_value(cell: object, type_: Type) -> Value:
    """A table's cell as a value; a blank one means "no limit"."""
    if isinstance(cell, Value):
        return cell
    if cell is None:
        return Value(unlimited=True)
    if type_.kind == "quantity" and isinstance(cell, tuple):
        number, unit = cell
        return Value(range=Range.exactly(number), unit=unit)
    if isinstance(cell, Decimal | Fraction | date) or type(cell) is int:
        return Value(range=Range.exactly(cell))
    return Value(choices=frozenset({cell}))


def unit_text(unit: str, lang: str) -> str:
    """A unit of the table as it is written; the item's own unit has no word."""
    known = BY_NAME.get(unit)
    return unit.replace("*", "") if known is None else known.spelt(lang)


def fact_words(kind: str, field: str, program: Program, evidence: str = "") -> Words:
    """A fact as rules name it: 患者.性别, patient.sex."""
    known = vocabulary.load()
    if kind == GROUP:
        return _dotted(GROUP_WORDS, _field_words(LINE, field))
    entity = known.entities.get(kind)
    found = known.field(kind, field)
    declared = program.evidence.get(evidence) or program.evidence.get(kind.removeprefix(RECORD))
    if declared is None or found is not None:
        name = _field_words(kind, field)
    else:
        column = next((item.name for item in declared.fields if item.name.en == field), None)
        name = declared.name if column is None else _dotted(declared.name, column)
        entity = known.entities.get(declared.owner, entity)
    owner = Words(kind, kind) if entity is None else Words(entity.zh, entity.en)
    return _dotted(owner, name)


def fact_type(kind: str, field: str, program: Program, evidence: str = "") -> Type:
    """The type of a fact; text where it is declared nowhere."""
    found = vocabulary.load().field(LINE if kind == GROUP else kind, field)
    if found is not None:
        return found.type
    declared = program.evidence.get(evidence) or program.evidence.get(kind.removeprefix(RECORD))
    if declared is None:
        return types.TEXT
    column = next((item.type for item in declared.fields if item.name.en == field), None)
    return declared.type if column is None else column


def _field_words(kind: str, field: str) -> Words:
    found = vocabulary.load().field(kind, field)
    return Words(field, field) if found is None else Words(found.zh, found.en)


def _dotted(left: Words, right: Words) -> Words:
    return Words(f"{left.zh}.{right.zh}", f"{left.en}.{right.en}")


# ---------------------------------------------------------------- ordered values


def _range_text(value: Value, known: Range, type_: Type, lang: str) -> str:
    end = known.low if known.low is not None else known.high
    if isinstance(end, date) and type_.kind not in {"age", "date", "datetime"}:
        return _time_text(known)  # a field that is declared nowhere is said by what it holds
    match type_.kind:
        case "age":
            return _age_text(known, value.fine, lang)
        case "interval":
            return _interval_text(known, value.fine, lang)
        case "date" | "datetime":
            return _time_text(known)
        case "seconds":
            return _spread(known, lambda item: _seconds_text(item, lang))
        case "ratio":
            return _spread(known, lambda item: figure(_hundredfold(item), most=PLACES) + "%")
        case _:
            unit = _unit_of(value, type_, lang)
            least = PLACES if type_.kind == "money" else 0
            text = _spread(known, lambda item: figure(_scaled(item, type_), least=least))
            plural = lang == "en" and type_.kind in {"days", "months"} and text != "1"
            return f"{text}{unit}s" if plural else f"{text}{unit}"


def _unit_of(value: Value, type_: Type, lang: str) -> str:
    """The unit behind a number, with the blank that stands before it."""
    match type_.kind:
        case "money":
            unit = unit_text("yuan", lang)
        case "points":
            unit = unit_text("pp", lang)
        case "days":
            unit = "天" if lang == "zh" else "day"
        case "months":
            unit = "个月" if lang == "zh" else "month"
        case "measure":
            unit = unit_text(type_.name, lang)
        case _:
            unit = unit_text(value.unit or "", lang)
    close = not unit or (lang == "zh" and not unit[0].isascii()) or unit == "%"
    return unit if close else f" {unit}"


def _scaled(item: Any, type_: Type) -> Any:
    return _hundredfold(item) if type_.kind == "points" else item


def _hundredfold(item: Decimal | Fraction | int) -> Decimal | Fraction:
    return item * 100 if isinstance(item, Fraction) else Decimal(item).scaleb(2)


def _spread(known: Range, show: Callable[[Any], str]) -> str:
    """A range: `3`, `3~5`, `≥3`, `<0.1`."""
    if known.is_exact:
        return show(known.low)
    from_zero = isinstance(known.low, Decimal | Fraction | int) and known.low == 0
    if known.high is not None and (known.low is None or (from_zero and known.high_open)):
        return ("<" if known.high_open else "≤") + show(known.high)
    if known.high is None:
        return "?" if known.low is None else (">" if known.low_open else "≥") + show(known.low)
    return f"{show(known.low)}~{show(known.high)}"


def figure(value: Decimal | Fraction | int, *, least: int = 0, most: int = MOST_PLACES) -> str:
    """A number without exponent: at least `least` decimals, more only where they say something.

    A quotient that does not come out even is rounded to two decimals.
    """
    if isinstance(value, Fraction):
        even = round_half_up(value, most)
        value = even if even == value else round_half_up(value, PLACES)
    text = format(as_decimal(Decimal(value), least), "f")
    whole, _, decimals = text.partition(".")
    kept = decimals[:least] + decimals[least:].rstrip("0")
    return f"{whole}.{kept}" if kept else whole


def _time_text(known: Range) -> str:
    """Dates and instants; an instant known by its day is shown as the date."""
    whole_days = (
        isinstance(known.low, datetime)
        and isinstance(known.high, datetime)
        and known.high_open
        and known.low == start_of(known.low.date())
        and known.high == start_of(known.high.date())
    )
    return _spread(to_days(known) if whole_days else known, _moment_text)


def _moment_text(moment: date | datetime) -> str:
    if not isinstance(moment, datetime):
        return moment.isoformat()
    return moment.isoformat(" ", "seconds" if moment.second else "minutes")


def _interval_text(days: Range, seconds: Range | None, lang: str) -> str:
    """Elapsed hours where they are known and few, else days."""
    if seconds is not None and seconds.high is not None and seconds.high < HOURS_UP_TO:
        return _spread(seconds, lambda item: _seconds_text(item, lang))
    return _range_text(Value(range=days), days, types.DAYS, lang)


def _seconds_text(item: Decimal | Fraction | int, lang: str) -> str:
    total = int(item)
    hours, rest = divmod(total, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [
        (hours, Words("小时", "h")), (minutes, Words("分钟", "min")), (seconds, Words("秒", "s"))
    ]  # fmt: skip
    blank = " " if lang == "en" else ""
    texts = [f"{count}{blank}{unit.choose(lang)}" for count, unit in parts if count]
    return blank.join(texts) or f"0{blank}{parts[0][1].choose(lang)}"


AGE_UNITS: Mapping[str, Words] = MappingProxyType(
    {
        "year_old": Words("岁", " years"),
        "month_old": Words("月龄", " months"),
        "day_old": Words("日龄", " days"),
    }
)


def _age_text(birth: Range, on: Range | None, lang: str) -> str:
    """The age; never the birth date. Babies are counted in months, the newborn in days."""
    if on is None:
        return KNOWN.choose(lang)
    for unit, word in AGE_UNITS.items():
        youngest = _age(birth.high, on.low, unit)
        oldest = _age(birth.low, on.high, unit)
        if unit == "day_old" or (youngest or oldest or 0) >= 1:
            return _spread(Range(youngest, oldest), str) + word.choose(lang)
    return KNOWN.choose(lang)


def _age(birth: date | None, on: date | None, unit: str) -> int | None:
    return None if birth is None or on is None else completed_age(birth, on, unit)


# ---------------------------------------------------------------- unordered values


def _choice_text(item: object, type_: Type, program: Program, lang: str) -> str:
    match item:
        case bool():
            return (YES if item else NO).choose(lang)
        case Foreign():
            return item.code
        case AgeLimit():
            return f"{item.count}{AGE_UNITS[item.unit].choose(lang)}"
        case Window():
            return _window_text(item, lang)
        case CodeItem():
            return str(item.value)
        case CodeSpan():
            return f"{item.low}{'至' if lang == 'zh' else ' to '}{item.high}"
        case tuple() | frozenset():
            texts = [_choice_text(part, type_, program, lang) for part in item]
            texts = sorted(texts) if isinstance(item, frozenset) else texts
            return joined(texts[:MOST_SHOWN], len(texts), lang)
        case str() if type_.kind == "enum":
            return word_words(type_.name, item, program).choose(lang)
        case _:
            return str(item)


def word_words(enum: str, word: str, program: Program) -> Words:
    """A word of an enumeration, of the vocabulary or written in a rule file."""
    known = vocabulary.load().enums.get(enum)
    if known is not None and word in known.words:
        return Words(known.words[word].zh, word.replace("_", " "))
    written = program.enums.get(enum, {}).get(word)
    return Words(word, word) if written is None else written


def _window_text(window: Window, lang: str) -> str:
    word = WINDOWS.get(window.word, Words(window.word, window.word)).choose(lang)
    if not window.amount:
        return word
    length = Value(range=Range.exactly(window.amount))
    kind = {"days": types.DAYS, "months": types.MONTHS, "seconds": types.SECONDS}[window.unit]
    return word + _range_text(length, Range.exactly(window.amount), kind, lang)


def waiver_words(waiver: Waiver) -> Words:
    """A waiver in one line: for what, why, by whom, and until when (S13)."""
    last = waiver.service_to - timedelta(days=1)
    key_zh, key_en = (f" {waiver.key}", f" {waiver.key}") if waiver.key else ("", "")
    return Words(
        f"豁免{key_zh}：{waiver.reason}；批准人 {waiver.approver}；服务日期 {waiver.service_from} 至 {last}，知悉于 {waiver.known_from}",
        f"waiver{key_en}: {waiver.reason}; approved by {waiver.approver}; dates of service {waiver.service_from} to {last}, known since {waiver.known_from}",
    )

"""Values and places of texts in words, Chinese and English."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from engine.facts import ABSENT, UNKNOWN_VALUE, UNLIMITED, Foreign, Value, exactly
from engine.filling import fill, fill_message
from engine.words import cell_value, list_text, value_words
from rulelang import core, types
from rulelang.calendar import AgeLimit, Window
from rulelang.core import CodeItem, CodeSpan
from rulelang.diagnostics import Words
from rulelang.types import Type
from rulelang.values import UNKNOWN, Range
from tests.bills import (
    ALBUMIN,
    G_PER_L,
    between,
    one,
    program,
    table,
    value,
)

PROGRAM = program(enums={"outcome": {"failed": Words("无效", "failed")}})


def instant(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 21, hour, minute)  # noqa: DTZ001 - civil time


@pytest.mark.parametrize(
    ("known", "type_", "zh", "en"),
    [
        (value("120"), types.MONEY, "120.00元", "120.00 yuan"),
        (value("0.123400"), types.MONEY, "0.1234元", "0.1234 yuan"),
        (exactly(Fraction(100, 3)), types.MONEY, "33.33元", "33.33 yuan"),
        (exactly(Fraction(1, 8)), types.MONEY, "0.125元", "0.125 yuan"),
        (value(between("12", "120")), types.MONEY, "12.00~120.00元", "12.00~120.00 yuan"),
        (value("0.155"), types.RATIO, "15.5%", "15.5%"),
        (exactly(Fraction(1, 3)), types.RATIO, "33.33%", "33.33%"),
        (value("0.1"), types.POINTS, "10个百分点", "10 pp"),
        (value("10.50", "box"), types.QUANTITY, "10.5盒", "10.5 box"),
        (value("7", "*"), types.QUANTITY, "7", "7"),
        (value("7"), types.QUANTITY, "7", "7"),
        (value("28"), G_PER_L, "28 g/L", "28 g/L"),
        (Value(range=Range(Decimal(0), Decimal("0.1"), high_open=True)), G_PER_L, "<0.1 g/L", "<0.1 g/L"),
        (value(between("3", None)), types.DAYS, "≥3天", "≥3 days"),
        (value(between(None, "3")), types.DAYS, "≤3天", "≤3 days"),
        (value("1"), types.DAYS, "1天", "1 day"),
        (value("3"), types.MONTHS, "3个月", "3 months"),
        (value("5400"), types.SECONDS, "1小时30分钟", "1 h 30 min"),
        (value("0"), types.SECONDS, "0小时", "0 h"),
        (Value(range=between("1", "2"), fine=Range.exactly(169200)), types.INTERVAL, "47小时", "47 h"),
        (Value(range=Range.exactly(14), fine=Range.exactly(14 * 86400)), types.INTERVAL, "14天", "14 days"),
        (value("3"), types.NUMBER, "3", "3"),
        (exactly(date(2026, 1, 31)), types.DATE, "2026-01-31", "2026-01-31"),
        (exactly(instant(8, 5)), types.DATETIME, "2026-11-21 08:05", "2026-11-21 08:05"),
        (Value(range=Range(instant(9), None)), types.DATETIME, "≥2026-11-21 09:00", "≥2026-11-21 09:00"),
        (one(choice=True), types.YES_NO, "是", "yes"),
        (one(choice=False), types.YES_NO, "否", "no"),
        (one("A01"), types.code("icd10"), "A01", "A01"),
        (one(Foreign("local-7")), types.code("drug"), "local-7", "local-7"),
        (one("male"), types.enum("sex"), "男", "male"),
        (one("failed"), types.enum("outcome"), "无效", "failed"),
        (one("strange"), types.enum("sex"), "strange", "strange"),
        (Value(choices=frozenset({"male", "female"})), types.enum("sex"), "女或男", "female or male"),
        (one(AgeLimit(12, "year_old")), types.AGE, "12岁", "12 years"),
        (one(Window("past", 14, "days")), types.WINDOW, "前14天", "past 14 days"),
        (one(Window("length", 21600, "seconds")), types.WINDOW, "6小时", "6 h"),
        (one(Window("same_day")), types.WINDOW, "同日", "same day"),
        (one((CodeItem("K74"), CodeSpan("C00", "C97"))), Type("codes", "icd10"), "K74、C00至C97", "K74, C00 to C97"),
        (UNKNOWN_VALUE, types.MONEY, "（缺）", "(missing)"),
        (ABSENT, types.MONEY, "无", "none"),
        (UNLIMITED, types.MONEY, "不限", "no limit"),
        (Value(range=between("5", "5"), absent=UNKNOWN), types.MONEY, "5.00元（或无）", "5.00 yuan (or none)"),
    ],
)  # fmt: skip
def test_values_by_type(known: Value, type_: Type, zh: str, en: str) -> None:
    assert value_words(known, type_, PROGRAM) == Words(zh, en)


def test_a_day_without_an_hour_is_a_date() -> None:
    day = Range(datetime(2026, 1, 1), datetime(2026, 1, 2), high_open=True)  # noqa: DTZ001
    assert value_words(Value(range=day), types.DATETIME, PROGRAM).zh == "2026-01-01"


def born(low: date, high: date | None = None, on: date = date(2026, 11, 21)) -> Value:
    return Value(range=Range(low, high or low), fine=Range.exactly(on))


@pytest.mark.parametrize(
    ("known", "zh"),
    [
        (born(date(1970, 5, 1)), "56岁"),
        (born(date(2026, 5, 1)), "6月龄"),
        (born(date(2026, 11, 1)), "20日龄"),
        (born(date(1970, 1, 1), date(1972, 12, 31)), "53~56岁"),
        (Value(range=Range(None, date(2000, 1, 1)), fine=Range.exactly(date(2026, 1, 1))), "≥26岁"),
        (Value(range=Range.exactly(date(1970, 5, 1))), "已知"),
    ],
)
def test_a_birth_date_is_shown_as_the_age(known: Value, zh: str) -> None:
    assert value_words(known, types.AGE, PROGRAM).zh == zh


def test_a_list_shows_five_and_its_number() -> None:
    values = [one(f"药{number}") for number in range(7)]
    assert list_text(values, types.TEXT, PROGRAM, "zh") == "药0、药1、药2、药3、药4等7项"
    assert list_text(values[:2], types.TEXT, PROGRAM, "zh") == "药0、药1"
    assert list_text(values, types.TEXT, PROGRAM, "en").endswith("药4 and others, 7 in all")
    assert list_text([], types.TEXT, PROGRAM, "zh") == "无"


def test_cells_are_values() -> None:
    assert cell_value(None, types.MONEY).unlimited
    assert cell_value((Decimal(3), "time"), types.QUANTITY) == value("3", "time")
    assert cell_value("X1", types.TEXT) == one("X1")
    assert cell_value(value("1"), types.MONEY) == value("1")


# ---------------------------------------------------------------- places in texts

LINE = core.Local(type=types.entity("line"), name="line")


def get(field: str, type_: Type = types.TEXT) -> core.Get:
    return core.Get(type=type_, base=LINE, field=field)


def evaluated(found: Value | Sequence[Value], type_: Type) -> Any:
    return lambda _: (found, type_)


def test_places_are_filled_by_type() -> None:
    template = core.Template(("应为", get("amount", types.MONEY), "。"))
    found = evaluated(value("12"), types.MONEY)
    assert fill(template, found, PROGRAM, "zh") == "应为12.00元。"


def test_what_is_unknown_is_named() -> None:
    template = core.Template((get("drug"),))
    found = evaluated(UNKNOWN_VALUE, types.TEXT)
    assert fill(template, found, PROGRAM, "zh") == "（缺：明细.药品）"
    assert fill(template, found, PROGRAM, "en") == "(missing: line.drug)"


def test_a_let_is_missed_by_its_shown_name() -> None:
    due = core.Local(type=types.MONEY, name="due")
    lets = (core.Let("due", Words("应收", "due"), due),)
    both = core.Message(core.Template((due,)), core.Template((due,)))
    words = fill_message(both, evaluated(UNKNOWN_VALUE, types.MONEY), PROGRAM, lets)
    assert words == Words("（缺：应收）", "(missing: due)")


def test_a_list_in_a_text_is_joined() -> None:
    column = core.Column(type=types.TEXT, collection=LINE, element="row", value=get("name"))
    found = evaluated([one("甲"), one("乙")], types.collection(types.TEXT))
    assert fill(core.Template((column,)), found, PROGRAM, "zh") == "甲、乙"


PATIENT_LOCAL = core.Local(type=types.entity("patient"), name="patient")


@pytest.mark.parametrize(
    ("expr", "zh"),
    [
        (core.EvidenceOf(type=G_PER_L, base=PATIENT_LOCAL, evidence="national/albumin"), "患者.血清白蛋白"),
        (core.Members(type=types.collection(types.entity("line")), base=PATIENT_LOCAL, field="lines"), "患者.明细"),
        (core.CellOf(type=types.MONEY, table="national.test/限价", keys=(), column="上限"), "限价.上限"),
        (core.CellOf(type=types.MONEY, table="t", keys=(), column="c"), "t.c"),
        (core.Get(type=types.TEXT, base=core.Local(type=types.entity("national.test/限价"), name="row"), field="上限"), "限价.上限"),
        (core.ParamRef(type=types.DAYS, param="p"), "上限天数"),
        (core.Aggregate(type=types.NUMBER, op="count", collection=LINE, element="e"), "此值"),
    ],
)  # fmt: skip
def test_names_of_expressions(expr: core.Expr, zh: str) -> None:
    caps = table("限价", {"药品": types.code("drug"), "上限": types.MONEY})
    declared = program(
        evidence={"national/albumin": ALBUMIN},
        tables={caps.id: caps},
        params={"p": core.ParamDef("p", Words("上限天数", "cap"), types.DAYS, ())},
    )
    found = evaluated(UNKNOWN_VALUE, types.TEXT)
    assert fill(core.Template((expr,)), found, declared, "zh") == f"（缺：{zh}）"

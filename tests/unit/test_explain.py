"""Values, facts and findings in words, Chinese and English."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from engine.derivation import CoverageLeaf, GapLeaf, NoRowLeaf, RowLeaf
from engine.explain import cited, full, missing, money_text, short
from engine.facts import ABSENT, UNKNOWN_VALUE, UNLIMITED, Coverage, Fact, Foreign, Value, exactly
from engine.filling import fill, fill_message
from engine.finding import Finding, ShownRemedy
from engine.words import cell_value, list_text, value_words
from rulelang import core, types
from rulelang.calendar import AgeLimit, Window
from rulelang.core import CodeItem, CodeSpan, Row
from rulelang.diagnostics import Words
from rulelang.source import Span
from rulelang.types import Type
from rulelang.values import FALSE, UNKNOWN, Range
from tests.bills import (
    Label,
    between,
    condition,
    entity,
    fact_leaf,
    finding,
    leaf_step,
    line,
    lit,
    not_held,
    one,
    open_coverage,
    outcome,
    program,
    rule,
    step,
    table,
    value,
)

PROGRAM = program(enums={"outcome": {"failed": Words("无效", "failed")}})
G_PER_L = Type("measure", "g/L")


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


# ---------------------------------------------------------------- leaves in words

ALBUMIN = core.EvidenceDef(
    "national/albumin", Words("血清白蛋白", "serum_albumin"), (), G_PER_L, (), "patient",
    ("laboratory", "physician"),
)  # fmt: skip
VISION = core.EvidenceDef(
    "national/vision",
    Words("首针前视力", "baseline_va"),
    (core.TableColumn(Words("眼", "side"), types.enum("eye")),),
    types.NUMBER,
    (),
    "patient",
    ("physician",),
)
PRIOR = core.EvidenceDef(
    "national/prior", Words("既往治疗", "prior_therapy"), (), types.ERROR,
    (core.TableColumn(Words("药类", "class"), types.code("drug_class")),), "patient", ("physician",),
)  # fmt: skip
CAPS = table(
    "限价", {"药品": types.code("drug"), "上限": types.MONEY, "级别": types.TEXT}, illustrative=True
)
DECLARED = program(
    evidence={each.id: each for each in (ALBUMIN, VISION, PRIOR)},
    enums={"eye": {"left": Words("左眼", "left")}},
    tables={CAPS.id: CAPS},
    decisions={
        "national/first_pay": core.DecisionDef(
            "national/first_pay", Words("先付比例", "first_pay"), (), types.RATIO, ()
        )
    },
)
ON = Range.exactly(date(2026, 11, 21))


def test_facts_are_cited_with_value_and_place() -> None:
    seventh = line(6)
    (item,) = cited([fact_leaf(seventh, "quantity")], DECLARED)
    assert item.kind == "fact"
    assert item.name == "line.quantity"
    assert item.shown == Words("第7行 明细.数量", "line 7 line.quantity")
    assert item.value == Words("10盒", "10 box")
    assert item.pointer == "/line/6/quantity"


def test_a_birth_date_is_cited_as_the_age_only() -> None:
    who = entity("patient", birth_date=exactly(date(1970, 5, 1)))
    (item,) = cited([fact_leaf(who, "birth_date")], DECLARED, ON)
    assert item.name == "patient.birth_date"
    assert item.value == Words("56岁", "56 years")
    (hidden,) = cited([fact_leaf(who, "birth_date")], DECLARED)
    assert hidden.value == Words("已知", "known")


def test_evidence_is_cited_by_its_name_and_arguments() -> None:
    who = entity("patient")
    who.facts["baseline_va"] = Fact(value("0.3"), "/e/1")
    (item,) = cited([fact_leaf(who, "baseline_va", "national/vision", "left")], DECLARED)
    assert item.name == "patient.baseline_va"
    assert item.shown == Words("患者.首针前视力[左眼]", "patient.baseline_va[left]")
    assert item.value.zh == "0.3"


def test_a_record_of_a_series_is_cited_by_its_field() -> None:
    record = entity("national/prior", **{"class": one("XL01")})
    (item,) = cited([fact_leaf(record, "class")], DECLARED)
    assert item.shown.zh == "患者.既往治疗.药类"


def test_an_unusable_value_says_why() -> None:
    who = entity("patient")
    why = Words("`-1` 不是日期", "`-1` is no date")
    who.facts["birth_date"] = Fact(UNKNOWN_VALUE, "/p/brdy", "-1", why)
    (item,) = cited([fact_leaf(who, "birth_date")], DECLARED, ON)
    assert item.value.zh == "（缺：`-1` 不是日期）"
    (lacking,) = missing([fact_leaf(who, "birth_date")], DECLARED)
    assert lacking.how.zh == "请更正患者.出生日期（挂号登记）：`-1` 不是日期"


def test_rows_are_cited_with_source_and_mark() -> None:
    row = Row(("X1", Decimal(35), None), 4, source="医保发2025-33号", point="KP-7")
    (item,) = cited([RowLeaf(CAPS, ("X1",), row)], DECLARED)
    assert item.kind == "row"
    assert item.name == "national.test/限价/X1"
    assert item.shown.zh == "限价[X1]"
    assert item.value.zh == "上限 35.00元、级别 不限"
    assert item.source == "医保发2025-33号，KP-7"
    assert item.illustrative
    (told,) = cited([RowLeaf(CAPS, ("X1",), replace(row, source="两库 KP-7"))], DECLARED)
    assert told.source == "两库 KP-7"
    (bare,) = cited([RowLeaf(CAPS, ("X1",), replace(row, source="", point=""))], DECLARED)
    assert bare.source == "限价.csv:4"


def test_absent_and_unheld_rows_coverages_and_gaps_are_cited() -> None:
    stay = entity("encounter")
    leaves = [
        NoRowLeaf(CAPS, ("X2",), inside=True),
        not_held(CAPS, "X3"),
        CoverageLeaf(
            stay,
            "lines",
            Coverage(closed=False, words=Words("未结算", "not settled"), pointer="/e/0"),
        ),
        GapLeaf("national/first_pay", "insurance_authority"),
    ]
    found = cited(leaves, DECLARED)
    assert [item.kind for item in found] == ["no_row", "no_row", "coverage", "gap"]
    assert [item.value.zh for item in found] == ["没有此行", "限价未收录", "未结算", "规则未规定"]
    assert found[2].name == "encounter.lines"
    assert found[3].shown.zh == "先付比例"


def test_assumptions_are_cited_behind_the_facts() -> None:
    billed = line()
    billed.facts["claimed"] = Fact(one(choice=True), "/l/0", assumption="claimed_by_default")
    found = cited([fact_leaf(billed, "claimed"), fact_leaf(billed, "price")], DECLARED)
    assert [item.kind for item in found] == ["fact", "fact", "assumption"]
    assert found[2].name == "claimed_by_default"
    assert "站点假设" in found[2].value.zh


# ---------------------------------------------------------------- missing facts


def test_a_missing_fact_names_who_can_supply_it() -> None:
    who = entity("patient")
    (found,) = missing([fact_leaf(who, "birth_date")], DECLARED)
    assert found.fact == "patient.birth_date"
    assert found.supplier == "registration"
    assert found.pointer == "/patient/0"
    assert found.subject == ""
    assert found.how == Words(
        "请补录患者.出生日期（挂号登记）", "supply patient.birth_date (registration desk)"
    )


def test_an_age_is_asked_for_by_the_birth_date() -> None:
    (found,) = missing([fact_leaf(entity("patient"), "age")], DECLARED)
    assert found.fact == "patient.birth_date"


def test_a_missing_fact_of_a_line_names_the_line() -> None:
    seventh = line(6, quantity=None)
    (found,) = missing([fact_leaf(seventh, "quantity"), fact_leaf(seventh, "quantity")], DECLARED)
    assert found.subject == "line7"
    assert found.how.zh == "请补录第7行明细.数量（收费员）"
    assert found.how.en == "supply line.quantity of line 7 (biller)"


def test_a_value_that_is_roughly_known_is_asked_for_exactly() -> None:
    who = entity("patient")
    who.facts["serum_albumin"] = Fact(value(between("28", "32")), "/e/1")
    (found,) = missing([fact_leaf(who, "serum_albumin", "national/albumin")], DECLARED)
    assert found.supplier == "laboratory"
    assert found.how.zh == "请补充患者.血清白蛋白的确切值（检验、医师），现为28~32 g/L"
    rough = entity("patient", birth_date=Value(range=Range(date(1970, 1, 1), date(1972, 1, 1))))
    (age,) = missing([fact_leaf(rough, "birth_date")], DECLARED)
    assert "1970" not in age.how.zh


def test_a_row_that_is_not_held_is_asked_of_the_rulesets_owner() -> None:
    (found,) = missing([not_held(CAPS, "X3")], DECLARED)
    assert found.fact == "table:national.test/限价"
    assert found.subject == "X3"
    assert found.supplier == "ruleset_owner"
    assert found.how.zh == "限价中没有 X3，请规则维护人补充"
    assert found.how.en.startswith("row not held: 限价 has none for X3")


def test_coverages_and_gaps_are_missing_facts_and_rows_are_not() -> None:
    stay = entity("encounter", key="e1")
    row = RowLeaf(CAPS, ("X1",), Row(("X1", None, None), 2))
    found = missing(
        [open_coverage(stay, "lines"), GapLeaf("national/first_pay", "insurance_authority"), row],
        DECLARED,
    )
    assert [item.fact for item in found] == ["encounter.lines", "gap:national/first_pay"]
    assert found[0].subject == "e1"
    assert found[0].how.zh == "请补全就诊.明细（收费员）：未结算"
    assert found[1].how.zh == "规则未规定先付比例，由医保部门明确"


# ---------------------------------------------------------------- findings


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [
        (between("50", "50"), "50.00元", "50.00 yuan"),
        (between("0", "35.2"), "至多35.20元", "up to 35.20 yuan"),
        (between("0", None), "至少0.00元", "at least 0.00 yuan"),
        (between("10", "35.2"), "10.00~35.20元", "10.00~35.20 yuan"),
    ],
)
def test_money_is_said_to_the_fen(amount: Range, zh: str, en: str) -> None:
    assert (money_text(amount, "zh"), money_text(amount, "en")) == (zh, en)


def named(order: int = 0) -> Any:
    return line(order, name=one("人血白蛋白"))


def test_a_violation_in_one_line() -> None:
    found = finding(
        rule("白蛋白"),
        Label.VIOLATED,
        [named(2)],
        [outcome("deny")],
        messages=(Words("限抢救、重症。", "Payable for rescue."),),
    )
    assert short(found) == Words(
        "违规：白蛋白限定（第3行 人血白蛋白）。限抢救、重症；基金不予支付金额：120.00元。",
        "violated: 白蛋白 limit (line 3 人血白蛋白). Payable for rescue; not paid by the fund: 120.00 yuan.",
    )


def test_an_upper_bound_is_said_so() -> None:
    found = finding(rule("a"), Label.SUSPECTED, [named()], [outcome("deny")], upper_bound=True)
    assert short(found).zh.endswith("基金可能不予支付金额：至多120.00元。")
    assert short(found).en.endswith("perhaps not paid by the fund: up to 120.00 yuan.")


def test_an_undetermined_finding_says_what_is_missing_and_from_whom() -> None:
    (lacking,) = missing([fact_leaf(entity("patient"), "sex")], DECLARED)
    found = finding(rule("a"), Label.UNDETERMINED, [line(0), line(1)], missing=(lacking,))
    assert short(found).zh == "待补充信息：a限定（第1行、第2行）。缺：患者.性别，由 挂号登记 提供。"
    assert short(found).en == (
        "undetermined: a limit (line 1, line 2). missing: patient.sex, from the registration desk."
    )


def test_a_folded_finding_counts_its_rules() -> None:
    found = finding(rule("a"), Label.UNDETERMINED, [line()], folded=(rule("a"), rule("b")))
    assert short(found).zh == "待补充信息：2条规则（第1行）。"


def test_nothing_is_forbidden() -> None:
    """Payment is not use."""
    found = finding(rule("a"), Label.VIOLATED, [named()], [outcome("deny")])
    for words in (short(found).zh, short(found).en, *full(found, DECLARED, "en")):
        assert not any(
            word in words for word in ("禁止", "不得使用", "违法", "forbidden", "illegal")
        )


TEXT = "规则集 测\n规则 白蛋白限定\n    要求 患者.血清白蛋白 < 30 g/L\n    则 不予支付\n"


def explained(*parts: Any) -> Finding:
    start = TEXT.index("规则 白蛋白限定")
    document = core.Document("d", Words("药品目录", "Drug catalog"), "医保发2025-33号")
    made = rule(
        "白蛋白",
        span=Span("a.rule", start, len(TEXT) - 1),
        citations=(core.Citation(document, "备注栏"),),
    )
    expr = lit(span=Span("a.rule", TEXT.index("患者"), TEXT.index(" g/L") + 4))
    derivation = step("all", FALSE, *parts, expr=expr)
    return finding(
        made,
        Label.VIOLATED,
        [named()],
        [outcome("deny")],
        messages=(Words("白蛋白过高", "albumin too high"),),
        remedies=(ShownRemedy(Words("补充报告", "supply the result"), "physician"),),
        derivation=derivation,
    )


def test_the_whole_explanation() -> None:
    who = entity("patient")
    who.facts["serum_albumin"] = Fact(value("32"), "/e/1")
    leaf = fact_leaf(who, "serum_albumin", "national/albumin")
    declared = replace_sources(DECLARED)
    assert full(explained(leaf_step(leaf)), declared, "zh") == [
        "违规：白蛋白限定（第1行 人血白蛋白）。白蛋白过高；基金不予支付金额：120.00元。",
        "判定过程：",
        "  患者.血清白蛋白 < 30 g/L → 不成立",
        "    患者.血清白蛋白：32 g/L [/e/1]",
        "规则原文：",
        "  a.rule:2",
        "  2 | 规则 白蛋白限定",
        "  3 |     要求 患者.血清白蛋白 < 30 g/L",
        "  4 |     则 不予支付",
        "依据：",
        "  药品目录（医保发2025-33号） 备注栏",
        "可以怎么办：",
        "  补充报告（医师）",
    ]
    english = full(explained(leaf_step(leaf)), declared, "en")
    assert english[2] == "  患者.血清白蛋白 < 30 g/L → does not hold"
    assert english[-1] == "  supply the result (physician)"


def replace_sources(of: core.Program) -> core.Program:
    return core.Program(
        of.rulesets, of.rules, of.tables, of.lists, of.evidence, of.params, of.decisions, of.enums,
        {"a.rule": TEXT},
    )  # fmt: skip


def test_a_long_list_is_abbreviated_with_its_count() -> None:
    leaves = [leaf_step(fact_leaf(line(order), "quantity")) for order in range(20)]
    lines = full(explained(*leaves), replace_sources(DECLARED), "zh")
    assert sum("明细.数量" in each for each in lines) == 8
    assert "    ……另有12项，共20项" in lines


def test_named_parts_rows_and_ages_stand_in_the_tree() -> None:
    who = entity("patient", birth_date=exactly(date(1970, 5, 1)))
    age = Value(range=Range.exactly(date(1970, 5, 1)), fine=ON)
    row = RowLeaf(CAPS, ("X1",), Row(("X1", Decimal(35), None), 4, source="33号"))
    inner = replace(step("let", value("3"), expr=lit(types.NUMBER)), label="cap")
    lines = full(
        explained(leaf_step(fact_leaf(who, "birth_date"), age), leaf_step(row), inner),
        replace_sources(DECLARED),
        "zh",
    )
    assert "    患者.出生日期：56岁 [/patient/0/birth_date]" in lines
    assert "    限价[X1]：上限 35.00元、级别 不限（示例）（来源：33号）" in lines
    assert "    cap → 3" in lines


def test_constants_and_names_are_not_repeated() -> None:
    constant = step("all", value("30"), expr=lit(types.NUMBER))
    bare = step("and", FALSE, step("all", None, expr=lit()), constant)
    lines = full(explained(bare), replace_sources(DECLARED), "zh")
    tree = lines[lines.index("判定过程：") + 1 : lines.index("规则原文：")]
    assert tree == ["  患者.血清白蛋白 < 30 g/L → 不成立"]


def test_missing_facts_and_the_exception_stand_in_the_whole_explanation() -> None:
    lacking = missing([fact_leaf(entity("patient"), "sex")], DECLARED)
    document = core.Document("d", Words("答复", "Answer"))
    found = finding(
        rule("a"),
        Label.UNDETERMINED,
        [line()],
        missing=lacking,
        exception=core.Citation(document, "一"),
        derivation=condition(UNKNOWN),
    )
    lines = full(found, DECLARED, "zh")
    assert "  请补录患者.性别（挂号登记）" in lines
    assert "  答复 一" in lines

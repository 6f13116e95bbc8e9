"""Facts and findings in words, Chinese and English."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.derivation import CoverageLeaf, GapLeaf, NoRowLeaf, RowLeaf
from engine.explain import cited, full, missing, money_text, short
from engine.facts import UNKNOWN_VALUE, Coverage, Fact, Value, exactly
from engine.finding import Finding, ShownRemedy
from rulelang import core, types
from rulelang.core import Row
from rulelang.diagnostics import Words
from rulelang.source import Span
from rulelang.values import FALSE, UNKNOWN, Range
from tests.bills import (
    ALBUMIN,
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

# ---------------------------------------------------------------- leaves in words

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

"""Sheets to bills: the same bill as the request, what a column may be, and what is refused."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from apps import profiles, rulesets
from engine import errors
from engine.checker import check
from engine.facts import exactly, one
from engine.finding import BillResult
from engine.intake.nhsa import read_bills
from engine.intake.reading import Limits, read_request
from engine.intake.sheet import Declared, read_workbook
from engine.intake.workbooks import Cell
from rulelang.core import Program
from rulelang.values import Range
from tests import requests
from tests.reading import noted
from tests.requests import (
    Tree,
    at_settlement,
    encounter,
    line,
    patient,
    request,
    summary,
)
from tests.sheets import (
    of,
    one_bill,
    others,
    refused,
    repeated,
    sheets_of,
    workbook,
)

# The same bill


def core_of(result: BillResult) -> list[Any]:
    """All that a check says, without the places."""
    return [
        result.verdict, result.payment, result.totals, result.counts,
        [(one.line.key, one.payment, one.claimed, one.payable) for one in result.lines],
        [
            (
                found.rule.id, found.label, [entity.key for entity in found.offending],
                [entity.key for entity in found.involved], found.at_risk, found.amount,
                found.assumptions, [rule.id for rule in found.folded], found.messages,
                [(missing.fact, missing.supplier) for missing in found.missing],
                [(cited.kind, cited.name, cited.value) for cited in found.because],
            )
            for found in (*result.findings, *result.passed)
        ],
    ]  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> Program:
    program = rulesets.shipped().compile().program
    assert program is not None
    return program


def demo(name: str) -> bytes:
    data = rulesets.shipped_file(name)
    assert data is not None
    return data


@pytest.mark.parametrize("name", ["inpatient_3102", "outpatient_3101"])
def test_request_workbook_and_csv_give_the_same_findings(shipped: Program, name: str) -> None:
    data = demo(f"demo/{name}.json")
    profile = profiles.read(demo("demo/demo.toml"), name="demo", place="demo.toml")
    tree: Tree = json.loads(data)
    for person in tree["input"]["data"]["patient_dtos"]:
        for stay in person["fsi_encounter_dtos"]:
            stay.pop("fsi_operation_dtos", None)  # a workbook has no sheet for them
    declared = Declared(shipped.evidence, shipped.enums)
    (sent,) = read_bills(read_request(json.dumps(tree).encode()), profile)
    (in_sheets,) = read_workbook(workbook(sheets_of(tree)), profile, declared=declared)
    csv_file = workbook({"明细": repeated(tree)}, "bill.csv")
    (in_csv,) = read_workbook(csv_file, profile, declared=declared)
    wanted = core_of(check(shipped, sent))
    assert wanted[5], "the demo finds something"
    assert core_of(check(shipped, in_sheets)) == wanted
    assert core_of(check(shipped, in_csv)) == wanted


def test_a_workbook_says_all_that_the_request_says() -> None:
    tree = at_settlement(request(patient(encounter(fsi_operation_dtos=[]))))
    (sent,) = read_bills(read_request(requests.as_bytes(tree)))
    found = summary(one_bill(workbook(sheets_of(tree))))
    wanted = summary(sent) | {"request": ""}  # a sheet has no number of its own
    assert found == wanted


def test_history_of_the_same_person_stays_history() -> None:
    tree = request(
        patient(
            encounter(),
            encounter(mdtrt_id="M0", fsi_order_dtos=[line(9, curr_drord_flag="0")]),
        )
    )
    bill = one_bill(workbook(sheets_of(tree)))
    assert [one.key for one in bill.patient.collections["lines"].members] == [
        "L1",
        "L2",
        "L3",
        "L9",
    ]
    assert [one.key for one in bill.lines] == ["L1", "L2", "L3"]


# Bills


def test_one_bill_for_each_person_and_encounter_in_order_of_appearance() -> None:
    rows: list[list[Cell]] = [
        ["就诊号", "人员", "行号"],
        ["B", "P2", "1"],
        ["A", "P1", "2"],
        ["B", "P2", "3"],
        ["C", "P1", "4"],
    ]
    bills = read_workbook(workbook({"明细": rows}))
    assert [bill.encounter.key for bill in bills] == ["B", "A", "C"]
    assert [[one.key for one in bill.lines] for bill in bills] == [["1", "3"], ["2"], ["4"]]
    history = [len(bill.patient.collections["encounters"].members) for bill in bills]
    assert history == [1, 2, 2]


def test_one_number_of_two_persons_is_two_encounters() -> None:
    rows: list[list[Cell]] = [["就诊号", "人员", "行号"], ["1", "P1", "1"], ["1", "P2", "2"]]
    bills = read_workbook(workbook({"明细": rows}))
    assert [(bill.patient.key, len(bill.lines)) for bill in bills] == [("P1", 1), ("P2", 1)]
    rows.append(["1", None, "3"])
    found = refused(workbook({"明细": rows}))
    assert (found.code, found.place) == (errors.NO_KEY, "bill.xlsx#明细!R4")


def test_without_a_person_encounters_are_unrelated() -> None:
    rows: list[list[Cell]] = [["就诊号", "行号"], ["A", "1"], ["B", "2"]]
    bills = read_workbook(workbook({"明细": rows}))
    assert all(len(bill.patient.collections["encounters"].members) == 1 for bill in bills)


def test_a_row_without_its_encounter_is_refused() -> None:
    for key in (None, "-", "合计", "Total"):
        rows: list[list[Cell]] = [["就诊号", "金额"], ["A", Decimal(1)], [key, Decimal(1)]]
        found = refused(workbook({"明细": rows}))
        assert (found.code, found.place) == (errors.NO_KEY, "bill.xlsx#明细!R3")


def test_rows_of_no_encounter_are_noted() -> None:
    bill = one_bill(of("行号", ("1",), 诊断=[["就诊号", "编码"], ["E9", "I63.900"]]))
    assert noted(bill, "就诊号") == ["there is no such encounter; not read"]
    assert not bill.encounter.collections["diagnoses"].coverage.closed


def test_lines_of_an_encounter_without_a_row_are_read_and_noted() -> None:
    rows: list[list[Cell]] = [["就诊号", "人员"], ["E2", "P2"]]
    without, bill = read_workbook(of("行号", ("1",), 就诊=rows))
    assert (bill.encounter.key, len(bill.lines)) == ("E1", 1)
    assert noted(bill, "就诊号") == ["the sheet `encounters` has no such encounter"]
    assert (without.encounter.key, without.lines) == ("E2", ())
    assert noted(without, "明细") == ["no line under audit"]


def test_a_sheet_without_lines_is_refused() -> None:
    assert refused(workbook({"明细": [["就诊号"]]})).code == errors.NO_ENCOUNTER


def test_the_limit_of_lines_is_that_of_requests() -> None:
    rows: list[list[Cell]] = [["就诊号", "人员", "行号"], *[["E", "P", str(n)] for n in range(4)]]
    assert len(one_bill(workbook({"明细": rows}), limits=Limits(lines=4)).lines) == 4
    assert refused(workbook({"明细": rows}), limits=Limits(lines=3)).code == errors.TOO_MANY_LINES


def test_many_encounters_that_are_each_others_history_are_refused() -> None:
    rows: list[list[Cell]] = [["就诊号", "人员"], *[[str(n), "P"] for n in range(30)]]
    assert refused(workbook({"明细": rows}), limits=Limits(lines=100)).code == errors.TOO_MANY_LINES


# Columns


def test_heads_in_both_languages_and_with_prefixes() -> None:
    rows: list[list[Cell]] = [
        ["encounter_no", "Patient.Sex", "line.quantity", "unit", "institution.level", "price", " amount "],
        ["E1", "male", Decimal(2), "box", "level2_a", Decimal("1.5"), Decimal(3)],
    ]  # fmt: skip
    bill = one_bill(workbook({"lines": rows}))
    assert others(bill) == []
    assert bill.patient.value("sex") == one("male")
    assert bill.institution.value("level") == one("level2_a")
    assert bill.lines[0].value("quantity") == exactly(Decimal(2), "box")
    assert bill.lines[0].fact("amount").pointer == "bill.xlsx#lines!R2Camount"


def test_a_fact_has_the_place_of_its_cell_and_a_missing_one_the_place_it_would_have() -> None:
    bill = one_bill(of("行号 数量 性别", ("1", Decimal(2), "女")))
    made = bill.lines[0]
    assert made.pointer == "bill.xlsx#明细!R2"
    assert made.fact("quantity").pointer == "bill.xlsx#明细!R2C数量"
    assert made.fact("price").pointer == "bill.xlsx#明细!R2C单价"
    assert bill.patient.fact("sex").pointer == "bill.xlsx#明细!R2C性别"
    assert bill.patient.fact("birth_date").pointer == "bill.xlsx#明细!R2C出生日期"
    assert bill.institution.fact("division").pointer == "bill.xlsx#明细!R2C机构.区划"


def test_an_unknown_column_is_noted_with_what_may_be_meant() -> None:
    bill = one_bill(of("数量 开单医生", (Decimal(1), "D1")))
    (note,) = others(bill)
    assert (note.pointer, note.field) == ("bill.xlsx#明细!R1C开单医生", "开单医生")
    assert "`开单医师`" in note.words.zh


def test_a_name_of_several_owners_needs_its_prefix() -> None:
    bill = one_bill(of("区划", ("330600",)))
    assert bill.patient.value("pool_area").is_nothing
    assert bill.institution.value("division").is_nothing
    (said,) = noted(bill, "区划")
    assert "`patient.区划`" in said
    assert "`institution.区划`" in said
    bill = one_bill(of("患者.区划 机构.区划", ("330600", "330602")))
    assert bill.patient.value("pool_area") == one("330600")
    assert bill.territories["place_of_care"] == "330602"


def test_a_column_twice_is_refused_even_under_two_names() -> None:
    for heads in ("数量 数量", "数量 明细.数量", "数量 quantity"):
        found = refused(of(heads, (Decimal(1), Decimal(2))))
        assert found.code == errors.COLUMN_TWICE


def test_a_missing_key_column_or_sheet_is_refused() -> None:
    found = refused(workbook({"明细": [["行号"], ["1"]]}))
    assert (found.code, found.place) == (errors.NO_COLUMN, "bill.xlsx#明细!R1")
    found = refused(of("行号", ("1",), 诊断=[["编码"], ["I63"]]))
    assert (found.code, found.place) == (errors.NO_COLUMN, "bill.xlsx#诊断!R1")
    assert refused(workbook({"Sheet1": [["就诊号"], ["1"]]})).code == errors.NO_COLUMN
    two = {"明细": [["就诊号"], ["1"]], "lines": [["就诊号"], ["1"]]}
    assert refused(workbook(two)).code == errors.COLUMN_TWICE


def test_other_sheets_and_columns_without_a_head_are_noted() -> None:
    bill = one_bill(of("行号", ("1", "x"), 汇总=[["a"], ["b"]], 说明=[["c"]]))
    assert [note.pointer for note in others(bill)] == ["bill.xlsx#汇总"]
    rows: list[list[Cell]] = [["就诊号", ""], ["E1", "something"]]
    (note,) = others(one_bill(workbook({"明细": rows})))
    assert note.words.en == "a column without a head; not read"


def test_any_fact_of_the_vocabulary_may_be_a_column() -> None:
    heads = "公示价 首次处方 频次 单位数量 病组总费用 已转诊 范围 观察 机构.公立 死亡日期 年龄"
    cells = (
        Decimal("9.999999"), "是", "3次/天", "20片", "1,000", "否", "跨省", "x", True,
        dt.date(2026, 3, 9), "65岁",
    )  # fmt: skip
    bill = one_bill(of(heads.replace("观察 ", ""), cells[:7] + cells[8:]))
    made = bill.lines[0]
    assert made.value("listed_price") == exactly(Decimal("9.999999"))
    assert made.value("first_rx") == one(choice=True)
    assert made.value("frequency") == exactly(Decimal(3), "time/day")
    assert made.value("unit_quantity") == exactly(Decimal(20), "tablet")
    assert bill.encounter.value("group_total").is_nothing
    assert len(noted(bill, "病组总费用")) == 1  # a thousands separator is no number
    assert bill.encounter.value("referred") == one(choice=False)
    assert bill.encounter.value("place") == one("other_province")
    assert bill.institution.value("public") == one(choice=True)
    assert bill.patient.value("death_date") == exactly(dt.date(2026, 3, 9))
    born = bill.patient.value("age").range
    assert born == Range(dt.date(1935, 1, 2), dt.date(1936, 1, 1))

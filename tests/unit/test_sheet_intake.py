"""Sheets to bills: the same bill as the request, what a column may be, and what is refused."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from apps import profiles, rulesets
from apps.authoring.facts_values import OWN_UNIT
from engine import errors
from engine.checker import check
from engine.errors import InputError
from engine.facts import ABSENT, Bill, Entity, Foreign, IntakeNote, evidence_key, exactly, one
from engine.finding import BillResult
from engine.intake import encounters, lines, patients
from engine.intake.fields import Row
from engine.intake.nhsa import read_bills
from engine.intake.reading import Limits, read_request
from engine.intake.sheet import Declared, read_workbook
from engine.intake.sheet_names import SENDS
from engine.intake.workbooks import Cell, Fault, Workbook
from engine.profile import NO_PROFILE, CoverageClaim, Profile
from rulelang import types
from rulelang.core import EvidenceDef, Program, TableColumn
from rulelang.diagnostics import Words
from rulelang.values import Range
from tests import requests, sheets
from tests.requests import (
    DRUG,
    ITEM,
    Tree,
    at_settlement,
    encounter,
    line,
    patient,
    request,
    summary,
)
from tests.sheets import repeated, sheets_of, workbook

NO_CODE = "no code; a name is never turned into one"


def moment(*parts: int) -> dt.datetime:
    year, month, day, *clock = parts
    return dt.datetime(year, month, day, *clock)  # noqa: DTZ001


def of(heads: str, *rows: tuple[Cell, ...], **others: list[list[Cell]]) -> Workbook:
    """A workbook of one sheet of lines, each of encounter E1, with others beside."""
    lines: list[list[Cell]] = [["就诊号", *heads.split()]]
    lines += [["E1", *row] for row in rows]
    return workbook({"明细": lines, **others})


def one_bill(book: Workbook, profile: Profile = NO_PROFILE, **options: Any) -> Bill:
    (found,) = read_workbook(book, profile, **options)
    return found


def one_line(heads: str, *cells: Cell, profile: Profile = NO_PROFILE) -> Entity:
    (found,) = one_bill(of(heads, cells), profile).lines
    return found


def noted(bill: Bill, field: str) -> list[str]:
    return [note.words.en for note in bill.notes if note.field == field]


def others(bill: Bill) -> list[IntakeNote]:
    """The notes but those on lines without a code."""
    return [note for note in bill.notes if note.words.en != NO_CODE]


def refused(book: Workbook, **options: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        read_workbook(book, **options)
    return caught.value


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


EVIDENCE = {
    evidence.id: evidence
    for evidence in (
        EvidenceDef("t/rescue", Words("抢救", "rescue"), (), types.YES_NO, (), "encounter", ()),
        EvidenceDef(
            "t/albumin", Words("血清白蛋白", "albumin"), (), types.Type("measure", "g/L"), (), "patient", ()
        ),
        EvidenceDef("t/eye", Words("眼别", "eye"), (), types.enum("t/eye"), (), "line", ()),
        EvidenceDef(
            "t/vision",
            Words("视力", "vision"),
            (TableColumn(Words("眼", "side"), types.enum("t/eye")),),
            types.Type("measure"),
            (),
            "patient",
            (),
        ),
        EvidenceDef(
            "t/therapy", Words("既往治疗", "therapy"), (), types.entity("r"), (), "patient", (), word="series"
        ),
        EvidenceDef("t/doses", Words("剂数", "doses"), (), types.NUMBER, (), "prescription", ()),
    )
}  # fmt: skip
EYES = {"t/eye": {"left": Words("左眼", "left"), "right": Words("右眼", "right")}}


def test_evidence_may_be_a_column() -> None:
    heads = "就诊.抢救 血清白蛋白 明细.眼别 患者.视力[左眼] 视力（右眼） 视力 既往治疗 处方号 处方.剂数 类别"
    cells = ("是", "<30", "右眼", Decimal("0.5"), "0.1 ", "1", "x", "RX", Decimal(7), "101")
    bill = one_bill(of(heads, cells), declared=Declared(EVIDENCE, EYES))
    assert bill.encounter.value(evidence_key("t/rescue")) == one(choice=True)
    albumin = bill.patient.value(evidence_key("t/albumin"))
    assert (albumin.range, albumin.unit) == (Range(Decimal(0), Decimal(30), high_open=True), "g/L")
    assert bill.lines[0].value(evidence_key("t/eye")) == one("right")
    assert bill.patient.value(evidence_key("t/vision", ("left",))) == exactly(Decimal("0.5"))
    assert bill.patient.value(evidence_key("t/vision", ("right",))) == exactly(Decimal("0.1"))
    assert bill.prescriptions[0].value(evidence_key("t/doses")) == exactly(Decimal(7))
    assert {note.field for note in others(bill)} == {"视力", "既往治疗"}
    undeclared = one_bill(of("就诊.抢救", ("是",)))
    assert len(noted(undeclared, "就诊.抢救")) == 1


def test_evidence_that_cannot_be_read_is_unknown_with_a_note() -> None:
    bill = one_bill(of("抢救 血清白蛋白", ("也许", "30 mg/dL")), declared=Declared(EVIDENCE, EYES))
    assert bill.encounter.value(evidence_key("t/rescue")).is_nothing
    assert bill.patient.value(evidence_key("t/albumin")).is_nothing
    assert {note.field for note in others(bill)} == {"抢救", "血清白蛋白"}


# Codes


@pytest.mark.parametrize(
    ("head", "cell"),
    [
        ("编码", Decimal(3311040160000)),
        ("药品", Decimal(3311040160000)),
        ("项目", dt.date(2026, 3, 1)),
        ("编码", "3.31104E+12"),
        ("行号", Decimal(1)),
        ("人员", Decimal(330602199001011234)),
        ("诊断", Decimal(1)),
        ("编码", True),
    ],
)
def test_a_code_that_is_no_text_is_refused_with_sheet_row_and_column(head: str, cell: Cell) -> None:
    found = refused(of(f"数量 {head}", (Decimal(1), "x"), (Decimal(1), cell)))
    assert found.code == errors.NUMBER_FOR_CODE
    assert found.place == f"bill.xlsx#明细!R3C{head}"
    assert f"`明细` 第 3 行 `{head}` 列" in found.words.zh


def test_a_number_as_the_key_is_refused() -> None:
    rows: list[list[Cell]] = [["就诊号"], [Decimal(1234567890123456789)]]
    assert refused(workbook({"明细": rows})).code == errors.NUMBER_FOR_CODE


def test_the_column_of_a_code_tells_its_kind() -> None:
    made = one_line("药品 数量 单位", "Y-OWN-17", Decimal(2), "盒")
    assert made.value("drug") == one(Foreign("Y-OWN-17"))
    assert made.value("item") == ABSENT
    made = one_line("项目 数量", ITEM, Decimal(2))
    assert made.value("item") == one(ITEM)
    assert made.value("quantity") == exactly(Decimal(2), OWN_UNIT)
    assert made.value("drug") == ABSENT


def test_one_column_of_codes_tells_the_kind_by_their_form() -> None:
    bill = one_bill(of("编码", (DRUG,), (ITEM,)))
    assert [made.value("drug") for made in bill.lines] == [one(DRUG), ABSENT]
    assert bill.notes == ()


def test_several_codes_in_one_row_are_none() -> None:
    bill = one_bill(of("药品 项目", (DRUG, ITEM)))
    assert bill.lines[0].value("drug").is_nothing
    assert bill.lines[0].value("item").is_nothing
    assert noted(bill, "编码") == ["several codes in one row; none is taken"]
    bill = one_bill(of("药品 编码", (DRUG, DRUG)))
    assert bill.lines[0].value("drug") == one(DRUG)


def test_a_name_is_a_code_by_the_profiles_table_only_and_exactly() -> None:
    profile = Profile(names={"人血白蛋白": DRUG})
    bill = one_bill(
        of("编码 名称", (None, "人血白蛋白"), ("默认", "人血白蛋白"), (None, "人血白蛋白注射液")),
        profile,
    )
    assert [made.value("drug") == one(DRUG) for made in bill.lines] == [True, True, False]
    assert [note.pointer for note in bill.notes if note.words.en == NO_CODE] == [
        "bill.xlsx#明细!R4C编码"
    ]
    bill = one_bill(of("编码 名称", (None, "人血白蛋白")))
    assert bill.lines[0].value("drug").is_nothing
    assert noted(bill, "编码") == [NO_CODE]


# Values


def test_cells_of_every_kind() -> None:
    heads = "数量 单价 时间 审核标志 甲乙类 收费类别 类别 停止时间"
    made = one_line(
        heads, Decimal("1.50"), "12.5", moment(2026, 3, 7, 9, 30), Decimal(1), "乙", Decimal(9),
        Decimal(101), Decimal(46023),
    )  # fmt: skip
    assert made.value("quantity") == exactly(Decimal("1.5"))
    assert made.value("price") == exactly(Decimal("12.5"))
    assert made.value("time") == exactly(moment(2026, 3, 7, 9, 30))
    assert made.value("class") == one("class_b")
    assert made.value("charge_class") == one("western_drugs")
    assert made.value("list_type") == one("western_and_patent")
    assert made.value("stop_time").is_nothing  # a day counted from 1900 is never guessed at


def test_a_time_of_day_is_that_of_the_date_beside_it() -> None:
    made = one_line("日期 时间", dt.date(2026, 3, 7), "09:30")
    assert made.value("time") == exactly(moment(2026, 3, 7, 9, 30))
    made = one_line("日期", dt.date(2026, 3, 7))
    known = made.value("time").range
    assert known is not None
    assert (known.low, known.is_exact) == (moment(2026, 3, 7), False)


def test_an_error_in_a_cell_is_unknown_with_a_note() -> None:
    bill = one_bill(of("数量 编码", (Fault("#N/A"), Fault("#REF!"))))
    assert bill.lines[0].value("quantity").is_nothing
    assert [(note.field, note.raw) for note in bill.notes][:2] == [
        ("数量", "#N/A"),
        ("编码", "#REF!"),
    ]


def test_nothing_is_not_none() -> None:
    made = one_line("数量 金额 申报医保", None, "-", None)
    assert made.value("quantity").is_nothing
    assert made.value("amount").is_nothing
    assert made.fact("claimed").assumption == "claimed_by_default"


def test_claimed_may_be_stated() -> None:
    made = one_line("金额 申报医保", Decimal(10), "否")
    assert made.value("claimed") == one(choice=False)
    assert made.value("claimed_amount") == exactly(Decimal(0))


def test_places_that_differ_are_candidates_and_named() -> None:
    bill = one_bill(
        of("性别 总费用 入院日期", ("男", Decimal(9), None), ("女", Decimal(12), "2026-03-05"))
    )
    assert bill.patient.value("sex").choices == {"male", "female"}
    assert bill.encounter.value("total").range == Range(Decimal(9), Decimal(12))
    assert bill.encounter.fact("total").premises == (
        "bill.xlsx#明细!R2C总费用",
        "bill.xlsx#明细!R3C总费用",
    )
    admitted = bill.encounter.value("admitted").range
    assert admitted is not None  # said in one place only: no difference
    assert noted(bill, "性别") == ["differs from bill.xlsx#明细!R2C性别"]


def test_where_many_places_differ_nothing_is_known() -> None:
    rows = tuple((Decimal(number),) for number in range(9))
    bill = one_bill(of("总费用", *rows))
    assert bill.encounter.value("total").is_nothing
    assert bill.encounter.fact("total").why is not None
    assert len(noted(bill, "总费用")) == 4  # not a note for each of thousands of rows


def test_evidence_and_age_are_of_the_encounter_birth_of_the_person() -> None:
    rows: list[list[Cell]] = [
        ["就诊号", "人员", "出生日期", "血清白蛋白", "性别"],
        ["A", "P1", dt.date(1960, 1, 1), Decimal(20), "男"],
        ["B", "P1", None, Decimal(40), "男"],
    ]
    first, second = read_workbook(workbook({"明细": rows}), declared=Declared(EVIDENCE, EYES))
    key = evidence_key("t/albumin")
    assert first.patient.value(key) == exactly(Decimal(20), "g/L")
    assert second.patient.value(key) == exactly(Decimal(40), "g/L")
    assert second.patient.value("birth_date") == exactly(dt.date(1960, 1, 1))


# Diagnoses


def test_diagnoses_in_a_cell() -> None:
    bill = one_bill(
        of("诊断 主诊断", ("I63.900 脑梗死；I10.x00;E11.900", "I10.x00"), ("I63.900", None))
    )
    found = bill.encounter.collections["diagnoses"]
    assert [one.value("code").choices for one in found.members] == [
        {"I10.x00"},
        {"I63.900"},
        {"E11.900"},
    ]
    assert [one.value("main").choices for one in found.members] == [{True}, {False}, {False}]
    assert found.members[1].value("name").choices == {"脑梗死"}
    assert found.coverage.closed
    assert others(bill) == []


def test_no_diagnoses_are_none_only_where_the_profile_vouches() -> None:
    book = of("诊断", (None,))
    assert not one_bill(book).encounter.collections["diagnoses"].coverage.closed
    profile = Profile(vouches_empty=frozenset({"fsi_diagnose_dtos"}))
    assert one_bill(book, profile).encounter.collections["diagnoses"].coverage.closed
    without = of("行号", ("1",))
    assert not one_bill(without, profile).encounter.collections["diagnoses"].coverage.closed


def test_operations_have_a_sheet_or_a_cell() -> None:
    bill = one_bill(
        of("行号", ("1",), 手术=[["就诊号", "编码", "主手术"], ["E1", "36.0600x004", "是"]])
    )
    (made,) = bill.encounter.collections["operations"].members
    assert made.value("code") == one("36.0600x004")
    assert made.value("main") == one(choice=True)
    bill = one_bill(of("手术", ("36.0600x004",)))
    assert bill.encounter.collections["operations"].coverage.closed


# Clocks, stages, coverage


@pytest.mark.parametrize(
    ("scene", "wanted"), [("4", ("before", False)), ("8", ("during", True)), (Decimal(8), ("during", True))]
)  # fmt: skip
def test_the_scene_tells_the_stage_and_whether_lines_are_complete(
    scene: Cell, wanted: tuple[str, bool]
) -> None:
    bill = one_bill(of("场景 询问时间", (scene, moment(2026, 3, 9, 10))))
    assert (bill.stage, bill.encounter.collections["lines"].coverage.closed) == wanted
    assert bill.asked_at == moment(2026, 3, 9, 10)


def test_the_caller_s_stage_and_clock() -> None:
    when = moment(2026, 4, 1)
    bill = one_bill(of("行号", ("1",)), stage="after", as_of=when)
    assert (bill.stage, bill.asked_at) == ("after", when)
    assert bill.encounter.collections["lines"].coverage.closed
    assert one_bill(of("结算时间", ("2026-03-09 10:00:00",))).settled_at == moment(2026, 3, 9, 10)


def test_the_latest_date_is_the_time_of_asking_where_nothing_else_is() -> None:
    bill = one_bill(of("日期", (dt.date(2026, 3, 7),), (dt.date(2026, 3, 8),)))
    assert bill.asked_at == moment(2026, 3, 8)


def test_clocks_that_differ_are_noted() -> None:
    bill = one_bill(of("询问时间 场景", ("2026-03-09 10:00:00", "1"), ("2026-03-09 11:00:00", "2")))
    assert bill.asked_at == moment(2026, 3, 9, 10)
    assert noted(bill, "询问时间") == ["said in several ways; the first counts"]
    assert bill.scene == "2"


def test_a_profile_means_the_same_as_for_requests() -> None:
    profile = Profile(
        maps={"medins_lv": {"2": "二级"}},
        constants={"insutype": "310"},
        coverage=(CoverageClaim("患者.明细"),),
    )
    bill = one_bill(of("机构.级别 险种 场景", ("2", "310", "8")), profile)
    assert bill.institution.value("level") == one("level2")
    assert bill.encounter.value("scheme").is_nothing
    assert bill.patient.collections["lines"].coverage.closed


def test_notes_repeat_no_person() -> None:
    person = "330602199001011234"
    rows: list[list[Cell]] = [
        ["就诊号", "人员", "姓名", "性别", "数量"],
        ["E1", person, "甲某某", "甲某某", person],
    ]
    bill = one_bill(workbook({"明细": rows}))
    assert len(bill.notes) >= 3
    assert not [note for note in bill.notes if person in str(note.raw) or "甲某某" in str(note.raw)]


def test_blank_rows_are_no_rows() -> None:
    rows: list[list[Cell]] = [["就诊号", "行号"], ["E1", "1"], [None, None], ["E1", "2"], []]
    bill = one_bill(workbook({"明细": rows}))
    assert [made.pointer for made in bill.lines] == ["bill.xlsx#明细!R2", "bill.xlsx#明细!R4"]


def test_a_workbook_is_read_alike_twice() -> None:
    book = sheets.workbook(sheets_of(request()))
    assert [summary(bill) for bill in read_workbook(book)] == [
        summary(bill) for bill in read_workbook(book)
    ]


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("line", lines._LINE),  # noqa: SLF001 - the tables that the builders read by
        ("encounter", encounters._ENCOUNTER),  # noqa: SLF001
        ("diagnosis", encounters._DIAGNOSIS),  # noqa: SLF001
        ("operation", encounters._OPERATION),  # noqa: SLF001
        ("patient", patients._PATIENT),  # noqa: SLF001
    ],
)
def test_every_field_that_the_builders_read_has_its_column(
    kind: str, rows: tuple[Row, ...]
) -> None:
    """A fact that a request can state, and that a column states, is read by the same builder."""
    assert {row.fact: row.field for row in rows}.items() <= SENDS[kind].items()

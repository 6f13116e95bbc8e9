"""Sheets to bills: evidence, codes and values in cells, diagnoses, clocks and stages."""

import datetime as dt
from decimal import Decimal

import pytest

from apps.authoring.facts_values import OWN_UNIT
from engine import errors
from engine.facts import ABSENT, Foreign, evidence_key, exactly, one
from engine.intake import encounters, lines, patients
from engine.intake.fields import Row
from engine.intake.sheet import Declared, read_workbook
from engine.intake.sheet_names import SENDS
from engine.intake.workbooks import Cell, Fault
from engine.profile import CoverageClaim, Profile
from rulelang import types
from rulelang.core import EvidenceDef, TableColumn
from rulelang.diagnostics import Words
from rulelang.values import Range
from tests import sheets
from tests.reading import moment, noted
from tests.requests import (
    DRUG,
    ITEM,
    request,
    summary,
)
from tests.sheets import (
    NO_CODE,
    of,
    one_bill,
    one_line,
    others,
    refused,
    sheets_of,
    workbook,
)

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

"""Evidence beside bills: files and sheets, whose it is, what is noted (S2.4)."""

from __future__ import annotations

import copy
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apps.checking import Asked, answer, read_evidence
from apps.render.answer import Answer
from engine.errors import InputError
from engine.facts import Bill
from engine.finding import Label
from engine.intake.sheet import Declared, read_workbook
from engine.intake.workbooks import Row, Sheet, Workbook
from rulelang.core import Program
from rulelang.driver import compile_sources
from rulelang.source import Source
from rulelang.values import Range

DEMO = Path(__file__).parents[2] / "rulesets" / "demo" / "inpatient_3102.json"
RULES = """规则集 试.证据 | try.evidence “试” “Try”
层级 国家
文件 甲 | doc “试” “Try”
证据 血清白蛋白 | serum_albumin：数值 g/L 归属 患者 提供 检验，医师 有效期 前 7天
证据 抢救 | rescue：是否 归属 就诊 提供 医师
证据 眼别 | eye：｛左眼 | left，右眼 | right｝ 归属 明细 提供 医师
证据 首针前视力 | baseline_va （眼 | side：眼别）：数值 归属 患者 提供 医师
证据 既往治疗 | prior_therapy：（药类 | class：药品分类，开始 | start：日期） 归属 患者 提供 医师 多次
证据 培养 | culture：（菌 | organism：文本，敏感 | susceptible：是否） 归属 就诊 提供 检验
规则 低白蛋白 | low_albumin “白蛋白低于30” “Albumin below 30”
    依据 甲 “一”
    结果类型 可疑
    针对 就诊
    要求 患者.血清白蛋白 < 30 g/L
    则 提醒
"""
PATIENT, ENCOUNTER, LINE = "TESTP0001", "TESTM0001", "TESTA001"


@pytest.fixture(scope="module")
def rules() -> Program:
    compiled = compile_sources([Source("试.rule", RULES)], lambda _: None)
    assert compiled.program is not None, compiled.diagnostics
    return compiled.program


def answered(rules: Program, rows: Any, name: str = "e.json") -> Answer:
    data = rows if isinstance(rows, bytes) else json.dumps(rows).encode()
    return answer(
        rules, DEMO.read_bytes(), "demo", Asked(evidence=read_evidence(data, f"/some/{name}"))
    )


def bill_of(rules: Program, *rows: Any) -> Bill:
    return answered(rules, list(rows)).results[0].bill


def noted(bill: Bill) -> list[tuple[str, str]]:
    return [(note.field, note.pointer) for note in bill.notes if note.pointer.startswith("e.")]


def test_a_value_has_its_place_time_and_provider(rules: Program) -> None:
    row = {
        "证据": "血清白蛋白",
        "患者": PATIENT,
        "值": "<30",
        "日期": "2026-03-05",
        "提供者": "检验",
    }
    bill = bill_of(rules, row)
    ((item,),) = bill.patient.evidence.values()
    assert item.value.range == Range(Decimal(0), Decimal(30), high_open=True)
    assert item.at == Range(datetime(2026, 3, 5), datetime(2026, 3, 6), high_open=True)  # noqa: DTZ001
    assert (item.provider, item.pointer) == ("laboratory", "e.json#/0/值")
    assert noted(bill) == []


@pytest.mark.parametrize(
    "row",
    [
        {"evidence": "serum_albumin", "patient": PATIENT, "value": 28},
        {"evidence": "patient.serum_albumin", "owner": PATIENT, "value": "28"},
        {"evidence": "患者.血清白蛋白", "归属键": ENCOUNTER, "值": "28 g/L"},
        {"证据": "血清白蛋白", "mdtrt_id": ENCOUNTER, "结果": 28},
        {"证据": " 血清白蛋白 ", "值": 28},
    ],
)
def test_the_owner_is_known_by_the_numbers_of_the_bill(rules: Program, row: Any) -> None:
    bill = bill_of(rules, row)
    (items,) = bill.patient.evidence.values()
    assert [item.value.range for item in items] == [Range.exactly(Decimal(28))]
    assert noted(bill) == []


def test_of_a_line_and_of_an_encounter(rules: Program) -> None:
    bill = bill_of(
        rules,
        {"evidence": "eye", "line": LINE, "value": "左眼"},
        {"evidence": "rescue", "encounter": ENCOUNTER, "value": True},
        {"evidence": "baseline_va", "argument": "左眼", "value": 0.5},
        {"evidence": "baseline_va", "argument": {"side": "right"}, "value": 0.1},
    )
    line = next(line for line in bill.lines if line.key == LINE)
    assert [item.value.choices for items in line.evidence.values() for item in items] == [{"left"}]
    (rescue,) = bill.encounter.evidence.values()
    assert rescue[0].value.choices == {True}
    assert {key.rpartition("[")[2] for key in bill.patient.evidence} == {"left]", "right]"}
    assert noted(bill) == []


def test_records_and_their_coverage(rules: Program) -> None:
    bill = bill_of(
        rules,
        {"evidence": "prior_therapy", "value": {"药类": "XL01XA01", "start": "2025-01-05"}},
        {
            "证据": "既往治疗",
            "class": "XL01CD",
            "日期": "2025-06-05",
            "全部": "是",
            "起自": "2024-01-01",
        },
        {
            "evidence": "culture",
            "value": {"organism": "x", "敏感": "是"},
            "date": "2026-03-05T08:00",
        },
    )
    found = next(iter(c for key, c in bill.patient.collections.items() if "prior_therapy" in key))
    assert [member.value("class").choices for member in found.members] == [{"XL01XA01"}, {"XL01CD"}]
    assert found.members[0].fact("start").pointer == "e.json#/0/value/start"
    assert found.members[1].value("date").range is not None
    assert (found.coverage.closed, found.coverage.since) == (True, date(2024, 1, 1))
    ((culture,),) = bill.encounter.evidence.values()
    assert culture.record is not None
    assert culture.record.value("susceptible").choices == {True}


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"evidence": "血糖", "value": 5}, "证据"),
        ({"evidence": "serum_albumin", "patient": "OTHER", "value": 5}, "归属键"),
        ({"evidence": "eye", "value": "left"}, "归属键"),
        ({"evidence": "eye", "line": "NONE", "value": "left"}, "归属键"),
        ({"evidence": "baseline_va", "value": 1}, "参数"),
        ({"evidence": "baseline_va", "argument": "third", "value": 1}, "参数"),
        ({"evidence": "serum_albumin"}, "值"),
        ({"evidence": "serum_albumin", "value": "30 mg/dL"}, "值"),
        ({"evidence": "serum_albumin", "value": 28, "provider": "药师"}, "提供者"),
        ({"evidence": "serum_albumin", "value": 28, "provider": "somebody"}, "提供者"),
        ({"evidence": "serum_albumin", "value": 28, "date": "last week"}, "日期"),
    ],
)
def test_what_cannot_be_used_is_noted(rules: Program, row: Any, field: str) -> None:
    bill = bill_of(rules, row)
    assert [name for name, _ in noted(bill)] == [field]
    raws = [note.raw for note in bill.notes if note.pointer.startswith("e.")]
    assert "OTHER" not in raws  # no number of a person in a note


def test_one_note_for_the_many_that_are_not_used(rules: Program) -> None:
    bill = bill_of(rules, *({"evidence": "血糖", "value": n} for n in range(50)))
    assert len(noted(bill)) == 21


@pytest.mark.parametrize(
    ("rows", "label"),
    [
        ([], Label.UNDETERMINED),
        ([{"evidence": "serum_albumin", "value": 28}], Label.UNDETERMINED),  # no date
        ([{"evidence": "serum_albumin", "value": 28, "date": "2026-02-01"}], Label.UNDETERMINED),
        ([{"evidence": "serum_albumin", "value": 28, "date": "2026-03-09"}], Label.SATISFIED),
        ([{"evidence": "serum_albumin", "value": 31, "date": "2026-03-09"}], Label.SUSPECTED),
    ],
)
def test_evidence_decides_a_finding(rules: Program, rows: Any, label: Label) -> None:
    (result,) = answered(rules, rows).results
    shown = [finding.label for finding in result.findings]
    assert shown == ([] if label is Label.SATISFIED else [label])


def test_a_table_says_the_same(rules: Program) -> None:
    table = "证据,归属键,值,日期\n血清白蛋白,TESTP0001,28,2026-03-09\n".encode()
    found = answered(rules, table, "e.csv").results[0]
    assert found.findings == ()
    ((item,),) = found.bill.patient.evidence.values()
    assert item.pointer == "e.csv#证据!R2C值"


@pytest.mark.parametrize("data", [b"{}", b"[1]", b'{"evidence": 1}', "患者,值\n1,2\n".encode()])
def test_no_file_of_evidence(data: bytes) -> None:
    with pytest.raises(InputError) as raised:
        read_evidence(data, "e.json" if data[:1] in b"{[" else "e.csv")
    assert raised.value.code == "EN0130"


def test_the_rows_are_not_changed_by_being_used(rules: Program) -> None:
    rows = [{"evidence": "serum_albumin", "value": 28, "date": "2026-03-09"}]
    before = copy.deepcopy(rows)
    assert answered(rules, rows).results[0].findings == answered(rules, rows).results[0].findings
    assert rows == before


def sheet(name: str, *rows: tuple[Any, ...]) -> Sheet:
    header, *rest = rows
    return Sheet(name, header, tuple(Row(number, cells) for number, cells in enumerate(rest, 2)))


LINES = sheet("明细", ("就诊号", "人员", "行号", "项目"), ("E1", "P1", "L1", "003301000010000"))


def read_sheets(rules: Program, *sheets: Sheet) -> Bill:
    book = Workbook("b.xlsx", {one.name: one for one in sheets})
    (bill,) = read_workbook(book, declared=Declared(rules.evidence, rules.enums))
    return bill


def test_a_workbook_of_bills_may_hold_a_sheet_of_evidence(rules: Program) -> None:
    beside = sheet(
        "证据",
        ("归属键", "证据", "参数", "值", "日期", "提供者"),
        ("P1", "血清白蛋白", None, Decimal(28), date(2026, 3, 5), "检验"),
        ("L1", "眼别", None, "左眼", None, "医师"),
        (None, "首针前视力", "右眼", Decimal("0.1"), None, None),
    )
    bill = read_sheets(rules, LINES, beside)
    assert bill.notes == ()
    found = {key.rpartition("/")[2]: items for key, items in bill.patient.evidence.items()}
    assert found["serum_albumin"][0].pointer == "b.xlsx#证据!R2C值"
    assert found["serum_albumin"][0].at is not None
    assert found["baseline_va[right]"][0].at is None
    assert len(bill.lines[0].evidence) == 1


def test_a_column_of_evidence_has_a_column_for_its_date(rules: Program) -> None:
    heads = ("就诊号", "血清白蛋白", "血清白蛋白日期", "抢救")
    bill = read_sheets(rules, sheet("明细", heads, ("E1", Decimal(28), date(2026, 3, 5), "是")))
    ((item,),) = bill.patient.evidence.values()
    assert item.value.range == Range.exactly(Decimal(28))
    assert item.at == Range(datetime(2026, 3, 5), datetime(2026, 3, 6), high_open=True)  # noqa: DTZ001
    assert [
        fact.value.choices for key, fact in bill.encounter.facts.items() if "rescue" in key
    ] == [{True}]
    undated = read_sheets(rules, sheet("明细", heads[:2], ("E1", Decimal(28))))
    ((item,),) = undated.patient.evidence.values()
    assert item.at is None

"""Answers as a workbook: what stands where, that texts stay texts and amounts are exact."""

import io
import zipfile
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from python_calamine import load_workbook

from apps import profiles, rulesets
from apps.checking import Asked, answer
from apps.render import xlsx
from apps.render.answer import Answer
from apps.sheet_writing import Pen, is_held, new_workbook
from engine.combine import combine
from engine.facts import one
from engine.finding import Label, Payment
from rulelang.core import Program
from rulelang.diagnostics import Words
from rulelang.values import Range
from tests import bills

Rows = list[list[Any]]


def sheets(data: bytes) -> dict[str, Rows]:
    book = load_workbook(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def columns(rows: Rows) -> dict[str, list[Any]]:
    return {head: [row[index] for row in rows[1:]] for index, head in enumerate(rows[0])}


@pytest.fixture(scope="module")
def demo() -> Answer:
    program = rulesets.shipped().compile().program
    assert program is not None
    data = rulesets.shipped_file("demo/inpatient_3102.json")
    settings = rulesets.shipped_file("demo/demo.toml")
    assert data is not None
    assert settings is not None
    profile = profiles.read(settings, name="demo", place="demo.toml")
    return answer(program, data, "inpatient.json", Asked(profile=profile))


def made(*findings: Any, lines: Any = (), program: Program | None = None) -> Answer:
    """An answer of hand-built findings on hand-built lines."""
    known = program or bills.program()
    result = combine(bills.bill(lines), list(findings), known.rulesets)
    return Answer("made.json", "sha256:0", known, (result,))


def violated(line: Any, **changes: Any) -> Any:
    outcome = bills.outcome("deny")
    return bills.finding(bills.rule("r"), Label.VIOLATED, [line], [outcome], **changes)


# What stands where


def test_every_line_and_finding_has_its_row(demo: Answer) -> None:
    (result,) = demo.results
    found = sheets(xlsx.write([demo]))
    assert list(found) == ["单据", "明细", "审核结果"]
    lines = columns(found["明细"])
    assert lines["行号"] == [verdict.line.key for verdict in result.lines]
    findings = columns(found["审核结果"])
    assert findings["序号"] == [str(number + 1) for number in range(len(result.findings))]
    assert len(result.findings) > 5
    assert columns(found["单据"])["违规金额"] == [float(result.totals.violated.exact)]


def test_a_line_shows_what_becomes_of_it(demo: Answer) -> None:
    found = columns(sheets(xlsx.write([demo]))["明细"])
    (result,) = demo.results
    index = next(n for n, v in enumerate(result.lines) if v.payment is Payment.NOT_PAYABLE)
    line = result.lines[index].line
    assert found["支付结论"][index] == "不予支付"
    assert found["可支付"][index] == 0
    assert found["金额"][index] == float(line.value("amount").range.exact)
    assert found["涉及规则"][index] != ""
    assert found["位置"][index] == line.pointer
    whole = next(n for n, v in enumerate(result.lines) if v.payment is Payment.PAYABLE)
    assert (found["支付结论"][whole], found["涉及规则"][whole]) == ("可支付", "")


def test_a_finding_says_why_by_which_text_and_what_lacks(demo: Answer) -> None:
    found = columns(sheets(xlsx.write([demo]))["审核结果"])
    assert found["结论"][0] == "违规"
    assert "智能监管规则库" in found["依据"][0]
    assert found["整改"][0].startswith("收费员：")
    assert found["金额说明"][0].startswith("涉及金额 最多 ")
    undetermined = found["结论"].index("待补充信息")
    assert found["缺少的事实"][undetermined] != ""
    assert found["缺少的事实"][0] == ""


def test_english_and_everything(demo: Answer) -> None:
    found = sheets(xlsx.write([demo], "en", everything=True))
    assert list(found) == ["bills", "lines", "findings"]
    assert found["lines"][0][2:5] == ["line_no", "code", "name"]
    (result,) = demo.results
    assert len(found["findings"]) == 1 + len(result.findings) + len(result.passed)
    assert "satisfied" in columns(found["findings"])["outcome"]


def test_bills_stand_one_after_another(demo: Answer) -> None:
    one_bill, two_bills = sheets(xlsx.write([demo])), sheets(xlsx.write([demo, demo]))
    for name, rows in one_bill.items():
        assert two_bills[name] == rows + rows[1:]
    assert sheets(xlsx.write([]))["明细"] == [one_bill["明细"][0]]


def test_findings_are_numbered_as_explain_counts_them() -> None:
    lines = [bills.line(0), bills.line(1)]
    one_bill = made(violated(lines[0]), violated(lines[1]), lines=lines)
    two_bills = replace(one_bill, results=one_bill.results * 2)
    found = columns(sheets(xlsx.write([two_bills, one_bill]))["审核结果"])
    assert found["序号"] == ["1", "2", "3", "4", "1", "2"]


def test_no_person_is_in_the_workbook(demo: Answer) -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx.write([demo], everything=True))) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist())
    for person in ("TESTP0001", "测试甲", "1958-04-12"):
        assert person not in text


def test_equal_answers_are_equal_bytes(demo: Answer) -> None:
    data = xlsx.write([demo])
    assert data == xlsx.write([demo])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"2000-01-01T00:00:00Z" in archive.read("docProps/core.xml")  # no clock


# Texts


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "|x", "%x"]
)
def test_a_text_is_never_a_formula(text: str) -> None:
    line = bills.line(0, name=one(text))
    line.key = text
    finding = violated(line, messages=(Words(text, text),))
    data = xlsx.write([made(finding, lines=[line])])
    found = sheets(data)
    assert columns(found["明细"])["行号"] == [text]
    assert columns(found["明细"])["名称"] == [text]
    assert columns(found["审核结果"])["说明"][0].startswith(text)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name)
        assert b'quotePrefix="1"' in archive.read("xl/styles.xml")


def test_long_codes_stay_texts() -> None:
    code = "123456789012345678901"
    line = bills.line(0, item=one(code))
    line.key = "003311040160000"
    found = columns(sheets(xlsx.write([made(lines=[line])]))["明细"])
    assert (found["编码"], found["行号"]) == ([code], ["003311040160000"])


def test_characters_that_a_workbook_cannot_hold() -> None:
    line = bills.line(0, name=one("a\x01b\uffffc\ud800d_x0041_"))
    found = columns(sheets(xlsx.write([made(lines=[line])]))["明细"])
    assert found["名称"] == ["a\x01b\ufffdc\ufffdd_x0041_"]
    line = bills.line(0, name=one("长" * 40_000))
    (name,) = columns(sheets(xlsx.write([made(lines=[line])]))["明细"])["名称"]
    assert name == "长" * 32_000 + "…"


# Numbers


@pytest.mark.parametrize(
    ("text", "places", "held"),
    [
        ("12.10", 2, True),
        ("0.07", 2, True),
        ("-3", 2, True),
        ("1E+2", 2, True),
        ("9999999999999.99", 2, True),
        ("99999999999999.99", 2, False),  # 16 digits
        ("12.345", 2, False),
        ("12.345678", 6, True),
        ("12.3456789", 6, False),
    ],
)
def test_a_number_is_held_exactly_or_not_at_all(text: str, places: int, held: bool) -> None:
    assert is_held(Decimal(text), places) is held
    made_ = io.BytesIO()
    with new_workbook(made_) as book:
        pen = Pen(book.add_worksheet("x"), book)
        pen.number(0, 0, Decimal(text), "0.00", places)
    ((cell,),) = load_workbook(io.BytesIO(made_.getvalue())).get_sheet_by_name("x").to_python()
    if held:
        assert isinstance(cell, float)
        assert Decimal(repr(cell)) == Decimal(text)
    else:
        assert cell == format(Decimal(text), "f")


def test_an_amount_known_by_bounds_is_a_text() -> None:
    line = bills.line(0, amount=bills.between("10", None), claimed_amount=bills.value("10"))
    found = columns(sheets(xlsx.write([made(lines=[line])]))["明细"])
    assert found["金额"] == ["10.00~"]
    line = bills.line(0, price="12.123456")
    assert columns(sheets(xlsx.write([made(lines=[line])]))["明细"])["单价"] == [12.123456]


def test_amounts_of_a_million_lines_do_not_drift() -> None:
    """Every amount to the fen below a hundred thousand yuan is held."""
    assert all(is_held(Decimal(fen).scaleb(-2), 2) for fen in range(0, 10_000_000, 977))


def test_a_span_has_both_ends() -> None:
    result = made(lines=[bills.line(0)]).results[0]
    assert result.totals.undetermined == Range(Decimal(0), Decimal(0))
    line = bills.line(0, amount=bills.between("1", "2.5"), claimed_amount=bills.value("2"))
    found = columns(sheets(xlsx.write([made(lines=[line])]))["明细"])
    assert found["金额"] == ["1.00~2.50"]

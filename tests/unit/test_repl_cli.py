"""`hegui repl`: an expression of the rule language on a bill."""

import io
import sys
from pathlib import Path

import pytest

from apps.cli.main import run
from tests.requests import as_bytes, at_settlement, encounter, line, patient, request


@pytest.fixture
def bill(tmp_path: Path) -> str:
    lines = [line(1, sumamt=50), line(2, sumamt=30), line(3, sumamt=None)]
    tree = request(patient(encounter(fsi_order_dtos=lines), brdy=None))
    path = tmp_path / "bill.json"
    path.write_bytes(as_bytes(at_settlement(tree)))
    return str(path)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = run(list(arguments))
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return status, out, err


@pytest.mark.parametrize(
    ("expression", "lang", "lines"),
    [
        ("明细.金额", "zh", ["第1行  50.00元", "第2行  30.00元", "第3行  >0.00元"]),
        ("line.amount > 40yuan", "en", ["line 1  holds", "line 2  does not hold"]),
        ("计数 就诊.明细", "zh", ["3"]),
        ("患者.年龄 >= 18岁", "zh", ["未知", "    请补录患者.出生日期（挂号登记）"]),
        ("encounter.lines where (amount < 40yuan)", "en", ["line 2"]),
        ("12 + 30", "zh", ["42"]),
    ],
)
def test_an_expression_is_asked_of_each_line_or_of_the_encounter(
    bill: str, capsys: pytest.CaptureFixture[str], expression: str, lang: str, lines: list[str]
) -> None:
    status, out, err = said(capsys, "repl", bill, "-e", expression, "--lang", lang)
    assert (status, err) == (0, "")
    shown = out.splitlines()
    for expected in lines:
        assert any(found.startswith(expected) for found in shown), out


def test_the_derivation_is_shown_on_demand(bill: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, plain, _ = said(capsys, "repl", bill, "-e", "合计 金额 取自 就诊.明细 > 70元")
    _, full, _ = said(capsys, "repl", bill, "--why", "-e", "合计 金额 取自 就诊.明细 > 70元")
    assert plain == "成立\n"
    assert "第1行 明细.金额：50.00元" in full


def test_a_mistake_is_told_at_its_place_in_the_expression(
    bill: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = said(capsys, "repl", bill, "-e", "明细.药瓶 = 1")
    assert (status, out) == (1, "")
    assert "--> repl:1:4" in err
    assert "是否指 `药品`" in err


def test_expressions_are_read_from_standard_input(
    bill: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sys, "stdin", io.StringIO("-- a remark\n1 + 1\n:why\n\n2 + 2\n:quit\n3 + 3\n")
    )
    status, out, _ = said(capsys, "repl", bill)
    assert status == 0
    assert out.splitlines()[0] == "2"
    assert "4" in out.splitlines()

"""`hegui note`: how a restriction note is read, and the words not understood."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from apps.cli.main import run


def test_tells_alternatives_codes_and_conditions(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["note", "限HER2阳性的成人乳腺癌患者，支付不超过9天。"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines() == [
        "符合其一 1",
        "  诊断: 乳腺癌 = C50 (同义词)",
        "  年龄: ≥ 18岁",
        "  最多支付: 9天",
        "  病历须证明: [标志物和检验] HER2阳性",
        "全部读懂",
    ]


def test_says_what_was_not_understood(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["note", "限甲乙丙样哮喘患者。", "--lang", "en"]) == 1
    out = capsys.readouterr().out
    assert out.splitlines()[-1] == "not understood: 甲乙丙样哮喘"


def test_reads_names_of_the_table_in_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = tmp_path / "icd.csv"
    names.write_text("code,name\nX99.100,某某热病\n", encoding="utf-8")
    assert run(["note", "限某某热病患者。", "--names", str(names), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["branches"][0]["diagnoses"] == [
        {"words": "某某热病", "codes": ["X99.1"], "how": "名称", "wider": False}
    ]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a,b\n1,2\n"])
def test_a_wrong_table_of_names_is_refused(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = tmp_path / "icd.csv"
    names.write_bytes(content)
    assert run(["note", "限哮喘患者。", "--names", str(names)]) == 2
    assert "读不了诊断目录" in capsys.readouterr().err


def test_a_label_limits_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["note", "清热化痰。"]) == 1
    assert capsys.readouterr().out == "这段文字没有限定支付\n"

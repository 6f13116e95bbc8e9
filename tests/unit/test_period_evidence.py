"""Evidence on a period: what an institution states of a month, for `hegui check --periods`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.cli.main import run
from rulelang.periods import written_period
from tests.requests import INSTITUTION, as_bytes, request

RULES = """\
规则集 试验.库存 | trial.stock “库存” “Stock”
层级 国家
文件 甲文 | doc_a “甲文件” “Document A” 发布 2025-01-01
证据 期初 | opening：数量 归属 机构 提供 医疗机构
规则 卖多 | oversold “卖多” “Oversold”
    依据 甲文 “一”
    结果类型 可疑
    环节 事后
    针对 机构 每 自然月
    要求 机构.销售量 <= 机构.期初 + 机构.库存购入量
    则 复核
"""
HEAD = "证据,机构,期间,值,提供者\n"
GOOD = (
    "机构.销售量,,2026-03,{0}盒,",
    "institution.bought,,2026-03,100盒,",
    "期初,,2026-03,30盒,医疗机构",
)
Checked = Callable[..., tuple[dict[str, Any], str]]


@pytest.fixture
def checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Checked:
    (tmp_path / "trial.rule").write_text(RULES, encoding="utf-8")
    (tmp_path / "request.json").write_bytes(as_bytes(request()))

    def call(*rows: str) -> tuple[dict[str, Any], str]:
        (tmp_path / "said.csv").write_text(HEAD + "\n".join(rows), encoding="utf-8")
        capsys.readouterr()
        run(
            ["check", str(tmp_path / "request.json"), "--rulesets", str(tmp_path / "trial.rule"),
             "--evidence", str(tmp_path / "said.csv"), "--periods", "2026-03", "--format", "json"]
        )  # fmt: skip
        out, err = capsys.readouterr()
        return json.loads(out.splitlines()[-1]), err

    return call


def outcome(document: dict[str, Any]) -> list[str]:
    return [finding["outcome"] for finding in document["periods"]["findings"]]


@pytest.mark.parametrize(("sold", "found"), [("131", ["suspected"]), ("130", [])])
def test_what_is_stated_of_a_month_decides(checked: Checked, sold: str, found: list[str]) -> None:
    document, err = checked(*(row.format(sold) for row in GOOD))
    assert (outcome(document), err) == (found, "")


def test_what_is_not_stated_is_missing(checked: Checked) -> None:
    document, _ = checked(GOOD[0].format("131"), GOOD[1])
    assert outcome(document) == ["undetermined"]
    other_month = GOOD[2].replace("2026-03", "2026-02")
    document, _ = checked(GOOD[0].format("131"), GOOD[1], other_month)
    assert outcome(document) == ["undetermined"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("期初,,2026-13,30盒,", "期间写作 2026-03"),
        ("期初,,2026-03,,", "没有值"),
        ("没有的,,2026-03,30盒,", "规则集没有声明这项证据"),
        ("期初,,2026-03,30盒,医师", "应由 医疗机构 提供"),
    ],
)
def test_what_cannot_be_used_is_told(checked: Checked, row: str, told: str) -> None:
    document, err = checked(GOOD[0].format("131"), GOOD[1], row)
    assert outcome(document) == ["undetermined"]
    assert told in err


def test_without_a_period_it_holds_in_each(checked: Checked) -> None:
    always = GOOD[2].replace("2026-03", "")
    assert outcome(checked(GOOD[0].format("130"), GOOD[1], always)[0]) == []
    assert outcome(checked(GOOD[0].format("131"), GOOD[1], always)[0]) == ["suspected"]


def test_bills_say_that_it_is_not_for_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trial.rule").write_text(RULES, encoding="utf-8")
    (tmp_path / "request.json").write_bytes(as_bytes(request()))
    (tmp_path / "said.csv").write_text(HEAD + "\n".join(GOOD), encoding="utf-8")
    run(
        ["check", str(tmp_path / "request.json"), "--rulesets", str(tmp_path / "trial.rule"),
         "--evidence", str(tmp_path / "said.csv"), "--format", "json"]
    )  # fmt: skip
    (bill,) = json.loads(capsys.readouterr().out)["bills"]
    assert any("3 条期间的值不用于账单" in json.dumps(n, ensure_ascii=False) for n in bill["notes"])


def test_the_number_of_another_institution_is_not_this_one(checked: Checked) -> None:
    rows = [row.format("131") for row in GOOD]
    rows[0] = rows[0].replace(",,", ",H00000000000,")
    assert "undetermined" in outcome(checked(*rows)[0])
    rows[0] = rows[0].replace("H00000000000", INSTITUTION)
    assert outcome(checked(*rows)[0]) == ["suspected"]


@pytest.mark.parametrize(
    ("text", "shown"), [("2026-03", "2026-03"), ("2026-Q4", "2026-Q4"), ("2026", "2026")]
)
def test_a_period_is_read_as_it_is_written(text: str, shown: str) -> None:
    found = written_period(text)
    assert found is not None
    assert found.shown == shown
    assert [written_period(f"{text}{more}") for more in ("-", "1", "~")] == [None, None, None]

"""`hegui graph`: what depends on what, and how one rule decides, as SVG, DOT and data."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from apps.cli.main import run

SVG = "{http://www.w3.org/2000/svg}"
RULES = """\
规则集 试验 | trial “试验” “Trial”
层级 国家
文件 甲文 | paper “甲文” “Paper A”
参数 上限 | cap：金额 = 10元
名单 贵药 | dear：药品编码 = ｛#XB05AAR021B001010100348｝
知识表 药表 | drugs （药品 | drug：药品编码，价 | price：金额）
    键 药品 完整 于 贵药 取自 “药表.csv”
规则 限价 | price_cap “单价限额” “Price cap”
    结果类型 违规
    针对 明细
    当 明细.药品 在 药表
    要求 符合其一｛明细.单价 <= 上限；明细.单价 <= 药表[明细.药品].价｝
    除非 明细.数量 < 1盒 依据 甲文 “一”
    则 限付 单价 上限
"""


@pytest.fixture
def rules(tmp_path: Path) -> str:
    (tmp_path / "trial.rule").write_text(RULES, encoding="utf-8")
    (tmp_path / "药表.csv").write_text("药品,价\nXB05AAR021B001010100348,3元\n", encoding="utf-8")
    return str(tmp_path)


def data(rules: str, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, object]:
    assert run(["graph", rules, "--format", "json", *options]) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def edges(found: dict[str, object]) -> set[tuple[str, str, str]]:
    listed = found["edges"]
    assert isinstance(listed, list)
    return {(edge["from"], edge["to"], edge["kind"]) for edge in listed}


def test_a_rule_leads_to_what_it_needs_and_that_to_what_it_needs(
    rules: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edges(data(rules, capsys)) == {
        ("trial", "trial/price_cap", "holds"),
        ("trial/price_cap", "trial/drugs", "uses"),
        ("trial/price_cap", "trial/cap", "uses"),
        ("trial/drugs", "trial/dear", "within"),
    }


def test_the_tree_of_a_rule_speaks_in_the_words_of_its_text(
    rules: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = data(rules, capsys, "--rule", "限价")
    nodes = found["nodes"]
    assert isinstance(nodes, list)
    labels = {node["label"] for node in nodes}
    assert {"明细.单价 <= 上限", "除非（甲文 一）", "符合其一", "则 限付 上限"} <= labels


def boxes(drawing: str) -> list[tuple[float, float, float, float]]:
    root = ET.fromstring(drawing)  # noqa: S314 - a drawing of our own
    found = []
    for rect in root.iter(f"{SVG}rect"):
        x, y, wide, high = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        found.append((x, y, x + wide, y + high))
    return found


@pytest.mark.parametrize("rule", [None, "限价"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_drawing_shows_every_node_once_and_none_over_another(
    rules: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, rule: str | None, lang: str
) -> None:
    options = ["--lang", lang, *(["--rule", rule] if rule else [])]
    nodes = data(rules, capsys, *options)["nodes"]
    assert isinstance(nodes, list)
    out = tmp_path / "drawing.svg"
    assert run(["graph", rules, "--out", str(out), *options]) == 0
    drawing = out.read_text(encoding="utf-8")
    placed = boxes(drawing)
    assert len(placed) == len(nodes)
    for index, (left, top, right, bottom) in enumerate(placed):
        for other in placed[index + 1 :]:
            apart = right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
            assert apart, (placed[index], other)


def test_the_shipped_rules_make_one_drawing_and_the_same_each_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    texts = []
    for _ in range(2):
        assert run(["graph", "--format", "svg"]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    assert len(boxes(texts[0])) > 50


def test_dot_names_every_node_and_edge(rules: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = data(rules, capsys)
    assert run(["graph", rules, "--format", "dot"]) == 0
    text = capsys.readouterr().out
    assert len(re.findall(r'^  "[^"]+" -> "[^"]+"', text, re.MULTILINE)) == len(edges(found))
    assert text.startswith("digraph")


def test_what_cannot_be_written_is_said(
    rules: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["graph", rules, "--out", str(tmp_path / "no" / "where.svg")]) == 2
    assert "EN0124" in capsys.readouterr().err

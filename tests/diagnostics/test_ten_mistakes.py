"""Ten mistakes of ten kinds are told as ten, each in its place, in both spellings; twice over."""

from functools import cache
from pathlib import Path

import pytest

from rulelang.driver import Compiled, compile_sources
from rulelang.render import render
from rulelang.source import Source

HERE = Path(__file__).parent / "mistakes"
TABLES = {
    "限频次.csv": "项目,上限\n003301000010000,1次\n3.301E+12,2次\n",
    "适应症.csv": "药品,最小年龄\nX1,18岁\nX1,3岁\n",
}

# Code, line and column, and what is marked; the tables come last.
FIRST_ZH = [
    ("RL0705", "9:10", "可能"),
    ("RL0201", "11:15", "白蛋白"),
    ("RL0120", "12:17", "10,000"),
    ("RL0109", "18:25", "或"),
    ("RL0401", "19:17", "18"),
    ("RL0306", "25:18", "限频次[明细.项目].上限"),
    ("RL0204", "26:11", "用量"),
    ("RL0301", "32:17", "“2026-01-01”"),
    ("RL0311", "34:28", "“{line.name} was ordered too early.”"),
    ("RL0222", "限频次.csv 3:1", "3.301E+12"),
]
FIRST_EN = [
    ("RL0705", "9:15", "possible"),
    ("RL0201", "11:23", "albumin"),
    ("RL0120", "12:28", "10,000"),
    ("RL0109", "18:41", "or"),
    ("RL0401", "19:28", "18"),
    ("RL0306", "25:20", "frequency[line.item].cap"),
    ("RL0204", "26:18", "quantities"),
    ("RL0301", "32:26", '"2026-01-01"'),
    ("RL0311", "34:33", "“{line.name} was ordered too early.”"),
    ("RL0222", "限频次.csv 3:1", "3.301E+12"),
]
SECOND_ZH = [
    ("RL0208", "5:16", "布尔"),
    ("RL0123", "6:25", "#C00–#C97"),
    ("RL0501", "8:5", "先付 | first_pay"),
    ("RL0118", "17:10", "药品在适应症"),
    ("RL0304", "19:9", "就诊.就医方式 = 住院"),
    ("RL0315", "20:17", "18岁 至 3岁"),
    ("RL0212", "21:20", "当天"),
    ("RL0113", "24:5", "说明"),
    ("RL0601", "26:4", "同项重复 | billed_twice"),
    ("RL0224", "适应症.csv 3:1", "X1,3岁"),
]
SECOND_EN = [
    ("RL0208", "5:23", "boolean"),
    ("RL0123", "6:38", "#C00–#C97"),
    ("RL0501", "8:10", "first_pay | 先付"),
    ("RL0118", "17:25", "18yoand"),
    ("RL0304", "19:9", "encounter.care_type = inpatient"),
    ("RL0315", "20:24", "18yo to 3yo"),
    ("RL0212", "21:36", "today"),
    ("RL0113", "24:5", "message"),
    ("RL0601", "26:6", "billed_twice | 同项重复"),
    ("RL0224", "适应症.csv 3:1", "X1,3岁"),
]
ALL = [
    ("first.zh", FIRST_ZH),
    ("first.en", FIRST_EN),
    ("second.zh", SECOND_ZH),
    ("second.en", SECOND_EN),
]


@cache
def compiled(name: str) -> Compiled:
    text = (HERE / f"{name}.rule").read_text(encoding="utf-8")
    return compile_sources(
        [Source(f"{name}.rule", text)],
        lambda path: TABLES[path].encode() if path in TABLES else None,
    )


@pytest.mark.parametrize(("name", "wanted"), ALL, ids=[name for name, _ in ALL])
def test_ten_mistakes_are_told_in_ten_places(name: str, wanted: list[tuple[str, str, str]]) -> None:
    found = compiled(name)
    told = []
    for each in found.diagnostics:
        source = found.sources[each.span.path]
        line, column = source.position(each.span.start)
        table = f"{each.span.path} " if each.span.path.endswith(".csv") else ""
        told.append((each.code, f"{table}{line}:{column}", source.snippet(each.span)))
    assert told == wanted
    assert len(told) == 10
    assert found.program is None


@pytest.mark.parametrize("name", [name for name, _ in ALL])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_prints_in_both_languages_with_its_help(name: str, lang: str) -> None:
    found = compiled(name)
    for each in found.diagnostics:
        printed = render(each, found.sources, lang)
        assert printed.startswith(f"error[{each.code}]: ")
        assert ("   = help: " if lang == "en" else "   = 帮助：") in printed


@pytest.mark.parametrize("number", ["first", "second"])
def test_both_spellings_have_the_same_ten(number: str) -> None:
    chinese, english = (compiled(f"{number}.{lang}").diagnostics for lang in ("zh", "en"))
    assert [each.code for each in chinese] == [each.code for each in english]


def test_the_twenty_are_of_many_kinds() -> None:
    kinds = {code for _, wanted in ALL for code, _, _ in wanted}
    assert len(kinds) == 20
    assert {code[:4] for code in kinds} >= {"RL01", "RL02", "RL03", "RL04", "RL05", "RL06", "RL07"}

"""`hegui lint`: what it says and in which form, what it mends, and what it leaves alone."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from apps.authoring.linting import mended
from apps.cli.main import run
from apps.render.sarif import document
from apps.rulesets import RuleTexts, shipped
from rulelang.codes import CODES
from rulelang.diagnostics import Diagnostic, Words
from rulelang.lint import lint as opinions
from rulelang.source import Source, Span

CLEAN = """\
规则集 试验 | trial “试验” “Trial”
层级 国家
文件 目录 | catalog “药品目录” “Drug catalog”

-- 查数量
规则 限量 | quantity_limit “限量” “Quantity limit”
    依据 目录
    结果类型 可疑
    针对 明细
    要求 明细.数量 <= 9盒
    则 提醒
"""
UNTIDY = CLEAN.replace("要求 明细", "记 上限 | most = 9盒\n    要求 line")
SEVERAL = UNTIDY.replace("则 提醒", "除非 就诊.在院\n    则 提醒")
BROKEN = CLEAN.replace("明细.数量", "明细.数两")
AMONG = "规则 限量"


@pytest.fixture
def lint(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("HEGUI_LANG", raising=False)

    def call(*arguments: object) -> SimpleNamespace:
        status = run(["lint", *map(str, arguments)])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return SimpleNamespace(status=status, out=out, err=err)

    return call


def written(folder: Path, text: str) -> Path:
    path = folder / "甲.rule"
    path.write_text(text, encoding="utf-8")
    return path


def codes(text: str) -> list[str]:
    texts = RuleTexts((Source("甲.rule", text),), lambda _: None)
    return [each.code for each in opinions(texts.compile(), {"甲.rule"})]


def test_nothing_to_say(lint, tmp_path: Path) -> None:
    said = lint(written(tmp_path, CLEAN))
    assert (said.status, said.out) == (0, "错误 0，意见 0\n")


def test_each_opinion_is_shown_at_its_place(lint, tmp_path: Path) -> None:
    path = written(tmp_path, SEVERAL)
    said = lint(path, "--lang", "en")
    assert said.status == 1
    assert re.findall(r"\[(RL\d+)\]", said.out) == ["RL0903", "RL0915", "RL0904"]
    assert f"{path}:10:7" in said.out
    assert said.out.endswith("0 errors, 3 opinions\n")


def test_rules_that_do_not_compile_are_no_matter_of_opinion(lint, tmp_path: Path) -> None:
    said = lint(written(tmp_path, BROKEN))
    assert said.status == 3
    assert "error[RL0204]" in said.out


def test_a_missing_citation_has_one_voice() -> None:
    assert codes(CLEAN.replace("    依据 目录\n", "")) == ["RL0902", "RL0707"]


@pytest.mark.parametrize(
    "place",
    [
        ("    除非", "    -- lint: 允许 RL0904 急诊另有文件\n    除非"),
        (AMONG, f"-- lint: allow RL0904 another document\n{AMONG}"),
        ("就诊.在院", "就诊.在院 -- lint：允许 RL0904 另有文件"),
    ],
)
def test_an_opinion_can_be_allowed(place: tuple[str, str]) -> None:
    text = CLEAN.replace("    则 提醒", "    除非 就诊.在院\n    则 提醒")
    assert codes(text) == ["RL0904"]
    assert codes(text.replace(*place)) == []


def test_an_allowance_wants_a_reason_and_allows_its_own_item_only() -> None:
    text = CLEAN.replace("    则 提醒", "    除非 就诊.在院\n    则 提醒")
    assert codes(text.replace(AMONG, f"-- lint: 允许 RL0904\n{AMONG}")) == ["RL0904"]
    far = text.replace("层级 国家", "层级 国家 -- lint: 允许 RL0904 不在此处")
    assert codes(far) == ["RL0917", "RL0904"]


def test_mending_keeps_what_it_cannot_mend(lint, tmp_path: Path) -> None:
    path = written(tmp_path, SEVERAL)
    said = lint(path, "--fix")
    assert said.status == 1
    wanted = CLEAN.replace("    则 提醒", "    除非 就诊.在院\n    则 提醒")
    assert path.read_text(encoding="utf-8") == wanted
    assert re.findall(r"\[(RL\d+)\]", said.out) == ["RL0904"]
    path.write_text(UNTIDY, encoding="utf-8")
    assert lint(path, "--fix").status == 0
    assert path.read_text(encoding="utf-8") == CLEAN
    before = path.stat().st_mtime_ns
    assert lint(path, "--fix").status == 0
    assert path.stat().st_mtime_ns == before


def test_rules_with_mistakes_are_not_touched(lint, tmp_path: Path) -> None:
    text = BROKEN.replace("要求", "记 上限 | most = 9盒\n    要求")
    path = written(tmp_path, text)
    assert lint(path, "--fix").status == 3
    assert path.read_text(encoding="utf-8") == text
    assert lint("shipped", "--fix").status == 2


def test_the_shipped_rules_leave_nothing_to_say(lint) -> None:
    assert lint("shipped").status == 0
    compiled = shipped().compile()
    assert opinions(compiled, set(compiled.sources)) == ()


def test_repairs_that_would_not_compile_are_not_made() -> None:
    texts = RuleTexts((Source("甲.rule", CLEAN),), lambda _: None)
    assert mended(texts, ["甲.rule"])[0] == {}


def test_json_has_the_repairs(lint, tmp_path: Path) -> None:
    said = lint(written(tmp_path, UNTIDY), "--format", "json")
    found = json.loads(said.out)
    assert (said.status, found["schema"], found["opinions"]) == (1, 1, 2)
    first, second = found["diagnostics"]
    assert (first["code"], first["line"], first["edits"][0]["text"]) == ("RL0903", 10, "")
    assert second["edits"] == [
        {"path": second["path"], "line": 11, "column": 8, "end_line": 11, "end_column": 12, "text": "明细"}
    ]  # fmt: skip


# ---------------------------------------------------------------- SARIF


def check_sarif(made: dict[str, Any], text: str) -> list[dict[str, Any]]:
    """The shape that the standard wants (SARIF 2.1.0, sections 3.13 to 3.57), and true regions."""
    assert made["version"] == "2.1.0"
    assert made["$schema"].endswith("sarif-2.1.0.json")
    (found,) = made["runs"]
    assert found["columnKind"] in {"utf16CodeUnits", "unicodeCodePoints"}
    driver = found["tool"]["driver"]
    assert driver["name"]
    rules = driver["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["help"]["markdown"].startswith(f"# {rule['id']}")
        assert rule["defaultConfiguration"]["level"] in {"none", "note", "warning", "error"}
    for result in found["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] == CODES[result["ruleId"]].level.value
        assert result["message"]["text"]
        for place in [*result["locations"], *result.get("relatedLocations", [])]:
            check_region(place["physicalLocation"]["region"], text)
            assert " " not in place["physicalLocation"]["artifactLocation"]["uri"]
        for fix in result.get("fixes", []):
            for change in fix["artifactChanges"]:
                for edit in change["replacements"]:
                    check_region(edit["deletedRegion"], text)
                    assert isinstance(edit["insertedContent"]["text"], str)
    results: list[dict[str, Any]] = found["results"]
    return results


def check_region(region: dict[str, int], text: str) -> None:
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: region["startLine"] - 1])
    assert start + region["startColumn"] - 1 == region["charOffset"]
    end = sum(len(line) + 1 for line in lines[: region["endLine"] - 1])
    assert end + region["endColumn"] - 1 == region["charOffset"] + region["charLength"]


def test_sarif_says_the_same(lint, tmp_path: Path) -> None:
    path = written(tmp_path, SEVERAL)
    said = lint(path, "--format", "sarif")
    results = check_sarif(json.loads(said.out), SEVERAL)
    assert said.status == 1
    assert [result["ruleId"] for result in results] == ["RL0903", "RL0915", "RL0904"]
    assert [len(result.get("fixes", [])) for result in results] == [1, 1, 0]
    assert results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith(
        "file:///"
    )


def test_sarif_of_a_compilation(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    twice = CLEAN + CLEAN.split("-- 查数量\n")[1]
    path = written(tmp_path, twice)
    assert run(["compile", str(path), "--format", "sarif", "--lang", "en"]) == 3
    (result,) = check_sarif(json.loads(capsys.readouterr().out), twice)
    assert result["ruleId"] == "RL0202"
    assert result["relatedLocations"][0]["message"]["text"] == "declared here first"


def test_sarif_without_results_is_a_whole_document() -> None:
    assert check_sarif(document((), {}, "zh"), "") == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sarif_helps_with_every_code_of_the_rules(lang: str) -> None:
    codes = [code for code in CODES if code.startswith("RL")]
    words = Words("有误", "wrong")
    found = [Diagnostic(code, Span("a.rule", 0, 1), words) for code in codes]
    (made,) = document(found, {"a.rule": Source("a.rule", "规则")}, lang)["runs"]
    helps = [rule["help"] for rule in made["tool"]["driver"]["rules"]]
    assert [bool(re.search("[一-鿿]", each["text"])) for each in helps].count(lang == "zh") > 100
    assert all(each["text"] in each["markdown"] for each in helps)


# ---------------------------------------------------------------- what only cases can tell

PAGE = """\
# 限量

规则集：试验
检查：限量

## 在限内
```facts
明细1.数量 = 3盒
```
```findings
限量（明细1）：合规
```
"""


def test_cases_beside_the_rules_are_looked_at(lint, tmp_path: Path) -> None:
    path = written(tmp_path, CLEAN)
    (tmp_path / "cases").mkdir()
    page = tmp_path / "cases" / "限量.md"
    page.write_text(PAGE, encoding="utf-8")
    said = lint(path)
    assert said.status == 1
    assert re.findall(r"\[(RL\d+)\]", said.out) == ["RL0953", "RL0952"]
    assert lint(path, "--no-cases").status == 0
    page.write_text(PAGE.replace("3盒", "9盒"), encoding="utf-8")
    assert re.findall(r"\[(RL\d+)\]", lint(tmp_path, "--fix").out) == ["RL0953"]
    path.write_text(
        CLEAN.replace("    针对", "    -- lint: 允许 RL0953 数量必填\n    针对"), "utf-8"
    )
    assert lint(path).status == 0


def test_a_page_that_is_none_does_no_harm(lint, tmp_path: Path) -> None:
    path = written(tmp_path, CLEAN)
    (tmp_path / "CHANGES.md").write_text("# 变更\n\n```facts\n", encoding="utf-8")
    assert lint(path).status == 0


def test_the_shipped_rules_have_the_cases_they_want(lint) -> None:
    assert lint(Path(__file__).parents[2] / "rulesets").status == 0

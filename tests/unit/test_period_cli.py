"""`hegui check --periods` and `hegui rules --check`: what they add, and that they change nothing else."""

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from apps.cli.main import run
from apps.render.shape import period_schema_text

DEMO = Path(__file__).parents[2] / "rulesets" / "demo"
REQUESTS = tuple(str(DEMO / name) for name in ("inpatient_3102.json", "outpatient_3101.json"))
RULES = """\
规则集 试验 | trial “试验” “Trial”
层级 国家
名单 两项 | two：诊断编码 = ｛#I63，#I64｝
规则 总额 | total “每月总额” “Total of a month”
    国家编码 GZ10000102002000
    结果类型 监测指标
    针对 机构 每 自然月
    要求 合计 金额 取自 机构.明细 <= 1元
    则 监测 合计 金额 取自 机构.明细
规则 三项 | three “名单有三项” “Three items”
    国家编码 GZ10000102012000
    结果类型 可疑
    针对 规则集
    要求 行数（两项） >= 3
    则 提醒
"""


@pytest.fixture
def rules(tmp_path: Path) -> str:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "trial.rule").write_text(RULES, encoding="utf-8")
    return str(folder)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = run(arguments)
    return status, capsys.readouterr().out


def test_a_document_follows_those_of_the_inputs(
    rules: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ("check", *REQUESTS, "--rulesets", rules, "--format", "json")
    _, without = said(capsys, *call)
    status, out = said(capsys, *call, "--periods", "2026-03")
    assert out.startswith(without)
    found = json.loads(out.splitlines()[-1])
    jsonschema.validate(found, json.loads(period_schema_text()))
    assert (status, found["periods"]["judged"], len(found["sources"])) == (1, ["2026-03"], 2)
    findings = found["periods"]["findings"]
    assert {each["outcome"] for each in findings} == {"suspected"}  # over, whatever else there is
    assert {tuple(each["money"]["at_risk"]) for each in findings} == {("0.00", "0.00")}
    subjects = [entity["id"] for each in findings for entity in each["subject"]["entities"]]
    assert len(set(subjects)) == len(subjects)
    assert all(subject.endswith(" 2026-03") for subject in subjects)


def test_the_shipped_schema_of_periods_is_the_generated_one() -> None:
    shipped = files("apps.render").joinpath("periods.schema.json").read_text(encoding="utf-8")
    assert shipped == period_schema_text()


@pytest.mark.parametrize("periods", ["2026-3", "", "march"])
def test_what_is_no_period_is_refused(
    periods: str, rules: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = said(capsys, "check", *REQUESTS, "--rulesets", rules, "--periods", periods)
    assert (status, out) == (2, "")


def test_rules_on_the_ruleset_are_judged_by_themselves(
    rules: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = said(capsys, "rules", "--check", "--rulesets", rules)
    assert status == 1
    assert "名单有三项" in out
    _, bills = said(capsys, "check", *REQUESTS, "--rulesets", rules)
    assert "名单有三项" not in bills

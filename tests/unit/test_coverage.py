"""`hegui test --cover`: what is told of conditions, boundaries, exceptions, knowledge and clauses."""

import json
from pathlib import Path

import pytest

from apps.authoring.cases import load_page, pages_in, prepared
from apps.authoring.coverage import Coverage, RuleCoverage, cover, covered
from apps.cli.main import run

RULES = """\
规则集 试验.限量 | trial.limits “限量” “Limits”
层级 国家
文件 甲文 | doc_a “甲文件” “Document A” 发布 2025-01-01
文件 乙文 | doc_b “乙文件” “Document B” 发布 2025-01-01
证据 术后 | after_surgery：是否 归属 就诊 提供 医师
参数 日限 | day_limit：数值 = 3，自 2027-01-01 4 依据 乙文 “二”
知识表 药品上限 | caps （药品 | drug：药品编码，上限 | cap：数值）
    键 药品 完整 取自 “caps.csv” 依据 乙文 “三”
名单 管制药 | watched：药品编码 = ｛#XA01，#XA02｝ 依据 乙文 “四”

规则 限金额 | amount_limit “单行金额” “Amount of a line”
    依据 甲文 “一”
    结果类型 违规
    针对 明细
    当 明细.药品 在 管制药
    要求 明细.金额 <= 30元
    除非 就诊.术后 依据 甲文 “五”
    则 不予支付 明细.医保内金额
    说明 “{明细.名称}超过。” “{line.name} is over.”

规则 限年龄 | age_limit “年龄” “Age”
    依据 甲文 “六”
    结果类型 违规
    针对 明细
    要求 患者.年龄 >= 18岁
    则 不予支付 明细.医保内金额
    说明 “{明细.名称}未成年。” “{line.name}: a minor.”
"""
TABLE = "药品,上限,来源\nXA01,2,甲文件 一\nXA02,3,甲文件 二\n"
HEAD = "规则集：试验.限量\n检查：限金额\n"


def facts(*lines: str) -> str:
    body = "\n".join(lines)
    return f"```facts\n{body}\n```\n```findings\n?\n```\n"


def line(amount: str, drug: str = "XA01") -> tuple[str, ...]:
    return (
        f"明细1.药品 = #{drug}",
        "明细1.名称 = “甲药”",
        f"明细1.金额 = {amount}元",
        "明细1.日期 = 2026-03-03",
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CI", raising=False)  # `page` lets the tool write what it expects
    (tmp_path / "limits.rule").write_text(RULES, encoding="utf-8")
    (tmp_path / "caps.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "cases").mkdir()
    return tmp_path


def page(folder: Path, *cases: str, head: str = HEAD) -> Path:
    text = "# 案例\n" + head
    for number, case in enumerate(cases, start=1):
        text += f"## 案例{number}\n{case}"
    path = folder / "cases" / "page.md"
    path.write_text(text, encoding="utf-8")
    run(["test", "--update", str(path)])
    return path


def coverage(folder: Path, *, whole: bool = False) -> Coverage:
    pages = [load_page(path) for path in pages_in(folder)]
    cases = [prepared(found, case) for found in pages for case in found.cases]
    return cover([case for case in cases if case is not None], whole=whole)


def unseen(found: RuleCoverage) -> dict[str, tuple[str, ...]]:
    return {f"{item.point.kind} {item.text}": item.unseen for item in found.points if item.unseen}


def test_each_truth_of_a_condition_counts_by_itself(folder: Path) -> None:
    page(folder, facts(*line("20")))
    (rule,) = coverage(folder).rules
    assert rule.cases == 1
    assert unseen(rule)["condition 明细.药品 在 管制药"] == ("false", "unknown")
    assert unseen(rule)["condition 明细.金额 <= 30元"] == ("false", "unknown")
    page(folder, facts(*line("20")), facts(*line("40", "XA09")), facts(*line("40")[1:]))
    (rule,) = coverage(folder).rules
    assert "condition 明细.药品 在 管制药" not in unseen(rule)


@pytest.mark.parametrize(
    ("amounts", "lacking"),
    [
        (("20",), ("at", "beyond")),
        (("30",), ("beyond",)),
        (("29.99",), ("at", "beyond")),  # on the same side as 30 itself
        (("31",), ("at",)),
        (("31.01",), ("at", "beyond")),
        (("30", "30.01"), ()),
    ],
)
def test_a_boundary_needs_both_sides(
    folder: Path, amounts: tuple[str, ...], lacking: tuple[str, ...]
) -> None:
    page(folder, *(facts(*line(amount)) for amount in amounts))
    (rule,) = coverage(folder).rules
    assert unseen(rule).get("boundary 明细.金额 <= 30元", ()) == lacking


@pytest.mark.parametrize(
    ("born", "lacking"),
    [
        ("2008-03-03", ("beyond",)),
        ("2008-03-04", ("at",)),
        ("2008-03-02", ("at", "beyond")),
        ("2008-03-05", ("at", "beyond")),
    ],
)
def test_an_age_turns_on_a_birthday(folder: Path, born: str, lacking: tuple[str, ...]) -> None:
    head = "规则集：试验.限量\n检查：限年龄\n"
    page(folder, facts(f"患者.出生日期 = {born}", *line("20")), head=head)
    (rule,) = coverage(folder).rules
    assert unseen(rule).get("boundary 患者.年龄 >= 18岁", ()) == lacking


def test_exceptions_and_outcomes_are_seen_at_work_only(folder: Path) -> None:
    page(folder, facts("就诊.术后 = 是", *line("20")))
    (rule,) = coverage(folder).rules
    assert "exception 除非 就诊.术后 依据 甲文 “五”" in unseen(rule)
    assert unseen(rule)["outcome 明细.医保内金额"] == ("reached",)
    page(folder, facts("就诊.术后 = 是", *line("40")), facts("就诊.术后 = 否", *line("40")))
    (rule,) = coverage(folder).rules
    assert [text for text in unseen(rule) if text.startswith(("exception", "outcome"))] == []


def clauses(found: Coverage) -> dict[str, bool]:
    return {f"{item.document.title.zh} {item.place}": item.has_case for item in found.clauses}


def test_a_clause_has_a_case_where_a_finding_stands_on_it(folder: Path) -> None:
    page(folder, facts(*line("40")[1:]))  # nobody knows which drug
    assert clauses(coverage(folder)) == {"甲文件 一": False, "甲文件 五": False, "乙文件 四": False}
    page(folder, facts(*line("20")))
    assert clauses(coverage(folder)) == {"甲文件 一": True, "甲文件 五": False, "乙文件 四": True}
    page(folder, facts("就诊.术后 = 是", *line("40")))
    assert clauses(coverage(folder))["甲文件 五"]


def test_a_folder_stands_for_all_rules_beside_its_pages(folder: Path) -> None:
    page(folder, facts(*line("20")))
    assert [rule.rule.name.zh for rule in coverage(folder).rules] == ["限金额"]
    both = coverage(folder, whole=True)
    assert [(rule.rule.name.zh, rule.cases) for rule in both.rules] == [
        ("限金额", 1),
        ("限年龄", 0),
    ]
    assert clauses(both)["甲文件 六"] is False


KNOWING = (
    RULES
    + """\

判定表 等级限 | grade_limit （等级 | grade：数值）：数值 ｛1 得 2；2 至 3 得 4；未列 得 9｝ 依据 乙文 “七”

规则 限数量 | quantity_limit “数量” “Quantity”
    依据 甲文 “八”
    结果类型 违规
    针对 明细
    当 明细.药品 在 药品上限
    要求 符合其一｛明细.金额 <= 10元；药品上限[明细.药品].上限 < 日限；等级限（药品上限[明细.药品].上限） = 2｝
    则 提醒
    说明 “{明细.名称}多。” “{line.name}: many.”
"""
)


def test_rows_items_decision_rows_and_dated_values_are_counted(folder: Path) -> None:
    (folder / "limits.rule").write_text(KNOWING, encoding="utf-8")
    page(folder, facts(*line("20", "XA02")), head="规则集：试验.限量\n检查：限数量\n")
    found = {part.kind: (part.total, part.unused) for part in coverage(folder).parts}
    assert found == {
        "table": (2, ("2 XA01",)),
        "decision": (3, ("1", "3")),
        "param": (2, ("2027-01-01",)),
    }
    assert clauses(coverage(folder)) == dict.fromkeys(
        ["甲文件 八", "乙文件 三", "乙文件 七", "乙文件 二"], True
    )


def test_the_points_of_a_rule_carry_their_lines(folder: Path) -> None:
    page(folder, facts(*line("20")))
    (rule,) = coverage(folder).rules
    assert rule.place.line == RULES[: RULES.index("规则 限金额")].count("\n") + 1
    lines = {item.text: item.place.line for item in rule.points}
    assert lines["明细.金额 <= 30元"] == RULES[: RULES.index("明细.金额 <=")].count("\n") + 1


def test_a_rule_written_in_a_page_is_placed_in_the_page(folder: Path) -> None:
    rule = RULES[RULES.index("规则 限年龄") :].replace("    依据 甲文 “六”\n", "")
    path = folder / "cases" / "own.md"
    path.write_text(f"# 页\n\n```rule\n{rule}```\n## 一\n" + facts(*line("20")), encoding="utf-8")
    (found,) = coverage(path).rules
    assert (found.place.path, found.place.line) == (str(path), 4)
    page_found = load_page(path)
    ready = prepared(page_found, page_found.cases[0])
    assert ready is not None
    assert covered([ready])[found.rule.id].cases == 1


# ---------------------------------------------------------------- the command


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    status = run(["test", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return status, out, err


def test_the_command_says_what_is_not_seen(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page(folder, facts(*line("20")))
    status, out, err = call(capsys, folder, "--cover", "--lang", "en")
    assert (status, err) == (0, "")
    assert "boundary `明细.金额 <= 30元`: not seen exactly at it, just beyond it" in out
    assert "no case  Document A 六 (age_limit)" in out
    status, out, _ = call(capsys, folder, "--cover")
    assert "没有案例  甲文件 六（限年龄）" in out


def test_too_little_and_clauses_without_case_fail(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = page(folder, facts(*line("20")), facts("就诊.术后 = 是", *line("40")))
    assert call(capsys, path, "--cover-min", "10")[0] == 0
    assert call(capsys, path, "--cover-min", "100")[0] == 1
    assert call(capsys, path, "--require-clauses")[0] == 0
    assert call(capsys, folder, "--require-clauses")[0] == 1


def test_the_document_for_tools(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page(folder, facts(*line("30")))
    status, out, err = call(capsys, folder, "--cover", "--format", "json")
    document = json.loads(out)
    assert status == 0
    assert "通过 1" in err
    assert document["cases"][0]["passed"] is True
    found = document["coverage"]
    assert found["percent"] == 100 * found["seen"] // found["aims"]
    boundary = next(p for p in found["rules"][0]["points"] if p["kind"] == "boundary")
    assert (boundary["seen"], boundary["unseen"]) == (["at"], ["beyond"])

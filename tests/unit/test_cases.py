"""Pages of cases: how they are read, run, compared exactly, and rewritten."""

from pathlib import Path

import pytest

from apps.authoring.cases import Outcome, load_page, run_case, update
from apps.authoring.pages import PageError, read_page
from tests.requests import as_bytes, at_settlement, encounter, line, patient, request

RULE = """\
```rule
证据 术后 | after_surgery：是否 归属 就诊 提供 医师
规则 限金额 | amount_limit “单行金额” “Amount of a line”
    结果类型 违规
    针对 明细
    当 明细.类别 属于 药品
    要求 明细.金额 <= 10元
    除非 就诊.术后
    则 不予支付 明细.医保内金额
    说明 “{明细.名称}超过10元。” “{line.name} is over 10 yuan.”
```
"""
HIT = """\
## Over

```facts
就诊.术后 = 否
明细1.药品 = #X1      -- an invented code
明细1.名称 = “甲药”
明细1.金额 = 12元
明细1.日期 = 2026-03-03
```
```findings
限金额（明细1）：违规 12.00
```
"""


def outcomes(text: str) -> list[Outcome]:
    page = read_page("page.md", text)
    return [run_case(page, case) for case in page.cases]


def actual(text: str, kind: str = "findings") -> str:
    """What comes out of the only case of a page, for its block of a kind."""
    (outcome,) = outcomes(text)
    assert outcome.trouble == ""
    found = [mismatch.actual for mismatch in outcome.mismatches if mismatch.block.kind == kind]
    return found[0] if found else next(b.text for b in outcome.case.expected if b.kind == kind)


def facts(*lines: str, rule: str = RULE) -> str:
    body = "\n".join(lines)
    return f"# T\n{rule}\n## S\n```facts\n{body}\n```\n```findings\n?\n```\n"


def trouble(*lines: str) -> str:
    (outcome,) = outcomes(facts(*lines))
    return outcome.trouble


# ---------------------------------------------------------------- form


def test_a_case_passes_where_everything_is_as_expected() -> None:
    assert [outcome.passed for outcome in outcomes(f"# Page\n{RULE}\n{HIT}")] == [True]


@pytest.mark.parametrize(
    "wrong",
    [
        "限金额（明细1）：违规 12.01\n",
        "限金额（明细1）：可疑 12.00\n",
        "限金额（明细1）：违规 12.00 \n",
        "\n限金额（明细1）：违规 12.00\n",
        "",
    ],
)
def test_a_wrong_expectation_fails(wrong: str) -> None:
    text = f"# Page\n{RULE}\n{HIT}".replace("限金额（明细1）：违规 12.00\n", wrong)
    (outcome,) = outcomes(text)
    assert not outcome.passed
    assert outcome.mismatches[0].actual == "限金额（明细1）：违规 12.00\n"


def test_update_makes_the_page_pass_and_changes_nothing_else() -> None:
    good = f"# Page\nProse.\n\n{RULE}\n{HIT}\nMore prose.\n"
    for wrong in ("", "限金额（明细1）：合规\n两行\n"):
        bad = good.replace("限金额（明细1）：违规 12.00\n", wrong)
        page = read_page("page.md", bad)
        assert update(page, [run_case(page, case) for case in page.cases]) == good


def test_a_case_is_named_by_its_headings() -> None:
    page = read_page("page.md", f"# Page\n{RULE}\n{HIT}\n## Again\n{HIT.partition(chr(10))[2]}")
    assert [case.name for case in page.cases] == ["Page / Over", "Page / Again"]


@pytest.mark.parametrize(
    ("text", "line_number", "said"),
    [
        ("# A\n```facts\nx\n", 2, "没有结束"),
        ("# A\n```facts\n```\n## B\n```findings\n```\n", 2, "下有小节"),
        ("# A\n```facts\n```\n", 1, "没有写预期"),
        ("# A\n```findings\n```\n```findings\n```\n", 4, "只能有一个"),
        ("# A\n```facts\n```\n```change\n```\n```findings\n```\n", 2, "不能与"),
        ("# A\n```file\n```\n", 2, "文件名"),
    ],
)
def test_a_page_that_is_not_well_formed_says_where(text: str, line_number: int, said: str) -> None:
    with pytest.raises(PageError) as error:
        read_page("page.md", text)
    assert error.value.line == line_number
    assert said in error.value.choose("zh")
    assert "line" in error.value.choose("en")


def test_other_fences_and_headings_inside_fences_are_prose() -> None:
    text = (
        f"# Page\n```console\n# no heading\n```\n````markdown\n```facts\n```\n````\n{RULE}\n{HIT}"
    )
    assert [outcome.passed for outcome in outcomes(text)] == [True]


def test_a_page_file_is_read_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(f"# Page\n{RULE}\n{HIT}", encoding="utf-8")
    assert len(load_page(path).cases) == 1


# ---------------------------------------------------------------- facts


def test_what_is_not_assigned_is_unknown() -> None:
    text = facts("就诊.术后 = 否", "明细1.药品 = #X1")
    assert actual(text) == "限金额（明细1）：待补充信息 0.00~（缺：明细1.金额）\n"


def test_bounds_and_candidates() -> None:
    rest = ("就诊.术后 = 否", "明细1.药品 = #X1")
    assert actual(facts(*rest, "明细1.金额 = 11元~12元")) == "限金额（明细1）：违规 11.00~12.00\n"
    assert actual(facts(*rest, "明细1.金额 = <=10元")) == "限金额（明细1）：合规\n"
    assert "待补充信息" in actual(facts(*rest, "明细1.金额 = <11元"))
    assert "待补充信息" in actual(facts(*rest, "明细1.金额 = 8元 或 12元"))
    assert actual(facts(*rest, "明细1.金额 = 8元 或 9元")) == "限金额（明细1）：合规\n"


def test_every_outcome_of_a_focused_rule_is_listed() -> None:
    text = facts(
        "就诊.术后 = 是",
        "明细1.药品 = #X1",
        "明细1.金额 = 12元",
        "明细2.项目 = #001102000030000",
        "明细2.金额 = 50元",
        "明细3.药品 = #X1",
        "明细3.金额 = 2元",
    )
    assert actual(text) == (
        "限金额（明细1）：例外通过\n限金额（明细2）：不适用\n限金额（明细3）：合规\n"
    )


def test_history_is_no_subject() -> None:
    text = facts(
        "就诊.术后 = 否",
        "明细1.药品 = #X1",
        "明细1.金额 = 12元",
        "明细1.就诊 = 就诊2",
        "明细2.药品 = #X1",
        "明细2.金额 = 12元",
        "明细2.历史 = 是",
        "明细3.药品 = #X1",
        "明细3.金额 = 1元",
    )
    assert actual(text) == "限金额（明细3）：合规\n"


def test_english_names_do_as_well() -> None:
    text = facts("encounter.after_surgery = no", "line1.drug = #X1", "line1.amount = 12yuan")
    assert actual(text) == "限金额（明细1）：违规 12.00\n"


@pytest.mark.parametrize(
    ("line_text", "said"),
    [
        ("明细1.药物 = #X1", "没有 `药物`；是否指 `药品`"),
        ("明细1.金额 = 12", "缺单位"),
        ("明细1.金额 = 12盒", "不合"),
        ("明细1.金额 = 很多", "不是金额"),
        ("明细1.药品 = X1", "不是编码"),
        ("就诊.术后 = 也许", "不是是或否"),
        ("患者.性别 = 甲", "不是性别的词"),
        ("明细1.日期 = 2026-02-30", "日期"),
        ("明细1.金额", "不是赋值"),
        ("病人.性别 = 男", "不是实体"),
        ("机构.明细[2026-13] = 全部", "期间写作"),
        ("机构.明细 = 一部分", "只能写 全部 或 不全"),
        ("场景 = 99", "场景"),
        ("就诊.明细 = #X1", "全部"),
        ("明细1.金额 = 12元~10元", "颠倒"),
        ("明细1.就诊 = 处方1", "应写作"),
    ],
)
def test_a_fact_that_makes_no_sense_says_where(line_text: str, said: str) -> None:
    found = trouble("就诊.术后 = 否", line_text)
    assert said in found
    assert "第 17 行" in found


def test_a_second_assignment_is_refused() -> None:
    assert "重复赋值" in trouble("明细1.金额 = 12元", "明细1.金额 = 13元")


# ---------------------------------------------------------------- collections and evidence

SERIES = """\
```rule
证据 既往治疗 | prior：（药类 | class：药品分类，结局 | outcome：｛有效 | ok，无效 | failed｝） 归属 患者 提供 医师 多次
证据 视力 | acuity（眼 | side：｛左眼 | left，右眼 | right｝）：数值 归属 患者 提供 医师
规则 二线 | second_line “二线” “Second line”
    结果类型 可疑
    针对 明细
    要求 任一 患者.既往治疗 满足（药类 属于 #XA10 且 结局 = 无效）
    则 不予支付 明细.医保内金额
```
"""
LINE = ("明细1.药品 = #X1", "明细1.金额 = 12元")


def test_a_series_is_open_until_it_is_said_to_be_whole() -> None:
    failed = "患者.既往治疗 = ［药类 #XA10B，结局 无效］"
    worked = "患者.既往治疗 = ［药类 #XA10B，结局 有效］，［药类 #XB01，结局 无效］"
    assert actual(facts(*LINE, failed, rule=SERIES)) == "二线（明细1）：合规\n"
    assert "缺：患者.既往治疗" in actual(facts(*LINE, worked, rule=SERIES))
    assert actual(facts(*LINE, f"{worked}，全部", rule=SERIES)) == "二线（明细1）：可疑 12.00\n"
    assert actual(facts(*LINE, "患者.既往治疗 = 无", rule=SERIES)) == "二线（明细1）：可疑 12.00\n"


def test_diagnoses_are_whole_where_any_is_assigned() -> None:
    rule = (
        "```rule\n规则 诊断 | dx “诊断” “Diagnosis”\n结果类型 可疑\n针对 就诊\n"
        "要求 就诊.诊断 含 #I63\n则 提醒\n```\n"
    )
    assert actual(facts("就诊.诊断 = #I63.900，#I10.x00", rule=rule)) == "诊断（就诊）：合规\n"
    assert actual(facts("就诊.诊断 = #I10.x00", rule=rule)) == "诊断（就诊）：可疑 0.00\n"
    assert actual(facts("诊断1.编码 = #I10.x00", rule=rule)) == "诊断（就诊）：可疑 0.00\n"
    assert actual(facts("就诊.诊断 = 无", rule=rule)) == "诊断（就诊）：可疑 0.00\n"
    for open_ in ("就诊.诊断 = #I10.x00，不全", "场景 = 8"):
        assert "缺：就诊.诊断" in actual(facts(open_, rule=rule))


def test_lines_are_open_before_settlement_only() -> None:
    rule = (
        "```rule\n规则 伴随 | companion “伴随” “Companion”\n结果类型 违规\n针对 明细\n"
        "当 明细.类别 属于 药品\n要求 任一 就诊.明细 满足（类别 属于 项目）\n"
        "则 不予支付 明细.医保内金额\n```\n"
    )
    assert actual(facts(*LINE, rule=rule)) == "伴随（明细1）：违规 12.00\n"
    assert "缺：就诊.明细" in actual(facts("场景 = 4", *LINE, rule=rule))
    assert actual(facts("场景 = 4", "就诊.明细 = 全部", *LINE, rule=rule)) == (
        "伴随（明细1）：违规 12.00\n"
    )
    with_service = facts("场景 = 4", *LINE, "明细2.项目 = #001102000030000", rule=rule)
    assert actual(with_service) == "伴随（明细1）：合规\n伴随（明细2）：不适用\n"


# ---------------------------------------------------------------- rule blocks and settings


def test_rule_blocks_in_both_spellings_make_one_ruleset() -> None:
    english = (
        "```rule\nrule dear | 贵 “贵” “Dear”\n  certainty suspect\n  for line\n"
        "  require line.amount <= 100yuan\n  then remind\n```\n"
    )
    text = facts("就诊.术后 = 否", "明细1.药品 = #X1", "明细1.金额 = 200元", rule=RULE + english)
    assert actual(text) == "限金额（明细1）：违规 200.00\n贵（明细1）：可疑 0.00\n"


def test_diagnostics_are_placed_in_the_block() -> None:
    text = "# T\n```rule\n规则 a “甲” “A”\n    结果类型 违规\n    针对 明细\n    要求 明细.数目 > 1\n    则 提醒\n```\n"
    found = actual(f"{text}```diagnostics\n```\n", "diagnostics")
    assert "RL0204 4:11 " in found
    (outcome,) = outcomes(f"{text}```facts\n```\n```findings\n```\n")
    assert "RL0204" in outcome.trouble


def test_a_bare_block_is_taken_as_it_is_written() -> None:
    text = "# T\n```rule bare\n规则 a “甲” “A”\n    结果类型 违规\n    针对 明细\n    要求 是\n    则 提醒\n```\n"
    assert "RL0203" in actual(f"{text}```diagnostics\n```\n", "diagnostics")


def test_the_date_of_knowledge_is_set_by_the_page() -> None:
    rule = (
        "```rule\n知识表 限价 | cap （药品 | drug：药品编码，上限 | most：金额） 键 药品 取自 “限价.csv”\n"
        "规则 超价 | over “超价” “Over”\n结果类型 违规\n针对 明细\n当 明细.药品 在 限价\n"
        "要求 明细.单价 <= 限价[明细.药品].上限\n则 提醒\n```\n"
        "```file 限价.csv\n药品,上限,入库\nX1,5元,2026-02-01\n```\n"
    )
    lines = ("明细1.药品 = #X1", "明细1.单价 = 6元", "明细1.日期 = 2026-03-01")
    text = facts(*lines, rule=rule)
    assert "违规" in actual(text)
    assert "违规" not in actual(text.replace("# T\n", "# T\n知悉日：2026-01-31\n", 1))
    (outcome,) = outcomes(text.replace("# T\n", "# T\n知悉日：昨天\n", 1))
    assert "不是日期" in outcome.trouble


def test_a_rule_block_alone_must_compile() -> None:
    assert [outcome.passed for outcome in outcomes(f"# T\n{RULE}")] == [True]
    assert [outcome.passed for outcome in outcomes("# T\n```rule\n规则 a\n```\n")] == [False]


def test_a_file_block_is_the_table_beside_the_rules() -> None:
    rule = (
        "```rule\n知识表 限价 | cap （药品 | drug：药品编码，上限 | most：金额） 键 药品 取自 “限价.csv”\n"
        "规则 超价 | over “超价” “Over”\n结果类型 违规\n针对 明细\n当 明细.药品 在 限价\n"
        "要求 明细.单价 <= 限价[明细.药品].上限\n则 限付 单价 限价[明细.药品].上限\n```\n"
        "```file 限价.csv\n药品,上限\nX1,5元\n```\n"
    )
    text = facts(
        "明细1.药品 = #X1",
        "明细1.数量 = 2盒",
        "明细1.单价 = 6元",
        "明细1.金额 = 12元",
        rule=rule,
    )
    assert actual(text) == "超价（明细1）：违规 2.00\n"


def test_named_rulesets_come_with_what_they_use() -> None:
    text = (
        "# T\n规则集：国家.药品支付限定\n检查：药品区分性别\n```facts\n患者.性别 = 男\n"
        "明细1.药品 = #X1\n```\n```findings\n```\n"
    )
    assert actual(text).startswith("药品区分性别（明细1）")


@pytest.mark.parametrize(
    "setting", ["规则集：国家.没有这个", "规则集：国家.药品支付限定\n检查：没有这条"]
)
def test_a_name_that_is_nowhere_is_said(setting: str) -> None:
    (outcome,) = outcomes(f"# T\n{setting}\n```facts\n```\n```findings\n```\n")
    assert "没有" in outcome.trouble


# ---------------------------------------------------------------- requests


def request_page(*lines: str) -> str:
    body = as_bytes(
        at_settlement(request(patient(encounter(fsi_order_dtos=[line(1), line(2, sumamt=5)]))))
    ).decode()
    change = "".join(f"{text}\n" for text in lines)
    return (
        f"# T\n{RULE}```request\n{body}\n```\n## S\n```change\n{change}```\n```findings\n?\n```\n"
    )


ORDERS = "/input/data/patient_dtos/0/fsi_encounter_dtos/0/fsi_order_dtos"


def test_a_request_carries_down_and_is_changed() -> None:
    assert "限金额（明细2）：合规" in actual(request_page())
    assert "限金额（明细2）：合规" not in actual(request_page(f"{ORDERS}/1/sumamt = 500"))
    assert "明细2" not in actual(request_page(f"删除 {ORDERS}/1"))
    added = actual(request_page(f'{ORDERS}/- = {{"rx_id": "L9", "hilist_type": "101"}}'))
    assert "明细3" in added


@pytest.mark.parametrize("change", ["删除 /no/where", "/input/x/y = 1", "nonsense", "/input = {"])
def test_a_change_that_cannot_be_made_says_where(change: str) -> None:
    (outcome,) = outcomes(request_page(change))
    assert "行" in outcome.trouble


def test_a_request_that_is_none_is_trouble_not_a_crash() -> None:
    (outcome,) = outcomes(f"# T\n{RULE}```request\n[]\n```\n```findings\n```\n")
    assert "EN0111" in outcome.trouble


def test_a_case_without_facts_or_request_is_trouble() -> None:
    (outcome,) = outcomes(f"# T\n{RULE}```findings\n```\n")
    assert "没有 facts 或 request" in outcome.trouble


def test_notes_and_explanations_are_compared_too() -> None:
    text = request_page(f'{ORDERS}/0/cnt = "-5x"').replace(
        "```findings\n?\n```", "```notes\n?\n```\n```explanation\n?\n```"
    )
    assert f'{ORDERS}/0/cnt "-5x"：' in actual(text, "notes")
    assert "单行金额" in actual(text, "explanation")


def test_a_profile_counts() -> None:
    vouching = "```profile\nclaimed_by_default = false\n```\n"
    text = facts("就诊.术后 = 否", *LINE, rule=RULE + vouching)
    assert actual(text) == "限金额（明细1）：违规 12.00\n"
    (outcome,) = outcomes(facts(*LINE, rule=RULE + "```profile\nvouch = 1\n```\n"))
    assert "EN0122" in outcome.trouble

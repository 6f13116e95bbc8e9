"""`hegui test --mutate`: which changes of a rule are made, noticed, and told apart by a bill."""

import json
from pathlib import Path

import pytest

from apps.authoring.cases import Prepared, load_page, prepared, run_case
from apps.authoring.drafts import draft_of
from apps.authoring.facts_block import read_facts
from apps.authoring.mutants import Mutant, mutants_of
from apps.authoring.mutating import Fate, fates, subject_of, subjects
from apps.authoring.pages import Block, read_page
from apps.cli.main import run
from engine.judge import judge_rule
from engine.tables import Tables
from rulelang import core
from rulelang.driver import compile_sources
from rulelang.source import Source

ROOT = Path(__file__).parents[2]
PAGE = """\
# 案例

```rule
规则集 试验 | trial “试验” “Trial”
层级 国家
施行 自 2026-01-01
证据 术后 | after_surgery：是否 归属 就诊 提供 医师
名单 管制药 | watched：药品编码 = ｛#XA01，#XA02｝
规则 限量 | limit “限量” “A limit”
    结果类型 违规
    针对 明细
    当 明细.药品 在 管制药 且 明细.申报医保
    要求 明细.金额 <= 30元
    除非 就诊.术后
    则 不予支付 明细.医保内金额
    说明 “{明细.名称}超过。” “{line.name} is over.”
```
"""
FACTS = """\
```facts
就诊.术后 = 否
明细1.药品 = #XA01
明细1.名称 = “甲药”
明细1.金额 = 50元
明细1.日期 = 2026-03-03
```
```findings
限量（明细1）：违规 50.00
```
"""
MORE = {
    "正好": FACTS.replace("50元", "30元").replace("违规 50.00", "合规"),
    "刚过": FACTS.replace("50元", "31元").replace("50.00", "31.00"),
    "术后": FACTS.replace("= 否", "= 是").replace("违规 50.00", "例外通过"),
    "另一种": FACTS.replace("XA01", "XA02"),
    "无关": FACTS.replace("XA01", "XA09").replace("违规 50.00", "不适用"),
    "首日": FACTS.replace("2026-03-03", "2026-01-01"),
    "前日": FACTS.replace("2026-03-03", "2025-12-31").replace("违规 50.00", "不适用"),
}


def page(*names: str) -> str:
    return PAGE + "## 违规\n" + FACTS + "".join(f"## {name}\n{MORE[name]}" for name in names)


def ready(text: str) -> list[Prepared]:
    found = read_page("page.md", text)
    for case in found.cases:
        outcome = run_case(found, case)
        assert outcome.passed, (case.name, outcome)
    cases = [prepared(found, case) for case in found.cases]
    return [case for case in cases if case is not None]


def all_fates(text: str) -> list[Fate]:
    (subject,) = subjects(ready(text))
    return list(fates(subject))


def survivors(text: str) -> dict[str, Fate]:
    return {fate.mutant.words.zh: fate for fate in all_fates(text) if not fate.killed_by}


def test_every_kind_of_change_is_made() -> None:
    found = {(fate.mutant.kind, fate.mutant.words.zh) for fate in all_fates(page())}
    assert {
        ("comparison", "`明细.金额 <= 30元`：`<=` 改为 `<`"),
        ("threshold", "`30.00元` 改为 `31.00元`"),
        ("threshold", "`30.00元` 改为 `29.00元`"),
        ("logic", "`明细.药品 在 管制药 且 明细.申报医保`：`且` 改为 `或`"),
        ("negation", "`明细.药品 在 管制药`：变为相反"),
        ("exception", "去掉 `除非 就诊.术后`"),
        ("certainty", "`违规` 改为 `可疑`"),
        ("period", "施行首日 `2026-01-01` 改为 `2026-01-02`"),
        ("list", "管制药 去掉 `#XA02`"),
    } <= found


def test_good_cases_leave_only_what_cannot_be_told() -> None:
    left = survivors(page(*MORE))
    assert [words for words, fate in left.items() if fate.telling is not None] == []


@pytest.mark.parametrize(
    ("missing", "change"),
    [
        ("正好", "`明细.金额 <= 30元`：`<=` 改为 `<`"),
        ("刚过", "`30.00元` 改为 `31.00元`"),
        ("术后", "去掉 `除非 就诊.术后`"),
        ("另一种", "管制药 去掉 `#XA02`"),
        ("首日", "施行首日 `2026-01-01` 改为 `2026-01-02`"),
        ("前日", "施行首日 `2026-01-01` 改为 `2025-12-31`"),
    ],
)
def test_without_a_case_the_change_survives_and_the_bill_shown_kills_it(
    missing: str, change: str
) -> None:
    text = page(*(name for name in MORE if name != missing))
    fate = survivors(text)[change]
    assert fate.telling is not None
    assert fate.telling.before != fate.telling.after
    pasted = (
        f"## 贴上\n```facts\n{fate.telling.draft.text}```\n```findings\n{fate.telling.before}```\n"
    )
    assert change not in survivors(text + pasted)


def test_what_no_case_gives_is_tried_too() -> None:
    """Diagnoses that the cases do not state, a code on no list, a later value of a parameter."""
    text = (
        page()
        .replace("就诊.术后 = 否\n", "")
        .replace("违规 50.00", "待补充信息 0.00~50.00（缺：就诊.诊断）")
        .replace("除非 就诊.术后", "除非 就诊.诊断 含 #C50")
        .replace(
            "证据 术后 | after_surgery：是否 归属 就诊 提供 医师",
            "参数 限额 | most：金额 = 30元，自 2026-06-01 40元",
        )
        .replace("<= 30元", "<= 限额")
        .replace("明细.药品 在 管制药 且", "明细.药品 在 管制药 且 明细.药品 在 目录 且")
        .replace(
            "规则 限量",
            "知识表 目录 | catalog （药品 | drug：药品编码，名 | title：文本） 键 药品 取自 “目录.csv”\n规则 限量",
        )
    ) + "```file 目录.csv\n药品,名,来源\n#XA01,甲,文\n#XA02,乙,文\n```\n"
    left = survivors(text)
    told = {words: dict(fate.telling.draft.pairs) for words, fate in left.items() if fate.telling}
    assert any("`且` 改为 `或`" in words for words in told)
    assert told["`就诊.诊断 含 #C50`：变为相反"]["就诊.诊断"] == "#C50"
    assert told["`违规` 改为 `可疑`"]["就诊.诊断"] == "#C51"
    assert told["限额 `40.00元` 改为 `41.00元`"]["明细1.日期"] == "2026-06-01"


def test_a_change_without_consequence_is_said_to_be_perhaps_none() -> None:
    text = page(*MORE).replace(
        "要求 明细.金额 <= 30元", "要求 明细.金额 <= 30元 且 明细.金额 <= 300000元"
    )
    left = survivors(text)
    assert left["`300000.00元` 改为 `300001.00元`"].telling is None


def test_changes_are_the_same_each_time() -> None:
    first, second = (
        [(fate.mutant.words.zh, fate.killed_by, fate.telling) for fate in all_fates(page("正好"))]
        for _ in range(2)
    )
    assert first == second


WIDE = """\
规则集 试验 | trial “试验” “Trial”
层级 国家
参数 上限 | cap：数量 = 3次
知识表 限价 | caps （项目 | item：项目编码，价 | price：金额，区间 | span：窗口）
    键 项目 完整 取自 “caps.csv”
判定表 等级 | grade （量 | n：数值）：比例 ｛1 得 50%；未列 得 80%｝
规则 甲 | a “甲” “A”
    施行 自 2026-01-01 至 2026-12-31
    结果类型 可疑
    针对 明细
    当 明细.项目 在 限价 且 至少 2｛明细.申报医保；患者.年龄 >= 18岁；患者.性别 = 女｝
    要求 符合其一｛
        非 就诊.诊断 含 ｛#I63，#I64.000｝；
        计数 就诊.明细 于 前 14天 满足（项目 = 明细.项目） < 3；
        每个 就诊.明细 满足（金额 > 0元）；
        明细.单价 <= 限价[明细.项目].价
    ｝
    则 限付 比例 等级（2） 当 明细.数量 >= 上限
    说明 “甲” “a”
规则 乙 | b “乙” “B”
    结果类型 违规
    针对 明细 作 甲 | a，明细 作 乙 | b 于 前 7天
    当 甲.项目 在 限价 且 甲.项目 = 乙.项目 且 相隔（甲.时间，乙.时间） <= 6小时
    不得 共处（甲，乙，限价[甲.项目].区间）
    保留 甲
    则 不予支付 乙.医保内金额
    说明 “乙” “b”
"""
ROWS = "项目,价,区间,来源\n001,10,6小时,甲文\n002,20,7天,乙文\n"


def wide() -> core.Program:
    compiled = compile_sources([Source("a.rule", WIDE)], lambda _: ROWS.encode())
    assert compiled.program is not None, [d.words for d in compiled.diagnostics]
    return compiled.program


def changes(program: core.Program) -> list[tuple[core.Rule, Mutant]]:
    return [(rule, each) for rule in program.rules for each in mutants_of(rule, program, {})]


def test_each_change_is_one_and_of_the_meaning() -> None:
    program = wide()
    found = changes(program)
    for rule, mutant in found:
        assert mutant.rule != rule or mutant.program != program, mutant.words
    kinds = {mutant.kind for _, mutant in found}
    assert kinds == {
        "threshold", "comparison", "item", "logic", "negation", "quantifier", "period",
        "certainty", "table", "param", "decision",
    }  # fmt: skip
    said = [mutant.words.zh for _, mutant in found]
    for words in (
        "`前14天` 改为 `前13天`", "`前7天` 改为 `前8天`", "等级 第 2 行 `80%` 改为 `81%`",
        "限价 第 2 行 价 `10.00元` 改为 `11.00元`", "限价 第 2 行 区间 `6小时` 改为 `7小时`",
        "去掉 `#I63`", "`2` 改为 `3`", "`6小时` 改为 `5小时`", "上限 `3次` 改为 `4次`",
        "失效日 `2027-01-01` 改为 `2026-12-31`",
    ):  # fmt: skip
        assert any(words in each for each in said), (words, said)


def test_each_change_can_be_judged() -> None:
    program = wide()
    block = Block(
        "facts",
        "",
        "患者.性别 = 女\n患者.出生日期 = 1990-01-01\n就诊.诊断 = #I63.900\n"
        "明细1.项目 = #001\n明细1.数量 = 3次\n明细1.金额 = 30元\n明细1.单价 = 10元\n"
        "明细1.时间 = 2026-03-03T08:00\n"
        "明细2.项目 = #001\n明细2.数量 = 1次\n明细2.金额 = 10元\n明细2.时间 = 2026-03-03T09:00\n",
        1,
    )
    bill = read_facts(block, program)
    different = 0
    for rule, mutant in changes(program):
        tables = Tables(mutant.program, None)
        before = judge_rule(rule, bill, program, Tables(program, None))
        after = judge_rule(mutant.rule, bill, mutant.program, tables)
        different += [f.label for f in before] != [f.label for f in after]
    assert different >= 3


def test_the_changes_of_shipped_rules_can_be_judged() -> None:
    path = ROOT / "rulesets" / "cn" / "zhejiang" / "shaoxing" / "cases" / "优先中选.md"
    found = load_page(path)
    cases = [case for case in (prepared(found, case) for case in found.cases[:4]) if case]
    rule = next(r for r in cases[0].program.rules if r.id in cases[0].focus)
    subject = subject_of(rule, cases[0].program, cases[:1])
    for mutant in mutants_of(rule, subject.program, subject.used):
        assert mutant.rule != rule or mutant.program != subject.program


def test_a_draft_writes_what_a_block_says() -> None:
    block = Block("facts", "", "明细1.金额＝3元 -- 说明\n\n患者.性别 = 女\n", 1)
    assert draft_of(block).text == "明细1.金额 = 3元\n患者.性别 = 女\n"


# ---------------------------------------------------------------- the command


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = run(["test", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return status, out, err


def test_the_command_shows_bills_to_paste(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "page.md"
    path.write_text(page(), encoding="utf-8")
    status, out, err = call(capsys, path, "--mutate")
    assert (status, err) == (1, "")
    assert "没有案例看出：`30.00元` 改为 `31.00元`" in out
    assert "```facts\n就诊.术后 = 否\n明细1.药品 = #XA01\n" in out
    status, out, _ = call(capsys, path, "--mutate", "--lang", "en", "--only", "limit")
    assert "no case notices" in out
    assert "`30.00 yuan` becomes `31.00 yuan`" in out
    path.write_text(page(*MORE), encoding="utf-8")
    assert call(capsys, path, "--mutate")[0] == 0


def test_a_rule_that_no_case_is_about_is_a_mistake_of_the_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "page.md"
    path.write_text(page(), encoding="utf-8")
    status, _, err = call(capsys, path, "--mutate", "--only", "别的")
    assert status == 2
    assert "没有案例检查这条规则" in err


def test_the_document_for_tools(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "page.md"
    path.write_text(page(), encoding="utf-8")
    _, out, _ = call(capsys, path, "--mutate", "--format", "json")
    (rule,) = json.loads(out)["mutation"]
    assert rule["id"] == "trial/limit"
    by_change = {each["change"]["zh"]: each for each in rule["mutants"]}
    assert by_change["`违规` 改为 `可疑`"]["killed_by"] == "案例 / 违规"
    bill = by_change["`30.00元` 改为 `31.00元`"]["bill"]
    assert bill["findings"] != bill["after"]

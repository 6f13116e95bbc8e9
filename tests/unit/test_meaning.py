"""`hegui diff`: what differs in meaning, told as small as it is; what does not is not told."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from apps import rulesets
from apps.authoring.change import Change
from apps.authoring.change_rules import LAYERED, LISTED, OWN, PLAIN, WORDING
from apps.authoring.meaning import compare
from apps.authoring.mutants import mutants_of
from apps.cli.main import run
from rulelang import core
from rulelang.driver import compile_sources
from rulelang.source import Source

RULES = """\
规则集 试验 | trial “试验” “Trial”
层级 国家
文件 甲文 | doc_a “甲文件” “Document A” 发布 2025-01-01
文件 乙文 | doc_b “乙文件” “Document B” 发布 2025-01-01
证据 术后 | after_surgery：是否 归属 就诊 提供 医师
参数 比例 | share：比例 = 30%，自 2027-01-01 40%
名单 管制药 | watched：药品编码 = ｛#XA01，#XA02｝ 依据 乙文 “四”
知识表 限价 | caps （药品 | drug：药品编码，价 | price：金额）
    键 药品 完整 取自 “caps.csv” 依据 乙文 “三”
判定表 等级 | grade （量 | n：数值）：比例 ｛1 得 50%；未列 得 80%｝
规则 甲 | a “甲” “A”
    依据 甲文 “一”
    施行 自 2026-01-01
    结果类型 可疑
    针对 明细
    当 明细.药品 在 管制药 且 明细.申报医保
    记 上限 | limit = 14天
    记 用 | used = 计日 就诊.明细 于 前 30天 满足（药品 = 明细.药品）
    要求 用 <= 上限 且 就诊.诊断 含 ｛#I63｝
    除非 就诊.术后 依据 甲文 “五”
    则 限付 比例 等级（2） 当 比例 > 10%
    说明 “甲多。” “a is much.”
规则 乙 | b “乙” “B”
    依据 甲文 “二”
    结果类型 违规
    针对 明细
    当 明细.药品 在 限价
    要求 任一 就诊.诊断 作 诊 | d 满足（诊.编码 属于 #I10） 且 明细.单价 <= 30元
    则 不予支付 明细.医保内金额
    说明 “乙多。” “b is much.”
"""
ROWS = "药品,价,生效,来源\nXA01,10,,甲文\nXA02,20,2026-01-01,甲文\n"


def program(text: str = RULES, rows: str = ROWS) -> core.Program:
    compiled = compile_sources([Source("a.rule", text)], lambda _: rows.encode())
    assert compiled.program is not None, [item.words.zh for item in compiled.diagnostics]
    return compiled.program


def told(changes: tuple[Change, ...]) -> list[str]:
    return [f"{each.of.zh} {each.words.zh}" for each in changes if not each.wording]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("14天", "28天", ["规则 甲 记 上限：`14天` 改为 `28天`"]),
        ("<= 上限", "< 上限", ["规则 甲 要求 `用 <= 上限`：`<=` 改为 `<`"]),
        ("<= 30元", "<= 35元", ["规则 乙 要求 明细.单价：`30.00元` 改为 `35.00元`"]),
        (
            "｛#I63｝", "｛#I63，#I64｝",
            ["规则 甲 要求 诊断.编码：增加 `#I64`"],
        ),
        ("#XA01，#XA02｝", "#XA02，#XA03｝", ["名单 管制药 名单：去掉 `#XA01`", "名单 管制药 名单：增加 `#XA03`"]),
        (" 且 明细.申报医保", "", ["规则 甲 当：去掉 `明细.申报医保`"]),
        ("管制药 且 明细", "管制药 或 明细", [
            "规则 甲 当 `明细.药品 在 管制药 且 明细.申报医保`：`且` 改为 `或`"]),
        ("    除非 就诊.术后 依据 甲文 “五”\n", "", ["规则 甲 除非：去掉 `就诊.术后`"]),
        ("“五”", "“六”", ["规则 甲 除非的依据：`甲文件 五` 改为 `甲文件 六`"]),
        ("甲文 “一”", "乙文 “一”", ["规则 甲 依据：去掉 `甲文件 一`", "规则 甲 依据：增加 `乙文件 一`"]),
        ("可疑", "违规", ["规则 甲 结果类型：`可疑` 改为 `违规`"]),
        ("自 2026-01-01\n", "自 2026-02-01\n", ["规则 甲 施行首日：`2026-01-01` 改为 `2026-02-01`"]),
        ("前 30天", "前 60天", [
            "规则 甲 记 用 `就诊.明细 于 前 30天 满足（药品 = 明细.药品）`：`前30天` 改为 `前60天`"]),
        ("任一 就诊", "每个 就诊", [
            "规则 乙 要求 `任一 就诊.诊断 作 诊 | d 满足（诊.编码 属于 #I10）`：`任一` 改为 `每个`"]),
        ("> 10%", "> 20%", ["规则 甲 则 限付 当 比例：`10%` 改为 `20%`"]),
        ("等级（2）", "等级（3）", ["规则 甲 则 限付：`2` 改为 `3`"]),
        ("不予支付 明细.医保内金额", "提醒", ["规则 乙 则：去掉 `不予支付 明细.医保内金额`", "规则 乙 则：增加 `提醒`"]),
        ("不予支付 明细.医保内金额", "限付 单价 30元", [
            "规则 乙 则：去掉 `不予支付 明细.医保内金额`", "规则 乙 则：增加 `限付 单价 30元`"]),
        ("限付 比例 等级（2）", "限付 金额 30元", [
            "规则 甲 则 限付：`比例` 改为 `金额`", "规则 甲 则 限付：`等级（2）` 改为 `30元`"]),
        ("“甲文件” “Document A” 发布 2025-01-01", "“甲文件” “Document A” 发布 2025-03-01", [
            "规则集 试验 文件 doc_a 的发布：`2025-01-01` 改为 `2025-03-01`"]),
        ("自 2027-01-01 40%", "自 2027-01-01 40% 界 10% 至 50%", [
            "参数 比例 下界：`无` 改为 `10%`", "参数 比例 上界：`无` 改为 `50%`"]),
        ("    结果类型 可疑\n", "    结果类型 可疑\n    属性 监管对象 医院\n", [
            "规则 甲 属性：增加 `监管对象 医院`"]),
        ("    结果类型 可疑\n", "    结果类型 可疑\n    属性 主题 合理使用\n", [
            "规则 甲 主题：`无` 改为 `合理使用`"]),
        ("规则 甲 | a “甲” “A”\n", "规则 甲 | a “甲” “A”\n    开放 市级 例外\n", [
            "规则 甲 开放：`无` 改为 `市级 例外`"]),
        ("40%", "50%", ["参数 比例 自 2027-01-01 的值：`40%` 改为 `50%`"]),
        ("1 得 50%", "1 得 60%", ["判定表 等级 1 的行：`50%` 改为 `60%`"]),
        ("1 得 50%", "2 得 50%", ["判定表 等级 去掉 1 的行", "判定表 等级 增加 2 的行"]),
        ("提供 医师", "提供 药师", ["证据 术后 提供改了"]),
        ("完整 取自", "取自", ["知识表 限价 完整：`是` 改为 `否`"]),
    ],
)  # fmt: skip
def test_a_planted_change_is_told_as_it_is(old: str, new: str, said: list[str]) -> None:
    assert old in RULES
    changed = RULES.replace(old, new)
    assert told(compare(program(), program(changed))) == said
    assert told(compare(program(changed), program())) != []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("XA01,10", "XA01,11", ["知识表 限价 #XA01 的行 价：`10.00元` 改为 `11.00元`"]),
        ("XA01,10,,甲文\n", "", ["知识表 限价 去掉 #XA01 的行"]),
        ("XA02,", "XA03,1,,甲文\nXA02,", ["知识表 限价 增加 #XA03 的行"]),
        ("2026-01-01", "2026-03-01", ["知识表 限价 #XA02 的行 生效：`2026-01-01` 改为 `2026-03-01`"]),
        (",甲文\nXA02", ",乙文\nXA02", ["知识表 限价 #XA01 的行 来源：`甲文` 改为 `乙文`"]),
    ],
)  # fmt: skip
def test_rows_are_compared_by_their_keys(old: str, new: str, said: list[str]) -> None:
    assert old in ROWS
    found = compare(program(), program(rows=ROWS.replace(old, new)))
    assert told(found) == said


def test_rows_in_another_order_are_the_same() -> None:
    head, first, second = ROWS.splitlines(keepends=True)
    assert compare(program(), program(rows=head + second + first)) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n    针对", "\n    -- 注解\n\n      针对"),
        ("明细.药品 在 管制药 且 明细.申报医保", "明细.申报医保 且 明细.药品 在 管制药"),
        ("｛#XA01，#XA02｝", "｛#XA02，#XA01｝"),
        ("诊 | d 满足（诊.编码", "病 | x 满足（病.编码"),
        ("14天", "2周"),
        ("30元", "30.00元"),
    ],
)
def test_what_means_the_same_is_not_told(old: str, new: str) -> None:
    assert old in RULES
    assert compare(program(), program(RULES.replace(old, new))) == ()


def test_a_named_part_by_another_name_means_the_same() -> None:
    other = RULES.replace("记 上限 | limit", "记 天数 | most").replace("<= 上限", "<= 天数")
    assert compare(program(), program(other)) == ()


def test_wording_is_told_apart() -> None:
    found = compare(
        program(), program(RULES.replace("甲多。", "甲太多。").replace("“甲” “A”", "“丙” “A”"))
    )
    assert [(each.wording, each.words.zh) for each in found] == [
        (True, "标题：`甲` 改为 `丙`"),
        (True, "说明的措辞改了"),
    ]


def test_a_rule_by_another_name_is_renamed_and_not_gone() -> None:
    found = compare(program(), program(RULES.replace("规则 乙 | b", "规则 丙 | c")))
    assert told(found) == ["规则 乙 改名：`trial/b` 改为 `trial/c`"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("同次", "前 7天", "针对：`明细 作 一，明细 作 二 于 同次` 改为 `明细 作 一，明细 作 二 于 前 7天`"),
        ("按 单价 倒序", "按 单价", "保留：`按 单价 倒序` 改为 `按 单价`"),
        ("按 单价 倒序", "一", "保留：`按 单价 倒序` 改为 `一`"),
    ],
)  # fmt: skip
def test_clauses_are_told_as_they_are_written(old: str, new: str, said: str) -> None:
    pair = """规则 丁 | d “丁” “D”
    依据 甲文 “七”
    结果类型 违规
    针对 明细 作 一，明细 作 二 于 同次  -- 一次就诊之内
    不得 共处（一，二，同日）
    保留 按 单价 倒序
    则 不予支付 二.医保内金额
"""
    before, after = program(RULES + pair), program(RULES + pair.replace(old, new))
    assert told(compare(before, after)) == [f"规则 丁 {said}"]


def test_rules_come_and_go() -> None:
    less = RULES[: RULES.index("规则 乙")]
    gone, come = compare(program(), program(less)), compare(program(less), program())
    assert told(gone) == ["规则 乙 没有了"]
    assert told(come) == ["规则 乙 新增"]
    assert (gone[0].old.path, gone[0].new.path) == ("a.rule", "")
    assert (come[0].old.path, come[0].new.path) == ("", "a.rule")


def test_every_change_that_mutation_makes_is_told() -> None:
    base = program()
    for rule in base.rules:
        for mutant in mutants_of(rule, base, {}):
            rules = tuple(mutant.rule if each.id == rule.id else each for each in base.rules)
            other = core.Program(
                rulesets=base.rulesets, rules=rules, tables=mutant.program.tables,
                lists=mutant.program.lists, evidence=base.evidence, params=mutant.program.params,
                decisions=mutant.program.decisions, enums=base.enums, sources=base.sources,
            )  # fmt: skip
            assert told(compare(base, other)), mutant.words


def test_the_shipped_rules_are_the_same_as_themselves() -> None:
    first, second = (rulesets.load([]).compile().program for _ in range(2))
    assert first is not None
    assert second is not None
    assert compare(first, second) == ()


def test_every_field_of_a_rule_is_looked_at() -> None:
    assert {item.name for item in fields(core.Rule)} == {*PLAIN, *LISTED, *LAYERED, *WORDING, *OWN}


# ---------------------------------------------------------------- the command


def folder(path: Path, text: str = RULES, rows: str = ROWS) -> Path:
    path.mkdir()
    (path / "a.rule").write_text(text, encoding="utf-8")
    (path / "caps.csv").write_text(rows, encoding="utf-8")
    return path


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    status = run(["diff", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return status, out, err


def test_the_command_tells_both_places(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = folder(tmp_path / "old")
    new = folder(tmp_path / "new", "-- 新\n" + RULES.replace("14天", "28天"))
    status, out, _ = call(capsys, old, new)
    line = RULES[: RULES.index("14天")].count("\n") + 1
    assert status == 1
    assert out == (
        "规则 甲\n    记 上限：`14天` 改为 `28天`\n"
        f"        {old}/a.rule:{line} → {new}/a.rule:{line + 1}\n意义不同 1 处，措辞 0 处\n"
    )
    status, out, _ = call(capsys, old, new, "--lang", "en")
    assert "let limit: `14 days` becomes `28 days`" in out


def test_the_other_spelling_and_a_bundle_mean_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = folder(tmp_path / "old"), folder(tmp_path / "new")
    assert run(["fmt", "--lang", "en", str(new / "a.rule")]) == 0
    assert "ruleset trial" in (new / "a.rule").read_text(encoding="utf-8")
    status, out, _ = call(capsys, old, new)
    assert (status, out) == (0, "意义相同，措辞不同 0 处\n")
    bundle = tmp_path / "old.bundle"
    assert run(["compile", str(old), "--out", str(bundle)]) == 0
    assert call(capsys, bundle, new)[0] == 0


def test_wrong_rules_and_wrong_paths(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = folder(tmp_path / "old")
    bad = folder(tmp_path / "bad", RULES.replace("要求", "要"))
    assert call(capsys, old, bad)[0] == 3
    status, _, err = call(capsys, old, tmp_path / "nowhere")
    assert status == 2
    assert "nowhere" in err


def test_the_document_for_tools(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = folder(tmp_path / "old")
    new = folder(tmp_path / "new", rows=ROWS.replace("10", "12"))
    status, out, _ = call(capsys, old, new, "--format", "json")
    document = json.loads(out)
    assert (status, document["same_meaning"]) == (1, False)
    (change,) = document["changes"]
    assert change["kind"] == "cell"
    assert change["old"] == {"path": "caps.csv", "line": 2}
    assert change["change"]["en"] == "the row of #XA01 price: `10.00 yuan` becomes `12.00 yuan`"

"""diff, graph, doc and lint of rules in several versions, with what a lower layer adds to them."""

import json
from pathlib import Path

import pytest

from apps.authoring.meaning import compare
from apps.cli.main import run
from rulelang import core
from rulelang.driver import Compiled, compile_sources
from rulelang.source import Source

HIGHER = """\
规则集 试国.住院 | trialnat.stay “住院” “Stay”
层级 国家
文件 甲文 | doc_a “甲文件” “Document A” 发布 2025-01-01
参数 床位上限 | bed_cap：金额 = 50元 界 10元 至 100元 开放 市级 填
规则 计费 | charge “计费日期与住院时间不符” “Charge outside the stay”
    依据 甲文 “二”
    施行 自 2025-01-01 至 2025-12-31
    开放 市级 例外，收紧
    结果类型 违规
    针对 明细
    记 入院 | admission = 就诊.入院日期
    要求 明细.日期 >= 入院
    则 不予支付 明细.医保内金额
规则 计费 | charge “计费日期与住院时间不符” “Charge outside the stay”
    依据 甲文 “三”
    施行 自 2026-01-01
    开放 市级 例外，收紧
    结果类型 违规
    针对 明细
    记 入院 | admitted_on = 就诊.入院日期
    要求 明细.日期 >= 入院 且 明细.日期 <= 就诊.出院日期
    则 不予支付 明细.医保内金额
规则 床位限价 | bed_price “床位限价” “Bed price”
    依据 甲文 “四”
    结果类型 违规
    针对 明细
    当 明细.收费类别 属于 床位
    要求 明细.单价 <= 床位上限
    则 限付 单价 床位上限
"""
LOWER = """\
规则集 试绍.住院 | trialsx.stay “绍兴住院” “Stay in Shaoxing”
引用 试国.住院
层级 市级
地区 #330600
文件 乙文 | doc_b “乙文件” “Document B” 发布 2025-06-05
属性 地域 就医地
名单 床位项 | bed_items：项目编码 = ｛#001｝ 依据 乙文 “一”
补充 试国.住院.计费
    施行 自 2025-06-05 至 2026-12-31
    除非 明细.项目 在 床位项 且 就诊.留观转入院 依据 乙文 “五”
补充 试国.住院.床位上限 = 40元 依据 乙文 “二”
规则 本市提醒 | local “本市提醒” “Local reminder”
    依据 乙文 “三”
    属性 主题 数量
    结果类型 可疑
    针对 明细
    要求 明细.金额 <= 1000元
    则 提醒
废止 试绍.住院.本市提醒 自 2026-07-01 依据 乙文 “四”
"""


def compiled(higher: str = HIGHER, lower: str = LOWER) -> Compiled:
    sources = [Source("a.rule", higher), Source("b.rule", lower)]
    return compile_sources(sources, {}.get)


def program(higher: str = HIGHER, lower: str = LOWER) -> core.Program:
    found = compiled(higher, lower)
    assert found.program is not None, [each.words.zh for each in found.errors]
    return found.program


def told(higher: str = HIGHER, lower: str = LOWER) -> list[tuple[str, str]]:
    changes = compare(program(), program(higher, lower))
    assert [each.wording for each in changes] == [False] * len(changes)
    return [(each.of.zh, each.words.zh) for each in changes]


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "a.rule").write_text(HIGHER, encoding="utf-8")
    (tmp_path / "b.rule").write_text(LOWER, encoding="utf-8")
    return str(tmp_path)


# ---------------------------------------------------------------- diff


def test_what_is_the_same_is_not_told() -> None:
    assert told() == []


def test_a_change_of_an_earlier_version_is_told_of_that_version() -> None:
    first = HIGHER.replace("明细.日期 >= 入院\n", "明细.日期 > 入院\n")
    assert told(first) == [
        ("规则 计费（2025-01-01 起的版本）", "要求 `明细.日期 >= 入院`：`>=` 改为 `>`"),
    ]


def test_a_version_comes_and_goes_and_moves() -> None:
    start = HIGHER.index("规则 计费")
    end = HIGHER.index("规则 计费", start + 1)
    gone = HIGHER[:start] + HIGHER[end:]
    ((of, said),) = told(gone)
    assert (of, said) == ("规则 计费（2025-01-01 起的版本）", "没有了")
    back = compare(program(gone), program())
    assert [(each.of.zh, each.words.zh) for each in back] == [(of, "新增")]
    moved = HIGHER.replace("自 2026-01-01", "自 2026-02-01")
    assert told(moved) == [
        ("规则 计费（2026-01-01 起的版本）", "施行首日：`2026-01-01` 改为 `2026-02-01`"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("至 2026-12-31", "至 2027-12-31", ("补充 计费（trialsx.stay）", "失效日：`2027-01-01` 改为 `2028-01-01`")),
        (" 且 就诊.留观转入院", "", ("补充 计费（trialsx.stay）", "除非：去掉 `就诊.留观转入院`")),
        ("= 40元", "= 45元", ("补充 床位上限（trialsx.stay）", "值：`40.00元` 改为 `45.00元`")),
        ("补充 试国.住院.床位上限 = 40元 依据 乙文 “二”\n", "", ("补充 床位上限（trialsx.stay）", "没有了")),
        ("自 2026-07-01 依据", "自 2026-08-01 依据", ("规则 本市提醒", "失效日：`2026-07-01` 改为 `2026-08-01`")),
    ],
)  # fmt: skip
def test_what_a_lower_layer_changes_is_told(old: str, new: str, said: tuple[str, str]) -> None:
    assert old in LOWER
    assert told(lower=LOWER.replace(old, new)) == [said]


# ---------------------------------------------------------------- graph


def test_the_drawing_shows_what_is_amended_and_filled(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["graph", folder, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    amends = {(each["from"], each["to"]) for each in found["edges"] if each["kind"] == "amends"}
    assert {to for _, to in amends} == {"trialnat.stay/charge", "trialnat.stay/bed_cap"}
    (own,) = {start for start, to in amends if to.endswith("charge")}
    edges = {(each["from"], each["to"], each["kind"]) for each in found["edges"]}
    assert ("trialsx.stay", own, "holds") in edges
    assert (own, "trialsx.stay/bed_items", "uses") in edges


def test_the_tree_shows_every_version_with_what_lower_layers_add(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["graph", folder, "--rule", "charge", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    labels = [each["label"] for each in found["nodes"]]
    assert labels.count("计费日期与住院时间不符（违规）") == 2
    assert labels.count("除非（乙文件 五）") == 2
    assert "明细.日期 <= 就诊.出院日期" in labels


# ---------------------------------------------------------------- the book


def test_a_page_shows_every_version_and_the_amendments(folder: str, tmp_path: Path) -> None:
    book = tmp_path / "book"
    assert run(["doc", folder, "--out", str(book)]) == 0
    text = (book / "rules" / "trialnat.stay-charge.html").read_text(encoding="utf-8")
    newest, older = (text.index(f"施行 自 {day}") for day in ("2026-01-01", "2025-01-01"))
    assert newest < older
    assert text.count("<summary>English</summary>") == 3
    assert "amend trialnat.stay.charge" in text
    assert "明细.日期 &gt;= 入院\n" in text
    law = (book / "law.html").read_text(encoding="utf-8")
    assert "<td>五</td>" in law
    assert law.count("trialnat.stay-charge.html") == 3  # 甲文 二, 三 and 乙文 五


# ---------------------------------------------------------------- lint


def test_what_only_an_amendment_uses_is_used(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lint", folder]) == 0
    said = capsys.readouterr()
    assert "RL0902" not in said.out + said.err


# ---------------------------------------------------------------- by version


def test_an_amendment_reads_the_names_of_each_version_that_it_meets() -> None:
    uses = LOWER.replace("且 就诊.留观转入院", "且 明细.日期 = 入院")
    found = program(lower=uses).amendments
    assert [(str(a.in_force.start), str(a.in_force.end)) for a in found] == [
        ("2025-06-05", "2026-01-01"),
        ("2026-01-01", "2027-01-01"),
    ]
    assert len({a.id for a in found}) == 2


def test_a_name_that_one_of_the_versions_lacks_is_unknown() -> None:
    lacking = HIGHER.replace("    记 入院 | admitted_on = 就诊.入院日期\n", "").replace(
        "明细.日期 >= 入院 且 明细.日期 <=", "明细.日期 <="
    )
    uses = LOWER.replace("且 就诊.留观转入院", "且 明细.日期 = 入院")
    assert [each.code for each in compiled(lacking, uses).errors] == ["RL0201"]
    before = uses.replace("至 2026-12-31", "至 2025-12-31")  # meets the first version only
    assert compiled(lacking, before).errors == ()


def test_every_version_that_an_amendment_meets_has_to_be_open() -> None:
    place = HIGHER.rindex("    开放 市级 例外，收紧\n")
    shut = HIGHER[:place] + HIGHER[place:].replace("    开放 市级 例外，收紧\n", "", 1)
    assert [each.code for each in compiled(shut, LOWER).errors] == ["RL0602"]

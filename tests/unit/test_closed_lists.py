"""A list that a higher layer closes is not a list that a lower one leaves unpaid (S15)."""

import pytest

from rulelang.driver import compile_sources
from rulelang.source import Source

CODES = {"项目编码": ("项目", "001201000040000"), "耗材编码": ("耗材", "C0101010010100102001")}


def found(kind: str, listed: str, outcome: str, decides: str) -> list[tuple[str, list[str]]]:
    """The codes of the diagnostics, each with the files that it also shows."""
    field, code = CODES[kind]
    nation = f"""规则集 国家.限定 | national.limits “限定” “Limits”
层级 国家
文件 目录 | catalog “目录” “Catalog” 发布 2025-12-07
名单 管定 | ruled：{kind} = ｛#{code}｝ 封闭 依据 目录 “凡例”
名单 备用 | spare：{kind} = ｛#{code}｝
"""
    city = f"""规则集 甲市.另立 | city_a.own “另立” “Own”
层级 市级
地区 #330600
文件 通知 | notice “通知” “Notice” 发布 2026-01-01
属性 主题 合理使用
引用 国家.限定
规则 另立 | own_rule “另立” “Own”
    依据 通知 “一”
    结果类型 违规
    针对 明细
    当 明细.{field} 在 {listed}
    要求 {decides}
    则 {outcome}
"""
    compiled = compile_sources(
        [Source("国家.rule", nation), Source("甲市.rule", city)], lambda _path: None
    )
    return [(each.code, [r.span.path for r in each.related]) for each in compiled.diagnostics]


@pytest.mark.parametrize("kind", CODES)
def test_a_closed_list_is_not_taken_off(kind: str) -> None:
    denied = found(kind, "管定", "不予支付 明细.医保内金额", "明细.甲乙类 = 甲")
    assert denied == [("RL0605", ["国家.rule"])]


@pytest.mark.parametrize(
    ("listed", "outcome", "decides"),
    [
        ("管定", "提醒", "明细.甲乙类 = 甲"),
        ("管定", "限付 数量 5次", "明细.数量 <= 5次"),
        ("备用", "不予支付 明细.医保内金额", "明细.甲乙类 = 甲"),
    ],
)
def test_what_the_nation_leaves_open_compiles(listed: str, outcome: str, decides: str) -> None:
    assert found("项目编码", listed, outcome, decides) == []


@pytest.mark.parametrize("idle", ["明细.金额 > 0元", "0盒 < 明细.数量", "明细.单价 != 0元"])
def test_that_something_was_charged_is_no_reason(idle: str) -> None:
    """A city's own drugs, and an institution's, are not taken off for having been charged."""
    city = f"""规则集 甲市.另立 | city_a.own “另立” “Own”
层级 市级
地区 #330600
文件 通知 | notice “通知” “Notice” 发布 2026-01-01
名单 某院 | some：机构编码 = ｛{{}}｝
规则 另立 | own_rule “另立” “Own”
    依据 通知 “一”
    结果类型 违规
    针对 明细
    当 明细.药品 在 ｛#XA01AA0000000000000001｝
    不得 {idle}
    则 不予支付 明细.医保内金额
"""
    for text in (
        city.replace("名单 某院 | some：机构编码 = ｛{}｝\n", ""),
        city.format("#H33060000001").replace("当 明细", "当 机构.编码 在 某院 且 明细"),
    ):
        found = compile_sources([Source("甲市.rule", text)], lambda _path: None).diagnostics
        assert [each.code for each in found] == ["RL0605"]
    priced = city.replace("名单 某院 | some：机构编码 = ｛{}｝\n", "").replace(
        idle, "明细.单价 > 5元"
    )
    assert compile_sources([Source("甲市.rule", priced)], lambda _path: None).diagnostics == ()

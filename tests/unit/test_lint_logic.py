"""What follows from what: conditions as they are written, and whether one says another."""

import pytest

from rulelang import core
from rulelang.check.guards import conjuncts
from rulelang.driver import compile_sources
from rulelang.lint.logic import constant, contradicts, implies, plain
from rulelang.source import Source

HEAD = """规则集 试验 | trial “试验” “Trial”
层级 国家
规则 甲 | rule_a “甲” “A”
    结果类型 可疑
    针对 明细
    记 量 | amount = 明细.数量
    当 符合全部｛{0}；{1}｝
    要求 明细.金额 > 0元
    则 提醒
"""


def both(left: str, right: str) -> tuple[core.Expr, core.Expr]:
    found = compile_sources([Source("x.rule", HEAD.format(left, right))], lambda _: None)
    assert found.program is not None, found.diagnostics
    rule = found.program.rules[0]
    assert isinstance(rule.when, core.Logic)
    one, two = (plain(item, rule) for item in rule.when.items)
    return one, two


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("明细.数量 <= 5盒", "明细.数量 <= 9盒"),
        ("明细.数量 < 5盒", "5盒 >= 明细.数量"),
        ("明细.数量 = 5盒", "明细.数量 在 1盒 至 9盒"),
        ("明细.数量 至少 2盒 不满 5盒", "明细.数量 < 5盒"),
        ("量 <= 5盒", "明细.数量 <= 9盒"),
        ("明细.日期 >= 2026-02-01", "明细.日期 > 2026-01-01"),
        ("非 明细.数量 <= 9盒", "明细.数量 > 5盒"),
        ("明细.数量 <= 5盒 且 明细.申报医保", "明细.申报医保"),
        ("明细.申报医保", "明细.申报医保 或 就诊.在院"),
        ("就诊.诊断 含 #I63.9", "就诊.诊断 含 #I63"),
        ("就诊.诊断 含 ｛#I61，#I63｝", "就诊.诊断 含 ｛#I60 至 #I64｝"),
        ("明细.药品 在 ｛#X1｝", "明细.药品 在 ｛#X1，#X2｝"),
    ],
)
def test_what_follows(left: str, right: str) -> None:
    one, two = both(left, right)
    assert implies(one, two)
    assert not implies(two, one) or left == right


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("明细.数量 <= 5盒", "明细.数量 <= 9支"),
        ("明细.数量 <= 9盒", "明细.数量 < 9盒"),
        ("明细.数量 <= 5盒", "明细.单价 <= 9元"),
        ("明细.申报医保 或 就诊.在院", "明细.申报医保"),
        ("就诊.诊断 含 #I63", "就诊.诊断 含 #I63.9"),
        ("就诊.就医方式 属于 住院", "就诊.就医方式 属于 门诊"),
        ("明细.药品 在 ｛#X1，#X2｝", "明细.药品 在 ｛#X1｝"),
    ],
)
def test_what_does_not_follow(left: str, right: str) -> None:
    one, two = both(left, right)
    assert not implies(one, two)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("明细.数量 <= 5盒", "明细.数量 > 5盒"),
        ("明细.数量 < 5盒", "明细.数量 = 5盒"),
        ("明细.申报医保", "非 明细.申报医保"),
        ("明细.药品 在 ｛#X1｝", "明细.药品 在 ｛#X2，#X3｝"),
        ("患者.性别 = 男", "患者.性别 = 女"),
    ],
)
def test_what_cannot_both_hold(left: str, right: str) -> None:
    one, two = both(left, right)
    assert contradicts(one, two)
    assert contradicts(two, one)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("明细.数量 <= 5盒", "明细.数量 >= 5盒"),
        ("就诊.诊断 含 #I63", "就诊.诊断 含 #K74"),
        ("机构.区划 属于 #330600", "机构.区划 属于 #330602"),
        ("明细.药品 在 ｛#X1，#X2｝", "明细.药品 在 ｛#X2，#X3｝"),
    ],
)
def test_what_can_both_hold(left: str, right: str) -> None:
    one, two = both(left, right)
    assert not contradicts(one, two)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("明细.数量 <= 明细.数量", True),
        ("明细.数量 < 明细.数量", False),
        ("3元 < 5元", True),
        ("3元 >= 5元", False),
        ("5元 >= 5元", True),
        ("非 3元 = 5元", True),
        ("2026-01-01 > 2026-01-02", False),
        ("3盒 < 5支", None),
        ("明细.金额 < 5元", None),
    ],
)
def test_what_comes_to_the_same_whatever_the_bill(text: str, value: bool | None) -> None:
    one, _ = both(text, "明细.申报医保")
    assert [constant(part) for part in conjuncts(one)] == [value]

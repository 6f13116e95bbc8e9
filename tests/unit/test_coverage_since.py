"""A coverage that holds from a day on closes the windows that lie within it (S7.2)."""

from __future__ import annotations

from datetime import date

import pytest

from engine.checker import check
from engine.finding import Label
from engine.intake.nhsa import read_bills
from engine.profile import CoverageClaim, Profile
from rulelang.driver import compile_sources
from rulelang.source import Source
from tests import requests

RULE = f"""规则集 试.窗口 “窗口” “Windows”
层级 国家
规则 两周一次 “两周一次” “Once in two weeks”
    国家编码 GZ00000000000000
    结果类型 违规
    针对 明细
    当 明细.项目 = #{requests.ITEM}
    不得 任一 其余 患者.明细 于 前 14天 满足（项目 = 明细.项目）
    则 复核
"""


@pytest.mark.parametrize(
    ("since", "label"),
    [
        (None, Label.UNDETERMINED),
        (date(2026, 2, 21), Label.SATISFIED),  # the first of the 14 days of 6 March
        (date(2026, 2, 22), Label.UNDETERMINED),
    ],
    ids=["nothing claimed", "the window is covered", "a day short"],
)
def test_history_from_a_day_on(since: date | None, label: Label) -> None:
    program = compile_sources([Source("a.rule", RULE)], lambda _: None).program
    assert program is not None
    sent = requests.item(1, drord_begn_date="2026-03-06 09:30:00")
    stay = requests.encounter(fsi_order_dtos=[sent])
    tree = requests.at_settlement(requests.request(requests.patient(stay)))
    claims = () if since is None else (CoverageClaim("患者.明细", since=since),)
    (bill,) = read_bills(tree, Profile(coverage=claims))
    result = check(program, bill)
    assert [item.label for item in (*result.findings, *result.passed)] == [label]

"""The national reply: the exact text, stable ids, lengths, and what goes into it."""

import copy
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apps.checking import Asked, answer
from apps.cli.main import run
from apps.render.answer import Answer
from apps.render.nhsa import CODES, LONGEST, write, write_failure
from apps.rulesets import RuleTexts
from engine.finding import BillResult, Finding, Label, Payment, Totals
from engine.profile import Profile
from rulelang.core import Program
from rulelang.source import Source
from rulelang.values import Range
from tests.bills import bill, entity, exact, lacks, one, outcome, program, rule
from tests.bills import finding as made
from tests.bills import line as billed
from tests.requests import (
    INSTITUTION,
    as_bytes,
    at_settlement,
    camel_case,
    encounter,
    hainan,
    item,
    line,
    patient,
    request,
)

RULES = """\
规则集 试验.某省级统筹地区 | trial.of_some_province “试验” “Trial”
层级 国家
文件 某文 | doc “某文件” “Some document” 文号 “某发〔2026〕1号” 发布 2026-01-01
规则 限金额 | amount_limit “单行金额” “Amount of a line”
    国家编码 GZ10000102002000
    依据 某文 “第一条”
    结果类型 违规
    针对 明细
    当 非 明细.项目 = #001102000030000
    要求 明细.金额 <= 30元
    则 扣减 明细.金额 - 30元
    说明 “{明细.名称}超过30元。” “{line.name} is over 30 yuan.”
规则 一日一次 | once_a_day “一日一次” “Once a day”
    国家编码 GZ10000301001000
    依据 某文 “第二条”
    结果类型 可疑
    针对 明细 作 甲 | a，明细 作 乙 | b 于 至今
    当 甲.项目 = #001102000030000 且 乙.项目 = #001102000030000
    不得 甲.日期 = 乙.日期
    保留 甲
    则 不予支付 乙.医保内金额
    说明 “同日两次。” “Twice a day.”
规则 一个名字很长很长的规则 | rule_with_a_name_that_is_longer_than_the_field “限女性” “For women”
    结果类型 违规
    针对 就诊
    要求 患者.性别 = 女
    则 复核
    说明 “限女性。” “For women.”
"""


def compiled(text: str = RULES) -> Program:
    found = RuleTexts((Source("trial.rule", text),), lambda _: None).compile()
    assert found.program is not None, [d.words.en for d in found.errors]
    return found.program


@pytest.fixture(scope="module")
def trial() -> Program:
    return compiled()


def asked_of(tree: dict[str, Any], trial: Program) -> Answer:
    return answer(trial, as_bytes(tree), "request.json", Asked())


def small(**person: Any) -> dict[str, Any]:
    """One line over its limit, two charges on one day, and a person of unknown sex."""
    lines = [line(1, sumamt=50), item(2), item(2, rx_id="L3")]
    tree = request(patient(encounter(fsi_order_dtos=lines), **({"gend": "0"} | person)))
    return at_settlement(tree)


def reply(found: Answer, maps: Any = CODES) -> dict[str, Any]:
    """The reply as a reader holds it, with exact amounts."""
    document: dict[str, Any] = json.loads(write(found, maps), parse_float=Decimal)
    return document


def results(found: Answer, maps: Any = CODES) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = reply(found, maps)["output"]["result"]
    return listed


GOLDEN = (
    '{"infcode": 0, "inf_refmsgid": "H33060000001202603070930000001",'
    ' "refmsg_time": "20260309103000000", "respond_time": "20260309103000000",'
    ' "warn_msg": "", "cainfo": "", "signtype": "", "err_msg": "", "output": {"result": ['
    '{"jr_id": "@1", "rule_id": "GZ10000102002000", "rule_name": "单行金额",'
    ' "vola_cont": "违规：【人血白蛋白】人血白蛋白超过30元。",'
    ' "patn_id": "330602199001011234", "mdtrt_id": "M1", "judge_result_detail_dtos": ['
    '{"jrd_id": "@2", "patn_id": "330602199001011234", "mdtrt_id": "M1", "rx_id": "L1",'
    ' "vola_item_type": "1", "vola_amt": 20.00}],'
    ' "vola_amt": 20.00, "vola_amt_stas": "2", "sev_deg": "1",'
    ' "vola_evid": "《某文件》 某发〔2026〕1号 第一条", "vola_bhvr_type": "1",'
    ' "task_id": "task-1"}, '
    '{"jr_id": "@3", "rule_id": "GZ10000301001000", "rule_name": "一日一次",'
    ' "vola_cont": "可疑：【急诊诊查费】同日两次。",'
    ' "patn_id": "330602199001011234", "mdtrt_id": "M1", "judge_result_detail_dtos": ['
    '{"jrd_id": "@4", "patn_id": "330602199001011234", "mdtrt_id": "M1", "rx_id": "L3",'
    ' "vola_item_type": "1", "vola_amt": 10.00}, '
    '{"jrd_id": "@5", "patn_id": "330602199001011234", "mdtrt_id": "M1", "rx_id": "L2",'
    ' "vola_item_type": "2", "vola_amt": 0.00}],'
    ' "vola_amt": 10.00, "vola_amt_stas": "2", "sev_deg": "2",'
    ' "vola_evid": "《某文件》 某发〔2026〕1号 第二条", "vola_bhvr_type": "3",'
    ' "task_id": "task-1"}, '
    '{"jr_id": "@6", "rule_id": "trial.of_some_province/rule_with_a_name~@7",'
    ' "rule_name": "限女性",'
    ' "vola_cont": "待补充信息：【就诊M1】限女性；请补录患者.性别（挂号登记）。",'
    ' "patn_id": "330602199001011234", "mdtrt_id": "M1", "judge_result_detail_dtos": ['
    '{"jrd_id": "@8", "patn_id": "330602199001011234", "mdtrt_id": "M1", "rx_id": "",'
    ' "vola_item_type": "1", "vola_amt": 0.00}],'
    ' "vola_amt": 0.00, "vola_amt_stas": "4", "sev_deg": "3",'
    ' "vola_evid": "", "vola_bhvr_type": "1", "task_id": "task-1"}]}}'
)
DIGESTS = {}  # type: dict[str, str]


def test_the_reply_to_a_small_request_is_exactly_this(trial: Program) -> None:
    expected = GOLDEN
    for mark, digest in DIGESTS.items():
        expected = expected.replace(f"@{mark}", digest)
    assert write(asked_of(small(), trial)) == expected

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
from rulelang import core
from rulelang.core import Program
from rulelang.diagnostics import Words
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
from tests.uploads import PERSON, fee, upload

RULES = """\
规则集 试验.某省级统筹地区 | trial.of_some_province “试验” “Trial”
层级 国家
文件 某文 | doc “某文件” “Some document” 文号 “某发（2026）1号” 发布 2026-01-01
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
    ' "vola_evid": "《某文件》 某发（2026）1号 第一条", "vola_bhvr_type": "1",'
    ' "task_id": "task-1"}, '
    '{"jr_id": "@3", "rule_id": "GZ10000301001000", "rule_name": "一日一次",'
    ' "vola_cont": "可疑：【急诊诊查费】同日两次。",'
    ' "patn_id": "330602199001011234", "mdtrt_id": "M1", "judge_result_detail_dtos": ['
    '{"jrd_id": "@4", "patn_id": "330602199001011234", "mdtrt_id": "M1", "rx_id": "L3",'
    ' "vola_item_type": "1", "vola_amt": 10.00}, '
    '{"jrd_id": "@5", "patn_id": "330602199001011234", "mdtrt_id": "M1", "rx_id": "L2",'
    ' "vola_item_type": "2", "vola_amt": 0.00}],'
    ' "vola_amt": 10.00, "vola_amt_stas": "2", "sev_deg": "2",'
    ' "vola_evid": "《某文件》 某发（2026）1号 第二条", "vola_bhvr_type": "3",'
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
DIGESTS = {
    "1": "1374443160326eebaa1e35dd6c8f244f",
    "2": "40c0d070b5d6150db3b04ee4d5f55418",
    "3": "a6ff15f2ba06eb581d917401ecddeb66",
    "4": "af02ee661e5e0c54ffe50db97c81c697",
    "5": "7f41ad4851c8eafd3c5880f8b296e555",
    "6": "8a8ececb466bafa98f3f5c40fd986f83",
    "7": "5aaf1680c9",
    "8": "b8e5fd39b57bd540008115c359bb0028",
}


def test_the_reply_to_a_small_request_is_exactly_this(trial: Program) -> None:
    expected = GOLDEN
    for mark, digest in DIGESTS.items():
        expected = expected.replace(f"@{mark}", digest)
    assert write(asked_of(small(), trial)) == expected


# ---------------------------------------------------------------- ids


def ids(listed: list[dict[str, Any]]) -> list[str]:
    return [result["jr_id"] for result in listed] + [
        detail["jrd_id"] for result in listed for detail in result["judge_result_detail_dtos"]
    ]


def test_asking_again_gives_the_same_ids_whatever_has_moved(trial: Program) -> None:
    before = small()
    again = copy.deepcopy(before)
    again["msgid"] = "H33060000001202603079999990009"
    (asked,) = again["input"]["data"]["patient_dtos"]
    lines = asked["fsi_encounter_dtos"][0]["fsi_order_dtos"]
    lines.append(item(9, drord_begn_date="2026-03-30 08:00:00"))
    first, second = (asked_of(tree, trial) for tree in (before, again))
    assert ids(results(first)) == ids(results(second))


@pytest.mark.parametrize("name", ["task-2", ""])
def test_another_request_has_other_ids(trial: Program, name: str) -> None:
    other = small()
    other["input"]["data"]["task_id"] = name
    before, after = (ids(results(asked_of(tree, trial))) for tree in (small(), other))
    assert len(before) == len(after) == 7
    assert set(before) & set(after) == set()


def test_without_task_id_the_message_counts_and_without_either_the_bytes(trial: Program) -> None:
    tree = small()
    tree["input"]["data"]["task_id"] = None
    by_message = ids(results(asked_of(tree, trial)))
    tree["inf_time"] = "2026-03-09 11:00:00"
    assert ids(results(asked_of(tree, trial))) == by_message
    del tree["msgid"]
    by_bytes = ids(results(asked_of(tree, trial)))
    assert not set(by_bytes) & set(by_message)
    assert ids(results(asked_of(copy.deepcopy(tree), trial))) == by_bytes
    tree["inf_time"] = "2026-03-09 12:00:00"
    assert not set(ids(results(asked_of(tree, trial)))) & set(by_bytes)


def test_every_id_is_its_own_even_where_the_sender_repeats_himself(trial: Program) -> None:
    twice = encounter(fsi_order_dtos=[line(1, sumamt=50), line(1, sumamt=50)])
    tree = at_settlement(request(patient(twice, copy.deepcopy(twice))))
    listed = results(asked_of(tree, trial))
    assert len(listed) >= 4
    found = ids(listed)
    assert len(found) == len(set(found))
    rows = [d["rx_id"] for result in listed for d in result["judge_result_detail_dtos"]]
    assert "L1" in rows
    assert [row for row in rows if row.startswith("#")] == []


# ---------------------------------------------------------------- as sent


@pytest.mark.parametrize("variant", [camel_case, hainan])
def test_identifiers_come_back_as_they_were_sent_under_any_name(
    trial: Program, variant: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    assert reply(asked_of(variant(small()), trial)) == reply(asked_of(small(), trial))


def test_a_fee_upload_is_answered_under_its_own_names(trial: Program) -> None:
    lines = [fee(1, det_item_fee_sumamt=50), fee(2, psn_no="", det_item_fee_sumamt=50)]
    listed = results(asked_of(upload(*reversed(lines)), trial))
    over = [result for result in listed if result["rule_id"] == "GZ10000102002000"]
    assert {(result["patn_id"], result["mdtrt_id"]) for result in over} == {(PERSON, "M1")}
    rows = [detail["rx_id"] for r in over for detail in r["judge_result_detail_dtos"]]
    assert sorted(rows) == ["F1", "F2"]


def test_numbers_are_echoed_as_texts_and_blanks_stay(trial: Program) -> None:
    tree = small(patn_id=17)
    (person,) = tree["input"]["data"]["patient_dtos"]
    person["fsi_encounter_dtos"][0]["fsi_order_dtos"][0]["rx_id"] = " L 1 "
    first = results(asked_of(tree, trial))[0]
    assert first["patn_id"] == "17"
    assert first["judge_result_detail_dtos"][0]["rx_id"] == " L 1 "
    del person["patn_id"], person["curr_mdtrt_id"]
    del person["fsi_encounter_dtos"][0]["mdtrt_id"]
    first = results(asked_of(tree, trial))[0]
    assert (first["patn_id"], first["mdtrt_id"]) == ("", "")


def test_a_line_of_history_names_its_own_encounter(trial: Program) -> None:
    earlier = encounter(
        mdtrt_id="M0", adm_date="2026-03-05 07:00:00", fsi_order_dtos=[item(2, rx_id="L1")]
    )
    now = encounter(fsi_order_dtos=[item(2, rx_id="L2")])
    tree = at_settlement(request(patient(earlier, now, gend="2")))
    (listed,) = results(asked_of(tree, trial))
    pairs = [
        (detail["vola_item_type"], detail["rx_id"], detail["mdtrt_id"])
        for detail in listed["judge_result_detail_dtos"]
    ]
    assert pairs == [("1", "L2", "M1"), ("2", "L1", "M0")]


def test_several_patients_are_answered_in_one_list(trial: Program) -> None:
    others = [
        patient(encounter(mdtrt_id=f"M{n}", fsi_order_dtos=[line(n, sumamt=50)]),
                patn_id=f"P{n}", curr_mdtrt_id=f"M{n}", gend="2")
        for n in (1, 2)
    ]  # fmt: skip
    listed = results(asked_of(at_settlement(request(*others)), trial))
    assert [(result["patn_id"], result["mdtrt_id"]) for result in listed] == [
        ("P1", "M1"),
        ("P2", "M2"),
    ]
    assert {detail["patn_id"] for r in listed for detail in r["judge_result_detail_dtos"]} == {
        "P1",
        "P2",
    }


def test_nothing_found_is_an_empty_list(trial: Program) -> None:
    fine = at_settlement(request(patient(encounter(fsi_order_dtos=[line(1)]), gend="2")))
    found = reply(asked_of(fine, trial))
    assert (found["infcode"], found["output"]) == (0, {"result": []})


# ---------------------------------------------------------------- codes


def test_codes_go_through_the_profile(trial: Program) -> None:
    maps = {
        "sev_deg": {"violated": "A1", "suspected": "A2", "indicator": "A9"},
        "vola_amt_stas": {"at_most": "0", "none": "8"},
        "vola_bhvr_type": {"medical": "M"},
    }
    found = [
        (result["sev_deg"], result["vola_amt_stas"], result["vola_bhvr_type"])
        for result in results(asked_of(small(), trial), maps)
    ]
    assert found == [("A1", "0", "1"), ("A2", "0", "M"), ("A9", "8", "1")]
    own = {"sev_deg": {"undetermined": "0"}}
    assert results(asked_of(small(), trial), own)[2]["sev_deg"] == "0"


def test_an_indicator_is_lighter_than_a_suspicion(trial: Program) -> None:
    text = RULES.split("规则 一日一次", maxsplit=1)[0].replace("结果类型 违规", "结果类型 监测指标")
    text = text.replace("则 扣减 明细.金额 - 30元", "则 监测 明细.金额")
    (found,) = results(asked_of(small(), compiled(text)))
    assert (found["sev_deg"], found["vola_amt"], found["vola_amt_stas"]) == ("3", 0, "4")


# ---------------------------------------------------------------- made by hand


def answered(*findings: Finding) -> Answer:
    """An answer with findings on a bill that no request was read for."""
    on = bill([item for finding in findings for item in finding.offending])
    result = BillResult(on, findings[0].label, Payment.UNDETERMINED, Totals(), (), findings)
    return Answer("-", "sha256:0", program(), (result,))


def test_amounts_are_written_exactly_and_add_up_to_the_fen() -> None:
    lines = [billed(n, amount="10.00", name=one(f"药{n}")) for n in range(3)]
    third = outcome("deny", None)
    cut = [outcome("pay_at_most", "0.3333", cap="share")]
    found = made(rule("r"), Label.VIOLATED, lines, cut)
    (result,) = results(answered(found))
    shares = [detail["vola_amt"] for detail in result["judge_result_detail_dtos"]]
    assert shares == [Decimal("6.67"), Decimal("6.66"), Decimal("6.67")]
    assert sum(shares) == result["vola_amt"] == Decimal("20.00")
    whole = made(rule("r"), Label.VIOLATED, [billed(amount="123456789012.10")], [third])
    assert '"vola_amt": 123456789012.10,' in write(answered(whole))
    assert results(answered(whole))[0]["vola_amt_stas"] == "1"


def test_what_does_not_fit_the_field_is_cut_and_says_so() -> None:
    huge = made(rule("r"), Label.VIOLATED, [billed(amount="1" + "0" * 20)], [outcome("deny")])
    (result,) = results(answered(huge))
    assert result["vola_amt"] == Decimal("99999999999999.99")
    assert result["vola_amt_stas"] == "3"
    assert result["judge_result_detail_dtos"][0]["vola_amt"] == result["vola_amt"]


def test_of_a_range_the_certain_part_is_given() -> None:
    open_ended = Range(Decimal(5), None)
    wide = made(rule("r"), Label.SUSPECTED, [billed()], at_risk=open_ended)
    (result,) = results(answered(wide))
    assert (result["vola_amt"], result["vola_amt_stas"]) == (Decimal("5.00"), "3")


def test_a_folded_finding_is_one_entry_without_money() -> None:
    cited = core.Citation(core.Document("doc", Words("某文件", "Doc"), "1号"), "第一条")
    on = billed(name=one("白蛋白"))
    rules = (rule("a"), rule("b", citations=(cited,)), rule("c", citations=(cited,)))
    folded = made(
        rules[0], Label.UNDETERMINED, [on], [outcome("deny")],
        at_risk=exact("120.00"), folded=rules, missing=(lacks("line.drug", on),),
    )  # fmt: skip
    (result,) = results(answered(folded))
    assert result["vola_cont"].startswith("待补充信息：【白蛋白】")
    assert result["vola_cont"].endswith("；补。")
    assert result["rule_name"] == "a限定等3条规则"
    assert result["vola_evid"] == "《某文件》 1号 第一条"
    assert (result["vola_amt"], result["sev_deg"]) == (0, "3")
    assert [detail["vola_amt"] for detail in result["judge_result_detail_dtos"]] == [0]


def test_what_passed_and_what_is_excused_is_left_out() -> None:
    labels = (Label.EXCUSED, Label.SATISFIED, Label.NOT_APPLICABLE)
    findings = [made(rule(label.value), label, [billed()]) for label in labels]
    assert results(answered(*findings)) == []


def test_texts_fit_their_fields_and_stay_on_a_line() -> None:
    lines = [billed(n, name=one(f"药【{n}】\x1b[2J\n" + "长" * 80)) for n in range(40)]
    name = "n" * 60
    long = rule(name, title=rule("很" * 300).title)
    found = made(long, Label.VIOLATED, lines, messages=(rule("说" * 900).title,))
    (result,) = results(answered(found))
    assert len(result["rule_id"]) == LONGEST["rule_id"] == 50
    assert result["rule_id"].startswith("national.test/nnn")
    assert len(result["rule_name"]) == 200
    assert len(result["vola_cont"]) == 500
    assert result["vola_cont"].count("【") == result["vola_cont"].count("】") >= 2
    assert "】等40项说" in result["vola_cont"]
    assert result["vola_cont"].endswith("…")
    assert result["vola_cont"].isprintable()
    assert len(result["judge_result_detail_dtos"]) == 40
    twice = results(answered(found, found))
    assert max(map(len, ids(twice))) <= 50
    assert len(set(ids(twice))) == 2 * 41


def test_two_long_rule_ids_stay_two() -> None:
    findings = [made(rule("n" * 60 + tail), Label.VIOLATED, [billed()]) for tail in ("a", "b")]
    names = [result["rule_id"] for result in results(answered(*findings))]
    assert len(set(names)) == 2


def test_a_subject_without_lines_is_shown_with_its_whole_amount() -> None:
    stay = entity("encounter", key="M9", name=one("住院"))
    found = made(
        rule("r"), Label.VIOLATED, [stay], at_risk=exact("70.00"), subject_kind="encounter"
    )
    (result,) = results(answered(found))
    (detail,) = result["judge_result_detail_dtos"]
    assert (detail["rx_id"], detail["vola_item_type"], detail["vola_amt"]) == ("", "1", 70)


# ---------------------------------------------------------------- failures


def test_a_failure_has_the_envelope_and_says_why() -> None:
    found = json.loads(write_failure("EN0112 没有参保人" + "！" * 300, {"msgid": "M" * 30}))
    assert found["infcode"] == -1
    assert found["inf_refmsgid"] == "M" * 30
    assert found["err_msg"].startswith("EN0112 没有参保人")
    assert len(found["err_msg"]) == 200
    assert found["output"] is None
    assert found["refmsg_time"] == ""


def test_the_command_replies_to_every_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "trial.rule"
    rules.write_text(RULES, encoding="utf-8")
    good, bad, none = tmp_path / "a.json", tmp_path / "b.json", tmp_path / "c.json"
    good.write_bytes(as_bytes(small()))
    bad.write_bytes(as_bytes({"infno": "3101", "msgid": "M7", "input": {"data": {}}}))
    none.write_bytes(b"{")
    arguments = ["check", *map(str, (bad, good, none)), "--format", "nhsa"]
    profile = tmp_path / "site.toml"
    profile.write_text('[maps.sev_deg]\nviolated = "9"\n', encoding="utf-8")
    status = run([*arguments, "--rulesets", str(rules), "--profile", str(profile)])
    out, err = capsys.readouterr()
    replies = [json.loads(text) for text in out.splitlines()]
    assert status == 2
    assert [(one["infcode"], one["inf_refmsgid"]) for one in replies] == [
        (-1, "M7"),
        (0, "H33060000001202603070930000001"),
        (-1, ""),
    ]
    assert replies[0]["err_msg"].startswith("EN0112 没有找到参保人")
    assert replies[2]["err_msg"].startswith("EN0102")
    assert replies[1]["output"]["result"][0]["sev_deg"] == "9"
    assert "EN0112" in err
    assert run([*arguments[:1], str(good), *arguments[4:], "--rulesets", str(rules)]) == 1


def test_the_reply_names_no_person_but_by_the_number_sent(trial: Program) -> None:
    written = write(asked_of(small(), trial))
    assert "甲某某" not in written
    assert "1990-01-01" not in written
    assert INSTITUTION not in written.replace("H33060000001202603070930000001", "")


def test_profiles_without_these_maps_take_the_proposal(trial: Program) -> None:
    assert results(asked_of(small(), trial), Profile().maps) == results(asked_of(small(), trial))

"""Phrases of restriction notes, made up, and what each is read as."""

from __future__ import annotations

import pytest

from apps.knowledge.notes.diagnoses import DiagnosisNames
from apps.knowledge.notes.model import Branch, How, Kind
from apps.knowledge.notes.reading import read_note
from apps.knowledge.notes.rows import Source, rows_of

NAMES = DiagnosisNames.from_rows(
    [
        ("A15.000", "肺结核"), ("C34.900x001", "肺恶性肿瘤"), ("C50.900", "乳房恶性肿瘤"),
        ("C56.x00", "卵巢恶性肿瘤"), ("E11.900", "2型糖尿病"), ("E11.201+N08.3*", "2型糖尿病性肾病"),
        ("I10.x00x002", "高血压"), ("I63.900", "脑梗死"), ("J18.900", "肺炎"),
        ("J45.900", "哮喘"), ("K26.900x001", "十二指肠溃疡"), ("L20.900", "特应性皮炎"),
        ("L40.001", "斑块状银屑病"), ("M81.900", "骨质疏松"), ("D66.x00", "甲型血友病"),
    ]
)  # fmt: skip


def read(text: str) -> tuple[Branch, ...]:
    reading = read_note(text, NAMES)
    assert reading.fully_typed, reading.unread
    return reading.branches


def only(text: str) -> Branch:
    (branch,) = read(text)
    return branch


def said(branch: Branch) -> list[str]:
    return [item.words for item in branch.evidence]


def codes(branch: Branch) -> list[str]:
    return [code for item in branch.diagnoses for code in item.codes]


@pytest.mark.parametrize(
    ("text", "least", "below"),
    [
        ("限成人哮喘患者。", "18岁", None),
        ("限儿童哮喘患者。", None, "18岁"),
        ("限7-15岁哮喘患者。", "7岁", "16岁"),
        ("限4至11岁以下哮喘患者。", "4岁", "11岁"),
        ("限9岁及以上哮喘患者。", "9岁", None),
        ("限9岁及9岁以上哮喘患者。", "9岁", None),
        ("限≥9岁青少年及成人哮喘患者。", "9岁", None),
        ("限成人和9岁及以上青少年哮喘患者。", "9岁", None),
        ("限成人、青少年和≥3岁儿童的哮喘。", "3岁", None),
        ("限5月龄及以上的哮喘患者。", "5月龄", None),
        ("限20日龄及以上患者的哮喘。", "20日龄", None),
        ("限8岁及以上儿童和青少年哮喘患者。", "8岁", "18岁"),
    ],
)
def test_ages_are_half_open(text: str, least: str | None, below: str | None) -> None:
    ages = only(text).ages
    assert ages is not None
    assert (ages.least and ages.least.text) == least
    assert (ages.below and ages.below.text) == below


def test_adults_and_children_together_are_all_ages() -> None:
    ages = only("限成人和儿童哮喘患者。").ages
    assert ages is not None
    assert (ages.least, ages.below) == (None, None)


def test_youths_alone_are_a_condition_not_an_age() -> None:
    branch = only("限青少年哮喘患者。")
    assert branch.ages is None
    assert said(branch) == ["青少年"]


@pytest.mark.parametrize(
    ("word", "found", "how"),
    [
        ("哮喘", ["J45"], How.TERM),
        ("高血压", ["I10 至 I15"], How.TERM),
        ("卵巢癌", ["C56"], How.TERM),
        ("斑块状银屑病", ["L40.0"], How.TERM),
        ("肺结核", ["A15"], How.TERM),
    ],
)
def test_a_diagnosis_maps_to_the_codes_that_the_table_has(
    word: str, found: list[str], how: How
) -> None:
    (diagnosis,) = only(f"限{word}患者。").diagnoses
    assert list(diagnosis.codes) == found
    assert diagnosis.how is how


def test_a_name_that_only_the_table_has_maps_by_itself() -> None:
    names = DiagnosisNames.from_rows([("X99.100", "某某热病"), ("X99.101", "某某热病重型")])
    (branch,) = read_note("限某某热病患者。", names).branches
    assert [(d.codes, d.how) for d in branch.diagnoses] == [(("X99.1",), How.NAME)]


def test_the_end_of_a_name_changes_safely() -> None:
    names = DiagnosisNames.from_rows([("C99.x00", "某某器官恶性肿瘤")])
    (branch,) = read_note("限某某器官癌患者。", names).branches
    assert [(d.codes, d.how) for d in branch.diagnoses] == [(("C99",), How.RULE)]


def test_a_word_wider_coded_stays_a_condition() -> None:
    branch = only("限晚期非小细胞肺癌患者。")
    assert codes(branch) == ["C34"]
    assert set(said(branch)) == {"晚期", "非小细胞肺癌"}


def test_a_name_inside_an_unknown_word_is_not_read() -> None:
    reading = read_note("限假肺炎样改变患者。", NAMES)
    assert not any(branch.diagnoses for branch in reading.branches)
    assert not reading.fully_typed
    assert [item.kind for branch in reading.branches for item in branch.evidence] == [Kind.UNREAD]


@pytest.mark.parametrize("text", ["限非哮喘患者。", "限疑似哮喘患者。", "限哮喘样患者。"])
def test_a_denied_or_doubted_diagnosis_is_not_typed(text: str) -> None:
    reading = read_note(text, NAMES)
    assert not any(branch.diagnoses for branch in reading.branches)
    assert any(branch.evidence for branch in reading.branches)


def test_numbered_alternatives_are_branches_of_their_own() -> None:
    first, second = read("限：1.成人斑块状银屑病；2.对甲药疗效不佳的12岁及以上特应性皮炎患者。")
    assert (codes(first), codes(second)) == (["L40.0"], ["L20"])
    assert said(first) == []
    assert said(second) == ["对甲药疗效不佳"]


def test_what_holds_for_all_is_in_every_branch() -> None:
    first, second = read("限以下情况方可支付，且支付不超过14天：1.哮喘；2.肺炎。")
    for branch in (first, second):
        assert branch.course is not None
        assert (branch.course.number, branch.course.unit) == (14, "天")


def test_conditions_after_the_list_hold_for_all() -> None:
    first, second = read(
        "限：1.哮喘；2.肺炎。\n应同时符合以下条件：1.需专科医师处方；2.事前审查后方可用。"
    )
    assert said(first) == said(second) == ["需专科医师处方", "事前审查后方可用"]


def test_a_head_before_a_list_of_cases_holds_for_all() -> None:
    first, second = read("限成人哮喘患者：口服治疗无效时；无法口服时。")
    assert codes(first) == codes(second) == ["J45"]
    assert said(second) == ["无法口服时"]


def test_attributes_before_the_first_noun_go_with_the_bare_ones() -> None:
    (branch,) = read("限晚期乳腺癌、卵巢癌患者。")
    assert codes(branch) == ["C50", "C56"]
    assert said(branch) == ["晚期"]


def test_joined_attributes_stay_one_condition() -> None:
    assert said(only("限复发或转移性乳腺癌患者。")) == ["复发或转移性"]


def test_level_holds_for_every_noun() -> None:
    (branch,) = read("限二级及以上医疗机构的哮喘、肺炎患者。")
    assert branch.level == "二级"
    assert codes(branch) == ["J45", "J18"] or codes(branch) == ["J45", "J12 至 J18"]


def test_whole_patients_joined_are_alternatives() -> None:
    first, second = read("限哮喘患者或生育保险。")
    assert (codes(first), second.fund) == (["J45"], "生育")


def test_an_open_reach_stays_in_the_notes_words() -> None:
    branch = only("限抢救、重症或因肺炎引起胸腹水的患者，且白蛋白低于25g/L。")
    assert branch.diagnoses == ()
    assert said(branch)[-1] == "白蛋白低于25g/L"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("限哮喘患者的二线用药。", "二线用药"),
        ("与甲药联合用于肺炎患者。限二级及以上医疗机构。", "与甲药联合用于"),
        ("限HER2阳性乳腺癌患者。", "HER2阳性"),
        ("限有明确药敏试验证据的肺炎患者。", "有明确药敏试验证据"),
        ("限脑梗死发病6小时内使用。", "发病6小时内使用"),
        ("限肺炎(严重肾病者除外)患者。", "严重肾病者除外"),
        ("限绝经后女性骨质疏松。", "绝经后"),
    ],
)
def test_conditions_of_the_record(text: str, expected: str) -> None:
    found = [word for branch in read(text) for word in said(branch)]
    assert expected in found


def test_days_courses_and_care() -> None:
    branch = only("限肺炎住院患者，支付不超过10天。")
    assert branch.care == "住院"
    assert branch.course is not None
    assert branch.course.number == 10
    months = only("限肺炎患者，支付不超过3个月。").course
    assert months is not None
    assert months.unit == "个月"


def test_long_conditions_are_kept_whole_in_short_pieces() -> None:
    words = "对环甲素等其他系统性治疗或乙类光疗丙类外用药不应答、有禁忌或无法耐受"
    (evidence,) = only(f"限{words}的成年特应性皮炎患者。").evidence
    assert evidence.words == words
    assert all(len(term) <= 20 for term in evidence.terms)


def test_a_label_is_no_limit_and_passes_nothing() -> None:
    reading = read_note("清热化痰。用于咳嗽痰多。", NAMES)
    assert not reading.is_limit
    assert not reading.fully_typed
    assert all(branch.evidence for branch in reading.branches)


def test_rows_carry_every_condition() -> None:
    reading = read_note("限HER2阳性的成人乳腺癌患者，支付不超过6个月。", NAMES)
    source = Source("某文件", "KP-0", "第1批", "2026-01-01")
    (row,) = rows_of(reading, ["XA01"], source)
    assert row["诊断"] == "C50"
    assert row["最小年龄"] == "18岁"
    assert row["条件数"] == "2"
    assert row["条件"] == "HER2阳性；支付不超过6个月"
    assert row["知识点"] == "KP-0"


def test_an_or_between_clauses_does_not_become_an_and() -> None:
    branch = only("限哮喘：患有甲症状的患者，或无满意替代治疗的患者。")
    assert codes(branch) == ["J45"]
    assert len(said(branch)) == 1


def test_a_sentence_about_some_of_the_patients_stays_whole() -> None:
    branch = only("限：1.肺炎患者的治疗。对于存在乙基因突变的患者，在用药前应接受丙药治疗。")
    assert "对于存在乙基因突变的患者，在用药前应接受丙药治疗" in said(branch)


def test_or_with_two_characters_is_no_end_of_a_phrase() -> None:
    branch = only("限计划行甲操作或者手术的哮喘患者。")
    assert said(branch) == ["计划行甲操作或者手术"]


@pytest.mark.parametrize(
    "text",
    [
        "限哮喘患者；限二级及以上医疗机构。",
        "限哮喘患者；不用于预防。",
        "限哮喘患者；由呼吸科医师处方。",
        "限哮喘患者；每日不超过3片。",
        "限哮喘患者。儿童需有肺功能证据。",
        "限哮喘患者；孕妇除外。",
    ],
)
def test_what_narrows_behind_a_stop_is_no_alternative(text: str) -> None:
    branch = only(text)
    assert codes(branch) == ["J45"]
    assert branch.evidence or branch.level == "二级"


@pytest.mark.parametrize("marks", ["(1)(2)", "①②", "1.2."])
def test_alternatives_are_numbered_in_any_way(marks: str) -> None:
    one, two = marks[: len(marks) // 2], marks[len(marks) // 2 :]
    first, second = read(f"限以下情况：{one}哮喘；{two}肺炎，支付不超过7天。")
    assert (codes(first), first.course) == (["J45"], None)
    assert second.course is not None


def test_diagnoses_that_touch_are_one_name() -> None:
    branch = only("限哮喘肺炎患者。")
    assert branch.diagnoses == ()
    assert said(branch) == ["哮喘肺炎"]


def test_the_name_of_an_unspecified_rest_stands_for_its_category() -> None:
    names = DiagnosisNames.from_rows(
        [("X98.000", "轻度某某发作"), ("X98.800", "别样的病"), ("X98.900", "某某发作")]
    )
    (branch,) = read_note("限某某发作患者。", names).branches
    assert [(d.codes, d.wider) for d in branch.diagnoses] == [(("X98",), True)]
    assert said(branch) == ["某某发作"]

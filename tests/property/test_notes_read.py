"""Any text can be read as a note, twice the same, and nothing that was not read passes silently."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apps.knowledge.notes.diagnoses import DiagnosisNames
from apps.knowledge.notes.model import Kind
from apps.knowledge.notes.reading import read_note
from apps.knowledge.notes.text import normalize

NAMES = DiagnosisNames.from_rows(
    [("J45.900", "哮喘"), ("J18.900", "肺炎"), ("C50.900", "乳房恶性肿瘤")]
)
WORDS = (
    "限", "：", "1.", "2.", "；", "，", "。", "、", "或", "和", "且", "的", "患者", "成人", "儿童", "12岁及以上",
    "哮喘", "肺炎", "乳腺癌", "晚期", "重度", "HER2阳性", "既往接受过甲药治疗失败的", "二线用药", "支付不超过7天",
    "二级及以上医疗机构", "住院", "(", ")", "除外", "联合乙药用于", "丁戊己", "需专科医师处方", "工伤保险", "女性", "\n",
)  # fmt: skip
PHRASED = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(
    lambda words: "限" + "".join(words)
)
ANY = st.one_of(PHRASED, st.text(max_size=60).map(lambda text: "限" + text), st.text(max_size=60))


@given(ANY)
def test_reading_never_fails_and_is_the_same_again(text: str) -> None:
    assert read_note(text, NAMES) == read_note(text, NAMES)


@given(ANY)
def test_fully_typed_has_no_unread_word_and_no_unread_condition(text: str) -> None:
    reading = read_note(text, NAMES)
    kinds = {item.kind for branch in reading.branches for item in branch.evidence}
    assert reading.fully_typed == (not reading.unread)
    if Kind.UNREAD in kinds:
        assert reading.unread


@given(PHRASED)
def test_what_was_not_read_keeps_a_condition_somewhere(text: str) -> None:
    reading = read_note(text, NAMES)
    if reading.unread:
        assert any(branch.evidence for branch in reading.branches)


@given(ANY)
def test_conditions_are_quoted_in_pieces_of_at_most_twenty(text: str) -> None:
    plain = normalize(text).replace("\n", "。")
    for branch in read_note(text, NAMES).branches:
        for item in branch.evidence:
            assert item.terms
            assert all(0 < len(term) <= 20 for term in item.terms)
            assert len(item.words) <= len(plain)


@given(PHRASED)
def test_a_typed_diagnosis_stands_in_the_text(text: str) -> None:
    for branch in read_note(text, NAMES).branches:
        assert all(item.words in normalize(text) for item in branch.diagnoses)

"""Tokens: whole words, units, codes, texts, folding, and lexical mistakes that do not stop it."""

from decimal import Decimal

import pytest

from rulelang.keywords import KEYWORDS, RESERVED
from rulelang.lexer import MOST_PROBLEMS, Lexed, lex
from rulelang.source import Source
from rulelang.units import BY_SPELLING, UNITS, suggest_unit, unit_named


def read(text: str) -> Lexed:
    return lex(Source("x", text))


def kinds(text: str) -> list[str]:
    return [token.type for token in read(text).tokens]


def words(text: str) -> list[tuple[str, str]]:
    return [(token.type, token.text) for token in read(text).tokens]


def codes(text: str) -> list[str]:
    return [problem.code for problem in read(text).problems]


# ---------------------------------------------------------------- words


def test_keywords_are_whole_words() -> None:
    assert words("在院天数 自付比例 不满意 在") == [
        ("NAME", "在院天数"),
        ("NAME", "自付比例"),
        ("NAME", "不满意"),
        ("IN", "在"),
    ]


def test_after_a_dot_a_word_is_a_name() -> None:
    assert kinds("明细.规则 在 x") == ["NAME", "_DOT", "NAME", "IN", "NAME"]


def test_a_full_stop_at_a_lines_end_names_nothing() -> None:
    assert kinds("当 甲。\n则 复核") == ["WHEN", "NAME", "_DOT", "THEN", "REVIEW"]


def test_there_are_94_keywords_of_two_spellings() -> None:
    assert len(KEYWORDS) == 94
    assert len(RESERVED) == 2 * 94


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_each_keyword_in_either_spelling(keyword: tuple[str, str, str]) -> None:
    terminal, zh, en = keyword
    assert kinds(f"{zh} 甲") == [terminal, "NAME"]
    assert kinds(f"{en} 甲") == [terminal, "NAME"]


def test_names_are_one_whatever_their_form() -> None:
    assert words("ＡＢ１") == [("NAME", "AB1")]  # noqa: RUF001
    assert words("\uf914甲") == words("樂甲")  # a compatibility form of the same sign


# ---------------------------------------------------------------- numbers and units


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("14天", "14", "day"),
        ("14d", "14", "day"),
        ("12周", "12", "week"),
        ("3个月", "3", "month"),
        ("3mo", "3", "month"),
        ("6月龄", "6", "month_old"),
        ("6mo_old", "6", "month_old"),
        ("48小时", "48", "hour"),
        ("1年", "1", "year"),
        ("12岁", "12", "year_old"),
        ("28万元", "28", "wan_yuan"),
        ("20%", "20", "percent"),
        ("20％", "20", "percent"),
        ("20 %", "20", "percent"),
        ("10个百分点", "10", "pp"),
        ("30 g/L", "30", "g/L"),
        ("30g/L", "30", "g/L"),
        ("0.5 μg", "0.5", "μg"),
        ("0.5 \u00b5g", "0.5", "μg"),
        ("50 g/天", "50", "g/day"),
        ("22 kg/m²", "22", "kg/m²"),
        ("4.0×10⁹/L", "4.0", "10⁹/L"),
        ("5次", "5", "time"),
        ("30min", "30", "minute"),
    ],
)
def test_quantities(text: str, value: str, unit: str) -> None:
    (token,) = read(text).tokens
    assert (token.type, token.value) == ("QTY", (Decimal(value), unit))
    assert codes(text) == []


def test_a_number_and_a_keyword_stay_two() -> None:
    assert kinds("计数 前线 >= 2 且 甲") == ["COUNT", "NAME", "CMP", "NUM", "AND", "NAME"]
    assert kinds("1 至 15") == ["NUM", "TO", "NUM"]


def test_a_unit_is_read_behind_a_type_and_nowhere_else_alone() -> None:
    assert kinds("甲：数值 g/L") == ["NAME", "_COLON", "NAME", "UNIT"]
    assert kinds("甲：数值 ×10⁹/L") == ["NAME", "_COLON", "NAME", "UNIT"]
    assert kinds("g / L") == ["NAME", "SLASH", "NAME"]


def test_the_table_of_units_is_unambiguous() -> None:
    assert len({unit.name for unit in UNITS}) == len(UNITS)
    for unit in UNITS:
        assert unit_named(unit.zh) is unit
        assert unit_named(unit.en) is unit
    for dimension in {unit.dimension for unit in UNITS}:
        assert len({unit.kind for unit in UNITS if unit.dimension == dimension}) == 1
    assert set(BY_SPELLING) & set(RESERVED) <= {"min"}  # `min` stands behind a number only


@pytest.mark.parametrize(
    ("written", "spelling", "meant"),
    [
        ("ml", "zh", "mL"),
        ("日", "zh", "天"),
        ("days", "en", "d"),
        ("周岁", "zh", "岁"),
        ("尺", "zh", None),
    ],
)
def test_units_are_suggested(written: str, spelling: str, meant: str | None) -> None:
    assert suggest_unit(written, spelling) == meant


# ---------------------------------------------------------------- codes, dates, texts


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("#I63", "I63"),
        ("#I63.902x001+J17.0*", "I63.902x001+J17.0*"),
        ("#A17.0†", "A17.0†"),
        ("#003311040160000", "003311040160000"),
        ("#001102000010000-110200001", "001102000010000-110200001"),
        ("＃Ｉ６３", "I63"),  # noqa: RUF001
    ],
)
def test_codes(text: str, value: str) -> None:
    (token,) = read(text).tokens
    assert (token.type, token.value) == ("CODE", value)


def test_a_code_ends_where_its_list_goes_on() -> None:
    assert kinds("{#C00 至 #C97, #I63}") == [
        "LBRACE", "CODE", "TO", "CODE", "_COMMA", "CODE", "RBRACE",
    ]  # fmt: skip
    assert kinds("#I63--话") == ["CODE"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("“甲”", "甲"),
        ('"甲"', "甲"),
        ("“甲“十四五”乙”", "甲“十四五”乙"),
        ('“说"甲"”', '说"甲"'),
        (r'"a\"b\\c"', r'a"b\c'),
        (r"“只有\“一个”", "只有“一个"),
        (r'"C:\data\new.csv"', r"C:\data\new.csv"),
        ("“，（全角）：”", "，（全角）："),
        ("“”", ""),
    ],
)
def test_texts(text: str, value: str) -> None:
    (token,) = read(text).tokens
    assert (token.type, token.value) == ("STRING", value)
    assert codes(text) == []


def test_comments_are_no_tokens() -> None:
    lexed = read("甲 -- 话，“未完\n—— 又\n－－ 再\n乙")
    assert [token.text for token in lexed.tokens] == ["甲", "乙"]
    assert [text.value for text in lexed.comments] == ["话，“未完", "又", "再"]


def test_offsets_are_of_the_text_as_written() -> None:
    text = "当　（甲≥３天）且　乙"
    for token in read(text).tokens:
        assert len(token.text) == token.end - token.start
    assert [text[token.start : token.end] for token in read(text).tokens] == [
        "当", "（", "甲", "≥", "３天", "）", "且", "乙",
    ]  # fmt: skip


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("text", "wanted", "left"),
    [
        ("甲 @ 乙", ["RL0101"], ["NAME", "ERROR", "NAME"]),
        ("甲 – 乙", ["RL0101"], ["NAME", "ERROR", "NAME"]),
        ("“甲", ["RL0102"], ["STRING"]),
        ("“甲“乙”", ["RL0102"], ["STRING"]),
        ("”甲”", ["RL0102"], ["STRING"]),
        ("‘甲’", ["RL0102"], ["STRING"]),
        ("# I63", ["RL0103"], ["ERROR", "NAME"]),
        ("3尺", ["RL0104"], ["ERROR"]),
        ("5元/次", ["RL0104"], ["ERROR"]),
        ("2026-02-30", ["RL0105"], ["ERROR"]),
        ("2026/1/3", ["RL0105"], ["DATE"]),
        ("2026年1月3日", ["RL0105"], ["DATE"]),
        ("2026-01-01且", ["RL0118"], ["DATE", "AND"]),
        ("003311040160000", ["RL0112"], ["CODE"]),
        ("I63.902", ["RL0112"], ["CODE"]),
        ("007", ["RL0120"], ["ERROR"]),
        ("9" * 31, ["RL0120"], ["ERROR"]),
        ("1.2.3", ["RL0120"], ["ERROR"]),
        ("3.31E+12", ["RL0120"], ["ERROR"]),
        ("C00–C97", ["RL0123"], ["CODE", "TO", "CODE"]),
        ("#C00～#C97", ["RL0123"], ["CODE", "TO", "CODE"]),
        ("#330600-#330699", ["RL0123"], ["CODE", "TO", "CODE"]),
        ("18岁且行", ["RL0118"], ["QTY", "AND", "NAME"]),
        ("18且行", ["RL0118"], ["NUM", "AND", "NAME"]),
        ("甲 == 乙", ["RL0124"], ["NAME", "EQ", "NAME"]),
        ("甲 && 乙", ["RL0124"], ["NAME", "AND", "NAME"]),
    ],
)  # fmt: skip
def test_lexical_mistakes_do_not_stop_it(text: str, wanted: list[str], left: list[str]) -> None:
    assert codes(text) == wanted
    assert kinds(text) == left


def test_hidden_characters_are_told_even_in_texts() -> None:
    assert codes("“甲\u202e乙” -- \ufffd") == ["RL0101", "RL0101"]


def test_one_mistake_for_all_strange_keywords() -> None:
    lexed = read("规则 甲 “题” 针对 明细 when 乙 要求 丙 then 复核")
    (problem,) = lexed.problems
    assert lexed.spelling == "zh"
    assert problem.code == "RL0106"
    assert problem.help is not None
    assert problem.help.zh == "改为：`when` → `当`，`then` → `则`；或运行 `hegui fmt --lang zh x`"
    assert len(problem.related) == 1


def test_the_majority_is_the_files_spelling() -> None:
    assert read("rule a for b 当 c").spelling == "en"
    assert read("规则 甲 for b 当 c").spelling == "zh"
    assert read("").spelling == "zh"
    assert read("甲 a").spelling == "zh"


def test_a_second_name_may_be_a_word_of_the_other_spelling() -> None:
    """The parser says that it is reserved; it is no mixture."""
    assert codes("记 首剂 | first = 1") == []


def test_a_flood_is_cut_off() -> None:
    problems = read("@ " * 2000).problems
    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[-1].code == "RL0119"

"""Printed and JSON forms of diagnostics: widths, cut lines, several places, both languages."""

import json
from types import MappingProxyType

import pytest

from rulelang.codes import CODES
from rulelang.diagnostics import Diagnostic, Level, Related, Words
from rulelang.parser import parse_file
from rulelang.render import WIDEST, render, to_json, width
from rulelang.source import NOWHERE, Source, Span

TEXT = "规则 甲 “题”\n    要求 任一 就诊.明细 满足 药品 在 名单甲\n"
SOURCES = MappingProxyType({"cn/甲.rule": Source("cn/甲.rule", TEXT)})


def place(text: str, source: str = TEXT, path: str = "cn/甲.rule") -> Span:
    start = source.index(text)
    return Span(path, start, start + len(text))


PROBLEM = Diagnostic(
    "RL0110",
    place("满足"),
    Words("`满足` 后面没有括号", "no bracket follows `满足`"),
    Words("写作 `满足（…）`", "write `满足（…）`"),
)


def test_the_printed_form_in_chinese() -> None:
    assert render(PROBLEM, SOURCES, "zh") == (
        "error[RL0110]: `满足` 后面没有括号\n"
        "  --> cn/甲.rule:2:17\n"
        "  |\n"
        "2 |     要求 任一 就诊.明细 满足 药品 在 名单甲\n"
        "  |                         ^^^^ 条件没有括号\n"
        "   = 帮助：写作 `满足（…）`\n"
    )


def test_the_printed_form_in_english() -> None:
    assert render(PROBLEM, SOURCES, "en") == (
        "error[RL0110]: no bracket follows `满足`\n"
        "  --> cn/甲.rule:2:17\n"
        "  |\n"
        "2 |     要求 任一 就诊.明细 满足 药品 在 名单甲\n"
        "  |                         ^^^^ condition without brackets\n"
        "   = help: write `满足（…）`\n"
    )


def test_a_second_place_is_shown() -> None:
    related = (Related(place("规则"), Words("在此", "here")),)
    problem = Diagnostic("RL0126", place("要求"), Words("重复", "again"), None, related)
    assert render(problem, SOURCES, "zh") == (
        "error[RL0126]: 重复\n"
        "  --> cn/甲.rule:2:5\n"
        "  |\n"
        "2 |     要求 任一 就诊.明细 满足 药品 在 名单甲\n"
        "  |     ^^^^ 条款重复\n"
        "  ::: cn/甲.rule:1:1\n"
        "  |\n"
        "1 | 规则 甲 “题”\n"
        "  | ^^^^ 在此\n"
    )


def test_no_place_no_excerpt() -> None:
    problem = Diagnostic("RL0116", NOWHERE, Words("太大", "too large"))
    assert render(problem, {}, "en") == "error[RL0116]: too large\n"


def test_a_place_in_an_unknown_file_shows_its_path() -> None:
    problem = Diagnostic("RL0116", Span("b.csv", 3, 4), Words("太大", "too large"))
    assert render(problem, {}, "zh") == "error[RL0116]: 太大\n  --> b.csv\n"


def test_carets_stop_at_the_end_of_the_first_line() -> None:
    problem = Diagnostic("RL0107", Span("x", 2, 9), Words("甲", "a"))
    printed = render(problem, {"x": Source("x", "ab甲c\ndefg")}, "zh")
    assert printed.splitlines()[4] == "  |   ^^^ 此处不应出现"


@pytest.mark.parametrize("end", [3, 4])
def test_an_empty_place_has_one_caret(end: int) -> None:
    problem = Diagnostic("RL0125", Span("x", 3, end), Words("甲", "a"))
    printed = render(problem, {"x": Source("x", "abc")}, "zh")
    assert printed.splitlines()[4] == "  |    ^ 没有写完"


def test_a_long_line_is_cut_around_the_place() -> None:
    text = "甲" * 500 + "@" + "乙" * 500
    problem = Diagnostic("RL0101", Span("x", 500, 501), Words("甲", "a"))
    shown = render(problem, {"x": Source("x", text)}, "zh").splitlines()
    assert width(shown[3]) <= WIDEST + 10
    assert width(shown[3][: shown[3].index("@")]) == shown[4].index("^")


def test_control_characters_do_not_reach_the_terminal() -> None:
    problem = Diagnostic("RL0101", Span("x", 4, 5), Words("见 `\x1b[2J`", "a"))
    printed = render(problem, {"x": Source("x", "\ta\x1b\u202eb")}, "zh")
    assert "\x1b" not in printed
    assert "\u202e" not in printed
    assert "\t" not in printed


def test_the_json_form() -> None:
    problem = Diagnostic(
        "RL0110",
        place("满足"),
        PROBLEM.words,
        PROBLEM.help,
        (Related(place("规则"), Words("此", "here")),),
    )
    shown = to_json(problem, SOURCES)
    assert json.loads(json.dumps(shown)) == {
        "code": "RL0110",
        "slug": "where-without-brackets",
        "level": "error",
        "path": "cn/甲.rule",
        "line": 2,
        "column": 17,
        "end_line": 2,
        "end_column": 19,
        "message": {"zh": "`满足` 后面没有括号", "en": "no bracket follows `满足`"},
        "help": {"zh": "写作 `满足（…）`", "en": "write `满足（…）`"},
        "related": [
            {
                "path": "cn/甲.rule",
                "line": 1,
                "column": 1,
                "end_line": 1,
                "end_column": 3,
                "message": {"zh": "此", "en": "here"},
            }
        ],
        "edits": [],
    }


def test_a_real_mistake_prints() -> None:
    source = Source("甲.rule", "名单 甲：药品编码 = ｛#C00–#C97｝")
    (problem,) = parse_file(source)[1]
    assert render(problem, {"甲.rule": source}, "en").startswith("error[RL0123]: the range")


def test_the_catalogue_is_in_order() -> None:
    assert list(CODES) == sorted(CODES)
    for code, entry in CODES.items():
        assert entry.code == code
        assert entry.slug == entry.slug.lower()
        assert entry.level in Level
    assert len({entry.slug for entry in CODES.values()}) == len(CODES)

"""Table files as they come: encodings, line ends, blank lines; whatever stands in one, nothing raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulelang.driver import Compiled, compile_sources
from rulelang.lower.sheets import MOST_TOLD
from rulelang.render import render
from rulelang.source import Source

RULES = """规则集 例.甲 | example.a “例” “Example”
层级 国家
知识表 表 | table_one （项目 | item：项目编码，上限 | cap：数量 空即不限，窗 | span：窗口 空即不限，龄 | age：年龄 空即不限） 键 项目 取自 “表.csv”
名单 单 | list_one：诊断编码 取自 “单.csv”
"""
HEAD = "项目,上限,窗,龄"
ROWS = "003301000010000,1次,同日,18岁\n003301000020000,2次,6小时,6月龄\n"
LIST = "诊断\nC90.0\nI63 至 I64\n"
PIECES = [
    '"', ",", "\n", "\r", "\x00", "，", "；", "#", "至", "-", "岁", "次", "同日", "前 14天", "3.3E+12",
    "46023", "2026-01-01", "生效", "失效", "NaN", "项目", "9" * 40, " ", "C90",
]  # fmt: skip


def compiled(table: bytes, members: bytes = LIST.encode()) -> Compiled:
    files = {"表.csv": table, "单.csv": members}
    return compile_sources([Source("例.rule", RULES)], files.get)


def codes(found: Compiled) -> list[str]:
    return [each.code for each in found.diagnostics]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}\n{ROWS}",
        f"\ufeff{HEAD}\n{ROWS}",
        f"{HEAD}\n{ROWS}".replace("\n", "\r\n"),
        f"{HEAD}\n{ROWS}".replace("\n", "\r"),
        f"\n\n{HEAD}\n\n{ROWS}\n\n",
        f"{HEAD},\n{ROWS}",
        f'"项目","上限","窗","龄"\n{ROWS}',
        f"龄,窗,上限,项目\n,,,003301000010000\n",  # noqa: F541 - one of a list of forms
    ],
)
def test_forms_that_are_read(text: str) -> None:
    assert codes(compiled(text.encode())) == []


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (f"{HEAD}\n{ROWS}".encode("gb18030"), "像是 GBK"),
        (f"{HEAD}\n{ROWS}".encode("utf-16"), "像是 UTF-16"),
        (b"PK\x03\x04\xff\xfe\x00", "工作簿"),
        (b"\xff\x00\xff\x00\xff", "不是 UTF-8"),
    ],
)
def test_other_encodings_are_told_apart(data: bytes, says: str) -> None:
    (told,) = compiled(data).diagnostics
    assert told.code == "RL0226"
    assert says in told.words.zh


def test_mistakes_of_one_file_are_told_up_to_a_limit() -> None:
    wrong = "".join(f"{number:015},{number},同日,\n" for number in range(500))
    found = compiled(f"{HEAD}\n{wrong}".encode())
    assert codes(found) == ["RL0222"] * MOST_TOLD + ["RL0119"]
    assert str(500 - MOST_TOLD) in found.diagnostics[-1].words.zh


def test_the_place_of_a_cell_is_the_cell() -> None:
    found = compiled(f'{HEAD}\n"003301,000010000","1,次",同日,18\n'.encode())
    text = found.sources["表.csv"]
    marked = [text.snippet(each.span) for each in found.diagnostics]
    assert marked == ['"1,次"', "18"]


@given(st.binary(max_size=200), st.binary(max_size=100))
def test_any_bytes_are_read_or_told(table: bytes, members: bytes) -> None:
    never_raises(table, members)


@given(
    st.lists(st.sampled_from(PIECES), max_size=40), st.lists(st.sampled_from(PIECES), max_size=20)
)
def test_any_text_is_read_or_told(table: list[str], members: list[str]) -> None:
    never_raises(f"{HEAD}\n{''.join(table)}".encode(), f"诊断\n{''.join(members)}".encode())


def never_raises(table: bytes, members: bytes) -> None:
    found = compiled(table, members)
    places = [(each.code, each.span) for each in found.diagnostics if each.code != "RL0221"]
    assert len(set(places)) == len(places)
    for each in found.diagnostics:
        for lang in ("zh", "en"):
            assert render(each, found.sources, lang)

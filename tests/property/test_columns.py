"""Tables read column by column are those read line by line, and keep their digest."""

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from engine.bundle import pack, unpack
from rulelang.driver import Compiled, compile_sources
from rulelang.lower import rows
from rulelang.source import Source

RULES = """\
规则集 试验 | trial “试验” “Trial”
层级 国家
知识表 价表 | prices （
    药品 | drug：药品编码，
    年龄 | age：年龄 空即不限，
    价 | cap：金额，
    天数 | days：时长，
    目录 | codes：诊断编码集，
    话 | words：文本 空即不限，
    首用 | initial：是否
）
    键 药品 多行 取自 “价表.csv”
"""
HEAD = "药品,年龄,价,天数,目录,话,首用,生效,失效,入库,来源,知识点\n"
PLAIN = [
    ("XB05AAR021B001010100348", "A0001", " #B2 ", "I63.9"),
    ("12岁", "6月龄", ""),
    ("30元", "30.0元", "1.50元"),
    ("14天", "1天"),
    ("#K74", "#C00 至 #C97；I63", "K74"),
    ("限二线", "100%", "", '"甲，""乙"""', " 丙 "),
    ("是", "否", "no"),
    ("", "2026-01-01"),
    ("", "2027-01-01"),
    ("", "2026-02-03"),
    ("某文 第1条", "某文%s", ""),
    ("", "KP-1", "KP-22"),
]
AMISS = [
    "", " ", "一", "1.0", "2026-13-01", "2020-01-01", "30块", '"', '"甲', '"甲\n乙"', "a,b", '"a,b"',
]  # fmt: skip


def compiled(table: str) -> Compiled:
    return compile_sources([Source("trial.rule", RULES)], lambda _: table.encode())


@st.composite
def tables(draw: st.DrawFn, *, faults: bool) -> str:
    """A table of some lines, most of them without a fault."""
    lines: list[str] = []
    for _ in range(draw(st.integers(0, 6))):
        cells = [draw(st.sampled_from(some)) for some in PLAIN]
        if faults and draw(st.integers(0, 3)) == 0:
            cells[draw(st.integers(0, len(cells) - 1))] = draw(st.sampled_from(AMISS))
        if faults and draw(st.integers(0, 9)) == 0:
            cells = draw(st.sampled_from([[], ["", " "], [*cells, ""], [*cells, "多"], cells[:-1]]))
        lines.append(",".join(cells))
    blank = draw(st.sampled_from(["", "\n", " ,\n"]))
    return blank + HEAD + "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n"]))


@given(tables(faults=True))
def test_by_columns_is_by_lines(table: str) -> None:
    found = compiled(table)
    with patch.object(rows, "read_columns", return_value=None) as by_columns:
        other = compiled(table)
    assert by_columns.called
    assert found.diagnostics == other.diagnostics
    assert found.program == other.program


@given(tables(faults=False))
def test_tables_without_a_fault_are_read_by_columns(table: str) -> None:
    with patch.object(rows, "_read_lines", side_effect=AssertionError):
        found = compiled(table)
    assert found.program is not None
    assert unpack(pack(found.program)) == found.program


def test_digests_stay_as_they_are() -> None:
    """They are written down elsewhere, in answers and notes; a change of the core may change them."""
    lines = [",".join(some[n % len(some)] for some in PLAIN) for n in range(40)]
    program = compiled(HEAD + "\n".join(lines)).program
    assert program is not None
    (one,) = compiled(HEAD + lines[3]).program.rulesets
    assert [program.rulesets[0].digest, one.digest] == [
        "sha256:e6fde91bb81e8504cbbc23a498580237d5f2277855e60398479c25192572b09a",
        "sha256:41086e9d7ad93c23397681ffc162b3a6cfc490fd29a1a62773a4487f76ec649f",
    ]

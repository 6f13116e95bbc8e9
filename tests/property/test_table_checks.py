"""Overlaps of rows are found on the effective set, as of every date of knowledge (S14.1)."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.tables import Tables
from rulelang import core
from rulelang.driver import Compiled, compile_sources
from rulelang.source import Source
from rulelang.values import Range

RULES = """规则集 例.甲 | example.a “例” “Example”
层级 国家
知识表 表 | table_one （项目 | item：文本，上限 | cap：数量） 键 项目 {many}取自 “表.csv”
"""
HEAD = "项目,上限,生效,失效,入库,知识点,取代\n"
START = date(2026, 1, 1)
DAYS = tuple(START + timedelta(days=n) for n in range(7))

days = st.integers(0, 5)
rows = st.lists(
    st.tuples(
        st.sampled_from("AB"),  # key
        st.integers(1, 3),  # value
        st.none() | days,  # starts
        st.none() | st.integers(1, 3),  # length
        st.none() | days,  # known
        st.none() | st.integers(0, 6),  # supersedes the row of that number
    ),
    max_size=7,
)


def table_of(written: list[tuple[str, int, int | None, int | None, int | None, int | None]]) -> str:
    lines = []
    for number, (key, value, start, length, known, older) in enumerate(written):
        begins = "" if start is None else str(DAYS[start])
        ends = "" if length is None else str(START + timedelta(days=(start or 0) + length))
        learnt = "" if known is None else str(DAYS[known])
        point = "" if older is None else f"P{older}"
        lines.append(f"{key},{value}次,{begins},{ends},{learnt},P{number},{point}\n")
    return HEAD + "".join(lines)


def compiled(text: str, many: str = "") -> Compiled:
    return compile_sources(
        [Source("例.rule", RULES.format(many=many))], {"表.csv": text.encode()}.get
    )


def effective(program: core.Program, known: date, day: date) -> list[core.Row]:
    table = program.tables["example.a/table_one"]
    return list(Tables(program, known).all_rows(table, Range.exactly(day)).certain)


@given(rows)
def test_two_rows_of_a_key_on_one_day_are_found_and_nothing_else(
    written: list[tuple[str, int, int | None, int | None, int | None, int | None]],
) -> None:
    text = table_of(written)
    many = compiled(text, "多行 ").program  # reads the same rows, and has nothing against overlaps
    assert many is not None
    told = [d for d in compiled(text).diagnostics if d.code in {"RL0224", "RL0227", "RL0228"}]
    double = any(
        len({row.number for row in found if row.cells[0] == key}) > 1
        for known in (START - timedelta(days=1), *DAYS)
        for day in (START - timedelta(days=1), *DAYS, START + timedelta(days=30))
        for found in [effective(many, known, day)]
        for key in "AB"
    )
    assert bool(told) is double


@given(rows)
def test_a_row_said_to_be_unreachable_is_never_in_force(
    written: list[tuple[str, int, int | None, int | None, int | None, int | None]],
) -> None:
    found = compiled(table_of(written), "多行 ")
    assert found.program is not None
    text = found.sources["表.csv"]
    unreachable = {text.position(d.span.start)[0] for d in found.diagnostics if d.code == "RL0230"}
    reached = {
        row.number
        for known in (START - timedelta(days=1), *DAYS)
        for day in (START - timedelta(days=1), *DAYS, START + timedelta(days=30))
        for row in effective(found.program, known, day)
    }
    assert unreachable == {number for number in range(2, len(written) + 2) if number not in reached}

"""Deciding as of (d, k) does not change when rows, rules and waivers known after k are added (S14.1)."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.bundle import pack, unpack
from engine.checker import CheckRequest, check
from engine.derived import complete
from engine.facts import Bill, Value, one
from rulelang import core
from rulelang.driver import compile_sources
from rulelang.source import Source
from rulelang.values import Range
from tests.bills import entity, line

START = date(2026, 1, 1)
DAYS = tuple(START + timedelta(days=n) for n in range(6))
HEAD = "规则集 例.甲 | example.a “例” “Example”\n层级 国家\n"
TABLES = """知识表 价表 | prices （项目 | item：项目编码，上限 | cap：金额） 键 项目 多行 完整 取自 “价表.csv”
知识表 豁免 | waiver 取自 “豁免.csv”
"""
RULE = """规则 限额 | line_cap “限额” “Cap”
    国家编码 GZ00000000000000
    施行 自 {start} 至 {end}
    属性 入库 {known}
    结果类型 违规
    针对 明细
    要求 每个 价表[明细.项目] 作 行 | row 满足（明细.金额 <= 行.上限 + {more}元）
    则 不予支付 明细.医保内金额
"""

days = st.integers(0, 5)
versions = st.lists(
    st.tuples(days, st.integers(0, 4), days, st.integers(0, 3)), min_size=1, max_size=4
)
rows = st.lists(st.tuples(st.integers(1, 9), days, days, st.none() | st.integers(0, 3)), max_size=4)
waivers = st.lists(
    st.tuples(days, st.integers(1, 4), days, st.none() | st.integers(1, 4)), max_size=2
)


def program_of(
    rules: list[tuple[int, int, int, int]],
    priced: list[tuple[int, int, int, int | None]],
    waived: list[tuple[int, int, int, int | None]],
) -> core.Program | None:
    """The program, or None where its versions overlap."""
    text = HEAD + TABLES
    for start, length, known, more in rules:
        end = DAYS[start] + timedelta(days=length)
        text += RULE.format(start=DAYS[start], end=end, known=DAYS[known], more=more)
    prices = "项目,上限,生效,入库,知识点,取代\n"
    for number, (cap, start, known, older) in enumerate(priced):
        prices += f"001,{cap}元,{DAYS[start]},{DAYS[known]},P{number},{'' if older is None else f'P{older}'}\n"
    excused = "规则,键,理由,批准人,服务起,服务止,知悉起,知悉止\n"
    for start, length, known, until in waived:
        end = DAYS[start] + timedelta(days=length)
        withdrawn = "" if until is None else DAYS[known] + timedelta(days=until)
        excused += f"限额,,理由,某人,{DAYS[start]},{end},{DAYS[known]},{withdrawn}\n"
    files = {"价表.csv": prices.encode(), "豁免.csv": excused.encode()}
    return compile_sources([Source("例.rule", text)], files.get).program


def bill_on(day: date | None) -> Bill:
    facts = {} if day is None else {"date": Value(range=Range.exactly(day))}
    charged = line(item=one("001"), amount="7", quantity=None, price=None, **facts)
    return complete(
        Bill(
            entity("patient"), entity("encounter"), entity("institution"), (charged,), stage="after"
        )
    )


def decided(program: core.Program, day: date | None, known: date) -> list[object]:
    result = check(program, bill_on(day), CheckRequest(known_on=known))
    return [
        (each.rule.id, each.label, each.at_risk, each.waiver and each.waiver.service_from,
         [missing.fact for missing in each.missing])
        for each in (*result.findings, *result.passed)
    ]  # fmt: skip


@given(versions, rows, waivers, st.sampled_from(DAYS), st.none() | st.sampled_from(DAYS))
def test_what_is_learnt_later_changes_no_earlier_decision(
    rules: list[tuple[int, int, int, int]],
    priced: list[tuple[int, int, int, int | None]],
    waived: list[tuple[int, int, int, int | None]],
    known: date,
    day: date | None,
) -> None:
    whole = program_of(rules, priced, waived)
    if whole is None:
        return
    # What was written by the day `known`: later rows are not there, nor are later withdrawals.
    then = program_of(
        [each for each in rules if DAYS[each[2]] <= known] or rules,
        [each for each in priced if DAYS[each[2]] <= known],
        [
            (
                start,
                length,
                since,
                None if until is None or DAYS[since] + timedelta(days=until) > known else until,
            )
            for start, length, since, until in waived
            if DAYS[since] <= known
        ],
    )
    assert then is not None
    assert decided(whole, day, known) == decided(then, day, known)


@given(versions, st.sampled_from(DAYS), st.none() | st.sampled_from(DAYS))
def test_a_subject_has_one_finding_whatever_the_versions(
    rules: list[tuple[int, int, int, int]], known: date, day: date | None
) -> None:
    program = program_of(rules, [(5, 0, 0, None)], [])
    if program is None:
        return
    known_rules = [each for each in rules if DAYS[each[2]] <= known]
    found = decided(program, day, known)
    assert len(found) == (1 if known_rules else 0)
    assert decided(unpack(pack(program)), day, known) == found


@given(versions, rows, st.sampled_from(DAYS))
def test_a_finding_without_a_date_holds_on_every_date(
    rules: list[tuple[int, int, int, int]],
    priced: list[tuple[int, int, int, int | None]],
    known: date,
) -> None:
    program = program_of(rules, priced, [])
    if program is None:
        return
    for _, label, *_ in decided(program, None, known):
        if label.value not in {"undetermined", "not_applicable", "satisfied"}:
            assert all(
                [other for _, other, *_ in decided(program, day, known)] == [label] for day in DAYS
            )

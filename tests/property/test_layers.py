"""Laws on layers: what a lower layer says counts in its place and time only, and there it counts (S15)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from engine.checker import check
from engine.facts import Bill, Value, exactly
from engine.finding import Finding, Label
from rulelang.canonical import digest_of
from rulelang.core import Program
from rulelang.driver import Compiled, compile_sources
from rulelang.source import Source
from rulelang.values import Range
from tests.bills import entity

NATION = """规则集 国家.甲 | national.a “甲” “A”
层级 国家
文件 甲文 | doc_a “甲文件” “Document A” 发布 2020-01-01
参数 上限 | most：金额 = 100元，自 2026-02-01 80元 界 10元 至 500元 开放 市级 {opened} 依据 甲文
规则 限额 | cap “限额” “Cap”
    依据 甲文
    开放 市级 例外，收紧
    结果类型 违规
    针对 明细
    要求 明细.金额 <= 上限
    则 扣减 明细.金额 - 上限
    说明 “{{明细.金额}}超过{{上限}}。” “{{line.amount}} is over {{most}}.”
"""
CITY = """规则集 乙市.甲 | city_b.a “甲” “A”
层级 市级
地区 #330600
文件 乙文 | doc_b “乙文件” “Document B” 发布 2025-01-01
施行 自 {start} 至 {end}
属性 地域 就医地
补充 国家.甲.限额
    依据 乙文
    要求 明细.单价 <= {price}元
    除非 明细.单价 < 5元
    说明 “本市。” “The city.”
补充 国家.甲.上限 = {most}元 依据 乙文
"""
FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
DAY = timedelta(days=1)
days = st.integers(0, (LAST - FIRST).days).map(lambda count: FIRST + count * DAY)
periods = st.tuples(days, days).map(lambda pair: (min(pair), max(pair)))
figures = st.integers(10, 120)
prices = st.integers(1, 30)
HERE, ELSEWHERE = "330602", ("330100", "310000", "331000")


@cache
def compiled(*texts: str) -> Compiled:
    sources = [Source(f"{number}.rule", text) for number, text in enumerate(texts)]
    return compile_sources(sources, lambda _: None)


def program(*texts: str) -> Program:
    found = compiled(*texts)
    assert found.program is not None, found.diagnostics
    return found.program


def nation(opened: str = "填") -> str:
    return NATION.format(opened=opened)


def city(period: tuple[date, date], most: int = 50, price: int = 12) -> str:
    return CITY.format(start=period[0], end=period[1], most=most, price=price)


def bill(amount: int, price: int, day: date | None, place: str | None) -> Bill:
    dated = Value() if day is None else Value(range=Range.exactly(day))
    line = entity(
        "line",
        amount=exactly(Decimal(amount)),
        claimed_amount=exactly(Decimal(amount)),
        price=exactly(Decimal(price)),
        date=dated,
    )
    encounter = entity("encounter")
    line.links["encounter"] = encounter
    territories = {} if place is None else {"place_of_care": place}
    return Bill(
        entity("patient"), encounter, entity("institution"), (line,), territories=territories
    )


def core_of(finding: Finding) -> tuple[object, ...]:
    """All of a finding that a reader sees."""
    return (
        finding.rule.id, finding.label, finding.at_risk, finding.missing, finding.because,
        finding.messages, finding.exception, finding.amendments,
    )  # fmt: skip


def found(in_use: Program, given_bill: Bill) -> list[tuple[object, ...]]:
    result = check(in_use, given_bill)
    return [core_of(each) for each in (*result.findings, *result.passed)]


@given(periods, figures, prices, days, st.sampled_from((*ELSEWHERE, None)))
def test_what_a_city_says_changes_nothing_elsewhere(
    period: tuple[date, date], amount: int, price: int, day: date, place: str | None
) -> None:
    there = bill(amount, price, day, place)
    assert found(program(nation(), city(period)), there) == found(program(nation()), there)


@given(periods, figures, prices, days)
def test_what_a_city_says_changes_nothing_before_and_after(
    period: tuple[date, date], amount: int, price: int, day: date
) -> None:
    here = bill(amount, price, day, HERE)
    both, alone = program(nation(), city(period)), program(nation())
    if period[0] <= day <= period[1]:
        assert found(both, here)[0][1] is label_here(amount, price)
    else:
        assert found(both, here) == found(alone, here)


def label_here(amount: int, price: int, most: int = 50, dearest: int = 12) -> Label:
    if amount <= most and price <= dearest:
        return Label.SATISFIED
    return Label.EXCUSED if price < 5 else Label.VIOLATED


@given(periods, figures, prices, days)
def test_an_unknown_date_is_decided_only_as_every_date_is(
    period: tuple[date, date], amount: int, price: int, day: date
) -> None:
    both = program(nation(), city(period))
    (undated,) = found(both, bill(amount, price, None, HERE))
    (dated,) = found(both, bill(amount, price, day, HERE))
    if undated[1] is Label.UNDETERMINED:
        assert undated[3], "undetermined names a missing fact (S10.1)"
    else:
        passes = {Label.SATISFIED, Label.EXCUSED}
        assert (undated[1] in passes) == (dated[1] in passes)


@given(st.integers(1, 600), st.sampled_from(("收紧降低", "收紧提高", "填")), periods)
def test_a_value_is_taken_in_its_direction_and_bounds_only(
    value: int, opened: str, period: tuple[date, date]
) -> None:
    codes = [each.code for each in compiled(nation(opened), city(period, most=value)).diagnostics]
    met = [100] if period[0] < date(2026, 2, 1) else []
    met += [80] if period[1] >= date(2026, 2, 1) else []
    in_direction = {
        "收紧降低": all(value <= each for each in met),
        "收紧提高": all(value >= each for each in met),
        "填": True,
    }[opened]
    if not 10 <= value <= 500:
        assert codes == ["RL0704"]
    else:
        assert codes == ([] if in_direction else ["RL0603"])


@given(periods)
def test_the_nation_stays_what_it_is_whatever_cities_say(period: tuple[date, date]) -> None:
    alone, both = program(nation()), program(nation(), city(period))
    assert digest_of(alone, "national.a") == digest_of(both, "national.a")
    other = program(nation(), city(period, price=13))
    assert digest_of(both, "city_b.a") != digest_of(other, "city_b.a")

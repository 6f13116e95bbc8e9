"""S11.3, S12.1: periods do not depend on the order of the bills; more facts never flip a class."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from apps.authoring.cases import CASE_RULESET
from apps.authoring.facts_block import read_population
from apps.authoring.pages import Block
from engine.finding import Finding, Label
from engine.period_check import check_periods
from engine.population import Population
from rulelang.core import Program
from rulelang.driver import compile_sources
from rulelang.source import Source

RULES = """
规则 占比 | share “占比” “Share”
    国家编码 GZ10000102012000
    结果类型 监测指标
    针对 机构 每 自然月
    当 合计 金额 取自 机构.明细 > 0元
    要求 合计 金额 取自 机构.明细 满足（收费类别 属于 药品类） / 合计 金额 取自 机构.明细 <= 30%
    则 监测 合计 金额 取自 机构.明细
规则 骤增 | growth “骤增” “Growth”
    国家编码 GZ10000102012000
    结果类型 可疑
    针对 机构 每 自然月
    要求 机构.总费用 <= 上期（机构.总费用） * 2
    则 复核
规则 人次 | visits “人次” “Visits”
    国家编码 GZ10000102012000
    结果类型 可疑
    针对 患者 每 自然月
    要求 计数 患者.明细 <= 1
    则 复核
"""
FAILS = frozenset({Label.VIOLATED, Label.SUSPECTED})


@dataclass(frozen=True)
class Line:
    """One line of one person: its true date and amount, and what is said of them."""

    person: int
    day: str
    amount: int
    drug: bool
    says_day: bool
    says_amount: bool
    says_class: bool


DAYS = st.sampled_from(["2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01"])
LINES = st.lists(
    st.builds(
        Line, st.integers(1, 3), DAYS, st.integers(0, 9), st.booleans(), st.booleans(),
        st.booleans(), st.booleans(),
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip
WHOLE = st.booleans()


@cache
def program() -> Program:
    found = compile_sources((Source("page#1", CASE_RULESET["zh"] + RULES),), lambda _: None).program
    assert found is not None
    return found


def population(lines: list[Line], *, whole: bool) -> Population:
    said = ["询问时间 = 2026-05-01T08:00"]
    said += [f"机构.明细 = {'全部' if whole else '不全'}"]
    for person in sorted({1, *(line.person for line in lines)}):
        number = str(person) if person > 1 else ""
        said.append(f"就诊{number}.患者 = 患者{number}")
        said.append(f"患者{number}.明细 = {'全部' if whole else '不全'}")
    for number, line in enumerate(lines, start=1):
        said.append(f"明细{number}.就诊 = 就诊{line.person if line.person > 1 else ''}")
        reach = "2026-02-27~2026-04-02"
        said.append(f"明细{number}.日期 = {line.day if line.says_day else reach}")
        said.append(f"明细{number}.金额 = {f'{line.amount}元' if line.says_amount else '>=0元'}")
        if line.says_class:
            said.append(f"明细{number}.收费类别 = {'西药' if line.drug else '床位'}")
    return read_population(Block("facts", "", "\n".join(said), 1), program())


def classes(found: tuple[Finding, ...]) -> dict[tuple[object, ...], str]:
    result = {}
    for finding in found:
        for rule in finding.folded or (finding.rule,):
            for entity in finding.offending:
                label = finding.label
                kind = (
                    "fail" if label in FAILS else "open" if label is Label.UNDETERMINED else "pass"
                )
                result[rule.id, entity.kind, entity.order, entity.key] = kind
    return result


def judged(given_: Population) -> dict[tuple[object, ...], str]:
    result = check_periods(program(), given_)
    return classes((*result.findings, *result.passed))


@given(LINES, WHOLE, st.randoms(use_true_random=False))
def test_the_order_of_bills_does_not_count(lines: list[Line], whole: bool, order: object) -> None:
    given_ = population(lines, whole=whole)
    bills = list(given_.bills)
    order.shuffle(bills)
    assert judged(given_) == judged(replace(given_, bills=tuple(bills)))


@given(LINES, WHOLE)
def test_more_facts_never_flip_a_class(lines: list[Line], whole: bool) -> None:
    known = [replace(line, says_day=True, says_amount=True, says_class=True) for line in lines]
    before, after = judged(population(lines, whole=whole)), judged(population(known, whole=whole))
    for key, kind in before.items():
        if kind != "open" and key in after:
            assert after[key] == kind

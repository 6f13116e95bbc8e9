"""S8: figures over members of which some are unknown, against all that the members may turn out to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.facts import ABSENT, Value
from engine.interpreter.results import Pointed
from rulelang import core
from rulelang.values import FALSE, TRUE, UNKNOWN, Range, Truth
from tests.judging import named_parts, program_of
from tests.strategies_bills import Plan, Thing
from tests.strategies_facts import holds, numbers
from tests.strategies_text import Both, Trial

TEXT = """规则 试 | tried “试” “Tried”
    依据 文一 “一”
    结果类型 违规
    针对 就诊
    当 任一 就诊.明细
    记 总计 | total = 合计 限价 取自 就诊.明细 满足（标记）
    记 行数甲 | count_of = 计数 就诊.明细 满足（标记）
    记 种数 | kinds = 计数 不同 限价 取自 就诊.明细 满足（标记）
    记 日数 | days = 计日 就诊.明细 满足（标记）
    记 最高 | top = 最大 限价 取自 就诊.明细 满足（标记） 缺则 3元
    记 最低 | low = 最小 限价 取自 就诊.明细 满足（标记） 缺则 3元
    记 居中 | middle = 中位 限价 取自 就诊.明细 满足（标记） 缺则 3元
    记 最廉 | cheapest = 首个 就诊.明细 满足（标记） 按 限价 缺则 首个 就诊.明细 按 金额
    记 最贵 | dearest = 末个 就诊.明细 满足（标记） 按 限价 缺则 首个 就诊.明细 按 金额
    记 总量 | dose_of = 合计 每次量 取自 就诊.明细 满足（标记）
    记 最多 | most = 最大 每次量 取自 就诊.明细 满足（标记） 缺则 0 mg
    记 全都 | every = 每个 就诊.明细 满足（限价 <= 2元）
    记 有无 | some = 任一 就诊.明细 满足（标记 且 限价 <= 2元）
    要求 就诊.甲证
    则 提醒"""
DEFAULT = Decimal(3)
MILLIGRAMS = {"mg": 1, "g": 1000}


@dataclass(frozen=True)
class Member:
    """A line: whether it counts, its price and its dose, as far as they are known."""

    belongs: Truth
    price: Value
    day: int
    dose: Value


prices = st.one_of(
    st.sampled_from(numbers("0", "1", "2", "5")).map(lambda figure: Value(Range.exactly(figure))),
    st.sampled_from([Range(Decimal(1), Decimal(2)), Range(Decimal(0), Decimal(5))]).map(Value),
    st.sampled_from([Value(), ABSENT]),
)
doses = st.tuples(st.sampled_from(numbers("1", "2", "500")), st.sampled_from(["mg", "g"])).map(
    lambda found: Value(Range.exactly(found[0]), unit=found[1])
)
members = st.lists(
    st.builds(
        Member, st.sampled_from([TRUE, TRUE, UNKNOWN, FALSE]), prices, st.integers(1, 3), doses
    ),
    max_size=3,
)


@cache
def program() -> core.Program:
    return program_of(Trial((Both(TEXT, ""),)))


def parts(found: list[Member], *, is_open: bool = False) -> dict[str, Any]:
    lines = [_line(f"L{n}", member) for n, member in enumerate(found)]
    people = Thing("patient", "P", {}), Thing("encounter", "now", {}), Thing("institution", "I", {})
    plan = Plan(*people, tuple(lines), open=frozenset({"encounter.lines"} if is_open else ()))
    return named_parts(program().rules[0], program(), plan.bill())


def _line(key: str, member: Member) -> Thing:
    from datetime import date  # noqa: PLC0415

    facts = {
        "price_cap": member.price,
        "amount": Value(Range.exactly(Decimal(1))),
        "date": Value(Range.exactly(date(2026, 3, member.day))),
        "dose": member.dose,
    }
    if member.belongs is not UNKNOWN:
        facts["trial/mark"] = Value(choices=frozenset({member.belongs is TRUE}))
    return Thing("line", key, facts)


@dataclass(frozen=True)
class Known:
    """A member once everything is known."""

    key: str
    belongs: bool
    price: Decimal | None
    day: int
    dose: Decimal


def worlds(found: list[Member]) -> Iterator[list[Known]]:
    """All that the members may turn out to be."""
    options = []
    for number, member in enumerate(found):
        truths = [True, False] if member.belongs is UNKNOWN else [member.belongs is TRUE]
        assert member.dose.range is not None
        dose = member.dose.range.exact * MILLIGRAMS[member.dose.unit or ""]
        options.append(
            [Known(f"L{number}", truth, price, member.day, dose)
             for truth, price in product(truths, possible(member.price))]
        )  # fmt: skip
    return (list(world) for world in product(*options))


def possible(price: Value) -> list[Decimal | None]:
    if price == ABSENT:
        return [None]
    if price.range is None:
        return [None, Decimal(0), Decimal(7)]
    return sorted({price.range.low, price.range.high})


def contains(value: Value, figure: Any) -> bool:
    """Whether a figure is among those that a value may be; a value of which nothing is known may be any."""
    return value.range is None or holds(value.range, figure)


def figures_of(world: list[Known]) -> dict[str, Any]:
    mine = [member for member in world if member.belongs]
    known = sorted(member.price for member in mine if member.price is not None)
    half = len(known) // 2
    middle = (
        known[half]
        if len(known) % 2
        else Fraction(known[half - 1] + known[half]) / 2
        if known
        else DEFAULT
    )
    return {
        "total": sum(known, Decimal(0)),
        "count_of": len(mine),
        "kinds": len(set(known)),
        "days": len({member.day for member in mine}),
        "top": max(known, default=DEFAULT),
        "low": min(known, default=DEFAULT),
        "middle": middle,
        "dose_of": sum((member.dose for member in mine), Decimal(0)),
        "most": max((member.dose for member in mine), default=Decimal(0)),
    }


def in_milligrams(value: Value) -> Value:
    factor = MILLIGRAMS.get(value.unit or "mg", Decimal(1))  # "*": an empty sum is 0 of any unit
    assert value.range is not None
    return Value(Range(value.range.low * factor, value.range.high * factor))


@given(members)
def test_a_figure_holds_all_that_it_may_turn_out_to_be(found: list[Member]) -> None:
    shown = parts(found)
    for name in ("dose_of", "most"):
        shown[name] = in_milligrams(shown[name])
    for world in worlds(found):
        for name, figure in figures_of(world).items():
            assert contains(shown[name], figure), name


@given(members)
def test_where_all_is_known_so_is_the_figure(found: list[Member]) -> None:
    """S10.1: unknown always has a supplier."""
    if any(m.belongs is UNKNOWN or not m.price.is_known for m in found):
        return
    (world,) = worlds(found)
    shown = parts(found)
    for name in ("dose_of", "most"):
        shown[name] = in_milligrams(shown[name])
    for name, figure in figures_of(world).items():
        assert shown[name].range == Range.exactly(figure), name
    assert UNKNOWN not in (shown["every"], shown["some"])


@given(members)
def test_sums_and_counts_are_no_wider_than_they_must_be(found: list[Member]) -> None:
    """S8: [a, b] adds that; one that may not belong adds [min(0, a), max(0, b)]."""
    if any(member.price.is_nothing for member in found):
        return
    shown, results = parts(found), [figures_of(world) for world in worlds(found)]
    for name in ("total", "count_of", "top", "low", "days"):
        if name in {"top", "low"} and not any(
            m.belongs is TRUE and m.price != ABSENT for m in found
        ):
            continue  # whether there is one at all is another question, answered by the hull
        reached = {result[name] for result in results}
        assert shown[name].range == Range(min(reached), max(reached)), name


@given(members, members)
def test_outside_its_coverage_a_figure_is_half_open(
    found: list[Member], more: list[Member]
) -> None:
    """S7.2: counts and sums of charges run to infinity, max and min are half-open, first is unknown."""
    shown = parts(found, is_open=True)
    later = [member for member in more if member.belongs is not UNKNOWN and member.price.is_known]
    for name in ("dose_of", "most"):
        shown.pop(name)
    for world in worlds([*found, *later]):
        for name, figure in figures_of(world).items():
            assert name not in shown or contains(shown[name], figure), name
    assert shown["every"] is not TRUE
    assert shown["some"] is not FALSE
    for name in ("cheapest", "dearest"):
        assert isinstance(shown[name], Pointed)
        assert shown[name].others


@given(members)
def test_a_quantifier_is_decided_as_all_worlds_say(found: list[Member]) -> None:
    """S7: strong Kleene over the members."""
    shown = parts(found)
    known = [[m for m in world if m.price is not None and m.price <= 2] for world in worlds(found)]
    totals = [len(world) for world in worlds(found)]
    every = {len(small) == total for small, total in zip(known, totals, strict=True)}
    some = {any(m.belongs for m in small) for small in known}
    assert shown["every"] is (Truth.of(every.pop()) if len(every) == 1 else UNKNOWN)
    if not any(member.price.range is not None and not member.price.is_known for member in found):
        assert shown["some"] is (Truth.of(some.pop()) if len(some) == 1 else UNKNOWN)
    elif shown["some"] is not UNKNOWN:
        assert some == {shown["some"] is TRUE}


@given(members)
def test_the_first_and_the_last_are_among_the_candidates(found: list[Member]) -> None:
    """S1.2, S7.2: ties are settled by identity; a member without a key comes last."""
    if not found:
        return
    shown = parts(found)
    for world in worlds(found):
        mine = [member for member in world if member.belongs]
        for name, sign in (("cheapest", 1), ("dearest", -1)):
            first = min(
                mine or [world[0]],
                key=lambda m: (m.price is None, sign * (m.price or 0), m.key),
            )
            assert first.key in {entity.key for entity in shown[name].candidates}, name
            assert not shown[name].others
    if all(m.belongs is not UNKNOWN and m.price.is_known for m in found):
        assert all(len(shown[name].candidates) == 1 for name in ("cheapest", "dearest"))

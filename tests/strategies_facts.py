"""What a fact of a made-up bill may be: known, bounded, conflicting, unknown; and what it may turn out to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from engine.facts import ABSENT, Foreign, Value
from rulelang.values import Range
from tests.strategies_text import CLASSES, DIAGNOSES

UNKNOWN = Value()


@dataclass(frozen=True)
class Ordered:
    """Facts that are ordered: the points that examples are taken from."""

    points: tuple[Any, ...]
    unit: str | None = None
    may_lack: bool = False  # there may be no value at all


@dataclass(frozen=True)
class Unordered:
    """Facts that are one of several."""

    choices: tuple[Any, ...]
    may_lack: bool = False


Domain = Ordered | Unordered


def numbers(*texts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(text) for text in texts)


def _days(*texts: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(text) for text in texts)


TIMES = tuple(
    datetime.fromisoformat(text)
    for text in (
        "2026-03-05T09:30", "2026-03-01T23:30", "2026-03-04T00:00", "2026-03-05T09:59",
        "2026-03-05T10:30", "2026-03-06T00:00", "2026-03-06T08:00", "2026-03-08T12:00",
    )
)  # fmt: skip
AMOUNTS = numbers("10.00", "0", "4.99", "5", "5.01", "60", "120.00")
YES_NO = Unordered((True, False))
DOMAINS: Mapping[tuple[str, str], Domain] = {
    ("patient", "sex"): Unordered(("male", "female")),
    ("patient", "birth_date"): Ordered(_days("1950-01-31", "2008-03-06", "2014-03-05", "2012-02-29", "2025-09-06", "2026-03-01")),
    ("patient", "trial/albumin"): Ordered(numbers("25", "30", "35"), "g/L"),
    ("patient", "trial/acuity[left]"): Ordered(numbers("0.04", "0.05", "0.5", "0.6")),
    ("patient", "trial/acuity[right]"): Ordered(numbers("0.04", "0.05", "0.5")),
    ("encounter", "care_type"): Unordered(("inpatient_general", "outpatient_general", "outpatient_chronic", "inpatient_emergency")),
    ("encounter", "total"): Ordered(numbers("0", "60", "100", "200.50")),
    ("encounter", "first_pay_ratio"): Ordered(numbers("0.1", "0.15", "0.2", "0")),
    ("encounter", "referred"): YES_NO,
    ("encounter", "place"): Unordered(("local", "same_province", "other_province")),
    ("encounter", "observation_start"): Ordered(_days("2026-03-01", "2026-03-05", "2026-03-06")),
    ("encounter", "admitted"): Ordered(TIMES[:4]),
    ("encounter", "trial/proof_a"): YES_NO,
    ("encounter", "trial/proof_b"): YES_NO,
    ("encounter", "trial/proof_c"): YES_NO,
    ("encounter", "trial/proof_d"): YES_NO,
    ("encounter", "trial/score"): Ordered(numbers("0", "1", "15", "16")),
    ("encounter", "trial/onset"): Ordered(TIMES[:5]),
    ("institution", "level"): Unordered(("level3_a", "level2_b", "level1", "unrated")),
    ("institution", "kind"): Unordered(("eye_hospital", "general_hospital", "clinic")),
    ("diagnosis", "code"): Unordered((*DIAGNOSES, Foreign("Y12"))),
    ("diagnosis", "main"): YES_NO,
    ("diagnosis", "date"): Ordered(TIMES[:5]),
    ("line", "quantity"): Ordered(numbers("1", "0", "2.5", "3", "4")),
    ("line", "price"): Ordered(AMOUNTS),
    ("line", "amount"): Ordered(AMOUNTS),
    ("line", "claimed_amount"): Ordered(AMOUNTS),
    ("line", "claimed"): YES_NO,
    ("line", "class"): Unordered(("class_a", "class_b", "class_c")),
    ("line", "dose"): Ordered(numbers("100", "500", "1000"), "mg"),
    ("line", "days_supply"): Ordered(numbers("1", "3", "28")),
    ("line", "discharge_drug"): YES_NO,
    ("line", "price_cap"): Ordered(AMOUNTS, may_lack=True),
    ("line", "trial/mark"): YES_NO,
    ("line", "trial/side_of"): Unordered(("left", "right")),
    ("trial/courses", "class"): Unordered((*CLASSES, Foreign("Q1"))),
    ("trial/courses", "begun"): Ordered(_days("2026-02-01", "2026-03-05", "2026-03-06")),
    ("trial/courses", "outcome"): Unordered(("worked", "failed")),
    ("prescription", "external"): YES_NO,
}  # fmt: skip


def exact_values(domain: Domain) -> list[Value]:
    """What a fact of this domain may be."""
    if isinstance(domain, Ordered):
        found = [Value(range=Range.exactly(point), unit=domain.unit) for point in domain.points]
    else:
        found = [Value(choices=frozenset({choice})) for choice in domain.choices]
    return [*found, ABSENT] if domain.may_lack else found


def exact(domain: Domain) -> st.SearchStrategy[Value]:
    """A fact that is known."""
    return st.sampled_from(exact_values(domain))


@st.composite
def facts(draw: st.DrawFn, domain: Domain) -> Value:
    """A fact as it is known: mostly wholly, at times in part, at times not at all."""
    how = draw(st.integers(0, 9))
    if how <= 5:
        return draw(exact(domain))
    if how <= 7:
        return UNKNOWN
    if isinstance(domain, Unordered):
        some = st.sets(st.sampled_from(domain.choices), min_size=2, max_size=3)
        return Value(choices=frozenset(draw(some)))
    ends = sorted(draw(st.sets(st.sampled_from(domain.points), min_size=2, max_size=2)))
    found = draw(
        st.sampled_from(
            [Range(*ends), Range(*ends, high_open=True), Range(*ends, low_open=True),
             Range(ends[0], None), Range(None, ends[1])]
        )
    )  # fmt: skip
    return Value(range=found, unit=domain.unit)


def holds(known: Range, point: Any) -> bool:
    low = known.low is None or point > known.low or (point == known.low and not known.low_open)
    high = known.high is None or point < known.high or (point == known.high and not known.high_open)
    return low and high


def _inside(known: Range, domain: Ordered) -> list[Any]:
    """Points of the domain within a range, its ends and its middle."""
    ends = [end for end in (known.low, known.high) if end is not None]
    points = {point for point in (*domain.points, *ends) if holds(known, point)}
    if len(ends) == 2:
        points.add(known.low + (known.high - known.low) / 2)
    return sorted(points)


Choose = Callable[[Sequence[Any]], Any]  # picks one: by Hypothesis, or by a seeded Random


def settled(choose: Choose, value: Value, domain: Domain) -> Value:
    """One thing that a fact may turn out to be, within what is known of it."""
    if value.is_known:
        return value
    if value.choices is not None:
        return Value(choices=frozenset({choose(sorted(value.choices, key=str))}))
    if value.range is not None and isinstance(domain, Ordered):
        point = choose(_inside(value.range, domain))
        return Value(range=Range.exactly(point), unit=value.unit)
    found = choose(exact_values(domain))
    return (
        replace(found, unit=value.unit)
        if value.unit is not None and found.range is not None
        else found
    )

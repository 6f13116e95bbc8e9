"""S3, S6, S8: ranges against brute force over points, and calendars against their definitions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.facts import Value
from engine.interpreter.compare import completed, gap, span_days
from rulelang import calendar, values
from rulelang.calendar import add_months, completed_age, completed_months
from rulelang.values import FALSE, TRUE, UNKNOWN, Range, Truth
from tests.strategies_facts import holds

FAR = Fraction(1000)
NEAR = Fraction(1, 8)
wholes = st.integers(-4, 4).map(Decimal)


@st.composite
def ranges(draw: st.DrawFn, ends: st.SearchStrategy[Any] = wholes) -> Range:
    """Exact ones, and such with ends open, closed and none."""
    one, other = draw(ends), draw(ends)
    if one == other:
        return Range.exactly(one)
    low, high = min(one, other), max(one, other)
    open_low, open_high = draw(st.booleans()), draw(st.booleans())
    return Range(
        *draw(st.sampled_from([(low, high), (low, None), (None, high), (None, None)])),
        open_low,
        open_high,
    )


def points(known: Range, *others: Any) -> list[Fraction]:
    """Points of a range: its ends where they belong, points next to them, and points far out."""
    low = -FAR if known.low is None else Fraction(known.low)
    high = FAR if known.high is None else Fraction(known.high)
    tried = [low, low + NEAR, (low + high) / 2, high - NEAR, high, Fraction(0), NEAR, -NEAR]
    tried += [Fraction(point) for point in others if point is not None]
    return [point for point in dict.fromkeys(tried) if holds(known, point)]


BINARY: dict[str, tuple[Callable[[Range, Range], Range], Callable[[Any, Any], Any]]] = {
    "+": (values.add, lambda a, b: a + b),
    "*": (values.multiply, lambda a, b: a * b),
    "/": (values.divide, lambda a, b: a / b if b else None),
    "min": (values.smaller, min),
    "max": (values.larger, max),
}


@given(ranges(), ranges(), st.sampled_from(sorted(BINARY)))
def test_a_result_holds_every_result_of_points(left: Range, right: Range, op: str) -> None:
    """S8: the true value lies in the range."""
    over_ranges, over_points = BINARY[op]
    found = over_ranges(left, right)
    for a, b in product(points(left), points(right)):
        result = over_points(a, b)
        assert result is None or holds(found, result)


@given(ranges(), ranges(), st.sampled_from(["+", "min", "max"]))
def test_ends_are_reached(left: Range, right: Range, op: str) -> None:
    """No wider than it must be: an end that is closed is the result of some points."""
    over_ranges, over_points = BINARY[op]
    found = over_ranges(left, right)
    results = {over_points(a, b) for a, b in product(points(left), points(right))}
    for end, is_open in ((found.low, found.low_open), (found.high, found.high_open)):
        if end is not None:
            assert (end in results) is not is_open


@given(ranges(), ranges())
def test_a_product_is_no_wider_than_its_corners(left: Range, right: Range) -> None:
    found = values.multiply(left, right)
    if None not in (left.low, left.high, right.low, right.high):
        corners = [a * b for a, b in product((left.low, left.high), (right.low, right.high))]
        assert (found.low, found.high) == (min(corners), max(corners))


@given(ranges())
def test_turning_the_sign_turns_the_range(known: Range) -> None:
    assert values.negative(values.negative(known)) == known
    assert all(holds(values.negative(known), -point) for point in points(known))


@given(ranges(), ranges())
def test_a_join_holds_both_and_ends_where_one_ends(left: Range, right: Range) -> None:
    found = values.join(left, right)
    assert all(holds(found, point) for known in (left, right) for point in points(known))
    assert {found.low, found.high} <= {left.low, left.high, right.low, right.high}
    assert found == values.join(right, left)


@given(ranges(), ranges())
def test_a_comparison_is_decided_where_all_points_agree(left: Range, right: Range) -> None:
    """S6: true or false where all values agree, else unknown."""
    ends = (left.low, left.high, right.low, right.high)
    pairs = list(product(points(left, *ends), points(right, *ends)))
    assert values.less(left, right, or_equal=False) is shared([a < b for a, b in pairs])
    assert values.less(left, right, or_equal=True) is shared([a <= b for a, b in pairs])
    if not (left.is_exact or right.is_exact):
        return  # two ranges that meet are never surely equal
    assert values.equal(left, right) is shared([a == b for a, b in pairs])


def shared(found: list[bool]) -> Truth:
    if all(found):
        return TRUE
    return UNKNOWN if any(found) else FALSE


@given(st.decimals(-1000, 1000, places=4), st.integers(0, 3))
def test_rounding_takes_halves_away_from_zero(value: Decimal, places: int) -> None:
    found = values.round_half_up(value, places)
    assert abs(Fraction(found) - Fraction(value)) * 2 <= Fraction(1, 10**places)
    assert values.round_half_up(-value, places) == -found
    if abs(Fraction(found) - Fraction(value)) * 2 == Fraction(1, 10**places):
        assert abs(found) > abs(value)


# ---------------------------------------------------------------- calendars

days = st.one_of(
    st.dates(date(2023, 11, 25), date(2024, 3, 5)),
    st.sampled_from([date(2024, 2, 29), date(2023, 1, 31), date(2025, 2, 28), date(2024, 12, 31)]),
)


@given(days, st.integers(-40, 40))
def test_adding_months_clamps_to_the_end_of_the_month(day: date, months: int) -> None:
    """S4."""
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == day.day or (moved.day < day.day and (moved + timedelta(days=1)).day == 1)


@given(days, st.integers(0, 1500))
def test_completed_months_are_the_months_that_fit(birth: date, later: int) -> None:
    """S4: an age counts completed units; a month is completed on its day, or its month's last."""
    on = birth + timedelta(days=later)
    months = completed_months(birth, on)
    assert add_months(birth, months) <= on < add_months(birth, months + 1)
    assert completed_age(birth, on, "year_old") == months // 12
    assert completed_age(birth, on, "day_old") == later


@st.composite
def spans(draw: st.DrawFn, ends: st.SearchStrategy[Any] = days) -> Range:
    one, other = sorted((draw(ends), draw(ends)))
    return draw(
        st.sampled_from(
            [Range.exactly(one), Range(one, other), Range(one, None), Range(None, other)]
        )
    )


def days_in(known: Range) -> list[date]:
    low = known.low or known.high - timedelta(days=800)
    high = known.high or known.low + timedelta(days=800)
    middle = low + (high - low) / 2
    tried = [low, low + timedelta(days=1), middle, high - timedelta(days=1), high]
    return [day for day in dict.fromkeys(tried) if holds(known, day)]


@given(spans(), spans(), st.sampled_from(["year_old", "month_old", "day_old"]))
def test_an_age_known_by_bounds_holds_every_age(birth: Range, on: Range, unit: str) -> None:
    found = completed(Value(range=birth, fine=on), unit)
    assert found is not None
    for born, day in product(days_in(birth), days_in(on)):
        if born <= day:
            assert holds(found, completed_age(born, day, unit))


@given(spans(), spans())
def test_gaps_and_spans_hold_every_difference(left: Range, right: Range) -> None:
    """S4.1: a gap is a difference, a span counts both ends."""
    apart, both = (
        gap(Value(range=left), Value(range=right)),
        span_days(Value(range=left), Value(range=right)),
    )
    assert apart.range is not None
    assert both.range is not None
    differences = [abs((a - b).days) for a, b in product(days_in(left), days_in(right))]
    assert all(holds(apart.range, each) and holds(both.range, each + 1) for each in differences)
    if left.is_exact and right.is_exact:
        assert apart.range.is_exact
        assert both.range.is_exact


instants = st.datetimes(datetime(2024, 2, 28), datetime(2024, 3, 2)).map(  # noqa: DTZ001 - civil time
    lambda instant: instant.replace(minute=instant.minute // 30 * 30, second=0, microsecond=0)
)


@given(instants, st.dates(date(2024, 2, 27), date(2024, 3, 2)))
def test_a_date_is_its_24_hours(instant: datetime, day: date) -> None:
    """S2.1: a gap in hours is known as far as the hour is."""
    found = gap(Value(range=Range.exactly(instant)), Value(range=calendar.instants_of(day)))
    assert found.fine is not None
    start = calendar.start_of(day)
    for minutes in range(0, 24 * 60, 30):
        apart = abs(instant - (start + timedelta(minutes=minutes)))
        assert holds(found.fine, Decimal(int(apart.total_seconds())))
    assert found.range == Range.exactly(Decimal(abs((instant.date() - day).days)))


@given(spans(instants))
def test_days_of_instants_and_back(known: Range) -> None:
    dates = calendar.to_days(known)
    for point in (known.low, known.high):
        if point is not None:
            assert holds(dates, point.date())
            assert holds(calendar.to_instants(dates), point)

"""S4.1, S14, S14.1: windows, governing dates and rows in force, against their definitions day by day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from engine.effective import in_force, is_gapless, successors_of
from engine.facts import Entity, Fact, Value
from engine.governing import governing
from engine.interpreter import evaluate
from engine.interpreter.collect import within
from engine.interpreter.results import Bag, Context, Group, Item
from engine.tables import Tables
from rulelang import core
from rulelang.calendar import Window, add_months, instants_of, to_days
from rulelang.core import Row
from rulelang.values import TRUE, UNKNOWN, Range, Truth
from tests.judging import program_of
from tests.strategies_bills import ASKED, Plan, Thing
from tests.strategies_facts import holds
from tests.strategies_text import Trial

WINDOWS = (
    Window("past", 14, "days"), Window("past", 1, "days"), Window("next", 2, "days"), Window("past", 1, "months"),
    Window("next", 1, "months"), Window("past", 3600, "seconds"), Window("next", 3600, "seconds"),
    Window("length", 21600, "seconds"), Window("length", 2, "days"), Window("same_hour"), Window("same_day"),
    Window("so_far"), Window("this_month"), Window("this_year"),
)  # fmt: skip
MOMENTS = tuple(
    datetime.fromisoformat(text)
    for text in (
        "2026-03-01T00:00", "2026-03-01T00:30", "2026-03-01T01:00", "2026-03-01T00:59", "2026-03-14T23:59",
        "2026-02-28T23:30", "2026-02-15T12:00", "2026-03-14T00:00", "2026-03-15T00:00", "2026-04-01T00:00",
        "2025-12-31T23:59", "2026-01-31T10:00", "2026-03-02T10:00",
    )
)  # fmt: skip


def lies_within(mine: datetime, anchor: datetime, window: Window) -> bool:
    """The definition, of two instants (S4.1)."""
    day, at = mine.date(), anchor.date()
    if window.unit == "seconds":
        length = timedelta(seconds=window.amount)
        early, late = anchor - length, anchor + length
        return _between(mine, anchor, early, late, window.word)
    if window.unit == "days":
        length = timedelta(days=window.amount - 1)
        return _between(day, at, at - length, at + length, window.word)
    if window.unit == "months":
        one = timedelta(days=1)
        early, late = add_months(at, -window.amount) + one, add_months(at, window.amount) - one
        return _between(day, at, early, late, window.word)
    return {
        "same_hour": (day, mine.hour) == (at, anchor.hour),
        "same_day": day == at,
        "so_far": day <= at,
        "this_month": (day.year, day.month) == (at.year, at.month),
        "this_year": day.year == at.year,
    }[window.word]


def _between(mine: date, at: date, early: date, late: date, word: str) -> bool:
    if word == "past":
        return early <= mine <= at
    return at <= mine <= late if word == "next" else early <= mine <= late


@st.composite
def times(draw: st.DrawFn) -> Range:
    """An instant, a day without its hour, or some stretch."""
    one, other = sorted((draw(st.sampled_from(MOMENTS)), draw(st.sampled_from(MOMENTS))))
    return draw(st.sampled_from([Range.exactly(one), instants_of(one.date()), Range(one, other)]))


def line(known: Range) -> Entity:
    made = Entity("line", "L", "/L")
    made.facts["time"] = Fact(Value(range=known))
    made.facts["date"] = Fact(Value(range=to_days(known)))
    return made


def instants_in(known: Range) -> list[datetime]:
    ends = [
        known.low,
        known.low + timedelta(minutes=30),
        known.high,
        known.high - timedelta(minutes=1),
    ]
    around = [end + timedelta(hours=hours) for end in ends for hours in (-1, 1)]
    return [moment for moment in {*MOMENTS, *ends, *around} if holds(known, moment)]


@cache
def _program() -> core.Program:
    return program_of(Trial(()))


def context(on: Range | None = None) -> Context:
    program = _program()
    people = Thing("patient", "P", {}), Thing("encounter", "now", {}), Thing("institution", "I", {})
    bill = Plan(*people, lines=()).bill()
    return Context(program, Tables(program, None), bill, on or Range(None, None), evaluate)


@given(times(), times(), st.sampled_from(WINDOWS))
def test_a_window_is_what_it_is_defined_to_be(mine: Range, anchor: Range, window: Window) -> None:
    """S4.1: "past 14 days" is the date and the 13 before; an hour is 60 minutes, or one of the clock."""
    truth, _ = within(line(mine), line(anchor), window, context())
    found = {lies_within(*pair, window) for pair in product(instants_in(mine), instants_in(anchor))}
    if truth is not UNKNOWN:
        assert found == {truth is TRUE}
    elif mine.is_exact or anchor.is_exact:
        assert len(found) == 2 or not (mine.is_exact and anchor.is_exact)
    if mine.is_exact and anchor.is_exact:
        assert truth is Truth.of(found.pop())


@given(times(), times())
def test_what_is_together_is_so_from_either_side(mine: Range, anchor: Range) -> None:
    for window in WINDOWS:
        if window.word in {"same_day", "same_hour", "this_month", "this_year"} or (
            window.word == "length" and window.unit != "months"
        ):
            there, _ = within(line(mine), line(anchor), window, context())
            back, _ = within(line(anchor), line(mine), window, context())
            assert there is back


# ---------------------------------------------------------------- rows in force

DAYS = [date(2026, 3, day) for day in range(1, 9)]
dates = st.one_of(st.none(), st.sampled_from(DAYS))


@st.composite
def rows(draw: st.DrawFn) -> tuple[Row, ...]:
    points = ["", "p1", "p2", "p3"]
    found = []
    for number in range(draw(st.integers(1, 4))):
        own, gone = draw(st.sampled_from(points)), draw(st.sampled_from(points))
        found.append(
            Row(
                (),
                number,
                draw(dates),
                draw(dates),
                point=own,
                supersedes="" if gone == own else gone,
            )
        )
    return tuple(found)


def covers(row: Row, day: date) -> bool:
    return (row.starts is None or row.starts <= day) and (row.ends is None or day < row.ends)


def counts(row: Row, found: tuple[Row, ...], day: date) -> bool:
    """S14.1: the rows that cover the day and are not superseded by one that covers it."""
    newer = (
        other for other in found if row.point and other.supersedes == row.point and other is not row
    )
    return covers(row, day) and not any(covers(other, day) for other in newer)


@given(rows(), dates, dates)
def test_rows_are_in_force_as_on_every_day(
    found: tuple[Row, ...], one: date | None, other: date | None
) -> None:
    low, high = (min(one, other), max(one, other)) if one and other else (one, None)
    days = [day for day in [date(2025, 1, 1), *DAYS, date(2027, 1, 1)]
            if (low is None or low <= day) and (high is None or day <= high)]  # fmt: skip
    newer = successors_of(found)
    certain, possible = in_force(found, Range(low, high), newer)
    for row in found:
        each = {counts(row, found, day) for day in days}
        assert (row in certain) is (each == {True})
        assert (row in possible) is (each == {True, False})
    covered = all(any(counts(row, found, day) for row in possible) for day in days)
    assert is_gapless(possible, Range(low, high), newer) is covered


# ---------------------------------------------------------------- governing dates


@st.composite
def day_ranges(draw: st.DrawFn) -> Range | None:
    one, other = sorted((draw(st.sampled_from(DAYS)), draw(st.sampled_from(DAYS))))
    return draw(st.sampled_from([Range.exactly(one), Range(one, other), Range(one, None), None]))


members = st.lists(
    st.tuples(day_ranges(), st.sampled_from([TRUE, UNKNOWN])), min_size=1, max_size=3
)


@given(members)
def test_a_group_is_dated_by_its_latest_line(found: list[tuple[Range | None, Truth]]) -> None:
    """S14: and where one may not belong, or its date is not known, by all that this may be."""
    items = []
    for known, truth in found:
        made = Entity("line", "L", "/L")
        if known is not None:
            made.facts["date"] = Fact(Value(range=known))
        items.append(Item(made, truth, None))  # type: ignore[arg-type]
    if all(truth is UNKNOWN for _, truth in found):
        return
    on, _ = governing(Group(Entity("group", "G", "/G"), Bag(tuple(items))), context())
    options = [
        [
            *([None] if truth is UNKNOWN else []),
            *(day for day in DAYS if known is None or holds(known, day)),
        ]
        for known, truth in found
    ]
    for world in product(*options):
        there = [day for day in world if day is not None]
        assert not there or holds(on, max(there))
    if all(known is not None and known.is_exact and truth is TRUE for known, truth in found):
        assert on.is_exact


@given(st.one_of(st.none(), st.sampled_from([-50, -3, 0, 2])), st.booleans())
def test_a_stay_is_dated_by_discharge_or_by_the_time_of_asking(
    offset: int | None, known: bool
) -> None:
    """S14: one who is not known to have left may have, before he was asked about."""
    stay = Entity("encounter", "E", "/E")
    today = ASKED.date()
    if offset is not None:
        at = ASKED + timedelta(days=offset)
        stay.facts["discharged"] = Fact(
            Value(range=Range.exactly(at) if known else Range(at, None))
        )
    ctx = context()
    on, _ = governing(stay, ctx)
    if offset is None:
        assert on == Range(None, None)
    elif known:
        assert on == Range.exactly(today + timedelta(days=offset))
    else:
        assert holds(on, today)
        left = [today + timedelta(days=n) for n in range(offset, 1)]
        assert all(holds(on, day) for day in left)
        assert on.is_exact is (offset >= 0)

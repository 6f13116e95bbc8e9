"""S2.4, S12.1: which supplied value of evidence counts, against its definition day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.facts import Entity, EvidenceItem, Fact, Value, exactly
from engine.interpreter import evaluate
from engine.interpreter.results import Context, Pointed
from engine.tables import Tables
from rulelang import core, types
from rulelang.calendar import Window
from rulelang.core import EvidenceDef
from rulelang.diagnostics import Words
from rulelang.values import UNKNOWN, Range, Truth
from tests import bills

FIRST = date(2026, 3, 1)
DAYS = 12
PAST, NEXT = Window("past", 3, "days"), Window("next", 3, "days")
LIMIT = Decimal(30)
KEY = "t/e"


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def declared(validity: Window | None) -> EvidenceDef:
    return EvidenceDef(
        KEY, Words("检验值", "e"), (), types.NUMBER, (), "patient", ("laboratory",),
        direction="" if validity is None else validity.word, validity=validity,
    )  # fmt: skip


PATIENT = core.Local(type=types.entity("patient"), name="patient")
WANTED = core.EvidenceOf(type=types.NUMBER, base=PATIENT, evidence=KEY)
BELOW = core.Cmp(
    type=types.YES_NO, op="<", left=WANTED, right=core.Lit(type=types.NUMBER, value=LIMIT)
)


def context_of(items: Sequence[EvidenceItem], on: Range, validity: Window | None) -> Context:
    program = bills.program(evidence={KEY: declared(validity)})
    line = bills.entity("line", date=Value(range=on))
    bill = bills.bill([line])
    bill.patient.evidence[KEY] = tuple(items)
    found = Context(
        program=program, tables=Tables(program, None), bill=bill, on=on, evaluate=evaluate
    )
    found.locals["patient"] = Pointed((bill.patient,))
    found.anchor = line
    return found


def value_of(items: Sequence[EvidenceItem], on: Range, validity: Window | None) -> Value:
    found, _ = evaluate(WANTED, context_of(items, on, validity))
    assert isinstance(found, Value)
    return found


def truth_of(items: Sequence[EvidenceItem], on: Range, validity: Window | None) -> Truth:
    found, _ = evaluate(BELOW, context_of(items, on, validity))
    assert isinstance(found, Truth)
    return found


def is_valid(at: int, subject: int, validity: Window | None) -> bool:
    """The definition, of two days (S4.1)."""
    if validity is None:
        return True
    length = validity.amount - 1
    if validity.word == "past":
        return subject - length <= at <= subject
    return subject <= at <= subject + length


def defined(items: Sequence[tuple[int, int]], subject: int, validity: Window | None) -> set[int]:
    """The values of the latest valid day; none where no item is valid."""
    valid = [(at, value) for at, value in items if is_valid(at, subject, validity)]
    latest = max((at for at, _ in valid), default=None)
    return {value for at, value in valid if at == latest}


spans = st.tuples(st.integers(0, DAYS - 1), st.integers(0, 2)).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)
figures = st.tuples(st.integers(28, 31), st.integers(0, 1)).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)
drawn = st.lists(st.tuples(spans, figures), max_size=3)
windows = st.sampled_from((PAST, NEXT, None))


def item_of(span: tuple[int, int], figure: tuple[int, int]) -> EvidenceItem:
    low, high = (Decimal(end) for end in figure)
    return EvidenceItem(
        Value(range=Range(low, high)), Range(day(span[0]), day(span[1])), "laboratory", "/e"
    )


def days_of(span: tuple[int, int]) -> range:
    return range(span[0], span[1] + 1)


@given(drawn, spans, windows)
def test_every_completion_lies_within_what_is_said(
    items: list[tuple[tuple[int, int], tuple[int, int]]],
    subject: tuple[int, int],
    validity: Window | None,
) -> None:
    said = value_of(
        [item_of(*item) for item in items], Range(day(subject[0]), day(subject[1])), validity
    )
    sides = [list(product(days_of(span), days_of(figure))) for span, figure in items]
    for on in days_of(subject):
        for complete in product(*sides):
            wanted = defined(complete, on, validity)
            if not wanted:
                assert said.range is None
            for each in wanted:
                known = said.range
                assert known is None or known.low <= each <= known.high


@given(st.lists(st.tuples(st.integers(0, DAYS), st.integers(28, 31)), max_size=4), st.integers(0, DAYS), windows)  # fmt: skip
def test_with_everything_known_the_definition_is_met(
    items: list[tuple[int, int]], subject: int, validity: Window | None
) -> None:
    given_items = [item_of((at, at), (value, value)) for at, value in items]
    said = value_of(given_items, Range.exactly(day(subject)), validity)
    wanted = defined(items, subject, validity)
    if not wanted:
        assert said.is_nothing
    else:
        assert said.range == Range(Decimal(min(wanted)), Decimal(max(wanted)))
    assert value_of(given_items[::-1], Range.exactly(day(subject)), validity) == said


@given(drawn, spans, windows, st.data())
def test_what_becomes_known_never_flips(
    items: list[tuple[tuple[int, int], tuple[int, int]]],
    subject: tuple[int, int],
    validity: Window | None,
    data: st.DataObject,
) -> None:
    """Times of items and of the subject, and values, become known (S12.1)."""
    undated = data.draw(st.sets(st.integers(0, 2)))
    before = [
        replace(item_of(*item), at=None) if number in undated else item_of(*item)
        for number, item in enumerate(items)
    ]
    after = []
    for span, figure in items:
        at, value = (
            data.draw(st.sampled_from(days_of(span))),
            data.draw(st.sampled_from(days_of(figure))),
        )
        after.append(item_of((at, at), (value, value)))
    on = data.draw(st.sampled_from(days_of(subject)))
    known = truth_of(before, Range(day(subject[0]), day(subject[1])), validity)
    if known is not UNKNOWN:
        assert truth_of(after, Range.exactly(day(on)), validity) is known


@given(drawn, st.integers(0, DAYS), st.sampled_from((PAST, NEXT)), st.integers(0, DAYS), figures)
def test_what_lies_outside_changes_nothing(
    items: list[tuple[tuple[int, int], tuple[int, int]]],
    subject: int,
    validity: Window,
    at: int,
    figure: tuple[int, int],
) -> None:
    on = Range.exactly(day(subject))
    before = [item_of(*item) for item in items]
    more = [*before, item_of((at, at), figure)]
    certain = [
        span
        for span, _ in items
        if all(is_valid(each, subject, validity) for each in days_of(span))
    ]
    is_older = any(at < span[0] for span in certain)
    if not is_valid(at, subject, validity) or is_older:
        assert value_of(more, on, validity) == value_of(before, on, validity)


@given(drawn, st.integers(0, DAYS), windows, figures)
def test_a_first_value_never_flips(
    items: list[tuple[tuple[int, int], tuple[int, int]]],
    subject: int,
    validity: Window | None,
    figure: tuple[int, int],
) -> None:
    """Evidence that is supplied where none counts decides, and changes no decision."""
    on = Range.exactly(day(subject))
    before = [item_of(*item) for item in items]
    known = truth_of(before, on, validity)
    if not any(is_valid(each, subject, validity) for span, _ in items for each in days_of(span)):
        assert known is UNKNOWN
        more = [*before, item_of((subject, subject), figure)]
        low, high = figure
        wanted = UNKNOWN if low < LIMIT <= high else Truth.of(high < LIMIT)
        assert truth_of(more, on, validity) is wanted


@pytest.mark.parametrize("provider", ["physician", "platform"])
def test_a_value_from_who_may_not_provide_it_changes_nothing(provider: str) -> None:
    on = Range.exactly(day(5))
    valid = item_of((4, 4), (29, 29))
    wrong = replace(item_of((5, 5), (35, 35)), provider=provider)
    assert value_of([valid, wrong], on, PAST) == exactly(Decimal(29))
    assert value_of([wrong], on, PAST).is_nothing


def test_a_fact_that_is_stated_itself_is_a_candidate_beside_what_is_supplied() -> None:
    found = context_of([item_of((5, 5), (35, 35))], Range.exactly(day(5)), PAST)
    owner = found.locals["patient"].exact
    assert isinstance(owner, Entity)
    owner.facts[KEY] = Fact(exactly(Decimal(29)), "/stated")
    value, step = evaluate(WANTED, found)
    assert value == Value(range=Range(Decimal(29), Decimal(35)))
    assert "/stated" in step.leaf.fact.why.zh

"""Laws of refunds (S9): nothing is lost, nothing below zero, and the order says nothing."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.facts import Bill, Entity
from engine.intake.nhsa import read_bills
from engine.refunds import is_refund
from rulelang.values import Range
from tests.requests import ITEM, Tree, encounter, line, patient, request

FIGURES = ("quantity", "amount")


@st.composite
def sent_lines(draw: st.DrawFn, *, all_linked: bool) -> list[Tree]:
    """Charges of two products and prices on a few days, and refunds of them."""
    charges = [
        _line(draw, f"C{number}", draw(st.integers(1, 9)))
        for number in range(draw(st.integers(1, 4)))
    ]
    refunds = []
    for number in range(draw(st.integers(0, 4))):
        one = _line(draw, f"R{number}", -draw(st.integers(1, 6)))
        if all_linked or draw(st.booleans()):
            one["init_feedetl_sn"] = draw(st.sampled_from(charges))["rx_id"]
        refunds.append(one)
    return [*charges, *refunds]


def _line(draw: st.DrawFn, key: str, count: int) -> Tree:
    price = draw(st.sampled_from([1, 2]))
    product: dict[str, Any] = draw(
        st.sampled_from([{}, {"hilist_code": ITEM, "hilist_type": "201", "spec_unt": "次"}])
    )
    day = draw(st.integers(5, 7))
    return line(
        1, rx_id=key, cnt=count, pric=price, sumamt=count * price,
        drord_begn_date=f"2026-03-{day:02d} 10:00:00", **product,
    )  # fmt: skip


def read(lines: list[Tree]) -> Bill:
    (bill,) = read_bills(request(patient(encounter(fsi_order_dtos=lines))))
    return bill


def low(known: Range | None) -> Decimal:
    assert known is not None
    assert isinstance(known.low, Decimal)
    return known.low


def high(known: Range | None) -> Decimal:
    assert known is not None
    assert isinstance(known.high, Decimal)
    return known.high


def outcome(bill: Bill) -> Tree:
    assert bill.netted is not None
    return {
        "left": {one.key: [one.value(name).range for name in FIGURES] for one in bill.lines},
        "gone": {one.key for one in bill.netted},
    }


@given(sent_lines(all_linked=True))
def test_linked_totals_are_the_sums_of_the_signed_lines(lines: list[Tree]) -> None:
    """Where every link can be followed; else the sum lies within what is known."""
    bill = read(lines)
    for name, field in zip(FIGURES, ("cnt", "sumamt"), strict=True):
        signed = sum(Decimal(one[field]) for one in lines)
        members = bill.encounter.collections["lines"].members
        known = [one.value(name).range for one in members]
        assert sum(map(low, known)) <= signed <= sum(map(high, known))
        if not any(map(is_refund, members)):
            assert sum(map(low, known)) == signed == sum(map(high, known))


@given(sent_lines(all_linked=False))
def test_any_sum_lies_within_what_is_known(lines: list[Tree]) -> None:
    bill = read(lines)
    for name, field in zip(FIGURES, ("cnt", "sumamt"), strict=True):
        signed = sum(Decimal(one[field]) for one in lines)
        known = [one.value(name).range for one in bill.encounter.collections["lines"].members]
        assert sum(map(low, known)) <= signed <= sum(map(high, known))


@given(sent_lines(all_linked=False), st.data())
def test_the_order_of_the_lines_says_nothing(lines: list[Tree], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(lines))
    assert outcome(read(shuffled)) == outcome(read(lines))


@given(sent_lines(all_linked=False))
def test_no_charge_falls_below_zero_and_none_grows(lines: list[Tree]) -> None:
    sent = {one["rx_id"]: one for one in lines}
    for one in read(lines).lines:
        if is_refund(one):
            continue
        for name, field in zip(FIGURES, ("cnt", "sumamt"), strict=True):
            known = one.value(name).range
            assert 0 <= low(known) <= high(known) <= sent[one.key][field]


@given(sent_lines(all_linked=False))
def test_what_is_gone_is_no_subject_and_no_member(lines: list[Tree]) -> None:
    bill = read(lines)
    gone = set(bill.netted or ())
    assert {one.key for one in gone} | {one.key for one in bill.lines} == {
        one["rx_id"] for one in lines
    }
    owners: list[Entity] = [bill.patient, bill.encounter, *bill.prescriptions]
    for owner in owners:
        assert not gone & set(owner.collections["lines"].members)
    assert all(one.collections["lines"].members for one in bill.prescriptions)
    for one in gone:
        assert is_refund(one) or one.value("quantity").range == Range.exactly(Decimal(0))

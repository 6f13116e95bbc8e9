"""Refunds against their charges (S9): by link, by the only candidate, or left with what they widen."""

from decimal import Decimal
from typing import Any

import pytest

from engine.facts import Bill, Entity, Fact, Value
from engine.intake.nhsa import read_bills
from engine.refunds import is_refund, net
from rulelang.values import Range
from tests.requests import DRUG, HERB, Tree, encounter, line, patient, request


def charge(number: int, count: object = 10, **changes: Any) -> Tree:
    """A charge of 1 yuan a piece, on its own day."""
    return line(number, **({"cnt": count, "pric": 1, "sumamt": count} | changes))


def back(number: int, count: object, of: str = "", **changes: Any) -> Tree:
    """What gives some of it back; `of` names the line."""
    link = {"init_feedetl_sn": of} if of else {}
    return line(number, **({"cnt": count, "pric": 1, "sumamt": count} | link | changes))


def bill_of(*lines: Tree, **changes: Any) -> Bill:
    (bill,) = read_bills(request(patient(encounter(fsi_order_dtos=list(lines), **changes))))
    return bill


def left(bill: Bill) -> dict[str, Range | None]:
    return {one.key: one.value("quantity").range for one in bill.lines}


def gone(bill: Bill) -> list[str]:
    assert bill.netted is not None
    return [one.key for one in bill.netted]


def exact(number: object) -> Range:
    return Range.exactly(Decimal(str(number)))


def between(low: object, high: object) -> Range:
    return Range(Decimal(str(low)), Decimal(str(high)))


def words(bill: Bill) -> list[str]:
    return [note.words.en for note in bill.notes if note.field == "refund"]


# By link


def test_a_link_takes_off_its_line_without_a_word() -> None:
    bill = bill_of(charge(1), charge(2), back(3, -4, of="L2"))
    assert left(bill) == {"L1": exact(10), "L2": exact(6)}
    assert bill.lines[1].value("amount").range == exact(6)
    assert bill.lines[1].value("claimed_amount").range == exact(6)
    assert gone(bill) == ["L3"]
    assert words(bill) == []
    assert bill.lines[1].fact("quantity").premises[-1].endswith("/fsi_order_dtos/2")


def test_a_line_given_back_whole_is_no_subject_and_no_member_but_visible() -> None:
    bill = bill_of(charge(1), charge(2, rxno="RX2"), back(3, -10, of="L2", rxno="RX2"))
    assert [one.key for one in bill.lines] == ["L1"]
    assert gone(bill) == ["L3", "L2"]
    for owner in (bill.patient, bill.encounter):
        assert [one.key for one in owner.collections["lines"].members] == ["L1"]
    assert [one.key for one in bill.prescriptions] == ["RX1"]


def test_several_refunds_of_one_line() -> None:
    bill = bill_of(charge(1), back(2, -4, of="L1"), back(3, -6, of="L1"))
    assert left(bill) == {}
    assert gone(bill) == ["L2", "L3", "L1"]


def test_more_than_the_line_holds_is_taken_by_none() -> None:
    bill = bill_of(charge(1), back(2, -4, of="L1"), back(3, -7, of="L1"))
    assert left(bill) == {"L1": between(0, 10), "L2": between(-4, 0), "L3": between(-7, 0)}
    assert gone(bill) == []
    assert all("more is given back" in each for each in words(bill))


def test_a_link_to_a_line_that_is_not_here_takes_nothing_from_another() -> None:
    bill = bill_of(charge(1), back(2, -4, of="L9"))
    assert left(bill) == {"L1": exact(10), "L2": exact(-4)}
    assert words(bill) == ["the line that the refund names is not here; it stays a line of its own"]


def test_a_link_to_a_number_that_two_lines_have() -> None:
    bill = bill_of(charge(1), charge(2, rx_id="L1"), back(3, -4, of="L1"))
    assert [one.value("quantity").range for one in bill.lines] == [between(6, 10), between(6, 10), between(-4, 0)]  # fmt: skip
    assert "2 lines have the number" in words(bill)[0]


def test_a_link_whose_unit_differs_is_not_subtracted() -> None:
    bill = bill_of(charge(1), back(2, -4, of="L1", spec_unt="片"))
    assert left(bill)["L1"] == between(0, 10)
    bare = bill_of(charge(1), back(2, -4, of="L1", spec_unt=""))
    assert left(bare) == {"L1": exact(6)}


def test_a_line_of_which_money_is_left_stays() -> None:
    bill = bill_of(charge(1, sumamt=12), back(2, -10, of="L1"))
    assert left(bill) == {"L1": exact(0)}
    assert bill.lines[0].value("amount").range == exact(2)


def test_money_that_is_not_known_of_the_refund_is_left_as_a_range() -> None:
    bill = bill_of(charge(1), back(2, -4, of="L1", sumamt=None))
    amount = bill.lines[0].value("amount").range
    assert amount is not None
    assert amount.low == 0
    assert amount.high == 10


def test_a_link_never_leaves_its_encounter() -> None:
    past = encounter(
        mdtrt_id="M0", fsi_order_dtos=[charge(1, curr_drord_flag="0")], dscg_date="2026-03-01"
    )
    now = encounter(fsi_order_dtos=[charge(2), back(3, -4, of="L1")])
    (bill,) = read_bills(request(patient(past, now)))
    members = {one.key: one for one in bill.patient.collections["lines"].members}
    assert members["L1"].value("quantity").range == exact(10)
    assert members["L3"].value("quantity").range == exact(-4)


# By the only candidate


def test_the_only_candidate_is_taken_with_a_note() -> None:
    bill = bill_of(charge(1), charge(2, pric=2, sumamt=20), back(3, -4))
    assert left(bill) == {"L1": exact(6), "L2": exact(10)}
    assert "only line 1 has its product and price" in words(bill)[0]


@pytest.mark.parametrize(
    ("other", "is_candidate"),
    [
        ({}, True),
        ({"hilist_code": HERB, "hilist_type": "102"}, False),
        ({"pric": 2}, False),
        ({"pric": None}, False),
        ({"spec_unt": "支"}, False),
        ({"cnt": 3, "sumamt": 3}, False),
        ({"cnt": None}, False),
        ({"sumamt": 3}, False),
        ({"drord_begn_date": "2026-03-08"}, False),
        ({"drord_begn_date": "2026-03-07 10:00:00"}, False),
        ({"drord_begn_date": "2026-03-07 09:00:00"}, True),
        ({"drord_begn_date": "2026-03-07"}, True),
    ],
)  # fmt: skip
def test_what_is_no_candidate(other: Tree, is_candidate: bool) -> None:
    bill = bill_of(charge(1), charge(2, **other), back(3, -4))
    assert (left(bill)["L1"] == exact(6)) is not is_candidate
    assert gone(bill) == ([] if is_candidate else ["L3"])


def test_several_candidates_are_widened_and_the_refund_stays() -> None:
    bill = bill_of(charge(1), charge(2, 5), back(3, -4))
    assert left(bill) == {"L1": between(6, 10), "L2": between(1, 5), "L3": between(-4, 0)}
    assert words(bill) == [
        "the refund names no line and 2 lines may be meant; it stays a line of its own"
    ]
    assert is_refund(bill.lines[2])


def test_each_refund_that_stays_widens_further() -> None:
    bill = bill_of(charge(1), charge(2), back(3, -4), back(4, -3))
    assert left(bill)["L1"] == between(3, 10)
    assert left(bill)["L2"] == between(3, 10)


def test_a_link_decides_before_a_guess() -> None:
    """L4 names L2 whole, so that only L1 is left for L3, whichever of them comes first."""
    both = [back(3, -4), back(4, -10, of="L2")]
    for refunds in (both, both[::-1]):
        bill = bill_of(charge(1), charge(2), *refunds)
        assert left(bill) == {"L1": exact(6)}


def test_what_one_refund_takes_decides_another() -> None:
    """-9 fits L1 only; then -4 fits L2 only."""
    bill = bill_of(charge(1), charge(2, 5), back(3, -4), back(4, -9))
    assert left(bill) == {"L1": exact(1), "L2": exact(1)}


def test_a_refund_of_which_only_money_is_known() -> None:
    bill = bill_of(charge(1), back(2, None, sumamt=-4))
    assert left(bill)["L1"] == between(0, 10)
    amount = bill.lines[0].value("amount").range
    assert amount == between(6, 10)
    assert gone(bill) == []


def test_money_back_for_a_positive_quantity_is_nobodys() -> None:
    bill = bill_of(charge(1), back(2, 1, sumamt=-5))
    assert left(bill) == {"L1": exact(10), "L2": exact(1)}
    assert gone(bill) == []
    assert len(words(bill)) == 1


def test_a_refund_without_any_charge_stays_as_it_is() -> None:
    bill = bill_of(back(1, -4))
    assert left(bill) == {"L1": exact(-4)}
    assert bill.lines[0].value("amount").range == exact(-4)


def test_netting_twice_changes_nothing() -> None:
    bill = bill_of(charge(1), back(2, -4))
    assert net(bill) is bill


def test_a_code_that_is_not_known_is_no_product() -> None:
    bill = bill_of(charge(1, hilist_code=""), back(2, -4, hilist_code=""))
    assert left(bill) == {"L1": exact(10), "L2": exact(-4)}
    assert DRUG not in str(words(bill))


@pytest.mark.parametrize(
    ("quantity", "amount", "answer"),
    [(exact(-1), None, True), (None, exact(-1), True), (exact(0), exact(0), False),
     (between(-1, 0), None, True), (between(-1, 1), None, False), (exact(1), None, False),
     (Range(None, Decimal(0), high_open=True), None, True)],
)  # fmt: skip
def test_what_is_a_refund(quantity: Range | None, amount: Range | None, answer: object) -> None:
    made = Entity("line", "1", "")
    for name, known in (("quantity", quantity), ("amount", amount)):
        made.facts[name] = Fact(Value(range=known))
    assert is_refund(made) is answer

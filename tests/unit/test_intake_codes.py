"""Requests of the national interface to bills: diagnoses, operations, and what a line bills."""

import datetime as dt
from decimal import Decimal

import pytest

from engine.facts import ABSENT, Foreign, exactly, one
from rulelang import vocabulary
from rulelang.values import TRUE, Range
from tests.reading import (
    ABOVE_ZERO,
    bill_of,
    closed,
    noted,
    only_line,
    with_encounter,
    with_lines,
)
from tests.requests import (
    CONSUMABLE,
    DRUG,
    HERB,
    ITEM,
    Tree,
    diagnosis,
    item,
    line,
    request,
)

# Diagnoses, operations


def test_a_main_diagnosis_stands_in_for_an_empty_list() -> None:
    stay = bill_of(with_encounter(fsi_diagnose_dtos=[])).encounter
    (found,) = stay.collections["diagnoses"].members
    assert found.value("code") == one(choice="K74.600")
    assert found.value("main") == one(choice=True)
    assert not closed(stay, "diagnoses")


@pytest.mark.parametrize(("flags", "notes"), [(("1", "0"), 0), (("1", "1"), 1), (("0", "0"), 1)])
def test_two_main_diagnoses_or_none_are_noted(flags: tuple[str, str], notes: int) -> None:
    listed = [
        diagnosis("K74.600", "x", maindise_flag=flags[0]),
        diagnosis("R18.x00", "y", maindise_flag=flags[1]),
    ]
    assert len(noted(bill_of(with_encounter(fsi_diagnose_dtos=listed)), "maindise_flag")) == notes


def test_a_code_in_the_flag_is_no_flag() -> None:
    listed = [diagnosis("K74.600", "x", maindise_flag="K74.600")]
    bill = bill_of(with_encounter(fsi_diagnose_dtos=listed))
    (found,) = bill.encounter.collections["diagnoses"].members
    assert found.value("main").is_nothing
    assert len(noted(bill, "maindise_flag")) == 2


def test_a_hospitals_own_code_is_foreign() -> None:
    bill = bill_of(
        with_encounter(fsi_diagnose_dtos=[diagnosis("XYZD0012", "自编", maindise_flag="1")])
    )
    (found,) = bill.encounter.collections["diagnoses"].members
    assert found.value("code") == one(choice=Foreign("XYZD0012"))
    assert noted(bill, "dise_codg")


def test_operations_have_a_date_only() -> None:
    (found,) = bill_of(request()).encounter.collections["operations"].members
    assert found.value("date") == exactly(dt.date(2026, 3, 6))
    assert found.value("code") == one(choice="36.0600x004")


# Lines: what is billed (VOCABULARY: code by list_type)

KINDS = {
    "drug": ("101", DRUG),
    "item": ("201", ITEM),
    "consumable": ("301", CONSUMABLE),
    "herb": ("102", HERB),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("told", [True, False])
def test_exactly_one_of_four_codes_has_a_value(kind: str, told: object) -> None:
    list_type, code = KINDS[kind]
    sent = line(1, hilist_code=code, hilist_type=list_type if told else "")
    found = only_line(sent)
    assert found.value(kind) == one(choice=code)
    assert all(found.value(other) == ABSENT for other in KINDS if other != kind)
    assert (found.value("drug_class").absent is TRUE) == (kind != "drug")
    top = {"drug": "drugs", "item": "items", "consumable": "consumables", "herb": "herbs"}[kind]
    enum = vocabulary.load().enums["list_type"]
    assert all(enum.is_under(str(word), top) for word in found.value("list_type").choices or {""})


def test_a_kind_without_a_code_and_a_code_without_a_kind() -> None:
    coded = only_line(line(1, hilist_code="默认"))
    assert coded.value("drug").is_nothing
    assert coded.value("item") == ABSENT
    bare = only_line(line(1, hilist_type="", hilist_code="Y12"))
    assert all(bare.value(kind).is_nothing for kind in KINDS)
    own = only_line(line(1, hilist_code="Y12"))
    assert own.value("drug") == one(choice=Foreign("Y12"))


def test_a_kind_that_contradicts_the_code_is_one_of_both() -> None:
    bill = bill_of(with_lines(line(1, hilist_type="102")))
    (found,) = bill.lines
    assert found.value("drug") == one(choice=DRUG)
    assert found.value("herb") == ABSENT
    assert {"herb_pieces", "western_and_patent"} <= (found.value("list_type").choices or set())
    assert noted(bill, "hilist_type")


def test_long_term_care_is_none_of_the_four() -> None:
    found = only_line(line(1, hilist_type="501", hilist_code="LTC01"))
    assert all(found.value(kind) == ABSENT for kind in KINDS)


def test_a_code_that_lost_the_zero_in_front() -> None:
    assert only_line(line(1, chrg_type=9)).value("charge_class") == one(choice="western_drugs")
    assert only_line(line(1, chrg_type="9")).value("charge_class").is_nothing


# Lines: how much (S3, S8.1)


@pytest.mark.parametrize(
    ("sent", "unit"),
    [(line(1), "bottle"), (line(1, spec_unt=""), None), (line(1, spec_unt="大包"), None), (item(1), "*"), (item(1, spec_unt=""), "*"), (item(1, spec_unt="小时"), "hour")],
    ids=["named", "none", "strange", "item", "item without", "item by the hour"],
)  # fmt: skip
def test_a_quantity_carries_its_unit(sent: Tree, unit: str | None) -> None:
    assert only_line(sent).value("quantity").unit == unit


@pytest.mark.parametrize(
    ("changes", "quantity", "amount"),
    [
        ({"cnt": None}, ABOVE_ZERO, Range.exactly(Decimal(25))),
        ({"sumamt": "-"}, Range.exactly(Decimal(2)), ABOVE_ZERO),
        ({"cnt": "x", "sumamt": -25}, Range(None, Decimal(0), high_open=True), Range.exactly(Decimal(-25))),
        ({"cnt": None, "sumamt": 0}, None, Range.exactly(Decimal(0))),
        ({"cnt": None, "sumamt": None}, None, None),
    ],
    ids=["no quantity", "no amount", "refund", "free", "neither"],
)  # fmt: skip
def test_an_unknown_quantity_of_a_charge_is_above_zero(
    changes: Tree, quantity: Range | None, amount: Range | None
) -> None:
    found = only_line(line(1, **changes))
    assert found.value("quantity").range == quantity
    assert found.value("amount").range == amount


def test_amounts_are_never_computed() -> None:
    found = only_line(line(1, sumamt=None))
    assert found.value("amount").range == ABOVE_ZERO
    assert only_line(line(1, pric=None)).value("price").is_nothing


@pytest.mark.parametrize(("sumamt", "notes"), [(25, 0), ("25.01", 0), ("25.02", 1), (30, 1)])
def test_an_amount_that_is_not_quantity_times_price_is_noted(sumamt: object, notes: int) -> None:
    assert len(noted(bill_of(with_lines(line(1, sumamt=sumamt))), "sumamt")) == notes


def test_the_whole_bills_total_on_each_line_is_no_amount() -> None:
    lines = [line(1, sumamt=60), line(2, sumamt=60), item(3, sumamt=60)]
    bill = bill_of(with_lines(*lines, medfee_sumamt=60))
    bound = Range(Decimal(0), Decimal(60), low_open=True)
    assert all(one_.value("amount").range == bound for one_ in bill.lines)
    assert noted(bill, "sumamt") == ["each line holds the whole bill's total; not its own"]


def test_no_price_cap_is_absent() -> None:
    assert only_line(line(1, pric_uplmt_amt=99999999)).value("price_cap") == ABSENT
    assert only_line(line(1, pric_uplmt_amt=10)).value("price_cap") == exactly(Decimal(10))
    assert only_line(line(1)).value("price_cap").is_nothing

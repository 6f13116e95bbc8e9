"""Requests of the national interface to bills: what is claimed, who pays, where, on which prescription."""

import datetime as dt
from decimal import Decimal

import pytest

from engine.derived import complete, places_between
from engine.facts import ABSENT, Bill, Entity, Fact, exactly, one
from engine.profile import Profile
from rulelang.calendar import instants_of
from tests import requests
from tests.reading import (
    bill_of,
    moment,
    noted,
    only_line,
    with_encounter,
    with_lines,
)
from tests.requests import (
    HERB,
    INSTITUTION,
    ITEM,
    PATIENT_NUMBER,
    Tree,
    at_settlement,
    encounter,
    item,
    line,
    operation,
    patient,
    request,
    summary,
)

# Lines: whether it is claimed (S17.2)

NOT_BY_DEFAULT = Profile(claimed_by_default=False)


@pytest.mark.parametrize(
    ("changes", "claimed"),
    [
        ({"inscp_scp_amt": 20}, True),
        ({"inscp_scp_amt": 0}, False),
        ({"inscp_scp_amt": 20, "hilist_lv": "03"}, True),
        ({"lmt_used_flag": "1", "hosp_appr_flag": "1"}, True),
        ({"lmt_used_flag": "1", "hosp_appr_flag": "0"}, False),
        ({"lmt_used_flag": "1", "hosp_appr_flag": "2"}, False),
        ({"lmt_used_flag": "0", "hosp_appr_flag": "2"}, False),
        ({"hosp_appr_flag": 2}, False),
        ({"lmt_used_flag": "0", "hosp_appr_flag": "1"}, None),
        ({"lmt_used_flag": "0", "hosp_appr_flag": "1", "hilist_lv": "3"}, False),
        ({"hilist_lv": "03"}, False),
        ({"ownpay_amt": 25}, None),
        ({}, None),
    ],
)
def test_the_claimed_ladder(changes: Tree, claimed: object) -> None:
    sent = line(1, **changes)
    decided = only_line(sent, NOT_BY_DEFAULT).fact("claimed")
    assert decided.value.choices == (None if claimed is None else {claimed})
    assert decided.assumption is None
    ended = only_line(sent).fact("claimed")
    assert ended.value.choices == {True if claimed is None else claimed}
    assert ended.assumption == ("claimed_by_default" if claimed is None else None)


def test_own_pay_counts_where_the_sender_varies_it() -> None:
    lines = [line(1, ownpay_amt=25), line(2, ownpay_amt=5)]
    first, second = bill_of(with_lines(*lines)).lines
    assert first.value("claimed") == one(choice=False)
    assert second.fact("claimed").assumption == "claimed_by_default"
    constant = Profile(constants={"ownpay_amt": "25"})
    assert bill_of(with_lines(*lines), constant).lines[0].value("claimed") == one(choice=True)


def test_the_claimed_amount_is_the_platforms_else_the_amount_as_an_upper_bound() -> None:
    sent = only_line(line(1, inscp_scp_amt="20.5")).fact("claimed_amount")
    assert (sent.value, sent.assumption) == (exactly(Decimal("20.5")), None)
    bound = only_line(line(1)).fact("claimed_amount")
    assert (bound.value, bound.assumption) == (exactly(Decimal(25)), "amount_as_upper_bound")
    assert only_line(line(1, hilist_lv="03")).value("claimed_amount") == exactly(Decimal(0))


def test_a_constant_of_the_sender_states_nothing() -> None:
    profile = Profile(constants={"hosp_appr_flag": "2", "matn_stas": "1"})
    bill = bill_of(
        with_lines(line(1, hosp_appr_flag="2"), line(2, hosp_appr_flag=2), matn_stas="1"), profile
    )
    assert bill.encounter.value("pregnancy").is_nothing
    assert bill.encounter.fact("pregnancy").why is not None
    assert all(one_.value("claimed") == one(choice=True) for one_ in bill.lines)
    assert len(noted(bill, "hosp_appr_flag")) == 1


# Institution, places, scheme


def test_a_level_of_one_digit_needs_the_profile() -> None:
    tree = with_encounter(medins_lv="2")
    assert bill_of(tree).institution.value("level").is_nothing
    assert noted(bill_of(tree), "medins_lv")
    mapped = bill_of(tree, Profile(maps={"medins_lv": {"2": "二级"}}))
    assert mapped.institution.value("level") == one(choice="level2")
    register: dict[str, dict[str, str | bool]] = {
        INSTITUTION: {
            "level": "二级甲等",
            "public": True,
            "price_class": "县级以上公立",
            "community": "A1",
        }
    }
    registered = bill_of(tree, Profile(institutions=register))
    assert registered.institution.value("level") == one(choice="level2_a")
    assert registered.institution.value("public") == one(choice=True)
    assert registered.institution.value("price_class") == one(choice="county_public")
    assert registered.institution.value("community") == one(choice="A1")
    assert registered.notes == ()


def test_a_register_that_contradicts_is_one_of_both() -> None:
    register: dict[str, dict[str, str | bool]] = {INSTITUTION: {"level": "二级"}}
    bill = bill_of(request(), Profile(institutions=register))
    assert bill.institution.value("level").choices == {"level3_a", "level2"}
    assert noted(bill, "level")
    agreeing = bill_of(with_encounter(medins_lv="05"), Profile(institutions=register))
    assert agreeing.institution.value("level") == one(choice="level2_a")


def test_an_institutions_own_number_gives_way_to_the_envelope() -> None:
    bill = bill_of(with_encounter(medins_id="1001"))
    assert bill.institution.value("id") == one(choice=INSTITUTION)
    assert noted(bill, "medins_id")


def test_code_and_name_of_a_department_are_swapped_back() -> None:
    bill = bill_of(with_encounter(adm_dept_codg="呼吸内科", adm_dept_name="A03.01"))
    assert bill.encounter.value("dept") == one(choice="A03.01")
    assert noted(bill, "adm_dept_codg")


@pytest.mark.parametrize(
    ("insured", "care", "places"),
    [
        ("330600", "330602", {"local"}),
        ("330600", "330100", {"same_province"}),
        ("330600", "310100", {"other_province"}),
        ("310101", "310230", {"local"}),
        ("339900", "330100", {"local", "same_province"}),
        ("429004", "429005", {"same_province"}),
        ("429004", "429004", {"local"}),
    ],
)
def test_the_place_follows_from_two_divisions(insured: str, care: str, places: set[str]) -> None:
    assert places_between(insured, care) == places


def test_the_place_of_care_is_the_envelopes() -> None:
    tree = request(patient(encounter(medins_admdvs="310115")))
    tree["mdtrtarea_admvs"] = "310100"
    bill = bill_of(tree)
    assert bill.encounter.value("place") == one(choice="other_province")
    assert bill.territories == {
        "place_of_care": "310100",
        "place_of_insurance": "330600",
        "place_of_institution": "310115",
    }
    tree["insuplc_admdvs"] = "310100"
    assert bill_of(tree).patient.value("pool_area").choices == {"330600", "310100"}
    assert "place_of_insurance" not in bill_of(tree).territories


@pytest.mark.parametrize(
    ("scheme", "care", "funds"),
    [
        ("310", "21", {"basic"}),
        ("310", "52", {"basic", "maternity"}),
        ("510", "52", {"maternity"}),
        ("390", "11", {"basic"}),
        ("340", "21", None),
        ("410", "21", None),
        ("", "21", None),
    ],
)
def test_the_fund_follows_from_the_scheme(scheme: str, care: str, funds: set[str] | None) -> None:
    found = bill_of(with_encounter(insutype=scheme, med_type=care, med_mdtrt_type="4")).encounter
    assert found.value("fund").choices == funds


def test_a_kind_of_visit_that_contradicts_is_noted() -> None:
    bill = bill_of(with_encounter(med_mdtrt_type="1"))
    assert noted(bill, "med_mdtrt_type")
    assert bill.encounter.value("care_type") == one(choice="inpatient_general")


def test_amounts_of_the_fund_mean_nothing_before_settlement() -> None:
    assert bill_of(request()).encounter.value("fund_paid").is_nothing
    assert bill_of(at_settlement(request())).encounter.value("fund_paid") == exactly(Decimal(0))


# Prescriptions


def test_prescriptions_hold_drugs_and_herbs_of_one_number() -> None:
    lines = [
        line(1),
        line(2, rxno="RX2"),
        item(3, rxno="RX1"),
        line(4, hilist_type="102", hilist_code=HERB),
        line(5, rxno=""),
    ]
    bill = bill_of(with_lines(*lines))
    members = {
        one_.key: [m.key for m in one_.collections["lines"].members] for one_ in bill.prescriptions
    }
    assert members == {"RX1": ["L1", "L4"], "RX2": ["L2"]}
    assert bill.lines[0].links["prescription"] is bill.prescriptions[0]
    assert "prescription" not in bill.lines[2].links
    assert bill.lines[0].links["encounter"] is bill.encounter


# Shapes


def test_names_under_two_spellings_are_noted_where_they_differ() -> None:
    twice = patient(encounter(), psn_no="other")
    bill = bill_of(request(twice))
    assert bill.patient.key == PATIENT_NUMBER
    assert noted(bill, "patn_id")
    assert not noted(bill_of(request(patient(encounter(), psn_no=""))), "patn_id")


def test_a_part_that_stands_aside_goes_to_the_encounter_it_names() -> None:
    tree = request(patient(encounter(), encounter(mdtrt_id="M2", fsi_order_dtos=[line(7)])))
    bill = bill_of(requests.flattened(tree))
    assert [one_.key for one_ in bill.lines] == ["L1", "L2", "L3"]
    assert len(bill.patient.collections["lines"].members) == 4
    assert summary(bill) == summary(bill_of(tree))


def test_fields_that_are_used_for_nothing_are_noted() -> None:
    assert noted(bill_of(request(rule_ids=["3101"])), "rule_ids")
    assert not noted(bill_of(request(rule_ids=[])), "rule_ids")


# Derived facts of hand-built bills


def test_a_bill_from_a_case_page_is_completed() -> None:
    person, stay, place = (
        Entity(kind, "1", "") for kind in ("patient", "encounter", "institution")
    )
    charge = Entity("line", "1", "")
    charge.facts["item"] = Fact(one(ITEM))
    charge.facts["date"] = Fact(exactly(dt.date(2026, 3, 5)))
    charge.facts["amount"] = Fact(exactly(Decimal(10)))
    stay.facts["care_type"] = Fact(one("inpatient_general"))
    stay.facts["scheme"] = Fact(one("employee"))
    stay.facts["admitted"] = Fact(exactly(moment(2026, 3, 1, 8)))
    stay.facts["discharged"] = Fact(exactly(moment(2026, 3, 1, 20)))
    person.facts["pool_area"] = Fact(one("330600"))
    place.facts["division"] = Fact(one("330702"))
    bill = complete(Bill(person, stay, place, (charge,)))
    assert charge.value("drug") == ABSENT
    assert charge.value("list_type") == one(choice="items")
    assert charge.value("time").range == instants_of(dt.date(2026, 3, 5))
    assert charge.fact("claimed").assumption == "claimed_by_default"
    assert charge.value("claimed_amount") == exactly(Decimal(10))
    assert stay.value("stay_days") == exactly(Decimal(1))
    assert stay.value("still_in") == one(choice=False)
    assert stay.value("fund") == one(choice="basic")
    assert stay.value("place") == one(choice="same_province")
    assert bill.territories["place_of_insurance"] == "330600"
    before = {name: fact.value for entity in (charge, stay) for name, fact in entity.facts.items()}
    complete(bill)
    assert before == {
        name: fact.value for entity in (charge, stay) for name, fact in entity.facts.items()
    }


def test_an_operation_of_a_variant_4_client_is_no_encounter() -> None:
    tree = requests.misplaced_operations(
        with_encounter(fsi_operation_dtos=[operation(), operation("00.0100")])
    )
    stay = bill_of(tree).encounter
    assert len(stay.collections["operations"].members) == 2
    assert len(bill_of(tree).patient.collections["encounters"].members) == 1

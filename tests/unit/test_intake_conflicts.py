"""What two places of a request say differently (S2.3)."""

from decimal import Decimal
from functools import partial

from engine.facts import exactly, one
from engine.intake.nhsa import read_bills
from engine.intake.reading import read_request
from engine.profile import Profile
from tests.reading import bill_of
from tests.requests import (
    as_bytes,
    diagnosis,
    encounter,
    patient,
    request,
)

read = partial(bill_of, profile=Profile(vouches_empty=frozenset({"fsi_operation_dtos"})))


def test_a_birth_date_of_two_objects_of_one_person_is_one_of_both() -> None:
    first = patient(encounter(), brdy="1990-01-01")
    second = patient(encounter(mdtrt_id="M2"), brdy="2020-01-01", curr_mdtrt_id="M2")
    for number, bill in enumerate(read_bills(read_request(as_bytes(request(first, second))))):
        fact = bill.patient.fact("birth_date")
        assert fact.value.range is not None
        assert str(fact.value.range.low) == "1990-01-01"
        assert str(fact.value.range.high) == "2020-01-01"
        places = {f"/input/data/patient_dtos/{n}/brdy" for n in (0, 1)}
        assert set(fact.premises) == places
        assert fact.pointer == f"/input/data/patient_dtos/{number}/brdy"
        assert [note.field for note in bill.notes] == ["brdy"]


def test_a_resident_number_against_sex_and_birth_date() -> None:
    number = "11010519491231002X"  # the standard's own example: a woman born 1949-12-31
    odd = request(patient(encounter(), patn_id=number, gend="1", brdy="1949-12-31"))
    bill = read(odd)
    assert bill.patient.value("sex").choices == {"male", "female"}
    assert bill.patient.value("birth_date").is_known
    assert [note.field for note in bill.notes] == ["gend"]
    assert number not in str(bill.notes)
    agreeing = read(request(patient(encounter(), patn_id=number, gend="2", brdy="1949-12-31")))
    assert agreeing.notes == ()
    silent = read(request(patient(encounter(), patn_id=number, gend="", brdy="")))
    assert silent.patient.value("sex").is_nothing


def test_an_institutions_division_against_the_envelope() -> None:
    tree = request()
    tree["mdtrtarea_admvs"] = "310100"
    bill = read(tree)
    assert bill.institution.value("division").choices == {"330602", "310100"}
    assert bill.institution.fact("division").premises[1] == "/mdtrtarea_admvs"
    assert bill.territories == {"place_of_insurance": "330600"}
    assert bill.encounter.value("place").choices == {"local", "other_province"}
    assert [note.field for note in bill.notes] == ["medins_admdvs"]
    tree["insuplc_admdvs"] = tree["input"]["data"]["patient_dtos"][0]["poolarea"] = "440100"
    assert read(tree).encounter.value("place") == one("other_province")
    tree = request()
    tree["mdtrtarea_admvs"] = "339900"  # the province's own pool
    assert read(tree).notes == ()


def test_two_institutions_are_either() -> None:
    tree = request()
    tree["fixmedins_code"] = "H33060000002"
    bill = read(tree)
    assert bill.institution.value("id").choices == {"H33060000001", "H33060000002"}
    assert [note.field for note in bill.notes] == ["medins_id"]
    rows = {"H33060000001": {"public": True}, "H33060000002": {"public": False}}
    profile = Profile(institutions=rows)
    (found,) = read_bills(read_request(as_bytes(tree)), profile)
    assert found.institution.value("public").is_nothing


def test_a_main_diagnosis_that_two_places_state() -> None:
    bill = read(request(patient(encounter(dscg_main_dise_codg="R18.x00"))))
    mains = [one_.value("main").choices for one_ in bill.encounter.collections["diagnoses"].members]
    assert mains == [{True, False}, {True, False}]
    assert bill.encounter.collections["diagnoses"].coverage.closed
    outside = read(request(patient(encounter(dscg_main_dise_codg="I10.x00"))))
    assert not outside.encounter.collections["diagnoses"].coverage.closed
    coarser = read(request(patient(encounter(dscg_main_dise_codg="K74.6"))))
    assert coarser.notes == ()
    assert coarser.encounter.collections["diagnoses"].coverage.closed
    foreign = encounter(fsi_diagnose_dtos=[diagnosis("XYZ", "x", maindise_flag="1")])
    assert read(request(patient(foreign))).lines[0].value("quantity") == exactly(
        Decimal(2), "bottle"
    )

"""Requests of the national interface to bills: what is known, what is not, and what is noted."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from engine.errors import InputError
from engine.facts import Fact, exactly, one
from engine.intake.nhsa import read_bills
from engine.intake.reading import Limits
from engine.profile import CoverageClaim, Profile
from rulelang import types, vocabulary
from rulelang.calendar import instants_of
from rulelang.values import Range
from tests import requests
from tests.reading import (
    bill_of,
    bills,
    closed,
    moment,
    noted,
    only_line,
    with_encounter,
    with_lines,
)
from tests.requests import (
    INSTITUTION,
    PATIENT_NAME,
    PATIENT_NUMBER,
    Tree,
    at_settlement,
    diagnosis,
    encounter,
    line,
    patient,
    request,
)

# Facts and places


def test_a_clean_request_leaves_no_note() -> None:
    assert bill_of(request()).notes == ()


def test_facts_are_those_of_the_vocabulary_with_their_types() -> None:
    bill = bill_of(at_settlement(request()))
    known = vocabulary.load()
    everything = [bill.patient, bill.encounter, bill.institution, *bill.lines, *bill.prescriptions]
    for collection in bill.encounter.collections.values():
        everything += collection.members
    assert {entity.kind for entity in everything} == {
        "patient", "encounter", "institution", "line", "prescription", "diagnosis", "operation",
    }  # fmt: skip
    for entity in everything:
        fields = known.entities[entity.kind].fields
        assert set(entity.facts) <= set(fields)
        for name, fact in entity.facts.items():
            _fits(fields[name].type, fact)
        for name in entity.collections:
            assert fields[name].type.kind == "collection"


def _fits(type_: types.Type, fact: Fact) -> None:
    value = fact.value
    if value.range is not None:
        assert type_.kind in types.ORDERED, type_
        ends = [end for end in (value.range.low, value.range.high) if end is not None]
        wanted = {"date": dt.date, "datetime": dt.datetime}.get(type_.kind, Decimal)
        assert all(type(end) is wanted for end in ends), (type_, ends)
    for choice in value.choices or ():
        match type_.kind:
            case "enum":
                assert choice in vocabulary.load().enums[type_.name].words
            case "yes_no":
                assert isinstance(choice, bool)
            case kind:
                assert kind in {"text", "code"}


def test_a_fact_points_to_its_place_in_the_request_as_it_came() -> None:
    tree = request()
    bill = bill_of(tree)
    pointers = {
        "/input/data/patient_dtos/0/gend": bill.patient.fact("sex"),
        "/input/data/patient_dtos/0/fsi_encounter_dtos/0/adm_date": bill.encounter.fact("admitted"),
        "/input/data/patient_dtos/0/fsi_encounter_dtos/0/fsi_order_dtos/1/cnt": bill.lines[1].fact("quantity"),
    }  # fmt: skip
    assert {pointer: fact.pointer for pointer, fact in pointers.items()} == {p: p for p in pointers}
    flat = bill_of(requests.flattened(tree))
    assert flat.lines[1].fact("quantity").pointer == "/input/fsi_order_dtos/1/cnt"


def test_a_field_that_was_not_sent_points_to_where_it_would_be() -> None:
    bare = line(1)
    del bare["cnt"]
    fact = only_line(bare).fact("quantity")
    assert fact.pointer.endswith("/fsi_order_dtos/0/cnt")


def test_sent_values_that_cannot_be_used_are_noted_and_blank_ones_are_not() -> None:
    bill = bill_of(with_lines(line(1, cnt="abc"), line(2, cnt="-"), line(3, cnt=None)))
    (note,) = [note for note in bill.notes if note.field == "cnt"]
    assert note.raw == "abc"
    assert note.pointer.endswith("/fsi_order_dtos/0/cnt")
    assert bill.lines[0].fact("quantity").why is not None


def test_notes_never_repeat_a_person() -> None:
    odd = encounter(
        adm_date=PATIENT_NUMBER,
        matn_stas=PATIENT_NAME,
        fsi_order_dtos=[line(1, cnt=PATIENT_NAME, sumamt=f"{PATIENT_NAME}的")],
    )
    bill = bill_of(request(patient(odd, gend=PATIENT_NUMBER, brdy=PATIENT_NAME)))
    assert len(bill.notes) >= 6
    shown = " ".join(
        f"{note.raw} {note.words.zh} {note.words.en} {note.pointer}" for note in bill.notes
    )
    assert PATIENT_NAME not in shown
    assert PATIENT_NUMBER not in shown


# Which encounters and lines are asked about (S1.3)


def history() -> Tree:
    past = encounter(
        mdtrt_id="M0",
        adm_date="2026-01-05 08:00:00",
        dscg_date="2026-01-09 08:00:00",
        fsi_order_dtos=[line(1, curr_drord_flag="0", drord_begn_date="2026-01-06 10:00:00")],
    )
    now = encounter(
        fsi_order_dtos=[line(1), line(2, curr_drord_flag=0), line(3, curr_drord_flag="1")]
    )
    return request(patient(past, now))


def test_history_is_a_member_and_never_a_subject() -> None:
    bill = bill_of(history())
    assert bill.encounter.key == "M1"
    assert [one.key for one in bill.lines] == ["L1", "L3"]
    assert [one.key for one in bill.encounter.collections["lines"].members] == ["L1", "L2", "L3"]
    assert len(bill.patient.collections["lines"].members) == 4
    assert [one.key for one in bill.patient.collections["encounters"].members] == ["M0", "M1"]
    past = bill.patient.collections["encounters"].members[0]
    assert past.value("still_in") == one(choice=False)
    assert not closed(past, "lines")


def test_without_a_current_number_every_encounter_under_audit_is_current() -> None:
    tree = history()
    tree["input"]["data"]["patient_dtos"][0]["curr_mdtrt_id"] = ""
    tree["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0]["fsi_order_dtos"][0][
        "curr_drord_flag"
    ] = "1"
    found = bills(tree)
    assert [bill.encounter.key for bill in found] == ["M0", "M1"]
    assert all(noted(bill, "curr_mdtrt_id") for bill in found)
    first = found[0].patient.collections["encounters"].members
    assert first[0] is found[0].encounter
    assert first[0] is not found[1].patient.collections["encounters"].members[0]


def test_an_unknown_current_number_falls_back_with_a_note() -> None:
    bill = bill_of(request(patient(encounter(), curr_mdtrt_id="M9")))
    assert bill.encounter.key == "M1"
    assert noted(bill, "curr_mdtrt_id") == ["there is no such encounter"]


def test_each_person_has_a_bill_of_his_own() -> None:
    other = patient(
        encounter(fsi_order_dtos=[line(1, cnt="many")]), patn_id="P2", patn_name="丁某某", gend="2"
    )
    first, second = bills(request(patient(), other))
    assert first.patient.value("sex") == one(choice="male")
    assert second.patient.value("sex") == one(choice="female")
    assert not noted(first, "cnt")
    assert noted(second, "cnt")


@pytest.mark.parametrize(("flags", "notes"), [((None, None), 0), (("1", None), 1), (("1", "X"), 1)])
def test_a_missing_flag_is_noted_only_where_others_have_one(
    flags: tuple[object, object], notes: int
) -> None:
    lines = [line(number, curr_drord_flag=flag) for number, flag in enumerate(flags, start=1)]
    bill = bill_of(with_lines(*lines))
    assert len(bill.lines) == 2
    assert len(noted(bill, "curr_drord_flag")) == notes


def test_a_request_without_lines_is_a_bill_without_lines() -> None:
    bill = bill_of(with_encounter(fsi_order_dtos=[]))
    assert bill.lines == ()
    assert noted(bill, "fsi_order_dtos") == ["no line under audit"]


def test_row_keys_that_are_not_unique_give_way_to_the_position() -> None:
    bill = bill_of(with_lines(line(1), line(2, rx_id="L1"), line(3), line(4, rx_id=None)))
    assert [one.key for one in bill.lines] == ["#1", "#2", "L3", "#4"]
    assert len(noted(bill, "rx_id")) == 1
    assert bill.lines[1].value("line_no") == one(choice="L1")


@pytest.mark.parametrize(
    ("tree", "code"),
    [
        ([], "EN0111"),
        ("text", "EN0111"),
        (None, "EN0111"),
        ({}, "EN0111"),
        ({"pid": 1, "order_info": []}, "EN0111"),
        ({"infno": "3101", "input": {}}, "EN0112"),
        ({"input": {"data": {"patient_dtos": []}}}, "EN0112"),
        ({"input": {"data": {"patient_dtos": ["x"]}}}, "EN0112"),
        ({"infno": "2204", "input": {"feedetail": [{}]}}, "EN0112"),
        ({"input": {"data": {"patient_dtos": [{"patn_id": "1"}]}}}, "EN0113"),
    ],
)
def test_what_is_no_request_is_refused_with_what_was_wanted(tree: object, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_bills(tree)
    assert caught.value.code == code
    assert caught.value.help is not None
    assert "patient_dtos" in caught.value.help.zh


def test_too_many_lines_are_refused() -> None:
    tree = with_lines(*[line(1) for _ in range(11)])
    with pytest.raises(InputError) as caught:
        bills(tree, limits=Limits(lines=10))
    assert caught.value.code == "EN0105"
    assert caught.value.place.endswith("/fsi_order_dtos")
    assert bills(tree, limits=Limits(lines=11))


@pytest.mark.parametrize("wrap", [("data",), ("input",), ("input", "data"), ()])
def test_the_payload_is_found_under_any_wrapping(wrap: tuple[str, ...]) -> None:
    tree: Any = request()["input"]["data"]
    for key in reversed(wrap):
        tree = {key: tree}
    assert len(bill_of(tree).lines) == 3


# Stage, scene, time of asking (S14.2)


@pytest.mark.parametrize(
    ("scene", "infno", "stage", "kept"),
    [
        ("4", "3101", "before", "4"),
        ("8", "3102", "during", "8"),
        (10, "3102", "during", "10"),
        ("1,2", "3101", "before", "2"),
        ("2，10", "3102", "during", "10"),
        ("23", "3101", "before", None),
        ("", "3102", "during", None),
        (None, "9999", "during", None),
        ("3", "3102", "before", "3"),
        ([1, 2], "3101", "before", "2"),
    ],
)
def test_the_stage_follows_the_latest_usable_scene_else_infno(
    scene: object, infno: str, stage: str, kept: str | None
) -> None:
    tree = request(trig_scen=scene)
    tree["infno"] = infno
    bill = bill_of(tree)
    assert (bill.stage, bill.scene) == (stage, kept)


def test_odd_scenes_are_noted() -> None:
    assert noted(bill_of(request(trig_scen="1,2")), "trig_scen") == [
        "several scenes; the latest counts"
    ]
    assert noted(bill_of(request(trig_scen="23")), "trig_scen") == ["not within 1 to 10"]
    tree = request(trig_scen="8")
    assert noted(bill_of(tree), "infno") == ["contradicts trig_scen; trig_scen counts"]


def test_the_caller_knows_the_stage_better() -> None:
    assert bill_of(request(), stage="after").stage == "after"


def test_the_time_of_asking_is_inf_time_else_the_callers_else_the_latest_date() -> None:
    as_of = moment(2026, 4, 1, 12)
    tree = request()
    assert bill_of(tree, as_of=as_of).asked_at == moment(2026, 3, 7, 9, 30)
    tree["inf_time"] = "-"
    assert bill_of(tree, as_of=as_of).asked_at == as_of
    assert bill_of(tree).asked_at == moment(2026, 3, 7, 9, 30)
    tree["inf_time"] = "tomorrow"
    assert noted(bill_of(tree), "inf_time")
    late = request(
        patient(encounter(fsi_diagnose_dtos=[diagnosis("I10.x00", "x", dise_date="2026-03-08")]))
    )
    del late["inf_time"]
    assert bill_of(late).asked_at == moment(2026, 3, 8)


# Discharge, stay (S2.1)


def test_an_inpatient_before_settlement_is_discharged_after_the_time_of_asking() -> None:
    stay = bill_of(request()).encounter
    assert stay.value("discharged").range == Range(moment(2026, 3, 7, 9, 30), None)
    assert stay.value("still_in") == one(choice=True)
    assert stay.value("stay_days").range == Range(Decimal(2), None)


def test_a_null_discharge_at_settlement_says_only_that_it_is_after_admission() -> None:
    tree = request(trig_scen="8")
    tree["infno"] = "3102"
    stay = bill_of(tree).encounter
    assert stay.value("discharged").range == Range(moment(2026, 3, 5, 8), None)
    assert stay.value("still_in").is_nothing


@pytest.mark.parametrize(("filler", "still_in"), [("1900-01-01", True), ("sometime", None)])
def test_a_filler_date_is_not_yet_and_a_mistake_is_unknown(filler: str, still_in: object) -> None:
    bill = bill_of(with_encounter(dscg_date=filler))
    assert noted(bill, "dscg_date")
    assert bill.encounter.value("still_in").choices == (None if still_in is None else {still_in})


def test_a_discharge_that_was_sent() -> None:
    stay = bill_of(at_settlement(request())).encounter
    assert stay.value("discharged") == exactly(moment(2026, 3, 9, 10))
    assert stay.value("still_in") == one(choice=False)
    assert stay.value("stay_days") == exactly(Decimal(4))
    planned = bill_of(with_encounter(dscg_date="2026-03-20 10:00:00")).encounter
    assert planned.value("still_in") == one(choice=True)


def test_a_date_without_an_hour_is_its_24_hours() -> None:
    bill = bill_of(
        with_lines(line(1, drord_begn_date="2026-03-06 00:00:00"), dscg_date="2026-03-09")
    )
    assert bill.encounter.value("discharged").range == instants_of(dt.date(2026, 3, 9))
    assert bill.lines[0].value("time").range == instants_of(dt.date(2026, 3, 6))
    assert bill.lines[0].value("date") == exactly(dt.date(2026, 3, 6))


def test_an_outpatient_is_discharged_when_he_comes() -> None:
    visit = bill_of(with_encounter(med_type="11", med_mdtrt_type="1")).encounter
    assert visit.value("discharged") == visit.value("admitted")
    assert visit.value("still_in") == one(choice=False)
    assert visit.value("stay_days").is_nothing


def test_a_discharge_before_the_admission_is_noted() -> None:
    bill = bill_of(with_encounter(dscg_date="2026-03-01 10:00:00"))
    assert noted(bill, "dscg_date") == ["discharge before admission"]


# Coverage (S2.2, S7.2, S7.3)


@pytest.mark.parametrize(
    ("scene", "discharge", "answer"),
    [("4", None, False), ("4", "2026-03-07 09:00:00", False), ("8", None, True), ("", None, False), ("", "2026-03-07 09:00:00", True)],
)  # fmt: skip
def test_lines_are_closed_from_settlement_on(
    scene: str, discharge: str | None, answer: object
) -> None:
    tree = request(patient(encounter(dscg_date=discharge)), trig_scen=scene)
    bill = bill_of(tree)
    assert closed(bill.encounter, "lines") is answer
    assert closed(bill.prescriptions[0], "lines") is answer
    assert closed(bill_of(tree, stage="after").encounter, "lines")
    assert not closed(bill_of(tree, stage="before").encounter, "lines")


@pytest.mark.parametrize("name", ["diagnoses", "operations"])
@pytest.mark.parametrize("sent", [[], "", None, {}, "missing"])
def test_an_empty_list_is_not_none_unless_vouched_for(name: str, sent: object) -> None:
    field = {"diagnoses": "fsi_diagnose_dtos", "operations": "fsi_operation_dtos"}[name]
    one_ = encounter(dscg_main_dise_codg="", **{field: sent})
    if sent == "missing":
        del one_[field]
    tree = request(patient(one_))
    assert bill_of(tree).encounter.collections[name].members == ()
    assert not closed(bill_of(tree).encounter, name)
    vouched = bill_of(tree, Profile(vouches_empty=frozenset({field})))
    assert closed(vouched.encounter, name) is (sent != "missing")


def test_a_member_that_cannot_be_read_opens_the_list() -> None:
    tree = with_encounter(
        fsi_diagnose_dtos=[diagnosis("K74.600", "x", maindise_flag="1"), "R18"],
        fsi_operation_dtos="abc",
        fsi_order_dtos=[line(1), None],
    )
    bill = bill_of(tree, stage="after")
    for name in ("diagnoses", "operations", "lines"):
        assert not closed(bill.encounter, name)
    assert noted(bill, "fsi_diagnose_dtos")
    assert noted(bill, "fsi_operation_dtos")
    assert noted(bill, "fsi_order_dtos")


def test_history_is_closed_only_where_the_profile_claims_it() -> None:
    tree = at_settlement(request())
    since = dt.date(2026, 1, 1)
    claim = CoverageClaim("患者.明细", (INSTITUTION,), since)
    claimed = bill_of(tree, Profile(coverage=(claim,))).patient
    assert claimed.collections["lines"].coverage.since == since
    assert closed(claimed, "lines")
    assert not closed(claimed, "encounters")
    assert not closed(bill_of(tree).patient, "lines")
    elsewhere = CoverageClaim("patient.lines", ("H1",))
    assert not closed(bill_of(tree, Profile(coverage=(elsewhere,))).patient, "lines")
    assert not closed(bill_of(request(), Profile(coverage=(claim,))).patient, "lines")
    every = CoverageClaim("patient.encounters")
    assert closed(bill_of(tree, Profile(coverage=(every,))).patient, "encounters")

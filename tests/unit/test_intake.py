"""Requests of the national interface to bills: what is known, what is not, and what is noted."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from engine.derived import complete, places_between
from engine.errors import InputError
from engine.facts import ABSENT, Bill, Entity, Fact, Foreign, exactly, one
from engine.intake.nhsa import read_bills
from engine.intake.reading import Limits, read_request
from engine.profile import NO_PROFILE, CoverageClaim, Profile
from rulelang import types, vocabulary
from rulelang.calendar import instants_of
from rulelang.values import TRUE, Range
from tests import requests
from tests.requests import (
    CONSUMABLE,
    DRUG,
    HERB,
    INSTITUTION,
    ITEM,
    PATIENT_NAME,
    PATIENT_NUMBER,
    Tree,
    at_settlement,
    diagnosis,
    encounter,
    item,
    line,
    operation,
    patient,
    request,
    summary,
)

ABOVE_ZERO = Range(Decimal(0), None, low_open=True)


def bills(tree: object, profile: Profile = NO_PROFILE, **options: Any) -> tuple[Bill, ...]:
    return read_bills(read_request(requests.as_bytes(tree)), profile, **options)


def bill_of(tree: object, profile: Profile = NO_PROFILE, **options: Any) -> Bill:
    (found,) = bills(tree, profile, **options)
    return found


def with_lines(*lines: Tree, **changes: Any) -> Tree:
    return request(patient(encounter(fsi_order_dtos=list(lines), **changes)))


def with_encounter(**changes: Any) -> Tree:
    return request(patient(encounter(**changes)))


def only_line(line_: Tree, profile: Profile = NO_PROFILE, **changes: Any) -> Entity:
    (found,) = bill_of(with_lines(line_, **changes), profile).lines
    return found


def noted(bill: Bill, field: str) -> list[str]:
    return [note.words.en for note in bill.notes if note.field == field]


def moment(*parts: int) -> dt.datetime:
    year, month, day, *clock = parts
    return dt.datetime(year, month, day, *clock)  # noqa: DTZ001


def closed(owner: Entity, name: str) -> bool:
    return owner.collections[name].coverage.closed


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

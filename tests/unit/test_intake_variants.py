"""One made-up bill, written in every shape of INTERFACE section 6: the same findings each time."""

import copy
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from apps.rulesets import shipped
from engine.checker import CheckRequest, check
from engine.errors import InputError
from engine.facts import Bill, Foreign, one
from engine.finding import Label
from engine.intake.nhsa import read_bills
from engine.intake.reading import read_request
from engine.profile import Profile
from rulelang.core import Program
from tests import requests
from tests.requests import (
    Tree,
    as_bytes,
    at_settlement,
    encounter,
    item,
    patient,
    request,
)
from tests.uploads import fee, upload

FOR_WOMEN = "XG01AFJ070A009020303510"
EMERGENCY, BEDSIDE = "001102000030000", "001103000010000"
OBSERVATION = "001102000040000"
NEVER_PAID = "T001200156"

PROFILE = Profile(vouches_empty=frozenset({"fsi_operation_dtos"}))


@cache
def program() -> Program:
    compiled = shipped().compile()
    assert compiled.program is not None
    return compiled.program


def wrong_bill() -> Tree:
    """A man's stay: a drug for women, an item twice a day, an item within another, a herb."""
    lines = [
        requests.line(1, hilist_code=FOR_WOMEN, hilist_name="某药"),
        item(2, hilist_code=OBSERVATION, cnt=1, pric=10, sumamt=10, spec_unt="日"),
        item(3, hilist_code=EMERGENCY, drord_begn_date="2026-03-07 10:00:00"),
        item(4, hilist_code=BEDSIDE, drord_begn_date="2026-03-07 10:00:00", spec_unt="日"),
        requests.line(
            5, hilist_code=NEVER_PAID, hilist_type="102", hilist_name="某饮片", rxno="RX5"
        ),
        item(6, hilist_code=OBSERVATION, drord_begn_date="2026-03-06 15:30:00", spec_unt="日"),
    ]
    total = sum(Decimal(str(one_["sumamt"])) for one_ in lines)
    stay = encounter(fsi_order_dtos=lines, medfee_sumamt=total)
    return at_settlement(request(patient(stay)))


def read(tree: object) -> Bill:
    (bill,) = read_bills(read_request(as_bytes(tree)), PROFILE)
    return bill


Shown = list[tuple[str, str, tuple[int, ...], object, object]]


def findings(tree: object, only: tuple[str, ...] = ()) -> Shown:
    """Rule, label, positions of the lines, money: what has to be the same."""
    bill = read(tree)
    places = {line: line.order for line in bill.patient.collections["lines"].members}
    result = check(program(), bill, CheckRequest(only=only))
    return sorted(
        (
            finding.rule.id,
            finding.label.name,
            tuple(sorted(places.get(entity, -1) for entity in finding.offending)),
            (finding.at_risk.low, finding.at_risk.high),
            tuple(sorted(rule.id for rule in finding.folded)),
        )
        for finding in result.findings
    )


def noted(tree: object) -> set[str]:
    return {note.field for note in read(tree).notes}


def test_the_bill_breaks_the_shipped_rules() -> None:
    violated = {rule for rule, label, *_ in findings(wrong_bill()) if label == Label.VIOLATED.name}
    assert violated == {
        "national.drug_limits/drug_by_sex",
        "national.herbs/herb_never_paid",
        "national.service_items/duplicate_items",
        "national.service_items/item_frequency",
    }
    assert noted(wrong_bill()) == set()


# Variants that say the same (1 to 7, 9 to 12)


def reduced_envelope(tree: Tree) -> Tree:
    """The regional gateway: few fields, another name for the institution."""
    kept = ("infno", "msgid", "insuplc_admdvs", "mdtrtarea_admvs")
    return {
        **{name: tree[name] for name in kept},
        "medins_code": tree["fixmedins_code"],
        "insur_code": "330600",
        "input": tree["input"],
    }


def hainan_settlement(tree: Tree) -> Tree:
    renamed = requests.hainan(tree)
    renamed["infno"] = "3661"
    return renamed


def wrong_infno(tree: Tree) -> Tree:
    return {**tree, "infno": "3301"}


def several_scenes(tree: Tree) -> Tree:
    tree["input"]["data"]["trig_scen"] = "7,8"
    return tree


def rule_ids_misused(tree: Tree) -> Tree:
    tree["input"]["data"]["rule_ids"] = ["3101"]
    return tree


def with_history(tree: Tree) -> Tree:
    (person,) = tree["input"]["data"]["patient_dtos"]
    past = copy.deepcopy(person["fsi_encounter_dtos"][0])
    past |= {
        "mdtrt_id": "M0",
        "adm_date": "2025-01-05 08:00:00",
        "dscg_date": "2025-01-09 08:00:00",
    }
    past["fsi_order_dtos"] = []
    person["fsi_encounter_dtos"].append(past)
    return tree


def bare_patient(tree: Tree) -> Tree:
    """A pre-dialect without an envelope: jzlx, msgid, patient_dtos with curr_jzid."""
    (person,) = copy.deepcopy(tree["input"]["data"]["patient_dtos"])
    (stay,) = person.pop("fsi_encounter_dtos")
    person["curr_jzid"] = person.pop("curr_mdtrt_id")
    person["sfzjhm"] = "X"
    stay["jzid"] = stay.pop("mdtrt_id")
    return {
        "jzlx": "2",
        "msgid": "1800000000000000001",
        "trig_scen": "8",
        "inf_time": tree["inf_time"],
        "patient_dtos": {**person, "fsi_encounter_dtos": stay},
    }


def bare_visit(tree: Tree) -> Tree:
    """A pre-dialect in one object: pid, pvid, order_info."""
    (person,) = copy.deepcopy(tree["input"]["data"]["patient_dtos"])
    (stay,) = person.pop("fsi_encounter_dtos")
    lines = stay.pop("fsi_order_dtos")
    for one_ in lines:
        one_["order_id"] = one_.pop("rx_id")
    for name in ("patn_id", "curr_mdtrt_id"):
        person.pop(name)
    stay.pop("mdtrt_id")
    asked = {"pid": "P1", "pvid": "M1", "trig_scen": "8", "inf_time": tree["inf_time"]}
    return {**person, **stay, **asked, "order_info": lines}


SAME: dict[str, Callable[[Tree], Tree]] = {
    **{name: make for name, make in requests.VARIANTS.items() if name != "3 other names"},
    "3 other names": hainan_settlement,
    "1 reduced envelope": reduced_envelope,
    "7 rule ids": rule_ids_misused,
    "10 several scenes": several_scenes,
    "10 wrong infno": wrong_infno,
    "11 history": with_history,
    "12 bare patient": bare_patient,
    "12 bare visit": bare_visit,
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_bill_in_another_shape_has_the_same_findings(name: str) -> None:
    varied = SAME[name](copy.deepcopy(wrong_bill()))
    assert findings(varied) == findings(wrong_bill())


# Variant 8: each oddity is a note, and changes nothing that it does not touch


def _stay(tree: Tree) -> Tree:
    found: Tree = tree["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0]
    return found


def changed(**changes: Any) -> Callable[[Tree], Tree]:
    def change(tree: Tree) -> Tree:
        _stay(tree).update(changes)
        return tree

    return change


def of_lines(**changes: Any) -> Callable[[Tree], Tree]:
    def change(tree: Tree) -> Tree:
        for one_ in _stay(tree)["fsi_order_dtos"]:
            one_.update(changes)
        return tree

    return change


def of_diagnoses(*changes: Tree) -> Callable[[Tree], Tree]:
    def change(tree: Tree) -> Tree:
        for one_, some in zip(_stay(tree)["fsi_diagnose_dtos"], changes, strict=True):
            one_.update(some)
        return tree

    return change


ODD: dict[str, tuple[Callable[[Tree], Tree], str]] = {
    "department swapped": (changed(adm_dept_codg="呼吸内科", adm_dept_name="A03.01"), "adm_dept_codg"),
    "department of lines": (of_lines(drord_dept_codg="呼吸内科", drord_dept_name="A03.01"), "drord_dept_codg"),
    "outpatient flag": (changed(med_mdtrt_type="1"), "med_mdtrt_type"),
    "code in the flag": (of_diagnoses({"maindise_flag": "K74.600"}, {"maindise_flag": "R18.x00"}), "maindise_flag"),
    "code in the record": (of_diagnoses({"dise_id": "K74.600", "dise_codg": ""}, {"dise_id": "R18.x00", "dise_codg": ""}), "dise_id"),
    "no class": (of_lines(hilist_lv="--"), "hilist_lv"),
    "one number for all": (of_lines(rx_id="1"), "rx_id"),
    "two mains": (of_diagnoses({"maindise_flag": "1"}, {"maindise_flag": "1"}), "maindise_flag"),
    "no main": (of_diagnoses({"maindise_flag": "0"}, {"maindise_flag": "0"}), "maindise_flag"),
    "other total": (changed(medfee_sumamt=9999), "medfee_sumamt"),
    "one digit level": (changed(medins_lv="2"), "medins_lv"),
    "own diagnosis": (of_diagnoses({}, {"dise_codg": "XYZD0012"}), "dise_codg"),
}  # fmt: skip


# What is asked of the diagnosis itself: of a code of the hospital's own it cannot be told.
OF_THE_DIAGNOSIS = frozenset(
    {"national.conduct/diagnosis_against_age", "national.conduct/diagnosis_against_sex"}
)


@pytest.mark.parametrize("name", ODD)
def test_an_oddity_is_a_note_and_no_other_finding(name: str) -> None:
    change, field = ODD[name]
    odd = change(copy.deepcopy(wrong_bill()))
    assert field in noted(odd)
    others = [found for found in findings(odd) if found[0] not in OF_THE_DIAGNOSIS]
    assert others == findings(wrong_bill())


@pytest.mark.parametrize("first", [0, 1])
def test_the_order_of_diagnoses_from_zero_or_one_says_nothing(first: int) -> None:
    change = of_diagnoses({"dias_srt_no": str(first)}, {"dias_srt_no": first + 1})
    odd = change(copy.deepcopy(wrong_bill()))
    assert findings(odd) == findings(wrong_bill())
    assert noted(odd) == set()


def test_a_line_without_a_code_takes_its_own_findings_with_it() -> None:
    for code in ("0", "默认"):
        odd = copy.deepcopy(wrong_bill())
        _stay(odd)["fsi_order_dtos"][0]["hilist_code"] = code
        assert "hilist_code" in noted(odd)
        found = findings(odd)
        rest = [each for each in findings(wrong_bill()) if each[2] != (0,)]
        assert [each for each in found if each[1] == Label.VIOLATED.name] == rest
        assert all(each[1] == "UNDETERMINED" for each in found if each not in rest)


def test_codes_outside_of_the_systems_are_foreign() -> None:
    for code in ("86901234567890", "Y0012", "X12345"):
        odd = copy.deepcopy(wrong_bill())
        _stay(odd)["fsi_order_dtos"][0]["hilist_code"] = code
        assert read(odd).lines[0].value("drug") == one(Foreign(code))
        assert "hilist_code" in noted(odd)
        assert all(each[2] != (0,) or each[1] == "UNDETERMINED" for each in findings(odd))


def test_the_whole_bills_total_on_each_line_bounds_the_money() -> None:
    odd = copy.deepcopy(wrong_bill())
    total = _stay(odd)["medfee_sumamt"]
    for one_ in _stay(odd)["fsi_order_dtos"]:
        one_["sumamt"] = total
    plain, found = findings(wrong_bill()), findings(odd)
    assert [each[:3] for each in found] == [each[:3] for each in plain]
    for before, after in zip(plain, found, strict=True):
        low, high = after[3]  # type: ignore[misc]  # a pair by construction
        assert high is not None
        assert low <= before[3][0] <= high <= total  # type: ignore[index]


def test_identical_lines_are_kept_apart_by_position() -> None:
    odd = copy.deepcopy(wrong_bill())
    lines = _stay(odd)["fsi_order_dtos"]
    lines.append(copy.deepcopy(lines[0]))
    of_sex = [each[2] for each in findings(odd) if each[0].endswith("/drug_by_sex")]
    assert of_sex == [(0,), (6,)]
    assert [line.key for line in read(odd).lines][::6] == ["#1", "#7"]


def test_a_scene_out_of_range_leaves_the_transaction_to_tell() -> None:
    odd = copy.deepcopy(wrong_bill())
    odd["input"]["data"]["trig_scen"] = "23"
    bill = read(odd)
    assert (bill.stage, bill.scene) == ("during", None)
    assert "trig_scen" in noted(odd)


def test_each_person_has_the_findings_of_his_own_bill() -> None:
    both = copy.deepcopy(wrong_bill())
    other = copy.deepcopy(both["input"]["data"]["patient_dtos"][0])
    other |= {"patn_id": "P2", "patn_name": "丁某", "gend": "2"}
    both["input"]["data"]["patient_dtos"].append(other)
    bills = read_bills(read_request(as_bytes(both)), PROFILE)
    assert [bill.patient.value("sex") for bill in bills] == [one("male"), one("female")]
    of_sex = [
        sum(f.rule.id.endswith("/drug_by_sex") for f in check(program(), bill).findings)
        for bill in bills
    ]
    assert of_sex == [1, 0]


# Fee uploads: rules that hang on the lines alone say the same

ON_LINES = ("national.service_items", "national.herbs/herb_never_paid")


@pytest.mark.parametrize("infno", ["2204", "2301"])
def test_a_fee_upload_has_the_same_findings_on_its_lines(infno: str) -> None:
    fees = [
        fee(
            number,
            feedetl_sn=line["rx_id"],
            med_list_codg=line["hilist_code"],
            cnt=line["cnt"],
            pric=line["pric"],
            det_item_fee_sumamt=line["sumamt"],
            fee_ocur_time=line["drord_begn_date"],
            rxno=line["rxno"],
        )
        for number, line in enumerate(_stay(wrong_bill())["fsi_order_dtos"], start=1)
    ]
    total = _stay(wrong_bill())["medfee_sumamt"]
    settled = {"mdtrt_id": "M1", "medfee_sumamt": total, "setl_time": "2026-03-09 10:00:00"}
    tree = upload(*fees, infno=infno, output={"setlinfo": settled})
    assert findings(tree, ON_LINES) == findings(wrong_bill(), ON_LINES)


def test_findings_use_what_both_places_agree_on() -> None:
    tree = copy.deepcopy(wrong_bill())
    tree["input"]["data"]["patient_dtos"][0]["patn_id"] = "11010519491231002X"
    tree["input"]["data"]["patient_dtos"][0]["brdy"] = "1949-12-31"
    plain = {each[0]: each for each in findings(wrong_bill())}
    found = {each[0]: each for each in findings(tree)}
    by_sex = "national.drug_limits/drug_by_sex"
    assert found.pop(by_sex)[1] == "UNDETERMINED"
    assert plain.pop(by_sex)[1] == "VIOLATED"
    assert found == plain


# What cannot be recognised


@pytest.mark.parametrize(
    ("tree", "found"),
    [
        ({"pid": "P1", "pvid": "M1", "order_info": []}, "pid, pvid, order_info"),
        ({"jzlx": "2", "msgid": "1", "patient_dtos": ""}, "jzlx, msgid, patient_dtos"),
        ({"甲某某": 1, "330602199001011234": 2}, "nothing"),
        ({"infno": "3101", "input": {"data": {"task_id": "1", "x": 2}}}, "task_id, x"),
        ({"infno": "2205", "input": {"data": {"psn_no": "1"}}}, "2205 takes back a whole batch"),
        ({"infno": "4101", "input": {"setlinfo": {}}}, "4101 holds totals by class"),
    ],
)
def test_a_refusal_says_what_was_found_and_what_is_wanted(tree: Tree, found: str) -> None:
    with pytest.raises(InputError) as caught:
        read_bills(tree)
    assert found in caught.value.words.en
    assert "330602" not in str(caught.value)
    assert caught.value.help is not None
    assert "input.data.patient_dtos" in caught.value.help.en
    assert "input.feedetail" in caught.value.help.en


def test_a_dialect_without_an_envelope_is_noted() -> None:
    visit = read(bare_visit(wrong_bill()))
    assert (visit.patient.key, visit.encounter.key) == ("P1", "M1")
    assert "patient_dtos" in {note.field for note in visit.notes}
    assert read(bare_patient(wrong_bill())).encounter.key == "M1"

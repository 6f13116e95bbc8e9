"""Fee uploads (2204, 2301) to bills, with replies and settlement data beside them."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from engine.errors import InputError
from engine.facts import ABSENT, Bill, exactly, one
from engine.intake.dosing import read_frequency, read_single_dose, read_supply
from engine.intake.nhsa import read_bills
from engine.intake.reading import Limits, read_request
from engine.profile import CoverageClaim, Profile
from rulelang.values import Range
from tests.requests import CONSUMABLE, DRUG, HERB, INSTITUTION, ITEM, Tree, as_bytes, wide
from tests.uploads import PERSON, fee, reply, settlement, upload

NOT_BY_DEFAULT = Profile(claimed_by_default=False)


def bills(tree: Tree, profile: Profile = Profile(), **options: Any) -> tuple[Bill, ...]:  # noqa: B008 - frozen
    return read_bills(read_request(as_bytes(tree)), profile, **options)


def bill_of(tree: Tree, profile: Profile = Profile(), **options: Any) -> Bill:  # noqa: B008 - frozen
    (found,) = bills(tree, profile, **options)
    return found


def noted(bill: Bill, field: str) -> list[str]:
    return [note.words.en for note in bill.notes if note.field == field]


# The bill


def test_a_clean_upload_leaves_no_note() -> None:
    bill = bill_of(upload())
    assert bill.notes == ()
    assert (bill.patient.key, bill.encounter.key) == (PERSON, "M1")
    assert [line.key for line in bill.lines] == ["F1", "F2"]
    assert (bill.stage, bill.scene) == ("before", None)
    assert str(bill.asked_at) == "2026-03-07 09:30:00"
    assert bill.institution.value("id") == one(INSTITUTION)
    assert bill.territories == {"place_of_care": "330600", "place_of_insurance": "330600"}


def test_a_line_says_what_a_review_request_cannot() -> None:
    line = bill_of(upload(fee(1))).lines[0]
    known = {
        "drug": one(DRUG),
        "quantity": exactly(Decimal(2)),
        "price": exactly(Decimal("12.5")),
        "amount": exactly(Decimal(25)),
        "dose": exactly(Decimal("0.5"), "g"),
        "frequency": exactly(Decimal(3), "time/day"),
        "days_supply": exactly(Decimal(7)),
        "route": one("infusion"),
        "order_dept": one("A03.01"),
        "doctor": one("D330602000001"),
        "name": one("白蛋白"),
        "date": exactly(dt.date(2026, 3, 5)),
    }
    assert {name: line.value(name) for name in known} == known
    assert line.fact("amount").pointer == "/input/feedetail/0/det_item_fee_sumamt"


def test_what_an_upload_does_not_have_is_unknown() -> None:
    bill = bill_of(upload())
    assert bill.patient.value("birth_date").is_nothing
    assert bill.patient.value("sex").is_nothing
    assert bill.institution.value("level").is_nothing
    assert bill.encounter.value("care_type").is_nothing
    assert bill.encounter.value("discharged").is_nothing
    assert not bill.encounter.collections["lines"].coverage.closed
    assert not bill.encounter.collections["diagnoses"].coverage.closed


@pytest.mark.parametrize(
    ("code", "kind", "top"),
    [(DRUG, "drug", "drugs"), (ITEM, "item", "items"), (CONSUMABLE, "consumable", "consumables"), (HERB, "herb", "herbs")],
)  # fmt: skip
def test_the_kind_follows_from_the_form_of_the_code(code: str, kind: str, top: str) -> None:
    line = bill_of(upload(fee(1, med_list_codg=code))).lines[0]
    assert line.value(kind) == one(code)
    assert top in (line.value("list_type").choices or ())
    assert all(line.value(other) == ABSENT for other in ("drug", "item", "herb") if other != kind)


def test_an_own_code_has_no_kind() -> None:
    line = bill_of(upload(fee(1, med_list_codg="Y12"))).lines[0]
    assert all(line.value(kind).is_nothing for kind in ("drug", "item", "consumable", "herb"))
    assert line.value("list_type").is_nothing


def test_the_disease_of_a_batch_is_a_diagnosis_or_a_special_disease() -> None:
    bill = bill_of(upload(fee(1), fee(2, dise_codg="R18.x00"), fee(3)))
    codes = [one_.value("code") for one_ in bill.encounter.collections["diagnoses"].members]
    assert codes == [one("K74.600"), one("R18.x00")]
    chronic = bill_of(upload(fee(1, dise_codg="M01600"))).encounter
    assert chronic.value("special_disease") == one("M01600")
    assert chronic.collections["diagnoses"].members == ()


def test_an_inpatient_upload_has_its_type_of_care() -> None:
    lines = [fee(1, med_type="21", matn_fee_flag="1", dscg_tkdrug_flag="1"), fee(2, med_type="21", matn_fee_flag="1")]  # fmt: skip
    bill = bill_of(upload(*lines, infno="2301"))
    assert bill.encounter.value("care_type") == one("inpatient_general")
    assert bill.encounter.value("fund") == one("maternity")
    assert bill.lines[0].value("discharge_drug") == one(choice=True)
    mixed = [fee(1, matn_fee_flag="1"), fee(2, matn_fee_flag="0")]
    assert bill_of(upload(*mixed, infno="2301")).encounter.value("fund").is_nothing


def test_flags_of_lines_and_prescriptions() -> None:
    bill = bill_of(upload(fee(1, rx_circ_flag="1", tcmdrug_used_way="2", med_list_codg=HERB)))
    assert bill.prescriptions[0].value("external") == one(choice=True)
    assert bill.lines[0].value("herb_use") == one("single_herb")


def test_one_bill_for_each_person_and_encounter() -> None:
    found = bills(
        upload(fee(1), fee(2, mdtrt_id="M2"), fee(3, psn_no="P2", mdtrt_id="M3", cnt="x"), fee(4))
    )
    assert [(bill.patient.key, bill.encounter.key) for bill in found] == [
        (PERSON, "M1"),
        (PERSON, "M2"),
        ("P2", "M3"),
    ]
    assert [line.key for line in found[0].lines] == ["F1", "F4"]
    assert len(found[0].patient.collections["lines"].members) == 3
    assert not noted(found[0], "cnt")
    assert noted(found[2], "cnt")
    assert not noted(found[0], "curr_mdtrt_id")


def test_a_line_without_a_person_is_that_of_its_encounter() -> None:
    bill = bill_of(upload(fee(1), fee(2, psn_no="")))
    assert [line.key for line in bill.lines] == ["F1", "F2"]
    assert noted(bill, "psn_no")
    assert bill_of(upload(fee(1, psn_no=""))).encounter.key == "M1"


def test_a_refund_names_its_line() -> None:
    back = fee(2, cnt=-1, det_item_fee_sumamt="-12.5", init_feedetl_sn="F1")
    bill = bill_of(upload(fee(1), back))
    (line,) = bill.lines
    assert line.value("quantity") == exactly(Decimal(1))
    assert line.value("amount") == exactly(Decimal("12.5"))
    assert bill.netted is not None
    assert [gone.key for gone in bill.netted] == ["F2"]


def test_a_claim_of_the_whole_history_does_not_reach_an_upload() -> None:
    profile = Profile(coverage=(CoverageClaim("patient.lines"),))
    assert not bill_of(upload(), profile).patient.collections["lines"].coverage.closed


def test_an_upload_that_asks_for_no_audit_is_audited() -> None:
    bill = bill_of(upload(fee(1, unchk_flag="1")))
    assert len(bill.lines) == 1
    assert noted(bill, "unchk_flag")


def test_an_envelope_of_several_shapes() -> None:
    plain = bill_of(upload())
    single = upload()
    single["input"]["feedetail"] = fee(1)
    assert len(bill_of(single).lines) == 1
    wrapped = {"request": upload(), "reply": {"output": {"result": [reply(1)]}}}
    assert bill_of(wrapped).lines[0].value("claimed_amount") == exactly(Decimal(20))
    inner = upload()
    inner["input"] = {"data": inner["input"]}
    assert [line.key for line in bill_of(inner).lines] == [line.key for line in plain.lines]


@pytest.mark.parametrize(
    ("tree", "code"),
    [
        (upload({}), "EN0112"),
        (upload({"cnt": 1}), "EN0112"),
        ({"infno": "2204", "input": {"feedetail": []}}, "EN0112"),
        ({"infno": "2205", "input": {"data": {"psn_no": PERSON}}}, "EN0112"),
        ({"infno": "2302", "input": {"data": [{"psn_no": PERSON}]}}, "EN0112"),
    ],
)
def test_what_holds_no_line_of_a_person_is_refused(tree: Tree, code: str) -> None:
    with pytest.raises(InputError) as caught:
        bills(tree)
    assert caught.value.code == code
    assert caught.value.help is not None
    assert "feedetail" in caught.value.help.zh
    assert PERSON not in str(caught.value)


def test_too_many_lines_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        bills(upload(*[fee(1) for _ in range(4)]), limits=Limits(lines=3))
    assert caught.value.code == "EN0105"


# The reply


def test_a_reply_is_merged_for_the_claimed_ladder() -> None:
    tree = upload(output={"result": [reply(1), reply(2, inscp_scp_amt=0, pric_uplmt_amt="10.5")]})
    first, second = bill_of(tree, NOT_BY_DEFAULT).lines
    assert first.value("claimed") == one(choice=True)
    assert first.value("claimed_amount") == exactly(Decimal(20))
    assert first.fact("claimed_amount").pointer == "/output/result/0/inscp_scp_amt"
    assert first.value("first_pay") == exactly(Decimal("0.1"))
    assert first.value("price_cap") == ABSENT
    assert first.value("class") == one("class_b")
    assert first.value("charge_class") == one("western_drugs")
    assert second.value("claimed") == one(choice=False)
    assert second.value("price_cap") == exactly(Decimal("10.5"))


@pytest.mark.parametrize(
    ("limited", "approval", "claimed"),
    [("1", "1", True), ("1", "0", False), ("1", "2", False), ("0", "2", False), ("0", "1", None)],
)
def test_approval_with_the_replys_limit_decides(
    limited: str, approval: str, claimed: object
) -> None:
    answer = reply(1, lmt_used_flag=limited, inscp_scp_amt=None)
    tree = upload(fee(1, hosp_appr_flag=approval), output={"result": [answer]})
    found = bill_of(tree, NOT_BY_DEFAULT).lines[0].value("claimed")
    assert found.choices == (None if claimed is None else {claimed})


def test_a_reply_that_says_otherwise_is_one_of_both() -> None:
    bill = bill_of(upload(fee(1), output={"result": [reply(1, cnt=3, pric="12.5")]}))
    quantity = bill.lines[0].fact("quantity")
    assert quantity.value.range == Range(Decimal(2), Decimal(3))
    assert quantity.premises == ("/input/feedetail/0/cnt", "/output/result/0/cnt")
    assert noted(bill, "cnt") == ["the upload differs from the platform's reply"]
    assert bill.lines[0].value("price") == exactly(Decimal("12.5"))


def test_a_reply_of_no_line_or_of_two_is_not_read() -> None:
    bill = bill_of(upload(output={"result": [reply(1), reply(1, inscp_scp_amt=5), reply(9)]}))
    assert bill.lines[0].fact("claimed_amount").assumption == "amount_as_upper_bound"
    assert noted(bill, "feedetl_sn")
    failed = bill_of(upload(output=None, infcode=-1))
    assert failed.notes == ()


# Settlement data


def test_settlement_data_give_date_and_amounts() -> None:
    bill = bill_of(upload(output={"setlinfo": settlement()}))
    assert str(bill.settled_at) == "2026-03-09 10:00:00"
    assert bill.stage == "during"
    stay = bill.encounter
    known = {"total": 50, "own_pay": 1, "fund_paid": 30, "patient_share": 19, "deductible": 5}
    assert {name: stay.value(name) for name in known} == {
        name: exactly(Decimal(value)) for name, value in known.items()
    }
    assert stay.collections["lines"].coverage.closed


def test_lines_that_are_not_the_settled_total_are_not_all() -> None:
    bill = bill_of(upload(output={"setlinfo": settlement(medfee_sumamt=60)}))
    coverage = bill.encounter.collections["lines"].coverage
    assert not coverage.closed
    assert "10" in coverage.words.en


def test_a_settlement_of_another_encounter_is_not_read() -> None:
    bill = bill_of(upload(setlinfo=settlement(mdtrt_id="M9")))
    assert bill.encounter.value("total").is_nothing
    assert noted(bill, "setlinfo")
    found = bills(upload(fee(1), fee(2, mdtrt_id="M2"), setlinfo=settlement(mdtrt_id="")))
    assert all(one_.settled_at is None for one_ in found)


def test_a_request_beside_says_scheme_and_care() -> None:
    tree = upload()
    tree["input"]["data"] = {"insutype": "390", "med_type": "11"}
    stay = bill_of(tree).encounter
    assert stay.value("scheme") == one("resident")
    assert stay.value("care_type") == one("outpatient_general")
    contradicted = upload(fee(1, med_type="21"), fee(2, med_type="11"))
    bill = bill_of(contradicted)
    assert bill.encounter.value("care_type").choices == {"inpatient_general", "outpatient_general"}
    assert noted(bill, "med_type") == ["the type of care is stated differently"]


# Free text

DAY, WEEK = "time/day", "time/week"


@pytest.mark.parametrize(
    ("sent", "rate", "unit"),
    [
        ("QD", "1", DAY), ("qd", "1", DAY), ("Bid", "2", DAY), ("t.i.d.", "3", DAY), ("QID", "4", DAY),
        ("Q8H", "3", DAY), ("q12h", "2", DAY), ("Q5H", "4.8", DAY), ("QOD", "0.5", DAY), ("QN", "1", DAY),
        ("QW", "1", WEEK), ("BIW", "2", WEEK), ("每日三次", "3", DAY), ("一天2次", "2", DAY),
        ("每天两次", "2", DAY), ("一日 3 次", "3", DAY), ("3次/日", "3", DAY), (f"{wide('2')}次{wide('/')}天", "2", DAY),
        ("每8小时一次", "3", DAY), ("隔日一次", "0.5", DAY), ("每晚一次", "1", DAY), ("每周2次", "2", WEEK),
        ("tid pc", "3", DAY), ("BID(饭后)", "2", DAY), ("q2d", "0.5", DAY), ("每日十二次", "12", DAY),
    ],
)  # fmt: skip
def test_frequencies_that_are_read(sent: str, rate: str, unit: str) -> None:
    read = read_frequency(sent)
    assert read.trouble is None
    assert read.value == exactly(Decimal(rate), unit)


@pytest.mark.parametrize(
    "sent", ["必要时", "ST", "PRN", "Q7H", "q3d", "Q0H", "遵医嘱", "x" * 99, {}, 3]
)
def test_frequencies_that_are_not_read(sent: object) -> None:
    read = read_frequency(sent)
    assert read.value.is_nothing
    assert read.trouble is not None


@pytest.mark.parametrize(
    ("sent", "low", "high", "unit"),
    [
        ("0.5g", "0.5", "0.5", "g"), ("2片", "2", "2", "tablet"), ("每次2片", "2", "2", "tablet"),
        ("1-2片", "1", "2", "tablet"), ("500 mg/次", "500", "500", "mg"), (wide("10ml"), "10", "10", "mL"),
        ("1~1.5克", "1", "1.5", "g"), ("一次1袋", "1", "1", "bag"),
    ],
)  # fmt: skip
def test_doses_that_are_read(sent: str, low: str, high: str, unit: str) -> None:
    read = read_single_dose(sent)
    assert read.trouble is None
    assert read.value.range == Range(Decimal(low), Decimal(high))
    assert read.value.unit == unit


@pytest.mark.parametrize("sent", ["适量", "2", "0g", "-1片", "3-2片", "1-2撮", [], "片"])
def test_doses_that_are_not_read(sent: object) -> None:
    read = read_single_dose(sent)
    assert read.value.is_nothing
    assert read.trouble is not None


def test_days_of_supply() -> None:
    assert read_supply("7天").value == exactly(Decimal(7))
    assert read_supply(14).value == exactly(Decimal(14))
    assert read_supply("7.00").value == exactly(Decimal(7))
    for sent in (0, "0", "x", "-1"):
        assert read_supply(sent).value.is_nothing
        assert read_supply(sent).trouble is not None
    assert read_supply("").trouble is None

"""Laws of the intake: it takes anything, refuses with a code, points to what it read, names nobody (S1)."""

import copy
import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.derived import complete
from engine.errors import ENGINE_CODES, InputError
from engine.facts import Bill, Entity
from engine.intake.nhsa import read_bills
from engine.intake.reading import read_request
from engine.profile import CoverageClaim, Profile
from tests.requests import (
    CONSUMABLE,
    DRUG,
    HERB,
    INSTITUTION,
    ITEM,
    PATIENT_NAME,
    PATIENT_NUMBER,
    VARIANTS,
    Tree,
    as_bytes,
    diagnosis,
    encounter,
    item,
    line,
    operation,
    patient,
    request,
    summary,
    wide,
)

PROFILE = Profile(
    vouches_empty=frozenset({"fsi_diagnose_dtos", "fsi_operation_dtos"}),
    claimed_by_default=False,
    constants={"hosp_appr_flag": "1", "cnt": "2"},
    maps={"medins_lv": {"2": "二级"}, "hilist_type": {"1": "101"}, "hilist_code": {"Y1": DRUG}},
    institutions={INSTITUTION: {"level": "二级甲等", "public": True, "division": "330602"}},
    coverage=(CoverageClaim("患者.明细"), CoverageClaim("patient.encounters", ("H1",))),
)
PROFILES = st.sampled_from([Profile(), PROFILE])

NAMES = st.sampled_from(
    [
        "input", "data", "patient_dtos", "patientDtos", "fsi_encounter_dtos", "encounterDtos",
        "fsi_order_dtos", "fsi_diagnose_dtos", "fsi_operation_dtos", "orderDtos", "trigScen",
        "trig_scen", "infno", "inf_time", "mdtrt_id", "curr_mdtrt_id", "patn_id", "psn_no", "cnt",
        "pric", "sumamt", "hilist_code", "hilist_type", "adm_date", "dscg_date", "med_type",
        "curr_drord_flag", "rx_id", "rxno", "brdy", "gend", "dise_codg", "oprn_code", "poolarea",
        "medfee_sumamt", "medins_lv", "medins_id", "rule_ids", "spec_unt",
    ]
)  # fmt: skip
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(
        [
            "", "-", "--", " ", "0", "1", "默认", "2026-47-14", "2026-03-05", "1900-01-01", "二级",
            1772673153000, "1E+5", wide("12.5"), "M1", "1,2", [], {}, "[]", DRUG, ITEM, HERB,
            CONSUMABLE, "A17.000†G01*", "330600", "9" * 60, 10**400, "null", "是", "0.5g",
        ]
    ),
)  # fmt: skip
TREES = st.recursive(
    JUNK,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(NAMES, st.text(max_size=4)), inner, max_size=6),
    ),
    max_leaves=25,
)


def _read_or_refused(read: Callable[[], object]) -> None:
    """Nothing but an `InputError` may come out, and that with a code of the catalogue."""
    code = ""
    try:
        read()
    except InputError as error:
        code = error.code
    assert not code or code in ENGINE_CODES


@given(TREES, PROFILES)
def test_any_tree_is_read_or_refused(tree: object, profile: Profile) -> None:
    _read_or_refused(lambda: read_bills(tree, profile))


@given(st.dictionaries(NAMES, TREES, max_size=8), PROFILES)
def test_any_payload_is_read_or_refused(payload: Tree, profile: Profile) -> None:
    tree = {"input": {"data": {"patient_dtos": [{"fsi_encounter_dtos": [payload], **payload}]}}}
    _read_or_refused(lambda: read_bills(tree, profile))


@given(st.binary(max_size=200))
@example(b'{"a": 1e-999999999999999999999}')
@example(b"[1e400, -1e400, 1E+40, 0.000000000000000000000000000000000000000000000000000001]")
@example(b'"\\ud800\\udc00"')
@example(b"\xef\xbb\xbf")
@example(b"]" * 100)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    _read_or_refused(lambda: read_request(data))


# Well-formed requests

MONEY = st.decimals(0, 10000, places=2)
CLOCK = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 3, 31)).map(  # noqa: DTZ001
    lambda moment: moment.strftime("%Y-%m-%d %H:%M:%S")
)
CODES = st.sampled_from(
    [("101", DRUG), ("201", ITEM), ("301", CONSUMABLE), ("102", HERB), ("101", "Y1"), ("", DRUG), ("201", "")]
)  # fmt: skip


@st.composite
def lines(draw: st.DrawFn, number: int) -> Tree:
    list_type, code = draw(CODES)
    return line(
        number,
        hilist_type=list_type,
        hilist_code=code,
        cnt=draw(st.one_of(st.none(), st.integers(-3, 100))),
        pric=draw(st.one_of(st.none(), MONEY)),
        sumamt=draw(st.one_of(st.none(), MONEY)),
        ownpay_amt=draw(st.one_of(st.just(0), MONEY)),
        spec_unt=draw(st.sampled_from(["盒", "", "次", "大包"])),
        rxno=draw(st.sampled_from(["RX1", "RX2", ""])),
        curr_drord_flag=draw(st.sampled_from(["1", "1", "0"])),
        drord_begn_date=draw(CLOCK),
        hilist_lv=draw(st.sampled_from(["01", "02", "03", "--"])),
    )


@st.composite
def encounters(draw: st.DrawFn, number: int) -> Tree:
    count = draw(st.integers(0, 3))
    return encounter(
        mdtrt_id=f"M{number}",
        adm_date=draw(CLOCK),
        dscg_date=draw(st.one_of(st.none(), CLOCK)),
        med_type=draw(st.sampled_from(["11", "21", "210104", "14", "41", "52", ""])),
        medins_lv=draw(st.sampled_from(["02", "2", "", "11"])),
        insutype=draw(st.sampled_from(["310", "390", "510", "410", "340"])),
        matn_stas=draw(st.sampled_from(["0", "1", "2"])),
        fsi_order_dtos=[draw(lines(n)) for n in range(count)],
        fsi_diagnose_dtos=[
            diagnosis(code, "x", maindise_flag=flag)
            for code, flag in draw(
                st.lists(
                    st.tuples(
                        st.sampled_from(["I10.x00", "K74.600", "XYZ", "A17.000†G01*"]),
                        st.sampled_from(["0", "1"]),
                    ),
                    max_size=3,
                )
            )
        ],
        fsi_operation_dtos=[operation() for _ in range(draw(st.integers(0, 2)))],
    )


@st.composite
def whole_requests(draw: st.DrawFn, most: int = 3) -> Tree:
    count = draw(st.integers(1, most))
    stays = [draw(encounters(number)) for number in range(1, count + 1)]
    tree = request(
        patient(*stays, curr_mdtrt_id=f"M{draw(st.integers(1, count))}"),
        trig_scen=draw(st.sampled_from(["2", "4", "8", "10", "", "1,2"])),
    )
    tree["infno"] = draw(st.sampled_from(["3101", "3102"]))
    if draw(st.booleans()):
        del tree["inf_time"]
    return tree


OF_VALUES = ["5 numbers as texts", "6 slashed dates", "7 empty lists"]
OF_STRUCTURE = ["1 single objects", "2 flattened", "3 camel case", "4 misplaced operations"]


def both(tree: Tree, variant: Callable[[Tree], Tree], profile: Profile) -> tuple[Bill, Bill]:
    (plain,) = read_bills(read_request(as_bytes(tree)), profile)
    (varied,) = read_bills(read_request(as_bytes(variant(tree))), profile)
    return plain, varied


@pytest.mark.parametrize("name", VARIANTS)
@given(data=st.data(), profile=PROFILES)
def test_a_bill_is_the_same_in_every_shape(
    name: str, data: st.DataObject, profile: Profile
) -> None:
    """INTERFACE 6, variants 1 to 7, with and without history (11)."""
    tree = data.draw(whole_requests())
    if "other names" in name:  # its infno is another, so let the scene tell the stage
        tree["infno"] = "3101"
        tree["input"]["data"]["trig_scen"] = "4"
    plain, varied = both(tree, VARIANTS[name], profile)
    assert summary(varied) == summary(plain)


@given(whole_requests(most=1), st.permutations(OF_VALUES), st.sampled_from(OF_STRUCTURE))
def test_shapes_may_be_mixed(tree: Tree, of_values: list[str], of_structure: str) -> None:
    def mixed(plain: Tree) -> Tree:
        for name in of_values:
            plain = VARIANTS[name](plain)
        return VARIANTS[of_structure](plain)

    plain, varied = both(tree, mixed, Profile())
    assert summary(varied) == summary(plain)


# Mutations


def leaves(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, (*path, key))
    elif isinstance(tree, list) and tree:
        for number, value in enumerate(tree):
            yield from leaves(value, (*path, number))
    else:
        yield path


def changed(tree: Tree, path: tuple[Any, ...], value: object, *, drop: bool) -> Tree:
    tree = copy.deepcopy(tree)
    inner: Any = tree
    for step in path[:-1]:
        inner = inner[step]
    if drop:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return tree


BASE = request(
    patient(
        encounter(mdtrt_id="M0", fsi_order_dtos=[line(9, curr_drord_flag="0")]),
        encounter(fsi_order_dtos=[line(1, inscp_scp_amt=20, lmt_used_flag="1"), line(2, prd_days=7), item(3)]),
    )
)  # fmt: skip
LEAVES = sorted(leaves(BASE), key=str)


@given(st.lists(st.tuples(st.sampled_from(LEAVES), JUNK), min_size=1, max_size=6), PROFILES)
def test_a_changed_value_never_raises(changes: list[tuple[Any, Any]], profile: Profile) -> None:
    tree = BASE
    for path, value in changes:
        tree = changed(tree, path, value, drop=False)
    for bill in read_bills(tree, profile):
        _is_sound(bill)


@given(st.sampled_from(LEAVES), PROFILES)
def test_a_dropped_value_never_raises(path: tuple[Any, ...], profile: Profile) -> None:
    for bill in read_bills(changed(BASE, path, None, drop=True), profile):
        _is_sound(bill)


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: "/".join(map(str, path)))
def test_each_value_may_be_blank(path: tuple[Any, ...]) -> None:
    for blank in (None, "", "-"):
        for bill in read_bills(changed(BASE, path, blank, drop=False)):
            _is_sound(bill)


def _is_sound(bill: Bill) -> None:
    """Every subject is a member, every range holds something, every fact is at most one kind."""
    members = bill.encounter.collections["lines"].members
    assert set(bill.lines) <= set(members) <= set(bill.patient.collections["lines"].members)
    for entity in _everything(bill):
        for fact in entity.facts.values():
            known = fact.value.range
            if known is not None and known.low is not None and known.high is not None:
                assert known.low <= known.high
            assert fact.value.choices is None or fact.value.choices
            assert known is None or fact.value.choices is None


def _everything(bill: Bill) -> Iterator[Entity]:
    yield bill.patient
    yield bill.institution
    yield from bill.prescriptions
    yield from bill.patient.collections["lines"].members
    for stay in bill.patient.collections["encounters"].members:
        yield stay
        for collection in stay.collections.values():
            yield from collection.members


def resolved(tree: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        tree = tree[int(key)] if isinstance(tree, list) else tree[key]
    return tree


@given(whole_requests(), st.sampled_from(sorted(VARIANTS)), PROFILES)
def test_every_fact_points_to_what_was_sent(tree: Tree, name: str, profile: Profile) -> None:
    sent = read_request(as_bytes(VARIANTS[name](tree)))
    for bill in read_bills(sent, profile):
        for entity in _everything(bill):
            for fact in entity.facts.values():
                if fact.raw is not None and not fact.pointer.startswith("profile#"):
                    assert resolved(sent, fact.pointer) == fact.raw
        for note in bill.notes:
            parent, _, _ = note.pointer.rpartition("/")
            resolved(sent, parent)


@given(
    st.lists(st.sampled_from(LEAVES), min_size=1, max_size=8),
    st.sampled_from([PATIENT_NAME, PATIENT_NUMBER]),
)
def test_no_note_names_the_person(paths: list[tuple[Any, ...]], text: str) -> None:
    tree = BASE
    for path in paths:
        if path[-1] not in {"patn_id", "patn_name"}:
            tree = changed(tree, path, f"x{text}", drop=False)
    for bill in read_bills(tree):
        shown = " ".join(
            f"{n.pointer} {n.field} {n.raw} {n.words.zh} {n.words.en}" for n in bill.notes
        )
        assert text not in shown


@given(whole_requests(), PROFILES)
def test_completing_twice_changes_nothing(tree: Tree, profile: Profile) -> None:
    for bill in read_bills(read_request(as_bytes(tree)), profile):
        before = summary(bill)
        assert summary(complete(bill, profile)) == before


@given(whole_requests())
def test_reading_twice_gives_the_same(tree: Tree) -> None:
    data = as_bytes(tree)
    first, second = (read_bills(read_request(data)) for _ in range(2))
    assert [summary(bill) for bill in first] == [summary(bill) for bill in second]
    assert [bill.notes for bill in first] == [bill.notes for bill in second]


@given(
    st.decimals(-1000000, 1000000, places=4),
    st.sampled_from([str, lambda d: f"{d:f}", lambda d: d]),
)
def test_numbers_come_through_exactly(number: Decimal, spell: Callable[[Decimal], object]) -> None:
    tree = request(patient(encounter(fsi_order_dtos=[line(1, sumamt=spell(number))])))
    (bill,) = read_bills(tree)
    known = bill.lines[0].value("amount").range
    assert known is not None
    assert known.exact == number

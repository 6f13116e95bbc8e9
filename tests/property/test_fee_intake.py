"""Laws of fee uploads: anything is read or refused, facts point to what was sent, nobody is named (S1)."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ENGINE_CODES, InputError
from engine.facts import Bill, Entity
from engine.intake.dosing import read_frequency, read_single_dose, read_supply
from engine.intake.nhsa import read_bills
from engine.profile import Profile
from tests.requests import CONSUMABLE, DRUG, HERB, ITEM, Tree
from tests.uploads import PERSON, fee, reply, settlement, upload

BASE = upload(
    fee(1),
    fee(2, med_list_codg=ITEM),
    fee(3, cnt=-1, det_item_fee_sumamt="-12.5", init_feedetl_sn="F1"),
    fee(4, mdtrt_id="M2", med_list_codg=HERB),
    output={"result": [reply(1), reply(2)], "setlinfo": settlement()},
)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=8),
    st.sampled_from(
        ["", "-", "0", "1", "M1", "F1", "QD", "每日三次", "1-2片", "适量", "7天", [], {}, [[]], {"x": 1},
         "2026-03-05", "1E+5", DRUG, CONSUMABLE, "99999999", 10**400, "K74.600", "M01600", PERSON]
    ),
)  # fmt: skip


def leaves(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()  # fmt: skip
    for key, value in pairs:
        yield from leaves(value, (*path, key))


PLACES = sorted((path for path in leaves(BASE) if path), key=str)


def changed(changes: list[tuple[tuple[Any, ...], object]]) -> Tree:
    tree = copy.deepcopy(BASE)
    for path, value in changes:
        inner: Any = tree
        try:
            for step in path[:-1]:
                inner = inner[step]
            inner[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change has taken the place away
    return tree


def resolved(tree: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        tree = tree[int(key)] if isinstance(tree, list) else tree[key]
    return tree


def everything(bill: Bill) -> Iterator[Entity]:
    yield bill.patient
    yield bill.institution
    yield from bill.prescriptions
    for stay in bill.patient.collections["encounters"].members:
        yield stay
        for collection in stay.collections.values():
            yield from collection.members


@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK), max_size=5), st.booleans())
def test_any_upload_is_read_or_refused(changes: list[Any], vouched: object) -> None:
    tree = changed(changes)
    profile = Profile(claimed_by_default=bool(vouched))
    try:
        bills = read_bills(tree, profile)
    except InputError as error:
        assert error.code in ENGINE_CODES  # noqa: PT017 - most trees are read
        return
    for bill in bills:
        for entity in everything(bill):
            for fact in entity.facts.values():
                known = fact.value.range
                assert known is None or fact.value.choices is None
                if fact.raw is not None:
                    assert resolved(tree, fact.pointer) == fact.raw
        for note in bill.notes:
            assert PERSON not in f"{note.raw} {note.words.zh} {note.words.en} {note.pointer}"


@given(st.permutations([fee(1), fee(2, mdtrt_id="M2"), fee(3), fee(4, mdtrt_id="M2")]))
def test_each_line_goes_to_its_encounter_in_any_order(fees: list[Tree]) -> None:
    found = {
        bill.encounter.key: {line.key for line in bill.lines} for bill in read_bills(upload(*fees))
    }
    assert found == {"M1": {"F1", "F3"}, "M2": {"F2", "F4"}}


@given(st.one_of(st.text(max_size=20), JUNK))
def test_free_text_never_raises(text: object) -> None:
    for read in (read_frequency, read_single_dose, read_supply):
        found = read(text)
        assert found.value.is_nothing or found.value.range is not None

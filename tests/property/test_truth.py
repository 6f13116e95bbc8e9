"""S6, S12: truth with three values, and the class of a finding for all that W, R and the exceptions may be."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.facts import Value
from engine.finding import Finding, Label
from rulelang import core
from rulelang.values import FALSE, TRUE, UNKNOWN, Truth, all_of, any_of, at_least
from tests.judging import class_of, findings, program_of
from tests.strategies_bills import Plan, Thing
from tests.strategies_text import Both, Trial

TRUTHS = (TRUE, FALSE, UNKNOWN)
WORDS = {TRUE: "T", FALSE: "F", UNKNOWN: "U"}
PROOFS = {"W": "trial/proof_a", "R": "trial/proof_b", "X": "trial/proof_c", "Y": "trial/proof_d"}
RULE = Both(
    """规则 试 | tried “试” “Tried”
    依据 文一 “一”
    结果类型 {certainty}
    针对 就诊
    当 就诊.甲证
    要求 就诊.乙证
    除非 就诊.丙证 依据 文一 “二”{second}
    则 提醒""",
    "",
)


def completions(truths: tuple[Truth, ...]) -> list[tuple[Truth, ...]]:
    """All that the truths may turn out to be."""
    return list(product(*((TRUE, FALSE) if truth is UNKNOWN else (truth,) for truth in truths)))


# ---------------------------------------------------------------- Kleene


@given(st.lists(st.sampled_from(TRUTHS), max_size=5), st.integers(0, 6))
def test_a_joint_truth_is_what_all_completions_share(found: list[Truth], needed: int) -> None:
    """S6, strong Kleene: decided where, and only where, every completion says the same."""
    joint = {all_of: all_of(found), any_of: any_of(found)}
    for connective, truth in joint.items():
        assert truth is shared(connective(list(each)) for each in completions(tuple(found)))
    counted = shared(at_least(needed, each) for each in completions(tuple(found)))
    assert at_least(needed, found) is counted


def shared(truths: object) -> Truth:
    found = set(truths)
    return found.pop() if len(found) == 1 else UNKNOWN


@given(st.lists(st.sampled_from(TRUTHS), max_size=4))
def test_negation_turns_one_connective_into_the_other(found: list[Truth]) -> None:
    assert ~all_of(found) is any_of([~truth for truth in found])
    assert at_least(1, found) is any_of(found)
    assert at_least(len(found), found) is all_of(found)


def test_a_truth_is_no_bool() -> None:
    with pytest.raises(TypeError):
        bool(UNKNOWN)


# ---------------------------------------------------------------- S12


@cache
def program(certainty: str, *, two: bool) -> core.Program:
    second = "\n    除非 就诊.丁证 依据 文一 “三”" if two else ""
    text = RULE.zh.format(certainty=certainty, second=second)
    return program_of(Trial((Both(text, ""),)))


def judged(truths: tuple[Truth, ...], certainty: str = "违规") -> Finding:
    """The finding where W, R, X (and Y) are evidence of these truths."""
    values = {
        name: Value(choices=frozenset({truth is TRUE}))
        for name, truth in zip(PROOFS.values(), truths, strict=False)
        if truth is not UNKNOWN
    }
    nobody = Thing("patient", "P", {})
    plan = Plan(nobody, Thing("encounter", "now", values), Thing("institution", "I", {}), lines=())
    (found,) = findings(program(certainty, two=len(truths) > 3), plan.bill())
    return found


def expected(truths: tuple[Truth, ...]) -> str:
    """The class by the letter of S12."""
    when, require, *exceptions = truths
    if when is FALSE or require is TRUE or TRUE in exceptions:
        return "pass"
    if when is TRUE and require is FALSE and all(each is FALSE for each in exceptions):
        return "fail"
    return "undetermined"


CELLS = [*product(TRUTHS, repeat=3), *product(TRUTHS, repeat=4)]


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: "".join(WORDS[truth] for truth in cell))
def test_a_cell_is_decided_where_all_its_completions_agree(cell: tuple[Truth, ...]) -> None:
    """S12, S12.1: the class by the letter; decided classes are those of all completions."""
    found = judged(cell)
    assert class_of(found) == expected(cell)
    outcomes = {class_of(judged(each)) for each in completions(cell)}
    if class_of(found) == "undetermined":
        assert outcomes == {"pass", "fail"}
    else:
        assert outcomes == {class_of(found)}


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: "".join(WORDS[truth] for truth in cell))
def test_an_undetermined_cell_names_what_it_lacks(cell: tuple[Truth, ...]) -> None:
    """S10.1, S18: every unknown that it hangs on, each with its supplier, and no other."""
    found = judged(cell)
    named = {fact.fact for fact in found.missing}
    if class_of(found) != "undetermined":
        assert named == set()
        return
    unknown = [name for name, truth in zip(PROOFS.values(), cell, strict=False) if truth is UNKNOWN]
    assert named == {f"encounter.{name.removeprefix('trial/')}" for name in unknown}
    assert {fact.supplier for fact in found.missing} == {"physician"}


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: "".join(WORDS[truth] for truth in cell))
def test_labels_stand_in_the_order_of_s12(cell: tuple[Truth, ...]) -> None:
    when, require, *exceptions = cell
    for certainty, label in (("违规", Label.VIOLATED), ("可疑", Label.SUSPECTED)):
        found = judged(cell, certainty)
        if when is FALSE:
            assert found.label is Label.NOT_APPLICABLE
        elif require is TRUE:
            assert found.label is Label.SATISFIED
        elif TRUE in exceptions:
            assert found.label is Label.EXCUSED
            place = "二" if exceptions[0] is TRUE else "三"
            assert found.exception is not None
            assert found.exception.place == place
        else:
            assert found.label in {label, Label.UNDETERMINED}
            assert found.exception is None


def test_of_two_exceptions_the_one_that_is_known_excuses() -> None:
    """S12: what is still open of the other cannot take it back."""
    found = judged((TRUE, FALSE, UNKNOWN, TRUE))
    assert found.label is Label.EXCUSED
    assert replace(found).exception is not None

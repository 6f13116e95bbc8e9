"""Which steps decided (S18)."""

import pytest

from engine.derivation import CoverageLeaf, GapLeaf, RowLeaf, Step
from engine.facts import Coverage, Entity, Value, one
from engine.prune import key_of, leaves, prune, truth_of, unknown_leaves
from rulelang import core, types
from rulelang.core import Row
from rulelang.diagnostics import Words
from rulelang.values import FALSE, TRUE, UNKNOWN, Truth
from tests.bills import (
    between,
    condition,
    entity,
    exact,
    fact_leaf,
    leaf_step,
    not_held,
    open_coverage,
    step,
    table,
    value,
)

PATIENT = entity("patient", a=value("1"), b=value("2"), c=value("3"))


def when(truth: Truth, *names: str) -> Step:
    return condition(truth, *(fact_leaf(PATIENT, name) for name in names))


def names_of(found: Step) -> list[str]:
    return [leaf.field for leaf in leaves(found) if hasattr(leaf, "field")]


def at_least(needed: int, truth: Truth, *parts: Step) -> Step:
    expr = core.Logic(type=types.YES_NO, op="at_least", items=(), needed=needed)
    return step("at_least", truth, *parts, expr=expr)


def test_of_a_false_conjunction_the_cheapest_false_part_stays() -> None:
    found = prune(
        step(
            "and", FALSE, when(TRUE, "a"), when(FALSE, "b", "c"), when(FALSE, "a"), when(FALSE, "b")
        )
    )
    assert names_of(found) == ["a"]
    assert len(found.parts) == 1


def test_of_an_unknown_conjunction_all_unknown_parts_stay() -> None:
    found = prune(step("and", UNKNOWN, when(UNKNOWN, "a"), when(TRUE, "b"), when(UNKNOWN, "c")))
    assert names_of(found) == ["a", "c"]


def test_of_a_true_conjunction_all_parts_stay() -> None:
    assert names_of(prune(step("and", TRUE, when(TRUE, "a"), when(TRUE, "b")))) == ["a", "b"]


def test_a_disjunction_is_the_dual() -> None:
    true = step("or", TRUE, when(FALSE, "a"), when(TRUE, "a", "b"), when(TRUE, "c"))
    assert names_of(prune(true)) == ["c"]
    unknown = step("or", UNKNOWN, when(FALSE, "a"), when(UNKNOWN, "b"))
    assert names_of(prune(unknown)) == ["b"]
    false = step("or", FALSE, when(FALSE, "a"), when(FALSE, "b"))
    assert names_of(prune(false)) == ["a", "b"]


def test_parts_are_pruned_before_they_are_counted() -> None:
    cheap = step("or", FALSE, when(FALSE, "a"), when(FALSE, "b"))
    cheaper = step("and", FALSE, when(TRUE, "a", "b", "c"), when(FALSE, "c"))
    assert names_of(prune(step("and", FALSE, cheap, cheaper))) == ["c"]


def test_a_negation_keeps_its_part() -> None:
    assert names_of(prune(step("not", TRUE, when(FALSE, "a")))) == ["a"]


@pytest.mark.parametrize(
    ("truth", "parts", "kept"),
    [
        (TRUE, [(FALSE, "a"), (TRUE, "b"), (TRUE, "c")], ["b", "c"]),
        (FALSE, [(FALSE, "a"), (FALSE, "b"), (TRUE, "c")], ["a", "b"]),
        (UNKNOWN, [(UNKNOWN, "a"), (TRUE, "b"), (FALSE, "c")], ["a"]),
    ],
)
def test_at_least_two_of_three(
    truth: Truth, parts: list[tuple[Truth, str]], kept: list[str]
) -> None:
    found = at_least(2, truth, *(when(each, name) for each, name in parts))
    assert names_of(prune(found)) == kept


def test_a_choice_keeps_its_test_and_the_branch_taken() -> None:
    branches = (leaf_step(fact_leaf(PATIENT, "b")), leaf_step(fact_leaf(PATIENT, "c")))
    assert names_of(prune(step("if", value("2"), when(TRUE, "a"), *branches))) == ["a", "b"]
    assert names_of(prune(step("if", value("3"), when(FALSE, "a"), *branches))) == ["a", "c"]
    hull = value(between("2", "3"))
    assert names_of(prune(step("if", hull, when(UNKNOWN, "a"), *branches))) == ["a", "b", "c"]
    taken = step("if", value("2"), when(TRUE, "a"), branches[0])
    assert names_of(prune(taken)) == ["a", "b"]


def test_where_both_branches_agree_the_test_is_no_reason() -> None:
    same = leaf_step(fact_leaf(PATIENT, "b"))
    assert names_of(prune(step("if", value("2"), when(UNKNOWN, "a"), same, same))) == ["b"]


def test_every_part_of_a_figure_counts() -> None:
    sum_ = step("all", value("6"), *(leaf_step(fact_leaf(PATIENT, name)) for name in "abc"))
    assert names_of(prune(step("let", value("6"), sum_))) == ["a", "b", "c"]


def test_leaves_are_told_once() -> None:
    found = step("all", TRUE, when(TRUE, "a", "b"), when(TRUE, "a"))
    assert names_of(found) == ["a", "b"]
    assert len(leaves(found)) == 2


def test_a_yes_no_value_is_a_truth() -> None:
    assert truth_of(step("leaf", one(choice=True))) is TRUE
    assert truth_of(step("leaf", one(choice=False))) is FALSE
    assert truth_of(step("leaf", None)) is UNKNOWN
    assert truth_of(step("leaf", Value())) is UNKNOWN


def test_keys_tell_leaves_apart() -> None:
    drugs = table("drugs", {"drug": types.TEXT})
    found = [
        fact_leaf(PATIENT, "a"),
        fact_leaf(PATIENT, "a", "evidence", "left"),
        RowLeaf(drugs, ("x",), Row(("x",), 2)),
        RowLeaf(drugs, ("y",), Row(("y",), 3)),
        not_held(drugs, "x"),
        open_coverage(PATIENT, "lines"),
        GapLeaf("first_pay", "insurance_authority"),
    ]
    assert len({key_of(leaf) for leaf in found}) == len(found)


# ---------------------------------------------------------------- what is missing


def patient(**facts: Value) -> Entity:
    return entity("patient", **facts)


def test_unknown_leaves_are_those_whose_completion_decides() -> None:
    who = patient(known=value("1"), rough=value(between("1", "5")))
    drugs = table("drugs", {"drug": types.TEXT})
    closed = CoverageLeaf(who, "encounters", Coverage(closed=True, words=Words("全", "all")))
    leaves_ = [
        fact_leaf(who, "known"),
        fact_leaf(who, "unsent"),
        fact_leaf(who, "rough"),
        open_coverage(who, "lines"),
        closed,
        not_held(drugs, "x"),
        RowLeaf(drugs, ("x",), Row(("x",), 2)),
        GapLeaf("first_pay", "insurance_authority"),
    ]
    found = unknown_leaves(step("all", UNKNOWN, *(leaf_step(leaf) for leaf in leaves_)))
    assert found == (leaves_[1], leaves_[2], leaves_[3], leaves_[5], leaves_[7])


def test_a_range_is_no_missing_fact_where_the_answer_is_known() -> None:
    rough = fact_leaf(patient(rough=value(between("1", "5"))), "rough")
    assert unknown_leaves(condition(TRUE, rough)) == ()


def test_what_is_unknown_below_a_decided_step_is_not_missing() -> None:
    who = patient(rough=value(between("1", "5")))
    decided = step("if", exact_value(), condition(TRUE, fact_leaf(who, "rough")), when(TRUE, "a"))
    open_ = step("all", UNKNOWN, decided, leaf_step(fact_leaf(who, "unsent")))
    assert [leaf.field for leaf in unknown_leaves(open_) if hasattr(leaf, "field")] == ["unsent"]


def exact_value() -> Value:
    return Value(range=exact("3"))


def test_an_open_coverage_is_a_reason_whatever_its_step_says() -> None:
    coverage = open_coverage(PATIENT, "lines")
    found = step("or", UNKNOWN, leaf_step(coverage, FALSE), when(UNKNOWN, "unsent"))
    assert coverage in unknown_leaves(found)

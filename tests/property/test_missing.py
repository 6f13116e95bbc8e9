"""S10.1, S18: what an undetermined finding lacks, and what a decided one stands on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from engine.derivation import CoverageLeaf, FactLeaf, GapLeaf, Leaf, NoRowLeaf
from engine.facts import Value, evidence_key
from engine.finding import Finding
from engine.prune import leaves, unknown_leaves
from rulelang import core
from rulelang.walk import walk
from tests.judging import class_at, class_of, classes, findings, key_of, program_of
from tests.laws import law
from tests.strategies_bills import ASKED, Plan, Thing, completed_by, plans
from tests.strategies_facts import UNKNOWN
from tests.strategies_knowledge import EACH, many, seeded, seeds
from tests.strategies_rules import trials
from tests.strategies_text import Trial

SUBJECTS = ("line", "group", "prescription", "encounter", "diagnosis")
WHOLE = (
    "line",
    "encounter",
    "prescription",
    "diagnosis",
)  # that are there whatever is known of them
DATES = frozenset(
    {"date", "time", "discharged"}
)  # by which version of a rule a subject is judged: given
ARGUMENTS = frozenset({"side_of", "trial/side_of"})  # of evidence of the trial rules
IDENTITY = frozenset({"drug", "item", "consumable", "herb", "list_type", "drug_class"})


def name_of(leaf: FactLeaf) -> tuple[str, str]:
    """Which fact of the plan a leaf is: whose, and what it is called."""
    name = evidence_key(leaf.evidence, leaf.arguments) if leaf.evidence else leaf.field
    return leaf.entity.key, "birth_date" if name == "age" else name


def collection_of(leaf: CoverageLeaf) -> str:
    owner = "patient" if leaf.entity.kind == "patient" else leaf.entity.kind
    return f"{owner}.{leaf.field}"


def supplied(random: Random, plan: Plan, wanted: Iterable[Leaf]) -> Plan:
    """The plan with just these facts known and these collections closed."""
    asked = list(wanted)
    names = {name_of(leaf) for leaf in asked if isinstance(leaf, FactLeaf)}
    closed = {collection_of(leaf) for leaf in asked if isinstance(leaf, CoverageLeaf)}
    after = completed_by(random.choice, plan, lambda thing, name: (thing.key, name) in names)
    return replace(after, open=after.open - closed)


def is_supplied_by_facts(wanted: Iterable[Leaf], plan: Plan) -> bool:
    """Whether facts alone are lacking: not rows or clauses, nor what has not come yet, nor what is no use."""
    facts = {
        (thing.key, name): value for thing in plan.things() for name, value in thing.facts.items()
    }
    for leaf in wanted:
        if isinstance(leaf, NoRowLeaf | GapLeaf):
            return False
        if isinstance(leaf, FactLeaf) and is_final(facts.get(name_of(leaf), UNKNOWN)):
            return False
    return True


def is_final(value: Value) -> bool:
    return value.is_known or (
        value.range is not None and value.range.low == ASKED
    )  # not yet discharged


def is_only_identity(found: Finding) -> bool:
    """Decision 0005: asked first is only what identifies the subject."""
    assert found.derivation is not None
    lacking = unknown_leaves(found.derivation)
    return all(isinstance(leaf, FactLeaf) and leaf.field in IDENTITY for leaf in lacking)


def is_led_on(found: Finding, program: core.Program) -> bool:
    """S18: which fact is read (of which eye, of the line that comes first) is asked before it."""
    assert found.derivation is not None
    lacking = unknown_leaves(found.derivation)
    rule = next(rule for rule in program.rules if rule.id == found.rule.id)
    picks = any(isinstance(node, core.Pick) for let in rule.lets for node in walk(let.value))
    return picks or any(isinstance(leaf, FactLeaf) and leaf.field in ARGUMENTS for leaf in lacking)


def holder(found: list[Finding], of: Finding) -> list[Finding]:
    """The findings on the same subject, of a group on the one that its lines are in."""
    return [each for each in found if class_at({key_of(each): "same"}, key_of(of)) == "same"]


@law(EACH)
@given(trials((*SUBJECTS, "pair")), st.data(), seeds)
def test_undetermined_implies_something_missing(
    trial: Trial, data: st.DataObject, seed: int
) -> None:
    """S10.1: unknown always has a supplier."""
    program, drawn = program_of(trial), data.draw(plans(trial.about))
    for plan in many(drawn, trial.about, seeded(seed)):
        for found in findings(program, plan.bill()):
            assert bool(found.missing) is (class_of(found) == "undetermined")
            assert all(fact.supplier and fact.how.zh and fact.how.en for fact in found.missing)


@law(EACH)
@given(trials(SUBJECTS), st.data(), seeds)
def test_what_is_missing_decides(trial: Trial, data: st.DataObject, seed: int) -> None:
    """S18, decision 0005: all missing facts known decide the finding, or show what is asked next."""
    random, drawn = seeded(seed), data.draw(plans(trial.about))
    program = program_of(trial)
    for plan in many(drawn, trial.about, random):
        assert_missing_decides(program, plan, random)


def assert_missing_decides(program: core.Program, plan: Plan, random: Random) -> None:
    for found in findings(program, plan.bill()):
        if class_of(found) != "undetermined":
            continue
        after = plan
        for _ in range(3):
            assert found.derivation is not None
            lacking = unknown_leaves(found.derivation)
            if not is_supplied_by_facts(lacking, after):
                break
            in_steps = is_only_identity(found) or is_led_on(found, program)
            after = supplied(random, after, lacking)
            same = holder(findings(program, after.bill()), found)
            if not same or class_of(same[0]) != "undetermined":
                break
            (found, *_) = same  # noqa: PLW2901 - the same subject, with more known
            assert in_steps or is_beyond_facts(found, after)


def is_beyond_facts(found: Finding, plan: Plan) -> bool:
    """Whether what came to be known led to a row not held, a clause not written, or a fact of no use.

    Of no use are a code of another system, a unit that does not meet, a level without a rank.
    """
    assert found.derivation is not None
    return not is_supplied_by_facts(unknown_leaves(found.derivation), plan)


# ---------------------------------------------------------------- reasons


def without(plan: Plan, kept: set[tuple[str, str]]) -> Plan:
    """The plan in which only these facts are known."""

    def change(thing: Thing) -> Thing:
        names = {name for name in thing.facts if (thing.key, name) in kept} | DATES
        facts = {name: value if name in names else UNKNOWN for name, value in thing.facts.items()}
        return replace(thing, facts=facts)

    return plan.changed(change)


def label_of(program: core.Program, plan: Plan, like: Finding) -> object:
    return next(
        each.label for each in findings(program, plan.bill()) if key_of(each) == key_of(like)
    )


@given(trials(WHOLE), st.data())
def test_reasons_suffice_and_none_can_be_dropped(trial: Trial, data: st.DataObject) -> None:
    """S18: the short explanation is irreducible."""
    if "approved" in trial.about:
        return  # what a register does not hold is known not to be so
    program = program_of(trial)
    plan = data.draw(plans(trial.about))
    for found in findings(program, plan.bill()):
        if class_of(found) == "undetermined" or found.derivation is None:
            continue
        cited = [leaf for leaf in leaves(found.derivation) if isinstance(leaf, FactLeaf)]
        kept = {name_of(leaf) for leaf in cited if not leaf.fact.value.is_nothing}
        assert label_of(program, without(plan, kept), found) is found.label
        if label_of(program, without(plan, set()), found) is found.label:
            continue  # the days, which stay, are a reason of their own: another exception, say
        for one in kept:
            if one[1] in DATES:
                continue
            assert label_of(program, without(plan, kept - {one}), found) is not found.label, one


def test_the_class_of_a_subject_without_a_finding_is_a_pass() -> None:
    assert class_at(classes([]), ("trial/r1", "line", frozenset({"L0"}))) == "pass"

"""S12.1: the class of a finding never changes when unknown facts become known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from rulelang import core
from tests.judging import Key, class_at, classes, findings, program_of
from tests.laws import law
from tests.strategies_bills import Plan, plans
from tests.strategies_knowledge import fewer, forgotten, seeded, seeds, several, whole
from tests.strategies_rules import trials
from tests.strategies_text import Trial

Less: TypeAlias = Callable[[Plan, Random], Plan]
CHAINS = 10  # of plans, of one example


def classes_of(program: core.Program, plan: Plan) -> Mapping[Key, str]:
    """The class of each subject; findings are matched before they are folded."""
    return classes(findings(program, plan.bill()))


def assert_kept(then: Mapping[Key, str], now: Mapping[Key, str]) -> None:
    """No decided class of before differs after."""
    for key, found in then.items():
        assert found == "undetermined" or class_at(now, key) == found, key
    for key, found in now.items():
        if key[1] == "pair" and key not in then:  # a pair that was not even looked at has passed
            assert found == "pass", key


def assert_all_kept(trial: Trial, drawn: Plan, random: Random, less: Less = forgotten) -> None:
    """Of plans of which ever more is known, none decides otherwise than the next, or the last.

    Cases: a plan and the next, twice `CHAINS`, and the drawn plan with its completion.
    """
    program = program_of(trial)
    last = whole(drawn, trial.about, random)
    now = classes_of(program, last)
    assert_kept(classes_of(program, drawn), now)
    for middle in several(last, CHAINS, lambda of: less(of, random)):
        then = classes_of(program, middle)
        first = classes_of(program, less(middle, random))
        assert_kept(then, now)
        assert_kept(first, then)
        assert_kept(first, now)


@law(2 * CHAINS)
@given(trials(("line", "encounter", "prescription", "diagnosis"), rules=3), st.data(), seeds)
def test_knowing_more_of_single_subjects(trial: Trial, data: st.DataObject, seed: int) -> None:
    assert_all_kept(trial, data.draw(plans(trial.about)), seeded(seed))


@law(2 * CHAINS)
@given(trials(("group",), rules=3), st.data(), seeds)
def test_knowing_more_of_groups(trial: Trial, data: st.DataObject, seed: int) -> None:
    """A line whose key comes to be known joins a group, or none; the group keeps its class."""
    assert_all_kept(trial, data.draw(plans(trial.about)), seeded(seed))


@law(2 * CHAINS)
@given(trials(("pair",), rules=3), st.data(), seeds)
def test_knowing_more_of_pairs(trial: Trial, data: st.DataObject, seed: int) -> None:
    assert_all_kept(trial, data.draw(plans(trial.about)), seeded(seed))


@law(2 * CHAINS)
@given(trials(("line", "encounter", "diagnosis"), rules=3), st.data(), seeds)
def test_members_that_come_to_be_known(trial: Trial, data: st.DataObject, seed: int) -> None:
    """A member outside the declared coverage is a new fact, and so is that there are no others."""

    def less(of: Plan, random: Random) -> Plan:
        return fewer(forgotten(of, random), random)

    assert_all_kept(trial, data.draw(plans(trial.about, most_lines=4)), seeded(seed), less)

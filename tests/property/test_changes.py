"""Changes of generated rules: each can be judged, differs, and is told; what is the same is not told."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from apps.authoring.meaning import compare
from apps.authoring.mutants import mutants_of
from apps.authoring.watching import observed
from engine.finding import Finding
from engine.judge import judge_rule
from engine.tables import Tables
from rulelang import core
from tests.judging import findings, key_of, program_of
from tests.strategies_bills import plans
from tests.strategies_rules import trials
from tests.strategies_text import Trial

FEW = 6  # changes of one rule that are judged: the law is over many rules


def with_rule(program: core.Program, rule: core.Rule) -> core.Program:
    rules = tuple(rule if each.id == rule.id else each for each in program.rules)
    return replace(program, rules=rules)


@given(st.data(), trials(rules=1))
def test_each_change_can_be_judged_differs_and_is_told(data: st.DataObject, trial: Trial) -> None:
    program = program_of(trial)
    (rule,) = program.rules
    bill = data.draw(plans(trial.about)).bill()
    mutants = mutants_of(rule, program, {})
    first = data.draw(st.integers(0, max(0, len(mutants) - FEW)))
    for mutant in mutants[first : first + FEW]:
        changed = with_rule(mutant.program, mutant.rule)
        assert changed != program, mutant.words
        assert any(not change.wording for change in compare(program, changed)), mutant.words
        judge_rule(mutant.rule, bill, mutant.program, Tables(mutant.program, None))


@given(trials())
def test_a_ruleset_means_the_same_as_itself_in_either_spelling(trial: Trial) -> None:
    zh, en = program_of(trial), program_of(trial, "en")
    assert compare(zh, zh) == ()
    assert [change for change in compare(zh, en) if not change.wording] == []


@given(st.data(), trials())
def test_watching_changes_no_finding(data: st.DataObject, trial: Trial) -> None:
    program = program_of(trial)
    bill = data.draw(plans(trial.about)).bill()
    tables = Tables(program, None)
    watched = [
        finding
        for rule in program.rules
        for _, finding in observed(rule, bill, program, tables)
        if finding is not None
    ]

    def said(found: list[Finding]) -> list[object]:
        return [
            (key_of(each), each.label, each.at_risk, each.missing, each.messages) for each in found
        ]

    assert said(watched) == said(findings(program, bill))

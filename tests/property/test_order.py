"""S20: what is found does not depend on the order of keyed rows, of diagnoses, or of files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import permutations
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.combine import combine, finding_key
from engine.explain import full, short
from engine.finding import BillResult, Finding
from engine.fold import fold
from rulelang.source import Source
from tests.judging import findings, program_of
from tests.laws import law
from tests.strategies_bills import Plan, plans
from tests.strategies_knowledge import EACH, many, seeded, seeds
from tests.strategies_rules import trials
from tests.strategies_text import Trial, compile_files, head

KEYED = ("line", "group", "pair", "prescription", "encounter", "diagnosis")
randoms = st.randoms(use_true_random=False)


def shuffled(plan: Plan, random: Random) -> Plan:
    """The plan with its rows in another order; what each is called stays."""

    def mixed(things: Iterable[Any]) -> tuple[Any, ...]:
        listed = list(things)
        random.shuffle(listed)
        return tuple(listed)

    return replace(
        plan,
        lines=mixed(plan.lines),
        diagnoses=mixed(plan.diagnoses),
        courses=mixed(plan.courses),
        prescriptions=mixed(plan.prescriptions),
    )


def core_of(found: Finding) -> tuple[Any, ...]:
    """Ids, label, caps, ranges and missing facts, by what things are called."""
    return (
        found.rule.id,
        found.label.value,
        sorted(entity.key for entity in found.offending),
        sorted(entity.key for entity in found.involved),
        sorted((claim.line.key, repr(claim.caps), repr(claim.payable)) for claim in found.claims),
        repr(found.at_risk),
        repr(found.amount),
        sorted((fact.fact, fact.subject, fact.pointer) for fact in found.missing),
        sorted(rule.id for rule in found.folded),
    )


def cores(found: Iterable[Finding]) -> list[tuple[Any, ...]]:
    return sorted(map(core_of, found), key=repr)


@law(EACH)
@given(trials(KEYED, rules=3), st.data(), seeds)
def test_permuting_keyed_rows_gives_the_same_cores(
    trial: Trial, data: st.DataObject, seed: int
) -> None:
    program, random, drawn = program_of(trial), seeded(seed), data.draw(plans(trial.about))
    for plan in many(drawn, trial.about, random):
        first, second = (findings(program, each.bill()) for each in (plan, shuffled(plan, random)))
        assert cores(first) == cores(second)


@law(EACH)
@given(trials(rules=3), st.data(), seeds)
def test_well_typed_rules_never_raise(trial: Trial, data: st.DataObject, seed: int) -> None:
    """S10: whatever the bill, a rule that compiles has findings, and they have words."""
    program, drawn = program_of(trial), data.draw(plans(trial.about))
    for plan in many(drawn, trial.about, seeded(seed)):
        bill = plan.bill()
        result = combine(bill, fold(findings(program, bill)), program.rulesets)
        for found in result.findings:
            assert short(found).zh
            assert all(full(found, program, lang) for lang in ("zh", "en"))


@given(trials(KEYED, rules=3), st.data(), randoms)
def test_folding_and_combining_do_not_depend_on_order(
    trial: Trial, data: st.DataObject, random: Random
) -> None:
    program, bill = program_of(trial), data.draw(plans(trial.about)).bill()
    found = findings(program, bill)
    mixed = list(found)
    random.shuffle(mixed)
    assert cores(fold(found)) == cores(fold(mixed))
    first, second = (combine(bill, fold(each), program.rulesets) for each in (found, mixed))
    assert summary(first) == summary(second)


@given(trials(KEYED, rules=2), st.data())
def test_a_finding_twice_is_a_finding_once(trial: Trial, data: st.DataObject) -> None:
    program, bill = program_of(trial), data.draw(plans(trial.about)).bill()
    found = fold(findings(program, bill))
    once, twice = (
        combine(bill, found, program.rulesets),
        combine(bill, [*found, *found], program.rulesets),
    )
    assert summary(once) == summary(twice)


def summary(result: BillResult) -> tuple[Any, ...]:
    return (
        result.verdict, result.payment, result.totals, result.counts,
        [(verdict.line.key, verdict.payment, verdict.payable) for verdict in result.lines],
        [finding_key(found) for found in (*result.findings, *result.passed)],
    )  # fmt: skip


@law(EACH // 2)
@given(trials(rules=5), seeds)
def test_the_digest_does_not_depend_on_the_order_of_files(trial: Trial, seed: int) -> None:
    """Law 10; nor on how the rules of a ruleset are spread over its files."""
    first_line = head().zh.splitlines()[0]
    texts = [f"{first_line}\n{rule.zh}" for rule in trial.rules]
    known, random = program_of(trial).rulesets[0].digest, seeded(seed)
    for order in random.sample(list(permutations(range(len(texts)))), EACH // 2):
        sources = [
            Source(f"trial/{name}.rule", text) for name, text in zip(order, texts, strict=True)
        ]
        sources.append(Source(f"trial/{random.choice(('-', 'head'))}.rule", head().zh))
        compiled = compile_files(sources, trial.files)
        assert compiled.program is not None, compiled.errors
        assert compiled.program.rulesets[0].digest == known

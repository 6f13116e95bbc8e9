"""Which small changes of a rule its cases notice, and for those that they do not a bill that would.

Only the rule itself is judged, on the bills of its own cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, islice

from apps.authoring import case_text
from apps.authoring.amending import amended_in, as_rule, with_changes
from apps.authoring.case_input import population_of_case
from apps.authoring.cases import Prepared
from apps.authoring.drafts import Draft, changed, draft_of
from apps.authoring.facts_block import judged_of
from apps.authoring.mutants import Mutant, Used, mutants_of
from apps.authoring.pages import Block, PageError
from apps.authoring.tried import MOST_SEEDS, constants_of, not_given
from apps.authoring.variants import Hint
from apps.authoring.watching import RuleKey, key_of, sights_of, used_by
from engine.checker import CheckRequest
from engine.combine import combine
from engine.errors import InputError
from engine.facts import Bill
from engine.fold import fold
from engine.judge import judge_rule
from engine.layers import at_place
from engine.period_check import check_periods, check_ruleset
from engine.select import is_of_bills, known_on, rules_for
from engine.tables import Tables
from rulelang import core
from rulelang.types import Type

MOST_HINTED, MOST_PLAIN, MOST_PAIRS = 100, 140, 140  # bills tried for one change


@dataclass(frozen=True, slots=True)
class Telling:
    """A bill on which the rule and its mutant differ, with what each finds."""

    draft: Draft
    case: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mutant: the case that noticed it, else a bill that would, else nothing."""

    mutant: Mutant
    killed_by: str = ""
    telling: Telling | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """Facts made from a case's, with what the rule itself finds on them; `case` has these facts."""

    draft: Draft
    case: Prepared
    bill: Bill | None
    found: str


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What the rule itself finds on one bill of a case, or beyond the bills: on periods, on tables."""

    case: Prepared
    bill: Bill | None
    found: str


@dataclass(eq=False)
class Subject:
    """A rule or an amendment with its cases, what they use, and the bills that have been tried.

    `rule` is what is changed, an amendment as a rule; `judged` the rule that is judged.
    """

    rule: core.Rule
    judged: core.Rule
    amendment: core.Amendment | None
    program: core.Program
    cases: list[Prepared]
    used: Used
    constants: tuple[Hint, ...]
    lacking: dict[int, dict[str, Type]]  # by the place of a case: facts read and not given
    tried: dict[tuple[int, str], Tried | None] = field(default_factory=dict)
    tables: dict[int, Tables] = field(default_factory=dict)

    def changed(self, mutant: Mutant) -> tuple[core.Rule, core.Program]:
        """The rule to judge, and the program in which a mutant is in its place."""
        if self.amendment is None:
            return mutant.rule, mutant.program
        amendments = tuple(
            with_changes(each, mutant.rule) if each == self.amendment else each
            for each in mutant.program.amendments
        )
        return self.judged, replace(mutant.program, amendments=amendments)


def subjects(cases: Sequence[Prepared]) -> Iterator[Subject]:
    """The rules and amendments that cases are about, each with its own, in the order of their places."""
    about: dict[RuleKey, list[Prepared]] = {}
    firsts: dict[RuleKey, tuple[core.Rule, core.Rule, core.Amendment | None]] = {}
    for case in cases:
        for part in _parts_of(case):
            key = key_of(part[0], case.program)
            firsts.setdefault(key, part)
            about.setdefault(key, []).append(case)
    for key in sorted(about, key=lambda each: (firsts[each][0].span.path, each[-1])):
        _, judged, amendment = firsts[key]
        # what is compiled apart from the same text is not mixed: one program for all its cases
        program = next(each.program for each in about[key] if _holds(each, judged, amendment))
        own = [case for case in about[key] if _holds(case, judged, amendment)]
        yield subject_of(judged, program, own, amendment)


def _parts_of(
    case: Prepared,
) -> Iterator[tuple[core.Rule, core.Rule, core.Amendment | None]]:
    """What a case is about: what is changed, the rule that is judged, and the amendment it may be."""
    for rule in case.program.rules:
        if rule.id in case.focus:
            yield rule, rule, None
    for amendment, rule in amended_in(case):
        yield as_rule(amendment, rule), rule, amendment


def _holds(case: Prepared, judged: core.Rule, amendment: core.Amendment | None) -> bool:
    known = amendment is None or amendment in case.program.amendments
    return known and judged in case.program.rules


def subject_of(
    rule: core.Rule,
    program: core.Program,
    cases: list[Prepared],
    amendment: core.Amendment | None = None,
) -> Subject:
    """A rule made ready: its cases are run once, to see what they use and what they read."""
    part = rule if amendment is None else as_rule(amendment, rule)
    used: dict[tuple[str, str], set[int]] = {}
    lacking: dict[int, dict[str, Type]] = {}
    for place, case in enumerate(cases):
        for judged, events, _ in sights_of(case, (rule.id,)):
            for event in events if judged.span == rule.span else ():
                for kind, id_, number in used_by(event, program):
                    used.setdefault((kind, id_), set()).add(number)
                lacking.setdefault(place, {}).update(not_given(event, program))
    fixed = {key: frozenset(parts) for key, parts in used.items()}
    constants = constants_of(part, program, fixed)
    return Subject(part, rule, amendment, program, cases, fixed, constants, lacking)


# ---------------------------------------------------------------- judging


def found_by(rule: core.Rule, program: core.Program, tables: Tables, bill: Bill) -> str:
    """What a rule finds on a bill, as a page prints it; with the amendments that hold there."""
    here = rules_for(program, bill, (rule.id,))
    if not here:
        return ""
    judged = replace(rule, amendments=here[0].amendments)
    found = fold(judge_rule(judged, bill, at_place(program, bill), tables))
    result = combine(bill, found, program.rulesets)
    return case_text.printed("findings", [result], program, [rule.id], "zh")


def _found(
    subject: Subject, case: Prepared, bill: Bill | None, changed: tuple[core.Rule, core.Program]
) -> str:
    """What a rule finds on a bill, or beyond the bills of a case."""
    rule, program = changed
    knowledge = case.known_on or known_on(subject.program)  # as of the rule's own program
    if bill is not None:
        return found_by(rule, program, _tables(subject, program, knowledge), bill)
    own = subject.judged
    rules = tuple(rule if r.id == own.id and r.span == own.span else r for r in program.rules)
    whole = replace(program, rules=rules)
    request = CheckRequest(knowledge, (rule.id,))
    if rule.subject.kind == "ruleset":
        found = check_ruleset(whole, case.on, request)
    else:
        found = check_periods(whole, case.population, request, shown=case.shown)
    beyond = (case.bills, [found])
    return case_text.printed("findings", [], whole, [rule.id], "zh", beyond=beyond)


def _tables(subject: Subject, program: core.Program, knowledge: date | None) -> Tables:
    """The tables of the rule or of a mutant."""
    known = subject.tables.get(id(program))
    if known is None or known.program is not program or known.known_on != knowledge:
        known = subject.tables[id(program)] = Tables(program, knowledge)
    return known


def results_of(subject: Subject) -> list[Result]:
    """What the rule itself finds on the bills of its cases."""
    own = subject.judged, subject.program
    return [
        Result(case, bill, _found(subject, case, bill, own))
        for case in subject.cases
        for bill in (case.bills if is_of_bills(subject.judged) else (None,))
    ]


def fate_of(subject: Subject, own: Sequence[Result], mutant: Mutant) -> Fate:
    """What becomes of a mutant: killed by the first case that finds something else."""
    changed = subject.changed(mutant)
    for result in own:
        if _found(subject, result.case, result.bill, changed) != result.found:
            return Fate(mutant, killed_by=result.case.case.name)
    return Fate(mutant, telling=tell_apart(subject, mutant))


def fates(subject: Subject) -> Iterator[Fate]:
    """What becomes of each mutant of a rule."""
    own = results_of(subject)
    for mutant in mutants_of(subject.rule, subject.program, subject.used):
        yield fate_of(subject, own, mutant)


# ---------------------------------------------------------------- a bill that tells


def tell_apart(subject: Subject, mutant: Mutant) -> Telling | None:
    """A bill on which the mutant finds something else; None where none is found within bounds."""
    hinted = tuple(dict.fromkeys(mutant.hints))
    seeds = list(islice(_seeds(subject), MOST_SEEDS))
    tries = chain(
        islice(_in_turn(subject, seeds, hinted), MOST_HINTED),
        islice(_in_turn(subject, seeds, subject.constants), MOST_PLAIN),
        islice(_pairs(subject, seeds, hinted or subject.constants), MOST_PAIRS),
    )
    changed = subject.changed(mutant)
    for place, draft in tries:
        tried = _tried(subject, place, draft)
        if tried is None:
            continue
        after = _found(subject, tried.case, tried.bill, changed)
        if after != tried.found:
            return Telling(draft, tried.case.case.name, tried.found, after)
    return None


def _seeds(subject: Subject) -> Iterator[tuple[int, Draft]]:
    """The facts of the cases; those with a request have none."""
    for place, case in enumerate(subject.cases):
        block = case.case.only("facts")
        if block is not None:
            yield place, draft_of(block)


def _in_turn(
    subject: Subject, seeds: Sequence[tuple[int, Draft]], constants: Sequence[Hint]
) -> Iterator[tuple[int, Draft]]:
    """The changed seeds, one of each seed in turn, so that none uses up the bound."""
    streams = [
        (place, changed(draft, subject.lacking.get(place, {}), constants, subject.program))
        for place, draft in seeds
    ]
    while streams:
        left = []
        for place, stream in streams:
            draft = next(stream, None)
            if draft is not None:
                yield place, draft
                left.append((place, stream))
        streams = left


def _pairs(
    subject: Subject, seeds: Sequence[tuple[int, Draft]], hinted: Sequence[Hint]
) -> Iterator[tuple[int, Draft]]:
    """Two changes: what the mutant hints at, and then any other."""
    first = islice(_in_turn(subject, seeds, hinted), MOST_HINTED)
    constants = tuple(dict.fromkeys((*hinted, *subject.constants)))
    yield from _in_turn(subject, list(first), constants)


def _tried(subject: Subject, place: int, draft: Draft) -> Tried | None:
    """A draft as a bill, with what the rule finds; None where it makes no bill."""
    key = (place, draft.text)
    if key not in subject.tried:
        case = subject.cases[place]
        block = Block("facts", "", draft.text, 1)
        asked = replace(case.case, given=(block,))
        try:
            population = population_of_case(asked, subject.program)
            shown, on = judged_of(block, subject.program)
        except (PageError, InputError, ArithmeticError):
            subject.tried[key] = None
            return None
        bill = next(iter(population.bills), None)
        bill = bill if is_of_bills(subject.judged) else None
        there = replace(case, population=population, shown=shown, on=on)
        found = _found(subject, there, bill, (subject.judged, subject.program))
        subject.tried[key] = Tried(draft, there, bill, found)
    return subject.tried[key]

"""Which small changes of a rule its cases notice, and for those that they do not a bill that would.

Only the rule itself is judged, on the bills of its own cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from apps.authoring import case_text
from apps.authoring.case_input import bills_of
from apps.authoring.cases import Prepared
from apps.authoring.drafts import Draft, changed, draft_of
from apps.authoring.mutants import Mutant, Used, mutants_of
from apps.authoring.pages import Block, PageError
from apps.authoring.points import nodes_of
from apps.authoring.variants import Hint, hints_of
from apps.authoring.watching import Event, key_of, observed, used_by
from engine.combine import combine
from engine.derivation import FactLeaf, Step
from engine.errors import InputError
from engine.facts import Bill
from engine.fold import fold
from engine.judge import judge_rule
from engine.select import known_on, rules_for
from engine.tables import Tables
from engine.words import fact_type, fact_words
from rulelang import core
from rulelang.types import Type

MOST_SEEDS = 8
MOST_HINTED, MOST_PLAIN, MOST_PAIRS = 100, 140, 140  # bills tried for one change
MOST_CONSTANTS = 24


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
    """A bill made from a case's facts, with what the rule itself finds on it."""

    draft: Draft
    case: Prepared
    bill: Bill
    found: str


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What the rule itself finds on one bill of a case."""

    case: Prepared
    bill: Bill
    found: str


@dataclass(eq=False)
class Subject:
    """A rule with its cases, what they use, and the bills that have been tried."""

    rule: core.Rule
    program: core.Program
    cases: list[Prepared]
    used: Used
    constants: tuple[Hint, ...]
    lacking: dict[int, dict[str, Type]]  # by the place of a case: facts read and not given
    tried: dict[tuple[int, str], Tried | None] = field(default_factory=dict)
    tables: dict[int, Tables] = field(default_factory=dict)


def subjects(cases: Sequence[Prepared]) -> Iterator[Subject]:
    """The rules that cases are about, each with its own, in the order of the rules' places."""
    by_rule: dict[tuple[str, str, str], list[Prepared]] = {}
    rules: dict[tuple[str, str, str], core.Rule] = {}
    for case in cases:
        for rule in case.program.rules:
            if rule.id in case.focus:
                key = key_of(rule, case.program)
                rules.setdefault(key, rule)
                by_rule.setdefault(key, []).append(case)
    for key in sorted(by_rule, key=lambda each: (rules[each].span.path, rules[each].span.start)):
        # what is compiled apart from the same text is not mixed: one program for all its cases
        first = next(case.program for case in by_rule[key] if rules[key] in case.program.rules)
        own = [case for case in by_rule[key] if rules[key] in case.program.rules]
        yield subject_of(rules[key], first, own)


def subject_of(rule: core.Rule, program: core.Program, cases: list[Prepared]) -> Subject:
    """A rule made ready: its cases are run once, to see what they use and what they read."""
    used: dict[tuple[str, str], set[int]] = {}
    lacking: dict[int, dict[str, Type]] = {}
    for place, case in enumerate(cases):
        tables = Tables(program, case.known_on or known_on(program))
        for bill in case.bills:
            for events, _ in observed(rule, bill, program, tables):
                for event in events:
                    for kind, id_, part in used_by(event, program):
                        used.setdefault((kind, id_), set()).add(part)
                    lacking.setdefault(place, {}).update(_not_given(event, program))
    fixed = {key: frozenset(parts) for key, parts in used.items()}
    return Subject(rule, program, cases, fixed, _constants(rule, program, fixed), lacking)


def _not_given(event: Event, program: core.Program) -> Iterator[tuple[str, Type]]:
    """The facts that an evaluation read and did not find, as a block would give them."""
    for leaf in _facts_below(event.step):
        if not leaf.fact.value.is_nothing or leaf.arguments or not leaf.entity.pointer:
            continue
        name = fact_words(leaf.entity.kind, leaf.field, program, leaf.evidence).zh
        type_ = fact_type(leaf.entity.kind, leaf.field, program, leaf.evidence)
        yield f"{leaf.entity.pointer}.{name.rpartition('.')[2]}", type_


def _facts_below(step: Step) -> Iterator[FactLeaf]:
    if isinstance(step.leaf, FactLeaf):
        yield step.leaf
    for part in step.parts:
        if part.expr is None:  # what has an expression of its own is an event of its own
            yield from _facts_below(part)


def _constants(rule: core.Rule, program: core.Program, used: Used) -> tuple[Hint, ...]:
    """The constants of a rule, of its lists and of the rows that its cases use."""
    found: list[Hint] = []
    for limit in (rule.in_force.start, rule.in_force.end):
        if limit is not None:
            found.append(Hint(limit, _DATE_TYPE))
    for node in nodes_of(rule):
        match node:
            case core.Lit():
                found.append(Hint(node.value, node.type, node.unit))
            case core.InSet() if isinstance(node.set, core.LiteralSet):
                items = node.set.items[:MOST_SEEDS]
                found += [hint for item in items for hint in hints_of(item, node.operand.type)]
            case core.ListSet():
                listed = program.lists[node.list]
                items = listed.items[:MOST_SEEDS]
                found += [hint for item in items for hint in hints_of(item, listed.type)]
            case core.Collection() if node.window is not None and node.window.amount:
                found.append(Hint(node.window, _WINDOW_TYPE))
            case core.ParamRef():
                param = program.params[node.param]
                lits = [each.value for each in param.values if isinstance(each.value, core.Lit)]
                found += [Hint(lit.value, param.type, lit.unit) for lit in lits]
            case core.HasRow() | core.CellOf() | core.Rows():
                found += _outside(program.tables[node.table], program)
                found += _cells(program.tables[node.table], used)
            case _:
                pass
    return tuple(dict.fromkeys(found))[:MOST_CONSTANTS]


def _cells(table: core.Table, used: Used) -> Iterator[Hint]:
    numbers = used.get(("table", table.id), frozenset())
    for row in [row for row in table.rows if row.number in numbers][:2]:
        for column, value in zip(table.columns, row.cells, strict=True):
            if value is not None and column.type.kind != "text":
                yield Hint(value, column.type)


def _outside(table: core.Table, program: core.Program) -> Iterator[Hint]:
    """A key that lies in the table's extent and has no row."""
    if len(table.keys) != 1:
        return
    names = [column.name.en for column in table.columns]
    at = names.index(table.keys[0])
    own = {row.cells[at] for row in table.rows}
    for extent in table.within:
        if extent in program.tables:
            keys = [row.cells[0] for row in program.tables[extent].rows]
        else:
            items = program.lists[extent].items
            keys = [item.value for item in items if isinstance(item, core.CodeItem)]
        other = next((key for key in keys if key not in own), None)
        if other is not None:
            yield Hint(other, table.columns[at].type)


_DATE_TYPE = Type("date")
_WINDOW_TYPE = Type("window")


# ---------------------------------------------------------------- judging


def found_by(rule: core.Rule, program: core.Program, tables: Tables, bill: Bill) -> str:
    """What a rule finds on a bill, as a page prints it."""
    if not rules_for(program, bill, (rule.id,)):
        return ""
    result = combine(bill, fold(judge_rule(rule, bill, program, tables)), program.rulesets)
    return case_text.printed("findings", [result], program, [rule.id], "zh")


def _tables(subject: Subject, program: core.Program, case: Prepared) -> Tables:
    """The tables of the rule or of a mutant; knowledge is as of the rule's own program."""
    known = subject.tables.get(id(program))
    if known is None or known.program is not program:
        knowledge = case.known_on or known_on(subject.program)
        known = subject.tables[id(program)] = Tables(program, knowledge)
    return known


def results_of(subject: Subject) -> list[Result]:
    """What the rule itself finds on the bills of its cases."""
    found = []
    for case in subject.cases:
        tables = _tables(subject, subject.program, case)
        for bill in case.bills:
            text = found_by(subject.rule, subject.program, tables, bill)
            found.append(Result(case, bill, text))
    return found


def fate_of(subject: Subject, own: Sequence[Result], mutant: Mutant) -> Fate:
    """What becomes of a mutant: killed by the first case that finds something else."""
    for result in own:
        tables = _tables(subject, mutant.program, result.case)
        if found_by(mutant.rule, mutant.program, tables, result.bill) != result.found:
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
    for place, draft in tries:
        tried = _tried(subject, place, draft)
        if tried is None:
            continue
        tables = _tables(subject, mutant.program, tried.case)
        after = found_by(mutant.rule, mutant.program, tables, tried.bill)
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
            (bill,) = bills_of(asked, subject.program)
        except (PageError, InputError, ArithmeticError):
            subject.tried[key] = None
        else:
            tables = _tables(subject, subject.program, case)
            found = found_by(subject.rule, subject.program, tables, bill)
            subject.tried[key] = Tried(draft, case, bill, found)
    return subject.tried[key]

"""One rule on one subject: class, label, money, missing facts, words (S12, S17, S18)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from engine.amended import (
    dated_step,
    exceptions,
    holding,
    in_force,
    in_turn,
    leaned_on,
    required,
)
from engine.derivation import FactLeaf, Step
from engine.explain import cited, missing
from engine.facts import Bill, Value
from engine.filling import fill_message
from engine.finding import Cited, Finding, Label, Measure, ShownRemedy, Waiver
from engine.interpreter import condition, evaluate
from engine.interpreter.lookup import read
from engine.interpreter.results import Context, Evaluator, PeriodWorld, Pointed
from engine.leaf_kinds import is_gate, is_hidden, is_illustrative, is_of_member
from engine.prune import leaves, prune, unknown_leaves
from engine.roles import claims_of_ways, measure_of, roles_of, sides_of
from engine.subjects import Subject, governing, subjects_of
from engine.tables import Tables
from engine.waivers import waived
from rulelang import core
from rulelang.calendar import to_days
from rulelang.types import Type
from rulelang.values import ANYTHING, FALSE, TRUE, UNKNOWN, Range, Truth, all_of
from rulelang.vocabulary import load

IRREDUCIBLE_UP_TO = 40  # leaves; beyond that the structural pruning alone is shown


@dataclass(frozen=True, slots=True)
class Judged:
    """The truth of failing, with what each part of the rule gave (S12)."""

    fails: Truth
    when: Truth
    require: Truth
    excused_by: core.ExceptionClause | Waiver | None
    step: Step
    context: Context
    when_step: Step


Way: TypeAlias = tuple[Subject, Judged]  # a subject as it was looked at: a pair may be both ways


def judge_rule(
    rule: core.Rule,
    bill: Bill,
    program: core.Program,
    tables: Tables,
    periods: PeriodWorld | None = None,
) -> list[Finding]:
    """All findings of one rule on a bill, passes included.

    `periods` are those of the bill's person; where they are shared, so are the subjects in them.
    """
    found = judged_in_turn(rule, bill, program, tables, periods=periods)
    return [finding for finding in found if finding is not None]


def judged_in_turn(
    rule: core.Rule,
    bill: Bill,
    program: core.Program,
    tables: Tables,
    evaluator: Evaluator = evaluate,
    *,
    periods: PeriodWorld | None = None,
) -> Iterator[Finding | None]:
    """The findings of one rule, subject by subject; `evaluator` may watch what is evaluated.

    None stands for a pair that the rule does not speak of.
    """
    base = replace(base_context(bill, program, tables), evaluate=evaluator, periods=periods)
    for subject in subjects_of(rule, base):
        yield _judge_subject(rule, subject, base)


def base_context(bill: Bill, program: core.Program, tables: Tables) -> Context:
    """The state in which nothing is looked at yet but the bill as a whole."""
    base = Context(
        program=program, tables=tables, bill=bill, on=Range(None, None), evaluate=evaluate
    )
    base.locals.update(
        patient=Pointed((bill.patient,)),
        encounter=Pointed((bill.encounter,)),
        institution=Pointed((bill.institution,)),
    )
    return base


def judge_subjects(rule: core.Rule, subjects: Iterable[Subject], base: Context) -> list[Finding]:
    """The findings of one rule on given subjects, passes included (S12)."""
    found = (_judge_subject(rule, subject, base) for subject in subjects)
    return [finding for finding in found if finding is not None]


def _judge_subject(rule: core.Rule, subject: Subject, base: Context) -> Finding | None:
    judged = _judge(rule, subject, base, frozenset())
    also: Way | None = None
    if subject.reverse is not None and judged.fails is not TRUE:
        other = _judge(rule, subject.reverse, base, frozenset())
        if judged.fails is other.fails is UNKNOWN:
            also = subject.reverse, other
        elif _worse(other, judged):
            also = (subject, judged) if judged.fails is UNKNOWN else None
            subject, judged = subject.reverse, other
    if judged.when is FALSE and subject.kind == "pair":
        return None  # pairs that the rule does not speak of are not counted
    return _finding(rule, subject, judged, base, also)


def _worse(left: Judged, right: Judged) -> bool:
    order = {TRUE: 0, UNKNOWN: 1, FALSE: 2}
    if order[left.fails] != order[right.fails]:
        return order[left.fails] < order[right.fails]
    return right.when is FALSE and left.when is not FALSE


def context_of(
    rule: core.Rule, subject: Subject, base: Context, hidden: frozenset[Any] = frozenset()
) -> Context:
    """The state in which a rule looks at one subject, on its governing date (S14)."""
    first = replace(base, hidden=hidden)
    on, on_leaf = governing(subject.dated, first)
    dated = dict(rule.attributes).get("governing_date")
    if dated:
        on, on_leaf = _stated_date(dated[0], first, on, on_leaf)
    return replace(
        first,
        on=on,
        on_leaf=on_leaf,
        anchor=subject.anchor,
        locals={**base.locals, **subject.locals},
        lets={let.name: let for let in _lets(rule)},
        rule_lets=tuple(_lets(rule)),
    )


def _lets(rule: core.Rule) -> tuple[core.Let, ...]:
    return (*rule.lets, *(let for each in rule.amendments for let in each.lets))


def _stated_date(
    name: str, context: Context, on: Range, leaf: Step | None
) -> tuple[Range, Step | None]:
    """The date that `属性 基准日` names, one of the encounter's (S14)."""
    found = load().field("encounter", name)
    if found is None:
        return on, leaf
    value, step = read(context.bill.encounter, found.en, context)
    return (to_days(value.range), step) if value.range is not None else (Range(None, None), step)


def _judge(rule: core.Rule, subject: Subject, base: Context, hidden: frozenset[Any]) -> Judged:
    """W, R and the exceptions; what is not needed is not looked at."""
    context = context_of(rule, subject, base, hidden)
    when, when_steps = _when(rule, subject, context)
    when_step = Step(None, "and", when, when_steps)
    if when is FALSE:
        return Judged(FALSE, when, UNKNOWN, None, when_step, context, when_step)
    amendments = holding(rule, context)
    require, why = required(rule, amendments, context)
    parts = [*when_steps, Step(None, "not", ~require, (why,))]
    truths = [when, ~require]
    excused_by: core.ExceptionClause | Waiver | None = None
    if require is not TRUE:
        for clause, truth, why in exceptions(rule, amendments, context):
            parts.append(Step(None, "not", ~truth, (why,)))
            truths.append(~truth)
            if truth is TRUE and excused_by is None:
                excused_by = clause
        for waiver, truth, why in waived(rule, subject, context):
            parts.append(Step(None, "not", ~truth, (why,)))
            truths.append(~truth)
            if truth is TRUE and excused_by is None:
                excused_by = waiver
    fails = all_of(truths)
    step = Step(None, "and", fails, tuple(parts))
    return Judged(fails, when, require, excused_by, step, context, when_step)


def _when(rule: core.Rule, subject: Subject, context: Context) -> tuple[Truth, tuple[Step, ...]]:
    """In force on the governing date, the pair within its window, and 当."""
    truths: list[Truth] = []
    steps: list[Step] = []
    inforce = in_force(rule.in_force, context.on)
    if inforce is not TRUE:
        truths.append(inforce)
        steps.append(dated_step(inforce, context))
        if inforce is FALSE:
            return FALSE, tuple(steps)
    if subject.within is not TRUE:
        truths.append(subject.within)
        steps += subject.why
    truth, why = condition(rule.when, context)
    return all_of([*truths, truth]), (*steps, why)


def label_of(rule: core.Rule, judged: Judged) -> Label:
    """The label of the class, in the order of S12."""
    if judged.fails is UNKNOWN:
        return Label.UNDETERMINED
    if judged.fails is TRUE:
        return Label.VIOLATED if rule.certainty == "definite" else Label.SUSPECTED
    if judged.when is FALSE:
        return Label.NOT_APPLICABLE
    if judged.require is TRUE:
        return Label.SATISFIED
    if judged.excused_by is not None:
        return Label.EXCUSED
    return Label.NOT_APPLICABLE


def _finding(
    rule: core.Rule, subject: Subject, judged: Judged, base: Context, also: Way | None
) -> Finding:
    """The finding; `also` is a pair the other way round, where that may hold instead (S17, S18)."""
    label = label_of(rule, judged)
    ways = roles_of(rule, subject, judged.context)
    if also is not None and ways[0] is subject:
        ways = (subject, also[0])
    alone = len(ways) == 1 and ways[0] is subject
    looked = (judged.context,) if alone else tuple(context_of(rule, w, base) for w in ways)
    claims = claims_of_ways(rule, ways, looked, label)
    offending, involved = sides_of(rule, ways[0], claims)
    subject, judged = _told(rule, (subject, ways[0]), judged, base)
    by = judged.excused_by if label is Label.EXCUSED else None
    finding = Finding(
        rule=rule,
        label=label,
        subject_kind=subject.kind,
        offending=offending,
        involved=involved,
        claims=claims.lines,
        at_risk=claims.at_risk,
        upper_bound=claims.upper_bound,
        amount=claims.amount if claims.amount != ANYTHING else None,
        needs_review=claims.needs_review,
        assumptions=claims.assumptions,
        measure=_measured(rule, label, judged.context),
        exception=by.citation if isinstance(by, core.ExceptionClause) else None,
        waiver=by if isinstance(by, Waiver) else None,
        on=judged.context.on,
    )
    if label in {Label.SATISFIED, Label.NOT_APPLICABLE}:
        return finding  # passes are counted; nobody asks why until he asks for the rule itself
    told: Way = (subject, judged)
    return _with_reasons(finding, (told,) if also is None else (told, also), base)


def _told(
    rule: core.Rule, ways: tuple[Subject, Subject], judged: Judged, base: Context
) -> tuple[Subject, Judged]:
    """A pair as it is told: the one that stays named first, where that shows the same class.

    A rule that does not read alike both ways is told as it was judged, for only that way has the
    facts on which its class stands.
    """
    subject, other = ways
    if other is subject:
        return subject, judged
    again = _judge(rule, other, base, frozenset())
    same = again.fails is judged.fails and label_of(rule, again) is label_of(rule, judged)
    return (other, again) if same else (subject, judged)


def _measured(rule: core.Rule, label: Label, context: Context) -> Measure | None:
    """What an indicator measures, whether it passes or not."""
    if rule.certainty != "indicator" or label is Label.NOT_APPLICABLE:
        return None
    return measure_of(rule, context)


def _with_reasons(finding: Finding, ways: Sequence[Way], base: Context) -> Finding:
    """The finding with what decided it, what it lacks, and its words (S18).

    A pair that is undetermined both ways lacks what it lacks either way.
    """
    subject, judged = ways[0]
    rule, context = finding.rule, judged.context
    if finding.label is Label.UNDETERMINED:
        asked = tuple(_asked_first(*way) for way in ways)
        pruned = asked[0] if len(asked) == 1 else Step(None, "or", UNKNOWN, asked)
    else:
        pruned = prune(_irreducible(rule, subject, judged, base))
    all_leaves = leaves(pruned)
    lacking = unknown_leaves(pruned) if finding.label is Label.UNDETERMINED else ()
    cited_leaves = [leaf for leaf in all_leaves if not is_hidden(leaf, lacking)]
    if subject.kind == "period" and len(cited_leaves) > IRREDUCIBLE_UP_TO:
        cited_leaves = [leaf for leaf in cited_leaves if not is_of_member(leaf)]
    because = cited(cited_leaves, context.program, context.on)
    reasoned = replace(
        finding,
        assumptions=_assumptions(finding.assumptions, because),
        missing=missing(lacking, context.program),
        because=because,
        derivation=pruned,
        amendments=leaned_on(rule, judged.excused_by, pruned, context),
        illustrative=any(is_illustrative(leaf) for leaf in leaves(judged.step)),
    )
    return _with_words(reasoned, rule, context)


def _asked_first(subject: Subject, judged: Judged) -> Step:
    """The derivation to show: only of what identifies the subject while that is open (S12.2).

    What the rest of the rule would need is asked for once it is known that the rule speaks of this
    subject at all: nobody is asked for a laboratory value of a line without a code.
    """
    if judged.when is UNKNOWN:
        for open_ in (Step(None, "and", subject.within, subject.why), judged.when_step):
            step = prune(open_)
            gates = unknown_leaves(step)
            if gates and all(is_gate(leaf) for leaf in gates):
                return step
    return prune(judged.step)


def _assumptions(claimed: Sequence[str], because: Sequence[Cited]) -> tuple[str, ...]:
    named = {item.name for item in because if item.kind == "assumption"}
    return tuple(sorted(named | set(claimed)))


# ---------------------------------------------------------------- irreducibility


def _irreducible(rule: core.Rule, subject: Subject, judged: Judged, base: Context) -> Step:
    """The derivation without the facts that the conclusion can do without (S18).

    Each known fact of the pruned derivation is hidden in turn; where the class stays the same it
    stays hidden.
    """
    pruned = prune(judged.step)
    candidates = [leaf for leaf in leaves(pruned) if isinstance(leaf, FactLeaf)]
    if not 1 < len(candidates) <= IRREDUCIBLE_UP_TO or judged.fails is UNKNOWN:
        return judged.step
    hidden: frozenset[Any] = frozenset()
    step = judged.step
    label = label_of(rule, judged)
    for leaf in reversed(candidates):
        if leaf.fact.value.is_nothing or leaf.entity.kind == "group":
            continue
        attempt = hidden | {leaf.key}
        again = _judge(rule, subject, base, attempt)
        if again.fails is judged.fails and label_of(rule, again) is label:
            hidden, step = attempt, again.step
    return step


# ---------------------------------------------------------------- words


def _with_words(finding: Finding, rule: core.Rule, context: Context) -> Finding:
    def place(expr: core.Expr) -> tuple[Value | Sequence[Value], Type]:
        found, _ = evaluate(expr, context)
        if isinstance(found, Truth):
            known = frozenset({found is TRUE}) if found is not UNKNOWN else None
            return Value(choices=known), expr.type
        if isinstance(found, tuple):
            return found, expr.type.element or expr.type
        if isinstance(found, Value):
            return found, expr.type
        return Value(), expr.type

    program = context.program
    lets, speaking = _lets(rule), in_turn(rule, finding, context)
    texts = [text for each in speaking for text in each.messages]
    messages = tuple(fill_message(text, place, program, lets) for text in texts)
    offered = [text for each in speaking for text in each.remedies]
    remedies = tuple(ShownRemedy(fill_message(text, place, program, lets)) for text in offered)
    return replace(finding, messages=messages, remedies=remedies)

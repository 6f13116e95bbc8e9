"""How two forms of one rule differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from apps.authoring.change import (
    Change,
    Sides,
    added,
    known_by,
    moved,
    period_changes,
    plain,
    removed,
    set_changes,
    unmatched,
)
from apps.authoring.change_clauses import OUTCOMES, cap_words, clause_text, outcome_text
from apps.authoring.change_expressions import expression_changes, normal
from rulelang import core, words
from rulelang.diagnostics import Words

PLAIN: Mapping[str, Words] = {
    "ruleset": Words("规则集", "ruleset"),
    "national_code": Words("国家编码", "national code"),
    "topic": Words("主题", "topic"),
    "territory": Words("地域", "territory"),
    "certainty": Words("结果类型", "certainty"),
    "subject": Words("针对", "subject"),
    "keep": Words("保留", "keep"),
    "deduct_order": Words("扣减顺序", "order of deduction"),
}
LISTED: Mapping[str, Words] = {
    "citations": Words("依据", "citing"),
    "stages": Words("环节", "stages"),
    "attributes": Words("属性", "attributes"),
}
LAYERED: Mapping[str, Words] = {  # told plainly, without the values
    "openings": Words("开放", "openness"),
    "closed": Words("封闭", "closed scope"),
    "ended_by": Words("废止", "repeal"),
    "amendments": Words("补充", "amendments"),
    "known": Words("入库", "date of knowledge"),
}
WORDING: Mapping[str, Words] = {
    "name": Words("名字", "name"),
    "title": Words("标题", "title"),
    "messages": Words("说明", "message"),
    "remedies": Words("整改", "remedy"),
    "notes": Words("注", "note"),
}
OWN = frozenset({"id", "span", "in_force", "lets", "when", "require", "exceptions", "outcomes"})
SPELT = {
    "certainty": words.CERTAINTIES, "topic": words.TOPICS, "territory": words.TERRITORIES,
    "stages": words.STAGES,
}  # fmt: skip
CLAUSE_OF = {"subject": "FOR", "keep": "KEEP", "deduct_order": "DEDUCTORDER", "openings": "OPEN"}


def rule_changes(sides: Sides, old: core.Rule, new: core.Rule) -> Iterator[Change]:
    """All differences of two rules, those of meaning before those of wording."""
    before, after = normal_rule(old), normal_rule(new)
    if without_names(before) != without_names(after):
        yield from _meaning(sides, before, after)
    for name, label in WORDING.items():
        if getattr(old, name) != getattr(new, name):
            said = Words(f"{label.zh}的措辞改了", f"the wording of the {label.en} changed")
            if name in {"name", "title"}:
                said = moved(label, getattr(old, name), getattr(new, name))
            yield sides.change("wording", said, wording=True)
    known = {*PLAIN, *LISTED, *WORDING, *OWN}
    for item in fields(old):  # what is added to rules later is told plainly
        if item.name not in known and getattr(before, item.name) != getattr(after, item.name):
            label = LAYERED.get(item.name, Words(item.name, item.name))
            said = _as_written(sides, item.name, label, old, new)
            yield sides.change("other", said)


def _meaning(sides: Sides, old: core.Rule, new: core.Rule) -> Iterator[Change]:
    for name, label in PLAIN.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            said = moved(label, _word(name, before), _word(name, after))
            if name in CLAUSE_OF:
                said = _as_written(sides, name, label, old, new)
            yield sides.change(name, said)
    for name, label in LISTED.items():
        before, after = ([_word(name, item) for item in _listed(rule, name)] for rule in (old, new))
        yield from set_changes(sides, name, label, before, after)
    yield from period_changes(sides, old.in_force, new.in_force)
    yield from _let_changes(sides, old, new)
    yield from expression_changes(sides, Words("当", "when"), old.when, new.when)
    yield from expression_changes(sides, Words("要求", "require"), old.require, new.require)
    yield from _exception_changes(sides, old, new)
    yield from _outcome_changes(sides, old, new)


def _as_written(sides: Sides, name: str, label: Words, old: core.Rule, new: core.Rule) -> Words:
    """A clause in place of another; that it changed, where both read alike."""
    if name in CLAUSE_OF:
        before = clause_text(old, CLAUSE_OF[name], sides.old)
        after = clause_text(new, CLAUSE_OF[name], sides.new)
        if before != after:
            return moved(label, before, after)
    return Words(f"{label.zh}改了", f"the {label.en} changed")


def _listed(rule: core.Rule, name: str) -> tuple[Any, ...]:
    """The members of a listed part; attributes that act are told as what they do."""
    found: tuple[Any, ...] = getattr(rule, name)
    if name == "attributes":
        return tuple(item for item in found if item[0] not in {"topic", "territory"})
    return found


def _word(name: str, value: Any) -> Words:
    if name == "attributes":
        key, *values = value
        said = plain(tuple(values))
        return Words(f"{words.spelling_of(words.ATTRIBUTES, key)} {said.zh}", f"{key} {said.en}")
    if not value:
        return plain(value)
    if name in SPELT and isinstance(value, str):
        return Words(words.spelling_of(SPELT[name], value), value)
    return plain(value)


def _let_changes(sides: Sides, old: core.Rule, new: core.Rule) -> Iterator[Change]:
    before = {let.name: let for let in old.lets}
    after = {let.name: let for let in new.lets}
    label = Words("记", "let")
    for name, let in before.items():
        where = Words(f"记 {let.shown.zh}", f"let {let.shown.en}")
        if name not in after:
            yield sides.change("let", removed(label, let.shown), let.value.span)
        else:
            yield from expression_changes(sides, where, let.value, after[name].value)
    for name, let in after.items():
        if name not in before:
            yield sides.change("let", added(label, let.shown), new=let.value.span)


def _exception_changes(sides: Sides, old: core.Rule, new: core.Rule) -> Iterator[Change]:
    label = Words("除非", "unless")
    before, after = unmatched(old.exceptions, new.exceptions)
    if len(before) == len(after):
        for one, other in zip(before, after, strict=True):
            here = sides.at(one.span, other.span)
            yield from expression_changes(here, label, one.condition, other.condition)
            if known_by(one.citation) != known_by(other.citation):
                where = Words("除非的依据", "the exception's citation")
                said = moved(where, plain(one.citation), plain(other.citation))
                yield here.change("citations", said)
        return
    for one in before:
        yield sides.change("exception", removed(label, _text(one, sides.old)), one.span)
    for one in after:
        yield sides.change("exception", added(label, _text(one, sides.new)), new=one.span)


def _text(clause: core.ExceptionClause, program: core.Program) -> Words:
    span = clause.condition.span
    text = " ".join(program.sources.get(span.path, "")[span.start : span.end].split())
    return Words(text, text)


def _outcome_changes(sides: Sides, old: core.Rule, new: core.Rule) -> Iterator[Change]:
    label = Words("则", "then")
    before, after = unmatched(old.outcomes, new.outcomes)
    pairs = []
    for one in list(before):
        other = next((each for each in after if each.op == one.op), None)
        if other is not None:
            before.remove(one)
            after.remove(other)
            pairs.append((one, other))
    for one, other in pairs:
        where = Words(f"则 {OUTCOMES[one.op].zh}", f"then {OUTCOMES[one.op].en}")
        if one.cap != other.cap:
            yield sides.change("outcome", moved(where, cap_words(one.cap), cap_words(other.cap)))
        if one.target != other.target:
            said = moved(where, plain(one.target), plain(other.target))
            yield sides.change("outcome", said)
        yield from expression_changes(sides, where, one.amount, other.amount)
        when = Words(f"{where.zh} 当", f"{where.en} when")
        yield from expression_changes(sides, when, one.condition, other.condition)
    for one in before:
        yield sides.change("outcome", removed(label, outcome_text(one, sides.old)))
    for one in after:
        yield sides.change("outcome", added(label, outcome_text(one, sides.new)))


# ---------------------------------------------------------------- forms to compare


def normal_rule(rule: core.Rule, names: Mapping[str, str] | None = None) -> core.Rule:
    """A rule whose names of subjects and elements do not count; with `names` nor those of parts."""
    own = {name: f"§{place}" for place, name in enumerate(rule.subject.locals)}
    own |= names or {}

    def form(expr: Any) -> Any:
        return None if expr is None else normal(expr, own)

    keep, order = rule.keep, rule.deduct_order
    return replace(
        rule,
        subject=replace(
            rule.subject,
            locals=tuple(own[name] for name in rule.subject.locals),
            keys=tuple((name, form(key)) for name, key in rule.subject.keys),
        ),
        lets=tuple(
            replace(let, name=own.get(let.name, let.name), value=form(let.value))
            for let in rule.lets
        ),
        when=form(rule.when),
        require=form(rule.require),
        exceptions=tuple(
            replace(clause, condition=form(clause.condition)) for clause in rule.exceptions
        ),
        outcomes=tuple(
            replace(
                outcome,
                amount=form(outcome.amount),
                condition=form(outcome.condition),
                target=own.get(outcome.target, outcome.target),
            )
            for outcome in rule.outcomes
        ),
        keep=keep and replace(keep, local=own.get(keep.local, keep.local), key=form(keep.key)),
        deduct_order=order and replace(order, key=form(order.key)),
    )


NO_WORDS = Words("", "")


def without_names(rule: core.Rule) -> core.Rule:
    """What of a rule says what is found: no names, no texts."""
    names = {let.name: f"¶{place}" for place, let in enumerate(rule.lets)}
    found = normal_rule(rule, names)
    return replace(
        found,
        id="",
        name=NO_WORDS,
        title=NO_WORDS,
        lets=tuple(replace(let, shown=NO_WORDS) for let in found.lets),
        messages=(),
        remedies=(),
        notes=(),
    )

"""What one expression gives on a bill, subject by subject: for those who try a rule out.

It decides nothing: findings come from `engine.judge`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.cite import missing, place_words
from engine.derivation import Step
from engine.explain import TRUTHS
from engine.facts import Bill, Entity, Value
from engine.finding import MissingFact
from engine.interpreter import evaluate
from engine.interpreter.results import Bag, Element, Group, Pointed, RowItem
from engine.judge import base_context, context_of
from engine.prune import prune, unknown_leaves
from engine.subjects import subjects_of
from engine.words import joined, list_text, value_words
from rulelang import core
from rulelang.diagnostics import Words
from rulelang.types import Type
from rulelang.values import FALSE, TRUE, Truth

if TYPE_CHECKING:
    from engine.tables import Tables

UNCERTAIN = Words("（不确定）", " (uncertain)")
OPEN = Words("，或还有其他", ", perhaps others")


@dataclass(frozen=True, slots=True)
class Probed:
    """An expression's value for one subject, in words, with its derivation and what it lacks."""

    subject: Words
    value: Words
    step: Step
    missing: tuple[MissingFact, ...]


def probe(rule: core.Rule, bill: Bill, program: core.Program, tables: Tables) -> list[Probed]:
    """The value of a rule's last named part (记) for each of its subjects."""
    expr = rule.lets[-1].value
    base = base_context(bill, program, tables)
    found: list[Probed] = []
    for subject in subjects_of(rule, base):
        result, step = evaluate(expr, context_of(rule, subject, base))
        pruned = prune(step)
        lacking = unknown_leaves(pruned)
        place = place_words(subject.own[0] if subject.own else bill.encounter)
        found.append(
            Probed(place, _words(result, expr.type, program), step, missing(lacking, program))
        )
    return found


def _words(result: Any, type_: Type, program: core.Program) -> Words:
    match result:
        case Truth():
            return TRUTHS[result]
        case Value():
            return value_words(result, type_, program)
        case Bag() | Group():
            return _members(result.bag if isinstance(result, Group) else result)
        case Pointed():
            shown = [_element(item) for item in result.candidates]
            return _joined(shown, OPEN if result.others else Words("", ""))
        case _:
            element = type_.element or type_
            return Words(
                list_text(result, element, program, "zh"), list_text(result, element, program, "en")
            )


def _members(bag: Bag) -> Words:
    shown = list(_certain(bag))
    return _joined(shown, Words("", "") if bag.is_closed else OPEN)


def _certain(bag: Bag) -> Iterator[Words]:
    for item in bag.items:
        if item.truth is FALSE:
            continue
        words, mark = _element(item.element), Words("", "")
        if item.truth is not TRUE:
            mark = UNCERTAIN
        yield Words(words.zh + mark.zh, words.en + mark.en)


def _element(element: Element) -> Words:
    if isinstance(element, RowItem):
        number = element.row.number
        name = element.table.name
        return Words(f"{name.zh}第{number}行", f"{name.en} row {number}")
    return _entity(element)


def _entity(entity: Entity) -> Words:
    place = place_words(entity)
    names = sorted(map(str, entity.value("name").choices or ()))
    if len(names) == 1:
        return Words(f"{place.zh} {names[0]}", f"{place.en} {names[0]}")
    return place


def _joined(shown: Sequence[Words], tail: Words) -> Words:
    zh = joined([item.zh for item in shown], len(shown), "zh")
    en = joined([item.en for item in shown], len(shown), "en")
    return Words(zh + tail.zh, en + tail.en)

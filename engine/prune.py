"""Cuts a derivation down to what decided (S18), and reads off its leaves. Knows no words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from operator import is_
from typing import Any, assert_never

from engine.derivation import (
    CoverageLeaf,
    FactLeaf,
    GapLeaf,
    Leaf,
    NoRowLeaf,
    RowLeaf,
    Step,
)
from engine.facts import Foreign
from rulelang import core
from rulelang.values import FALSE, TRUE, UNKNOWN, Truth


def prune(step: Step) -> Step:
    """The steps that decided the value of `step`.

    Of a false conjunction one false part is kept, the one with the fewest leaves (of equals the
    first); of an unknown one all unknown parts; of a true one all. Disjunctions are the dual. A
    choice keeps its test and the branch taken. A step that several share is cut once, and shared
    again.
    """
    return _pruned(step, {}).step


def truth_of(step: Step) -> Truth:
    """The truth of a condition's step; what is no truth is unknown."""
    value = step.value
    if value is None or isinstance(value, Truth):
        return UNKNOWN if value is None else value
    if value.choices == frozenset({True}):
        return TRUE
    return FALSE if value.choices == frozenset({False}) else UNKNOWN


def steps_of(step: Step) -> Iterator[Step]:
    """All steps of a derivation, each once however many share it, those above before those below."""
    seen: set[int] = set()
    waiting = [step]
    while waiting:
        found = waiting.pop()
        if id(found) not in seen:
            seen.add(id(found))
            yield found
            waiting += reversed(found.parts)


def leaves(step: Step) -> tuple[Leaf, ...]:
    """The different leaves of a derivation, in order."""
    return _different(found.leaf for found in steps_of(step) if found.leaf is not None)


def unknown_leaves(step: Step) -> tuple[Leaf, ...]:
    """The leaves whose completion would decide a pruned derivation, in order.

    What is unknown below a step that is decided all the same is not among them.
    """
    return _different(_lacking(step, {})) if _is_open(step) else ()


def key_of(leaf: Leaf) -> tuple[Any, ...]:
    """What tells a leaf from all others of one check."""
    match leaf:
        case FactLeaf():
            return ("fact", *leaf.key)
        case RowLeaf():
            return ("row", leaf.table.id, leaf.row.number)
        case NoRowLeaf():
            return ("no_row", leaf.table.id, leaf.keys)
        case CoverageLeaf():
            return ("coverage", id(leaf.entity), leaf.field)
        case GapLeaf():
            return ("gap", leaf.what)
        case _:
            assert_never(leaf)


# ---------------------------------------------------------------- pruning


@dataclass(frozen=True, slots=True)
class _Pruned:
    """A pruned step with the number of its leaves."""

    step: Step
    size: int


def _pruned(step: Step, done: dict[int, _Pruned]) -> _Pruned:
    """A step cut; `done` are those of this derivation that are, by identity."""
    known = done.get(id(step))
    if known is not None:
        return known
    parts = [_pruned(part, done) for part in _candidates(step)]
    kept = _kept(step, parts)
    size = sum(part.size for part in kept) + (step.leaf is not None)
    below = tuple(part.step for part in kept)
    same = len(below) == len(step.parts) and all(map(is_, below, step.parts))
    cut = step if same else replace(step, parts=below)
    return done.setdefault(id(step), _Pruned(cut, size))


def _candidates(step: Step) -> tuple[Step, ...]:
    """The parts of a step; of a choice only the test, where it matters, and the branch taken."""
    if step.rule != "if" or len(step.parts) != len(("test", "then", "otherwise")):
        return step.parts
    test, then, otherwise = step.parts
    match truth_of(test):
        case Truth.TRUE:
            return (test, then)
        case Truth.FALSE:
            return (test, otherwise)
        case Truth.UNKNOWN:
            # Both branches agree where the whole is known: the test is then no reason.
            return (then, otherwise) if _is_decided(step) else step.parts


def _kept(step: Step, parts: list[_Pruned]) -> list[_Pruned]:
    match step.rule:
        case "and":
            return _decisive(truth_of(step), parts, settled_by=FALSE, needed=1)
        case "or":
            return _decisive(truth_of(step), parts, settled_by=TRUE, needed=1)
        case "at_least":
            return _of_at_least(step, parts)
        case _:
            return parts


def _decisive(
    truth: Truth, parts: list[_Pruned], *, settled_by: Truth, needed: int
) -> list[_Pruned]:
    """The parts that make a conjunction or disjunction what it is.

    `needed` parts of truth `settled_by` settle the whole; if it is unknown the unknown ones do, if
    it is the other truth all parts do.
    """
    if truth is settled_by:
        return _cheapest(parts, settled_by, needed)
    if truth is UNKNOWN:
        return [part for part in parts if truth_of(part.step) is UNKNOWN] or parts
    return parts


def _of_at_least(step: Step, parts: list[_Pruned]) -> list[_Pruned]:
    if not isinstance(step.expr, core.Logic):
        return parts
    needed = step.expr.needed
    truth = truth_of(step)
    if truth is FALSE:
        return _decisive(truth, parts, settled_by=FALSE, needed=len(parts) - needed + 1)
    return _decisive(truth, parts, settled_by=TRUE, needed=needed)


def _cheapest(parts: list[_Pruned], truth: Truth, needed: int) -> list[_Pruned]:
    """So many parts of one truth, those with the fewest leaves, in their order; all if too few."""
    fitting = [part for part in parts if truth_of(part.step) is truth]
    if len(fitting) < needed:
        return parts
    chosen = sorted(range(len(fitting)), key=lambda index: (fitting[index].size, index))[:needed]
    return [fitting[index] for index in sorted(chosen)]


# ---------------------------------------------------------------- leaves


def _lacking(step: Step, done: dict[int, dict[int, Leaf]]) -> Iterable[Leaf]:
    """The unknown leaves below an undecided step; `done` are the steps that were asked already.

    Where all facts of an undecided comparison are known, it is they that cannot be used: a code of
    another system, a unit that does not meet, a word without a rank. Then they are what is wanted.
    """
    if id(step) in done:
        return done[id(step)].values()
    found: dict[int, Leaf] = {}
    if step.leaf is not None and _is_unknown(step.leaf):
        found[id(step.leaf)] = step.leaf
    for part in step.parts:
        # A row not held or a coverage left open is a reason, whatever its own step says.
        if _is_open(part) or isinstance(part.leaf, NoRowLeaf | CoverageLeaf | GapLeaf):
            for leaf in _lacking(part, done):
                found.setdefault(id(leaf), leaf)
    if not found and step.value is UNKNOWN:
        found = {id(leaf): leaf for leaf in _unusable(step)}
    return done.setdefault(id(step), found).values()


def _unusable(step: Step) -> list[Leaf]:
    facts = [leaf for leaf in leaves(step) if isinstance(leaf, FactLeaf)]
    foreign = [leaf for leaf in facts if _is_foreign(leaf)]
    counted = [leaf for leaf in facts if leaf.fact.value.unit is not None]
    direct = [part.leaf for part in step.parts if isinstance(part.leaf, FactLeaf)]
    return list(foreign or counted or direct or facts)


def _is_foreign(leaf: FactLeaf) -> bool:
    choices = leaf.fact.value.choices or ()
    return any(isinstance(choice, Foreign) for choice in choices)


def _different(found: Iterable[Leaf]) -> tuple[Leaf, ...]:
    by_key: dict[tuple[Any, ...], Leaf] = {}
    for leaf in found:
        by_key.setdefault(key_of(leaf), leaf)
    return tuple(by_key.values())


def _is_decided(step: Step) -> bool:
    value = step.value
    if value is None or isinstance(value, Truth):
        return value is TRUE or value is FALSE
    return value.is_known


def _is_open(step: Step) -> bool:
    return not _is_decided(step)


def _is_unknown(leaf: Leaf) -> bool:
    match leaf:
        case FactLeaf():
            return not leaf.fact.value.is_known
        case RowLeaf():
            return False
        case NoRowLeaf():
            return not leaf.inside
        case CoverageLeaf():
            return not leaf.coverage.closed or leaf.coverage.since is not None
        case GapLeaf():
            return True
        case _:
            assert_never(leaf)

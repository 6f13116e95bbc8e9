"""Evidence facts: the latest value inside its validity, registers, records, series (S2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

from engine.derivation import CoverageLeaf, FactLeaf, Step
from engine.facts import (
    UNKNOWN_VALUE,
    Coverage,
    Entity,
    EvidenceItem,
    Fact,
    Value,
    evidence_key,
    may_provide,
    one,
)
from engine.interpreter.collect import bag_of, member_step, seen_from, stretch
from engine.interpreter.compare import ranges
from engine.interpreter.lookup import MOST_CANDIDATES, join, leaf_of, read, unknown_of
from engine.interpreter.results import Bag, Context, Group, Item, Pointed, Result
from rulelang import calendar, core
from rulelang.calendar import Window
from rulelang.diagnostics import Words
from rulelang.values import FALSE, TRUE, UNKNOWN, Range, Truth, all_of

NOT_SENT = Words("没有送来", "not sent")
NOT_REGISTERED = Words("登记中没有", "not in the register")
_LONGEST = 3  # so many dates are named where none of them counts


@dataclass(frozen=True, slots=True)
class _Selected:
    """What stands of one evidence fact: a fact, or the records that it may be."""

    fact: Fact
    records: tuple[Entity, ...] = ()
    others: bool = False


def evaluate_evidence(expr: core.EvidenceOf, context: Context) -> Result:
    """A single evidence fact; of several owners or arguments that may be meant, the hull (S2.3)."""
    base, step = context.evaluate(expr.base, context)
    owners = _owners(base)
    if not owners:
        return unknown_of(expr, step)
    keys, steps = _arguments(expr, context)
    if keys is None:
        return unknown_of(expr, *steps)
    declared = context.program.evidence[expr.evidence]
    found: list[Value] = []
    leaves: list[Step] = []
    records: dict[Entity, None] = {}
    for owner, arguments in product(owners, keys):
        selected = _selected(declared, owner, arguments, context)
        leaf = FactLeaf(owner, declared.name.en, selected.fact, declared.id, arguments)
        value, shown = leaf_of(leaf, context)
        if selected.records and leaf.key not in context.hidden:
            records |= dict.fromkeys(selected.records)
            if not selected.others:
                continue  # its fields are what is read
        found.append(value)
        leaves.append(shown)
    unknown = any(value.is_nothing for value in found)
    supplied = any(o.evidence.get(evidence_key(declared.id, a)) for o, a in product(owners, keys))
    if unknown and supplied and (dated := _dated_by(declared, context)) is not None:
        leaves.append(dated)
    if declared.fields:
        whole = Step(expr, "all", UNKNOWN_VALUE if unknown else None, (*steps, *leaves))
        return Pointed(tuple(records), others=unknown), whole
    value = join(found)
    if not steps and len(leaves) == 1:
        return value, Step(expr, "leaf", value, leaf=leaves[0].leaf)
    return value, Step(expr, "all", value, (*steps, *leaves))


def _owners(base: object) -> tuple[Entity, ...]:
    """Whose evidence it may be; nobody where that is not certain enough to look."""
    if isinstance(base, Group):
        found = [item.element for item in base.bag.items if item.truth is not FALSE]
        return tuple(element for element in found if isinstance(element, Entity))
    if isinstance(base, Pointed) and not base.others and base.absent is FALSE:
        return tuple(each for each in base.candidates if isinstance(each, Entity))
    return ()


def _arguments(
    expr: core.EvidenceOf, context: Context
) -> tuple[list[tuple[str, ...]] | None, tuple[Step, ...]]:
    """The arguments that may be meant; None where one of them is not known."""
    sides: list[list[str]] = []
    steps: list[Step] = []
    for argument in expr.arguments:
        value, part = context.evaluate(argument, context)
        steps.append(part)
        if not isinstance(value, Value) or not value.choices or value.absent is not FALSE:
            return None, tuple(steps)
        sides.append(sorted(str(choice) for choice in value.choices))
    found = list(product(*sides))
    return (found if len(found) <= MOST_CANDIDATES else None), tuple(steps)


def _dated_by(declared: core.EvidenceDef, context: Context) -> Step | None:
    """The subject's date, where it is what validity hangs on and is not known."""
    if declared.validity is None:
        return None
    at, step = _seen(declared.validity, context)
    return None if at is None or at.is_exact else step


def _seen(window: Window, context: Context) -> tuple[Range | None, Step | None]:
    """When the subject is, as validity counts: its day, or its hour where that is counted."""
    if window.unit == "seconds" and isinstance(context.anchor, Entity):
        return seen_from(context.anchor, "time", context)
    return context.on, context.on_leaf


# ---------------------------------------------------------------- which of the values counts


def _selected(
    declared: core.EvidenceDef, owner: Entity, arguments: tuple[str, ...], context: Context
) -> _Selected:
    """The latest value inside the validity; every value that may be it (S2.3, S2.4)."""
    key = evidence_key(declared.id, arguments)
    stated, items = owner.facts.get(key), owner.evidence.get(key, ())
    usable = [item for item in items if may_provide(declared.providers, item.provider)]
    truths = [(item, _is_valid(item.at, declared.validity, context)) for item in usable]
    certain = [item for item, truth in truths if truth is TRUE]
    latest = [
        item
        for item, truth in truths
        if truth is not FALSE and not any(_is_earlier(item, other) for other in certain)
    ]
    values = [item.value for item in latest]
    if stated is not None:
        values.append(stated.value)
    elif not certain:
        values.append(one(choice=False) if _is_register(declared) else UNKNOWN_VALUE)
    records = tuple(item.record for item in latest if item.record is not None)
    fact = _fact(owner, latest, stated, join(values))
    if fact.why is None and (fact.value.is_nothing or not (latest or stated)):
        fact = replace(fact, why=_why_none(declared, items, truths))
    return _Selected(fact, records, others=not certain)


def _is_register(declared: core.EvidenceDef) -> bool:
    return declared.word == "registered" and declared.type.kind == "yes_no"


def _is_valid(at: Range | None, validity: Window | None, context: Context) -> Truth:
    """Whether something of this time counts for the subject (S4.1: both ends are civil dates)."""
    if validity is None:
        return TRUE
    seen, _ = _seen(validity, context)
    if at is None or seen is None:
        return UNKNOWN
    return stretch(at, seen, validity)


def _is_earlier(item: EvidenceItem, other: EvidenceItem) -> bool:
    if item.at is None or other.at is None:
        return False
    first, second = calendar.to_instants(item.at), calendar.to_instants(other.at)
    return ranges("<", first, second) is TRUE


def _fact(
    owner: Entity,
    latest: list[EvidenceItem],
    stated: Fact | None,
    value: Value,
) -> Fact:
    """The fact as a leaf shows it: its place, when it was taken, and what speaks against it."""
    if not latest:
        if stated is not None:
            return stated
        return Fact(value, owner.pointer)
    first = latest[0]
    same = all(item.value == first.value for item in latest) and stated is None
    places = tuple(item.pointer for item in latest) if len(latest) > 1 else ()
    why = None if same or value.is_known else _differ(latest, stated)
    at = first.at if len(latest) == 1 else None
    return Fact(value, first.pointer or owner.pointer, first.raw, why, premises=places, at=at)


def _differ(latest: list[EvidenceItem], stated: Fact | None) -> Words | None:
    if len(latest) + (stated is not None) < 2:  # noqa: PLR2004 - two places that differ
        return None
    places = [item.pointer for item in latest] + ([] if stated is None else [stated.pointer])
    both = "、".join(places[:_LONGEST])
    return Words(f"不止一个可能的值（{both}）", f"there is more than one value ({both})")


def _why_none(
    declared: core.EvidenceDef,
    items: tuple[EvidenceItem, ...],
    truths: Sequence[tuple[EvidenceItem, Truth]],
) -> Words | None:
    """Why nothing that was supplied counts; of a register, that it holds nothing."""
    found = _why_not(declared, items, truths)
    if not _is_register(declared) or any(truth is UNKNOWN for _, truth in truths):
        return found
    if found is None:
        return NOT_REGISTERED
    return Words(f"{NOT_REGISTERED.zh}：{found.zh}", f"{NOT_REGISTERED.en}: {found.en}")


def _why_not(
    declared: core.EvidenceDef,
    items: tuple[EvidenceItem, ...],
    truths: Sequence[tuple[EvidenceItem, Truth]],
) -> Words | None:
    """What speaks against the values that were supplied."""
    if not items or declared.validity is None:
        return _wrong_provider(declared, items)
    outside = [item.at for item, truth in truths if truth is FALSE and item.at is not None]
    undated = [item for item, truth in truths if truth is UNKNOWN and item.at is None]
    if undated:
        return Words("已有的没有日期", "the one supplied has no date")
    if not outside:
        return _wrong_provider(declared, items)
    days = sorted({_day_text(at) for at in outside})[-_LONGEST:]
    shown = "、".join(days)
    return Words(
        f"只有 {shown} 的，不在有效期内", f"there is only that of {', '.join(days)}, not valid here"
    )


def _wrong_provider(declared: core.EvidenceDef, items: tuple[EvidenceItem, ...]) -> Words | None:
    if not any(not may_provide(declared.providers, item.provider) for item in items):
        return None
    return Words("已有的不是有权提供者提供的", "the one supplied is not from who may provide it")


def _day_text(at: Range) -> str:
    days = calendar.to_days(at)
    ends = [end.isoformat() for end in (days.low, days.high) if end is not None]
    return "~".join(dict.fromkeys(ends)) or "?"


# ---------------------------------------------------------------- series


def evaluate_series(expr: core.Series, context: Context) -> Result:
    """The records of an evidence fact, those that count for the subject by their validity."""
    base, step = context.evaluate(expr.base, context)
    if not isinstance(base, Pointed) or not isinstance(base.exact, Entity):
        return Bag((), open=(step,)), Step(expr, "all", None, (step,))
    declared, key = context.program.evidence[expr.evidence], evidence_key(expr.evidence)
    if key not in base.exact.collections:
        nothing = Coverage(
            closed=False, words=NOT_SENT, supplier=(*declared.providers, "physician")[0]
        )
        missing = Step(None, "leaf", UNKNOWN, leaf=CoverageLeaf(base.exact, key, nothing))
        return Bag((), open=(missing,)), Step(expr, "all", None)
    found, validity = bag_of(base.exact, key), declared.validity
    if validity is not None:
        found = _valid_records(found, validity, context)
    return found, Step(expr, "all", None)


def _valid_records(bag: Bag, validity: Window, context: Context) -> Bag:
    items: list[Item] = []
    for item in bag.items:
        if not isinstance(item.element, Entity):
            continue
        at, taken = read(item.element, "date", context)
        truth = _is_valid(at.range, validity, context)
        _, dated = _seen(validity, context)
        why = Step(None, "all", truth, (taken,) if dated is None else (taken, dated))
        items.append(Item(item.element, all_of((item.truth, truth)), member_step(truth, why)))
    return Bag(tuple(items), *_covered(bag, validity, context))


def _covered(
    bag: Bag, validity: Window, context: Context
) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """What keeps the records open, and what closes them: a store since a day covers later ones."""
    leaf = bag.open[0].leaf if len(bag.open) == 1 else None
    if not isinstance(leaf, CoverageLeaf) or not leaf.coverage.closed:
        return bag.open, bag.closed
    seen, _ = _seen(validity, context)
    first = None if seen is None else _first_day(seen, validity)
    since = leaf.coverage.since
    if since is None or first is None or first.low is None or first.low < since:
        return bag.open, bag.closed
    covered = CoverageLeaf(leaf.entity, leaf.field, replace(leaf.coverage, since=None))
    return (), (Step(None, "leaf", TRUE, leaf=covered),)


def _first_day(seen: Range, validity: Window) -> Range:
    """The first day that a validity reaches back to."""
    if validity.word != "past":
        return calendar.to_days(seen)
    match validity.unit:
        case "months":
            return calendar.shift_days(
                calendar.shift_months(calendar.to_days(seen), -validity.amount), 1
            )
        case "seconds":
            return calendar.to_days(calendar.shift_seconds(seen, -validity.amount))
        case _:
            return calendar.shift_days(calendar.to_days(seen), 1 - validity.amount)

"""Figures over collections with unknown members and open coverage, as ranges (S8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from engine.derivation import Step
from engine.facts import ABSENT, UNKNOWN_VALUE, UNLIMITED, Foreign, Value
from engine.interpreter.charges import of_member, of_others
from engine.interpreter.compare import OWN_UNIT
from engine.interpreter.results import Bag, Context, Pointed, Result
from engine.interpreter.unit_factors import common_unit, scaled
from rulelang import calendar, core, values
from rulelang.types import Type
from rulelang.values import ANYTHING, FALSE, TRUE, UNKNOWN, ZERO, Range


@dataclass(frozen=True, slots=True)
class Part:
    """One member that may count: its value, whether it certainly belongs, and why."""

    value: Value
    certain: bool
    step: Step
    element: Any = None


def evaluate_aggregate(expr: core.Aggregate, context: Context) -> Result:
    """计数 计日 不同 合计 最大 最小 中位."""
    bag, step = context.evaluate(expr.collection, context)
    if not isinstance(bag, Bag):
        return UNKNOWN_VALUE, Step(expr, "all", UNKNOWN_VALUE, (step,))
    parts = parts_of(bag, expr.element, _value_of(expr, context), context)
    steps = (*(part.step for part in parts), *bag.open, *bag.closed)
    value = _figure(expr, parts, bag)
    return value, Step(expr, "all", value, steps)


def _value_of(expr: core.Aggregate, context: Context) -> core.Expr | None:
    if expr.op == "days":
        element = expr.collection.type.element or Type("error")
        base = core.Local(type=element, name=expr.element)
        return core.Get(type=Type("date"), base=base, field="date")
    return expr.value


def parts_of(bag: Bag, element: str, value: core.Expr | None, context: Context) -> list[Part]:
    """The members that may count, each with its value."""
    found: list[Part] = []
    for item in bag.items:
        if item.truth is FALSE:
            continue
        certain = item.truth is TRUE
        if value is None:
            found.append(Part(UNKNOWN_VALUE, certain, item.why, item.element))
            continue
        inner = context.bind(element, Pointed((item.element,)))
        result, step = context.evaluate(value, inner)
        worth = result if isinstance(result, Value) else UNKNOWN_VALUE
        shown = worth if certain else UNKNOWN_VALUE
        both = Step(None, "all", shown, (item.why, step)) if item.why.parts else step
        found.append(Part(worth, certain, both, item.element))
    return found


def _figure(expr: core.Aggregate, parts: list[Part], bag: Bag) -> Value:
    match expr.op:
        case "count":
            return Value(range=_count(parts, bag))
        case "days" | "distinct":
            return Value(range=_distinct(parts, bag, days=expr.op == "days"))
        case "sum":
            adding = [replace(p, value=of_member(expr.value, p.element, p.value)) for p in parts]
            found = _sum(adding, ZERO if bag.is_closed else of_others(expr.value))
            nothing = expr.type.kind == "quantity" and not parts
            return replace(found, unit=OWN_UNIT) if nothing else found  # no members, no unit
        case "max":
            return _extreme(parts, bag, largest=True)
        case "min":
            return _extreme(parts, bag, largest=False)
        case "median":
            return _median(parts, bag)


def _count(parts: list[Part], bag: Bag) -> Range:
    certain = sum(part.certain for part in parts)
    return Range(Decimal(certain), Decimal(len(parts)) if bag.is_closed else None)


def _distinct(parts: list[Part], bag: Bag, *, days: bool) -> Range:
    """Members without a value do not count; one of unknown value may be like another."""
    known: set[Any] = set()
    perhaps: set[Any] = set()
    loose = 0
    seen = False
    for part in parts:
        value = part.value
        if value.absent is TRUE:
            continue
        sure = part.certain and value.absent is FALSE
        key = _key(value, days=days)
        if key is None:
            loose += 1
            seen = seen or (sure and (days or not value.is_nothing))
        else:
            (known if sure else perhaps).add(key)
    foreign = sum(isinstance(key, Foreign) for key in known)  # may mean what another one says
    low = max(len(known) - foreign, foreign, 1 if seen else 0)
    high = Decimal(len(known | perhaps) + loose) if bag.is_closed else None
    return Range(Decimal(low), high)


def _key(value: Value, *, days: bool) -> Any:
    if value.unlimited:
        return "unlimited"
    if value.range is not None:
        shown = calendar.to_days(value.range) if days else value.range
        return (shown.low, value.unit) if shown.is_exact else None
    if value.choices is not None and len(value.choices) == 1:
        return next(iter(value.choices))
    return None


def _sum(parts: list[Part], others: Range) -> Value:
    """Members in [a, b] add that; members that may not belong add [min(0, a), max(0, b)]."""
    counted = [part for part in parts if part.value.absent is not TRUE]
    boundless = [part for part in counted if part.value.unlimited]
    if boundless:
        return UNLIMITED if any(part.certain for part in boundless) else UNKNOWN_VALUE
    unit, ranges = _in_one_unit(counted)
    total = ZERO
    for part, one in zip(counted, ranges, strict=True):
        if one is None:
            return Value(range=ANYTHING, unit=unit)
        sure = part.certain and part.value.absent is FALSE
        total = values.add(total, one if sure else values.join(ZERO, one))
    return Value(range=values.add(total, others), unit=unit)


def _in_one_unit(parts: list[Part]) -> tuple[str | None, list[Range | None]]:
    """The values in the unit that one of them has; None for one that is not known or not in it."""
    unit, factors = common_unit([part.value for part in parts])
    ranges = [scaled(part.value.range, factor) for part, factor in zip(parts, factors, strict=True)]
    return unit, ranges


def _extreme(parts: list[Part], bag: Bag, *, largest: bool) -> Value:
    counted = [part for part in parts if part.value.absent is not TRUE]
    counted, boundless = _without_limits(counted, largest=largest)
    if boundless is not None:
        return boundless
    sure = [part.certain and part.value.absent is FALSE for part in counted]
    absent = FALSE if any(sure) else (TRUE if not counted and bag.is_closed else UNKNOWN)
    if absent is TRUE:
        return ABSENT
    unit, ranges = _in_one_unit(counted)
    found = _pick_end(ranges, sure, bag, largest=largest)
    fines = [part.value.fine for part in counted]
    fine = None if None in fines else _pick_end(fines, sure, bag, largest=largest)
    return Value(range=found, absent=absent, unit=unit, fine=fine)


def _without_limits(parts: list[Part], *, largest: bool) -> tuple[list[Part], Value | None]:
    """A blank "no limit" is more than any figure: the largest, and never the smallest."""
    limited = [part for part in parts if not part.value.unlimited]
    boundless = [part for part in parts if part.value.unlimited]
    if not boundless:
        return limited, None
    bounded = any(part.certain and part.value.absent is FALSE for part in limited)
    if not largest and bounded:
        return limited, None
    certain = any(part.certain for part in boundless)
    if certain and (largest or not limited):
        return limited, UNLIMITED
    return limited, Value(absent=UNKNOWN)


def _pick_end(
    ranges: list[Range | None], sure: list[bool], bag: Bag, *, largest: bool
) -> Range | None:
    """The range of the largest, or smallest, of members of which some may not belong."""
    pick = values.larger if largest else values.smaller
    result: Range | None = None
    for one, certain in sorted(zip(ranges, sure, strict=True), key=lambda item: not item[1]):
        reach = ANYTHING if one is None else one  # 120 and one unknown price: at least 120
        if result is None:
            result = reach
        else:
            result = pick(result, reach) if certain else values.join(result, pick(result, reach))
    if bag.is_closed:
        return result
    if result is None or not any(sure):
        return ANYTHING
    if largest:
        return Range(result.low, None, result.low_open, high_open=False)
    return Range(None, result.high, low_open=False, high_open=result.high_open)


def _median(parts: list[Part], bag: Bag) -> Value:
    counted = [part for part in parts if part.value.absent is not TRUE]
    if not counted and bag.is_closed:
        return ABSENT
    unit, ranges = _in_one_unit(counted)
    sure = [part.certain and part.value.absent is FALSE for part in counted]
    absent = FALSE if any(sure) else UNKNOWN
    if not bag.is_closed or not counted:
        return Value(absent=absent, unit=unit)
    if any(part.value.unlimited for part in counted):
        return _boundless_median(counted, sure)
    if None in ranges:
        return Value(absent=absent, unit=unit)
    whole = values.hull(one for one in ranges if one is not None)
    if all(sure) and all(one is not None and one.is_exact for one in ranges):
        whole = Range.exactly(_middle([one.exact for one in ranges if one is not None]))
    return Value(range=whole, unit=unit, absent=absent)


def _middle(figures: list[Any]) -> Any:
    ordered = sorted(figures)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return values.exact_divide(values.exact_add(ordered[middle - 1], ordered[middle]), Decimal(2))


def _boundless_median(parts: list[Part], sure: list[bool]) -> Value:
    """Where most figures are "no limit", so is their middle; else it hangs on which is where."""
    limited = [part.value.range for part in parts if not part.value.unlimited]
    if not all(sure):
        return UNKNOWN_VALUE
    if len(limited) * 2 <= len(parts):
        return UNLIMITED
    if any(one is None or not one.is_exact for one in limited):
        return UNKNOWN_VALUE
    ordered = sorted(one.exact for one in limited if one is not None)
    return Value(range=Range.exactly(ordered[len(parts) // 2]), unit=parts[0].value.unit)

"""Figures over collections with unknown members and open coverage, as ranges (S8)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.derivation import Step
from engine.facts import ABSENT, UNKNOWN_VALUE, Entity, Value
from engine.interpreter.compare import OWN_UNIT
from engine.interpreter.lookup import read
from engine.interpreter.results import Bag, Context, Pointed, Result
from rulelang import calendar, core, values
from rulelang.types import Type
from rulelang.units import BY_NAME
from rulelang.values import FALSE, FROM_ZERO, TRUE, UNKNOWN, ZERO, Range, Truth, less


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
    parts = _parts(bag, expr.element, _value_of(expr, context), context)
    steps = (*(part.step for part in parts), *bag.open, *bag.closed)
    value = _figure(expr, parts, bag)
    return value, Step(expr, "all", value, steps)


def _value_of(expr: core.Aggregate, context: Context) -> core.Expr | None:
    if expr.op == "days":
        element = expr.collection.type.element or Type("error")
        base = core.Local(type=element, name=expr.element)
        return core.Get(type=Type("date"), base=base, field="date")
    return expr.value


def _parts(bag: Bag, element: str, value: core.Expr | None, context: Context) -> list[Part]:
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
            return _sum(parts, bag)
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
    sure: set[Any] = set()
    unsure = 0
    seen = False
    for part in parts:
        key = _key(part.value, days=days)
        seen = seen or part.certain
        if key is not None and part.certain:
            sure.add(key)
    for part in parts:
        key = _key(part.value, days=days)
        if key is None or (not part.certain and key not in sure):
            unsure += 1
    low = max(len(sure), 1 if seen else 0)
    high = Decimal(len(sure) + unsure) if bag.is_closed else None
    return Range(Decimal(low), high)


def _key(value: Value, *, days: bool) -> Any:
    if value.range is not None:
        shown = calendar.to_days(value.range) if days else value.range
        return shown.low if shown.is_exact else None
    if value.choices is not None and len(value.choices) == 1:
        return next(iter(value.choices))
    return None


def _sum(parts: list[Part], bag: Bag) -> Value:
    """Members in [a, b] add that; members that may not belong add [min(0, a), max(0, b)]."""
    unit, factors = _common_unit([part.value for part in parts])
    total: Range | None = ZERO
    for part, factor in zip(parts, factors, strict=True):
        if part.value.absent is TRUE:
            continue
        one = part.value.range
        if factor is None:
            one = None
        elif one is not None and factor != 1:
            one = values.multiply(one, Range.exactly(factor))
        if one is None:
            total = None
            break
        if not part.certain or part.value.absent is UNKNOWN:
            one = values.join(ZERO, one)
        total = values.add(total, one) if total is not None else None
    if total is None:
        return Value(range=Range(None, None), unit=unit)
    if not bag.is_closed:
        total = values.add(total, FROM_ZERO)
    return Value(range=total, unit=unit)


def _common_unit(found: list[Value]) -> tuple[str | None, list[Decimal | None]]:
    """One unit for all values with the factor to it; None for a value whose unit does not meet."""
    units = [value.unit for value in found]
    named = [unit for unit in units if unit not in {None, OWN_UNIT}]
    if not named:
        unit = None if None in units and OWN_UNIT not in units else OWN_UNIT
        if all(u is None for u in units) and all(v.range is None or v.unit is None for v in found):
            unit = None
        return unit, [Decimal(1)] * len(found)
    first = named[0]
    if all(unit in {first, OWN_UNIT} for unit in units):
        return first, [Decimal(1)] * len(found)
    base = BY_NAME.get(first or "")
    factors: list[Decimal | None] = []
    for unit in units:
        known = BY_NAME.get(unit or "")
        if unit in {first, OWN_UNIT}:
            factors.append(Decimal(1))
        elif known is None or base is None or known.dimension != base.dimension:
            factors.append(None)
        else:
            ratio = known.factor / base.factor
            factors.append(ratio if ratio * base.factor == known.factor else None)
    return first, factors


def _extreme(parts: list[Part], bag: Bag, *, largest: bool) -> Value:
    ranges = [(part.value.range, part) for part in parts if part.value.absent is not TRUE]
    unit, factors = _common_unit([part.value for part in parts])
    sure = [r for r, part in ranges if part.certain and part.value.absent is FALSE]
    absent = FALSE if sure else (TRUE if not ranges and bag.is_closed else UNKNOWN)
    if absent is TRUE:
        return ABSENT
    if any(factor is None for factor in factors) or any(r is None for r, _ in ranges):
        return Value(absent=absent, unit=unit)
    pick = values.larger if largest else values.smaller
    result: Range | None = None
    for one, part in ranges:
        if one is None or not (part.certain and part.value.absent is FALSE):
            continue
        result = one if result is None else pick(result, one)
    for one, part in ranges:
        if one is None or (part.certain and part.value.absent is FALSE):
            continue
        result = one if result is None else values.join(result, pick(result, one))
    if result is None or not bag.is_closed:
        result = _half_open(result, largest=largest)
    return Value(range=result, absent=absent, unit=unit)


def _half_open(result: Range | None, *, largest: bool) -> Range:
    if result is None:
        return Range(None, None)
    if largest:
        return Range(result.low, None, result.low_open, high_open=False)
    return Range(None, result.high, low_open=False, high_open=result.high_open)


def _median(parts: list[Part], bag: Bag) -> Value:
    if not parts and bag.is_closed:
        return ABSENT
    unit, factors = _common_unit([part.value for part in parts])
    exact = all(
        part.certain and part.value.range is not None and part.value.range.is_exact
        for part in parts
    )
    if not bag.is_closed or any(factor != 1 for factor in factors) or not parts:
        return Value(absent=FALSE if any(p.certain for p in parts) else UNKNOWN, unit=unit)
    if exact:
        ordered = sorted(part.value.range.exact for part in parts if part.value.range is not None)
        middle = len(ordered) // 2
        if len(ordered) % 2:
            return Value(range=Range.exactly(ordered[middle]), unit=unit)
        total = values.exact_add(ordered[middle - 1], ordered[middle])
        return Value(range=Range.exactly(values.exact_divide(total, Decimal(2))), unit=unit)
    if any(part.value.range is None for part in parts):
        return Value(unit=unit)
    whole = values.hull(part.value.range for part in parts if part.value.range is not None)
    absent = FALSE if any(part.certain for part in parts) else UNKNOWN
    return Value(range=whole, unit=unit, absent=absent)


def evaluate_pick(expr: core.Pick, context: Context) -> Result:
    """`首个`/`末个 … 按 key`: ties by time, then by place in the request (S1.2)."""
    bag, step = context.evaluate(expr.collection, context)
    if not isinstance(bag, Bag):
        return Pointed((), others=True), Step(expr, "all", None, (step,))
    parts = _parts(bag, expr.element, expr.key, context)
    steps = (*(part.step for part in parts), *bag.open, *bag.closed)
    smallest = (expr.op == "first") is not expr.descending
    found = _pick(parts, bag, context, smallest=smallest)
    return found, Step(expr, "all", None, steps)


def _pick(parts: list[Part], bag: Bag, context: Context, *, smallest: bool) -> Pointed:
    if not parts:
        return Pointed((), others=not bag.is_closed, absent=TRUE if bag.is_closed else UNKNOWN)
    absent = FALSE if any(part.certain for part in parts) else UNKNOWN
    ordered = sorted(parts, key=lambda part: _tie(part, context))
    candidates = [part for part in ordered if not _beaten(part, ordered, smallest=smallest)]
    others = not bag.is_closed
    return Pointed(tuple(part.element for part in candidates), others, absent)


def _beaten(part: Part, ordered: list[Part], *, smallest: bool) -> bool:
    """Whether another member certainly comes before."""
    mine = part.value.range
    if mine is None:
        return False
    place = ordered.index(part)
    for index, other in enumerate(ordered):
        theirs = other.value.range
        if other is part or not other.certain or theirs is None:
            continue
        first, second = (theirs, mine) if smallest else (mine, theirs)
        if less(first, second, or_equal=False) is TRUE:
            return True
        tied = mine.is_exact and theirs.is_exact and mine.exact == theirs.exact
        if tied and index < place:
            return True
    return False


def _tie(part: Part, context: Context) -> tuple[Any, ...]:
    element = part.element
    if not isinstance(element, Entity):
        return (1, "", element.row.number)
    value, _ = read(element, "time", context)
    start = value.range.low.isoformat() if value.range and value.range.low else ""
    return (0 if start else 1, start, element.order)


def evaluate_arith(expr: core.Arith, context: Context) -> Result:
    """`+ - * /` on numbers, and dates moved by days or months (S3, S4)."""
    left, first = context.evaluate(expr.left, context)
    right, second = context.evaluate(expr.right, context)
    steps = (first, second)
    if not isinstance(left, Value) or not isinstance(right, Value):
        return UNKNOWN_VALUE, Step(expr, "all", UNKNOWN_VALUE, steps)
    absent = TRUE if TRUE in {left.absent, right.absent} else FALSE
    if absent is FALSE and UNKNOWN in {left.absent, right.absent}:
        absent = UNKNOWN
    if absent is TRUE:
        return ABSENT, Step(expr, "all", ABSENT, steps)
    value = _arith(expr, left, right, absent)
    return value, Step(expr, "all", value, steps)


def _arith(expr: core.Arith, left: Value, right: Value, absent: Truth) -> Value:
    if left.range is None or right.range is None:
        return Value(absent=absent)
    if expr.left.type.kind in {"date", "datetime"}:
        return Value(range=_moved_date(expr, left.range, right.range), absent=absent)
    unit = None
    if expr.type.kind == "quantity":
        unit, factors = _common_unit([left, right])
        if expr.op in {"+", "-"} and any(factor != 1 for factor in factors):
            return Value(absent=absent)
        if expr.op in {"*", "/"}:
            unit = left.unit if left.unit is not None else right.unit
    elif expr.type.kind == "measure":
        unit = expr.type.name
    match expr.op:
        case "+":
            result = values.add(left.range, right.range)
        case "-":
            result = values.add(left.range, values.negative(right.range))
        case "*":
            result = values.multiply(left.range, right.range)
        case _:
            result = values.divide(left.range, right.range)
    return Value(range=result, absent=absent, unit=unit)


def _moved_date(expr: core.Arith, start: Range, by: Range) -> Range | None:
    if not by.is_exact:
        return None
    amount = int(by.exact) if expr.op == "+" else -int(by.exact)
    if expr.right.type.kind == "months":
        return _by_months(start, amount)
    if expr.right.type.kind == "seconds":
        return None
    return calendar.shift_days(start, amount)


def _by_months(start: Range, months: int) -> Range | None:
    ends: list[Any] = []
    for end in (start.low, start.high):
        if end is None:
            ends.append(None)
            continue
        day = calendar.add_months(calendar.day_of(end), months)
        ends.append(
            day
            if end == calendar.day_of(end)
            else end.replace(year=day.year, month=day.month, day=day.day)
        )
    return Range(ends[0], ends[1], start.low_open, start.high_open)

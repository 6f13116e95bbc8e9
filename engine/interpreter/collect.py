"""Collections: members, windows, filters, quantifiers, picks, coverage (S7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from engine.derivation import CoverageLeaf, Step
from engine.facts import UNKNOWN_VALUE, Collection, Entity, Value
from engine.interpreter.compare import ranges
from engine.interpreter.lookup import read
from engine.interpreter.results import Bag, Context, Group, Item, Pointed, Result
from rulelang import calendar, core
from rulelang.calendar import Window
from rulelang.values import FALSE, TRUE, UNKNOWN, Range, Truth, all_of, any_of

ENCOUNTER_WINDOWS = frozenset({"same_visit", "same_prescription"})
UNDATED = frozenset(  # seen from their governing date
    {"group", "prescription", "encounter", "patient", "institution", "department", "doctor",
     "community"}
)  # fmt: skip


def member_step(truth: Truth, *parts: Step) -> Step:
    """Why a member belongs."""
    return Step(None, "and", truth, parts)


def evaluate_members(expr: core.Members, context: Context) -> Result:
    """A collection that an entity has, with its coverage."""
    base, step = context.evaluate(expr.base, context)
    if isinstance(base, Group):
        return base.bag, Step(expr, "all", None)
    if not isinstance(base, Pointed) or not isinstance(base.exact, Entity):
        return Bag((), open=(step,)), Step(expr, "all", None, (step,))
    if context.periods is not None and "period" in base.exact.links:
        return context.periods.bag(base.exact, expr.field, context), Step(expr, "all", None)
    return bag_of(base.exact, expr.field), Step(expr, "all", None)


def bag_of(entity: Entity, field: str) -> Bag:
    """An entity's collection; one that was not sent has no members and no coverage."""
    found = entity.collections.get(field)
    if found is None:
        missing = Step(None, "leaf", UNKNOWN, leaf=CoverageLeaf(entity, field, _no_coverage(field)))
        return Bag((), open=(missing,))
    items = tuple(Item(member, TRUE, member_step(TRUE)) for member in found.members)
    return _covered(items, entity, field, found)


def _covered(items: tuple[Item, ...], entity: Entity, field: str, found: Collection) -> Bag:
    truth = Truth.of(found.coverage.closed and found.coverage.since is None)
    step = Step(
        None,
        "leaf",
        TRUE if truth is TRUE else UNKNOWN,
        leaf=CoverageLeaf(entity, field, found.coverage),
    )
    return Bag(items, closed=(step,)) if truth is TRUE else Bag(items, open=(step,))


def _no_coverage(field: str) -> Any:
    from engine.facts import Coverage  # noqa: PLC0415
    from rulelang.diagnostics import Words  # noqa: PLC0415

    return Coverage(False, Words("没有送来", "not sent"))  # noqa: FBT003


def evaluate_collection(expr: core.Collection, context: Context) -> Result:
    """`source` narrowed by 其余, a window and a condition."""
    source, step = context.evaluate(expr.source, context)
    if not isinstance(source, Bag):
        return Bag((), open=(step,)), Step(expr, "all", None, (step,))
    anchor = _anchor(expr, context)
    items: list[Item] = []
    for item in source.items:
        if expr.other and anchor is not None and item.element is anchor:
            continue
        found = item
        if expr.window is not None:
            found = _narrow(found, *_in_window(found.element, anchor, expr.window, context))
        if found.truth is not FALSE and expr.where is not None:
            inner = context.bind(expr.element, Pointed((found.element,)))
            value, why = context.evaluate(expr.where, inner)
            found = _narrow(found, value if isinstance(value, Truth) else UNKNOWN, why)
        items.append(found)
    bag = Bag(tuple(items), source.open, source.closed)
    if expr.window is not None and source.open:
        bag = _reopened(bag, expr, anchor)
    return bag, Step(expr, "all", None, tuple(item.why for item in items))


def _reopened(bag: Bag, expr: core.Collection, anchor: Any) -> Bag:
    """A window within one visit is covered by the encounter's own lines (S7.2)."""
    window = expr.window
    if window is None or not isinstance(anchor, Entity):
        return bag
    if _reaches_covered_days(bag, window, anchor):
        return Bag(bag.items, closed=tuple(_as_covered(step) for step in bag.open))
    if window.word not in ENCOUNTER_WINDOWS:
        return bag
    if not (isinstance(expr.source, core.Members) and expr.source.field == "lines"):
        return bag
    encounter = anchor.links.get("encounter")
    if encounter is None or "lines" not in encounter.collections:
        return bag
    covered = _covered(bag.items, encounter, "lines", encounter.collections["lines"])
    return Bag(bag.items, covered.open, covered.closed)


def _as_covered(step: Step) -> Step:
    leaf = step.leaf
    if not isinstance(leaf, CoverageLeaf):
        return step
    within_days = CoverageLeaf(leaf.entity, leaf.field, replace(leaf.coverage, since=None))
    return Step(step.expr, step.rule, TRUE, step.parts, within_days, step.label)


def _reaches_covered_days(bag: Bag, window: Window, anchor: Entity) -> bool:
    """Whether the window lies within the days that the coverage holds from (S7.2)."""
    leaf = bag.open[0].leaf if len(bag.open) == 1 else None
    if not isinstance(leaf, CoverageLeaf) or not leaf.coverage.closed:
        return False
    since, day = leaf.coverage.since, anchor.value("date").range
    if since is None or day is None or day.low is None:
        return False
    first = calendar.day_of(day.low)
    match window.word, window.unit:
        case ("past" | "length", "days"):
            first -= timedelta(days=window.amount - 1)
        case ("past" | "length", "months"):
            first = calendar.add_months(first, -window.amount)
        case ("past" | "length", "seconds"):
            first -= timedelta(days=window.amount // 86400 + 1)
        case ("this_month", _):
            first = first.replace(day=1)
        case ("this_year", _):
            first = first.replace(month=1, day=1)
        case ("same_day" | "same_hour" | "next", _):
            pass
        case _:
            return False
    return since <= first


def _anchor(expr: core.Collection, context: Context) -> Any:
    if expr.anchor is None:
        return None
    found, _ = context.evaluate(expr.anchor, context)
    if isinstance(found, Group):
        return found.entity
    return found.exact if isinstance(found, Pointed) else None


def _narrow(item: Item, truth: Truth, why: Step) -> Item:
    both = all_of((item.truth, truth))
    if item.truth is TRUE and not item.why.parts:
        return Item(item.element, both, member_step(both, why))
    return Item(item.element, both, member_step(both, item.why, why))


def _in_window(
    element: Any,
    anchor: Any,
    window: Window,
    context: Context,
) -> tuple[Truth, Step]:
    """Whether an element lies in a window measured from the subject."""
    if not isinstance(element, Entity) or not isinstance(anchor, Entity):
        return UNKNOWN, Step(None, "all", UNKNOWN)
    return within(element, anchor, window, context)


def within(element: Entity, anchor: Entity, window: Window, context: Context) -> tuple[Truth, Step]:
    """Whether `element` lies in `window` as seen from `anchor` (S4.1)."""
    if window.word in ENCOUNTER_WINDOWS:
        return _same_parent(element, anchor, window.word, context)
    by_hour = window.word == "same_hour" or window.unit == "seconds"
    field = "time" if by_hour else "date"
    mine, mine_step = _moment(element, field, context)
    other, other_step = seen_from(anchor, field, context)
    parts = (mine_step, other_step)
    if mine is None or other is None:
        return UNKNOWN, Step(None, "all", UNKNOWN, parts)
    truth = stretch(mine, other, window)
    return truth, Step(None, "all", truth, parts)


def _same_parent(
    element: Entity, anchor: Entity, word: str, context: Context
) -> tuple[Truth, Step]:
    link = "encounter" if word == "same_visit" else "prescription"
    mine, other = (e if e.kind == link else e.links.get(link) for e in (element, anchor))
    if mine is not None and other is not None:
        truth = Truth.of(mine is other)
        return truth, Step(None, "all", truth)
    lacking = [e for e, parent in ((element, mine), (anchor, other)) if parent is None]
    steps = [read(e, "rx_no", context)[1] for e in lacking]
    return UNKNOWN, Step(None, "all", UNKNOWN, tuple(steps))


def seen_from(anchor: Entity, field: str, context: Context) -> tuple[Range | None, Step]:
    """When a subject is: its own date, else its governing date (S14)."""
    if anchor.kind in UNDATED and "date" not in anchor.facts:
        return context.on, context.on_leaf or Step(None, "all", UNKNOWN_VALUE)
    return _moment(anchor, field, context)


def _moment(entity: Entity, field: str, context: Context) -> tuple[Range | None, Step]:
    value, step = read(entity, field, context)
    if value.range is None and field == "time":
        value, dated = read(entity, "date", context)
        step = Step(None, "all", UNKNOWN_VALUE, (step, dated))
    return value.range, step


def stretch(mine: Range, other: Range, window: Window) -> Truth:
    """Whether a moment lies in a window as seen from another (S4.1)."""
    if window.unit == "seconds":
        return _by_seconds(mine, other, window)
    match window.word:
        case "same_hour":
            return _same_hour(mine, other)
        case "same_day":
            return ranges("=", calendar.to_days(mine), calendar.to_days(other))
        case "so_far":
            return ranges("<=", calendar.to_days(mine), calendar.to_days(other))
        case "this_month" | "this_year":
            return _same_period(mine, other, window.word)
        case _:
            return _by_days(calendar.to_days(mine), calendar.to_days(other), window)


def _by_seconds(mine: Range, other: Range, window: Window) -> Truth:
    first, second = calendar.to_instants(mine), calendar.to_instants(other)
    early = calendar.shift_seconds(second, -window.amount)
    late = calendar.shift_seconds(second, window.amount)
    return _between(first, second, early, late, window.word)


def _between(mine: Range, at: Range, early: Range, late: Range, word: str) -> Truth:
    match word:
        case "past":
            return all_of((ranges("<=", early, mine), ranges("<=", mine, at)))
        case "next":
            return all_of((ranges("<=", at, mine), ranges("<=", mine, late)))
        case _:
            return all_of((ranges("<=", early, mine), ranges("<=", mine, late)))


def _by_days(mine: Range, other: Range, window: Window) -> Truth:
    """The subject's date and the days before: "past 14 days" holds 14 dates (S4.1)."""
    if window.unit == "months":
        early = calendar.shift_days(calendar.shift_months(other, -window.amount), 1)
        late = calendar.shift_days(calendar.shift_months(other, window.amount), -1)
    else:
        early = calendar.shift_days(other, 1 - window.amount)
        late = calendar.shift_days(other, window.amount - 1)
    return _between(mine, other, early, late, window.word)


def _same_hour(mine: Range, other: Range) -> Truth:
    first, second = _hours(calendar.to_instants(mine)), _hours(calendar.to_instants(other))
    return ranges("=", first, second)


def _hours(value: Range) -> Range:
    low = None if value.low is None else value.low.replace(minute=0, second=0, microsecond=0)
    high = value.high
    if high is not None:
        whole = high.replace(minute=0, second=0, microsecond=0)
        if value.high_open and whole == high:
            whole -= timedelta(hours=1)
        high = whole
    return Range(low, high)


def _same_period(mine: Range, other: Range, word: str) -> Truth:
    length = 7 if word == "this_month" else 4

    def period(value: Range) -> Range:
        return Range(
            None if value.low is None else value.low.isoformat()[:length],
            None if value.high is None else value.high.isoformat()[:length],
        )

    return ranges("=", period(mine), period(other))


def together(
    first: Any,
    second: Any,
    window: Value,
    context: Context,
) -> tuple[Truth, Step]:
    """`共处`: whether two lines lie within one window, measured from the later one."""
    if window.choices is None or len(window.choices) != 1:
        return UNKNOWN, Step(None, "all", UNKNOWN)
    wanted = next(iter(window.choices))
    if not isinstance(first, Entity) or not isinstance(second, Entity):
        return UNKNOWN, Step(None, "all", UNKNOWN)
    if wanted.word in {"past", "next"}:
        wanted = Window("length", wanted.amount, wanted.unit)
    return within(first, second, wanted, context)


def evaluate_quantifier(expr: core.Quantifier, context: Context) -> Result:
    """`任一`/`每个` (S7)."""
    bag, step = context.evaluate(expr.collection, context)
    if not isinstance(bag, Bag):
        return UNKNOWN, Step(expr, "all", UNKNOWN, (step,))
    any_ = expr.op == "any"
    truths: list[Truth] = []
    parts: list[Step] = []
    for item in bag.items:
        if item.truth is FALSE and (any_ or not item.why.parts):
            if any_:
                truths.append(FALSE)
                parts.append(item.why)
            continue
        body, why = TRUE, None
        if expr.body is not None:
            inner = context.bind(expr.element, Pointed((item.element,)))
            found, why = context.evaluate(expr.body, inner)
            body = found if isinstance(found, Truth) else UNKNOWN
        truth, part = _member_truth(item, body, why, any_=any_)
        truths.append(truth)
        parts.append(part)
    if bag.open:
        truths.append(UNKNOWN)
        parts += bag.open
    else:
        parts += bag.closed
    truth = any_of(truths) if any_ else all_of(truths)
    return truth, Step(expr, "or" if any_ else "and", truth, _for_rule(parts, any_=any_))


def _for_rule(parts: list[Step], *, any_: bool) -> tuple[Step, ...]:
    """Coverage and key steps say FALSE under 任一 and TRUE under 每个 where they are closed."""
    neutral = FALSE if any_ else TRUE
    return tuple(_with_truth(part, neutral) for part in parts)


def _with_truth(part: Step, neutral: Truth) -> Step:
    value = part.value
    if isinstance(value, Truth):
        if value is UNKNOWN or part.rule in {"and", "or", "not"}:
            return part
        return Step(part.expr, part.rule, neutral, part.parts, part.leaf, part.label)
    known = not isinstance(value, Value) or value.is_known
    truth = neutral if known else UNKNOWN
    return Step(part.expr, part.rule, truth, part.parts, part.leaf, part.label)


def _member_truth(item: Item, body: Truth, why: Step | None, *, any_: bool) -> tuple[Truth, Step]:
    steps = (item.why, why) if item.why.parts and why is not None else (why or item.why,)
    if any_:
        truth = all_of((item.truth, body))
        return truth, Step(None, "and", truth, steps)
    truth = any_of((~item.truth, body))
    if item.why.parts and why is not None:
        negated = Step(None, "not", ~item.truth, (item.why,))
        return truth, Step(None, "or", truth, (negated, why))
    return truth, Step(None, "and", truth, steps)


def evaluate_column(expr: core.Column, context: Context) -> Result:
    """The values of a column, for printing."""
    bag, step = context.evaluate(expr.collection, context)
    if not isinstance(bag, Bag):
        return (), step
    found: list[Value] = []
    for item in bag.items:
        if item.truth is not FALSE:
            inner = context.bind(expr.element, Pointed((item.element,)))
            value, _ = context.evaluate(expr.value, inner)
            if isinstance(value, Value):
                found.append(value)
    return tuple(found), Step(expr, "all", None, (step,))

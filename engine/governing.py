"""The date by which a subject is judged (S14), as a range of civil dates with where it comes from."""

from __future__ import annotations

from typing import Any

from engine.derivation import Step
from engine.facts import Entity, Value
from engine.interpreter.lookup import read
from engine.interpreter.results import Bag, Context, Group
from rulelang.calendar import to_days
from rulelang.values import TRUE, Range

ANYTIME = Range(None, None)


def governing(dated: Entity | Group, context: Context) -> tuple[Range, Step | None]:
    """The governing date of a subject: its own, else the latest of its members (S14)."""
    if isinstance(dated, Group):
        if "date" not in dated.entity.facts:
            return _latest(dated.bag, context)
        own = dated.entity.value("date").range
        if "date" in dated.keys:  # the date of a line, by which it is in the group
            return (to_days(own) if own is not None else ANYTIME), dated.keys["date"]
        dated = dated.entity
    if "period" in dated.links:  # a period's last day
        dated = dated.links["period"]
        return dated.value("last_day").range or ANYTIME, None
    if dated.kind == "encounter":
        return _encounter_date(dated, context)
    value, step = read(dated, "date", context)
    return (to_days(value.range) if value.range is not None else ANYTIME), step


def _latest(bag: Bag, context: Context) -> tuple[Range, Step | None]:
    """The latest date of the known members; one that may not belong may be the latest."""
    lows: list[Any] = []
    highs: list[Any] = []
    steps: list[Step] = []
    for item in bag.items:
        if not isinstance(item.element, Entity):
            continue
        value, step = read(item.element, "date", context)
        days = to_days(value.range) if value.range is not None else ANYTIME
        if item.truth is TRUE and days.low is not None:
            lows.append(days.low)
        highs.append(days.high)
        steps += [step] if item.truth is TRUE else [item.why, step]
    if not highs:
        return ANYTIME, None
    found = Range(max(lows, default=None), None if None in highs else max(highs))
    return found, Step(None, "all", Value(range=found), tuple(steps))


def _encounter_date(encounter: Entity, context: Context) -> tuple[Range, Step | None]:
    """Discharge, or the time of asking while the patient is in hospital."""
    value, step = read(encounter, "discharged", context)
    asked = context.bill.asked_at
    if value.range is None:
        return ANYTIME, step
    left = to_days(value.range)
    if asked is None or left.high is not None:
        return left, step
    # Not known to have left: it was before the time of asking, or it is that time.
    today = asked.date()
    return Range(today if left.low is None else min(left.low, today), today), step

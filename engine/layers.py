"""What lower layers make of higher rules and parameters at a bill's place (S15, S15.2).

Only what a ruleset whose territory covers the place says counts; of parameters the most specific
layer's filling. Whether it is in force is asked of each subject's date, like all else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from engine.facts import Bill
from rulelang import core
from rulelang.divisions import covers
from rulelang.words import RANKS


def holds_at(ruleset: core.Ruleset, territory: str, bill: Bill) -> bool:
    """Whether a ruleset covers the place that `territory` names; an unknown place, no region does."""
    if not ruleset.regions:
        return True
    place = bill.territories.get(territory)
    return place is not None and any(covers(region, place) for region in ruleset.regions)


def amendments_at(program: core.Program, bill: Bill) -> dict[str, tuple[core.Amendment, ...]]:
    """The amendments that hold at the bill's place by the rule, the higher layers' first."""
    rulesets = {ruleset.id: ruleset for ruleset in program.rulesets}
    found: dict[str, tuple[core.Amendment, ...]] = {}
    for each in sorted(
        program.amendments, key=lambda item: (_rank(rulesets[item.ruleset]), item.id)
    ):
        if holds_at(rulesets[each.ruleset], each.territory, bill):
            found[each.rule] = (*found.get(each.rule, ()), each)
    return found


def at_place(program: core.Program, bill: Bill) -> core.Program:
    """The program with its parameters as they hold at the bill's place."""
    if not program.fills:
        return program
    rulesets = {ruleset.id: ruleset for ruleset in program.rulesets}
    params = dict(program.params)
    here = [
        each for each in program.fills if holds_at(rulesets[each.ruleset], each.territory, bill)
    ]
    for each in sorted(here, key=lambda item: (_rank(rulesets[item.ruleset]), item.id)):
        param = params[each.param]
        params[each.param] = replace(param, values=_overlaid(param.values, each))
    return replace(program, params=params)


def _rank(ruleset: core.Ruleset) -> int:
    return RANKS.get(ruleset.authority, max(RANKS.values()))


def _overlaid(values: Sequence[core.ParamValue], fill: core.Fill) -> tuple[core.ParamValue, ...]:
    """Dated values with a filling in place of what they say in its period."""
    start, end = fill.in_force.start, fill.in_force.end
    before = [each for each in values if start is not None and _starts(each) < start]
    found = [*before, core.ParamValue(start, fill.value, fill.id)]
    if end is not None:
        running = [each for each in values if _starts(each) <= end]
        found += [replace(each, start=end) for each in running[-1:]]
        found += [each for each in values if _starts(each) > end]
    return tuple(found)


def _starts(value: core.ParamValue) -> date:
    return value.start or date.min

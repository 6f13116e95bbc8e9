"""Which rules run on a bill: by stage, by territory, and by what was asked for (S15.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from engine.codes import covers
from engine.facts import Bill
from engine.stored import column
from rulelang import core


def known_on(program: core.Program) -> date | None:
    """The newest date of knowledge in the rulesets in use (S14.2), None where no row has one."""
    columns = (column(table.rows, "known") for table in program.tables.values())
    return max({day for known in columns for day in known if day is not None}, default=None)


def rules_for(program: core.Program, bill: Bill, only: Sequence[str] = ()) -> list[core.Rule]:
    """The rules that apply to a bill, in the order of their ids.

    A ruleset runs where its territory covers the place that the rule's topic follows; where that
    place is unknown only the national layer runs.
    """
    rulesets = {ruleset.id: ruleset for ruleset in program.rulesets}
    return [
        rule
        for rule in program.rules
        if bill.stage in rule.stages
        and _in_territory(rulesets[rule.ruleset], rule, bill)
        and (not only or _is_asked(rule, rulesets[rule.ruleset], only))
    ]


def _in_territory(ruleset: core.Ruleset, rule: core.Rule, bill: Bill) -> bool:
    if not ruleset.regions:
        return True
    place = bill.territories.get(rule.territory)
    return place is not None and any(covers(region, place) for region in ruleset.regions)


def _is_asked(rule: core.Rule, ruleset: core.Ruleset, only: Sequence[str]) -> bool:
    names = {rule.id, rule.id.rpartition("/")[2], rule.name.zh, rule.name.en, rule.national_code}
    return bool((names | {ruleset.id, ruleset.name.zh}) & set(only))

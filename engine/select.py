"""Which rules run on a bill: by stage, by territory, and by what was asked for (S15.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from engine.facts import Bill
from engine.layers import amendments_at, holds_at
from engine.stored import column
from engine.waivers import learnt
from rulelang import core


def known_on(program: core.Program) -> date | None:
    """The newest date of knowledge in the rulesets in use (S14.2), None where nothing has one."""
    columns = (column(table.rows, "known") for table in program.tables.values())
    rows = (day for known in columns for day in known)
    rules = (rule.known for rule in program.rules)
    return max((day for day in (*rows, *rules, *learnt(program)) if day is not None), default=None)


def rules_for(program: core.Program, bill: Bill, only: Sequence[str] = ()) -> list[core.Rule]:
    """The rules that apply to a bill, as amended at its place, in the order of their ids.

    A ruleset runs where its territory covers the place that the rule's topic follows; where that
    place is unknown only the national layer runs.
    """
    rulesets = {ruleset.id: ruleset for ruleset in program.rulesets}
    added = amendments_at(program, bill)
    return [
        replace(rule, amendments=added[rule.id]) if rule.id in added else rule
        for rule in program.rules
        if bill.stage in rule.stages
        and is_of_bills(rule)
        and holds_at(rulesets[rule.ruleset], rule.territory, bill)
        and is_asked(rule, rulesets[rule.ruleset], only)
    ]


def is_of_bills(rule: core.Rule) -> bool:
    """Whether a rule is judged on a bill by itself: all but those on the ruleset or on others' periods.

    A person's period is judged with the bill whose encounter lies in it.
    """
    match rule.subject.kind:
        case "ruleset":
            return False
        case "period":
            return rule.subject.element == "patient"
        case _:
            return True


def is_asked(rule: core.Rule, ruleset: core.Ruleset, only: Sequence[str]) -> bool:
    """Whether a rule is among those asked for; without any, all are."""
    if not only:
        return True
    names = {rule.id, rule.id.rpartition("/")[2], rule.name.zh, rule.name.en, rule.national_code}
    return bool((names | {ruleset.id, ruleset.name.zh}) & set(only))

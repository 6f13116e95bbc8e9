"""The chain of a check on one screen: a program and a bill in, findings and verdicts out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.combine import combine
from engine.facts import Bill
from engine.finding import BillResult
from engine.fold import fold
from engine.layers import at_place
from engine.periods import Periods
from engine.population import Population
from engine.select import known_on, rules_for
from engine.tables import Tables
from engine.versions import as_known, judge_versions
from rulelang import core


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """How to check: the date of knowledge (default: the newest 入库 in use), and which rules.

    `only` names rules or rulesets by id or by name in either language; none: all that apply.
    """

    known_on: date | None = None
    only: tuple[str, ...] = ()


def check(program: core.Program, bill: Bill, request: CheckRequest | None = None) -> BillResult:
    """Check one bill (S11 to S17)."""
    request = request or CheckRequest()
    knowledge = request.known_on or known_on(program)
    program = as_known(program, knowledge)  # versions of rules (S14.1)
    program = at_place(program, bill)  # parameters as lower layers fill them
    tables = Tables(program, knowledge)
    rules = rules_for(program, bill, request.only)  # stage, territory, request
    periods = None
    if any(rule.subject.kind == "period" for rule in rules):
        periods = Periods(Population((bill,)))  # those of its person, made once
    findings = judge_versions(rules, bill, program, tables, periods)
    folded = fold(findings)  # one fact, one finding (S12.2)
    return combine(bill, folded, program.rulesets)  # verdicts and totals (S17.1)

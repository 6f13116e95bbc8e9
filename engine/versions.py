"""Versions of one rule: those known, cut where a later known one holds, and judged as one (S14, S14.1).

A version truncates those known before it; where two are possible because the date is not certain the
answer is the hull of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any

from engine.effective import days_of
from engine.facts import Bill
from engine.finding import WORST_FIRST, Finding, Label
from engine.interpreter.results import PeriodWorld
from engine.judge import judge_rule
from engine.tables import Tables
from rulelang import core
from rulelang.stretches import FIRST, LAST, Stretch, cover, meet, stretch_of, without

FAILS = frozenset({Label.VIOLATED, Label.SUSPECTED})


def as_known(program: core.Program, known_on: date | None) -> core.Program:
    """The program with its rules as they are known on a date; None knows them all."""
    rules = [
        part
        for _, versions in groupby(program.rules, key=lambda rule: rule.id)
        for part in _effective([rule for rule in versions if _is_known(rule, known_on)])
    ]
    return replace(program, rules=tuple(rules))


def _is_known(rule: core.Rule, known_on: date | None) -> bool:
    return known_on is None or rule.known is None or rule.known <= known_on


def _effective(versions: Sequence[core.Rule]) -> Iterator[core.Rule]:
    """Each version in the stretches that none known later takes; one rule a stretch."""
    if len(versions) <= 1:
        yield from versions
        return
    for rule in versions:
        own = _stretch(rule)
        taken = [_stretch(other) for other in versions if _since(other) > _since(rule)]
        for part in without((own,), taken):
            yield rule if part == own else replace(rule, in_force=_period(part, rule.in_force))


def _since(rule: core.Rule) -> date:
    return rule.known or date.min


def _stretch(rule: core.Rule) -> Stretch:
    return stretch_of(rule.in_force.start, rule.in_force.end)


def _period(days: Stretch, old: core.Period) -> core.Period:
    start = None if days[0] == FIRST else date.fromordinal(days[0])
    end = None if days[1] == LAST else date.fromordinal(days[1])
    return core.Period(start, end, old.by_document_date)


def judge_versions(
    rules: Iterable[core.Rule],
    bill: Bill,
    program: core.Program,
    tables: Tables,
    periods: PeriodWorld | None = None,
) -> list[Finding]:
    """The findings of rules in the order of their ids, one a subject whatever the versions.

    `periods` are those of the bill's person, for rules on them.
    """
    found: list[Finding] = []
    for _, versions in groupby(rules, key=lambda rule: rule.id):
        group = tuple(versions)
        if len(group) == 1:
            found += judge_rule(group[0], bill, program, tables, periods)
        else:
            found += _judge_group(group, bill, program, tables, periods)
    return found


def _judge_group(
    versions: Sequence[core.Rule],
    bill: Bill,
    program: core.Program,
    tables: Tables,
    periods: PeriodWorld | None,
) -> list[Finding]:
    by_subject: dict[Any, list[Finding]] = {}
    for rule in versions:
        for finding in judge_rule(rule, bill, program, tables, periods):
            by_subject.setdefault(_subject(finding), []).append(finding)

    @cache
    def whenever() -> dict[tuple[Any, core.Period], Finding]:
        """What each version would say if it were in force for certain."""
        return {
            (_subject(finding), rule.in_force): finding
            for rule in versions
            for finding in judge_rule(
                replace(rule, in_force=core.ALWAYS), bill, program, tables, periods
            )
        }

    found: list[Finding] = []
    for subject, findings in by_subject.items():
        possible = [each for each in findings if meet(_stretch(each.rule), days_of(each.on))]
        if len(possible) <= 1:
            found += possible or findings[:1]
        elif all(each.label is not Label.UNDETERMINED for each in possible):
            found.append(_worst(possible))
        else:
            certain = [whenever().get((subject, each.rule.in_force)) for each in possible]
            found += _agreed(possible, certain) or [
                each for each in possible if each.label is Label.UNDETERMINED
            ]
    return found


def _agreed(possible: Sequence[Finding], certain: Sequence[Finding | None]) -> list[Finding]:
    """The one finding that every possible version would make; none where they differ."""
    known = [each for each in certain if each is not None and each.label in FAILS]
    days = days_of(possible[0].on)
    if len(known) < len(possible) or not cover([_stretch(each.rule) for each in possible], days):
        return []
    if any(_money(each) != _money(known[0]) for each in known):
        return []
    worst = _worst(known)
    meant = next(each for each, sure in zip(possible, certain, strict=True) if sure is worst)
    return [replace(worst, rule=meant.rule)]


def _subject(finding: Finding) -> Any:
    return finding.subject_kind, tuple(each.key for each in finding.offending)


def _money(finding: Finding) -> Any:
    claims = tuple((claim.line.key, claim.caps, claim.payable) for claim in finding.claims)
    return finding.at_risk, finding.upper_bound, finding.amount, claims


def _worst(findings: Sequence[Finding]) -> Finding:
    return min(findings, key=lambda each: WORST_FIRST.index(each.label))

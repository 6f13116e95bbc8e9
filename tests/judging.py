"""Judges trial rules on planned bills, and says of each finding its class and on what it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from engine.facts import Bill
from engine.finding import Finding, Label
from engine.interpreter import evaluate
from engine.interpreter.results import Context, Pointed
from engine.judge import judge_rule
from engine.tables import Tables
from rulelang import core
from rulelang.values import Range
from tests.strategies_bills import ASKED
from tests.strategies_text import Trial

CLASS_OF: Mapping[Label, str] = {
    Label.VIOLATED: "fail",
    Label.SUSPECTED: "fail",
    Label.UNDETERMINED: "undetermined",
    Label.EXCUSED: "pass",
    Label.SATISFIED: "pass",
    Label.NOT_APPLICABLE: "pass",
}
Key: TypeAlias = tuple[str, str, frozenset[str]]  # rule, kind of subject, keys of what it is on


def program_of(trial: Trial, lang: str = "zh") -> core.Program:
    """The compiled program of a trial; its rules are well typed by construction."""
    compiled = trial.compiled(lang)
    assert compiled.program is not None, [(d.code, d.words.en) for d in compiled.errors]
    return compiled.program


def findings(program: core.Program, bill: Bill) -> list[Finding]:
    """All findings of all rules, passes included, before they are folded."""
    tables = Tables(program, None)
    return [found for rule in program.rules for found in judge_rule(rule, bill, program, tables)]


def key_of(finding: Finding) -> Key:
    members = (*finding.offending, *finding.involved)
    return finding.rule.id, finding.subject_kind, frozenset(entity.key for entity in members)


def class_of(finding: Finding) -> str:
    return CLASS_OF[finding.label]


def classes(found: list[Finding]) -> dict[Key, str]:
    """The class of each subject; what no finding is on has passed."""
    return {key_of(finding): class_of(finding) for finding in found}


def class_at(found: Mapping[Key, str], key: Key) -> str:
    """The class of a subject, of a group by any of its lines."""
    rule, kind, members = key
    if kind != "group":
        return found.get(key, "pass")
    holding = [c for (r, k, m), c in found.items() if (r, k) == (rule, kind) and members <= m]
    return holding[0] if holding else "pass"


def named_parts(rule: core.Rule, program: core.Program, bill: Bill) -> dict[str, Any]:
    """What the 记 of a rule on the encounter are on a bill, by their English names."""
    context = Context(
        program=program,
        tables=Tables(program, None),
        bill=bill,
        on=Range.exactly(ASKED.date()),
        evaluate=evaluate,
        locals={
            "patient": Pointed((bill.patient,)),
            "encounter": Pointed((bill.encounter,)),
            "institution": Pointed((bill.institution,)),
        },
        lets={let.name: let for let in rule.lets},
    )
    return {let.name: evaluate(let.value, context)[0] for let in rule.lets}

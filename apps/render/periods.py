"""What was found on periods over all inputs: text, and the JSON document that follows the others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from apps.render.answer import tool_version
from apps.render.json import SCHEMA, Json, finding_document
from apps.render.text import Line, finding_lines
from engine.finding import Finding, Label
from engine.period_check import PeriodResult
from rulelang.core import Program


@dataclass(frozen=True)
class PeriodAnswer:
    """The findings on periods, with what they were made from.

    `sources` are the inputs with their digests; `judged` the periods that were asked for, none: all.
    """

    result: PeriodResult
    program: Program
    sources: tuple[tuple[str, str], ...] = ()
    judged: tuple[str, ...] = ()
    profile: str | None = None
    asked_at: datetime | None = None
    known_on: date | None = None

    @property
    def has_findings(self) -> bool:
        """Whether anything was found; excused counts as nothing found."""
        found = {Label.VIOLATED, Label.SUSPECTED, Label.UNDETERMINED}
        return any(finding.label in found for finding in self.result.findings)


def write(answer: PeriodAnswer, *, everything: bool = False, indent: int | None = None) -> str:
    """The JSON text: a document of its own, which has `periods` where others have `bills`."""
    return json.dumps(document(answer, everything=everything), ensure_ascii=False, indent=indent)


def document(answer: PeriodAnswer, *, everything: bool = False) -> Json:
    """The answer as plain data."""
    result, program = answer.result, answer.program
    findings = result.findings + (result.passed if everything else ())
    return {
        "schema": SCHEMA,
        "tool": {"name": "hegui", "version": tool_version()},
        "rulesets": [
            {"id": ruleset.id, "version": ruleset.version, "digest": ruleset.digest}
            for ruleset in sorted(program.rulesets, key=lambda ruleset: ruleset.id)
        ],
        "sources": [{"source": name, "input_digest": digest} for name, digest in answer.sources],
        "profile": answer.profile,
        "clocks": {
            "service": "from the bill",
            "asked_at": None if answer.asked_at is None else answer.asked_at.isoformat(),
            "settlement": None,
            "known_on": None if answer.known_on is None else answer.known_on.isoformat(),
        },
        "stage": "after",
        "decision_id": None,
        "periods": {
            "judged": list(answer.judged),
            "findings": [finding_document(finding, program) for finding in findings],
            "counts": {label.value: result.counts.get(label.value, 0) for label in Label},
        },
    }


def render(
    result: PeriodResult, lang: str, title: tuple[str, str], *, everything: bool = False
) -> list[Line]:
    """The findings as text under a title, the worst first."""
    zh, en = title
    lines: list[Line] = [(("title", zh if lang == "zh" else en),)]
    shown = (*result.findings, *(result.passed if everything else ()))
    if not result.findings:
        lines.append((("passed", "没有发现问题" if lang == "zh" else "nothing found"),))
    lines += _numbered(shown, lang)
    return lines


def _numbered(findings: Sequence[Finding], lang: str) -> Iterator[Line]:
    for number, finding in enumerate(findings, start=1):
        yield ()
        yield from finding_lines(finding, lang, number)

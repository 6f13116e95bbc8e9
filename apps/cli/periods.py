"""What `hegui check --periods` adds: the periods of all inputs together, behind their answers."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from apps.cli.choices import Format
from apps.cli.session import FOUND, Session, WrongCall, say, show

if TYPE_CHECKING:
    from apps.render.answer import Answer
    from engine.population import Population

ALL = "all"
_PERIOD = re.compile(r"\d{4}(-(\d{2}|Q[1-4]))?|\d{4}-\d{2}~\d{4}-\d{2}")
TITLE = ("期间", "Periods")


def judged_of(text: str, form: Format, lang: str) -> tuple[str, ...]:
    """The periods that an option names; none: all.

    Raises:
        WrongCall: if it names none, or the form of the answer has no place for periods.
    """
    if form not in {Format.TEXT, Format.JSON}:
        zh, en = "`--periods` 只用于 text 和 json", "`--periods` goes with text and json only"
        raise WrongCall(say(lang, zh, en), "--periods")
    named = tuple(part.strip() for part in text.split(",") if part.strip())
    if named == (ALL,):
        return ()
    for part in named:
        if not _PERIOD.fullmatch(part):
            raise WrongCall(
                say(
                    lang,
                    f"`{part}` 不是期间；写作 2026-03、2026-Q1、2026 或 all",
                    f"`{part}` is no period; write 2026-03, 2026-Q1, 2026 or all",
                ),
                "--periods",
            )
    if not named:
        zh, en = "没有写期间；全部写作 all", "no period is named; write all for all of them"
        raise WrongCall(say(lang, zh, en), "--periods")
    return named


def answer_periods(
    session: Session,
    answers: Sequence[Answer],
    judged: tuple[str, ...],
    form: Format,
    *,
    everything: bool,
) -> int:
    """Check and write the periods of all inputs that could be read; gives the exit status."""
    from apps.render import periods
    from engine.checker import CheckRequest
    from engine.period_check import check_periods
    from engine.population import population_of
    from engine.select import known_on

    asked = session.asked
    bills = [result.bill for answer in answers for result in answer.results]
    population = population_of(bills, asked.profile)
    if asked.evidence:
        population = _stated(session, population)
    knowledge = asked.known_on or known_on(session.program)
    request = CheckRequest(known_on=knowledge, only=asked.only)
    found = periods.PeriodAnswer(
        result=check_periods(session.program, population, request, shown=judged),
        program=session.program,
        sources=tuple((answer.source, answer.input_digest) for answer in answers),
        judged=judged,
        profile=asked.profile.name,
        asked_at=population.asked_at,
        known_on=knowledge,
    )
    if form is Format.JSON:
        sys.stdout.write(periods.write(found, everything=everything) + "\n")
    else:
        lines = periods.render(found.result, session.lang, TITLE, everything=everything)
        show([(), *lines] if answers else lines)
    return FOUND if found.has_findings else 0


def _stated(session: Session, population: Population) -> Population:
    """The population with what the evidence says of periods; what was not used is told."""
    from engine.intake.evidence import state

    program = session.program
    stated, notes = state(population.bills, session.asked.evidence, program.evidence, program.enums)
    for note in notes:
        said = f"{note.field}：{note.words.zh}（{note.pointer}）"
        sys.stderr.write(
            say(session.lang, said, f"{note.field}: {note.words.en} ({note.pointer})") + "\n"
        )
    return replace(population, stated=stated)

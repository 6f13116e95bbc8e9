"""From the bytes of one input to its answer: what the commands and, later, other surfaces share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from apps.config import reading_limits
from apps.render.answer import Answer
from engine.checker import CheckRequest, check
from engine.errors import InputError
from engine.facts import Bill
from engine.intake.nhsa import read_bills
from engine.intake.reading import read_request
from engine.profile import NO_PROFILE, Profile
from engine.select import known_on
from rulelang.core import Program, Rule

if TYPE_CHECKING:
    from engine.intake.evidence_rows import Supplied

_START = 64  # bytes in which a request begins, behind blanks and the mark of UTF-8
_BEFORE = b"\xef\xbb\xbf \t\r\n"
_OPENING = (b"{", b"[")


@dataclass(frozen=True, slots=True)
class Asked:
    """How to check: what stands on the command line beside the inputs."""

    profile: Profile = NO_PROFILE
    as_of: datetime | None = None
    stage: str | None = None
    known_on: date | None = None
    only: tuple[str, ...] = ()
    evidence: tuple[Supplied, ...] = ()


def digest(data: bytes) -> str:
    """The digest of an input, as it is written in answers."""
    return "sha256:" + sha256(data).hexdigest()


def answer(program: Program, data: bytes, source: str, asked: Asked) -> Answer:
    """Check one input.

    Raises:
        engine.errors.InputError: if it cannot be read as a request, a CSV file or a workbook.
    """
    request, bills = _read(program, data, source, asked)
    if asked.evidence:  # who sends none loads none of its intake
        from engine.intake.evidence import supply  # noqa: PLC0415 - see above

        bills = supply(bills, asked.evidence, program.evidence, program.enums)
    knowledge = asked.known_on or known_on(program)
    wanted = CheckRequest(known_on=knowledge, only=asked.only)
    return Answer(
        source=source,
        input_digest=digest(data),
        program=program,
        results=tuple(check(program, bill, wanted) for bill in bills),
        profile=asked.profile.name,
        known_on=knowledge,
        request=request,
    )


def bills_of(program: Program, data: bytes, source: str, asked: Asked) -> tuple[Bill, ...]:
    """The bills that an input asks about.

    Raises:
        engine.errors.InputError: if it cannot be read as a request, a CSV file or a workbook.
    """
    return _read(program, data, source, asked)[1]


def _read(
    program: Program, data: bytes, source: str, asked: Asked
) -> tuple[object, tuple[Bill, ...]]:
    """The bills that an input asks about; with its tree where it is a request."""
    limits = reading_limits()
    if data[:_START].lstrip(_BEFORE)[:1] not in _OPENING:  # who sends requests loads no sheets
        from apps import sheets  # noqa: PLC0415 - see above
        from engine.intake.sheet import Declared, read_workbook  # noqa: PLC0415

        if sheets.form_of(data, source) != "request":
            bills = read_workbook(
                sheets.read(data, source),
                asked.profile,
                declared=Declared(program.evidence, program.enums),
                as_of=asked.as_of,
                stage=asked.stage,
                limits=limits,
            )
            return None, bills
    request = read_request(data, limits)
    found = read_bills(request, asked.profile, as_of=asked.as_of, stage=asked.stage, limits=limits)
    return request, found


def read_evidence(data: bytes, source: str) -> tuple[Supplied, ...]:
    """The rows of a file of evidence: JSON, CSV, or the sheet 证据 of a workbook.

    Raises:
        engine.errors.InputError: if it cannot be read as one.
    """
    from engine.intake import evidence_rows  # noqa: PLC0415 - only who supplies evidence loads it

    name = source.replace("\\", "/").rpartition("/")[2] or source
    if data[:_START].lstrip(_BEFORE)[:1] in _OPENING:
        return evidence_rows.rows_of_tree(read_request(data, reading_limits()), name)
    from apps import sheets  # noqa: PLC0415 - see `_read`

    if sheets.form_of(data, source) == "request":
        return evidence_rows.rows_of_tree(read_request(data, reading_limits()), name)
    book = sheets.read(data, source)
    found = [sheet for title, sheet in book.sheets.items() if evidence_rows.holds_evidence(title)]
    return tuple(
        row
        for sheet in found or [replace(one, name="证据") for one in book.sheets.values()][:1]
        for row in evidence_rows.rows_of_sheet(name, sheet)
    )


def tree_of(data: bytes) -> object:
    """The tree of an input that is no request, or None where it is no JSON within the limits."""
    try:
        return read_request(data, reading_limits())
    except InputError:
        return None


def rules_named(program: Program, name: str) -> tuple[Rule, ...]:
    """The rules that a user may mean: by id, by either name, or by national code."""
    return tuple(
        rule
        for rule in program.rules
        if name in {rule.id, rule.id.rsplit("/", 1)[-1], rule.name.zh, rule.name.en}
        or (rule.national_code and name == rule.national_code)
    )

"""Cuts a part of a note into tokens: the longest known phrase at each place, else unread signs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from apps.knowledge.notes.ages import age_at
from apps.knowledge.notes.diagnoses import DiagnosisNames
from apps.knowledge.notes.model import Ages, Course, Diagnosis, Kind
from apps.knowledge.notes.patterns import (
    ABBREVIATION,
    BRACKET,
    FILL,
    JOINS,
    JOINT,
    PATIENT,
    PHRASES,
    SEPARATOR,
    TOLD,
)
from apps.knowledge.notes.typed import course_at, simple_at

Sort = Literal[
    "diagnosis", "age", "sex", "level", "care", "fund", "course", "evidence",
    "separator", "joint", "fill", "patient", "unread",
]  # fmt: skip
Value = Diagnosis | Ages | Course | Kind | str | None


@dataclass(frozen=True, slots=True)
class Token:
    """A phrase of a part, with what it means; `standing` evidence is a patient's whole state."""

    sort: Sort
    text: str
    value: Value = None
    standing: bool = False


_FILLS: tuple[tuple[re.Pattern[str], Sort], ...] = (
    (PATIENT, "patient"),
    (JOINT, "joint"),
    (SEPARATOR, "separator"),
    (FILL, "fill"),
    (ABBREVIATION, "fill"),
    (TOLD, "fill"),
)


def scan(text: str, names: DiagnosisNames) -> tuple[Token, ...]:
    """The tokens of a part; joined, their texts are the part."""
    tokens: list[Token] = []
    start = 0
    while start < len(text):
        token = _longest(text, start, names)
        if token is None:
            token = Token("unread", text[start])
        tokens.append(token)
        start += len(token.text)
    return tuple(_settled(_joined(_renamed(tokens, names))))


def _longest(text: str, start: int, names: DiagnosisNames) -> Token | None:
    """The longest reading here; of equally long ones the first that is asked."""
    best: Token | None = None
    for token in _readings(text, start, names):
        if token.text and (best is None or len(token.text) > len(best.text)):
            best = token
    return best


def _readings(text: str, start: int, names: DiagnosisNames) -> Iterator[Token]:
    named = names.longest_at(text, start)
    if named is not None:
        yield Token(
            "diagnosis", text[start : named[1]], replace(named[0], words=text[start : named[1]])
        )
    aged = age_at(text, start)
    if aged is not None:
        yield Token("age", text[start : aged[1]], aged[0])
    course = course_at(text, start)
    if course is not None:
        yield Token("course", text[start : course[1]], course[0])
    simple = simple_at(text, start)
    if simple is not None:
        yield Token(simple[0], text[start : simple[2]], simple[1])
    for pattern, sort in _FILLS:
        found = pattern.match(text, start)
        if found:
            yield Token(sort, found.group())
    joins = JOINS.match(text, start) is not None
    for phrase in () if joins else PHRASES:
        found = phrase.pattern.match(text, start)
        if found:
            yield Token("evidence", found.group(), phrase.kind, phrase.standing)
    bracket = BRACKET.match(text, start)
    if bracket:
        yield Token("evidence", bracket.group(), Kind.STATE)


def _renamed(tokens: list[Token], names: DiagnosisNames) -> Iterator[Token]:
    """A bracket that gives the diagnosis before it another name of the same codes says nothing."""
    before: Token | None = None
    for token in tokens:
        other = names.find(token.text[1:-1]) if token.text.startswith("(") else None
        held = before.value if before else None
        if other is not None and isinstance(held, Diagnosis) and held.codes == other.codes:
            yield Token("fill", token.text)
        else:
            yield token
        before = token


def _joined(tokens: Iterable[Token]) -> Iterator[Token]:
    """Unread signs side by side are one unread word."""
    held = ""
    for token in tokens:
        if token.sort == "unread":
            held += token.text
            continue
        if held:
            yield Token("unread", held)
            held = ""
        yield token
    if held:
        yield Token("unread", held)


def _settled(tokens: Iterator[Token]) -> Iterator[Token]:
    """A diagnosis, age or sex that touches an unread word is part of that word: it is not read."""
    held = list(tokens)
    touched = [_touches(held, place) for place in range(len(held))]
    loose = [
        Token("unread", token.text) if unread else token
        for token, unread in zip(held, touched, strict=True)
    ]
    yield from _joined(loose)


def _touches(tokens: list[Token], place: int) -> bool:
    if tokens[place].sort not in ("diagnosis", "age", "sex", "level", "care"):
        return False
    beside = tokens[max(0, place - 1) : place] + tokens[place + 1 : place + 2]
    return any(other.sort == "unread" for other in beside)

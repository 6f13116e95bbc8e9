"""Reads a note: its shape, the tokens of each part, the alternatives they make."""

from __future__ import annotations

from apps.knowledge.notes.diagnoses import DiagnosisNames
from apps.knowledge.notes.model import Branch, Kind, NoteReading
from apps.knowledge.notes.resolving import product, quoted, resolve
from apps.knowledge.notes.scanning import Token, scan
from apps.knowledge.notes.text import LONGEST, is_limit, normalize, shape_of


def read_note(text: str, names: DiagnosisNames) -> NoteReading:
    """Read a note's limits. Never fails: what it cannot read stands in `unread` and as evidence.

    A text that limits nothing (a label's indication) is not read: all of it is unread.
    """
    plain = normalize(text)
    if not plain:
        return NoteReading(text, (), (), is_limit=False)
    if not is_limit(plain) or len(plain) > LONGEST:
        branch = Branch(evidence=quoted(Kind.UNREAD, plain))
        return NoteReading(text, (branch,), (plain,), is_limit=is_limit(plain))
    shape = shape_of(plain)
    unread: list[str] = []
    shared: tuple[Branch, ...] = (Branch(),)
    for part in shape.shared:
        shared = _and(shared, part, names, unread)
    branches: list[Branch] = []
    for alternative in shape.alternatives or ((),):
        found = shared
        for part in alternative:
            found = _and(found, part, names, unread)
        branches += [branch for branch in found if branch not in branches]
    return NoteReading(text, tuple(branches), tuple(dict.fromkeys(unread)), is_limit=True)


def _and(
    held: tuple[Branch, ...], part: str, names: DiagnosisNames, unread: list[str]
) -> tuple[Branch, ...]:
    tokens = scan(part, names)
    unread += [token.text for token in tokens if _is_unread(token)]
    return product(held, resolve(tokens), tokens)


def _is_unread(token: Token) -> bool:
    return token.sort == "unread"

"""Collects intake notes; never repeats a person's name or certificate number. Knows no rules."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.facts import IntakeNote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rulelang.diagnostics import Words

MASKED = "(masked)"
_MAX_RAW = 80
_MIN_PERSONAL = 2

# Names and numbers of persons; fields are in the canonical spelling of `aliases`.
PERSONAL_FIELDS = frozenset(
    {
        "patn_id", "patn_name", "psn_no", "psn_name", "certno", "cert_no",
        "mdtrt_cert_no", "psn_cert_no", "tel", "mob", "addr", "sfzjhm", "pid", "coner_name", "coner_tel",
    }
)  # fmt: skip

# A resident identity number stands out by the birth date inside it.
_IDENTITY = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
)


class Notes:
    """The notes of one bill, in the order found.

    INVARIANT: no note's raw value holds a text that was given as personal.
    """

    def __init__(self, personal: Iterable[str] = ()) -> None:
        """None yet; `personal` are texts of persons that no note may repeat."""
        self._personal = tuple(sorted({text for text in personal if len(text) >= _MIN_PERSONAL}))
        self._found: list[IntakeNote] = []
        self._said: set[tuple[str, ...]] = set()

    def add(self, pointer: str, field: str, raw: object, words: Words) -> None:
        """Record one oddity: where, what was sent, what was made of it."""
        shown = MASKED if field in PERSONAL_FIELDS else self._shown(raw)
        self._found.append(IntakeNote(pointer, field, shown, words))

    def add_once(self, pointer: str, field: str, raw: object, words: Words) -> None:
        """Record an oddity of a value that many lines repeat, at its first place only."""
        key = (field, str(raw), words.en)
        if key not in self._said:
            self._said.add(key)
            self.add(pointer, field, raw, words)

    def add_topic(self, pointer: str, field: str, raw: object, words: Words) -> None:
        """Record what is odd about the request as a whole, at its first place only."""
        if (words.en,) not in self._said:
            self._said.add((words.en,))
            self.add(pointer, field, raw, words)

    def found(self) -> tuple[IntakeNote, ...]:
        """All of them."""
        return tuple(self._found)

    def _shown(self, raw: object) -> object:
        """What a note may show of a raw value: short, scalar, and without a person in it."""
        if isinstance(raw, dict):
            return "{…}"
        if isinstance(raw, list):
            return f"[{len(raw)}]"
        if raw is None or isinstance(raw, bool | int | Decimal):
            text = str(raw)
            return MASKED if self._is_personal(text) else raw
        text = str(raw)
        if self._is_personal(text):
            return MASKED
        return text if len(text) <= _MAX_RAW else text[:_MAX_RAW] + "…"

    def _is_personal(self, text: str) -> bool:
        return _IDENTITY.search(text) is not None or any(part in text for part in self._personal)

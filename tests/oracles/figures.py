"""What an oracle found: how many verdicts were asked for, how many agree, and every one that does not."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

WHOLE = os.environ.get("HEGUI_LAWS", "ci") == "long"

Element = TypeVar("Element")


@dataclass(frozen=True, slots=True)
class Figures:
    """One line of the report.

    `asked` counts verdicts compared, `apart` says each that differs, `named` what is known and left
    aside by name: defects of the data, and what an oracle speaks of that a bill does not carry.
    """

    oracle: str
    of: str
    asked: int
    apart: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def agreed(self) -> int:
        """Verdicts that are the oracle's."""
        return self.asked - len(self.apart)


def thinned(rows: Sequence[Element], keep: int, *, whole: bool) -> list[Element]:
    """About `keep` of the rows, the same on every machine; all of them in a long run."""
    if whole or len(rows) <= keep:
        return list(rows)
    ranked = sorted(range(len(rows)), key=lambda at: sha256(str(at).encode()).digest())
    return [rows[at] for at in sorted(ranked[:keep])]


def in_parts(rows: Sequence[Element], size: int) -> Iterable[Sequence[Element]]:
    """The rows, so many at a time."""
    return (rows[start : start + size] for start in range(0, len(rows), size))

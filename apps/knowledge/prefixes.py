"""Diagnosis and operation cells held against the ICD tables in use: a prefix must have codes beneath it (S5.4)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from apps.knowledge import shipped
from apps.knowledge.points import Place, Remark
from engine.codes import normalise, parts_of
from rulelang.diagnostics import Words

# Columns that hold codes, in the tables of the rulesets, and their systems.
COLUMNS: Mapping[str, str] = {"诊断": "icd10", "手术": "icd9"}

_SHAPES = {
    "icd10": r"[A-Z]\d{2}(?:\.[0-9A-Za-z]+)?(?:\+[A-Z]\d{2}(?:\.[0-9A-Za-z]+)?\*)?",
    "icd9": r"\d{2}(?:\.[0-9A-Za-z]+)?",
}
_LISTED = {
    system: re.compile(rf"(?P<low>{shape})(?:\s*(?:至|~|to)\s*(?P<high>{shape}))?")
    for system, shape in _SHAPES.items()
}
_ONLY = {
    system: re.compile(
        rf"(?:{listed.pattern}|[\s,，、;；|])*".replace("?P<low>", "").replace("?P<high>", "")
    )
    for system, listed in _LISTED.items()
}


@dataclass(frozen=True)
class CodesInUse:
    """The codes of the ICD tables in use, by system; a system without a table is not checked."""

    diagnoses: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()

    @staticmethod
    def of(diagnoses: Iterable[str], operations: Iterable[str]) -> CodesInUse:
        """Codes as their tables have them; of a dagger and a star code both parts count."""
        parts = (part for code in diagnoses for part in (code, *parts_of("icd10", code)))
        return CodesInUse(frozenset(parts), frozenset(operations))

    @cached_property
    def _ordered(self) -> Mapping[str, list[str]]:
        return {"icd10": sorted(self.diagnoses), "icd9": sorted(self.operations)}

    def strange(self, cells: Mapping[str, str]) -> Iterator[str]:
        """The prefixes and ranges in a row that no code in use lies in."""
        for column, system in COLUMNS.items():
            text, held = cells.get(column, ""), self._ordered[system]
            if not text or not held or _ONLY[system].fullmatch(text) is None:
                continue  # no such table; or words, not codes
            for found in _LISTED[system].finditer(text):
                low = normalise(system, found["low"])
                high = normalise(system, found["high"] or found["low"])
                if not _any_within(held, low, high):
                    yield found[0]


def of_shipped(codes: CodesInUse) -> list[Remark]:
    """The shipped tables with a prefix that no code in use has: the first row of each, and how many."""
    if not codes.diagnoses and not codes.operations:
        return []
    found = []
    for path, columns in shipped.tables().items():
        rows = shipped.rows(path) if COLUMNS.keys() & set(columns) else ()
        strange = [(n, one) for n, row in enumerate(rows, start=2) for one in codes.strange(row)]
        if strange:
            number, first = strange[0]
            zh = f"随附的表：没有编码属于 `{first}`（共 {len(strange)} 处）"
            en = f"a shipped table: no code lies in `{first}` ({len(strange)} in all)"
            found.append(Remark(Place(path, "", number), "unknown-prefix", Words(zh, en)))
    return found


def _any_within(held: list[str], low: str, high: str) -> bool:
    """Whether a code lies between two prefixes, both with all beneath them."""
    place = bisect_left(held, low)
    return place < len(held) and (held[place][: len(high)] <= high)

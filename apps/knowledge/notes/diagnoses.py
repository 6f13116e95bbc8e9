"""Diagnosis words and their codes: the names of an ICD table in use, and our few synonyms.

A name maps only as a whole: it is an ICD name, or becomes one by a safe change of its end
(癌 for 恶性肿瘤, 症 left out), or stands in terms.csv with its codes and the reason.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from apps.knowledge.notes.model import Diagnosis, How

TERMS = "terms.csv"
_RANGE = " 至 "
_HEAD = 3
_SUBCATEGORY = 5
_SHORTEST = 2
_ENDS = (("癌", "恶性肿瘤"), ("症", ""), ("", "症"))
# Names of a table that are ordinary words of a note, not a limit's diagnosis.
_NOT_HERE = frozenset(
    (
        "发热",
        "疼痛",
        "咳嗽",
        "出血",
        "感染",
        "耐药",
        "贫血",
        "化疗",
        "放疗",
        "手术",
        "镇静",
        "妊娠",
        "呕吐",
        "恶心",
    )
)


@dataclass(frozen=True, slots=True)
class DiagnosisNames:
    """Names with the codes they stand for; `longest` bounds the search for a name in a text."""

    by_name: Mapping[str, Diagnosis]
    longest: int

    @staticmethod
    def from_rows(rows: Iterable[tuple[str, str]]) -> DiagnosisNames:
        """Names from (code, name) of a table in use, with the synonyms whose codes it has."""
        table = [(_plain(code), name.strip()) for code, name in rows]
        codes = {code[:size] for code, _ in table for size in range(_HEAD, len(code) + 1)}
        found: dict[str, Diagnosis] = {}
        by_head = _names_by_head(table)
        for name, held in _codes_by_name(table).items():
            if len(name) >= _SHORTEST and name not in _NOT_HERE:
                codes_of, wider = _generic(name, held, by_head)
                found[name] = Diagnosis(name, codes_of, How.NAME, wider)
        for term in _terms():
            kept = tuple(code for code in term.codes if not codes or _in_table(code, codes))
            if kept:
                found[term.words] = Diagnosis(term.words, kept, How.TERM, term.wider)
        longest = max((len(name) for name in found), default=0)
        return DiagnosisNames(MappingProxyType(found), longest)

    def find(self, words: str) -> Diagnosis | None:
        """The diagnosis that these words are as a whole, if any."""
        if words in self.by_name:
            return self.by_name[words]
        for end, instead in _ENDS:
            if words.endswith(end):
                changed = words[: len(words) - len(end)] + instead
                held = self.by_name.get(changed)
                if held is not None and len(changed) > _SHORTEST:
                    return Diagnosis(words, held.codes, How.RULE, held.wider)
        return None

    def longest_at(self, text: str, start: int) -> tuple[Diagnosis, int] | None:
        """The longest diagnosis that begins at a place of the text, and where it ends."""
        for end in range(min(len(text), start + self.longest + 1), start + 1, -1):
            found = self.find(text[start:end])
            if found is not None:
                return found, end
        return None


def _names_by_head(table: Sequence[tuple[str, str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code, name in table:
        found.setdefault(code[:_HEAD], []).append(name)
    return found


def _generic(
    name: str, held: tuple[str, ...], by_head: Mapping[str, list[str]]
) -> tuple[tuple[str, ...], bool]:
    """The codes of a name; the category, marked as wider, where the name is that of its unspecified rest.

    抑郁发作 is the name of F32.9, but a coded kind of it, 轻度抑郁发作, stands in F32.0: whoever has
    that has what the name says.
    """
    heads = {code[:_HEAD] for code in held}
    if len(heads) != 1 or not all(code[_HEAD:].startswith(".9") for code in held):
        return held, False
    (head,) = heads
    kinds = [other for other in by_head[head] if other != name and other.endswith(name)]
    return ((head,), True) if kinds else (held, False)


def _codes_by_name(table: Sequence[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    members: dict[str, list[str]] = {}
    for code, name in table:
        members.setdefault(code[:_HEAD], []).append(name)
    for code, name in table:
        for spelling in {name, name.replace("［", "(").replace("］", ")")}:
            prefix = _prefix(code, spelling, members)
            held = found.setdefault(spelling, [])
            if prefix not in held:
                held.append(prefix)
    return {name: tuple(sorted(held)) for name, held in found.items()}


def _prefix(code: str, name: str, members: Mapping[str, list[str]]) -> str:
    """What a name stands for: ABC.d00 names the subcategory; ABC.900 the category if all are it."""
    head, tail = code[:_HEAD], code[_HEAD:]
    if tail in (".900", ".x00") and all(name in member for member in members[head]):
        return head
    if tail == ".x00":
        return head
    if len(tail) == _SUBCATEGORY - 1 and tail.endswith("00"):
        return code[:_SUBCATEGORY]
    return code


def _plain(code: str) -> str:
    return code.strip().split("+", 1)[0].rstrip("*")


def _in_table(code: str, codes: frozenset[str] | set[str]) -> bool:
    low, _, high = code.partition(_RANGE)
    if not high:
        return low in codes
    return any(low <= held <= high for held in codes if len(held) == len(low))


def _terms() -> Iterable[Diagnosis]:
    text = (resources.files("apps.knowledge.notes") / TERMS).read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        codes = tuple(row["诊断"].split("；"))
        yield Diagnosis(row["词"], codes, How.TERM, row["更宽"] == "是")

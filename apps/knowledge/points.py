"""Knowledge points as they are held, and what became of each row that was read. Knows no files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from types import MappingProxyType

from rulelang.diagnostics import Words

__all__ = ["BATCHES", "NOTHING", "Fate", "Place", "Point", "Remark", "batch_of", "published_on"]

# When the administration published each batch; a file seldom says so itself.
BATCHES: Mapping[str, str] = MappingProxyType(
    {
        "第1批": "2025-05-23",
        "第2批": "2025-07-22",
        "第3批": "2025-07-30",
        "第4批": "2025-08-08",
        "第5批": "2025-08-14",
        "第6批": "2025-08-26",
        "第7批": "2025-12-12",
        "第8批": "2026-01-06",
        "2026年1月更新": "2026-01-28",
        "第9批": "2026-04-21",
        "第10批": "2026-04-28",
        "第11批": "2026-05-11",
        "第12批": "2026-05-23",
        "第13批": "2026-06-01",
        "第14批": "2026-06-09",
        "第15批": "2026-06-16",
        "第16批": "2026-06-22",
        "第17批": "2026-06-29",
    }
)
NOTHING: Mapping[str, str] = MappingProxyType({})

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")}
_BATCH = re.compile(r"第\s*([0-9]{1,3}|[一二三四五六七八九十]{1,3})\s*批")
_LABEL = re.compile(r"(?:^|[^a-z])(?:batch[_-]?|b)0*([0-9]{1,3})(?=$|[^0-9a-z])", re.IGNORECASE)
_UPDATE = re.compile(r"(?:updates?[_-]?)?(20\d\d)[-年](\d{1,2})月?(?:更新)?", re.IGNORECASE)


class Fate(Enum):
    """What became of a row."""

    IMPORTED = "imported"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a row stands; a text file has no sheet."""

    file: str
    sheet: str
    row: int

    @property
    def shown(self) -> str:
        """As messages show it: `points.xlsx#Sheet1!R7`, `records.jsonl:7`."""
        return f"{self.file}#{self.sheet}!R{self.row}" if self.sheet else f"{self.file}:{self.row}"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to be told of a row: why it was rejected, or what was mended in it."""

    place: Place
    kind: str  # one word that stays the same, for programs
    words: Words
    point: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """One official knowledge point.

    `typed` holds the cells that give a limit by itself (限定性别 and the like), by the names of
    `apps.knowledge.heads`; `codes` are in normal form, of a pair the first and the second.
    """

    id: str
    rule_class: str
    class_code: str
    batch: str
    published: str
    supersedes: str
    name: str
    constraint: str
    logic: str
    codes: tuple[str, ...]
    place: Place
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> tuple[object, ...]:
        """What the point says, wherever it stands."""
        return (
            self.rule_class, self.batch, self.published, self.supersedes, self.name,
            self.constraint, self.logic, self.codes, tuple(sorted(self.typed.items())),
        )  # fmt: skip


def batch_of(text: str) -> str:
    """The batch that a label, a title or the name of a file tells; empty where it tells none."""
    found = _BATCH.search(text)
    if found is not None:
        return f"第{_number(found[1])}批"
    label = _LABEL.search(text)
    if label is not None:
        return f"第{int(label[1])}批"
    update = _UPDATE.search(text)
    if update is not None and ("update" in text.lower() or "更新" in text):
        return f"{update[1]}年{int(update[2])}月更新"
    return ""


def _number(text: str) -> int:
    if text.isascii():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS[text[-1]]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def published_on(given: str, batch: str) -> str:
    """The date of publication: what the row says, else what is known of its batch; may be empty."""
    text = given.strip()[:10].replace("/", "-")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return BATCHES.get(batch, "")

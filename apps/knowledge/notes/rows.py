"""Rows of the table 药品限定条件 from a reading: one for each drug and alternative."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from apps.knowledge.notes.model import Branch, Evidence, NoteReading

COLUMNS = (
    "药品", "分支", "诊断", "最小年龄", "不满年龄", "性别", "最低级别", "就医方式",
    "条件数", "条件", "限定", "疗程",
)  # fmt: skip
SOURCE_COLUMNS = ("来源", "知识点", "批次", "发布日期")
_BETWEEN = "；"
_DAYS = "天"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a note stands: a document in words, a point, its batch and its date."""

    document: str
    point: str
    batch: str
    published: str


def rows_of(
    reading: NoteReading, codes: Sequence[str], source: Source
) -> tuple[Mapping[str, str], ...]:
    """The rows of a note for each of the drug's codes, in the order of codes and alternatives.

    A fund, a course in months and the like have no column: they become conditions of the record.
    """
    return tuple(row for code in codes for row in _rows(reading, code, source))


def _rows(reading: NoteReading, code: str, source: Source) -> Iterator[Mapping[str, str]]:
    for place, branch in enumerate(reading.branches, start=1):
        values = (code, str(place), _diagnoses(branch), *_person(branch), *_conditions(branch))
        cited = (source.document, source.point, source.batch, source.published)
        yield dict(zip((*COLUMNS, *SOURCE_COLUMNS), (*values, *cited), strict=True))


def _diagnoses(branch: Branch) -> str:
    """All codes and ranges of the alternative in one cell: one of them suffices."""
    return _BETWEEN.join(dict.fromkeys(code for item in branch.diagnoses for code in item.codes))


def _person(branch: Branch) -> tuple[str, str, str, str, str]:
    ages = branch.ages
    return (
        ages.least.text if ages and ages.least else "",
        ages.below.text if ages and ages.below else "",
        branch.sex or "",
        branch.level or "",
        branch.care or "",
    )


def _conditions(branch: Branch) -> tuple[str, str, str, str]:
    """How many conditions, the conditions, a short text for messages, days paid."""
    words = [item.words for item in branch.evidence]
    if branch.fund:
        words.append(f"{branch.fund}保险")
    course = branch.course
    if course and course.unit != _DAYS:
        words.append(f"支付不超过{course.number}{course.unit}")
    days = f"{course.number}{_DAYS}" if course and course.unit == _DAYS else ""
    return str(len(words)), _BETWEEN.join(words), short(branch), days


def short(branch: Branch) -> str:
    """The alternative in a few words, for messages."""
    parts = [item.words for item in branch.diagnoses]
    said = "或".join(dict.fromkeys(parts))
    evidence = [piece(item) for item in branch.evidence if item.words not in said]
    words = [said, _ages(branch), branch.sex or "", *evidence]
    return _BETWEEN.join(word for word in words if word) or "见其他限定"


def _ages(branch: Branch) -> str:
    least, below = (branch.ages.least, branch.ages.below) if branch.ages else (None, None)
    return (f"满{least.text}" if least else "") + (f"不满{below.text}" if below else "")


def piece(evidence: Evidence) -> str:
    """The condition, shortened after its first 20 characters."""
    return evidence.terms[0] + ("…" if len(evidence.terms) > 1 else "")

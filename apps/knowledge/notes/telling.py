"""Tells an author how a note is read: each alternative, each mapping, each word not understood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from apps.knowledge.notes.model import Ages, Branch, Diagnosis, NoteReading

_HEADS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "zh": MappingProxyType(
            {
                "branch": "符合其一 {number}", "diagnoses": "诊断", "ages": "年龄", "sex": "性别",
                "level": "最低级别", "care": "就医方式", "fund": "基金", "course": "最多支付",
                "evidence": "病历须证明", "unread": "未读懂", "all": "全部读懂", "label": "这段文字没有限定支付",
                "empty": "没有文字", "wider": "编码比词宽，词另作条件",
            }
        ),
        "en": MappingProxyType(
            {
                "branch": "alternative {number}", "diagnoses": "diagnoses", "ages": "age", "sex": "sex",
                "level": "level at least", "care": "type of care", "fund": "fund", "course": "paid at most",
                "evidence": "the record must show", "unread": "not understood", "all": "every word understood",
                "label": "this text limits no payment", "empty": "no text",
                "wider": "the codes hold more than the word: the word is a condition too",
            }
        ),
    }
)  # fmt: skip


def lines_of(reading: NoteReading, lang: str) -> Iterator[str]:
    """The reading as lines of text in Chinese (zh) or English (en)."""
    heads = _HEADS[lang]
    if not reading.text.strip():
        yield heads["empty"]
        return
    if not reading.is_limit:
        yield heads["label"]
        return
    for number, branch in enumerate(reading.branches, start=1):
        yield heads["branch"].format(number=number)
        for head, text in _conditions(branch, heads):
            yield f"  {heads[head]}: {text}"
    yield f"{heads['unread']}: {'、'.join(reading.unread)}" if reading.unread else heads["all"]


def _conditions(branch: Branch, heads: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for item in branch.diagnoses:
        yield "diagnoses", _mapping(item, heads)
    if branch.ages:
        yield "ages", _ages(branch.ages)
    for head in ("sex", "level", "care", "fund"):
        value = getattr(branch, head)
        if value:
            yield head, value
    if branch.course:
        yield "course", f"{branch.course.number}{branch.course.unit}"
    for evidence in branch.evidence:
        yield "evidence", f"[{evidence.kind.value}] {evidence.words}"


def _mapping(item: Diagnosis, heads: Mapping[str, str]) -> str:
    note = f"; {heads['wider']}" if item.wider else ""
    return f"{item.words} = {'；'.join(item.codes)} ({item.how.value}{note})"


def _ages(ages: Ages) -> str:
    least = f"≥ {ages.least.text}" if ages.least else ""
    below = f"< {ages.below.text}" if ages.below else ""
    return " ".join(part for part in (least, below) if part) or "—"


def document_of(reading: NoteReading) -> dict[str, Any]:
    """The reading as plain data, for JSON."""
    return {
        "is_limit": reading.is_limit,
        "fully_typed": reading.fully_typed,
        "unread": list(reading.unread),
        "branches": [_branch(branch) for branch in reading.branches],
    }


def _branch(branch: Branch) -> dict[str, Any]:
    ages, course = branch.ages, branch.course
    return {
        "diagnoses": [
            {"words": d.words, "codes": list(d.codes), "how": d.how.value, "wider": d.wider}
            for d in branch.diagnoses
        ],
        "least_age": ages.least.text if ages and ages.least else None,
        "below_age": ages.below.text if ages and ages.below else None,
        "sex": branch.sex,
        "level": branch.level,
        "care": branch.care,
        "fund": branch.fund,
        "course": f"{course.number}{course.unit}" if course else None,
        "evidence": [{"kind": e.kind.value, "terms": list(e.terms)} for e in branch.evidence],
    }


def brief(reading: NoteReading) -> str:
    """The reading in one line: alternatives by " / ", long conditions cut after 20 characters."""
    return " / ".join(_brief(branch) for branch in reading.branches)


def _brief(branch: Branch) -> str:
    course = branch.course
    parts = [f"{d.words}={'、'.join(d.codes)}" for d in branch.diagnoses]
    parts += [_ages(branch.ages)] if branch.ages else []
    parts += [word for word in (branch.sex, branch.level, branch.care, branch.fund) if word]
    parts += [f"≤{course.number}{course.unit}"] if course else []
    parts += [f"“{e.terms[0]}{'…' if len(e.terms) > 1 else ''}”" for e in branch.evidence]
    return "；".join(parts)

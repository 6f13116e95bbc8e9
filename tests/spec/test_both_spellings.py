"""A rule means the same in either spelling: equal cores, equal findings, equal mistakes.

Wherever a page holds a section 中文 beside a section English, their rules are one rule twice.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from apps.authoring.cases import CASE_RULESET, load_page
from apps.authoring.pages import Block, Case
from apps.rulesets import RuleTexts, with_needed
from rulelang.driver import Compiled
from rulelang.source import Source

FOLDER = Path(__file__).parent
CHINESE, ENGLISH = "中文", "English"
HEAD = re.compile(r"^\s*(?:规则集|ruleset)\s", re.MULTILINE)
# Not part of what rules mean: their texts and the digests of those, and attributes that only document.
OF_THE_TEXT = frozenset({"sources", "digest", "version", "attributes"})


@dataclass(frozen=True)
class Twin:
    """One construct with the cases of both spellings."""

    path: Path
    title: str
    chinese: tuple[Case, ...]
    english: tuple[Case, ...]


@cache
def twins() -> tuple[Twin, ...]:
    found = []
    for path in sorted(FOLDER.glob("*.md")):
        sections: dict[str, dict[str, list[Case]]] = defaultdict(lambda: defaultdict(list))
        for case in load_page(path).cases:
            titles = case.name.split(" / ")
            for word in (CHINESE, ENGLISH):
                if word in titles:
                    sections[" / ".join(titles[: titles.index(word)])][word].append(case)
        found += [
            Twin(path, title, tuple(both[CHINESE]), tuple(both[ENGLISH]))
            for title, both in sections.items()
        ]
    return tuple(found)


def named(twin: Twin) -> str:
    return f"{twin.path.stem}:{twin.chinese[0].line}"


def compiled(case: Case, spelling: str) -> Compiled:
    sources = tuple(
        Source(f"page#{number}", block.text if HEAD.search(block.text) else prefix + block.text)
        for prefix in [CASE_RULESET[spelling]]
        for number, block in enumerate(case.rules, start=1)
    )
    files = {name: block.text.encode() for name, block in case.files.items()}
    return with_needed(RuleTexts(sources, files.get), case.named("rulesets")).compile()


def meaning(value: Any) -> Any:
    """A core tree as plain values, without the places where its parts were written."""
    if is_dataclass(value) and not isinstance(value, type):
        parts = [
            (field.name, meaning(getattr(value, field.name)))
            for field in fields(value)
            if field.compare and field.name not in OF_THE_TEXT
        ]
        return (type(value).__name__, *parts)
    if isinstance(value, dict):
        return sorted((key, meaning(part)) for key, part in value.items())
    if isinstance(value, tuple | list):
        return [meaning(part) for part in value]
    return value


def expected(cases: tuple[Case, ...], kind: str) -> list[str]:
    blocks: list[Block | None] = [case.only(kind) for case in cases]
    return [block.text for block in blocks if block is not None]


def test_every_construct_is_there_in_both_spellings() -> None:
    assert [twin.title for twin in twins() if not (twin.chinese and twin.english)] == []
    assert len(twins()) > 80  # constructs and examples


@pytest.mark.parametrize("twin", twins(), ids=named)
def test_both_spellings_have_one_core(twin: Twin) -> None:
    chinese, english = compiled(twin.chinese[0], "zh"), compiled(twin.english[0], "en")
    assert [d.code for d in chinese.diagnostics] == [d.code for d in english.diagnostics]
    assert meaning(chinese.program) == meaning(english.program)


@pytest.mark.parametrize("twin", twins(), ids=named)
def test_both_spellings_find_the_same(twin: Twin) -> None:
    assert expected(twin.chinese, "findings") == expected(twin.english, "findings")

"""Every kind of limit is shown by pages that hold each outcome, in both spellings."""

import re
from functools import cache
from pathlib import Path

import pytest

from apps.authoring.cases import load_page
from apps.authoring.pages import Case

FOLDER = Path(__file__).parent
ROW = re.compile(r"^\| (?P<kind>[^|]+?) \| (?P<pages>\[.+?) \|$", re.MULTILINE)
KINDS = {
    found["kind"]: re.findall(r"\]\((\S+?)\)", found["pages"])
    for found in ROW.finditer((FOLDER / "README.md").read_text(encoding="utf-8"))
}
# What a rule of the ruleset's own tables looks at is there: it never lacks a fact.
NO_FACTS = {"the ruleset's own tables"}


@cache
def cases(page: str) -> tuple[Case, ...]:
    return load_page(FOLDER / page).cases


def outcomes(pages: list[str], spelling: str) -> str:
    return "".join(
        block.text
        for page in pages
        for case in cases(page)
        if spelling in case.name.split(" / ")
        for block in case.expected
        if block.kind == "findings"
    )


def test_the_list_holds_every_kind() -> None:
    assert len(KINDS) == 19
    assert {page for pages in KINDS.values() for page in pages} <= {
        p.name for p in FOLDER.iterdir()
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spelling", ["中文", "English"])
def test_a_kind_is_shown_with_each_outcome(kind: str, spelling: str) -> None:
    found = outcomes(KINDS[kind], spelling)
    assert re.search("：(违规|可疑)", found)
    assert "：合规" in found
    assert kind in NO_FACTS or "（缺：" in found


@pytest.mark.parametrize("page", sorted(p.name for p in FOLDER.glob("kinds-*.md")))
def test_a_page_of_a_kind_says_which_case_stands_at_the_boundary(page: str) -> None:
    assert any(re.search("边界|正好|Boundary|28日龄|birthday", case.name) for case in cases(page))

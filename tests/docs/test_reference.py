"""The language reference: every block runs, generated parts are as the language is, both languages alike."""

import re
from pathlib import Path

import pytest

from apps.authoring.cases import load_page, run_case
from apps.authoring.pages import Page
from apps.authoring.reference import filled, language_of
from apps.cli.test import difference

ROOT = Path(__file__).parents[2] / "docs" / "language"
PAGES = sorted(ROOT.rglob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_generated_parts_are_as_they_would_be_made_now(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert filled(text, language_of(page)) == text, (
        "run python -m apps.authoring.reference docs/language"
    )


def test_each_page_stands_in_both_languages_with_the_same_parts() -> None:
    chinese, english = ({p.name: p for p in ROOT.glob(f"{lang}/*.md")} for lang in ("zh", "en"))
    assert chinese.keys() == english.keys()
    assert len(chinese) > 5
    for name, page in chinese.items():
        asked = [
            re.findall(r"<!-- generated: (\S+) -->", each.read_text(encoding="utf-8"))
            for each in (page, english[name])
        ]
        assert asked[0] == asked[1], name


CHAPTERS = {
    page: load_page(page) for page in PAGES if "```rule" in page.read_text(encoding="utf-8")
}


@pytest.mark.parametrize(
    ("page", "number"),
    [
        pytest.param(page, number, id=f"{path.relative_to(ROOT)}:{case.line}")
        for path, page in CHAPTERS.items()
        for number, case in enumerate(page.cases)
    ],
)
def test_every_block_runs(page: Page, number: int) -> None:
    outcome = run_case(page, page.cases[number])
    assert outcome.passed, outcome.trouble or "\n".join(map(difference, outcome.mismatches))


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_rule_stands_without_what_it_finds(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.count("```rule") <= text.count("```findings") + text.count("```diagnostics")


def test_both_languages_find_the_same() -> None:
    for path, page in CHAPTERS.items():
        other = CHAPTERS[ROOT / ("en" if language_of(path) == "zh" else "zh") / path.name]
        assert [findings(page), len(page.cases)] == [findings(other), len(other.cases)], path.name


def findings(page: Page) -> list[str]:
    return [
        block.text for case in page.cases for block in case.expected if block.kind == "findings"
    ]

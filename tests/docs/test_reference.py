"""The language reference: its generated parts are as the language is, in both languages alike."""

import re
from pathlib import Path

import pytest

from apps.authoring.reference import filled, language_of

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

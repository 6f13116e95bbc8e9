"""Every case of every page, as one test each: the specification, and the rulesets' own cases."""

from functools import cache
from pathlib import Path

import pytest

from apps.authoring.cases import load_page, run_case
from apps.authoring.pages import Page
from apps.cli.test import difference

ROOT = Path(__file__).parent.parent
PAGES = (
    *sorted((ROOT / "tests" / "spec").glob("[!R]*.md")),
    *sorted((ROOT / "tests" / "kept_cases").rglob("*.md")),
    *sorted((ROOT / "tests" / "diagnostics").glob("*.md")),
    *sorted((ROOT / "rulesets").glob("**/cases/*.md")),
)


@cache
def page_at(path: Path) -> Page:
    return load_page(path)


def found_cases() -> list[object]:
    return [
        pytest.param(path, number, id=f"{path.relative_to(ROOT).as_posix()}:{case.line}")
        for path in PAGES
        for number, case in enumerate(page_at(path).cases)
    ]


@pytest.mark.parametrize(("path", "number"), found_cases())
def test_case(path: Path, number: int) -> None:
    page = page_at(path)
    outcome = run_case(page, page.cases[number])
    told = [outcome.trouble, *(difference(mismatch) for mismatch in outcome.mismatches)]
    assert outcome.passed, "\n" + "\n".join(part for part in told if part)


def test_every_page_holds_a_case() -> None:
    assert [path.name for path in PAGES if not page_at(path).cases] == []

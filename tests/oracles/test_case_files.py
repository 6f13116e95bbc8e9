"""Case files of an outside benchmark: clean ones raise nothing, planted ones stay found."""

import re
from functools import cache
from pathlib import Path

import pytest

from engine.finding import Finding
from tests.data_at_hand import data_folder, needs_data
from tests.oracles import case_files, report
from tests.oracles.shipped_rules import rows_of

pytestmark = needs_data
DATA = data_folder() or Path()
CASES = [*case_files.cases(DATA)] if data_folder() else []
SLOW = {"violation_light_f006"}  # many lines of one drug: asked by the report alone
OPENED = re.compile(re.escape(report.CLEAN) + r"：(\S+) 待补充 (\d+) 项")
FOUND = re.compile(re.escape(report.PLANTED) + r"：(\S+) (\S+) 由 (\S+) 发现")


@cache
def page() -> str:
    return report.PAGE.read_text(encoding="utf-8")


@cache
def findings(name: str) -> tuple[Finding, ...]:
    (case,) = (one for one in CASES if one.name == name)
    return case_files.findings(case)


@pytest.mark.parametrize("name", [one.name for one in CASES if one.clean])
def test_a_clean_case_raises_nothing(name: str) -> None:
    """What it lacks is bounded by the page."""
    assert case_files.failed(findings(name)) == []
    opened = dict(OPENED.findall(page()))
    if name in opened:  # a case that the page has not met is held to the first line alone
        assert len(case_files.undetermined(findings(name))) <= int(opened[name])


@pytest.mark.parametrize(("name", "planted"), [(one, id_) for one, id_, _ in FOUND.findall(page())])
def test_what_the_page_says_is_found_is_found(name: str, planted: str) -> None:
    if name in SLOW or name not in {one.name for one in CASES}:
        return
    assert case_files.finders(findings(name), planted) != []


def test_every_planted_id_is_found_or_has_what_it_needs() -> None:
    silent = {
        planted
        for case in CASES
        for planted in case.planted
        if planted not in case_files.FOUND_BY and planted not in case_files.NEEDS
    }
    assert silent == set()


def test_every_name_has_its_own_row() -> None:
    rows = rows_of(case_files.NAMES)
    assert len({row["名称"] for row in rows}) == len(rows)
    assert {row["类别"] for row in rows} <= set(case_files.KIND_WORDS)

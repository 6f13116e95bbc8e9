"""CLAUSES.md of the regional rulesets: every clause once, and all that it names is there.

The cases that it names are run by `tests/test_pages.py`. Like COVERAGE.md the page is generated, and
`python -m apps.authoring.clauses_page --check` says whether it is the newest.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from apps.authoring.clauses import (
    BOUNDARY,
    Clause,
    Shown,
    cases_of,
    clauses,
    documents,
    shown_in,
)
from apps.authoring.clauses_page import PAGE, ROOT, page
from apps.authoring.national_coverage import cases_of as counted
from apps.authoring.national_coverage import results_of
from apps.cli.main import run
from apps.rulesets import shipped
from rulelang import core

IDS = [
    "SX25-A1",
    "SX25-A2",
    "ZJ20-A3",
    "ZJ20-A4",
    "SX21-A5",
    "SX21-A6",
    "SX25-B1",
    "SX25-B2",
    "SD24-B3",
    "SX21-B4",
    "SX25-C1",
    "SX25-C2",
    "SD24-C3",
    "SD24-C4",
    "SX25-D1",
    "ZJ20-D2",
    "JX21-D3",
    "JX21-D4",
    "SX25-E1",
    "SX25-E2",
    "SX25-E3",
    "SX21-E4",
    "JX21-E5",
    "JX21-E6",
    "SD24-E7",
    "SD24-E8",
    "ZJ20-E9",
    "SX21-F1",
    "SX25-F2",
    "SX25-F3",
    "SD24-F4",
    "JX21-F5",
    "SX21-F6",
    "SX21-F7",
]

# What the shipped tables, which are not whole, cannot show; a test of the clause shows it.
IN_TESTS = {
    "shaoxing.drug_catalog/drug_on_catalog": {"查出"},
    "shaoxing.chronic_prescriptions/chronic_disease_count": {"查出", BOUNDARY},
    "shaoxing.chronic_prescriptions/chronic_drug_count": {"未查出", BOUNDARY},
    "zhenjiang.payment/disease_count": {"未查出", BOUNDARY},
    "zhenjiang.payment/trial_count": {"未查出", BOUNDARY},
}


@cache
def program() -> core.Program:
    compiled = shipped().compile()
    assert compiled.program is not None
    return compiled.program


@cache
def shown() -> dict[str, tuple[Shown, ...]]:
    return shown_in(ROOT)


def rule_of(id_: str) -> core.Rule:
    (found,) = [rule for rule in program().rules if rule.id == id_]
    return found


def test_every_clause_is_there_once() -> None:
    assert [each.id for each in clauses()] == IDS
    assert {each.document for each in clauses()} == {each.key for each in documents()}


def test_every_rule_of_a_region_belongs_to_a_clause() -> None:
    national = {ruleset.id for ruleset in program().rulesets if ruleset.authority == "national"}
    regional = {rule.id for rule in program().rules if rule.ruleset not in national}
    assert regional <= {id_ for clause in clauses() for id_ in clause.rules}


@pytest.mark.parametrize("clause", clauses(), ids=lambda clause: clause.id)
def test_what_a_clause_names_is_there(clause: Clause) -> None:
    held = {*program().tables, *program().lists, *program().params, *program().decisions}
    assert set(clause.declared) <= held
    assert set(clause.pages) <= shown().keys()
    for name in clause.commands:
        assert run([*name.split(), "--help"]) == 0
    for name in clause.tests:
        assert (Path(__file__).parents[2] / name).is_file(), name
    assert clause.rules or clause.why or clause.commands
    assert set(clause.boundary) <= set(clause.rules)


@pytest.mark.parametrize("clause", clauses(), ids=lambda clause: clause.id)
def test_rules_cite_the_clause(clause: Clause) -> None:
    (document,) = [each for each in documents() if each.key == clause.document]
    for id_ in clause.rules:
        if id_.startswith("national."):
            continue  # a regional document only points to it
        cited = {
            (one.document.title.zh, str(one.document.issued), place)
            for one in rule_of(id_).citations
            for place in one.place.split("；")
        }
        wanted = {(document.zh, document.issued, place) for place in clause.place.split("；")}
        also = (
            {(document.zh, document.issued, "二（一）")}
            if id_.endswith("off_community_list")
            else set()
        )
        assert cited & (wanted | also), id_


@pytest.mark.parametrize("clause", clauses(), ids=lambda clause: clause.id)
def test_each_rule_has_a_case_of_each_kind(clause: Clause) -> None:
    for id_ in clause.rules:
        rule = rule_of(id_)
        wanted = {"查出", "未查出", BOUNDARY}
        if rule.subject.kind != "ruleset":
            wanted.add("缺事实")
        if rule.exceptions:
            wanted.add("例外")
        open_ = IN_TESTS.get(id_, set())
        assert not open_ or clause.tests
        assert wanted - open_ <= cases_of(rule, clause, shown()).keys(), id_


def test_every_cited_place_has_a_case() -> None:
    """What `hegui test --cover --require-clauses` asks of all pages, by what they expect."""
    counts = counted(ROOT)
    met: dict[tuple[str, str, str], bool] = {}
    for rule in program().rules:
        results = results_of(rule, counts)
        decided = bool(results.keys() & {"违规", "可疑", "合规", "例外"})
        for one in rule.citations:
            key = (one.document.title.zh, one.document.number, one.place)
            met[key] = met.get(key, False) or decided
        for excuse in rule.exceptions:
            if excuse.citation is not None:
                cited = excuse.citation
                key = (cited.document.title.zh, cited.document.number, cited.place)
                met[key] = met.get(key, False) or bool(results["例外"])
    assert [key for key, has_case in met.items() if not has_case] == []


@pytest.mark.parametrize("which", ["kept", "fresh"])
def test_the_page_has_each_clause_once(which: str) -> None:
    kept = (ROOT / PAGE).read_text(encoding="utf-8")
    text = kept if which == "kept" else page(program(), shown())
    found = [line.split()[1] for line in text.splitlines() if line.startswith("### ")]
    assert sorted(found) == sorted(IDS)

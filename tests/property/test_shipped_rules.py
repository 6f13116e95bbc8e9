"""Laws on the shipped rules and requests with facts taken away, and with lines in another order.

More facts never flip a finding's class (S12.1); the findings' cores do not depend on the order of
keyed lines, nor a ruleset's digest on the order of its files (S20).
"""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.rulesets import shipped
from engine.checker import check
from engine.finding import Finding, Label
from engine.intake.nhsa import read_bills
from engine.intake.reading import read_request
from engine.judge import judge_rule
from engine.profile import Profile
from engine.select import rules_for
from engine.tables import Tables
from rulelang.core import Program
from rulelang.driver import compile_sources

DEMO = Path(__file__).parents[2] / "rulesets" / "demo"
REQUESTS = ("inpatient_3102.json", "outpatient_3101.json")
PROFILE = Profile(institutions={"HTEST0000099": {"level": "一级甲等", "price_class": "基层"}})
FAILS = frozenset({Label.VIOLATED, Label.SUSPECTED})

# Facts of one value each. What is blank is unknown; the list of members stays as it is (S12.1).
OF_PERSON = ("gend", "brdy")
OF_ENCOUNTER = ("medins_lv", "medins_admdvs", "med_type", "insutype")
OF_LINE = ("hilist_code", "cnt", "pric", "spec_unt", "drord_begn_date")
OF_DIAGNOSIS = ("dise_codg",)


@cache
def program() -> Program:
    texts = shipped()
    compiled = compile_sources(texts.sources, texts.read)
    assert compiled.program is not None
    return compiled.program


@cache
def sent(name: str) -> Any:
    return read_request((DEMO / name).read_bytes())


def places(tree: Any) -> list[tuple[Any, str]]:
    """Every object with the name of a fact that can be taken from it."""
    found: list[tuple[Any, str]] = []
    for person in tree["input"]["data"]["patient_dtos"]:
        found += [(person, name) for name in OF_PERSON]
        for stay in person["fsi_encounter_dtos"]:
            found += [(stay, name) for name in OF_ENCOUNTER]
            found += [(one, name) for one in stay["fsi_order_dtos"] for name in OF_LINE]
            found += [(one, name) for one in stay["fsi_diagnose_dtos"] for name in OF_DIAGNOSIS]
    return found


def classes(tree: Any) -> dict[tuple[str, str, tuple[str, ...]], bool | None]:
    """Of every rule and subject whether it fails: None where that is not decided."""
    found: dict[tuple[str, str, tuple[str, ...]], bool | None] = {}
    for bill in read_bills(tree, PROFILE):
        tables = Tables(program(), None)
        for rule in rules_for(program(), bill):
            for finding in judge_rule(rule, bill, program(), tables):
                key = (rule.id, finding.subject_kind, members_of(finding))
                undetermined = finding.label is Label.UNDETERMINED
                found[key] = None if undetermined else finding.label in FAILS
    return found


def members_of(finding: Finding) -> tuple[str, ...]:
    return tuple(sorted(item.key for item in (*finding.offending, *finding.involved)))


@given(st.sampled_from(REQUESTS), st.data())
def test_more_facts_never_flip_a_class(name: str, data: st.DataObject) -> None:
    full = copy.deepcopy(sent(name))
    less = copy.deepcopy(full)
    count = len(places(less))
    chosen = data.draw(st.sets(st.integers(0, count - 1), min_size=1, max_size=12))
    for number, (item, field) in enumerate(places(less)):
        if number in chosen:
            item[field] = None
    known, asked = classes(full), classes(less)
    flipped = {
        key: (asked[key], known[key])
        for key in asked.keys() & known.keys()
        if asked[key] is not None and known[key] is not None and asked[key] is not known[key]
    }
    assert flipped == {}
    lost = {key for key in asked.keys() & known.keys() if asked[key] is not None}
    assert all(known[key] is not None for key in lost)


@given(st.sampled_from(REQUESTS), st.randoms(use_true_random=False))
def test_findings_do_not_depend_on_the_order_of_lines(name: str, random: Any) -> None:
    tree = copy.deepcopy(sent(name))
    wanted = cores(tree)
    for person in tree["input"]["data"]["patient_dtos"]:
        for stay in person["fsi_encounter_dtos"]:
            random.shuffle(stay["fsi_order_dtos"])
            random.shuffle(stay["fsi_diagnose_dtos"])
    assert cores(tree) == wanted


def cores(tree: Any) -> list[Any]:
    found = []
    for bill in read_bills(tree, PROFILE):
        for finding in check(program(), bill).findings:
            rules = tuple(rule.id for rule in finding.folded or (finding.rule,))
            lacking = tuple(sorted((item.fact, item.subject) for item in finding.missing))
            money = (str(finding.at_risk.low), str(finding.at_risk.high))
            found.append((rules, finding.label.value, members_of(finding), money, lacking))
    return sorted(found)


@settings(max_examples=5)
@given(st.randoms(use_true_random=False))
def test_digests_do_not_depend_on_the_order_of_files(random: Any) -> None:
    texts = shipped()
    small = [s for s in texts.sources if "catalog/" in s.path or "items/" in s.path]
    wanted = compile_sources(small, texts.read).program
    random.shuffle(small)
    found = compile_sources(small, texts.read).program
    assert found is not None
    assert wanted is not None
    assert [item.digest for item in found.rulesets] == [item.digest for item in wanted.rulesets]


def test_there_is_something_to_lose() -> None:
    decided = [value for name in REQUESTS for value in classes(sent(name)).values()]
    assert decided.count(True) >= 5
    assert decided.count(False) >= 200
    assert json.dumps(sorted(cores(sent(REQUESTS[0])), key=str))

"""Ordinary bills are let through: the shipped rules do not flood a hospital with findings."""

from collections import Counter
from collections.abc import Callable
from functools import cache

import pytest

from apps.rulesets import shipped
from engine.checker import check
from engine.finding import Finding, Label
from engine.intake.nhsa import read_bills
from engine.intake.reading import read_request
from rulelang.core import Program
from tests.ordinary import PROFILE, prescribing, settling
from tests.requests import Tree, as_bytes

BILLS = 200
MOST_UNDETERMINED = 1
FAILED = frozenset({Label.VIOLATED, Label.SUSPECTED})


@cache
def program() -> Program:
    compiled = shipped().compile()
    assert compiled.program is not None
    return compiled.program


def findings(tree: Tree) -> tuple[Finding, ...]:
    (bill,) = read_bills(read_request(as_bytes(tree)), PROFILE)
    assert bill.notes == ()
    assert bill.lines
    return check(program(), bill).findings


def shown(finding: Finding) -> str:
    lines = [str(entity.value("name").choices) for entity in finding.offending]
    missing = [fact.fact for fact in finding.missing]
    return f"{finding.rule.id} {finding.label.name} {lines} {missing}"


def overfull(make: Callable[[int], Tree], chunk: int) -> dict[int, list[str]]:
    """The bills of one tenth with a fail, or with more undetermined findings than let through."""
    found: dict[int, list[str]] = {}
    for number in range(chunk, BILLS, 10):
        all_ = findings(make(number))
        labels = Counter(finding.label for finding in all_)
        if any(labels[label] for label in FAILED) or labels[Label.UNDETERMINED] > MOST_UNDETERMINED:
            found[number] = [shown(finding) for finding in all_]
    return found


@pytest.mark.parametrize("chunk", range(10))
def test_an_ordinary_bill_is_let_through_at_settlement(chunk: int) -> None:
    assert overfull(settling, chunk) == {}


@pytest.mark.parametrize("chunk", range(10))
def test_an_ordinary_bill_is_let_through_at_prescribing(chunk: int) -> None:
    assert overfull(prescribing, chunk) == {}


def test_the_bills_are_many_kinds_of_bills() -> None:
    """Guards the others: a generator that draws nothing would pass them."""
    kinds: Counter[str] = Counter()
    for number in range(BILLS):
        (person,) = settling(number)["input"]["data"]["patient_dtos"]
        (stay,) = person["fsi_encounter_dtos"]
        kinds[stay["med_type"]] += 1
        kinds[stay["medins_admdvs"]] += 1
        kinds[person["gend"]] += 1
        for line in stay["fsi_order_dtos"]:
            kinds[line["hilist_type"]] += 1
    assert min(kinds[name] for name in ("11", "21", "1", "2", "330600", "440305")) >= 30
    assert min(kinds[name] for name in ("101", "201", "102")) >= 100

"""Shipped rules with whole tables in the place of the illustrative ones: what an office would put in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import pytest

from apps.packages import Package, overlaid
from apps.rulesets import RuleTexts, shipped, shipped_file, with_needed
from engine.checker import CheckRequest, check
from engine.facts import Bill, Value
from engine.intake.nhsa import read_bills
from engine.period_check import check_ruleset
from rulelang.core import Program
from tests.knowledge import drug
from tests.requests import encounter, line, patient, request

SHAOXING, ZHENJIANG = "cn/zhejiang/shaoxing", "cn/jiangsu/zhenjiang"
CATALOG = "cn/national/catalog/药品目录.csv"


def compiled(
    files: Iterable[str], tables: Mapping[str, str], complete: tuple[str, ...] = ()
) -> Program:
    own = tuple(source for source in shipped().sources if source.path in set(files))
    manifest = {"complete": list(complete), "tables": {path: {} for path in tables}}
    data = {path: text.encode() for path, text in tables.items()}
    texts = with_needed(RuleTexts(own, shipped_file), ())
    found = overlaid(texts, [Package(Path("kp"), manifest, data)]).compile()
    assert found.program is not None, found.diagnostics
    return found.program


def bill(code: str) -> Bill:
    lines = [line(1, hilist_code=code)]
    (found,) = read_bills(request(patient(encounter(fsi_order_dtos=lines))))
    found.institution.facts["division"] = found.institution.facts["division"].__class__(
        Value(choices=frozenset({"330602"}))
    )
    return found


@pytest.mark.parametrize(
    ("code", "complete", "label"),
    [
        (drug(1), True, "satisfied"),
        (drug(2), True, "violated"),
        (drug(2), False, "undetermined"),
    ],
)
def test_a_drug_that_a_whole_catalog_does_not_hold_is_not_payable(
    code: str, complete: bool, label: str
) -> None:
    rows = f"药品,名称,甲乙类,来源\n{drug(1)},样品1片,乙,目录下载\n"
    program = compiled([f"{SHAOXING}/drugs.rule"], {CATALOG: rows}, (CATALOG,) if complete else ())
    only = CheckRequest(only=("shaoxing.drug_catalog/drug_on_catalog",))
    result = check(program, bill(code), only)
    (found,) = (*result.findings, *result.passed)
    assert found.label.value == label


def labels(program: Program, *names: str) -> list[str]:
    result = check_ruleset(program, date(2026, 3, 3))
    every = {one.rule.name.zh: one.label.value for one in (*result.findings, *result.passed)}
    return [every[name] for name in names]


@pytest.mark.parametrize(
    ("diseases", "drugs", "found"),
    [
        (12, 5574, ["satisfied", "satisfied"]),
        (11, 5573, ["suspected", "suspected"]),
        (13, 5575, ["suspected", "satisfied"]),
    ],
)
def test_the_lists_of_chronic_diseases(diseases: int, drugs: int, found: list[str]) -> None:
    names = [f"E{number:02d},病种{number},公布的清单" for number in range(diseases)]
    codes = [f"{drug(n % 1000, 1 + n // 1000)},样品{n}片,公布的清单" for n in range(drugs)]
    tables = {
        f"{SHAOXING}/慢病十二种.csv": "\n".join(["诊断,病种,来源", *names]),
        f"{SHAOXING}/慢病药品.csv": "\n".join(["药品,名称,来源", *codes]),
    }
    program = compiled([f"{SHAOXING}/chronic.rule"], tables)
    assert labels(program, "慢病病种数", "慢病药品数") == found


@pytest.mark.parametrize(
    ("diseases", "institutions", "found"),
    [
        (227, 12, ["satisfied", "satisfied"]),
        (226, 11, ["suspected", "suspected"]),
        (228, 13, ["satisfied", "satisfied"]),
    ],
)
def test_the_lists_of_payment_by_disease(
    diseases: int, institutions: int, found: list[str]
) -> None:
    names = [f"K{n // 10:02d}.{n % 10},病种{n},公布的清单" for n in range(diseases)]
    codes = [f"H32110{n:06d},公布的清单" for n in range(institutions)]
    tables = {
        f"{ZHENJIANG}/按病种付费病种.csv": "\n".join(["诊断,名称,来源", *names]),
        f"{ZHENJIANG}/病组试点机构.csv": "\n".join(["机构,来源", *codes]),
    }
    program = compiled([f"{ZHENJIANG}/payment.rule"], tables)
    assert labels(program, "病种数", "试点机构数") == found

"""COVERAGE.md of the national rules: well formed, all 88 in it, and what it says of them is theirs.

It is generated; `python -m apps.authoring.coverage_page --check` says whether it is the newest. A test
cannot ask for that, since each rule or case that is added changes a count in it.
"""

import re
from functools import cache

import pytest

from apps.authoring.coverage_page import PAGE, ROOT, page
from apps.authoring.national_coverage import carriers, cases_of, coverage_of, needs_of
from apps.rulesets import shipped
from rulelang import vocabulary
from rulelang.core import Program
from rulelang.national import by_code, by_name, national_rules

ROW = re.compile(r"\| (?P<number>\d+) \| (?P<name>[^|]+?) \| (?P<code>[^|]*?) ?\|(?P<rest>.*)\|")


@cache
def program() -> Program:
    compiled = shipped().compile()
    assert compiled.program is not None
    return compiled.program


@cache
def fresh() -> str:
    return page(program(), cases_of(ROOT))


def kept() -> str:
    return (ROOT / PAGE).read_text(encoding="utf-8")


def rows(text: str) -> list[tuple[int, str, str]]:
    found = [ROW.fullmatch(line) for line in text.splitlines()]
    return [
        (int(each["number"]), each["name"].removesuffix("★"), each["code"].strip())
        for each in found
        if each is not None
    ]


def test_the_list_is_of_88_rules_with_codes_of_fourteen_digits() -> None:
    rules = national_rules()
    assert [rule.number for rule in rules] == list(range(1, 89))
    assert len(by_name()) == 88
    assert [rule.number for rule in rules if not rule.code] == [
        9,
        13,
        29,
        30,
        31,
        47,
        76,
        77,
        87,
        88,
    ]
    assert len(by_code()) == 78
    assert all(re.fullmatch(r"(GZ|ZB)1\d{13}", code) for code in by_code())
    tiers = [rule.tier for rule in rules]
    assert [tiers.count(tier) for tier in ("政策类", "管理类", "医疗类")] == [34, 29, 25]


@pytest.mark.parametrize("which", ["kept", "fresh"])
def test_the_page_has_each_of_the_88_once(which: str) -> None:
    text = kept() if which == "kept" else fresh()
    assert rows(text) == [(rule.number, rule.name, rule.code) for rule in national_rules()]


@pytest.mark.parametrize("which", ["kept", "fresh"])
def test_each_row_of_a_table_has_as_many_cells_as_its_head(which: str) -> None:
    width = 0
    for line in (kept() if which == "kept" else fresh()).splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line))
        if line.startswith("|"):
            width = width or cells
            assert cells == width, line
        else:
            width = 0


def test_a_rule_is_found_by_its_code_and_by_what_it_cites() -> None:
    found = {
        each.national.name: {rule.id for rule in each.rules} for each in coverage_of(program())
    }
    assert "national.drug_limits/injury_fund_drug" in found["药品限工伤保险"]
    assert "national.drug_limits/online_drug_limit" in found["超互联网医院药品支付范围"]  # no code
    assert "national.drug_limits/albumin_limit" in found["药品限适应症"]  # by its code only


def test_cases_are_counted_by_rule_and_result() -> None:
    counts = cases_of(ROOT)
    assert counts["cn/national/drug_limits", "药品限工伤保险"]["违规"] >= 2
    assert counts["cn/national/drug_limits", "药品限工伤保险"]["待补充信息"] >= 1


def test_what_a_rule_needs_is_named() -> None:
    (rule,) = [rule for rule in program().rules if rule.id == "national.drug_limits/albumin_limit"]
    needs = needs_of([rule], program())
    assert {item.name.en for item in needs.evidence} == {"rescue", "severe", "serum_albumin"}
    assert ("diagnosis", "code") in {(fact.entity, fact.en) for fact in needs.facts}
    assert "national.drug_limits/albumins" in {listed.id for listed in needs.lists}


@pytest.mark.parametrize(
    ("entity", "fact", "wanted"),
    [
        ("patient", "sex", {"3101"}),
        ("diagnosis", "code", {"3101", "4101"}),
        ("line", "item", {"3101", "2204"}),
        ("line", "date", {"3101", "2204", "2301"}),
        ("encounter", "fund", {"3101", "2301"}),  # derived from scheme and care type, or sent
        ("encounter", "stay_days", {"3101", "4101"}),
        ("encounter", "channel", set()),
        ("line", "uploaded_at", set()),
    ],
)
def test_which_interfaces_carry_a_fact(entity: str, fact: str, wanted: set[str]) -> None:
    field = vocabulary.load().entities[entity].fields[fact]
    assert carriers(field) == wanted

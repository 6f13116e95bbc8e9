"""What is printed of amendments and fillings, that they are kept in bundles, and what names mean."""

import pytest

from apps.render.json import cited_by
from engine.bundle import pack, unpack
from engine.checker import check
from engine.explain import full
from engine.finding import Finding
from rulelang.canonical import in_order
from rulelang.core import Program
from rulelang.divisions import lies_within, meet
from rulelang.driver import compile_sources
from rulelang.source import Source
from tests.property.test_layers import FIRST, HERE, LAST, bill, city, nation, program

BOTH = (nation(), city((FIRST, LAST)))


def the_finding(amount: int, price: int, in_use: Program | None = None) -> Finding:
    result = check(in_use or program(*BOTH), bill(amount, price, FIRST, HERE))
    (found,) = (*result.findings, *result.passed)
    return found


@pytest.mark.parametrize(
    ("amount", "price", "documents", "first_message"),
    [
        (60, 10, ["甲文件", "乙文件"], "60.00元超过50.00元。"),  # the city's filling
        (20, 20, ["甲文件", "乙文件"], "本市。"),  # the city's requirement
        (60, 4, ["乙文件", "甲文件"], "本市。"),  # the city's exception
    ],
)
def test_a_finding_shows_the_document_of_the_lower_layer(
    amount: int, price: int, documents: list[str], first_message: str
) -> None:
    finding = the_finding(amount, price)
    assert [each.document.title.zh for each in cited_by(finding)] == documents
    assert finding.messages[0].zh == first_message
    text = "\n".join(full(finding, program(*BOTH), "zh"))
    assert "乙文件" in text
    assert "补充原文" in text
    assert "补充 国家.甲" in text


def test_a_finding_that_leans_on_the_nation_alone_shows_no_city() -> None:
    wide = program(nation(), city((FIRST, LAST), most=500, price=30))
    finding = the_finding(501, 10, wide)
    assert finding.amendments != ()  # the city's limit is above
    result = check(wide, bill(501, 10, FIRST, "310000"))
    (elsewhere,) = result.findings
    assert elsewhere.amendments == ()
    assert [each.document.title.zh for each in cited_by(elsewhere)] == ["甲文件"]


def test_a_bundle_keeps_amendments_and_fillings() -> None:
    made = program(*BOTH)
    again = unpack(pack(made))
    assert again.amendments == made.amendments != ()
    assert again.fills == made.fills != ()
    assert the_finding(20, 20, again).label == the_finding(20, 20).label


def test_the_order_of_files_changes_nothing() -> None:
    sources = [Source(f"{number}.rule", text) for number, text in enumerate(BOTH)]
    turned = [Source(f"{9 - number}.rule", text) for number, text in enumerate(BOTH)]
    first, second = (compile_sources(each, lambda _: None).program for each in (sources, turned))
    assert first is not None
    assert second is not None
    assert first.amendments == in_order(second).amendments
    assert [each.digest for each in first.rulesets] == [each.digest for each in second.rulesets]


@pytest.mark.parametrize(
    ("inner", "outer", "within", "together"),
    [
        (("330600",), ("330000",), True, True),
        (("330000",), ("330600",), False, True),
        (("330600",), (), True, True),
        ((), ("330600",), False, True),
        (("330600", "310000"), ("330000",), False, True),
        (("330624",), ("330100",), False, False),
    ],
)
def test_territories(
    inner: tuple[str, ...], outer: tuple[str, ...], within: bool, together: bool
) -> None:
    assert lies_within(inner, outer) is within
    assert meet(inner, outer) is together

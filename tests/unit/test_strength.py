"""Pack and strength as specifications give them (S3.1)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.facts import one
from engine.strength import Spec, complete_content, read_spec
from rulelang.values import Range
from tests import bills


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0.5g×20片/盒", ("0.5", "g", "20", "tablet")),
        ("0.5g*20片", ("0.5", "g", "20", "tablet")),
        ("25MG X 12粒", ("25", "mg", "12", "capsule")),
        ("10ml:50mg×5支", ("50", "mg", "5", "amp")),
        ("2ml：0.1g", ("0.1", "g", None, "")),
        ("0.1g×10", ("0.1", "g", "10", "")),
        ("12片/盒", (None, "", "12", "tablet")),
        ("300万IU", ("300", "wan_IU", None, "")),
        ("400ug×7片", ("400", "μg", "7", "tablet")),
        ("100ml", (None, "", None, "")),
        ("适量", (None, "", None, "")),
        ("", (None, "", None, "")),
    ],
)
def test_a_specification(text: str, wanted: tuple[str | None, str, str | None, str]) -> None:
    strength, unit, pack, smallest = wanted
    figure = None if strength is None else Decimal(strength)
    count = None if pack is None else Decimal(pack)
    assert read_spec(text) == Spec(figure, unit, count, smallest)


@pytest.mark.parametrize(
    ("quantity", "unit", "spec", "content"),
    [
        ("2", "box", "0.5g×20片/盒", "20.0"),
        ("2", "tablet", "0.5g×20片/盒", "1.0"),
        ("2", "capsule", "0.5g×20片/盒", None),  # capsules are no tablets
        ("2", "box", "0.5g", None),
        ("2", "bottle", "0.1g×100片", "20.0"),
        ("3", "amp", "2ml:50mg", "150"),
        ("3", None, "2ml:50mg", None),
        (None, "box", "0.5g×20片", None),
    ],
)
def test_the_content_of_a_line(
    quantity: str | None, unit: str | None, spec: str, content: str | None
) -> None:
    line = bills.line(quantity=quantity, unit=unit, spec=one(spec))
    complete_content(line)
    found = line.fact("content")
    if content is None:
        assert found.value.is_nothing
        assert found.why is not None
    else:
        assert found.value.range == Range.exactly(Decimal(content))
    before = dict(line.facts)
    complete_content(line)
    assert line.facts == before


def test_what_was_given_stays() -> None:
    line = bills.line(quantity="2", spec=one("0.5g×20片"), content=bills.value("7", "g"))
    complete_content(line)
    assert line.value("content") == bills.value("7", "g")

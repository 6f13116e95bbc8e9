"""The shipped rules say of every typed-out limit of the two libraries what the library says."""

from pathlib import Path

import pytest

from tests.data_at_hand import data_folder, needs_data
from tests.oracles import counted, limits
from tests.oracles.figures import WHOLE, thinned

pytestmark = needs_data
DATA = data_folder() or Path()


@pytest.mark.parametrize("kind", limits.KINDS, ids=lambda kind: kind.file)
def test_every_typed_limit_is_met(kind: limits.Kind) -> None:
    found = limits.figures(DATA, kind, whole=WHOLE)
    assert found.asked > 0
    assert found.apart == ()


def test_courses_end_on_their_last_day() -> None:
    found = counted.courses(DATA, whole=WHOLE)
    assert found.asked > 0
    assert found.apart == ()
    unnamed = [text for text in found.named if text.split("：")[0] not in counted.MISTYPED]
    assert unnamed == []


def test_a_day_has_its_frequency() -> None:
    found = counted.frequencies(DATA)
    assert found.asked > 0
    assert found.apart == ()


def test_a_period_ends_on_its_day() -> None:
    found = counted.periods(DATA)
    assert found.asked > 0
    assert found.apart == ()


def test_duplicate_pairs_fire_inside_their_span_only() -> None:
    found = counted.duplicates(DATA, thinned(counted.listed_pairs(DATA), 80, whole=WHOLE))
    assert found.asked > 0
    assert found.apart == ()

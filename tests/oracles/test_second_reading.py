"""Another reading of the same limits agrees with what was published, but for differences of a known class."""

from pathlib import Path

from tests.data_at_hand import data_folder, needs_data
from tests.oracles import second_reading

DATA = data_folder() or Path()


@needs_data
def test_the_readings_agree_where_both_speak() -> None:
    found = {(one.oracle, one.of): one for one in second_reading.figures(DATA)}
    assert sum(one.asked for one in found.values()) > 0
    for (_, column), one in found.items():
        if column != "频次限制":  # some of its hours were written as times a day
            assert one.apart == ()


@needs_data
def test_every_difference_has_a_class() -> None:
    classes = (second_reading.NOT_PUBLISHED, second_reading.NOT_TYPED)
    for one in second_reading.figures(DATA):
        assert all(text.startswith(second_reading.OTHER_VALUE) for text in one.apart)
        assert all(any(known in text for known in classes) for text in one.named)

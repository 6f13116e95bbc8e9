"""When the order of a line stops: as sent, or on its own day where it is given once."""

from datetime import datetime

import pytest

from engine.facts import Fact
from engine.intake.nhsa import read_bills
from engine.intake.reading import read_request
from rulelang.values import Range
from tests.requests import as_bytes, encounter, line, patient, request

DAY = Range(datetime(2026, 3, 3), datetime(2026, 3, 4), high_open=True)  # noqa: DTZ001 - civil time


def stop(**changes: object) -> Fact:
    sent = {"drord_begn_date": "2026-03-03 09:30:00"} | changes
    (bill,) = read_bills(
        read_request(as_bytes(request(patient(encounter(fsi_order_dtos=[line(1, **sent)])))))
    )
    return bill.lines[0].fact("stop_time")


@pytest.mark.parametrize("empty", [None, "", "-"])
def test_what_is_ordered_once_stops_on_its_day(empty: object) -> None:
    found = stop(long_drord_flag="0", drord_stop_date=empty)
    assert found.value.range == DAY
    assert [place.rpartition("/")[2] for place in found.premises] == ["long_drord_flag"]


@pytest.mark.parametrize("flag", ["1", "", None, "9"])
def test_of_a_standing_order_it_is_not_known(flag: object) -> None:
    assert stop(long_drord_flag=flag).value.is_nothing


@pytest.mark.parametrize("flag", ["0", "1"])
def test_what_was_sent_counts(flag: str) -> None:
    sent = stop(long_drord_flag=flag, drord_stop_date="2026-03-05 08:00:00").value.range
    assert sent == Range.exactly(datetime(2026, 3, 5, 8))  # noqa: DTZ001 - civil time
    assert stop(long_drord_flag=flag, drord_stop_date="soon").value.is_nothing

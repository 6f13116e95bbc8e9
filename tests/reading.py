"""Requests read to bills, for tests of what is read: helpers that make one and look at it."""

import datetime as dt
from decimal import Decimal
from typing import Any

from engine.facts import Bill, Entity
from engine.intake.nhsa import read_bills
from engine.intake.reading import read_request
from engine.profile import NO_PROFILE, Profile
from rulelang.values import Range
from tests import requests
from tests.requests import (
    Tree,
    encounter,
    patient,
    request,
)

ABOVE_ZERO = Range(Decimal(0), None, low_open=True)


def bills(tree: object, profile: Profile = NO_PROFILE, **options: Any) -> tuple[Bill, ...]:
    return read_bills(read_request(requests.as_bytes(tree)), profile, **options)


def bill_of(tree: object, profile: Profile = NO_PROFILE, **options: Any) -> Bill:
    (found,) = bills(tree, profile, **options)
    return found


def with_lines(*lines: Tree, **changes: Any) -> Tree:
    return request(patient(encounter(fsi_order_dtos=list(lines), **changes)))


def with_encounter(**changes: Any) -> Tree:
    return request(patient(encounter(**changes)))


def only_line(line_: Tree, profile: Profile = NO_PROFILE, **changes: Any) -> Entity:
    (found,) = bill_of(with_lines(line_, **changes), profile).lines
    return found


def noted(bill: Bill, field: str) -> list[str]:
    return [note.words.en for note in bill.notes if note.field == field]


def moment(*parts: int) -> dt.datetime:
    year, month, day, *clock = parts
    return dt.datetime(year, month, day, *clock)  # noqa: DTZ001


def closed(owner: Entity, name: str) -> bool:
    return owner.collections[name].coverage.closed

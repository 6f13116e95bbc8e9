"""Sixty notes drawn by a fixed seed and read against their texts by a person: today's reading is that one.

`notes_review.csv` holds point, reading in words, words not understood and the verdict; the texts stay with
the published points. Every verdict begins with 对: no typed condition says what the text does not say.
"""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import pytest

from apps.knowledge.notes.diagnoses import DiagnosisNames
from apps.knowledge.notes.reading import read_note
from apps.knowledge.notes.telling import brief
from apps.knowledge.notes.text import is_limit, normalize
from tests.data_at_hand import data_folder, needs_data

REVIEW = Path(__file__).with_name("notes_review.csv")
SEED = 20261122
DRAWN = 60
TERM = 20


def reviewed() -> dict[str, dict[str, str]]:
    with REVIEW.open(encoding="utf-8", newline="") as file:
        return {row["知识点"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The first point of each distinct note that limits payment, with the note."""
    folder = data_folder()
    assert folder is not None
    found: dict[str, str] = {}
    with (folder / "nhsa-two-libraries" / "records.jsonl").open(encoding="utf-8") as file:
        for point in map(json.loads, file):
            text = point["constraint"]
            if text and "药品" in point["rule_class"] and is_limit(normalize(text)):
                found.setdefault(text, point["kp_id"])
    return {point: text for text, point in found.items()}


@needs_data
def test_the_review_is_of_the_notes_that_the_seed_draws(texts: dict[str, str]) -> None:
    drawn = random.Random(SEED).sample(sorted(texts), DRAWN)  # noqa: S311 - no secret
    assert set(drawn) == set(reviewed())


@needs_data
def test_notes_are_read_as_they_were_reviewed(texts: dict[str, str]) -> None:
    folder = data_folder()
    assert folder is not None
    with (folder / "icd-yb" / "icd10_yb20.csv").open(encoding="utf-8") as file:
        names = DiagnosisNames.from_rows((row["code"], row["name"]) for row in csv.DictReader(file))
    expected = {point: row["读法"] for point, row in reviewed().items()}
    assert {point: brief(read_note(texts[point], names)) for point in expected} == expected


def test_every_verdict_says_that_no_typed_condition_is_wrong() -> None:
    rows = reviewed().values()
    assert len(rows) == DRAWN
    assert all(row["结论"].startswith("对") for row in rows)


def test_the_table_quotes_no_more_than_twenty_characters() -> None:
    for row in reviewed().values():
        quotes = [piece.split("”")[0].rstrip("…") for piece in row["读法"].split("“")[1:]]
        assert all(len(quote) <= TERM for quote in quotes)

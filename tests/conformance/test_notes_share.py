"""How much of the published notes is read: at least three quarters, in every half of them."""

from __future__ import annotations

import csv
import json
import random
import sys

import pytest

from apps.knowledge.notes.diagnoses import DiagnosisNames
from apps.knowledge.notes.model import NoteReading
from apps.knowledge.notes.reading import read_note
from tests.data_at_hand import data_folder, needs_data

pytestmark = needs_data
LEAST = 75
HALVES = 10


@pytest.fixture(scope="module")
def readings() -> list[NoteReading]:
    folder = data_folder()
    assert folder is not None
    with (folder / "icd-yb" / "icd10_yb20.csv").open(encoding="utf-8") as file:
        names = DiagnosisNames.from_rows((row["code"], row["name"]) for row in csv.DictReader(file))
    with (folder / "nhsa-two-libraries" / "records.jsonl").open(encoding="utf-8") as file:
        points = [json.loads(line) for line in file]
    texts = dict.fromkeys(
        point["constraint"]
        for point in points
        if "药品" in point["rule_class"] and point["constraint"]
    )
    return [reading for text in texts if (reading := read_note(text, names)).is_limit]


def test_three_quarters_of_the_notes_are_fully_typed(readings: list[NoteReading]) -> None:
    typed = sum(reading.fully_typed for reading in readings)
    sys.stdout.write(f"\nfully typed: {typed} of {len(readings)}\n")
    assert typed * 100 >= LEAST * len(readings)


@pytest.mark.parametrize("seed", range(HALVES))
def test_so_are_three_quarters_of_any_half(seed: int, readings: list[NoteReading]) -> None:
    half = random.Random(seed).sample(readings, len(readings) // 2)  # noqa: S311 - no secret
    assert sum(reading.fully_typed for reading in half) * 100 >= LEAST * len(half)


def test_no_note_passes_without_a_condition(readings: list[NoteReading]) -> None:
    for reading in readings:
        for branch in reading.branches:
            said = (
                branch.diagnoses, branch.ages, branch.sex, branch.level,
                branch.care, branch.fund, branch.course, branch.evidence,
            )  # fmt: skip
            assert any(said), reading.text

"""Notes of our own in the manner of the catalog, read by a person: nothing is typed that a note does not say.

`notes_own.csv` holds each note, its reading and the words not understood. None of them is published;
they were written to differ from what is, so that the reader is not judged by what it was made with.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from apps.knowledge.notes.diagnoses import DiagnosisNames
from apps.knowledge.notes.reading import read_note
from apps.knowledge.notes.telling import brief
from tests.data_at_hand import data_folder, needs_data

OWN = Path(__file__).with_name("notes_own.csv")
LEAST_READ = 70  # of a hundred, every word


def notes() -> list[dict[str, str]]:
    with OWN.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def names() -> DiagnosisNames:
    folder = data_folder()
    assert folder is not None
    with (folder / "icd-yb" / "icd10_yb20.csv").open(encoding="utf-8") as file:
        return DiagnosisNames.from_rows((row["code"], row["name"]) for row in csv.DictReader(file))


@needs_data
def test_own_notes_are_read_as_they_were_judged(names: DiagnosisNames) -> None:
    found = {row["文本"]: read_note(row["文本"], names) for row in notes()}
    assert {text: brief(reading) for text, reading in found.items()} == {
        row["文本"]: row["读法"] for row in notes()
    }
    assert {text: "、".join(reading.unread) for text, reading in found.items()} == {
        row["文本"]: row["未读懂"] for row in notes()
    }


def test_most_own_notes_are_read_whole() -> None:
    whole = sum(not row["未读懂"] for row in notes())
    assert len(notes()) >= 60
    assert whole * 100 >= LEAST_READ * len(notes())


def test_every_limit_leaves_something_to_hold() -> None:
    """No alternative is empty: a note that is not understood at all does not let everything pass."""
    bare = DiagnosisNames.from_rows(())
    for row in notes():
        for branch in read_note(row["文本"], bare).branches:
            assert any(
                (
                    branch.diagnoses, branch.ages, branch.sex, branch.level, branch.care,
                    branch.fund, branch.course, branch.evidence,
                )
            ), row["文本"]  # fmt: skip

"""The edits of an outside code editor, as rules of ours, give its verdicts."""

from pathlib import Path
from typing import Any

import pytest

from tests.data_at_hand import data_folder, needs_data
from tests.oracles import code_editor
from tests.oracles.figures import WHOLE, thinned

DATA = data_folder() or Path()
EDITS = """probe_date,edit,icd10cm,age_min_allowed,age_max_allowed,sex_allowed
2023-06-15,AGE_CONFLICT,O100,9,64,
2025-11-15,AGE_CONFLICT,O100,9,64,
2023-06-15,SEX_CONFLICT,O100,,,F
2023-06-15,INVALID_CODE,Q999,,,
2025-11-15,MANIFESTATION_AS_PDX,G100,,,
2023-06-15,REQUIRES_SDX,Z100,,,
2025-11-15,REQUIRES_SDX,Z100,,,
2023-06-15,AGE_CONFLICT,Q999,0,0,
"""


def claim(day: str, age: int, sex: str, main: str, *others: str) -> dict[str, Any]:
    return {
        "discharge_date": day,
        "age": age,
        "sex": sex,
        "pdx": main,
        "sdx": list(others),
        "id": "1",
    }


@pytest.mark.parametrize(
    ("asked", "edits"),
    [
        (claim("2023-06-15", 8, "F", "O100"), {"AGE_CONFLICT": 1}),
        (claim("2023-06-15", 9, "F", "O100"), {}),
        (claim("2023-06-15", 64, "F", "A100", "O100"), {}),
        (claim("2023-06-15", 65, "M", "A100", "O100"), {"AGE_CONFLICT": 1, "SEX_CONFLICT": 1}),
        (claim("2025-11-15", 65, "M", "A100", "O100"), {"AGE_CONFLICT": 1}),
        (claim("2023-06-15", 30, "M", "Q999"), {"INVALID_CODE": 1}),  # and no age beside it
        (claim("2025-11-15", 30, "M", "Q999"), {}),
        (claim("2025-11-15", 30, "M", "G100"), {"MANIFESTATION_AS_PDX": 1}),
        (claim("2025-11-15", 30, "M", "A100", "G100"), {}),
        (claim("2023-06-15", 30, "M", "G100"), {}),
        (claim("2023-06-15", 30, "M", "Z100"), {"REQUIRES_SDX": 1}),
        (claim("2023-06-15", 30, "M", "Z100", "A100"), {}),
    ],
)
def test_the_rules_read_a_table_as_the_editor_does(
    asked: dict[str, Any], edits: dict[str, int], tmp_path: Path
) -> None:
    """On a small table of the same form, wherever the data is not at hand."""
    (tmp_path / "cms-mce-oracle").mkdir()
    (tmp_path / code_editor.FOLDER / "code_edits.csv").write_text(EDITS, encoding="utf-8")
    (tmp_path / "rules").mkdir()
    renamed = code_editor.Renamed()
    judge = code_editor.judge_in(tmp_path / "rules", tmp_path, renamed)
    found = code_editor.figures(judge, renamed, [asked | {"expected_edits": edits}])
    assert found.apart == ()


def test_renaming_keeps_codes_apart() -> None:
    renamed = code_editor.Renamed()
    codes = [f"A{number}" for number in range(2000)]
    assert len({renamed(code) for code in codes}) == len(codes)
    assert renamed("A1") == renamed("A1")


@needs_data
def test_every_claim_has_the_verdict_of_the_editor(tmp_path: Path) -> None:
    renamed = code_editor.Renamed()
    judge = code_editor.judge_in(tmp_path, DATA, renamed)
    asked = thinned(code_editor.claims(DATA), 200, whole=WHOLE)
    assert {one["discharge_date"] for one in asked} >= {code_editor.BEFORE, code_editor.AFTER}
    assert code_editor.figures(judge, renamed, asked).apart == ()

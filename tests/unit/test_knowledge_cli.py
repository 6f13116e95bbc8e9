"""`hegui knowledge diff` and `status`: what a new batch changes, and what is in force when."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from apps.cli.main import run
from tests.knowledge import drug, jsonl, record

OLD = [record(1, "药品限医疗机构级别"), record(2), record(3)]
NEW = [
    OLD[0],
    {**OLD[1], "med_codes": [drug(2, 1)]},
    record(4, "药品限医疗机构级别", supersedes="KP-sample-0001", published_at="2026-01-28"),
    record(5, "药品限就医方式"),
]


def package(folder: Path, name: str, records: list[dict[str, Any]]) -> str:
    (folder / f"{name}.jsonl").write_bytes(jsonl(records))
    out = str(folder / name)
    assert run(["knowledge", "import", str(folder / f"{name}.jsonl"), "--out", out]) == 0
    return out


def test_a_difference_is_told_by_class_and_point(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = package(tmp_path, "old", OLD), package(tmp_path, "new", NEW)
    capsys.readouterr()
    assert run(["knowledge", "diff", old, new, "--format", "json"]) == 1
    shown = json.loads(capsys.readouterr().out)
    assert shown["by_class"] == {
        "药品限医疗机构级别": {"added": 0, "removed": 0, "superseded": 1, "changed": 0},
        "药品限就医方式": {"added": 1, "removed": 0, "superseded": 0, "changed": 0},
        "药品区分性别使用": {"added": 0, "removed": 1, "superseded": 0, "changed": 1},
    }
    (changed,) = shown["changed"]
    assert (changed["point"], changed["fields"]) == ("KP-sample-0002", ["codes"])
    assert (changed["codes_added"], changed["codes_removed"]) == ([], [drug(2, 2)])
    assert shown["superseded"][0]["before"] == "KP-sample-0001"
    assert [one["point"] for one in shown["removed"]] == ["KP-sample-0003"]
    assert run(["knowledge", "diff", old, old]) == 0
    assert capsys.readouterr().out == "没有差别\n"


@pytest.mark.parametrize(
    ("options", "in_force", "not_yet"),
    [
        ([], {"药品限医疗机构级别": 1, "药品限就医方式": 1, "药品区分性别使用": 1}, 0),
        (["--known-on", "2025-01-01"], {}, 4),
        (["--known-on", "2025-12-31"], {"药品限医疗机构级别": 1, "药品限就医方式": 1, "药品区分性别使用": 1}, 1),
        (["--as-of", "2026-01-27"], {"药品限医疗机构级别": 1, "药品限就医方式": 1, "药品区分性别使用": 1}, 1),
    ],
)  # fmt: skip
def test_points_in_force(
    options: list[str],
    in_force: dict[str, int],
    not_yet: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    new = package(tmp_path, "new", NEW)
    capsys.readouterr()
    assert run(["knowledge", "status", new, *options, "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["in_force"] == in_force
    assert sum(shown["not_yet"].values()) == not_yet
    assert sum(sum(shown[word].values()) for word in ("in_force", "superseded", "not_yet")) == 4


def test_wrong_calls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["knowledge", "status", str(tmp_path)]) == 2
    assert "EN0125" in capsys.readouterr().err
    new = package(tmp_path, "new", NEW)
    assert run(["knowledge", "status", new, "--as-of", "soon"]) == 2
    assert run(["knowledge", "diff", new, new, "--format", "xml"]) == 2
    points = str(tmp_path / "new.jsonl")
    assert run(["knowledge", "import", points, "--complete", "不存在"]) == 2
    assert run(["knowledge", "import", points]) == 0
    assert "没有写出" in capsys.readouterr().out

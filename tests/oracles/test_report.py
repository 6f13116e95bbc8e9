"""docs/fidelity.md is what the report writes: its shape here, its figures where the data is."""

import re
from pathlib import Path

import pytest

from tests.data_at_hand import needs_data
from tests.oracles import report
from tests.oracles.figures import Figures, thinned

ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)


def sections(text: str) -> dict[str, list[tuple[str, ...]]]:
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return {title: ROW.findall(body) for title, body in zip(parts[1::2], parts[2::2], strict=True)}


def test_the_page_has_a_section_an_oracle() -> None:
    kept = sections(report.PAGE.read_text(encoding="utf-8"))
    assert list(kept) == list(report.ORACLES)
    for rows in kept.values():
        assert rows
        for _, _, asked, agreed, apart in rows:
            assert int(asked) == int(agreed) + int(apart)
        assert any(int(asked) > 0 for _, _, asked, _, _ in rows)


def test_the_page_begins_as_the_report_does_and_is_of_all_rows() -> None:
    assert report.PAGE.read_text(encoding="utf-8").startswith(f"{report.HEAD}\n{report.OF_ALL}")


def test_a_clean_case_lists_what_it_leaves_open() -> None:
    assert report.opened_in("甲", ["缺乙", "缺丙", "缺乙"]) == "甲 待补充 3 项：2项 缺乙；1项 缺丙"
    assert report.opened_in("甲", []) == "甲 待补充 0 项"


def test_what_differs_and_what_is_named_is_listed() -> None:
    found = {"甲": [Figures("a.csv", "某规则", 3, ("一不同",), ("一缺陷",))]}
    text = report.page(found, whole=False)
    assert report.OF_SOME in text
    assert "| a.csv | 某规则 | 3 | 2 | 1 |" in text
    assert "- a.csv：一不同" in text
    assert "- a.csv：一缺陷" in text


def test_a_share_of_the_rows_is_always_the_same() -> None:
    rows = list(range(1000))
    kept = thinned(rows, 100, whole=False)
    assert kept == thinned(rows, 100, whole=False)
    assert len(kept) == 100
    assert thinned(rows, 100, whole=True) == rows


def test_without_the_data_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEGUI_DATA", str(tmp_path / "nowhere"))
    assert report.main([]) == 3
    assert "HEGUI_DATA" in capsys.readouterr().err


@needs_data
def test_the_report_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One small oracle goes all the way to the page."""
    monkeypatch.setattr(report, "PAGE", tmp_path / "fidelity.md")
    title = "每日单位数 Units of service a day"
    monkeypatch.setattr(report, "ORACLES", {title: report.ORACLES[title]})
    assert report.main(["--write"]) == 0
    assert list(sections(report.PAGE.read_text(encoding="utf-8"))) == [title]

"""A one-column table of limits, at each limit, one above it, and with an unknown quantity."""

from pathlib import Path

from tests.data_at_hand import data_folder, needs_data
from tests.oracles import units_of_service
from tests.oracles.figures import WHOLE, thinned

DATA = data_folder() or Path()


def test_a_small_table_of_limits(tmp_path: Path) -> None:
    (tmp_path / "cms-mue").mkdir()
    rows = "hcpcs_cpt,max_units,rationale\n10000,2,x\nA0001,0,x\n0001A,300,x\n"
    (tmp_path / units_of_service.FILE).write_text(rows, encoding="utf-8")
    (tmp_path / "rules").mkdir()
    judge = units_of_service.judge_in(tmp_path / "rules", tmp_path)
    found = units_of_service.figures(judge, units_of_service.capped(tmp_path))
    assert found.asked == 9
    assert found.apart == ()


@needs_data
def test_every_limit_of_units_is_met(tmp_path: Path) -> None:
    judge = units_of_service.judge_in(tmp_path, DATA)
    rows = thinned(units_of_service.capped(DATA), 200, whole=WHOLE)
    assert units_of_service.figures(judge, rows).apart == ()

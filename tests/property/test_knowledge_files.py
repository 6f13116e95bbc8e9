"""Laws of importing: whatever a file holds, it is refused as a whole or every row has its fate."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from apps.knowledge import files, reading
from apps.knowledge.adapters import noted
from apps.knowledge.notes.diagnoses import DiagnosisNames
from apps.knowledge.points import Place, Point
from apps.knowledge.settling import settle
from engine.errors import InputError
from tests.knowledge import drug

HEADS = ["药品通用名", "逻辑依据", "药品代码", "批次", "知识点编号", "取代", "限定性别"]
CELLS = st.sampled_from(
    ["", "样品", "限三级。", drug(1), "3.31E+12", "第5批", "KP-1", "KP-2", "男", "合计"]
)
NAMES = DiagnosisNames.from_rows([("K26.900", "十二指肠溃疡")])


def settled(data: bytes) -> int | None:
    """How many rows were read, all with their fates; None where the file was refused."""
    try:
        loaded = files.read(data, "points")
    except InputError:
        return None
    rows = reading.RawRows()
    reading.of_objects(loaded, rows)
    for grid in loaded.grids:
        reading.of_grid(grid, loaded.file, rows)
    done = settle(rows, "药品区分性别使用")
    assert done.counts().total() == len(rows.points)
    assert {one.place for one in rows.points} == done.fates.keys()
    assert done.superseded <= done.points.keys()
    return len(rows.points)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_refused_or_read_whole(data: bytes) -> None:
    settled(data)


@given(st.lists(st.lists(CELLS, min_size=7, max_size=7), min_size=1, max_size=8))
def test_every_row_of_a_table_has_a_fate(rows: list[list[str]]) -> None:
    text = "\n".join(",".join(row) for row in [HEADS, *rows])
    filled = sum(any(row) for row in rows)
    assert settled(text.encode()) == filled


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["kp_id", "rule_class", "item_name", "med_codes", "supersedes"]),
            CELLS | st.lists(CELLS, max_size=3) | st.none() | st.integers() | st.floats(),
            min_size=1,
        ),
        min_size=2,
        max_size=6,
    )
)
def test_every_record_has_a_fate(records: list[dict[str, object]]) -> None:
    records[0]["kp_id"] = "KP-1"
    data = "\n".join(json.dumps(one, ensure_ascii=False) for one in records).encode()
    assert settled(data) == len(records)


@given(st.text(alphabet="限成人儿童或且岁级二三住院、，；。1234.十二指肠溃疡", max_size=40))
def test_a_note_gives_whole_rows_or_none(text: str) -> None:
    point = Point("KP-1", "药品限适应症", "", "", "", "", "样品", text, "", (), Place("p", "", 1))
    for cells in noted(point, NAMES):
        assert {"分支", "诊断", "条件数", "条件", "限定", "疗程"} <= cells.keys()
        assert cells["分支"].isdigit()

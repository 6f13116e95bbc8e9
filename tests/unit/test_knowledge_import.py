"""Files of knowledge points: every row has its fate, and the tables hold what the points say."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from apps.cli.main import run
from apps.knowledge.importing import Asked, Imported, import_files
from apps.knowledge.packing import files_of
from apps.knowledge.points import batch_of
from apps.packages import load
from tests.data_at_hand import data_folder, needs_data
from tests.knowledge import NATIONAL, drug, jsonl, published, record, said

SEX = f"{NATIONAL}/药品性别.csv"
LEVEL = f"{NATIONAL}/药品级别.csv"


def imported(folder: Path, *files: tuple[str, bytes], rule_class: str = "") -> Imported:
    paths = []
    for name, data in files:
        (folder / name).write_bytes(data)
        paths.append(folder / name)
    return import_files(paths, Asked(rule_class))


def rows_of(done: Imported, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files_of(done)[path].decode())))


def counts(done: Imported) -> tuple[int, int, int, int]:
    found = done.counts()
    assert found["read"] == found["imported"] + found["superseded"] + found["rejected"]
    return found["read"], found["imported"], found["superseded"], found["rejected"]


def kinds(done: Imported) -> list[tuple[int, str]]:
    return [(one.place.row, one.kind) for one in done.rejected]


def test_points_fill_their_table_with_all_that_tells_where_they_come_from(tmp_path: Path) -> None:
    done = imported(tmp_path, ("p.jsonl", jsonl([record(1)])))
    assert counts(done) == (1, 1, 0, 0)
    assert rows_of(done, SEX)[0] == {
        "药品": drug(1, 1),
        "性别": "女",
        "来源": "国家医保局两库 第1批 2025-05-23 知识点 KP-sample-0001",
        "知识点": "KP-sample-0001",
        "批次": "第1批",
        "发布日期": "2025-05-23",
        "入库": "2025-05-23",
    }
    assert [row["药品"] for row in rows_of(done, SEX)] == [drug(1, 1), drug(1, 2)]


def test_a_superseding_point_leaves_the_older_one_for_the_days_before_it_was_known(
    tmp_path: Path,
) -> None:
    newer = record(
        2, "药品限医疗机构级别", constraint="限三级医院。", supersedes="KP-sample-0001",
        published_at="2026-01-28", batch="updates_2026-01", med_codes=[drug(1, 1)],
    )  # fmt: skip
    done = imported(tmp_path, ("p.jsonl", jsonl([record(1, "药品限医疗机构级别"), newer])))
    assert counts(done) == (2, 1, 1, 0)
    shown = [(r["最低级别"], r["入库"], r["取代"]) for r in rows_of(done, LEVEL)]
    assert shown == [
        ("二级", "2025-05-23", ""),
        ("三级", "2026-01-28", "KP-sample-0001"),
        ("二级", "2025-05-23", ""),
    ]


def test_duplicates_contradictions_and_damage_are_told_by_row(tmp_path: Path) -> None:
    lines = [
        record(1),
        record(1),  # the same once more
        record(2),
        record(2, constraint="用于男性的样品。"),  # the same id, other content
        record(3, rule_class=""),
        record(4, item_name="", med_codes=[]),
        record(5, med_codes=["3.31E+12", "1102000040000.0"]),
        record(6, med_codes=[drug(6), "不是编码"]),
        record(7, supersedes="KP-sample-0008"),
        record(8, supersedes="KP-sample-0007"),
    ]
    done = imported(tmp_path, ("p.jsonl", jsonl(lines) + b"{broken\n"))
    assert counts(done) == (11, 2, 0, 9)
    assert kinds(done) == [
        (2, "duplicate"),
        (3, "contradiction"),
        (4, "contradiction"),
        (5, "no-class"),
        (6, "damaged"),
        (7, "malformed-code"),
        (9, "circle"),
        (10, "circle"),
        (11, "damaged"),
    ]
    assert [(one.place.row, one.kind) for one in done.remarks] == [(8, "malformed-code")]
    assert {row["药品"] for row in rows_of(done, SEX)} == {drug(1, 1), drug(1, 2), drug(6)}


def test_the_published_workbook_says_the_same_as_the_records(tmp_path: Path) -> None:
    records = [record(number, "药品限医疗机构级别") for number in range(1, 6)]
    title = "第五批“药品限医疗机构级别”规则对应知识点明细"
    done = imported(tmp_path, ("第五批.xlsx", published(records, title)))
    assert counts(done) == (7, 5, 0, 2)
    assert [kind for _, kind in kinds(done)] == ["footer", "footer"]
    plain = imported(tmp_path, ("p.jsonl", jsonl(records)))
    assert {said(one) for one in done.settled.points.values()} == {
        said(one) for one in plain.settled.points.values()
    }
    assert {one.batch for one in done.settled.points.values()} == {"第5批"}
    assert {one.published for one in done.settled.points.values()} == {"2025-08-14"}


def test_typed_limits_beside_the_points_complete_them(tmp_path: Path) -> None:
    plain = record(1, constraint="样品。")
    alone = imported(tmp_path, ("p.jsonl", jsonl([plain])))
    assert rows_of(alone, SEX) == []
    assert alone.tables[SEX].untyped == {drug(1, 1), drug(1, 2)}
    typed = "药品通用名,药品说明,限定类型,限定对象\n样品1片,样品,限定性别对象,男\n"
    done = imported(tmp_path, ("p.jsonl", jsonl([plain])), ("b01_sex.csv", typed.encode()))
    assert counts(done) == (2, 2, 0, 0)
    assert {row["性别"] for row in rows_of(done, SEX)} == {"男"}
    assert len(done.settled.points) == 1


def test_gbk_is_decoded_and_told(tmp_path: Path) -> None:
    text = f"药品通用名,逻辑依据,药品代码\n样品1片,限三级医院。,{drug(1)}\n"
    done = imported(tmp_path, ("p.csv", text.encode("gbk")), rule_class="药品限医疗机构级别")
    assert counts(done) == (1, 1, 0, 0)
    assert [one.kind for one in done.remarks] == ["decoded"]
    assert rows_of(done, LEVEL)[0]["最低级别"] == "三级"


def test_a_package_is_written_whole_and_imports_again_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_bytes(jsonl([record(1), record(2, "药品相互作用")]))
    out = tmp_path / "kp"
    assert run(["knowledge", "import", str(tmp_path / "p.jsonl"), "--out", str(out)]) == 0
    first = load(out)
    assert first.manifest["without_table"] == {"药品相互作用": 1}
    again = tmp_path / "again"
    assert run(["knowledge", "import", str(out / "points.jsonl"), "--out", str(again)]) == 0
    assert load(again).tables == first.tables
    assert (again / "points.jsonl").read_text("utf-8").count("\n") == 2
    assert sorted(one.name for one in tmp_path.iterdir()) == ["again", "kp", "p.jsonl"]


def test_the_report_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.jsonl").write_bytes(jsonl([record(1), record(1)]))
    arguments = ["knowledge", "import", str(tmp_path / "p.jsonl"), "--out", str(tmp_path / "kp")]
    assert run([*arguments, "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["read"], shown["imported"], shown["rejected"]) == (2, 1, 1)
    assert shown["rejected_rows"][0]["file"] == "p.jsonl"
    assert shown["rejected_rows"][0]["row"] == 2
    assert "重复" in shown["rejected_rows"][0]["reason"]["zh"]


def test_what_is_no_package_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_bytes(jsonl([record(1)]))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    arguments = ["knowledge", "import", str(tmp_path / "p.jsonl"), "--out", str(tmp_path / "mine")]
    assert run(arguments) == 2
    assert [one.name for one in (tmp_path / "mine").iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("限二线用药。", (True, 1)),
        ("限晚期样品癌的三线治疗。", (True, 2)),
        ("限样品药治疗效果不佳的成人患者。", (True, 1)),
        ("限既往接受过样品治疗的患者。", (False, 1)),
        ("限既往至少接受过两种系统治疗的患者。", (False, 2)),
        ("限既往经样品化疗失败的患者。", (True, 1)),
        ("限：1.样品癌二线治疗；2.样品瘤三线治疗。", (True, 1)),
        ("限对样品药不耐受的以下患者：1.样品病；2.样品癌。", (True, 1)),
        ("限：1.既往样品药治疗失败的样品癌；2.样品癌的维持治疗。", None),
        ("限未接受过样品治疗的患者。", None),
        ("限样品病患者。", None),
    ],
)
def test_second_line_points_say_what_came_before(
    tmp_path: Path, text: str, said: tuple[bool, int] | None
) -> None:
    done = imported(tmp_path, ("p.jsonl", jsonl([record(1, "药品限二线使用", constraint=text)])))
    table = done.tables["cn/national/drug_terms/二线药品.csv"]
    rows = {(row["一线药类"], row["须无效"], row["至少次数"]) for row in table.rows}
    assert rows == (set() if said is None else {("", "是" if said[0] else "否", str(said[1]))})
    assert table.untyped == ({drug(1, 1), drug(1, 2)} if said is None else set())


def test_an_operation_in_several_groups_is_left_open(tmp_path: Path) -> None:
    kind, item, other = "手术项目未按规定折价收费", "009900000010000", "009900000020000"
    points = [
        record(1, kind, constraint="样品手术组", med_codes=[item, other]),
        record(2, kind, constraint="别样手术组", med_codes=[item]),
    ]
    done = imported(tmp_path, ("p.jsonl", jsonl(points)))
    table = done.tables["cn/national/operations/手术折价.csv"]
    assert [(row["项目"], row["手术组"]) for row in table.rows] == [(other, "样品手术组")]
    assert table.untyped == {item}
    assert [one.kind for one in done.remarks] == ["several-groups"]
    newer = [
        points[0],
        {**points[1], "supersedes": points[0]["kp_id"], "published_at": "2026-01-28"},
    ]
    done = imported(tmp_path, ("p.jsonl", jsonl(newer)))
    assert not done.tables["cn/national/operations/手术折价.csv"].untyped


@pytest.mark.parametrize(
    ("text", "batch"),
    [
        ("第十七批“药品限适应症”规则", "第17批"),
        ("第二十一批", "第21批"),
        ("batch_04", "第4批"),
        ("b08_1_service.csv", "第8批"),
        ("updates_2026-01", "2026年1月更新"),
        ("第3批", "第3批"),
        ("records.jsonl", ""),
    ],
)
def test_batches(text: str, batch: str) -> None:
    assert batch_of(text) == batch


def public_records() -> tuple[Path, list[str]]:
    folder = data_folder()
    assert folder is not None
    path = folder / "nhsa-two-libraries" / "records.jsonl"
    return path, [line for line in path.read_text("utf-8").split("\n") if line.strip()]


@pytest.mark.parametrize("rule_class", ["药品限二线使用", "药品限支付疗程", "药品区分性别使用"])
@needs_data
def test_public_records_say_the_same_as_a_published_workbook(
    tmp_path: Path, rule_class: str
) -> None:
    records = [one for line in public_records()[1] if (one := json.loads(line))]
    by_name = {
        one["item_name"]: one
        for one in records
        if one["rule_class"] == rule_class and not one.get("supersedes") and one["med_codes"]
    }
    own = list(by_name.values())  # the sheet of codes tells points by their names
    book = published(own, f"第九批“{rule_class}”规则对应知识点明细")
    done = imported(tmp_path, ("第九批.xlsx", book))
    assert counts(done) == (len(own) + 2, len(own), 0, 2)
    plain = [{**one, "supersedes": None} for one in own]
    alone = imported(tmp_path, ("p.jsonl", jsonl(plain)))
    assert {said(one) for one in done.settled.points.values()} == {
        said(one) for one in alone.settled.points.values()
    }


@needs_data
def test_no_row_of_the_public_points_is_unaccounted_for() -> None:
    path, lines = public_records()
    read, here, superseded, rejected = counts(import_files([path], Asked()))
    assert read == len(lines)
    assert rejected == 0
    assert superseded == sum('"supersedes": "KP' in line for line in lines)
    assert here == read - superseded
    assert read == 2720

"""Files of knowledge that mean harm, or have been through a spreadsheet program once too often."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from apps.cli.main import run
from apps.knowledge.importing import Asked, Imported, import_files
from engine import errors
from engine.errors import InputError
from tests.knowledge import drug, jsonl, published, record
from tests.sheets import as_xlsx

HEADS = ["药品通用名", "逻辑依据", "药品代码"]
LEVEL = "药品限医疗机构级别"
TEXT = "限二级及以上医疗机构。"


def imported(folder: Path, data: bytes, name: str = "points.xlsx") -> Imported:
    (folder / name).write_bytes(data)
    return import_files([folder / name], Asked(LEVEL))


def refused(folder: Path, data: bytes, name: str = "points.xlsx") -> InputError:
    with pytest.raises(InputError) as caught:
        imported(folder, data, name)
    assert name in caught.value.place
    return caught.value


def written(write: Callable[[Any, Any], None]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet("知识点")
        for column, head in enumerate(HEADS):
            sheet.write_string(0, column, head)
        write(sheet, book)
    return made.getvalue()


def fates(done: Imported) -> tuple[int, int]:
    found = done.counts()
    assert found["read"] == found["imported"] + found["superseded"] + found["rejected"]
    return found["imported"], found["rejected"]


def test_codes_that_became_numbers_are_refused_by_row(tmp_path: Path) -> None:
    rows = [HEADS, ["样品1片", TEXT, Decimal("1102000040000")], ["样品2片", TEXT, "3.31E+12"]]
    rows += [["样品3片", TEXT, "331001018000000000.0"], ["样品4片", TEXT, drug(4)]]
    done = imported(tmp_path, as_xlsx({"知识点": rows}))
    assert fates(done) == (1, 3)
    assert {(one.place.row, one.kind) for one in done.rejected} == {
        (2, "malformed-code"), (3, "malformed-code"), (4, "malformed-code"),
    }  # fmt: skip
    assert all("表格软件" in one.words.zh for one in done.rejected)


def test_formulas_are_read_by_their_results_and_told(tmp_path: Path) -> None:
    def write(sheet: Any, _: Any) -> None:
        sheet.write_formula(1, 0, '="样品"&1&"片"', None, "样品1片")
        sheet.write_string(1, 1, TEXT)
        sheet.write_string(1, 2, drug(1))
        sheet.write_formula(2, 0, '=HYPERLINK("http://example.invalid")', None, "")
        sheet.write_string(2, 1, TEXT)
        sheet.write_formula(3, 2, "=1/0", None, "#DIV/0!")
        sheet.write_string(3, 0, "样品3片")

    done = imported(tmp_path, written(write))
    assert [point.name for point in done.settled.points.values()] == ["样品1片"]
    assert fates(done) == (1, 2)
    assert {one.kind for one in done.rejected} == {"damaged"}
    assert {one.place.row for one in done.remarks if one.kind == "formula"} == {2, 3, 4}


def test_merged_heads_over_two_rows_are_read_as_one(tmp_path: Path) -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet("知识点")
        sheet.merge_range(0, 0, 0, 5, "“医疗服务项目重复收费”规则对应知识点明细")
        sheet.merge_range(1, 0, 1, 1, "项目A")
        sheet.merge_range(1, 2, 1, 3, "项目B")
        for column, head in enumerate(["名称", "代码", "名称", "代码", "时间区间", "逻辑依据"]):
            sheet.write_string(2, column, head)
        for column, text in enumerate(
            ["样品护理", "009900000010000", "样品床位", "009900000020000", "单日", "含床位"]
        ):
            sheet.write_string(3, column, text)
    done = imported(tmp_path, made.getvalue())
    (point,) = done.settled.points.values()
    assert point.codes == ("009900000010000", "009900000020000")
    assert point.rule_class == "医疗服务项目重复收费"
    assert point.typed["window"] == "单日"


def test_a_merged_cell_leaves_rows_without_a_name(tmp_path: Path) -> None:
    def write(sheet: Any, _: Any) -> None:
        sheet.merge_range(1, 0, 2, 0, "样品1片")
        sheet.write_string(1, 1, TEXT)
        sheet.write_string(1, 2, drug(1))
        sheet.write_string(2, 1, TEXT)

    done = imported(tmp_path, written(write))
    assert fates(done) == (1, 1)
    assert [(one.place.row, one.kind) for one in done.rejected] == [(3, "damaged")]


def test_a_sheet_of_something_else_is_told_and_alone_refused(tmp_path: Path) -> None:
    good = [HEADS, ["样品1片", TEXT, drug(1)]]
    done = imported(tmp_path, as_xlsx({"封面": [["通知"], ["各位同事"]], "知识点": good}))
    assert fates(done) == (1, 0)
    assert [(one.place.sheet, one.kind) for one in done.remarks] == [("封面", "sheet-not-read")]
    error = refused(tmp_path, as_xlsx({"封面": [["通知"], ["各位同事"]]}))
    assert error.code == errors.NOT_A_TABLE
    assert "封面" in error.words.zh


def test_too_many_rows_are_refused_whole(tmp_path: Path) -> None:
    line = "样品,限,X\n"
    data = (",".join(HEADS) + "\n" + line * 200_000).encode()
    assert refused(tmp_path, data, "points.csv").code == errors.TOO_MANY_CELLS
    rows = jsonl([record(1)]) * 200_000
    assert refused(tmp_path, rows, "points.jsonl").code == errors.TOO_MANY_CELLS


def test_a_large_catalog_is_read_whole(tmp_path: Path) -> None:
    """A national catalog has even more: it is no attack, and every row has its fate."""
    lines = [f"{drug(n % 1000, 1 + n // 1000)}\t样品{n}片\t01\t1" for n in range(50_000)]
    head = "MED_LIST_CODG\tREG_NAME\tchrgitm_lv\tVALI_FLAG"
    data = "\n".join([head, *lines, lines[0]]).encode()
    (tmp_path / "1301.txt").write_bytes(data)
    done = import_files([tmp_path / "1301.txt"], Asked())
    assert fates(done) == (50_000, 1)
    assert [(one.place.row, one.kind) for one in done.rejected] == [(50_002, "duplicate")]


def test_codes_of_a_catalog_that_became_floats_are_refused_by_row(tmp_path: Path) -> None:
    """Eighteen digits that became a float have lost their end: nobody guesses it."""
    rows = [["MED_LIST_CODG", "SERVITEM_NAME"], [Decimal(331001018000000123), "样品手术"]]
    rows += [["331001018000000123.0", "样品手术"], ["3.31001018E+17", "样品手术"]]
    rows += [["003310010180000", "样品手术"]]
    (tmp_path / "1305.xlsx").write_bytes(as_xlsx({"Sheet1": rows}))
    done = import_files([tmp_path / "1305.xlsx"], Asked())
    assert fates(done) == (1, 3)
    assert {one.kind for one in done.rejected} == {"malformed-code"}
    text = "MED_LIST_CODG,SERVITEM_NAME\n003310010180000,样品手术\n"
    (tmp_path / "1305.csv").write_bytes(text.encode("gbk"))
    done = import_files([tmp_path / "1305.csv"], Asked())
    assert fates(done) == (1, 0)
    assert [one.kind for one in done.remarks] == ["decoded"]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "empty.csv"),
        (b"PK\x03\x04 no archive", "points.xlsx"),
        (bytes.fromhex("d0cf11e0a1b11ae1"), "old.xls"),
        ("药品通用名,逻辑依据\n\"样品,限\n".encode(), "quotes.csv"),
        (b"\xff\xff\x00\x81\x81\xfe\xfe" * 9, "noise.csv"),
        (b"{" * 50_000, "deep.jsonl"),
        (b"[" * 50_000, "deep.json"),
        (b"[1, 2", "cut.json"),
        ("药品通用名,逻辑依据\n样品\x00,限\n".encode(), "nul.csv"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, data: bytes, name: str
) -> None:
    assert refused(tmp_path, data, name).code.startswith("EN01")


def test_a_bad_file_among_good_ones_leaves_no_package(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.jsonl").write_bytes(jsonl([record(1)]))
    (tmp_path / "bad.xlsx").write_bytes(b"PK\x03\x04")
    good, bad, out = (str(tmp_path / name) for name in ("good.jsonl", "bad.xlsx", "kp"))
    assert run(["knowledge", "import", good, bad, "--out", out]) == 2
    assert "bad.xlsx" in capsys.readouterr().err
    assert sorted(one.name for one in tmp_path.iterdir()) == ["bad.xlsx", "good.jsonl"]
    assert run(["knowledge", "import", good, "--out", out]) == 0
    before = {one: one.read_bytes() for one in (tmp_path / "kp").rglob("*") if one.is_file()}
    assert run(["knowledge", "import", bad, "--out", out]) == 2
    assert {
        one: one.read_bytes() for one in (tmp_path / "kp").rglob("*") if one.is_file()
    } == before
    assert run(["knowledge", "import", str(tmp_path / "none.csv"), "--out", out]) == 2


def test_a_changed_package_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.jsonl").write_bytes(jsonl([record(1)]))
    out = tmp_path / "kp"
    assert run(["knowledge", "import", str(tmp_path / "p.jsonl"), "--out", str(out)]) == 0
    table = out / "cn/national/drug_limits/药品性别.csv"
    table.write_text(table.read_text("utf-8").replace("女", "男"), "utf-8")
    assert run(["compile", "shipped", "--knowledge", str(out)]) == 2
    assert "EN0125" in capsys.readouterr().err
    (out / "manifest.json").write_text('{"format": 1, "tables": {"../../x": {}}, "complete": []}')
    assert run(["compile", "shipped", "--knowledge", str(out)]) == 2
    (out / "manifest.json").write_text("{" * 9000)
    assert run(["compile", "shipped", "--knowledge", str(out)]) == 2
    assert run(["compile", "shipped", "--knowledge", str(tmp_path / "none")]) == 2


def test_footers_and_repeated_heads_are_no_points(tmp_path: Path) -> None:
    rows = published([record(1, LEVEL)], "第五批“药品限医疗机构级别”规则")
    assert fates(imported(tmp_path, rows)) == (1, 2)
    text = ",".join(HEADS) + f"\n样品1片,{TEXT},{drug(1)}\n" + ",".join(HEADS) + "\n备注：样张,,\n"
    done = imported(tmp_path, text.encode(), "p.csv")
    assert [(one.place.row, one.kind) for one in done.rejected] == [(3, "heading"), (4, "footer")]

"""Files that mean harm, or have been through a spreadsheet program once too often."""

import csv
import io
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Mapping

import pytest

from apps.sheets import read
from engine import errors
from engine.errors import InputError
from engine.intake.sheet import read_workbook
from tests.sheets import as_csv, as_xlsx

MEGABYTE = 1024 * 1024
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PART = "xl/worksheets/sheet1.xml"
HONEST = as_xlsx({"明细": [["就诊号", "编码"], ["E1", "X"]]})
SECONDS, MOST_MEMORY = 10, 300 * MEGABYTE


def rebuilt(parts: Mapping[str, bytes], base: bytes = HONEST) -> bytes:
    """A workbook with some parts put in the place of others."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(base)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        kept = {name: old.read(name) for name in old.namelist()}
        for name, content in (kept | dict(parts)).items():
            new.writestr(name, content)
    return made.getvalue()  # fmt: skip


def sheet(content: bytes) -> bytes:
    return b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (MAIN.encode(), content)


def refused(data: bytes, name: str = "bill.xlsx") -> InputError:
    """The refusal, which comes quickly."""
    began = time.process_time()
    with pytest.raises(InputError) as caught:
        read_workbook(read(data, name))
    assert time.process_time() - began < SECONDS
    return caught.value


def refused_in_little_memory(data: bytes) -> InputError:
    """The refusal of a bomb; tracing the memory takes time of its own, so it is refused twice."""
    tracemalloc.start()
    try:
        with pytest.raises(InputError):
            read(data, "bill.xlsx")
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    return refused(data)


# Bombs


def test_a_bomb_by_its_declared_size() -> None:
    bomb = rebuilt({PART: b" " * (60 * MEGABYTE)})
    assert len(bomb) < MEGABYTE
    assert refused_in_little_memory(bomb).code == errors.WORKBOOK_TOO_LARGE
    beside = rebuilt({"xl/media/image1.png": b" " * (60 * MEGABYTE)})
    assert refused_in_little_memory(beside).code == errors.WORKBOOK_TOO_LARGE


def test_a_bomb_that_declares_to_be_small() -> None:
    size = 60 * MEGABYTE + 7
    bomb = bytearray(rebuilt({PART: b" " * size}))
    lie, at = struct.pack("<I", 500), -1
    found = 0
    while (at := bomb.find(struct.pack("<I", size), at + 1)) >= 0:
        bomb[at : at + 4] = lie
        found += 1
    assert found >= 2, "the directory and the part itself"
    assert refused_in_little_memory(bytes(bomb)).code in {
        errors.NOT_A_TABLE,
        errors.WORKBOOK_TOO_LARGE,
    }


def test_a_file_over_the_limit_is_not_looked_at() -> None:
    found = refused(b"PK" + b"\0" * (5 * MEGABYTE))
    assert found.code == errors.TOO_LARGE
    assert refused(b"a," * (3 * MEGABYTE), "bill.csv").code == errors.TOO_LARGE


def test_two_cells_far_apart_are_not_laid_out() -> None:
    far = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert refused(rebuilt({PART: sheet(far)})).code == errors.TOO_MANY_CELLS
    hidden = b'<row r="1"><c a=">" r="&#88;FD1048576"><v>1</v></c></row>'
    assert refused(rebuilt({PART: sheet(hidden)})).code == errors.TOO_MANY_CELLS


def test_a_long_text_shared_by_many_cells_is_not_repeated() -> None:
    text = b'<sst xmlns="%s"><si><t>%s</t></si></sst>' % (MAIN.encode(), b"x" * 60_000)
    many = sheet(
        b"".join(b"<row>" + b'<c t="s"><v>0</v></c>' * 20 + b"</row>" for _ in range(5_000))
    )
    bomb = rebuilt({PART: many, "xl/sharedStrings.xml": text})
    assert refused_in_little_memory(bomb).code == errors.WORKBOOK_TOO_LARGE
    longer = text.replace(b"x" * 60_000, b"x" * 70_000)
    assert refused(rebuilt({"xl/sharedStrings.xml": longer})).code == errors.TEXT_TOO_LONG


def test_millions_of_elements_are_counted_before_they_are_read() -> None:
    assert refused(rebuilt({PART: sheet(b"<a/>" * 12_000_000)})).code == errors.TOO_MANY_CELLS


def test_entities_are_not_expanded() -> None:
    with zipfile.ZipFile(io.BytesIO(HONEST)) as archive:
        book = archive.read("xl/workbook.xml").partition(b"?>")[2]
    lol = b"".join(b'<!ENTITY l%d "%s">' % (n + 1, b"&l%d;" % n * 10) for n in range(9))
    doctype = b'<!DOCTYPE x [<!ENTITY l0 "lol">' + lol + b"]>"
    found = refused(rebuilt({"xl/workbook.xml": doctype + book}))
    assert found.code == errors.NOT_A_TABLE
    assert (
        refused(rebuilt({PART: doctype + sheet(b"<row><c><v>&l9;</v></c></row>")})).code
        == errors.NOT_A_TABLE
    )


def test_csv_with_endless_columns_or_cells() -> None:
    assert refused(("就诊号," + "a," * 20_000).encode(), "bill.csv").code == errors.TOO_MANY_CELLS
    wide = "就诊号" + "," * 10_000 + "\n"
    assert (
        refused((wide + ("E" + "," * 10_000 + "\n") * 200).encode(), "bill.csv").code
        == errors.TOO_MANY_CELLS
    )
    long = '就诊号,名称\nE1,"' + "长" * 30_000 + '"\n'
    assert refused(long.encode(), "bill.csv").code == errors.TEXT_TOO_LONG
    assert refused(b"encounter_no\n" + b"E\n" * 60_000, "bill.csv").code == errors.TOO_MANY_CELLS
    rows = sheet(b"<row><c/></row>" * 60_000)
    assert refused(rebuilt({PART: rows})).code == errors.TOO_MANY_CELLS
    field = '就诊号,名称\nE1,"' + "x" * 200_000 + '"\n'
    assert refused(field.encode(), "bill.csv").code in {errors.NOT_A_TABLE, errors.TEXT_TOO_LONG}


# What is no workbook


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        b"",
        b"PK\x03\x04 and nothing behind",
        bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600,
        HONEST[: len(HONEST) // 2],
        HONEST[100:],
    ],
)
def test_no_workbook_under_its_name(data: bytes) -> None:
    assert refused(data).code == errors.NOT_A_TABLE


def test_archives_of_other_kinds() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("content.xml", "<office/>")
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert refused(made.getvalue()).code == errors.NOT_A_TABLE
    for part in ("xl/workbook.xml", PART, "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"):
        assert refused(rebuilt({part: b"<broken"})).code == errors.NOT_A_TABLE
    assert (
        refused(rebuilt({PART: sheet(b'<row><c t="s"><v>99</v></c></row>')})).code
        == errors.NOT_A_TABLE
    )
    assert (
        refused(rebuilt({PART: sheet(b'<row r="x"><c r="??"/></row>')})).code == errors.NOT_A_TABLE
    )


def test_compressions_that_no_workbook_uses() -> None:
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(HONEST)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert refused(made.getvalue()).code == errors.NOT_A_TABLE


def test_one_part_twice() -> None:
    made = io.BytesIO(HONEST)
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr("XL/Worksheets/Sheet1.xml", b"x")
    assert refused(made.getvalue()).code == errors.NOT_A_TABLE


# What spreadsheet programs and people do


def test_gbk() -> None:
    found = refused("就诊号,名称\nE1,青霉素\n".encode("gb18030"), "bill.csv")
    assert found.code == errors.NOT_UTF8


def test_codes_turned_into_numbers() -> None:
    code = 123456789012345678
    numeric = sheet(
        b'<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
        b'<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2"><v>%d</v></c></row>' % code
    )
    found = refused(rebuilt({PART: numeric}))
    assert (found.code, found.place) == (errors.NUMBER_FOR_CODE, "bill.xlsx#明细!R2C编码")
    found = refused(as_csv([["就诊号", "编码"], ["E1", "1.23457E+17"]]), "bill.csv")
    assert (found.code, found.place) == (errors.NUMBER_FOR_CODE, "bill.csv#明细!R2C编码")


def test_a_code_as_text_keeps_its_digits() -> None:
    (bill,) = read_workbook(
        read(as_xlsx({"明细": [["就诊号", "编码"], ["E1", "003311040160000"]]}), "b.xlsx")
    )
    assert bill.lines[0].value("item").choices == {"003311040160000"}


def test_formulas_in_texts_are_texts() -> None:
    rows = [["就诊号", "名称"], ["=1+1", '=HYPERLINK("http://x")']]
    for data, name in ((as_csv(rows), "b.csv"), (as_xlsx({"明细": rows}), "b.xlsx")):
        (bill,) = read_workbook(read(data, name))
        assert bill.encounter.key == "=1+1"
        assert bill.lines[0].value("name").choices == {rows[1][1]}


def test_a_merged_title_above_the_heads() -> None:
    rows = [["某医院费用明细", None], ["就诊号", "编码"], ["E1", "X"]]
    found = refused(as_xlsx({"明细": rows}))
    assert (found.code, found.place) == (errors.NO_COLUMN, "bill.xlsx#明细!R1")


def test_merged_keys() -> None:
    rows = [["就诊号", "名称"], ["E1", "甲"], [None, "乙"]]
    found = refused(as_xlsx({"明细": rows}))
    assert (found.code, found.place) == (errors.NO_KEY, "bill.xlsx#明细!R3")


def test_missing_columns() -> None:
    assert refused(as_csv([["编码"], ["X"]]), "bill.csv").code == errors.NO_COLUMN
    assert refused(b"\n", "bill.csv").code == errors.NO_COLUMN
    assert refused(b"", "bill.csv").code == errors.NO_COLUMN
    (bill,) = read_workbook(read(as_csv([["就诊号"], ["E1"]]), "bill.csv"))
    assert len(bill.lines) == 1


def test_ten_thousand_columns() -> None:
    heads = ["就诊号", "数量", *(f"列{number}" for number in range(10_000))]
    began = time.process_time()
    (bill,) = read_workbook(read(as_csv([heads, ["E1", "2", *["x"] * 10_000]]), "bill.csv"))
    assert time.process_time() - began < 3 * SECONDS
    assert bill.lines[0].value("quantity").is_known
    assert len(bill.notes) < 40


def test_quotes_that_swallow_the_rest_of_the_file() -> None:
    data = "就诊号,名称\n" + "E1,甲\n" * 1000 + 'E1,"乙\n' + "E1,丙\n" * 1000
    assert refused(data.encode(), "bill.csv").code == errors.NOT_A_TABLE


def test_no_global_setting_of_the_csv_reader_is_changed() -> None:
    before = csv.field_size_limit()
    read("就诊号,名称\nE1,甲\n".encode(), "bill.csv")
    assert csv.field_size_limit() == before

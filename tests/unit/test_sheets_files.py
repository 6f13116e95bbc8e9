"""CSV files and workbooks to sheets: what a file is, what its cells are; and the template."""

import builtins
import datetime as dt
import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter

from apps import rulesets, sheets
from apps.sheet_template import columns
from apps.sheets import form_of, read, template
from engine import errors
from engine.errors import InputError
from engine.intake.sheet import read_workbook
from engine.intake.sheet_names import KEY, SHEETS
from engine.intake.workbooks import NO_RESULT, Cell, Fault, Sheet
from engine.profile import Profile
from rulelang import vocabulary
from tests.requests import request
from tests.sheets import as_csv, as_xlsx, repeated, sheets_of, workbook

CSV = "就诊号,数量,名称\r\nE1,2,甲\r\n"


def rows_of(data: bytes, name: str = "bill.csv", sheet: str = "明细") -> list[tuple[Cell, ...]]:
    return [row.cells for row in read(data, name).sheets[sheet].rows]


def refused(data: bytes, name: str = "bill.csv") -> InputError:
    with pytest.raises(InputError) as caught:
        read(data, name)
    return caught.value


def written(write: Callable[[Any, Any], None], name: str = "明细") -> Sheet:
    """The sheet that is read back from a workbook that `write` has filled."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        write(book.add_worksheet(name), book)
    return read(made.getvalue(), "bill.xlsx").sheets[name]


# What a file is


@pytest.mark.parametrize(
    ("data", "name", "form"),
    [
        (b'{"infno": 1}', "request.json", "request"),
        (b'\xef\xbb\xbf {"infno": 1}', "request.csv", "request"),
        (b"PK\x03\x04", "bill.json", "workbook"),
        (bytes.fromhex("d0cf11e0a1b11ae1"), "bill", "workbook"),
        (CSV.encode(), "-", "csv"),
        (b"\xef\xbb\xbf" + CSV.encode(), "bill", "csv"),
        (b"a,b", "bill.csv", "csv"),
        (b"hello", "bill.XLSX", "workbook"),
        (b"hello", "-", "request"),
        (b"", "request.json", "request"),
    ],
)
def test_a_file_is_what_it_holds(data: bytes, name: str, form: str) -> None:
    assert form_of(data, name) == form


# CSV


def test_csv_with_and_without_a_mark_and_with_any_delimiter() -> None:
    wanted: list[tuple[Cell, ...]] = [("E1", "2", "甲")]
    assert rows_of(CSV.encode()) == wanted
    assert rows_of(b"\xef\xbb\xbf" + CSV.encode()) == wanted
    assert rows_of(CSV.replace(",", ";").encode()) == wanted
    assert rows_of(CSV.replace(",", "\t").replace("\r\n", "\n").encode()) == wanted


def test_the_heads_tell_the_delimiter_not_the_rows() -> None:
    data = "就诊号;名称\nE1;甲,乙\n".encode()
    assert rows_of(data) == [("E1", "甲,乙")]
    found = refused("就诊号;数量,名称\nE1;2,甲\n".encode())
    assert (found.code, found.place) == (errors.NOT_A_TABLE, "line 1")
    assert rows_of('就诊号,"名称;全名"\nE1,甲\n'.encode()) == [("E1", "甲")]


def test_quoted_cells_hold_delimiters_quotes_and_line_breaks() -> None:
    data = '就诊号,名称\nE1,"甲, ""乙""\n丙"\nE2,丁\n'.encode()
    found = read(data, "folder/bill.csv")
    assert found.file == "bill.csv"
    assert [(row.number, row.cells[1]) for row in found.sheets["明细"].rows] == [
        (2, '甲, "乙"\n丙'),
        (3, "丁"),
    ]


def test_csv_cells_are_texts_blanks_or_faults() -> None:
    data = "就诊号,编码,数量\nE1,003311040160000, \nE1,=1+1,#N/A\nE1\n".encode()
    assert rows_of(data) == [
        ("E1", "003311040160000", None),
        ("E1", "=1+1", Fault("#N/A")),
        ("E1",),
    ]


def test_a_row_with_more_cells_than_heads_is_refused() -> None:
    found = refused("就诊号,名称,数量\nE1,甲,乙,2\n".encode())
    assert (found.code, found.place) == (errors.NOT_A_TABLE, "bill.csv#明细!R2")
    assert rows_of("就诊号,名称\nE1,甲,,\n".encode()) == [("E1", "甲", None, None)]


def test_gbk_is_refused_by_name() -> None:
    found = refused(CSV.encode("gbk"))
    assert found.code == errors.NOT_UTF8
    assert "GBK" in found.words.zh
    assert found.place.startswith("byte 1")
    assert refused(CSV.encode("utf-16")).code == errors.NOT_UTF8


def test_quotes_that_do_not_pair_are_refused() -> None:
    found = refused('就诊号,名称\nE1,"甲\n'.encode())
    assert found.code == errors.NOT_A_TABLE
    assert found.place == "line 2"


# Workbooks


def test_a_workbook_is_read_as_it_was_filled_in() -> None:
    wanted = sheets_of(request())
    assert read(as_xlsx(wanted), "x/bill.xlsx") == workbook(wanted)


def test_cells_keep_their_kinds() -> None:
    when, day = dt.datetime(2026, 3, 7, 9, 30), dt.datetime(2026, 3, 7)  # noqa: DTZ001

    def write(sheet: Any, book: Any) -> None:
        sheet.write_row(0, 0, ["text", "number", "long", "moment", "day", "clock", "bool", "blank"])
        sheet.write_string(1, 0, "003311040160000")
        sheet.write_number(1, 1, 0.1 + 0.2)
        sheet.write_number(1, 2, 3311040160000)
        sheet.write_datetime(1, 3, when, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        sheet.write_datetime(1, 4, day, book.add_format({"num_format": "yyyy/m/d"}))
        sheet.write_datetime(1, 5, dt.time(9, 30), book.add_format({"num_format": "hh:mm"}))
        sheet.write_boolean(1, 6, True)  # noqa: FBT003
        sheet.write_string(1, 7, "  ")
        sheet.write_number(2, 4, 46088)

    rows = written(write).rows
    assert rows[0].cells == (
        "003311040160000", Decimal("0.3"), Decimal(3311040160000), when, day.date(), "09:30:00", True,
        None,
    )  # fmt: skip
    assert rows[1].cells[4] == Decimal(46088)  # without a format it is a number, not a date


def test_rows_are_numbered_as_the_program_shows_them() -> None:
    def write(sheet: Any, _: Any) -> None:
        sheet.write_string(0, 1, "head")
        sheet.write_string(4, 1, "x")

    found = written(write)
    assert found.header == ("", "head")
    assert [(row.number, row.cells) for row in found.rows if any(row.cells)] == [(5, (None, "x"))]


def test_a_formula_counts_by_its_stored_result_an_error_is_a_fault() -> None:
    def write(sheet: Any, _: Any) -> None:
        sheet.write_row(0, 0, ["a", "b", "c", "d", "e"])
        sheet.write_formula(1, 0, "=1+1", value=2)
        sheet.write_formula(1, 1, '="x"', value="x")
        sheet.write_formula(1, 2, "=1/0", value="#DIV/0!")
        sheet.write_string(1, 3, "#N/A")
        sheet.write_formula(1, 4, "=1+1", value="")

    (row,) = written(write).rows
    assert row.cells == (Decimal(2), "x", Fault("#DIV/0!"), Fault("#N/A"), Fault(NO_RESULT))


def test_sheets_of_no_use_are_not_unpacked() -> None:
    found = read(as_xlsx({"明细": [["就诊号"], ["E1"]], "图表": [["x"], ["y"]]}), "bill.xlsx")
    assert found.sheets["图表"] == Sheet("图表", (), ())


def test_without_the_extra_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    data = as_xlsx({"明细": [["就诊号"], ["E1"]]})
    load = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.partition(".")[0] in {"python_calamine", "xlsxwriter"}:
            raise ImportError(name)
        return load(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    found = refused(data, "bill.xlsx")
    assert found.code == "EN0123"
    assert found.help is not None
    assert "hegui[sheets]" in found.help.zh
    with pytest.raises(InputError, match="EN0123"):
        template()
    assert rows_of(CSV.encode()) == [("E1", "2", "甲")]  # CSV needs no extra


def test_csv_and_workbook_of_one_bill_are_one_bill() -> None:
    data = rulesets.shipped_file("demo/inpatient_3102.json")
    assert data is not None
    tree = json.loads(data)
    (in_csv,) = read_workbook(read(as_csv(repeated(tree)), "bill.csv"))
    (in_workbook,) = read_workbook(read(as_xlsx(sheets_of(tree)), "bill.xlsx"))
    said = [
        [(made.key, {n: f.value for n, f in made.facts.items()}) for made in bill.lines]
        for bill in (in_csv, in_workbook)
    ]
    assert said[0] == said[1]


# The template


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_template_is_read_without_a_word(lang: str) -> None:
    (bill,) = read_workbook(read(template(lang), "template.xlsx"))
    assert bill.notes == ()
    (made,) = bill.lines
    assert len(bill.encounter.collections["diagnoses"].members) == 1
    assert bill.scene == "8"
    owners = {
        "line": made,
        "encounter": bill.encounter,
        "patient": bill.patient,
        "institution": bill.institution,
        "prescription": bill.prescriptions[0],
        "diagnosis": bill.encounter.collections["diagnoses"].members[0],
    }
    for duty in ("lines", "encounters", "diagnoses"):
        for column in columns(duty, lang):
            kind, field = column.meaning.kind, column.meaning.field
            if column.example is not None and vocabulary.load().field(kind, field) is not None:
                assert owners[kind].value(field).is_known, (duty, column.head)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_column_of_the_template_is_explained_and_has_its_words(lang: str) -> None:
    from python_calamine import load_workbook  # noqa: PLC0415

    book = load_workbook(io.BytesIO(template(lang)))
    data = [SHEETS[duty][lang == "en"] for duty in ("lines", "encounters", "diagnoses")]
    assert book.sheet_names[:3] == data
    data.append(book.sheet_names[3])
    assert data[3] == ("evidence" if lang == "en" else "证据")
    readme = book.get_sheet_by_index(4).to_python()
    explained = {(row[0], row[1]): row[3] for row in readme}
    for name in data:
        for head in book.get_sheet_by_name(name).to_python()[0]:
            assert explained[name, head], (name, head)
    options = [[one for one in column if one] for column in zip(*book.get_sheet_by_index(5).to_python(), strict=True)]  # fmt: skip
    sexes = vocabulary.load().enums["sex"].words.values()
    assert [word.en if lang == "en" else word.zh for word in sexes] in options


def test_codes_in_the_template_are_texts_and_words_can_be_chosen() -> None:
    import re  # noqa: PLC0415
    import zipfile  # noqa: PLC0415

    archive = zipfile.ZipFile(io.BytesIO(template("zh")))
    sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    styles = archive.read("xl/styles.xml").decode()
    cell_formats = re.findall(r'<xf numFmtId="(\d+)"', styles.partition("<cellXfs")[2])
    looks = [
        int(look)
        for look in re.findall(r'<col min="\d+" max="\d+" width="[\d.]+" style="(\d+)"', sheet)
    ]
    heads = [column.meaning.type.kind for column in columns("lines", "zh")]
    assert len(looks) >= 1
    assert cell_formats[looks[0]] == "49"  # the format of texts, @
    wanted = sum(kind in {"enum", "yes_no"} for kind in heads)
    assert sheet.count('<dataValidation type="list"') == wanted
    assert KEY == ("encounter", "encounter_no")


def test_the_template_is_the_same_bytes_each_time() -> None:
    assert template("zh") == template("zh")
    assert template("zh") != template("en")


def test_a_profile_has_a_table_of_names() -> None:
    from apps import profiles  # noqa: PLC0415

    found = profiles.read('[names]\n"甲" = "X1"\n'.encode(), name="p", place="p.toml")
    assert found == Profile(name="p", names={"甲": "X1"})
    assert sheets.__all__

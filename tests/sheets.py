"""Requests of the national interface as sheets: the same made-up bill in CSV and in a workbook.

Behind it: small sheets, and what is read of them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter

from engine.errors import InputError
from engine.facts import Bill, Entity, IntakeNote
from engine.intake.sheet import read_workbook
from engine.intake.workbooks import Cell, Row, Sheet, Workbook
from engine.profile import NO_PROFILE, Profile

Tree = dict[str, Any]
Rows = list[list[Cell]]

# Head of a column, and the field of the request that it says.
LINE = {
    "行号": "rx_id",
    "处方号": "rxno",
    "类别": "hilist_type",
    "收费类别": "chrg_type",
    "编码": "hilist_code",
    "名称": "hilist_name",
    "甲乙类": "hilist_lv",
    "数量": "cnt",
    "单位": "spec_unt",
    "单价": "pric",
    "金额": "sumamt",
    "规格": "spec",
    "时间": "drord_begn_date",
    "停止时间": "drord_stop_date",
    "开单科室": "drord_dept_codg",
    "开单医师": "drord_dr_codg",
    "职称": "drord_dr_profttl",
    "出院带药": "drord_bhvr",
    "审核标志": "curr_drord_flag",
}
ENCOUNTER = {
    "机构.编码": "medins_id",
    "机构.区划": "medins_admdvs",
    "机构.类别": "medins_type",
    "机构.级别": "medins_lv",
    "就诊.险种": "insutype",
    "就医方式": "med_type",
    "入院日期": "adm_date",
    "出院日期": "dscg_date",
    "入院科室": "adm_dept_codg",
    "妊娠状态": "matn_stas",
    "总费用": "medfee_sumamt",
    "自费": "ownpay_amt",
    "自付": "selfpay_amt",
    "统筹支付": "hifp_payamt",
}
PATIENT = {"人员": "patn_id", "性别": "gend", "患者.出生日期": "brdy", "患者.区划": "poolarea"}
DIAGNOSIS = {
    "编码": "dise_codg",
    "名称": "dise_name",
    "主诊断": "maindise_flag",
    "入出院类别": "inout_dise_type",
    "日期": "dise_date",
}
NUMBERS = {"cnt", "pric", "sumamt", "medfee_sumamt", "ownpay_amt", "selfpay_amt", "hifp_payamt"}
BILL = ("场景", "询问时间", "参保地", "就医地")


def cell(name: str, raw: object) -> Cell:
    """A value of the request as the cell that a careful person would fill in."""
    if raw is None or raw == "":
        return None
    if name in NUMBERS:
        return Decimal(str(raw))
    return str(raw)


def sheets_of(request: Tree) -> dict[str, Rows]:
    """The three sheets that say what a request says; the first row of each is its header."""
    data = request["input"]["data"]
    encounters: Rows = [["就诊号", *PATIENT, *ENCOUNTER, *BILL]]
    lines: Rows = [["就诊号", *LINE]]
    diagnoses: Rows = [["就诊号", *DIAGNOSIS]]
    said = [data["trig_scen"], request["inf_time"], request["insuplc_admdvs"], request["mdtrtarea_admvs"]]  # fmt: skip
    for person in data["patient_dtos"]:
        for one in person["fsi_encounter_dtos"]:
            key = one["mdtrt_id"]
            row = [key, *_cells(PATIENT, person), *_cells(ENCOUNTER, one), *said]
            encounters.append(row)
            lines += [[key, *_cells(LINE, stopped(line))] for line in one["fsi_order_dtos"]]
            diagnoses += [[key, *_cells(DIAGNOSIS, each)] for each in one["fsi_diagnose_dtos"]]
    return {"明细": lines, "就诊": encounters, "诊断": diagnoses}


def stopped(line: Tree) -> Tree:
    """A line with its stop: an order that is given once stops on its own day."""
    own_day = (line.get("drord_begn_date") or "")[:10].replace("/", "-")
    once = line.get("long_drord_flag") == "0" and not line.get("drord_stop_date")
    return line | {"drord_stop_date": own_day} if once else line


def _cells(heads: Mapping[str, str], of: Tree) -> list[Cell]:
    return [cell(field, of.get(field)) for field in heads.values()]


def repeated(request: Tree) -> Rows:
    """The one sheet of a CSV file: the columns of the encounter repeated on each line."""
    sheets = sheets_of(request)
    (heads, *lines), (other, *encounters) = sheets["明细"], sheets["就诊"]
    listed: dict[Cell, list[str]] = {}
    mains: dict[Cell, Cell] = {}
    for key, code, name, main, *_ in sheets["诊断"][1:]:
        listed.setdefault(key, []).append(f"{code} {name}")
        if main == "1":
            mains[key] = code
    found: Rows = [[*heads, *other[1:], "诊断", "主诊断"]]
    for line in lines:
        row = next(one for one in encounters if one[0] == line[0])
        found.append([*line, *row[1:], "；".join(listed[line[0]]), mains.get(line[0])])
    return found


def workbook(sheets: Mapping[str, Sequence[Sequence[Cell]]], file: str = "bill.xlsx") -> Workbook:
    """A workbook as the intake takes it."""
    return Workbook(file, {name: sheet(name, rows) for name, rows in sheets.items()})


def sheet(name: str, rows: Sequence[Sequence[Cell]]) -> Sheet:
    header, *others = rows
    return Sheet(
        name,
        tuple(str(head or "") for head in header),
        tuple(Row(number, tuple(cells)) for number, cells in enumerate(others, start=2)),
    )


def as_csv(rows: Sequence[Sequence[Cell]], delimiter: str = ",") -> bytes:
    """The bytes of a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([["" if one is None else one for one in row] for row in rows])
    return text.getvalue().encode()


def as_xlsx(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    """The bytes of a workbook in which texts are texts and numbers numbers."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            written = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, one in enumerate(row):
                    if isinstance(one, Decimal):
                        written.write_number(number, column, float(one))
                    elif one is not None:
                        written.write_string(number, column, str(one))
    return file.getvalue()


# ---------------------------------------------------------------- read to bills

NO_CODE = "no code; a name is never turned into one"


def of(heads: str, *rows: tuple[Cell, ...], **others: list[list[Cell]]) -> Workbook:
    """A workbook of one sheet of lines, each of encounter E1, with others beside."""
    lines: list[list[Cell]] = [["就诊号", *heads.split()]]
    lines += [["E1", *row] for row in rows]
    return workbook({"明细": lines, **others})


def one_bill(book: Workbook, profile: Profile = NO_PROFILE, **options: Any) -> Bill:
    (found,) = read_workbook(book, profile, **options)
    return found


def one_line(heads: str, *cells: Cell, profile: Profile = NO_PROFILE) -> Entity:
    (found,) = one_bill(of(heads, cells), profile).lines
    return found


def others(bill: Bill) -> list[IntakeNote]:
    """The notes but those on lines without a code."""
    return [note for note in bill.notes if note.words.en != NO_CODE]


def refused(book: Workbook, **options: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        read_workbook(book, **options)
    return caught.value

"""Catalog downloads and a site's own tables: which table they fill, and what is refused by row."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from apps.knowledge.adapters import DRUGS, HERBS, ITEMS
from apps.knowledge.importing import Asked, Imported, import_files
from apps.knowledge.packing import files_of, write
from apps.packages import load, overlaid
from apps.rulesets import RuleTexts, shipped, shipped_file, with_needed
from engine.checker import check
from engine.intake.nhsa import read_bills
from tests.data_at_hand import data_folder, needs_data
from tests.knowledge import NATIONAL, drug, jsonl, record
from tests.requests import ITEM, encounter, line, patient, request
from tests.sheets import as_xlsx

PRICES = "cn/national/prices"

CAPS = "hilist_code\thilist_pric_uplmt_amt\tinsu_admdvs\tbegndate\tenddate\tvali_flag\n"


def imported(folder: Path, *files: tuple[str, bytes], complete: tuple[str, ...] = ()) -> Imported:
    for name, data in files:
        (folder / name).write_bytes(data)
    done = import_files([folder / name for name, _ in files], Asked(complete=complete))
    found = done.counts()
    assert found["read"] == found["imported"] + found["superseded"] + found["rejected"]
    return done


def rows_of(done: Imported, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files_of(done)[path].decode())))


def test_the_download_of_drugs_takes_the_place_of_the_shipped_catalog(tmp_path: Path) -> None:
    text = (
        "MED_LIST_CODG\tREG_NAME\tDRUG_SPEC\tchrgitm_lv\tVALI_FLAG\tVER\n"
        f"{drug(1)}\t样品1片\t1g\t01\t1\tV1\n"
        f"{drug(1)}\t样品1片（新）\t1g\t01\t1\tV2\n"
        f"{drug(2)}\t样品2片\t1g\t2\t1\tV1\n"
        f"{drug(3)}\t样品3片\t1g\t3\t0\tV1\n"
        "1.2E+22\t样品4片\t1g\t3\t1\tV1\n"
        f"{drug(2)}\t样品2片\t1g\t2\t1\tV1\n"
    )
    done = imported(tmp_path, ("1301.txt", text.encode()))
    assert [(r["药品"], r["名称"], r["甲乙类"]) for r in rows_of(done, DRUGS)] == [
        (drug(1), "样品1片（新）", "甲"),
        (drug(2), "样品2片", "乙"),
    ]
    assert [(one.place.row, one.kind) for one in done.rejected] == [
        (5, "invalid"), (6, "malformed-code"), (7, "duplicate"),
    ]  # fmt: skip
    assert done.counts() == {"read": 6, "imported": 2, "superseded": 1, "rejected": 3}


def test_items_herbs_and_consumables_are_told_apart_by_their_codes(tmp_path: Path) -> None:
    rows = [
        {"med_list_codg": "009900000010000", "servitem_name": "样品护理", "prcunt_name": "日"},
        {"med_list_codg": "T999900001", "mlms_name": "样品饮片"},
        {"med_list_codg": "C" + "9" * 20, "hi_genname": "样品耗材"},
    ]
    done = imported(tmp_path, ("rows.json", json.dumps({"output": {"data": rows}}).encode()))
    (item,) = rows_of(done, ITEMS)
    assert (item["项目"], item["名称"], item["计价单位"]) == ("009900000010000", "样品护理", "日")
    assert rows_of(done, HERBS)[0]["名称"] == "样品饮片"
    assert rows_of(done, "catalogs/耗材目录.csv") == [{"code": "C" + "9" * 20, "name": "样品耗材"}]


def test_price_caps_and_first_payments_fill_their_tables(tmp_path: Path) -> None:
    item, material = "009900000010000", "C" + "9" * 20
    caps = (
        f"{CAPS}{item}\t12.50\t330600\t2026-01-01\t2026-06-30\t1\n{item}\t13\t330600\t2026-07-01\t\t1\n"
        f"009900000020000\t\t330600\t\t\t1\n{item}\t99999999\t330700\t\t\t1\n{item}\t9\t\t\t\t1\n"
        f"{item}\t9\t330600\t2026-47-14\t\t1\n{item}\t-1\t330600\t\t\t1\n{material}\t9\t330600\t\t\t1\n"
    )
    ratios = (
        f"hilist_code,selfpay_prop,insu_admdvs,enddate\n{item},0.1,330600,2099-12-31\n"
        f"{drug(1)},0.05,330600,\n{drug(2)},5,330600,\n"
    )
    done = imported(tmp_path, ("1318.txt", caps.encode()), ("1319.csv", ratios.encode()))
    shown = [
        (row["项目"], row["区划"], row["最高单价"], row["生效"], row["失效"])
        for row in rows_of(done, f"{PRICES}/目录限价.csv")
    ]
    assert shown == [
        (item, "330600", "12.50元", "2026-01-01", "2026-07-01"),
        (item, "330600", "13元", "2026-07-01", ""),
    ]
    (of_item,) = rows_of(done, f"{PRICES}/项目先付比例.csv")
    assert (of_item["项目"], of_item["比例"]) == (item, "10.0%")
    (of_drug,) = rows_of(done, f"{PRICES}/药品先付比例.csv")
    assert (of_drug["药品"], of_drug["比例"]) == (drug(1), "5.00%")
    assert rows_of(done, "catalogs/目录限价.csv")[0]["hilist_code"] == material
    assert [(one.place.file, one.place.row, one.kind) for one in done.rejected] == [
        ("1318.txt", 4, "damaged"),
        ("1318.txt", 5, "no-cap"),
        ("1318.txt", 6, "damaged"),
        ("1318.txt", 7, "damaged"),
        ("1318.txt", 8, "damaged"),
        ("1319.csv", 4, "damaged"),
    ]


def test_the_rules_use_the_imported_caps(tmp_path: Path) -> None:
    text = f"{CAPS}{ITEM}\t10\t330600\t2026-01-01\t\t1\n"
    done = imported(tmp_path, ("1318.txt", text.encode()))
    write(files_of(done), tmp_path / "kp")
    own = [one for one in shipped().sources if one.path.endswith("catalog_prices.rule")]
    texts = with_needed(RuleTexts(tuple(own), shipped_file), ())
    program = overlaid(texts, [load(tmp_path / "kp")]).compile().program
    assert program is not None
    lines = [
        line(1, hilist_type="201", hilist_code=ITEM, cnt=1, pric=price, sumamt=price)
        for price in (10, 12)
    ]
    found = []
    for one in lines:
        asked = request(patient(encounter(fsi_order_dtos=[one]), poolarea="330602"))
        (bill,) = read_bills(asked)
        result = check(program, bill)
        found += [
            (each.rule.name.en, each.label.value)
            for each in (*result.findings, *result.passed)
            if each.rule.name.en == "over_catalog_cap"
        ]
    assert found == [("over_catalog_cap", "satisfied"), ("over_catalog_cap", "violated")]


def test_mappings_are_kept_as_they_are(tmp_path: Path) -> None:
    mapping = "fixmedins_code,medins_list_codg,med_list_codg\nH99,A1,009900000010000\n"
    done = imported(tmp_path, ("1317.csv", mapping.encode()))
    assert rows_of(done, "catalogs/机构目录匹配.csv")[0]["medins_list_codg"] == "A1"


def test_a_table_with_our_columns_is_taken_by_its_name_or_its_columns(tmp_path: Path) -> None:
    level = [["药品", "最低级别", "生效"], [drug(1), "三级", "2026-01-01"], [Decimal(7), "三级"]]
    sheets = {"药品级别": level, "说明": [["本院整理"]]}
    done = imported(tmp_path, ("本院.xlsx", as_xlsx(sheets)))
    (row,) = rows_of(done, f"{NATIONAL}/药品级别.csv")
    assert (row["药品"], row["最低级别"], row["生效"]) == (drug(1), "三级", "2026-01-01")
    assert row["来源"].startswith("本地表 本院.xlsx#药品级别!R2")
    assert [(one.place.row, one.kind) for one in done.rejected] == [(3, "malformed-code")]
    assert [one.kind for one in done.remarks] == ["sheet-not-read"]


def test_a_complete_catalog_tells_codes_that_it_does_not_hold(tmp_path: Path) -> None:
    catalog = f"药品,名称,甲乙类\n{drug(1, 1)},样品1片,乙\n".encode()
    points = jsonl([record(1)])  # with two codes
    done = imported(tmp_path, ("药品目录.csv", catalog), ("p.jsonl", points), complete=(DRUGS,))
    assert [one.kind for one in done.remarks] == ["unknown-code"]
    assert [row["药品"] for row in rows_of(done, f"{NATIONAL}/药品性别.csv")] == [drug(1, 1)]
    assert json.loads(files_of(done)["manifest.json"])["complete"] == [DRUGS]
    open_ = imported(tmp_path, ("药品目录.csv", catalog), ("p.jsonl", points))
    assert [row["药品"] for row in rows_of(open_, DRUGS)] == [drug(1, 1), drug(1, 2)]


ICD10 = "code,name\nI63.902,脑梗死\nK26.900,十二指肠溃疡\nA17.000+G01*,结核性脑膜炎\n"
ICD9 = "code,name\n01.6x00,颅骨病损切除术\n36.0600,冠状动脉支架植入术\n"
BY_DIAGNOSIS = "cn/national/item_limits/项目限诊断.csv"


@pytest.mark.parametrize(
    ("cell", "fits"),
    [
        ("I63", True),
        ("I63.9", True),
        ("I63.902；K26", True),
        ("K20 至 K31", True),
        ("G01", True),
        ("I64", False),
        ("I63.8", False),
        ("I63；K27", False),
        ("K27 至 K31", False),
        ("I63.902x001", False),
        ("脑卒中 I64", True),  # words, not codes
    ],
)
def test_a_prefix_that_no_code_has_is_refused_by_row(tmp_path: Path, cell: str, fits: bool) -> None:
    table = f"项目,诊断,限定\n009900000010000,{cell},样品\n".encode()
    files = (("icd10.csv", ICD10.encode()), ("项目限诊断.csv", table))
    done = imported(tmp_path, *files)
    told = [(one.place.shown, one.kind) for one in done.rejected]
    assert told == ([] if fits else [("项目限诊断.csv:2", "unknown-prefix")])
    assert len(done.tables[BY_DIAGNOSIS].rows) == int(fits)


def test_without_a_table_of_diagnoses_no_prefix_is_judged(tmp_path: Path) -> None:
    table = "项目,诊断,限定\n009900000010000,I64,样品\n".encode()
    done = imported(tmp_path, ("项目限诊断.csv", table))
    assert (done.rejected, done.remarks) == ([], [])


def test_prefixes_of_operations_and_of_shipped_tables(tmp_path: Path) -> None:
    table = "手术,诊断\n01.6,I63\n17.91,I63\n".encode()
    done = imported(tmp_path, ("icd9.csv", ICD9.encode()), ("手术对应诊断.csv", table))
    assert [(one.place.shown, one.kind) for one in done.rejected] == [
        ("手术对应诊断.csv:3", "unknown-prefix")
    ]
    first = "cn/national/settlement_data/手术对应诊断.csv:2"
    assert first in {one.place.shown for one in done.remarks}


@pytest.mark.parametrize("name", ["icd10_yb20.csv", "icd9cm3_yb20.csv"])
@needs_data
def test_public_tables_of_diagnoses_and_operations(name: str) -> None:
    folder = data_folder()
    assert folder is not None
    path = folder / "icd-yb" / name
    done = import_files([path], Asked())
    lines = len(path.read_text("utf-8").splitlines()) - 1
    assert done.counts()["read"] == done.counts()["imported"] == lines
    assert done.remarks == []  # each prefix of the shipped tables has codes beneath it


@needs_data
def test_public_goods_stand_for_the_download_of_drugs() -> None:
    folder = data_folder()
    assert folder is not None
    done = import_files([folder / "nhsa-drug-goods" / "drug_goods.csv"], Asked())
    found = done.counts()
    assert found["rejected"] <= 5
    assert found["imported"] >= 7_600
    assert len(done.tables[DRUGS].rows) == found["imported"]

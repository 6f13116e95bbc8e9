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
from apps.knowledge.packing import files_of
from tests.data_at_hand import data_folder, needs_data
from tests.knowledge import NATIONAL, drug, jsonl, record
from tests.sheets import as_xlsx

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


def test_price_caps_ratios_and_mappings_are_kept_as_they_are(tmp_path: Path) -> None:
    caps = (
        CAPS + "009900000010000\t12.50\t330600\t2026-01-01\t\t1\n009900000020000\t\t330600\t\t\t1\n"
    )
    ratios = "hilist_code,selfpay_prop,insu_admdvs\n009900000010000,0.1,330600\n"
    mapping = "fixmedins_code,medins_list_codg,med_list_codg\nH99,A1,009900000010000\n"
    done = imported(
        tmp_path,
        ("1318.txt", caps.encode()),
        ("1319.csv", ratios.encode()),
        ("1317.csv", mapping.encode()),
    )
    assert rows_of(done, "catalogs/目录限价.csv")[0]["hilist_pric_uplmt_amt"] == "12.50"
    assert rows_of(done, "catalogs/先自付比例.csv")[0]["selfpay_prop"] == "0.1"
    assert rows_of(done, "catalogs/机构目录匹配.csv")[0]["medins_list_codg"] == "A1"
    assert [(one.place.row, one.kind) for one in done.rejected] == [(3, "damaged")]


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


@pytest.mark.parametrize("name", ["icd10_yb20.csv", "icd9cm3_yb20.csv"])
@needs_data
def test_public_tables_of_diagnoses_and_operations(name: str) -> None:
    folder = data_folder()
    assert folder is not None
    path = folder / "icd-yb" / name
    done = import_files([path], Asked())
    lines = len(path.read_text("utf-8").splitlines()) - 1
    assert done.counts()["read"] == done.counts()["imported"] == lines


@needs_data
def test_public_goods_stand_for_the_download_of_drugs() -> None:
    folder = data_folder()
    assert folder is not None
    done = import_files([folder / "nhsa-drug-goods" / "drug_goods.csv"], Asked())
    found = done.counts()
    assert found["rejected"] <= 5
    assert found["imported"] >= 7_600
    assert len(done.tables[DRUGS].rows) == found["imported"]

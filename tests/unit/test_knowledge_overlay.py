"""Tables of knowledge packages in the place of others: what each of them now says all of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from apps.cli import quick
from apps.cli.main import run
from apps.packages import Package, overlaid
from apps.rulesets import RuleTexts
from engine.facts import Value
from engine.tables import Extent, Tables
from rulelang.core import Program
from rulelang.source import Source
from rulelang.values import Range
from tests.knowledge import drug, jsonl, record
from tests.requests import encounter, line, patient, request

RULES = """规则集 试.限定 | sample.limits “限定” “Limits”
层级 国家
知识表 药品目录 | drugs （药品 | drug：药品编码，名称 | name：文本）
    键 药品 取自 “药品目录.csv”
知识表 药品级别 | levels （药品 | drug：药品编码，最低级别 | min_level：机构级别）
    键 药品 完整 于 药品目录 取自 “药品级别.csv”
"""
CATALOG, LEVELS = "limits/药品目录.csv", "limits/药品级别.csv"
OLD, NEW, BOTH = drug(1), drug(2), drug(3)


def catalog(*codes: str) -> bytes:
    return ("药品,名称\n" + "".join(f"{code},样品\n" for code in codes)).encode()


def levels(*codes: str) -> bytes:
    return ("药品,最低级别\n" + "".join(f"{code},二级\n" for code in codes)).encode()


SHIPPED = {CATALOG: catalog(OLD, BOTH), LEVELS: levels(BOTH)}


def compiled(
    tables: Mapping[str, bytes], complete: tuple[str, ...] = (), untyped: tuple[str, ...] = ()
) -> Program:
    entries = {path: {"untyped": list(untyped)} if path == LEVELS else {} for path in tables}
    manifest = {"complete": list(complete), "tables": entries}
    texts = RuleTexts((Source("limits/limits.rule", RULES),), SHIPPED.get)
    found = overlaid(texts, [Package(Path("kp"), manifest, tables)]).compile()
    assert found.program is not None, found.diagnostics
    return found.program


def extent(program: Program, code: str, table: str = "levels") -> Extent | None:
    """Why a code has no row; None where it has one."""
    tables = Tables(program, None)
    known = Value(choices=frozenset({code}))
    day = Range(date(2026, 3, 1), date(2026, 3, 1))
    found = tables.find(program.tables[f"sample.limits/{table}"], (known,), day)
    return None if found.certain else found.extent


def test_a_table_that_stayed_speaks_of_the_catalog_that_it_came_with() -> None:
    program = compiled({CATALOG: catalog(OLD, NEW)})
    assert extent(program, OLD) is Extent.INSIDE
    assert extent(program, NEW) is Extent.OUTSIDE
    assert extent(program, BOTH) is None


def test_a_table_of_the_package_speaks_of_its_catalog_but_for_what_it_does_not_tell() -> None:
    program = compiled({CATALOG: catalog(OLD, NEW, BOTH), LEVELS: levels(OLD)}, untyped=(BOTH,))
    assert extent(program, OLD) is None
    assert extent(program, NEW) is Extent.INSIDE
    assert extent(program, BOTH) is Extent.OUTSIDE
    assert extent(program, drug(9)) is Extent.OUTSIDE


def test_a_table_alone_speaks_of_the_shipped_catalog() -> None:
    program = compiled({LEVELS: levels(OLD)})
    assert extent(program, OLD) is None
    assert extent(program, BOTH) is Extent.INSIDE
    assert extent(program, NEW) is Extent.OUTSIDE


def test_a_complete_catalog_is_complete_for_its_code_system() -> None:
    program = compiled({CATALOG: catalog(OLD)}, complete=(CATALOG,))
    assert program.tables["sample.limits/drugs"].complete
    assert extent(program, drug(9), "drugs") is Extent.INSIDE
    open_ = compiled({CATALOG: catalog(OLD)})
    assert extent(open_, drug(9), "drugs") is Extent.OUTSIDE


def test_the_last_package_wins() -> None:
    texts = RuleTexts((Source("limits/limits.rule", RULES),), SHIPPED.get)
    packages = [
        Package(Path(name), {"complete": [], "tables": {LEVELS: {}}}, {LEVELS: levels(code)})
        for name, code in (("a", OLD), ("b", BOTH))
    ]
    found = overlaid(texts, packages)
    assert found.read(LEVELS) == levels(BOTH)
    assert found.read(CATALOG) == SHIPPED[CATALOG]


def test_check_uses_the_tables_of_a_package(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    points = [record(1, "药品区分性别使用", constraint="用于前列腺的样品。", med_codes=[drug(1)])]
    points += [record(2, "药品区分性别使用", constraint="用于子宫的样品。", med_codes=[drug(2)])]
    (tmp_path / "p.jsonl").write_bytes(jsonl(points))
    package = str(tmp_path / "kp")
    assert run(["knowledge", "import", str(tmp_path / "p.jsonl"), "--out", package]) == 0
    bill = tmp_path / "bill.json"
    lines = [line(1, hilist_code=drug(1)), line(2, hilist_code=drug(2))]
    bill.write_text(
        json.dumps(request(patient(encounter(fsi_order_dtos=lines))), default=float), "utf-8"
    )
    capsys.readouterr()
    options = ["--only", "drug_by_sex", "--format", "json"]
    run(["check", str(bill), *options])
    assert {one["outcome"] for one in findings(capsys)} == {"undetermined"}
    assert quick.read(["check", str(bill), "--knowledge", package]) is not None
    assert run(["check", str(bill), *options, "--knowledge", package]) == 1
    (found,) = findings(capsys)
    assert found["outcome"] == "violated"
    assert any("KP-sample-000" in str(reason) for reason in found["because"])


def findings(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    shown: list[dict[str, object]] = json.loads(capsys.readouterr().out)["bills"][0]["findings"]
    return shown

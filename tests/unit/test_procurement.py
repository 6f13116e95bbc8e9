"""`hegui procurement`: groups, alternatives in force, savings, needs, agreed volumes."""

import json
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from apps.cli.main import run
from apps.sheets_xlsx import read_all
from tests.requests import as_bytes, encounter, line, patient, request

ORIGINAL, SELECTED = "XB01ACA056A012020279489", "XB01ACA056A012030101554"
GROUP = "阿司匹林肠溶片 0.1g"
IN_SHAOXING = {"medins_id": "H33060000901", "medins_admdvs": "330600"}


@pytest.fixture
def hegui(capsysbinary: pytest.CaptureFixture[bytes]):
    def call(*arguments: str) -> SimpleNamespace:
        status = run(arguments)
        out, err = capsysbinary.readouterr()
        assert b"Traceback" not in out + err
        return SimpleNamespace(status=status, out=out, err=err.decode())

    return call


def drug(number: int, code: str, packs: int, amount: str, **changes: object) -> object:
    price = Decimal(amount) / packs
    given = {"hilist_code": code, "hilist_name": "阿司匹林肠溶片", "spec": "0.1g*30片", "spec_unt": "盒",
             "cnt": packs, "pric": price, "sumamt": Decimal(amount)}  # fmt: skip
    return line(number, **(given | changes))


@pytest.fixture
def bill(tmp_path: Path):
    def write(*lines: object, name: str = "bill.json", **place: str) -> str:
        stay = encounter(fsi_order_dtos=list(lines), **(IN_SHAOXING | place))
        path = tmp_path / name
        path.write_bytes(as_bytes(request(patient(stay))))
        return str(path)

    return write


def groups(said: SimpleNamespace) -> dict[str, dict[str, object]]:
    return {group["group"]: group for group in json.loads(said.out)["groups"]}


def test_a_group_with_both(hegui, bill) -> None:
    path = bill(drug(1, ORIGINAL, 2, "27.10"), drug(2, SELECTED, 6, "7.20"))
    said = hegui("procurement", path, "--format", "json")
    assert said.status == 1
    found = groups(said)[GROUP]
    assert [found["selected"], found["other"], found["share"]] == ["180", "60", "0.7500"]
    assert [one["drug"] for one in found["alternatives"]] == [SELECTED]
    assert [(use["drug"], use["need"]) for use in found["uses"]] == [(ORIGINAL, "unknown")]
    assert found["saving"] == {"low": "0", "high": "24.70"}


@pytest.mark.parametrize(("said_so", "need"), [("是", "recorded"), ("否", "not_recorded")])
def test_the_need_is_what_was_recorded(
    hegui, bill, tmp_path: Path, said_so: str, need: str
) -> None:
    evidence = tmp_path / "evidence.csv"
    evidence.write_text(
        f"证据,行号,值,日期,提供者\n非中选使用理由,L1,{said_so},2026-03-05,医师\n", encoding="utf-8"
    )
    said = hegui(
        "procurement",
        bill(drug(1, ORIGINAL, 2, "27.10")),
        "--evidence",
        str(evidence),
        "--format",
        "json",
    )
    assert [use["need"] for use in groups(said)[GROUP]["uses"]] == [need]


def test_agreed_volumes(hegui, bill, tmp_path: Path) -> None:
    volumes = tmp_path / "volumes.csv"
    volumes.write_text(
        f"品种组,约定量\n{GROUP},200\n{GROUP},160\n没有用过的组,10\n坏行,若干\n", encoding="utf-8"
    )
    said = hegui(
        "procurement",
        bill(drug(1, SELECTED, 6, "7.20")),
        "--volumes",
        str(volumes),
        "--format",
        "json",
    )
    assert said.status == 0
    found = groups(said)
    assert [found[GROUP]["agreed"], found[GROUP]["fulfilled"]] == ["360", "0.5000"]
    assert found["没有用过的组"]["fulfilled"] == "0.0000"
    assert json.loads(said.out)["rejected_volumes"] == ["volumes.csv:5"]


def test_several_bills_add_up(hegui, bill) -> None:
    paths = [bill(drug(1, SELECTED, 1, "1.20"), name=f"{n}.json") for n in range(3)]
    said = hegui("procurement", *paths, "--format", "json")
    assert groups(said)[GROUP]["selected"] == "90"
    assert json.loads(said.out)["bills"] == len(paths)


def test_a_quantity_in_another_unit_is_unknown(hegui, bill) -> None:
    said = hegui(
        "procurement", bill(drug(1, ORIGINAL, 2, "27.10", spec_unt="瓶")), "--format", "json"
    )
    found = groups(said)[GROUP]
    assert [found["unknown_quantity"], found["share"], found["other"]] == [1, None, "0"]


def test_elsewhere_nothing_is_said(hegui, bill) -> None:
    path = bill(drug(1, ORIGINAL, 2, "27.10"), medins_id="H44030000904", medins_admdvs="440305")
    said = hegui("procurement", path, "--format", "json")
    assert (said.status, groups(said)) == (0, {})


def test_text(hegui, bill) -> None:
    said = hegui("procurement", bill(drug(1, ORIGINAL, 2, "27.10")))
    text = said.out.decode()
    assert f"{GROUP}（片）：中选 0，非中选 60，中选占比 0.00%" in text
    assert "现行中选：阿司匹林肠溶片 100mg×30片（示例） 0.04/片" in text


def test_workbook(hegui, bill, tmp_path: Path) -> None:
    out = tmp_path / "use.xlsx"
    said = hegui(
        "procurement", bill(drug(1, ORIGINAL, 2, "27.10")), "--format", "xlsx", "--out", str(out)
    )
    assert said.status == 1
    sheets, _ = read_all(out.read_bytes(), "use.xlsx")
    assert [row.cells[3] for row in sheets["非中选明细"].rows] == [ORIGINAL]


def test_a_bad_input_is_said_and_the_others_counted(hegui, bill, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{", encoding="utf-8")
    said = hegui("procurement", str(bad), bill(drug(1, SELECTED, 1, "1.20")), "--format", "json")
    assert said.status == 2
    assert groups(said)[GROUP]["selected"] == "30"
    assert "error[" in said.err

"""`hegui export`: a sample that anybody draws alike, a prescription review sheet, rating fields."""

import csv
import io
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.cli.main import run
from apps.knowledge.sampling import Institution, draw
from tests.requests import as_bytes, encounter, line, patient, request

ROOT = Path(__file__).parents[2]
TENTH = Decimal("0.1")
CODES = st.lists(
    st.tuples(st.integers(0, 500), st.sampled_from(["360100", "360200"])),
    unique_by=lambda one: one[0],
)


@pytest.fixture
def hegui(capsys: pytest.CaptureFixture[str]):
    def call(*arguments: str) -> SimpleNamespace:
        status = run(arguments)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return SimpleNamespace(status=status, err=err, rows=list(csv.DictReader(io.StringIO(out))))

    return call


def institutions(codes: list[tuple[int, str]]) -> list[Institution]:
    return [Institution(f"H{number:011d}", "", pool, inspected=False) for number, pool in codes]


@given(CODES)
def test_at_least_a_tenth_of_each_pool(codes: list[tuple[int, str]]) -> None:
    for pool in draw(institutions(codes), 2026, TENTH):
        assert pool.institutions <= 10 * len(pool.drawn) < pool.institutions + 10


@given(CODES, st.randoms(use_true_random=False))
def test_the_order_of_the_file_does_not_matter(
    codes: list[tuple[int, str]], shuffler: object
) -> None:
    found = institutions(codes)
    again = list(found)
    shuffler.shuffle(again)  # type: ignore[attr-defined]
    assert draw(found, 2026, TENTH) == draw(again, 2026, TENTH)


def test_another_year_draws_others() -> None:
    found = institutions([(number, "360100") for number in range(200)])
    drawn = [{one.id for one in draw(found, year, TENTH)[0].drawn} for year in (2026, 2027)]
    assert [len(one) for one in drawn] == [20, 20]
    assert drawn[0] != drawn[1]


def test_sample_and_coverage(hegui, tmp_path: Path) -> None:
    path = tmp_path / "institutions.csv"
    rows = [f"H3601{n:07d},机构{n},360100,{'2026-03-01' if n < 4 else ''}" for n in range(11)]
    path.write_text(
        "\n".join(["机构编码,机构名称,统筹区,检查日期", *rows, rows[0], ",无编码,360100,"]),
        encoding="utf-8",
    )
    said = hegui("export", "sample", str(path), "--year", "2026")
    assert said.status == 0
    assert [row["统筹区"] for row in said.rows] == ["360100", "360100"]
    assert "360100：机构 11，已检查 4，抽中 2" in said.err
    assert "重复 institutions.csv:13" in said.err
    assert "不能用 institutions.csv:14" in said.err
    assert hegui("export", "sample", str(path), "--year", "2026").rows == said.rows


@pytest.mark.parametrize("share", ["0", "1.1", "半", "-5%"])
def test_a_share_is_a_share(hegui, tmp_path: Path, share: str) -> None:
    assert (
        hegui("export", "sample", str(tmp_path), "--year", "2026", f"--share={share}").status == 2
    )


@pytest.fixture
def bill(tmp_path: Path) -> str:
    used = line(
        1, hilist_code="XB01ACA056A012020279489", hilist_name="阿司匹林肠溶片", spec_unt="盒"
    )
    stay = encounter(fsi_order_dtos=[used], medins_id="H33060000901", medins_admdvs="330600")
    path = tmp_path / "bill.json"
    path.write_bytes(as_bytes(request(patient(stay))))
    return str(path)


def test_review_names_drug_and_doctor(hegui, bill: str) -> None:
    said = hegui("export", "review", bill, "--lang", "zh")
    row = next(
        row for row in said.rows if row["规则编号"] == "shaoxing.procurement/prefer_selected"
    )
    assert [row["药品编码"], row["开单医师"], row["结论"]] == [
        "XB01ACA056A012020279489",
        "D330602000001",
        "待补充信息",
    ]
    assert row["依据"]


def test_rating_says_what_nobody_has_confirmed(hegui) -> None:
    demo = ROOT / "rulesets" / "demo"
    said = hegui(
        "export", "rating", str(demo / "inpatient_3102.json"), "--profile", str(demo / "demo.toml")
    )
    status = {(row["结论"], row["认定状态"]) for row in said.rows}
    assert status == {("违规", "事实充分，待送达"), ("可疑", "待认定")}
    price = next(row for row in said.rows if row["规则编号"] == "GZ10000102001000")
    assert [price["涉及金额"], price["医师"]] == ["2.00", "TESTDR01"]


def test_bad_input_keeps_the_others(hegui, bill: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{", encoding="utf-8")
    said = hegui("export", "review", str(bad), bill)
    assert said.status == 2
    assert said.rows

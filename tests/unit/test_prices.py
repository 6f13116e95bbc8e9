"""`hegui prices compare`: every row is accounted for, prices are exact, the counts are the list's."""

import io
import json
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.cli.main import run
from apps.knowledge.prices import compare_files

HEAD = "项目编码,项目名称,机构类别,价格\n"


@pytest.fixture
def hegui(capsysbinary: pytest.CaptureFixture[bytes]):
    def call(*arguments: str) -> SimpleNamespace:
        status = run(arguments)
        out, err = capsysbinary.readouterr()
        assert b"Traceback" not in out + err
        return SimpleNamespace(status=status, out=out, err=err.decode())

    return call


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Path, Path]:
    first, second = tmp_path / "city.csv", tmp_path / "province.csv"
    first.write_text(
        HEAD + "001,甲,三级甲等,10.10\n002,乙,三级甲等,5\n003,丙,三级甲等,7.00\n003,丙,三级甲等,7\n"
        "004,丁,三级甲等,1\n005,戊,三级甲等,2\n005,戊,三级甲等,3\n006,己,三级甲等,面议\n,无,三级甲等,4\n",
        encoding="utf-8",
    )
    second.write_text(
        HEAD + "001,甲,三级甲等,10.1\n002,乙,三级甲等,5.000001\n003,丙,三级甲等,6.99\n"
        "005,戊,三级甲等,3\n009,壬,三级甲等,3元\n",
        encoding="gbk",
    )
    return first, second


def test_higher_lower_equal(tables: tuple[Path, Path]) -> None:
    found = compare_files(*tables)
    assert [pair.first.key[0] for pair in found.higher] == ["003"]
    assert [pair.first.key[0] for pair in found.lower] == ["002"]
    assert [pair.first.key[0] for pair in found.equal] == ["001"]
    assert str(found.lower[0].difference) == "-0.000001"
    assert [one.key[0] for one in found.only_first] == ["004"]
    assert [one.key[0] for one in found.only_second] == ["005", "009"]


def test_every_row_is_accounted_for(tables: tuple[Path, Path]) -> None:
    found = compare_files(*tables)
    for side in (found.first, found.second):
        parts = (side.prices, side.repeated, side.contradictory, side.rejected)
        assert side.rows == sum(map(len, parts)) + side.skipped
    assert [one.place.row for one in found.first.repeated] == [5]
    assert [one.place.row for one in found.first.contradictory] == [7, 8]
    assert [(one.place.row, one.reason.zh) for one in found.first.rejected] == [
        (9, "价格 `面议` 不是数"),
        (10, "没有编码"),
    ]


def test_the_shape_of_the_citys_answer(tmp_path: Path) -> None:
    """1,155 items higher, 907 lower, 4,106 equal: the figures that the city gives of its own tables."""
    higher, lower, equal = 1155, 907, 4106
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    mine = ["编码,价格"]
    other = ["编码,价格"]
    for number in range(higher + lower + equal):
        step = 1 if number < higher else -1 if number < higher + lower else 0
        mine.append(f"{number:015d},{20 + step}.50")
        other.append(f"{number:015d},20.5")
    first.write_text("\n".join(mine), encoding="utf-8")
    second.write_text("\n".join(reversed(other[1:])).join(["编码,价格\n", ""]), encoding="utf-8")
    found = compare_files(first, second)
    assert (len(found.higher), len(found.lower), len(found.equal)) == (higher, lower, equal)


def test_one_class_of_institution(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text(HEAD + "001,甲,三级甲等,10\n001,甲,二级,9\n", encoding="utf-8")
    second.write_text("编码,价格\n001,9\n", encoding="utf-8")
    assert [len(compare_files(first, second).first.contradictory)] == [2]
    found = compare_files(first, second, "三级甲等")
    assert [pair.difference for pair in found.higher] == [1]
    assert found.first.skipped == 1


def test_both_classes_pair_each(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text(HEAD + "001,甲,三级甲等,10\n001,甲,二级,9\n", encoding="utf-8")
    second.write_text(HEAD + "001,甲,三级甲等,9\n001,甲,二级,9\n", encoding="utf-8")
    found = compare_files(first, second)
    assert [pair.first.key for pair in found.higher] == [("001", "三级甲等")]
    assert [pair.first.key for pair in found.equal] == [("001", "二级")]


@given(rows=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9999)), max_size=30))
def test_against_itself_nothing_differs(
    rows: list[tuple[int, int]], tmp_path_factory: object
) -> None:
    path = tmp_path_factory.mktemp("prices") / "a.csv"  # type: ignore[attr-defined]
    lines = [f"{code:03d},{fen // 100}.{fen % 100:02d}" for code, fen in rows]
    path.write_text("\n".join(["编码,价格", *lines]), encoding="utf-8")
    found = compare_files(path, path)
    assert [found.higher, found.lower, found.only_first, found.only_second] == [(), (), (), ()]
    side = found.first
    assert side.rows == len(rows) == len(found.equal) + len(side.repeated) + len(side.contradictory)


def test_text_says_the_counts(hegui, tables: tuple[Path, Path]) -> None:
    said = hegui("prices", "compare", *map(str, tables))
    assert said.status == 1
    text = said.out.decode()
    assert "高于：1\n低于：1\n持平：1\n只在前一张表：1\n只在后一张表：2\n" in text
    assert "高于 003 三级甲等 丙 7.00 / 6.99 (+0.01)" in text
    assert "city.csv:9 价格 `面议` 不是数" in text


def test_json_is_exact(hegui, tables: tuple[Path, Path]) -> None:
    said = hegui("prices", "compare", *map(str, tables), "--format", "json")
    document = json.loads(said.out)
    assert document["counts"] == {
        "higher": 1, "lower": 1, "equal": 1, "only_in_the_first": 1, "only_in_the_second": 2,
    }  # fmt: skip
    assert document["lower"][0]["second"] == "5.000001"


def test_the_workbook_has_a_chart(hegui, tables: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "report.xlsx"
    said = hegui("prices", "compare", *map(str, tables), "--format", "xlsx", "--out", str(out))
    assert said.status == 1
    with zipfile.ZipFile(io.BytesIO(out.read_bytes())) as book:
        assert "xl/charts/chart1.xml" in book.namelist()
    again = compare_files(*tables)
    assert len(again.higher) == 1


def test_equal_tables_are_no_finding(hegui, tables: tuple[Path, Path], tmp_path: Path) -> None:
    one = tmp_path / "one.csv"
    one.write_text("code,price\nA1,3.5\n", encoding="utf-8")
    assert hegui("prices", "compare", str(one), str(one)).status == 0


@pytest.mark.parametrize(
    ("text", "code"), [("名称,金额\n甲,1\n", "EN0115"), ("", "EN0115"), ("编码,价格\n\0", "EN0115")]
)
def test_no_table_of_prices(
    hegui, tables: tuple[Path, Path], tmp_path: Path, text: str, code: str
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(text, encoding="utf-8")
    said = hegui("prices", "compare", str(tables[0]), str(bad))
    assert said.status == 2
    assert code in said.err


def test_no_such_file(hegui, tables: tuple[Path, Path]) -> None:
    said = hegui("prices", "compare", str(tables[0]), "missing.csv")
    assert (said.status, said.out) == (2, b"")
    assert "EN0120" in said.err


def test_codes_that_lost_digits_are_rejected(tmp_path: Path) -> None:
    rows = '[{"code": 1234567890123456789, "price": "3"}, {"code": "A1", "price": 3}, 5]'
    path = tmp_path / "a.json"
    path.write_text(rows, encoding="utf-8")
    found = compare_files(path, path)
    assert [len(found.equal), len(found.first.rejected)] == [1, 2]

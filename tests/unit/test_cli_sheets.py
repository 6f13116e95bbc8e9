"""The command line with sheets: CSV files and workbooks in, workbooks out, the template."""

import io
import json
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from python_calamine import load_workbook

from apps.cli.main import run
from apps.sheet_template import evidence_heads
from apps.sheets import template
from tests.requests import as_bytes, at_settlement, encounter, line, patient, request
from tests.sheets import as_csv, as_xlsx, repeated, sheets_of

ROOT = Path(__file__).parents[2]
RULES = """\
规则集 试验 | trial “试验” “Trial”
层级 国家
规则 限金额 | amount_limit “单行金额” “Amount of a line”
    国家编码 GZ10000102002000
    结果类型 违规
    针对 明细
    要求 明细.金额 <= 30元
    则 不予支付 明细.医保内金额
    说明 “{明细.名称}超过30元。” “{line.name} is over 30 yuan.”
"""
TREE = at_settlement(request(patient(encounter(fsi_order_dtos=[line(1, sumamt=50), line(2)]))))


@pytest.fixture
def rules(tmp_path: Path) -> str:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "trial.rule").write_text(RULES, encoding="utf-8")
    return str(folder)


@pytest.fixture
def hegui(capsys: pytest.CaptureFixture[str]):
    def call(*arguments: str) -> SimpleNamespace:
        status = run(arguments)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return SimpleNamespace(status=status, out=out, err=err)

    return call


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, str]:
    contents = {
        "bill.json": as_bytes(TREE),
        "bill.csv": as_csv(repeated(TREE)),
        "bill.xlsx": as_xlsx(sheets_of(TREE)),
    }
    folder = tmp_path / "inputs"
    folder.mkdir()
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return {name: str(folder / name) for name in contents}


def test_request_csv_and_workbook_are_answered_alike(hegui, inputs, rules: str) -> None:
    found = {}
    for name, path in inputs.items():
        said = hegui("check", path, "--rulesets", rules, "--format", "json")
        assert (said.status, said.err) == (1, "")
        (bill,) = json.loads(said.out)["bills"]
        found[name] = (bill["verdict"], bill["totals"], [line["id"] for line in bill["lines"]])
        (finding,) = bill["findings"]
        pointer = finding["subject"]["lines"][0]["pointer"]
        assert pointer.startswith("/input/" if name == "bill.json" else f"{name}#明细!R2")
    assert found["bill.json"] == found["bill.csv"] == found["bill.xlsx"]
    assert found["bill.csv"][1]["violated"] == "50.00"


def test_content_counts_not_the_ending(hegui, inputs, rules: str, tmp_path: Path) -> None:
    for name, path in inputs.items():
        other = tmp_path / f"{name}.bin"
        other.write_bytes(Path(path).read_bytes())
        assert hegui("check", str(other), "--rulesets", rules).status == 1


def test_standard_input_may_be_a_sheet(
    hegui, inputs, rules: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in inputs.values():
        data = io.BytesIO(Path(path).read_bytes())
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=data))
        assert hegui("check", "-", "--rulesets", rules).status == 1


def test_a_folder_stands_for_its_sheets_too(hegui, inputs, rules: str) -> None:
    folder = Path(inputs["bill.csv"]).parent
    (folder / "~$bill.xlsx").write_bytes(b"open in another program")
    (folder / "notes.txt").write_bytes(b"no bill")
    said = hegui("check", str(folder), "--rulesets", rules, "--format", "json")
    assert (said.status, said.err) == (1, "")
    sources = [Path(json.loads(text)["source"]).name for text in said.out.splitlines()]
    assert sources == ["bill.csv", "bill.json", "bill.xlsx"]


def test_a_bad_sheet_is_2_with_its_place(hegui, inputs, rules: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes("就诊号,编码\nE1,3.31E+12\n".encode())
    said = hegui("check", str(bad), inputs["bill.csv"], "--rulesets", rules)
    assert said.status == 2
    assert "error[EN0114]" in said.err
    assert "bad.csv#明细!R2C编码" in said.err
    assert "超过30元" in said.out  # the good one is answered
    bad.write_bytes("就诊号,名称\nE1,青霉素\n".encode("gbk"))
    assert "error[EN0101]" in hegui("check", str(bad), "--rulesets", rules).err
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(b"no workbook")
    assert "error[EN0115]" in hegui("check", str(bad), "--rulesets", rules).err


def test_answers_as_a_workbook(hegui, inputs, rules: str, tmp_path: Path) -> None:
    out = tmp_path / "answers.xlsx"
    arguments = ("--rulesets", rules, "--format", "xlsx", "--out", str(out))
    said = hegui("check", inputs["bill.json"], inputs["bill.csv"], *arguments)
    assert (said.status, said.out, said.err) == (1, "", "")
    rows = load_workbook(out).get_sheet_by_name("审核结果").to_python()
    assert [row[0] for row in rows[1:]] == [inputs["bill.json"], inputs["bill.csv"]]
    before = out.read_bytes()
    hegui("check", inputs["bill.json"], inputs["bill.csv"], *arguments)
    assert out.read_bytes() == before


def test_a_workbook_never_goes_onto_a_terminal_or_over_an_input(
    hegui, inputs, rules: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = inputs["bill.xlsx"]
    before = Path(path).read_bytes()
    said = hegui("check", path, "--rulesets", rules, "--format", "xlsx", "--out", path)
    assert (said.status, Path(path).read_bytes()) == (2, before)
    said = hegui("check", path, "--rulesets", rules, "--out", str(tmp_path / "x.xlsx"))
    assert (said.status, said.out) == (2, "")
    nowhere = str(tmp_path / "no" / "folder.xlsx")
    said = hegui("check", path, "--rulesets", rules, "--format", "xlsx", "--out", nowhere)
    assert (said.status, "error[EN0124]" in said.err) == (2, True)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    said = hegui("check", path, "--rulesets", rules, "--format", "xlsx")
    assert (said.status, said.out) == (2, "")
    said = hegui("template")
    assert (said.status, said.out) == (2, "")


def test_a_workbook_goes_into_a_pipe(inputs, rules: str) -> None:
    command = [sys.executable, "-m", "apps.cli.main", "check", inputs["bill.csv"]]
    done = subprocess.run(
        [*command, "--rulesets", rules, "--format", "xlsx"], cwd=ROOT, capture_output=True, check=False
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, b"")
    assert load_workbook(io.BytesIO(done.stdout)).sheet_names == ["单据", "明细", "审核结果"]


def test_nothing_is_written_where_nothing_was_answered(hegui, rules: str, tmp_path: Path) -> None:
    out = tmp_path / "answers.xlsx"
    said = hegui(
        "check", "no/such.json", "--rulesets", rules, "--format", "xlsx", "--out", str(out)
    )
    assert (said.status, out.exists()) == (2, False)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_template_can_be_downloaded_and_checked(hegui, tmp_path: Path, lang: str) -> None:
    out = tmp_path / "template.xlsx"
    said = hegui("template", "--lang", lang, "--out", str(out))
    assert (said.status, said.out, said.err) == (0, "", "")
    assert out.read_bytes() == template(lang)
    said = hegui("check", str(out), "--format", "json")
    assert said.status in {0, 1}
    (bill,) = json.loads(said.out)["bills"]
    assert bill["notes"] == []


WITH_EVIDENCE = """\
规则集 试验 | trial “试验” “Trial”
层级 国家
证据 血清白蛋白 | serum_albumin：数值 g/L 归属 患者 提供 检验，医师 有效期 前 7天
规则 白蛋白 | albumin “白蛋白” “Albumin”
    国家编码 GZ10000102002000
    结果类型 违规
    针对 明细
    要求 患者.血清白蛋白 < 30 g/L
    则 不予支付 明细.医保内金额
"""


@pytest.mark.parametrize(
    ("value", "label"), [("28 g/L", "satisfied"), ("30 g/L", "violated"), (None, "undetermined")]
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_template_filled_with_evidence_is_checked(
    hegui, tmp_path: Path, lang: str, value: str | None, label: str
) -> None:
    book = load_workbook(io.BytesIO(template(lang)))
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names[:4]}
    heads = evidence_heads(lang)
    assert list(heads.values()) == sheets[book.sheet_names[3]][0]
    said = {
        "evidence": {"zh": "血清白蛋白", "en": "serum_albumin"}[lang],
        "patient": {"zh": "示例人员1", "en": "EXAMPLE-PERSON-1"}[lang],
        "value": value,
        "date": "2026-03-06",
        "provider": {"zh": "检验", "en": "laboratory"}[lang],
    }
    if value is not None:
        sheets[book.sheet_names[3]].append([said.get(name, "") for name in heads])
    for rows in sheets.values():
        rows[:] = [[_filled(cell) for cell in row] for row in rows]
    (tmp_path / "filled.xlsx").write_bytes(as_xlsx(sheets))
    (tmp_path / "trial.rule").write_text(WITH_EVIDENCE, encoding="utf-8")
    said = hegui("check", str(tmp_path / "filled.xlsx"), "--format", "json",
                 "--rulesets", str(tmp_path / "trial.rule"))  # fmt: skip
    assert said.err == ""
    (bill,) = json.loads(said.out)["bills"]
    assert bill["notes"] == []
    assert [name for name, count in bill["counts"].items() if count] == [label]


def _filled(cell: object) -> object:
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return Decimal(str(cell)) if isinstance(cell, float) else cell or None


def test_a_sheet_is_explained(hegui, inputs, rules: str) -> None:
    said = hegui("explain", inputs["bill.xlsx"], "1", "--rulesets", rules)
    assert (said.status, said.err) == (0, "")
    assert "bill.xlsx#明细!R2C金额" in said.out


def test_evidence_of_the_rulesets_in_use_may_be_a_column(hegui, rules: str, tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_bytes("就诊号,项目,就诊.抢救\nE1,001102000030000,是\n".encode())
    (bill,) = json.loads(hegui("check", str(path), "--format", "json").out)["bills"]
    assert bill["notes"] == []
    said = hegui("check", str(path), "--format", "json", "--rulesets", rules)
    (bill,) = json.loads(said.out)["bills"]
    assert [note["field"] for note in bill["notes"]] == ["就诊.抢救"]

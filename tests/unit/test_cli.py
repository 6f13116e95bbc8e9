"""The command line: exit statuses, what goes where, and that no mistake shows a traceback."""

import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from apps.cli.main import run
from tests.requests import as_bytes, at_settlement, encounter, line, patient, request

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "rulesets" / "demo"

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


@pytest.fixture
def rules(tmp_path: Path) -> str:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "trial.rule").write_text(RULES, encoding="utf-8")
    return str(folder)


def request_file(tmp_path: Path, name: str = "request.json", amount: int = 50) -> str:
    tree = at_settlement(request(patient(encounter(fsi_order_dtos=[line(1, sumamt=amount)]))))
    path = tmp_path / name
    path.write_bytes(as_bytes(tree))
    return str(path)


class Said(SimpleNamespace):
    """Status, standard output and standard error of one call."""

    status: int
    out: str
    err: str


@pytest.fixture
def hegui(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("HEGUI_LANG", raising=False)

    def call(*arguments: str) -> Said:
        status = run(arguments)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Said(status=status, out=out, err=err)

    return call


# ---------------------------------------------------------------- exit statuses


def test_nothing_found_is_0_and_findings_are_1(hegui, rules: str, tmp_path: Path) -> None:
    fine = hegui("check", request_file(tmp_path, amount=20), "--rulesets", rules)
    assert (fine.status, fine.err) == (0, "")
    assert "没有发现问题" in fine.out
    found = hegui("check", request_file(tmp_path), "--rulesets", rules)
    assert (found.status, found.err) == (1, "")
    assert "违规  单行金额  涉及金额 最多 50.00 元" in found.out
    assert "人血白蛋白超过30元。" in found.out


def test_wrong_rules_are_3(hegui, tmp_path: Path) -> None:
    path = tmp_path / "broken.rule"
    path.write_text(
        "规则集 a “a”\n层级 国家\n规则 b “b”\n    针对 明细\n    要求 明细.无\n    则 提醒\n"
    )
    said = hegui("check", request_file(tmp_path), "--rulesets", str(path))
    assert said.status == 3
    assert "error[RL" in said.err
    assert said.out == ""


BAD_INPUTS = {
    "empty": b"",
    "no json": b"{",
    "no request": b"[]",
    "gbk": '{"名": 1}'.encode("gbk"),
    "deep": b"[" * 100 + b"]" * 100,
    "large": b" " * (5 * 1024 * 1024 + 1),
    "lone surrogate": b'{"a": "\\ud800"}',
    "nan": b'{"a": NaN}',
}


@pytest.mark.parametrize("name", BAD_INPUTS)
def test_bad_input_is_2(hegui, tmp_path: Path, rules: str, name: str) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(BAD_INPUTS[name])
    said = hegui("check", str(path), "--rulesets", rules)
    assert said.status == 2
    assert "error[EN01" in said.err
    assert str(path) in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("check", "x.json", "--format", "xlsx"),
        ("check", "x.json", "--format", "pdf"),
        ("check", "x.json", "--lang", "fr"),
        ("check", "x.json", "--as-of", "yesterday"),
        ("check", "x.json", "--known-on", "2026-02-30"),
        ("check", "x.json", "--stage", "later"),
        ("check", "x.json", "--only", "no such rule"),
        ("check", "x.json", "--rulesets", "no/such/folder"),
        ("check", "x.json", "--profile", "no-such-profile"),
        ("check", "no/such/file.json"),
        ("check", "--no-such-option"),
        ("explain", "no/such/file.json"),
        ("explain", "RL9999"),
        ("rules", "no such rule"),
        ("test", "no/such/page.md"),
        ("no-such-command",),
    ],
)
def test_wrong_calls_are_2(hegui, arguments: tuple[str, ...]) -> None:
    said = hegui(*arguments)
    assert said.status == 2
    assert said.out == "" or arguments == ("check",)
    assert said.err


def test_the_highest_status_applies_and_good_inputs_are_answered(
    hegui, rules: str, tmp_path: Path
) -> None:
    good, bad = request_file(tmp_path), tmp_path / "bad.json"
    bad.write_bytes(b"{")
    said = hegui("check", good, str(bad), good, "--rulesets", rules, "--format", "json")
    assert said.status == 2
    assert [json.loads(text)["source"] for text in said.out.splitlines()] == [good, good]
    assert "EN0102" in said.err


# ---------------------------------------------------------------- inputs


def test_a_folder_stands_for_its_files_in_order(hegui, rules: str, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deeper").mkdir(parents=True)
    for name in ("b.json", "a.json", "deeper/c.json"):
        request_file(folder, name)
    (folder / "notes.txt").write_text("no request")
    said = hegui("check", str(folder), "--rulesets", rules, "--format", "json")
    names = [Path(json.loads(text)["source"]).name for text in said.out.splitlines()]
    assert names == ["a.json", "b.json", "c.json"]


def test_an_empty_folder_is_said(hegui, rules: str, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    said = hegui("check", str(folder), "--rulesets", rules)
    assert said.status == 2
    assert "EN0121" in said.err


def test_standard_input_is_read(
    hegui, rules: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Path(request_file(tmp_path)).read_bytes()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    said = hegui("check", "-", "--rulesets", rules, "--format", "json")
    assert said.status == 1
    assert json.loads(said.out)["source"] == "-"


def test_what_was_sent_cannot_disturb_a_terminal(hegui, rules: str, tmp_path: Path) -> None:
    sent = line(1, sumamt=50, hilist_name="药\x1b[2J品")
    path = tmp_path / "request.json"
    path.write_bytes(as_bytes(at_settlement(request(patient(encounter(fsi_order_dtos=[sent]))))))
    for arguments in (("check", str(path)), ("explain", str(path), "1")):
        said = hegui(*arguments, "--rulesets", rules)
        assert "品" in said.out
        assert "\x1b" not in said.out


# ---------------------------------------------------------------- options


def test_every_option_is_an_environment_variable(
    hegui, rules: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEGUI_RULESETS", rules)
    monkeypatch.setenv("HEGUI_FORMAT", "json")
    monkeypatch.setenv("HEGUI_STAGE", "after")
    said = hegui("check", request_file(tmp_path))
    assert json.loads(said.out)["stage"] == "after"


def test_english_is_english(hegui, rules: str, tmp_path: Path) -> None:
    path = request_file(tmp_path)
    for arguments in (("--lang", "en"), ("--lang=en",)):
        said = hegui("check", path, "--rulesets", rules, *arguments)
        assert "violated  Amount of a line  at risk up to 50.00 yuan" in said.out
    bad = hegui("check", str(tmp_path / "none.json"), "--lang", "en", "--rulesets", rules)
    assert "no such input" in bad.err


@pytest.mark.parametrize(
    "name", ["amount_limit", "限金额", "trial/amount_limit", "GZ10000102002000"]
)
def test_only_takes_every_name_of_a_rule(hegui, rules: str, tmp_path: Path, name: str) -> None:
    said = hegui("check", request_file(tmp_path), "--rulesets", rules, "--only", name)
    assert said.status == 1


def test_a_profile_is_found_in_the_configuration_folder(
    hegui, rules: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles = tmp_path / "config" / "profiles"
    profiles.mkdir(parents=True)
    monkeypatch.setenv("HEGUI_CONFIG", str(tmp_path / "config"))
    (profiles / "site.toml").write_text('vouches_empty = ["fsi_operation_dtos"]\n')
    path = request_file(tmp_path)
    said = hegui("check", path, "--rulesets", rules, "--profile", "site", "--format", "json")
    assert json.loads(said.out)["profile"] == "site"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("vouches = []", "没有这一项"),
        ("claimed_by_default = 3", "true 或 false"),
        ("[institutions.H1]\nlevel = '五级'", "不是级别"),
        ("[[coverage]]\ncollection = '患者.性别'", "不是集合"),
        ("[[coverage]]\nsince = 2026-01-01", "缺少这一项"),
        ("= 3", "不是 TOML"),
    ],
)
def test_a_wrong_profile_says_where(
    hegui, rules: str, tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    found = hegui("check", request_file(tmp_path), "--rulesets", rules, "--profile", str(path))
    assert found.status == 2
    assert "EN0122" in found.err
    assert said in found.err


# ---------------------------------------------------------------- the other commands


def test_help_tells_of_every_command(hegui) -> None:
    said = hegui("--help")
    assert said.status == 0
    for command in ("check", "explain", "rules", "test", "fmt", "compile", "demo"):
        assert command in said.out
        assert hegui(command, "--help").status == 0
    assert hegui("--version").out.startswith("hegui ")


def test_the_demo_shows_findings_and_is_0(hegui) -> None:
    said = hegui("demo")
    assert (said.status, said.err) == (0, "")
    assert "违规" in said.out
    assert "待补充信息" in said.out
    english = hegui("demo", "--lang", "en")
    assert "violated" in english.out


def test_explain_shows_the_derivation_of_one_finding(hegui, rules: str, tmp_path: Path) -> None:
    path = request_file(tmp_path)
    said = hegui("explain", path, "1", "--rulesets", rules)
    assert said.status == 0
    assert "判定过程" in said.out
    assert "规则原文" in said.out
    assert hegui("explain", path, "2", "--rulesets", rules).status == 2


def test_explain_reads_a_result_and_its_source_again(hegui, rules: str, tmp_path: Path) -> None:
    source = request_file(tmp_path)
    result = tmp_path / "result.json"
    checked = hegui("check", source, "--rulesets", rules, "--format", "json")
    result.write_text(checked.out, encoding="utf-8")
    assert "判定过程" in hegui("explain", str(result), "1", "--rulesets", rules).out
    request_file(tmp_path, amount=51)
    said = hegui("explain", str(result), "1", "--rulesets", rules)
    assert said.status == 0
    assert "只有简短说明" in said.out
    assert "判定过程" not in said.out
    assert "人血白蛋白超过30元。" in said.out


@pytest.mark.parametrize("code", ["RL0204", "rl0204", "EN0102", "EN0122"])
def test_explain_knows_the_codes(hegui, code: str) -> None:
    said = hegui("explain", code)
    assert said.status == 0
    assert said.out.strip()


def test_rules_are_listed_and_shown(hegui, rules: str) -> None:
    listed = hegui("rules", "--rulesets", rules)
    assert listed.status == 0
    assert "trial/amount_limit" in listed.out
    assert "GZ10000102002000" in listed.out
    shown = hegui("rules", "限金额", "--rulesets", rules)
    assert "   3  规则 限金额" in shown.out
    assert hegui("rules").status == 0


def test_cases_are_run_and_updated(hegui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    body = RULES.split("\n", 2)[2]
    text = (
        f"# T\n```rule\n{body}```\n## S\n```facts\n明细1.药品 = #X1\n明细1.金额 = 31元\n```\n"
        "```findings\n限金额（明细1）：合规\n```\n"
    )
    page.write_text(text, encoding="utf-8")
    said = hegui("test", str(page))
    assert said.status == 1
    assert "+限金额（明细1）：违规 31.00" in said.out
    monkeypatch.setenv("CI", "true")
    assert hegui("test", str(page), "--update").status == 2
    monkeypatch.delenv("CI")
    assert hegui("test", str(page), "--update").status == 0
    assert "违规 31.00" in page.read_text(encoding="utf-8")
    assert hegui("test", str(tmp_path)).status == 0
    page.write_text("```facts\n", encoding="utf-8")
    assert hegui("test", str(page)).status == 2
    page.write_text("# T\n", encoding="utf-8")
    said = hegui("test", str(page), "--lang", "en")
    assert (said.status, "no case at all" in said.err) == (2, True)


# ---------------------------------------------------------------- the last door


def test_an_unexpected_error_is_ours_and_shows_no_traceback(
    hegui, rules: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        message = "something inside"
        raise RuntimeError(message)

    monkeypatch.setattr("apps.checking.answer", broken)
    monkeypatch.delenv("HEGUI_DEBUG", raising=False)
    said = hegui("check", request_file(tmp_path), "--rulesets", rules)
    assert said.status == 2
    assert "EN0901" in said.err
    assert "HEGUI_DEBUG" in said.err


def hegui_process(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "apps.cli.main", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, **options)


def test_debugging_shows_the_traceback(tmp_path: Path) -> None:
    code = (
        "import apps.checking, sys\n"
        "def broken(*a, **k): raise RuntimeError('inside')\n"
        "apps.checking.answer = broken\n"
        "from apps.cli.main import run\n"
        f"sys.exit(run(['check', {request_file(tmp_path)!r}]))\n"
    )
    environment = {"HEGUI_DEBUG": "1", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, env=environment
    )
    assert done.returncode == 2
    assert b"Traceback" in done.stderr


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [sys.executable, "-m", "apps.cli.main", "rules"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read().decode()
    assert said == ""


def test_check_starts_light(tmp_path: Path) -> None:
    heavy = {"networkx", "python_calamine", "xlsxwriter", "duckdb", "rich", "numpy"}
    code = (
        "import sys\nfrom apps.cli.main import run\n"
        f"run(['check', {request_file(tmp_path)!r}, '--format', 'json'])\n"
        "print('\\n', *sorted({m.split('.')[0] for m in sys.modules}), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    assert set(done.stderr.decode().split()) & heavy == set()

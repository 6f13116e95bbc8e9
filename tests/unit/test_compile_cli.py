"""`hegui compile`: its report, the bundle that it writes, and checking by that bundle."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from apps.cli.main import run
from apps.named_files import table_files
from apps.rulesets import RuleTexts
from rulelang.driver import compile_sources
from rulelang.source import Source
from rulelang.version import __version__
from tests.requests import as_bytes, at_settlement, encounter, line, patient, request

RULES = """\
规则集 试验 | trial “试验” “Trial”
层级 国家
引用 国家.目录
名单 贵药 | dear：药品编码 = ｛#XB05AAR021B001010100348｝
知识表 价表 | prices （药品 | drug：药品编码，价 | cap：金额）
    键 药品 取自 “价表.csv”
规则 限金额 | amount_limit “单行金额” “Amount of a line”
    国家编码 GZ10000102002000
    结果类型 违规
    针对 明细
    当 明细.药品 在 价表
    要求 明细.金额 <= 价表[明细.药品].价
    则 不予支付 明细.医保内金额
"""
CELLS = "药品,价\nXB05AAR021B001010100348,30元\n"


class Said(SimpleNamespace):
    """Status, standard output and standard error of one call."""

    status: int
    out: str
    err: str


@pytest.fixture
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def hegui(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, cache: Path):
    monkeypatch.delenv("HEGUI_LANG", raising=False)
    monkeypatch.setenv("HEGUI_CACHE", str(cache))

    def call(*arguments: object) -> Said:
        status = run(list(map(str, arguments)))
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Said(status=status, out=out, err=err)

    return call


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "trial.rule").write_text(RULES, encoding="utf-8")
    (folder / "价表.csv").write_text(CELLS, encoding="utf-8")
    return folder


@pytest.fixture
def bundle(hegui, rules: Path, tmp_path: Path) -> Path:
    path = tmp_path / "trial.bundle"
    assert hegui("compile", rules, "--out", path).status == 0
    return path


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    path = tmp_path / "request.json"
    tree = at_settlement(request(patient(encounter(fsi_order_dtos=[line(1, sumamt=50)]))))
    path.write_bytes(as_bytes(tree))
    return path


def test_the_report_counts_what_there_is(hegui, rules: Path) -> None:
    said = hegui("compile", rules)
    assert (said.status, said.err) == (0, "")
    lines = said.out.splitlines()
    assert "trial  规则 1，知识表 1（1 行），名单 1" in lines
    assert any(text.startswith("national.catalogs  规则 0，知识表 3（") for text in lines)
    assert lines[-1] == "错误 0，警告 0"
    english = hegui("compile", rules, "--lang", "en").out
    assert "trial  1 rules, 1 tables (1 rows), 1 lists" in english


def test_the_report_is_json_where_it_is_wanted(hegui, rules: Path, tmp_path: Path) -> None:
    path = tmp_path / "trial.bundle"
    said = hegui("compile", rules, "--format", "json", "--out", path)
    found = json.loads(said.out)
    assert said.err == ""
    assert found["counts"]["rules"] == 1
    assert found["bundle"] == {"path": str(path), "bytes": path.stat().st_size}
    (own,) = (item for item in found["rulesets"] if item["id"] == "trial")
    assert own["digest"].removeprefix("sha256:").startswith(own["version"])
    assert (own["rules"], own["tables"], own["rows"], own["lists"]) == (1, 1, 1, 1)
    assert (found["errors"], found["warnings"], found["diagnostics"]) == (0, 0, [])


def test_errors_are_said_and_nothing_is_written(hegui, rules: Path, tmp_path: Path) -> None:
    (rules / "trial.rule").write_text(RULES.replace("明细.药品 在", "明细.无 在"), encoding="utf-8")
    path = tmp_path / "trial.bundle"
    said = hegui("compile", rules, "--out", path)
    assert (said.status, said.out) == (3, "")
    assert "error[RL" in said.err
    assert "trial.rule:11" in said.err
    assert "错误 1，警告 0" in said.err
    assert not path.exists()
    found = json.loads(hegui("compile", rules, "--out", path, "--format", "json").out)
    assert (found["errors"], found["counts"], found["bundle"]) == (1, None, None)
    assert found["diagnostics"][0]["line"] == 11


def test_warnings_do_not_stop_the_bundle(hegui, rules: Path, tmp_path: Path) -> None:
    text = RULES.replace("    国家编码 GZ10000102002000\n", "")
    (rules / "trial.rule").write_text(text, encoding="utf-8")
    path = tmp_path / "trial.bundle"
    said = hegui("compile", rules, "--out", path)
    assert said.status == 0
    assert "warning[RL0707]" in said.err
    assert "错误 0，警告 1" in said.out
    assert path.exists()


def test_a_check_by_the_bundle_answers_as_by_the_rules(hegui, rules, bundle, bill) -> None:
    by_text = hegui("check", bill, "--rulesets", rules, "--format", "json")
    by_bundle = hegui("check", bill, "--rulesets", bundle, "--format", "json")
    assert by_text.status == by_bundle.status == 1
    assert by_text.out == by_bundle.out
    assert '"outcome": "violated"' in by_bundle.out
    assert "规则原文" in hegui("explain", bill, "1", "--rulesets", bundle).out
    assert "trial/amount_limit" in hegui("rules", "--rulesets", bundle).out


def test_the_same_rules_make_the_same_bundle(hegui, rules, bundle, tmp_path) -> None:
    again = tmp_path / "again.bundle"
    hegui("compile", rules, "--out", again)
    assert again.read_bytes() == bundle.read_bytes()
    (rules / "价表.csv").write_text(CELLS.replace("30", "31"), encoding="utf-8")
    hegui("compile", rules, "--out", again)
    assert again.read_bytes() != bundle.read_bytes()


def damaged(data: bytes) -> bytes:
    return data[:-5] + b"00000"


def truncated(data: bytes) -> bytes:
    return data[: len(data) // 2]


def of_another_version(data: bytes) -> bytes:
    return data.replace(f" {__version__} ".encode(), b" 99.1.0 ", 1)


def empty(data: bytes) -> bytes:
    return data[:0]


def rule_text(data: bytes) -> bytes:
    return RULES.encode() if data else data


@pytest.mark.parametrize(
    ("harm", "code", "said"),
    [
        (damaged, "EN0402", "已损坏"),
        (truncated, "EN0402", "已损坏"),
        (of_another_version, "EN0403", f"另一版本（99.1.0），本程序是 {__version__}"),
        (empty, "EN0401", "不是规则包"),
        (rule_text, "EN0401", "不是规则包"),
    ],
)
def test_a_bundle_that_cannot_be_used_is_refused_clearly(
    hegui, bundle: Path, bill: Path, harm, code: str, said: str
) -> None:
    bundle.write_bytes(harm(bundle.read_bytes()))
    for arguments in (("check", bill), ("explain", bill), ("rules",)):
        found = hegui(*arguments, "--rulesets", bundle)
        assert (found.status, found.out) == (2, "")
        assert f"error[{code}]" in found.err
        assert said in found.err
        assert str(bundle) in found.err
        assert "hegui compile" in found.err


def test_a_bundle_stands_alone_and_is_there(hegui, rules, bundle, bill, tmp_path) -> None:
    both = hegui("check", bill, "--rulesets", bundle, "--rulesets", rules)
    assert both.status == 2
    assert "不能与其他规则集同用" in both.err
    none = hegui("check", bill, "--rulesets", tmp_path / "none.bundle")
    assert none.status == 2
    assert "不能读取" in none.err
    assert "EN09" not in none.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("{rules}", "--out", "{tmp}/trial.json"),
        ("{rules}", "--out", "{tmp}/none/trial.bundle"),
        ("{tmp}/none",),
        ("{tmp}",),
        ("{bundle}",),
        (),
    ],
)
def test_wrong_calls_are_2_and_write_nothing(
    hegui, rules: Path, bundle: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    places = {"rules": rules, "bundle": bundle, "tmp": tmp_path / "elsewhere"}
    places["tmp"].mkdir()
    before = sorted(tmp_path.rglob("*"))
    said = hegui("compile", *(part.format(**places) for part in arguments))
    assert said.status == 2
    assert said.err
    assert sorted(tmp_path.rglob("*")) == before


# ---------------------------------------------------------------- what is kept


@pytest.fixture
def doubtful(rules: Path) -> Path:
    """Rules that compile with warnings, in the text and in the table."""
    text = RULES.replace("    国家编码 GZ10000102002000\n", "")
    (rules / "trial.rule").write_text(text, encoding="utf-8")
    row = "XB05AAR021B001010100348,30元,一\n"
    (rules / "价表.csv").write_text(f"药品,价,备注\n{row}{row}", encoding="utf-8")
    return rules


def never_compiled(*_: object) -> None:
    raise AssertionError


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_what_is_kept_is_reported_as_what_is_compiled(
    hegui, doubtful: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, lang: str
) -> None:
    out = tmp_path / "trial.bundle"
    order = ("compile", doubtful, "--format", form, "--lang", lang, "--out", out)
    cold = hegui(*order)
    written = out.read_bytes()
    out.unlink()
    monkeypatch.setattr(RuleTexts, "compile", never_compiled)
    assert hegui(*order) == cold
    assert out.read_bytes() == written
    said = cold.err if form == "text" else cold.out
    assert cold.status == 0
    assert all(code in said for code in ("RL0707", "RL0225", "RL0228"))


def test_a_check_reads_what_compile_has_kept_and_shows_its_warnings(
    hegui, doubtful: Path, bill: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cold = hegui("check", bill, "--rulesets", doubtful)
    (kept,) = cache.iterdir()
    kept.unlink()
    hegui("compile", doubtful)
    assert [path.name for path in cache.iterdir()] == [kept.name]
    monkeypatch.setattr(RuleTexts, "compile", never_compiled)
    assert hegui("check", bill, "--rulesets", doubtful) == cold
    assert cold.status == 1
    assert all(f"warning[{code}]" in cold.err for code in ("RL0707", "RL0225", "RL0228"))


def test_what_has_changed_is_compiled_anew(hegui, doubtful: Path, cache: Path) -> None:
    cold = hegui("compile", doubtful)
    assert "警告 3" in cold.out
    (doubtful / "价表.csv").write_text(CELLS, encoding="utf-8")
    assert "警告 1" in hegui("compile", doubtful).out
    (doubtful / "trial.rule").write_text(RULES, encoding="utf-8")
    assert "警告 0" in hegui("compile", doubtful).out
    assert len(list(cache.iterdir())) == 3
    (doubtful / "trial.rule").write_text(
        RULES.replace("明细.药品 在", "明细.无 在"), encoding="utf-8"
    )
    assert hegui("compile", doubtful).status == hegui("compile", doubtful).status == 3
    assert len(list(cache.iterdir())) == 3


@pytest.mark.parametrize("harm", ["damaged", "truncated", "of_another_version", "empty"])
def test_what_is_kept_and_damaged_is_compiled_anew(
    hegui, doubtful: Path, cache: Path, harm: str
) -> None:
    cold = hegui("compile", doubtful)
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(globals()[harm](whole))
    assert hegui("compile", doubtful) == cold
    assert kept.read_bytes() == whole


def test_a_table_that_changes_while_it_is_compiled_is_not_kept(
    hegui, rules: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = RuleTexts.compile

    def disturbed(self: RuleTexts, told: object = None) -> object:
        found = plain(self)
        (rules / "价表.csv").write_text(CELLS + CELLS.splitlines()[1] + "\n", encoding="utf-8")
        return found

    with monkeypatch.context() as patched:
        patched.setattr(RuleTexts, "compile", disturbed)
        assert "警告 0" in hegui("compile", rules).out
    assert not list(cache.iterdir())
    assert "警告 1" in hegui("compile", rules).out


NAMED = [
    "取自 “{}”",
    'from "{}"',
    "取自“{}”",
    "取自 -- 取自 “别的.csv”\n  -- 再说\n  “{}”",
    "取自\u3000\u200b\uff02{}\uff02",
    "\uff46\uff52\uff4f\uff4d “{}”",
    "取自 －－ “注”\n “{}”",
]
FILES = ["甲“乙”丙", "价表.csv", "价表.txt", "甲\\“乙", "a/b.CSV", " 空 格 "]


@pytest.mark.parametrize(
    ("spelling", "file"),
    [*((way, FILES[0]) for way in NAMED), *((NAMED[0], file) for file in FILES[1:])],
)
def test_every_file_that_is_read_is_known_before(spelling: str, file: str) -> None:
    head, where, tail = RULES.partition("取自 “价表.csv”")
    assert where
    source = Source("rules/trial.rule", head + spelling.format(file) + tail)
    found: list[str] = []

    def read(path: str) -> bytes:
        found.append(path)
        return CELLS.encode()

    compile_sources([source], read)
    assert found
    assert table_files(source) == sorted(set(found))


def test_a_table_of_another_ending_is_part_of_what_is_kept(hegui, rules: Path, bill: Path) -> None:
    (rules / "trial.rule").write_text(RULES.replace("价表.csv", "价表.txt"), encoding="utf-8")
    (rules / "价表.txt").write_text(CELLS, encoding="utf-8")
    assert hegui("check", bill, "--rulesets", rules).status == 1
    (rules / "价表.txt").write_text(CELLS.replace("30", "90"), encoding="utf-8")
    assert hegui("check", bill, "--rulesets", rules).status == 0

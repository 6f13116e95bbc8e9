"""`hegui fmt`: what it writes, what it only lists, and what it never touches."""

import io
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from apps.cli.main import run
from rulelang import ast
from rulelang.format import format_file
from rulelang.source import Source

ROOT = Path(__file__).parents[2]

LOOSE = """\
-- 文件头

规则集   试验 | trial “试验” “Trial” -- 行末
层级 国家
规则 限金额 | amount_limit “单行金额” “Amount of a line”
  结果类型   违规
  -- 针对之前
  针对 明细
  要求 明细.金额<=30元
  则 不予支付   明细.医保内金额
"""
CANONICAL = """\
-- 文件头

规则集 试验 | trial “试验” “Trial” -- 行末
层级 国家
规则 限金额 | amount_limit “单行金额” “Amount of a line”
    结果类型 违规
    -- 针对之前
    针对 明细
    要求 明细.金额 <= 30元
    则 不予支付 明细.医保内金额
"""
BROKEN = "规则集 试验 “试验”\n规则  甲 “题”\n  针对 明细\n  要求 \n"


class Said(SimpleNamespace):
    """Status, standard output and standard error of one call."""

    status: int
    out: str
    err: str


@pytest.fixture
def fmt(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("HEGUI_LANG", raising=False)

    def call(*arguments: object) -> Said:
        status = run(["fmt", *map(str, arguments)])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Said(status=status, out=out, err=err)

    return call


def written(tmp_path: Path, text: str | bytes = LOOSE, name: str = "trial.rule") -> Path:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_file_is_laid_out_with_its_comments(fmt, tmp_path: Path) -> None:
    path = written(tmp_path)
    said = fmt(path)
    assert (said.status, said.out, said.err) == (0, f"已排版 {path}\n", "")
    assert path.read_text(encoding="utf-8") == CANONICAL
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_canonical_is_not_written_again(fmt, tmp_path: Path) -> None:
    path = written(tmp_path, CANONICAL)
    os.utime(path, (1, 1))
    assert (fmt(path).status, fmt(path).out) == (0, "")
    assert path.stat().st_mtime == 1


def test_check_lists_and_writes_nothing(fmt, tmp_path: Path) -> None:
    path, fine = written(tmp_path), written(tmp_path, CANONICAL, "fine.rule")
    said = fmt("--check", tmp_path)
    assert (said.status, said.out) == (1, f"{path}\n")
    assert path.read_text(encoding="utf-8") == LOOSE
    assert (fmt("--check", fine).status, fmt("--check", fine).out) == (0, "")


@pytest.mark.parametrize(
    "data",
    [
        CANONICAL.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + CANONICAL.encode(),
        CANONICAL.rstrip("\n").encode(),
    ],
    ids=["line ends of windows", "byte order mark", "no last line end"],
)
def test_marks_and_line_ends_are_layout_too(fmt, tmp_path: Path, data: bytes) -> None:
    path = written(tmp_path, data)
    assert fmt("--check", path).status == 1
    assert fmt(path).status == 0
    assert path.read_bytes() == CANONICAL.encode()


def test_syntax_errors_are_reported_and_the_file_left_alone(fmt, tmp_path: Path) -> None:
    path, loose = written(tmp_path, BROKEN, "a.rule"), written(tmp_path, LOOSE, "b.rule")
    said = fmt(path, loose)
    assert said.status == 3
    assert "error[RL01" in said.err
    assert f"{path}:4" in said.err
    assert path.read_text(encoding="utf-8") == BROKEN
    assert loose.read_text(encoding="utf-8") == CANONICAL
    assert fmt("--check", path).status == 3


def test_what_is_not_utf8_is_left_alone(fmt, tmp_path: Path) -> None:
    path = written(tmp_path, LOOSE.encode("gbk"))
    said = fmt(path)
    assert said.status == 2
    assert "EN0101" in said.err
    assert path.read_bytes() == LOOSE.encode("gbk")


def test_standard_input_goes_to_standard_output(fmt, monkeypatch: pytest.MonkeyPatch) -> None:
    def given(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))

    given(LOOSE)
    said = fmt("-")
    assert (said.status, said.out) == (0, CANONICAL)
    given(LOOSE)
    said = fmt("-", "--check")
    assert (said.status, said.out) == (1, "-\n")
    given(BROKEN)
    said = fmt("-")
    assert (said.status, said.out) == (3, "")


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch):
    def as_standard_input(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))

    return as_standard_input


ENGLISH = """\
-- 文件头

ruleset trial | 试验 “试验” “Trial” -- 行末
authority national
rule amount_limit | 限金额 “单行金额” “Amount of a line”
    certainty definite
    -- 针对之前
    for line
    require line.amount <= 30yuan
    then deny line.claimed_amount
"""
MIXED = CANONICAL.replace("结果类型", "certainty").replace("明细.金额 <=", "line.amount <=")


def test_a_file_is_switched_and_back(fmt, tmp_path: Path) -> None:
    path = written(tmp_path)
    assert fmt(path, "--lang", "en").status == 0
    assert path.read_text(encoding="utf-8") == ENGLISH
    assert fmt(path, "--lang", "en", "--check").status == 0
    assert fmt(path, "--lang", "zh", "--check").out == f"{path}\n"
    assert fmt(path, "--lang", "zh").status == 0
    assert path.read_text(encoding="utf-8") == CANONICAL


def test_keywords_of_both_spellings_are_mended(fmt, given) -> None:
    given(MIXED)
    said = fmt("-")
    assert said.status == 3
    assert "hegui fmt --lang zh -" in said.err
    for lang, text in (("zh", CANONICAL), ("en", ENGLISH)):
        given(MIXED)
        assert fmt("-", "--lang", lang).out == text


def test_names_that_would_collide_are_not_switched(fmt, given) -> None:
    more = "名单 甲 | a：药品编码 = ｛#X1｝\n" + CANONICAL.split("层级 国家\n")[1]
    more = more.replace("    要求", "    记 乙 | a = 3盒\n    当 明细.药品 在 甲\n    要求")
    given(CANONICAL.split("规则 ", maxsplit=1)[0] + more)
    said = fmt("-", "--lang", "en")
    assert (said.status, said.out) == (3, "")
    assert "RL0290" in said.err


def test_what_cannot_be_read_is_not_switched_and_keeps_no_other(fmt, tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "broken.rule").write_text(BROKEN, encoding="utf-8")
    assert fmt(tmp_path, "--lang", "en").status == 3
    assert path.read_text(encoding="utf-8") == ENGLISH
    assert (tmp_path / "broken.rule").read_text(encoding="utf-8") == BROKEN


def test_mistakes_that_keep_names_unknown_are_told(fmt, given) -> None:
    given(CANONICAL.replace("明细.金额", "明细.金頟"))
    said = fmt("-", "--lang", "en")
    assert said.status == 0
    assert "line.金頟" in said.out
    assert "1 处错误" in said.err


def test_what_is_not_there_is_said(fmt, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "none.rule", tmp_path / "empty"):
        said = fmt(path)
        assert (said.status, said.out) == (2, "")
        assert str(path) in said.err


# ---------------------------------------------------------------- our own mistakes


def wrong_meaning(file: ast.File, source: Source) -> str:
    return format_file(file, source).replace("30元", "3元")


def wrong_syntax(file: ast.File, source: Source) -> str:
    return format_file(file, source).replace("规则 限金额", "规则 ｛")


def lost_comment(file: ast.File, source: Source) -> str:
    return format_file(file, source).replace("-- 针对之前\n    ", "")


def never_settled(file: ast.File, source: Source) -> str:
    return format_file(file, source) + ("" if "\n\n\n" in source.text else "\n\n")


def broken(file: ast.File, source: Source) -> str:
    raise RuntimeError(source.path)


@pytest.mark.parametrize("command", ["fmt", "lint", "compile"])
@pytest.mark.parametrize("name", ["案例.md", "表.csv"])
def test_what_lies_beside_rules_is_no_rule_file(
    command: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_text("# 案例\n", encoding="utf-8")
    assert run([command, str(path)]) == 2
    assert f"`{path}` 中没有规则文件" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == "# 案例\n"


@pytest.mark.parametrize(
    "mistake", [wrong_meaning, wrong_syntax, lost_comment, never_settled, broken]
)
@pytest.mark.parametrize("check", [False, True], ids=["write", "check"])
def test_a_form_that_is_not_proved_is_never_written(
    fmt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake, *, check: bool
) -> None:
    path = written(tmp_path)
    monkeypatch.setattr("apps.authoring.formatting.format_file", mistake)
    said = fmt(path, *(["--check"] if check else []))
    assert (said.status, said.out) == (2, "")
    assert "EN0901" in said.err
    assert path.read_text(encoding="utf-8") == LOOSE


def test_a_file_that_cannot_be_written_stays_and_is_said(
    fmt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device", str(self))

    path = written(tmp_path)
    monkeypatch.setattr(Path, "replace", full)
    said = fmt(path)
    assert said.status == 2
    assert "EN0124" in said.err
    assert path.read_text(encoding="utf-8") == LOOSE
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_and_links_stay(fmt, tmp_path: Path) -> None:
    path = written(tmp_path)
    path.chmod(0o640)
    link = tmp_path / "link.rule"
    link.symlink_to(path)
    assert fmt(link).status == 0
    assert link.is_symlink()
    assert path.read_text(encoding="utf-8") == CANONICAL
    assert path.stat().st_mode & 0o777 == 0o640


# ---------------------------------------------------------------- what is shipped


def test_shipped_rules_are_in_the_canonical_form(fmt) -> None:
    said = fmt("--check", ROOT / "rulesets")
    assert (said.status, said.out, said.err) == (0, "", "")

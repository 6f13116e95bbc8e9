"""`hegui new`: what it writes runs, in either spelling; what is asked for wrongly is said."""

from pathlib import Path

import pytest

from apps.cli.main import run


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("layer", [(), ("--authority", "city", "--region", "330600")])
def test_a_new_ruleset_compiles_is_laid_out_and_passes_its_cases(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, layer: tuple[str, ...]
) -> None:
    folder = str(tmp_path / "mine")
    call = ["new", folder, "--name", "甲市.限次 | city.limits", "--lang", lang, *layer]
    assert run(call) == 0
    written = capsys.readouterr().out
    assert all(Path(line).is_file() for line in written.splitlines()[:-1])
    assert run(["compile", folder, "--lang", lang]) == 0
    assert run(["fmt", "--check", folder]) == 0
    capsys.readouterr()
    assert run(["test", folder]) == 0
    assert "通过 6" in capsys.readouterr().out


def test_its_cases_try_the_rule_that_lies_beside_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine"
    assert run(["new", str(folder)]) == 0
    table = folder / "日限次.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("1次", "2次"), encoding="utf-8")
    capsys.readouterr()
    assert run(["test", str(folder)]) == 1
    assert "-超日限次（明细1）：违规 20.00\n    +超日限次（明细1）：违规 10.00" in (
        capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("options", "option"),
    [
        (["--name", "规则"], "--name"),
        (["--name", "甲 市"], "--name"),
        (["--authority", "village"], "--authority"),
        (["--authority", "city"], "--region"),
        (["--authority", "city", "--region", "3306"], "--region"),
    ],
)
def test_a_wish_that_makes_no_ruleset_is_refused_and_nothing_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], option: str
) -> None:
    folder = tmp_path / "mine"
    assert run(["new", str(folder), *options]) == 2
    assert f"--> {option}" in capsys.readouterr().err
    assert not folder.exists()


def test_what_is_there_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kept.txt").write_text("kept", encoding="utf-8")
    assert run(["new", str(tmp_path)]) == 2
    assert "FOLDER" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]

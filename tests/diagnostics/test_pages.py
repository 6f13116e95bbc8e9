"""Every code has a page, every page provokes its code and prints what it says, and none is missing.

`HEGUI_UPDATE=1` writes the printed texts anew; what changed is then seen in the diff.
"""

import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

import pytest

from apps.cli.main import run
from apps.config import CODES as APP_CODES
from engine.errors import ENGINE_CODES
from rulelang.codes import CODES
from rulelang.diagnostics import Level
from tests.diagnostics.reading import (
    CHINESE,
    ENGLISH,
    LANGS,
    MENDED,
    Block,
    Page,
    compiled,
    pages,
    printed,
    read,
    rewritten,
)

ROOT = Path(__file__).parents[2]
UPDATE = os.environ.get("HEGUI_UPDATE", "") not in {"", "0"}
RULE_PAGES = pages("RL")
ENGINE_PAGES = pages("EN")
# What a printed text may not hold: a Python type name, a final stop, blame.
UNWANTED = re.compile(r"NoneType|<class|Traceback|\bDecimal\(|[。.!！]$|错误地|wrongly|stupid")


def name_of(path: Path) -> str:
    return path.stem


def update(page: Page, texts: Mapping[Block, str]) -> None:
    assert not os.environ.get("CI"), "HEGUI_UPDATE is for a clone, never for CI"
    page.path.write_text(rewritten(page, texts), encoding="utf-8")
    read.cache_clear()


# ---------------------------------------------------------------- completeness


def test_every_code_has_a_page() -> None:
    assert [path.stem for path in RULE_PAGES] == list(CODES)
    known = sorted({*ENGINE_CODES, *APP_CODES})
    assert [path.stem for path in ENGINE_PAGES] == known


def test_the_catalogues_are_sorted_and_their_slugs_unique() -> None:
    for catalogue in (CODES, ENGINE_CODES, APP_CODES):
        assert list(catalogue) == sorted(catalogue)
        assert all(code == entry.code for code, entry in catalogue.items())
        assert len({entry.slug for entry in catalogue.values()}) == len(catalogue)


def literals(*folders: str) -> dict[str, set[str]]:
    """Codes that stand as literals in the sources, with the files that hold them."""
    found: dict[str, set[str]] = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for code in re.findall(r"[\"'](RL\d{4})[\"']", path.read_text(encoding="utf-8")):
                found.setdefault(code, set()).add(path.relative_to(ROOT).as_posix())
    return found


def test_no_code_is_raised_that_is_not_listed() -> None:
    raised = literals("rulelang", "engine", "apps")
    assert sorted(raised) == list(CODES)
    only_listed = [code for code, where in raised.items() if where == {"rulelang/codes.py"}]
    assert only_listed == [], "codes in the catalogue that nothing raises"


@pytest.mark.parametrize("path", [*RULE_PAGES, *ENGINE_PAGES], ids=name_of)
def test_the_title_is_the_catalogue_entry(path: Path) -> None:
    page = read(path)
    rule = CODES.get(page.code)
    if rule is not None:
        assert page.title == f"# {rule.code} {rule.slug} {rule.zh} / {rule.en}"
    else:
        entry = {**ENGINE_CODES, **APP_CODES}[page.code]
        assert page.title == f"# {entry.code} {entry.slug} {entry.title.zh} / {entry.title.en}"
    chinese, english = page.prose
    assert not chinese.isascii()
    assert english[0].isascii()


# ---------------------------------------------------------------- rule text


@pytest.mark.parametrize("path", RULE_PAGES, ids=name_of)
def test_a_page_provokes_its_code_and_prints_it(path: Path) -> None:
    page = read(path)
    assert page.sections == (CHINESE, ENGLISH, MENDED)
    texts = {}
    for section in (CHINESE, ENGLISH):
        block = page.only("diagnostics", section)
        assert block is not None
        texts[block] = printed(page, section)
    if UPDATE:
        update(page, texts)
        page = read(path)
    for section in (CHINESE, ENGLISH):
        block = page.only("diagnostics", section)
        assert block is not None
        assert block.text == printed(page, section)
        codes = [each.code for each in compiled(page, section).diagnostics]
        assert page.code in codes
        level = CODES[page.code].level
        others = [code for code in codes if CODES[code].level is level and code != page.code]
        assert others == [] or page.code == "RL0119", "a page shows one code"


@pytest.mark.parametrize("path", RULE_PAGES, ids=name_of)
def test_a_page_is_told_in_the_tone_of_the_house(path: Path) -> None:
    for section, lang in LANGS.items():
        for each in compiled(read(path), section).diagnostics:
            for words in (each.words, *([each.help] if each.help is not None else [])):
                text = words.choose(lang)
                assert text
                assert UNWANTED.search(text) is None, text
                assert text.count("`") % 2 == 0, text
                assert "\n" not in text


@pytest.mark.parametrize("path", RULE_PAGES, ids=name_of)
def test_the_mended_rules_compile(path: Path) -> None:
    found = compiled(read(path), MENDED)
    assert [each.code for each in found.errors] == []
    assert read(path).code not in [each.code for each in found.diagnostics]
    assert found.program is not None


@pytest.mark.parametrize("path", RULE_PAGES, ids=name_of)
def test_both_spellings_of_a_page_make_the_same_mistake(path: Path) -> None:
    chinese, english = (compiled(read(path), section).diagnostics for section in LANGS)
    assert [each.code for each in chinese] == [each.code for each in english]


def test_every_error_offers_a_repair_or_says_all() -> None:
    """Most pages show a help; those that need none are listed, so that a lost one is seen."""
    without = [
        path.stem
        for path in RULE_PAGES
        if CODES[path.stem].level is Level.ERROR
        and all(
            each.help is None
            for each in compiled(read(path), CHINESE).diagnostics
            if each.code == path.stem
        )
    ]
    assert without == WITHOUT_HELP


# The sentence says it all: which bracket, how many items, what is lacking, where it leads back.
WITHOUT_HELP = ["RL0101", "RL0108", "RL0119", "RL0211"]


# ---------------------------------------------------------------- the machinery


@pytest.mark.parametrize(
    ("path", "section"),
    [
        pytest.param(path, section, id=f"{path.stem}-{lang}")
        for path in ENGINE_PAGES
        for section, lang in LANGS.items()
        if read(path).only("command", "") is not None
    ],
)
def test_an_input_provokes_its_code(
    path: Path,
    section: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = read(path)
    command, wanted = page.only("command", ""), page.only("error", section)
    assert command is not None
    assert wanted is not None
    monkeypatch.chdir(tmp_path)
    for name, data in page.files().items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(data)
    _, *arguments = shlex.split(command.text)
    assert run([*arguments, "--lang", LANGS[section]]) == 2
    said = capsys.readouterr().err
    if UPDATE:
        update(page, {wanted: said})
    assert f"[{page.code}]" in said
    again = read(path).only("error", section)
    assert again is not None
    assert again.text == said


def test_the_pages_without_an_input_are_known() -> None:
    """What takes a large file, a workbook or a mistake of ours is described only."""
    described = [path.stem for path in ENGINE_PAGES if read(path).only("command", "") is None]
    assert described == DESCRIBED


DESCRIBED = [
    "EN0103", "EN0105", "EN0106", "EN0107", "EN0114", "EN0115", "EN0118", "EN0123", "EN0124",
    "EN0125", "EN0401", "EN0402", "EN0403", "EN0901",
]  # fmt: skip

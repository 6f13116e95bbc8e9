"""`hegui doc`: the rule book, a folder of pages that hang together and need nothing else."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from apps.cli.main import run

ENDLESS = frozenset({"meta", "input", "br", "path", "rect"})


class Reader(HTMLParser):
    """What a page links to, what it says, and whether its elements close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        self.loads += [given[name] or "" for name in ("src", "data") if name in given]
        if tag not in ENDLESS:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in ENDLESS:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in ENDLESS:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(path: Path) -> Reader:
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    assert reader.open == []
    return reader


@pytest.fixture(scope="module", params=["zh", "en"])
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("book")
    assert run(["doc", "--out", str(folder), "--lang", request.param]) == 0
    return folder


def test_every_link_leads_to_a_page_and_nothing_comes_from_elsewhere(book: Path) -> None:
    pages = sorted(book.rglob("*.html"))
    assert len(pages) > 40
    for page in pages:
        reader = read(page)
        assert reader.loads == []
        assert "//" not in "".join(reader.links)
        for link in reader.links:
            assert (page.parent / link).is_file(), (page.name, link)


def test_a_rule_is_shown_with_its_law_both_spellings_its_tables_and_cases(book: Path) -> None:
    text = read(book / "rules" / "national.drug_limits-albumin_limit.html").text
    for part in ("规则 白蛋白限定", "rule albumin_limit", "目录25", "GZ10000101008000", "facts"):
        assert part in text


def test_the_law_names_each_cited_place_with_its_rules(book: Path) -> None:
    reader = read(book / "law.html")
    assert "rules/national.drug_limits-albumin_limit.html" in reader.links
    assert "医保发" in reader.text


def test_rules_that_do_not_compile_make_no_book(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.rule").write_text("规则集 坏", encoding="utf-8")
    assert run(["doc", str(tmp_path), "--out", str(tmp_path / "book")]) == 3
    assert "RL" in capsys.readouterr().err
    assert not (tmp_path / "book").exists()

"""Every rule of the pages and of the shipped rulesets can be switched to the other spelling and back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.authoring.cases import CASE_RULESET, load_page
from apps.rulesets import RuleTexts, shipped, with_needed
from rulelang.driver import Compiled
from rulelang.format import format_file
from rulelang.parser import parse_file
from rulelang.source import Source
from rulelang.translate import switched
from tests.spec.test_both_spellings import HEAD

FOLDER = Path(__file__).parent
RULESETS = FOLDER.parents[1] / "rulesets"
PAGES = [*sorted(FOLDER.glob("[!R]*.md")), *sorted(RULESETS.rglob("cases/*.md"))]
GLUED = "RL0118"  # is offered for Chinese names only


def texts_of(path: Path) -> Iterator[RuleTexts]:
    """The rules of the cases of a page that can be read, in canonical layout, each set once."""
    seen = set()
    for case in load_page(path).cases:
        written = [Source(f"page#{n}", block.text) for n, block in enumerate(case.rules)]
        named = case.named("rulesets")
        key = (tuple(source.text for source in written), tuple(named))
        if key in seen or not written or any(parse_file(source)[1] for source in written):
            continue
        seen.add(key)
        whole = [with_head(source) for source in written]
        laid = tuple(Source(s.path, format_file(parse_file(s)[0], s)) for s in whole)
        files = {name: block.text.encode() for name, block in case.files.items()}
        yield with_needed(RuleTexts(laid, files.get), named)


def with_head(source: Source) -> Source:
    if HEAD.search(source.text):
        return source
    return Source(source.path, CASE_RULESET[parse_file(source)[0].spelling] + source.text)


def other(source: Source, compiled: Compiled) -> Source:
    target = "en" if parse_file(source)[0].spelling == "zh" else "zh"
    return Source(source.path, switched(source, compiled, target))


def check(texts: RuleTexts) -> None:
    before = texts.compile()
    made = RuleTexts(tuple(other(source, before) for source in texts.sources), texts.read)
    after = made.compile()
    assert [other(source, after) for source in made.sources] == list(texts.sources)
    codes = [each.code for each in before.diagnostics]
    assert GLUED in codes or codes == [each.code for each in after.diagnostics]
    assert digests(before) == digests(after)


def digests(compiled: Compiled) -> list[str]:
    return [] if compiled.program is None else [r.digest for r in compiled.program.rulesets]


@pytest.mark.parametrize(
    "path", PAGES, ids=lambda path: path.relative_to(RULESETS.parent).as_posix()
)
def test_the_rules_of_a_page_can_be_switched_and_back(path: Path) -> None:
    for texts in texts_of(path):
        check(texts)


def test_the_pages_hold_rules() -> None:
    assert sum(1 for path in PAGES for _ in texts_of(path)) > 150


def test_the_shipped_rulesets_can_be_switched_and_back() -> None:
    check(shipped())

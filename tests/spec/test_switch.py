"""Every rule of the pages and of the shipped rulesets can be switched to the other spelling and back."""

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import pytest

from apps.authoring.cases import CASE_RULESET, load_page
from apps.rulesets import RuleTexts, shipped, with_needed
from rulelang.driver import Compiled
from rulelang.format import format_file
from rulelang.keywords import KEYWORDS, RESERVED
from rulelang.parser import parse_file
from rulelang.source import Source
from rulelang.translate import switched
from rulelang.vocabulary import load
from rulelang.words import (
    ATTRIBUTES,
    AUTHORITIES,
    CAPS,
    CERTAINTIES,
    OPEN_WORDS,
    PERIODS,
    STAGES,
    SUBJECTS,
    TERRITORIES,
    TOPICS,
    WINDOWS,
    both_ways,
)
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


def respelt(text: str) -> str:
    """A text in its other spelling, laid out."""
    source = with_head(Source("page", text))
    return other(source, RuleTexts((source,), {}.get).compile()).text


def laid_out(text: str) -> str:
    source = with_head(Source("page", text))
    return format_file(parse_file(source)[0], source)


def owners_and_providers() -> Iterator[tuple[str, str]]:
    """Every owner of evidence with every provider, in both spellings."""
    vocabulary = load()
    entities = ((each.zh, each.en) for each in vocabulary.entities.values())
    suppliers = [(each.zh, key) for key, each in vocabulary.suppliers.items()]
    for number, (owner, supplier) in enumerate(product(entities, suppliers)):
        first, second = suppliers[number % len(suppliers)], supplier
        name = f"证甲{number} | e{number}", f"e{number} | 证甲{number}"
        yield (
            f"证据 {name[0]}：是否 归属 {owner[0]} 提供 {first[0]}，{second[0]} 登记\n",
            f"evidence {name[1]}: yes_no of {owner[1]} provided_by {first[1]}, {second[1]} registered\n",
        )


def layers_and_words() -> Iterator[tuple[str, str]]:
    """Every authority with every word of what is open to it, and each other closed word."""
    for number, ((zh, en), (word, said)) in enumerate(
        product(AUTHORITIES.items(), OPEN_WORDS.items())
    ):
        yield (
            f"参数 数甲{number} | p{number}：数量 = 1 开放 {zh} {word}\n",
            f"parameter p{number} | 数甲{number}: quantity = 1 open {en} {said}\n",
        )
    for (name, called), values in (
        (("主题", "topic"), TOPICS),
        (("地域", "territory"), TERRITORIES),
    ):
        yield from (
            (f"属性 {name} {zh}\n", f"attribute {called} {en}\n") for zh, en in values.items()
        )


ONE_SPELLING = (
    (
        "知识表 甲 | many（键甲 | key_a：药品编码）\n 键 键甲\n 取自 “甲.csv”\n"
        "知识表 乙 | second（键甲 | key_a：药品编码）\n 键 键甲 多行 完整 于 甲\n 取自 “乙.csv” 示例\n",
        "table many | 甲 (key_a | 键甲: drug_code)\n key key_a\n from “甲.csv”\n"
        "table second | 乙 (key_a | 键甲: drug_code)\n key key_a many complete within many\n"
        " from “乙.csv” illustrative\n",
    ),
)


@pytest.mark.parametrize(
    "pairs",
    [list(owners_and_providers()), list(layers_and_words()), ONE_SPELLING],
    ids=["owners and providers", "closed words", "names"],
)
def test_words_of_one_spelling_keep_what_each_means(pairs: Sequence[tuple[str, str]]) -> None:
    chinese, english = ("".join(each[side] for each in pairs) for side in (0, 1))
    assert respelt(chinese) == laid_out(english)
    assert respelt(english) == laid_out(chinese)


def test_a_closed_list_has_one_word_of_a_spelling_and_none_is_a_keyword() -> None:
    vocabulary = load()
    lists = [
        [(each.zh, key) for key, each in vocabulary.suppliers.items()],
        list(SUBJECTS.items()) + [(e.zh, e.en) for e in vocabulary.entities.values()],
        *(
            list(words.items())
            for words in (AUTHORITIES, OPEN_WORDS, TOPICS, TERRITORIES, STAGES, CERTAINTIES)
        ),
        *(list(words.items()) for words in (ATTRIBUTES, PERIODS, WINDOWS, CAPS)),
        *([(f.zh, f.en) for f in e.fields.values()] for e in vocabulary.entities.values()),
    ]
    assert len(RESERVED) == 2 * len(KEYWORDS)
    for pairs in lists:
        assert not set(both_ways(pairs)) & set(RESERVED)
        assert len(both_ways(pairs)) == 2 * len(set(pairs))


def test_the_shipped_rulesets_can_be_switched_and_back() -> None:
    check(shipped())

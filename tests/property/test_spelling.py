"""Laws of the two spellings: a switch changes no meaning, and back again not a byte."""

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rulelang.ast import Spelling
from rulelang.driver import Compiled
from rulelang.format import format_file
from rulelang.lexer import lex
from rulelang.parser import parse_file
from rulelang.source import Source
from rulelang.translate import collisions, switched
from tests.laws import law
from tests.strategies_rules import trials
from tests.strategies_text import FOLDER, Trial, compile_text

RULES = 10  # of one text
PATH = f"{FOLDER}/trial.rule"
Draw = Callable[[st.SearchStrategy[Any]], Any]
COMMENTS = (" -- {0}\n", "\n   -- {0}\n", "\n-- {0}\n", "\n\n   -- {0} 说明\n\n")


def laid_out(text: str) -> str:
    source = Source(PATH, text)
    file, problems = parse_file(source)
    assert problems == ()
    return format_file(file, source)


def turned(text: str, files: Mapping[str, str], to: Spelling) -> tuple[str, Compiled]:
    compiled = compile_text(text, dict(files))
    return switched(Source(PATH, text), compiled, to), compiled


def commented(draw: Draw, text: str) -> str:
    """A text with a few comments at any joint of it."""
    ends = [token.end for token in lex(Source(PATH, text)).tokens]
    places = draw(st.dictionaries(st.sampled_from(ends), st.sampled_from(COMMENTS), max_size=5))
    for end in sorted(places, reverse=True):
        text = f"{text[:end]}{places[end].format(end)}{text[end:]}"
    return text


@law(RULES)
@given(trials(rules=RULES))
def test_a_switched_text_is_the_one_written_in_that_spelling(trial: Trial) -> None:
    chinese, english = laid_out(trial.text("zh")), laid_out(trial.text("en"))
    assert turned(chinese, trial.files, "en")[0] == english
    assert turned(english, trial.files, "zh")[0] == chinese


@law(RULES)
@given(trials(rules=RULES), st.data(), st.sampled_from(["zh", "en"]))
def test_there_and_back_is_the_same_to_the_byte(
    trial: Trial, data: st.DataObject, lang: Spelling
) -> None:
    first = laid_out(commented(data.draw, trial.text(lang)))
    assert laid_out(first) == first
    other, before = turned(first, trial.files, "en" if lang == "zh" else "zh")
    again, after = turned(other, trial.files, lang)
    assert again == first
    assert before.program is not None
    assert after.program is not None
    assert [each.digest for each in before.program.rulesets] == [
        each.digest for each in after.program.rulesets
    ]
    assert collisions(before, after, Source(PATH, first), Source(PATH, other)) == ()

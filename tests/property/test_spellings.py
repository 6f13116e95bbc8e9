"""A rule is one rule in either spelling: equal core, equal digest, equal findings (SYNTAX 1.1)."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.combine import finding_key
from rulelang import core
from rulelang.canonical import digest_of
from tests.judging import findings, program_of
from tests.laws import law
from tests.strategies_bills import plans
from tests.strategies_rules import trials
from tests.strategies_text import Trial, compile_text

RULES = 10  # of one text


def without_texts(program: core.Program) -> core.Program:
    """The program without its sources, which are the only thing that may differ."""
    return replace(program, sources={})


@law(RULES)
@given(trials(rules=RULES))
def test_both_spellings_have_one_core_and_one_digest(trial: Trial) -> None:
    chinese, english = program_of(trial, "zh"), program_of(trial, "en")
    assert len(chinese.rules) == RULES
    assert without_texts(chinese) == without_texts(english)
    assert digest_of(chinese, "trial") == digest_of(english, "trial")
    assert chinese.rulesets[0].digest == english.rulesets[0].digest


@given(trials(rules=2), st.data())
def test_both_spellings_find_the_same(trial: Trial, data: st.DataObject) -> None:
    bill = data.draw(plans(trial.about)).bill()
    chinese, english = (findings(program_of(trial, lang), bill) for lang in ("zh", "en"))
    assert [finding_key(each) for each in chinese] == [finding_key(each) for each in english]
    assert [each.messages for each in chinese] == [each.messages for each in english]
    assert [each.missing for each in chinese] == [each.missing for each in english]


@given(trials(rules=1))
def test_where_things_stand_in_a_file_is_no_part_of_the_digest(trial: Trial) -> None:
    moved = compile_text(
        "-- 先说一句\n\n" + trial.text("zh").replace("\n    ", "\n        "), trial.files
    )
    assert moved.program is not None
    assert digest_of(moved.program, "trial") == digest_of(program_of(trial), "trial")


@given(trials(rules=2))
def test_every_place_lies_in_its_file(trial: Trial) -> None:
    """Child spans lie within the text, so that an explanation can show the law as it is written."""
    program = program_of(trial)
    for node in _nodes(program.rules):
        span = getattr(node, "span", None)
        if span is not None and span.path:  # what lowering makes of its own stands nowhere
            assert 0 <= span.start <= span.end <= len(program.sources[span.path])


def _nodes(value: Any) -> Any:
    if isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)
    elif is_dataclass(value) and not isinstance(value, type):
        yield value
        for item in fields(value):
            if item.name != "span":
                yield from _nodes(getattr(value, item.name))

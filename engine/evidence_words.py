"""Evidence in words: when it was taken, what has to be supplied and how recent it has to be (S2.4)."""

from __future__ import annotations

from engine.facts import Fact, Value, one
from engine.words import value_words
from rulelang import types
from rulelang.core import EvidenceDef, Program
from rulelang.diagnostics import Words
from rulelang.types import Type


def taken_words(value: Words, fact: Fact, program: Program) -> Words:
    """A value of evidence with when it was taken, or with the register that does not hold it."""
    beside = fact.why if fact.value.is_known else None
    if fact.at is not None:
        beside = value_words(Value(range=fact.at), types.DATE, program)
    if beside is None:
        return value
    return Words(f"{value.zh}（{beside.zh}）", f"{value.en} ({beside.en})")


def how_to_supply(
    what: Words, who: Words, fact: Fact, declared: EvidenceDef | None, program: Program
) -> Words:
    """What to supply, who may, how recent it has to be, and why what is there does not do."""
    validity = None if declared is None else declared.validity
    if validity is not None:
        window = value_words(one(validity), Type("window"), program)
        who = Words(f"{who.zh}；有效期 {window.zh}", f"{who.en}; valid for {window.en}")
    why = fact.why
    zh = "" if why is None else f"：{why.zh}"
    en = "" if why is None else f": {why.en}"
    return Words(f"请补录{what.zh}（{who.zh}）{zh}", f"supply {what.en} ({who.en}){en}")

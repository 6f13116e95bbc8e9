"""Dumps of three rules in both spellings: did a pass change its output?

HEGUI_UPDATE=1 writes the dumps anew, and is refused where CI is set.
"""

import os
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from apps.authoring.case_input import bills_of
from apps.authoring.cases import load_page
from apps.authoring.pages import Case
from apps.rulesets import RuleTexts, with_needed
from engine.checker import check
from engine.explain import full
from rulelang.core import Program
from rulelang.parser import parse_file
from rulelang.source import Source
from rulelang.types import Type

FOLDER = Path(__file__).parent
PAGES = FOLDER.parent / "spec"
RULES = {
    "albumin": "examples-albumin",
    "frequency": "examples-frequency",
    "duplicate": "examples-duplicate-charge",
}
SECTIONS = {"zh": "中文", "en": "English"}
# Words of attributes that only document stay in the spelling of their author.
AS_WRITTEN = frozenset({"attributes"})
BOTH = [(name, lang) for name in RULES for lang in SECTIONS]


@cache
def first_case(name: str, lang: str) -> Case:
    """The first case of an example page in one spelling; it is a hit."""
    cases = load_page(PAGES / f"{RULES[name]}.md").cases
    return next(case for case in cases if SECTIONS[lang] in case.name.split(" / "))


def source(name: str, lang: str) -> Source:
    (block,) = first_case(name, lang).rules
    return Source(f"{name}.rule", block.text)


@cache
def program(name: str, lang: str) -> Program:
    files = {file: block.text.encode() for file, block in first_case(name, lang).files.items()}
    compiled = with_needed(RuleTexts((source(name, lang),), files.get), ()).compile()
    assert compiled.program is not None
    return compiled.program


def dump(value: Any, depth: int = 0, label: str = "") -> Iterator[str]:
    """A tree with one node a line, without places; what is empty is left out."""
    start = "  " * depth + (f"{label}: " if label else "")
    if isinstance(value, Type):
        yield start + type_text(value)
    elif is_dataclass(value) and not isinstance(value, type):
        yield start + type(value).__name__
        for field in fields(value):
            part = getattr(value, field.name)
            if field.compare and field.name not in AS_WRITTEN and part not in (None, (), "", False):
                yield from dump(part, depth + 1, field.name)
    elif isinstance(value, tuple) and "(" in repr(value)[1:]:
        yield start.rstrip() or start + "-"
        for part in value:
            yield from dump(part, depth + 1)
    else:
        yield f"{start}{value!r}"


def type_text(value: Type) -> str:
    parts = [value.kind, value.name, type_text(value.element) if value.element else ""]
    return " ".join(part for part in (*parts, *map(type_text, value.items)) if part)


def agrees(name: str, text: str) -> None:
    path = FOLDER / name
    if os.environ.get("HEGUI_UPDATE") == "1":
        if os.environ.get("CI", "") not in {"", "0", "false"}:
            pytest.fail("expected dumps are not rewritten in CI")
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "lang"), BOTH)
def test_the_tree_is_as_it_was(name: str, lang: str) -> None:
    tree, found = parse_file(source(name, lang))
    assert found == ()
    agrees(f"{name}.{lang}.ast", "".join(f"{line}\n" for line in dump(tree)))


@pytest.mark.parametrize(("name", "lang"), BOTH)
def test_the_core_is_as_it_was_and_one_for_both(name: str, lang: str) -> None:
    rules = [rule for rule in program(name, lang).rules if rule.span.path == f"{name}.rule"]
    agrees(f"{name}.core", "".join(f"{line}\n" for rule in rules for line in dump(rule)))


@pytest.mark.parametrize(("name", "lang"), BOTH)
def test_the_explanation_is_as_it_was(name: str, lang: str) -> None:
    rules = program(name, lang)
    (bill,) = bills_of(first_case(name, lang), rules)
    finding, *others = check(rules, bill).findings
    assert others == []
    agrees(
        f"{name}.{lang}.explanation", "".join(f"{line}\n" for line in full(finding, rules, lang))
    )

"""Each number of docs/semantics.md is cited where it is shown: by a page, a law, or an example test.

Pages say what a rule means, laws what holds of every rule; what no rule can say (how requests are
read, how findings are put together) is shown by the examples of tests/unit.
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHOWN_IN = ("spec", "property", "conformance", "unit")
NUMBER = r"S\d{1,2}(?:\.\d+)?"


def numbers() -> list[str]:
    """The numbers of the page, in its order."""
    text = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
    return re.findall(rf"^\*\*({NUMBER})\.?\*\*", text, flags=re.MULTILINE)


def cited() -> dict[str, set[str]]:
    """The numbers that tests and pages name, each with the files that do."""
    found: dict[str, set[str]] = {}
    for folder in SHOWN_IN:
        for path in sorted((ROOT / "tests" / folder).glob("*")):
            if path.suffix in {".md", ".py"}:
                for number in re.findall(rf"\b{NUMBER}\b", path.read_text(encoding="utf-8")):
                    found.setdefault(number, set()).add(path.name)
    return found


def test_each_number_is_cited() -> None:
    known = cited()
    assert [each for each in numbers() if each not in known] == []


def test_what_is_cited_is_a_number_of_the_page() -> None:
    known, listed = cited(), set(numbers())
    strays = {number: files for number, files in known.items() if number not in listed}
    assert strays == {}


def test_numbers_stand_once() -> None:
    listed = numbers()
    assert len(listed) > 40
    assert len(set(listed)) == len(listed)

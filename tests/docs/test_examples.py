"""Every fenced block of the README and the documents runs: rules compile, commands print what stands there.

The pages of the language reference hold cases; tests/docs/test_reference.py runs them.
"""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from apps.cli.main import run
from rulelang.driver import compile_sources
from rulelang.source import Source

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if "language" not in page.parts),
]
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> Iterator[object]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in FENCE.finditer(text):
            if found.group(1) == kind:
                line = text.count("\n", 0, found.start()) + 1
                place = f"{page.relative_to(ROOT)}:{line}"
                yield pytest.param(found.group(2), id=place)


def test_there_are_examples() -> None:
    assert len(list(blocks("rule"))) >= 2
    assert len(list(blocks("console"))) >= 2


@pytest.mark.parametrize("text", list(blocks("rule")))
def test_rule_blocks_compile(text: str) -> None:
    compiled = compile_sources([Source("example.rule", text)], lambda _: None)
    assert compiled.program is not None, compiled.errors


@pytest.mark.parametrize("text", list(blocks("console")))
def test_console_blocks_print_what_they_show(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    command, _, expected = text.partition("\n")
    program, *arguments = shlex.split(command.removeprefix("$ "))
    assert program == "hegui"
    printed = io.StringIO()
    with redirect_stdout(printed):
        run(arguments)
    assert printed.getvalue().strip() == expected.strip()

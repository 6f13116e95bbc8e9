"""Long runs say on standard error how far they are, and only where that is a terminal."""

import io

import pytest

from apps import rulesets
from apps.cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_compiling_tells_of_each_file_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = Terminal()
    monkeypatch.setattr("sys.stderr", told)
    assert progress.compiled(rulesets.shipped(), "en").program is not None
    steps = told.getvalue().split("\r")
    count = len(rulesets.shipped().sources)
    assert [f"reading rules {n}/{count}\x1b[K" for n in range(count)] == steps[1 : count + 1]
    assert steps[-1] == "\x1b[K"


def test_nothing_is_told_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    told = io.StringIO()
    monkeypatch.setattr("sys.stderr", told)
    assert progress.compiled(rulesets.shipped(), "zh").program is not None
    assert list(progress.tracked([1, 2], "things")) == [1, 2]
    assert told.getvalue() == ""

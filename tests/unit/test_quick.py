"""Both readings of `hegui check` and `hegui compile` agree: wherever the quick one reads, the framework reads the same."""

import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.cli import main, quick
from apps.cli.answering import Call
from apps.cli.app import app
from apps.cli.compiling import Order

PLAIN = [
    ("check", "a.json"),
    ("check", "-"),
    ("check", "a.json", "b.json", "--format", "json", "--lang=en", "--all"),
    ("check", "--only", "x", "a.json", "--only=y", "--rulesets", "r", "--rulesets", "shipped"),
    ("check", "a", "--stage", "after", "--as-of", "2026-01-01", "--known-on=2026-01-02"),
    ("check", "a", "--profile", "p.toml", "--format", "nhsa", "--format", "text"),
    ("check", "a.csv", "b.xlsx", "--format", "xlsx", "--out", "o.xlsx"),
    ("compile", "rules"),
    ("compile", "a.rule", "shipped", "--lang", "en", "--format=sarif"),
    ("compile", "--knowledge", "k", "rules", "--knowledge=l", "--out", "o.bundle"),
]
NOT_PLAIN = [
    (),
    ("rules",),
    ("check",),
    ("check", "--help"),
    ("check", "a", "--no-such"),
    ("check", "a", "--format", "pdf"),
    ("check", "a", "--format"),
    ("check", "a", "--format", "--all"),
    ("check", "a", "--only="),
    ("check", "a", "--all=yes"),
    ("check", "--", "-a.json"),
    ("check", ""),
    ("--version", "check", "a"),
    ("compile",),
    ("compile", "--help"),
    ("compile", "rules", "--format", "nhsa"),
    ("compile", "rules", "--out"),
    ("compile", "rules", "--all"),
    ("compiled", "rules"),
]


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("HEGUI_"):
            monkeypatch.delenv(name)


def by_framework(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> Call | Order | None:
    """The call as the framework reads it; None where it makes none of it."""
    found: list[Call | Order] = []

    def answered(call: Call | Order) -> int:
        found.append(call)
        return 0

    with monkeypatch.context() as patched:
        patched.setattr("apps.cli.check.answer_inputs", answered)
        patched.setattr("apps.cli.compile.compile_rules", answered)
        with pytest.raises(SystemExit) as ended:
            app(args=list(arguments), prog_name="hegui")
    assert bool(found) is (ended.value.code == 0)
    return found[0] if found else None


def said(call: Call | Order) -> dict[str, Any]:
    """All that a call says, whatever its lists are."""
    options: dict[str, Any] = {}
    if isinstance(call, Call):
        options = {name: getattr(call.options, name) for name in call.options.__slots__}
    flat = {name: value for name, value in vars(call).items() if name != "options"} | options
    return {name: tuple(v) if isinstance(v, list) else v for name, v in flat.items()}


@pytest.mark.parametrize("arguments", PLAIN, ids=" ".join)
def test_plain_calls_are_read_alike(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, other = quick.read(arguments), by_framework(arguments, monkeypatch)
    assert found is not None
    assert other is not None
    assert said(found) == said(other)


@pytest.mark.parametrize("arguments", NOT_PLAIN, ids=" ".join)
def test_what_is_not_plain_is_left_to_the_framework(arguments: tuple[str, ...]) -> None:
    assert quick.read(arguments) is None


@pytest.mark.parametrize("name", ["HEGUI_FORMAT", "HEGUI_LANG", "HEGUI_SOMETHING_LATER"])
def test_variables_are_left_to_the_framework(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "json")
    assert quick.read(PLAIN[0]) is None
    monkeypatch.delenv(name)
    monkeypatch.setenv("HEGUI_CACHE", "somewhere")
    assert quick.read(PLAIN[0]) is not None


WORDS = st.sampled_from(
    [
        "a.json", "b", "-", "--", "", "--all", "--all=", "--lang", "--lang=en", "en", "--format",
        "--format=json", "json", "--stage=during", "--stage", "after", "--as-of", "2026-01-01",
        "--only", "--only=r=s", "--rulesets", "--rulesets=.", "--profile=p", "--known-on", "--out",
        "--out=x.xlsx", "-x", "--help", "--form", "=", "--=", "--knowledge=k", "--format=sarif",
    ]
)  # fmt: skip


@given(st.sampled_from(["check", "compile"]), st.lists(WORDS, max_size=7))
def test_the_quick_reading_never_reads_otherwise(command: str, words: list[str]) -> None:
    arguments = (command, *words)
    found = quick.read(arguments)
    if found is None:
        return
    with pytest.MonkeyPatch.context() as patched:
        other = by_framework(arguments, patched)
    assert other is not None
    assert said(found) == said(other)


def test_the_framework_answers_what_is_left_to_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def never(_: object) -> None:
        return None

    monkeypatch.setattr(quick, "read", never)
    assert main.run(["check", "no/such.json"]) == 2
    assert "EN0120" in capsys.readouterr().err

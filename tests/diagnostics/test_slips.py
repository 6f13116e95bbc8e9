"""What authors write by habit, each told once, in its place, in both languages.

The base rulesets of `habits/` compile; every slip changes one stretch of them, or one table.
"""

import json
import os
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulelang.driver import Compiled, compile_sources
from rulelang.render import render, to_json
from rulelang.source import Source

HERE = Path(__file__).parent / "habits"
UPDATE = os.environ.get("HEGUI_UPDATE", "") not in {"", "0"}
LANGS = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip, with what is told in each spelling."""

    title: str
    changes: dict[str, tuple[str, str]]
    file: tuple[str, str] | None
    told: dict[str, list[str]]


def read_slips() -> list[Slip]:
    data = tomllib.loads((HERE / "slips.toml").read_text(encoding="utf-8"))
    return [
        Slip(
            title=entry["title"],
            changes={lang: tuple(entry[lang]) for lang in LANGS if lang in entry},
            file=tuple(entry["file"]) if "file" in entry else None,
            told={lang: entry[f"told_{lang}"] for lang in LANGS},
        )
        for entry in data["slip"]
    ]


SLIPS = read_slips()


@cache
def base(lang: str) -> str:
    return (HERE / f"base.{lang}.rule").read_text(encoding="utf-8")


@cache
def tables() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in HERE.glob("*.csv")}


def compiled(slip: Slip, lang: str) -> Compiled:
    text, files = base(lang), dict(tables())
    if slip.changes:
        old, new = slip.changes[lang]
        assert old in text
        text = text.replace(old, new, 1)
    if slip.file is not None:
        files[slip.file[0]] = slip.file[1].encode()
    return compile_sources([Source(f"base.{lang}.rule", text)], files.get)


def told(found: Compiled) -> list[str]:
    """Code and place of each diagnostic; a place in a table with its file."""
    lines = []
    for each in found.diagnostics:
        line, column = found.sources[each.span.path].position(each.span.start)
        table = f"{each.span.path} " if each.span.path.endswith(".csv") else ""
        lines.append(f"{each.code} {table}{line}:{column}")
    return lines


@pytest.mark.parametrize("lang", LANGS)
def test_the_base_has_no_mistake(lang: str) -> None:
    assert told(compiled(Slip("", {}, None, {}), lang)) == []


@pytest.mark.parametrize("slip", SLIPS, ids=[slip.title for slip in SLIPS])
def test_a_slip_is_told_where_it_is(slip: Slip) -> None:
    for lang in LANGS:
        found = compiled(slip, lang)
        if not UPDATE:
            assert told(found) == slip.told[lang]
        places = [(each.code, each.span) for each in found.diagnostics]
        assert len(set(places)) == len(places)
        for each in found.diagnostics:
            assert to_json(each, found.sources)["line"] is not None
            for reader in LANGS:
                printed = render(each, found.sources, reader)
                assert "None" not in printed
                assert "``" not in printed or '`""`' in printed


@cache
def words(lang: str) -> list[tuple[int, int]]:
    """Where the words, signs and texts of a base stand."""
    found = re.finditer(r"“[^”]*”|\"[^\"]*\"|[\w.#%]+|[^\w\s]", base(lang))
    return [match.span() for match in found]


@given(st.sampled_from(LANGS), st.data())
def test_a_torn_ruleset_is_told_and_nothing_told_twice(lang: str, data: st.DataObject) -> None:
    text = base(lang)
    start, end = data.draw(st.sampled_from(words(lang)))
    other = data.draw(st.sampled_from(words(lang)))
    put = data.draw(st.sampled_from(["", text[start:end] * 2, text[slice(*other)], "@", "｝", "“"]))
    torn = Slip("", {lang: (text, text[:start] + put + text[end:])}, None, {})
    found = compiled(torn, lang)
    places = [(each.code, each.span, each.words) for each in found.diagnostics]
    assert len(set(places)) == len(places)
    for each in found.diagnostics:
        assert render(each, found.sources, lang)


def test_nearly_all_slips_are_told_once() -> None:
    """One slip, one diagnostic; the few that are more are two slips, or tear a clause apart."""
    several = [slip.title for slip in SLIPS if max(len(slip.told[lang]) for lang in LANGS) > 1]
    assert len(several) <= len(SLIPS) // 12


def test_slips_are_named_once() -> None:
    assert len({slip.title for slip in SLIPS}) == len(SLIPS)


@pytest.mark.skipif(not UPDATE, reason="writes the file anew")
def test_update() -> None:
    assert not os.environ.get("CI"), "HEGUI_UPDATE is for a clone, never for CI"
    text = (HERE / "slips.toml").read_text(encoding="utf-8")
    head = text[: text.index("[[slip]]")]
    (HERE / "slips.toml").write_text(head + "\n".join(map(written, SLIPS)), encoding="utf-8")


def written(slip: Slip) -> str:
    """A slip as it stands in the file, with what is told now."""
    lines = ["[[slip]]", f"title = {quoted(slip.title)}"]
    lines += [f"{lang} = {array(change)}" for lang, change in slip.changes.items()]
    lines += [f"file = {array(slip.file)}"] if slip.file is not None else []
    lines += [f"told_{lang} = {array(told(compiled(slip, lang)))}" for lang in LANGS]
    return "\n".join(lines) + "\n"


def array(texts: tuple[str, ...] | list[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)

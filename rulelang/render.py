"""Diagnostics to text for a reader and to JSON for a tool. Knows widths, nothing of meaning."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, TypeAlias

from rulelang.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rulelang.diagnostics import Diagnostic, Words
    from rulelang.source import Source, Span

Json: TypeAlias = "str | int | list[Json] | dict[str, Json] | None"

WIDEST = 100  # columns of the source line that are shown
_CONTEXT = 30  # columns kept before the place when a line is cut
_CUT = "…"


def render(diagnostic: Diagnostic, sources: Mapping[str, Source], lang: str) -> str:
    """The printed form of a diagnostic in `lang`, "zh" or "en"."""
    entry = CODES[diagnostic.code]
    title = entry.en if lang == "en" else entry.zh
    lines = [f"{entry.level.value}[{diagnostic.code}]: {_one_line(diagnostic.words, lang)}"]
    lines += _excerpt(diagnostic.span, sources, title, "-->")
    for related in diagnostic.related:
        lines += _excerpt(related.span, sources, _one_line(related.words, lang), ":::")
    if diagnostic.help is not None:
        word = "help: " if lang == "en" else "帮助："
        lines.append(f"   = {word}{_one_line(diagnostic.help, lang)}")
    return "\n".join(lines) + "\n"


def to_json(diagnostic: Diagnostic, sources: Mapping[str, Source]) -> dict[str, Json]:
    """The diagnostic for tools, in both languages; lines and columns count from 1."""
    entry = CODES[diagnostic.code]
    related: list[Json] = [
        {**_place(part.span, sources), "message": _both(part.words)} for part in diagnostic.related
    ]
    edits: list[Json] = [
        {**_place(edit.span, sources), "text": edit.text} for edit in diagnostic.edits
    ]
    return {
        "code": diagnostic.code,
        "slug": entry.slug,
        "level": entry.level.value,
        **_place(diagnostic.span, sources),
        "message": _both(diagnostic.words),
        "help": None if diagnostic.help is None else _both(diagnostic.help),
        "related": related,
        "edits": edits,
    }


def width(text: str) -> int:
    """Columns that a text takes on a terminal: two for wide characters, none for combining ones."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _both(words: Words) -> dict[str, Json]:
    return {"zh": words.zh, "en": words.en}


def _place(span: Span, sources: Mapping[str, Source]) -> dict[str, Json]:
    source = sources.get(span.path)
    if source is None:
        return {"path": span.path, "line": None, "column": None, "end_line": None,
                "end_column": None}  # fmt: skip
    line, column = source.position(span.start)
    end_line, end_column = source.position(span.end)
    return {
        "path": span.path,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


def _one_line(words: Words, lang: str) -> str:
    return _visible(words.choose(lang))


def _visible(text: str) -> str:
    """A text that cannot disturb a terminal: what is not printable becomes a sign."""
    return "".join(
        character if character.isprintable() else (" " if character.isspace() else "\ufffd")
        for character in text
    )


def _excerpt(span: Span, sources: Mapping[str, Source], label: str, arrow: str) -> list[str]:
    """Path and place, the line, and carets under the stretch with a label behind them."""
    source = sources.get(span.path)
    if source is None:
        return [f"  {arrow} {span.path}"] if span.path else []
    line, column = source.position(span.start)
    number = str(line)
    margin = " " * len(number)
    text, before, marked = _window(source.line(line), column - 1, span.end - span.start)
    indent = " " * width(before)
    carets = "^" * max(1, width(marked))
    return [
        f"{margin} {arrow} {span.path}:{line}:{column}",
        f"{margin} |",
        f"{number} | {text}".rstrip(),
        f"{margin} | {indent}{carets} {label}".rstrip(),
    ]


def _window(line: str, start: int, length: int) -> tuple[str, str, str]:
    """A line cut to what is shown, with the parts before and under the carets."""
    shown = _visible(line)
    start = min(start, len(shown))
    end = min(len(shown), start + max(0, length))
    if width(shown) <= WIDEST:
        return shown, shown[:start], shown[start:end]
    begin = max(0, start - _CONTEXT)
    lead = _CUT if begin else ""
    piece = _clip(shown[begin:], WIDEST)
    tail = _CUT if begin + len(piece) < len(shown) else ""
    before = lead + shown[begin:start]
    return lead + piece + tail, before, piece[start - begin : end - begin]


def _clip(text: str, columns: int) -> str:
    used = 0
    for place, character in enumerate(text):
        used += _columns(character)
        if used > columns:
            return text[:place]
    return text

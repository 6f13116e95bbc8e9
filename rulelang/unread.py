"""Names whose declaration is there but did not parse: their uses are not complained of as well."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rulelang.keywords import BY_TERMINAL, RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rulelang.diagnostics import Diagnostic
    from rulelang.resolve import Unit
    from rulelang.source import Source

_HEADS = ("RULESET", "AUTHORITY", "REGION")
_ITEMS = ("TABLE", "LIST", "EVIDENCE", "PARAM", "DEFINE", "DECISION", "RULE", "DOCUMENT")


def _after(*terminals: str) -> re.Pattern[str]:
    """One or two spellings of a name behind one of the keywords, at the start of a line."""
    words = "|".join(BY_TERMINAL[name].spelt(lang) for name in terminals for lang in ("zh", "en"))
    return re.compile(rf"^\s*(?:{words})\s+([\w.]+)?(?:\s*[|｜]\s*([\w.]+))?", re.MULTILINE)


_DECLARATION = _after(*_ITEMS)
_HEAD = re.compile(
    rf"^\s*({'|'.join(BY_TERMINAL[name].spelt(lang) for name in _HEADS for lang in ('zh', 'en'))})\b",
    re.MULTILINE,
)
_LET = _after("LET")


def note_unread(
    units: Iterable[Unit], sources: Mapping[str, Source], found: Iterable[Diagnostic]
) -> None:
    """Tell the rulesets of files with mistakes which names they were meant to declare."""
    faulty = {diagnostic.span.path for diagnostic in found}
    for unit in units:
        for file in unit.files:
            if file.span.path in faulty and file.span.path in sources:
                text = sources[file.span.path].text
                unit.unread |= _names(_DECLARATION, text) - unit.names.keys()
                unit.unread |= head_words(text)


def head_words(text: str) -> frozenset[str]:
    """The terminals of the head lines that a text has, readable or not."""
    return frozenset(RESERVED[match[1]][0] for match in _HEAD.finditer(text))


def let_names(text: str) -> frozenset[str]:
    """The local names that a rule was meant to have."""
    return _names(_LET, text)


def _names(pattern: re.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(name for match in pattern.finditer(text) for name in match.groups() if name)

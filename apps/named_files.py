"""The files that a rule text names for its tables and lists, found without reading the language.

What is found may be more than is read, never less: the key of a kept bundle depends on it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rulelang.source import Source

# 取自 or `from`, blanks and comments, a quote, the rest of its line; signs also in full width.
_NAMED = re.compile(
    r"(?:取自|[f\uff46][r\uff52][o\uff4f][m\uff4d])(?:[-\uff0d—―\u2212]{2}[^\r\n]*+|[\s\u200b-\u200d\u2060\ufeff])*+"
    r"([\"“\uff02][^\r\n]*)"
)
_SIGNS = re.compile(r"\\[\\\"“”]|[\"“”\uff02]")
_ESCAPED = re.compile(r"\\([\\\"“”])")
_OPENS, _CLOSES = "“", "”"


def table_files(source: Source) -> list[str]:
    """The files that a rule text names, by the paths under which they are read."""
    folder = source.path.rpartition("/")[0]
    names = sorted({_text(found[1]) for found in _NAMED.finditer(source.text)})
    return [f"{folder}/{name}" if folder else name for name in names]


def _text(line: str) -> str:
    """The text in quotes at the beginning of a line, as the language reads it; “ and ” nest."""
    nests = line[0] == _OPENS
    depth = 0
    for found in _SIGNS.finditer(line):
        sign = found[0]
        if nests:
            depth += (sign == _OPENS) - (sign == _CLOSES)
            closed = depth == 0
        else:
            closed = found.start() > 0 and sign in {'"', "\uff02"}
        if closed:
            return _ESCAPED.sub(r"\1", line[1 : found.start()])
    return line[1:]

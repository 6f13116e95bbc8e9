"""Trees of files as opinions look at them: their nodes, and the words that they use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields

from rulelang import ast

_PLACE = re.compile(r"\{([^{}]*)\}")
_WORD = re.compile(r"[^\W\d]\w*")


def nodes(node: ast.Node) -> Iterator[ast.Node]:
    """A node and all below it, each before its parts."""
    yield node
    for part in fields(node):
        value = getattr(node, part.name)
        for child in value if isinstance(value, tuple) else (value,):
            if isinstance(child, ast.Node):
                yield from nodes(child)


def words_used(roots: Iterable[ast.Node]) -> set[str]:
    """All words that stand in trees and are no declarations, those in the places of texts too."""
    found: set[str] = set()
    for root in roots:
        for node in nodes(root):
            if isinstance(node, ast.Text):
                for place in _PLACE.findall(node.value):
                    found.update(_WORD.findall(place))
            elif not isinstance(node, ast.Name):
                found.update(_words_of(node))
    return found


def _words_of(node: ast.Node) -> Iterator[str]:
    for part in fields(node):
        value = getattr(node, part.name)
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str):
                yield text


def spellings(name: ast.Name) -> tuple[str, ...]:
    """The spellings that a name has."""
    return tuple(text for text in (name.zh, name.en) if text)

"""What all nodes share: spans, names, texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from rulelang.source import NOWHERE, Span

Spelling: TypeAlias = Literal["zh", "en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Base of all nodes; two nodes are equal when they say the same thing, wherever they stand."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Node):
    """A declared name in its Chinese and its English spelling; one may be missing, never both.

    `甲 | a` in a Chinese file and `a | 甲` in an English one give the same node. A name without a
    second spelling stands under the spelling of its file's keywords.
    """

    zh: str | None = None
    en: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Node):
    """A quoted text, without its quotes, escapes resolved."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Title(Node):
    """A title or message: the Chinese text, then the English one."""

    zh: Text
    en: Text | None = None

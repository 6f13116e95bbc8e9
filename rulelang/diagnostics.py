"""Mistakes in rule text, as data. Their reader is the author of the rule; never about a bill."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from rulelang.source import Span


class Level(Enum):
    """How much a diagnostic weighs: an error stops the compilation of the ruleset."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages."""

    zh: str
    en: str

    def choose(self, lang: str) -> str:
        """The text in `lang`, "zh" or "en"."""
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that a diagnostic speaks of, with what stands there."""

    span: Span
    words: Words


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of a file and what is to stand there instead."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake: code, place, what was found and wanted, and how to mend it.

    `edits` mend it without a thought; empty where the author has to choose.
    """

    code: str
    span: Span
    words: Words
    help: Words | None = None
    related: tuple[Related, ...] = ()
    edits: tuple[Edit, ...] = ()


class Problems:
    """Collects the diagnostics of one compilation, in the order found."""

    def __init__(self) -> None:
        """Start with none."""
        self.found: list[Diagnostic] = []

    def add(
        self,
        code: str,
        span: Span,
        zh: str,
        en: str,
        mend: Words | None = None,
        related: tuple[Related, ...] = (),
    ) -> None:
        """Record one mistake."""
        self.found.append(Diagnostic(code, span, Words(zh, en), mend, related))

"""A run of tokens that failed, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rulelang.diagnostics import Diagnostic, Words
from rulelang.source import Source, Span
from rulelang.tokens import Token
from rulelang.wording import sign

if TYPE_CHECKING:
    from rulelang.keywords import Spelling
    from rulelang.splitting import Run
    from rulelang.tables import Start


class Case(NamedTuple):
    """A run that failed at token `at`, where one of `wanted` may stand."""

    run: Run
    at: int
    wanted: frozenset[str]
    start: Start
    source: Source
    spelling: Spelling

    def token(self, offset: int = 0) -> Token | None:
        """The token at or beside the failing one."""
        place = self.at + offset
        return self.run[place] if 0 <= place < len(self.run) else None

    def span(self, first: int, last: int | None = None) -> Span:
        """The place of a token, or of a stretch of them."""
        end = self.run[first if last is None else last].end
        return Span(self.source.path, self.run[first].start, end)

    def begins_line(self, place: int) -> bool:
        """Whether a token is the first of its line, and not of the run."""
        if place == 0 or place >= len(self.run):
            return False
        return "\n" in self.source.text[self.run[place - 1].end : self.run[place].start]

    def raw(self, place: int) -> str:
        """A token as it was written."""
        return self.source.snippet(self.span(place))


class Explained(NamedTuple):
    """What to tell the author (None: already told), and the run as he may have meant it."""

    diagnostic: Diagnostic | None
    repaired: Run | None = None


def replaced(case: Case, place: int, length: int, tokens: Run) -> Run:
    """The run with a stretch of it replaced by other tokens."""
    return (*case.run[:place], *tokens, *case.run[place + length :])


def told(
    case: Case,
    code: str,
    place: tuple[int, int],
    words: tuple[str, str],
    mend: tuple[str, str] | None = None,
    repaired: Run | None = None,
) -> Explained:  # fmt: skip
    """What to say of a stretch of tokens, from the first to the last of `place`."""
    help_words = Words(*mend) if mend is not None else None
    found = Diagnostic(code, case.span(*place), Words(*words), help_words)
    return Explained(found, repaired)


def keyword(case: Case, terminal: str, place: int) -> Token:
    """A keyword that is put in at the place of a token."""
    word = sign(terminal, case.spelling)
    start = case.run[place].start
    return Token(terminal, word, start, start, None, case.spelling)

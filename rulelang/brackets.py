"""Brackets of a run of tokens: the first that has no partner, and the run with it set right."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rulelang.diagnostics import Diagnostic, Related, Words
from rulelang.source import Span
from rulelang.tokens import Token
from rulelang.wording import sign

if TYPE_CHECKING:
    from rulelang.keywords import Spelling
    from rulelang.splitting import Run

PARTNERS = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
_CLOSERS = frozenset(PARTNERS.values())


class Unbalanced(NamedTuple):
    """Where the trouble is, what to say, and the run with its brackets in pairs."""

    place: int
    diagnostic: Diagnostic
    repaired: Run


def unbalanced(run: Run, end: int, path: str, spelling: Spelling) -> Unbalanced | None:
    """The first bracket without a partner, or None if all are in pairs.

    `end` is where brackets that are never closed should have been closed at the latest.
    """
    opened: list[int] = []
    for index, token in enumerate(run):
        if token.type in PARTNERS:
            opened.append(index)
        elif token.type in _CLOSERS:
            if not opened:
                return _extra(run, index, path, spelling)
            opener = opened.pop()
            if PARTNERS[run[opener].type] != token.type:
                return _crossed(run, (opener, index), path, spelling)
    return _unclosed(run, (opened, end), path, spelling) if opened else None


def _extra(run: Run, index: int, path: str, spelling: Spelling) -> Unbalanced:
    token = run[index]
    shown = sign(token.type, spelling)
    words = Words(f"`{shown}` 前面没有与它配对的括号", f"`{shown}` closes nothing")
    diagnostic = Diagnostic("RL0108", Span(path, token.start, token.end), words)
    return Unbalanced(index, diagnostic, (*run[:index], *run[index + 1 :]))


def _crossed(run: Run, places: tuple[int, int], path: str, spelling: Spelling) -> Unbalanced:
    opener, token = run[places[0]], run[places[1]]
    wanted = PARTNERS[opener.type]
    found, right = sign(token.type, spelling), sign(wanted, spelling)
    begun = sign(opener.type, spelling)
    diagnostic = Diagnostic(
        "RL0108",
        Span(path, token.start, token.end),
        Words(f"`{begun}` 由 `{found}` 收尾，应为 `{right}`",
              f"`{begun}` is closed by `{found}`, wanted `{right}`"),
        None,
        (Related(Span(path, opener.start, opener.end), Words("在此开始", "opened here")),),
    )  # fmt: skip
    repaired = (*run[: places[1]], token._replace(type=wanted), *run[places[1] + 1 :])
    return Unbalanced(places[1], diagnostic, repaired)


def _unclosed(run: Run, where: tuple[list[int], int], path: str, spelling: Spelling) -> Unbalanced:
    opened, limit = where
    opener = run[opened[-1]]
    begun, right = sign(opener.type, spelling), sign(PARTNERS[opener.type], spelling)
    diagnostic = Diagnostic(
        "RL0108",
        Span(path, opener.start, opener.end),
        Words(f"`{begun}` 后面没有与它配对的 `{right}`", f"`{begun}` is not closed by `{right}`"),
    )
    limit = max(limit, opened[-1] + 1)
    end = run[limit - 1].end
    closers = [Token(PARTNERS[run[place].type], "", end, end) for place in reversed(opened)]
    return Unbalanced(opened[-1], diagnostic, (*run[:limit], *closers, *run[limit:]))


def innermost(run: Run) -> int | None:
    """Where the last bracket stands that a run opens and does not close."""
    opened: list[int] = []
    for index, token in enumerate(run):
        if token.type in PARTNERS:
            opened.append(index)
        elif token.type in _CLOSERS and opened:
            opened.pop()
    return opened[-1] if opened else None


def as_braces(run: Run, opener: int) -> Run:
    """The run with the pair of brackets that opens at `opener` made a pair of braces."""
    depth = 0
    for index in range(opener, len(run)):
        depth += (run[index].type in PARTNERS) - (run[index].type in _CLOSERS)
        if depth == 0:
            left, right = run[opener]._replace(type="LBRACE"), run[index]._replace(type="RBRACE")
            return (*run[:opener], left, *run[opener + 1 : index], right, *run[index + 1 :])
    return run

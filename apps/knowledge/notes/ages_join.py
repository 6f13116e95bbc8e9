"""Joins the ages of one part of a note: "12岁及以上青少年和成人" is 12 and over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from apps.knowledge.notes.ages import both, either
from apps.knowledge.notes.model import Ages
from apps.knowledge.notes.scanning import Token

_SILENT = ("fill", "patient")


def joined_ages(tokens: Sequence[Token]) -> list[Token]:
    """Ages side by side narrow each other; then ages with a separator between join."""
    return _pass(_pass(list(tokens), _narrowed), _widened)


def _pass(tokens: list[Token], join: Callable[[list[Token]], list[Token] | None]) -> list[Token]:
    held: list[Token] = []
    for token in tokens:
        held.append(token)
        while isinstance(held[-1].value, Ages):
            shorter = join(held)
            if shorter is None:
                break
            held = shorter
    return held


def _narrowed(held: list[Token]) -> list[Token] | None:
    at = len(held) - 2
    if at >= 0 and held[at].text == "的":
        at -= 1
    if at < 0:
        return None
    return _with(held, at, both)


def _widened(held: list[Token]) -> list[Token] | None:
    at = _quiet(held, len(held) - 2)
    if at < 1 or held[at].sort != "separator":
        return None
    return _with(held, _quiet(held, at - 1), either)


def _quiet(held: list[Token], at: int) -> int:
    while at > 0 and (held[at].sort in _SILENT or held[at].text == "，"):
        at -= 1
    return at


def _with(
    held: list[Token], at: int, join: Callable[[Ages, Ages], Ages | None]
) -> list[Token] | None:
    one, other = held[at].value, held[-1].value
    if not isinstance(one, Ages) or not isinstance(other, Ages):
        return None
    together = join(one, other)
    if together is None:
        return None
    text = "".join(token.text for token in held[at:])
    return [*held[:at], replace(held[-1], text=text, value=together)]

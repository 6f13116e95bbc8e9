"""Typed access to the parser's trees, which hold what they need by name and not by place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rulelang.source import Span
from rulelang.tokens import Token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rulelang.keywords import Spelling


class Tree:
    """One inner node: the grammar rule's name and its children in order."""

    __slots__ = ("children", "data")

    def __init__(self, data: str, children: list[Branch]) -> None:
        """Made by the parser only."""
        self.data = str(data)  # without what lark adds to the names of rules
        self.children = children


Branch: TypeAlias = Tree | Token


class Place(NamedTuple):
    """What a tree does not say itself: its file, the spelling of its keywords, how deep it is."""

    path: str
    spelling: Spelling
    depth: int = 0


def subtrees(tree: Tree, *names: str) -> Iterator[Tree]:
    """The children that are trees, of the named rules only if any are named."""
    for child in tree.children:
        if isinstance(child, Tree) and (not names or child.data in names):
            yield child


def find(tree: Tree, *names: str) -> Tree | None:
    """The first child of one of the named rules, or None."""
    return next(subtrees(tree, *names), None)


def get(tree: Tree, *names: str) -> Tree:
    """The first child of one of the named rules, which the grammar says is there."""
    return next(subtrees(tree, *names))


def tokens(tree: Tree, *kinds: str) -> Iterator[Token]:
    """The children that are tokens, of the named kinds only if any are named."""
    for child in tree.children:
        if isinstance(child, Token) and (not kinds or child.type in kinds):
            yield child


def find_token(tree: Tree, *kinds: str) -> Token | None:
    """The first token of one of the named kinds, or None."""
    return next(tokens(tree, *kinds), None)


def get_token(tree: Tree, *kinds: str) -> Token:
    """The first token of one of the named kinds, which the grammar says is there."""
    return next(tokens(tree, *kinds))


def has_token(tree: Tree, kind: str) -> bool:
    """Whether a token of this kind stands directly in the tree."""
    return find_token(tree, kind) is not None


def span_of(branch: Branch, place: Place) -> Span:
    """The stretch from the first to the last token of a branch."""
    first = branch
    while isinstance(first, Tree):
        first = first.children[0]
    return Span(place.path, first.start, end_of(branch))


def end_of(branch: Branch) -> int:
    """Where the last token of a branch ends."""
    last = branch
    while isinstance(last, Tree):
        last = last.children[-1]
    return last.end

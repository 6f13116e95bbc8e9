"""Typed access to the parser's trees, which hold what they need by name and not by place."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from rulelang.source import Span
from rulelang.tokens import Token

if TYPE_CHECKING:
    from rulelang.keywords import Spelling


class Tree:
    """One inner node: the grammar rule's name, its children in order, and where it stands."""

    __slots__ = ("children", "data", "end", "start")

    def __init__(self, data: str, children: list[Branch]) -> None:
        """Made by the parser only."""
        self.data = data
        self.children = children
        self.start: int = children[0].start
        self.end: int = children[-1].end


Branch: TypeAlias = Tree | Token


class Place:
    """What a tree does not say itself: its file, the spelling of its keywords, how deep it is."""

    __slots__ = ("_within", "depth", "path", "spelling")

    def __init__(self, path: str, spelling: Spelling, depth: int = 0) -> None:
        """A place of so many levels."""
        self.path = path
        self.spelling = spelling
        self.depth = depth
        self._within: Place | None = None

    def within(self) -> Place:
        """The place one level deeper, the same one for all that stand there."""
        if self._within is None:
            self._within = Place(self.path, self.spelling, self.depth + 1)
        return self._within


def subtrees(tree: Tree, *names: str) -> list[Tree]:
    """The children that are trees, of the named rules only if any are named."""
    return [
        child
        for child in tree.children
        if isinstance(child, Tree) and (not names or child.data in names)
    ]


def find(tree: Tree, *names: str) -> Tree | None:
    """The first child of one of the named rules, or None."""
    for child in tree.children:
        if isinstance(child, Tree) and child.data in names:
            return child
    return None


def get(tree: Tree, *names: str) -> Tree:
    """The first child of one of the named rules, which the grammar says is there."""
    return cast("Tree", find(tree, *names))


def tokens(tree: Tree, *kinds: str) -> list[Token]:
    """The children that are tokens, of the named kinds only if any are named."""
    return [
        child
        for child in tree.children
        if isinstance(child, Token) and (not kinds or child.type in kinds)
    ]


def find_token(tree: Tree, *kinds: str) -> Token | None:
    """The first token of one of the named kinds, or None."""
    for child in tree.children:
        if isinstance(child, Token) and child.type in kinds:
            return child
    return None


def get_token(tree: Tree, *kinds: str) -> Token:
    """The first token of one of the named kinds, which the grammar says is there."""
    return cast("Token", find_token(tree, *kinds))


def has_token(tree: Tree, kind: str) -> bool:
    """Whether a token of this kind stands directly in the tree."""
    return find_token(tree, kind) is not None


def span_of(branch: Branch, place: Place) -> Span:
    """The stretch from the first to the last token of a branch."""
    return Span(place.path, branch.start, branch.end)

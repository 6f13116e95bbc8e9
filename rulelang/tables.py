"""The parser's tables, built from the grammar once and when first needed, and the run over them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, cast

import lark

from rulelang.keywords import KEYWORDS
from rulelang.tokens import Token
from rulelang.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lark.parsers.lalr_interactive_parser import InteractiveParser

Start: TypeAlias = Literal["item", "chunk", "expr"]

LITERALS = ("NAME", "NUM", "QTY", "UNIT", "DATE", "DATETIME", "CODE", "STRING")
SIGNS = (
    "_DOT", "_COMMA", "_SEMI", "_COLON", "_BAR", "LPAR", "RPAR", "LSQB", "RSQB", "LBRACE", "RBRACE",
    "PLUS", "MINUS", "STAR", "SLASH", "EQ", "CMP",
)  # fmt: skip
END = "$END"


class Failure(NamedTuple):
    """Where a run of tokens stops being language (its length: at the end), and what may stand."""

    place: int
    wanted: frozenset[str]


def build(*, strict: bool = False) -> lark.Lark:
    """Build the tables; `strict` refuses conflicts, and needs the test extra."""
    names = [*(keyword.terminal for keyword in KEYWORDS), *LITERALS, *SIGNS]
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return lark.Lark(
        f"{grammar}\n%declare {' '.join(names)}\n",
        parser="lalr",
        lexer="basic",  # has nothing to do: the tokens are fed one by one
        start=["item", "chunk", "expr"],
        maybe_placeholders=False,
        tree_class=Tree,
        strict=strict,
    )


@cache
def _tables() -> lark.Lark:
    return build()


def run(tokens: Sequence[Token], start: Start) -> Tree | Token | Failure:
    """Parse a run of tokens as `start`; an expression of one literal gives its token."""
    parser = _tables().parse_interactive(start=start)
    state = parser.parser_state
    feed = state.feed_token
    index = 0
    try:
        for index, token in enumerate(tokens):  # noqa: B007  (read in the handler)
            feed(cast("lark.Token", token))
        index = len(tokens)
        last = tokens[-1].end if tokens else 0
        end = Token(END, "", last, last)
        return cast("Tree | Token", feed(cast("lark.Token", end), is_end=True))
    except lark.UnexpectedToken:
        return Failure(index, wanted(tokens[:index], start))


def wanted(tokens: Sequence[Token], start: Start) -> frozenset[str]:
    """The terminals that may follow a run that is language so far."""
    parser: InteractiveParser = _tables().parse_interactive(start=start)
    for token in tokens:
        parser.feed_token(cast("lark.Token", token))
    return frozenset(parser.accepts())  # type: ignore[no-untyped-call]


def accepted(tokens: Sequence[Token], start: Start) -> bool:
    """Whether a run may be the beginning of what is wanted."""
    parser = _tables().parse_interactive(start=start)
    try:
        for token in tokens:
            parser.feed_token(cast("lark.Token", token))
    except lark.UnexpectedToken:
        return False
    return True

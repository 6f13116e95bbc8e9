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
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from lark.grammar import Rule
    from lark.parsers.lalr_interactive_parser import InteractiveParser

    from rulelang.tree import Branch

Start: TypeAlias = Literal["item", "chunk", "expr"]
_Make: TypeAlias = "Callable[[list[Branch]], Branch]"

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


class _NoLexer(lark.lexer.Lexer):
    """What lark takes for a lexer: the tokens are ours, and are fed one by one."""

    def __init__(self, conf: object) -> None:
        """Take what lark gives every lexer, and make nothing of it."""

    def lex(self, *_: object) -> Iterator[lark.Token]:  # type: ignore[explicit-override]
        """No token is ever asked for."""
        return iter(())


def build(*, strict: bool = False) -> lark.Lark:
    """Build the tables; `strict` refuses conflicts, and needs the test extra."""
    names = [*(keyword.terminal for keyword in KEYWORDS), *LITERALS, *SIGNS]
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return lark.Lark(
        f"{grammar}\n%declare {' '.join(names)}\n",
        parser="lalr",
        lexer=_NoLexer,
        start=["item", "chunk", "expr"],
        maybe_placeholders=False,
        tree_class=Tree,
        strict=strict,
    )


class _Reduction(NamedTuple):
    """The end of a rule of grammar: how many children it takes, its name, what is made of them."""

    size: int
    origin: str
    make: _Make | None  # None: the only child stays as it is


class _Machine(NamedTuple):
    """The tables in the form in which they are run, all by state.

    `actions`: the next state, or what to reduce, by the terminal that follows. `leads`: the next
    state by the name of the rule that was read.
    """

    first: int
    last: int
    actions: Mapping[int, Mapping[str, int | _Reduction]]
    leads: Mapping[int, Mapping[str, int]]


@cache
def _tables() -> lark.Lark:
    return build()


@cache
def _machine(start: Start) -> _Machine:
    conf = _tables().parse_interactive(start=start).parser_state.parse_conf
    makers = cast("Mapping[Rule, _Make]", conf.callbacks)
    reductions = {rule: _reduction(rule, make) for rule, make in makers.items()}
    actions = {
        state: {str(name): reductions.get(found, found) for name, (_, found) in held.items()}
        for state, held in conf.states.items()
    }
    leads = {
        state: {name: led for name, led in held.items() if isinstance(led, int)}
        for state, held in actions.items()
    }
    return _Machine(conf.start_state, conf.end_state, actions, leads)


def _reduction(rule: Rule, make: _Make) -> _Reduction:
    """A rule `?a: b` makes nothing of b, and most steps through an expression are of that kind."""
    (first, *others) = rule.expansion
    keeps = not others and rule.options.expand1 and not rule.alias and first.name[0] != "_"
    return _Reduction(len(rule.expansion), str(rule.origin.name), None if keeps else make)


def run(tokens: Sequence[Token], start: Start) -> Tree | Token | Failure:
    """Parse a run of tokens as `start`; an expression of one literal gives its token.

    The loop is that of lark, for tokens of ours: lark's own spends more on each of them.
    """
    state, last, actions, leads = _machine(start)
    states: list[int] = [state]
    values: list[Branch] = []
    end = tokens[-1].end if tokens else 0
    index = 0
    for index, token in enumerate((*tokens, Token(END, "", end, end))):  # noqa: B007 (read below)
        kind = token.type
        action = actions[state].get(kind)
        while isinstance(action, _Reduction):
            size, origin, make = action
            state = leads[states[-size - 1]][origin]
            if make is None:
                states[-1] = state
            else:
                states[-size:] = [state]
                values[-size:] = [make(values[-size:])]
            if state == last and kind == END:
                return values[-1]
            action = actions[state].get(kind)
        if action is None:
            break
        state = action
        states.append(action)
        values.append(token)
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

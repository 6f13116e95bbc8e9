"""The parser's tables, made from the grammar when first needed, or read from a file; the run over them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, cast

import lark
from lark.grammar import Terminal

from rulelang import tables_file
from rulelang.keywords import KEYWORDS
from rulelang.tokens import Token
from rulelang.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lark.grammar import Rule
    from lark.parsers.lalr_interactive_parser import InteractiveParser


Start: TypeAlias = Literal["item", "chunk", "expr"]
LITERALS = ("NAME", "NUM", "QTY", "UNIT", "DATE", "DATETIME", "CODE", "STRING")
SIGNS = (
    "_DOT", "_COMMA", "_SEMI", "_COLON", "_BAR", "LPAR", "RPAR", "LSQB", "RSQB", "LBRACE", "RBRACE",
    "PLUS", "MINUS", "STAR", "SLASH", "EQ", "CMP",
)  # fmt: skip
END = "$END"
KEPT = Path(__file__).with_name("grammar.tables.json")


class Failure(NamedTuple):
    """Where a run of tokens stops being language (its length: at the end), and what may stand."""

    place: int
    wanted: frozenset[str]


class NoLexer(lark.lexer.Lexer):
    """What lark takes for a lexer: the tokens are ours, and are fed one by one."""

    def __init__(self, conf: object) -> None:
        """Take what lark gives every lexer, and make nothing of it."""

    def lex(self, *_: object) -> Iterator[lark.Token]:  # type: ignore[explicit-override]
        """No token is ever asked for."""
        return iter(())


def grammar() -> str:
    """The grammar with the terminals that the lexer makes."""
    names = [*(keyword.terminal for keyword in KEYWORDS), *LITERALS, *SIGNS]
    text = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return f"{text}\n%declare {' '.join(names)}\n"


def build(*, strict: bool = False) -> lark.Lark:
    """Build the tables; `strict` refuses conflicts, and needs the test extra."""
    return lark.Lark(
        grammar(),
        parser="lalr",
        lexer=NoLexer,
        start=["item", "chunk", "expr"],
        maybe_placeholders=False,
        strict=strict,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Reduction:
    """The end of a rule of grammar: which children it takes, its name, the tree that it makes.

    `tree` is None if the only child stays as it is, and empty if the rule is only a part of others,
    whose children those of the part become. `kept`: the places of the children that stay, and
    whether they are such parts; empty if all stay as they are.
    """

    last: slice
    origin: str
    tree: str | None
    kept: tuple[tuple[int, bool], ...]


@dataclass(frozen=True, slots=True)
class _State:
    """By the terminal that is next, the state behind it or what to reduce; so for rules just read.

    What passes through a state in which nothing but a rule `?a: b` can end goes on at once.
    """

    actions: dict[str, _State | _Reduction]
    leads: dict[str, _State]


def kept() -> lark.Lark | None:
    """The tables as they were built and kept in a file; None if those are of another grammar or lark."""
    return tables_file.read(KEPT.read_text(encoding="utf-8"), grammar(), NoLexer)


@cache
def _tables() -> lark.Lark:
    return kept() or build()


@cache
def _states() -> Sequence[_State]:
    held = _tables().parse_interactive(start="item").parser_state.parse_conf.states
    table = [
        {
            str(name): found if isinstance(found, int) else _reduction(found)
            for name, (_, found) in held[number].items()
        }
        for number in range(len(held))
    ]
    keeping = [_kept_alone(row) for row in table]
    states = [_State({}, {}) for _ in table]
    for state, row in zip(states, table, strict=True):
        for name, found in row.items():
            target = found
            while isinstance(target, int) and (origin := keeping[target]):
                target = row[origin]
            if isinstance(target, int):
                state.leads[name] = states[target]
            state.actions[name] = states[target] if isinstance(target, int) else target
    return states


def _kept_alone(row: Mapping[str, int | _Reduction]) -> str:
    """The name of the rule `?a: b` if in a state nothing else is possible than its end."""
    (found, *others) = set(row.values()) or {0}
    alone = isinstance(found, _Reduction) and found.tree is None and not others
    return found.origin if isinstance(found, _Reduction) and alone else ""


@cache
def _ends(start: Start) -> tuple[_State, _State]:
    """The first state of a run, and the last one."""
    conf = _tables().parse_interactive(start=start).parser_state.parse_conf
    return _states()[conf.start_state], _states()[conf.end_state]


@cache
def _reduction(rule: Rule) -> _Reduction:
    """A rule `?a: b` makes nothing of b, and most steps through an expression are of that kind."""
    origin, parts = str(rule.origin.name), rule.expansion
    name = "" if origin[0] == "_" else str(rule.alias or origin)
    kept = tuple(
        (place, not part.is_term and part.name[0] == "_")
        for place, part in enumerate(parts)
        if not (isinstance(part, Terminal) and part.filter_out)
    )
    last = slice(-len(parts), None)
    if kept == tuple((place, False) for place in range(len(parts))):
        keeps = len(parts) == 1 and rule.options.expand1 and not rule.alias
        return _Reduction(last, origin, None if keeps else name, ())
    return _Reduction(last, origin, name, kept)


def _children(kept: tuple[tuple[int, bool], ...], found: list[Any]) -> list[Any]:
    """The children that stay, with those of the parts among them."""
    children: list[Any] = []
    for place, is_part in kept:
        if not is_part:
            children.append(found[place])
        elif children:
            children += found[place]
        else:  # a list grows by one at its end: to copy it each time would be slow
            children = found[place]
    return children


def run(tokens: Sequence[Token], start: Start) -> Tree | Token | Failure:
    """Parse a run of tokens as `start`; an expression of one literal gives its token.

    The loop is that of lark, for tokens of ours: lark's own spends more on each of them.
    """
    state, accepting = _ends(start)
    states = [state]
    values: list[Any] = []
    end = tokens[-1].end if tokens else 0
    index = 0
    for index, token in enumerate((*tokens, Token(END, "", end, end))):  # noqa: B007 (read below)
        kind = token[0]
        action = state.actions.get(kind)
        while isinstance(action, _Reduction):
            name = action.tree
            if name is None:
                states[-1] = state = states[-2].leads[action.origin]
            else:
                last = action.last
                children = values[last]
                if action.kept:
                    children = _children(action.kept, children)
                del values[last]
                values.append(Tree(name, children) if name else children)
                del states[last]
                state = states[-1].leads[action.origin]
                states.append(state)
            action = state.actions.get(kind)
        if action is None:
            break
        state = action
        states.append(action)
        values.append(token)
    if state is accepting and index == len(tokens):
        return cast("Tree | Token", values[-1])
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

"""Tokens of a file to runs, one an item; tokens of a rule to runs, one a clause."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from rulelang.keywords import BY_TERMINAL
from rulelang.tokens import Token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rulelang.source import Source

Run: TypeAlias = tuple[Token, ...]

ITEM_WORDS = frozenset(
    {
        "RULESET", "USE", "AUTHORITY", "REGION", "DOCUMENT", "INFORCE", "ATTR", "TABLE", "LIST",
        "EVIDENCE", "PARAM", "DEFINE", "DECISION", "RULE", "AMEND", "REPEAL",
    }
)  # fmt: skip
HEAD_WORDS = frozenset(
    {"NATCODE", "CITE", "INFORCE", "ATTR", "CERTAINTY", "STAGES", "OPEN", "CLOSED"}
)
CLAUSE_WORDS = HEAD_WORDS | {
    "FOR", "LET", "WHEN", "REQUIRE", "FORBID", "UNLESS", "KEEP", "DEDUCTORDER", "THEN", "MESSAGE",
    "REMEDY", "NOTE",
}  # fmt: skip
RULE_WORDS = frozenset({"RULE", "AMEND"})

# Behind one of these on the same line a keyword stands where a name is wanted: it is a name badly
# chosen, and begins nothing.
_BEFORE_NAME = frozenset(
    {
        "_COMMA", "_BAR", "_COLON", "LPAR", "LSQB", "LBRACE", "EQ", "CMP", "PLUS", "MINUS", "STAR",
        "SLASH", "LET", "AS", "PER", "GROUP", "ORDER", "USE", "TABLE", "LIST", "EVIDENCE", "PARAM",
        "DEFINE", "DECISION", "RULE", "AMEND", "REPEAL", "DOCUMENT", "KEY",
    }
)  # fmt: skip


def split_items(tokens: Sequence[Token], source: Source) -> list[Run]:
    """One run an item; tokens before the first item word are a run of their own."""
    starts = [0]
    current = ""
    for index, token in enumerate(tokens):
        if token.type not in ITEM_WORDS:
            continue
        in_rule = current in RULE_WORDS and token.type in HEAD_WORDS
        subject = token.type == "RULESET" and index > 0 and tokens[index - 1].type == "FOR"
        if in_rule or subject or _names_something(tokens, index, source):
            continue
        current = token.type
        if index > 0:
            starts.append(index)
    ends = [*starts[1:], len(tokens)]
    return [tuple(tokens[start:end]) for start, end in zip(starts, ends, strict=True) if end]


def split_clauses(tokens: Sequence[Token], source: Source) -> list[Run]:
    """The opening of a rule, then one run a clause."""
    runs: list[list[Token]] = []
    for index, token in enumerate(tokens):
        begins = token.type in CLAUSE_WORDS and not _names_something(tokens, index, source)
        if not runs or (begins and not _belongs(runs[-1], token.type)):
            runs.append([])
        runs[-1].append(token)
    return [tuple(run) for run in runs]


def _belongs(run: list[Token], word: str) -> bool:
    """`当` belongs to its `则`, `依据` to its `除非` or `封闭`; each takes one."""
    hosts = {"WHEN": {"THEN"}, "CITE": {"UNLESS", "CLOSED"}}.get(word, set())
    return run[0].type in hosts and all(token.type != word for token in run)


def _names_something(tokens: Sequence[Token], index: int, source: Source) -> bool:
    if index == 0 or tokens[index].type not in BY_TERMINAL:
        return False
    before = tokens[index - 1]
    if before.type not in _BEFORE_NAME:
        return False
    return "\n" not in source.text[before.end : tokens[index].start]

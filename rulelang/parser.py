"""Rule text to `rulelang.ast`: one pass of the lexer, then each item parsed by itself.

An item that fails is reported and, if it is a rule, read again clause by clause, so that every
clause's mistake is found in one run. Tables are built at the first parse, not at import.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from rulelang import ast, tree_items
from rulelang.diagnostics import Diagnostic, Words
from rulelang.keywords import BY_TERMINAL, RESERVED, Spelling, suggest_opening
from rulelang.lexer import MOST_PROBLEMS, lex
from rulelang.limits import LIMITS, beyond
from rulelang.prescan import beyond_limits, too_large, too_nested
from rulelang.recovery import read_rule, read_run, too_deep
from rulelang.source import Source, Span
from rulelang.splitting import CLAUSE_WORDS, ITEM_WORDS, RULE_WORDS, Run, split_items
from rulelang.tables import run
from rulelang.tokens import fold
from rulelang.tree import Place, Tree
from rulelang.tree_expr import TooDeep, expression

if TYPE_CHECKING:
    from rulelang.tokens import Token

MOST_ITEMS = LIMITS["items"].most


def parse_file(source: Source) -> tuple[ast.File, tuple[Diagnostic, ...]]:
    """Parse one rule file. Never raises; with any error the tree holds what could be read."""
    beyond_limit, folded = too_large(source), ""
    if beyond_limit is None:
        folded = fold(source.text)
        beyond_limit = beyond_limits(source, folded)
    if beyond_limit is not None:
        return ast.File(spelling="zh", items=()), (beyond_limit,)
    lexed = lex(source, folded=folded)
    reader = _FileReader(source, lexed.spelling)
    reader.read(split_items(lexed.tokens, source))
    whole = Span(source.path, 0, len(source.text))
    file = ast.File(
        spelling=lexed.spelling, items=tuple(reader.items), comments=lexed.comments, span=whole
    )
    return file, _by_place([*lexed.problems, *reader.problems])


def parse_expression(
    source: Source, within: Span | None = None
) -> tuple[ast.Expr | None, tuple[Diagnostic, ...]]:
    """Parse a source, or a stretch of it, that is one expression. Never raises."""
    lexed = lex(source, within)
    problems = list(lexed.problems)
    if not lexed.tokens:
        place = within or Span(source.path, 0, len(source.text))
        words = Words("此处没有表达式", "there is no expression")
        return None, _by_place([*problems, Diagnostic("RL0125", place, words)])
    bracket = too_nested(lexed.tokens)
    if bracket is not None:
        place = Span(source.path, bracket.start, bracket.end)
        return None, _by_place([*problems, beyond("nesting", place)])
    read = read_run(lexed.tokens, "expr", source, lexed.spelling)
    problems += read.problems
    node: ast.Expr | None = None
    if read.tree is not None:
        try:
            node = expression(read.tree, Place(source.path, lexed.spelling))
        except TooDeep as deep:
            problems.append(too_deep(deep.span))
    return node, _by_place(problems)


def _by_place(problems: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(sorted(problems, key=lambda found: found.span.start))


class _FileReader:
    """Reads the runs of one file in order; a repair may put new runs in front."""

    def __init__(self, source: Source, spelling: Spelling) -> None:
        self.source = source
        self.place = Place(source.path, spelling)
        self.items: list[ast.Item] = []
        self.problems: list[Diagnostic] = []

    def read(self, runs: list[Run]) -> None:
        """Read all runs, up to the limits of items and of mistakes."""
        queue = deque(runs)
        while queue:
            tokens = queue.popleft()
            if len(self.items) >= MOST_ITEMS:
                span = Span(self.source.path, tokens[0].start, tokens[0].end)
                self.problems.append(beyond("items", span))
                return
            rest = self._item(tokens)
            queue.extendleft(reversed(split_items(rest, self.source)))
            if len(self.problems) >= MOST_PROBLEMS:
                self.problems.append(_flood_problem(self.source.path, tokens[-1]))
                return

    def _item(self, tokens: Run) -> Run:
        """Read one run as an item; return what turns out to begin another."""
        if tokens[0].type not in ITEM_WORDS:
            return self._stray(tokens)
        result = run(tokens, "item")
        if isinstance(result, Tree):
            try:
                self.items.append(tree_items.item(result, self.place))
            except TooDeep as deep:
                return self._deep(tokens, deep)
            return ()
        return self._failed(tokens)

    def _deep(self, tokens: Run, deep: TooDeep) -> Run:
        if tokens[0].type in RULE_WORDS and not _sets_value(tokens):
            return self._rule(tokens)
        self.problems.append(too_deep(deep.span))
        return ()

    def _failed(self, tokens: Run) -> Run:
        if tokens[0].type in RULE_WORDS and not _sets_value(tokens):
            return self._rule(tokens)
        read = read_run(tokens, "item", self.source, self.place.spelling)
        self.problems += read.problems
        if isinstance(read.tree, Tree):
            try:
                self.items.append(tree_items.item(read.tree, self.place))
            except TooDeep as deep:
                self.problems.append(too_deep(deep.span))
        return read.rest

    def _rule(self, tokens: Run) -> Run:
        read = read_rule(tokens, self.source, self.place.spelling)
        self.problems += read.problems
        if read.item is not None:
            self.items.append(read.item)
        return read.rest

    def _stray(self, tokens: Run) -> Run:
        """Words before the first item: a misspelt item word, a clause without a rule, or a text."""
        first = tokens[0]
        if any(token.type == "ERROR" for token in tokens[:2]):
            return ()
        span = Span(self.source.path, first.start, first.end)
        text = self.source.snippet(span)
        meant = suggest_opening(first.text, ITEM_WORDS, self.place.spelling)
        if first.type == "NAME" and meant is not None and meant in RESERVED:
            words = Words(f"`{text}` 不是关键字", f"`{text}` is not a keyword")
            mend = Words(f"是否指 `{meant}`？", f"do you mean `{meant}`?")
            self.problems.append(Diagnostic("RL0111", span, words, mend))
            terminal, spelling = RESERVED[meant]
            return (first._replace(type=terminal, spelling=spelling), *tokens[1:])
        rule = BY_TERMINAL["RULE"].spelt(self.place.spelling)
        if first.type in CLAUSE_WORDS:
            words = Words(f"`{text}` 不在任何 `{rule}` 之内", f"`{text}` stands outside a `{rule}`")
        else:
            words = Words(f"`{text}` 不在任何条目之内", f"`{text}` stands outside of any item")
        mend = Words(f"条目以关键字开头，如 `{rule}`", f"items begin with a keyword, as `{rule}`")
        self.problems.append(Diagnostic("RL0122", span, words, mend))
        return ()


def _sets_value(tokens: Run) -> bool:
    """`补充 name = value`, which has no clauses."""
    place = 1
    while place < len(tokens) and tokens[place].type in {"NAME", "_DOT"}:
        place += 1
    return tokens[0].type == "AMEND" and place < len(tokens) and tokens[place].type == "EQ"


def _flood_problem(path: str, token: Token) -> Diagnostic:
    words = Words(
        f"错误超过 {MOST_PROBLEMS} 处，其余不再列出",
        f"more than {MOST_PROBLEMS} mistakes, the rest is not listed",
    )
    return Diagnostic("RL0119", Span(path, token.start, token.end), words)

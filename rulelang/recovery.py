"""Runs that do not parse: read again with repairs, and a rule clause by clause.

So every mistake of a file is told in one run, and what is good of a broken rule is kept.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from rulelang import ast, tree_rules
from rulelang.clause_order import Placed, structure_problems
from rulelang.diagnostics import Diagnostic, Words
from rulelang.explain_syntax import explain
from rulelang.keywords import BY_TERMINAL
from rulelang.lexer import MOST_PROBLEMS
from rulelang.limits import beyond
from rulelang.source import NOWHERE, Source, Span
from rulelang.splitting import CLAUSE_WORDS, HEAD_WORDS, ITEM_WORDS, Run, split_clauses
from rulelang.tables import Failure, Start, run
from rulelang.tree import Place, Tree
from rulelang.tree_expr import TooDeep, named

if TYPE_CHECKING:
    from rulelang.keywords import Spelling
    from rulelang.tokens import Token

MOST_REPAIRS = 8


class Read(NamedTuple):
    """A run read as far as it goes: its tree, its mistakes, and what begins something else."""

    tree: Tree | Token | None
    problems: list[Diagnostic]
    rest: Run = ()


class ReadRule(NamedTuple):
    """A rule read clause by clause, and the run in which a misspelt item word begins another."""

    item: ast.Rule | ast.Amend | None
    problems: list[Diagnostic]
    rest: Run = ()


def read_run(tokens: Run, start: Start, source: Source, spelling: Spelling) -> Read:
    """Parse a run; where a mistake has a repair, report it, repair it and go on."""
    problems: list[Diagnostic] = []
    rest: Run = ()
    for _ in range(MOST_REPAIRS):
        result = run(tokens, start)
        if not isinstance(result, Failure):
            return Read(result, problems, rest)
        explained = explain(result, tokens, start, source, spelling)
        if explained.diagnostic is None or _again(explained.diagnostic, problems):
            break
        problems.append(explained.diagnostic)
        if explained.repaired is None:
            break
        tokens, more = _parted(tokens, explained.repaired, start)
        rest = (*more, *rest)
        if not tokens:
            break
    return Read(None, problems, rest)


def _again(diagnostic: Diagnostic, problems: list[Diagnostic]) -> bool:
    """A repair that did not help, or a bracket whose repair is a guess: enough is said."""
    if any(problem.code == "RL0108" for problem in problems) and diagnostic.code != "RL0111":
        return True
    return any(problem.span == diagnostic.span for problem in problems)


def _parted(before: Run, after: Run, start: Start) -> tuple[Run, Run]:
    """Cut a repaired run where the repair made the first word of a clause or an item."""
    if start == "expr":
        return after, ()
    place = 0
    while place < min(len(before), len(after)) and before[place] == after[place]:
        place += 1
    if place and place < len(after) and after[place].type in CLAUSE_WORDS | ITEM_WORDS:
        return after[:place], after[place:]
    return after, ()


def too_deep(span: Span) -> Diagnostic:
    """The diagnostic of nesting beyond the limit."""
    return beyond("levels", span)


def read_rule(tokens: Run, source: Source, spelling: Spelling) -> ReadRule:
    """Read a rule or an amendment clause by clause; the node is marked broken."""
    place = Place(source.path, spelling)
    queue = deque(split_clauses(tokens, source))
    first = queue.popleft()
    problems: list[Diagnostic] = []
    opening = read_run(first, "chunk", source, spelling)
    problems += opening.problems
    queue.extendleft(reversed(split_clauses(opening.rest, source)))
    clauses: list[tree_rules.Clause] = []
    placed: list[Placed] = []
    rest: Run = ()
    while queue and len(problems) < MOST_PROBLEMS:
        chunk = queue.popleft()
        if chunk[0].type in ITEM_WORDS - HEAD_WORDS:
            rest = tuple(token for part in (chunk, *queue) for token in part)
            break
        placed.append(Placed(chunk[0].type, Span(source.path, chunk[0].start, chunk[0].end)))
        chunk, said = _with_take(chunk, queue, source, spelling)
        problems += said
        read = read_run(chunk, "chunk", source, spelling)
        problems += read.problems
        if read.rest:  # what follows may belong to the clause that the repair began
            following = queue.popleft() if queue else ()
            queue.extendleft(reversed(split_clauses((*read.rest, *following), source)))
        if isinstance(read.tree, Tree):
            _add_clause(read.tree, place, clauses, problems)
    opened = Placed(first[0].type, Span(source.path, first[0].start, first[-1].end))
    problems += structure_problems(opened, placed, spelling)
    span = Span(source.path, tokens[0].start, max(first[-1].end, _end(placed, clauses)))
    return ReadRule(_broken(opening.tree, (first, span), clauses, place), problems, rest)


def _with_take(
    chunk: Run, queue: deque[Run], source: Source, spelling: Spelling
) -> tuple[Run, list[Diagnostic]]:
    """`如果 … 则 …` on one line: the 则 was meant as 那么, and what stands behind it belongs here."""
    types = [token.type for token in chunk]
    following = queue[0] if queue else ()
    if types.count("IF") <= types.count("TAKE") or not following or following[0].type != "THEN":
        return chunk, []
    if "\n" in source.text[chunk[-1].end : following[0].start]:
        return chunk, []
    then, *rest = queue.popleft()
    take = BY_TERMINAL["TAKE"].spelt(spelling)
    text = source.snippet(Span(source.path, then.start, then.end))
    told = Diagnostic(
        "RL0111",
        Span(source.path, then.start, then.end),
        Words(f"`{text}` 在这里不是关键字", f"`{text}` is not the keyword here"),
        Words(f"是否指 `{take}`？", f"do you mean `{take}`?"),
    )
    return (*chunk, then._replace(type="TAKE", text=take), *rest), [told]


def _end(placed: list[Placed], clauses: list[tree_rules.Clause]) -> int:
    ends = [clause.span.end for clause in clauses] + [part.span.end for part in placed]
    return max(ends, default=0)


def _add_clause(
    tree: Tree, place: Place, clauses: list[tree_rules.Clause], problems: list[Diagnostic]
) -> None:
    try:
        clauses.append(tree_rules.clause(tree, place))
    except TooDeep as deep:
        problems.append(too_deep(deep.span))


def _broken(
    opening: Tree | Token | None,
    written: tuple[Run, Span],
    clauses: list[tree_rules.Clause],
    place: Place,
) -> ast.Rule | ast.Amend | None:
    """The node of what could be read; None if not even a name could."""
    first, span = written
    heads, body = tree_rules.parted(clauses)
    names = [token for token in first if token.type == "NAME"]
    if not names:
        return None
    if first[0].type == "AMEND":
        target = tree_rules.target(opening) if isinstance(opening, Tree) else names[0].text
        return ast.Amend(target=target, heads=heads, clauses=body, broken=True, span=span)
    if isinstance(opening, Tree):
        name, title = tree_rules.opening(opening, place)
    else:
        name_span = Span(place.path, names[0].start, names[0].end)
        name = named(names[0].text, None, name_span, place)
        title = ast.Title(zh=ast.Text(value="", span=NOWHERE), span=NOWHERE)
    return ast.Rule(name=name, title=title, heads=heads, clauses=body, broken=True, span=span)

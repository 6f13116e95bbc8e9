"""A rule file in the other spelling: keywords and names exchanged, everything else as it was.

Stands above the driver, for what a name is, and so what its other spelling is, is known once it has
been resolved: `Compiled.spelt` holds that for expressions, `Compiled.units` for declared names. The
switch is an exchange (what was written in one spelling is written in the other), so that to switch
twice is to have the same text again. Texts, comments and names of one spelling stay.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from rulelang import ast
from rulelang.diagnostics import Diagnostic, Related, Words
from rulelang.driver import Compiled
from rulelang.format import format_file
from rulelang.keywords import BY_TERMINAL
from rulelang.lexer import lex
from rulelang.parser import parse_file
from rulelang.resolve import Unit, shown
from rulelang.source import Source, Span
from rulelang.tokens import Token
from rulelang.typenames import type_pairs
from rulelang.vocabulary import Vocabulary, load
from rulelang.words import PAIRS, SUBJECTS, both_ways

Pairs = Mapping[str, str]  # either spelling to the other


@dataclass(frozen=True)
class _File:
    """A file that is switched, with what its names are."""

    source: Source
    node: ast.File
    unit: Unit | None
    compiled: Compiled
    vocabulary: Vocabulary


def respelled(source: Source, compiled: Compiled, target: ast.Spelling) -> str:
    """A file of `compiled` with its keywords and names in the spelling `target`, not laid out anew.

    A file that is in that spelling already, or whose keywords are of both, has all of its names
    written in it: there is nothing to switch back to.
    """
    node, problems = parse_file(source)
    is_mixed = any(each.code == "RL0106" for each in problems)
    unit = next((u for u in compiled.units if source.path in {f.span.path for f in u.files}), None)
    file = _File(source, node, unit, compiled, load())
    tokens = lex(source).tokens
    edits: dict[int, tuple[int, str]] = {}
    for token in tokens:
        if token.spelling is not None:
            edits[token.start] = token.end, BY_TERMINAL[token.type].spelt(target)
    exchanged = node.spelling != target
    names = [token for token in tokens if token.type == "NAME"]
    written = {token.start: token for token in names}
    for start, end, words in _named(file, names):
        one = written[start]
        text = one.text if one.end == end else source.text[start:end]
        other = {words.zh: words.en, words.en: words.zh}.get(text, text)
        edits[start] = end, other if exchanged and not is_mixed else _in(words, text, target)
    if exchanged:
        edits |= {start: (end, text) for start, end, text in _declared(node, source)}
    return _edited(source.text, edits)


def switched(source: Source, compiled: Compiled, target: ast.Spelling) -> str:
    """A file of `compiled` in the spelling `target` and in its canonical layout."""
    made = Source(source.path, respelled(source, compiled, target))
    return format_file(parse_file(made)[0], made)


def collisions(
    before: Compiled, after: Compiled, source: Source, made: Source
) -> tuple[Diagnostic, ...]:
    """The names of a file that stand for something else once it has been switched (RL0290)."""
    pairs = zip(_words_of(source), _words_of(made), strict=False)
    found = []
    for old, new in pairs:
        meant = before.spelt.get((source.path, old.end))
        read = after.spelt.get((made.path, new.end))
        if meant is None or read is None or meant == read:
            continue
        span = Span(source.path, old.start, old.end)
        called = read.en if old.text == meant.en else read.zh
        words = Words(
            f"`{old.text}` 换成 `{new.text}` 之后指的是 `{called}`",
            f"`{old.text}` becomes `{new.text}`, which stands for `{called}` there",
        )
        mend = Words("给其中一个改用另一个名称", "give one of the two another name")
        found.append(Diagnostic("RL0290", span, words, mend, _declaration(before, source, read)))
    return tuple(found)


def _declaration(compiled: Compiled, source: Source, words: Words) -> tuple[Related, ...]:
    """Where a name of a file is declared."""
    for unit in compiled.units:
        for file in unit.files:
            if file.span.path == source.path:
                for node in _nodes(file):
                    if isinstance(node, ast.Name) and shown(node) == words:
                        return (Related(node.span, Words("在此处声明", "declared here")),)
    return ()


def _words_of(source: Source) -> list[Token]:
    """The tokens that are names, without the second spelling of declared ones."""
    found: list[Token] = []
    tokens = lex(source).tokens
    bars = {index for index, token in enumerate(tokens) if token.type == "_BAR"}
    for index, token in enumerate(tokens):
        if token.type == "NAME" and not {index - 1, index + 1} & bars:
            found.append(token)
    return found


def _in(words: Words, text: str, target: ast.Spelling) -> str:
    """A name in one spelling, if it is spelt in the other one."""
    known = text in {words.zh, words.en} and not words.zh.isascii()
    return words.choose(target) if known else text


def _edited(text: str, edits: Mapping[int, tuple[int, str]]) -> str:
    parts, last = [], 0
    for start, (end, written) in sorted(edits.items()):
        parts += [text[last:start], written]
        last = end
    return "".join([*parts, text[last:]])


# ---------------------------------------------------------------- declared names


def _declared(node: ast.File, source: Source) -> Iterator[tuple[int, int, str]]:
    """`甲 | a` to `a | 甲`, wherever a name is declared."""
    for each in _nodes(node):
        if isinstance(each, ast.Name) and each.zh and each.en and each.span.path:
            first, bar, second = source.snippet(each.span).partition("|")
            if not bar:
                first, _, second = source.snippet(each.span).partition("｜")
            text = f"{second.strip()} | {first.strip()}"
            yield each.span.start, each.span.end, text


def _nodes(node: ast.Node) -> Iterator[ast.Node]:
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(children(each))


def children(node: ast.Node) -> Iterator[ast.Node]:
    """The nodes directly below one."""
    for part in fields(node):
        value = getattr(node, part.name)
        for child in value if isinstance(value, tuple) else (value,):
            if isinstance(child, ast.Node):
                yield child


# ---------------------------------------------------------------- names that are used


def _named(file: _File, names: list[Token]) -> Iterator[tuple[int, int, Words]]:
    """The names of a file with both spellings: where each starts and ends."""
    starts = [token.start for token in names]
    local: Pairs = {}
    for node in _in_order(file.node):
        if isinstance(node, ast.Rule | ast.Amend):
            local = _pair_names(node)
        if isinstance(node, ast.Ref | ast.Member):
            words = file.compiled.spelt.get((file.source.path, node.span.end))
            place = bisect_left(starts, node.span.end) - 1
            if words is not None and place >= 0 and names[place].end == node.span.end:
                yield names[place].start, names[place].end, words
            elif isinstance(node, ast.Ref):
                yield from _of_pair(node, PAIRS["Ref", "name"])
        else:
            yield from _own_words(file, node, _own(node, names, starts), local)


def _of_pair(node: ast.Ref, pairs: Pairs) -> Iterator[tuple[int, int, Words]]:
    if node.name in pairs:
        yield node.span.start, node.span.end, Words(node.name, pairs[node.name])


def _in_order(node: ast.Node) -> Iterator[ast.Node]:
    """A tree from the top, a rule before its parts and the next one after them."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(reversed(list(children(each))))


def _pair_names(rule: ast.Rule | ast.Amend) -> Pairs:
    found: dict[str, str] = {}
    for clause in rule.clauses:
        if isinstance(clause, ast.For):
            for name in filter(None, (clause.first, clause.second)):
                found |= both_ways([(name.zh or name.en or "", name.en or name.zh or "")])
    return found


def _own(node: ast.Node, names: list[Token], starts: list[int]) -> list[Token]:
    """The names within a node that belong to none of its parts."""
    if isinstance(node, ast.File | ast.Name) or not node.span.path:
        return []
    parts = [child.span for child in children(node) if child.span.path]
    first, last = bisect_left(starts, node.span.start), bisect_left(starts, node.span.end)
    return [
        token
        for token in names[first:last]
        if not any(part.start <= token.start < part.end for part in parts)
    ]


def _own_words(
    file: _File, node: ast.Node, own: list[Token], local: Pairs
) -> Iterator[tuple[int, int, Words]]:
    """The words of a node that are no expressions: what each may be is said by its field.

    The fields of a node stand in the order in which they are written, so each word is looked for
    behind the one before it: two words of one spelling keep their own meaning.
    """
    at = 0
    for part in fields(node):
        value = getattr(node, part.name)
        texts = value if isinstance(value, tuple) else (value,)
        for text in texts:
            place = _place(own, text, at) if isinstance(text, str) else None
            if place is None:
                continue
            first, at = place
            other = _other(file, node, part.name, text, local)
            if other is not None and other != text:
                words = Words(other, text) if text.isascii() else Words(text, other)
                yield own[first].start, own[at - 1].end, words


def _place(own: list[Token], text: str, first: int) -> tuple[int, int] | None:
    """Where a word, or a name with dots in it, stands among the names of a node from `first` on."""
    parts = text.split(".")
    for index in range(first, len(own)):
        end = index + len(parts)
        if [each.text for each in own[index:end]] == parts:
            return index, end
    return None


def _other(file: _File, node: ast.Node, field: str, text: str, local: Pairs) -> str | None:
    """The other spelling of a word that stands in a field of a node."""
    match node, field:
        case ast.NamedType(), "name":
            return type_pairs().get(text) or _symbol(file, text)
        case ast.Cite() | ast.Table(), "document" | "within":
            return _symbol(file, text)
        case ast.KeyColumn(), "name":
            return _column(file, node, text)
        case ((ast.Use() | ast.Amend() | ast.Repeal()), ("name" | "target")):
            return _ruleset_name(file, text)
        case ast.Keep(), "name":
            return local.get(text)
        case ast.Attribute(), "values":
            return _attribute(file, node, text)
        case ast.Evidence(), "owner":
            return _entities(file.vocabulary).get(text)
        case ast.For(), "subject" | "second_subject":
            return {**_entities(file.vocabulary), **both_ways(SUBJECTS.items())}.get(text)
        case ast.Evidence(), "providers":
            words = file.vocabulary.suppliers
            return both_ways((each.zh, key) for key, each in words.items()).get(text)
        case _:
            return PAIRS.get((type(node).__name__, field), {}).get(text)


def _symbol(file: _File, text: str) -> str | None:
    symbol = file.unit.find(text) if file.unit is not None else None
    return _swapped(symbol.name, text) if symbol is not None else None


def _swapped(name: ast.Name, text: str) -> str | None:
    if not (name.zh and name.en):
        return None
    return {name.zh: name.en, name.en: name.zh}.get(text)


def _column(file: _File, key: ast.KeyColumn, text: str) -> str | None:
    for item in file.node.items:
        if isinstance(item, ast.Table) and key in item.keys and _holds(item, key):
            found = (_swapped(column.name, text) for column in item.columns)
            return next((other for other in found if other is not None), None)
    return None


def _holds(item: ast.Table, key: ast.KeyColumn) -> bool:
    return item.span.start <= key.span.start < item.span.end


def _ruleset_name(file: _File, text: str) -> str | None:
    """A ruleset, or something declared in one, by its whole name."""
    for unit in file.compiled.units:
        head = unit.head.name
        for own in filter(None, (head.zh, head.en)):
            other = _swapped(head, own)
            if text == own:
                return other
            if text.startswith(f"{own}."):
                symbol = unit.names.get(text.removeprefix(f"{own}."))
                end = _swapped(symbol.name, text.removeprefix(f"{own}.")) if symbol else None
                return f"{other}.{end}" if other and end else None
    return _symbol(file, text)


def _attribute(file: _File, node: ast.Attribute, text: str) -> str | None:
    fixed = PAIRS.get(("Attribute", node.name))
    if fixed is not None:
        return fixed.get(text)
    dates = file.vocabulary.entities["encounter"].fields.values()
    if node.name in {"基准日", "governing_date"}:
        return both_ways((each.zh, each.en) for each in dates).get(text)
    return None


def _entities(vocabulary: Vocabulary) -> Pairs:
    return both_ways((each.zh, each.en) for each in vocabulary.entities.values())

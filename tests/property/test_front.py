"""Laws of the front end: parsing never raises, spans nest, formatting keeps what is said.

Laws 1, 2 and 3 of the house.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulelang import ast
from rulelang.diagnostics import Diagnostic
from rulelang.format import format_file
from rulelang.lexer import lex
from rulelang.parser import parse_expression, parse_file
from rulelang.render import render, to_json
from rulelang.source import Source
from rulelang.units import UNITS

SAMPLES = Path(__file__).parents[1] / "samples"
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.rule"))}
GOOD = sorted(name for name in TEXTS if name.startswith("every_construct"))


def pieces(text: str) -> list[str]:
    """The tokens of a text with the blanks and comments between them, in turn."""
    parts, end = [], 0
    for token in lex(Source("x", text)).tokens:
        parts += [text[end : token.start], text[token.start : token.end]]
        end = token.end
    return [*parts, text[end:]]


PIECES = {name: pieces(text) for name, text in TEXTS.items()}
STRANGE = [
    "（",
    "｝",
    "“",
    '"',
    "#",
    "--",
    ".",
    "，",
    "至",
    "30",
    "g/L",
    "且",
    "规则",
    "when",
    "\x00",
    "甲",
]


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A sample with tokens lost, doubled, exchanged, cut or strange."""
    parts = list(PIECES[draw(st.sampled_from(sorted(PIECES)))])
    start = draw(st.integers(0, len(parts) - 1))
    parts = parts[start : start + 400]
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(parts) - 1))
        other = draw(st.integers(0, len(parts) - 1))
        kind = draw(st.sampled_from(["lose", "double", "exchange", "cut", "strange"]))
        if kind == "lose":
            parts[place] = " "
        elif kind == "double":
            parts.insert(place, parts[other])
        elif kind == "exchange":
            parts[place], parts[other] = parts[other], parts[place]
        elif kind == "cut":
            parts[place] = parts[place][: len(parts[place]) // 2]
        else:
            parts.insert(place, draw(st.sampled_from(STRANGE)))
    return "".join(parts)


def check(text: str) -> None:
    source = Source("x", text)
    parsed, problems = parse_file(source)
    check_problems(problems, source)
    check_spans(parsed, source)
    check_problems(parse_expression(source)[1], source)


def check_problems(problems: tuple[Diagnostic, ...], source: Source) -> None:
    starts = [problem.span.start for problem in problems]
    assert starts == sorted(starts)
    for problem in problems:
        assert problem.span.path == "x"
        assert 0 <= problem.span.start <= problem.span.end <= len(source.text)
        assert render(problem, {"x": source}, "zh")
        assert to_json(problem, {"x": source})["line"]
        for words in (problem.words, problem.help):
            if words is not None:
                assert words.zh
                assert words.en
                assert not words.zh.endswith("。")
                assert not words.en.endswith(".")


def children(node: ast.Node) -> Iterator[ast.Node]:
    for part in fields(node):
        value = getattr(node, part.name)
        for child in value if isinstance(value, tuple) else (value,):
            if is_dataclass(child) and isinstance(child, ast.Node):
                yield child


def check_spans(node: ast.Node, source: Source) -> None:
    """Child spans lie within parent spans, and a leaf's span is the leaf's text."""
    for child in children(node):
        if child.span.path:
            assert node.span.start <= child.span.start <= child.span.end <= node.span.end
        check_spans(child, source)
    if isinstance(node, ast.Ref):
        assert source.snippet(node.span).strip("（）() \n\t　") or not node.name


@given(st.text())
def test_parsing_never_raises_on_any_text(text: str) -> None:
    check(text)


@given(st.lists(st.sampled_from([*STRANGE, *PIECES[GOOD[0]]]), max_size=60))
def test_parsing_never_raises_on_any_tokens(parts: list[str]) -> None:
    check(" ".join(parts))


@given(damaged())
def test_parsing_never_raises_on_damaged_rules(text: str) -> None:
    check(text)


@pytest.mark.parametrize("name", GOOD)
def test_spans_nest_and_snippets_are_the_text(name: str) -> None:
    source = Source("x", TEXTS[name])
    parsed, problems = parse_file(source)
    assert problems == ()
    check_spans(parsed, source)
    stack: list[ast.Node] = [parsed]
    while stack:
        node = stack.pop()
        stack += children(node)
        snippet = source.snippet(node.span)
        match node:
            case ast.Ref():
                assert snippet.strip("（）()") == node.name
            case ast.Code():
                assert snippet == f"#{node.value}"
            case ast.Member():
                assert source.snippet(node.field_span) == node.field
            case ast.Text() if snippet[0] in '“"':
                assert snippet[1:-1] == node.value
            case ast.Rule():
                assert snippet.split()[0] in {"规则", "rule"}
            case ast.Logic():
                assert snippet.count("｛") == snippet.count("｝")


# ---------------------------------------------------------------- formatting


def reformatted(text: str) -> str:
    """The canonical form, after checking that it says the same and is its own form."""
    source = Source("x", text)
    parsed, problems = parse_file(source)
    assert problems == ()
    formatted = Source("x", format_file(parsed, source))
    again, problems = parse_file(formatted)
    assert problems == ()
    assert again == parsed
    assert sorted(c.value for c in again.comments) == sorted(c.value for c in parsed.comments)
    assert format_file(again, formatted) == formatted.text
    return formatted.text


@pytest.mark.parametrize("name", GOOD)
def test_formatting_the_samples(name: str) -> None:
    reformatted(TEXTS[name])


@given(st.data())
def test_formatting_whatever_the_blanks_and_comments(data: st.DataObject) -> None:
    parts = list(PIECES[data.draw(st.sampled_from(GOOD))])
    blanks = st.sampled_from(
        [" ", "\n", "\n\n", "\n\n    ", " -- 话\n", "\n-- 话\n", "\n  -- 话\n\n"]
    )
    for place in data.draw(st.lists(st.integers(1, len(parts) // 2 - 1), max_size=12)):
        if parts[2 * place].strip() or _joined(parts, 2 * place):
            continue  # a comment of the sample itself, or tokens that one space must not part
        parts[2 * place] = data.draw(blanks)
    reformatted("".join(parts))


def _joined(parts: list[str], place: int) -> bool:
    """A blank that is part of no token, but would make a unit or a name of its neighbours."""
    return parts[place] == "" and parts[place + 1] == "."


def test_comments_keep_their_places() -> None:
    text = (
        "-- 文件头\n\n引用   甲 -- 行末\n"
        "规则 乙 | b “题”\n"
        "  -- 针对之前\n 针对 明细\n"
        " 要求 符合全部｛ 甲 ； -- 甲后\n-- 丙前\n  丙｝\n 则   复核\n"
        "   -- 规则末尾\n\n\n-- 下一条\n引用 丁\n\n-- 文件尾"
    )
    assert reformatted(text) == (
        "-- 文件头\n\n引用 甲 -- 行末\n"
        "规则 乙 | b “题”\n"
        "    -- 针对之前\n    针对 明细\n"
        "    要求 符合全部｛\n        甲； -- 甲后\n        -- 丙前\n        丙\n    ｝\n    则 复核\n"
        "    -- 规则末尾\n\n-- 下一条\n引用 丁\n\n-- 文件尾\n"
    )


def test_brackets_stand_where_they_are_needed() -> None:
    text = "define x = ((a)) - (b - c) * -(d) + (sum e from f) - (- -g)\n"
    assert reformatted(text) == "define x = a - (b - c) * -d + sum e from f - - - -g\n".replace(
        "- - - -g", "- - -g"
    )


def test_a_broken_rule_is_left_alone() -> None:
    source = Source("x", "规则  甲 “题”\n  针对 明细\n  要求 \n")
    parsed, problems = parse_file(source)
    assert problems
    assert format_file(parsed, source) == source.text


# ---------------------------------------------------------------- trees that nobody wrote

NAMES = st.sampled_from(["甲", "乙", "明细", "a", "row", "Ⅱ期", "x1"])
FIELDS = st.sampled_from(["甲", "名称", "在", "规则", "max", "name"])
NUMBERS = st.decimals(0, 10**9, places=3).map(lambda value: value.copy_abs())
ENDS = st.characters(categories=["L", "N", "P", "S"], exclude_characters="\ufffd")
LETTERS = st.one_of(st.sampled_from(list("甲a \"“”\\{}，#-'")), ENDS)
VALUES = st.text(LETTERS, max_size=8)
QUANTITIES = st.builds(
    ast.Quantity, value=NUMBERS, unit=st.sampled_from([unit.name for unit in UNITS])
)
REFS = st.builds(ast.Ref, name=NAMES)
LITERALS = st.one_of(
    REFS,
    st.builds(ast.Number, value=NUMBERS),
    QUANTITIES,
    st.builds(ast.Date, value=st.dates(date(1000, 1, 1))),
    st.builds(
        ast.DateTime,
        value=st.datetimes(datetime(1000, 1, 1)).map(lambda t: t.replace(microsecond=0)),  # noqa: DTZ001
    ),
    st.builds(ast.Code, value=st.sampled_from(["I63", "I63.902x001+J17.0*", "0033-1"])),
    st.builds(ast.Text, value=VALUES),
)
WINDOWS = st.one_of(
    st.builds(ast.Window, word=NAMES),
    st.builds(ast.Window, direction=st.sampled_from(["past", "next"]), length=QUANTITIES),
)


def tuples(items: st.SearchStrategy[Any], least: int = 1) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, min_size=least, max_size=3).map(tuple)


def grow(inner: st.SearchStrategy[Any], name: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One layer of expression more, as the grammar allows it."""
    reference = st.one_of(
        REFS,
        st.builds(ast.Member, base=REFS, field=FIELDS),
        st.builds(ast.Lookup, base=REFS, keys=tuples(inner)),
        st.builds(
            ast.Call, base=st.builds(ast.Member, base=REFS, field=FIELDS), arguments=tuples(inner)
        ),
    )
    filtered = st.builds(
        ast.Filtered,
        source=reference,
        other=st.booleans(),
        binder=st.none() | name,
        window=st.none() | WINDOWS,
        where=st.none() | inner,
    ).filter(lambda node: node.other or node.binder or node.window or node.where)
    collection = st.one_of(reference, filtered)
    ranges = st.builds(ast.ClosedRange, low=inner, high=inner)
    sets = st.builds(ast.SetLiteral, items=tuples(st.one_of(inner, ranges)))
    return st.one_of(
        reference,
        filtered,
        st.builds(ast.Tuple, items=tuples(inner, 2)),
        st.builds(ast.Negative, operand=inner),
        st.builds(ast.Arithmetic, op=st.sampled_from("+-*/"), left=inner, right=inner),
        st.builds(
            ast.Compare,
            op=st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
            left=inner,
            right=inner,
        ),
        st.builds(
            ast.Membership,
            op=st.sampled_from(["in", "not_in", "under", "not_under", "has"]),
            left=inner,
            right=st.one_of(inner, ranges, sets),
        ),
        st.builds(ast.IsKnown, operand=inner),
        st.builds(ast.OrElse, operand=inner, default=inner),
        st.builds(ast.HalfOpen, operand=inner, low=inner, high=inner),
        st.builds(ast.Not, operand=inner),
        st.builds(ast.Logic, op=st.sampled_from(["and", "or"]), items=tuples(inner, 2)),
        st.builds(
            ast.Logic,
            op=st.sampled_from(["and", "or"]),
            items=tuples(inner),
            listed=st.booleans().filter(bool),
        ),
        st.builds(
            ast.Logic,
            op=st.just("at_least"),
            items=tuples(inner),
            needed=st.integers(0, 3),
            listed=st.booleans().filter(bool),
        ),
        st.builds(ast.If, test=inner, then=inner, otherwise=inner),
        st.builds(ast.Quantifier, op=st.sampled_from(["any", "each"]), collection=collection),
        st.builds(ast.Aggregate, op=st.sampled_from(["count", "days"]), collection=collection),
        st.builds(
            ast.Aggregate,
            op=st.sampled_from(["distinct", "sum", "max", "min", "median"]),
            collection=collection,
            value=inner,
        ),
        st.builds(
            ast.Pick,
            op=st.sampled_from(["first", "last"]),
            collection=collection,
            key=reference,
            descending=st.booleans(),
        ),
    )


def names_of(spelling: str) -> st.SearchStrategy[ast.Name]:
    other = st.none() | st.just("另名")
    if spelling == "zh":
        return st.builds(ast.Name, zh=NAMES, en=other)
    return st.builds(ast.Name, en=NAMES, zh=other)


def expressions(spelling: str) -> st.SearchStrategy[Any]:
    name = names_of(spelling)
    return st.recursive(LITERALS, lambda inner: grow(inner, name), max_leaves=12)


@st.composite
def files(draw: st.DrawFn) -> ast.File:
    spelling = draw(st.sampled_from(["zh", "en"]))
    inner, name = expressions(spelling), names_of(spelling)
    title = ast.Title(
        zh=ast.Text(value=draw(VALUES)), en=draw(st.none() | st.builds(ast.Text, value=VALUES))
    )
    clauses = (
        ast.For(subject="明细"),
        ast.Let(name=draw(name), value=draw(inner)),
        ast.When(condition=draw(inner)),
        ast.Require(condition=draw(inner)),
        ast.Unless(condition=draw(inner), cite=draw(st.none() | st.just(ast.Cite(document="甲")))),
        ast.Then(op="deny", amount=draw(inner), condition=draw(st.none() | inner)),
        ast.Then(op="remind", amount=draw(st.none() | inner)),
        ast.Message(text=title),
    )
    items = (
        ast.Define(name=draw(name), body=draw(inner)),
        ast.Rule(name=draw(name), title=title, clauses=clauses),
    )
    return ast.File(spelling=spelling, items=items)


@given(files())
def test_what_is_formatted_parses_to_the_same_tree(tree: ast.File) -> None:
    formatted = Source("x", format_file(tree, Source("x", "")))
    parsed, problems = parse_file(formatted)
    assert [(p.code, formatted.snippet(p.span)) for p in problems] == []
    assert parsed == tree
    assert format_file(parsed, formatted) == formatted.text


def test_a_number_keeps_its_places() -> None:
    tree = ast.File(
        spelling="en",
        items=(ast.Define(name=ast.Name(en="a"), body=ast.Number(value=Decimal("0.000000010"))),),
    )
    assert format_file(tree, Source("x", "")) == "define a = 0.000000010\n"

"""Laws of the front end: parsing never raises, spans nest, formatting keeps what is said.

Laws 1, 2 and 3 of the house.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rulelang import ast
from rulelang.diagnostics import Diagnostic
from rulelang.format import format_file
from rulelang.lexer import lex
from rulelang.parser import parse_expression, parse_file
from rulelang.render import render, to_json
from rulelang.source import Source
from rulelang.units import UNITS
from tests.laws import law

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


def items(text: str) -> list[str]:
    """The texts of a file's items, each with the blanks and comments before it."""
    ends = [0, *(item.span.end for item in parse_file(Source("x", text))[0].items)]
    return [text[start:end] for start, end in pairwise(ends)]


ITEMS = {name: [pieces(item) for item in items(TEXTS[name])] for name in GOOD}
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


@law()
@given(st.text())
@example("\r\x1f")  # nothing to read, and something wrong behind its beginning
def test_parsing_never_raises_on_any_text(text: str) -> None:
    check(text)


@law()
@given(st.lists(st.sampled_from([*STRANGE, *PIECES[GOOD[0]]]), max_size=60))
def test_parsing_never_raises_on_any_tokens(parts: list[str]) -> None:
    check(" ".join(parts))


@law()
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


@law()
@given(st.data())
def test_formatting_whatever_the_blanks_and_comments(data: st.DataObject) -> None:
    known = ITEMS[data.draw(st.sampled_from(GOOD))]
    first = data.draw(st.integers(0, len(known) - 1))
    parts, *others = known[first : first + data.draw(st.integers(1, 3))]
    for other in others:
        parts = [*parts[:-1], parts[-1] + other[0], *other[1:]]
    parts = list(parts)
    blanks = st.sampled_from(
        [" ", "\n", "\n\n", "\n\n    ", " -- 话\n", "\n-- 话\n", "\n  -- 话\n\n"]
    )
    for place in data.draw(st.lists(st.integers(1, len(parts) // 2 - 1), max_size=12)):
        if parts[2 * place].strip() or _joined(parts, 2 * place):
            continue  # a comment of the sample itself, or tokens that no line may part
        parts[2 * place] = data.draw(blanks)
    reformatted("".join(parts))


def _joined(parts: list[str], place: int) -> bool:
    """Beside a dot: a line's end between it and a keyword makes no name of the keyword."""
    return "." in {parts[place - 1], parts[place + 1]}


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


def test_a_difference_of_codes_does_not_become_a_range() -> None:
    text = "define x = #I63 - (#I65)\n"
    assert reformatted(text) == text


def test_full_width_signs_of_texts_neither_end_nor_escape() -> None:
    for text in ("“a\uff02b”", '"\uff3c"'):
        assert reformatted(f"define x = {text}\n") == f"define x = {text}\n"
    assert reformatted("定义 甲 = “\uff3c”\n") == "定义 甲 = “\uff3c”\n"


def test_what_stands_where_a_list_is_wanted_is_kept() -> None:
    """It is a mistake that is told later; nothing of it may get lost in the meantime."""
    text = "名单 甲：药品编码 = 国.组[乙]\n"
    assert reformatted(text) == text


def test_a_broken_rule_is_left_alone() -> None:
    source = Source("x", "规则  甲 “题”\n  针对 明细\n  要求 \n")
    parsed, problems = parse_file(source)
    assert problems
    assert format_file(parsed, source) == source.text


# ---------------------------------------------------------------- trees that nobody wrote

NAMES = ("甲", "乙", "明细", "a", "row", "Ⅱ期", "x1")
FIELDS = ("甲", "名称", "在", "规则", "max", "name")
LETTERS = st.one_of(
    st.sampled_from(list("甲a \"“”\\{}，#-'")),
    st.characters(categories=["L", "N", "P", "S"], exclude_characters="\ufffd"),
)
VALUES = st.text(LETTERS, max_size=8)
FORMS = (
    "reference", "filtered", "tuple", "negative", "arithmetic", "compare", "member", "known",
    "or_else", "half_open", "not", "chain", "list", "if", "quantifier", "counted", "taken", "pick",
)  # fmt: skip


class Grower:
    """Draws trees, form by form as the grammar allows them."""

    def __init__(self, draw: st.DrawFn, spelling: str) -> None:
        self.draw = draw
        self.spelling = spelling

    def one(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def name(self) -> ast.Name:
        first, second = self.one(*NAMES), self.one(None, "另名")
        if self.spelling == "zh":
            return ast.Name(zh=first, en=second)
        return ast.Name(zh=second, en=first)

    def number(self) -> Decimal:
        return Decimal(self.draw(st.integers(0, 10**9))).scaleb(-self.one(0, 0, 3))

    def text(self) -> ast.Text:
        return ast.Text(value=self.draw(VALUES))

    def quantity(self) -> ast.Quantity:
        return ast.Quantity(value=self.number(), unit=self.one(*(unit.name for unit in UNITS)))

    def leaf(self) -> ast.Expr:
        form = self.one("ref", "ref", "number", "quantity", "date", "time", "code", "text")
        match form:
            case "number":
                return ast.Number(value=self.number())
            case "quantity":
                return self.quantity()
            case "date":
                return ast.Date(value=self.draw(st.dates(date(1000, 1, 1))))
            case "time":
                moment = self.draw(st.datetimes(datetime(1000, 1, 1)))  # noqa: DTZ001
                return ast.DateTime(value=moment.replace(microsecond=0))
            case "code":
                return ast.Code(value=self.one("I63", "I63.902x001+J17.0*", "0033-1"))
            case "text":
                return self.text()
            case _:
                return ast.Ref(name=self.one(*NAMES))

    def several(self, depth: int, least: int = 1) -> tuple[ast.Expr, ...]:
        return tuple(self.expr(depth) for _ in range(self.draw(st.integers(least, 3))))

    def reference(self, depth: int) -> ast.Expr:
        node: ast.Expr = ast.Ref(name=self.one(*NAMES))
        for post in self.draw(st.lists(st.sampled_from(["field", "lookup", "call"]), max_size=2)):
            if post == "field":
                node = ast.Member(base=node, field=self.one(*FIELDS))
            elif post == "lookup":
                node = ast.Lookup(base=node, keys=self.several(depth))
            else:
                node = ast.Call(base=node, arguments=self.several(depth))
        return node

    def filtered(self, depth: int) -> ast.Expr:
        node = ast.Filtered(
            source=self.reference(depth),
            other=bool(self.one(0, 1)),
            binder=self.one(None, self.name()),
            window=self.one(
                None,
                ast.Window(word=self.one(*NAMES)),
                ast.Window(direction=self.one("past", "next"), length=self.quantity()),
            ),
            where=self.expr(depth) if self.one(0, 1) else None,
        )
        bare = not (node.other or node.binder or node.window or node.where)
        return node.source if bare else node

    def collection(self, depth: int) -> ast.Expr:
        return self.filtered(depth) if self.one(0, 1) else self.reference(depth)

    def range(self, depth: int) -> ast.Expr:
        return ast.ClosedRange(low=self.expr(depth), high=self.expr(depth))

    def members(self, depth: int) -> ast.Expr:
        form = self.one("set", "range", "expr")
        if form == "set":
            items = [self.one(0, 1) for _ in range(self.draw(st.integers(1, 3)))]
            return ast.SetLiteral(
                items=tuple(self.range(depth) if item else self.expr(depth) for item in items)
            )
        return self.range(depth) if form == "range" else self.expr(depth)

    def expr(self, depth: int = 3) -> ast.Expr:
        if depth == 0 or self.one(0, 1, 2) == 0:
            return self.leaf()
        form = self.one(*FORMS)
        return self.logic(form, depth - 1) or self.value(form, depth - 1)

    def logic(self, form: str, depth: int) -> ast.Expr | None:
        expr = self.expr
        match form:
            case "compare":
                op = self.one("=", "!=", "<", "<=", ">", ">=")
                return ast.Compare(op=op, left=expr(depth), right=expr(depth))
            case "member":
                op = self.one("in", "not_in", "under", "not_under", "has")
                return ast.Membership(op=op, left=expr(depth), right=self.members(depth))
            case "known":
                return ast.IsKnown(operand=expr(depth))
            case "or_else":
                return ast.OrElse(operand=expr(depth), default=expr(depth))
            case "half_open":
                return ast.HalfOpen(operand=expr(depth), low=expr(depth), high=expr(depth))
            case "not":
                return ast.Not(operand=expr(depth))
            case "chain":
                return ast.Logic(op=self.one("and", "or"), items=self.several(depth, 2))
            case "list":
                op = self.one("and", "or", "at_least")
                needed = self.one(0, 1, 2) if op == "at_least" else None
                return ast.Logic(op=op, items=self.several(depth), needed=needed, listed=True)
            case "if":
                return ast.If(test=expr(depth), then=expr(depth), otherwise=expr(depth))
            case _:
                return None

    def value(self, form: str, depth: int) -> ast.Expr:
        expr = self.expr
        match form:
            case "filtered":
                return self.filtered(depth)
            case "tuple":
                return ast.Tuple(items=self.several(depth, 2))
            case "negative":
                return ast.Negative(operand=expr(depth))
            case "arithmetic":
                op = self.one("+", "-", "*", "/")
                return ast.Arithmetic(op=op, left=expr(depth), right=expr(depth))
            case "quantifier":
                return ast.Quantifier(op=self.one("any", "each"), collection=self.collection(depth))
            case "counted":
                return ast.Aggregate(
                    op=self.one("count", "days"), collection=self.collection(depth)
                )
            case "taken":
                op = self.one("distinct", "sum", "max", "min", "median")
                collection = self.collection(depth)
                return ast.Aggregate(op=op, collection=collection, value=expr(depth))
            case "pick":
                op, key = self.one("first", "last"), self.reference(depth)
                collection, down = self.collection(depth), bool(self.one(0, 1))
                return ast.Pick(op=op, collection=collection, key=key, descending=down)
            case _:
                return self.reference(depth)


@st.composite
def files(draw: st.DrawFn) -> ast.File:
    spelling = draw(st.sampled_from(["zh", "en"]))
    grow = Grower(draw, spelling)
    title = ast.Title(zh=grow.text(), en=grow.one(None, grow.text()))
    cite = grow.one(None, ast.Cite(document="甲", place=grow.text()))
    clauses = (
        ast.For(subject="明细"),
        ast.Let(name=grow.name(), value=grow.expr()),
        ast.When(condition=grow.expr()),
        ast.Require(condition=grow.expr()),
        ast.Unless(condition=grow.expr(), cite=cite),
        ast.Then(op="deny", amount=grow.expr(), condition=grow.one(None, grow.expr(1))),
        ast.Then(op="remind", amount=grow.one(None, grow.expr(1))),
        ast.Message(text=title),
    )
    items = (
        ast.Define(name=grow.name(), body=grow.expr(4)),
        ast.Rule(name=grow.name(), title=title, clauses=clauses),
    )
    return ast.File(spelling=spelling, items=items)


@law()
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

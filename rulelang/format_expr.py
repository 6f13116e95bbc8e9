"""Expressions as canonical text on one line, in the file's spelling and punctuation."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple, assert_never

from rulelang import ast
from rulelang.keywords import BY_TERMINAL, Spelling
from rulelang.units import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

# How tightly a form binds: what stands in a place of a higher number needs brackets.
EXPR, UNARY, PRED, SUM, PROD, ATOM = range(6)

_MEMBERSHIPS = {
    "in": "IN", "not_in": "NOTIN", "under": "UNDER", "not_under": "NOTUNDER", "has": "HAS",
}  # fmt: skip
_AGGREGATES = {
    "count": "COUNT", "days": "DAYS", "distinct": "COUNT", "sum": "SUM", "max": "MAX",
    "min": "MIN", "median": "MEDIAN",
}  # fmt: skip
_SPACED_UNITS = frozenset({"mass", "volume", "activity", "compound"})
_ESCAPED = frozenset('\\"“”')


class Style(NamedTuple):
    """The signs of a spelling: full-width in Chinese files, ASCII in English ones."""

    spelling: Spelling
    comma: str
    colon: str
    semicolon: str
    parens: tuple[str, str]
    braces: tuple[str, str]
    before_brace: str  # between a keyword and its bracket
    comments: tuple[int, ...] = ()  # where the comments of the file stand

    def word(self, terminal: str) -> str:
        """A keyword in the file's spelling."""
        return BY_TERMINAL[terminal].spelt(self.spelling)

    def parted(self, start: int, end: int) -> bool:
        """Whether a comment stands within a stretch, which then goes over several lines.

        Where it can: so the place of a comment does not hang on the width of words.
        """
        place = bisect_left(self.comments, start)
        return place < len(self.comments) and self.comments[place] < end

    def listed(self, parts: Iterable[str]) -> str:
        """Parts with commas between them."""
        return self.comma.join(parts)

    def bracketed(self, text: str) -> str:
        """A text in round brackets."""
        return f"{self.parens[0]}{text}{self.parens[1]}"

    def braced(self, text: str) -> str:
        """A text in curly brackets."""
        return f"{self.braces[0]}{text}{self.braces[1]}"


STYLES = {
    "zh": Style("zh", "，", "：", "；", ("（", "）"), ("｛", "｝"), ""),
    "en": Style("en", ", ", ": ", "; ", ("(", ")"), ("{", "}"), " "),
}


def name_text(name: ast.Name, style: Style) -> str:
    """A declared name, the file's spelling first."""
    first, second = (name.zh, name.en) if style.spelling == "zh" else (name.en, name.zh)
    if first is None or second is None:
        return first or second or ""
    return f"{first} | {second}"


def text_in(value: str, quotes: str) -> str:
    """A text in the quotes given, “ ” or " ", with escapes where it could not be read back."""
    balanced = _balanced(value)
    opener, closer = ("“", "”") if quotes == "“" else ('"', '"')
    out = []
    for place, character in enumerate(value):
        following = value[place + 1] if place + 1 < len(value) else closer
        escape = (
            (character == "\\" and following in _ESCAPED)
            or (character == '"' and opener == '"')
            or (character in "“”" and opener == "“" and not balanced)
        )
        out.append(f"\\{character}" if escape else character)
    return f"{opener}{''.join(out)}{closer}"


def _balanced(value: str) -> bool:
    depth = 0
    for character in value:
        depth += {"“": 1, "”": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0 and "\\" not in value


def plain_text(text: ast.Text, style: Style) -> str:
    """A text that is a value, a file name or a place: “ ” in Chinese files, " " in English.

    A full-width quote would end a text in " ".
    """
    chinese = style.spelling == "zh" or "\uff02" in text.value
    return text_in(text.value, "“" if chinese else '"')


def number_text(value: Decimal) -> str:
    """A number without an exponent."""
    return format(value, "f")


def quantity_text(quantity: ast.Quantity, style: Style) -> str:
    """A quantity: measures stand apart from their number, counts and times do not."""
    unit = BY_NAME[quantity.unit]
    blank = " " if unit.kind in _SPACED_UNITS else ""
    return f"{number_text(quantity.value)}{blank}{unit.spelt(style.spelling)}"


def window_text(window: ast.Window, style: Style) -> str:
    """What stands after 于."""
    if window.length is None:
        return window.word or ""
    direction = style.word("PAST" if window.direction == "past" else "NEXT")
    return f"{direction} {quantity_text(window.length, style)}"


def level(node: ast.Expr) -> int:
    """How tightly a node's form binds."""
    match node:
        case ast.If() | ast.Logic(listed=False):
            return EXPR
        case ast.Not():
            return UNARY
        case ast.Compare() | ast.Membership() | ast.IsKnown() | ast.OrElse() | ast.HalfOpen():
            return PRED
        case ast.Arithmetic(op="+" | "-"):
            return SUM
        case ast.Arithmetic():
            return PROD
        case _:
            return ATOM


def inline(node: ast.Expr, style: Style, place: int = EXPR) -> str:
    """A node on one line, in brackets where its place asks for a tighter form."""
    text = _plain(node, style)
    return style.bracketed(text) if level(node) < place else text


def _plain(node: ast.Expr, style: Style) -> str:
    match node:
        case ast.Number() | ast.Quantity() | ast.Date() | ast.DateTime() | ast.Code() | ast.Text():
            return _literal(node, style)
        case ast.Ref() | ast.Member() | ast.Lookup() | ast.Call() | ast.Tuple():
            return _reference(node, style)
        case ast.Negative() | ast.Arithmetic():
            return _arithmetic(node, style)
        case ast.Filtered() | ast.Quantifier() | ast.Aggregate() | ast.Pick():
            return _collection(node, style)
        case ast.Logic() | ast.Not() | ast.If():
            return _logic(node, style)
        case _:
            return _predicate(node, style)


def _literal(
    node: ast.Number | ast.Quantity | ast.Date | ast.DateTime | ast.Code | ast.Text, style: Style
) -> str:
    match node:
        case ast.Number():
            return number_text(node.value)
        case ast.Quantity():
            return quantity_text(node, style)
        case ast.Date():
            return node.value.isoformat()
        case ast.DateTime():
            return node.value.isoformat(timespec="seconds" if node.value.second else "minutes")
        case ast.Code():
            return f"#{node.value}"
        case ast.Text():
            return plain_text(node, style)
        case _:
            assert_never(node)


def _reference(node: ast.Ref | ast.Member | ast.Lookup | ast.Call | ast.Tuple, style: Style) -> str:
    match node:
        case ast.Ref():
            return node.name
        case ast.Member():
            return f"{inline(node.base, style, ATOM)}.{node.field}"
        case ast.Lookup():
            keys = style.listed(inline(key, style, SUM) for key in node.keys)
            return f"{inline(node.base, style, ATOM)}[{keys}]"
        case ast.Call():
            arguments = style.listed(inline(part, style, SUM) for part in node.arguments)
            return f"{inline(node.base, style, ATOM)}{style.bracketed(arguments)}"
        case ast.Tuple():
            return f"[{style.listed(inline(part, style, SUM) for part in node.items)}]"
        case _:
            assert_never(node)


def _leading(node: ast.Expr, style: Style) -> str:
    """The left side of a predicate; `首个 … 按 key` gets brackets that only the reader needs."""
    text = inline(node, style, SUM)
    return style.bracketed(text) if isinstance(node, ast.Pick) else text


def _arithmetic(node: ast.Negative | ast.Arithmetic, style: Style) -> str:
    match node:
        case ast.Negative():
            operand = inline(node.operand, style, ATOM)
            # two signs side by side would begin a comment
            return f"- {operand}" if operand.startswith("-") else f"-{operand}"
        case ast.Arithmetic():
            own = level(node)
            left = inline(node.left, style, own)
            if isinstance(node.left, ast.Pick | ast.Aggregate):
                left = style.bracketed(left)  # only the reader needs them
            right = inline(node.right, style, own + 1)
            if node.op == "-" and right.startswith("#"):
                right = style.bracketed(right)  # a dash between two codes is read as a range
            return f"{left} {node.op} {right}"
        case _:
            assert_never(node)


def filtered_parts(node: ast.Filtered, style: Style) -> str:
    """A narrowed collection up to its condition."""
    parts = [style.word("OTHER")] if node.other else []
    parts.append(inline(node.source, style, ATOM))
    if node.binder is not None:
        parts.append(f"{style.word('AS')} {name_text(node.binder, style)}")
    if node.window is not None:
        parts.append(f"{style.word('WITHIN')} {window_text(node.window, style)}")
    return " ".join(parts)


def collection_lead(node: ast.Quantifier | ast.Aggregate | ast.Pick, style: Style) -> str:
    """The words of an aggregate before its collection."""
    match node:
        case ast.Quantifier():
            return style.word("ANY" if node.op == "any" else "EACH")
        case ast.Pick():
            return style.word("FIRST" if node.op == "first" else "LAST")
        case ast.Aggregate():
            words = [style.word(_AGGREGATES[node.op])]
            if node.op == "distinct":
                words.append(style.word("DISTINCT"))
            if node.value is not None:
                words += [inline(node.value, style, SUM), style.word("FROM")]
            return " ".join(words)
        case _:
            assert_never(node)


def by_key(key: ast.Expr, style: Style, *, descending: bool) -> str:
    """`按 key [倒序]` without its keyword."""
    text = inline(key, style, ATOM)
    return f"{text} {style.word('DESC')}" if descending else text


def pick_tail(node: ast.Expr, style: Style) -> str:
    """What stands behind the collection of a pick, with a blank before it."""
    if not isinstance(node, ast.Pick):
        return ""
    return f" {style.word('ORDER')} {by_key(node.key, style, descending=node.descending)}"


def _collection(
    node: ast.Filtered | ast.Quantifier | ast.Aggregate | ast.Pick, style: Style
) -> str:
    if isinstance(node, ast.Filtered):
        text = filtered_parts(node, style)
        if node.where is None:
            return text
        where = f"{style.word('WHERE')}{style.before_brace}"
        return f"{text} {where}{style.bracketed(inline(node.where, style))}"
    collection = inline(node.collection, style, ATOM)
    return f"{collection_lead(node, style)} {collection}{pick_tail(node, style)}"


def list_opening(node: ast.Logic, style: Style) -> str:
    """`符合全部｛`, `符合其一｛`, `至少 2｛`."""
    words = {"and": style.word("ALLOF"), "or": style.word("ONEOF")}
    word = words.get(node.op, f"{style.word('ATLEAST')} {node.needed}")
    return f"{word}{style.before_brace}{style.braces[0]}"


def joint(node: ast.Logic, style: Style) -> str:
    """The word between the parts of an unlisted chain."""
    return style.word("AND" if node.op == "and" else "OR")


def _logic(node: ast.Logic | ast.Not | ast.If, style: Style) -> str:
    match node:
        case ast.Logic(listed=True):
            items = style.semicolon.join(inline(item, style) for item in node.items)
            return f"{list_opening(node, style)}{items}{style.braces[1]}"
        case ast.Logic():
            return f" {joint(node, style)} ".join(inline(item, style, UNARY) for item in node.items)
        case ast.Not():
            return f"{style.word('NOT')} {inline(node.operand, style, UNARY)}"
        case ast.If():
            parts = zip(("IF", "TAKE", "ELSE"), (node.test, node.then, node.otherwise), strict=True)
            return " ".join(f"{style.word(word)} {inline(part, style)}" for word, part in parts)
        case _:
            assert_never(node)


def _predicate(
    node: ast.Compare
    | ast.Membership
    | ast.IsKnown
    | ast.OrElse
    | ast.HalfOpen
    | ast.ClosedRange
    | ast.SetLiteral,
    style: Style,
) -> str:
    match node:
        case ast.Compare():
            return f"{_leading(node.left, style)} {node.op} {inline(node.right, style, SUM)}"
        case ast.Membership():
            word = style.word(_MEMBERSHIPS[node.op])
            return f"{_leading(node.left, style)} {word} {inline(node.right, style, SUM)}"
        case ast.IsKnown():
            return f"{_leading(node.operand, style)} {style.word('KNOWN')}"
        case ast.OrElse():
            word = style.word("ORELSE")
            return f"{_leading(node.operand, style)} {word} {inline(node.default, style, SUM)}"
        case ast.HalfOpen():
            low, high = inline(node.low, style, SUM), inline(node.high, style, SUM)
            words = (style.word("ATLEAST"), style.word("BELOW"))
            return f"{_leading(node.operand, style)} {words[0]} {low} {words[1]} {high}"
        case ast.ClosedRange():
            low, high = inline(node.low, style, SUM), inline(node.high, style, SUM)
            return f"{low} {style.word('TO')} {high}"
        case ast.SetLiteral():
            return style.braced(style.listed(inline(item, style, SUM) for item in node.items))
        case _:
            assert_never(node)

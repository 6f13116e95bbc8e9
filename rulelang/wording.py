"""What was found and what was wanted, in words of both languages."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from rulelang.diagnostics import Words
from rulelang.keywords import BY_TERMINAL, KEYWORDS, Spelling
from rulelang.tables import END

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rulelang.tokens import Token

MOST_WANTED = 5
LONGEST_FOUND = 40

# What may begin a value; all together are said as one word.
VALUE = frozenset(
    {
        "NAME", "NUM", "QTY", "DATE", "DATETIME", "CODE", "STRING", "MINUS", "LPAR", "LSQB",
        "ALLOF", "ONEOF", "ATLEAST", "ANY", "EACH", "COUNT", "DAYS", "SUM", "MAX", "MIN", "MEDIAN",
        "FIRST", "LAST", "OTHER", "NOT", "IF",
    }
)  # fmt: skip
# What may follow a value inside an expression.
OPERATORS = frozenset(
    {
        "CMP", "EQ", "IN", "NOTIN", "UNDER", "NOTUNDER", "HAS", "KNOWN", "ORELSE", "ATLEAST",
        "PLUS", "MINUS", "STAR", "SLASH", "AND", "OR",
    }
)  # fmt: skip
MEMBERSHIPS = frozenset({"IN", "NOTIN", "UNDER", "NOTUNDER", "HAS"})
_NARROWING = frozenset({"_DOT", "LSQB", "LPAR", "AS", "WITHIN", "WHERE"})
_ENOUGH_VALUES = frozenset({"NAME", "NUM", "QTY", "LPAR"})
_ENOUGH_OPERATORS = frozenset({"PLUS", "STAR"})

_KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "NAME": ("名字", "a name"), "NUM": ("数", "a number"),
        "QTY": ("带单位的数量", "a quantity with its unit"), "UNIT": ("单位", "a unit"),
        "DATE": ("日期", "a date"), "DATETIME": ("日期时间", "a date and time"),
        "CODE": ("编码（`#…`）", "a code (`#…`)"), "STRING": ("文本（“…”）", "a text (“…”)"),
        "CMP": ("比较符号", "a comparison"),
    }
)  # fmt: skip
_SIGNS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "_DOT": (".", "."), "_COMMA": ("，", ","), "_SEMI": ("；", ";"), "_COLON": ("：", ":"),
        "_BAR": ("|", "|"), "LPAR": ("（", "("), "RPAR": ("）", ")"), "LSQB": ("[", "["),
        "RSQB": ("]", "]"), "LBRACE": ("｛", "{"), "RBRACE": ("｝", "}"), "PLUS": ("+", "+"),
        "MINUS": ("-", "-"), "STAR": ("*", "*"), "SLASH": ("/", "/"), "EQ": ("=", "="),
    }
)  # fmt: skip
_ORDER: Mapping[str, int] = MappingProxyType(
    {
        name: place
        for place, name in enumerate((*_SIGNS, *_KINDS, *(word.terminal for word in KEYWORDS)))
    }
)


def sign(terminal: str, spelling: Spelling) -> str:
    """A keyword or sign as a file of this spelling writes it."""
    if terminal in BY_TERMINAL:
        return BY_TERMINAL[terminal].spelt(spelling)
    return _SIGNS[terminal][0 if spelling == "zh" else 1]


def found_words(token: Token, raw: str) -> Words:
    """The token that stands there, in back-ticks."""
    text = raw if len(raw) <= LONGEST_FOUND else raw[: LONGEST_FOUND - 1] + "…"
    if token.spelling is not None:
        return Words(f"关键字 `{text}`", f"the keyword `{text}`")
    return Words(f" `{text}`", f"`{text}`")


def wanted_words(wanted: frozenset[str], spelling: Spelling) -> Words:
    """What may stand there, the likeliest first, not more than a few."""
    left = set(wanted)
    if len(left) > 1:
        left -= {"_DOT"}
    zh: list[str] = []
    en: list[str] = []
    if left >= _ENOUGH_OPERATORS:
        left -= OPERATORS | _NARROWING
        zh.append("运算符")
        en.append("an operator")
    elif left >= _ENOUGH_VALUES:
        left -= VALUE
        zh.append("值")
        en.append("a value")
    for terminal in sorted(left - {END}, key=lambda name: _ORDER.get(name, len(_ORDER))):
        kind = _KINDS.get(terminal)
        if kind is not None:
            zh.append(kind[0])
            en.append(kind[1])
        else:
            zh.append(f"`{sign(terminal, spelling)}`")
            en.append(f"`{sign(terminal, spelling)}`")
    if END in wanted:
        zh.append("下一条款或条目")
        en.append("the next clause or item")
    if len(zh) > MOST_WANTED:
        zh, en = [*zh[:MOST_WANTED], "…"], [*en[:MOST_WANTED], "…"]
    blank = " " if zh[0].startswith("`") else ""
    return Words(blank + "、".join(zh), " or ".join(en) if len(en) <= 2 else ", ".join(en))  # noqa: PLR2004

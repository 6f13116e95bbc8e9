"""Rule text to tokens: names first, keywords by dictionary, whole words. Knows no grammar.

Full-width signs are read as ASCII everywhere but in texts and comments; the folding keeps lengths,
so every offset is an offset of the text as written. Mistakes are recorded and lexing goes on: what
can be read as something becomes that, the rest an `ERROR` token that no rule of grammar takes.

`_step` reads whatever stands at a place, and is the definition. Nearly all of a text is ordinary:
`_read_ordinary` takes that much faster, and nothing of which `_step` would make something else.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias, cast

from rulelang import ast
from rulelang.diagnostics import Diagnostic, Related, Words
from rulelang.keywords import BY_TERMINAL, RESERVED, Spelling
from rulelang.literals import read_bare_code, read_code, read_number, read_text, unit_at
from rulelang.source import Source, Span
from rulelang.tokens import Reading, Token, fold
from rulelang.units import BY_SPELLING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_PROBLEMS = 500
_MOST_PLACES = 5

# What a token or comment begins with, behind blanks; a plain sign is the whole token. All else is
# another sign, or unreadable, or the end.
_BEGINNING = re.compile(
    r"\s*(?:(?P<name>[^\W\d]\w*)|(?P<number>[0-9])|(?P<text>[\"“”'‘’「『])"
    r"|(?P<comment>--[^\r\n]*)|(?P<code>\#)|(?P<plain>[.,;:()\[\]{}])|(?P<other>))"
)
_begin = cast("Callable[[str, int], re.Match[str]]", _BEGINNING.match)  # something always matches
_NAME = re.compile(r"[^\W\d]\w*")
_OPERATOR = re.compile(r"[!<>=]=|=[<>]|<>|&&|\|\||[-+*/×÷.,;:()\[\]{}|=<>≤≥≠!]")
# The ordinary, behind blanks: a field with its dot, a name or a sign, a text without quotes or escapes
# in it, a number or a code behind which nothing stands that could make something else of it.
_IN_UNITS = re.escape("".join(sorted(set(re.sub(r"\w", "", "".join(BY_SPELLING))))))
_ORDINARY = re.compile(
    rf"""\s*+(?:
        \.(?P<field>[^\W\d]\w*+) | (?P<comment>--[^\r\n]*+)
      | (?P<known>[^\W\d]\w*+|{_OPERATOR.pattern})
      | (?P<text>“[^“”\\\r\n]*+”|"[^"\\\r\n]*+")
      | (?!0[0-9])(?P<number>[0-9]{{1,9}}+(?:\.[0-9]{{1,9}}+)?+)
        (?:[ \t]*+(?P<unit>(?!\d)[\w%]++(?:/\w++)?+)(?![{_IN_UNITS}])
          |(?=[ \t]*+(?:[\r\n;)\]}}]|,(?!\d)|\Z)))
      | \#(?P<code>[0-9A-Za-z]++(?:\.[0-9A-Za-z]++)?+)(?![\w.+*†]|\ ?[-–~])
      | (?P<other>\S) | \Z)""",
    re.VERBOSE,
)
_UNREADABLE = re.compile(r"[^\s\w\"“”'‘’#+*/×÷.,;:()\[\]{}|=<>≤≥≠!&-]+|.", re.DOTALL)
# Control and direction characters make a text look other than it is; U+FFFD is a lost character.
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffd\ud800-\udfff]+"
)

_SIGNS: Mapping[str, str] = MappingProxyType(
    {
        ".": "_DOT", ",": "_COMMA", ";": "_SEMI", ":": "_COLON", "|": "_BAR",
        "(": "LPAR", ")": "RPAR", "[": "LSQB", "]": "RSQB", "{": "LBRACE", "}": "RBRACE",
        "+": "PLUS", "-": "MINUS", "*": "STAR", "×": "STAR", "/": "SLASH", "÷": "SLASH",
        "=": "EQ", "!=": "CMP", "≠": "CMP", "<": "CMP", "<=": "CMP", "≤": "CMP", ">": "CMP",
        ">=": "CMP", "≥": "CMP",
    }
)  # fmt: skip
# Signs of other languages: what they are read as, and what is written here in both spellings.
_FOREIGN: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "==": ("EQ", "=", "="), "=<": ("CMP", "<=", "<="), "=>": ("CMP", ">=", ">="),
        "<>": ("CMP", "!=", "!="), "&&": ("AND", "且", "and"), "||": ("OR", "或", "or"),
        "!": ("NOT", "非", "not"),
    }
)  # fmt: skip
# The type, text and spelling of the words and signs after which nothing is other than elsewhere.
_Meaning: TypeAlias = tuple[str, str, Spelling | None]
_KNOWN: Mapping[str, _Meaning] = MappingProxyType(
    {sign: (kind, sign, None) for sign, kind in _SIGNS.items() if sign not in ".:×"}
    | {word: (kind, word, spelling) for word, (kind, spelling) in RESERVED.items()}
)
# A token of all its parts: what the class does, without the cost of its arguments' names.
_token = cast("Callable[[tuple[object, ...]], Token]", partial(tuple.__new__, Token))


@dataclass(frozen=True, slots=True)
class Lexed:
    """The tokens and comments of a text, the spelling of its keywords, and what was wrong."""

    tokens: tuple[Token, ...]
    comments: tuple[ast.Text, ...]
    spelling: Spelling
    problems: tuple[Diagnostic, ...]


def lex(source: Source, within: Span | None = None, folded: str | None = None) -> Lexed:
    """Split a source, or a stretch of it, into tokens. Never raises.

    `folded` is what `fold` makes of that text, if it is known.
    """
    start, end = (0, len(source.text)) if within is None else (within.start, within.end)
    raw = source.text[start:end]
    folded = fold(raw) if folded is None else folded
    reading = Reading(source.path, raw, folded, start)
    reading.spelling = _first_spelling(raw) or reading.spelling
    _report_hidden(reading)
    comments: list[ast.Text] = []
    known = dict(_KNOWN)
    position, wrong = 0, reading.problems.found
    while position < len(raw) and len(wrong) <= MOST_PROBLEMS:
        position = _read_ordinary(reading, comments, known, position)
        position = _step(reading, comments, position)
    tokens = tuple(reading.tokens)
    spellings = [token.spelling for token in tokens if token.spelling is not None]
    spelling = _majority(spellings) or reading.spelling
    problems = [*reading.problems.found]
    if spellings.count(spelling) < len(spellings):
        problems += _mixing(source.path, tokens, spelling)
    return Lexed(tokens, tuple(comments), spelling, _capped(reading, problems))


def _first_spelling(raw: str) -> Spelling | None:
    """The spelling of the first keyword, for the repairs that lexical mistakes propose."""
    for found in _NAME.finditer(raw):
        if found[0] in RESERVED:
            return RESERVED[found[0]][1]
    return None


def _read_ordinary(
    reading: Reading, comments: list[ast.Text], known: dict[str, _Meaning], position: int
) -> int:
    """Read on as long as all is ordinary; return where it is no longer, or the end."""
    base, tokens = reading.base, reading.tokens
    if _makes_a_difference([token.type for token in tokens[-2:]]):
        return position
    for found in _ORDINARY.finditer(reading.folded, position):
        group, end = found.lastgroup, base + found.end()
        if group == "known":
            word = found["known"]
            meaning = known.get(word) or _learnt(known, word)
            if meaning is None:
                return found.start()
            kind, text, spelling = meaning
            tokens.append(_token((kind, text, end - len(word), end, None, spelling)))
        elif group == "field":
            word = found["field"]
            start = end - len(word)
            tokens.append(_token(("_DOT", ".", start - 1, start, None, None)))
            tokens.append(_token(("NAME", _composed(word), start, end, None, None)))
        elif group == "comment":
            comments.append(_comment(reading, found.start("comment"), found.end()))
        else:
            literal = _literal(reading, found)
            if literal is None:
                return found.start()
            tokens.append(literal)
    return len(reading.folded)


def _makes_a_difference(before: list[str]) -> bool:
    """Whether what follows these tokens may be a field or a type, or the unit behind a type."""
    return before[-1:] in (["_DOT"], ["_COLON"]) or before == ["_COLON", "NAME"]


def _learnt(known: dict[str, _Meaning], word: str) -> _Meaning | None:
    """A word that was not met before as the name that it is, if it can be nothing else."""
    if not _NAME.match(word) or (word[0].isascii() and word[1:3].isdigit()):
        return None
    known[word] = meaning = ("NAME", _composed(word), None)
    return meaning


def _composed(word: str) -> str:
    return word if word.isascii() else unicodedata.normalize("NFC", word)


def _literal(reading: Reading, found: re.Match[str]) -> Token | None:
    """The token of a text, a code or a number, if its unit is one of the table."""
    group, base, end = found.lastgroup, reading.base, found.end()
    if group == "text":
        start = found.start(group)
        value = reading.raw[start + 1 : end - 1]
        return Token("STRING", found[group], base + start, base + end, value)
    if group == "code":
        code = found[group]
        return Token("CODE", f"#{code}", base + found.start(group) - 1, base + end, code)
    if group == "number":
        number = found[group]
        return Token("NUM", number, base + found.start(group), base + end, Decimal(number))
    unit = BY_SPELLING.get(found["unit"]) if group == "unit" else None
    if unit is None:
        return None
    start = found.start("number")
    quantity = Decimal(found["number"]), unit.name
    return Token("QTY", reading.folded[start:end], base + start, base + end, quantity)


def _step(reading: Reading, comments: list[ast.Text], position: int) -> int:
    """Read the token or comment at or behind `position`; return where it ends."""
    found = _begin(reading.folded, position)
    kind = found.lastgroup or ""
    start = found.start(kind)
    match kind:
        case "name":
            return _word(reading, start, found[kind])
        case "plain":
            sign, base = found[kind], reading.base
            reading.tokens.append(Token(_SIGNS[sign], sign, base + start, base + start + 1))
            return start + 1
        case "number":
            return read_number(reading, start)
        case "text":
            return read_text(reading, start)
        case "code":
            return read_code(reading, start)
        case "comment":
            comments.append(_comment(reading, start, found.end()))
            return found.end()
        case _:
            return _sign(reading, start) if start < len(reading.folded) else start


def _comment(reading: Reading, start: int, end: int) -> ast.Text:
    text = reading.raw[start + 2 : end].strip()
    return ast.Text(value=text, span=reading.span(start, end))


def _word(reading: Reading, start: int, word: str) -> int:
    """A keyword, a unit behind a type, a code that lacks its #, or a name."""
    end = start + len(word)
    tokens = reading.tokens
    last = tokens[-1].type if tokens else ""
    if last == "_DOT" and not _line_between(reading, tokens[-1].end, start):
        return _name(reading, start, end, word)
    if last == "NAME" and len(tokens) > 1 and tokens[-2].type == "_COLON":
        unit_end = unit_at(reading, start)
        if unit_end is not None and reading.folded[start:unit_end] in BY_SPELLING:
            unit = BY_SPELLING[reading.folded[start:unit_end]]
            return reading.emit("UNIT", start, unit_end, unit.name)
    reserved = RESERVED.get(word)
    if reserved is not None:
        base = reading.base
        tokens.append(Token(reserved[0], word, base + start, base + end, None, reserved[1]))
        return end
    if word[0].isascii() and word[1:3].isdigit():
        code_end = read_bare_code(reading, start)
        if code_end is not None:
            return code_end
    return _name(reading, start, end, word)


def _line_between(reading: Reading, left: int, right: int) -> bool:
    return "\n" in reading.raw[left - reading.base : right]


def _name(reading: Reading, start: int, end: int, word: str) -> int:
    base = reading.base
    reading.tokens.append(Token("NAME", _composed(word), base + start, base + end))
    return end


def _sign(reading: Reading, start: int) -> int:
    found = _OPERATOR.match(reading.folded, start)
    if found is None:
        return _unreadable(reading, start)
    text, end = found[0], found.end()
    foreign = _FOREIGN.get(text)
    if foreign is None:
        # `×10⁹/L` behind a type is a unit that begins with a sign
        unit_end = unit_at(reading, start) if text == "×" else None
        if unit_end is not None and reading.tokens and reading.tokens[-1].type == "NAME":
            unit = BY_SPELLING[reading.folded[start:unit_end]]
            return reading.emit("UNIT", start, unit_end, unit.name)
        return reading.emit(_SIGNS[text], start, end)
    kind, zh, en = foreign
    written = en if reading.spelling == "en" else zh
    reading.complain(
        "RL0124",
        (start, end),
        f"`{text}` 不是本语言的运算符",
        f"`{text}` is not an operator of this language",
        Words(f"写作 `{written}`", f"write `{written}`"),
    )
    return reading.emit(kind, start, end)


def _unreadable(reading: Reading, start: int) -> int:
    found = _UNREADABLE.match(reading.folded, start)
    end = found.end() if found else start + 1
    text = reading.raw[start:end]
    if _HIDDEN.match(text):
        return reading.emit("ERROR", start, end)  # reported at the start, wherever it stands
    mend = None
    if set(text) <= set("–~～"):
        word = "to" if reading.spelling == "en" else "至"
        mend = Words(f"减号写作 `-`，范围写作 `{word}`", f"minus is `-`, a range is `{word}`")
    reading.complain("RL0101", (start, end), f"不能识别 `{text}`", f"`{text}` cannot be read", mend)
    return reading.emit("ERROR", start, end)


def _report_hidden(reading: Reading) -> None:
    if all(map(str.isprintable, reading.raw.split("\n"))) and "\ufffd" not in reading.raw:
        return
    for found in islice(_HIDDEN.finditer(reading.raw), MOST_PROBLEMS):
        code = f"U+{ord(found[0][0]):04X}"
        lost = "\ufffd" in found[0]
        mend = Words("文件须存为 UTF-8", "save the file as UTF-8") if lost else None
        reading.complain(
            "RL0101", found.span(), f"此处有不可见的字符 {code}", f"hidden character {code}", mend
        )


def _majority(spellings: list[Spelling]) -> Spelling | None:
    """The spelling that most keywords have; the first one's if both are equal."""
    if not spellings:
        return None
    chinese = spellings.count("zh")
    if 2 * chinese == len(spellings):
        return spellings[0]
    return "zh" if 2 * chinese > len(spellings) else "en"


def _mixing(path: str, tokens: tuple[Token, ...], spelling: Spelling) -> list[Diagnostic]:
    """One error for all keywords of the spelling that the file does not use."""
    strange = [
        token
        for before, token in zip((None, *tokens), tokens, strict=False)
        if token.spelling not in {None, spelling} and not (before and before.type == "_BAR")
    ]
    if not strange:
        return []
    words = [(token, BY_TERMINAL[token.type].spelt(spelling)) for token in strange[:_MOST_PLACES]]
    repairs = "，".join(f"`{token.text}` → `{word}`" for token, word in words)
    first = strange[0]
    many = len(strange)
    related = tuple(
        Related(Span(path, token.start, token.end), Words(f"应为 `{word}`", f"should be `{word}`"))
        for token, word in words[1:]
    )
    other = {"zh": ("中文", "英文"), "en": ("英文", "中文")}[spelling]
    latin = {"zh": ("Chinese", "English"), "en": ("English", "Chinese")}[spelling]
    return [
        Diagnostic(
            "RL0106",
            Span(path, first.start, first.end),
            Words(
                f"文件的关键字是{other[0]}，其中 {many} 处用了{other[1]}，如 `{first.text}`",
                f"the keywords of this file are {latin[0]}, {many} of them {latin[1]}, "
                f"such as `{first.text}`",
            ),
            Words(
                f"改为：{repairs}；或运行 `hegui fmt --lang {spelling} {path}`",
                f"change: {repairs.replace('，', ', ')}; or run `hegui fmt --lang {spelling} {path}`",
            ),
            related,
        )
    ]


def _capped(reading: Reading, problems: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Not more than the most; a file of another kind would otherwise give a line a character."""
    if not problems:
        return ()
    problems.sort(key=lambda problem: problem.span.start)
    if len(problems) <= MOST_PROBLEMS:
        return tuple(problems)
    end = problems[MOST_PROBLEMS].span
    more = Diagnostic(
        "RL0119",
        end,
        Words(
            f"错误超过 {MOST_PROBLEMS} 处，其余不再列出",
            f"more than {MOST_PROBLEMS} mistakes, the rest is not listed",
        ),
    )
    return (*problems[:MOST_PROBLEMS], more)

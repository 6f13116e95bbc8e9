"""Words that are not what they should be: units, codes without #, misspelt and glued keywords."""

from __future__ import annotations

from rulelang.diagnostics import Diagnostic, Words
from rulelang.keywords import (
    BY_TERMINAL,
    RESERVED,
    suggest_cut,
    suggest_keyword,
    suggest_opening,
)
from rulelang.splitting import CLAUSE_WORDS, ITEM_WORDS, Run
from rulelang.syntax_case import Case, Explained, replaced
from rulelang.tables import END, accepted, wanted
from rulelang.tokens import Token
from rulelang.units import suggest_unit, unit_named
from rulelang.wording import OPERATORS, VALUE

_LONGEST_JOIN = 4


def unit(case: Case) -> Explained | None:
    """`30 ml`, `：数值 g/dl`: a word stands where only a unit could."""
    token, before, earlier = case.token(), case.token(-1), case.token(-2)
    if token is None or before is None or token.type != "NAME":
        return None
    typed = before.type == "NAME" and earlier is not None and earlier.type == "_COLON"
    if before.type != "NUM" and not typed:
        return None
    meant = suggest_unit(token.text, case.spelling)
    if meant is None and _keyword_meant(case, case.at) is not None:
        return None
    mend = Words(f"是否指 `{meant}`？", f"do you mean `{meant}`?") if meant else None
    words = Words(f"单位表中没有 `{token.text}`", f"`{token.text}` is not in the table of units")
    return Explained(Diagnostic("RL0104", case.span(case.at), words, mend), _with_unit(case, meant))


def _with_unit(case: Case, meant: str | None) -> Run | None:
    unit = unit_named(meant) if meant else None
    token, before = case.run[case.at], case.run[case.at - 1]
    if unit is None:
        return None
    if before.type != "NUM":
        return replaced(case, case.at, 1, (token._replace(type="UNIT", value=unit.name),))
    value = (before.value, unit.name)
    quantity = Token("QTY", before.text, before.start, token.end, value)  # type: ignore[arg-type]
    return replaced(case, case.at - 1, 2, (quantity,))


def bare_code(case: Case) -> Explained | None:
    """A number or name where only a code may stand."""
    token = case.token()
    if token is None or "CODE" not in case.wanted or "NAME" in case.wanted:
        return None
    if token.type not in {"NUM", "NAME"}:
        return None
    return Explained(
        Diagnostic(
            "RL0112",
            case.span(case.at),
            Words(f"编码 `{token.text}` 前面没有 `#`",
                  f"the code `{token.text}` does not begin with `#`"),
            Words(f"写作 `#{token.text}`", f"write `#{token.text}`"),
        ),
        replaced(case, case.at, 1, (token._replace(type="CODE", value=token.text),)),
    )  # fmt: skip


def _candidates(case: Case, place: int) -> frozenset[str]:
    """The terminals that may stand at a place, with those that begin what comes after."""
    names = case.wanted if place == case.at else wanted(case.run[:place], case.start)
    return names | CLAUSE_WORDS | ITEM_WORDS if END in names else names


def _keyword_meant(case: Case, place: int) -> tuple[str, int] | None:
    """A keyword that the word at `place` (or it and the next ones) may stand for."""
    candidates = _candidates(case, place)
    for length in range(_LONGEST_JOIN, 1, -1):
        words = case.run[place : place + length]
        if len(words) < length or any(word.type not in {"NAME", *BY_TERMINAL} for word in words):
            continue
        for mark in ("_", ""):
            joined = mark.join(word.text for word in words)
            if joined in RESERVED and RESERVED[joined][0] in candidates:
                return joined, length
    word = case.run[place]
    if word.type != "NAME":
        return None
    suggest = suggest_opening if END in candidates and case.begins_line(place) else suggest_keyword
    meant = suggest(word.text, candidates, case.spelling)
    return (meant, 1) if meant is not None else None


def misspelt(case: Case) -> Explained | None:
    """The failing word, or the name before it, is nearly a keyword that may stand there."""
    for place in (case.at, case.at - 1):
        if place < 0 or case.run[place].type not in {"NAME", *BY_TERMINAL}:
            continue
        meant = _keyword_meant(case, place)
        if meant is None:
            continue
        word, length = meant
        span = case.span(place, place + length - 1)
        text = case.source.snippet(span)
        repaired = _meaning(case.run[place], word, case.run[place + length - 1].end)
        if not accepted((*case.run[:place], repaired), case.start) and not _begins(repaired):
            continue
        return Explained(
            Diagnostic(
                "RL0111",
                span,
                Words(f"`{text}` 不是关键字", f"`{text}` is not a keyword"),
                Words(f"是否指 `{word}`？", f"do you mean `{word}`?"),
            ),
            replaced(case, place, length, (repaired,)),
        )
    return None


def _begins(token: Token) -> bool:
    return token.type in CLAUSE_WORDS or token.type in ITEM_WORDS


def _meaning(token: Token, word: str, end: int) -> Token:
    """The token as the keyword or operator that it stands for."""
    if word in RESERVED:
        terminal, spelling = RESERVED[word]
        return Token(terminal, word, token.start, end, None, spelling)
    return Token("EQ" if word == "=" else "CMP", word, token.start, end)


def glued(case: Case) -> Explained | None:
    """The failing name, or the one before it, holds a keyword that a space should part."""
    for place in (case.at, case.at - 1):
        if place < 0 or case.run[place].type != "NAME":
            continue
        token = case.run[place]
        cut = suggest_cut(token.text, case.spelling)
        if cut is None or len(set(cut.split(" "))) == 1:
            continue
        pieces = _pieces(token, cut.split(" "))
        if not accepted((*case.run[:place], pieces[0]), case.start) and not _begins(pieces[0]):
            continue
        words = [piece for piece in cut.split(" ") if piece in RESERVED]
        return Explained(
            Diagnostic(
                "RL0118",
                case.span(place),
                Words(f"关键字 `{words[0]}` 与前后的字连在一起",
                      f"the keyword `{words[0]}` is not parted from what stands beside it"),
                Words(f"是否漏了空格：`{cut}`？", f"is a space missing: `{cut}`?"),
            ),
            replaced(case, place, 1, pieces),
        )  # fmt: skip
    return None


def _pieces(token: Token, words: list[str]) -> Run:
    pieces: list[Token] = []
    start = token.start
    for word in words:
        end = start + len(word)
        terminal, spelling = RESERVED.get(word, ("NAME", None))
        pieces.append(Token(terminal, word, start, end, None, spelling))
        start = end
    return tuple(pieces)


def reserved(case: Case) -> Explained | None:
    """A keyword stands where a name is wanted, and what follows fits a name."""
    token = case.token()
    if token is None or token.type not in BY_TERMINAL or "NAME" not in case.wanted:
        return None
    name = token._replace(type="NAME", spelling=None)
    following = case.run[case.at + 1 : case.at + 2]
    only = not (case.wanted & (VALUE - {"NAME"}))
    if not accepted((*case.run[: case.at], name, *following), case.start):
        return None
    if not only and (not following or token.type in OPERATORS):
        return None
    return Explained(
        Diagnostic(
            "RL0121",
            case.span(case.at),
            Words(f"`{token.text}` 是关键字，不能作名字",
                  f"`{token.text}` is a keyword and cannot be a name"),
            Words("换一个名字", "choose another name"),
        ),
        replaced(case, case.at, 1, (name,)),
    )  # fmt: skip

"""Why a run of tokens is not language: a diagnostic, and where it can be said a repaired run.

A repair serves two ends: the author reads it, and the parser goes on with it, so that the mistakes
behind the first one are found in the same run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rulelang.brackets import unbalanced
from rulelang.diagnostics import Diagnostic, Words
from rulelang.keywords import (
    BY_TERMINAL,
    RESERVED,
    Spelling,
    suggest_cut,
    suggest_keyword,
    suggest_opening,
)
from rulelang.source import Source, Span
from rulelang.splitting import CLAUSE_WORDS, ITEM_WORDS, Run
from rulelang.tables import END, Failure, Start, accepted, wanted
from rulelang.tokens import Token
from rulelang.units import suggest_unit, unit_named
from rulelang.wording import OPERATORS, VALUE, found_words, sign, wanted_words

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_JOIN = 4
_BINARY = OPERATORS - {"MINUS"}


class Case(NamedTuple):
    """A run that failed at token `at`, where one of `wanted` may stand."""

    run: Run
    at: int
    wanted: frozenset[str]
    start: Start
    source: Source
    spelling: Spelling

    def token(self, offset: int = 0) -> Token | None:
        """The token at or beside the failing one."""
        place = self.at + offset
        return self.run[place] if 0 <= place < len(self.run) else None

    def span(self, first: int, last: int | None = None) -> Span:
        """The place of a token, or of a stretch of them."""
        end = self.run[first if last is None else last].end
        return Span(self.source.path, self.run[first].start, end)

    def begins_line(self, place: int) -> bool:
        """Whether a token is the first of its line, and not of the run."""
        if place == 0 or place >= len(self.run):
            return False
        return "\n" in self.source.text[self.run[place - 1].end : self.run[place].start]

    def raw(self, place: int) -> str:
        """A token as it was written."""
        return self.source.snippet(self.span(place))


class Explained(NamedTuple):
    """What to tell the author (None: already told), and the run as he may have meant it."""

    diagnostic: Diagnostic | None
    repaired: Run | None = None


def explain(
    failure: Failure, run: Run, start: Start, source: Source, spelling: Spelling
) -> Explained:
    """Say what is wrong with a run that failed."""
    case = Case(run, failure.place, failure.wanted, start, source, spelling)
    token = case.token()
    if token is not None and token.type == "ERROR":
        return Explained(None)
    for attempt in _ATTEMPTS:
        explained = attempt(case)
        if explained is not None:
            return explained
    return _generic(case)


def _brackets(case: Case) -> Explained | None:
    end = case.at if case.begins_line(case.at) else len(case.run)
    found = unbalanced(case.run, end, case.source.path, case.spelling)
    if found is None or found.place > case.at:
        return None
    return Explained(found.diagnostic, found.repaired)


def _unfinished(case: Case) -> Explained | None:
    if case.at < len(case.run):
        return None
    first, last = case.run[0], len(case.run) - 1
    words = wanted_words(case.wanted, case.spelling)
    head = f"`{case.raw(0)}`" if first.type in BY_TERMINAL else ""
    zh = f"{head + ' ' if head else '此处'}没有写完，后面应为{words.zh}"
    en = f"{head or 'this'} is not finished; {words.en} should follow"
    return Explained(Diagnostic("RL0125", case.span(last), Words(zh, en)))


def _mixed_logic(case: Case) -> Explained | None:
    token = case.token()
    other = {"AND": "OR", "OR": "AND"}.get(token.type) if token else None
    if token is None or other is None or other not in case.wanted:
        return None
    both = (sign("AND", case.spelling), sign("OR", case.spelling))
    lists = [sign(name, case.spelling) for name in ("ALLOF", "ONEOF", "LBRACE", "RBRACE", "_SEMI")]
    every, one, opener, closer, mark = lists
    form = f"`{every}{opener}…{mark}…{closer}` / `{one}{opener}…{mark}…{closer}`"
    return Explained(
        Diagnostic(
            "RL0109",
            case.span(case.at),
            Words(f"同一条件里 `{both[0]}` 与 `{both[1]}` 混用，读者不知先后",
                  f"`{both[0]}` and `{both[1]}` are mixed in one condition without brackets"),
            Words(f"改用 {form}，或加括号", f"use {form}, or brackets"),
        ),
        _replaced(case, case.at, 1, (token._replace(type=other),)),
    )  # fmt: skip


def _where_open(case: Case) -> Explained | None:
    before = case.token(-1)
    if before is None or before.type != "WHERE":
        return None
    word = case.raw(case.at - 1)
    form = f"`{word}{sign('LPAR', case.spelling)}…{sign('RPAR', case.spelling)}`"
    return Explained(
        Diagnostic(
            "RL0110",
            case.span(case.at - 1),
            Words(f"`{word}` 后面没有括号", f"no bracket follows `{word}`"),
            Words(f"写作 {form}", f"write {form}"),
        )
    )


def _unit(case: Case) -> Explained | None:
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
        return _replaced(case, case.at, 1, (token._replace(type="UNIT", value=unit.name),))
    value = (before.value, unit.name)
    quantity = Token("QTY", before.text, before.start, token.end, value)  # type: ignore[arg-type]
    return _replaced(case, case.at - 1, 2, (quantity,))


def _bare_code(case: Case) -> Explained | None:
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
        _replaced(case, case.at, 1, (token._replace(type="CODE", value=token.text),)),
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


def _misspelt(case: Case) -> Explained | None:
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
            _replaced(case, place, length, (repaired,)),
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


def _glued(case: Case) -> Explained | None:
    """The failing name, or the one before it, holds a keyword that a space should part."""
    for place in (case.at, case.at - 1):
        if place < 0 or case.run[place].type != "NAME":
            continue
        token = case.run[place]
        cut = suggest_cut(token.text, case.spelling)
        if cut is None:
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
            _replaced(case, place, 1, pieces),
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


def _reserved(case: Case) -> Explained | None:
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
        _replaced(case, case.at, 1, (name,)),
    )  # fmt: skip


def _separator(case: Case) -> Explained | None:
    """A comma for a semicolon, or the other way round."""
    token = case.token()
    if token is None:
        return None
    other = {"_COMMA": "_SEMI", "_SEMI": "_COMMA"}.get(token.type)
    if other is not None and other in case.wanted:
        right = sign(other, case.spelling)
        raw = case.raw(case.at)
        words = Words(f"此处用了 `{raw}`，应为 `{right}`", f"found `{raw}`, wanted `{right}`")
        mend = Words(f"改为 `{right}`", f"write `{right}`")
        repaired = _replaced(case, case.at, 1, (token._replace(type=other),))
        return Explained(Diagnostic("RL0107", case.span(case.at), words, mend), repaired)
    return None


def _full_stop(case: Case) -> Explained | None:
    """A sign at the end of a clause, where there is none."""
    last = len(case.run) - 1
    if case.at < last or case.run[last].type not in {"_DOT", "_SEMI", "_COMMA"}:
        return None
    raw = case.raw(last)
    words = Words(f"条款末尾有 `{raw}`", f"the clause ends with `{raw}`")
    mend = Words("条款末尾不用标点", "clauses end without a sign")
    return Explained(Diagnostic("RL0107", case.span(last), words, mend), case.run[:last])


def _chained(case: Case) -> Explained | None:
    """A second comparison, or a condition where a plain value is wanted: brackets are missing."""
    token = case.token()
    if token is None or token.type not in _BINARY or case.wanted & {"CMP", "IN"}:
        return None
    if "NUM" in case.wanted or not case.wanted & (OPERATORS | {"RPAR", "RSQB", END}):
        return None
    raw = case.raw(case.at)
    both = sign("AND", case.spelling)
    return Explained(
        Diagnostic(
            "RL0107",
            case.span(case.at),
            Words(f"`{raw}` 不能接在这里", f"`{raw}` cannot follow here"),
            Words(
                f"给条件或默认值加括号；连续比较写作两个条件，用 `{both}` 连接",
                f"put brackets round the condition or default; join two comparisons by `{both}`",
            ),
        )
    )


def _generic(case: Case) -> Explained:
    token = case.run[case.at]
    found = found_words(token, case.raw(case.at))
    words = wanted_words(case.wanted, case.spelling)
    mend = None
    if "DATE" in case.wanted and token.type in {"NUM", "QTY", "STRING", "DATETIME"}:
        mend = Words("日期写作 `2026-01-31`", "dates are written `2026-01-31`")
    return Explained(
        Diagnostic(
            "RL0107",
            case.span(case.at),
            Words(f"此处是{found.zh}，应为{words.zh}", f"found {found.en}, wanted {words.en}"),
            mend,
        )
    )


def _replaced(case: Case, place: int, length: int, tokens: Run) -> Run:
    return (*case.run[:place], *tokens, *case.run[place + length :])


_ATTEMPTS: tuple[Callable[[Case], Explained | None], ...] = (
    _brackets,  # a bracket astray shifts everything behind it
    _full_stop,
    _unfinished,
    _mixed_logic,
    _where_open,
    _unit,  # before keywords: `5 min` has both readings
    _bare_code,
    _separator,
    _misspelt,
    _glued,
    _reserved,
    _chained,
)

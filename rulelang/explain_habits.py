"""Habits from prose, from spreadsheets and from other languages, and how they are written here."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from rulelang.explain_clauses import (
    condition_first,
    glued_opening,
    missing_opening,
    pair,
    text_for_name,
    without_then,
)
from rulelang.syntax_case import Case, Explained, keyword, replaced, told
from rulelang.tables import accepted
from rulelang.tokens import Token
from rulelang.wording import sign

if TYPE_CHECKING:
    from collections.abc import Callable

_FIGURES = frozenset({"SUM", "MAX", "MIN", "MEDIAN"})
_QUOTES = {"《": "》", "〈": "〉", "「": "」"}


def habit(case: Case) -> Explained | None:
    """The first habit that explains the failure."""
    if case.token() is None:
        return None
    for attempt in _HABITS:
        explained = attempt(case)
        if explained is not None:
            return explained
    return None


def _unquoted(case: Case) -> Explained | None:
    """Words where only a text may stand: the quotes are missing, or are of another kind."""
    token = case.token()
    if token is None or "STRING" not in case.wanted or "NAME" in case.wanted:
        return None
    raw = case.raw(case.at)
    if token.type not in {"NAME", "NUM", "QTY", "CODE", "CMP"} or case.begins_line(case.at):
        return None
    if token.type == "CMP" and raw not in _QUOTES:
        return None
    last = _stretch(case, _QUOTES.get(raw))
    span = case.span(case.at, last)
    text = case.source.snippet(span).strip("《》〈〉「」")
    string = Token("STRING", text, span.start, span.end, text)
    return told(
        case, "RL0102", (case.at, last),
        (f"文本 `{text}` 没有引号", f"the text `{text}` has no quotes"),
        (f"写作 “{text}”", f"write “{text}”"),
        replaced(case, case.at, last - case.at + 1, (string,)),
    )  # fmt: skip


def _stretch(case: Case, closer: str | None) -> int:
    """The last token of words without quotes: up to a keyword, a text or the end of the line."""
    place = case.at
    while place + 1 < len(case.run):
        following = case.run[place + 1]
        if closer is None and (following.spelling is not None or following.type == "STRING"):
            break
        if case.begins_line(place + 1) or (closer is not None and case.raw(place) == closer):
            break
        place += 1
    return place


def _window(case: Case) -> Explained | None:
    """`于 14天`, `前 14`: the direction or the unit of a window is missing."""
    token, before = case.token(), case.token(-1)
    if token is None or before is None:
        return None
    raw = case.raw(case.at)
    if token.type == "QTY" and {"PAST", "NEXT"} <= case.wanted:
        past, next_ = sign("PAST", case.spelling), sign("NEXT", case.spelling)
        return told(
            case, "RL0107", (case.at, case.at),
            (f"`{raw}` 前面缺 `{past}` 或 `{next_}`", f"`{past}` or `{next_}` is missing before `{raw}`"),
            (f"写 `{past} {raw}`", f"write `{past} {raw}`"),
            replaced(case, case.at, 0, (keyword(case, "PAST", case.at),)),
        )  # fmt: skip
    if token.type == "NUM" and before.type in {"PAST", "NEXT"}:
        meant = f"{before.text} {raw}{'天' if case.spelling == 'zh' else 'd'}"
        days = Token("QTY", raw, token.start, token.end, (Decimal(raw), "day"))
        return told(
            case, "RL0104", (case.at, case.at),
            (f"时长 `{raw}` 没有单位", f"the length `{raw}` has no unit"),
            (f"如 `{meant}`", f"as `{meant}`"),
            replaced(case, case.at, 1, (days,)),
        )  # fmt: skip
    return None


def _from_to(case: Case) -> Explained | None:
    """`年龄 从 3岁 到 12岁`."""
    token = case.token()
    if token is None or "IN" not in case.wanted:
        return None
    following = case.token(1)
    if following is None or following.type not in {"QTY", "NUM", "DATE"}:
        return None
    if token.type not in {"FROM", "STARTING"} and token.text not in {"从", "介于", "between"}:
        return None
    in_, to = sign("IN", case.spelling), sign("TO", case.spelling)
    repaired = replaced(case, case.at, 1, (keyword(case, "IN", case.at),))
    last = case.token(2)
    if last is not None and last.type == "NAME" and last.text in {"到", "until"}:
        ending = last._replace(type="TO", text=to)
        repaired = (*repaired[: case.at + 2], ending, *repaired[case.at + 3 :])
    return told(
        case, "RL0111", (case.at, case.at),
        (f"范围不写 `{case.raw(case.at)}`", f"ranges do not begin with `{case.raw(case.at)}`"),
        (f"写 `{in_} … {to} …`", f"write `{in_} … {to} …`"),
        repaired,
    )  # fmt: skip


def _no_from(case: Case) -> Explained | None:
    """`合计 组.明细.数量`: the figure of a field is taken from a collection."""
    if "FROM" not in case.wanted:
        return None
    place = case.at - 1
    while place >= 0 and case.run[place].type in {"NAME", "_DOT"}:
        place -= 1
    if place < 0 or case.run[place].type not in _FIGURES or place == case.at - 1:
        return None
    names = [token.text for token in case.run[place + 1 : case.at] if token.type == "NAME"]
    word, from_ = case.raw(place), sign("FROM", case.spelling)
    token = case.token()
    beside = token is not None and token.type == "NAME"
    source = ".".join(names[:-1]) or (case.raw(case.at) if beside else "…")
    form = f"{word} {names[-1]} {from_} {source}"
    return told(
        case, "RL0107", (place, case.at - 1),
        (f"`{word}` 没有写取自哪里", f"`{word}` does not say where from"),
        (f"写 `{form}`", f"write `{form}`"),
        replaced(case, case.at, 0, (keyword(case, "FROM", case.at),)) if beside else None,
    )  # fmt: skip


def _counted_field(case: Case) -> Explained | None:
    """`计数 数量 取自 …`."""
    token, earlier = case.token(), case.token(-2)
    if token is None or earlier is None or token.type != "FROM" or earlier.type != "COUNT":
        return None
    word, distinct = case.raw(case.at - 2), sign("DISTINCT", case.spelling)
    field, from_ = case.raw(case.at - 1), case.raw(case.at)
    return told(
        case, "RL0107", (case.at - 2, case.at),
        (f"`{word}` 数的是成员，不取字段", f"`{word}` counts members, it takes no field"),
        (f"写 `{word} …`；不同的值写 `{word} {distinct} {field} {from_} …`",
         f"write `{word} …`; different values are `{word} {distinct} {field} {from_} …`"),
        replaced(case, case.at - 1, 2, ()),
    )  # fmt: skip


def _equals_set(case: Case) -> Explained | None:
    """`= ｛…｝`, and a set in a list without its =."""
    token, before = case.token(), case.token(-1)
    if token is None or before is None or token.type != "LBRACE":
        return None
    opener, closer = sign("LBRACE", case.spelling), sign("RBRACE", case.spelling)
    if before.type in {"EQ", "CMP"} and before.text in {"=", "!=", "≠"}:
        word = "IN" if before.type == "EQ" else "NOTIN"
        form = f"{sign(word, case.spelling)} {opener}…{closer}"
        return told(
            case, "RL0107", (case.at - 1, case.at - 1),
            (f"集合不用 `{before.text}` 比较", f"a set is not compared with `{before.text}`"),
            (f"写 `{form}`", f"write `{form}`"),
            replaced(case, case.at - 1, 1, (keyword(case, word, case.at - 1),)),
        )  # fmt: skip
    return None


def _missing_sign(case: Case) -> Explained | None:
    """A colon, an equals sign or, at the end of a line, a semicolon that would make it right."""
    token = case.token()
    if token is None:
        return None
    signs = ["_COLON"]
    signs += ["EQ"] if "CMP" not in case.wanted else []
    signs += ["_SEMI"] if case.begins_line(case.at) else []
    for terminal in signs:
        put = Token(terminal, sign(terminal, case.spelling), token.start, token.start)
        if terminal in case.wanted and accepted((*case.run[: case.at], put, token), case.start):
            shown, raw = put.text, case.raw(case.at)
            return told(
                case, "RL0107", (case.at, case.at),
                (f"`{raw}` 前面缺 `{shown}`", f"`{shown}` is missing before `{raw}`"),
                None,
                replaced(case, case.at, 0, (put,)),
            )  # fmt: skip
    return None


def _comment(case: Case) -> Explained | None:
    """`// …` to the end of the line."""
    token, following = case.token(), case.token(1)
    if token is None or following is None or (token.type, following.type) != ("SLASH", "SLASH"):
        return None
    last = case.at
    while last + 1 < len(case.run) and not case.begins_line(last + 1):
        last += 1
    return told(
        case, "RL0107", (case.at, case.at + 1),
        ("`//` 不是注释的写法", "`//` does not begin a comment"),
        ("注释写作 `-- …`", "comments are written `-- …`"),
        replaced(case, case.at, last - case.at + 1, ()),
    )  # fmt: skip


_HABITS: tuple[Callable[[Case], Explained | None], ...] = (
    _comment,
    glued_opening,
    missing_opening,
    without_then,
    _unquoted,
    _window,
    _counted_field,
    _from_to,
    _no_from,
    _equals_set,
    pair,
    text_for_name,
    condition_first,
    _missing_sign,
)

"""Why a run of tokens is not language: a diagnostic, and where it can be said a repaired run.

A repair serves two ends: the author reads it, and the parser goes on with it, so that the mistakes
behind the first one are found in the same run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rulelang.brackets import as_braces, innermost, unbalanced
from rulelang.diagnostics import Diagnostic, Words
from rulelang.explain_clauses import grouping, unfinished_outcome
from rulelang.explain_habits import habit
from rulelang.explain_words import bare_code, glued, misspelt, reserved, unit
from rulelang.keywords import BY_TERMINAL, Spelling
from rulelang.syntax_case import Case, Explained, replaced
from rulelang.tables import END, Failure, Start
from rulelang.wording import MEMBERSHIPS, OPERATORS, found_words, sign, wanted_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from rulelang.source import Source
    from rulelang.splitting import Run

_BINARY = OPERATORS - {"MINUS"}


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
    mend = None
    if "TAKE" in case.wanted:
        form = " … ".join(sign(word, case.spelling) for word in ("IF", "TAKE", "ELSE"))
        mend = Words(f"写作 `{form} …`", f"write `{form} …`")
    outcome = unfinished_outcome(case)
    if outcome is not None:
        mend = Words(*outcome)
    return Explained(Diagnostic("RL0125", case.span(last), Words(zh, en), mend))


def _mixed_logic(case: Case) -> Explained | None:
    token = case.token()
    other = {"AND": "OR", "OR": "AND"}.get(token.type) if token else None
    if token is None or other is None or other not in case.wanted:
        return None
    both = (sign("AND", case.spelling), sign("OR", case.spelling))
    lists = [sign(name, case.spelling) for name in ("ALLOF", "ONEOF", "LBRACE", "RBRACE", "_SEMI")]
    every, one, opener, closer, mark = lists
    if case.spelling == "en":
        opener, mark = f" {opener}", f"{mark} "
    form = f"`{every}{opener}…{mark}…{closer}` / `{one}{opener}…{mark}…{closer}`"
    return Explained(
        Diagnostic(
            "RL0109",
            case.span(case.at),
            Words(f"同一条件里 `{both[0]}` 与 `{both[1]}` 混用，读者不知先后",
                  f"`{both[0]}` and `{both[1]}` are mixed in one condition without brackets"),
            Words(f"改用 {form}，或加括号", f"use {form}, or brackets"),
        ),
        replaced(case, case.at, 1, (token._replace(type=other),)),
    )  # fmt: skip


def _where_open(case: Case) -> Explained | None:
    before = case.token(-1)
    if before is None or before.type != "WHERE":
        return None
    word = case.raw(case.at - 1)
    blank = " " if case.spelling == "en" else ""
    form = f"`{word}{blank}{sign('LPAR', case.spelling)}…{sign('RPAR', case.spelling)}`"
    return Explained(
        Diagnostic(
            "RL0110",
            case.span(case.at - 1),
            Words(f"`{word}` 后面没有括号", f"no bracket follows `{word}`"),
            Words(f"写作 {form}", f"write {form}"),
        )
    )


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
        repaired = replaced(case, case.at, 1, (token._replace(type=other),))
        return Explained(Diagnostic("RL0107", case.span(case.at), words, mend), repaired)
    return None


def _set_in_parens(case: Case) -> Explained | None:
    """`在 （a，b）`: a set in round brackets."""
    token = case.token()
    if token is None or token.type not in {"_COMMA", "TO"} or "RPAR" not in case.wanted:
        return None
    opener = innermost(case.run[: case.at])
    if opener is None or opener == 0 or case.run[opener - 1].type not in MEMBERSHIPS:
        return None
    both = [sign(name, case.spelling) for name in ("LBRACE", "RBRACE")]
    return Explained(
        Diagnostic(
            "RL0107",
            case.span(opener),
            Words("集合用了圆括号", "a set is written in round brackets"),
            Words(f"写作 `{both[0]}…{both[1]}`", f"write `{both[0]}…{both[1]}`"),
        ),
        as_braces(case.run, opener),
    )


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
    between = _between(case)
    return Explained(
        Diagnostic(
            "RL0107",
            case.span(case.at),
            Words(f"`{raw}` 不能接在这里", f"`{raw}` cannot follow here"),
            Words(f"写 `{between}`", f"write `{between}`")
            if between
            else Words(
                f"给条件或默认值加括号；连续比较写作两个条件，用 `{both}` 连接",
                f"put brackets round the condition or default; join two comparisons by `{both}`",
            ),
        )
    )


def _between(case: Case) -> str | None:
    """`3岁 <= x <= 12岁` as `x 在 3岁 至 12岁`."""
    token, following = case.token(), case.token(1)
    place = case.at - 1
    while place > 0 and case.run[place].type in {"NAME", "_DOT"}:
        place -= 1
    if token is None or following is None or place < 1 or place == case.at - 1:
        return None
    if {token.text, case.run[place].text} - {"<=", "≤"} or case.run[place].type != "CMP":
        return None
    if {case.run[place - 1].type, following.type} - {"QTY", "NUM", "DATE"}:
        return None
    middle = case.source.snippet(case.span(place + 1, case.at - 1))
    in_, to = sign("IN", case.spelling), sign("TO", case.spelling)
    return f"{middle} {in_} {case.raw(place - 1)} {to} {case.raw(case.at + 1)}"


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


_ATTEMPTS: tuple[Callable[[Case], Explained | None], ...] = (
    _brackets,  # a bracket astray shifts everything behind it
    _full_stop,
    _unfinished,
    _mixed_logic,
    _where_open,
    unit,  # before keywords: `5 min` has both readings
    bare_code,
    _set_in_parens,
    _separator,
    grouping,  # before keywords: `group by` is two words
    misspelt,
    glued,
    habit,
    reserved,
    _chained,
)

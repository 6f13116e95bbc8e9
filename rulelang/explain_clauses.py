"""Habits in the words of clauses and items, and how they are written here."""

from __future__ import annotations

from rulelang.keywords import BY_TERMINAL
from rulelang.splitting import CLAUSE_WORDS, ITEM_WORDS
from rulelang.syntax_case import Case, Explained, keyword, replaced, told
from rulelang.tables import END
from rulelang.tokens import Token
from rulelang.wording import sign

_OUTCOMES = frozenset({"DENY", "REDUCE", "PAYATMOST", "REMIND", "REVIEW", "APART", "MONITOR"})
# Keywords that open a line and are often written without the blank behind them.
_OPENERS = tuple(
    sorted(
        (
            BY_TERMINAL[name].zh
            for name in ITEM_WORDS | CLAUSE_WORDS
            if len(BY_TERMINAL[name].zh) > 1
        ),
        key=lambda word: (-len(word), word),
    )
)


def missing_opening(case: Case) -> Explained | None:
    """A name and a title at the start of a line: `规则` is missing before it."""
    if not case.begins_line(case.at) or END not in case.wanted:
        return None
    place = case.at
    while place < len(case.run) and case.run[place].type in {"NAME", "_BAR", "_DOT"}:
        place += 1
    if place == case.at or place >= len(case.run) or case.run[place].type != "STRING":
        return None
    indented = case.source.position(case.run[case.at].start)[1] > 1
    if indented and all(token.type != "_BAR" for token in case.run[case.at : place]):
        return None
    text, rule = case.raw(case.at), sign("RULE", case.spelling)
    return told(
        case, "RL0111", (case.at, case.at),
        (f"`{text}` 前面缺 `{rule}`", f"`{rule}` is missing before `{text}`"),
        (f"写 `{rule} {text} …`", f"write `{rule} {text} …`"),
        replaced(case, case.at, 0, (keyword(case, "RULE", case.at),)),
    )  # fmt: skip


def glued_opening(case: Case) -> Explained | None:
    """`规则甲 “…”`, `取自同类`: a keyword at the start of a word, without the blank behind it."""
    token = case.token()
    if token is None or token.type != "NAME" or case.spelling != "zh":
        return None
    openers = _OPENERS if case.begins_line(case.at) and END in case.wanted else ()
    wanted = [BY_TERMINAL[name].zh for name in case.wanted if name in BY_TERMINAL]
    openers += tuple(word for word in wanted if len(word) > 1)
    word = next((word for word in openers if token.text.startswith(word)), None)
    if word is None or word == token.text:
        return None
    terminal = next(name for name, known in BY_TERMINAL.items() if known.zh == word)
    rest = token.text[len(word) :]
    middle = token.start + len(word)
    pieces = (
        Token(terminal, word, token.start, middle, None, "zh"),
        Token("NAME", rest, middle, token.end),
    )
    return told(
        case, "RL0118", (case.at, case.at),
        (f"关键字 `{word}` 与后面的字连在一起", f"the keyword `{word}` is not parted from what follows"),
        (f"是否漏了空格：`{word} {rest}`？", f"is a space missing: `{word} {rest}`?"),
        replaced(case, case.at, 1, pieces),
    )  # fmt: skip


def without_then(case: Case) -> Explained | None:
    """An outcome at the start of a line, without 则."""
    token = case.token()
    if token is None or token.type not in _OUTCOMES or not case.begins_line(case.at):
        return None
    then, text = sign("THEN", case.spelling), case.raw(case.at)
    return told(
        case, "RL0107", (case.at, case.at),
        (f"`{text}` 前面缺 `{then}`", f"`{then}` is missing before `{text}`"),
        (f"写 `{then} {text} …`", f"write `{then} {text} …`"),
        replaced(case, case.at, 0, (keyword(case, "THEN", case.at),)),
    )  # fmt: skip


def grouping(case: Case) -> Explained | None:
    """`按 … 分组`, `group by …`."""
    token, following = case.token(), case.token(1)
    if token is None or "GROUP" not in case.wanted:
        return None
    english = token.text == "group" and following is not None and following.text == "by"
    if token.type != "ORDER" and not english:
        return None
    length = 2 if english else 1
    word = sign("GROUP", case.spelling)
    rest = case.run[case.at + length :]
    if rest and rest[-1].type == "GROUP":
        rest = rest[:-1]
    return told(
        case, "RL0111", (case.at, case.at + length - 1),
        (f"分组不写 `{case.source.snippet(case.span(case.at, case.at + length - 1))}`",
         f"groups are not written `{case.source.snippet(case.span(case.at, case.at + length - 1))}`"),
        (f"写 `{word} …，…`", f"write `{word} …, …`"),
        (*case.run[: case.at], keyword(case, "GROUP", case.at), *rest),
    )  # fmt: skip


def pair(case: Case) -> Explained | None:
    """`针对 明细，明细`: each of a pair has a name."""
    token, before = case.token(), case.token(-2)
    if token is None or before is None or token.type != "_COMMA" or before.type != "FOR":
        return None
    as_ = sign("AS", case.spelling)
    name, a, b = case.raw(case.at - 1), *(("甲", "乙") if case.spelling == "zh" else ("a", "b"))
    form = f"{name} {as_} {a}{sign('_COMMA', case.spelling)} {name} {as_} {b}".replace("， ", "，")
    return told(
        case, "RL0107", (case.at, case.at),
        ("成对的两项要各有名称", "each of a pair has a name"),
        (f"写 `{form}`", f"write `{form}`"),
    )  # fmt: skip


def text_for_name(case: Case) -> Explained | None:
    """`依据 “…”` without the document, `国家编码 “…”`."""
    token, before = case.token(), case.token(-1)
    if token is None or before is None or token.type != "STRING" or "NAME" not in case.wanted:
        return None
    word, raw = case.raw(case.at - 1), case.raw(case.at)
    if before.type == "CITE":
        name = "文件名" if case.spelling == "zh" else "document"
        return told(
            case, "RL0107", (case.at, case.at),
            (f"`{word}` 后面先写文件名", f"the name of the document stands first behind `{word}`"),
            (f"写 `{word} {name} {raw}`", f"write `{word} {name} {raw}`"),
        )  # fmt: skip
    if before.type in {"NATCODE", "CERTAINTY", "AUTHORITY", "STAGES"}:
        text = str(token.value or token.text).strip("\"“”'")
        return told(
            case, "RL0107", (case.at, case.at),
            (f"`{word}` 后面不加引号", f"no quotes behind `{word}`"),
            (f"写 `{word} {text}`", f"write `{word} {text}`"),
            replaced(case, case.at, 1, (token._replace(type="NAME", text=text, value=None),)),
        )  # fmt: skip
    return None


def condition_first(case: Case) -> Explained | None:
    """`则 当 … 限付 …`."""
    token, before = case.token(), case.token(-1)
    if token is None or before is None or (before.type, token.type) != ("THEN", "WHEN"):
        return None
    then, when = case.raw(case.at - 1), case.raw(case.at)
    return told(
        case, "RL0107", (case.at, case.at),
        (f"`{then}` 的条件写在结果后面", f"the condition of `{then}` stands behind the outcome"),
        (f"写 `{then} … {when} …`", f"write `{then} … {when} …`"),
    )  # fmt: skip


def unfinished_outcome(case: Case) -> tuple[str, str] | None:
    """How an outcome goes on that stops behind its word."""
    last = case.run[-1]
    earlier = case.run[-2] if len(case.run) > 1 else None
    if earlier is not None and earlier.type == "PAYATMOST":
        kind = "数量" if case.spelling == "zh" else "quantity"
        form = f"{earlier.text} {kind} {last.text}"
        return f"先写限什么，如 `{form}`", f"what is limited stands first, as `{form}`"
    if last.type in {"DENY", "REDUCE"}:
        field = "明细.医保内金额" if case.spelling == "zh" else "line.claimed_amount"
        return f"如 `{last.text} {field}`", f"as `{last.text} {field}`"
    return None

"""What a rule's clauses say, for changes that are told as one wording in place of another."""

from __future__ import annotations

from rulelang import core
from rulelang.diagnostics import Words
from rulelang.keywords import RESERVED
from rulelang.lexer import lex
from rulelang.source import Source, Span
from rulelang.splitting import HEAD_WORDS
from rulelang.words import CAPS, spelling_of

NOTHING = Words("无", "none")
CLAUSES = HEAD_WORDS | {
    "FOR", "LET", "WHEN", "REQUIRE", "FORBID", "UNLESS", "KEEP", "DEDUCTORDER", "THEN", "MESSAGE",
    "REMEDY", "NOTE",
}  # fmt: skip
OUTCOMES = {
    "deny": Words("不予支付", "deny"), "reduce": Words("扣减", "reduce"),
    "apart": Words("单列", "apart"), "monitor": Words("监测", "monitor"),
    "pay_at_most": Words("限付", "pay at most"), "remind": Words("提醒", "remind"),
    "review": Words("复核", "review"),
}  # fmt: skip


def clause_text(rule: core.Rule, terminal: str, program: core.Program) -> Words:
    """The clauses of one keyword as the author wrote them, without the keyword."""
    text = written(rule.span, program)
    found: list[str] = []
    opened: int | None = None
    for token in lex(Source(rule.span.path, text)).tokens:
        word = RESERVED.get(token.text, ("", ""))[0]
        if word not in CLAUSES and token.type != "$END":
            continue
        if opened is not None:
            found.append(_plain(text[opened : token.start]))
        opened = token.end if word == terminal else None
    if opened is not None:
        found.append(_plain(text[opened:]))
    said = "；".join(found)
    return Words(said, said) if said else NOTHING


def written(span: Span, program: core.Program) -> str:
    """What stands at a place of the rule text."""
    return program.sources.get(span.path, "")[span.start : span.end]


def outcome_text(outcome: core.Outcome, program: core.Program) -> Words:
    """An outcome: what is done, which cap, and the figure as it is written."""
    done = OUTCOMES[outcome.op]
    cap = cap_words(outcome.cap)
    figure = "" if outcome.amount is None else _plain(written(outcome.amount.span, program))
    return Words(
        " ".join(part for part in (done.zh, cap.zh, figure) if part),
        " ".join(part for part in (done.en, cap.en, figure) if part),
    )


def cap_words(cap: str) -> Words:
    """What is capped, in both spellings."""
    return Words(spelling_of(CAPS, cap), cap)


def _plain(text: str) -> str:
    """On one line, without comments."""
    lines = (line.partition("--")[0] for line in text.splitlines())
    return " ".join(" ".join(lines).split())

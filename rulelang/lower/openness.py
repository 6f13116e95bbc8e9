"""开放: what a lower layer may do with a rule or a parameter, and which layer is above which (S15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rulelang import ast, core
from rulelang.check.scope import Checker
from rulelang.diagnostics import Related, Words
from rulelang.resolve import Symbol
from rulelang.words import AUTHORITIES, OPEN_WORDS, RANKS, spelling_of, word_of

FOR_RULES = frozenset({"exception", "tighten", "tighten_down", "tighten_up"})
FOR_PARAMETERS = frozenset({"fill", "tighten_down", "tighten_up"})
TIGHTENING = frozenset({"tighten", "tighten_down", "tighten_up"})


@dataclass(eq=False)
class Layers:
    """All rulesets of a compilation, while lower ones change higher ones."""

    checkers: Mapping[str, Checker]  # by ruleset id
    rulesets: Mapping[str, core.Ruleset]
    rules: dict[str, core.Rule]
    attributes: Mapping[str, dict[str, tuple[str, ...]]]  # of ruleset heads
    amendments: list[core.Amendment] = field(default_factory=list)
    fills: list[core.Fill] = field(default_factory=list)

    def new_id(self, ruleset: str, target: str) -> str:
        """An id for what a ruleset says about a rule or parameter of another."""
        stem = f"{ruleset}/{target}"
        ids = [*(each.id for each in self.amendments), *(each.id for each in self.fills)]
        count = sum(each.partition("#")[0] == stem for each in ids)
        return f"{stem}#{count + 1}" if count else stem

    def defaults(self, c: Checker) -> dict[str, tuple[str, ...]]:
        """The attributes that the head of a ruleset gives to all of it."""
        return dict(self.attributes.get(c.unit.id, {}))


def declared_at(symbol: Symbol) -> tuple[Related, ...]:
    """The place of what another ruleset would change."""
    return (Related(symbol.name.span, Words("在此处规定", "it is said here")),)


def opening(c: Checker, node: ast.Open, wanted: frozenset[str]) -> list[core.Opening]:
    """What one 开放 says; empty where it names no authority or nothing that can be opened.

    A rule is opened to exceptions and to tightening; a parameter to filling and to tightening in a
    direction, since only its author knows which values are the stricter ones.
    """
    authority = _word(c, node, node.authority, AUTHORITIES)
    known = {zh: en for zh, en in OPEN_WORDS.items() if en in wanted}
    words = [_word(c, node, word, known) for word in node.words]
    if authority is None or None in words:
        return []
    return [core.Opening(authority, tuple(word for word in words if word is not None))]


def _word(c: Checker, node: ast.Open, word: str, known: dict[str, str]) -> str | None:
    found = word_of(known, word)
    if found is None:
        c.fail(
            "RL0705",
            c.at(node.span, word),
            (f"`开放` 不能是 `{word}`", f"`open` cannot be `{word}`"),
            Words("可用：" + "、".join(known), "one of: " + ", ".join(known.values())),
        )
    return found


def opened(openings: Iterable[core.Opening], authority: str) -> frozenset[str]:
    """What a layer may do: only what is opened to this very layer."""
    return frozenset(
        word for item in openings if item.authority == authority for word in item.words
    )


def rank(authority: str) -> int:
    """The place of a layer, the national one highest; an unknown word (told of) is the lowest."""
    return RANKS.get(authority, max(RANKS.values()))


def layer_words(authority: str) -> Words:
    """A layer in both languages."""
    return Words(spelling_of(AUTHORITIES, authority), authority)

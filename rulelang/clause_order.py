"""The order of a rule's clauses: which stand in the wrong place, twice, or not at all."""

from __future__ import annotations

from bisect import bisect_right
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from rulelang.diagnostics import Diagnostic, Related, Words
from rulelang.keywords import BY_TERMINAL, Spelling
from rulelang.splitting import HEAD_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rulelang.source import Span


class Placed(NamedTuple):
    """A clause by its keyword, and where it stands."""

    word: str
    span: Span


# head, subject, 记 and 当, norm, exceptions, who bears it, outcome, texts
_RANKS: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(HEAD_WORDS, 1)
    | {
        "FOR": 2, "LET": 3, "WHEN": 3, "REQUIRE": 4, "FORBID": 4, "UNLESS": 5, "KEEP": 6,
        "DEDUCTORDER": 6, "THEN": 7, "MESSAGE": 8, "REMEDY": 8, "NOTE": 8,
    }
)  # fmt: skip
_IN_AMENDMENT = HEAD_WORDS | {"LET", "REQUIRE", "FORBID", "UNLESS", "MESSAGE", "REMEDY", "NOTE"}
_AMENDMENT_RANKS: Mapping[str, int] = MappingProxyType({**_RANKS, "UNLESS": 4})
_ONCE = frozenset({"FOR", "WHEN"})
_NEEDED = (("FOR",), ("REQUIRE", "FORBID"), ("THEN",))
_EXAMPLES: Mapping[str, Words] = MappingProxyType(
    {
        "FOR": Words("针对 明细", "for line"),
        "REQUIRE": Words("要求 明细.数量 <= 9支", "require line.quantity <= 9amp"),
        "THEN": Words("则 不予支付 明细.医保内金额", "then deny line.claimed_amount"),
    }
)
_NEEDED_IN_AMENDMENT = (("REQUIRE", "FORBID", "UNLESS"),)


def structure_problems(
    opening: Placed, clauses: Sequence[Placed], spelling: Spelling
) -> list[Diagnostic]:
    """What is wrong with the clauses of a rule as a whole."""
    if opening.word == "AMEND":
        foreign = [part for part in clauses if part.word not in _IN_AMENDMENT]
        own = [part for part in clauses if part.word in _IN_AMENDMENT]
        problems = [_not_in_amendment(part, spelling) for part in foreign]
        problems += _misplaced(own, _AMENDMENT_RANKS, spelling)
        return problems + _missing(opening, clauses, _NEEDED_IN_AMENDMENT, spelling)
    problems = _repeated(clauses, spelling)
    once = [part for index, part in enumerate(clauses) if not _second(clauses, index)]
    problems += _misplaced(once, _RANKS, spelling)
    return problems + _missing(opening, clauses, _NEEDED, spelling)


def _spelt(word: str, spelling: Spelling) -> str:
    return BY_TERMINAL[word].spelt(spelling)


def _second(clauses: Sequence[Placed], index: int) -> bool:
    word = clauses[index].word
    return word in _ONCE and any(part.word == word for part in clauses[:index])


def _repeated(clauses: Sequence[Placed], spelling: Spelling) -> list[Diagnostic]:
    problems = []
    for index, part in enumerate(clauses):
        if not _second(clauses, index):
            continue
        first = next(earlier for earlier in clauses if earlier.word == part.word)
        word, both = _spelt(part.word, spelling), _spelt("AND", spelling)
        mend = None
        if part.word == "WHEN":
            mend = Words(f"合并成一个，用 `{both}` 连接", f"make it one, joined by `{both}`")
        problems.append(
            Diagnostic(
                "RL0126",
                part.span,
                Words(f"一条规则只能有一个 `{word}`", f"a rule has only one `{word}`"),
                mend,
                (Related(first.span, Words("前一个在此", "the first one")),),
            )
        )
    return problems


def _misplaced(
    clauses: Sequence[Placed], ranks: Mapping[str, int], spelling: Spelling
) -> list[Diagnostic]:
    kept = _in_order([ranks[part.word] for part in clauses])
    problems = []
    for index, part in enumerate(clauses):
        if index in kept:
            continue
        rank = ranks[part.word]
        later = [k for k in sorted(kept) if k < index and ranks[clauses[k].word] > rank]
        earlier = [k for k in sorted(kept) if k > index and ranks[clauses[k].word] < rank]
        mark = clauses[later[0] if later else earlier[-1]]
        problems.append(_out_of_order(part, mark, before=bool(later), spelling=spelling))
    return problems


def _in_order(ranks: list[int]) -> set[int]:
    """Indexes of a longest run of ranks that never fall: the clauses that need not move."""
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int | None] = []
    for index, rank in enumerate(ranks):
        place = bisect_right(tails, rank)
        previous.append(ends[place - 1] if place else None)
        if place == len(tails):
            tails.append(rank)
            ends.append(index)
        else:
            tails[place] = rank
            ends[place] = index
    kept: set[int] = set()
    at = ends[-1] if ends else None
    while at is not None:
        kept.add(at)
        at = previous[at]
    return kept


def _out_of_order(part: Placed, mark: Placed, *, before: bool, spelling: Spelling) -> Diagnostic:
    word, other = _spelt(part.word, spelling), _spelt(mark.word, spelling)
    zh = f"`{word}` 应写在 `{other}` 之{'前' if before else '后'}"
    en = f"`{word}` belongs {'before' if before else 'after'} `{other}`"
    order = ("FOR", "LET", "WHEN", "REQUIRE", "UNLESS", "DEDUCTORDER", "THEN", "MESSAGE")
    words = [_spelt(name, spelling) for name in order]
    return Diagnostic(
        "RL0113",
        part.span,
        Words(zh, en),
        Words("次序：标头、" + "、".join(words), "the order is: heads, " + ", ".join(words)),
        (Related(mark.span, Words(f"`{other}` 在此", f"`{other}` stands here")),),
    )


def _not_in_amendment(part: Placed, spelling: Spelling) -> Diagnostic:
    word, amend = _spelt(part.word, spelling), _spelt("AMEND", spelling)
    kinds = [_spelt(name, spelling) for name in ("LET", "REQUIRE", "FORBID", "UNLESS")]
    return Diagnostic(
        "RL0113",
        part.span,
        Words(f"`{amend}` 里不能有 `{word}`", f"`{amend}` has no `{word}`"),
        Words("可用：" + "、".join(kinds), "it may have: " + ", ".join(kinds)),
    )


def _missing(
    opening: Placed,
    clauses: Sequence[Placed],
    needed: tuple[tuple[str, ...], ...],
    spelling: Spelling,
) -> list[Diagnostic]:
    there = {part.word for part in clauses}
    lacking = [words for words in needed if not there & set(words)]
    if not lacking:
        return []
    spelt = [[f"`{_spelt(word, spelling)}`" for word in words] for words in lacking]
    head = _spelt(opening.word, spelling)
    zh = "、".join(" 或 ".join(words) for words in spelt)
    en = ", no ".join(" or ".join(words) for words in spelt)
    words = Words(f"`{head}` 缺少 {zh}", f"the `{head}` has no {en}")
    example = _EXAMPLES[lacking[0][0]]
    shown = example.choose(spelling)
    mend = Words(f"如 `{shown}`", f"as `{shown}`")
    return [Diagnostic("RL0114", opening.span, words, mend)]

"""How much of everything the language takes: one table, and how it is said that there is more.

The figures are promises: at each of them everything works, one beyond is refused at its place.
Nesting counts brackets within brackets; levels are operations within operations, of which several
may stand between two brackets, and in which chains of `+`, of `not` and of `else if` count as well;
what is named in `let` or `define` counts where it is used as if it were written there. Expansions
are definitions put in place of names, one within another, for one name that a rule uses.
No pass over a tree of so many levels comes near Python's own limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from rulelang.diagnostics import Diagnostic, Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rulelang.source import Span


@dataclass(frozen=True, slots=True)
class Limit:
    """The most of something, the code under which more is refused, what is said, how to mend it."""

    most: int
    code: str
    words: Words
    mend: Words


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "bytes": Limit(
            5_000_000,
            "RL0116",
            Words("规则文件超过 5 MB", "the rule file is larger than 5 MB"),
            Words("分成几个文件，大的名单放进 CSV", "split it; long lists belong in CSV files"),
        ),
        "items": Limit(
            5_000,
            "RL0117",
            Words("文件超过 5000 个条目", "the file has more than 5000 items"),
            Words("分成几个文件", "split it into several files"),
        ),
        "nesting": Limit(
            64,
            "RL0115",
            Words("嵌套超过 64 层", "nested more than 64 deep"),
            Words("用 `记` 分成几步", "split it with `let`"),
        ),
        "levels": Limit(
            160,
            "RL0115",
            Words(
                "运算嵌套超过 160 层，连同所用的 `记` 和 `定义`",
                "operations nested more than 160 deep, with what `let` and `define` name",
            ),
            Words("少套几层，条件并列着写", "nest less; write conditions side by side"),
        ),
        "expansions": Limit(
            1_000,
            "RL0115",
            Words(
                "一处所用的 `定义` 层层展开，超过 1000 处",
                "`define` within `define`: more than 1000 to put in place of one name",
            ),
            Words(
                "同一个 `定义` 在一条里用几次的，先用 `记` 起一个名字",
                "name with `let` what is used several times",
            ),
        ),
        "list": Limit(
            100_000,
            "RL0127",
            Words(
                "直接写出的名单超过 100000 项", "the list written out has more than 100000 entries"
            ),
            Words("放进 CSV 文件，写 `取自`", "put it in a CSV file and write `from`"),
        ),
        "rules": Limit(
            20_000,
            "RL0128",
            Words("规则集超过 20000 条规则", "the ruleset has more than 20000 rules"),
            Words("分成几个规则集", "split it into several rulesets"),
        ),
    }
)


def beyond(limit: str, span: Span) -> Diagnostic:
    """The diagnostic that a limit is passed at a place."""
    found = LIMITS[limit]
    return Diagnostic(found.code, span, found.words, found.mend)

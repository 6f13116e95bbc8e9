"""The built-in functions: spellings, what they take and give, and how they are said aloud.

They are vocabulary, not keywords: the grammar need not change for a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rulelang import types
from rulelang.diagnostics import Words
from rulelang.types import Type


@dataclass(frozen=True, slots=True)
class Function:
    """One function. `takes` are the type kinds allowed for each argument."""

    en: str
    zh: str
    takes: tuple[frozenset[str], ...]
    gives: Type
    phrase: Words


_TIME = frozenset({"date", "datetime"})
_ENTITY = frozenset({"entity"})
_VALUE = frozenset(
    {"yes_no", "text", "number", "money", "ratio", "points", "date", "datetime", "days", "months",
     "seconds", "interval", "quantity", "measure", "rate", "code", "enum"}
)  # fmt: skip
_NUMBER = frozenset({"number", "money", "ratio", "points", "quantity", "measure"})

SHIFTS = frozenset({"previous", "year_before"})  # take an expression, not its value

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        function.en: function
        for function in (
            Function(
                "gap",
                "相隔",
                (_TIME, _TIME),
                types.INTERVAL,
                Words(
                    "两个时间相差多少（不分先后）",
                    "the difference of two times, whichever is first",
                ),
            ),
            Function(
                "span",
                "历时",
                (_TIME, _TIME),
                types.DAYS,
                Words(
                    "从一日到另一日共多少天，首尾都算",
                    "days from one date to another, both counted",
                ),
            ),
            Function(
                "together",
                "共处",
                (_ENTITY, _ENTITY, frozenset({"window"})),
                types.YES_NO,
                Words("两行是否在同一窗口之内", "whether two lines lie within one window"),
            ),
            Function(
                "round",
                "舍入",
                (_NUMBER, frozenset({"number"})),
                types.NUMBER,
                Words("四舍五入到若干位小数", "rounded to so many decimals, halves up"),
            ),
            Function(
                "previous",
                "上期",
                (_VALUE,),
                types.NUMBER,
                Words("同一式子在上一期间的值", "what it was in the period before"),
            ),
            Function(
                "year_before",
                "去年同期",
                (_VALUE,),
                types.NUMBER,
                Words(
                    "同一式子在去年同一期间的值",
                    "what it was in the same period of the year before",
                ),
            ),
            Function(
                "rows",
                "行数",
                (frozenset({"collection", "code", "enum"}),),
                types.NUMBER,
                Words(
                    "知识表现行的行数，或名单的项数",
                    "how many rows of a table are in force, or items a list has",
                ),
            ),
        )
    }
)


def function_named(name: str) -> Function | None:
    """The function by either spelling."""
    direct = FUNCTIONS.get(name)
    if direct is not None:
        return direct
    return next((found for found in FUNCTIONS.values() if found.zh == name), None)

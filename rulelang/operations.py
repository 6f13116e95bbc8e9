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
_NUMBER = frozenset({"number", "money", "ratio", "points", "quantity", "measure"})

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
        )
    }
)


def function_named(name: str) -> Function | None:
    """The function by either spelling."""
    direct = FUNCTIONS.get(name)
    if direct is not None:
        return direct
    return next((found for found in FUNCTIONS.values() if found.zh == name), None)

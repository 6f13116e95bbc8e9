"""How a figure is written so that its unit meets the other side."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rulelang.check.scope import Checker
from rulelang.types import Type
from rulelang.units import BY_NAME

# Units to show for a kind of type: the first is what most authors mean.
_SHOWN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "age": ("year_old", "month_old"),
        "days": ("day",),
        "months": ("month", "year"),
        "seconds": ("hour", "minute"),
        "interval": ("day", "hour"),
        "money": ("yuan",),
        "ratio": ("percent",),
        "points": ("pp",),
        "quantity": ("amp", "box", "time"),
    }
)
_LENGTHS = frozenset({"days", "months", "seconds"})


def unit_help(c: Checker, left: Type, right: Type, written: str) -> tuple[str, str] | None:
    """The repair where two figures do not meet: `left` is what is wanted, `written` the other."""
    kinds = {left.kind, right.kind}
    number = _digits(written)
    if kinds == {"number", "quantity"} and written.strip() != number and number:
        return f"计数得到的是数，不带单位：写 `{number}`", f"a count has no unit: write `{number}`"
    if "number" in kinds:
        shown = _with_units(c, right if left.kind == "number" else left, number or "30")
        return (f"写上单位，如 {shown[0]}", f"write the unit, as {shown[1]}") if shown[0] else None
    if "age" in kinds and kinds & _LENGTHS:
        shown = _with_units(c, Type("age"), number or "18")
        return (
            f"年龄写作 {shown[0]}；年、月、天是时长",
            f"ages are written {shown[1]}; this unit is one of lengths of time",
        )
    if kinds == {"ratio", "points"}:
        return "两个比例之差才是百分点", "percentage points are the difference of two ratios"
    if number and not (left.kind == "measure" and left.name):
        shown = _with_units(c, left, number)
        if shown[0]:
            return f"写上合适的单位，如 {shown[0]}", f"write a unit that fits, as {shown[1]}"
    measures = [side.name for side in (left, right) if side.kind == "measure" and side.name]
    if measures:
        unit = BY_NAME[measures[0]].spelt(c.spelling) if measures[0] in BY_NAME else measures[0]
        return f"用 {unit} 写这个值", f"write the value in {unit}"
    return None


def _digits(text: str) -> str:
    """The number at the start of a constant, empty if it does not begin with one."""
    end = 0
    while end < len(text) and (text[end].isdigit() or text[end] == "."):
        end += 1
    return text[:end]


def _with_units(c: Checker, type_: Type, number: str) -> tuple[str, str]:
    """A number with the units that a type may have, in the spelling of the file."""
    measured = type_.kind == "measure" and type_.name != ""
    names = (type_.name,) if measured else _SHOWN.get(type_.kind, ())
    units = [BY_NAME[name].spelt(c.spelling) for name in names if name in BY_NAME]
    shown = [f"`{number}{' ' if measured else ''}{unit}`" for unit in units]
    return "、".join(shown), ", ".join(shown)

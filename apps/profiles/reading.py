"""Strict readers of parsed TOML: each takes what it wants or says where something else stands.

Written by hand, because a check with a profile would spend a quarter of its time on loading a
framework for these few entries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, TypeAlias

Reader: TypeAlias = Callable[[object, str], Any]  # the value, its place

NO_SUCH_ENTRY = ("没有这一项", "there is no such entry")
MISSING = ("缺少这一项", "the entry is missing")
NO_TEXT = ("应为文本", "a text is wanted")
NO_YES_NO = ("应为 true 或 false", "true or false is wanted")
NO_DATE = ("应为日期", "a date is wanted")
NO_LIST = ("应为数组", "a list is wanted")
NO_TABLE = ("应为表", "a table is wanted")


class Refused(Exception):  # noqa: N818 - a mistake of the file, not of ours
    """What stands at a place is not what is wanted there."""

    def __init__(self, place: str, words: tuple[str, str]) -> None:
        """A place such as `institutions.H1.level`, and the trouble in both languages."""
        super().__init__(place)
        self.place = place
        self.words = words


def text(value: object, place: str) -> str:
    """A text."""
    if not isinstance(value, str):
        raise Refused(place, NO_TEXT)
    return value


def yes_no(value: object, place: str) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise Refused(place, NO_YES_NO)
    return value


def day(value: object, place: str) -> date:
    """A date without a time, as TOML has it or as a text."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(text(value, place))
    except (Refused, ValueError):
        raise Refused(place, NO_DATE) from None


def listed(read: Reader) -> Reader:
    """A list of what `read` takes."""

    def reader(value: object, place: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Refused(place, NO_LIST)
        return tuple(read(item, f"{place}.{index}") for index, item in enumerate(value))

    return reader


def keyed(read: Reader) -> Reader:
    """A table of what `read` takes, under any keys."""

    def reader(value: object, place: str) -> dict[str, Any]:
        return {key: read(item, _below(place, key)) for key, item in _table(value, place).items()}

    return reader


def entries(known: Mapping[str, Reader], needed: frozenset[str] = frozenset()) -> Reader:
    """A table of known entries only; those that are not there are left out."""
    known = MappingProxyType(dict(known))

    def reader(value: object, place: str) -> dict[str, Any]:
        table = _table(value, place)
        for key in table:
            if key not in known:
                raise Refused(_below(place, key), NO_SUCH_ENTRY)
        for key in sorted(needed - table.keys()):
            raise Refused(_below(place, key), MISSING)
        return {key: known[key](item, _below(place, key)) for key, item in table.items()}

    return reader


def _table(value: object, place: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Refused(place, NO_TABLE)
    return value


def _below(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key

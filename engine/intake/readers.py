"""One sent value to one known value: numbers, yes or no, texts, words, codes. Knows no fields.

Absent, null, "", "-" are unknown without a word; what was sent and cannot be used is unknown and
says why (S2). Every number is an exact decimal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.codes import half_width, read_code
from engine.facts import UNKNOWN_VALUE, Foreign, Value, exactly, one
from rulelang import vocabulary
from rulelang.diagnostics import Words
from rulelang.units import unit_named
from rulelang.values import CONTEXT, round_half_up
from rulelang.vocabulary import Enumeration, Word

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHORT = 32  # longer texts are no codes of a dictionary, and are not remembered
_MAX_BITS = 512  # a longer whole number is nothing that a bill holds

# Decimals of each type (S3).
PRICE_PLACES = 6
AMOUNT_PLACES = 4
QUANTITY_PLACES = 4
RATIO_PLACES = 6

OWN_UNIT = "*"  # a medical service without a unit is counted in its own pricing unit

_BLANK = frozenset({"", "-", "--", "—", "——", "null", "none"})
_LONGEST_BLANK = max(map(len, _BLANK))
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>\d{1,20})(\.(?P<rest>\d{1,30}))?([eE](?P<power>[+-]?\d{1,2}))?",
    re.ASCII,
)
_AMOUNT_WITH_UNIT = re.compile(r"(?P<number>[+-]?\d+(?:\.\d+)?)\s*(?P<unit>\D.*)", re.ASCII)
_YES = frozenset({"1", "是", "y", "yes", "true", "t"})
_NO = frozenset({"0", "否", "n", "no", "false", "f"})

# What no quantity is counted in, though it is in the table of units.
_NO_COUNT = frozenset({"money", "ratio", "points", "age"})

# Units as senders write them, to the spelling of the table of units.
_SENDERS_UNITS: Mapping[str, str] = MappingProxyType(
    {
        "日": "天", "时": "小时", "克": "g", "毫克": "mg", "千克": "kg", "公斤": "kg", "微克": "μg",
        "ug": "μg", "毫升": "mL", "ml": "mL", "升": "L", "l": "L", "安瓿": "支", "针": "支",
        "帖": "贴", "包": "袋", "每次": "次", "G": "g", "MG": "mg", "ML": "mL",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: a value, and what is wrong with what was sent.

    With `trouble` and a known value, the value was read although something is odd about it.
    """

    value: Value = UNKNOWN_VALUE
    trouble: Words | None = None


NOTHING = Reading()


def unusable(zh: str, en: str) -> Reading:
    """A value that was sent and cannot be used."""
    return Reading(UNKNOWN_VALUE, Words(zh, en))


def is_blank(raw: object) -> bool:
    """Whether nothing was sent: null, "", "-" and their like."""
    if not isinstance(raw, str):
        return raw is None
    text = raw.strip()
    return len(text) <= _LONGEST_BLANK and half_width(text).lower() in _BLANK


def as_text(raw: object) -> str | None:
    """A scalar as text without blanks around it; None for an object or a list.

    A number as other programs hold it is read by its shortest decimal text.
    """
    if isinstance(raw, dict | list | tuple | set):
        return None
    if isinstance(raw, int) and raw.bit_length() > _MAX_BITS:
        return None
    return str(raw).strip()


def _not_scalar() -> Reading:
    return unusable(
        "此处应是一个值，而不是对象或数组", "one value is wanted here, not an object or a list"
    )


def read_text(raw: object) -> Reading:
    """A text; a number is its digits."""
    if is_blank(raw):
        return NOTHING
    text = as_text(raw)
    return _not_scalar() if text is None else Reading(one(text))


def read_decimal(raw: object, places: int) -> Reading:
    """A number with at most `places` decimals; longer ones are rounded to them and say so (S3)."""
    if is_blank(raw):
        return NOTHING
    text = as_text(raw)
    if text is None:
        return _not_scalar()
    number = None if isinstance(raw, bool) else parse_decimal(text)
    if number is None:
        return unusable("不是数", "not a number")
    if _decimals(number) <= places:
        return Reading(exactly(_plain(number)))
    kept = _plain(round_half_up(number, places))
    if kept == number:
        return Reading(exactly(kept))
    words = Words(
        f"小数超过 {places} 位，按 {kept} 计", f"more than {places} decimals; taken as {kept}"
    )
    return Reading(exactly(kept), words)


def parse_decimal(text: str) -> Decimal | None:
    """The exact number that a text writes, or None; neither enormous nor microscopic ones."""
    match = _NUMBER.fullmatch(half_width(text).strip())
    if match is None:
        return None
    number = Decimal(f"{match['sign']}{match['whole']}.{match['rest'] or '0'}")
    power = int(match["power"] or 0)
    return number.scaleb(power, CONTEXT) if abs(power) <= 2 * RATIO_PLACES else None


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _plain(number: Decimal) -> Decimal:
    """The number without an exponent and without zeros behind, so that equal numbers look equal."""
    if not number:
        return Decimal(0)
    digits = format(number, "f")
    return Decimal(digits.rstrip("0").rstrip(".") if "." in digits else digits)


def read_quantity(raw: object, unit: str | None) -> Reading:
    """A quantity in a unit that is known, or None."""
    read = read_decimal(raw, QUANTITY_PLACES)
    return Reading(Value(range=read.value.range, unit=unit), read.trouble)


def read_days(raw: object) -> Reading:
    """A number of days."""
    read = read_decimal(raw, 0)
    known = read.value.range
    if known is not None and known.exact < 0:
        return unusable("天数为负", "the number of days is negative")
    return read


def unit_of(raw: object) -> tuple[str | None, bool]:
    """The unit that a sender's text means, and whether a text was sent that means none."""
    if is_blank(raw):
        return None, False
    text = as_text(raw)
    if text is None:
        return None, True
    text = half_width(text).removeprefix("/")
    unit = unit_named(_SENDERS_UNITS.get(text, text))
    return (None, True) if unit is None or unit.kind in _NO_COUNT else (unit.name, False)


def read_dose(raw: object) -> Reading:
    """A quantity written with its unit in one text: 0.5g."""
    if is_blank(raw):
        return NOTHING
    match = _AMOUNT_WITH_UNIT.fullmatch(half_width(as_text(raw) or ""))
    if match is None:
        return unusable("不是带单位的数量", "not a quantity with a unit")
    unit, strange = unit_of(match["unit"])
    if strange:
        return unusable("单位不在表中", "a unit that is not in the table")
    return read_quantity(match["number"], unit)


def read_yes_no(raw: object) -> Reading:
    """Yes or no as senders write it."""
    if is_blank(raw):
        return NOTHING
    text = half_width(as_text(raw) or "").strip().lower()
    if text in _YES:
        return Reading(one(choice=True))
    if text in _NO:
        return Reading(one(choice=False))
    return unusable("应是 1 或 0", "1 or 0 is wanted")


def read_code_of(system: str, raw: object) -> Reading:
    """A code of a system: resolved, foreign or unknown (S5.1)."""
    if is_blank(raw):
        return NOTHING
    text = as_text(raw)
    if text is None:
        return _not_scalar()
    code = read_code(system, text)
    if code is None:
        return unusable("不是编码", "not a code")
    if isinstance(code, Foreign):
        zh = vocabulary.load().systems[system].zh
        words = Words(
            f"不在{zh}体系内，不能与国家编码比较",
            "outside of the code system; cannot be compared with national codes",
        )
        return Reading(one(code), words)
    return Reading(one(code))


def read_word(
    enum: str, raw: object, *, means_nothing: frozenset[str] = frozenset(), exact: bool = False
) -> Reading:
    """A word of an enumeration, by code or by name.

    Args:
        enum: English name of the enumeration.
        raw: As sent.
        means_nothing: Codes that say "unknown" in the sender's dictionary.
        exact: Whether a longer code than those known is refused although the enumeration is
            hierarchical.
    """
    if is_blank(raw):
        return NOTHING
    text = half_width(as_text(raw) or "").strip()
    if text in means_nothing:
        return NOTHING
    return (_word if len(text) <= _SHORT else _word.__wrapped__)(enum, text, exact)


@lru_cache(maxsize=4096)
def _word(enum: str, text: str, exact: bool) -> Reading:  # noqa: FBT001 - the cache takes no keywords
    known = vocabulary.load().enums[enum]
    named = vocabulary.load().word(enum, text)
    if named is not None:
        return Reading(one(named.en))
    words = words_by_code(known, text.upper(), exact=exact)
    if not words:
        return unusable(f"不在{known.zh}字典中", f"not in the dictionary of {known.en}")
    if len(words) == 1:
        return Reading(Value(choices=_refinements(known, words[0], text.upper())))
    names = "、".join(word.zh for word in words)
    return Reading(
        Value(choices=frozenset(word.en for word in words)),
        Words(f"编码有两种含义：{names}", "the code has two meanings"),
    )


def words_by_code(enum: Enumeration, code: str, *, exact: bool = False) -> tuple[Word, ...]:
    """The words whose code is the longest that begins `code` (or equals it)."""
    best, found = 0, list[Word]()
    for word in enum.words.values():
        for known in word.codes:
            fits = code == known
            if enum.hierarchical and not exact:
                fits = code.startswith(known)
            if not fits or len(known) < best:
                continue
            if len(known) > best:
                best, found = len(known), []
            found.append(word)
    return tuple(found)


def _refinements(enum: Enumeration, word: Word, code: str) -> frozenset[str]:
    """What a code may mean: its word, and the words below that refine the same code.

    A code that says "hospital" does not deny that it is an eye hospital; the code of an exact leaf
    leaves nothing open.
    """
    if not enum.hierarchical:
        return frozenset({word.en})
    matched = max((known for known in word.codes if code.startswith(known)), key=len)
    below = {
        other.en
        for other in enum.words.values()
        if other is not word
        and enum.is_under(other.en, word.en)
        and (not other.codes or any(known.startswith(matched) for known in other.codes))
    }
    return frozenset({word.en, *below})

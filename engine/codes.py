"""Codes: their normal form, what they resolve to, what stands above them (S5). Knows no tables."""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.facts import Foreign
from rulelang import vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

ICD_LENGTHS = (3, 5, 7)  # S5.4

# Lengths of a code at which it has a parent; a code system that is not here is flat.
BOUNDARIES: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "icd10": ICD_LENGTHS,
        "icd9": (2, 4, 5, 7),
        "drug_class": (2, 4, 5, 6),
        "dept": (3, 6),
    }
)

DIVISIONS = "division"
AREA_LENGTHS = (2, 4)  # digits of a province and of a city (S15.2)

# The systems of what a line can bill; no code fits two of them.
PRODUCT_SYSTEMS = ("drug", "item", "consumable", "herb")

# What senders put where they have no code.
NO_CODE = frozenset({"", "-", "--", "—", "——", "/", "0", "默认", "无", "NULL", "NONE", "NAN"})

_BLANKS = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]+")
_SIGNS = {0x2020: "+", 0x2021: "+", 0x2217: "*", 0x2605: "*", 0x2606: "*"}
_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {0x3000: " "} | _SIGNS
_PAIR = re.compile(r"(?P<first>[^+*]+)(?P<mark>[+*])(?P<second>[^+*]+)[+*]?")


def half_width(text: str) -> str:
    """`text` with full-width letters, digits and signs made ASCII, dagger and star made + and *."""
    return text if text.isascii() else text.translate(_WIDTH)


def normalise(system: str, sent: str) -> str:
    """The normal form of a code of one system: width, case, blanks, dagger and star."""
    text = _plain(sent)
    if system == "icd10":
        return _icd10(text)
    if system == "icd9":
        return text.replace("X", "x")  # its other letters are large: 17.912A0
    return text


def _plain(sent: str) -> str:
    return _BLANKS.sub("", half_width(sent)).upper()


def _icd10(text: str) -> str:
    pair = _PAIR.fullmatch(text)
    if pair is None:
        return _icd_part(text.rstrip("+*"))
    first, second = _icd_part(pair["first"]), _icd_part(pair["second"])
    return f"{second}+{first}*" if pair["mark"] == "*" else f"{first}+{second}*"


def _icd_part(text: str) -> str:
    """The letter large, the x of a placeholder or an extension small."""
    return text[:1] + text[1:].lower()


def is_no_code(sent: str) -> bool:
    """Whether the text stands for "no code here" (0, 默认, -), so that the code is unknown."""
    text = _plain(sent)
    return text in NO_CODE or not text.strip("0")


@cache
def _pattern(system: str) -> re.Pattern[str]:
    return re.compile(vocabulary.load().systems[system].pattern)


def is_resolved(system: str, code: str) -> bool:
    """Whether a normal form is a code of the system."""
    return _pattern(system).fullmatch(code) is not None


def read_code(system: str, sent: str) -> str | Foreign | None:
    """What a sent text is in a code system (S5.1).

    Returns:
        The normal form where it resolves, a `Foreign` where it lies outside of the system, None
        where it says nothing.
    """
    if is_no_code(sent):
        return None
    code = normalise(system, sent)
    return code if is_resolved(system, code) else Foreign(_plain(sent))


def product_system(code: str) -> str | None:
    """The one product system that a normal form fits, or None."""
    fitting = [system for system in PRODUCT_SYSTEMS if is_resolved(system, code)]
    return fitting[0] if len(fitting) == 1 else None


def parts_of(system: str, code: str) -> tuple[str, ...]:
    """The codes that a code consists of: two for a dagger and a star, else itself."""
    if system == "icd10" and "+" in code:
        return tuple(part.rstrip("*") for part in code.split("+"))
    return (code,)


def icd_parents(code: str) -> tuple[str, ...]:
    """The parents of an ICD-10 code: prefixes of 3, 5 and 7 characters, nearest last (S5.4).

    A pair `A+B*` has each of its two parts as a parent, with the parents of both.
    """
    parts = parts_of("icd10", code)
    found: list[str] = []
    for part in parts:
        found += _prefixes(part, ICD_LENGTHS)
        if len(parts) > 1:
            found.append(part)
    return tuple(dict.fromkeys(found))


def parents(system: str, code: str) -> tuple[str, ...]:
    """Everything above a code in its system, the nearest last; nothing in a flat one."""
    if system == "icd10":
        return icd_parents(code)
    if system == DIVISIONS:
        return _areas_above(code)
    return _prefixes(code, BOUNDARIES.get(system, ()))


def _prefixes(code: str, lengths: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(code[:length] for length in lengths if length < len(code))


def _areas_above(division: str) -> tuple[str, ...]:
    """The province and the city of a division, as the codes that stand for all of them."""
    whole = (division[:length].ljust(len(division), "0") for length in AREA_LENGTHS)
    return tuple(dict.fromkeys(area for area in whole if area != division))


def is_under(system: str, code: str, above: str) -> bool:
    """Whether a code is `above` or stands beneath it; both in normal form."""
    return code == above or above in parents(system, code)


def in_code_range(system: str, code: str, low: str, high: str) -> bool:
    """Whether a code lies from `low` to `high`, all that is beneath `high` included (S5)."""
    if system not in BOUNDARIES:
        return low <= code <= high
    return any(low <= part and part[: len(high)] <= high for part in parts_of(system, code))

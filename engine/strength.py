"""How much a line holds of its active substance: its quantity through pack and strength (S3.1).

Both are read from the specification (`0.5g×20片/盒`, `10ml:50mg×5支`). What it does not say is not
guessed: the amount stays unknown, and says which of the two is lacking.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from engine.codes import half_width
from engine.facts import Entity, Fact, Value
from rulelang import values
from rulelang.diagnostics import Words
from rulelang.units import unit_named
from rulelang.values import Range

_STRENGTH = re.compile(
    r"(?:\d+(?:\.\d+)?\s*ml\s*[::]\s*)?(?P<figure>\d+(?:\.\d+)?)\s*(?P<unit>mg|g|μg|ug|万IU|IU|万U|U)",
    re.ASCII | re.IGNORECASE,
)
_PACK = re.compile(
    r"[x×*]\s*(?P<count>\d{1,4})\s*(?P<unit>[片粒丸支枚袋瓶贴揿吸])?(?:/(?P<of>.))?", re.IGNORECASE
)
_ALONE = re.compile(r"(?P<count>\d{1,4})\s*(?P<unit>[片粒丸枚])(?:/(?P<of>.))?")
_UNITS = {
    "ug": "μg",
    "万u": "",
    "u": "U",
    "iu": "IU",
    "万iu": "万IU",
    "mg": "mg",
    "g": "g",
    "μg": "μg",
}
_SMALLEST = frozenset({"tablet", "capsule", "pill", "pc", "amp", "patch"})
_PACKS = frozenset({"box", "bottle", "bag", "tube"})

_NO_SPEC = Words("没有规格", "there is no specification")
_NO_STRENGTH = Words("规格中没有含量", "the specification gives no strength")
_NO_PACK = Words("规格中没有包装数", "the specification gives no pack size")
_NO_QUANTITY = Words("数量或其单位未知", "the quantity or its unit is not known")


@dataclass(frozen=True, slots=True)
class Spec:
    """What a specification says: strength of the smallest unit, how many of them in a pack."""

    strength: Decimal | None = None
    strength_unit: str = ""
    pack: Decimal | None = None
    smallest: str = ""


def read_spec(text: str) -> Spec:
    """Strength and pack of a specification, as far as it says them plainly."""
    folded = half_width(text).replace("×", "×").strip()
    found, pack = _STRENGTH.search(folded), _PACK.search(folded) or _ALONE.search(folded)
    unit = unit_named(_UNITS.get(found["unit"].lower(), "")) if found is not None else None
    small = unit_named(pack["unit"] or "") if pack is not None else None
    return Spec(
        None if found is None or unit is None else Decimal(found["figure"]),
        "" if unit is None else unit.name,
        None if pack is None else Decimal(pack["count"]),
        "" if small is None else small.name,
    )


def complete_content(line: Entity) -> None:
    """Give a line its quantity in smallest units, and its content, where pack and strength say them."""
    quantity, spec = line.fact("quantity"), line.fact("spec")
    texts = [text for text in spec.value.choices or () if isinstance(text, str)]
    read = read_spec(texts[0]) if len(texts) == 1 else None
    count, unit, why = _smallest(quantity.value, read)
    if "unit_quantity" not in line.facts and count is not None and unit:
        _give(line, "unit_quantity", Value(range=count, unit=unit), quantity, spec)
    if "content" in line.facts:
        return
    if count is None or read is None or read.strength is None:
        lacking = why if read is None or read.strength is not None else _NO_STRENGTH
        line.facts["content"] = Fact(Value(), line.pointer, why=lacking)
        return
    total = values.multiply(count, Range.exactly(read.strength))
    _give(line, "content", Value(range=total, unit=read.strength_unit), quantity, spec)


def _smallest(quantity: Value, spec: Spec | None) -> tuple[Range | None, str, Words]:
    """The quantity in smallest units with their unit, else why it is not known."""
    if spec is None:
        return None, "", _NO_SPEC
    if quantity.range is None or quantity.unit is None:
        return None, "", _NO_QUANTITY
    if quantity.unit in _SMALLEST and spec.smallest in {"", quantity.unit}:
        return quantity.range, quantity.unit, _NO_PACK
    if quantity.unit in _PACKS and spec.pack is not None:
        return values.multiply(quantity.range, Range.exactly(spec.pack)), spec.smallest, _NO_PACK
    return None, "", _NO_PACK


def _give(line: Entity, name: str, value: Value, *of: Fact) -> None:
    premises = tuple(fact.pointer for fact in of if fact.pointer)
    line.facts[name] = Fact(value, line.fact(name).pointer, premises=premises)

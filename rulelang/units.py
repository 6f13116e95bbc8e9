"""The closed table of units: one spelling a unit a language, exact factors. Knows nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

UnitKind: TypeAlias = Literal[
    "days", "months", "seconds", "age", "money", "ratio", "points", "count", "mass", "volume",
    "activity", "compound",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit.

    Quantities whose units share a `dimension` may be compared after multiplying by `factor`, which
    is in the dimension's base unit (the one with factor 1). A counting unit is its own dimension:
    boxes and tablets meet only through a product's pack size.
    """

    name: str
    zh: str
    en: str
    kind: UnitKind
    factor: Decimal
    dimension: str

    def spelt(self, spelling: str) -> str:
        """The unit as written in a Chinese ("zh") or an English ("en") file."""
        return self.en if spelling == "en" else self.zh


def _unit(
    name: str, zh: str, en: str, kind: UnitKind, factor: str = "1", dimension: str = ""
) -> Unit:
    own = f"count:{name}" if kind == "count" else kind
    return Unit(name, zh, en, kind, Decimal(factor), dimension or own)


UNITS = (
    # time: days and longer count civil dates, hours and shorter count elapsed time (S4)
    _unit("day", "天", "d", "days"),
    _unit("week", "周", "wk", "days", "7"),
    _unit("month", "个月", "mo", "months"),
    _unit("year", "年", "y", "months", "12"),
    _unit("hour", "小时", "h", "seconds", "3600"),
    _unit("minute", "分钟", "min", "seconds", "60"),
    _unit("second", "秒", "s", "seconds"),
    # ages: the unit decides how they are counted, so they are never converted
    _unit("year_old", "岁", "yo", "age", "1", "age:year"),
    _unit("month_old", "月龄", "mo_old", "age", "1", "age:month"),
    _unit("day_old", "日龄", "d_old", "age", "1", "age:day"),
    # money, ratios
    _unit("yuan", "元", "yuan", "money"),
    _unit("wan_yuan", "万元", "wan_yuan", "money", "10000"),
    _unit("percent", "%", "%", "ratio", "0.01"),
    _unit("pp", "个百分点", "pp", "points", "0.01"),
    # counted things, each a dimension of its own
    _unit("box", "盒", "box", "count"),
    _unit("amp", "支", "amp", "count"),
    _unit("tablet", "片", "tablet", "count"),
    _unit("capsule", "粒", "capsule", "count"),
    _unit("pc", "枚", "pc", "count"),
    _unit("pill", "丸", "pill", "count"),
    _unit("bottle", "瓶", "bottle", "count"),
    _unit("bag", "袋", "bag", "count"),
    _unit("tube", "管", "tube", "count"),
    _unit("patch", "贴", "patch", "count"),
    _unit("dose", "剂", "dose", "count"),
    _unit("pack", "付", "pack", "count"),
    _unit("set", "套", "set", "count"),
    _unit("piece", "个", "piece", "count"),
    _unit("item", "项", "item", "count"),
    _unit("time", "次", "time", "count"),
    _unit("case", "例", "case", "count"),
    _unit("site", "部位", "site", "count"),
    _unit("tooth", "牙", "tooth", "count"),
    _unit("eye", "眼", "eye", "count"),
    _unit("side", "侧", "side", "count"),
    _unit("root", "根", "root", "count"),
    _unit("strip", "条", "strip", "count"),
    _unit("sheet", "张", "sheet", "count"),
    _unit("bed_day", "床日", "bed_day", "count"),
    _unit("person", "人", "person", "count"),
    _unit("visit", "人次", "visit", "count"),
    _unit("row", "行", "row", "count"),
    # mass, volume, activity
    _unit("kg", "kg", "kg", "mass", "1000"),
    _unit("g", "g", "g", "mass"),
    _unit("mg", "mg", "mg", "mass", "0.001"),
    _unit("μg", "μg", "μg", "mass", "0.000001"),
    _unit("ng", "ng", "ng", "mass", "0.000000001"),
    _unit("L", "L", "L", "volume"),
    _unit("mL", "mL", "mL", "volume", "0.001"),
    _unit("IU", "IU", "IU", "activity"),
    _unit("wan_IU", "万IU", "wan_IU", "activity", "10000"),
    _unit("U", "U", "U", "activity", "1", "enzyme"),
    # lengths and areas of wounds, catheters, films
    _unit("m", "m", "m", "compound", "1", "length"),
    _unit("cm", "cm", "cm", "compound", "0.01", "length"),
    _unit("mm", "mm", "mm", "compound", "0.001", "length"),
    _unit("m²", "m²", "m²", "compound", "1", "area"),
    _unit("cm²", "cm²", "cm²", "compound", "0.0001", "area"),
    # concentrations
    _unit("g/L", "g/L", "g/L", "compound", "1", "mass/volume"),
    _unit("mg/L", "mg/L", "mg/L", "compound", "0.001", "mass/volume"),
    _unit("μg/L", "μg/L", "μg/L", "compound", "0.000001", "mass/volume"),
    _unit("g/dL", "g/dL", "g/dL", "compound", "10", "mass/volume"),
    _unit("mg/dL", "mg/dL", "mg/dL", "compound", "0.01", "mass/volume"),
    _unit("mg/mL", "mg/mL", "mg/mL", "compound", "1", "mass/volume"),
    _unit("μg/mL", "μg/mL", "μg/mL", "compound", "0.001", "mass/volume"),
    _unit("ng/mL", "ng/mL", "ng/mL", "compound", "0.000001", "mass/volume"),
    _unit("pg/mL", "pg/mL", "pg/mL", "compound", "0.000000001", "mass/volume"),
    _unit("mol/L", "mol/L", "mol/L", "compound", "1", "amount/volume"),
    _unit("mmol/L", "mmol/L", "mmol/L", "compound", "0.001", "amount/volume"),
    _unit("μmol/L", "μmol/L", "μmol/L", "compound", "0.000001", "amount/volume"),
    _unit("nmol/L", "nmol/L", "nmol/L", "compound", "0.000000001", "amount/volume"),
    _unit("pmol/L", "pmol/L", "pmol/L", "compound", "0.000000000001", "amount/volume"),
    _unit("IU/L", "IU/L", "IU/L", "compound", "0.001", "activity/volume"),
    _unit("IU/mL", "IU/mL", "IU/mL", "compound", "1", "activity/volume"),
    _unit("U/L", "U/L", "U/L", "compound", "1", "enzyme/volume"),
    _unit("U/mL", "U/mL", "U/mL", "compound", "1000", "enzyme/volume"),
    _unit("copies/mL", "拷贝/mL", "copies/mL", "compound", "1", "copies/volume"),
    _unit("10⁹/L", "×10⁹/L", "×10⁹/L", "compound", "1000000000", "cells/volume"),
    _unit("10¹²/L", "×10¹²/L", "×10¹²/L", "compound", "1000000000000", "cells/volume"),
    # rates of use
    _unit("g/day", "g/天", "g/d", "compound", "1", "mass/day"),
    _unit("mg/day", "mg/天", "mg/d", "compound", "0.001", "mass/day"),
    _unit("μg/day", "μg/天", "μg/d", "compound", "0.000001", "mass/day"),
    _unit("mL/day", "mL/天", "mL/d", "compound", "1", "volume/day"),
    _unit("IU/day", "IU/天", "IU/d", "compound", "1", "activity/day"),
    _unit("time/day", "次/天", "time/d", "compound", "1", "times/day"),
    _unit("time/week", "次/周", "time/wk", "compound", "1", "times/week"),
    _unit("tablet/day", "片/天", "tablet/d", "compound", "1", "tablets/day"),
    _unit("amp/day", "支/天", "amp/d", "compound", "1", "amps/day"),
    _unit("mg/kg/day", "mg/kg/天", "mg/kg/d", "compound", "1", "mass/mass/day"),
    _unit("μg/kg/day", "μg/kg/天", "μg/kg/d", "compound", "0.001", "mass/mass/day"),
    _unit("g/kg/day", "g/kg/天", "g/kg/d", "compound", "1000", "mass/mass/day"),
    _unit("IU/kg/day", "IU/kg/天", "IU/kg/d", "compound", "1", "activity/mass/day"),
    _unit("IU/kg", "IU/kg", "IU/kg", "compound", "1", "activity/mass"),
    _unit("g/kg", "g/kg", "g/kg", "compound", "1000", "mass/mass"),
    _unit("mg/kg", "mg/kg", "mg/kg", "compound", "1", "mass/mass"),
    _unit("mg/m²", "mg/m²", "mg/m²", "compound", "1", "mass/area"),
    # measurements
    _unit("kg/m²", "kg/m²", "kg/m²", "compound", "1", "body mass index"),
    _unit("mmHg", "mmHg", "mmHg", "compound", "1", "pressure"),
    _unit("℃", "℃", "℃", "compound", "1", "temperature"),
    _unit("time/minute", "次/分钟", "time/min", "compound", "1", "frequency"),
    _unit("mL/min", "mL/min", "mL/min", "compound", "1", "clearance"),
)

BY_NAME: Mapping[str, Unit] = MappingProxyType({unit.name: unit for unit in UNITS})
BY_SPELLING: Mapping[str, Unit] = MappingProxyType(
    {unit.zh: unit for unit in UNITS} | {unit.en: unit for unit in UNITS}
)

# What authors write for a unit of the table.
_MISTAKEN: Mapping[str, str] = MappingProxyType(
    {
        "日": "day", "星期": "week", "个星期": "week", "礼拜": "week", "月": "month",
        "个小时": "hour", "时": "hour", "分": "minute", "周岁": "year_old", "个月龄": "month_old",
        "块": "yuan", "块钱": "yuan", "人民币": "yuan", "万": "wan_yuan", "百分点": "pp",
        "day": "day", "days": "day", "week": "week", "weeks": "week", "month": "month",
        "months": "month", "year": "year", "years": "year", "hour": "hour", "hours": "hour",
        "hr": "hour", "minute": "minute", "minutes": "minute", "mins": "minute",
        "rmb": "yuan", "cny": "yuan", "times": "time", "boxes": "box", "tablets": "tablet",
        "ug": "μg", "mcg": "μg", "毫克": "mg", "克": "g", "千克": "kg", "公斤": "kg",
        "微克": "μg", "毫升": "mL", "升": "L", "国际单位": "IU", "单位": "IU", "万单位": "wan_IU",
        "g/日": "g/day", "mg/日": "mg/day", "次/日": "time/day",
    }
)  # fmt: skip


def unit_named(text: str) -> Unit | None:
    """The unit spelt so in either language, or None."""
    return BY_SPELLING.get(text)


def suggest_unit(text: str, spelling: str) -> str | None:
    """The unit that an author may have meant, spelt for his file."""
    lowered = text.lower()
    name = _MISTAKEN.get(lowered)
    if name is not None:
        return BY_NAME[name].spelt(spelling)
    for unit in UNITS:
        if unit.spelt(spelling).lower() == lowered:
            return unit.spelt(spelling)
    close = get_close_matches(text, [unit.spelt(spelling) for unit in UNITS], n=1, cutoff=0.6)
    return close[0] if close else None

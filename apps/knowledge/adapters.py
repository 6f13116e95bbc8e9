"""One adapter a rule class: which table its points fill, and how the cells come from a point.

A table's columns stand here by their names in the shipped rulesets; a class without an adapter, or
whose table is not shipped, keeps its points and fills nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from apps.knowledge import wording
from apps.knowledge.notes.diagnoses import DiagnosisNames
from apps.knowledge.notes.reading import read_note
from apps.knowledge.notes.rows import COLUMNS, Source, rows_of
from apps.knowledge.points import Point

Cells: TypeAlias = Mapping[str, str]  # without the key columns

NATIONAL = "cn/national"
DRUGS, ITEMS, HERBS = (f"{NATIONAL}/catalog/{name}目录.csv" for name in ("药品", "项目", "饮片"))
STROKE = f"{NATIONAL}/drug_limits/卒中药.csv"
ALBUMIN = f"{NATIONAL}/drug_limits/人血白蛋白.csv"

Maker: TypeAlias = Callable[[Point], tuple[Cells, ...]]


@dataclass(frozen=True, slots=True)
class Adapter:
    """The table of a rule class.

    `make` gives the cells of a point's rows besides the key, the same for each of its codes; none
    where the point does not say them.
    """

    table: str
    keys: tuple[str, ...]
    make: Maker
    many: bool = False
    pair: bool = False
    note: bool = False  # a free text, read with the names of diagnoses
    alone: bool = (
        False  # one row a key cannot hold a code that stands in several groups: it is left open
    )
    curated: bool = False  # of a point that the shipped table holds its rows count, not the reading
    elsewhere: tuple[str, ...] = ()  # lists of codes whose limit another rule judges


def _sex(point: Point) -> tuple[Cells, ...]:
    sex = wording.sex_of(point.typed.get("limit", ""), f"{point.constraint} {point.name}")
    return ({"性别": sex},) if sex else ()


def _child_limit(point: Point) -> tuple[Cells, ...]:
    ages = wording.ages_of(point.constraint)
    if ages is not None:
        low, high = ages
        both = f"{low.removesuffix('岁')}-{high}" if high else f"{low}及以上"
        by_age = "否" if high else "是"
        return ({"最小年龄": low, "最大年龄": high, "依儿童年龄": by_age, "限定": both},)
    if wording.says_ages(point.constraint):
        return ()
    return ({"最小年龄": "", "最大年龄": "", "依儿童年龄": "是", "限定": "儿童"},)


def _child_only(point: Point) -> tuple[Cells, ...]:
    del point  # the class says it all
    return ({"最大年龄": "", "依儿童年龄": "是", "限定": "儿童"},)


_CHILDREN: Mapping[str, Cells] = MappingProxyType(
    {
        "儿童": {"最大年龄": "", "不满年龄": "", "依儿童年龄": "是"},
        "婴幼儿": {"最大年龄": "", "不满年龄": "3岁", "依儿童年龄": "否"},
        "新生儿": {"最大年龄": "28日龄", "不满年龄": "", "依儿童年龄": "否"},
    }
)


def _child_item(point: Point) -> tuple[Cells, ...]:
    group = point.typed.get("limit", "")
    cells = _CHILDREN.get(group)
    return ({"对象": group, **cells},) if cells is not None else ()


def _level(point: Point) -> tuple[Cells, ...]:
    level = wording.level_of(point.typed.get("limit", ""), point.constraint)
    return ({"最低级别": level},) if level else ()


def _care(point: Point) -> tuple[Cells, ...]:
    found = wording.care_of(point.typed.get("limit", ""), point.constraint)
    return tuple({"就医方式": word} for word in found)


def _days(point: Point) -> tuple[Cells, ...]:
    days = wording.days_of(point.typed.get("limit", ""), point.constraint)
    return ({"通用名": point.name, "最多天数": days},) if days else ()


def _item_days(point: Point) -> tuple[Cells, ...]:
    days = wording.days_of(point.typed.get("limit", ""), point.constraint)
    return ({"疗程组": point.name, "最多天数": days, "口径": "疗程"},) if days else ()


def _second_line(point: Point) -> tuple[Cells, ...]:
    """A blank first line: whatever treatment came before counts."""
    found = wording.first_line_of(point.constraint)
    if found is None:
        return ()
    failed, times = found
    often = f"，至少{times}种" if times > 1 else ""
    said = f"一线治疗无效、进展或不能耐受{often}" if failed else f"既往接受过治疗{often}"
    cells = {"通用名": point.name, "一线药类": "", "须无效": "是" if failed else "否"}
    return ({**cells, "至少次数": str(times), "限定": said},)


def _group(point: Point) -> tuple[Cells, ...]:
    group = point.typed.get("limit", "") or point.constraint
    return ({"手术组": group},) if group.endswith("组") else ()


def _window(point: Point) -> tuple[Cells, ...]:
    window = wording.window_of(point.typed.get("window", ""))
    return ({"时间区间": window},) if window else ()


def _frequency(point: Point) -> tuple[Cells, ...]:
    amount = wording.amount_of(point.typed.get("count", ""), point.typed.get("unit", ""))
    return ({"每日上限": amount},) if amount else ()


def _period(point: Point) -> tuple[Cells, ...]:
    most, period = point.typed.get("most", ""), point.typed.get("period", "")
    found = wording.period_of(most, period, point.constraint)
    return ({"周期": found},) if found else ()


def _herb(point: Point) -> tuple[Cells, ...]:
    return ({"名称": point.name},)


def _online(point: Point) -> tuple[Cells, ...]:
    kinds = [word for word in ("麻醉药品", "精神药品") if word in point.typed.get("limit", "")]
    return ({"类别": "、".join(kinds) or "麻醉药品、精神药品等"},)


def noted(point: Point, names: DiagnosisNames) -> tuple[Cells, ...]:
    """The rows of a free text, read with the names of diagnoses at hand; none where it limits nothing."""
    reading = read_note(point.constraint, names)
    if not reading.is_limit:
        return ()
    source = Source("", point.id, point.batch, point.published)
    return tuple(
        {name: row[name] for name in COLUMNS[1:]} for row in rows_of(reading, ("",), source)
    )


def _unread(point: Point) -> tuple[Cells, ...]:
    return noted(point, DiagnosisNames.from_rows(()))


def _fund(name: str) -> Maker:
    return lambda _: ({"基金": name},)


_LIMITS, _SERVICE = f"{NATIONAL}/drug_limits", f"{NATIONAL}/items"
_DRUG, _ITEM, _HERB = ("药品",), ("项目",), ("饮片",)

ADAPTERS: Mapping[str, Adapter] = MappingProxyType(
    {
        "药品区分性别使用": Adapter(f"{_LIMITS}/药品性别.csv", _DRUG, _sex),
        "药品限儿童使用": Adapter(f"{_LIMITS}/儿童限定.csv", _DRUG, _child_limit),
        "药品儿童专用": Adapter(f"{_LIMITS}/儿童专用药.csv", _DRUG, _child_only),
        "药品限医疗机构级别": Adapter(f"{_LIMITS}/药品级别.csv", _DRUG, _level),
        "药品限就医方式": Adapter(f"{_LIMITS}/药品就医方式.csv", _DRUG, _care, many=True),
        "药品限支付疗程": Adapter(f"{_LIMITS}/药品疗程.csv", _DRUG, _days, elsewhere=(STROKE,)),
        "药品限工伤保险": Adapter(f"{_LIMITS}/药品基金.csv", _DRUG, _fund("工伤")),
        "药品限生育保险": Adapter(f"{_LIMITS}/药品基金.csv", _DRUG, _fund("生育")),
        "超互联网医院药品支付范围": Adapter(f"{_LIMITS}/互联网不付药品.csv", _DRUG, _online),
        "中药饮片单复方均不予支付": Adapter(f"{NATIONAL}/herbs/不予支付饮片.csv", _HERB, _herb),
        "中药饮片单方使用不予支付": Adapter(f"{NATIONAL}/herbs/单方不付饮片.csv", _HERB, _herb),
        "医疗服务项目区分性别使用": Adapter(f"{_SERVICE}/项目性别.csv", _ITEM, _sex),
        "医疗服务项目重复收费": Adapter(
            f"{_SERVICE}/重复收费.csv", ("甲项", "乙项"), _window, pair=True
        ),
        "医疗服务项目限定频次": Adapter(f"{_SERVICE}/限频次.csv", _ITEM, _frequency),
        "医疗服务项目周期超频次": Adapter(
            f"{_SERVICE}/周期频次.csv", ("项目", "再次项目"), _period
        ),
        "医疗服务项目儿童专用": Adapter(
            f"{NATIONAL}/item_limits/儿童专用项目.csv", _ITEM, _child_item
        ),
        "医疗服务项目限支付疗程": Adapter(
            f"{NATIONAL}/item_limits/项目疗程.csv", _ITEM, _item_days
        ),
        "药品限适应症": Adapter(
            f"{_LIMITS}/药品限定条件.csv",
            _DRUG,
            _unread,
            many=True,
            note=True,
            elsewhere=(STROKE, ALBUMIN),
        ),
        "药品限二线使用": Adapter(
            f"{NATIONAL}/drug_terms/二线药品.csv", _DRUG, _second_line, curated=True
        ),
        "手术项目未按规定折价收费": Adapter(
            f"{NATIONAL}/operations/手术折价.csv", _ITEM, _group, alone=True
        ),
    }
)


def keys_of(adapter: Adapter, point: Point) -> tuple[tuple[str, ...], ...]:
    """The keys of a point's rows: its codes, the pair of them, or each with itself."""
    if adapter.pair:
        return (point.codes[:2],) if len(point.codes) >= len(adapter.keys) else ()
    return tuple((code,) * len(adapter.keys) for code in point.codes)

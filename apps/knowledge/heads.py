"""The heads of official tables by what they mean, and the row in which they stand."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from apps.knowledge.files import Grid
from engine.intake.workbooks import Cell

# A field of ours and the heads under which files have it; the first fitting head of a row counts.
POINT_HEADS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "id": ("kp_id", "知识点编号", "知识点编码", "知识点ID", "知识点"),
        "class": ("rule_class", "规则名称", "规则类别", "规则"),
        "class_code": ("rule_class_code", "规则编码", "规则代码"),
        "batch": ("batch", "批次"),
        "published": ("published_at", "published", "发布日期", "公布日期"),
        "supersedes": ("supersedes", "取代", "取代知识点", "替代知识点"),
        "name": (
            "item_name", "药品通用名", "通用名", "药品名称", "项目名称", "医疗服务项目名称",
            "手术名称", "手术项目名称", "手术操作名称", "饮片名称", "中药饮片名称", "耗材名称",
            "医用耗材名称", "诊断名称", "疾病诊断名称", "名称",
        ),
        "codes": (
            "med_codes", "国标代码", "国家代码", "药品代码", "药品编码", "医保药品编码", "项目代码",
            "项目编码", "国标编码", "医保代码", "手术代码", "手术操作代码", "饮片代码",
            "中药饮片代码", "耗材代码", "诊断代码", "代码", "编码",
        ),
        "name_a": ("主项名称", "项目A名称", "甲项名称"),
        "code_a": ("主项编码", "主项代码", "项目A代码", "项目A编码", "甲项代码"),
        "name_b": ("从项名称", "项目B名称", "乙项名称"),
        "code_b": ("从项编码", "从项代码", "项目B代码", "项目B编码", "乙项代码"),
        "constraint": (
            "constraint", "逻辑依据", "药品说明", "项目说明", "限定支付范围", "限制使用范围", "依据",
            "备注", "说明",
        ),
        "logic": ("detect_logic", "检出逻辑", "逻辑"),
        "kind": ("限定类型",),
        "limit": (
            "limit", "限定性别", "限定对象", "限定值域", "限定年龄", "限定级别", "限定机构级别",
            "限定就医方式", "限定疗程", "手术组", "药品类别", "类别",
        ),
        "window": ("window", "频度", "时间区间"),
        "count": ("count", "限制数量", "上限数量"),
        "unit": ("unit", "数量单位", "计价单位"),
        "most": ("most", "频次上限"),
        "period": ("period", "疗程周期"),
        "codes_count": ("知识点对应药品代码数量", "药品代码数量", "代码数量"),
        "serial": ("序号",),
        "source_file": ("source_file",),
        "tier": ("tier1", "tier2", "source_row"),
    }
)  # fmt: skip
TYPED = ("limit", "window", "count", "unit", "most", "period")
SEARCHED = 12  # rows from the top in which the heads may stand
_BRACKETS = str.maketrans("（）／：", "()/:")

_BARE = frozenset({"名称", "代码", "编码"})  # heads that say nothing without the one above them

# What a footer begins with.
FOOTERS = ("合计", "总计", "小计", "备注", "注：", "注:", "说明：", "说明:", "填表说明", "共计")


def head(text: object) -> str:
    """A head as it is compared: without blanks and line breaks, brackets of one width."""
    return "".join(str(text).split()).translate(_BRACKETS)


@cache
def _fields() -> Mapping[str, str]:
    return {head(name).lower(): field for field, names in POINT_HEADS.items() for name in names}


def columns_of(cells: Sequence[Cell]) -> dict[int, str]:
    """Which cells of a row are heads of which field; a head that comes twice counts once."""
    found: dict[int, str] = {}
    ranks: dict[str, tuple[int, int]] = {}
    for place, cell in enumerate(cells):
        if not isinstance(cell, str):
            continue
        name = head(cell).lower()
        field = _fields().get(name)
        if field is None:
            continue
        rank = [head(one).lower() for one in POINT_HEADS[field]].index(name)
        before = ranks.get(field)
        if before is not None:
            if before[0] <= rank:
                continue
            del found[before[1]]
        ranks[field] = (rank, place)
        found[place] = field
    return found


def header_of(grid: Grid, needed: frozenset[str]) -> tuple[int, dict[int, str]] | None:
    """Where the rows of a sheet begin, and its columns; heads may take two merged rows.

    Returns:
        The place behind the heads, and the fields by column; None where no row holds `needed`.
    """
    best: tuple[int, dict[int, str]] | None = None
    for place, row in enumerate(grid.rows[:SEARCHED]):
        options = [(place + 1, columns_of(row.cells))]
        if place + 1 < len(grid.rows):
            both = merged(row.cells, grid.rows[place + 1].cells)
            options.append((place + 2, columns_of(both)))
        for after, columns in options:
            fits = needed & set(columns.values()) if needed else columns
            if fits and (best is None or len(columns) > len(best[1])):
                best = (after, columns)
    return best


def merged(upper: Sequence[Cell], lower: Sequence[Cell]) -> list[Cell]:
    """Heads of two rows as one: a merged head stands before each of those beneath it."""
    found: list[Cell] = []
    last = ""
    for place in range(max(len(upper), len(lower))):
        above = upper[place] if place < len(upper) else None
        beneath = lower[place] if place < len(lower) else None
        if isinstance(above, str) and above.strip():
            last = above.strip()
        if beneath is None:
            found.append(above)
        elif isinstance(beneath, str) and head(beneath) in _BARE:
            found.append(f"{last}{beneath}")
        else:
            found.append(beneath)
    return found


@cache
def classes() -> Mapping[str, str]:
    """The rule classes of the 2025 list with their national codes, where they are known."""
    text = files("apps.knowledge").joinpath("classes.csv").read_text(encoding="utf-8")
    return {row["规则"]: row["国家编码"] for row in csv.DictReader(text.splitlines())}


def class_in(text: str) -> str:
    """The rule class that a title or the name of a file tells; the longest name counts."""
    plain = head(text)
    fitting = [name for name in classes() if head(name) in plain]
    return max(fitting, key=len, default="")

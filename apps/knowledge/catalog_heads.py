"""The heads of catalog downloads, of other sources of the same, and of our own tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache
from pathlib import PurePosixPath
from types import MappingProxyType

from apps.knowledge import shipped
from engine.codes import is_resolved, normalise
from engine.intake.workbooks import Cell


class Kind(Enum):
    """What a download holds."""

    PRODUCTS = "目录"  # drugs, items, consumables, herbs: 1301-1306, 1312
    CONSUMABLES = "耗材目录"
    DIAGNOSES = "诊断目录"  # 1307
    OPERATIONS = "手术目录"  # 1308
    MAPPINGS = "目录匹配"  # 1316
    SITE_MAPPINGS = "机构目录匹配"  # 1317
    PRICE_CAPS = "目录限价"  # 1318
    FIRST_PAYMENT = "先自付比例"  # 1319

    @property
    def needed(self) -> tuple[str, ...]:
        """The fields that a row of it may not lack."""
        return _NEEDED.get(self, ())


_NEEDED: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        Kind.PRICE_CAPS: ("hilist_code", "hilist_pric_uplmt_amt"),
        Kind.FIRST_PAYMENT: ("hilist_code", "selfpay_prop"),
        Kind.MAPPINGS: ("med_list_codg", "hilist_code"),
        Kind.SITE_MAPPINGS: ("medins_list_codg", "med_list_codg"),
    }
)

# Which heads tell a download; the first that fits counts.
_TELLING: tuple[tuple[frozenset[str], Kind], ...] = (
    (frozenset({"hilist_code", "hilist_pric_uplmt_amt"}), Kind.PRICE_CAPS),
    (frozenset({"hilist_code", "selfpay_prop"}), Kind.FIRST_PAYMENT),
    (frozenset({"medins_list_codg", "med_list_codg"}), Kind.SITE_MAPPINGS),
    (frozenset({"med_list_codg", "hilist_code"}), Kind.MAPPINGS),
    (frozenset({"hilist_code", "hilist_name"}), Kind.PRODUCTS),
    (frozenset({"diag_code", "diag_name"}), Kind.DIAGNOSES),
    (frozenset({"oprn_oprt_code", "oprn_oprt_name"}), Kind.OPERATIONS),
    (frozenset({"med_list_codg"}), Kind.PRODUCTS),
    (frozenset({"医保药品编码", "注册名称"}), Kind.PRODUCTS),
    (frozenset({"医疗目录编码"}), Kind.PRODUCTS),
)

# A field of ours and its heads, small letters; the first that is filled counts.
_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "code": ("med_list_codg", "医疗目录编码", "医保药品编码", "hilist_code"),
        "name": (
            "reg_name", "drug_genname", "servitem_name", "hi_genname", "tcmherb_name",
            "tcmherb_slice_name", "mlms_name", "hilist_name", "注册名称", "药品通用名", "医疗服务项目名称",
            "单味药名称", "饮片名称", "项目名称", "名称",
        ),
        "class": ("chrgitm_lv", "ybdj", "国家目录等级", "目录类别", "甲乙类"),
        "unit": ("prcunt_name", "prcunt", "min_prcunt", "计价单位"),
        "valid": ("vali_flag", "有效标志"),
        "version": ("ver", "版本号"),
        "starts": ("begndate", "开始日期"),
        "clinical_code": ("diag_code", "oprn_oprt_code", "code", "诊断代码", "手术代码"),
        "clinical_name": ("diag_name", "oprn_oprt_name", "name", "诊断名称", "手术名称"),
    }
)  # fmt: skip


def field_of(cells: Mapping[str, Cell], name: str) -> Cell:
    """A cell by what it means; the first filled one of its heads."""
    heads = _present(tuple(cells), name)
    return next((cells[head] for head in heads if cells[head] is not None), None)


@lru_cache(maxsize=512)
def _present(heads: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Of the heads of a file, the same on each of its rows, those that mean something, the first first."""
    low = {head.strip().lower(): head for head in heads}
    return tuple(low[head] for head in _FIELDS[name] if head in low)


def kind_of(
    heads: Sequence[str], sample: Sequence[Cell], file: str, sheet: str
) -> Kind | str | None:
    """What the rows beneath some heads are; the path of one of our tables; None where unknown."""
    own = _own(heads, file, sheet)
    if own is not None:
        return own
    low = {head.strip().lower() for head in heads if head}
    for wanted, kind in _TELLING:
        if wanted <= low:
            return kind
    if {"code", "name"} <= low and sample:
        code = sample[[head.strip().lower() for head in heads].index("code")]
        for system, kind in (("icd10", Kind.DIAGNOSES), ("icd9", Kind.OPERATIONS)):
            if isinstance(code, str) and is_resolved(system, normalise(system, code)):
                return kind
    return None


def _own(heads: Sequence[str], file: str, sheet: str) -> str | None:
    """The table of ours whose columns all stand among the heads; by its name where several fit."""
    held = {head for head in heads if head}
    fitting = [path for path, columns in shipped.tables().items() if set(columns) <= held]
    exact = [path for path in fitting if held <= {*shipped.tables()[path], *shipped.RESERVED}]
    named = [
        path for path in fitting
        if PurePosixPath(path).stem in {sheet.strip(), PurePosixPath(file).stem}
    ]  # fmt: skip
    for options in (named, exact):
        if len(options) == 1:
            return options[0]
    return None

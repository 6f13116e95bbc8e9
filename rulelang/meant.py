"""What authors write for names of the language, and which known name is nearest to an unknown one."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Offered where the right side is a known name at that place.
MEANT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # types
        "布尔": ("是否",), "真假": ("是否",), "字符串": ("文本",), "字符": ("文本",),
        "文字": ("文本",), "数字": ("数值",), "数": ("数值",), "整数": ("数值",),
        "小数": ("数值",), "百分比": ("比例",), "比率": ("比例",), "钱": ("金额",),
        "时间": ("日期时间", "时间"), "天数": ("时长",), "期限": ("时长",), "区间": ("窗口",),
        "boolean": ("yes_no",), "bool": ("yes_no",), "string": ("text",), "number": ("value",),
        "integer": ("value",), "int": ("value",), "decimal": ("value",), "float": ("value",),
        "percent": ("ratio",), "percentage": ("ratio",), "amount": ("money", "amount"),
        "timestamp": ("datetime",), "days": ("duration",), "period": ("duration",),
        # values
        "真": ("是",), "对": ("是",), "假": ("否",), "错": ("否",), "true": ("yes",),
        "false": ("no",), "女性": ("女",), "男性": ("男",), "woman": ("female",),
        "women": ("female",), "man": ("male",), "men": ("male",), "er": ("emergency",),
        "hospital": ("inpatient", "institution"), "clinic": ("outpatient",),
        # people who supply facts
        "医生": ("医师",), "大夫": ("医师",), "检验科": ("检验",), "化验室": ("检验",),
        "药剂师": ("药师",), "药房": ("药师",), "医保科": ("医保办",), "收费处": ("收费员",),
        "病案室": ("病案编码",), "doctor": ("physician",), "lab": ("laboratory",),
        "pharmacy": ("pharmacist",), "billing": ("biller",), "hospital_office": ("institution",),
        # who and what a rule speaks of
        "病人": ("患者",), "参保人": ("患者",), "参保人员": ("患者",), "住院": ("就诊",),
        "门诊": ("就诊",), "就医": ("就诊",), "费用": ("明细",), "收费": ("明细",),
        "费用明细": ("明细",), "医院": ("机构",), "医疗机构": ("机构",), "person": ("patient",),
        "insured": ("patient",), "visit": ("encounter",), "stay": ("encounter",),
        "admission": ("encounter",), "charge": ("line",), "charges": ("line",),
        "provider": ("institution",),
        # windows
        "同一天": ("同日",), "当天": ("同日",), "当日": ("同日",), "本次": ("同次",),
        "同一次": ("同次",), "本次住院": ("同次",), "当月": ("本月",), "当年": ("本年",),
        "迄今": ("至今",), "today": ("same_day",), "this_visit": ("same_visit",),
        "until_now": ("so_far",), "to_date": ("so_far",),
        # fields
        "品名": ("名称",), "药名": ("名称",), "药品名称": ("名称",), "项目名称": ("名称",),
        "总价": ("金额",), "价格": ("单价",), "价钱": ("单价",), "计费日期": ("日期",),
        "收费日期": ("日期",), "费用日期": ("日期",), "年纪": ("年龄",), "岁数": ("年龄",),
        "unit_price": ("price",), "qty": ("quantity",), "charge_date": ("date",),
        "gender": ("sex",), "cost": ("amount",),
    }
)  # fmt: skip
_CHINESE, _LATIN = 0.5, 0.65  # how alike two names must be to be offered for one another


def nearest(name: str, known: Iterable[str]) -> Words | None:
    """A suggestion of the known name that `name` may stand for, if one is near."""
    found = nearest_name(name, known)
    if found is None:
        return None
    return Words(f"是否指 `{found}`？", f"do you mean `{found}`?")


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` may stand for, if one is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - only wanted when something is wrong

    names = sorted({other for other in known if other != name})
    for meant in MEANT.get(name.lower(), ()):
        if meant in names:
            return meant
    longer = [
        other for other in names if name in other or (other in name and _telling(other, name))
    ]
    if not name.isascii() and len(longer) == 1:
        return longer[0]
    close = get_close_matches(name, names, n=1, cutoff=_LATIN if name.isascii() else _CHINESE)
    return close[0] if close else None


def _telling(part: str, name: str) -> bool:
    """Whether a part of a name says enough to be meant by it: one sign of many does not."""
    return len(part) > 1 or len(name) == 2  # noqa: PLR2004 - 女性 means 女

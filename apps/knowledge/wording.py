"""The few limits that stand in a fixed form in official texts: sex, age, level, care, days, lines.

Free text is read by `apps.knowledge.notes`; what is not plain is not read here.
"""

from __future__ import annotations

import re

_WOMEN = re.compile(
    "女性|妇女|女子|女士|女童|妇科|月经|经期|经血|痛经|闭经|经闭|绝经|更年期|调经|通经|子宫|宫颈|宫寒"
    "|妊娠|孕|流产|早产|产后|产妇|排卵|卵巢|输卵管|阴道|白带|带下|盆腔|崩漏|乳汁|泌乳|乳癖|胎"
)
_MEN = re.compile("男性|男子|前列腺|阳痿|遗精|早泄|睾|阴茎|附睾|精液|精子|勃起")
_AGES = (
    (re.compile(r"(\d{1,2})岁?[-至~～](\d{1,2})岁(?!以下)"), "closed"),
    (re.compile(r"(\d{1,2})岁?[-至~～](\d{1,2})岁以下"), "open"),
    (re.compile(r"(\d{1,2})岁(?:及|（含）|\(含\))以上"), "from"),
)
_NUMBERED = re.compile(r"(?:^|(?<=[：:；;，,。]))\s*[1-9][.、]")
_LEVELS = "三二一"
_LEVEL = re.compile(r"([一二三])级(?:甲等|乙等|综合|中医)?(?:及以上|医院|以上)?")
_DAYS = re.compile(r"(?:不超过|最多支付|最多|不得超过)\s*(\d{1,3})\s*(?:天|日)")
_INPATIENT = re.compile("住院患者|住院方可|限住院|住院病人|住院使用|^住院$")
_EMERGENCY = re.compile("急诊|抢救")
_OUTPATIENT = re.compile("门诊|门急诊|购药")
_WINDOWS = {
    "单日": "同日", "同日": "同日", "自然日": "同日", "当日": "同日", "单次就诊": "同次",
    "同次就诊": "同次", "当次住院": "同次", "单次住院": "同次", "同一小时": "同小时",
    "同小时": "同小时",
}  # fmt: skip
_HOURS = re.compile(r"(\d{1,3})\s*小时(?:内)?")
_SPAN = re.compile(r"(\d{1,3})\s*(天|日|周|个月)")


def sex_of(limit: str, text: str) -> str:
    """The sex that a cell says, else the one whose words alone stand in the text; else empty."""
    said = limit.strip().rstrip("性")
    if said in {"男", "女"}:
        return said
    women, men = bool(_WOMEN.search(text)), bool(_MEN.search(text))
    return "" if women == men else "女" if women else "男"


def ages_of(text: str) -> tuple[str, str] | None:
    """The least and the greatest age that a text allows, where it gives one range in each branch.

    A range that ends below an age ends with the year before it; without an end the greatest is
    empty. None where the text gives no range, or a branch without one.
    """
    branches = max(len(_NUMBERED.findall(text)), 1)
    plain = _NUMBERED.sub(" ", text)
    found = [
        (int(match[1]), _greatest(kind, match)) for pattern, kind in _AGES
        for match in pattern.finditer(plain)
    ]  # fmt: skip
    if len(found) != branches:
        return None
    least = min(low for low, _ in found)
    ends = [high for _, high in found]
    return f"{least}岁", "" if None in ends else f"{max(end for end in ends if end)}岁"


def _greatest(kind: str, match: re.Match[str]) -> int | None:
    match kind:
        case "closed":
            return int(match[2])
        case "open":
            return int(match[2]) - 1
        case _:
            return None


def says_ages(text: str) -> bool:
    """Whether an age stands in a text at all."""
    return bool(re.search(r"\d\s*(岁|月龄|日龄|周岁)", text))


def level_of(limit: str, text: str) -> str:
    """The lowest level that suffices: the cell's, else the lowest that the text names."""
    found = set(_LEVEL.findall(limit or "")) or set(_LEVEL.findall(text))
    return f"{max(found, key=_LEVELS.index)}级" if found else ""


def care_of(limit: str, text: str) -> tuple[str, ...]:
    """The types of care that suffice; none where the text leaves it open."""
    said = limit or text
    if _OUTPATIENT.search(said):
        return ()
    found = [
        word
        for word, pattern in (("住院", _INPATIENT), ("急诊", _EMERGENCY))
        if pattern.search(said)
    ]
    return tuple(found)


def days_of(limit: str, text: str) -> str:
    """The days that are paid at most; empty where the text gives none or several figures."""
    said = re.fullmatch(r"(\d{1,3})\s*(?:天|日)?", limit.strip())
    found = {said[1]} if said else set(_DAYS.findall(text))
    return f"{found.pop()}天" if len(found) == 1 else ""


def window_of(text: str) -> str:
    """A stretch of time as tables have it: 同日, 同次, 6小时."""
    plain = text.strip()
    hours = _HOURS.fullmatch(plain)
    return _WINDOWS.get(plain, f"{hours[1]}小时" if hours else "")


def amount_of(count: str, unit: str) -> str:
    """The most of an item on a day, with its unit; empty where either is missing."""
    known = {"日": "天", "天": "天", "小时": "小时", "次": "次"}
    plain = count.strip()
    return f"{plain}{known[unit.strip()]}" if plain.isdigit() and unit.strip() in known else ""


def period_of(most: str, period: str, text: str) -> str:
    """How far apart two of an item have to be, where one of them is paid in a period."""
    if most.strip() == "1" and period.strip().isdigit():
        return f"{int(period)}天"
    found = re.findall(r"间隔时间不(?:短|少)于(\d{1,3})天", text)
    return f"{found[0]}天" if len(found) == 1 and not most else ""


_UNTREATED = re.compile(r"(?:未|没有|不曾)(?:接受|使用|经|用)过?[^，。；、]*")
_FAILED = re.compile(
    "二线(?:用药|治疗)|三线(?:用药|治疗)|失败|无效|进展|(?:不|无法|不能)耐受|[不欠]佳|不充分|不足|失应答|不应答"
    "|控制不良|不达标|未达标|仍无法|仍不能|下降低于|耐药"
)
_TREATED = re.compile(
    r"(?:接受|经过|使用|应用|用)过|(?:既往|曾|至少)[^，。；]{0,6}?(?:接受|经过|经|使用)|接受了|已接受"
)
_SIGNS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4} | {str(n): n for n in range(1, 5)}
_TIMES = re.compile(r"(?:至少|接受过|经过|经)[^，。；不]{0,6}?([一二两三四1-4])(?:种|个(?!月)|线)")
_LINE = re.compile(r"([二三四])线(?:用药|治疗)")


def first_line_of(text: str) -> tuple[bool, int] | None:
    """What came before by a text: whether it has to have failed, and how many treatments at least.

    Of numbered alternatives the least; None where the text, or one of them, asks for none.
    """
    head, *numbered = _NUMBERED.split(text)
    branches = [head + part for part in numbered] or [head]
    found = [_earlier(_UNTREATED.sub("", part)) for part in branches]
    known = [one for one in found if one is not None]
    if not known or len(known) < len(found):
        return None
    return all(failed for failed, _ in known), min(times for _, times in known)


def _earlier(text: str) -> tuple[bool, int] | None:
    failed, treated = bool(_FAILED.search(text)), bool(_TREATED.search(text))
    if not failed and not treated:
        return None
    counts = [_SIGNS[sign] for sign in _TIMES.findall(text)]
    counts += [_SIGNS[sign] - 1 for sign in _LINE.findall(text)]
    return failed, min(counts, default=1)

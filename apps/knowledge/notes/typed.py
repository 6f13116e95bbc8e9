"""Phrases that name a sex, a level, a type of care, a fund or a length of payment."""

from __future__ import annotations

import re
from typing import Literal

from apps.knowledge.notes.model import Course

Typed = Literal["sex", "level", "care", "fund"]

TOP = "三级"  # no level above: "三级医院" needs no "及以上"
_NUMBERS = {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
}
_LEVEL = re.compile(
    r"(?P<level>三级|二级|一级)(?P<up>及?以上|（含）以上)?(?:综合|定点)?(?:医疗机构|医院|医疗单位|(?<=定点)机构)(?:使用|支付)?的?"
)
_COURSE = re.compile(
    r"(?:单次(?:住院)?|每次(?:住院)?)?(?:支付(?:期限)?|连续使用|最多支付|累计支付|住院|疗程)*(?:不超过|最多支付|最多|至多)"
    r"(?P<number>[0-9]+|[一二两三四五六七八九十])(?P<unit>天|日|个月|周|个疗程|疗程|年)"
)
_SIMPLE: tuple[tuple[re.Pattern[str], Typed, str], ...] = (
    (re.compile(r"(?:女性|妇女)(?=患者|的|，|；|。|$|骨|乳|子宫)的?"), "sex", "女"),
    (re.compile(r"(?:男性)(?=患者|的|，|；|。|$)的?"), "sex", "男"),
    (re.compile(r"女性"), "sex", "女"),
    (re.compile(r"男性"), "sex", "男"),
    (
        re.compile(r"住院(?=患者|期间|方可|使用|，|；|。|$)(?:方可支付|方予支付|使用)?"),
        "care",
        "住院",
    ),
    (re.compile(r"门诊(?=患者|使用|，|；|。|$)(?:使用)?"), "care", "门诊"),
    (re.compile(r"工伤保险(?:基金)?(?:支付)?"), "fund", "工伤"),
    (re.compile(r"生育保险(?:基金)?(?:支付)?"), "fund", "生育"),
)


def simple_at(text: str, start: int) -> tuple[Typed, str, int] | None:
    """The typed word at a place: what it is, its value and where it ends."""
    found = _LEVEL.match(text, start)
    if found and (found["up"] or found["level"] == TOP):
        return "level", found["level"], found.end()
    best: tuple[Typed, str, int] | None = None
    for pattern, kind, value in _SIMPLE:
        match = pattern.match(text, start)
        if match and (best is None or match.end() > best[2]):
            best = kind, value, match.end()
    return best


def course_at(text: str, start: int) -> tuple[Course, int] | None:
    """The length of payment at a place, and where its words end."""
    found = _COURSE.match(text, start)
    if found is None:
        return None
    number = int(found["number"]) if found["number"].isdigit() else _NUMBERS[found["number"]]
    unit = {"日": "天", "疗程": "个疗程"}.get(found["unit"], found["unit"])
    return Course(number, unit), found.end()

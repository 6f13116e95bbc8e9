"""The names under which rule files write types, in both spellings."""

from __future__ import annotations

from rulelang import types
from rulelang.types import Type
from rulelang.vocabulary import Vocabulary

NAMES: dict[str, Type] = {
    zh_or_en: found
    for names, found in (
        (("是否", "yes_no"), types.YES_NO),
        (("文本", "text"), types.TEXT),
        (("数值", "value"), types.Type("measure")),
        (("金额", "money"), types.MONEY),
        (("比例", "ratio"), types.RATIO),
        (("日期", "date"), types.DATE),
        (("日期时间", "datetime"), types.DATETIME),
        (("年龄", "age"), types.AGE),
        (("时长", "duration"), types.DAYS),
        (("数量", "quantity"), types.QUANTITY),
        (("窗口", "window"), types.WINDOW),
    )
    for zh_or_en in names
}

CODE_SUFFIXES = (("编码集", "codes"), ("_codes", "codes"), ("编码", "code"), ("_code", "code"))

WINDOW_WORDS: dict[str, str] = {
    "同日": "same_day", "same_day": "same_day",
    "同次": "same_visit", "same_visit": "same_visit",
    "同处方": "same_prescription", "same_prescription": "same_prescription",
    "同小时": "same_hour", "same_hour": "same_hour",
    "至今": "so_far", "so_far": "so_far",
    "本月": "this_month", "this_month": "this_month",
    "本年": "this_year", "this_year": "this_year",
}  # fmt: skip


def type_named(name: str, vocabulary: Vocabulary) -> Type | None:
    """The type that a rule file calls `name`: simple, code system, enumeration or entity.

    `诊断编码`/`diagnosis_code` is a code of a system, `诊断编码集`/`diagnosis_codes` a set of such
    codes in one cell.
    """
    if name in NAMES:
        return NAMES[name]
    system = vocabulary.system_named(name)
    if system is not None:
        return types.code(system.en)
    for suffix, kind in CODE_SUFFIXES:
        if name.endswith(suffix):
            stem = name.removesuffix(suffix)
            base = "编码" if not name.isascii() else "_code"
            for spelling in (stem, stem + base):
                system = vocabulary.system_named(spelling)
                if system is not None:
                    return Type("codes" if kind == "codes" else "code", system.en)
    found = vocabulary.enum_named(name)
    if found is not None:
        return types.enum(found.en)
    entity = vocabulary.entity(name)
    return types.entity(entity.en) if entity is not None else None


def all_names(vocabulary: Vocabulary) -> list[str]:
    """Every spelling that names a type, for suggestions."""
    names = list(NAMES)
    for group in (vocabulary.systems, vocabulary.enums, vocabulary.entities):
        for key, item in group.items():
            names += [key, item.zh]
    return names

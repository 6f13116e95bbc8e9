"""The names under which rule files write types, in both spellings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from rulelang import types
from rulelang.types import Type
from rulelang.vocabulary import CodeSystem, Vocabulary, load

_SIMPLE = (
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
NAMES: dict[str, Type] = {zh_or_en: found for names, found in _SIMPLE for zh_or_en in names}

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
    if system is not None and name not in vocabulary.entities:  # its code is institution_code
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


@cache
def type_pairs() -> Mapping[str, str]:
    """Either spelling of a type's name to the other; a third spelling of a type has no other."""
    vocabulary = load()
    found: dict[str, str] = {}
    for zh, en in _pairs(vocabulary):
        meant = type_named(zh, vocabulary)
        if meant is not None and meant == type_named(en, vocabulary) and not {zh, en} & set(found):
            found |= {zh: en, en: zh}
    return found


def _pairs(vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    for names, _ in _SIMPLE:
        yield names
    for system in vocabulary.systems.values():
        yield from _system_pairs(system)
    for enum in vocabulary.enums.values():
        yield enum.zh, enum.en
    for entity in vocabulary.entities.values():
        yield entity.zh, entity.en


def _system_pairs(system: CodeSystem) -> Iterator[tuple[str, str]]:
    stem = system.zh.removesuffix("编码")
    english = [name for name in system.also if name.isascii()]
    coded = english[0] if english else f"{system.en}_code"
    if stem == system.zh:
        yield system.zh, system.en
    yield f"{stem}编码", coded
    yield f"{stem}编码集", f"{coded}s"

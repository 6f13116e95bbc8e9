"""Types in words, as an author would call them. Chinese without blanks, English with its article."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from rulelang import core
from rulelang.diagnostics import Words
from rulelang.types import Type
from rulelang.vocabulary import CodeSystem, Vocabulary

_WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "yes_no": Words("是否", "yes or no"),
        "text": Words("文本", "a text"),
        "number": Words("数", "a number"),
        "money": Words("金额", "an amount of money"),
        "ratio": Words("比例", "a ratio"),
        "points": Words("百分点", "percentage points"),
        "date": Words("日期", "a date"),
        "datetime": Words("日期时间", "a date with a time"),
        "age": Words("年龄", "an age"),
        "days": Words("时长（天）", "a number of days"),
        "months": Words("时长（月、年）", "a number of months"),
        "seconds": Words("时长（小时、分钟）", "a length of hours"),
        "interval": Words("时间差", "a difference of times"),
        "quantity": Words("数量", "a quantity"),
        "rate": Words("频次", "a rate"),
        "window": Words("窗口", "a window"),
        "tuple": Words("组合键", "a composite key"),
        "error": Words("（有误）", "(in error)"),
    }
)
_PLURALS: Mapping[str, str] = MappingProxyType(
    {"diagnosis": "diagnoses", "community": "communities"}
)


class Declared(Protocol):
    """What has been declared, as far as types are named after it."""

    @property
    def tables(self) -> Mapping[str, core.Table]:
        """Tables by id."""

    @property
    def evidence(self) -> Mapping[str, core.EvidenceDef]:
        """Evidence facts by id."""


def say_type(type_: Type, vocabulary: Vocabulary, declared: Declared) -> Words:
    """A type in both languages."""
    match type_.kind:
        case "code" | "codes":
            return _code(vocabulary.systems.get(type_.name), many=type_.kind == "codes")
        case "enum":
            known = vocabulary.enums.get(type_.name)
            if known is not None:
                return Words(known.zh, f"`{known.en}`")
            return _declared_enum(type_.name, declared)
        case "entity":
            return _entity(type_.name, vocabulary, declared)
        case "collection":
            return _collection(type_.element, vocabulary, declared)
        case "measure":
            unit = type_.name
            return (
                Words(f"数值（{unit}）", f"a value in {unit}") if unit else Words("数值", "a value")
            )
        case _:
            return _WORDS[type_.kind]


def article(noun: str) -> str:
    """An English noun behind its article."""
    return f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}"


def _code(system: CodeSystem | None, *, many: bool) -> Words:
    if system is None:
        return Words("编码集", "codes") if many else Words("编码", "a code")
    spelt = next((name for name in system.also if name.isascii()), system.en).replace("_", " ")
    noun = spelt if spelt.endswith("code") or "编码" not in system.zh else f"{spelt} code"
    return Words(f"{system.zh}集", f"{noun}s") if many else Words(system.zh, article(noun))


def _declared_enum(name: str, declared: Declared) -> Words:
    evidence = declared.evidence.get(name)
    if evidence is not None:
        return Words(evidence.name.zh, f"`{evidence.name.en}`")
    owner, _, column = name.rpartition(".")
    for found in (declared.tables.get(owner), declared.evidence.get(owner)):
        columns = () if found is None else _columns(found)
        for each in columns:
            if each.name.en == column:
                return Words(each.name.zh, f"`{each.name.en}`")
    return Words("词", "a word")


def _columns(found: core.Table | core.EvidenceDef) -> tuple[core.TableColumn, ...]:
    return found.columns if isinstance(found, core.Table) else (*found.fields, *found.parameters)


def _entity(name: str, vocabulary: Vocabulary, declared: Declared) -> Words:
    head, _, tail = name.partition(":")
    if head == "row" and tail in declared.tables:
        table = declared.tables[tail].name
        return Words(f"知识表 `{table.zh}` 的一行", f"a row of `{table.en}`")
    if head == "record" and tail in declared.evidence:
        evidence = declared.evidence[tail].name
        return Words(f"证据 `{evidence.zh}` 的一次记录", f"a record of `{evidence.en}`")
    if name == "group":
        return Words("这一组", "the group")
    kind = vocabulary.entities.get(name)
    return Words(kind.zh, article(kind.en)) if kind is not None else Words("一行", "a row")


def _collection(element: Type | None, vocabulary: Vocabulary, declared: Declared) -> Words:
    if element is None or element.kind != "entity":
        return Words("许多个", "a collection")
    head, _, tail = element.name.partition(":")
    if head == "row" and tail in declared.tables:
        table = declared.tables[tail].name
        return Words(f"知识表 `{table.zh}` 的许多行", f"many rows of `{table.en}`")
    if head == "record" and tail in declared.evidence:
        evidence = declared.evidence[tail].name
        return Words(f"证据 `{evidence.zh}` 的多次记录", f"the records of `{evidence.en}`")
    kind = vocabulary.entities.get(element.name)
    if kind is None:
        return Words("许多个", "a collection")
    return Words(f"许多{kind.zh}", f"a collection of {_PLURALS.get(kind.en, kind.en + 's')}")

"""The vocabulary: what a rule may name, read from the *.toml files of this folder.

The files are the single source. A field's table name is its English name:

    [entity]                    # once a file that declares an entity
    name = "patient"            # English name, also the kind of the entity
    zh = "患者"

    [field.birth_date]
    zh = "出生日期"
    type = "date"               # see `read_type`
    meaning = {zh = "…", en = "…"}
    source = "3101 brdy"        # national interface field, or D derived, E evidence, S site
    supplier = "registration"   # who may supply or correct it: a key of [suppliers] in suppliers.toml
    identifies = false          # true: tells which product a line bills (S12.2)
    of_period = false           # true: a figure of a period (针对 机构 每 自然月)

    [link.person]               # another entity that this one belongs to; carries no fact of its own
    zh = "就诊人"
    to = "patient"
    meaning = {zh = "…", en = "…"}

    [enum.care_type]
    zh = "就医方式"
    hierarchical = true         # compared with 属于 only (S5)
    ordered = false             # compared with < and > by rank (S6)
    [enum.care_type.word.inpatient]
    zh = "住院"
    codes = ["2"]               # codes of the national interface that mean this word
    parents = []                # words above it
    rank = 1                    # only where ordered; words without a rank are incomparable
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from rulelang import types
from rulelang.diagnostics import Words
from rulelang.types import Type

SIMPLE = {
    "yes_no": types.YES_NO,
    "text": types.TEXT,
    "number": types.NUMBER,
    "money": types.MONEY,
    "ratio": types.RATIO,
    "date": types.DATE,
    "datetime": types.DATETIME,
    "age": types.AGE,
    "days": types.DAYS,
    "quantity": types.QUANTITY,
    "window": types.WINDOW,
    "rate": Type("rate"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One fact that a rule may name."""

    entity: str
    zh: str
    en: str
    type: Type
    meaning: Words
    source: str
    supplier: str
    identifies: bool = False
    of_period: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Another entity that one belongs to, by the name that rules use."""

    zh: str
    en: str
    to: str  # its kind
    meaning: Words


@dataclass(frozen=True, slots=True)
class EntityKind:
    """One kind of thing that has facts: patient, line ..."""

    en: str
    zh: str
    fields: Mapping[str, Field]
    links: Mapping[str, Link]


@dataclass(frozen=True, slots=True)
class Word:
    """One word of an enumeration; its English spelling is its identity."""

    en: str
    zh: str
    codes: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A closed list of words."""

    en: str
    zh: str
    words: Mapping[str, Word]
    hierarchical: bool = False
    ordered: bool = False

    def is_under(self, word: str, above: str) -> bool:
        """Whether `word` is `above` or stands below it."""
        if word == above:
            return True
        return any(self.is_under(parent, above) for parent in self.words[word].parents)

    def by_code(self, code: str) -> Word | None:
        """The word whose code is the longest prefix of `code` (exact where not hierarchical)."""
        best: tuple[int, Word] | None = None
        for word in self.words.values():
            for known in word.codes:
                fits = code.startswith(known) if self.hierarchical else code == known
                if fits and (best is None or len(known) > best[0]):
                    best = (len(known), word)
        return best[1] if best else None


@dataclass(frozen=True, slots=True)
class CodeSystem:
    """A system of codes; `pattern` is what a resolved code looks like (S5.1).

    `also` holds further spellings under which rule files name it. `nested`: codes are equal only to
    themselves, yet 属于 reads them as areas within areas (divisions by pairs of digits).
    """

    en: str
    zh: str
    hierarchical: bool
    pattern: str
    also: tuple[str, ...] = ()
    nested: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """All of it, keyed by English name."""

    entities: Mapping[str, EntityKind]
    enums: Mapping[str, Enumeration]
    systems: Mapping[str, CodeSystem]
    suppliers: Mapping[str, Words]

    def field(self, kind: str, name: str) -> Field | None:
        """The field of an entity kind by either spelling."""
        return self._fields.get((kind, name))

    @cached_property
    def _fields(self) -> Mapping[tuple[str, str], Field]:
        """The fields of all entity kinds, by kind and either spelling."""
        found: dict[tuple[str, str], Field] = {}
        for kind, entity in self.entities.items():
            for each in entity.fields.values():
                found.setdefault((kind, each.zh), each)
            found.update(((kind, name), each) for name, each in entity.fields.items())
        return found

    def link(self, kind: str, name: str) -> Link | None:
        """What an entity kind belongs to, by either spelling."""
        entity = self.entities.get(kind)
        links = entity.links.values() if entity is not None else ()
        return next((link for link in links if name in {link.zh, link.en}), None)

    def entity(self, name: str) -> EntityKind | None:
        """An entity kind by either spelling."""
        direct = self.entities.get(name)
        if direct is not None:
            return direct
        return next((found for found in self.entities.values() if found.zh == name), None)

    def enum_named(self, name: str) -> Enumeration | None:
        """An enumeration by either spelling."""
        direct = self.enums.get(name)
        if direct is not None:
            return direct
        return next((found for found in self.enums.values() if found.zh == name), None)

    def word(self, enum: str, name: str) -> Word | None:
        """A word of an enumeration by either spelling."""
        words = self.enums[enum].words
        direct = words.get(name)
        if direct is not None:
            return direct
        return next((found for found in words.values() if found.zh == name), None)

    def system_named(self, name: str) -> CodeSystem | None:
        """A code system by either spelling."""
        direct = self.systems.get(name)
        if direct is not None:
            return direct
        return next(
            (found for found in self.systems.values() if name == found.zh or name in found.also),
            None,
        )


def read_type(text: str) -> Type:
    """The type that a field's `type` text names.

    Simple names as in `SIMPLE`; `measure:g/L`; `code:drug`; `enum:sex`; `entity:encounter`;
    `collection:line`.

    Raises:
        ValueError: if the text names none.
    """
    if text in SIMPLE:
        return SIMPLE[text]
    head, _, tail = text.partition(":")
    if head == "collection" and tail:
        return types.collection(types.entity(tail))
    if head in {"code", "codes", "enum", "entity", "measure"} and tail:
        return Type(head, tail)  # type: ignore[arg-type]
    message = f"not a type of the vocabulary: {text}"
    raise ValueError(message)


@cache
def load() -> Vocabulary:
    """The vocabulary that this package ships."""
    entities: dict[str, EntityKind] = {}
    enums: dict[str, Enumeration] = {}
    systems: dict[str, CodeSystem] = {}
    suppliers: dict[str, Words] = {}
    folder = files(__name__)
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if not entry.name.endswith(".toml"):
            continue
        data = tomllib.loads(entry.read_text(encoding="utf-8"))
        if "entity" in data:
            kind = _entity(data)
            entities[kind.en] = kind
        enums.update({name: _enum(name, body) for name, body in data.get("enum", {}).items()})
        for name, body in data.get("system", {}).items():
            systems[name] = CodeSystem(
                name,
                body["zh"],
                body["hierarchical"],
                body["pattern"],
                tuple(body.get("also", ())),
                body.get("nested", False),
            )
        for name, body in data.get("suppliers", {}).items():
            suppliers[name] = Words(body["zh"], body["en"])
    return Vocabulary(entities, enums, systems, suppliers)


def _entity(data: Mapping[str, Any]) -> EntityKind:
    name = data["entity"]["name"]
    fields = {
        en: Field(
            entity=name,
            zh=body["zh"],
            en=en,
            type=read_type(body["type"]),
            meaning=Words(body["meaning"]["zh"], body["meaning"]["en"]),
            source=body["source"],
            supplier=body["supplier"],
            identifies=body.get("identifies", False),
            of_period=body.get("of_period", False),
        )
        for en, body in data.get("field", {}).items()
    }
    links = {
        en: Link(body["zh"], en, body["to"], Words(body["meaning"]["zh"], body["meaning"]["en"]))
        for en, body in data.get("link", {}).items()
    }
    return EntityKind(name, data["entity"]["zh"], fields, links)


def _enum(name: str, body: Mapping[str, Any]) -> Enumeration:
    words = {
        en: Word(
            en,
            word["zh"],
            tuple(word.get("codes", ())),
            tuple(word.get("parents", ())),
            word.get("rank"),
        )
        for en, word in body["word"].items()
    }
    return Enumeration(
        name, body["zh"], words, body.get("hierarchical", False), body.get("ordered", False)
    )

"""From a field of the request to a fact: constants and maps of the profile, reading, notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from engine.codes import half_width, is_resolved, normalise
from engine.facts import UNKNOWN_VALUE, Entity, Fact, Foreign
from engine.intake.readers import Reading, as_text, read_code_of
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from engine.intake.nodes import Node, Sent
    from engine.intake.notes import Notes
    from engine.profile import Profile

Read = Callable[[object], Reading]
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table of fields: fact, field of the interface, how it is read.

    With `once`, a trouble that repeats with the same value is noted at its first place only. An
    `extra` is no field of 3101: where it was not sent, it has no place there either.
    """

    fact: str
    field: str
    read: Read
    once: bool = False
    extra: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """One object of the request, read with one sender's profile."""

    node: Node
    notes: Notes
    profile: Profile

    def at(self, node: Node) -> Source:
        """The same sender's other object."""
        return replace(self, node=node)

    def fact(self, field: str, read: Read, *, once: bool = False) -> Fact:
        """What a field says; unknown where it was not sent, is a constant, or cannot be used."""
        sent = self.node.get(field)
        if sent is None:
            return Fact(UNKNOWN_VALUE, pointer=self.node.place(field))
        if self.is_constant(field, sent):
            return self._constant(field, sent)
        reading = read(self.mapped(field, sent.raw))
        if reading.trouble is None:
            return Fact(reading.value, sent.pointer, sent.raw)
        add = self.notes.add_once if once else self.notes.add
        add(sent.pointer, field, sent.raw, reading.trouble)
        why = reading.trouble if reading.value.is_nothing else None
        return Fact(reading.value, sent.pointer, sent.raw, why)

    def fill(self, entity: Entity, rows: tuple[Row, ...]) -> None:
        """Store the facts of a table of fields."""
        for row in rows:
            if row.extra and row.field not in self.node.fields:
                continue
            entity.facts[row.fact] = self.fact(row.field, row.read, once=row.once)

    def is_constant(self, field: str, sent: Sent) -> bool:
        """Whether the profile says that this sender always sends this value (S2.2)."""
        constant = self.profile.constants.get(field)
        return constant is not None and as_text(sent.raw) == constant

    def mapped(self, field: str, raw: object) -> object:
        """The value that the profile's dictionary gives for what was sent, or what was sent."""
        dictionary: Mapping[str, str] = self.profile.maps.get(field, {})
        text = as_text(raw) if dictionary else None
        return raw if text is None else dictionary.get(half_width(text), raw)

    def note(self, field: str, zh: str, en: str) -> None:
        """Record an oddity of a field."""
        sent = self.node.get(field)
        raw = None if sent is None else sent.raw
        self.notes.add(self.node.place(field), field, raw, Words(zh, en))

    def _constant(self, field: str, sent: Sent) -> Fact:
        why = Words(
            "该机构总是发送此值，不能当作事实",
            "this sender always sends this value; it states nothing",
        )
        self.notes.add_once(sent.pointer, field, sent.raw, why)
        return Fact(UNKNOWN_VALUE, sent.pointer, sent.raw, why)


def code_in(system: str) -> Read:
    """The reader of codes of one system."""
    return partial(read_code_of, system)


def department(source: Source, code_field: str, name_field: str) -> Fact:
    """A department's code; code and name are swapped back where they plainly are (variant 8)."""
    code, name = source.node.text(code_field), source.node.text(name_field)
    swapped = (
        _CHINESE.search(code) is not None
        and is_resolved("dept", normalise("dept", name))
        and not is_resolved("dept", normalise("dept", code))
    )
    if not swapped:
        return source.fact(code_field, code_in("dept"), once=True)
    source.note(code_field, "科室编码与名称对调", "code and name of the department are swapped")
    return source.fact(name_field, code_in("dept"), once=True)


def known_code(fact: Fact) -> str | None:
    """The resolved code of a fact, or None."""
    choices = fact.value.choices
    if choices is None or len(choices) != 1:
        return None
    (code,) = choices
    return None if isinstance(code, Foreign) else str(code)


def known_word(fact: Fact) -> str | None:
    """The one word of a fact, or None."""
    choices = fact.value.choices
    return str(next(iter(choices))) if choices is not None and len(choices) == 1 else None

"""One object or list of the request under the interface's names, each value with its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.intake.aliases import OWN_NAMES, canonical, snake_case
from engine.intake.notes import PERSONAL_FIELDS, Notes
from engine.intake.readers import as_text, is_blank
from engine.intake.reading import pointer_step
from rulelang.diagnostics import Words


@dataclass(frozen=True, slots=True)
class Sent:
    """A value as it was sent, with its place."""

    pointer: str
    raw: object

    @property
    def is_blank(self) -> bool:
        """Whether it says nothing: null, "", "-"."""
        return is_blank(self.raw)


@dataclass(frozen=True, slots=True)
class Node:
    """One object; `fields` are keyed by the interface's names.

    `lacks` names the fields that its transaction does not have at all: not to send them is no
    oddity.
    """

    pointer: str
    fields: Mapping[str, Sent]
    lacks: frozenset[str] = frozenset()

    def get(self, name: str) -> Sent | None:
        """What was sent under a name, None where nothing was."""
        return self.fields.get(name)

    def place(self, name: str) -> str:
        """The pointer of a field, also of one that was not sent."""
        sent = self.fields.get(name)
        return sent.pointer if sent is not None else self.pointer + pointer_step(name)

    def text(self, name: str) -> str:
        """A field as text; empty where nothing was sent or what was sent is no scalar."""
        sent = self.fields.get(name)
        if sent is None or sent.is_blank:
            return ""
        return as_text(sent.raw) or ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of objects as it was sent.

    `sent` is None where the key was missing; `is_whole` is false where a member could not be read,
    so that what is known of the list is not all of it; `why_open` then says why, where it is for
    another reason.
    """

    nodes: tuple[Node, ...]
    pointer: str
    sent: Sent | None = None
    is_whole: bool = True
    why_open: Words | None = None

    @property
    def is_sent_empty(self) -> bool:
        """Whether the key was there and held nothing: [], "" or null."""
        return self.sent is not None and not self.nodes and self.is_whole


_OTHER_NAMES = Words(
    "字段名不是接口的写法，按别名读取", "names are not the interface's own; read by their aliases"
)

ReadNode = Callable[[Mapping[object, object], str], Node]


def read_node(raw: Mapping[object, object], pointer: str, scope: str, notes: Notes) -> Node:
    """An object under the interface's names.

    Where two keys mean one field, the one in the interface's own spelling counts, unless it is
    blank; two that say different things leave a note.
    """
    fields: dict[str, Sent] = {}
    exact: set[str] = set()
    own = OWN_NAMES.get(scope, frozenset())
    for key, value in raw.items():
        name = canonical(scope, str(key))
        sent = Sent(pointer + pointer_step(key), value)
        if str(key) != name and str(key) not in own and not sent.is_blank:
            notes.add_topic(sent.pointer, name, str(key), _OTHER_NAMES)
        before = fields.get(name)
        if before is None or before.is_blank:
            fields[name] = sent
        elif not sent.is_blank:
            _note_double(name, before, sent, notes)
            if str(key) == name and name not in exact:
                fields[name] = sent
        if str(key) == name and not sent.is_blank:
            exact.add(name)
    return Node(pointer, fields)


def _note_double(name: str, before: Sent, sent: Sent, notes: Notes) -> None:
    if as_text(before.raw) != as_text(sent.raw):
        words = Words(
            f"`{name}` 以两个名字发送，内容不同，以接口的名字为准",
            f"`{name}` was sent under two names with different contents; the interface's name counts",
        )
        notes.add(sent.pointer, name, sent.raw, words)


def read_list(sent: Sent | None, pointer: str, read: ReadNode, notes: Notes, field: str) -> Listed:
    """A list of objects; one object stands for a list of one."""
    if sent is None:
        return Listed((), pointer)
    raw = sent.raw
    if isinstance(raw, dict) and raw:
        words = Words("应是数组，按只有一项的数组读取", "a list is wanted; read as a list of one")
        notes.add(sent.pointer, field, raw, words)
        return Listed((read(raw, sent.pointer),), sent.pointer, sent)
    if isinstance(raw, list):
        return _read_members(raw, sent, read, notes, field)
    if sent.is_blank or raw == {}:
        return Listed((), sent.pointer, sent)
    notes.add(
        sent.pointer, field, raw, Words("应是数组，不能读取", "a list is wanted; cannot be read")
    )
    return Listed((), sent.pointer, sent, is_whole=False)


def _read_members(
    raw: list[object], sent: Sent, read: ReadNode, notes: Notes, field: str
) -> Listed:
    nodes: list[Node] = []
    whole = True
    for number, member in enumerate(raw):
        place = sent.pointer + pointer_step(number)
        if isinstance(member, dict):
            nodes.append(read(member, place))
            continue
        whole = False
        words = Words(
            "数组成员应是对象，不能读取", "an object is wanted in the list; cannot be read"
        )
        notes.add(place, field, member, words)
    return Listed(tuple(nodes), sent.pointer, sent, whole)


def personal_texts(tree: object) -> set[str]:
    """Names and numbers of persons anywhere in the request, that no note may repeat."""
    found: set[str] = set()
    waiting: list[object] = [tree]
    while waiting:
        current = waiting.pop()
        if isinstance(current, dict):
            for key, value in current.items():
                if isinstance(value, dict | list):
                    waiting.append(value)
                elif snake_case(str(key)) in PERSONAL_FIELDS and not is_blank(value):
                    found.add(as_text(value) or "")
        elif isinstance(current, list):
            waiting.extend(current)
    return {text for text in found if _identifies(text)}


def _identifies(text: str) -> bool:
    """Whether a text is long enough to tell a person: 王五, 330602..., but not "1"."""
    return len(text) >= (5 if text.isascii() else 2)

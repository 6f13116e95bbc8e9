"""Identifiers as their sender wrote them, looked up in the request at the place of an entity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.intake.aliases import canonical
from engine.intake.readers import as_text, is_blank

if TYPE_CHECKING:
    from engine.facts import Entity

_WRAPPERS = ("input", "data", "trig_scen")
_MAX_WRAPPERS = 8


def identifier(request: object, entity: Entity, field: str) -> str:
    """A field of an entity as it was sent; empty where it was not."""
    return _text(_at(request, entity.pointer), entity.kind, field)


def envelope_text(request: object, field: str) -> str:
    """A field of the request itself, from the outermost object that has it."""
    node = request
    for _ in range(_MAX_WRAPPERS):
        found = _text(node, "envelope", field)
        if found:
            return found
        inner = (_value(node, "envelope", name) for name in _WRAPPERS)
        node = next((each for each in inner if isinstance(each, dict)), None)
    return ""


def _text(node: object, scope: str, field: str) -> str:
    raw = _value(node, scope, field)
    if is_blank(raw):
        return ""
    return raw if isinstance(raw, str) else as_text(raw) or ""


def _value(node: object, scope: str, field: str) -> object:
    """The value of a field, under the interface's name or a sender's own."""
    if not isinstance(node, Mapping):
        return None
    if not is_blank(node.get(field)):
        return node[field]
    own = (value for name, value in node.items() if canonical(scope, str(name)) == field)
    return next((value for value in own if not is_blank(value)), None)


def _at(request: object, pointer: str) -> object:
    """What a JSON pointer leads to; None where it leads nowhere."""
    node = request
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, Mapping):
            node = node.get(key)
        elif isinstance(node, list) and key.isdecimal() and int(key) < len(node):
            node = node[int(key)]
        else:
            return None
    return node

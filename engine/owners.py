"""Whose an encounter or a line is: a person's, an institution's, a department's, a doctor's.

An owner is certain, one of several, or not known at all; who may be one is kept (S11.3).
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.derivation import Step
from engine.facts import Entity, Foreign, Value
from engine.interpreter.collect import bag_of
from engine.interpreter.lookup import read
from engine.interpreter.results import Context
from engine.population import UNNAMED
from rulelang.values import FALSE, TRUE, UNKNOWN, Truth, all_of, any_of


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose period it is: its kind, its key, and for a department its institution's key."""

    kind: str
    key: str
    within: str = ""


def owner_key(owner: Owner) -> tuple[object, ...]:
    """An order of owners of one kind."""
    return (owner.within, len(owner.key), owner.key)


def owners_of(element: Entity, kind: str, context: Context) -> tuple[Owner, ...]:
    """Everyone of a kind whom an element names as its owner; several where it is one of them."""
    above = element.links.get("institution")
    match kind:
        case "institution":
            return tuple(Owner(kind, key) for key in keys_of(above))
        case "community":
            value = above.value("community") if above is not None else Value()
            return tuple(Owner(kind, key) for key in _texts(value))
        case "department":
            value, _ = read(element, _department(element), context)
            keys = _texts(value)
            return tuple(Owner(kind, key, within) for within in keys_of(above) for key in keys)
        case _:
            if element.kind == "line":
                return tuple(Owner(kind, key) for key in _texts(element.value("doctor")))
            members = bag_of(element, "lines").items
            lines = (item.element for item in members if isinstance(item.element, Entity))
            found = (Owner(kind, key) for line in lines for key in _texts(line.value("doctor")))
            return tuple(dict.fromkeys(found))


def owned_by(element: Entity, owner: Owner, context: Context) -> tuple[Truth, Step | None]:
    """Whether an element is an owner's, and what that hangs on where it is not known."""
    above = element.links.get("institution")
    match owner.kind:
        case "institution":
            return _at(above, owner.key, context)
        case "community":
            if above is None:
                return FALSE, None
            value, step = read(above, "community", context)
            return _says(value, owner.key), step
        case "department":
            value, step = read(element, _department(element), context)
            truth, why = _at(above, owner.within, context)
            return all_of((truth, _says(value, owner.key))), why if truth is UNKNOWN else step
        case _:
            return _by_doctor(element, owner, context)


def keys_of(institution: Entity | None) -> tuple[str, ...]:
    """What an institution is known by: its code, else the key that was sent; none where unknown."""
    if institution is None:
        return ()
    found = _texts(institution.value("id"))
    if found:
        return found
    return () if institution.key.startswith(UNNAMED) else (institution.key,)


def _department(element: Entity) -> str:
    """A line is of the department that ordered it, an encounter of that of admission."""
    return "order_dept" if element.kind == "line" else "dept"


def _by_doctor(element: Entity, owner: Owner, context: Context) -> tuple[Truth, Step | None]:
    """A line is its doctor's; an encounter is of every doctor who ordered a line of it."""
    if element.kind == "line":
        value, step = read(element, "doctor", context)
        return _says(value, owner.key), step
    bag = bag_of(element, "lines")
    lines = [item.element for item in bag.items if isinstance(item.element, Entity)]
    found = [_by_doctor(line, owner, context) for line in lines]
    truth = any_of([*(known for known, _ in found), UNKNOWN if bag.open else FALSE])
    if truth is not UNKNOWN:
        return truth, None
    steps = tuple(step for known, step in found if known is UNKNOWN and step is not None)
    return truth, Step(None, "all", truth, (*steps, *bag.open))


def _texts(value: Value) -> tuple[str, ...]:
    found = (c.code if isinstance(c, Foreign) else str(c) for c in value.choices or ())
    return tuple(sorted(found))


def _at(institution: Entity | None, key: str, context: Context) -> tuple[Truth, Step | None]:
    if institution is None:
        return FALSE, None
    keys = keys_of(institution)
    if not keys or (key in keys and len(keys) > 1):
        return UNKNOWN, read(institution, "id", context)[1]
    return Truth.of(key in keys), None


def _says(value: Value, key: str) -> Truth:
    """Whether a value is an owner's key."""
    if value.absent is TRUE:
        return FALSE
    texts = _texts(value)
    if not texts:
        return UNKNOWN
    if key not in texts:
        return FALSE
    return TRUE if len(texts) == 1 and value.absent is FALSE else UNKNOWN

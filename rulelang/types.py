"""The types of the language. Knows nothing of values or of where facts come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "yes_no", "text", "number", "money", "ratio", "points", "date", "datetime", "age",
    "days", "months", "seconds", "interval", "quantity", "measure", "rate", "window",
    "code", "codes", "enum", "entity", "collection", "tuple", "error",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Type:
    """One type.

    `name` is the code system of a code or code set, the enum's name, the entity's kind, or the unit
    of a measure; `element` is what a collection holds; `items` are the parts of a tuple.
    """

    kind: Kind
    name: str = ""
    element: Type | None = None
    items: tuple[Type, ...] = ()


YES_NO = Type("yes_no")
TEXT = Type("text")
NUMBER = Type("number")
MONEY = Type("money")
RATIO = Type("ratio")
POINTS = Type("points")
DATE = Type("date")
DATETIME = Type("datetime")
AGE = Type("age")
DAYS = Type("days")
MONTHS = Type("months")
SECONDS = Type("seconds")
INTERVAL = Type("interval")
QUANTITY = Type("quantity")
WINDOW = Type("window")
ERROR = Type("error")

NUMERIC = frozenset(
    {"number", "money", "ratio", "points", "quantity", "measure", "days", "seconds"}
)
ORDERED = NUMERIC | {"rate", "date", "datetime", "age", "interval", "months"}


def entity(kind: str) -> Type:
    """The type of one patient, line, row ..."""
    return Type("entity", kind)


def collection(element: Type) -> Type:
    """The type of a collection of `element`."""
    return Type("collection", element=element)


def code(system: str) -> Type:
    """The type of a code of one system."""
    return Type("code", system)


def enum(name: str) -> Type:
    """The type of an enumeration."""
    return Type("enum", name)

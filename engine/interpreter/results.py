"""What evaluating an expression gives, and the state it is evaluated in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from engine.derivation import Step
from engine.facts import Bill, Entity, Value
from rulelang.values import FALSE, UNKNOWN, Range, Truth

if TYPE_CHECKING:
    from engine.tables import Tables
    from rulelang import core


@dataclass(frozen=True, slots=True, eq=False)
class RowItem:
    """A table row as a member of a collection."""

    table: core.Table
    row: core.Row
    keys: tuple[Any, ...]


Element: TypeAlias = Entity | RowItem


def identity(element: Element) -> tuple[int, str, int]:
    """What tells a member from all others, whatever the order of the request (S1.2)."""
    if isinstance(element, RowItem):
        return (0, "", element.row.number)
    return (len(element.key), element.key, element.order)


@dataclass(frozen=True, slots=True)
class Item:
    """A member of a collection: how sure its membership is, and why."""

    element: Element
    truth: Truth
    why: Step


@dataclass(frozen=True, slots=True)
class Bag:
    """A collection's known members, and what keeps it open (nothing: these are all)."""

    items: tuple[Item, ...]
    open: tuple[Step, ...] = ()
    closed: tuple[Step, ...] = ()

    @property
    def is_closed(self) -> bool:
        """Whether the members are all there are."""
        return not self.open


@dataclass(frozen=True, slots=True)
class Pointed:
    """An entity that an expression names: the candidates, whether there may be others or none."""

    candidates: tuple[Element, ...]
    others: bool = False
    absent: Truth = FALSE

    @property
    def exact(self) -> Element | None:
        """The one entity, if it is certain."""
        if len(self.candidates) == 1 and not self.others and self.absent is FALSE:
            return self.candidates[0]
        return None


@dataclass(frozen=True, slots=True)
class Group:
    """A group subject: its key, its members with their certainty, and its coverage.

    `keys` are the steps that the parts of the key came from, by their names.
    """

    entity: Entity
    bag: Bag
    keys: Mapping[str, Step] = field(default_factory=dict)


Result: TypeAlias = "tuple[Value | Truth | Bag | Pointed | Group | tuple[Value, ...], Step]"


class PeriodWorld(Protocol):
    """What rules on periods look at (`engine.periods`)."""

    def bag(self, entity: Entity, field: str, context: Context) -> Bag:
        """A subject's collection in its period."""

    def total_cost(self, entity: Entity, context: Context) -> Result:
        """A subject's total cost where nobody states it."""

    def person(self, patient: Entity) -> Entity:
        """The person that a bill's patient is."""

    def shifted(self, function: str, context: Context) -> Context:
        """The context with every subject as it was in another period."""

    def current(self, word: str, context: Context) -> Iterator[tuple[Entity, Truth, Step | None]]:
        """The periods of a bill's person."""

    def locals_of(self, entity: Entity) -> dict[str, Any]:
        """The names of a rule on a subject."""


@dataclass(eq=False)
class Context:
    """Everything an evaluation may look at. There is no clock: `on` is the governing date.

    `locals` bind names to elements, groups, or lets (evaluated once). `hidden` facts read as
    unknown: explanations use it to find what a conclusion can do without (S18).
    """

    program: core.Program
    tables: Tables
    bill: Bill
    on: Range
    evaluate: Evaluator
    locals: dict[str, Any] = field(default_factory=dict)
    lets: dict[str, Any] = field(default_factory=dict)
    hidden: frozenset[Any] = frozenset()
    anchor: Any = None
    on_leaf: Step | None = None
    rule_lets: tuple[core.Let, ...] = ()  # as written: what they are in another period (上期)
    periods: PeriodWorld | None = None  # where rules are on periods

    def bind(self, name: str, value: object) -> Context:
        """This context with one more local."""
        return Context(
            program=self.program,
            tables=self.tables,
            bill=self.bill,
            on=self.on,
            evaluate=self.evaluate,
            locals={**self.locals, name: value},
            lets=self.lets,
            hidden=self.hidden,
            anchor=self.anchor,
            on_leaf=self.on_leaf,
            rule_lets=self.rule_lets,
            periods=self.periods,
        )


Evaluator: TypeAlias = Callable[["core.Expr", Context], Result]


def exact_day(on: Range) -> date | None:
    """The governing date where it is certain."""
    return on.low if on.is_exact else None


def truth_of(value: Value) -> Truth:
    """The truth of a yes_no value; no value counts as unknown."""
    if value.unlimited:
        return Truth.of(known=True)
    if value.choices is None or value.absent is not FALSE:
        return UNKNOWN
    if len(value.choices) == 1:
        return Truth.of(next(iter(value.choices)))
    return UNKNOWN

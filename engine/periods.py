"""Institutions, departments, doctors, communities and persons per period, with their members.

A member belongs to a period as far as its date and its owner are known: what may belong is a member
whose membership is unknown, so figures over it are ranges (S8, S11.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from engine.derivation import CoverageLeaf, Step
from engine.facts import Bill, Entity, Fact, exactly, one
from engine.governing import governing
from engine.interpreter.collect import bag_of, member_step
from engine.interpreter.results import Bag, Context, Item, Pointed, Result
from engine.owners import Owner, keys_of, owned_by, owner_key, owners_of
from engine.period_coverage import coverage_of
from engine.population import UNNAMED, Population, members_of, merged_facts
from rulelang import core, types
from rulelang.calendar import to_days
from rulelang.periods import CalendarPeriod, calendar_period, previous, year_before
from rulelang.values import FALSE, TRUE, UNKNOWN, Range, Truth, all_of, less

MOST_STRETCHES = 3  # that one member known by bounds may open by itself
SHIFT = {"previous": previous, "year_before": year_before}
MEMBERS = frozenset({"lines", "encounters"})


class Periods:
    """The period subjects of a population; each is made once, so that it can be recognised."""

    def __init__(self, population: Population) -> None:
        """Gather what the bills hold."""
        self.population = population
        self._members = members_of(population)
        self._made: dict[tuple[Owner, CalendarPeriod], Entity] = {}
        self._of: dict[int, tuple[Owner, CalendarPeriod]] = {}
        self._periods: dict[CalendarPeriod, Entity] = {}
        self._owned: dict[str, dict[Owner, list[Entity]]] = {}
        self._items: dict[tuple[Owner, CalendarPeriod, str], tuple[Item, ...]] = {}
        self._spans: dict[tuple[Owner, str], tuple[CalendarPeriod, ...]] = {}

    # ------------------------------------------------------------ subjects

    def subjects(self, kind: str, word: str, context: Context) -> Iterator[Entity]:
        """All subjects of a kind in the periods that anything may belong to, in order."""
        for owner in self._by_owner(kind, context):
            for stretch in self._spanned(owner, word, context):
                yield self.entity(owner, stretch)

    def current(self, word: str, context: Context) -> Iterator[tuple[Entity, Truth, Step | None]]:
        """The periods of a bill's person that its encounter, or a line under audit, is in.

        Where the encounter's date is not known, the period of the time of asking may be the one.
        """
        bill = context.bill
        owner = self._person_owner(bill.patient)
        found: dict[CalendarPeriod, tuple[Truth, Step | None]] = {}
        for element in (bill.encounter, *bill.lines):
            on, step = governing(element, context)
            reach = self._reach(on, word)
            certain = len(reach) == 1
            if not reach and element is bill.encounter and bill.asked_at is not None:
                reach = (self._stretch(word, bill.asked_at.date()),)
            for stretch in reach:
                if certain or stretch not in found:
                    found[stretch] = (TRUE, None) if certain else (UNKNOWN, step)
        for stretch in sorted(found, key=lambda each: each.first):
            yield self.entity(owner, stretch), *found[stretch]

    def entity(self, owner: Owner, stretch: CalendarPeriod) -> Entity:
        """A subject in a period, with what is known of it there."""
        made = self._made.get((owner, stretch))
        if made is None:
            made = self._make(owner, stretch)
            self._made[owner, stretch] = made
            self._of[id(made)] = (owner, stretch)
        return made

    def locals_of(self, entity: Entity) -> dict[str, Any]:
        """The names of a rule on a subject."""
        owner, stretch = self._of[id(entity)]
        found = {entity.kind: Pointed((entity,)), "period": Pointed((self._period(stretch),))}
        if owner.kind == "department":
            above = self.entity(Owner("institution", owner.within), stretch)
            found["institution"] = Pointed((above,))
        return found

    def period_of(self, entity: Entity) -> CalendarPeriod:
        """The period of a subject."""
        return self._of[id(entity)][1]

    def person(self, patient: Entity) -> Entity:
        """The person that a bill's patient is, with all bills of the population."""
        return self._members.person_of.get(id(patient), patient)

    def bills_of(self, entity: Entity, context: Context) -> tuple[Bill, ...]:
        """The bills that a subject's encounters came with."""
        owner, _ = self._of[id(entity)]
        found = {
            id(bill): bill
            for element in self._by_owner(owner.kind, context).get(owner, ())
            for bill in (self._members.bill_of.get(id(element)),)
            if bill is not None
        }
        return tuple(found.values())

    # ------------------------------------------------------------ members

    def bag(self, entity: Entity, field: str, context: Context) -> Bag:
        """A subject's collection in its period, with its coverage."""
        owner, stretch = self._of[id(entity)]
        if field == "peers":
            items = tuple(
                Item(self.entity(each, stretch), TRUE, member_step(TRUE))
                for each in self._by_owner(owner.kind, context)
                if stretch in self._spanned(each, stretch.word, context)
            )
        elif field in MEMBERS:
            items = self._members_in(owner, stretch, field, context)
        else:
            return bag_of(entity, field)
        person = self._person_named(owner)
        coverage = coverage_of(self.population, owner, stretch, field, person)
        leaf = CoverageLeaf(entity, field, coverage)
        step = Step(None, "leaf", TRUE if coverage.closed else UNKNOWN, leaf=leaf)
        return Bag(items, closed=(step,)) if coverage.closed else Bag(items, open=(step,))

    def total_cost(self, entity: Entity, context: Context) -> Result:
        """A subject's total cost where nobody states it: the sum of its lines' amounts."""
        member, line = types.entity(entity.kind), types.entity("line")
        base = core.Local(type=member, name="_of_period")
        lines = core.Members(type=types.collection(line), base=base, field="lines")
        amount = core.Get(
            type=types.MONEY, base=core.Local(type=line, name="_line"), field="amount"
        )
        figure = core.Aggregate(
            type=types.MONEY, op="sum", collection=lines, element="_line", value=amount
        )
        return context.evaluate(figure, context.bind("_of_period", Pointed((entity,))))

    def _members_in(
        self, owner: Owner, stretch: CalendarPeriod, field: str, context: Context
    ) -> tuple[Item, ...]:
        found = self._items.get((owner, stretch, field))
        if found is None:
            kind = "line" if field == "lines" else "encounter"
            elements = self._by_owner(owner.kind, context).get(owner, ())
            items = (
                self._item(element, owner, stretch, context)
                for element in elements
                if element.kind == kind
            )
            found = tuple(item for item in items if item is not None)
            self._items[owner, stretch, field] = found
        return found

    def _item(
        self, element: Entity, owner: Owner, stretch: CalendarPeriod, context: Context
    ) -> Item | None:
        mine, why = self._is_owned(element, owner, context)
        on, dated = governing(element, context)
        days = to_days(on)
        first, last = Range.exactly(stretch.first), Range.exactly(stretch.last)
        lies = all_of((less(first, days, or_equal=True), less(days, last, or_equal=True)))
        truth = all_of((mine, lies))
        if truth is FALSE:
            return None
        steps = [
            step
            for known, step in ((mine, why), (lies, dated))
            if known is UNKNOWN and step is not None
        ]
        return Item(element, truth, member_step(truth, *steps))

    # ------------------------------------------------------------ whose

    def _by_owner(self, kind: str, context: Context) -> dict[Owner, list[Entity]]:
        """Everyone of a kind, with what is, or may be, theirs; what names nobody may be anyone's."""
        found = self._owned.get(kind)
        if found is not None:
            return found
        named: dict[Owner, list[Entity]] = {}
        for each in self.population.stated:
            if each.kind == kind and kind != "department":
                named.setdefault(Owner(kind, each.key), [])
        elements = (*self._members.encounters, *self._members.lines)
        theirs = [(element, self._owners(element, kind, context)) for element in elements]
        for _, owners in theirs:
            for owner in owners:
                named.setdefault(owner, [])
        for element, owners in theirs:
            known = set(owners)
            for owner, own in named.items():
                if owner in known or self._is_owned(element, owner, context)[0] is UNKNOWN:
                    own.append(element)
        found = {owner: named[owner] for owner in sorted(named, key=owner_key)}
        self._owned[kind] = found
        return found

    def _owners(self, element: Entity, kind: str, context: Context) -> tuple[Owner, ...]:
        if kind == "patient":
            return (self._person_owner(element.links["patient"]),)
        return owners_of(element, kind, context)

    def _is_owned(
        self, element: Entity, owner: Owner, context: Context
    ) -> tuple[Truth, Step | None]:
        if owner.kind == "patient":
            return Truth.of(self._person_owner(element.links["patient"]) == owner), None
        return owned_by(element, owner, context)

    def _person_owner(self, patient: Entity) -> Owner:
        person = self.person(patient)
        if not person.key.startswith(UNNAMED):
            return Owner("patient", person.key)
        return Owner("patient", f"{person.key}{person.pointer}")

    def _person_named(self, owner: Owner) -> Entity | None:
        if owner.kind != "patient":
            return None
        persons = (p for p in self._members.persons if self._person_owner(p) == owner)
        return next(persons, None)

    # ------------------------------------------------------------ when

    def _spanned(self, owner: Owner, word: str, context: Context) -> tuple[CalendarPeriod, ...]:
        """The periods that anything of an owner may belong to, or that are stated of it."""
        found = self._spans.get((owner, word))
        if found is None:
            spans: set[CalendarPeriod] = set()
            for element in self._by_owner(owner.kind, context).get(owner, ()):
                spans.update(self._reach(governing(element, context)[0], word))
            for each in self.population.stated:
                if (each.kind, each.key) == (owner.kind, owner.key) and each.first and each.facts:
                    stretch = self._stretch(word, each.first)
                    if (stretch.first, stretch.last) == (each.first, each.last):
                        spans.add(stretch)
            found = tuple(sorted(spans, key=lambda stretch: stretch.first))
            self._spans[owner, word] = found
        return found

    def _reach(self, on: Range, word: str) -> tuple[CalendarPeriod, ...]:
        """The periods that a date may lie in; none where that is too wide to tell."""
        if on.low is None or on.high is None:
            return ()
        found = [self._stretch(word, on.low)]
        while found[-1].last < on.high and len(found) <= MOST_STRETCHES:
            found.append(self._stretch(word, found[-1].last + timedelta(days=1)))
        return tuple(found) if len(found) <= MOST_STRETCHES else ()

    def _stretch(self, word: str, day: date) -> CalendarPeriod:
        return calendar_period(word, day, self.population.insurance_year_starts)

    # ------------------------------------------------------------ other periods

    def shifted(self, function: str, context: Context) -> Context:
        """The context with every subject and the period in it as they were then."""
        names = {name: self._moved(value, function) for name, value in context.locals.items()}
        on = context.on
        period = names.get("period")
        if isinstance(period, Pointed) and isinstance(period.exact, Entity):
            on = period.exact.value("last_day").range or on
        return replace(
            context,
            locals=names,
            lets={let.name: let for let in context.rule_lets},
            anchor=self._then(context.anchor, function),
            on=on,
            on_leaf=None,
        )

    def _moved(self, value: Any, function: str) -> Any:
        if not isinstance(value, Pointed):
            return value
        return replace(
            value, candidates=tuple(self._then(each, function) for each in value.candidates)
        )

    def _then(self, entity: Any, function: str) -> Any:
        """A subject of a period, or a period, as it was then; anything else as it is."""
        if isinstance(entity, Entity) and entity.kind == "period":
            known = next((s for s, made in self._periods.items() if made is entity), None)
            return entity if known is None else self._period(SHIFT[function](known))
        found = self._of.get(id(entity))
        return entity if found is None else self.entity(found[0], SHIFT[function](found[1]))

    # ------------------------------------------------------------ making

    def _make(self, owner: Owner, stretch: CalendarPeriod) -> Entity:
        same = self._same(owner)
        label = "" if owner.kind == "patient" else owner.key
        pointer, order = (same[0].pointer, same[0].order) if same else ("", 0)
        made = Entity(owner.kind, f"{label} {stretch.shown}".strip(), pointer, order)
        made.facts = merged_facts(same)
        for copy in reversed(same):  # the first counts: the same rows come beside every bill
            made.evidence |= copy.evidence
        if owner.kind not in {"patient", "institution"}:
            made.facts["id"] = Fact(one(owner.key))
        for each in self.population.stated:
            theirs = (each.kind, each.key) == (owner.kind, owner.key)
            if theirs and (
                each.first is None or (each.first, each.last) == (stretch.first, stretch.last)
            ):
                made.facts.update(each.facts)
        if owner.kind == "patient" and same:
            made.collections = dict(same[0].collections)
        made.links["period"] = self._period(stretch)
        return made

    def _same(self, owner: Owner) -> list[Entity]:
        """The entities of the bills that a subject is, in order."""
        person = self._person_named(owner)
        if person is not None:
            return [person]
        if owner.kind != "institution":
            return []
        found = {
            id(above): above
            for element in self._members.encounters
            for above in (element.links.get("institution"),)
            if above is not None and keys_of(above) == (owner.key,)
        }
        return sorted(found.values(), key=lambda each: (each.pointer, each.order))

    def _period(self, stretch: CalendarPeriod) -> Entity:
        made = self._periods.get(stretch)
        if made is None:
            made = Entity("period", stretch.shown, "")
            made.facts["first_day"] = Fact(exactly(stretch.first))
            made.facts["last_day"] = Fact(exactly(stretch.last))
            made.facts["days"] = Fact(exactly(stretch.days))
            self._periods[stretch] = made
        return made

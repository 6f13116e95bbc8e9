"""Refund lines set against the charges that they give back, before any rule runs (S9).

By explicit link; else against the one earlier line of the same product and price that suffices, if
it is the only candidate, with a note; else the refund stays as a member of its own and widens what
is known of the candidates. A line that is fully given back is no subject and no member, but stays
visible in `Bill.netted`.

INVARIANT: what is netted does not depend on the order of the refunds. Links go first; refunds of
one charge are taken together or, where the charge does not suffice for all of them, not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from engine.facts import Bill, Collection, Entity, Fact, IntakeNote
from rulelang.calendar import to_days
from rulelang.diagnostics import Words
from rulelang.values import (
    FALSE,
    TRUE,
    ZERO,
    Exact,
    Range,
    add,
    exact_add,
    exact_negative,
    larger,
    less,
)

PRODUCTS = ("drug", "item", "consumable", "herb")
FIGURES = ("quantity", "amount", "claimed_amount")


def net(bill: Bill) -> Bill:
    """The bill with its refunds netted; lines are changed in place, once."""
    if bill.netted is not None:
        return bill
    lines = _all_lines(bill)
    refunds = [line for line in lines if is_refund(line)]
    state = _State([line for line in lines if not is_refund(line)])
    linked = {refund: state.named_by(refund) for refund in refunds if _named(refund) is not None}
    state.take_all(linked)
    left = {**linked}
    while True:  # each round takes at least one refund
        found = {
            refund: state.candidates(refund)
            for refund in refunds
            if refund not in linked and refund not in state.taken
        }
        left |= found
        if not state.take_all(found):
            break
    notes = [_note(refund, left[refund], state, linked) for refund in refunds]
    for refund in refunds:
        if refund not in state.taken:
            _leave(refund, left[refund])
    return _without(bill, tuple(state.gone), tuple(note for note in notes if note is not None))


def is_refund(line: Entity) -> bool:
    """Whether a line is known to give money or goods back, so that it is no charge."""
    for name in ("quantity", "amount"):
        known = line.value(name).range
        if known is None or known.high is None:
            continue
        if known.high < 0 or (known.high == 0 and (known.high_open or not known.is_exact)):
            return True
    return False


@dataclass
class _State:
    """The charges while refunds are taken off them."""

    charges: list[Entity]
    taken: dict[Entity, Entity] = field(default_factory=dict)  # refund to charge
    gone: dict[Entity, None] = field(default_factory=dict)  # in the order in which they went

    def named_by(self, refund: Entity) -> list[Entity]:
        """The lines of its encounter that the refund itself names; their numbers may be doubled."""
        wanted = _named(refund)
        return [
            line
            for line in self.charges
            if wanted in (line.value("line_no").choices or ()) and _same_encounter(line, refund)
        ]

    def candidates(self, refund: Entity) -> list[Entity]:
        """Earlier lines of the same product, unit and price that suffice."""
        given = _figure(refund, "quantity")
        if given is not None and given >= 0:
            return []  # only money comes back: no line tells whose
        return [
            line
            for line in self.charges
            if line not in self.gone
            and _same_product(line, refund)
            and line.value("price").range == refund.value("price").range is not None
            and line.value("quantity").unit == refund.value("quantity").unit
            and _same_encounter(line, refund)
            and _not_later(line, refund)
            and _suffices(line, [refund])
        ]

    def take_all(self, found: dict[Entity, list[Entity]]) -> bool:
        """Take the refunds with one candidate off it, where it suffices for all of them."""
        of_charge: dict[Entity, list[Entity]] = {}
        for refund, candidates in found.items():
            if len(candidates) == 1:
                of_charge.setdefault(candidates[0], []).append(refund)
        took = False
        for charge, refunds in of_charge.items():
            if not _can_take(charge, refunds):
                continue
            took = True
            for refund in refunds:
                _give_back(charge, refund)
                self.taken[refund] = charge
                self.gone[refund] = None
            if _is_nothing_left(charge):
                self.gone[charge] = None
        return took


def _all_lines(bill: Bill) -> list[Entity]:
    found = list(bill.lines)
    for owner in (bill.patient, bill.encounter):
        lines = owner.collections.get("lines")
        found += lines.members if lines else ()
    return list(dict.fromkeys(found))


def _named(refund: Entity) -> object | None:
    """The number of the line that the refund itself names."""
    named = refund.value("refund_of").choices
    return next(iter(named)) if named is not None and len(named) == 1 else None


def _same_encounter(line: Entity, refund: Entity) -> bool:
    return line.links.get("encounter") is refund.links.get("encounter")


def _same_product(left: Entity, right: Entity) -> bool:
    for name in PRODUCTS:
        first, second = left.value(name), right.value(name)
        if first.choices is not None and len(first.choices) == 1:
            return first == second
    return False


def _not_later(line: Entity, refund: Entity) -> bool:
    begun, back = line.value("time").range, refund.value("time").range
    if begun is not None and back is not None and less(begun, back, or_equal=True) is FALSE:
        return False
    first, second = line.value("date").range, refund.value("date").range
    if first is None or second is None:
        return line.order < refund.order
    return less(to_days(first), to_days(second), or_equal=True) is TRUE


def _figure(line: Entity, name: str) -> Exact | None:
    known = line.value(name).range
    if known is None or not known.is_exact:
        return None
    exact: Exact = known.exact
    return exact


# Taking


def _suffices(charge: Entity, refunds: Sequence[Entity]) -> bool:
    """Whether a charge is as large as what is given back, in quantity and, where known, money."""
    left = _figure(charge, "quantity")
    if left is None:
        return False
    return all(_reaches(charge, refunds, name) for name in ("quantity", "amount"))


def _reaches(charge: Entity, refunds: Sequence[Entity], name: str) -> bool:
    """Whether one figure suffices; true where it is not known of one of them."""
    left = _figure(charge, name)
    for refund in refunds:
        given = _figure(refund, name)
        left = None if left is None or given is None else exact_add(left, given)
    return left is None or left >= 0


def _units_meet(charge: Entity, refund: Entity) -> bool:
    units = charge.value("quantity").unit, refund.value("quantity").unit
    return units[0] == units[1] or None in units


def _can_take(charge: Entity, refunds: Sequence[Entity]) -> bool:
    given = [_figure(refund, "quantity") for refund in refunds]
    return (
        all(one is not None and one < 0 for one in given)
        and all(_units_meet(charge, refund) for refund in refunds)
        and _suffices(charge, refunds)
    )


def _give_back(charge: Entity, refund: Entity) -> None:
    """Take the refund off the charge; money that is not known of the refund is left as a range."""
    for name in FIGURES:
        fact = charge.fact(name)
        mine, back = fact.value.range, refund.value(name).range
        if mine is None:
            continue
        if back is None:
            known = Range(Decimal(0), mine.high)
        elif mine.is_exact and back.is_exact and name != "claimed_amount":
            known = add(mine, back)
        else:
            known = larger(ZERO, add(mine, back))
        charge.facts[name] = _derived(fact, known, refund)


def _is_nothing_left(charge: Entity) -> bool:
    return _figure(charge, "quantity") == 0 and not _figure(charge, "amount")


# Leaving


def _leave(refund: Entity, candidates: Sequence[Entity]) -> None:
    """A refund that stays widens its candidates, and counts between all of itself and nothing.

    Nothing, because a total that holds it may not hold the charge that it gives back.
    """
    for candidate in candidates:
        _widen(candidate, refund)
    for name in FIGURES if candidates else ():
        fact = refund.fact(name)
        known = fact.value.range
        if known is not None and known.high is not None and known.high <= 0:
            places = tuple(candidate.pointer for candidate in candidates)
            value = replace(fact.value, range=Range(known.low, Decimal(0), known.low_open))
            refund.facts[name] = replace(fact, value=value, premises=(*fact.premises, *places))


def _widen(charge: Entity, refund: Entity) -> None:
    """What may or may not have been given back: between all of it and the charge less the refund."""
    same_unit = charge.value("quantity").unit == refund.value("quantity").unit
    for name in FIGURES:
        fact, back = charge.fact(name), refund.value(name).range
        mine = fact.value.range
        if mine is None or mine.low is None or mine.low < 0:
            continue
        least: Exact = Decimal(0)
        meets = same_unit or name != "quantity"
        if meets and back is not None and back.low is not None:
            least = max(least, exact_add(mine.low, back.low))
        is_open = mine.low_open and least == mine.low
        charge.facts[name] = _derived(
            fact, Range(least, mine.high, is_open, mine.high_open), refund
        )


def _derived(fact: Fact, known: Range, refund: Entity) -> Fact:
    premises = (*fact.premises, fact.pointer, refund.pointer)
    return replace(fact, value=replace(fact.value, range=known), premises=premises)


# Notes


def _note(
    refund: Entity, candidates: Sequence[Entity], state: _State, linked: Iterable[Entity]
) -> IntakeNote | None:
    """What was made of a refund; nothing has to be said of one that names its line."""
    charge, is_linked = state.taken.get(refund), refund in set(linked)
    if charge is not None:
        return None if is_linked else _taken_note(refund, charge)
    given = _figure(refund, "quantity")
    shown = "?" if given is None else str(exact_negative(given))
    return IntakeNote(refund.pointer, "refund", shown, _left_words(len(candidates), is_linked))


def _left_words(count: int, is_linked: bool) -> Words:  # noqa: FBT001 - read where it is called
    if is_linked and not count:
        return Words(
            "退费所冲的明细不在本单；保留为单独一行",
            "the line that the refund names is not here; it stays a line of its own",
        )
    if is_linked and count == 1:
        return Words(
            "退费多于所冲的明细，或数量、单位不能相抵；保留为单独一行",
            "more is given back than the named line holds, or their figures do not meet; it stays a line of its own",
        )
    if is_linked:
        return Words(
            f"退费所写的行号有{count}行；保留为单独一行",
            f"{count} lines have the number that the refund names; it stays a line of its own",
        )
    return Words(
        f"退费没有写明原明细，可能的原明细有{count}行；保留为单独一行",
        f"the refund names no line and {count} lines may be meant; it stays a line of its own",
    )


def _taken_note(refund: Entity, charge: Entity) -> IntakeNote:
    number = charge.order + 1
    return IntakeNote(
        refund.pointer,
        "refund",
        charge.key,
        Words(
            f"退费没有写明原明细；同一品种同一价格只有第{number}行可退，已冲减该行",
            f"the refund names no line; only line {number} has its product and price, and was reduced",
        ),
    )


def _without(bill: Bill, gone: tuple[Entity, ...], notes: tuple[IntakeNote, ...]) -> Bill:
    """The bill without the lines that are gone, and without prescriptions that held only them."""
    owners = [bill.patient, bill.encounter, *bill.prescriptions]
    history = bill.patient.collections.get("encounters")
    owners += history.members if history is not None else ()
    left = set(gone)
    emptied: set[Entity] = set()
    for owner in dict.fromkeys(owners):
        lines = owner.collections.get("lines")
        if lines is not None and left & set(lines.members):
            members = tuple(line for line in lines.members if line not in left)
            owner.collections["lines"] = Collection(members, lines.coverage)
            emptied |= set() if members else {owner}
    return replace(
        bill,
        lines=tuple(line for line in bill.lines if line not in left),
        prescriptions=tuple(one for one in bill.prescriptions if one not in emptied),
        netted=gone,
        notes=(*bill.notes, *notes),
    )

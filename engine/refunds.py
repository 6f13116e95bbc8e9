"""Refund lines set against the charges that they give back, before any rule runs (S9).

By explicit link; else against the one earlier line of the same product and price that suffices, if
it is the only candidate, with a note; else the refund stays as a member of its own and widens what
is known of the candidates. A line that is fully given back is no subject and no member, but stays
visible in `Bill.netted`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from engine.facts import Bill, Collection, Entity, Fact, IntakeNote
from rulelang.calendar import to_days
from rulelang.diagnostics import Words
from rulelang.values import TRUE, Exact, Range, exact_add, exact_negative, less

PRODUCTS = ("drug", "item", "consumable", "herb")
FIGURES = ("quantity", "amount", "claimed_amount")


def net(bill: Bill) -> Bill:
    """The bill with its refunds netted; lines are changed in place, once."""
    if bill.netted is not None:
        return bill
    lines = _all_lines(bill)
    refunds = [line for line in lines if is_refund(line)]
    gone: list[Entity] = []
    notes: list[IntakeNote] = []
    for refund in refunds:
        charges = [line for line in lines if line not in gone and not is_refund(line)]
        linked = _linked(refund, charges)
        candidates = [linked] if linked is not None else _candidates(refund, charges)
        if len(candidates) == 1 and _give_back(candidates[0], refund):
            gone.append(refund)
            if _figure(candidates[0], "quantity") == 0:
                gone.append(candidates[0])
            if linked is None:
                notes.append(_taken_note(refund, candidates[0]))
            continue
        for candidate in candidates:
            _widen(candidate, refund)
        notes.append(_left_note(refund, len(candidates)))
    return _without(bill, tuple(gone), tuple(notes))


def is_refund(line: Entity) -> bool:
    """Whether a line is known to give money or goods back."""
    for name in ("quantity", "amount"):
        known = line.value(name).range
        if known is None or known.high is None:
            continue
        if known.high < 0 or (known.high == 0 and known.high_open):
            return True
    return False


def _all_lines(bill: Bill) -> list[Entity]:
    found = list(bill.lines)
    for owner in (bill.patient, bill.encounter):
        lines = owner.collections.get("lines")
        found += lines.members if lines else ()
    return list(dict.fromkeys(found))


def _linked(refund: Entity, charges: Iterable[Entity]) -> Entity | None:
    """The line that the refund itself names."""
    named = refund.value("refund_of").choices
    if named is None or len(named) != 1:
        return None
    wanted = next(iter(named))
    found = [line for line in charges if wanted in (line.value("line_no").choices or ())]
    return found[0] if len(found) == 1 else None


def _candidates(refund: Entity, charges: Iterable[Entity]) -> list[Entity]:
    """Earlier lines of the same product, unit and price that suffice."""
    given = _figure(refund, "quantity")
    return [
        line
        for line in charges
        if _same_product(line, refund)
        and line.value("price").range == refund.value("price").range is not None
        and line.value("quantity").unit == refund.value("quantity").unit
        and line.links.get("encounter") is refund.links.get("encounter")
        and _not_later(line, refund)
        and (given is None or _suffices(line, given))
    ]


def _same_product(left: Entity, right: Entity) -> bool:
    for name in PRODUCTS:
        first, second = left.value(name), right.value(name)
        if first.choices is not None and len(first.choices) == 1:
            return first == second
    return False


def _not_later(line: Entity, refund: Entity) -> bool:
    first, second = line.value("date").range, refund.value("date").range
    if first is None or second is None:
        return line.order < refund.order
    return less(to_days(first), to_days(second), or_equal=True) is TRUE


def _suffices(line: Entity, given: Exact) -> bool:
    have = _figure(line, "quantity")
    return have is not None and have >= -given


def _figure(line: Entity, name: str) -> Exact | None:
    known = line.value(name).range
    if known is None or not known.is_exact:
        return None
    exact: Exact = known.exact
    return exact


def _give_back(charge: Entity, refund: Entity) -> bool:
    """Take the refund off the charge; false, and nothing done, where the figures do not allow it."""
    given, have = _figure(refund, "quantity"), _figure(charge, "quantity")
    if given is None or have is None or have < -given:
        return False
    for name in FIGURES:
        back, fact = _figure(refund, name), charge.fact(name)
        mine = _figure(charge, name)
        if fact.value.is_nothing:
            continue
        known = None if back is None or mine is None else Range.exactly(exact_add(mine, back))
        if known is None and name == "claimed_amount":
            continue
        charge.facts[name] = _derived(fact, known, refund)
    return True


def _widen(charge: Entity, refund: Entity) -> None:
    """What may or may not have been given back: between all of it and the charge less the refund."""
    for name in FIGURES:
        fact, mine, back = charge.fact(name), _figure(charge, name), _figure(refund, name)
        if mine is None or mine < 0:
            continue
        least = Decimal(0) if back is None else max(Decimal(0), exact_add(mine, back))
        charge.facts[name] = _derived(fact, Range(least, mine), refund)


def _derived(fact: Fact, known: Range | None, refund: Entity) -> Fact:
    premises = (*fact.premises, fact.pointer, refund.pointer)
    return replace(fact, value=replace(fact.value, range=known), premises=premises)


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


def _left_note(refund: Entity, count: int) -> IntakeNote:
    given = _figure(refund, "quantity")
    shown = "?" if given is None else str(exact_negative(given))
    return IntakeNote(
        refund.pointer,
        "refund",
        shown,
        Words(
            f"退费没有写明原明细，可能的原明细有{count}行；保留为单独一行",
            f"the refund names no line and {count} lines may be meant; it stays a line of its own",
        ),
    )


def _without(bill: Bill, gone: tuple[Entity, ...], notes: tuple[IntakeNote, ...]) -> Bill:
    left = set(map(id, gone))
    owners = [bill.patient, bill.encounter, *bill.prescriptions]
    history = bill.patient.collections.get("encounters")
    owners += history.members if history is not None else ()
    for owner in dict.fromkeys(owners):
        lines = owner.collections.get("lines")
        if lines is not None and left:
            members = tuple(line for line in lines.members if id(line) not in left)
            owner.collections["lines"] = Collection(members, lines.coverage)
    return replace(
        bill,
        lines=tuple(line for line in bill.lines if id(line) not in left),
        netted=gone,
        notes=(*bill.notes, *notes),
    )

"""Whether a line is claimed from the fund, and for how much: one ladder (S17.2)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.facts import Entity, Fact, Value, exactly, one

if TYPE_CHECKING:
    from engine.profile import Profile

CLAIMED_BY_DEFAULT = "claimed_by_default"
AMOUNT_AS_UPPER_BOUND = "amount_as_upper_bound"


@dataclass(frozen=True, slots=True)
class ClaimEvidence:
    """What a transaction says of a line's claim: each None where it says nothing usable.

    `approval` is hosp_appr_flag (0, 1, 2), `limited` lmt_used_flag. `own_pay` counts only where the
    sender is known not to send a constant.
    """

    in_scope: Decimal | None = None
    approval: str | None = None
    limited: bool | None = None
    own_pay: Decimal | None = None
    amount: Decimal | None = None


def claimed_by_evidence(evidence: ClaimEvidence) -> bool | None:
    """The rungs that the transaction itself decides; None where none of them does."""
    if evidence.in_scope is not None:
        return evidence.in_scope != 0
    approved = _by_approval(evidence.approval, limited=evidence.limited)
    if approved is not None:
        return approved
    if evidence.own_pay is not None and evidence.amount:
        return None if evidence.own_pay != evidence.amount else False
    return None


def _by_approval(approval: str | None, *, limited: bool | None) -> bool | None:
    """hosp_appr_flag with lmt_used_flag (INTERFACE 5.2); None where the line is "normal"."""
    if approval == "2":
        return False
    if limited and approval in {"0", "1"}:
        return approval == "1"
    return None


def complete_claim(line: Entity, profile: Profile) -> None:
    """The lower rungs: class 丙, then the site's assumption; and the amount that is claimed."""
    if line.value("claimed").is_nothing:
        _claimed(line, profile)
    if line.value("claimed_amount").is_nothing:
        _claimed_amount(line)


def _claimed(line: Entity, profile: Profile) -> None:
    graded = line.fact("class")
    place = line.fact("claimed").pointer
    if graded.value.choices == frozenset({"class_c"}):
        line.facts["claimed"] = Fact(one(choice=False), place, premises=(graded.pointer,))
    elif profile.claimed_by_default:
        line.facts["claimed"] = Fact(one(choice=True), place, assumption=CLAIMED_BY_DEFAULT)


def _claimed_amount(line: Entity) -> None:
    claimed, amount = line.fact("claimed"), line.fact("amount")
    if claimed.value.choices == frozenset({False}):
        line.facts["claimed_amount"] = Fact(
            exactly(Decimal(0)), claimed.pointer, premises=(claimed.pointer,)
        )
    elif not amount.value.is_nothing:
        line.facts["claimed_amount"] = Fact(
            Value(range=amount.value.range, unit=amount.value.unit),
            amount.pointer,
            amount.raw,
            assumption=AMOUNT_AS_UPPER_BOUND,
            premises=(amount.pointer,),
        )

"""What a finding claims: from its outcomes to caps on lines and money at risk (S17)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from typing import Literal, TypeAlias, assert_never

from engine.allocation import borne_of, kept_of
from engine.facts import Entity, Value
from engine.finding import Label, LineClaim
from engine.payable import (
    NO_LIMITS,
    ONE,
    Limits,
    claim_on,
    claimed_by,
    claimed_of,
    known_range,
    merged,
    money_of,
    money_under,
    tighter,
    total,
)
from rulelang import core
from rulelang.units import BY_NAME
from rulelang.values import (
    ANYTHING,
    FALSE,
    FROM_ZERO,
    TRUE,
    UNKNOWN,
    ZERO,
    Range,
    Truth,
    add,
    join,
    larger,
    multiply,
    negative,
    smaller,
)

UPPER_BOUND = "amount_as_upper_bound"
OWN_UNIT = "*"
_OWN_KINDS = frozenset({"count", "days", "seconds"})  # what a pricing unit of a service may be
CLAIMING = frozenset({Label.VIOLATED, Label.SUSPECTED, Label.UNDETERMINED})
FAILS = frozenset({Label.VIOLATED, Label.SUSPECTED})

# On which labels an outcome that claims no money shows its figure.
SHOWN_ON = {
    "remind": CLAIMING,
    "review": CLAIMING,
    "monitor": CLAIMING,
    "apart": frozenset({Label.SATISFIED, Label.EXCUSED, Label.UNDETERMINED}),
}


@dataclass(frozen=True, slots=True)
class EvaluatedOutcome:
    """An outcome with its guard and figure worked out; `target` is the entity that it limits."""

    outcome: core.Outcome
    condition: Truth
    amount: Value | None
    target: Entity | None


@dataclass(frozen=True, slots=True)
class Claims:
    """What one finding claims in all."""

    lines: tuple[LineClaim, ...] = ()
    at_risk: Range = ZERO
    upper_bound: bool = False
    amount: Range | None = None
    needs_review: bool = False
    assumptions: tuple[str, ...] = ()


_Kind: TypeAlias = Literal["quantity", "unit_price", "share", "amount", "reduction"]


@dataclass(frozen=True, slots=True)
class _Limit:
    """One outcome's cap, as wide as what is unknown makes it, on one line or on the subject."""

    kind: _Kind
    range: Range
    unit: str | None
    line: Entity | None


def claims_of(
    label: Label,
    outcomes: Sequence[EvaluatedOutcome],
    lines: Sequence[Entity],
    *,
    grouped: Range | None,
    subject: Entity | None,
    certainty: str = "definite",
) -> Claims:
    """What a finding with this label claims.

    Args:
        label: The finding's label; an undetermined one may turn out to claim nothing.
        outcomes: The rule's outcomes in their order.
        lines: The subject's lines; a group's in the order in which they bear the excess.
        grouped: Of a group, whose caps of quantity and amount are the group's: what its lines that
            are not held may take of them. None of any other subject.
        subject: What bears the claim where there are no lines (an encounter, a period).
        certainty: The rule's certainty; an indicator claims no money.
    """
    acting = [item for item in outcomes if item.condition is not FALSE]
    review = label in FAILS and any(item.outcome.op == "review" for item in acting)
    unclaimed = Claims(amount=_figure(label, acting), needs_review=review)
    if label not in CLAIMING or certainty == "indicator":
        return unclaimed
    certain = UNKNOWN if label is Label.UNDETERMINED else TRUE
    limits = [limit for item in acting for limit in _limits(item, certain)]
    targets = [limit.line for limit in limits if limit.line is not None]
    bearing = list(dict.fromkeys([*lines, *targets]))
    if limits and not bearing:
        return _on_subject(unclaimed, acting, certain, subject)
    wide = [limit for limit in limits if limit.line is None]
    if grouped is None:
        laid = {line: _own(wide, line) for line in lines}
    else:
        laid = _lay(wide, lines, grouped)
    claims = []
    for line in bearing:
        narrow = _own([limit for limit in limits if limit.line is line], line)
        found = tighter(laid.get(line, NO_LIMITS), narrow)
        if found != NO_LIMITS:
            claims.append(claim_on(line, found))
    assumptions = _assumptions((claim.line for claim in claims), ("claimed", "claimed_amount"))
    return replace(
        unclaimed,
        lines=tuple(claims),
        at_risk=total(at_risk_of((claim,)) for claim in claims),
        upper_bound=UPPER_BOUND in assumptions,
        assumptions=assumptions,
    )


def combine_caps(claims: Sequence[LineClaim]) -> Range:
    """What is payable of one line under all claims on it, of which there is at least one (S17)."""
    return money_of(claims[0].line, merged(claims)).payable


def at_risk_of(claims: Sequence[LineClaim]) -> Range:
    """What is at risk on one line under all claims on it, of which there is at least one."""
    return money_of(claims[0].line, merged(claims)).at_risk


def _figure(label: Label, acting: Sequence[EvaluatedOutcome]) -> Range | None:
    """The figure of the first outcome that claims no money and has one."""
    for item in acting:
        shown = SHOWN_ON.get(item.outcome.op)
        if shown is None or item.amount is None or label not in shown:
            continue
        found = known_range(item.amount) or ANYTHING
        certain = item.condition is TRUE and label is not Label.UNDETERMINED
        return found if certain or item.outcome.op == "monitor" else join(ZERO, found)
    return None


# ---------------------------------------------------------------- one outcome


def _limits(item: EvaluatedOutcome, certain: Truth) -> list[_Limit]:
    """The cap that an outcome claims, if any; open towards "none" where that is not certain."""
    kind = _kind_of(item.outcome)
    if kind is None or (item.amount is not None and item.amount.unlimited):
        return []
    found = ZERO if item.outcome.op == "deny" else _positive(item.amount)
    doubtful = certain is UNKNOWN or item.condition is UNKNOWN
    unit = None if item.amount is None else item.amount.unit
    line = item.target if item.target is not None and item.target.kind == "line" else None
    return [_Limit(kind, _widened(kind, found) if doubtful else _bounded(kind, found), unit, line)]


def _kind_of(outcome: core.Outcome) -> _Kind | None:
    match outcome.op:
        case "deny":
            return "share"
        case "reduce":
            return "reduction"
        case "pay_at_most":
            return _CAPS[outcome.cap]
        case "remind" | "review" | "apart" | "monitor":
            return None
        case _:
            assert_never(outcome.op)


_CAPS: dict[str, _Kind] = {
    "quantity": "quantity",
    "unit_price": "unit_price",
    "share": "share",
    "amount": "amount",
}


def _positive(amount: Value | None) -> Range:
    found = None if amount is None else known_range(amount)
    return FROM_ZERO if found is None else larger(ZERO, found)


def _bounded(kind: _Kind, found: Range) -> Range:
    return smaller(found, ONE) if kind == "share" else found


def _widened(kind: _Kind, found: Range) -> Range:
    """The hull of this cap and none."""
    if kind == "reduction":
        return join(ZERO, found)
    if kind == "share":
        return join(_bounded(kind, found), ONE)
    return Range(found.low, None)


# ---------------------------------------------------------------- lines, each by itself


def _own(limits: Iterable[_Limit], line: Entity) -> Limits:
    """Limits that hold for one line."""
    result = NO_LIMITS
    for limit in limits:
        found = limit.range
        if limit.kind == "quantity":
            factor = _factor(line.value("quantity"), limit)
            found = FROM_ZERO if factor is None else _scaled(found, 1 / factor)
        result = tighter(result, _as_limits(limit.kind, found))
    return result


def _as_limits(kind: _Kind, found: Range) -> Limits:
    match kind:
        case "quantity":
            return Limits(quantity=found)
        case "unit_price":
            return Limits(unit_price=found)
        case "share":
            return Limits(share=found)
        case "amount":
            return Limits(amount=found)
        case "reduction":
            return Limits(reduction=found)
        case _:
            assert_never(kind)


def _factor(quantity: Value, limit: _Limit) -> Fraction | None:
    """What turns the line's unit into the cap's; None where the two do not meet.

    Where one of the two figures is unknown altogether, its unit is no further mystery.
    """
    have, want = quantity.unit, limit.unit
    if quantity.range is None or limit.range == FROM_ZERO or (have == want and have is not None):
        return Fraction(1)
    if have is None or want is None:
        return None
    if OWN_UNIT in (have, want):
        other = BY_NAME.get(want if have == OWN_UNIT else have)
        return Fraction(1) if other is not None and other.kind in _OWN_KINDS else None
    left, right = BY_NAME.get(have), BY_NAME.get(want)
    if left is None or right is None or left.dimension != right.dimension:
        return None
    return Fraction(left.factor) / Fraction(right.factor)


def _scaled(value: Range, factor: Fraction) -> Range:
    return value if factor == 1 else multiply(value, Range.exactly(factor))


# ---------------------------------------------------------------- groups


def _lay(limits: Sequence[_Limit], lines: Sequence[Entity], others: Range) -> dict[Entity, Limits]:
    """A group's limits on its lines: prices and shares on each, the rest borne in order.

    Quantity is laid first; an amount is laid on what is payable after that. `others` is what lines
    that are not held may take of a cap.
    """
    each = [limit for limit in limits if limit.kind in {"unit_price", "share"}]
    laid = {line: _own(each, line) for line in lines}
    for limit in limits:
        if limit.kind == "quantity":
            for line, kept in zip(lines, _quantities(limit, lines, others), strict=True):
                laid[line] = tighter(laid[line], Limits(quantity=kept))
    only_reduced = all(limit.kind == "reduction" for limit in limits)
    amounts = [limit.range for limit in limits if limit.kind == "amount"]
    reductions = [limit.range for limit in limits if limit.kind == "reduction"]
    if reductions:
        most = reduce(larger, reductions)
        if only_reduced:
            borne = borne_of(most, [claimed_of(line) for line in lines])
            return {line: Limits(reduction=cut) for line, cut in zip(lines, borne, strict=True)}
        claimed = total(claimed_of(line) for line in lines)
        amounts.append(larger(ZERO, add(claimed, negative(most))))
    if amounts:
        payable = [money_of(line, laid[line]).payable for line in lines]
        for line, kept in zip(
            lines, kept_of(reduce(smaller, amounts), payable, others), strict=True
        ):
            laid[line] = tighter(laid[line], Limits(amount=kept))
    return laid


def _quantities(limit: _Limit, lines: Sequence[Entity], others: Range) -> list[Range | None]:
    """The quantity that each line keeps; in mixed units nothing is known of it."""
    factors: list[Fraction] = []
    for line in lines:
        factor = _factor(line.value("quantity"), limit)
        if factor is None:
            return [FROM_ZERO for _ in lines]
        factors.append(factor)
    sizes = [
        _scaled(known_range(line.value("quantity")) or FROM_ZERO, factor)
        for line, factor in zip(lines, factors, strict=True)
    ]
    return [
        None if kept is None else _scaled(kept, 1 / factor)
        for kept, factor in zip(kept_of(limit.range, sizes, others), factors, strict=True)
    ]


# ---------------------------------------------------------------- subjects without lines


def _on_subject(
    unclaimed: Claims,
    acting: Sequence[EvaluatedOutcome],
    certain: Truth,
    subject: Entity | None,
) -> Claims:
    """A claim on an encounter or a period as a whole: the rule's own figure is what is denied."""
    limits = NO_LIMITS
    for item in acting:
        for limit in _limits(item, certain):
            found = _as_limits(limit.kind, limit.range)
            if item.outcome.op == "deny" and item.amount is not None:
                denied = _positive(item.amount)
                doubtful = UNKNOWN in (certain, item.condition)
                found = Limits(reduction=join(ZERO, denied) if doubtful else denied)
            limits = tighter(limits, found)
    claimed, fact = claimed_by(subject)
    if claimed is not None:
        at_risk = money_under(claimed, limits).at_risk
    else:
        only_reduced = limits == Limits(reduction=limits.reduction)
        at_risk = (limits.reduction if only_reduced else None) or FROM_ZERO
    assumptions = () if subject is None else _assumptions((subject,), (fact,))
    return replace(unclaimed, at_risk=at_risk, upper_bound=fact == "total", assumptions=assumptions)


def _assumptions(entities: Iterable[Entity], facts: Iterable[str]) -> tuple[str, ...]:
    names = tuple(facts)
    found = {entity.fact(name).assumption for entity in entities for name in names}
    return tuple(sorted(name for name in found if name is not None))

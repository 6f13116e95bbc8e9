"""Law 13 and its kin: parts add up, nothing beyond what is claimed, knowing more narrows."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from engine.amounts import Claims, EvaluatedOutcome, at_risk_of, claims_of, combine_caps
from engine.combine import combine
from engine.facts import Entity, Value
from engine.finding import Finding
from engine.payable import claimed_of, total
from rulelang.core import Outcome
from rulelang.values import FALSE, TRUE, UNKNOWN, ZERO, Range
from tests.bills import Label, bill, entity, finding, rule, value

CLAIMING = (Label.VIOLATED, Label.SUSPECTED, Label.UNDETERMINED)
CAPS = ("quantity", "unit_price", "share", "amount")

figures = st.decimals(0, 40, places=2)
quantities = st.decimals(0, 9, places=0)
slack = st.decimals(0, 10, places=2)


@dataclass(frozen=True)
class Known:
    """A figure twice: as it is, and the less that was known of it before."""

    now: Value
    before: Value


@st.composite
def known(draw: st.DrawFn, figure: Decimal, unit: str | None = None) -> Known:
    """An exact figure, or a range around it; before, a wider range, or nothing."""
    inner = Range(figure - draw(slack), figure + draw(slack))
    outer = Range(inner.low - draw(slack), inner.high + draw(slack))
    exact, narrow, wide = (
        Value(range=each, unit=unit) for each in (Range.exactly(figure), inner, outer)
    )
    nothing = value(None)
    return draw(
        st.sampled_from(
            [
                Known(exact, exact), Known(exact, narrow), Known(exact, wide), Known(narrow, wide),
                Known(exact, nothing), Known(nothing, nothing),
            ]
        )
    )  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A line as it is known now, and before."""

    now: Entity
    before: Entity


@st.composite
def lines(draw: st.DrawFn, order: int = 0) -> Line:
    """A charge whose amount is quantity x price, of which the fund is asked at most all."""
    quantity, price = draw(quantities), draw(figures)
    amount = quantity * price
    claimed = amount * draw(st.sampled_from([Decimal(1), Decimal("0.8"), Decimal(0)]))
    facts = {
        "quantity": draw(known(quantity, "box")),
        "price": draw(known(price)),
        "amount": draw(known(amount)),
        "claimed_amount": draw(known(claimed)),
    }
    now = {name: item.now for name, item in facts.items()}
    before = {name: item.before for name, item in facts.items()}
    return Line(entity("line", order, **now), entity("line", order, **before))


def exact_lines(order: int = 0) -> st.SearchStrategy[Entity]:
    return st.builds(
        lambda quantity, price, refund: entity(
            "line",
            order,
            quantity=Value(range=Range.exactly(-quantity if refund else quantity), unit="box"),
            price=Value(range=Range.exactly(price)),
            amount=Value(range=Range.exactly(price * (-quantity if refund else quantity))),
            claimed_amount=Value(range=Range.exactly(price * (-quantity if refund else quantity))),
        ),
        quantities,
        figures,
        st.integers(0, 5).map(lambda roll: roll == 0),
    )


@dataclass(frozen=True)
class Effect:
    """An outcome with its guard as known now, and before."""

    now: EvaluatedOutcome
    before: EvaluatedOutcome


@st.composite
def effects(draw: st.DrawFn) -> Effect:
    op = draw(st.sampled_from(["deny", "reduce", "pay_at_most", "pay_at_most", "pay_at_most"]))
    cap = draw(st.sampled_from(CAPS)) if op == "pay_at_most" else ""
    figure = draw(st.decimals(0, 1, places=2)) if cap == "share" else draw(figures)
    found = draw(known(figure, "box"))
    truth = draw(st.sampled_from([TRUE, TRUE, FALSE]))
    before = draw(st.sampled_from([truth, truth, UNKNOWN]))
    made = Outcome(op, cap=cap)
    return Effect(
        EvaluatedOutcome(made, truth, found.now, None),
        EvaluatedOutcome(made, before, found.before, None),
    )


@st.composite
def exact_outcomes(draw: st.DrawFn) -> EvaluatedOutcome:
    op = draw(st.sampled_from(["deny", "reduce", "pay_at_most", "pay_at_most", "pay_at_most"]))
    cap = draw(st.sampled_from(CAPS)) if op == "pay_at_most" else ""
    figure = draw(st.decimals(0, 1, places=2)) if cap == "share" else draw(figures)
    made = Outcome(op, cap=cap)
    return EvaluatedOutcome(made, TRUE, Value(range=Range.exactly(figure), unit="box"), None)


def listed(most: int = 4) -> st.SearchStrategy[list[Entity]]:
    return st.integers(1, most).flatmap(
        lambda count: st.tuples(*(exact_lines(order) for order in range(count))).map(list)
    )


def claimed(
    label: Label, outcomes: list[EvaluatedOutcome], of: list[Entity], *, grouped: bool
) -> Claims:
    return claims_of(label, outcomes, of, grouped=ZERO if grouped else None, subject=None)


def lies_within(inner: Range, outer: Range) -> bool:
    low = outer.low is None or (inner.low is not None and inner.low >= outer.low)
    high = outer.high is None or (inner.high is not None and inner.high <= outer.high)
    return low and high


@given(
    of=listed(), outcomes=st.lists(exact_outcomes(), min_size=1, max_size=3), grouped=st.booleans()
)
def test_parts_add_up(*, of: list[Entity], outcomes: list[EvaluatedOutcome], grouped: bool) -> None:
    found = claimed(Label.VIOLATED, outcomes, of, grouped=grouped)
    lost = Fraction(0)
    for claim in found.lines:
        whole, payable = Fraction(claimed_of(claim.line).exact), Fraction(claim.payable.exact)
        at_risk = Fraction(at_risk_of([claim]).exact)
        assert whole == payable + at_risk
        assert 0 <= at_risk <= max(0, whole)
        lost += at_risk
    assert found.at_risk.exact == lost


@given(
    data=st.data(),
    outcomes=st.lists(effects(), min_size=1, max_size=3),
    label=st.sampled_from(CLAIMING),
    grouped=st.booleans(),
)
def test_at_risk_lies_between_nothing_and_all_that_is_claimed(
    *, data: st.DataObject, outcomes: list[Effect], label: Label, grouped: bool
) -> None:
    of = [data.draw(lines(order)).before for order in range(data.draw(st.integers(1, 3)))]
    found = claimed(label, [item.before for item in outcomes], of, grouped=grouped)
    for claim in found.lines:
        at_risk, most = at_risk_of([claim]), claimed_of(claim.line).high
        assert at_risk.low is not None
        assert at_risk.low >= 0
        assert at_risk.high is None or at_risk.low <= at_risk.high
        assert most is None or (at_risk.high is not None and at_risk.high <= max(0, most))
        assert combine_caps([claim]) == claim.payable
    assert found.at_risk == total(at_risk_of([claim]) for claim in found.lines)
    if label is Label.UNDETERMINED:
        assert found.at_risk.low == 0


@given(
    data=st.data(),
    outcomes=st.lists(effects(), min_size=1, max_size=3),
    grouped=st.booleans(),
    decided=st.booleans(),
)
def test_knowing_more_narrows(
    *, data: st.DataObject, outcomes: list[Effect], grouped: bool, decided: bool
) -> None:
    """So a total never contradicts the one that was given before."""
    pairs = [data.draw(lines(order)) for order in range(data.draw(st.integers(1, 3)))]
    label = Label.UNDETERMINED if not decided else Label.VIOLATED
    before = claimed(
        Label.UNDETERMINED if data.draw(st.booleans()) else label,
        [item.before for item in outcomes],
        [pair.before for pair in pairs],
        grouped=grouped,
    )
    now = claimed(
        label, [item.now for item in outcomes], [pair.now for pair in pairs], grouped=grouped
    )
    assert lies_within(now.at_risk, before.at_risk)


@given(listed(most=3), st.data())
def test_another_cap_never_raises_what_is_payable(of: list[Entity], data: st.DataObject) -> None:
    effect = data.draw(st.lists(effects(), min_size=1, max_size=2))
    more = data.draw(st.lists(effects(), min_size=1, max_size=2))
    one = [item.before for item in effect]
    for target in of:
        few = claimed(Label.VIOLATED, one, [target], grouped=False)
        other = claimed(Label.VIOLATED, [item.before for item in more], [target], grouped=False)
        if few.lines:
            alone, both = combine_caps(few.lines), combine_caps([*few.lines, *other.lines])
            assert both.low <= alone.low
            assert both.high is not None
            assert alone.high is not None
            assert both.high <= alone.high


@st.composite
def bills(draw: st.DrawFn) -> tuple[list[Entity], list[Finding]]:
    of = [draw(lines(order)).before for order in range(draw(st.integers(1, 3)))]
    stay = entity("encounter")
    findings = []
    for number in range(draw(st.integers(0, 5))):
        made = rule(f"r{number % 3}", topic="price" if number % 3 else "")
        label = draw(st.sampled_from(list(Label)))
        outcomes = [item.before for item in draw(st.lists(effects(), max_size=2))]
        part = draw(st.lists(st.sampled_from(of), min_size=1, unique=True))
        grouped = len(part) > 1
        one = finding(made, label, part, outcomes, grouped=grouped)
        if draw(st.integers(0, 4)) == 0:
            one = replace(one, claims=(), offending=(stay,), subject_kind="encounter")
        findings.append(one)
    return of, findings


@given(bills(), st.randoms(use_true_random=False))
def test_combining_does_not_depend_on_order_or_repetition(
    made: tuple[list[Entity], list[Finding]], random: object
) -> None:
    of, findings = made
    shuffled = [*findings, *findings[:2]]
    random.shuffle(shuffled)
    subject = bill(of)
    assert combine(subject, findings) == combine(subject, shuffled)


@given(bills())
def test_totals_never_exceed_what_is_claimed(made: tuple[list[Entity], list[Finding]]) -> None:
    of, findings = made
    result = combine(bill(of), findings)
    sums = [
        result.totals.violated.high,
        result.totals.suspected.high,
        result.totals.undetermined.high,
    ]
    assert all(part is None or part >= 0 for part in sums)
    most = [claimed_of(each).high for each in of]
    if None not in most:
        assert None not in sums
        assert sum(map(Fraction, sums)) <= sum(max(Fraction(0), Fraction(end)) for end in most)

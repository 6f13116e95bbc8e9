"""What findings claim, by S17."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from engine.amounts import Claims, EvaluatedOutcome, at_risk_of, claims_of, combine_caps
from engine.facts import UNLIMITED, Entity, Fact, Value
from engine.payable import NO_LIMITS, claimed_of, money_of, total
from rulelang.core import Outcome
from rulelang.values import ANYTHING, FALSE, FROM_ZERO, TRUE, UNKNOWN, ZERO, Range
from tests.bills import Label, between, entity, exact, line, outcome, value


def claims(
    lines: list[Entity],
    *outcomes: EvaluatedOutcome,
    label: Label = Label.VIOLATED,
    grouped: bool = False,
    subject: Entity | None = None,
) -> Claims:
    found = claims_of(label, outcomes, lines, grouped=ZERO if grouped else None, subject=subject)
    for claim in found.lines:
        claimed = claimed_of(claim.line)
        assert combine_caps([claim]) == claim.payable
        if claimed.is_exact and claim.payable.is_exact:
            lost = Fraction(claimed.exact) - Fraction(claim.payable.exact)
            assert lost == money_of_claim(found, claim.line).exact
            assert 0 <= lost <= max(0, claimed.exact)
    if found.lines:
        assert found.at_risk == total(money_of_claim(found, each.line) for each in found.lines)
    return found


def money_of_claim(found: Claims, of: Entity) -> Range:
    return at_risk_of([claim for claim in found.lines if claim.line is of])


def payables(found: Claims) -> list[Range]:
    return [claim.payable for claim in found.lines]


def test_the_example_of_the_semantics() -> None:
    found = claims(
        [line()],
        outcome("pay_at_most", "10", "unit_price"),
        outcome("pay_at_most", "7", "quantity", "box"),
    )
    assert payables(found) == [exact("70")]
    assert found.at_risk == exact("50.00")
    assert not found.upper_bound


def test_denied_is_share_zero() -> None:
    found = claims([line()], outcome("deny", "120.00"))
    assert found.lines[0].caps.share == ZERO
    assert found.lines[0].payable == ZERO
    assert found.at_risk == exact("120.00")


@pytest.mark.parametrize(
    ("cap", "figure", "payable"),
    [("share", "0.8", "96"), ("share", "1.5", "120"), ("amount", "50", "50"), ("amount", "500", "120"),
     ("unit_price", "15", "120"), ("unit_price", "11.5", "115"), ("quantity", "12", "120")],
)  # fmt: skip
def test_one_cap(cap: str, figure: str, payable: str) -> None:
    found = claims([line()], outcome("pay_at_most", figure, cap, "box"))
    assert payables(found) == [exact(payable)]


def test_a_reduction_is_an_amount_cap() -> None:
    found = claims([line()], outcome("reduce", "20"))
    assert found.lines[0].caps.amount == exact("100.00")
    assert found.at_risk == exact("20")


def test_a_reduction_takes_no_more_than_is_claimed() -> None:
    assert claims([line()], outcome("reduce", "500")).at_risk == exact("120.00")


def test_a_reduction_of_a_claim_known_by_a_range_stays_the_reduction() -> None:
    found = claims([line(amount=between("60", "120"))], outcome("reduce", "20"))
    assert found.at_risk == exact("20")
    assert found.lines[0].payable == between("40", "100")


def test_a_reduction_of_an_unknown_claim_is_at_most_the_reduction() -> None:
    assert claims([line(amount=None)], outcome("reduce", "20")).at_risk == between("0", "20")


def test_a_cap_that_does_not_bind_costs_no_fen() -> None:
    thirds = line(quantity="3", price="33.33", amount="100.00")
    found = claims([thirds], outcome("pay_at_most", "40", "unit_price"))
    assert found.at_risk == ZERO


def test_an_unknown_price_follows_from_amount_and_quantity() -> None:
    found = claims(
        [line(quantity="3", price=None, amount="100")],
        outcome("pay_at_most", "2", "quantity", "box"),
    )
    assert payables(found) == [Range.exactly(Fraction(200, 3))]
    assert found.at_risk == Range.exactly(Fraction(100, 3))


def test_an_unknown_quantity_follows_from_amount_and_price() -> None:
    found = claims([line(quantity=None)], outcome("pay_at_most", "10", "unit_price"))
    assert found.at_risk == exact("20")


def test_a_zero_quantity_gives_no_price() -> None:
    zero = line(quantity="0", price=None, amount="10")
    assert claims([zero], outcome("pay_at_most", "1", "unit_price")).at_risk == between("0", "10")


def test_a_share_comes_after_quantity_and_price() -> None:
    found = claims(
        [line()], outcome("pay_at_most", "5", "quantity", "box"), outcome("pay_at_most", "0.5", "share")
    )  # fmt: skip
    assert payables(found) == [exact("30")]


def test_another_cap_never_raises_what_is_payable() -> None:
    part = line(claimed_amount=value("80.00"))
    shared = outcome("pay_at_most", "0.8", "share")
    alone = claims([part], shared)
    both = claims([part], shared, outcome("pay_at_most", "15", "unit_price"))
    assert payables(alone) == payables(both) == [exact("64")]


# ---------------------------------------------------------------- units


def test_a_cap_in_the_items_own_unit_meets_what_can_be_counted() -> None:
    assert claims([line()], outcome("pay_at_most", "7", "quantity", "*")).at_risk == exact("36")
    own = line(unit="*")
    assert claims([own], outcome("pay_at_most", "7", "quantity", "time")).at_risk == exact("36")


@pytest.mark.parametrize(
    ("unit", "cap"), [("box", "tablet"), ("box", None), (None, "box"), ("g", "*")]
)
def test_units_that_do_not_meet_leave_the_quantity_open(unit: str | None, cap: str | None) -> None:
    found = claims([line(unit=unit)], outcome("pay_at_most", "7", "quantity", cap))
    assert found.at_risk == between("0", "120")
    assert found.lines[0].caps.quantity == FROM_ZERO


def test_units_of_one_dimension_are_converted() -> None:
    grams = line(quantity="500", price="0.2", amount="100", unit="mg")
    found = claims([grams], outcome("pay_at_most", "0.3", "quantity", "g"))
    assert found.lines[0].caps.quantity == exact("300")
    assert found.at_risk == exact("40")


# ---------------------------------------------------------------- unknowns


def test_a_claimed_amount_that_was_not_sent_is_at_most_the_amount() -> None:
    unsent = line()
    del unsent.facts["claimed_amount"]
    found = claims([unsent], outcome("deny"))
    assert found.at_risk == between("0", "120")
    assert found.lines[0].payable == ZERO


def test_a_claimed_amount_of_an_unknown_amount_is_unbounded() -> None:
    found = claims([line(amount=None)], outcome("deny"))
    assert found.at_risk == FROM_ZERO


def test_an_unknown_figure_may_take_everything() -> None:
    found = claims([line()], outcome("pay_at_most", Range(None, None), "amount"))
    assert found.at_risk == between("0", "120")


def test_a_guard_that_is_false_does_nothing() -> None:
    found = claims([line()], outcome("deny", condition=FALSE), outcome("reduce", "5"))
    assert found.at_risk == exact("5")
    assert claims([line()], outcome("deny", condition=FALSE)).lines == ()


@pytest.mark.parametrize(
    ("made", "most"),
    [
        (outcome("deny", condition=UNKNOWN), "120"),
        (outcome("reduce", "20", condition=UNKNOWN), "20"),
        (outcome("pay_at_most", "7", "quantity", "box", condition=UNKNOWN), "36"),
        (outcome("pay_at_most", "10", "unit_price", condition=UNKNOWN), "20"),
        (outcome("pay_at_most", "0.5", "share", condition=UNKNOWN), "60"),
        (outcome("pay_at_most", "70", "amount", condition=UNKNOWN), "50"),
    ],
)
def test_a_guard_that_is_unknown_widens(made: EvaluatedOutcome, most: str) -> None:
    assert claims([line()], made).at_risk == between("0", most)
    certain = replace(made, condition=TRUE)
    assert claims([line()], certain).at_risk == exact(most)
    assert claims([line()], certain, label=Label.UNDETERMINED).at_risk == between("0", most)


def test_a_blank_cap_is_no_cap() -> None:
    made = EvaluatedOutcome(Outcome("pay_at_most", cap="quantity"), TRUE, UNLIMITED, None)
    assert claims([line()], made).lines == ()


# ---------------------------------------------------------------- labels and figures


@pytest.mark.parametrize("label", [Label.SATISFIED, Label.EXCUSED, Label.NOT_APPLICABLE])
def test_a_pass_claims_nothing(label: Label) -> None:
    assert claims([line()], outcome("deny", "120"), label=label) == Claims()


def test_apart_shows_its_amount_where_the_rule_holds() -> None:
    tagged = outcome("apart", "120")
    assert claims([line()], tagged, label=Label.SATISFIED) == Claims(amount=exact("120"))
    assert claims([line()], tagged, label=Label.VIOLATED) == Claims()


def test_remind_review_and_monitor_claim_no_money() -> None:
    for op in ("remind", "review", "monitor"):
        found = claims([line()], outcome(op, "35.20"))
        assert found == Claims(amount=exact("35.20"), needs_review=op == "review")


def test_only_a_fail_goes_to_review() -> None:
    assert not claims([line()], outcome("review"), label=Label.UNDETERMINED).needs_review
    assert not claims([line()], outcome("review", condition=FALSE)).needs_review


def test_a_figure_that_may_not_hold_reaches_down_to_zero() -> None:
    saved = outcome("remind", "35.20")
    assert claims([line()], saved, label=Label.UNDETERMINED).amount == between("0", "35.20")
    assert claims([line()], outcome("remind", Range(None, None))).amount == ANYTHING


def test_an_indicator_claims_no_money() -> None:
    found = claims_of(
        Label.SUSPECTED, [outcome("deny")], [line()], grouped=None, subject=None, certainty="indicator"
    )  # fmt: skip
    assert found == Claims()


def test_an_upper_bound_is_said_with_its_assumptions() -> None:
    assumed = line()
    assumed.facts["claimed_amount"] = Fact(value("120"), assumption="amount_as_upper_bound")
    assumed.facts["claimed"] = Fact(
        Value(choices=frozenset({True})), assumption="claimed_by_default"
    )
    found = claims([assumed], outcome("deny"))
    assert found.upper_bound
    assert found.assumptions == ("amount_as_upper_bound", "claimed_by_default")


def test_a_refund_is_paid_back_whole() -> None:
    refund = line(quantity="-2", amount="-24")
    found = claims([refund], outcome("deny"))
    assert payables(found) == [exact("-24")]
    assert found.at_risk == ZERO


def test_what_may_be_a_refund_puts_only_the_charge_at_risk() -> None:
    found = claims([line(amount=between("-24", "120"))], outcome("deny"))
    assert payables(found) == [between("-24", "0")]
    assert found.at_risk == between("0", "120")


def test_of_a_pair_only_the_target_bears() -> None:
    kept, dropped = line(0), line(1)
    found = claims([kept, dropped], outcome("deny", target=dropped))
    assert [claim.line for claim in found.lines] == [dropped]


def test_a_target_outside_of_the_lines_bears_too() -> None:
    dropped = line(1)
    assert claims([line(0)], outcome("deny", target=dropped)).lines[0].line is dropped


# ---------------------------------------------------------------- groups


def days(*quantities: str | Range | None) -> list[Entity]:
    """Lines at 10.00 in the order in which they bear."""
    return [
        line(
            order,
            quantity,
            "10",
            None if not isinstance(quantity, str) else str(Decimal(quantity) * 10),
        )
        for order, quantity in enumerate(quantities)
    ]


def test_a_groups_excess_is_laid_on_whole_lines_first() -> None:
    lines = days("5", "5", "5")
    found = claims(lines, outcome("pay_at_most", "7", "quantity", "box"), grouped=True)
    assert payables(found) == [ZERO, exact("20")]
    assert [claim.line for claim in found.lines] == lines[:2]
    assert found.at_risk == exact("80")


def test_a_group_within_its_cap_claims_nothing() -> None:
    found = claims(days("3", "4"), outcome("pay_at_most", "7", "quantity", "box"), grouped=True)
    assert found.lines == ()
    assert found.at_risk == ZERO


def test_prices_and_shares_hold_for_each_line_of_a_group() -> None:
    found = claims(days("5", "5"), outcome("pay_at_most", "0.5", "share"), grouped=True)
    assert payables(found) == [exact("25"), exact("25")]


def test_a_groups_reduction_is_laid_in_order() -> None:
    found = claims(days("5", "5", "5"), outcome("reduce", "70"), grouped=True)
    assert payables(found) == [ZERO, exact("30")]
    assert found.at_risk == exact("70")


def test_a_groups_amount_is_laid_on_what_is_payable_after_its_other_caps() -> None:
    found = claims(
        days("6", "6"),
        outcome("pay_at_most", "0.5", "share"),
        outcome("pay_at_most", "60", "amount"),
        grouped=True,
    )
    assert payables(found) == [exact("30"), exact("30")]
    tighter = claims(
        days("6", "6"),
        outcome("pay_at_most", "0.5", "share"),
        outcome("pay_at_most", "40", "amount"),
        grouped=True,
    )
    assert payables(tighter) == [exact("10"), exact("30")]


def test_quantity_and_amount_of_a_group_do_not_add_up() -> None:
    found = claims(
        days("5", "5"),
        outcome("pay_at_most", "7", "quantity", "box"),
        outcome("reduce", "20"),
        grouped=True,
    )
    assert found.at_risk == exact("30")


def test_a_refund_in_a_group_makes_room_and_is_not_cut() -> None:
    lines = [line(0, "10", "10", "100"), line(1, "-4", "10", "-40")]
    found = claims(lines, outcome("pay_at_most", "4", "quantity", "box"), grouped=True)
    assert payables(found) == [exact("80")]
    assert found.at_risk == exact("20")


def test_an_excess_known_by_a_range_is_at_risk_as_a_range() -> None:
    lines = days("5", "5")
    found = claims(lines, outcome("reduce", between("30", "70")), grouped=True)
    assert found.at_risk == between("30", "70")
    assert payables(found) == [between("0", "20"), between("30", "50")]


def test_a_member_of_unknown_quantity_bears_all_where_the_rest_fills_the_cap() -> None:
    lines = [line(0, None, "10", "50", unit=None), *days("8", "9")]
    found = claims(lines, outcome("pay_at_most", "14", "quantity", "box"), grouped=True)
    assert payables(found) == [ZERO, exact("50")]
    assert found.at_risk == exact("80")


def test_mixed_units_leave_a_groups_quantity_open() -> None:
    lines = [line(0), line(1, unit="tablet")]
    found = claims(lines, outcome("pay_at_most", "7", "quantity", "box"), grouped=True)
    assert found.at_risk == between("0", "240")


def test_a_groups_quantities_are_converted() -> None:
    lines = [line(0, "500", "0.02", "10", unit="mg"), line(1, "1", "20", "20", unit="g")]
    found = claims(lines, outcome("pay_at_most", "1.2", "quantity", "g"), grouped=True)
    assert payables(found) == [exact("4")]


# ---------------------------------------------------------------- subjects without lines


def test_a_claim_on_an_encounter_is_the_rules_own_figure() -> None:
    stay = entity("encounter", fund_paid=value("100"))
    assert claims([], outcome("deny", "35.20"), subject=stay).at_risk == exact("35.20")
    assert claims([], outcome("reduce", "500"), subject=stay).at_risk == exact("100")
    assert claims([], outcome("pay_at_most", "70", "amount"), subject=stay).at_risk == exact("30")


def test_a_total_is_an_upper_bound_of_what_an_encounter_claims() -> None:
    stay = entity("encounter", fund_paid=value("0"), total=value("100"))
    found = claims([], outcome("deny", "150"), subject=stay)
    assert found.at_risk == exact("100")
    assert found.upper_bound


def test_a_claim_on_what_has_no_total_stands_by_itself() -> None:
    found = claims([], outcome("reduce", "5"), subject=entity("community"))
    assert found.at_risk == exact("5")
    doubtful = claims([], outcome("deny", "5"), subject=None, label=Label.UNDETERMINED)
    assert doubtful.at_risk == between("0", "5")
    assert claims([], outcome("pay_at_most", "0.5", "share")).at_risk == FROM_ZERO


# ---------------------------------------------------------------- caps of several findings


def test_caps_of_findings_meet() -> None:
    one = line()
    by_price = claims([one], outcome("pay_at_most", "10", "unit_price")).lines
    by_quantity = claims([one], outcome("pay_at_most", "7", "quantity", "box")).lines
    by_amount = claims([one], outcome("reduce", "60")).lines
    assert combine_caps([*by_price, *by_quantity]) == exact("70")
    assert combine_caps([*by_quantity, *by_price, *by_quantity]) == exact("70")
    assert combine_caps([*by_price, *by_quantity, *by_amount]) == exact("60")


def test_money_without_caps_is_what_is_claimed() -> None:
    found = money_of(line(), NO_LIMITS)
    assert (found.claimed, found.payable, found.at_risk) == (exact("120"), exact("120"), ZERO)

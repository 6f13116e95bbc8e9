"""The answer for one bill, by S16 and S17.1."""

from dataclasses import replace

import pytest

from engine.combine import combine
from engine.finding import Finding, Payment
from rulelang.core import Period, Ruleset
from rulelang.diagnostics import Words
from rulelang.values import FROM_ZERO, UNKNOWN, ZERO
from tests.bills import (
    Label,
    between,
    bill,
    entity,
    exact,
    finding,
    lacks,
    line,
    outcome,
    rule,
    value,
)

DENY = outcome("deny", "120")


def test_an_empty_bill_is_not_applicable_and_payable() -> None:
    result = combine(bill([]), [])
    assert result.verdict is Label.NOT_APPLICABLE
    assert result.payment is Payment.PAYABLE
    assert result.totals.undetermined == ZERO


def test_findings_stand_worst_first_then_by_rule_then_by_line() -> None:
    first, second = line(0), line(1)
    a, b = rule("a"), rule("b")
    findings = [
        finding(b, Label.VIOLATED, [first], [DENY]),
        finding(a, Label.EXCUSED, [first]),
        finding(a, Label.VIOLATED, [second], [DENY]),
        finding(b, Label.UNDETERMINED, [first], [DENY]),
        finding(a, Label.SATISFIED, [first]),
        finding(a, Label.VIOLATED, [first], [DENY]),
        finding(a, Label.SUSPECTED, [first], [DENY]),
        finding(b, Label.NOT_APPLICABLE, [first]),
    ]
    result = combine(bill([first, second]), findings)
    seen = [
        (item.label.value, item.rule.id[-1], item.offending[0].order) for item in result.findings
    ]
    assert seen == [
        ("violated", "a", 0), ("violated", "a", 1), ("violated", "b", 0), ("suspected", "a", 0),
        ("undetermined", "b", 0), ("excused", "a", 0),
    ]  # fmt: skip
    assert [item.label for item in result.passed] == [Label.SATISFIED, Label.NOT_APPLICABLE]
    assert result.verdict is Label.VIOLATED
    assert result.counts == {
        "violated": 3, "suspected": 1, "undetermined": 1, "excused": 1, "satisfied": 1,
        "not_applicable": 1,
    }  # fmt: skip


def test_order_and_repetition_do_not_matter() -> None:
    lines = [line(0), line(1)]
    findings = [
        finding(rule("a"), Label.VIOLATED, [lines[0]], [outcome("reduce", "20")]),
        finding(rule("b"), Label.SUSPECTED, [lines[0]], [outcome("pay_at_most", "0.5", "share")]),
        finding(rule("c"), Label.UNDETERMINED, [lines[1]], [DENY], missing=(lacks("patient.sex"),)),
        finding(
            rule("d"), Label.VIOLATED, [], at_risk=exact("3"), offending=(entity("encounter"),)
        ),
    ]
    subject = bill(lines)
    assert combine(subject, findings) == combine(subject, [*reversed(findings), *findings])


# ---------------------------------------------------------------- payment


@pytest.mark.parametrize(
    ("made", "label", "payment"),
    [
        (DENY, Label.VIOLATED, Payment.NOT_PAYABLE),
        (outcome("reduce", "20"), Label.SUSPECTED, Payment.PARTLY_PAYABLE),
        (DENY, Label.UNDETERMINED, Payment.UNDETERMINED),
        (outcome("deny", condition=UNKNOWN), Label.VIOLATED, Payment.UNDETERMINED),
        (outcome("review"), Label.SUSPECTED, Payment.NEEDS_REVIEW),
        (outcome("review"), Label.UNDETERMINED, Payment.PAYABLE),
        (outcome("remind", "5"), Label.VIOLATED, Payment.PAYABLE),
        (DENY, Label.EXCUSED, Payment.PAYABLE),
    ],
)
def test_what_becomes_of_a_line(made: object, label: Label, payment: Payment) -> None:
    one = line()
    result = combine(bill([one]), [finding(rule("a"), label, [one], [made])])
    assert result.lines[0].payment is payment
    assert result.payment is payment


def test_a_bill_is_partly_payable_where_its_lines_differ() -> None:
    lines = [line(0), line(1)]
    result = combine(bill(lines), [finding(rule("a"), Label.VIOLATED, lines[:1], [DENY])])
    assert [item.payment for item in result.lines] == [Payment.NOT_PAYABLE, Payment.PAYABLE]
    assert result.payment is Payment.PARTLY_PAYABLE


def test_a_bill_is_not_payable_where_all_its_lines_are() -> None:
    one = line()
    reminded = finding(rule("b"), Label.VIOLATED, [], offending=(entity("encounter"),))
    result = combine(bill([one]), [finding(rule("a"), Label.VIOLATED, [one], [DENY]), reminded])
    assert result.payment is Payment.NOT_PAYABLE


def test_review_of_an_encounter_is_review_of_the_bill() -> None:
    stay = entity("encounter")
    result = combine(
        bill([line()], stay),
        [finding(rule("a"), Label.SUSPECTED, [], [outcome("review")], offending=(stay,))],
    )
    assert result.payment is Payment.NEEDS_REVIEW
    assert result.lines[0].payment is Payment.PAYABLE


def test_a_denied_line_of_unknown_amount_is_not_payable() -> None:
    one = line(amount=None)
    result = combine(bill([one]), [finding(rule("a"), Label.VIOLATED, [one], [DENY])])
    assert result.lines[0].payment is Payment.NOT_PAYABLE
    assert result.totals.violated == ZERO
    assert result.totals.undetermined == FROM_ZERO


# ---------------------------------------------------------------- totals


def test_totals_take_a_line_once() -> None:
    one = line()
    findings = [
        finding(rule("a"), Label.VIOLATED, [one], [outcome("pay_at_most", "10", "unit_price")]),
        finding(rule("b"), Label.VIOLATED, [one], [outcome("pay_at_most", "7", "quantity", "box")]),
        finding(rule("c"), Label.SUSPECTED, [one], [outcome("pay_at_most", "0.5", "share")]),
        finding(rule("d"), Label.UNDETERMINED, [one], [DENY]),
    ]
    result = combine(bill([one]), findings)
    assert result.totals.violated == exact("50")
    assert result.totals.suspected == exact("35")
    assert result.totals.undetermined == between("0", "35")
    assert result.lines[0].payable == between("0", "35")


def test_what_a_suspicion_takes_within_a_violation_is_nothing_more() -> None:
    one = line()
    findings = [
        finding(rule("a"), Label.VIOLATED, [one], [DENY]),
        finding(rule("b"), Label.SUSPECTED, [one], [outcome("reduce", "20")]),
    ]
    totals = combine(bill([one]), findings).totals
    assert (totals.violated, totals.suspected, totals.undetermined) == (exact("120"), ZERO, ZERO)


def test_the_surplus_of_a_range_is_undetermined_money() -> None:
    one = line()
    found = finding(rule("a"), Label.VIOLATED, [one], [outcome("reduce", between("20", "50"))])
    totals = combine(bill([one]), [found]).totals
    assert totals.violated == exact("20")
    assert totals.undetermined == between("0", "30")


def test_a_claim_on_an_encounter_adds_its_own_money_up_to_all_that_is_claimed() -> None:
    one, stay = line(), entity("encounter", total=value("200"))
    apart = finding(rule("a"), Label.VIOLATED, [], at_risk=exact("35"), offending=(stay,))
    result = combine(bill([one], stay), [apart])
    assert result.totals.violated == exact("35")
    assert result.payment is Payment.PARTLY_PAYABLE
    huge = replace(apart, at_risk=exact("500"))
    denied = finding(rule("b"), Label.SUSPECTED, [one], [DENY])
    totals = combine(bill([one], stay), [huge, denied]).totals
    assert (totals.violated, totals.suspected) == (exact("200"), ZERO)


def test_an_open_claim_on_an_encounter_is_undetermined() -> None:
    stay = entity("encounter")
    apart = finding(
        rule("a"), Label.UNDETERMINED, [], at_risk=between("0", "35"), offending=(stay,)
    )
    result = combine(bill([], stay), [apart])
    assert result.totals.undetermined == between("0", "35")
    assert result.payment is Payment.UNDETERMINED


def test_an_indicator_enters_no_total() -> None:
    one = line()
    measured = finding(rule("a", certainty="indicator"), Label.SUSPECTED, [one], [DENY])
    result = combine(bill([one]), [measured])
    assert result.totals.suspected == ZERO
    assert result.payment is Payment.PAYABLE
    assert result.verdict is Label.SUSPECTED


def test_a_claim_on_a_line_of_history_is_shown_after_the_bills_lines() -> None:
    one, old = line(3), line(0, key="old")
    result = combine(bill([one]), [finding(rule("a"), Label.VIOLATED, [old], [DENY])])
    assert [item.line for item in result.lines] == [one, old]
    assert result.totals.violated == exact("120")


# ---------------------------------------------------------------- conflicts


def caps(name: str, figure: str, cap: str = "share", **changes: object) -> Finding:
    made = rule(name, **{"topic": "payment_scope", **changes})
    return finding(made, Label.VIOLATED, [ONE], [outcome("pay_at_most", figure, cap, "box")])


ONE = line()


def ruleset(name: str, authority: str) -> Ruleset:
    words = Words(name, name)
    return Ruleset(name, words, words, authority, (), (), Period(), ())


def test_two_rules_of_one_layer_and_topic_with_different_shares_conflict() -> None:
    result = combine(bill([ONE]), [caps("b", "0.8"), caps("a", "0.5")])
    (conflict,) = result.conflicts
    assert [item.id[-1] for item in conflict.rules] == ["a", "b"]
    assert conflict.line is ONE
    assert conflict.topic == "payment_scope"
    assert result.lines[0].payment is Payment.NEEDS_REVIEW
    assert result.payment is Payment.NEEDS_REVIEW
    assert result.totals.violated == exact("60")


@pytest.mark.parametrize(
    "other",
    [
        caps("b", "0.50"),
        caps("b", "5", "quantity"),
        caps("b", "0.8", topic="price"),
        caps("b", "0.8", ruleset="city"),
        replace(caps("b", "0.8"), label=Label.UNDETERMINED),
    ],
)
def test_no_conflict_without_layer_topic_kind_and_difference(other: Finding) -> None:
    assert combine(bill([ONE]), [caps("a", "0.5"), other]).conflicts == ()


def test_rulesets_of_one_authority_are_one_layer() -> None:
    findings = [caps("a", "0.5", ruleset="x"), caps("b", "0.8", ruleset="y")]
    alike = [ruleset("x", "city"), ruleset("y", "city")]
    apart = [ruleset("x", "city"), ruleset("y", "national")]
    assert len(combine(bill([ONE]), findings, alike).conflicts) == 1
    assert combine(bill([ONE]), findings, apart).conflicts == ()

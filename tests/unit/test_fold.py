"""Undetermined findings that hang on one fact are shown as one (S12.2, S5.2)."""

from engine.combine import combine
from engine.derivation import FactLeaf, Leaf
from engine.facts import Entity
from engine.finding import Finding, MissingFact
from engine.fold import fold
from rulelang import types
from rulelang.values import UNKNOWN, ZERO
from tests.bills import (
    Label,
    between,
    bill,
    entity,
    fact_leaf,
    finding,
    lacks,
    leaf_step,
    line,
    not_held,
    one,
    open_coverage,
    outcome,
    rule,
    step,
    table,
)

DENY = outcome("deny", "120")
PATIENT = entity("patient", key="p1")
SEX = lacks("patient.sex", PATIENT, "registration")
AGE = lacks("patient.birth_date", PATIENT, "registration")


def undetermined(
    name: str, subject: Entity, *missing: MissingFact, leaves: tuple[Leaf, ...] = ()
) -> Finding:
    derivation = step("all", UNKNOWN, *(leaf_step(leaf, None if isinstance(leaf, FactLeaf) else UNKNOWN)
                                        for leaf in leaves))  # fmt: skip
    return finding(
        rule(name), Label.UNDETERMINED, [subject], [DENY], missing=missing, derivation=derivation
    )


def names(found: Finding) -> list[str]:
    return [each.id[-1] for each in found.folded]


def test_findings_of_one_subject_that_hang_on_one_fact_are_one() -> None:
    one_line = line()
    found = fold([undetermined("b", one_line, SEX), undetermined("a", one_line, SEX)])
    (folded,) = found
    assert folded.rule.id == "national.test/a"
    assert names(folded) == ["a", "b"]
    assert folded.label is Label.UNDETERMINED
    assert folded.missing == (SEX,)
    assert folded.at_risk == between("0", "120")
    assert len(folded.claims) == 1
    assert folded.messages[0].zh == "缺patient.sex；以下2条规则的结论可能因此变化：a限定、b限定"
    assert (
        folded.messages[0].en
        == "missing: patient.sex; these 2 rules could change: a limit, b limit"
    )
    assert folded.derivation is not None
    assert len(folded.derivation.parts) == 2


def test_other_facts_other_subjects_and_other_labels_stay_apart() -> None:
    first, second = line(0), line(1)
    findings = [
        undetermined("a", first, lacks("line.quantity", first)),
        undetermined("b", second, lacks("line.quantity", second)),
        undetermined("c", first, SEX, AGE),
        finding(rule("d"), Label.VIOLATED, [first], [DENY], missing=(SEX,)),
        finding(rule("e"), Label.UNDETERMINED, [first]),
        undetermined("f", second, SEX),
    ]
    assert fold(findings) == tuple(findings)


def test_a_fact_of_the_whole_bill_folds_over_all_its_lines() -> None:
    lines = [line(0), line(1)]
    (folded,) = fold([undetermined("a", each, SEX) for each in reversed(lines)])
    assert folded.offending == tuple(lines)
    assert names(folded) == ["a"]
    assert folded.at_risk == between("0", "240")
    assert combine(bill(lines), [folded]).totals.undetermined == between("0", "240")


def test_what_a_folded_finding_claims_is_the_worst_of_its_rules() -> None:
    subject = line()
    cheap = finding(
        rule("a"), Label.UNDETERMINED, [subject], [outcome("reduce", "20")], missing=(SEX,)
    )
    dear = finding(
        rule("b"),
        Label.UNDETERMINED,
        [subject],
        [outcome("pay_at_most", "7", "quantity", "box")],
        missing=(SEX,),
    )
    (folded,) = fold([cheap, dear])
    assert folded.at_risk == between("0", "36")
    alone = combine(bill([subject]), [cheap, dear]).totals
    assert combine(bill([subject]), [folded]).totals == alone


def test_folding_twice_and_in_another_order_changes_nothing() -> None:
    subject = line()
    findings = [undetermined(name, subject, SEX) for name in "abc"]
    once = fold(findings)
    assert fold(once) == once
    (other,) = fold([*reversed(findings)])
    assert names(other) == names(once[0])
    assert (other.rule, other.messages, other.at_risk) == (
        once[0].rule, once[0].messages, once[0].at_risk
    )  # fmt: skip


def test_claims_without_lines_are_not_added_up() -> None:
    stay = entity("encounter")
    found = fold(
        [
            finding(rule(name), Label.UNDETERMINED, [], missing=(SEX,), offending=(stay,),
                    at_risk=between("0", high), subject_kind="encounter")
            for name, high in (("a", "20"), ("b", "35"))
        ]
    )  # fmt: skip
    assert found[0].at_risk == between("0", "35")


# ---------------------------------------------------------------- members that are not identified


def test_what_hangs_on_an_unidentified_member_is_one_finding_on_it() -> None:
    seventh = line(6)
    code = lacks("line.drug", seventh)
    read = (fact_leaf(seventh, "drug"),)
    findings = [
        undetermined("b", line(0), code, leaves=read),
        undetermined("a", line(1), code, leaves=read),
        undetermined("a", seventh, code, leaves=read),
    ]
    (folded,) = fold(findings)
    assert folded.offending == (seventh,)
    assert folded.subject_kind == "line"
    assert names(folded) == ["a", "b"]
    assert folded.at_risk == ZERO
    assert folded.claims == ()
    assert folded.assumptions == ()
    assert folded.missing == (code,)
    assert folded.messages[0].zh == "第7行没有国家编码；以下2条规则的结论可能因此变化：a限定、b限定"
    assert folded.messages[0].en.startswith(
        "line 7 has no national code; these 2 rules could change: "
    )
    assert combine(bill([seventh]), [folded]).verdict is Label.UNDETERMINED


def test_one_finding_for_each_unidentified_member() -> None:
    lines = [line(order) for order in range(3)]
    codes = [lacks("line.item", each) for each in lines[1:]]
    read = tuple(fact_leaf(each, "item") for each in lines[1:])
    found = fold([undetermined("a", lines[0], *codes, leaves=read)])
    assert [each.offending for each in found] == [(lines[1],), (lines[2],)]
    assert [each.missing for each in found] == [(codes[0],), (codes[1],)]
    assert found[0].messages[0].en == "line 2 has no national code; this rule could change: a limit"


def test_a_line_whose_kind_is_unknown_says_so() -> None:
    second = line(1)
    kind = lacks("line.list_type", second)
    (folded,) = fold([undetermined("a", second, kind)])
    assert folded.messages[0].zh.startswith("第2行缺line.list_type；")


def test_a_fact_that_identifies_nothing_keeps_a_finding_where_it_is() -> None:
    subject, seventh = line(0), line(6)
    mixed = undetermined(
        "a", subject, lacks("line.drug", seventh), SEX, leaves=(fact_leaf(seventh, "drug"),)
    )
    assert fold([mixed]) == (mixed,)


# ---------------------------------------------------------------- open encounters


def test_what_hangs_on_an_open_encounter_is_one_finding_on_it() -> None:
    stay = entity("encounter", key="e1")
    lines = [line(0), line(1)]
    for each in lines:
        each.links["encounter"] = stay
    open_ = lacks("encounter.lines", stay)
    (folded,) = fold([undetermined("b", lines[0], open_), undetermined("a", lines[1], open_)])
    assert folded.offending == (stay,)
    assert folded.subject_kind == "encounter"
    assert folded.at_risk == ZERO
    assert folded.messages[0].zh.startswith(
        "就诊尚未结算，费用明细未录全；以下2条规则的结论可能因此变化："
    )


def test_open_prescriptions_fold_with_their_encounter() -> None:
    stay = entity("encounter", key="e1")
    found = []
    for number, name in enumerate(("rx1", "rx2")):
        made = entity("prescription", key=name)
        made.links["encounter"] = stay
        leaf = open_coverage(made, "lines")
        lacking = lacks("prescription.lines", made)
        found.append(undetermined("a", line(number), lacking, leaves=(leaf,)))
    (folded,) = fold(found)
    assert folded.offending == (stay,)
    assert folded.messages[0].zh.startswith("就诊尚未结算，费用明细未录全；")


def test_an_unidentified_member_comes_before_an_open_encounter() -> None:
    stay, seventh = entity("encounter", key="e1"), line(6)
    both = undetermined(
        "a",
        line(0),
        lacks("line.drug", seventh),
        lacks("encounter.lines", stay),
        leaves=(fact_leaf(seventh, "drug"), open_coverage(stay, "lines")),
    )
    (folded,) = fold([both])
    assert folded.offending == (seventh,)
    assert [each.fact for each in folded.missing] == ["line.drug"]


def test_history_that_is_not_covered_keeps_its_money() -> None:
    history = lacks("patient.lines", PATIENT)
    lines = [line(0), line(1)]
    (folded,) = fold([undetermined("a", each, history) for each in lines])
    assert folded.offending == tuple(lines)
    assert folded.at_risk == between("0", "240")


# ---------------------------------------------------------------- rows not held

DRUGS = table("drugs", {"drug": types.code("drug")})


def not_in_catalog(name: str, subject: Entity, member: Entity, code: str) -> Finding:
    return undetermined(
        name,
        subject,
        lacks(f"table:{DRUGS.id}={code}"),
        leaves=(fact_leaf(member, "drug"), not_held(DRUGS, code)),
    )


def test_a_drug_outside_of_the_catalog_gives_one_finding() -> None:
    subject = line(0, drug=one("X1"))
    found = fold([not_in_catalog(name, subject, subject, "X1") for name in "abc"])
    (folded,) = found
    assert names(folded) == ["a", "b", "c"]
    assert folded.offending == (subject,)
    assert folded.at_risk == between("0", "120")
    assert folded.messages[0].zh == (
        "第1行：table:national.test/drugs未收录 X1；以下3条规则的结论可能因此变化：a限定、b限定、c限定"
    )


def test_one_rule_on_its_own_line_stays_as_it_is() -> None:
    subject = line(0, drug=one("X1"))
    alone = not_in_catalog("a", subject, subject, "X1")
    assert fold([alone]) == (alone,)


def test_pairs_with_a_drug_outside_of_the_catalog_fold_onto_its_line() -> None:
    unlisted = line(6, drug=one("X1"))
    listed = [line(order, drug=one("X2")) for order in range(3)]
    found = fold([not_in_catalog("a", each, unlisted, "X1") for each in listed])
    (folded,) = found
    assert folded.offending == (unlisted,)
    assert folded.at_risk == ZERO


def test_a_code_that_no_line_bills_is_a_fact_like_any_other() -> None:
    subject = line()
    findings = [undetermined(name, subject, lacks("table:diagnoses=Z99")) for name in "ab"]
    (folded,) = fold(findings)
    assert folded.offending == (subject,)
    assert names(folded) == ["a", "b"]

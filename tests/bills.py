"""Hand-built facts, rules, steps and findings for tests of the engine's parts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.amounts import EvaluatedOutcome, claims_of
from engine.derivation import CoverageLeaf, FactLeaf, Leaf, NoRowLeaf, Step
from engine.facts import (
    UNKNOWN_VALUE,
    Bill,
    Coverage,
    Entity,
    Fact,
    Value,
    exactly,
    one,
)
from engine.finding import Finding, Label, MissingFact
from rulelang import core, types
from rulelang.diagnostics import Words
from rulelang.source import NOWHERE, Span
from rulelang.types import Type
from rulelang.values import TRUE, ZERO, Range, Truth

G_PER_L = Type("measure", "g/L")
ALBUMIN = core.EvidenceDef(
    "national/albumin", Words("血清白蛋白", "serum_albumin"), (), G_PER_L, (), "patient",
    ("laboratory", "physician"),
)  # fmt: skip


def number(text: str) -> Decimal:
    return Decimal(text)


def between(low: str | None, high: str | None) -> Range:
    return Range(None if low is None else number(low), None if high is None else number(high))


def exact(text: str) -> Range:
    return Range.exactly(number(text))


def value(figure: str | Range | None, unit: str | None = None) -> Value:
    """A number, a range of numbers, or nothing known."""
    if figure is None:
        return UNKNOWN_VALUE
    known = figure if isinstance(figure, Range) else exact(figure)
    return Value(range=known, unit=unit)


def entity(kind: str, order: int = 0, key: str = "", **facts: Value) -> Entity:
    made = Entity(kind, key or f"{kind}{order + 1}", f"/{kind}/{order}", order)
    made.facts = {name: Fact(known, f"{made.pointer}/{name}") for name, known in facts.items()}
    return made


def line(
    order: int = 0,
    quantity: str | Range | None = "10",
    price: str | Range | None = "12.00",
    amount: str | Range | None = "120.00",
    unit: str | None = "box",
    **facts: Value,
) -> Entity:
    """A line of 10 boxes at 12.00; its claimed amount is its amount unless given."""
    facts.setdefault("claimed_amount", value(amount))
    return entity(
        "line",
        order,
        quantity=value(quantity, unit),
        price=value(price),
        amount=value(amount),
        **facts,
    )


def outcome(
    op: str,
    figure: str | Range | None = None,
    cap: str = "",
    unit: str | None = None,
    condition: Truth = TRUE,
    target: Entity | None = None,
) -> EvaluatedOutcome:
    made = core.Outcome(op=op, cap=cap)
    known = None if figure is None else value(figure, unit)
    return EvaluatedOutcome(made, condition, known, target)


SUBJECT = core.Subject("line", locals=("line",))


def rule(name: str, **changes: Any) -> core.Rule:
    made = core.Rule(
        id=f"national.test/{name}",
        name=Words(name, name),
        title=Words(f"{name}限定", f"{name} limit"),
        ruleset="national.test",
        national_code="",
        topic="",
        territory="",
        attributes=(),
        citations=(),
        in_force=core.ALWAYS,
        certainty="definite",
        stages=("before", "during", "after"),
        subject=SUBJECT,
        lets=(),
        when=core.TRUE_LIT,
        require=core.TRUE_LIT,
        exceptions=(),
        outcomes=(),
        keep=None,
        deduct_order=None,
        messages=(),
        remedies=(),
        notes=(),
    )
    return replace(made, **changes)


def program(**parts: Any) -> core.Program:
    empty: dict[str, Any] = {
        "rulesets": (), "rules": (), "tables": {}, "lists": {}, "evidence": {}, "params": {},
        "decisions": {},
    }  # fmt: skip
    return core.Program(**{**empty, **parts})


def finding(
    of: core.Rule,
    label: Label,
    lines: Sequence[Entity],
    outcomes: Sequence[EvaluatedOutcome] = (),
    *,
    grouped: bool = False,
    **changes: Any,
) -> Finding:
    """A finding on lines with what its outcomes claim."""
    claims = claims_of(label, outcomes, lines, grouped=ZERO if grouped else None, subject=None)
    made = Finding(
        rule=of,
        label=label,
        subject_kind="group" if grouped else "line",
        offending=tuple(lines),
        claims=claims.lines,
        at_risk=claims.at_risk,
        upper_bound=claims.upper_bound,
        amount=claims.amount,
        needs_review=claims.needs_review,
        assumptions=claims.assumptions,
    )
    return replace(made, **changes)


def bill(lines: Sequence[Entity], encounter: Entity | None = None) -> Bill:
    return Bill(
        patient=entity("patient"),
        encounter=encounter or entity("encounter"),
        institution=entity("institution"),
        lines=tuple(lines),
    )


def lacks(fact: str, of: Entity | None = None, supplier: str = "biller") -> MissingFact:
    """A missing fact of an entity, or a row that a table does not hold (`table:id=code`)."""
    name, _, code = fact.partition("=")
    pointer = "" if of is None else of.pointer
    subject = code if of is None else of.key
    return MissingFact(name, Words(name, name), pointer, supplier, Words("补", "add"), subject)


# ---------------------------------------------------------------- steps


def lit(type_: Type = types.YES_NO, span: Span = NOWHERE) -> core.Lit:
    return core.Lit(type=type_, value=True, span=span)


def fact_leaf(of: Entity, field: str, evidence: str = "", *arguments: str) -> FactLeaf:
    return FactLeaf(of, field, of.fact(field), evidence, arguments)


def leaf_step(leaf: Leaf, known: Value | Truth | None = None) -> Step:
    shown = leaf.fact.value if known is None and isinstance(leaf, FactLeaf) else known
    return Step(None, "leaf", shown, leaf=leaf)


def step(how: str, known: Value | Truth | None, *parts: Step, expr: Any = None) -> Step:
    return Step(expr, how, known, parts)


def condition(truth: Truth, *facts: FactLeaf) -> Step:
    """A comparison of some facts."""
    return step("all", truth, *(leaf_step(leaf) for leaf in facts))


def open_coverage(of: Entity, field: str) -> CoverageLeaf:
    return CoverageLeaf(
        of, field, Coverage(closed=False, words=Words("未结算", "not settled"), pointer=of.pointer)
    )


def table(name: str, columns: Mapping[str, Type], **changes: Any) -> core.Table:
    """A table whose first column is its key."""
    made = core.Table(
        id=f"national.test/{name}",
        name=Words(name, name),
        columns=tuple(
            core.TableColumn(Words(each, each), type_) for each, type_ in columns.items()
        ),
        keys=(next(iter(columns)),),
        under=(False,),
        many=False,
        complete=False,
        within=(),
        illustrative=False,
        file=f"{name}.csv",
        rows=(),
    )
    return replace(made, **changes)


def not_held(of: core.Table, code: str) -> NoRowLeaf:
    return NoRowLeaf(of, (code,), inside=False, extent_id=of.id, extent_key=code)


__all__ = [
    "Label", "between", "bill", "condition", "entity", "exact", "exactly", "fact_leaf", "finding",
    "lacks", "leaf_step", "line", "lit", "not_held", "number", "one", "open_coverage", "outcome",
    "program", "rule", "step", "table", "value",
]  # fmt: skip

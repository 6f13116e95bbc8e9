"""封闭: a lower layer makes no rule of its own inside a closed scope, whatever it calls it (S15).

The payment scope of drugs is closed by the national layer. A lower rule is inside it if it claims
money on lines that may be drugs and decides by anything but what a local authority orders itself:
the product as it is bought and charged, and the place. What may decide is listed, not what may not:
a fact that is new to the vocabulary is closed until somebody opens it (decision 0011).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from rulelang import core
from rulelang.check.scope import Checker
from rulelang.diagnostics import Related, Words
from rulelang.divisions import meet
from rulelang.lower.facts_read import PRODUCTS, Products, Read, decided_by, expanded, reads
from rulelang.lower.openness import Layers, layer_words, rank
from rulelang.source import Span
from rulelang.words import ADDERS, AUTHORITIES, TOPICS, spelling_of

CLAIMING = frozenset({"deny", "reduce", "pay_at_most"})
_IDENTITY = frozenset(
    {"list_type", "charge_class", "drug", "item", "consumable", "herb", "generic", "drug_class",
     "name", "spec", "product", "trace_code", "class", "claimed", "date", "time"}
)  # fmt: skip
_CHARGE = frozenset(
    {"quantity", "unit_quantity", "unit_price", "price", "amount", "claimed_amount", "first_pay",
     "price_cap", "dose", "frequency", "days_supply", "dose_per_pack", "listed_price", "cost"}
)  # fmt: skip
_PAPERS = frozenset({"line_no", "rx_no", "refund_of", "filing_no", "uploaded_at", "invoice_no"})
_STAY = frozenset(
    {"encounter_no", "admitted", "discharged", "still_in", "admitted_from_observation",
     "observation_start", "place", "referred", "lines"}
)  # fmt: skip
_SETTLEMENT = frozenset(
    {"total", "own_pay", "self_pay", "fund_paid", "patient_share", "deductible", "first_pay_ratio"}
)
# What a lower layer may decide by where it claims on drug lines.
OPEN_FACTS: Mapping[str, frozenset[str]] = {
    "line": _IDENTITY | _CHARGE | _PAPERS,
    "prescription": frozenset({"rx_no", "external"}),
    "encounter": _STAY | _SETTLEMENT,
    "patient": frozenset({"pool_area", "death_date"}),
    "institution": frozenset({"id", "division", "public", "price_class", "community"}),
    "evidence": frozenset(
        {"national.evidence_facts/nonselected_need", "national.evidence_facts/self_purchased"}
    ),
}
_COURSE = {
    "days": Words("用药天数", "days of use"),
    "window": Words("此前的用药", "what was given before"),
}


@dataclass(frozen=True, slots=True)
class Closing:
    """What closes a scope: a rule or list of a higher layer, for lines of one kind of product."""

    ruleset: str
    product: str
    name: Words
    span: Span
    citation: core.Citation | None
    by: core.Rule | core.ListDef


def check_closed(layers: Layers) -> None:
    """Complain of each lower rule and tightening that changes a closed scope or a foreign topic."""
    lower = {
        id_ for id_, each in layers.rulesets.items() if each.authority and rank(each.authority)
    }
    lower |= {each.ruleset for each in layers.amendments}
    closings = list(_closings(layers)) if lower else []
    above = {ruleset: _above(layers, closings, ruleset) for ruleset in lower}
    for rule in layers.rules.values():
        authority = layers.rulesets[rule.ruleset].authority
        if rank(authority) == 0 or not authority or not _claims(rule):
            continue
        c = layers.checkers[rule.ruleset]
        if _outside(layers, c, above[rule.ruleset], rule):
            _topic(c, rule, authority)
    for each in layers.amendments:
        if each.require is not None and _claims(layers.rules[each.rule]):
            _outside(
                layers, layers.checkers[each.ruleset], above[each.ruleset], _added(layers, each)
            )


def _added(layers: Layers, amendment: core.Amendment) -> core.Rule:
    """What an amendment requires, as a rule of the amending layer."""
    rule = layers.rules[amendment.rule]
    return replace(
        rule,
        ruleset=amendment.ruleset,
        require=amendment.require or core.TRUE_LIT,
        lets=(*rule.lets, *amendment.lets),
        exceptions=(),
        outcomes=tuple(replace(each, condition=None, amount=None) for each in rule.outcomes),
        subject=replace(rule.subject, keys=()),
        span=amendment.span,
    )


def _claims(rule: core.Rule) -> bool:
    return rule.certainty != "indicator" and any(o.op in CLAIMING for o in rule.outcomes)


def _lets(rule: core.Rule) -> dict[str, core.Expr]:
    return {let.name: let.value for let in rule.lets}


# ---------------------------------------------------------------- what is closed


def _closings(layers: Layers) -> Iterator[Closing]:
    """Closed rules and lists, and the national rules on the payment scope of drugs."""
    for rule in layers.rules.values():
        c = layers.checkers[rule.ruleset]
        products = Products(c.vocabulary, _lets(rule)).of_rule(rule)
        national = rank(layers.rulesets[rule.ruleset].authority) == 0
        scope = products & {"drug"} if national and rule.topic == "payment_scope" else frozenset()
        citation = rule.closed or next(iter(rule.citations), None)
        closed = products if rule.closed is not None else scope
        for product in sorted(closed):
            yield Closing(rule.ruleset, product, rule.name, _name_span(c, rule), citation, rule)
    for ruleset, c in layers.checkers.items():
        for listed in c.declared.lists.values():
            if listed.closed is None or listed.id.rpartition("/")[0] != ruleset:
                continue
            if listed.type.name in PRODUCTS:
                span = c.unit.names[listed.id.rpartition("/")[2]].name.span
                yield Closing(ruleset, listed.type.name, listed.name, span, listed.closed, listed)


def _facts(by: core.Rule | core.ListDef) -> frozenset[tuple[str, str]]:
    """What a closing rule reads, by kind and field."""
    if isinstance(by, core.ListDef):
        return frozenset()
    keys = frozenset(name for name, _ in by.subject.keys)
    nodes = expanded(decided_by(by), _lets(by))
    return frozenset((each.kind, each.field) for each in reads(nodes, keys))


def _looked_up(by: core.Rule | core.ListDef) -> frozenset[str]:
    """The tables and lists by which a closing rules on products."""
    if isinstance(by, core.ListDef):
        return frozenset({by.id})
    return frozenset(_sources(expanded(decided_by(by), _lets(by)))) - {""}


def _name_span(c: Checker, rule: core.Rule) -> Span:
    symbol = c.unit.names.get(rule.id.rpartition("/")[2])
    return rule.span if symbol is None else symbol.name.span


@dataclass(frozen=True)
class Above:
    """The closings of higher layers that hold somewhere where a ruleset does."""

    closings: tuple[Closing, ...]
    products: frozenset[str]

    @cached_property
    def ruled(self) -> frozenset[tuple[str, str]]:
        """Each table and list by which they rule, with the kind of product."""
        return frozenset((c.product, source) for c in self.closings for source in _looked_up(c.by))


def _above(layers: Layers, closings: Iterable[Closing], ruleset: str) -> Above:
    own = layers.rulesets[ruleset]
    found = tuple(
        each
        for each in closings
        if rank(layers.rulesets[each.ruleset].authority) < rank(own.authority)
        and meet(layers.rulesets[each.ruleset].regions, own.regions)
    )
    return Above(found, frozenset({"drug"}) | {each.product for each in found})


# ---------------------------------------------------------------- who is inside


def _outside(layers: Layers, c: Checker, above: Above, rule: core.Rule) -> bool:
    """Whether a lower rule keeps out of every closed scope; told of where it does not."""
    lets = _lets(rule)
    products = Products(c.vocabulary, lets).of_rule(rule)
    closed = products & above.products
    if not closed:
        return True
    nodes = list(expanded(decided_by(rule), lets))
    found = reads(nodes, frozenset(name for name, _ in rule.subject.keys))
    wrong = next((each for each in found if not _is_open(each)), None)
    if wrong is None and (
        _charged(rule, nodes) or not _by_product_alone(layers, above, closed, nodes)
    ):
        return True
    _inside(c, rule, wrong, _nearest(above.closings, closed, found, nodes))
    return False


def _is_open(each: Read) -> bool:
    return each.field in OPEN_FACTS.get(each.kind, frozenset())


def _charged(rule: core.Rule, nodes: list[core.Expr]) -> bool:
    """Whether a rule looks at what was charged, so that it is about charges.

    That something was charged at all, more than 0 of it, is no look.
    """
    idle = {id(o.amount) for o in rule.outcomes if isinstance(o.amount, core.Get)}
    for node in nodes:
        if isinstance(node, core.Cmp):
            for side, other in ((node.left, node.right), (node.right, node.left)):
                if isinstance(other, core.Lit) and other.value == 0:
                    idle.add(id(side))
    return any(
        isinstance(node, core.Get) and node.field in _CHARGE and id(node) not in idle
        for node in nodes
    )


def _by_product_alone(
    layers: Layers, above: Above, closed: frozenset[str], nodes: Iterable[core.Expr]
) -> bool:
    """Whether products are taken off by a list by which a higher layer rules on them itself.

    Drugs also by a list of the rule's own layer, or all of them. A rule that asks what the nation
    only declares applies it.
    """
    sources = set(_sources(nodes))
    if any((product, source) in above.ruled for product in closed for source in sources):
        return True
    own = any(
        not source or not _is_national(layers, source.rpartition("/")[0]) for source in sources
    )
    return "drug" in closed and (own or not sources)


def _is_national(layers: Layers, ruleset: str) -> bool:
    return ruleset in layers.rulesets and rank(layers.rulesets[ruleset].authority) == 0


def _sources(nodes: Iterable[core.Expr]) -> Iterator[str]:
    """The ids of the tables and lists that products are looked up in; "" for a written code."""
    for node in nodes:
        match node:
            case core.HasRow() | core.CellOf() | core.Rows():
                yield node.table
            case core.ListSet():
                yield node.list
            case core.LiteralSet():
                if node.type.kind == "code":
                    yield ""
            case core.Lit() if node.type.kind == "code" and node.type.name in PRODUCTS:
                yield ""
            case _:
                pass


def _nearest(
    above: Iterable[Closing], closed: frozenset[str], found: list[Read], nodes: list[core.Expr]
) -> Closing | None:
    """The closing to show: one that decides by the same facts or lists, the declared ones first."""
    read = {(each.kind, each.field) for each in found if not _is_open(each)}
    sources = frozenset(_sources(nodes))

    def rank_of(each: Closing) -> tuple[int, int, str]:
        return -len(_facts(each.by) & read), -len(_looked_up(each.by) & sources), each.name.en

    return min((each for each in above if each.product in closed), key=rank_of, default=None)


def _inside(c: Checker, rule: core.Rule, wrong: Read | None, closing: Closing | None) -> None:
    by = _fact_words(c, wrong)
    place = _name_span(c, rule) if rule.span.path == _name_span(c, rule).path else rule.span
    if wrong is not None and wrong.expr.span.path == rule.span.path:
        place = wrong.expr.span
    c.fail(
        "RL0605",
        place,
        (f"支付范围已封闭，下级不能按{by.zh}不付或少付", f"the payment scope is closed; a lower layer does not pay less by {by.en}"),
        ("改为 `提醒` 或 `复核`；不管药品的，在 `当` 里写明只看项目、耗材或饮片",
         "make it `remind` or `review`; if it is not about drugs, say in `when` that it is about items, consumables or herbs"),
        () if closing is None else (Related(closing.span, _closing_words(closing)),),
    )  # fmt: skip


def _closing_words(closing: Closing) -> Words:
    cited = closing.citation
    if cited is None:
        return Words("上级在此规定", "the higher layer rules on it here")
    zh, en = cited.document.title.zh, cited.document.title.en
    place = f" {cited.place}" if cited.place else ""
    return Words(f"上级在此规定，依据《{zh}》{place}", f"ruled on here, citing “{en}”{place}")


def _fact_words(c: Checker, wrong: Read | None) -> Words:
    if wrong is None:
        return Words("药品本身", "the product alone")
    if wrong.kind == "course":
        return _COURSE[wrong.field]
    if wrong.kind == "evidence":
        declared = c.declared.evidence.get(wrong.field)
        name = Words(wrong.field, wrong.field) if declared is None else declared.name
        return Words(f"证据 `{name.zh}` ", f"the evidence `{name.en}`")
    entity = c.vocabulary.entities.get(wrong.kind)
    found = c.vocabulary.field(wrong.kind, wrong.field)
    if entity is None or found is None:
        return Words(f" `{wrong.field}` ", f"`{wrong.field}`")
    return Words(f" `{entity.zh}.{found.zh}` ", f"`{entity.en}.{found.en}`")


# ---------------------------------------------------------------- topics


def _topic(c: Checker, rule: core.Rule, authority: str) -> None:
    adders = ADDERS.get(rule.topic)
    if adders is None or authority in adders:
        return
    layer, topic = layer_words(authority), Words(spelling_of(TOPICS, rule.topic), rule.topic)
    zh = "、".join(
        spelling_of(AUTHORITIES, each) for each in AUTHORITIES.values() if each in adders
    )
    en = ", ".join(each for each in AUTHORITIES.values() if each in adders)
    c.fail(
        "RL0606",
        _name_span(c, rule),
        (f"{layer.zh}不能就 `{topic.zh}` 定不付或少付的规则", f"the {layer.en} layer makes no rule that pays less on `{topic.en}`"),
        (f"国家之下由{zh}定；本级可以 `提醒` 或 `复核`",
         f"below the national layer that is for: {en}; this one may `remind` or `review`"),
    )  # fmt: skip

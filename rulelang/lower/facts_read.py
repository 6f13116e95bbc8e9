"""What a rule decides by: facts, local tables, and which products it can speak of (S15)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce

from rulelang import core
from rulelang.vocabulary import Vocabulary
from rulelang.walk import children

PRODUCTS = frozenset({"drug", "item", "consumable", "herb"})
_OF_LIST_TYPE: Mapping[str, frozenset[str]] = {
    "drugs": frozenset({"drug"}), "herbs": frozenset({"herb"}), "items": frozenset({"item"}),
    "consumables": frozenset({"consumable"}), "long_term_care": frozenset(),
}  # fmt: skip
_WITHIN_A_DAY = frozenset({"same_day", "same_visit", "same_prescription", "same_hour"})


@dataclass(frozen=True, slots=True)
class Read:
    """One fact that a condition reads: entity kind and field, with the place where it is read.

    The kind is "evidence" for an evidence fact (field: its id) and "course" for what was given
    before or for how many days.
    """

    kind: str
    field: str
    expr: core.Expr


def expanded(exprs: Iterable[core.Expr], lets: Mapping[str, core.Expr]) -> Iterator[core.Expr]:
    """All nodes of some expressions and of the lets that they use, each let once."""
    seen: set[str] = set()
    waiting = deque(exprs)
    while waiting:
        node = waiting.popleft()
        yield node
        if isinstance(node, core.Local) and node.name in lets and node.name not in seen:
            seen.add(node.name)
            waiting.append(lets[node.name])
        waiting.extend(children(node))


def reads(nodes: Iterable[core.Expr], group_keys: frozenset[str]) -> list[Read]:
    """The facts that nodes read; a group's keys are read where its key expressions are."""
    return [found for node in nodes for found in _of(node, group_keys)]


def _of(node: core.Expr, group_keys: frozenset[str]) -> Iterator[Read]:
    match node:
        case core.Get():
            yield from _of_field(node, group_keys)
        case core.Members():
            kind = node.base.type.name
            if node.field != "lines" or kind in {"patient", "institution"}:
                yield Read(kind, node.field, node)
        case core.EvidenceOf() | core.Series():
            yield Read("evidence", node.evidence, node)
        case core.Aggregate() if node.op == "days":
            yield Read("course", "days", node)
        case core.Collection() if node.window is not None:
            if node.window.word not in _WITHIN_A_DAY:
                yield Read("course", "window", node)
        case _:
            pass


def _of_field(node: core.Get, group_keys: frozenset[str]) -> Iterator[Read]:
    kind = node.base.type.name
    if kind.startswith("record:"):
        yield Read("evidence", kind.removeprefix("record:"), node)
    elif kind == "group" and node.field not in group_keys:
        yield Read("line", node.field, node)
    elif kind != "group" and not kind.startswith("row:"):
        yield Read(kind, node.field, node)


# ---------------------------------------------------------------- products


@dataclass(frozen=True, slots=True)
class Products:
    """Which products a line can be where a condition holds."""

    vocabulary: Vocabulary
    lets: Mapping[str, core.Expr]

    def of_rule(self, rule: core.Rule) -> frozenset[str]:
        """The products whose lines a rule may claim on; all where its 当 does not say."""
        if rule.subject.element == "line":
            proved = [self.where(rule.when, local) for local in rule.subject.locals]
            return reduce(frozenset.union, (PRODUCTS if p is None else p for p in proved))
        when, element = rule.when, rule.subject.kind
        if element == "prescription":
            return (self._of_members(when) or PRODUCTS) & {"drug", "herb"}
        return self._of_collections(rule)

    def _of_members(self, when: core.Expr) -> frozenset[str] | None:
        """每个 处方.明细 满足（类别 属于 饮片）, as one of the conjuncts."""
        for item in when.items if isinstance(when, core.Logic) and when.op == "and" else (when,):
            if isinstance(item, core.Quantifier) and item.op == "each" and item.body is not None:
                found = self.where(item.body, item.element)
                if found is not None:
                    return found
        return None

    def _of_collections(self, rule: core.Rule) -> frozenset[str]:
        """Of a rule on something wider than a line: the lines that it looks at."""
        found: frozenset[str] = frozenset()
        nodes = list(expanded(decided_by(rule), self.lets))
        narrowed = {
            id(node.source): self.where(node.where, node.element)
            for node in nodes
            if isinstance(node, core.Collection) and node.where is not None
        }
        for node in nodes:
            if isinstance(node, core.Members) and node.field == "lines":
                proved = narrowed.get(id(node))
                found |= PRODUCTS if proved is None else proved
        return found

    def where(self, condition: core.Expr, local: str) -> frozenset[str] | None:
        """The products that a line can be where a condition holds; None: it does not tell."""
        match condition:
            case core.Local() if condition.name in self.lets:
                return self.where(self.lets[condition.name], local)
            case core.Logic(op="and"):
                told = [p for item in condition.items if (p := self.where(item, local)) is not None]
                return reduce(frozenset.intersection, told) if told else None
            case core.Logic():
                either = [self.where(item, local) for item in condition.items]
                if any(p is None for p in either):
                    return None
                return reduce(frozenset.union, (p for p in either if p is not None))
            case core.HasRow():
                return self._keyed(condition.keys, local)
            case core.Quantifier(op="any", collection=core.Rows() as rows):
                return self._keyed(rows.keys, local)
            case core.InSet():
                return self._member(condition, local)
            case core.Cmp(op="="):
                return self._code(condition.left, local) or self._code(condition.right, local)
            case _:
                return None

    def _keyed(self, keys: Iterable[core.Expr], local: str) -> frozenset[str] | None:
        told = [p for key in keys if (p := self._code(key, local)) is not None]
        return reduce(frozenset.intersection, told) if told else None

    def _member(self, node: core.InSet, local: str) -> frozenset[str] | None:
        operand = self._let(node.operand)
        if isinstance(operand, core.Get) and operand.field == "list_type":
            if not _is(operand.base, local) or not isinstance(node.set, core.LiteralSet):
                return None
            words = [item.value for item in node.set.items if isinstance(item, core.CodeItem)]
            return frozenset(kind for word in words for kind in self._kinds(word))
        return self._code(operand, local)

    def _kinds(self, word: str) -> frozenset[str]:
        enum = self.vocabulary.enums["list_type"]
        return next(
            (kinds for top, kinds in _OF_LIST_TYPE.items() if enum.is_under(word, top)), PRODUCTS
        )

    def _code(self, expr: core.Expr, local: str) -> frozenset[str] | None:
        expr = self._let(expr)
        if isinstance(expr, core.Get) and expr.field in PRODUCTS and _is(expr.base, local):
            return frozenset({expr.field})
        return None

    def _let(self, expr: core.Expr) -> core.Expr:
        while isinstance(expr, core.Local) and expr.name in self.lets:
            expr = self.lets[expr.name]
        return expr


def _is(expr: core.Expr, local: str) -> bool:
    return isinstance(expr, core.Local) and expr.name == local


def decided_by(rule: core.Rule) -> list[core.Expr]:
    """The expressions that decide whether a rule claims, and how much."""
    return [
        rule.when,
        rule.require,
        *(clause.condition for clause in rule.exceptions),
        *(key for _, key in rule.subject.keys),
        *(outcome.condition for outcome in rule.outcomes if outcome.condition is not None),
        *(outcome.amount for outcome in rule.outcomes if outcome.amount is not None),
    ]

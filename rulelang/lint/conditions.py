"""Opinions on conditions: those that decide nothing, and rules that others leave nothing to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations

from rulelang import core
from rulelang.check.guards import conjuncts
from rulelang.diagnostics import Diagnostic, Related, Words
from rulelang.lint.logic import constant, contradicts, implies, plain
from rulelang.source import Span
from rulelang.walk import walk

_STRENGTH = {"definite": 2, "suspect": 1, "indicator": 0}


def on_conditions(rule: core.Rule) -> Iterator[Diagnostic]:
    """RL0907 conditions that always come to the same, RL0908 conditions that others imply."""
    when = [plain(part, rule) for part in conjuncts(rule.when) if part.span.path]
    require = plain(rule.require, rule)
    exceptions = [plain(item.condition, rule) for item in rule.exceptions]
    for expr in (rule.when, rule.require, *(item.condition for item in rule.exceptions)):
        yield from _constants(expr, rule)
        yield from _joined(expr, rule)
    if len(when) > 1:
        yield from _joined(_all_of(when, rule.when), rule, skip=rule.when)
    for part in conjuncts(require):
        by = next((each for each in when if implies(each, part)), None)
        if by is not None:
            yield _always(part.span, by.span)
    for item, condition in zip(rule.exceptions, exceptions, strict=True):
        by = next((each for each in when if contradicts(each, condition)), None)
        if by is not None:
            yield _never(item.span, by.span)


def _all_of(items: list[core.Expr], like: core.Expr) -> core.Logic:
    return core.Logic(type=like.type, span=like.span, op="and", items=tuple(items))


def _always(span: Span, other: Span) -> Diagnostic:
    return Diagnostic(
        "RL0907",
        span,
        Words("这个条件总是成立", "this condition always holds"),
        Words("改正它，或删去它", "mend it, or take it away"),
        _because(other),
    )


def _never(span: Span, other: Span) -> Diagnostic:
    return Diagnostic(
        "RL0907",
        span,
        Words("这个条件从不成立", "this condition never holds"),
        Words("改正它，或删去它", "mend it, or take it away"),
        _because(other),
    )


def _because(other: Span) -> tuple[Related, ...]:
    return (Related(other, Words("因为这里已说定", "for this settles it")),) if other.path else ()


def _constants(expr: core.Expr, rule: core.Rule) -> Iterator[Diagnostic]:
    for node in walk(expr):
        if not isinstance(node, core.Cmp | core.Not) or not node.span.path:
            continue
        value = constant(plain(node, rule))
        if value is not None:
            nowhere = Span("", 0, 0)
            yield (_always if value else _never)(node.span, nowhere)


def _joined(
    expr: core.Expr, rule: core.Rule, skip: core.Expr | None = None
) -> Iterator[Diagnostic]:
    """Parts of `且`, `或` and of lists that say what another part has said, or its contrary."""
    for node in walk(expr):
        if not isinstance(node, core.Logic) or node.op == "at_least" or _is_range(node):
            continue
        items = [plain(item, rule) for item in node.items]
        if skip is not None and isinstance(skip, core.Logic) and node.span == skip.span:
            return
        yield from _redundant(node, items)
        if node.op == "and":
            for one, two in combinations(range(len(items)), 2):
                if contradicts(items[one], items[two]):
                    yield _never(node.items[two].span, node.items[one].span)


def _is_range(node: core.Logic) -> bool:
    """Whether two comparisons are one range as written."""
    return len({item.span for item in node.items}) == 1


def _redundant(node: core.Logic, items: list[core.Expr]) -> Iterator[Diagnostic]:
    told: set[int] = set()
    for one, two in permutations(range(len(items)), 2):
        strong, weak = (one, two) if node.op == "and" else (two, one)
        if weak in told or strong in told or not implies(items[strong], items[weak]):
            continue
        if implies(items[weak], items[strong]) and weak < strong:
            continue  # of two that are one, the later is told
        told.add(weak)
        if node.op == "or":  # the narrower one adds nothing
            strong, weak = weak, strong
            told = (told - {strong}) | {weak}
        yield Diagnostic(
            "RL0908",
            node.items[weak].span,
            Words("另一个条件已包含这个条件", "another condition says this already"),
            Words("删去它，或改正其中一个", "take it away, or mend one of the two"),
            (Related(node.items[strong].span, Words("另一个条件", "the other condition")),),
        )


# ---------------------------------------------------------------- shadows


def on_shadows(program: core.Program) -> Iterator[Diagnostic]:
    """RL0906: rules whose findings another rule of the same ruleset has already."""
    by_set: dict[str, list[core.Rule]] = {}
    for rule in program.rules:
        by_set.setdefault(rule.ruleset, []).append(rule)
    for rules in by_set.values():
        for one, two in permutations(rules, 2):
            if _shadows(one, two) and not (_shadows(two, one) and two.span.start < one.span.start):
                name = one.name
                yield Diagnostic(
                    "RL0906",
                    two.span,
                    Words(
                        f"`{name.zh}` 已查出这条规则要查的一切",
                        f"`{name.en}` finds all that this rule finds",
                    ),
                    Words(
                        "合成一条，或写出不同之处", "make one of the two, or say how they differ"
                    ),
                    (Related(one.span, Words("那条规则", "that rule")),),
                )


def _shadows(wide: core.Rule, narrow: core.Rule) -> bool:
    if (wide.subject, wide.outcomes, wide.keep) != (narrow.subject, narrow.outcomes, narrow.keep):
        return False
    if wide.exceptions or _STRENGTH[wide.certainty] < _STRENGTH[narrow.certainty]:
        return False
    if wide.in_force != narrow.in_force or not set(narrow.stages) <= set(wide.stages):
        return False
    guards = [plain(part, wide) for part in conjuncts(wide.when) if part.span.path]
    own = [plain(part, narrow) for part in conjuncts(narrow.when) if part.span.path]
    if not all(any(implies(each, guard) for each in own) for guard in guards):
        return False
    return implies(plain(wide.require, wide), plain(narrow.require, narrow))

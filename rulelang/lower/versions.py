"""Versions of one rule: of the same name, each in force in its period, known since its date (S14.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rulelang import ast, core
from rulelang.check.scope import Checker
from rulelang.diagnostics import Related, Words
from rulelang.resolve import KNOWN, VERSION, Symbol
from rulelang.source import Span
from rulelang.stretches import FIRST, LAST, meet, stretch_of

OF_CLOCKS = frozenset({"known_since", "version"})  # attributes that are no words for readers


def known_since(
    c: Checker, nodes: Sequence[ast.Attribute], attributes: dict[str, tuple[str, ...]]
) -> date | None:
    """The date of knowledge of a rule (属性 入库), taken out of its attributes."""
    for node in nodes:
        if node.name in VERSION:
            c.fail(
                "RL0705",
                node.span,
                ("`版本` 是规则集的属性，规则不写", "`version` is an attribute of a ruleset, not of a rule"),
                ("规则的版本用 `施行` 分开", "versions of a rule are told apart by `in_force`"),
            )  # fmt: skip
    written = attributes.get("known_since")
    for name in OF_CLOCKS:
        attributes.pop(name, None)
    return date.fromisoformat(written[0]) if written else None


def check_versions(c: Checker, rules: Sequence[tuple[Symbol, core.Rule]]) -> None:
    """Complain of versions that hold on the same days, and of days between them without one."""
    of_id: dict[str, list[tuple[Symbol, core.Rule]]] = {}
    for symbol, rule in rules:
        of_id.setdefault(rule.id, []).append((symbol, rule))
    for versions in of_id.values():
        if len(versions) > 1:
            ordered = sorted(versions, key=lambda item: stretch_of(*_ends(item[1])))
            _check_overlaps(c, ordered)
            _check_gaps(c, ordered)


def _ends(rule: core.Rule) -> tuple[date | None, date | None]:
    return rule.in_force.start, rule.in_force.end


def _check_overlaps(c: Checker, versions: Sequence[tuple[Symbol, core.Rule]]) -> None:
    """Of those known since the same date no two may hold on one day; one known later truncates."""
    latest: dict[date | None, tuple[Symbol, core.Rule]] = {}
    for symbol, rule in versions:
        before = latest.get(rule.known)
        if before is not None and meet(stretch_of(*_ends(before[1])), stretch_of(*_ends(rule))):
            name = rule.name
            c.fail(
                "RL0721",
                _place(symbol),
                (f"规则 `{name.zh}` 的两个版本期间重叠", f"two versions of the rule `{name.en}` overlap"),
                ("给前一个版本的 `施行` 写 `至`；若是后来更正的，给后一个写 `属性 入库 日期`",
                 "end the earlier version's `in_force` with `to`; a later correction says `attribute known_since` and its date"),
                (Related(_place(before[0]), Words("另一个版本在此", "the other version")),),
            )  # fmt: skip
        if before is None or stretch_of(*_ends(rule))[1] > stretch_of(*_ends(before[1]))[1]:
            latest[rule.known] = symbol, rule


def _check_gaps(c: Checker, versions: Sequence[tuple[Symbol, core.Rule]]) -> None:
    before, reached = versions[0][0], FIRST
    for symbol, rule in versions:
        start, end = stretch_of(*_ends(rule))
        if reached not in {FIRST, LAST} and start > reached:
            gap = date.fromordinal(reached), date.fromordinal(start - 1)
            c.fail(
                "RL0722",
                _place(symbol),
                (f"规则 `{rule.name.zh}` 在 {gap[0]} 至 {gap[1]} 没有版本",
                 f"the rule `{rule.name.en}` has no version from {gap[0]} to {gap[1]}"),
                ("接上日期；若那段时间确无规定，在注里写明", "join the dates; if there was no rule then, say so in a note"),
                (Related(_place(before), Words("前一个版本在此", "the version before")),),
            )  # fmt: skip
        if end > reached:
            before, reached = symbol, end


def _place(symbol: Symbol) -> Span:
    """Where a version says when it holds, else its name."""
    node = symbol.node
    heads = node.heads if isinstance(node, ast.Rule) else ()
    dated = (
        head
        for head in heads
        if isinstance(head, ast.InForce) or (isinstance(head, ast.Attribute) and head.name in KNOWN)
    )
    found = next(dated, None)
    return node.name.span if found is None else found.span

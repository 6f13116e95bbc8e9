"""Amendments as rules of their own, so that they are watched and changed like any other rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.layers import amendments_at
from rulelang import core
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from apps.authoring.cases import Prepared

NOTHING_BESIDES = core.TRUE_LIT


def as_rule(amendment: core.Amendment, rule: core.Rule) -> core.Rule:
    """What an amendment adds to a rule, as a rule that holds nothing else."""
    return replace(
        rule,
        id=amendment.id,
        name=Words(f"补充 {rule.name.zh}", f"amend {rule.name.en}"),
        ruleset=amendment.ruleset,
        territory=amendment.territory,
        citations=amendment.citations,
        in_force=amendment.in_force,
        certainty="",
        subject=replace(rule.subject, window=None, keys=()),
        lets=amendment.lets,
        when=NOTHING_BESIDES,
        require=amendment.require or NOTHING_BESIDES,
        exceptions=amendment.exceptions,
        outcomes=(),
        keep=None,
        deduct_order=None,
        messages=amendment.messages,
        remedies=amendment.remedies,
        notes=amendment.notes,
        amendments=(),
        span=amendment.span,
    )


def with_changes(amendment: core.Amendment, changed: core.Rule) -> core.Amendment:
    """The amendment as a rule made of it has been changed; see `as_rule`."""
    return replace(
        amendment,
        in_force=changed.in_force,
        lets=changed.lets,
        require=None if amendment.require is None else changed.require,
        exceptions=changed.exceptions,
    )


def amended_in(case: Prepared) -> Iterator[tuple[core.Amendment, core.Rule]]:
    """The amendments that a case is about, each with its rule.

    They are those of its own blocks, and those of the rules that it asks for which hold where one
    of its bills is.
    """
    holding = {
        each.id
        for bill in case.bills
        for those in amendments_at(case.program, bill).values()
        for each in those
    }
    rules = {rule.id: rule for rule in case.program.rules}
    for each in case.program.amendments:
        own = each.span.path in case.offsets
        if each.rule in rules and (own or (each.rule in case.focus and each.id in holding)):
            yield each, rules[each.rule]

"""Definitions checked where they stand, so that a mistake in one is told once and not at its uses.

A definition is put in place of its name at every use (rulelang.check.calls.inline). What only a use
can show (a proof that a value exists, the subject that 其余 leaves out) is left to the uses.
"""

from __future__ import annotations

from rulelang import ast, core, types
from rulelang.check.calls import inline
from rulelang.check.scope import Checker, Scope
from rulelang.codes import CODES
from rulelang.diagnostics import Level, Problems
from rulelang.lower.subjects import with_globals
from rulelang.lower.typed import columns_of
from rulelang.resolve import Symbol, canonical

_LEFT_TO_USES = frozenset({"RL0306", "RL0309"})


def check_definitions(c: Checker) -> None:
    """Check all definitions of one ruleset."""
    for item, file in c.unit.items():
        if not isinstance(item, ast.Define):
            continue
        symbol = c.unit.names[canonical(item.name)]
        if symbol.node is item:
            c.spelling = file.spelling
            _check(c, symbol, item)


def _check(c: Checker, symbol: Symbol, node: ast.Define) -> None:
    before, c.problems = c.problems, Problems()
    try:
        parameters = columns_of(c, node.parameters, symbol.id)
        arguments = tuple(
            core.Local(type=parameter.type, name=parameter.name.en) for parameter in parameters
        )
        prescription = core.Local(type=types.entity("prescription"), name="prescription")
        scope = with_globals(Scope()).bind(("处方", "prescription"), prescription)
        if len(arguments) == len(node.parameters):
            inline(c, symbol, node, arguments, node.name.span, scope)
        found = [each for each in c.problems.found if each.code not in _LEFT_TO_USES]
    finally:
        c.problems = before
    c.problems.found.extend(found)
    if any(CODES[each.code].level is Level.ERROR for each in found):
        c.declared.faulty.add(symbol.id)

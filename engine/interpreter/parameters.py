"""Parameters: the value on the governing date, and what nobody has filled (S14, S15.1)."""

from __future__ import annotations

from engine.derivation import GapLeaf, Step
from engine.facts import UNKNOWN_VALUE, Value
from engine.interpreter.lookup import constant, join
from engine.interpreter.results import Context, Result
from rulelang import core
from rulelang.values import UNKNOWN, Range


def evaluate_param(expr: core.ParamRef, context: Context) -> Result:
    """A parameter's value at the governing date; the hull where the date is not certain."""
    param = context.program.params[expr.param]
    found: list[Value] = []
    gap: tuple[Step, ...] = ()
    for each in possible_values(param, context.on):
        if isinstance(each.value, core.Lit):
            found.append(constant(each.value.value, param.type, each.value.unit))
        else:  # 不明
            found.append(UNKNOWN_VALUE)
            gap = (Step(None, "leaf", UNKNOWN, leaf=GapLeaf(param.id, _filler(param))),)
    value = join(found)
    dated = (
        () if value.is_known or len(found) == 1 or context.on_leaf is None else (context.on_leaf,)
    )
    return value, Step(expr, "all", value, (*dated, *gap), label=expr.param)


def possible_values(param: core.ParamDef, on: Range) -> list[core.ParamValue]:
    """The values that a parameter may have on a date that is known by bounds only."""
    found: list[core.ParamValue] = []
    for place, each in enumerate(param.values):
        end = param.values[place + 1].start if place + 1 < len(param.values) else None
        reached = each.start is None or on.high is None or on.high >= each.start
        over = end is not None and on.low is not None and on.low >= end
        if reached and not over:
            found.append(each)
    return found


def _filler(param: core.ParamDef) -> str:
    """Who says what a parameter leaves open: the layer that it is opened to, else its author."""
    layers = [each.authority for each in param.openings if "fill" in each.words]
    return layers[0] if layers else "insurance_authority"

"""`+ - * /` on numbers, and dates moved by days, months or hours (S3, S4)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from engine.derivation import Step
from engine.facts import ABSENT, UNKNOWN_VALUE, UNLIMITED, Value
from engine.interpreter.compare import in_own_unit, same_unit
from engine.interpreter.results import Context, Result
from engine.interpreter.unit_factors import common_unit, scaled
from rulelang import calendar, core, values
from rulelang.unit_algebra import combined, conversion, product_type, static_unit
from rulelang.values import FALSE, TRUE, UNKNOWN, Range, Truth


def evaluate_arith(expr: core.Arith, context: Context) -> Result:
    """`left op right`; of no value, and of "no limit", comes the same."""
    left, first = context.evaluate(expr.left, context)
    right, second = context.evaluate(expr.right, context)
    steps = (first, second)
    if not isinstance(left, Value) or not isinstance(right, Value):
        return UNKNOWN_VALUE, Step(expr, "all", UNKNOWN_VALUE, steps)
    absent = _absent(expr, left, right)
    if absent is TRUE:
        return ABSENT, Step(expr, "all", ABSENT, steps)
    if left.unlimited or right.unlimited:
        return UNLIMITED, Step(expr, "all", UNLIMITED, steps)
    value = _arith(expr, left, right, absent)
    return value, Step(expr, "all", value, steps)


def _absent(expr: core.Arith, left: Value, right: Value) -> Truth:
    """Whether there is no value: of an operand, or because the divisor is 0 (S10.1)."""
    found = {left.absent, right.absent}
    if expr.op == "/":
        found.add(_is_zero(right))
    if TRUE in found:
        return TRUE
    return UNKNOWN if UNKNOWN in found else FALSE


def _is_zero(divisor: Value) -> Truth:
    if divisor.unlimited:
        return FALSE
    if divisor.range is None:
        return UNKNOWN
    return values.equal(divisor.range, values.ZERO)


def _arith(expr: core.Arith, left: Value, right: Value, absent: Truth) -> Value:
    if left.range is None or right.range is None:
        return Value(absent=absent)
    if expr.left.type.kind in {"date", "datetime"}:
        return Value(range=_moved(expr, left.range, right.range), absent=absent)
    if (
        expr.op in {"*", "/"}
        and product_type(expr.op, expr.left.type, expr.right.type) == expr.type
    ):
        return _with_units(expr, left, right, absent)
    unit, first, second = _in_units(expr, left, right)
    if first is None or second is None:
        return Value(absent=absent, unit=unit)
    match expr.op:
        case "+":
            result = values.add(first, second)
        case "-":
            result = values.add(first, values.negative(second))
        case "*":
            result = values.multiply(first, second)
        case _:
            result = values.divide(first, second)
    return Value(range=result, absent=absent, unit=unit)


def _with_units(expr: core.Arith, left: Value, right: Value, absent: Truth) -> Value:
    """A product or quotient of two quantities with units: mg/kg/天 × kg × 天 is mg (S3.1)."""
    one, other = (
        in_own_unit(side, expr_.type) for side, expr_ in ((left, expr.left), (right, expr.right))
    )
    if one.unit is None or other.unit is None or one.range is None or other.range is None:
        return Value(absent=absent)
    unit, factor = combined(expr.op, one.unit, other.unit)
    wanted = static_unit(expr.type) or ("" if expr.type.kind == "number" else unit)
    scale = conversion(unit, wanted)
    if scale is None or (not wanted and expr.type.kind != "number"):
        return Value(absent=absent)  # units that meet in no one way: 支 and mg
    operate = values.multiply if expr.op == "*" else values.divide
    found = values.multiply(operate(one.range, other.range), Range.exactly(plainly(factor * scale)))
    shown = None if expr.type.kind in {"number", "days", "seconds"} else wanted
    return Value(range=found, absent=absent, unit=shown)


def plainly(factor: Fraction) -> Decimal | Fraction:
    """A factor as a decimal, where it has one."""
    rest = factor.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return Decimal(factor.numerator) / Decimal(factor.denominator) if rest == 1 else factor


def _in_units(
    expr: core.Arith, left: Value, right: Value
) -> tuple[str | None, Range | None, Range | None]:
    """The unit of the result, and the operands in units that go together."""
    if expr.left.type.kind == expr.right.type.kind == "quantity":
        if expr.op == "/":
            return None, *same_unit(left, right)
        unit, (one, other) = common_unit([left, right])
        return unit, scaled(left.range, one), scaled(right.range, other)
    unit = expr.type.name if expr.type.kind == "measure" else None
    if expr.type.kind == "quantity":
        unit = left.unit if left.unit is not None else right.unit
    return unit, left.range, right.range


def _moved(expr: core.Arith, start: Range, by: Range) -> Range:
    if expr.op == "-":
        by = values.negative(by)
    match expr.right.type.kind:
        case "months":
            return calendar.shift_months(start, by)
        case "seconds":
            return calendar.shift_seconds(start, by)
        case _:
            return calendar.shift_days(start, by)

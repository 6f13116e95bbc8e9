"""Comparisons of sums over one collection, rewritten into joint forms (S8.2).

`合计 a 取自 C 满足（p） <= 30% * 合计 a 取自 C` asks of each member of C what it adds to the difference of
both sides, so that a member that is not known stands on both sides with one figure. A quotient of
sums, `x / y <= k`, is read as `x - k * y <= 0`: y is above 0 by the guard that S10.1 demands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from rulelang import core, types
from rulelang.check.collections import SUMS
from rulelang.check.guards import alike
from rulelang.walk import rebuild, walk

ADDITIVE = frozenset({"number", "ratio", "money", "quantity", "measure"})
ONE = core.Lit(type=types.NUMBER, value=Decimal(1))


@dataclass(frozen=True, slots=True)
class _Sum:
    """`factor` times an aggregate, or (no `over`) times any other figure."""

    factor: core.Expr
    figure: core.Expr

    @property
    def over(self) -> core.Aggregate | None:
        """The sum or count that is taken member by member."""
        found = self.figure
        return found if isinstance(found, core.Aggregate) and found.op in SUMS else None


@dataclass(frozen=True, slots=True)
class _Fraction:
    """A figure as a sum of parts, over a divisor that is one too (None: 1)."""

    parts: tuple[_Sum, ...]
    divisor: tuple[_Sum, ...] | None = None


def joined(rule: core.Rule) -> core.Rule:
    """The rule with its comparisons of sums over one collection as joint forms."""
    lets = {let.name: let.value for let in rule.lets}

    def change(node: core.Expr) -> core.Expr:
        if isinstance(node, core.OrElse):  # a divisor need not be proved before 缺则
            return replace(node, operand=rebuild(node.operand, _as_written))
        return _joint(node, lets) or node if isinstance(node, core.Cmp) else node

    def of(expr: core.Expr) -> core.Expr:
        return rebuild(expr, change)

    return replace(
        rule,
        lets=tuple(replace(let, value=of(let.value)) for let in rule.lets),
        when=of(rule.when),
        require=of(rule.require),
        exceptions=tuple(replace(each, condition=of(each.condition)) for each in rule.exceptions),
        outcomes=tuple(
            replace(
                each,
                amount=each.amount and of(each.amount),
                condition=each.condition and of(each.condition),
            )
            for each in rule.outcomes
        ),
    )


def _as_written(node: core.Expr) -> core.Expr:
    return node.written if isinstance(node, core.Joint) else node


def _joint(written: core.Cmp, lets: Mapping[str, core.Expr]) -> core.Joint | None:
    if written.left.type.kind not in ADDITIVE or written.right.type.kind not in ADDITIVE:
        return None
    parts = _difference(_fraction(written.left, lets), _fraction(written.right, lets))
    shared = _shared(parts)
    kinds = {part.figure.type.kind for part in parts} | {written.left.type.kind}
    if shared is None or {"money", "quantity"} <= kinds:  # a price of units that may differ
        return None
    base, element = shared
    named = core.Local(type=base.type.element or types.ERROR, name=element)
    known: list[core.Expr] = []
    addends: list[core.Addend] = []
    rest: list[core.Expr] = []
    for part in parts:
        over = part.over
        if over is None or not alike(_base(over.collection), base):
            rest.append(_times(part.factor, part.figure))
            continue
        where, value = _parts_of(over, named)
        addends.append(
            core.Addend(
                type=over.type,
                factor=part.factor,
                where=where and _interned(where, known),
                value=value and _interned(value, known),
            )
        )
    return core.Joint(
        type=types.YES_NO,
        span=written.span,
        written=written,
        op=written.op,
        collection=base,
        element=element,
        addends=tuple(addends),
        rest=tuple(rest),
    )


# ---------------------------------------------------------------- figures as sums of parts


def _fraction(expr: core.Expr, lets: Mapping[str, core.Expr]) -> _Fraction:
    """A figure taken apart; what is no sum, difference, multiple or quotient stays whole."""
    whole = _Fraction((_Sum(ONE, expr),))
    match expr:
        case core.Local() if expr.name in lets:
            found = _fraction(lets[expr.name], lets)
            return found if _has_sums(found) else whole
        case core.Neg():
            return _scaled(_fraction(expr.operand, lets), core.Neg(type=types.NUMBER, operand=ONE))
        case core.Arith() if expr.type.kind in ADDITIVE:
            left, right = _fraction(expr.left, lets), _fraction(expr.right, lets)
            return _combined(expr, left, right) or whole
        case _:
            return whole


def _combined(expr: core.Arith, left: _Fraction, right: _Fraction) -> _Fraction | None:
    if expr.op in {"+", "-"}:
        if left.divisor is not None or right.divisor is not None:
            return None
        return _Fraction(_difference(left, right) if expr.op == "-" else left.parts + right.parts)
    if expr.op == "*":
        if not _has_sums(right):
            return _scaled(left, expr.right)
        return None if _has_sums(left) else _scaled(right, expr.left)
    if isinstance(expr.right, core.Lit):
        inverse = core.Arith(type=types.NUMBER, op="/", left=ONE, right=expr.right)
        return _scaled(left, inverse)
    return None if left.divisor or right.divisor else _Fraction(left.parts, right.parts)


def _scaled(of: _Fraction, factor: core.Expr) -> _Fraction:
    parts = tuple(replace(part, factor=_times(factor, part.factor)) for part in of.parts)
    return _Fraction(parts, of.divisor)


def _has_sums(of: _Fraction) -> bool:
    return any(part.over is not None for part in (*of.parts, *(of.divisor or ())))


def _times(factor: core.Expr, figure: core.Expr) -> core.Expr:
    if factor == ONE:
        return figure
    if figure == ONE:
        return factor
    return core.Arith(type=figure.type, op="*", left=factor, right=figure)


def _difference(left: _Fraction, right: _Fraction) -> tuple[_Sum, ...]:
    """The parts of left - right, both times the one divisor; none where that is no sum of parts."""
    if left.divisor is None and right.divisor is None:
        first, second = left.parts, right.parts
    elif right.divisor is None and not _has_sums(right):
        first, second = left.parts, _product(right.parts, left.divisor or ())
    elif left.divisor is None and not _has_sums(left):
        first, second = _product(left.parts, right.divisor or ()), right.parts
    else:
        return ()
    minus = core.Neg(type=types.NUMBER, operand=ONE)
    return (*first, *(replace(part, factor=_times(minus, part.factor)) for part in second))


def _product(plain: Sequence[_Sum], sums: Sequence[_Sum]) -> tuple[_Sum, ...]:
    return tuple(
        _Sum(_times(_times(one.factor, one.figure), other.factor), other.figure)
        for one in plain
        for other in sums
    )


# ---------------------------------------------------------------- one collection


def _shared(parts: Sequence[_Sum]) -> tuple[core.Expr, str] | None:
    """The collection that two or more of the sums are over, and a name for its members."""
    sums = [part.over for part in parts if part.over is not None and _is_plain(part.over)]
    for place, one in enumerate(sums):
        base = _base(one.collection)
        if any(alike(_base(other.collection), base) for other in sums[place + 1 :]):
            return base, one.element
    return None


def _is_plain(figure: core.Aggregate) -> bool:
    """Whether its figures are facts of members: a cell may be "no limit", which is no number."""
    element = figure.collection.type.element
    if element is None or element.kind != "entity" or element.name.startswith("row:"):
        return False
    value = figure.value
    return value is None or not any(
        isinstance(node, core.CellOf | core.Decide | core.OrElse | core.If) for node in walk(value)
    )


def _base(collection: core.Expr) -> core.Expr:
    """A collection without its conditions; windows and 其余 stay."""
    if not isinstance(collection, core.Collection):
        return collection
    if collection.window is None and not collection.other:
        return _base(collection.source)
    return replace(collection, where=None)


def _parts_of(
    figure: core.Aggregate, named: core.Local
) -> tuple[core.Expr | None, core.Expr | None]:
    """The condition and the value of a sum, both of the member `named`."""
    wheres: list[core.Expr] = []
    collection = figure.collection
    while isinstance(collection, core.Collection):
        if collection.where is not None:
            wheres.insert(0, _renamed(collection.where, collection.element, named))
        if collection.window is not None or collection.other:
            break
        collection = collection.source
    where = wheres[0] if len(wheres) == 1 else None
    if len(wheres) > 1:
        where = core.Logic(type=types.YES_NO, op="and", items=tuple(wheres))
    value = figure.value and _renamed(figure.value, figure.element, named)
    return where, value


def _renamed(expr: core.Expr, name: str, to: core.Local) -> core.Expr:
    def change(node: core.Expr) -> core.Expr:
        if isinstance(node, core.Local) and node.name == name:
            return replace(node, name=to.name)
        return node

    return rebuild(expr, change)


def _interned(expr: core.Expr, known: list[core.Expr]) -> core.Expr:
    """`expr` with every part that means the same as an earlier one written as that one."""
    if isinstance(expr, core.Logic):
        return replace(expr, items=tuple(_interned(item, known) for item in expr.items))
    if isinstance(expr, core.Not):
        return replace(expr, operand=_interned(expr.operand, known))
    for other in known:
        if alike(expr, other):
            return other
    known.append(expr)
    return expr

"""Functions of rules on periods and on the ruleset: 上期, 去年同期, 行数."""

from __future__ import annotations

from dataclasses import replace

from rulelang import ast, core, types
from rulelang.check.guards import has_proof, spelt_out
from rulelang.check.scope import Checker, Scope, broken, is_broken
from rulelang.operations import Function
from rulelang.typenames import WINDOW_WORDS
from rulelang.units import BY_NAME
from rulelang.walk import walk

_PARTIAL = (core.Arith, core.CellOf, core.Aggregate, core.Pick)
_MAY_BE_NONE = frozenset({"/", "max", "min", "median"})


def check_shift(c: Checker, node: ast.Call, function: Function, scope: Scope) -> core.Expr:
    """`上期（x）`: `x` as it was a period before. What is proved of now proves nothing of then."""
    if not c.period:
        return c.fail(
            "RL0309",
            node.span,
            (f"`{function.zh}` 只用于针对期间的规则", f"`{function.en}` belongs to rules on periods"),
            ("写 `针对 机构 每 自然月`", "write `for institution per calendar_month`"),
        )  # fmt: skip
    then = replace(scope, proved=tuple(_of_then(known, function.en) for known in scope.proved))
    found = c.expr(c, node.arguments[0], then, None)
    if is_broken(found):
        return found
    if found.type.kind not in function.takes[0]:
        words = c.say(found.type)
        return c.fail(
            "RL0301",
            node.arguments[0].span,
            (f"`{function.zh}` 不接受{words.zh}", f"`{function.en}` does not take {words.en}"),
            (
                "它比较的是一个值，如 `上期（机构.总费用）`",
                "it takes a value, as `previous(institution.total_cost)`",
            ),
        )
    result = core.Call(type=found.type, span=node.span, function=function.en, arguments=(found,))
    return result if scope.guarded or scope.printing else _proved(c, result, then)


def _of_then(known: core.Expr, function: str) -> core.Expr:
    """A condition on what was then, as a condition that holds then; any other says nothing."""
    if isinstance(known, core.Cmp) and isinstance(known.left, core.Call):
        left = known.left
        if left.function == function and isinstance(known.right, core.Lit):
            return replace(known, left=left.arguments[0])
    if isinstance(known, core.Call) and known.function == function:
        return known.arguments[0]
    return core.TRUE_LIT if not is_broken(known) else known


def _proved(c: Checker, call: core.Call, then: Scope) -> core.Expr:
    """A name stands for what was proved of now; of then it may have no value (S10.1)."""
    names = {node.name for node in walk(call) if isinstance(node, core.Local)} & set(c.lets)
    for name in sorted(names):
        for part in walk(spelt_out(c.lets[name], c.lets)):
            if isinstance(part, _PARTIAL) and _needs_proof(part) and not has_proof(part, then):
                shown = c.text(call.span)
                return c.fail(
                    "RL0306",
                    call.span,
                    (
                        f"`{shown}` 可能没有值：`{name}` 的条件只对本期成立",
                        f"`{shown}` may have no value: what proves `{name}` holds of this period only",
                    ),
                    (f"在后面写 `{c.keyword('ORELSE')} …`",
                     f"write `{c.keyword('ORELSE')} …` behind it"),
                )  # fmt: skip
    return call


def _needs_proof(part: core.Expr) -> bool:
    if isinstance(part, core.Arith):
        literal = isinstance(part.right, core.Lit) and bool(part.right.value)
        return part.op == "/" and not literal
    return not isinstance(part, core.Aggregate) or part.op in _MAY_BE_NONE


def check_rows(c: Checker, node: ast.Call, function: Function, scope: Scope) -> core.Expr:
    """`行数（表）`: the rows in force, or the items of a list."""
    found = c.expr(c, node.arguments[0], scope, None)
    if is_broken(found):
        return broken(node.span)
    if isinstance(found, core.Rows) and not found.keys:
        return core.Aggregate(
            type=types.NUMBER, span=node.span, op="count", collection=found, element=c.fresh()
        )
    if isinstance(found, core.ListSet):
        return core.Call(
            type=types.NUMBER, span=node.span, function=function.en, arguments=(found,)
        )
    words = c.say(found.type)
    return c.fail(
        "RL0301",
        node.arguments[0].span,
        (f"`{function.zh}` 不接受{words.zh}", f"`{function.en}` does not take {words.en}"),
        ("写知识表或名单的名称", "write the name of a table or a list"),
    )


def goes_with_periods(c: Checker, window: ast.Window) -> bool:
    """A period has no visit, prescription or hour; days and months count back from its last day."""
    word = WINDOW_WORDS.get(window.word or "", "")
    length = BY_NAME[window.length.unit].kind if window.length is not None else ""
    if word not in {"same_visit", "same_prescription", "same_hour"} and length != "seconds":
        return True
    c.fail(
        "RL0309",
        window.span,
        (
            "期间没有就诊、处方和时刻，窗口从它的末日起算",
            "a period has no visit, prescription or hour; windows count from its last day",
        ),
        (
            "写成条件，如 `满足（相隔（日期，行.日期） <= 1天）`",
            "write it as a condition, as `where (gap(date, row.date) <= 1d)`",
        ),
    )
    return False

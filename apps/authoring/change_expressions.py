"""How two expressions differ, told as small as it can be: 30 g/L to 35 g/L, not all of 要求."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from apps.authoring.change import Change, Sides, added, moved, removed, unmatched
from apps.authoring.nudges import constant_words, item_words
from apps.authoring.variants import asked_of_each, excerpt
from engine.filling import THIS_VALUE, name_words
from rulelang import core, types
from rulelang.diagnostics import Words

OPERATORS: Mapping[str, Words] = {
    "and": Words("且", "and"), "or": Words("或", "or"), "at_least": Words("至少", "at least"),
    "any": Words("任一", "any"), "each": Words("每个", "each"),
    "count": Words("计数", "count"), "days": Words("计日", "days"),
    "distinct": Words("不同的", "distinct"), "sum": Words("合计", "sum"),
    "max": Words("最大", "max"), "min": Words("最小", "min"), "median": Words("中位数", "median"),
    "first": Words("首个", "first"), "last": Words("末个", "last"),
}  # fmt: skip
KIND_OF_FIELD = {"op": "comparison", "window": "period"}
OUTER = frozenset({"collection", "source", "anchor"})  # what an element is not bound in


def normal(expr: Any, names: Mapping[str, str]) -> Any:
    """An expression whose bound names say only where they are bound."""
    if isinstance(expr, core.Local):
        return replace(expr, name=names.get(expr.name, expr.name))
    if isinstance(expr, core.Quantifier):
        expr = asked_of_each(expr)
    inner = dict(names)
    renamed: dict[str, Any] = {}
    element = getattr(expr, "element", None)
    if isinstance(element, str):
        inner[element] = renamed["element"] = f"·{len(names)}"
    for item in fields(expr):
        if item.name in {"type", "span"}:
            continue
        value = getattr(expr, item.name)
        known = names if item.name in OUTER else inner
        if isinstance(value, core.Node):
            renamed[item.name] = normal(value, known)
        elif isinstance(value, tuple) and any(isinstance(part, core.Node) for part in value):
            renamed[item.name] = tuple(
                normal(part, known) if isinstance(part, core.Node) else part for part in value
            )
    return replace(expr, **renamed) if renamed else expr


def expression_changes(
    sides: Sides, where: Words, old: core.Expr | None, new: core.Expr | None
) -> Iterator[Change]:
    """The differences of two expressions that stand in the same place of a rule."""
    if old == new:
        return
    if old is None or new is None:
        yield from _one_side(sides, where, old, new)
        return
    sides = sides.at(old.span, new.span)
    if _is_list(old, new):
        yield from _list_changes(sides, where, old, new)
    elif type(old) is not type(new):
        yield _whole(sides, where, old, new)
    else:
        yield from _of_one_kind(sides, where, old, new)


def _one_side(
    sides: Sides, where: Words, old: core.Expr | None, new: core.Expr | None
) -> Iterator[Change]:
    if old is not None:
        yield sides.change("condition", removed(where, _said(old, sides.old)), old.span)
    if new is not None:
        yield sides.change("condition", added(where, _said(new, sides.new)), new=new.span)


def _of_one_kind(sides: Sides, where: Words, old: core.Expr, new: core.Expr) -> Iterator[Change]:
    match old, new:
        case core.Lit(), core.Lit() if old.type == new.type:
            before = constant_words(old.value, old.type, sides.old, old.unit)
            after = constant_words(new.value, new.type, sides.new, new.unit)
            yield sides.change("threshold", moved(where, before, after))
        case core.Cmp(), core.Cmp():
            yield from _comparison(sides, where, old, new)
        case core.InSet(), core.InSet() if old.operand == new.operand and old.under == new.under:
            yield from _membership(sides, where, old, new)
        case core.Not(), core.Not():
            yield from expression_changes(sides, where, old.operand, new.operand)
        case _:
            yield from _fields(sides, where, old, new)


def _fields(sides: Sides, where: Words, old: Any, new: Any) -> Iterator[Change]:
    """Expressions of one kind, field by field; as wholes where more than one place differs in kind."""
    differing = [
        item.name
        for item in fields(old)
        if item.name not in {"type", "span"} and getattr(old, item.name) != getattr(new, item.name)
    ]
    told: list[Change] = []
    for name in differing:
        before: Any = getattr(old, name)
        after: Any = getattr(new, name)
        if name == "op" and before in OPERATORS and after in OPERATORS:
            said = moved(_at(where, old, sides), OPERATORS[before], OPERATORS[after])
            told.append(sides.change("operation", said))
        elif name == "window" and before is not None and after is not None:
            pair = (constant_words(before, types.WINDOW, sides.old),)
            said = moved(
                _at(where, old, sides), *pair, constant_words(after, types.WINDOW, sides.new)
            )
            told.append(sides.change("period", said))
        elif all(each is None or isinstance(each, core.Node) for each in (before, after)):
            told += expression_changes(sides, where, before, after)
        elif _are_alike(before, after):
            for one, other in zip(before, after, strict=True):
                told += expression_changes(sides, where, one, other)
        else:
            told = [_whole(sides, where, old, new)]
            break
    yield from told or [_whole(sides, where, old, new)]


def _are_alike(old: object, new: object) -> bool:
    """Whether two fields hold as many expressions, and nothing else."""
    if not isinstance(old, tuple) or not isinstance(new, tuple) or len(old) != len(new):
        return False
    return all(isinstance(part, core.Node) for part in (*old, *new))


def _comparison(sides: Sides, where: Words, old: core.Cmp, new: core.Cmp) -> Iterator[Change]:
    if old.left != new.left and old.right != new.right:
        yield _whole(sides, where, old, new)
        return
    kept = old.left if old.left == new.left else old.right
    if old.op != new.op:
        said = moved(_at(where, old, sides), Words(old.op, old.op), Words(new.op, new.op))
        yield sides.change("comparison", said)
    narrower = _joined(where, _name(kept, sides))
    yield from expression_changes(sides, narrower, old.left, new.left)
    yield from expression_changes(sides, narrower, old.right, new.right)


def _membership(sides: Sides, where: Words, old: core.InSet, new: core.InSet) -> Iterator[Change]:
    where = _joined(where, _name(old.operand, sides))
    if isinstance(old.set, core.LiteralSet) and isinstance(new.set, core.LiteralSet):
        gone, come = unmatched(old.set.items, new.set.items)
        for item in gone:
            said = removed(where, item_words(item, old.operand.type, sides.old))
            yield sides.change("item", said)
        for item in come:
            said = added(where, item_words(item, new.operand.type, sides.new))
            yield sides.change("item", said)
    else:
        yield _whole(sides, where, old, new)


# ---------------------------------------------------------------- lists of conditions


def _is_list(old: core.Expr, new: core.Expr) -> bool:
    """Whether both can be read as lists of conditions."""
    both = isinstance(old, core.Logic) and isinstance(new, core.Logic)
    one = any(isinstance(each, core.Logic) and each.op == "and" for each in (old, new))
    return both or (one and types.YES_NO == old.type == new.type)


def _parts(expr: core.Expr, op: str) -> tuple[core.Expr, ...]:
    return expr.items if isinstance(expr, core.Logic) and expr.op == op else (expr,)


def _list_changes(sides: Sides, where: Words, old: core.Expr, new: core.Expr) -> Iterator[Change]:
    op = "and"
    if isinstance(old, core.Logic) and isinstance(new, core.Logic):
        if (old.op, old.needed) != (new.op, new.needed):
            said = moved(_at(where, old, sides), _operator(old), _operator(new))
            yield sides.change("operation", said)
        before, after = unmatched(old.items, new.items)
    else:
        before, after = unmatched(_parts(old, op), _parts(new, op))
    yield from _paired(sides, where, before, after)


def _operator(expr: core.Logic) -> Words:
    words = OPERATORS[expr.op]
    count = f" {expr.needed}" if expr.needed else ""
    return Words(words.zh + count, words.en + count)


def _paired(
    sides: Sides, where: Words, before: Sequence[core.Expr], after: Sequence[core.Expr]
) -> Iterator[Change]:
    """What is left of two lists: changed where they can be paired, else gone and come."""
    if len(before) == len(after):
        for old, new in zip(before, after, strict=True):
            yield from expression_changes(sides, where, old, new)
        return
    for old in before:
        yield sides.change("condition", removed(where, _said(old, sides.old)), old.span)
    for new in after:
        yield sides.change("condition", added(where, _said(new, sides.new)), new=new.span)


# ---------------------------------------------------------------- words


def _whole(sides: Sides, where: Words, old: core.Expr, new: core.Expr) -> Change:
    return sides.change("expression", moved(where, _said(old, sides.old), _said(new, sides.new)))


def _said(expr: core.Expr, program: core.Program) -> Words:
    """An expression as it is written, or by its name."""
    text = excerpt(expr.span, program)
    return Words(text, text) if text else name_words(expr, program)


def _name(expr: core.Expr, sides: Sides) -> Words:
    found = name_words(expr, sides.old)
    return _said(expr, sides.old) if found == THIS_VALUE else found


def _at(where: Words, expr: core.Expr, sides: Sides) -> Words:
    """The place with what stands there, unless the place says it."""
    text = excerpt(expr.span, sides.old)
    return _joined(where, Words(f"`{text}`", f"`{text}`")) if text else where


def _joined(where: Words, name: Words) -> Words:
    return Words(f"{where.zh} {name.zh}", f"{where.en} {name.en}")

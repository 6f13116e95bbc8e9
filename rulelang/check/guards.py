"""Proofs that a value exists (S10.1): what a condition proves, and what needs proof."""

from __future__ import annotations

from dataclasses import replace

from rulelang import core, types
from rulelang.check.scope import Checker, Scope, is_broken

BINDERS = (core.Collection, core.Quantifier, core.Aggregate, core.Pick, core.Column)


def conjuncts(condition: core.Expr) -> tuple[core.Expr, ...]:
    """What holds where `condition` holds."""
    if isinstance(condition, core.Logic) and condition.op == "and":
        return tuple(part for item in condition.items for part in conjuncts(item))
    return (condition,)


def require_value(c: Checker, value: core.Expr, scope: Scope) -> core.Expr:
    """`value`, with a complaint if nothing proves that it exists and no else stands behind it."""
    if scope.guarded or scope.printing or is_broken(*scope.proved) or has_proof(value, scope):
        return value
    if c.lets and has_proof(spelt_out(value, c.lets), _spelt_out(scope, c.lets)):
        return value
    found, mend = _unproved(c, value)
    return c.fail("RL0306", value.span, found, mend)


def has_proof(value: core.Expr, scope: Scope) -> bool:
    """Whether a condition that holds here proves the value."""
    match value:
        case core.CellOf():
            wanted = core.HasRow(type=types.YES_NO, table=value.table, keys=value.keys)
            return any(alike(wanted, known) for known in scope.proved)
        case core.Aggregate() | core.Pick():
            return any(_proves_member(known, value.collection) for known in scope.proved)
        case core.Arith():
            return _proves_divisor(value.right, scope)
        case _:
            return False


def spelt_out(expr: core.Expr, lets: dict[str, core.Expr]) -> core.Expr:
    """`expr` with every 记 in place of its name: a proof holds for what a name stands for."""
    from rulelang.walk import rebuild  # noqa: PLC0415 - walk imports core only

    def change(node: core.Expr) -> core.Expr:
        named = lets.get(node.name) if isinstance(node, core.Local) else None
        return node if named is None else spelt_out(named, lets)

    return rebuild(expr, change)


def _spelt_out(scope: Scope, lets: dict[str, core.Expr]) -> Scope:
    return replace(scope, proved=tuple(spelt_out(known, lets) for known in scope.proved))


def _proves_member(known: core.Expr, collection: core.Expr) -> bool:
    if isinstance(known, core.Quantifier) and known.op == "any" and known.body is None:
        return same_collection(known.collection, collection)
    if isinstance(known, core.Cmp) and isinstance(known.left, core.Aggregate):
        count = known.left
        enough = isinstance(known.right, core.Lit) and (
            (known.op == ">" and known.right.value >= 0)
            or (known.op == ">=" and known.right.value >= 1)
        )
        return count.op == "count" and enough and same_collection(count.collection, collection)
    return False


def same_collection(left: core.Expr, right: core.Expr) -> bool:
    """Whether two collections are written alike; one that is not narrowed is its source."""
    return alike(_narrowed(left), _narrowed(right))


def _narrowed(collection: core.Expr) -> core.Expr:
    if isinstance(collection, core.Collection) and not (
        collection.where or collection.window or collection.other
    ):
        return collection.source
    return collection


def alike(left: core.Expr, right: core.Expr) -> bool:
    """Whether two expressions are the same, whatever the members of their collections are called."""
    return left == right or _numbered(left) == _numbered(right)


def _numbered(expr: core.Expr) -> core.Expr:
    """`expr` with the members of its collections called by their place."""
    from rulelang.walk import rebuild, walk  # noqa: PLC0415 - walk imports core only

    names: dict[str, str] = {}
    for node in walk(expr):
        if isinstance(node, BINDERS):
            names.setdefault(node.element, f"#{len(names)}")

    def change(node: core.Expr) -> core.Expr:
        if isinstance(node, core.Local) and node.name in names:
            return replace(node, name=names[node.name])
        if isinstance(node, BINDERS):
            return replace(node, element=names[node.element])
        return node

    return rebuild(expr, change)


def _proves_divisor(divisor: core.Expr, scope: Scope) -> bool:
    if isinstance(divisor, core.Lit):
        return bool(divisor.value)
    for known in scope.proved:
        if not isinstance(known, core.Cmp) or known.op != ">":
            continue
        if not alike(known.left, divisor):
            continue
        if isinstance(known.right, core.Lit) and known.right.value >= 0:
            return True
    return False


def _unproved(c: Checker, value: core.Expr) -> tuple[tuple[str, str], tuple[str, str]]:
    """What may be lacking, and the condition that proves it."""
    where = (
        "（在 `当` 中，或同一 `符合全部` 的前面）",
        " (in `when`, or earlier in the same `all_of`)",
    )
    default = f"{c.keyword('ORELSE')} …"
    match value:
        case core.CellOf():
            table = c.declared.tables[value.table].name
            keys = [c.text(key.span) for key in value.keys]
            key = (
                keys[0]
                if len(keys) == 1
                else f"[{('，' if c.spelling == 'zh' else ', ').join(keys)}]"
            )
            name = table.zh if c.spelling == "zh" else table.en
            guard = f"{key} {c.keyword('IN')} {name}"
            found = (f"`{table.zh}` 中可能没有这一行", f"`{table.en}` may have no such row")
        case core.Arith():
            divisor = c.text(value.right.span)
            guard = f"{divisor} > 0"
            found = (f"除数 `{divisor}` 可能是 0", f"the divisor `{divisor}` may be 0")
        case core.Aggregate() | core.Pick():
            source = c.text(value.collection.span)
            guard = f"{c.keyword('COUNT')} {source} > 0"
            found = (f"`{source}` 可能是空的", f"`{source}` may be empty")
        case _:
            guard = "…"
            found = ("此处可能没有值", "there may be no value here")
    return found, (
        f"先写 `{guard}`{where[0]}，或在后面写 `{default}`",
        f"write `{guard}` first{where[1]}, or `{default}` behind it",
    )

"""Look-ups: rows and cells of tables, evidence facts with their arguments."""

from __future__ import annotations

from rulelang import ast, core, types
from rulelang.check.guards import require_value
from rulelang.check.scope import Checker, Scope, fits, is_broken, table_of
from rulelang.check.unknown import no_field
from rulelang.resolve import Symbol
from rulelang.source import Span


def lookup_of(c: Checker, node: ast.Expr) -> Symbol | None:
    """The declaration that a look-up reads, where its base is a name."""
    if isinstance(node, ast.Lookup) and isinstance(node.base, ast.Ref):
        return c.unit.find(node.base.name)
    return None


def table_keys(
    c: Checker, table: core.Table, nodes: tuple[ast.Expr, ...], scope: Scope, span: Span
) -> tuple[core.Expr, ...] | None:
    """The checked key of a look-up; None if it does not fit the table's key."""
    if len(nodes) != len(table.keys):
        shown = "，".join(table.keys)
        c.fail(
            "RL0308",
            span,
            (f"键应有 {len(table.keys)} 项（{shown}），写了 {len(nodes)} 项",
             f"the key has {len(table.keys)} parts ({shown}), {len(nodes)} were written"),
        )  # fmt: skip
        return None
    keys: list[core.Expr] = []
    columns = {column.name.en: column for column in table.columns}
    for node, key in zip(nodes, table.keys, strict=True):
        wanted = columns[key].type
        value = c.expr(c, node, scope, wanted)
        if is_broken(value):
            return None
        if not fits(value.type, wanted):
            found, want = c.say(value.type), c.say(wanted)
            c.fail(
                "RL0301",
                node.span,
                (f"键 `{key}` 应为{want.zh}，写的是{found.zh}", f"key `{key}` takes {want.en}, found {found.en}"),
            )  # fmt: skip
            return None
        keys.append(value)
    return tuple(keys)


def cell_of(
    c: Checker, node: ast.Member, lookup: ast.Lookup, table: core.Table, scope: Scope
) -> core.Expr:
    """`table[keys].column` of a table with one row a key."""
    keys = table_keys(c, table, lookup.keys, scope, lookup.span)
    if keys is None:
        return core.Lit(type=types.ERROR, span=node.span, value=None)
    for column in table.columns:
        if node.field in {column.name.zh, column.name.en}:
            cell = core.CellOf(
                type=column.type, span=node.span, table=table.id, keys=keys, column=column.name.en
            )
            return require_value(c, cell, scope)
    row = core.Local(type=types.entity(f"row:{table.id}"), span=node.span, name="")
    return no_field(c, node, row)


def check_lookup(c: Checker, node: ast.Lookup, scope: Scope) -> core.Expr:
    """`base[keys]`: rows of a table, or an evidence fact with its argument."""
    symbol = lookup_of(c, node)
    table = table_of(c, symbol)
    if table is not None:
        if not table.many:
            return c.fail(
                "RL0302",
                node.span,
                ("一行不能单独作值，应取其中一列", "a row is not a value; take one of its columns"),
                (f"写 `{table.name.zh}[…].列名`", f"write `{table.name.en}[...].column`"),
            )
        keys = table_keys(c, table, node.keys, scope, node.span)
        if keys is None:
            return core.Lit(type=types.ERROR, span=node.span, value=None)
        element = types.entity(f"row:{table.id}")
        return core.Rows(type=types.collection(element), span=node.span, table=table.id, keys=keys)
    base = c.expr(c, node.base, scope, None)
    if is_broken(base):
        return base
    if isinstance(base, core.EvidenceOf):
        return with_arguments(c, node, base, scope)
    words = c.say(base.type)
    return c.fail(
        "RL0308",
        node.span,
        (f"{words.zh}后面不能写 `［…］`", f"{words.en} takes no `[...]`"),
    )


def with_arguments(c: Checker, node: ast.Lookup, base: core.EvidenceOf, scope: Scope) -> core.Expr:
    """An evidence fact with its arguments."""
    evidence = c.declared.evidence[base.evidence]
    if len(evidence.parameters) != len(node.keys):
        return c.fail(
            "RL0308",
            node.span,
            (f"`{evidence.name.zh}` 要 {len(evidence.parameters)} 个参数，写了 {len(node.keys)} 个",
             f"`{evidence.name.en}` takes {len(evidence.parameters)} arguments, found {len(node.keys)}"),
        )  # fmt: skip
    arguments = tuple(
        c.expr(c, key, scope, parameter.type)
        for key, parameter in zip(node.keys, evidence.parameters, strict=True)
    )
    return core.EvidenceOf(
        type=evidence.type,
        span=node.span,
        base=base.base,
        evidence=base.evidence,
        arguments=arguments,
    )

"""Look-ups: rows and cells of tables, evidence facts with their arguments."""

from __future__ import annotations

from rulelang import ast, core, types
from rulelang.check.guards import require_value
from rulelang.check.scope import Checker, Scope, broken, fits, is_broken, table_of
from rulelang.check.unknown import no_field
from rulelang.diagnostics import Words
from rulelang.resolve import Symbol
from rulelang.source import Span
from rulelang.types import Type


def lookup_of(c: Checker, node: ast.Expr) -> Symbol | None:
    """The declaration that a look-up reads, where its base is a name."""
    if isinstance(node, ast.Lookup) and isinstance(node.base, ast.Ref):
        found = c.unit.find(node.base.name)
        if found is not None and isinstance(found.node, ast.Table):
            c.note_symbol(node.base.span, found)
        return found
    return None


def table_keys(
    c: Checker, table: core.Table, nodes: tuple[ast.Expr, ...], scope: Scope, span: Span
) -> tuple[core.Expr, ...] | None:
    """The checked key of a look-up; None if it does not fit the table's key."""
    if len(nodes) != len(table.keys):
        names = [
            column.name for key in table.keys for column in table.columns if column.name.en == key
        ]
        zh, en = "，".join(name.zh for name in names), ", ".join(name.en for name in names)
        c.fail(
            "RL0308",
            span,
            (f"`{table.name.zh}` 的键有 {len(names)} 项（{zh}），写了 {len(nodes)} 项",
             f"the key of `{table.name.en}` has {len(names)} {parts(len(names))} ({en}), found {len(nodes)}"),
            (f"写 `[{zh}]`", f"write `[{en}]`") if len(names) > 1 else None,
        )  # fmt: skip
        return None
    keys: list[core.Expr] = []
    columns = {column.name.en: column for column in table.columns}
    for node, key in zip(nodes, table.keys, strict=True):
        wanted = columns[key].type
        value = c.expr(c, node, scope, wanted)
        if is_broken(value):
            return None
        if not fits(value.type, wanted) or isinstance(value, core.ListSet):
            found, want = c.say(value.type), c.say(wanted)
            name = columns[key].name
            if isinstance(value, core.ListSet):
                found = Words("名单", "a list")
            c.fail(
                "RL0301",
                node.span,
                (f"`{table.name.zh}` 的键 `{name.zh}` 应为{want.zh}，写的是{found.zh}",
                 f"the key `{name.en}` of `{table.name.en}` is {want.en}, found {found.en}"),
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
            c.note(node.span, column.name.zh, column.name.en)
            cell = core.CellOf(
                type=column.type, span=node.span, table=table.id, keys=keys, column=column.name.en
            )
            return require_value(c, cell, scope)
    row = core.Local(type=types.entity(f"row:{table.id}"), span=node.span, name="")
    return no_field(c, node, row, scope)


def check_lookup(c: Checker, node: ast.Lookup, scope: Scope) -> core.Expr:
    """`base[keys]`: rows of a table, or an evidence fact with its argument."""
    symbol = lookup_of(c, node)
    table = table_of(c, symbol)
    if table is not None:
        if not table.many:
            written = c.text(node.span)
            values = [col.name for col in table.columns if col.name.en not in table.keys]
            zh, en = "、".join(n.zh for n in values), ", ".join(n.en for n in values)
            return c.fail(
                "RL0213",
                node.span,
                ("一整行不能作值，应取其中一列", "a whole row is not a value; one of its columns is wanted"),
                (f"写 `{written}.列名`，列有：{zh}", f"write `{written}.column`, one of: {en}"),
            )  # fmt: skip
        keys = table_keys(c, table, node.keys, scope, node.span)
        if keys is None:
            return core.Lit(type=types.ERROR, span=node.span, value=None)
        element = types.entity(f"row:{table.id}")
        return core.Rows(type=types.collection(element), span=node.span, table=table.id, keys=keys)
    if symbol is not None and isinstance(symbol.node, ast.Define | ast.Decision):
        name, sign = c.text(node.base.span), "，" if c.spelling == "zh" else ", "
        opener, closer = ("（", "）") if c.spelling == "zh" else ("(", ")")
        called = f"{name}{opener}{sign.join(c.text(key.span) for key in node.keys)}{closer}"
        return c.fail(
            "RL0213",
            node.span,
            (
                f"`{name}` 的参数不用方括号",
                f"the arguments of `{name}` do not stand in square brackets",
            ),
            (f"写 `{called}`", f"write `{called}`"),
        )
    c.keyed = node.base
    hint = types.code("") if isinstance(node.base, ast.Ref) else None  # a table, if it is nothing
    base = c.expr(c, node.base, scope, hint)
    c.keyed = None
    if is_broken(base):
        return base
    if isinstance(base, core.EvidenceOf):
        return with_arguments(c, node, base, scope)
    words = c.say(base.type)
    return c.fail(
        "RL0308",
        node.span,
        (f"{words.zh}后面不能写 `[…]`", f"{words.en} takes no `[...]`"),
        ("`[…]` 只写在知识表或带参数的证据后面", "`[...]` stands behind tables and evidence with arguments"),
    )  # fmt: skip


def with_arguments(c: Checker, node: ast.Lookup, base: core.EvidenceOf, scope: Scope) -> core.Expr:
    """An evidence fact with its arguments."""
    evidence = c.declared.evidence[base.evidence]
    if len(evidence.parameters) != len(node.keys):
        return wrong_count(c, node.span, evidence.name, evidence.parameters, len(node.keys))
    arguments = checked_arguments(c, evidence.name, evidence.parameters, node.keys, scope)
    if arguments is None:
        return broken(node.span)
    return core.EvidenceOf(
        type=evidence.type,
        span=node.span,
        base=base.base,
        evidence=base.evidence,
        arguments=arguments,
    )


def with_all_arguments(c: Checker, found: core.Expr, node: ast.Ref | ast.Member) -> core.Expr:
    """A field, with a complaint if it is evidence that wants arguments and has none."""
    if not isinstance(found, core.EvidenceOf) or c.keyed is node:
        return found
    evidence = c.declared.evidence[found.evidence]
    if not evidence.parameters:
        return found
    return wrong_count(c, node.span, evidence.name, evidence.parameters, 0)


def wrong_count(
    c: Checker, span: Span, name: Words, parameters: tuple[core.TableColumn, ...], found: int
) -> core.Lit:
    """The complaint about too few or too many arguments."""
    zh = "，".join(each.name.zh for each in parameters)
    en = ", ".join(each.name.en for each in parameters)
    count = len(parameters)
    plural = "argument" if count == 1 else "arguments"
    mend = None
    if not found:
        written = c.text(span)
        mend = (f"写 `{written}[{zh}]`", f"write `{written}[{en}]`")
    return c.fail(
        "RL0308",
        span,
        (f"`{name.zh}` 要 {count} 个参数（{zh}），{f'写了 {found} 个' if found else '没有写'}",
         f"`{name.en}` takes {count} {plural} ({en}), found {found or 'none'}"),
        mend,
    )  # fmt: skip


def checked_arguments(
    c: Checker,
    name: Words,
    parameters: tuple[core.TableColumn, ...],
    nodes: tuple[ast.Expr, ...],
    scope: Scope,
) -> tuple[core.Expr, ...] | None:
    """Arguments of the right types; None if one is not (and was complained of)."""
    given = tuple(
        c.expr(c, node, scope, parameter.type)
        for node, parameter in zip(nodes, parameters, strict=True)
    )
    good = True
    for value, parameter, node in zip(given, parameters, nodes, strict=True):
        if is_broken(value):
            good = False
        elif not fits(value.type, parameter.type):
            good = False
            wrong_argument(c, node.span, name, parameter, value.type)
    return given if good else None


def wrong_argument(
    c: Checker, span: Span, name: Words, parameter: core.TableColumn, found: Type
) -> None:
    """The complaint about an argument of another type."""
    wanted, written = c.say(parameter.type), c.say(found)
    c.fail(
        "RL0301",
        span,
        (f"`{name.zh}` 的 `{parameter.name.zh}` 应为{wanted.zh}，写的是{written.zh}",
         f"`{parameter.name.en}` of `{name.en}` is {wanted.en}, found {written.en}"),
    )  # fmt: skip


def parts(count: int) -> str:
    """`part` or `parts`."""
    return "part" if count == 1 else "parts"

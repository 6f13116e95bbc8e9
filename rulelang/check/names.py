"""Names and fields: what each stands for, and its type."""

from __future__ import annotations

from dataclasses import replace

from rulelang import ast, core, types
from rulelang.check.calls import inline
from rulelang.check.levels import MOST_LEVELS, too_deep
from rulelang.check.lookups import cell_of, lookup_of, with_all_arguments
from rulelang.check.scope import Checker, Scope, broken, is_broken, table_of
from rulelang.check.unknown import no_field, owned_as, unknown_name
from rulelang.diagnostics import Words
from rulelang.resolve import Symbol
from rulelang.source import Span
from rulelang.types import Type

YES = {"是": True, "yes": True, "否": False, "no": False}
_TRUTH = {True: ("是", "yes"), False: ("否", "no")}


def check_ref(c: Checker, node: ast.Ref, scope: Scope, expected: Type | None) -> core.Expr:
    """A bare name (S7.1): a local, a field of the element, a declaration, or an enum word."""
    name = node.name
    bare = element_field(c, name, scope, node.span)
    local = scope.locals.get(name)
    if expected is not None and expected.kind == "enum":
        word = c.enum_word(expected.name, name)
        if word is not None:
            spelt = c.word_spelt(expected.name, word)
            c.note(node.span, spelt.zh, spelt.en)
            return core.Lit(type=expected, span=node.span, value=word)
    if bare is not None and local is not None:
        return c.fail(
            "RL0207",
            node.span,
            (f"`{name}` 既是集合成员的字段，又是此处的名称", f"`{name}` is both a field of the member and a name here"),
            (f"指成员的，写 `作 行`，再写 `行.{name}`；指此处的，给它改名",
             f"for the member's, write `as row` and `row.{name}`; for the name here, rename it"),
        )  # fmt: skip
    if local is not None:
        spelt = scope.spelt.get(name) or Words(name, name)
        c.note(node.span, spelt.zh, spelt.en)
        own = local[0].name if isinstance(local[0], core.Local) else ""
        if c.level + c.levels.get(own, 0) > MOST_LEVELS:
            return too_deep(c, node.span)
        return _respan(local[0], node.span)
    symbol = c.unit.find(name)
    if bare is not None:
        if symbol is not None and isinstance(symbol.node, ast.Param | ast.Define | ast.ListItem):
            return c.fail(
                "RL0207",
                node.span,
                (f"`{name}` 既是集合成员的字段，又是声明的名称", f"`{name}` is both a field of the member and a declared name"),
                ("给声明改名", "rename the declaration"),
            )  # fmt: skip
        return with_all_arguments(c, bare, node)
    if symbol is not None:
        c.note_symbol(node.span, symbol)
        return _declared(c, symbol, node, scope, expected)
    if name in YES:
        c.note(node.span, *_TRUTH[YES[name]])
        return core.Lit(type=types.YES_NO, span=node.span, value=YES[name])
    return unknown_name(c, node, scope, expected)


def _respan(expr: core.Expr, span: Span) -> core.Expr:
    if isinstance(expr, core.Local):  # nearly all
        return core.Local(type=expr.type, span=span, name=expr.name)
    return replace(expr, span=span)


def _declared(
    c: Checker, symbol: Symbol, node: ast.Ref, scope: Scope, expected: Type | None
) -> core.Expr:
    match symbol.node:
        case ast.ListItem():
            listed = c.declared.lists.get(symbol.id)
            type_ = listed.type if listed else types.ERROR
            return core.ListSet(type=type_, span=node.span, list=symbol.id)
        case ast.Param():
            param = c.declared.params.get(symbol.id)
            return core.ParamRef(
                type=param.type if param else types.ERROR, span=node.span, param=symbol.id
            )
        case ast.Table():
            table = c.declared.tables.get(symbol.id)
            element = types.entity(f"row:{symbol.id}")
            return core.Rows(
                type=types.collection(element) if table else types.ERROR,
                span=node.span,
                table=symbol.id,
                keys=(),
            )
        case ast.Define() as define if not define.parameters:
            return inline(c, symbol, define, (), node.span, scope)
        case _:
            return _no_value(c, symbol, node, scope)


def _no_value(c: Checker, symbol: Symbol, node: ast.Ref, scope: Scope) -> core.Lit:
    """The complaint about a declaration that is no value by itself."""
    name = node.name
    zh = f"`{name}` 不能单独作值"
    en = f"`{name}` is not a value by itself"
    mend: tuple[str, str] | None = None
    match symbol.node:
        case ast.Rule():
            zh, en = f"`{name}` 是规则，不能作值", f"`{name}` is a rule, not a value"
        case ast.Document():
            zh, en = f"`{name}` 是文件，不能作值", f"`{name}` is a document, not a value"
            mend = ("文件写在 `依据` 后面", "documents stand behind `citing`")
        case ast.Evidence():
            if symbol.id not in c.declared.evidence:
                return broken(node.span)
            owners = " 或 ".join(owned_as(c, name, scope))
            zh, en = f"`{name}` 前面要写是谁的", f"`{name}` does not say whose it is"
            mend = (f"写 {owners}", f"write {owners.replace('或', 'or')}") if owners else None
        case ast.Define() | ast.Decision() as called:
            shown = [each.name.zh or each.name.en for each in called.parameters]
            english = [each.name.en or each.name.zh for each in called.parameters]
            mend = (
                f"写出它的参数：`{name}（{'，'.join(map(str, shown))}）`",
                f"write its arguments: `{name}({', '.join(map(str, english))})`",
            )
        case _:
            pass
    return c.fail("RL0213", node.span, (zh, en), mend)


def element_field(c: Checker, name: str, scope: Scope, span: Span) -> core.Expr | None:
    """A bare name as a field of the innermost collection member that has it."""
    for element, type_ in reversed(scope.elements):
        found = field_of(c, core.Local(type=type_, span=span, name=element), name, span)
        if found is not None:
            return found
    return None


def field_of(c: Checker, base: core.Expr, name: str, span: Span) -> core.Expr | None:
    """`base.name` where the entity, row or record has it, else None."""
    kind = base.type.name
    if kind.startswith("row:"):
        return _column_of(c, c.declared.tables[kind.removeprefix("row:")].columns, base, name, span)
    if kind.startswith("record:"):
        record = c.declared.evidence[kind.removeprefix("record:")]
        return _column_of(c, record.fields, base, name, span)
    if kind == "group":
        return _group_field(c, base, name, span)
    found = c.vocabulary.field(kind, name)
    if found is not None:
        c.note(span, found.zh, found.en)
        if found.type.kind == "collection":
            return core.Members(type=found.type, span=span, base=base, field=found.en)
        return core.Get(type=found.type, span=span, base=base, field=found.en)
    return _link(c, base, name, span) or _evidence(c, base, kind, name, span)


def _link(c: Checker, base: core.Expr, name: str, span: Span) -> core.Expr | None:
    """`就诊.就诊人`, `明细.所属就诊`: the entity that one belongs to."""
    link = c.vocabulary.link(base.type.name, name)
    if link is None:
        return None
    c.note(span, link.zh, link.en)
    return core.Get(type=types.entity(link.to), span=span, base=base, field=link.en)


def _column_of(
    c: Checker, columns: tuple[core.TableColumn, ...], base: core.Expr, name: str, span: Span
) -> core.Expr | None:
    for column in columns:
        if name in {column.name.zh, column.name.en}:
            c.note(span, column.name.zh, column.name.en)
            return core.Get(type=column.type, span=span, base=base, field=column.name.en)
    return None


def _evidence(c: Checker, base: core.Expr, kind: str, name: str, span: Span) -> core.Expr | None:
    evidence = c.evidence_of(kind, name)
    if evidence is None:
        return None
    c.note(span, evidence.name.zh, evidence.name.en)
    if evidence.word == "series":
        element = types.entity(f"record:{evidence.id}") if evidence.fields else evidence.type
        return core.Series(
            type=types.collection(element), span=span, base=base, evidence=evidence.id
        )
    return core.EvidenceOf(type=evidence.type, span=span, base=base, evidence=evidence.id)


def _group_field(c: Checker, base: core.Expr, name: str, span: Span) -> core.Expr | None:
    if name in {"明细", "lines"}:
        c.note(span, "明细", "lines")
        return core.Members(
            type=types.collection(types.entity("line")), span=span, base=base, field="lines"
        )
    if name in c.group_keys:
        english, type_ = c.group_keys[name]
        others = [key for key, (identity, _) in c.group_keys.items() if identity == english]
        c.note(span, next((key for key in others if key != english), english), english)
        return core.Get(type=type_, span=span, base=base, field=english)
    found = c.vocabulary.field("line", name)
    if found is not None and found.type.kind != "collection":
        c.note(span, found.zh, found.en)
        return core.Get(type=found.type, span=span, base=base, field=found.en)
    return _evidence(c, base, "line", name, span)


def check_member(c: Checker, node: ast.Member, scope: Scope) -> core.Expr:
    """`base.field`."""
    symbol = lookup_of(c, node.base)
    if symbol is not None and isinstance(node.base, ast.Lookup):
        table = table_of(c, symbol)
        if table is not None and not table.many:
            return cell_of(c, node, node.base, table, scope)
    base = c.expr(c, node.base, scope, None)
    if is_broken(base):
        return base
    if base.type.kind == "collection":
        return _column(c, node, base, scope)
    if base.type.kind != "entity":
        words = c.say(base.type)
        return c.fail(
            "RL0204",
            node.field_span if node.field_span.path else node.span,
            (f"{words.zh}没有字段 `{node.field}`", f"{words.en} has no field `{node.field}`"),
        )
    found = field_of(c, base, node.field, node.span)
    if found is not None:
        return with_all_arguments(c, found, node)
    return no_field(c, node, base, scope)


def _column(c: Checker, node: ast.Member, base: core.Expr, scope: Scope) -> core.Expr:
    element_type = base.type.element or types.ERROR
    element = c.fresh()
    value = (
        field_of(c, core.Local(type=element_type, span=node.span, name=element), node.field, node.span)
        if element_type.kind == "entity"
        else None
    )  # fmt: skip
    if value is None:
        member = core.Local(type=element_type, span=node.span, name=element)
        return no_field(c, node, member, scope)
    if not scope.printing:
        return _mixed_rows(c, node, base, value.type)
    return core.Column(
        type=types.collection(value.type), span=node.span, collection=base, element=element, value=value
    )  # fmt: skip


def _mixed_rows(c: Checker, node: ast.Member, base: core.Expr, type_: Type) -> core.Lit:
    """The complaint about a column of many rows, taken as if it were of one."""
    field, source = node.field, c.text(node.base.span)
    table = c.declared.tables.get(base.table) if isinstance(base, core.Rows) else None
    if isinstance(base, core.Rows) and not base.keys and table is not None and not table.many:
        keys = {col.name.en: col.name for col in table.columns}
        zh = "，".join(keys[key].zh for key in table.keys)
        en = ", ".join(table.keys)
        return c.fail(
            "RL0305",
            node.span,
            (
                f"没有写明是 `{table.name.zh}` 的哪一行",
                f"which row of `{table.name.en}` is not said",
            ),
            (f"写出键：`{source}[{zh}].{field}`", f"write the key: `{source}[{en}].{field}`"),
        )
    opener, closer = ("（", "）") if c.spelling == "zh" else (" (", ")")
    first = f"{c.keyword('ANY')} {source} {c.keyword('WHERE')}{opener}{field} …{closer}"
    zh = en = ""
    if type_.kind in types.ORDERED:
        largest = f"{c.keyword('MAX')} {field} {c.keyword('FROM')} {source}"
        zh, en = f"，或取一个值，如 `{largest}`", f", or take one value, as `{largest}`"
    elif isinstance(base, core.Members) and type_.kind == "code":
        first = f"{source} {c.keyword('HAS')} …"
    return c.fail(
        "RL0305",
        node.span,
        (
            f"`{field}` 属于许多行，不能单独取出",
            f"`{field}` belongs to many rows and cannot be taken alone",
        ),
        (f"写 `{first}`{zh}", f"write `{first}`{en}"),
    )

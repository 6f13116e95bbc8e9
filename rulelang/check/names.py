"""Names, fields, look-ups and calls: what each stands for, and its type."""

from __future__ import annotations

from rulelang import ast, core, types
from rulelang.check.guards import require_value
from rulelang.check.scope import Checker, Scope, is_broken, table_of
from rulelang.diagnostics import Words
from rulelang.keywords import suggest_cut
from rulelang.operations import FUNCTIONS, function_named
from rulelang.resolve import Symbol, nearest
from rulelang.source import Span
from rulelang.types import Type

YES = {"是": True, "yes": True, "否": False, "no": False}
ENTITY_LOCALS = ("patient", "encounter", "institution", "prescription")


def check_ref(c: Checker, node: ast.Ref, scope: Scope, expected: Type | None) -> core.Expr:
    """A bare name (S7.1): a local, a field of the element, a declaration, or an enum word."""
    name = node.name
    bare = element_field(c, name, scope, node.span)
    local = scope.locals.get(name)
    if expected is not None and expected.kind == "enum":
        word = c.enum_word(expected.name, name)
        if word is not None:
            return core.Lit(type=expected, span=node.span, value=word)
    if bare is not None and local is not None:
        return c.fail(
            "RL0207",
            node.span,
            (f"`{name}` 既是集合成员的字段，又是此处的名称", f"`{name}` is both a field of the member and a name here"),
            ("给其中一个改名，或写 `作 行` 再用 `行.字段`", "rename one, or write `as row` and use `row.field`"),
        )  # fmt: skip
    if local is not None:
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
        return bare
    if symbol is not None:
        return _declared(c, symbol, node, scope, expected)
    if name in YES:
        return core.Lit(type=types.YES_NO, span=node.span, value=YES[name])
    return _unknown(c, node, scope, expected)


def _respan(expr: core.Expr, span: Span) -> core.Expr:
    from dataclasses import replace  # noqa: PLC0415

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
            return c.fail(
                "RL0213",
                node.span,
                (f"`{node.name}` 不能单独作值", f"`{node.name}` is not a value by itself"),
                ("写出它的参数，如 `名称（…）`", "write its arguments, as in `name(...)`"),
            )


def inline(
    c: Checker,
    symbol: Symbol,
    define: ast.Define,
    arguments: tuple[core.Expr, ...],
    span: Span,
    scope: Scope,
) -> core.Expr:
    """A definition in place of its name, its parameters standing for the arguments."""
    if symbol.id in c.inlining:
        return c.fail(
            "RL0211",
            span,
            (
                f"`{symbol.id}` 的定义绕回了自己",
                f"the definition of `{symbol.id}` leads back to itself",
            ),
        )
    inner = Scope(proved=scope.proved, anchor=scope.anchor, guarded=scope.guarded)
    for name in ENTITY_LOCALS:
        for spelling, found in scope.locals.items():
            if isinstance(found[0], core.Local) and found[0].name == name:
                inner = inner.bind((spelling,), found[0])
    for parameter, argument in zip(define.parameters, arguments, strict=True):
        inner = inner.bind((parameter.name.zh, parameter.name.en), argument)
        if argument.type.kind == "entity":
            inner = Scope(inner.locals, (), inner.proved, argument, guarded=inner.guarded)
    before = c.inlining, c.spelling
    c.inlining = (*c.inlining, symbol.id)
    c.spelling = symbol.spelling
    try:
        return c.expr(c, define.body, inner, None)
    finally:
        c.inlining, c.spelling = before


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
        table = c.declared.tables[kind.removeprefix("row:")]
        for column in table.columns:
            if name in {column.name.zh, column.name.en}:
                return core.Get(type=column.type, span=span, base=base, field=column.name.en)
        return None
    if kind.startswith("record:"):
        record = c.declared.evidence[kind.removeprefix("record:")]
        for column in record.fields:
            if name in {column.name.zh, column.name.en}:
                return core.Get(type=column.type, span=span, base=base, field=column.name.en)
        return None
    if kind == "group":
        return _group_field(c, base, name, span)
    found = c.vocabulary.field(kind, name)
    if found is not None:
        if found.type.kind == "collection":
            return core.Members(type=found.type, span=span, base=base, field=found.en)
        return core.Get(type=found.type, span=span, base=base, field=found.en)
    return _evidence(c, base, kind, name, span)


def _evidence(c: Checker, base: core.Expr, kind: str, name: str, span: Span) -> core.Expr | None:
    evidence = c.evidence_of(kind, name)
    if evidence is None:
        return None
    if evidence.word == "series":
        element = types.entity(f"record:{evidence.id}") if evidence.fields else evidence.type
        return core.Series(
            type=types.collection(element), span=span, base=base, evidence=evidence.id
        )
    return core.EvidenceOf(type=evidence.type, span=span, base=base, evidence=evidence.id)


def _group_field(c: Checker, base: core.Expr, name: str, span: Span) -> core.Expr | None:
    if name in {"明细", "lines"}:
        return core.Members(
            type=types.collection(types.entity("line")), span=span, base=base, field="lines"
        )
    if name in c.group_keys:
        english, type_ = c.group_keys[name]
        return core.Get(type=type_, span=span, base=base, field=english)
    found = c.vocabulary.field("line", name)
    if found is not None and found.type.kind != "collection":
        return core.Get(type=found.type, span=span, base=base, field=found.en)
    return _evidence(c, base, "line", name, span)


def check_member(c: Checker, node: ast.Member, scope: Scope) -> core.Expr:
    """`base.field`."""
    symbol = _lookup_of(c, node.base)
    if symbol is not None and isinstance(node.base, ast.Lookup):
        table = table_of(c, symbol)
        if table is not None and not table.many:
            return _cell(c, node, node.base, table, scope)
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
        return found
    return _no_field(c, node, base)


def _no_field(c: Checker, node: ast.Member, base: core.Expr) -> core.Expr:
    span = node.field_span if node.field_span.path else node.span
    cut = suggest_cut(node.field, c.spelling)
    if cut is not None:
        return c.fail(
            "RL0118",
            span,
            (f"没有字段 `{node.field}`，像是漏了空格", f"no field `{node.field}`; a space seems to be missing"),
            (f"是否漏了空格：`{cut}`？", f"is a space missing: `{cut}`?"),
        )  # fmt: skip
    words = c.say(base.type)
    return c.fail(
        "RL0204",
        span,
        (f"词汇表中{words.zh}没有字段 `{node.field}`", f"the vocabulary has no field `{node.field}` of {words.en}"),
        nearest(node.field, field_names(c, base.type)),
    )  # fmt: skip


def field_names(c: Checker, type_: Type) -> list[str]:
    """All spellings of the fields that an entity type has, for suggestions."""
    kind = type_.name
    if kind.startswith(("row:", "record:")):
        head, _, tail = kind.partition(":")
        columns = (
            c.declared.tables[tail].columns if head == "row" else c.declared.evidence[tail].fields
        )
        return [spelling for column in columns for spelling in (column.name.zh, column.name.en)]
    entity = c.vocabulary.entities.get("line" if kind == "group" else kind)
    names = [s for f in entity.fields.values() for s in (f.zh, f.en)] if entity else []
    return names + c.evidence_names("line" if kind == "group" else kind)


def _column(c: Checker, node: ast.Member, base: core.Expr, scope: Scope) -> core.Expr:
    element_type = base.type.element or types.ERROR
    element = c.fresh()
    value = (
        field_of(c, core.Local(type=element_type, span=node.span, name=element), node.field, node.span)
        if element_type.kind == "entity"
        else None
    )  # fmt: skip
    if value is None:
        return _no_field(c, node, core.Local(type=element_type, span=node.span, name=element))
    if not scope.printing:
        return c.fail(
            "RL0305",
            node.span,
            (
                f"`{node.field}` 属于许多行，不能单独取出",
                f"`{node.field}` belongs to many rows and cannot be taken alone",
            ),
            (
                "写 `任一 … 作 行 满足（…行.字段…）`，或用 合计、最大、最小、首个",
                "write `any ... as row where (... row.field ...)`, or use sum, max, min, first",
            ),
        )
    return core.Column(
        type=types.collection(value.type), span=node.span, collection=base, element=element, value=value
    )  # fmt: skip


def _lookup_of(c: Checker, node: ast.Expr) -> Symbol | None:
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


def fits(found: Type, wanted: Type) -> bool:
    """Whether a value of one type may stand where another is wanted."""
    if found == wanted or "error" in {found.kind, wanted.kind}:
        return True
    if found.kind == wanted.kind:
        return found.kind not in {"code", "codes", "enum", "entity", "collection", "tuple"} or (
            found.kind == "code" and "" in {found.name, wanted.name}
        )
    return {found.kind, wanted.kind} <= {"ratio", "number"} or (found.kind, wanted.kind) in {
        ("seconds", "days"),
        ("number", "measure"),
        ("measure", "number"),
        ("datetime", "date"),
    }


def _cell(
    c: Checker, node: ast.Member, lookup: ast.Lookup, table: core.Table, scope: Scope
) -> core.Expr:
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
    return _no_field(c, node, row)


def check_lookup(c: Checker, node: ast.Lookup, scope: Scope) -> core.Expr:
    """`base[keys]`: rows of a table, or an evidence fact with its argument."""
    symbol = _lookup_of(c, node)
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
        return _with_arguments(c, node, base, scope)
    words = c.say(base.type)
    return c.fail(
        "RL0308",
        node.span,
        (f"{words.zh}后面不能写 `［…］`", f"{words.en} takes no `[...]`"),
    )


def _with_arguments(c: Checker, node: ast.Lookup, base: core.EvidenceOf, scope: Scope) -> core.Expr:
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


def check_call(c: Checker, node: ast.Call, scope: Scope) -> core.Expr:
    """A built-in function, a definition with arguments, or a decision table."""
    if not isinstance(node.base, ast.Ref):
        return c.fail("RL0213", node.span, ("此处不能带参数", "arguments cannot stand here"))
    name = node.base.name
    function = function_named(name)
    if function is not None and c.unit.find(name) is None:
        return _function(c, node, function.en, scope)
    symbol = c.unit.find(name)
    if symbol is None or not isinstance(symbol.node, ast.Define | ast.Decision):
        known = [*FUNCTIONS, *(f.zh for f in FUNCTIONS.values()), *c.unit.visible()]
        return c.fail(
            "RL0201",
            node.base.span,
            (f"没有名为 `{name}` 的函数、定义或判定表", f"there is no function, definition or decision `{name}`"),
            nearest(name, known),
        )  # fmt: skip
    parameters = symbol.node.parameters
    if len(parameters) != len(node.arguments):
        return c.fail(
            "RL0308",
            node.span,
            (f"`{name}` 要 {len(parameters)} 个参数，写了 {len(node.arguments)} 个",
             f"`{name}` takes {len(parameters)} arguments, found {len(node.arguments)}"),
        )  # fmt: skip
    if isinstance(symbol.node, ast.Define):
        given = tuple(c.expr(c, argument, scope, None) for argument in node.arguments)
        return inline(c, symbol, symbol.node, given, node.span, scope)
    decision = c.declared.decisions.get(symbol.id)
    if decision is None:
        return core.Lit(type=types.ERROR, span=node.span, value=None)
    given = tuple(
        c.expr(c, argument, scope, parameter.type)
        for argument, parameter in zip(node.arguments, decision.parameters, strict=True)
    )
    return core.Decide(type=decision.type, span=node.span, decision=symbol.id, arguments=given)


def _function(c: Checker, node: ast.Call, name: str, scope: Scope) -> core.Expr:
    function = FUNCTIONS[name]
    if len(node.arguments) != len(function.takes):
        return c.fail(
            "RL0308",
            node.span,
            (f"`{function.zh}` 要 {len(function.takes)} 个参数，写了 {len(node.arguments)} 个",
             f"`{function.en}` takes {len(function.takes)} arguments, found {len(node.arguments)}"),
        )  # fmt: skip
    expected = [types.WINDOW if "window" in kinds else None for kinds in function.takes]
    given = tuple(
        c.expr(c, argument, scope, want)
        for argument, want in zip(node.arguments, expected, strict=True)
    )
    for value, kinds, argument in zip(given, function.takes, node.arguments, strict=True):
        if value.type.kind not in kinds and not is_broken(value):
            found = c.say(value.type)
            return c.fail(
                "RL0301",
                argument.span,
                (f"`{function.zh}` 不接受{found.zh}", f"`{function.en}` does not take {found.en}"),
                function.phrase,
            )
    gives = given[0].type if name == "round" else function.gives
    return core.Call(type=gives, span=node.span, function=name, arguments=given)


def _unknown(c: Checker, node: ast.Ref, scope: Scope, expected: Type | None) -> core.Expr:
    cut = suggest_cut(node.name, c.spelling)
    if cut is not None:
        return c.fail(
            "RL0118",
            node.span,
            (f"不认识 `{node.name}`，像是漏了空格", f"`{node.name}` is unknown; a space seems to be missing"),
            (f"是否漏了空格：`{cut}`？", f"is a space missing: `{cut}`?"),
        )  # fmt: skip
    known = [*scope.locals, *c.unit.visible()]
    for _, type_ in scope.elements:
        known += field_names(c, type_) if type_.kind == "entity" else []
    help_words: Words | None
    if expected is not None and expected.kind == "enum":
        words = c.enum_words(expected.name)
        wanted = c.say(expected)
        help_words = nearest(node.name, words) or Words(
            "可用：" + "、".join(words[::2][:8]), "one of: " + ", ".join(words[1::2][:8])
        )
        return c.fail(
            "RL0209",
            node.span,
            (f"{wanted.zh}没有 `{node.name}` 一词", f"{wanted.en} has no word `{node.name}`"),
            help_words,
        )
    help_words = nearest(node.name, known)
    if (
        help_words is None
        and node.name[:1].isascii()
        and node.name[:1].isalpha()
        and any(character.isdigit() for character in node.name)
    ):
        help_words = Words(f"编码要写作 `#{node.name}`", f"a code is written `#{node.name}`")
    return c.fail(
        "RL0201",
        node.span,
        (f"不认识 `{node.name}`", f"`{node.name}` is unknown"),
        help_words,
    )

"""Heads of declarations: documents, tables without rows, lists, evidence, parameters, decisions."""

from __future__ import annotations

from decimal import Decimal

from rulelang import ast, core, types
from rulelang.calendar import Window
from rulelang.check.compare import literal_set
from rulelang.check.names import fits
from rulelang.check.scope import Checker, Scope, is_broken
from rulelang.diagnostics import Words
from rulelang.resolve import Symbol, canonical, nearest, shown
from rulelang.source import Span
from rulelang.typenames import all_names, type_named
from rulelang.types import Type
from rulelang.units import BY_NAME, unit_named
from rulelang.words import (
    EVIDENCE_WORDS,
    ILLUSTRATIVE,
    MANY,
    NOT_STATED,
    OPEN_WORDS,
    word_of,
)


def declare(c: Checker) -> None:
    """Lower all declaration heads of one ruleset into `c.declared`."""
    order = (ast.Evidence, ast.Table, ast.ListItem, ast.Param, ast.Decision)
    for kind in order:
        for item, file in c.unit.items():
            if isinstance(item, kind):
                symbol = c.unit.names[canonical(item.name)]
                if symbol.node is not item:
                    continue  # declared twice, and said so
                c.spelling = file.spelling
                _declare_one(c, symbol)


def _declare_one(c: Checker, symbol: Symbol) -> None:
    match symbol.node:
        case ast.Evidence() as node:
            _evidence(c, symbol.id, node)
        case ast.Table() as node:
            _table(c, symbol.id, node)
        case ast.ListItem() as node:
            _list(c, symbol.id, node)
        case ast.Param() as node:
            _param(c, symbol.id, node)
        case ast.Decision() as node:
            _decision(c, symbol.id, node)
        case _:
            pass


def read_type(c: Checker, node: ast.TypeExpr, owner_id: str) -> Type:
    """The type that a declaration writes; an enumeration in place is entered under `owner_id`."""
    match node:
        case ast.EnumType():
            c.declared.enums[owner_id] = {canonical(word): shown(word) for word in node.words}
            return types.enum(owner_id)
        case ast.RecordType():
            return types.entity(f"record:{owner_id}")
        case ast.NamedType():
            return _named_type(c, node)


def _named_type(c: Checker, node: ast.NamedType) -> Type:
    found = type_named(node.name, c.vocabulary)
    if found is not None:
        if node.unit is None:
            return found
        unit = BY_NAME.get(node.unit) or unit_named(node.unit)
        return Type("measure", unit.name if unit else node.unit)
    symbol = c.unit.find(node.name)
    if symbol is not None and isinstance(symbol.node, ast.Evidence):
        evidence = c.declared.evidence.get(symbol.id)
        if evidence is not None:
            return evidence.type
    c.fail(
        "RL0208",
        node.span,
        (f"没有名为 `{node.name}` 的类型", f"there is no type `{node.name}`"),
        nearest(node.name, all_names(c.vocabulary)),
    )
    return types.ERROR


def columns_of(
    c: Checker, nodes: tuple[ast.Column, ...], owner_id: str
) -> tuple[core.TableColumn, ...]:
    """Columns with their types; two of one name are an error."""
    columns: list[core.TableColumn] = []
    for node in nodes:
        name = shown(node.name)
        if any({name.zh, name.en} & {other.name.zh, other.name.en} for other in columns):
            c.fail(
                "RL0202",
                node.span,
                (f"列 `{name.zh}` 重复", f"column `{name.en}` is declared twice"),
            )
            continue
        type_ = read_type(c, node.type, f"{owner_id}.{name.en}")
        columns.append(core.TableColumn(name, type_, node.blank_any))
    return tuple(columns)


def citations(c: Checker, nodes: tuple[ast.Cite, ...]) -> tuple[core.Citation, ...]:
    """Citations with their documents; an undeclared document is an error."""
    found = (citation(c, node) for node in nodes)
    return tuple(item for item in found if item is not None)


def citation(c: Checker, node: ast.Cite) -> core.Citation | None:
    """One citation, or None where its document is not declared (and was said)."""
    symbol = c.unit.names.get(node.document)
    if symbol is None or not isinstance(symbol.node, ast.Document):
        known = [n for n, s in c.unit.names.items() if isinstance(s.node, ast.Document)]
        c.fail(
            "RL0210",
            node.span,
            (f"没有声明文件 `{node.document}`", f"document `{node.document}` is not declared"),
            nearest(node.document, known)
            or Words("在规则集开头写 `文件 名称 “标题” 文号 “…”`", 'write `document name "title" doc_no "..."` in the head'),
        )  # fmt: skip
        return None
    place = node.place.value if node.place is not None else ""
    return core.Citation(document(symbol.node), place)


def document(node: ast.Document) -> core.Document:
    """A declared document."""
    title = Words(node.title.zh.value, (node.title.en or node.title.zh).value)
    number = node.number.value if node.number else ""
    issued = node.issued.value if node.issued else None
    return core.Document(canonical(node.name), title, number, issued)


def _evidence(c: Checker, id_: str, node: ast.Evidence) -> None:
    owner = c.vocabulary.entity(node.owner)
    if owner is None:
        c.fail(
            "RL0208",
            node.span,
            (f"归属应是 患者、就诊、明细 等，写的是 `{node.owner}`", f"the owner is patient, encounter, line ..., found `{node.owner}`"),
        )  # fmt: skip
        return
    name = shown(node.name)
    known = c.vocabulary.field(owner.en, name.en) or c.vocabulary.field(owner.en, name.zh)
    if known is not None:
        c.fail(
            "RL0202",
            node.name.span,
            (f"`{name.zh}` 已是{owner.zh}的字段，不能再声明为证据",
             f"`{name.en}` is already a field of {owner.en} and cannot be declared again"),
        )  # fmt: skip
        return
    type_ = read_type(c, node.type, id_)
    fields = columns_of(c, node.type.columns, id_) if isinstance(node.type, ast.RecordType) else ()
    word = word_of(EVIDENCE_WORDS, node.word) if node.word else ""
    if word is None:
        c.fail(
            "RL0705",
            node.span,
            (f"此处应为 `多次` 或 `登记`，写的是 `{node.word}`", f"series or registered is wanted here, found `{node.word}`"),
        )  # fmt: skip
        word = ""
    suppliers = {w.zh: key for key, w in c.vocabulary.suppliers.items()}
    providers: list[str] = []
    for provider in node.providers:
        key = provider if provider in c.vocabulary.suppliers else suppliers.get(provider)
        if key is None:
            c.fail(
                "RL0705",
                node.span,
                (f"不认识提供者 `{provider}`", f"the provider `{provider}` is unknown"),
                nearest(provider, [*suppliers, *suppliers.values()]),
            )
        else:
            providers.append(key)
    validity = None
    if node.validity is not None:
        unit = BY_NAME[node.validity.unit]
        validity = Window(
            node.direction or "past", int(node.validity.value * unit.factor), unit.kind
        )
    c.declared.evidence[id_] = core.EvidenceDef(
        id=id_,
        name=name,
        parameters=columns_of(c, node.parameters, id_),
        type=type_,
        fields=fields,
        owner=owner.en,
        providers=tuple(providers),
        direction=node.direction or "",
        validity=validity,
        word=word,
    )


def _table(c: Checker, id_: str, node: ast.Table) -> None:
    columns = columns_of(c, node.columns, id_)
    by_spelling = {s: column for column in columns for s in (column.name.zh, column.name.en)}
    keys: list[str] = []
    under: list[bool] = []
    for key in node.keys:
        column = by_spelling.get(key.name)
        if column is None:
            c.fail(
                "RL0204",
                key.span,
                (
                    f"键 `{key.name}` 不是表的列",
                    f"the key `{key.name}` is not a column of the table",
                ),
                nearest(key.name, by_spelling),
            )
            return
        keys.append(column.name.en)
        under.append(key.under)
    if node.word is not None and node.word not in MANY:
        _wrong_word(c, node.span, node.word, "多行", "many")
    if node.mark is not None and node.mark not in ILLUSTRATIVE:
        _wrong_word(c, node.span, node.mark, "示例", "illustrative")
    illustrative = node.mark in ILLUSTRATIVE
    if illustrative and node.complete:
        c.fail(
            "RL0703",
            node.span,
            (
                "标为 `示例` 的知识表不能声明 `完整`",
                "a table marked illustrative is never complete",
            ),
            ("删去 `完整` 或 `示例`", "take away `complete` or `illustrative`"),
        )
    c.declared.tables[id_] = core.Table(
        id=id_,
        name=shown(node.name),
        columns=columns,
        keys=tuple(keys),
        under=tuple(under),
        many=node.word in MANY,
        complete=node.complete and not illustrative,
        within=_extents(c, node),
        illustrative=illustrative,
        file=node.file.value,
        rows=(),
        citations=citations(c, node.cites),
    )


def _extents(c: Checker, node: ast.Table) -> tuple[str, ...]:
    found: list[str] = []
    for name in node.within:
        symbol = c.unit.find(name)
        if symbol is None or not isinstance(symbol.node, ast.Table | ast.ListItem):
            known = [
                n
                for n, s in c.unit.visible().items()
                if isinstance(s.node, ast.Table | ast.ListItem)
            ]
            c.fail(
                "RL0201",
                node.span,
                (f"`完整 于` 后面应是知识表或名单，不认识 `{name}`", f"a table or list stands behind `complete within`; `{name}` is unknown"),
                nearest(name, known),
            )  # fmt: skip
        else:
            found.append(symbol.id)
    return tuple(found)


def _wrong_word(c: Checker, span: Span, found: str, zh: str, en: str) -> None:
    c.fail(
        "RL0705",
        span,
        (f"此处应为 `{zh}`，写的是 `{found}`", f"`{en}` is wanted here, found `{found}`"),
    )


def _list(c: Checker, id_: str, node: ast.ListItem) -> None:
    type_ = read_type(c, node.type, id_)
    items: tuple[core.SetItem, ...] = ()
    if isinstance(node.members, ast.SetLiteral) and type_.kind != "error":
        found = literal_set(c, node.members, type_)
        if isinstance(found, core.LiteralSet):
            items = found.items
    elif node.members is not None:
        c.fail(
            "RL0314",
            node.span,
            (
                "名单应写作 `= ｛…｝` 或 `取自 “文件”`",
                'a list is written `= {...}` or `from "file"`',
            ),
        )
    if node.mark is not None and node.mark not in ILLUSTRATIVE:
        _wrong_word(c, node.span, node.mark, "示例", "illustrative")
    c.declared.lists[id_] = core.ListDef(
        id=id_,
        name=shown(node.name),
        type=type_,
        items=items,
        illustrative=node.mark in ILLUSTRATIVE,
        citations=citations(c, node.cites),
    )


def constant(c: Checker, node: ast.Expr, type_: Type) -> core.Expr | None:
    """A constant of a type; None where it is not one (and was said)."""
    found = c.expr(c, node, Scope(), type_)
    if is_broken(found):
        return None
    if isinstance(found, core.Lit) and found.type.kind == "number" and type_.kind == "ratio":
        found = core.Lit(type=type_, span=found.span, value=found.value)
    if type_.kind == "days" and found.type.kind in {"months", "seconds"}:
        return found
    if not fits(found.type, type_):
        first, second = c.say(found.type), c.say(type_)
        c.fail(
            "RL0301",
            node.span,
            (
                f"此处应为{second.zh}，写的是{first.zh}",
                f"{second.en} is wanted here, found {first.en}",
            ),
        )
        return None
    return found


def _param(c: Checker, id_: str, node: ast.Param) -> None:
    type_ = read_type(c, node.type, id_)
    if type_.kind == "error":
        return
    values: list[tuple[object, core.Expr]] = []
    first = constant(c, node.value, type_)
    if first is not None:
        values.append((None, first))
    for later in node.later:
        value = constant(c, later.value, type_)
        if value is not None:
            values.append((later.start.value, value))
    _bounds(c, node, type_, [value for _, value in values])
    open_to = ""
    if node.open is not None:
        words = [word_of(OPEN_WORDS, word) or word for word in node.open.words]
        open_to = f"{node.open.authority} {' '.join(words)}"
    if values:
        c.declared.params[id_] = core.ParamDef(
            id=id_,
            name=shown(node.name),
            type=values[0][1].type if type_.kind == "days" else type_,
            values=tuple(values),  # type: ignore[arg-type]
            open_to=open_to,
            citations=citations(c, node.cites),
        )


def _bounds(c: Checker, node: ast.Param, type_: Type, values: list[core.Expr]) -> None:
    if node.low is None or node.high is None:
        return
    low, high = constant(c, node.low, type_), constant(c, node.high, type_)
    if not isinstance(low, core.Lit) or not isinstance(high, core.Lit):
        return
    for value in values:
        if (
            isinstance(value, core.Lit)
            and isinstance(value.value, Decimal)
            and not low.value <= value.value <= high.value
        ):
            c.fail(
                "RL0704",
                value.span,
                (f"参数 `{shown(node.name).zh}` 的值超出了它的界", f"the value of `{shown(node.name).en}` lies outside its bounds"),
            )  # fmt: skip


def _decision(c: Checker, id_: str, node: ast.Decision) -> None:
    parameters = columns_of(c, node.parameters, id_)
    type_ = read_type(c, node.type, id_)
    rows: list[core.DecisionRowDef] = []
    for row in node.rows:
        value = _given(c, row.value, type_)
        if row.cells is None:
            rows.append(core.DecisionRowDef(None, value))
            continue
        if len(row.cells) != len(parameters):
            c.fail(
                "RL0308",
                row.span,
                (f"判定表一行应有 {len(parameters)} 格，写了 {len(row.cells)} 格",
                 f"a row has {len(parameters)} cells, {len(row.cells)} were written"),
            )  # fmt: skip
            continue
        cells = tuple(
            core.DecisionCell(
                constant(c, cell.low, parameter.type) if cell.low is not None else None,
                constant(c, cell.high, parameter.type) if cell.high is not None else None,
            )
            for cell, parameter in zip(row.cells, parameters, strict=True)
        )
        rows.append(core.DecisionRowDef(cells, value))
    c.declared.decisions[id_] = core.DecisionDef(
        id_, shown(node.name), parameters, type_, tuple(rows), citations(c, node.cites)
    )


def _given(c: Checker, node: ast.Expr, type_: Type) -> core.Expr | None:
    if isinstance(node, ast.Ref) and node.name in NOT_STATED:
        return None
    return constant(c, node, type_)

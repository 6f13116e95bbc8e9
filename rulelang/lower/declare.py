"""Heads of declarations: tables without rows, lists, evidence; parameters and decisions."""

from __future__ import annotations

from rulelang import ast, core
from rulelang.calendar import Window
from rulelang.check.saying import article
from rulelang.check.scope import Checker
from rulelang.check.sets import literal_set
from rulelang.check.unknown import elsewhere
from rulelang.diagnostics import Words
from rulelang.lower.citations import citation, citations
from rulelang.lower.figures import decision, parameter
from rulelang.lower.keys import check_key
from rulelang.lower.typed import columns_of, read_type
from rulelang.lower.waivers import is_ordinary, is_waiver, waiver_table
from rulelang.meant import nearest
from rulelang.resolve import Symbol, canonical, shown
from rulelang.source import Span
from rulelang.units import BY_NAME
from rulelang.words import EVIDENCE_WORDS, ILLUSTRATIVE, MANY, word_of


def declare(c: Checker) -> None:
    """Lower all declaration heads of one ruleset into `c.declared`."""
    order = (ast.Evidence, ast.Table, ast.ListItem, ast.Param, ast.Decision)
    for kind in order:
        for item, file in sorted(c.unit.items(), key=_names_others):
            if isinstance(item, kind):
                symbol = c.unit.names[canonical(item.name)]
                if symbol.node is not item:
                    continue  # declared twice, and said so
                c.spelling = file.spelling
                _declare_one(c, symbol)


def _names_others(entry: tuple[ast.Item, ast.File]) -> bool:
    """Evidence whose words are written out comes first: other evidence may have it as its type."""
    return isinstance(entry[0], ast.Evidence) and not isinstance(entry[0].type, ast.EnumType)


def _declare_one(c: Checker, symbol: Symbol) -> None:
    match symbol.node:
        case ast.Evidence() as node:
            _evidence(c, symbol.id, node)
        case ast.Table() as node:
            _table(c, symbol.id, node)
        case ast.ListItem() as node:
            _list(c, symbol.id, node)
        case ast.Param() as node:
            parameter(c, symbol.id, node)
        case ast.Decision() as node:
            decision(c, symbol.id, node)
        case _:
            pass


def _evidence(c: Checker, id_: str, node: ast.Evidence) -> None:
    owner = c.vocabulary.entity(node.owner)
    if owner is None:
        c.fail(
            "RL0208",
            c.at(node.span, node.owner),
            (f"`归属` 不能是 `{node.owner}`", f"`of` cannot be `{node.owner}`"),
            ("可用：患者、就诊、明细、诊断、手术、处方", "one of: patient, encounter, line, diagnosis, operation, prescription"),
        )  # fmt: skip
        return
    name = shown(node.name)
    known = c.vocabulary.field(owner.en, name.en) or c.vocabulary.field(owner.en, name.zh)
    if known is not None:
        c.fail(
            "RL0202",
            node.name.span,
            (f"`{name.zh}` 已是{owner.zh}的字段，不能再声明为证据",
             f"`{name.en}` is already a field of {article(owner.en)} and is not declared again"),
            (f"直接写 `{owner.zh}.{known.zh}`", f"write `{owner.en}.{known.en}`"),
        )  # fmt: skip
        return
    type_ = read_type(c, node.type, id_)
    fields = columns_of(c, node.type.columns, id_) if isinstance(node.type, ast.RecordType) else ()
    word = word_of(EVIDENCE_WORDS, node.word) if node.word else ""
    if word is None:
        c.fail(
            "RL0705",
            c.at(node.span, node.word or ""),
            (f"此处应为 `多次` 或 `登记`，写的是 `{node.word}`", f"`series` or `registered` is wanted here, found `{node.word}`"),
        )  # fmt: skip
        return
    suppliers = {w.zh: key for key, w in c.vocabulary.suppliers.items()}
    providers: list[str] = []
    for provider in node.providers:
        key = provider if provider in c.vocabulary.suppliers else suppliers.get(provider)
        if key is None:
            c.fail(
                "RL0705",
                c.at(node.span, provider),
                (f"`提供` 后面不能是 `{provider}`", f"`provided_by` cannot name `{provider}`"),
                nearest(provider, [*suppliers, *suppliers.values()])
                or Words(
                    "可用：" + "、".join(suppliers), "one of: " + ", ".join(suppliers.values())
                ),
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
    if not is_ordinary(c, node):
        if not node.columns and is_waiver(node.name):
            c.declared.tables[id_] = waiver_table(c, id_, node)
        return
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
        check_key(c, key, column)
        keys.append(column.name.en)
        under.append(key.under)
    if node.word is not None and node.word not in MANY:
        _wrong_word(c, c.at(node.span, node.word), node.word, "多行", "many")
    if node.mark is not None and node.mark not in ILLUSTRATIVE:
        _wrong_word(c, c.at(node.span, node.mark), node.mark, "示例", "illustrative")
    illustrative = node.mark in ILLUSTRATIVE
    if illustrative and node.complete:
        c.fail(
            "RL0703",
            c.at(node.span, c.keyword("COMPLETE")),
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
        many=node.word is not None,  # a wrong word was complained of, and meant this one
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
        if symbol is None and c.is_unread(name):
            continue
        if symbol is None or not isinstance(symbol.node, ast.Table | ast.ListItem):
            known = [
                n
                for n, s in c.unit.visible().items()
                if isinstance(s.node, ast.Table | ast.ListItem)
            ]
            c.fail(
                "RL0201",
                c.at(node.span, name),
                (f"没有名为 `{name}` 的知识表或名单", f"there is no table or list `{name}`"),
                nearest(name, known) or elsewhere(c, name),
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
            node.members.span,
            (
                "名单应写作 `= ｛…｝` 或 `取自 “文件”`",
                'a list is written `= {...}` or `from "file"`',
            ),
        )
    if node.mark is not None and node.mark not in ILLUSTRATIVE:
        _wrong_word(c, c.at(node.span, node.mark), node.mark, "示例", "illustrative")
    c.declared.lists[id_] = core.ListDef(
        id=id_,
        name=shown(node.name),
        type=type_,
        items=items,
        illustrative=node.mark in ILLUSTRATIVE,
        citations=citations(c, node.cites),
        closed=citation(c, node.closed) if node.closed is not None else None,
    )

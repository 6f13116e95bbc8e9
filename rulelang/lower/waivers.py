"""The reserved table 豁免: which rules a ruleset waives, and whether it may (S13).

Its columns are fixed, so it is declared without any: `知识表 豁免 | waiver 取自 “豁免.csv”`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from rulelang import ast, core, types
from rulelang.check.scope import Checker
from rulelang.diagnostics import Related, Words
from rulelang.lower.citations import citations
from rulelang.lower.sheets import path_beside
from rulelang.meant import nearest
from rulelang.resolve import Symbol, Unit, shown
from rulelang.source import Source, Span
from rulelang.words import AUTHORITIES, WAIVER, WAIVER_COLUMNS, word_of

ALL = frozenset({"*", "\uff0a"})
_TYPES = {"rule": types.TEXT, "key": types.TEXT, "reason": types.TEXT, "approver": types.TEXT}
_MAY_BE_BLANK = frozenset({"key", "known_to"})
_FORM = (
    "写作 `知识表 豁免 | waiver 取自 “豁免.csv”`",
    'write `table waiver | 豁免 from "豁免.csv"`',
)


def is_waiver(name: ast.Name) -> bool:
    """Whether a name is that of the reserved table."""
    return name.zh in WAIVER or name.en in WAIVER


def is_ordinary(c: Checker, node: ast.Table) -> bool:
    """Whether a table has columns of its own; complains where they are missing or too much."""
    reserved = is_waiver(node.name)
    if reserved == (not node.columns):
        return not reserved
    name = shown(node.name)
    if reserved:
        columns = "、".join(WAIVER_COLUMNS), ", ".join(WAIVER_COLUMNS.values())
        words = (f"`{name.zh}` 的列是固定的：{columns[0]}", f"the columns of `{name.en}` are fixed: {columns[1]}")  # fmt: skip
        c.fail("RL0232", node.name.span, words, _FORM)
    else:
        c.fail(
            "RL0232",
            node.name.span,
            (f"知识表 `{name.zh}` 没有写列和键", f"the table `{name.en}` has neither columns nor a key"),
            ("只有 `豁免` 不写列和键", "only the table `waiver` is written without them"),
        )  # fmt: skip
    return False


def waiver_table(c: Checker, id_: str, node: ast.Table) -> core.Table:
    """The declaration of the reserved table."""
    return core.Table(
        id=id_,
        name=Words("豁免", "waiver"),
        columns=tuple(
            core.TableColumn(Words(zh, en), _TYPES.get(en, types.DATE), en in _MAY_BE_BLANK)
            for zh, en in WAIVER_COLUMNS.items()
        ),
        keys=("rule", "key"),
        under=(False, False),
        many=True,
        complete=False,
        within=(),
        illustrative=False,
        file=node.file.value,
        rows=(),
        citations=citations(c, node.cites),
    )


def check_waivers(c: Checker, symbol: Symbol, sources: Mapping[str, Source]) -> None:
    """Check the rows of 豁免, and name in each the rule by its id."""
    table, node = c.declared.tables.get(symbol.id), symbol.node
    if table is None or not isinstance(node, ast.Table) or not is_waiver(node.name):
        return
    text = sources.get(path_beside(node.file))
    if text is None:
        return
    c.spelling = symbol.spelling
    kept = [row for row in table.rows if _is_sound(c, row, _line(text, row))]
    c.declared.tables[symbol.id] = replace(table, rows=tuple(_plainly(c, row) for row in kept))


def _line(text: Source, row: core.Row) -> Span:
    start = text.line_starts[row.number - 1]
    return Span(text.path, start, start + len(text.line(row.number)))


def _plainly(c: Checker, row: core.Row) -> core.Row:
    """The row with its rule by id and its key without a sign; no key where it is for all."""
    rule, key, *others = row.cells
    found = _rule_of(c.unit, rule)
    plain = None if key is None or key.strip() in ALL else key.strip().lstrip("#＃").upper()
    return replace(row, cells=(rule if found is None else found.id, plain, *others))


def _is_sound(c: Checker, row: core.Row, span: Span) -> bool:
    rule, _, _, _, service_from, service_to, known_from, known_to = row.cells
    _check_period(c, span, ("服务起", "服务止"), service_from, service_to)
    _check_period(c, span, ("知悉起", "知悉止"), known_from, known_to)
    if (row.starts, row.ends, row.known, row.supersedes) != (None, None, None, ""):
        c.fail(
            "RL0225",
            span,
            ("豁免不用 `生效`、`失效`、`入库`、`取代`，未读", "waivers have no `starts`, `ends`, `known` or `supersedes`; they were not read"),
            ("写 `服务起`、`服务止`、`知悉起`、`知悉止`", "write `service_from`, `service_to`, `known_from`, `known_to`"),
        )  # fmt: skip
    found = _rule_of(c.unit, rule)
    if found is None:
        names = [name for unit in (c.unit, *c.unit.uses) for name in _rules_of(unit)]
        c.fail(
            "RL0233",
            span,
            (f"第 {row.number} 行豁免 `{rule}`，没有这条规则", f"row {row.number} waives `{rule}`, which is no rule"),
            nearest(rule, names)
            or Words("先 `引用` 规则所在的规则集，名称写作 `规则` 或 `规则集.规则`",
                     "first `use` the ruleset of the rule; name it `rule` or `ruleset.rule`"),
        )  # fmt: skip
        return False
    return _may_waive(c, row, span, found)


def _check_period(
    c: Checker, span: Span, names: tuple[str, str], start: date | None, end: date | None
) -> None:
    if start is None or end is None or start < end:
        return
    first, last = (WAIVER_COLUMNS[name] for name in names)
    c.fail(
        "RL0708",
        span,
        (f"`{names[0]}` {start} 不在 `{names[1]}` {end} 之前", f"`{first}` {start} is not before `{last}` {end}"),
        (f"`{names[1]}` 写不再豁免的第一天", f"`{last}` is the first day that is not covered"),
    )  # fmt: skip


def _rules_of(unit: Unit) -> Mapping[str, Symbol]:
    return {name: found for name, found in unit.names.items() if isinstance(found.node, ast.Rule)}


def _rule_of(unit: Unit, written: str) -> Symbol | None:
    """The rule that a cell names: by its name, by ruleset and name, or by its id."""
    for each in (unit, *unit.uses):
        rules = _rules_of(each)
        if written in rules:
            return rules[written]
        for name in (each.head.name.zh, each.head.name.en, each.id):
            for mark in (".", "/"):
                stem = f"{name}{mark}"
                if name and written.startswith(stem) and written.removeprefix(stem) in rules:
                    return rules[written.removeprefix(stem)]
    return None


def _may_waive(c: Checker, row: core.Row, span: Span, found: Symbol) -> bool:
    """Whether the ruleset may: a 封闭 rule only from its own layer or a higher one."""
    node = found.node
    heads = node.heads if isinstance(node, ast.Rule) else ()
    closed = next((head for head in heads if isinstance(head, ast.Closed)), None)
    if closed is None or _rank(c.unit) <= _rank(found.unit):
        return True
    name = shown(found.name)
    c.fail(
        "RL0234",
        span,
        (f"第 {row.number} 行豁免 `{name.zh}`，它已 `封闭`，下级不能豁免",
         f"row {row.number} waives `{name.en}`, which is `closed` to lower layers"),
        ("删去这一行，或由封闭它的一级来豁免", "take the row away, or have the layer waive that closed the rule"),
        (Related(closed.span, Words("在此封闭", "closed here")),),
    )  # fmt: skip
    return False


def _rank(unit: Unit) -> int:
    """The layer of a ruleset, the highest first; one that states none is below all."""
    layers = list(AUTHORITIES.values())
    words = (item.word for item, _ in unit.items() if isinstance(item, ast.Authority))
    found = word_of(AUTHORITIES, next(words, ""))
    return layers.index(found) if found in layers else len(layers)

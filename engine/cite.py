"""The leaves of a derivation in words: what is cited, what is missing and who can supply it (S18).

Nothing here looks at the bill again: words come from the derivation alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, assert_never

from engine.derivation import CoverageLeaf, FactLeaf, GapLeaf, Leaf, NoRowLeaf, RowLeaf
from engine.evidence_words import how_to_supply, taken_words
from engine.facts import Entity, Value, one
from engine.finding import Cited, MissingFact
from engine.words import (
    MISSING,
    MOST_SHOWN,
    cell_value,
    fact_type,
    fact_words,
    joined,
    value_text,
    value_words,
)
from rulelang import types, vocabulary
from rulelang.core import Citation, Program, Table
from rulelang.diagnostics import Words
from rulelang.types import Type
from rulelang.values import Range

ONE_ONLY = frozenset({"patient", "institution", "ruleset"})  # kinds of which a bill has one
RULESET_OWNER = "ruleset_owner"
TABLE_PREFIX = "table:"
GAP_PREFIX = "gap:"

# A fact that is worked out from another one is asked for by that one.
WORKED_OUT_FROM: Mapping[tuple[str, str], str] = MappingProxyType(
    {("patient", "age"): "birth_date"}
)
# Shown as an age only, wherever it stands.
SHOWN_AS_AGE = frozenset({("patient", "birth_date"), ("patient", "age")})

ASSUMPTIONS: Mapping[str, Words] = MappingProxyType(
    {
        "claimed_by_default": Words(
            "请求未说明，按站点假设视为申报医保",
            "not said by the request; taken as claimed from the fund (site assumption)",
        ),
        "amount_as_upper_bound": Words(
            "没有医保内金额，以金额为上限",
            "no amount within the scope of the fund; the amount is taken as an upper bound",
        ),
    }
)

_PLACES: Mapping[str, Words] = MappingProxyType(
    {
        "line": Words("第{}行", "line {}"),
        "diagnosis": Words("第{}条诊断", "diagnosis {}"),
        "operation": Words("第{}条手术", "operation {}"),
        "prescription": Words("第{}张处方", "prescription {}"),
    }
)


def cited(leaves: Iterable[Leaf], program: Program, on: Range | None = None) -> tuple[Cited, ...]:
    """What decided, in words, with the assumptions that it stands on.

    Args:
        leaves: The leaves of a pruned derivation.
        program: Where names and words are declared.
        on: The governing date, for the age that a birth date is shown as.
    """
    found: list[Cited] = []
    assumptions: dict[str, Cited] = {}
    for leaf in leaves:
        found.append(_cite(leaf, program, on))
        if isinstance(leaf, FactLeaf) and leaf.fact.assumption is not None:
            name = leaf.fact.assumption
            words = ASSUMPTIONS.get(name, Words(name, name))
            shown = found[-1].shown
            assumptions[name] = Cited("assumption", name, shown, words, leaf.fact.pointer)
    return (*found, *(assumptions[name] for name in sorted(assumptions)))


def missing(leaves: Iterable[Leaf], program: Program) -> tuple[MissingFact, ...]:
    """The facts that unknown leaves stand for, who can supply each and how."""
    by_identity: dict[tuple[str, str, str], MissingFact] = {}
    for leaf in leaves:
        fact = _missing(leaf, program)
        if fact is not None:
            by_identity.setdefault((fact.fact, fact.subject, fact.pointer), fact)
    return tuple(by_identity.values())


def place_words(entity: Entity) -> Words:
    """Which one of its kind an entity is: 第7行; nothing where there is only one."""
    words = _PLACES.get(entity.kind)
    if words is None:
        return Words("", "")
    number = entity.order + 1
    return Words(words.zh.format(number), words.en.format(number))


def supplier_words(supplier: str) -> Words:
    """Who a supplier is; an authority that is no supplier of the vocabulary is called as it is."""
    return vocabulary.load().suppliers.get(supplier, Words(supplier, supplier))


def citation_words(citation: Citation) -> Words:
    """A place in a document: title, number and place."""
    document = citation.document
    number = f"（{document.number}）" if document.number else ""
    title = document.title
    return Words(
        " ".join(part for part in (f"{title.zh}{number}", citation.place) if part),
        " ".join(part for part in (title.en or title.zh, document.number, citation.place) if part),
    )


def leaf_words(leaf: Leaf, program: Program, on: Range | None = None) -> Words:
    """A leaf in one line: what it is, its value, where it stands."""
    item = _cite(leaf, program, on)
    pointer = f" [{item.pointer}]" if item.pointer else ""
    source = Words(f"（来源：{item.source}）", f" (source: {item.source})")
    mark = Words("（示例）", " (illustrative)") if item.illustrative else Words("", "")
    if not item.source:
        source = Words("", "")
    return Words(
        f"{item.shown.zh}：{item.value.zh}{mark.zh}{source.zh}{pointer}",
        f"{item.shown.en}: {item.value.en}{mark.en}{source.en}{pointer}",
    )


# ---------------------------------------------------------------- what decided


def _cite(leaf: Leaf, program: Program, on: Range | None) -> Cited:
    match leaf:
        case FactLeaf():
            return _cite_fact(leaf, program, on)
        case RowLeaf():
            return _cite_row(leaf, program)
        case NoRowLeaf():
            return _cite_no_row(leaf, program)
        case CoverageLeaf():
            named = fact_words(leaf.entity.kind, leaf.field, program, leaf.field)
            shown = _in_period(named, leaf.entity)
            return Cited("coverage", named.en, shown, leaf.coverage.words, leaf.coverage.pointer)
        case GapLeaf():
            value = Words("规则未规定", "not stated by the rules")
            return Cited("gap", leaf.what, _gap_words(leaf, program), value)
        case _:
            assert_never(leaf)


def _cite_fact(leaf: FactLeaf, program: Program, on: Range | None) -> Cited:
    kind, field, fact = leaf.entity.kind, leaf.field, leaf.fact
    value, type_ = fact.value, fact_type(kind, field, program, leaf.evidence)
    if (kind, field) in SHOWN_AS_AGE:
        type_ = types.AGE
        if value.fine is None and on is not None:
            value = Value(range=value.range, choices=value.choices, fine=on)
    words = value_words(value, type_, program)
    if fact.value.is_nothing and fact.why is not None:
        words = Words(f"（缺：{fact.why.zh}）", f"(missing: {fact.why.en})")
    elif leaf.evidence:
        words = taken_words(words, fact, program)
    name = fact_words(kind, field, program, leaf.evidence).en
    return Cited("fact", name, _shown(leaf, program), words, fact.pointer)


def _shown(leaf: FactLeaf, program: Program) -> Words:
    """A fact's name with the line that it is of, and its arguments."""
    words, place = _name_of(leaf, leaf.field, program), place_words(leaf.entity)
    return Words(f"{place.zh} {words.zh}".strip(), f"{place.en} {words.en}".strip())


def _name_of(leaf: FactLeaf, field: str, program: Program) -> Words:
    """A fact's name with its arguments: 患者.首针前视力[左眼]."""
    words = fact_words(leaf.entity.kind, field, program, leaf.evidence)
    known = vocabulary.load().field(leaf.entity.kind, field)
    if known is not None and known.of_period:
        words = _in_period(words, leaf.entity)
    declared = program.evidence.get(leaf.evidence)
    if declared is None or not leaf.arguments:
        return words
    given = list(zip(leaf.arguments, declared.parameters, strict=False))
    zh = "，".join(value_text(one(item), to.type, program, "zh") for item, to in given)
    en = ", ".join(value_text(one(item), to.type, program, "en") for item, to in given)
    return Words(f"{words.zh}[{zh}]", f"{words.en}[{en}]")


def _in_period(words: Words, entity: Entity) -> Words:
    """机构.明细[2026-03]: what is of a period is named with it."""
    period = entity.links.get("period")
    if period is None:
        return words
    return Words(f"{words.zh}[{period.key}]", f"{words.en}[{period.key}]")


def _is_only_one(entity: Entity) -> bool:
    """Whether a finding has one of its kind only, so that it needs no key."""
    return entity.kind in ONE_ONLY and "period" not in entity.links


def _gap_words(leaf: GapLeaf, program: Program) -> Words:
    declared = program.decisions.get(leaf.what) or program.params.get(leaf.what)
    return Words(leaf.what, leaf.what) if declared is None else declared.name


def _cite_row(leaf: RowLeaf, program: Program) -> Cited:
    table, row = leaf.table, leaf.row
    cells = [
        (column, cell_value(cell, column.type))
        for column, cell in zip(table.columns, row.cells, strict=True)
        if column.name.en not in table.keys
    ]
    value = Words(
        joined([f"{column.name.zh} {value_text(cell, column.type, program, 'zh')}"
                for column, cell in cells[:MOST_SHOWN]], len(cells), "zh"),
        joined([f"{column.name.en} {value_text(cell, column.type, program, 'en')}"
                for column, cell in cells[:MOST_SHOWN]], len(cells), "en"),
    )  # fmt: skip
    source = row.source
    for part in (row.point, row.batch, row.published):
        if part and part not in source:  # many sources name them already
            source = f"{source}，{part}" if source else part
    return Cited(
        "row",
        f"{table.id}/{_key_text(leaf.keys)}",
        _row_words(table, leaf.keys, program),
        value,
        source=source or f"{table.file}:{row.number}",
        illustrative=table.illustrative,
    )


def _cite_no_row(leaf: NoRowLeaf, program: Program) -> Cited:
    if leaf.inside:
        value = Words("没有此行", "no such row")
    else:
        extent = _extent_words(leaf, program)
        value = Words(f"{extent.zh}未收录", f"not held in {extent.en}")
    return Cited(
        "no_row",
        f"{leaf.table.id}/{_key_text(leaf.keys)}",
        _row_words(leaf.table, leaf.keys, program),
        value,
        illustrative=leaf.table.illustrative,
    )


def _row_words(table: Table, keys: Sequence[Any], program: Program) -> Words:
    key_types = {column.name.en: column.type for column in table.columns}
    typed: list[tuple[Value, Type]] = [
        (cell_value(key, key_types[name]), key_types[name])
        for key, name in zip(keys, table.keys, strict=False)
    ]
    zh = "，".join(value_text(key, type_, program, "zh") for key, type_ in typed)
    en = ", ".join(value_text(key, type_, program, "en") for key, type_ in typed)
    return Words(f"{table.name.zh}[{zh}]", f"{table.name.en}[{en}]")


def _key_text(keys: Iterable[Any]) -> str:
    return ",".join(str(key) for key in keys)


def _extent_words(leaf: NoRowLeaf, program: Program) -> Words:
    held = program.tables.get(leaf.extent_id) or program.lists.get(leaf.extent_id)
    return leaf.table.name if held is None else held.name


# ---------------------------------------------------------------- what is missing


def _missing(leaf: Leaf, program: Program) -> MissingFact | None:
    match leaf:
        case FactLeaf():
            return _missing_fact(leaf, program)
        case RowLeaf():
            return None
        case NoRowLeaf():
            return _missing_row(leaf, program)
        case CoverageLeaf():
            return _missing_coverage(leaf, program)
        case GapLeaf():
            who, shown = supplier_words(leaf.supplier), _gap_words(leaf, program)
            how = Words(
                f"规则未规定{shown.zh}，由{who.zh}明确",
                f"{shown.en} is not stated by the rules; to be settled by the {who.en}",
            )
            return MissingFact(f"{GAP_PREFIX}{leaf.what}", shown, "", leaf.supplier, how)
        case _:
            assert_never(leaf)


def _missing_fact(leaf: FactLeaf, program: Program) -> MissingFact:
    entity, field, fact = leaf.entity, leaf.field, leaf.fact
    origin = WORKED_OUT_FROM.get((entity.kind, field))
    if origin is not None:
        field, fact = origin, entity.fact(origin)
    name = _name_of(leaf, field, program)
    place = place_words(entity)
    suppliers = _suppliers(leaf, field, program)
    who = Words(
        "、".join(supplier_words(item).zh for item in suppliers),
        " or ".join(supplier_words(item).en for item in suppliers),
    )
    what = Words(f"{place.zh}{name.zh}", f"{name.en} of {place.en}" if place.en else name.en)
    if leaf.evidence and fact.value.is_nothing:
        how = how_to_supply(what, who, fact, program.evidence.get(leaf.evidence), program)
    elif fact.why is not None:
        how = Words(
            f"请更正{what.zh}（{who.zh}）：{fact.why.zh}",
            f"correct {what.en} ({who.en}): {fact.why.en}",
        )
    elif fact.value.is_nothing or (entity.kind, field) in SHOWN_AS_AGE:
        how = Words(f"请补录{what.zh}（{who.zh}）", f"supply {what.en} ({who.en})")
    else:
        type_ = fact_type(entity.kind, field, program, leaf.evidence)
        found = value_words(fact.value, type_, program)
        how = Words(
            f"请补充{what.zh}的确切值（{who.zh}），现为{found.zh}",
            f"supply the exact value of {what.en} ({who.en}); it is {found.en} now",
        )
    return MissingFact(
        fact_words(entity.kind, field, program, leaf.evidence).en,
        name,
        fact.pointer or entity.pointer,
        suppliers[0],
        how,
        "" if _is_only_one(entity) else entity.key,
    )


def _suppliers(leaf: FactLeaf, field: str, program: Program) -> tuple[str, ...]:
    found = vocabulary.load().field(leaf.entity.kind, field)
    if found is not None:
        return (found.supplier,)
    declared = program.evidence.get(leaf.evidence)
    return declared.providers if declared is not None and declared.providers else ("biller",)


def _missing_row(leaf: NoRowLeaf, program: Program) -> MissingFact:
    key = leaf.keys[0] if leaf.extent_key is None and leaf.keys else leaf.extent_key
    text = MISSING.zh if key is None else _key_text(key if isinstance(key, tuple) else (key,))
    extent, who = _extent_words(leaf, program), supplier_words(RULESET_OWNER)
    how = Words(
        f"{extent.zh}中没有 {text}，请{who.zh}补充",
        f"row not held: {extent.en} has none for {text}; the {who.en} can add it",
    )
    fact = f"{TABLE_PREFIX}{leaf.extent_id or leaf.table.id}"
    return MissingFact(fact, extent, "", RULESET_OWNER, how, text)


def _missing_coverage(leaf: CoverageLeaf, program: Program) -> MissingFact:
    entity, coverage = leaf.entity, leaf.coverage
    who = supplier_words(coverage.supplier)
    named = fact_words(entity.kind, leaf.field, program, leaf.field)
    shown = _in_period(named, entity)
    how = Words(
        f"请补全{shown.zh}（{who.zh}）：{coverage.words.zh}",
        f"complete {shown.en} ({who.en}): {coverage.words.en}",
    )
    return MissingFact(
        named.en,
        shown,
        coverage.pointer or entity.pointer,
        coverage.supplier,
        how,
        "" if _is_only_one(entity) else entity.key,
    )

"""Types and columns as declarations write them."""

from __future__ import annotations

from rulelang import ast, core, types
from rulelang.check.scope import Checker
from rulelang.meant import nearest
from rulelang.resolve import canonical, shown
from rulelang.source import Span
from rulelang.typenames import all_names, type_named
from rulelang.types import Type
from rulelang.units import BY_NAME, unit_named


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
        if found.kind != "measure":
            _no_unit(c, node)
            return found
        unit = BY_NAME.get(node.unit) or unit_named(node.unit)
        return Type("measure", unit.name if unit else node.unit)
    symbol = c.unit.find(node.name)
    if symbol is not None and isinstance(symbol.node, ast.Evidence):
        evidence = c.declared.evidence.get(symbol.id)
        if evidence is not None:
            return evidence.type
    if c.is_unread(node.name) or (symbol is not None and isinstance(symbol.node, ast.Evidence)):
        return types.ERROR
    c.fail(
        "RL0208",
        node.span,
        (f"没有名为 `{node.name}` 的类型", f"there is no type `{node.name}`"),
        nearest(node.name, all_names(c.vocabulary)),
    )
    return types.ERROR


def _no_unit(c: Checker, node: ast.NamedType) -> None:
    """The complaint about a unit behind a type that has none, if nothing else was said of it."""
    told = any(each.code == "RL0104" and _within(each.span, node.span) for each in c.problems.found)
    if not told:
        c.fail(
            "RL0401",
            node.span,
            (f"`{node.name}` 后面不写单位", f"no unit stands behind `{node.name}`"),
            ("只有 `数值` 带单位，如 `数值 g/L`", "only `value` has a unit, as `value g/L`"),
        )


def _within(inner: Span, outer: Span) -> bool:
    return inner.path == outer.path and outer.start <= inner.start and inner.end <= outer.end


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
                node.name.span,
                (f"列 `{name.zh}` 重复", f"column `{name.en}` is declared twice"),
                ("改用另一个名称", "use another name"),
            )
            continue
        type_ = read_type(c, node.type, f"{owner_id}.{name.en}")
        columns.append(core.TableColumn(name, type_, node.blank_any))
    return tuple(columns)

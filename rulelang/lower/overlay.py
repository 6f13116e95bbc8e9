"""Tables that took the place of others: over which keys each of them now says all (S5.2).

A table that is complete within a catalog was made for the catalog that it came with. Where only the
catalog is another now, the table still speaks of the keys of the old one and of no others; where the
table is another, it speaks of the new catalog but for the keys that it names as untold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rulelang import ast, core
from rulelang.check.scope import Checker
from rulelang.diagnostics import Words
from rulelang.lower.rows import load_table
from rulelang.lower.sheets import path_beside
from rulelang.overlays import Overlay
from rulelang.resolve import Symbol

MARK = "@"  # parts the id of a table from what its extent was made for; in no name


@dataclass(frozen=True, slots=True)
class _Place:
    c: Checker
    symbol: Symbol
    path: str


def overlay_tables(checkers: Sequence[Checker], overlay: Overlay) -> None:
    """Give every table the extent that it has among those that took the place of others."""
    places = {place.symbol.id: place for c in checkers for place in _tables(c)}
    for id_, place in places.items():
        tables = place.c.declared.tables
        table = tables.get(id_)
        if table is None:
            continue
        if place.path in overlay.complete and not table.illustrative:
            tables[id_] = replace(table, complete=True, within=())
        elif table.complete and table.within:
            within = tuple(
                _extent(table, place, places[extent], overlay) if extent in places else extent
                for extent in table.within
            )
            tables[id_] = replace(table, within=within)


def _tables(c: Checker) -> Iterator[_Place]:
    seen: set[str] = set()
    for symbol in c.unit.names.values():
        if symbol.id not in seen and isinstance(symbol.node, ast.Table):
            seen.add(symbol.id)
            yield _Place(c, symbol, path_beside(symbol.node.file))


def _extent(table: core.Table, place: _Place, catalog: _Place, overlay: Overlay) -> str:
    """The id of the table whose keys are the extent of another."""
    id_, tables = catalog.symbol.id, catalog.c.declared.tables
    if place.path in overlay.replaced:
        unheld = overlay.unheld.get(place.path, frozenset())
        if not unheld:
            return id_
        own = f"{id_}{MARK}{table.name.en}"
        tables[own] = _without(replace(tables[id_], id=own), unheld)
        return own
    if catalog.path not in overlay.replaced:
        return id_
    shipped = f"{id_}{MARK}shipped"
    if shipped not in tables:
        loaded = tables[id_]
        load_table(catalog.c, catalog.symbol, overlay.before, {})
        before, tables[id_] = tables[id_], loaded
        name = Words(f"随附的{before.name.zh}", f"shipped {before.name.en}")
        tables[shipped] = replace(before, id=shipped, name=name)
    return shipped


def _without(catalog: core.Table, unheld: frozenset[str]) -> core.Table:
    names = [column.name.en for column in catalog.columns]
    at = names.index(catalog.keys[0])
    rows = tuple(row for row in catalog.rows if row.cells[at] not in unheld)
    return replace(catalog, rows=rows)

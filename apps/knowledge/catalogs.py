"""Catalogs: the platform's downloads, and a site's own tables with the columns of ours."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from apps.knowledge.files import Grid, Loaded
from apps.knowledge.filling import Filled
from apps.knowledge.points import Fate, Place, Remark


@dataclass(slots=True)
class Catalogs:
    """What was read of catalogs: rows by table, and the fate of each row."""

    tables: dict[str, Filled] = field(default_factory=dict)
    fates: dict[Place, Fate] = field(default_factory=dict)
    rejected: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)  # what no table takes

    def counts(self) -> Counter[Fate]:
        """How many rows had which fate."""
        return Counter(self.fates.values())

    def into(self, tables: dict[str, Filled], complete: tuple[str, ...]) -> None:
        """The tables of catalogs beside those of points; they take the place of widened ones."""
        tables |= self.tables
        for path, table in tables.items():
            table.complete = path in complete


def of_objects(loaded: Loaded, into: Catalogs) -> bool:
    """The rows of a file of JSON; False where it is no catalog."""
    del loaded, into
    return False


def of_sheet(grid: Grid, file: str, into: Catalogs) -> bool:
    """The rows of a sheet; False where it is no catalog."""
    del grid, file, into
    return False

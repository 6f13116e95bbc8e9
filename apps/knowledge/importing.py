"""From files to a knowledge package: what was read, what became of it, which tables it fills."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from apps.knowledge import filling, prefixes, reading
from apps.knowledge.catalogs import Catalogs, of_objects, of_sheet
from apps.knowledge.files import Loaded, load
from apps.knowledge.filling import Filled
from apps.knowledge.notes.diagnoses import DiagnosisNames
from apps.knowledge.points import Fate, Place, Remark
from apps.knowledge.reading import RawRows
from apps.knowledge.settling import Settled, settle
from apps.sheet_cells import not_a_table
from engine.codes import product_system
from engine.errors import InputError
from rulelang.diagnostics import Words

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """How to import: the rule class of files that do not say theirs, what is declared complete."""

    rule_class: str = ""
    complete: tuple[str, ...] = ()


@dataclass(slots=True)
class Imported:
    """What an import made, whole: files with their digests, points, tables and what is to be told."""

    files: list[Loaded]
    settled: Settled
    catalogs: Catalogs
    tables: dict[str, Filled] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)

    @property
    def rejected(self) -> list[Remark]:
        """The rejected rows, in the order of the files."""
        return sorted([*self.settled.rejected, *self.catalogs.rejected], key=lambda one: one.place)

    @property
    def remarks(self) -> list[Remark]:
        """What was mended or left open, in the order of the files."""
        found = [one for loaded in self.files for one in loaded.remarks]
        return sorted(
            [*found, *self.settled.remarks, *self.catalogs.remarks], key=lambda one: one.place
        )

    def counts(self) -> dict[str, int]:
        """Rows read, and how many had which fate; the three add up to the rows read."""
        fates: Counter[Fate] = self.settled.counts() + self.catalogs.counts()
        return {"read": fates.total(), **{fate.value: fates[fate] for fate in Fate}}


def import_files(paths: Sequence[Path], asked: Asked, tell: Progress = lambda _: None) -> Imported:
    """Read files, settle their points and fill the tables.

    Raises:
        InputError: where a file cannot be read as a whole, or holds nothing that is known.
        OSError: where a file cannot be read.
    """
    rows, catalogs, files = RawRows(), Catalogs(), []
    for path in paths:
        tell(path.name)
        loaded = load(path)
        files.append(loaded)
        _sort(loaded, rows, catalogs)
    tell("…")
    done = Imported(files, settle(rows, asked.rule_class), catalogs)
    done.tables, done.kept = filling.fill(
        done.settled.points, done.settled.remarks, DiagnosisNames.from_rows(catalogs.diagnoses())
    )
    codes = catalogs.codes()
    catalogs.refuse_strange(codes)
    catalogs.remarks += prefixes.of_shipped(codes)
    done.tables |= catalogs.tables()
    for table in asked.complete:
        if table in done.tables:
            done.tables[table].complete = True
    filling.widen_catalogs(done.settled.points.values(), done.tables)
    _unknown_codes(done)
    return done


def _sort(loaded: Loaded, rows: RawRows, catalogs: Catalogs) -> None:
    """Every sheet of a file to where it belongs; a file of which nothing is known is refused."""
    if loaded.objects:
        whole = [row for _, row in loaded.objects if row is not None]
        if not whole or any(reading.are_points(row) for row in whole):
            reading.of_objects(loaded, rows)
        elif not of_objects(loaded, catalogs):
            raise _unknown(loaded, [", ".join(list(whole[0])[:8])])
        return
    used = []
    for grid in loaded.grids:
        if of_sheet(grid, loaded.file, catalogs) or reading.of_grid(grid, loaded.file, rows):
            used.append(grid.sheet)
        elif any(any(cell is not None for cell in row.cells) for row in grid.rows):
            words = Words(
                "不是知识点、编码或目录，未读", "neither points nor codes nor a catalog; not read"
            )
            place = Place(loaded.file, grid.sheet, 1)
            catalogs.remarks.append(Remark(place, "sheet-not-read", words))
    if not used:
        raise _unknown(loaded, [grid.sheet for grid in loaded.grids if grid.sheet])


def _unknown(loaded: Loaded, shown: Iterable[str]) -> InputError:
    named = "、".join(shown)
    zh = f"（{named}）" if named else ""
    en = f" ({named})" if named else ""
    words = Words(
        f"没有认得的表头：既不是知识点，也不是目录{zh}",
        f"no heads that are known: neither knowledge points nor a catalog{en}",
    )
    mend = Words(
        "知识点要有名称和逻辑依据或编码的列；目录用接口字段名，或知识表的列名",
        "points have columns of names and of constraints or codes; catalogs have the interface's"
        " field names, or the columns of a table",
    )
    return not_a_table(words, mend, loaded.file)


def _unknown_codes(done: Imported) -> None:
    """Codes of points that a catalog which is complete does not hold."""
    for system, (path, key) in filling.CATALOGS.items():
        table = done.tables.get(path)
        if table is None or not table.complete:
            continue
        held = {row[key] for row in table.rows}
        for point in done.settled.points.values():
            strange = [c for c in point.codes if product_system(c) == system and c not in held]
            if strange:
                words = Words(
                    f"完整的目录中没有 {strange[0]} 等 {len(strange)} 个编码",
                    f"{len(strange)} codes are not in the complete catalog, {strange[0]} for one",
                )
                remark = Remark(point.place, "unknown-code", words, point.id)
                done.settled.remarks.append(remark)
        _leave_out(done, key, held)


def _leave_out(done: Imported, key: str, held: set[str]) -> None:
    """Rows of codes that, by a complete catalog, are none."""
    for other in done.tables.values():
        if key in other.columns and not other.complete:
            other.rows = [row for row in other.rows if row[key] in held]

"""Use of selected and other products by generic group, over one bill or many.

What a product is, and what is selected where and when, stands in the tables of the rulesets; whether
a need was recorded and what a line would save is what the rules on procurement found. Nothing is
judged here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from apps.knowledge import columns
from apps.knowledge.points import Place
from apps.render.answer import Answer
from engine.facts import Entity, Foreign, Value
from engine.finding import BillResult, Finding, Label
from engine.tables import Tables, cell
from rulelang import core
from rulelang.divisions import covers
from rulelang.units import BY_NAME
from rulelang.values import ANYTHING, Range

VOLUME_HEADS: columns.Heads = {
    "group": ("品种组", "品种", "通用名", "药品通用名", "generic", "group"),
    "volume": ("约定量", "约定采购量", "协议采购量", "agreed_volume", "volume"),
}
_PRODUCTS = frozenset({"drug", "group", "selected", "billed_in", "pack"})
_CHOSEN = frozenset({"group", "drug", "unit_price"})
_RATIO = Decimal("0.0001")
NEEDS = {
    Label.EXCUSED: "recorded",
    Label.SUSPECTED: "not_recorded",
    Label.VIOLATED: "not_recorded",
    Label.UNDETERMINED: "unknown",
}


@dataclass(frozen=True, slots=True)
class Use:
    """One line of a product that is not selected."""

    source: str
    line: str
    drug: str
    name: str
    amount: Decimal | None
    saving: Range | None  # None: no rule has said
    need: str  # recorded, not_recorded, unknown; not_judged where no rule looked at it


@dataclass(frozen=True, slots=True)
class Alternative:
    """A selected product that was in force on the day of a line."""

    drug: str
    name: str
    unit_price: Decimal | None


@dataclass(slots=True)
class Group:
    """One generic group; quantities are in the unit in which prices are compared."""

    name: str
    unit: str = ""
    selected: Decimal = Decimal(0)
    other: Decimal = Decimal(0)
    selected_amount: Decimal = Decimal(0)
    unknown: int = 0  # lines whose quantity is not known in that unit
    uses: list[Use] = field(default_factory=list)
    alternatives: dict[str, Alternative] = field(default_factory=dict)
    agreed: Decimal | None = None

    @property
    def share(self) -> Decimal | None:
        """Selected products among all of the group, where all quantities are known."""
        return None if self.unknown else _ratio(self.selected, self.selected + self.other)

    @property
    def fulfilled(self) -> Decimal | None:
        """Selected products against the agreed volume, where all quantities are known."""
        if self.unknown or self.agreed is None:
            return None
        return _ratio(self.selected, self.agreed)

    @property
    def saving(self) -> tuple[Decimal, Decimal | None]:
        """What the lines would save: at least, and at most (None: no bound)."""
        ranges = [use.saving for use in self.uses if use.saving is not None]
        low = sum((_decimal(one.low) or Decimal(0) for one in ranges), Decimal(0))
        highs = [_decimal(one.high) for one in ranges]
        if any(high is None for high in highs):
            return low, None
        return low, sum((high for high in highs if high is not None), Decimal(0))


@dataclass(frozen=True, slots=True)
class Volumes:
    """Agreed volumes by group, and the rows that could not be used."""

    by_group: Mapping[str, Decimal]
    rejected: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All groups by name, with how much was looked at."""

    groups: tuple[Group, ...]
    bills: int
    lines: int
    uncoded: int  # lines that may be drugs and have no usable code
    rejected: tuple[Place, ...] = ()


def read_volumes(path: Path) -> Volumes:
    """Agreed volumes: a table with the columns 品种组 and 约定量; several rows of a group add up.

    Raises:
        InputError: EN0101, EN0103, EN0106, EN0107, EN0115, EN0118, EN0123.
        OSError: if the system does not let us.
    """
    found: dict[str, Decimal] = {}
    rejected: list[Place] = []
    for line in columns.read(path, VOLUME_HEADS, frozenset(VOLUME_HEADS)).lines:
        group, volume = line.cells.get("group", ""), columns.amount_of(line.cells.get("volume", ""))
        if line.fault is not None or not group or volume is None or volume < 0:
            rejected.append(line.place)
        else:
            found[group] = found.get(group, Decimal(0)) + volume
    return Volumes(found, tuple(rejected))


def report(answers: Iterable[Answer], volumes: Volumes | None = None) -> Report:
    """The use of all bills of some answers, whose passed findings are held too."""
    groups: dict[str, Group] = {}
    bills = lines = uncoded = 0
    for answer in answers:
        tables = Tables(answer.program, answer.known_on)
        for result in answer.results:
            bills += 1
            lines += len(result.bill.lines)
            uncoded += _bill(answer, result, tables, groups)
    agreed = {} if volumes is None else volumes.by_group
    for name, volume in agreed.items():
        groups.setdefault(name, Group(name)).agreed = volume
    ordered = tuple(groups[name] for name in sorted(groups))
    return Report(ordered, bills, lines, uncoded, () if volumes is None else volumes.rejected)


def _bill(answer: Answer, result: BillResult, tables: Tables, groups: dict[str, Group]) -> int:
    """Add one bill; gives how many lines may be drugs of unknown code."""
    place = result.bill.territories.get("place_of_institution", "")
    judged = _judged(result)
    uncoded = 0
    for line in result.bill.lines:
        code = _only(line.value("drug"))
        if code is None:
            uncoded += not line.value("drug").is_known
            continue
        for table in _tables(answer.program, _PRODUCTS, place):
            row = _row(tables, table, code, line)
            if row is not None:
                group = _add(groups, table, row, line)
                _alternatives(answer.program, tables, place, line, group)
                if not cell(table, row, "selected"):
                    group.uses.append(_use(answer.source, line, code, judged.get(id(line))))
                break
    return uncoded


def _judged(result: BillResult) -> dict[int, Finding]:
    return {
        id(entity): finding
        for finding in (*result.findings, *result.passed)
        if finding.rule.topic == "procurement" and finding.label in NEEDS
        for entity in finding.offending
    }


def _tables(program: core.Program, wanted: frozenset[str], place: str) -> Iterator[core.Table]:
    """The tables with these columns of rulesets whose territory covers the institution."""
    regions = {ruleset.id: ruleset.regions for ruleset in program.rulesets}
    for table in program.tables.values():
        if wanted <= {column.name.en for column in table.columns}:
            own = regions.get(table.id.partition("/")[0], ())
            if not own or (place and any(covers(region, place) for region in own)):
                yield table


def _row(tables: Tables, table: core.Table, code: str, line: Entity) -> core.Row | None:
    if table.keys != ("drug",):
        return None
    key = (Value(choices=frozenset({code})),)
    found = tables.find(table, key, line.value("date").range or ANYTHING)
    return found.certain[0] if len(found.certain) == 1 else None


def _add(groups: dict[str, Group], table: core.Table, row: core.Row, line: Entity) -> Group:
    name = str(cell(table, row, "group"))
    group = groups.setdefault(name, Group(name))
    pack, unit = cell(table, row, "pack")
    group.unit = BY_NAME[unit].zh if unit in BY_NAME else unit
    count = _packs(line.value("quantity"), cell(table, row, "billed_in"))
    amount = _decimal_of(line.value("amount"))
    if count is None:
        group.unknown += 1
    elif cell(table, row, "selected"):
        group.selected += count * pack
    else:
        group.other += count * pack
    if cell(table, row, "selected") and amount is not None:
        group.selected_amount += amount
    return group


def _packs(quantity: Value, billed_in: tuple[Decimal, str]) -> Decimal | None:
    """How many packs a quantity is; None where it is not known or counts something else."""
    number, unit = billed_in
    exact = _decimal_of(quantity)
    if exact is None or quantity.unit != unit or number <= 0:
        return None
    return exact / number


def _alternatives(
    program: core.Program, tables: Tables, place: str, line: Entity, group: Group
) -> None:
    on = line.value("date").range or ANYTHING
    for table in _tables(program, _CHOSEN, place):
        tables.index(table)
        for row in tables.all_rows(table, on).certain:
            if str(cell(table, row, "group")) == group.name and _holds_at(table, row, place):
                drug = str(cell(table, row, "drug"))
                name = _optional(table, row, "name")
                group.alternatives[drug] = Alternative(drug, name, cell(table, row, "unit_price"))


def _holds_at(table: core.Table, row: core.Row, place: str) -> bool:
    if all(column.name.en != "division" for column in table.columns):
        return True
    division = cell(table, row, "division")
    return division is None or covers(str(division), place)


def _optional(table: core.Table, row: core.Row, name: str) -> str:
    if all(column.name.en != name for column in table.columns):
        return ""
    return str(cell(table, row, name) or "")


def _use(source: str, line: Entity, code: str, finding: Finding | None) -> Use:
    name = _only(line.value("name")) or ""
    amount = _decimal_of(line.value("amount"))
    if finding is None:
        return Use(source, line.key, code, name, amount, None, "not_judged")
    return Use(source, line.key, code, name, amount, finding.amount, NEEDS[finding.label])


def _only(value: Value) -> str | None:
    choices = value.choices or frozenset()
    only: Any = next(iter(choices)) if value.is_known and len(choices) == 1 else None
    return None if only is None or isinstance(only, Foreign) else str(only)


def _decimal_of(value: Value) -> Decimal | None:
    known = value.range
    return _decimal(known.exact) if known is not None and known.is_exact else None


def _decimal(value: Any) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


def _ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    return (part / whole).quantize(_RATIO, ROUND_HALF_UP) if whole > 0 else None

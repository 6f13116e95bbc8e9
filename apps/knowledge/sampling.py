"""A yearly sample of institutions that anybody can draw again, and what inspections have covered.

An institution's place in the draw is the digest of its code and the year: no randomness, no order of
the file, and nobody can choose. The sample is drawn in each pool by itself, rounded up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from hashlib import sha256
from pathlib import Path

from apps.knowledge import columns
from apps.knowledge.points import Place

HEADS: columns.Heads = {
    "id": ("机构编码", "定点医药机构编号", "定点编码", "编码", "fixmedins_code", "institution", "id"),
    "name": ("机构名称", "名称", "fixmedins_name", "name"),
    "pool": ("统筹区", "区划", "统筹区编码", "admdvs", "pool"),
    "inspected": ("已检查", "检查日期", "inspected"),
}  # fmt: skip
_NO = frozenset({"", "-", "0", "否", "未检查", "no", "false"})


@dataclass(frozen=True, slots=True)
class Institution:
    """One designated institution, and whether it has been inspected this year."""

    id: str
    name: str
    pool: str
    inspected: bool


@dataclass(frozen=True, slots=True)
class Pool:
    """One pool: how many institutions, how many inspected, and which are drawn."""

    name: str
    institutions: int
    inspected: int
    drawn: tuple[Institution, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample of a year, with the rows that could not be used and the codes met twice."""

    year: int
    share: Decimal
    pools: tuple[Pool, ...]
    repeated: tuple[Place, ...]
    rejected: tuple[Place, ...]


def draw_file(path: Path, year: int, share: Decimal) -> Sample:
    """Draw from a table of institutions.

    Raises:
        InputError: EN0101, EN0103, EN0106, EN0107, EN0115, EN0118, EN0123.
        OSError: if the system does not let us.
    """
    found: dict[str, Institution] = {}
    repeated: list[Place] = []
    rejected: list[Place] = []
    for line in columns.read(path, HEADS, frozenset({"id"})).lines:
        code = line.cells.get("id", "").replace(" ", "").upper()
        if line.fault is not None or not code:
            rejected.append(line.place)
        elif code in found:
            repeated.append(line.place)
        else:
            inspected = line.cells.get("inspected", "").lower() not in _NO
            found[code] = Institution(
                code, line.cells.get("name", ""), line.cells.get("pool", ""), inspected
            )
    return Sample(year, share, draw(found.values(), year, share), tuple(repeated), tuple(rejected))


def draw(institutions: Iterable[Institution], year: int, share: Decimal) -> tuple[Pool, ...]:
    """The sample in each pool: the lowest digests, at least `share` of the institutions."""
    pools: dict[str, list[Institution]] = {}
    for one in institutions:
        pools.setdefault(one.pool, []).append(one)
    return tuple(_pool(name, pools[name], year, share) for name in sorted(pools))


def _pool(name: str, members: Sequence[Institution], year: int, share: Decimal) -> Pool:
    wanted = int((share * len(members)).to_integral_value(ROUND_CEILING))
    ordered = sorted(members, key=lambda one: (lot(one.id, year), one.id))
    inspected = sum(one.inspected for one in members)
    return Pool(name, len(members), inspected, tuple(ordered[:wanted]))


def lot(institution: str, year: int) -> str:
    """The digest that settles an institution's place in the draw of a year."""
    return sha256(f"{year}:{institution}".encode()).hexdigest()

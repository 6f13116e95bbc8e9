"""Two tables of prices compared: what is higher, lower or equal in the first, exactly.

Each row of both is accounted for: compared, a repetition of one that is, contradictory, without a
partner, or rejected with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from apps.knowledge import columns
from apps.knowledge.points import Place
from rulelang.diagnostics import Words

HEADS: columns.Heads = {
    "code": (
        "编码", "项目编码", "药品编码", "耗材编码", "项目代码", "医保编码", "国家编码",
        "医疗服务项目编码", "项目", "药品", "耗材", "item_code", "drug_code", "code",
    ),
    "name": ("名称", "项目名称", "药品名称", "通用名", "产品名称", "item_name", "name"),
    "price": (
        "价格", "单价", "挂网价", "中选价", "限价", "最高限价", "收费标准", "unit_price", "price",
    ),
    "class": (
        "机构类别", "价类", "机构级别", "医院等级", "级别", "institution_class", "price_class",
        "class",
    ),
}  # fmt: skip
NEEDED = frozenset({"code", "price"})

Key: TypeAlias = tuple[str, str]  # code, class of institution ("" where it is not told apart)


@dataclass(frozen=True, slots=True)
class Price:
    """One usable row."""

    key: Key
    name: str
    price: Decimal
    place: Place


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be used, and why."""

    place: Place
    reason: Words


@dataclass(frozen=True, slots=True)
class Side:
    """One table: its prices by key, and what became of its other rows."""

    file: str
    digest: str
    rows: int
    prices: Mapping[Key, Price]
    repeated: tuple[Price, ...]  # further rows of a key at the same price
    contradictory: tuple[Price, ...]  # all rows of a key at different prices: none is taken
    rejected: tuple[Rejected, ...]
    skipped: int  # rows of other classes of institution than the one asked for
    classed: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """One code in both tables."""

    first: Price
    second: Price

    @property
    def difference(self) -> Decimal:
        """Price in the first table less that in the second."""
        return self.first.price - self.second.price


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both tables and their pairs, in the order of codes."""

    first: Side
    second: Side
    higher: tuple[Pair, ...]
    lower: tuple[Pair, ...]
    equal: tuple[Pair, ...]
    only_first: tuple[Price, ...]
    only_second: tuple[Price, ...]


@dataclass(slots=True)
class _Reading:
    usable: dict[Key, list[Price]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    skipped: int = 0


def compare_files(first: Path, second: Path, only: str = "") -> Comparison:
    """Compare two files.

    Args:
        first: The table that is said to be higher or lower.
        second: The table that it is measured by.
        only: A class of institution; rows of others are left out where a table tells them apart.

    Raises:
        InputError: EN0101, EN0103, EN0106, EN0107, EN0115, EN0118, EN0123.
        OSError: if the system does not let us.
    """
    read = [columns.read(path, HEADS, NEEDED) for path in (first, second)]
    classed = not only and all("class" in one.has for one in read)
    return compare(*(side_of(one, only, classed=classed) for one in read))


def side_of(table: columns.Columns, only: str = "", *, classed: bool = False) -> Side:
    """The prices of a table by code, and by class of institution where both tables have one."""
    reading = _Reading()
    for line in table.lines:
        _take(line, reading, only, classed=classed)
    prices: dict[Key, Price] = {}
    repeated: list[Price] = []
    contradictory: list[Price] = []
    for key, found in reading.usable.items():
        if len({one.price for one in found}) > 1:
            contradictory += found
        else:
            prices[key] = found[0]
            repeated += found[1:]
    return Side(
        table.file, table.digest, len(table.lines), prices, tuple(repeated),
        tuple(contradictory), tuple(reading.rejected), reading.skipped, classed,
    )  # fmt: skip


def _take(line: columns.Line, reading: _Reading, only: str, *, classed: bool) -> None:
    code = line.cells.get("code", "").replace(" ", "").upper()
    told = line.cells.get("class", "")
    if only and told and told != only:
        reading.skipped += 1
        return
    amount = columns.amount_of(line.cells.get("price", ""))
    reason = line.fault or _reason(code, line.cells.get("price", ""), amount)
    if reason is not None or amount is None:
        reading.rejected.append(Rejected(line.place, reason or _NO_PRICE))
        return
    price = Price((code, told if classed else ""), line.cells.get("name", ""), amount, line.place)
    reading.usable.setdefault(price.key, []).append(price)


_NO_PRICE = Words("没有价格", "no price")


def _reason(code: str, text: str, amount: Decimal | None) -> Words | None:
    if not code:
        return Words("没有编码", "no code")
    if not text:
        return _NO_PRICE
    if amount is None:
        return Words(f"价格 `{text[:40]}` 不是数", f"the price `{text[:40]}` is no number")
    if amount < 0:
        return Words("价格是负数", "the price is negative")
    return None


def compare(first: Side, second: Side) -> Comparison:
    """Each code of the first table against the second."""
    pairs = [
        Pair(first.prices[key], second.prices[key]) for key in sorted(first.prices.keys() & second.prices.keys())
    ]  # fmt: skip
    return Comparison(
        first,
        second,
        tuple(pair for pair in pairs if pair.difference > 0),
        tuple(pair for pair in pairs if pair.difference < 0),
        tuple(pair for pair in pairs if pair.difference == 0),
        tuple(_alone(first.prices, second.prices)),
        tuple(_alone(second.prices, first.prices)),
    )


def _alone(mine: Mapping[Key, Price], others: Mapping[Key, Price]) -> Iterable[Price]:
    return (mine[key] for key in sorted(mine.keys() - others.keys()))


def counts(found: Comparison) -> Sequence[tuple[Words, int]]:
    """The figures of a comparison, in the order of reports."""
    return (
        (Words("高于", "higher"), len(found.higher)),
        (Words("低于", "lower"), len(found.lower)),
        (Words("持平", "equal"), len(found.equal)),
        (Words("只在前一张表", "only in the first"), len(found.only_first)),
        (Words("只在后一张表", "only in the second"), len(found.only_second)),
    )

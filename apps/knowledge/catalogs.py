"""Catalogs: the platform's downloads, and a site's own tables with the columns of ours.

What no table of the rulesets takes (mappings, diagnoses, price caps of consumables) is kept in the
package under `catalogs/`, in the interface's field names.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from apps.knowledge import shipped
from apps.knowledge.catalog_heads import Kind, field_of, kind_of
from apps.knowledge.columns import amount_of
from apps.knowledge.files import Grid, Loaded
from apps.knowledge.filling import CATALOGS, Filled
from apps.knowledge.heads import FOOTERS
from apps.knowledge.points import Fate, Place, Remark
from apps.knowledge.prefixes import CodesInUse
from engine.codes import normalise, product_system
from engine.intake.workbooks import Cell, Fault
from rulelang.diagnostics import Words

_SEARCHED = 12
_CLASSES = {"1": "甲", "2": "乙", "3": "丙", "甲": "甲", "乙": "乙", "丙": "丙"}
_CLINICAL = {  # looser than the vocabulary: a catalog may have more than a rule can name
    Kind.DIAGNOSES: re.compile(r"[A-Z]\d{2}[0-9A-Za-z.+*/]*"),
    Kind.OPERATIONS: re.compile(r"\d{2}[0-9A-Za-z.]*"),
}
_INVALID = frozenset({"0", "否", "停用", "无效"})
_DIVISION = re.compile(r"[1-9]\d{5}")
PRICES = "cn/national/prices"
NO_CAP = Decimal(99999999)  # how the platform says that there is no cap


@dataclass(frozen=True, slots=True)
class _Row:
    place: Place
    cells: Mapping[str, str]
    since: str


@dataclass(slots=True)
class Catalogs:
    """What was read of catalogs: rows by table, and the fate of each row."""

    rows: dict[str, dict[tuple[str, ...], _Row]] = field(default_factory=dict)
    other: dict[str, dict[tuple[str, ...], Mapping[str, str]]] = field(default_factory=dict)
    fates: dict[Place, Fate] = field(default_factory=dict)
    rejected: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def counts(self) -> Counter[Fate]:
        """How many rows had which fate."""
        return Counter(self.fates.values())

    def reject(self, place: Place, kind: str, zh: str, en: str) -> None:
        """A row is rejected."""
        self.fates[place] = Fate.REJECTED
        self.rejected.append(Remark(place, kind, Words(zh, en)))

    def tables(self) -> dict[str, Filled]:
        """The tables of the rulesets that catalogs make."""
        found = {}
        for path, rows in sorted(self.rows.items()):
            table = Filled(shipped.tables()[path])
            table.rows = [dict(rows[key].cells) for key in sorted(rows)]
            found[path] = table
        return found

    @property
    def files(self) -> dict[str, bytes]:
        """What no table takes, by its path in the package."""
        return {f"catalogs/{name}.csv": _csv(rows.values()) for name, rows in self.other.items()}

    def refuse_strange(self, codes: CodesInUse) -> None:
        """Rows of our tables with a prefix that no code in use has are rejected (S5.4)."""
        for held in self.rows.values():
            for key, row in list(held.items()):
                strange = next(codes.strange(row.cells), None)
                if strange is not None:
                    zh, en = f"没有编码属于 `{strange}`", f"no code lies in `{strange}`"
                    self.reject(row.place, "unknown-prefix", zh, en)
                    del held[key]

    def codes(self) -> CodesInUse:
        """The codes of diagnoses and operations that were read."""
        told = (self.other.get(kind.value, {}) for kind in (Kind.DIAGNOSES, Kind.OPERATIONS))
        return CodesInUse.of(*([row["code"] for row in rows.values()] for rows in told))

    def diagnoses(self) -> list[tuple[str, str]]:
        """Codes and names of the diagnoses that were read."""
        rows = self.other.get(Kind.DIAGNOSES.value, {}).values()
        return [(row["code"], row["name"]) for row in rows]


def _csv(rows: Iterable[Mapping[str, str]]) -> bytes:
    held = list(rows)
    names = list(dict.fromkeys(name for row in held for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(held)
    return text.getvalue().encode()


# ---------------------------------------------------------------- sheets and rows of fields


def of_objects(loaded: Loaded, into: Catalogs) -> bool:
    """The rows of a file of JSON; False where it is no catalog."""
    first = next((row for _, row in loaded.objects if row is not None), {})
    kind = kind_of(list(first), (), loaded.file, "")
    if kind is None:
        return False
    for number, row in loaded.objects:
        place = Place(loaded.file, "", number)
        if row is None:
            into.reject(place, "damaged", "这一行不是 JSON 对象", "this line is no JSON object")
        else:
            _read(kind, place, {key: _of_json(value) for key, value in row.items()}, into)
    return True


def _of_json(value: Any) -> Cell:
    if value is None or isinstance(value, str):
        return value or None
    return Fault(str(value)) if isinstance(value, list | dict) else str(value)


def of_sheet(grid: Grid, file: str, into: Catalogs) -> bool:
    """The rows of a sheet; False where it is no catalog."""
    for at, row in enumerate(grid.rows[:_SEARCHED]):
        heads = [str(cell) if isinstance(cell, str) else "" for cell in row.cells]
        sample = grid.rows[at + 1].cells if at + 1 < len(grid.rows) else ()
        kind = kind_of(heads, sample, file, grid.sheet)
        if kind is None:
            continue
        for each in grid.rows[at + 1 :]:
            if any(cell is not None for cell in each.cells):
                cells = dict(zip(heads, each.cells, strict=False))
                _read(kind, Place(file, grid.sheet, each.number), cells, into)
        return True
    return False


def _read(kind: Kind | str, place: Place, cells: Mapping[str, Cell], into: Catalogs) -> None:
    """One row of a catalog, or of a table of ours."""
    texts = [cell for cell in cells.values() if cell is not None]
    first = texts[0] if texts else ""
    if len(texts) <= 2 and isinstance(first, str) and first.startswith(FOOTERS):  # noqa: PLR2004
        into.reject(place, "footer", "是表尾，不是目录的行", "a footer, no row of a catalog")
        return
    bad = next((head for head, cell in cells.items() if head and isinstance(cell, Fault)), None)
    if bad is not None:
        zh, en = (
            f"`{bad}` 没有值（公式没有结果，或是错误）",
            f"`{bad}` has no value (formula, error)",
        )
        into.reject(place, "damaged", zh, en)
    elif isinstance(kind, str):
        _own_row(kind, place, cells, into)
    elif kind is Kind.PRODUCTS:
        _product(place, cells, into)
    elif kind in {Kind.DIAGNOSES, Kind.OPERATIONS}:
        _clinical(kind, place, cells, into)
    else:
        _plain_row(kind, place, cells, into)


# The tables that price caps and first payments fill, by the system of their codes: key and figure.
_FIGURES: Mapping[Kind, Mapping[str, tuple[str, str, str]]] = {
    Kind.PRICE_CAPS: {"item": (f"{PRICES}/目录限价.csv", "项目", "最高单价")},
    Kind.FIRST_PAYMENT: {
        "drug": (f"{PRICES}/药品先付比例.csv", "药品", "比例"),
        "item": (f"{PRICES}/项目先付比例.csv", "项目", "比例"),
    },
}


def _figure(kind: Kind, place: Place, row: Mapping[str, str], into: Catalogs) -> None:
    """A row of price caps or first payments into its table, where codes of its system have one."""
    code = normalise("drug", row["hilist_code"])
    target = _FIGURES[kind].get(product_system(code) or "")
    if target is None:
        _other(kind, tuple(sorted(row.items(), key=str)), row, place, into)
        return
    path, key, figure = target
    share, division, sent = (
        kind is Kind.FIRST_PAYMENT,
        row.get("insu_admdvs", ""),
        row[kind.needed[1]],
    )
    amount = amount_of(sent)
    days = [_day(row.get(name, "")) for name in ("begndate", "enddate")]
    bad = (
        (sent, amount is None or amount < 0 or (share and amount > 1)),
        (division, not _DIVISION.fullmatch(division)),
        (row.get("begndate", ""), days[0] is None),
        (row.get("enddate", ""), days[1] is None),
    )
    wrong = next((shown for shown, is_bad in bad if is_bad), None)
    if wrong is not None or amount is None:
        into.reject(place, "damaged", f"`{wrong}` 不能用", f"`{wrong}` cannot be used")
        return
    if not share and amount == NO_CAP:
        into.reject(place, "no-cap", "是不限价的标记", "it is the sign for no cap")
        return
    cells = {
        **dict.fromkeys(shipped.tables()[path], ""),
        key: code,
        "区划": division,
        figure: f"{amount * 100:f}%" if share else f"{amount:f}元",
        "生效": days[0] or "",
        "失效": _after(days[1] or ""),
        "来源": f"目录下载 {place.file}",
    }
    said = tuple(cells[name] for name in (key, "区划", figure, "生效", "失效"))
    _keep(path, said, _Row(place, cells, ""), into)


def _day(text: str) -> str | None:
    """A day as our tables write it; empty where there is none, None where it is no day."""
    plain = text.strip()[:10].replace("/", "-")
    if plain in {"", "-", "null"}:
        return ""
    try:
        return date.fromisoformat(plain).isoformat()
    except ValueError:
        return None


def _after(last: str) -> str:
    """The first day on which a row that ends with a day is over; none where it never is."""
    if not last or last >= "2099":
        return ""
    return (date.fromisoformat(last) + timedelta(days=1)).isoformat()


def _own_row(path: str, place: Place, cells: Mapping[str, Cell], into: Catalogs) -> None:
    """A row of a table with our columns: taken as it stands, codes as texts."""
    columns = shipped.tables()[path]
    wanted = [*columns, *shipped.RESERVED]
    number = next((n for n in columns[:1] if not isinstance(cells.get(n), str)), None)
    if number is not None:
        zh, en = f"`{number}` 不是文本编码", f"`{number}` is no code held as text"
        into.reject(place, "malformed-code", zh, en)
        return
    row = {name: _text(cells.get(name)) for name in wanted}
    row["来源"] = row["来源"] or f"本地表 {place.shown}"
    said = tuple(row[name] for name in (*columns, "生效", "失效", "入库", "取代"))
    _keep(path, said, _Row(place, row, ""), into)


def _product(place: Place, cells: Mapping[str, Cell], into: Catalogs) -> None:
    """A row of the catalogs of drugs, items and herbs; its code says which."""
    code_cell = field_of(cells, "code")
    code = normalise("drug", code_cell) if isinstance(code_cell, str) else ""
    system = product_system(code) if code else None
    if system is None:
        shown = _text(code_cell)
        zh, en = f"`{shown}` 不是国家编码", f"`{shown}` is no national code"
        into.reject(place, "malformed-code", zh, en)
        return
    if _text(field_of(cells, "valid")) in _INVALID:
        into.reject(place, "invalid", "标为无效", "marked as not valid")
        return
    name = _text(field_of(cells, "name"))
    if system not in CATALOGS:
        row = {"code": code, "name": name}
        _other(Kind.CONSUMABLES, (code,), row, place, into)
        return
    path, key = CATALOGS[system]
    columns = shipped.tables()[path]
    grade = _text(field_of(cells, "class")).lstrip("0")
    own = {
        **dict.fromkeys(columns, ""),
        key: code,
        "名称": name,
        "甲乙类": _CLASSES.get(grade[:1], ""),
        "计价单位": _text(field_of(cells, "unit")),
    }
    row = {name: own[name] for name in columns}
    row["来源"] = f"目录下载 {place.file}"
    since = _text(field_of(cells, "version")) or _text(field_of(cells, "starts"))
    _keep(path, (code,), _Row(place, row, since), into)


def _keep(path: str, key: tuple[str, ...], row: _Row, into: Catalogs) -> None:
    """Keep a row; of several editions of one code the newest."""
    held = into.rows.setdefault(path, {})
    before = held.get(key)
    if before is None:
        held[key] = row
        into.fates[row.place] = Fate.IMPORTED
        return
    if {**before.cells, "来源": ""} == {**row.cells, "来源": ""}:
        zh, en = f"与 {before.place.shown} 重复", f"a duplicate of {before.place.shown}"
        into.reject(row.place, "duplicate", zh, en)
    elif row.since > before.since:
        held[key] = row
        into.fates[row.place] = Fate.IMPORTED
        into.fates[before.place] = Fate.SUPERSEDED
    elif row.since < before.since:
        into.fates[row.place] = Fate.SUPERSEDED
    else:
        zh = f"与 {before.place.shown} 编码相同而内容不同"
        en = f"the same code as {before.place.shown}, other content"
        into.reject(row.place, "contradiction", zh, en)


def _clinical(kind: Kind, place: Place, cells: Mapping[str, Cell], into: Catalogs) -> None:
    """A diagnosis or an operation with its name."""
    system = "icd10" if kind is Kind.DIAGNOSES else "icd9"
    sent, name = _text(field_of(cells, "clinical_code")), _text(field_of(cells, "clinical_name"))
    code = normalise(system, sent) if sent else ""
    if not _CLINICAL[kind].fullmatch(code) or not name:
        zh, en = f"`{sent}` 不是编码，或没有名称", f"`{sent}` is no code, or has no name"
        into.reject(place, "malformed-code", zh, en)
        return
    _other(kind, (code,), {"code": code, "name": name}, place, into)


def _plain_row(kind: Kind, place: Place, cells: Mapping[str, Cell], into: Catalogs) -> None:
    """A row of price caps, ratios or mappings, in the interface's field names."""
    row = {head.strip().lower(): _text(cell) for head, cell in cells.items() if head.strip()}
    if _text(field_of(cells, "valid")) in _INVALID:
        into.reject(place, "invalid", "标为无效", "marked as not valid")
        return
    for name in kind.needed:
        if not row.get(name):
            into.reject(place, "damaged", f"`{name}` 空白", f"`{name}` is blank")
            return
    if kind in _FIGURES:
        _figure(kind, place, row, into)
        return
    _other(kind, tuple(sorted(row.items(), key=str)), row, place, into)


def _other(
    kind: Kind, key: Sequence[Any], row: Mapping[str, str], place: Place, into: Catalogs
) -> None:
    held = into.other.setdefault(kind.value, {})
    before = held.get(tuple(key))
    if before is None:
        held[tuple(key)] = row
        into.fates[place] = Fate.IMPORTED
    elif dict(before) == dict(row):
        into.reject(place, "duplicate", "与前面的一行重复", "a duplicate of an earlier row")
    else:
        zh, en = "与前面的一行编码相同而名称不同", "the code of an earlier row with another name"
        into.reject(place, "contradiction", zh, en)


def _text(cell: Cell) -> str:
    match cell:
        case None | Fault():
            return ""
        case str():
            return cell.strip()
        case date():
            return cell.isoformat()[:10]
        case bool():
            return "1" if cell else "0"
        case _:
            return format(cell, "f")

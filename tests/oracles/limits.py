"""Limits of the two libraries that were typed out (structured/*.csv), against the shipped rules.

Every named drug or item is asked with each of the facts that its limit is about, at the boundary
and without it; a long run asks every code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.facts import Bill
from engine.finding import Label
from tests.oracles.figures import Figures, in_parts
from tests.oracles.shipped_rules import Judge, bill_of, program_with, rows_of
from tests.requests import Tree, encounter, item, line, patient, request

FOLDER = Path("nhsa-two-libraries") / "structured"
LINES_A_BILL = 250
UNLISTED_DRUG, UNKNOWN_DRUG = "XX99XXX999X999010199999", "XX99XXX998X999010199999"
UNLISTED_ITEM, UNKNOWN_ITEM = "009999999990000", "009999999980000"
OK, BAD, OPEN, NONE = Label.SATISFIED, Label.VIOLATED, Label.UNDETERMINED, Label.NOT_APPLICABLE


@dataclass(frozen=True, slots=True)
class Limited:
    """One code with the limit that the public table states."""

    code: str
    name: str
    limit: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a bill says of the fact that a limit is about, and what follows for each limit."""

    said: str
    person: Tree
    stay: Tree
    verdicts: dict[str, Label]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of limit: its files, the rule that holds it, the rows for the rule's table, the bills."""

    file: str
    rule: str
    table: str
    row: Callable[[Limited], dict[str, str]]
    asked: tuple[Asked, ...]
    line: Callable[..., Tree] = line
    code_column: str = "国标代码"


def _by(said: str, verdicts: dict[str, Label], person: Tree | None = None, **stay: object) -> Asked:
    return Asked(said, person or {}, dict(stay), verdicts)


SEXES = (
    _by("男", {"男": OK, "女": BAD}, {"gend": "1"}),
    _by("女", {"男": BAD, "女": OK}, {"gend": "2"}),
    _by("不详", {"男": OPEN, "女": OPEN}, {"gend": "9"}),
)
# The lines are of 2026-03-06; the limit of childhood that the rules take is 18 years.
AGES = (
    _by("十七岁最后一天", {"儿童": OK}, {"brdy": "2008-03-07"}),
    _by("满十八岁当天", {"儿童": BAD}, {"brdy": "2008-03-06"}),
    _by("没有出生日期", {"儿童": OPEN}, {"brdy": ""}),
)
OF_ITEMS = ("新生儿", "婴幼儿", "儿童")
ITEM_AGES = (
    _by("满28天", dict.fromkeys(OF_ITEMS, OK), {"brdy": "2026-02-06"}),
    _by("满29天", {"新生儿": BAD, "婴幼儿": OK, "儿童": OK}, {"brdy": "2026-02-05"}),
    _by("三岁前一天", {"新生儿": BAD, "婴幼儿": OK, "儿童": OK}, {"brdy": "2023-03-07"}),
    _by("满三岁当天", {"新生儿": BAD, "婴幼儿": BAD, "儿童": OK}, {"brdy": "2023-03-06"}),
    _by("满十八岁当天", dict.fromkeys(OF_ITEMS, BAD), {"brdy": "2008-03-06"}),
    _by("没有出生日期", dict.fromkeys(OF_ITEMS, OPEN), {"brdy": ""}),
)
LEVELS = (
    _by("一级", {"二级": BAD, "三级": BAD}, medins_lv="08"),
    _by("二级", {"二级": OK, "三级": BAD}, medins_lv="05"),
    _by("三级", {"二级": OK, "三级": OK}, medins_lv="02"),
    _by("没有级别", {"二级": OPEN, "三级": OPEN}, medins_lv=""),
)
CARE = (
    _by("住院", {"住院": OK}, med_type="21"),
    _by("门诊", {"住院": BAD}, med_type="11", med_mdtrt_type="1"),
    _by("没有医疗类别", {"住院": OPEN}, med_type="", med_mdtrt_type=""),
)
FUNDS = (
    _by("职工医保", {"工伤": BAD, "生育": BAD}, insutype="310"),
    _by("生育", {"工伤": BAD, "生育": OK}, insutype="510", med_type="52"),
    _by("没有险种", {"工伤": OPEN, "生育": OPEN}, insutype=""),
)

AGE_ROWS = {
    "新生儿": {"最大年龄": "28日龄", "依儿童年龄": "否"},
    "婴幼儿": {"不满年龄": "3岁", "依儿童年龄": "否"},
    "儿童": {"依儿童年龄": "是"},
}
KINDS = (
    Kind("b01_drug_sex", "药品区分性别", "药品性别", lambda one: {"药品": one.code, "性别": one.limit},
         SEXES, code_column="药品代码"),
    Kind("b01_drug_age", "儿童专用药品", "儿童专用药",
         lambda one: {"药品": one.code, "依儿童年龄": "是", "限定": one.limit}, AGES),
    Kind("b05_drug_institution_level", "药品限级别", "药品级别",
         lambda one: {"药品": one.code, "最低级别": one.limit}, LEVELS),
    Kind("b04_drug_encounter_type", "药品限就医方式", "药品就医方式",
         lambda one: {"药品": one.code, "就医方式": one.limit}, CARE),
    Kind("b03_drug_insurance", "药品限工伤保险", "药品基金",
         lambda one: {"药品": one.code, "基金": one.limit}, FUNDS),
    Kind("b01_service_sex", "项目区分性别", "项目性别", lambda one: {"项目": one.code, "性别": one.limit},
         SEXES, item),
    Kind("b01_service_age", "项目儿童专用", "儿童专用项目", lambda one: AGE_ROWS[one.limit] | {"项目": one.code, "对象": one.limit},
         ITEM_AGES, item),
)  # fmt: skip
MATERNITY_RULE = "药品限生育保险"  # the rows of 药品基金 that name the other fund


def limited(folder: Path, kind: Kind) -> list[Limited]:
    """The codes of a kind with their limits; a code whose name has no row has none."""
    typed = rows_of(folder / FOLDER / f"{kind.file}.csv")
    column = next(name for name in reversed(typed[0]) if name.startswith("限定"))
    if kind.line is item:
        return [Limited(row["国标代码"], row["项目名称"], row[column]) for row in typed]
    limits = {row["药品通用名"]: row[column] for row in typed}
    codes = rows_of(folder / FOLDER / f"{kind.file}_codes.csv")
    return [
        Limited(row[kind.code_column], row["药品通用名"], limits[row["药品通用名"]])
        for row in codes
        if row["药品通用名"] in limits
    ]


def names_without_row(folder: Path, kind: Kind) -> list[str]:
    """Names that have codes and no limit: a defect of the public table."""
    if kind.line is item:
        return []
    typed = {row["药品通用名"] for row in rows_of(folder / FOLDER / f"{kind.file}.csv")}
    coded = {row["药品通用名"] for row in rows_of(folder / FOLDER / f"{kind.file}_codes.csv")}
    return sorted(coded - typed)


@cache
def judge(folder: Path) -> Judge:
    """The national rules, their tables filled with everything that was typed out."""
    tables: dict[str, list[dict[str, str]]] = {
        "药品目录": [{"药品": UNLISTED_DRUG, "名称": "无限定"}],
        "项目目录": [{"项目": UNLISTED_ITEM, "名称": "无限定"}],
    }
    for kind in KINDS:
        rows = limited(folder, kind)
        tables[kind.table] = [kind.row(one) for one in rows]
        key, catalog = ("项目", "项目目录") if kind.line is item else ("药品", "药品目录")
        tables[catalog] += [{key: one.code, "名称": one.name} for one in rows]
    return Judge(program_with(tables))


def figures(folder: Path, kind: Kind, *, whole: bool) -> Figures:
    """One verdict for each code and fact asked, those of codes without a limit included."""
    rows = limited(folder, kind)
    if not whole:
        rows = list({one.name: one for one in rows}.values())
    asked, apart = 0, []
    for given in kind.asked:
        for part in in_parts(rows, LINES_A_BILL):
            for one, found in _verdicts(folder, kind, given, part):
                asked += 1
                if found is not one[1]:
                    apart.append(f"{one[0].name} {one[0].code} {given.said}：{found.value}")
    named = tuple(f"{name}：有编码，没有限定行" for name in names_without_row(folder, kind))
    return Figures(f"structured/{kind.file}.csv", kind.rule, asked, tuple(apart), named)


def _verdicts(
    folder: Path, kind: Kind, given: Asked, part: Sequence[Limited]
) -> Iterator[tuple[tuple[Limited, Label], Label]]:
    others = (UNLISTED_ITEM, UNKNOWN_ITEM) if kind.line is item else (UNLISTED_DRUG, UNKNOWN_DRUG)
    wanted = [(one, given.verdicts[one.limit]) for one in part]
    wanted += [(Limited(others[0], "无限定", ""), NONE), (Limited(others[1], "目录外", ""), OPEN)]
    bill = _bill(kind, given, [one.code for one, _ in wanted])
    labels = [finding.label for finding in judge(folder).findings(kind.rule, bill)]
    if kind.table == "药品基金":  # two rules share the table; each speaks of its own fund
        other = [finding.label for finding in judge(folder).findings(MATERNITY_RULE, bill)]
        labels = [one if one is not NONE else two for one, two in zip(labels, other, strict=True)]
    yield from zip(wanted, labels, strict=True)


def _bill(kind: Kind, given: Asked, codes: list[str]) -> Bill:
    lines = [
        kind.line(
            number,
            hilist_code=code,
            hilist_name="某项",
            drord_begn_date="2026-03-06 09:30:00",
        )
        for number, code in enumerate(codes)
    ]
    return bill_of(request(patient(encounter(fsi_order_dtos=lines, **given.stay), **given.person)))

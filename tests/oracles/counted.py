"""Courses, daily frequencies, periods and duplicate pairs of the two libraries, at their boundaries."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from engine.facts import Bill
from engine.finding import Finding, Label
from tests.oracles.figures import Figures
from tests.oracles.limits import BAD, FOLDER, OK, OPEN, UNLISTED_ITEM
from tests.oracles.shipped_rules import Judge, Row, bill_of, program_with, rows_of
from tests.requests import Tree, at_settlement, encounter, item, line, patient, request

FIRST = datetime(2026, 2, 2, 10, 5)  # noqa: DTZ001 - the bills are civil time of one zone
COURSES, DAILY = "b06_drug_course.csv", "b08_1_service_max_per_day.csv"
PERIODS, PAIRS = "b08_4_service_period.csv", "b07_service_duplicate_pairs.csv"
SPANS = {"单日": "同日", "单次就诊": "同次", "6小时": "6小时", "同一小时": "同小时"}

# The table and the official text beside it differ for these; the text counts (its own SOURCE).
COURSE_TEXT = re.compile(r"支付(?:不超过)?(\d+)(天|个月)")
MISTYPED = {
    "注射用益气复脉(冻干)": "文字写14天，表中写15天",
    "帕妥珠单抗注射液": "文字写12个月，表中写365天",
}


@cache
def judge(folder: Path) -> Judge:
    """The national rules with every course, frequency, period and pair that was typed out."""
    where = folder / FOLDER
    items = [{"项目": UNLISTED_ITEM, "名称": "无限定"}]
    for name, code in (
        (DAILY, "项目编码"),
        (PERIODS, "项目代码"),
        (PAIRS, "主项编码"),
        (PAIRS, "从项编码"),
    ):
        items += [{"项目": row[code], "名称": "某项"} for row in rows_of(where / name)]
    courses = [(name, code, days) for name, codes, days in drug_courses(folder) for code in codes]
    return Judge(
        program_with(
            {
                "药品目录": [{"药品": code, "名称": name} for name, code, _ in courses],
                "项目目录": items,
                "药品疗程": [
                    {"药品": code, "通用名": name, "最多天数": f"{days}天"}
                    for name, code, days in courses
                ],
                "限频次": [
                    {"项目": row["项目编码"], "每日上限": row["限制数量"] + _unit(row)}
                    for row in rows_of(where / DAILY)
                ],
                "周期频次": [
                    {"项目": row["项目代码"], "再次项目": row["项目代码"], "周期": row["疗程周期"] + "天"}
                    for row in rows_of(where / PERIODS)
                ],
                "重复收费": [
                    {"甲项": row["主项编码"], "乙项": row["从项编码"], "时间区间": SPANS[row["频度"]]}
                    for row in rows_of(where / PAIRS)
                ],
            }
        )
    )  # fmt: skip


def _unit(row: Row) -> str:
    return "小时" if row["数量单位"] == "小时" else "天"


def drug_courses(folder: Path) -> list[tuple[str, list[str], int]]:
    """Name, codes and days of each course, the days as the table has them."""
    codes: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows_of(folder / FOLDER / "b06_drug_course_codes.csv"):
        codes[row["药品通用名"]].append(row["国标代码"])
    return [
        (row["药品通用名"], codes[row["药品通用名"]], int(row["限定值域"].removesuffix("天")))
        for row in rows_of(folder / FOLDER / COURSES)
    ]


def _bill(lines: list[Tree], **stay: object) -> Bill:
    """One stay at settlement: its lines are all there are."""
    stay = {"adm_date": "2024-01-01 08:00:00"} | stay
    return bill_of(at_settlement(request(patient(encounter(fsi_order_dtos=lines, **stay)))))


def _labels(folder: Path, rule: str, bill: Bill) -> dict[frozenset[str], Finding]:
    return {
        frozenset(line.key for line in (*found.offending, *found.involved)): found
        for found in judge(folder).findings(rule, bill)
    }


# Courses


def courses(folder: Path, *, whole: bool) -> Figures:
    """The last payable day and the one after it, every code of a name used in turn."""
    asked, apart = 0, []
    for name, codes, days in drug_courses(folder):
        if days > 100 and not whole:
            continue
        found = _course(folder, codes, days)
        for day, wanted in ((days, OK), (days + 1, BAD)):
            asked += 1
            if found[day] is not wanted:
                apart.append(f"{name} 第{day}天：{found[day].value}")
    return Figures(
        f"structured/{COURSES}", "药品限支付疗程", asked, tuple(apart), _mistyped(folder)
    )


def _course(folder: Path, codes: list[str], days: int) -> dict[int, Label]:
    """What is said of the lines of the last payable day and of the next; earlier ones are history."""
    begin = date(2026, 3, 6) - timedelta(days=days)
    lines = [
        line(
            day + 1,
            hilist_code=codes[day % len(codes)],
            drord_begn_date=f"{begin + timedelta(days=day)} 09:30:00",
            curr_drord_flag="1" if day + 2 > days else "0",
        )
        for day in range(days + 1)
    ]
    found = _labels(folder, "药品限支付疗程", _bill(lines, adm_date=f"{begin} 08:00:00"))
    return {int(key.removeprefix("L")): one.label for keys, one in found.items() for key in keys}


def _mistyped(folder: Path) -> tuple[str, ...]:
    found = []
    for row in rows_of(folder / FOLDER / COURSES):
        stated = COURSE_TEXT.search(row["药品说明"])
        if stated is None or "".join(stated.groups()) != row["限定值域"]:
            name = row["药品通用名"]
            found.append(f"{name}：{MISTYPED.get(name, '表与文字不同，尚未指明')}")
    return tuple(found)


# Frequencies and periods


# What a line of one date says: how much over the limits of how many days, its last day, what follows.
FREQUENCIES = (
    (1, 0, "2026-03-06 23:30:00", OK),
    (1, 1, "2026-03-06 23:30:00", BAD),
    (1, None, "2026-03-06 23:30:00", OPEN),
    (1, 1, "", OPEN),  # of how many days nobody knows
    (3, 0, "2026-03-08 23:30:00", OK),
    (3, 1, "2026-03-08 23:30:00", BAD),
)


def frequencies(folder: Path) -> Figures:
    """At the limit of a day, above it, and of nobody knows how much; of several days, known or not."""
    rows = rows_of(folder / FOLDER / DAILY)
    asked, apart = 0, []
    for days, more, stop, wanted in FREQUENCIES:
        lines = [
            item(
                number,
                hilist_code=row["项目编码"],
                cnt="" if more is None else days * int(row["限制数量"]) + more,
                spec_unt=_unit(row),
                long_drord_flag="1",  # a standing order stops when it is said to
                drord_begn_date="2026-03-06 09:30:00",
                drord_stop_date=stop,
            )
            for number, row in enumerate(rows)
        ]
        found = _labels(folder, "项目限频次", _bill(lines))
        for number, row in enumerate(rows):
            asked += 1
            label = found[frozenset({f"L{number}"})].label
            if label is not wanted:
                apart.append(f"{row['项目名称']} {days}天多{more} 停止{stop}：{label.value}")
    hours = sum(row["数量单位"] == "小时" for row in rows)
    named = (f"{len(rows)}行中{hours}行是24小时，不是次数",)
    return Figures(f"structured/{DAILY}", "项目限频次", asked, tuple(apart), named)


def periods(folder: Path) -> Figures:
    """Again on the last day within the period, and on the first day after it."""
    rows = rows_of(folder / FOLDER / PERIODS)
    asked, apart = 0, []
    for row in rows:
        days = int(row["疗程周期"])
        for later, wanted in ((days - 1, BAD), (days, None)):
            asked += 1
            second = FIRST + timedelta(days=later)
            bill = _bill([_item(1, row["项目代码"], FIRST), _item(2, row["项目代码"], second)])
            label = _of_pair(folder, "项目周期频次", bill)
            if (label is BAD) is not (wanted is BAD):
                apart.append(f"{row['项目名称']} 隔{later}天：{label}")
    return Figures(f"structured/{PERIODS}", "项目周期频次", asked, tuple(apart))


def _item(number: int, code: str, when: datetime, **changes: object) -> Tree:
    return item(number, hilist_code=code, drord_begn_date=str(when), **changes)


def _of_pair(folder: Path, rule: str, bill: Bill) -> Label | None:
    found = _labels(folder, rule, bill)
    return found[frozenset({"L1", "L2"})].label if frozenset({"L1", "L2"}) in found else None


# Pairs


@dataclass(frozen=True, slots=True)
class Pair:
    """A main item with one that it includes, and within what."""

    main: str
    other: str
    span: str
    shown: str


# Where the second charge lies: inside the span, and outside it; None: in another encounter.
INSIDE: dict[str, timedelta] = {
    "单日": timedelta(hours=13, minutes=54),  # one minute to midnight
    "单次就诊": timedelta(days=9),
    "6小时": timedelta(hours=5, minutes=59),
    "同一小时": timedelta(minutes=54),
}
OUTSIDE: dict[str, timedelta | None] = {
    "单日": timedelta(hours=13, minutes=55),
    "单次就诊": None,
    "6小时": timedelta(hours=6, minutes=1),
    "同一小时": timedelta(minutes=55),
}


def listed_pairs(folder: Path) -> list[Pair]:
    """Every duplicate pair of the public table."""
    return [
        Pair(row["主项编码"], row["从项编码"], row["频度"], f"{row['主项名称']}+{row['从项名称']}")
        for row in rows_of(folder / FOLDER / PAIRS)
    ]


def duplicates(folder: Path, pairs: list[Pair]) -> Figures:
    """Each pair inside its span in either order, outside it in either order, and each item alone."""
    asked, apart = 0, []
    for pair in pairs:
        for said, bill, fires in _pair_bills(pair):
            asked += 1
            found = judge(folder).findings("项目重复收费", bill)
            fired = [one.label for one in found if one.label is BAD]
            if len(fired) != fires or any(one.label is OPEN for one in found):
                apart.append(f"{pair.shown} {said}：{[one.label.value for one in found]}")
    return Figures(f"structured/{PAIRS}", "项目重复收费", asked, tuple(apart))


def _pair_bills(pair: Pair) -> Iterator[tuple[str, Bill, int]]:
    inside, outside = FIRST + INSIDE[pair.span], OUTSIDE[pair.span]
    for first, second in ((pair.main, pair.other), (pair.other, pair.main)):
        yield "区间内", _bill([_item(1, first, FIRST), _item(2, second, inside)]), 1
        if outside is None:
            yield "另一次就诊", _two_encounters(first, second), 0
        else:
            yield "区间外", _bill([_item(1, first, FIRST), _item(2, second, FIRST + outside)]), 0
    for one in (pair.main, pair.other):
        yield "单独", _bill([_item(1, one, FIRST), _item(2, UNLISTED_ITEM, FIRST)]), 0


def _two_encounters(first: str, second: str) -> Bill:
    """The first charged in an encounter that is over, the second in the current one."""
    over = encounter(
        mdtrt_id="M0",
        adm_date="2026-02-01 08:00:00",
        dscg_date="2026-02-03 08:00:00",
        fsi_order_dtos=[_item(1, first, FIRST, curr_drord_flag="0")],
    )
    now = encounter(
        adm_date="2026-02-10 08:00:00",
        fsi_order_dtos=[_item(2, second, FIRST + timedelta(days=9))],
    )
    return bill_of(request(patient(over, now)))

"""Units of service a day: a one-column table of limits of another country, as one rule of ours.

Its codes have five letters or digits. A code is written as fifteen digits, three for each sign, so
that it is an item code of the national form and no two become one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.finding import Label
from tests.oracles.figures import Figures, in_parts
from tests.oracles.own_rules import written
from tests.oracles.shipped_rules import Judge, bill_of, rows_of
from tests.requests import Tree, at_settlement, encounter, item, patient, request

FILE = Path("cms-mue") / "mue.csv"
LINES_A_BILL = 40  # each line is a group of its own, and is looked for among all
RULES = """规则集 单位数 | units “每日单位数” “Units of service a day”
层级 国家
知识表 每日单位 | daily_units （项目 | item：项目编码，上限 | most：数量）
    键 项目 取自 “每日单位.csv” 示例
规则 超每日单位 | above_daily_units “超过每日单位数” “Above the units of a day”
    结果类型 违规
    针对 明细 分组 明细.项目，明细.日期
    当 组.项目 在 每日单位
    记 上限 | most = 每日单位[组.项目].上限
    要求 合计 数量 取自 组.明细 <= 上限
    扣减顺序 时间 倒序
    则 限付 数量 上限
"""


@dataclass(frozen=True, slots=True)
class Capped:
    """One code with the most units of a day."""

    code: str
    most: int


def capped(folder: Path) -> list[Capped]:
    """Every row of the table."""
    return [Capped(row["hcpcs_cpt"], int(row["max_units"])) for row in rows_of(folder / FILE)]


def as_item(code: str) -> str:
    """Five signs as fifteen digits."""
    return "".join(f"{ord(sign):03d}" for sign in code)


def judge_in(place: Path, folder: Path) -> Judge:
    """The rule over the whole table, written into `place`."""
    rows = [{"项目": as_item(one.code), "上限": f"{one.most}次"} for one in capped(folder)]
    return written(place, RULES, {"每日单位": (("项目", "上限"), rows)})


def figures(judge: Judge, rows: Sequence[Capped]) -> Figures:
    """Each row at its limit, one above it, and with an unknown quantity.

    A charge is of more than nothing (S8.1): one of an unknown quantity is above a limit of 0.
    """
    asked, apart = 0, []
    for said, more, wanted in (
        ("上限", 0, Label.SATISFIED),
        ("上限加一", 1, Label.VIOLATED),
        ("数量不详", None, Label.UNDETERMINED),
    ):
        for part in in_parts(rows, LINES_A_BILL):
            lines = [_line(number, one, more) for number, one in enumerate(part)]
            bill = bill_of(at_settlement(request(patient(encounter(fsi_order_dtos=lines)))))
            found = {one.offending[0].key: one for one in judge.findings("超每日单位", bill)}
            for number, one in enumerate(part):
                asked += 1
                label = found[f"L{number}"].label if f"L{number}" in found else None
                if label is not (Label.VIOLATED if more is None and one.most == 0 else wanted):
                    apart.append(f"{one.code} 上限{one.most} {said}：{label}")
    return Figures("cms-mue/mue.csv", "超每日单位", asked, tuple(apart))


def _line(number: int, one: Capped, more: int | None) -> Tree:
    return item(
        number,
        hilist_code=as_item(one.code),
        cnt="" if more is None else one.most + more,
        spec_unt="次",
        drord_begn_date="2026-03-06 09:30:00",
    )

"""Another hand's reading of the same limits, compared with ours row by row; each difference has a class.

That table names a drug by the first eleven or twelve signs of its code. It is one author's reading: to
differ from it is no mistake by itself, to differ without a class would be.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from tests.oracles.counted import DAILY, drug_courses
from tests.oracles.figures import Figures
from tests.oracles.limits import FOLDER as LIBRARIES
from tests.oracles.limits import KINDS, limited
from tests.oracles.shipped_rules import rows_of

FOLDER = Path("medimodel-rules")
SHORTEST = 11  # signs of a drug's code in that table

OTHER_VALUE = "限定值不同"
NOT_PUBLISHED = "已公布的限定表里没有此编码：各批以外、本地或作者自己的"
NOT_TYPED = "对方列了该药，没有这一限定"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of that table and the limits of ours that say the same kind of thing."""

    file: str
    name: str
    ours: str

    @property
    def code(self) -> str:
        """The column of the codes."""
        return "药品编码" if self.file.startswith("drug") else "诊疗编码"


COLUMNS = (
    Column("drug_restrictions.csv", "性别限制", "b01_drug_sex"),
    Column("drug_restrictions.csv", "年龄限制", "b01_drug_age"),
    Column("drug_restrictions.csv", "机构限制", "b05_drug_institution_level"),
    Column("drug_restrictions.csv", "就医限制", "b04_drug_encounter_type"),
    Column("drug_restrictions.csv", "险种限制", "b03_drug_insurance"),
    Column("drug_restrictions.csv", "疗程限制", "b06_drug_course"),
    Column("service_restrictions.csv", "性别限制", "b01_service_sex"),
    Column("service_restrictions.csv", "频次限制", "b08_1_service_max_per_day"),
)


def _ours(data: Path, column: Column) -> dict[str, str]:
    """Our limits by code, in the words of that table."""
    if column.ours == "b06_drug_course":
        return {code: f"{days}天" for _, codes, days in drug_courses(data) for code in codes}
    if column.ours == "b08_1_service_max_per_day":
        return {
            row["项目编码"]: "1次每日" if row["限制数量"] == "1" else "24小时"
            for row in rows_of(data / LIBRARIES / DAILY)
        }
    (kind,) = (kind for kind in KINDS if kind.file == column.ours)
    return {one.code: one.limit for one in limited(data, kind)}


def figures(data: Path) -> list[Figures]:
    """One line a column: of what both speak of, how much is the same; the rest by class."""
    return [_compared(data, column) for column in COLUMNS]


def _compared(data: Path, column: Column) -> Figures:
    ours = _by_stem(_ours(data, column), column)
    theirs = rows_of(data / FOLDER / column.file)
    asked, apart = 0, []
    classes: Counter[str] = Counter()
    for row in theirs:
        said, limits = row[column.name], _under(ours, row[column.code])
        if not said and not limits:
            continue
        if not limits:
            classes[NOT_PUBLISHED] += 1
        elif not said:
            classes[NOT_TYPED] += 1
        else:
            asked += 1
            if limits != {said}:
                name = row.get("药品名称") or row.get("诊疗名称")
                apart.append(f"{OTHER_VALUE}：{name} {said}，公布的是{'、'.join(sorted(limits))}")
    named = tuple(f"{column.name} {text}：{count}行" for text, count in sorted(classes.items()))
    return Figures(f"medimodel-rules/{column.file}", column.name, asked, tuple(apart), named)


def _by_stem(limits: dict[str, str], column: Column) -> dict[str, set[str]]:
    """Limits by the stems under which that table may name a code."""
    stems: defaultdict[str, set[str]] = defaultdict(set)
    lengths = (SHORTEST, SHORTEST + 1) if column.code == "药品编码" else (15,)
    for code, limit in limits.items():
        for length in lengths:
            stems[code[:length]].add(limit)
    return stems


def _under(limits: dict[str, set[str]], stem: str) -> set[str]:
    return limits.get(stem, set())

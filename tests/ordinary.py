"""Ordinary bills of made-up people: nothing on them breaks a shipped limit, by construction.

Everything follows from the number of the bill: drugs, items and herbs are drawn from the shipped
catalogs with a digest, sex, age, level, care and diagnoses are those that their limits ask for.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from engine.profile import Profile
from tests.requests import Tree, at_settlement, diagnosis, encounter, patient, request

RULESETS = Path(__file__).parents[1] / "rulesets" / "cn"
NATIONAL, SHAOXING = RULESETS / "national", RULESETS / "zhejiang" / "shaoxing"

# Institution, its division, whether it is in Shaoxing.
INSTITUTIONS = (
    ("H33060000901", "330600", True),
    ("H33060000902", "330602", True),
    ("H33010000903", "330106", False),
    ("H44030000904", "440305", False),
    ("H11010000905", "110108", False),
)
PROFILE = Profile(
    vouches_empty=frozenset({"fsi_operation_dtos"}),
    institutions={
        code: {"public": True, "price_class": "县级以上公立"} for code, _, _ in INSTITUTIONS
    },
)
CHILD_YEARS = 8
CAPPED_IN = frozenset({"330600", "330100"})  # divisions that the table of caps has

Element = TypeVar("Element")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@cache
def column(name: str, key: str) -> frozenset[str]:
    """All values of a column of a national or Shaoxing table."""
    (path,) = RULESETS.rglob(name + ".csv")
    return frozenset(row[key] for row in rows_of(path))


@cache
def by_key(name: str, key: str) -> dict[str, dict[str, str]]:
    (path,) = RULESETS.rglob(name + ".csv")
    found: dict[str, dict[str, str]] = {}
    for row in rows_of(path):
        found.setdefault(row[key], row)
    return found


@cache
def pairs() -> frozenset[frozenset[str]]:
    (path,) = RULESETS.rglob("重复收费.csv")
    return frozenset(frozenset({row["甲项"], row["乙项"]}) for row in rows_of(path))


@dataclass(frozen=True)
class Draw:
    """Choices that follow from the number of a bill."""

    number: int

    def below(self, limit: int, what: str) -> int:
        digest = sha256(f"{self.number}/{what}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % limit

    def one(self, choices: Sequence[Element], what: str) -> Element:
        return choices[self.below(len(choices), what)]

    def some(self, choices: Iterable[Element], count: int, what: str) -> list[Element]:
        ranked = sorted(
            choices, key=lambda one: sha256(f"{self.number}/{what}/{one}".encode()).digest()
        )
        return ranked[:count]


@dataclass
class Visit:
    """Who is treated where and how."""

    draw: Draw
    inpatient: bool
    child: bool
    sex: str
    institution: tuple[str, str, bool]
    first_day: date
    days: int
    diagnoses: list[str] = field(default_factory=lambda: ["J06.900"])
    lines: list[Tree] = field(default_factory=list)

    def when(self, day: int, hour: int) -> str:
        return f"{self.first_day + timedelta(days=day)} {hour:02d}:30:00"


# Drugs


def _age_fits(visit: Visit, drug: str) -> bool:
    for name in ("儿童限定", "儿童专用药"):
        if drug in by_key(name, "药品") and not visit.child:
            return False
    row = by_key("药品限定条件", "药品").get(drug, {})
    least, below = row.get("最小年龄", ""), row.get("不满年龄", "")
    if not visit.child:
        return not below
    return not least.endswith("岁") or int(least[:-1]) <= CHILD_YEARS


def _drug_fits(visit: Visit, drug: str) -> bool:
    """Whether the limits of a drug can be met on this bill."""
    sex = by_key("药品性别", "药品").get(drug, {}).get("性别", visit.sex)
    # These want another fund, another age, or evidence.
    never = ("药品基金", "人血白蛋白", "卒中药", "二线药品", "新生儿药品", "配套项目")
    never += ("每日用量上限", "说明书适应症", "抗菌药物", "老年慎用药")
    if visit.sex == "女":
        never += ("孕哺禁用药",)
    at_bed = ("药品就医方式", "互联网不付药品")  # 3101 does not tell the channel
    return (
        sex == visit.sex
        and _diagnosis_fits(visit, drug)
        and _age_fits(visit, drug)
        and not any(drug in column(name, "药品") for name in never)
        and by_key("药品限定条件", "药品").get(drug, {}).get("条件数", "0") == "0"
        and (visit.inpatient or not _is_chronic(drug))
        and (visit.inpatient or not any(drug in column(name, "药品") for name in at_bed))
        and by_key("集采产品", "药品").get(drug, {}).get("中选", "是") == "是"
        and (drug not in column("药品挂网价", "药品") or _is_listed(visit, drug))
    )


def _is_chronic(drug: str) -> bool:
    """Whether a drug brings a diagnosis for which outpatient lines are asked for their days of supply.

    These bills do not tell them.
    """
    needed = _fitting_diagnosis(drug) or ""
    return any(needed.startswith(code) for code in column("慢病十二种", "诊断"))


def _is_listed(visit: Visit, drug: str) -> bool:
    """Whether a drug on the platform's list has a price there on every day of the stay."""
    (path,) = RULESETS.rglob("药品挂网价.csv")
    rows = [row for row in rows_of(path) if row["药品"] == drug]
    days = [(visit.first_day + timedelta(days=day)).isoformat() for day in range(visit.days)]
    return not rows or all(
        any(row["生效"] <= day < (row["失效"] or "9999") for row in rows) for day in days
    )


def _fitting_diagnosis(drug: str) -> str | None:
    """A diagnosis inside the range that a drug is limited to."""
    row = by_key("药品限定条件", "药品").get(drug)
    if row is None or not row["诊断"]:
        return None
    first = row["诊断"].split("至")[0].split("；")[0].split("、")[0].strip().lstrip("#")
    return first + {3: ".900", 5: "00"}.get(len(first), "")


def _diagnosis_fits(visit: Visit, drug: str) -> bool:
    """Whether the diagnosis that a drug asks for is of this sex and age."""
    needed = _fitting_diagnosis(drug) or ""
    others = ("女性诊断" if visit.sex == "男" else "男性诊断", "新生儿诊断", "婴儿诊断")
    return not any(needed.startswith(code) for name in others for code in column(name, "诊断"))


def add_drugs(visit: Visit, count: int) -> None:
    fitting = [drug for drug in by_key("药品目录", "药品") if _drug_fits(visit, drug)]
    chosen: dict[str, str] = {}  # one drug of a pharmacological group
    for drug in visit.draw.some(fitting, 2 * count, "drugs"):
        chosen.setdefault(by_key("药理分组", "药品").get(drug, {}).get("组", drug), drug)
    for number, drug in enumerate(list(chosen.values())[:count]):
        needed = _fitting_diagnosis(drug)
        if needed is not None and needed not in visit.diagnoses:
            visit.diagnoses.append(needed)
        day = visit.draw.below(visit.days, f"day of {drug}")
        quantity = 1 + visit.draw.below(4, f"quantity of {drug}")
        list_type, charge = ("101", "11") if drug.startswith("Z") else ("101", "09")
        _add(visit, drug, by_key("药品目录", "药品")[drug]["名称"], list_type, charge,
             when=visit.when(day, 8 + number % 8), cnt=quantity, spec_unt="盒", rxno=f"RX{day}-{number // 5}")  # fmt: skip


# Items


# Tables of items that ask for a fund, an age, a department, a level, a history or a diagnosis: none of them is on
# these bills.
NOT_FOR_ANYBODY = (
    "生育项目",
    "新生儿项目",
    "儿童项目",
    "儿童专用项目",
    "项目年龄",
    "项目科室",
    "项目级别",
    "限额项目",
    "项目限诊断",
    "检查指征",
    "治疗指征",
    "项目禁忌",
    "项目适应症",
    "加收项目",
    "分解项目",
)


@cache
def limited_items() -> frozenset[str]:
    return frozenset().union(*(column(name, "项目") for name in NOT_FOR_ANYBODY))


def _item_fits(visit: Visit, item: str) -> bool:
    """Whether the limits of an item can be met on this bill."""
    sex = by_key("项目性别", "项目").get(item, {}).get("性别", visit.sex)
    capped = column("限价表", "项目")
    return (
        sex == visit.sex
        and item not in limited_items()
        and item not in column("项目就医方式", "项目")
        and (item not in capped or visit.institution[1] in CAPPED_IN)
    )


def _goes_with(item: str, chosen: Iterable[str]) -> bool:
    """Not a pair that excludes one another, and no second operation of a group (its session is not on a bill)."""
    group = by_key("手术折价", "项目").get(item, {}).get("手术组")
    return not any(
        {item, other} in pairs()
        or (group and by_key("手术折价", "项目").get(other, {}).get("手术组") == group)
        for other in chosen
    )


def add_items(visit: Visit, count: int) -> None:
    fitting = [item for item in by_key("项目目录", "项目") if _item_fits(visit, item)]
    chosen: list[str] = []
    for item in visit.draw.some(fitting, 3 * count, "items"):
        if len(chosen) < count and _goes_with(item, chosen):
            chosen.append(item)
    for number, item in enumerate(chosen):
        name = by_key("项目目录", "项目")[item]["名称"]
        daily = item in column("限频次", "项目") and visit.draw.below(2, f"daily {item}")
        first = visit.draw.below(visit.days, f"day of {item}")
        for day in range(visit.days) if daily else (first,):
            _add(visit, item, name, "201", "05",
                 when=visit.when(day, 9 + number % 6), cnt=1, spec_unt="次", rxno="")  # fmt: skip


# Herbs, consumables


def add_herbs(visit: Visit) -> None:
    """One compound prescription with at least one herb that is payable alone."""
    limited = column("单方不付饮片", "饮片") | column("不予支付饮片", "饮片")
    payable = [herb for herb in by_key("饮片目录", "饮片") if herb not in limited]
    others = column("单方不付饮片", "饮片") - column("不予支付饮片", "饮片")
    others -= column("饮片每日量", "饮片")  # a daily dose is not on the bill
    chosen = [*visit.draw.some(payable, 1, "herb"), *visit.draw.some(sorted(others), 3, "herbs")]
    for herb in chosen:
        _add(visit, herb, by_key("饮片目录", "饮片")[herb]["名称"], "102", "10",
             when=visit.when(0, 10), cnt=70, spec_unt="g", rxno="RXH")  # fmt: skip


def _add(
    visit: Visit, code: str, name: str, list_type: str, charge: str, **changes: object
) -> None:
    number = len(visit.lines) + 1
    line: Tree = {
        "rx_id": f"L{number}",
        "long_drord_flag": "0",
        "hilist_type": list_type,
        "chrg_type": charge,
        "drord_bhvr": "0",
        "hilist_code": code,
        "hilist_name": name,
        "hilist_lv": "02",
        "hosplist_code": f"Y{number}",
        "hosplist_name": name,
        "pric": 1,
        "sumamt": changes["cnt"],
        "ownpay_amt": 0,
        "selfpay_amt": 0,
        "drord_dept_codg": "A03.01",
        "drord_dr_codg": "D330602000001",
        "drord_dr_profttl": "232",
        "curr_drord_flag": "1",
        "drord_begn_date": changes.pop("when"),
    }
    visit.lines.append(line | changes)


# The bill


@cache
def visit_of(number: int) -> Visit:
    """Who came and what was billed; nobody changes it afterwards."""
    draw = Draw(number)
    inpatient = draw.below(2, "care") == 0
    visit = Visit(
        draw,
        inpatient,
        child=draw.below(5, "age") == 0,
        sex=draw.one(("男", "女"), "sex"),
        institution=INSTITUTIONS[number % len(INSTITUTIONS)],
        first_day=date(2026, 7, 1) + timedelta(days=draw.below(100, "date")),
        days=2 + draw.below(5, "days") if inpatient else 1,
    )
    add_drugs(visit, 2 + draw.below(6, "drugs"))
    add_items(visit, 2 + draw.below(6, "items"))
    if draw.below(4, "with herbs") == 0:
        add_herbs(visit)
    return visit


def prescribing(number: int) -> Tree:
    """The bill as a 3101: scene 5 of an inpatient on his last day, scene 2 of an outpatient."""
    visit = visit_of(number)
    institution, division, _ = visit.institution
    last = visit.when(visit.days - 1, 18)
    born = date(visit.first_day.year - (CHILD_YEARS if visit.child else 20 + number % 60), 3, 14)
    stay = encounter(
        mdtrt_id=f"M{number}",
        medins_id=institution,
        medins_admdvs=division,
        medins_lv=visit.draw.one(("02", "05", "01"), "level"),
        adm_date=visit.when(0, 7),
        dscg_date=None,
        dscg_main_dise_codg=visit.diagnoses[0],
        fsi_diagnose_dtos=[
            diagnosis(code, "某病", maindise_flag="1" if rank == 0 else "0", dise_date=visit.when(0, 7))
            for rank, code in enumerate(visit.diagnoses)
        ],
        med_mdtrt_type="2" if visit.inpatient else "1",
        med_type="21" if visit.inpatient else "11",
        fsi_order_dtos=visit.lines,
        medfee_sumamt=sum(line["sumamt"] for line in visit.lines),
        insutype=visit.draw.one(("310", "390"), "scheme"),
        fsi_operation_dtos=[],
    )  # fmt: skip
    tree = request(
        patient(
            stay,
            patn_id=f"P{number}",
            patn_name="某某",
            gend="1" if visit.sex == "男" else "2",
            brdy=born.isoformat(),
            poolarea=division[:4] + "00",
            curr_mdtrt_id=f"M{number}",
        ),
        trig_scen="5" if visit.inpatient else "2",
    )
    area = division[:4] + "00"
    return tree | {
        "mdtrtarea_admvs": area,
        "insuplc_admdvs": area,
        "fixmedins_code": institution,
        "inf_time": last,
    }


def settling(number: int) -> Tree:
    """The same bill as a 3102 at settlement."""
    visit = visit_of(number)
    tree = at_settlement(prescribing(number))
    tree["inf_time"] = visit.when(visit.days, 10)
    tree["input"]["data"]["trig_scen"] = "8" if visit.inpatient else "6"
    (person,) = tree["input"]["data"]["patient_dtos"]
    (stay,) = person["fsi_encounter_dtos"]
    stay["dscg_date"] = visit.when(visit.days - 1, 20) if visit.inpatient else stay["adm_date"]
    return tree

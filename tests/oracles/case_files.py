"""Made-up case files of an outside benchmark, as bills: clean ones stay clean, planted ones are found.

Lines get codes by an exact-name table kept beside this file; a name that it does not hold stays the
hospital's own. A service dated from one day to another is one line that stops on the last of them. A
drug so dated is as many charges as it may have days, each with its date known by bounds; where it is
so many days as the dates are, it is one on each; one without a code stays whole. What a case file says
outside its fee list (an albumin result, that nobody was in danger) is stated as evidence, case by
case. Rows of a whole institution are a month of it, all of them there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from apps.authoring.facts_block import judged_of, read_facts, read_population
from apps.authoring.pages import Block
from engine.checker import check
from engine.facts import Bill
from engine.finding import Finding, Label
from engine.period_check import check_periods
from rulelang.core import Program
from tests.oracles.shipped_rules import program_with, rows_of

CaseFile: TypeAlias = dict[str, Any]
FOLDER = Path("audit-bench-yingyan")
NAMES = Path(__file__).with_name("yingyan_names.csv")
FAILED = frozenset({Label.VIOLATED, Label.SUSPECTED})
KIND_WORDS = {"西药中成药": "药品", "中药饮片": "饮片", "项目": "项目", "耗材": "耗材"}
CATEGORIES = {"西药费": "西药中成药", "中药饮片": "中药饮片", "耗材费": "耗材", "材料费": "耗材"}
CHARGES = {
    "护理费": "护理",
    "床位费": "床位",
    "西药费": "西药",
    "中药饮片": "中药饮片",
    "检验费": "化验",
    "检查费": "检查",
}

# Rows that the shipped tables cannot have, because no public table gives the national code.
OWN_ROWS: dict[str, list[dict[str, str]]] = {
    "儿童禁用药": [{"药品": "XJ01MAZ900B002010100001", "起用年龄": "18岁", "禁用": "不满18岁"}],
    "孕哺禁用药": [{"药品": "XJ05AAL900A001010100001", "妊娠期禁用": "是", "哺乳期禁用": "是"}],
    "药理分组": [{"药品": "XJ01CAA900E001010100001", "组": "青霉素类", "通用名": "阿莫西林"}],
    "药品疗程": [
        {
            "药品": "XC04AXY900B002010100001",
            "通用名": "银杏二萜内酯葡胺注射液",
            "最多天数": "14天",
        }
    ],
}

# What the other papers of a case say, as facts that rules ask for.
STATED: dict[str, tuple[str, ...]] = {
    "main": ("就诊.抢救 = 否", "就诊.重症 = 否", "患者.血清白蛋白 = 39 g/L"),
    "gz_family_safety": ("就诊.妊娠状态 = 妊娠期",),
    "gz_family_tcm": (
        "明细1.处方 = 处方1",
        "明细2.处方 = 处方1",
        "明细1.再次签名 = 否",
        "明细2.再次签名 = 否",
    ),
}

# Which rules would find a planted id from fee lines (and what is stated above).
FOUND_BY: dict[str, tuple[str, ...]] = {
    "AGE-101": ("儿童禁用",),
    "B-201": ("白蛋白限定", "药品限适应症"),
    "L3-SAF": ("孕哺用药",),
    "L3-TCM": ("饮片配伍禁忌",),
    "L3-DRX": ("重复开药", "同药重复开具", "药品种类超标"),
    "ZB-001": ("药费占比",),
    "ZB-008": ("非计划再入院率",),
    "F-003": ("计费日期不符",),
    "A-105": ("护理天数", "项目限频次"),
    "NUR-303": ("护理天数", "项目限频次"),
    "ICU-301": ("项目重复收费",),
    "C-301": ("分解住院",),
    "F-006": ("药品限支付疗程",),
    "TRACE-101": ("追溯码重复结算",),
}
# What an id needs where no rule finds it.
NEEDS: dict[str, str] = {
    "AGE-101": "儿童禁用药品的规则",
    "L3-SAF": "妊娠期用药的规则",
    "L3-TCM": "饮片配伍禁忌的规则",
    "T-201": "基因检测报告",
    "T-205": "化疗后血象和指征",
    "T-207": "院外购药凭证",
    "A-105": "医嘱和护理记录的护理等级",
    "A-109": "医嘱和给药记录",
    "NUR-303": "护理记录的执行天数",
    "D-401": "病历与主诊断的比对",
    "ICU-301": "特级护理包含一般专项护理的知识点",
    "ICU-302": "设备使用记录的时长",
    "IMG-301": "增强扫描包含平扫的知识点",
    "IMG-302": "影像记录的胶片张数",
    "M-304": "麻醉记录",
    "P-301": "进销存记录",
    "P-302": "追溯码流向",
    "P-303": "销售记录的实物",
    "B-201-IND": "药品的限定支付知识点",
    "C-301": "市级填写的分解住院间隔：两次住院相隔12天，示例值是10天",
    "F-006": "逐日的收费行：只有起止日期的两行数不出天数",
}


@cache
def names() -> dict[str, dict[str, str]]:
    """The exact-name table."""
    return {row["名称"]: row for row in rows_of(NAMES)}


@cache
def program() -> Program:
    """The national rules; the codes of the names stand in the catalogs."""
    coded = {kind: [row for row in names().values() if row["类别"] == kind] for kind in KIND_WORDS}
    catalogs = {
        "药品目录": [{"药品": row["编码"], "名称": row["名称"]} for row in coded["西药中成药"]],
        "项目目录": [{"项目": row["编码"], "名称": row["名称"]} for row in coded["项目"]],
        "饮片目录": [{"饮片": row["编码"], "名称": row["名称"]} for row in coded["中药饮片"]],
    }
    return program_with(catalogs, added=OWN_ROWS)


@dataclass(frozen=True, slots=True)
class Case:
    """One case file with what was planted in it."""

    name: str
    file: CaseFile
    clean: bool
    planted: tuple[str, ...]


def cases(folder: Path) -> Iterator[Case]:
    """All case files at hand."""
    truth = json.loads((folder / FOLDER / "truth.json").read_text(encoding="utf-8"))
    for name, told in truth.items():
        path = folder / FOLDER / f"{name}.json"
        if path.is_file():
            planted = (*told["planted_suspect"], *told["planted_clue"])
            file = json.loads(path.read_text(encoding="utf-8"))
            yield Case(name, file, told["is_clean"], planted)


def findings(case: Case) -> tuple[Finding, ...]:
    """What the national rules say of a case: of its bill, and of the month where it has one."""
    found = check(program(), bill_of_case(case)).findings
    rows = case.file.get("batch_settlement_rows", [])
    if not rows:
        return found
    facts = _block([*_month(case.file["front_page"], rows)])
    population, (shown, _) = read_population(facts, program()), judged_of(facts, program())
    return (*found, *check_periods(program(), population, shown=shown).findings)


def _block(facts: list[str]) -> Block:
    return Block("facts", "", "\n".join(facts), 1)


def _month(page: CaseFile, rows: list[CaseFile]) -> Iterator[str]:
    """The settled rows of an institution's month, and the stays that they are of.

    A row says that its patient came back within 31 days, not when: that stay begins within them.
    """
    begin, end = (date.fromisoformat(page[name][:10]) for name in ("admit_time", "discharge_time"))
    yield f"判定期间 = {end:%Y-%m}"
    yield "机构.明细 = 全部"
    yield "机构.就诊集 = 全部"
    visits = list(dict.fromkeys(row["visit_id"] for row in rows))
    for number, visit in enumerate(visits, start=1):
        yield f"患者{number}.就诊集 = 全部"
        yield from _stay(number, number, begin.isoformat())
        yield f"就诊{number}.出院日期 = {end}"
        if any(row["visit_id"] == visit and row.get("readmit_within_31d") for row in rows):
            back, latest = end + timedelta(days=1), end + timedelta(days=31)
            yield from _stay(len(visits) + number, number, f"{back}~{latest}")
            yield f"就诊{len(visits) + number}.计划再入院 = 否"
    for number, row in enumerate(rows, start=1):
        yield f"明细{number}.日期 = {begin}~{end}"
        yield f"明细{number}.金额 = {row['amount']}元"
        if row.get("category") in CHARGES:
            yield f"明细{number}.收费类别 = {CHARGES[row['category']]}"


def _stay(number: int, patient: int, admitted: str) -> Iterator[str]:
    yield f"就诊{number}.就医方式 = 普通住院"
    yield f"就诊{number}.入院日期 = {admitted}"
    if patient > 1:
        yield f"就诊{number}.患者 = 患者{patient}"


def bill_of_case(case: Case) -> Bill:
    """The settled bill of a case."""
    facts = [*_front(case.file.get("front_page", {})), *STATED.get(case.name, ())]
    items = case.file.get("fee_list", {}).get("items", [])
    charges = [part for line in items for part in _charges(line)]
    for number, line in enumerate(charges, start=1):
        facts += [f"明细{number}.{fact}" for fact in _line(line)]
    return read_facts(_block(facts), program())


def _front(page: CaseFile) -> Iterator[str]:
    """Who was treated where and how."""
    insurance, level = page.get("insurance_type", ""), page.get("hospital_level", "")
    yield f"患者.性别 = {page['sex']}"
    yield f"患者.年龄 = {page['age']}岁"
    if insurance:
        yield f"就诊.险种 = {'城乡居民' if '居民' in insurance else '职工'}"
    if level.startswith(("一级", "二级", "三级")):
        yield f"机构.级别 = {level}"
    shop = "药店购药" if "药店" in level else "普通门诊"
    outpatient = {"门诊慢特病": "门诊慢特病", "门诊统筹": shop}
    care = [word for said, word in outpatient.items() if said in insurance]
    yield f"就诊.就医方式 = {care[0] if care else '普通住院'}"
    yield f"就诊.入院日期 = {page['admit_time'].replace(' ', 'T')}"
    yield f"就诊.出院日期 = {page['discharge_time'].replace(' ', 'T')}"
    yield "就诊.诊断 = 全部"
    diagnoses = [page.get("principal_diagnosis"), *(page.get("other_diagnosis") or [])]
    for number, one in enumerate((one for one in diagnoses if one), start=1):
        yield f"诊断{number}.编码 = #{one['icd10']}"
        yield f"诊断{number}.名称 = “{one['name']}”"
        yield f"诊断{number}.主诊断 = {'是' if number == 1 else '否'}"


def _line(line: CaseFile) -> Iterator[str]:
    """One fee, under the code of its name or the hospital's own."""
    known = names().get(line["item_name"])
    kind = known["类别"] if known else CATEGORIES.get(line.get("category", ""), "项目")
    code = f"#{known['编码']}" if known else f"“{line['item_name']}”"
    yield f"{KIND_WORDS[kind]} = {code}"
    yield f"类别 = {kind}"
    yield f"名称 = “{line['item_name']}”"
    yield f"日期 = {line['fee_date']}"
    if "last_date" in line:
        yield f"停止时间 = {line['last_date']}"
    if kind == "西药中成药" and line.get("linked_order", "—") != "—":
        yield f"处方号 = “{line['linked_order']}”"
    if "qty" in line:
        unit = {"日": "天"}.get(line.get("unit", ""), line.get("unit"))
        yield f"数量 = {line['qty']}{unit or ('次' if kind == '项目' else '盒')}"
    if "unit_price" in line:
        yield f"单价 = {line['unit_price']}元"
    if "amount" in line:
        yield f"金额 = {line['amount']}元"
    if line.get("category") in CHARGES:
        yield f"收费类别 = {CHARGES[line['category']]}"
    if str(line.get("trace_code", "")).isdigit():
        yield f"追溯码 = “{line['trace_code']}”"


def _charges(line: CaseFile) -> Iterator[CaseFile]:
    """What a fee is made of: itself, or its charges where it is dated from one day to another."""
    first, _, last = line["fee_date"].partition("~")
    if not last:
        yield line
        return
    begin = date.fromisoformat(first)
    end = date.fromisoformat(last if len(last) == len(first) else first[:5] + last)
    known = names().get(line["item_name"])
    if known is None:
        yield {**line, "fee_date": f"{begin}~{end}"}
        return
    if known["类别"] == "项目":
        yield {**line, "fee_date": f"{begin}", "last_date": f"{end}"}
        return
    dates = [begin + timedelta(days=day) for day in range((end - begin).days + 1)]
    count = min(int(line["qty"]), len(dates))
    daily = line.get("unit") in {"日", "天"} and line["qty"] == len(dates)
    for part in range(count):
        share = {"qty": _share(line["qty"], part, count)}
        if "amount" in line:
            share["amount"] = _share(line["amount"], part, count)
        when = dates[part].isoformat() if daily else f"{begin}~{end}"
        yield {**line, **share, "fee_date": when}


def _share(whole: float, part: int, count: int) -> Decimal:
    """One of `count` parts of a figure in whole units; the last takes what is left."""
    total = Decimal(str(whole))
    each = total // count
    return total - each * (count - 1) if part == count - 1 else each


# What the report and the tests ask


def failed(found: tuple[Finding, ...]) -> list[str]:
    """Violated and suspected findings, in words."""
    return [_shown(one) for one in found if one.label in FAILED]


def undetermined(found: tuple[Finding, ...]) -> list[str]:
    """Undetermined findings, in words."""
    return [_shown(one) for one in found if one.label is Label.UNDETERMINED]


def finders(found: tuple[Finding, ...], planted: str) -> list[str]:
    """The rules that find what was planted."""
    rules = FOUND_BY.get(planted, ())
    fired = {one.rule.name.zh for one in found if one.label in FAILED}
    return sorted(fired.intersection(rules))


def _shown(finding: Finding) -> str:
    rules = sorted({one.name.zh for one in finding.folded}) or [finding.rule.name.zh]
    missing = sorted({fact.shown.zh for fact in finding.missing})
    label = f"{'、'.join(rules[:3])}{'等' if len(rules) > 3 else ''}"
    return f"{label}（缺：{'、'.join(missing)}）" if missing else label

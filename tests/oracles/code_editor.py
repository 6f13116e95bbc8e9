"""A code editor of another country, its edits as rules of ours, against its verdicts on claims.

Its diagnosis codes are longer than the national form allows. Each is renamed to a code of that form,
one to one: every edit is on exact codes, so that only equality of codes matters.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from engine.facts import Bill
from engine.finding import Label
from tests.oracles.figures import Figures
from tests.oracles.own_rules import written
from tests.oracles.shipped_rules import Judge, Row, bill_of, rows_of
from tests.requests import diagnosis, encounter, patient, request

FOLDER = Path("cms-mce-oracle")
LEFT_OUT = {
    "MCE05772": "次要诊断上也报了 WRONG_PROCEDURE_PERFORMED，与其余各例的读法不同（来源说明已列）"
}
CHANGE = "2024-10-01"  # the edits changed between two probes, at the turn of a fiscal year
BEFORE, AFTER = "2023-06-15", "2025-11-15"

# The edits: table, columns beyond the code, whether on the main diagnosis only.
EDITS: dict[str, tuple[str, bool]] = {
    "INVALID_CODE": ("无效编码", False),
    "AGE_CONFLICT": ("年龄不符", False),
    "SEX_CONFLICT": ("性别不符", False),
    "UNSPECIFIED": ("未特指", False),
    "UNACCEPTABLE_PDX": ("不可作主诊断", True),
    "MANIFESTATION_AS_PDX": ("表现作主诊断", True),
    "E_CODE_AS_PDX": ("外因作主诊断", True),
    "QUESTIONABLE_ADMISSION": ("入院存疑", True),
    "WRONG_PROCEDURE_PERFORMED": ("手术有误", True),
    "REQUIRES_SDX": ("须有次要诊断", True),
}
HEAD = """规则集 编码审核 | code_editor “诊断编码审核” “Edits of diagnosis codes”
层级 国家
"""
TABLE = """知识表 {name}表 | {en}_table （诊断 | diagnosis：诊断编码{columns}）
    键 诊断 属于 完整 取自 “{name}.csv”
"""
RULE = """规则 {name} | {en} “{name}” “{en}”
    结果类型 违规
    {force}针对 诊断
    当 {when}诊断.编码 在 {name}表
    {require}
    则 提醒
"""
COLUMNS = {
    "AGE_CONFLICT": "，最小年龄 | min_age：年龄，最大年龄 | max_age：年龄",
    "SEX_CONFLICT": "，性别 | sex：性别",
}
OWN_COLUMNS = {"AGE_CONFLICT": ("最小年龄", "最大年龄"), "SEX_CONFLICT": ("性别",)}
REQUIRES = {
    "AGE_CONFLICT": "要求 患者.年龄 在 年龄不符表[诊断.编码].最小年龄 至 年龄不符表[诊断.编码].最大年龄",
    "SEX_CONFLICT": "要求 患者.性别 = 性别不符表[诊断.编码].性别",
    "REQUIRES_SDX": "要求 任一 就诊.诊断 满足（非 主诊断）",
}


@dataclass
class Renamed:
    """Codes of the national form for foreign ones, one to one."""

    known: dict[str, str] = field(default_factory=dict)

    def __call__(self, code: str) -> str:
        """The name of a code, a new one if it was not met before."""
        number = self.known.setdefault(code, f"{len(self.known):07d}")
        letter = chr(ord("A") + int(number[0]))
        return f"{letter}{number[1:3]}.{number[3]}00x{number[4:]}"


def text() -> str:
    """The ruleset."""
    tables = "".join(
        TABLE.format(name=name, en=edit.lower(), columns=COLUMNS.get(edit, ""))
        for edit, (name, _) in EDITS.items()
    )
    rules = "".join(_rule(edit) for edit in EDITS)
    return HEAD + tables + rules


def _rule(edit: str) -> str:
    name, main_only = EDITS[edit]
    valid = "" if edit == "INVALID_CODE" else "非 诊断.编码 在 无效编码表 且 "
    return RULE.format(
        name=name,
        en=edit.lower(),
        force="施行 自 2020-01-01 至 2024-09-30\n    " if edit == "SEX_CONFLICT" else "",
        when=valid + ("诊断.主诊断 且 " if main_only else ""),
        require=REQUIRES.get(edit, f"不得 诊断.编码 在 {name}表"),
    )


def judge_in(place: Path, folder: Path, renamed: Renamed) -> Judge:
    """The edits as a ruleset, written into `place`."""
    rows: dict[str, dict[tuple[str, str, str, str], set[str]]] = {edit: {} for edit in EDITS}
    for row in rows_of(folder / FOLDER / "code_edits.csv"):
        limits = (row["age_min_allowed"], row["age_max_allowed"], row["sex_allowed"])
        rows[row["edit"]].setdefault((row["icd10cm"], *limits), set()).add(row["probe_date"])
    tables = {
        EDITS[edit][0]: (
            ("诊断", *OWN_COLUMNS.get(edit, ()), "生效", "失效"),
            list(_table_rows(edit, found.items(), renamed)),
        )
        for edit, found in rows.items()
    }
    return written(place, text(), tables)


def _table_rows(
    edit: str, found: Iterable[tuple[tuple[str, str, str, str], set[str]]], renamed: Renamed
) -> Iterable[Row]:
    """A row holds on both sides of the change, or up to it, or from it on."""
    for (code, low, high, sex), probes in found:
        always = probes == {BEFORE, AFTER} or edit == "SEX_CONFLICT"  # whose rule itself ends
        yield {
            "诊断": renamed(code),
            "最小年龄": f"{low}岁",
            "最大年龄": f"{high}岁",
            "性别": {"M": "男", "F": "女"}.get(sex, ""),
            "生效": "" if always or BEFORE in probes else CHANGE,
            "失效": "" if always or AFTER in probes else CHANGE,
        }


def claims(folder: Path) -> list[dict[str, Any]]:
    """All claims at hand but the one that is left out by name."""
    lines = (folder / FOLDER / "claims.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines if line]
    return [one for one in found if one["id"] not in LEFT_OUT]


def figures(judge: Judge, renamed: Renamed, asked: Sequence[dict[str, Any]]) -> Figures:
    """One verdict a claim: which edits, and how often each."""
    apart = []
    for claim in asked:
        found = verdict(judge, _bill(claim, renamed))
        if found != claim["expected_edits"]:
            apart.append(f"{claim['id']}：{found}，应为 {claim['expected_edits']}")
    named = tuple(f"{one}：{why}" for one, why in LEFT_OUT.items())
    return Figures("cms-mce-oracle/claims.jsonl", "诊断编码审核", len(asked), tuple(apart), named)


def verdict(judge: Judge, bill: Bill) -> dict[str, int]:
    """How often each edit fires; an open one is counted under its own name and so never agrees."""
    counts: Counter[str] = Counter()
    for edit, (name, _) in EDITS.items():
        for found in judge.findings(name, bill):
            if found.label is Label.VIOLATED:
                counts[edit] += 1
            elif found.label is Label.UNDETERMINED:
                counts[edit + " undetermined"] += 1
    return dict(counts)


def _bill(claim: dict[str, Any], renamed: Renamed) -> Bill:
    """An inpatient discharged on the claim's date, who had his birthday on it."""
    day = date.fromisoformat(claim["discharge_date"])
    codes = [claim["pdx"], *claim["sdx"]]
    stay = encounter(
        adm_date=f"{day} 08:00:00",
        dscg_date=f"{day} 20:00:00",
        dscg_main_dise_codg="",
        dscg_main_dise_name="",
        fsi_order_dtos=[],
        fsi_operation_dtos=[],
        fsi_diagnose_dtos=[
            diagnosis(
                renamed(code),
                "某病",
                dise_id=str(rank),
                dias_srt_no=str(rank + 1),
                maindise_flag="1" if rank == 0 else "0",
                dise_date=f"{day} 08:10:00",
            )
            for rank, code in enumerate(codes)
        ],
    )
    born = day.replace(year=day.year - claim["age"])
    sex = {"M": "1", "F": "2"}[claim["sex"]]
    tree = request(patient(stay, gend=sex, brdy=born.isoformat()), trig_scen="8")
    return bill_of(tree | {"infno": "3102", "inf_time": f"{day} 21:00:00"})

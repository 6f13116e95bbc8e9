"""Made-up knowledge points as official files have them: lines of JSON, CSV, and the published xlsx."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from apps.knowledge.points import Point

Record = dict[str, Any]

TEXTS = {
    "药品区分性别使用": "用于女性的样品。",
    "药品限医疗机构级别": "限二级及以上医疗机构。",
    "药品限支付疗程": "支付不超过14天。",
    "药品限就医方式": "限住院患者。",
}
NATIONAL = "cn/national/drug_limits"


def drug(number: int, pack: int = 1) -> str:
    """A drug code that no product has."""
    return f"XZ99ZZZ{number:03d}Z00101{pack:07d}"


def record(number: int, rule_class: str = "药品区分性别使用", **other: Any) -> Record:
    """A point with two codes."""
    return {
        "kp_id": f"KP-sample-{number:04d}",
        "rule_class": rule_class,
        "item_name": f"样品{number}片",
        "constraint": TEXTS.get(rule_class, "限样品。"),
        "detect_logic": "与限定不符",
        "med_codes": [drug(number, 1), drug(number, 2)],
        "batch": "batch_01",
        "published_at": "2025-05-23",
        "supersedes": None,
        **other,
    }


def jsonl(records: Sequence[Record]) -> bytes:
    """One record a line."""
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records).encode()


def published(records: Sequence[Mapping[str, Any]], title: str, *, ids: bool = False) -> bytes:
    """The workbook in which one rule's points are published: titles, heads in row 4, codes, footers."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        points, codes = book.add_worksheet("知识点"), book.add_worksheet("药品代码")
        points.merge_range(0, 0, 0, 5, title)
        points.merge_range(1, 0, 1, 5, "（样张）")
        heads = ["序号", "药品通用名", "检出逻辑", "逻辑依据", "知识点对应药品代码数量"]
        heads += ["知识点编号"] if ids else []
        for column, head in enumerate(heads):
            points.write_string(3, column, head)
        for row, one in enumerate(records, start=4):
            points.write_number(row, 0, row - 3)
            points.write_string(row, 1, one["item_name"])
            points.write_string(row, 2, one["detect_logic"])
            points.write_string(row, 3, one["constraint"])
            points.write_number(row, 4, len(one["med_codes"]))
            if ids:
                points.write_string(row, 5, one["kp_id"])
        points.write_string(4 + len(records), 0, "合计")
        points.write_number(4 + len(records), 4, sum(len(one["med_codes"]) for one in records))
        points.write_string(5 + len(records), 0, "备注：样张。")
        for column, head in enumerate(["药品通用名", "序号", "药品代码"]):
            codes.write_string(0, column, head)
        row = 1
        for one in records:
            for number, code in enumerate(one["med_codes"], start=1):
                codes.write_string(row, 0, one["item_name"])
                codes.write_number(row, 1, number)
                codes.write_string(row, 2, code)
                row += 1
    return file.getvalue()


def said(point: Point) -> tuple[object, ...]:
    """What a point says, without where it stands and its id."""
    return (point.rule_class, point.name, point.constraint, frozenset(point.codes))

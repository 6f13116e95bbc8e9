"""Rows of evidence as they arrive: a list in JSON, or a sheet. Knows their names and not their meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import errors
from engine.codes import half_width
from engine.errors import InputError
from engine.intake.readers import as_text, is_blank
from engine.intake.sheet_names import EVIDENCE
from engine.intake.workbooks import Fault, Sheet, place
from rulelang.diagnostics import Words

# What a row may say, in every spelling that is read.
NAMES: Mapping[str, tuple[str, ...]] = {
    "evidence": ("证据", "evidence"),
    "owner": ("归属键", "归属", "owner", "owner_key"),
    "patient": ("患者", "人员", "patient", "person", "patn_id", "psn_no"),
    "encounter": ("就诊", "就诊号", "encounter", "encounter_no", "mdtrt_id"),
    "line": ("明细", "行号", "line", "line_no", "rx_id", "feedetl_sn"),
    "prescription": ("处方", "处方号", "prescription", "rx_no", "rxno"),
    "diagnosis": ("诊断", "诊断编码", "diagnosis", "dise_codg"),
    "operation": ("手术", "手术编码", "operation", "oprn_oprt_code"),
    "institution": ("机构", "机构编码", "institution", "medins_id"),
    "argument": ("参数", "argument", "arguments"),
    "period": ("期间", "period"),
    "value": ("值", "结果", "value", "result"),
    "date": ("日期", "时间", "date", "time"),
    "provider": ("提供者", "提供", "provider", "provided_by"),
    "complete": ("全部", "complete", "all"),
    "since": ("起自", "since"),
}
KNOWN = {spelling: name for name, spellings in NAMES.items() for spelling in spellings}


@dataclass(frozen=True, slots=True)
class Cell:
    """What one field of a row says, and where."""

    raw: Any
    pointer: str


@dataclass(frozen=True, slots=True)
class Supplied:
    """One row: what it says by the names of `NAMES`, all else by its own name."""

    pointer: str
    cells: Mapping[str, Cell]

    def text(self, name: str) -> str:
        """A field as text; empty where it is not said."""
        cell = self.cells.get(name)
        return "" if cell is None or is_blank(cell.raw) else (as_text(cell.raw) or "").strip()


def rows_of_tree(tree: object, file: str) -> tuple[Supplied, ...]:
    """The rows of a JSON document: a list of objects, or one under `evidence`.

    Raises:
        InputError: EN0130 where it is neither.
    """
    start = ""
    if isinstance(tree, dict):
        name = next((key for key in tree if key in {"证据", "evidence"}), None)
        found = None if name is None else tree[name]
        start, tree = f"/{name}", [tree] if isinstance(found, str) else found
    if not isinstance(tree, list) or not all(isinstance(item, dict) for item in tree):
        words = Words("不是证据的列表", "not a list of evidence")
        mend = Words(
            "写作 [{“证据”: …, “值”: …, “日期”: …}]，见 docs/intake.md",
            'write [{"evidence": …, "value": …, "date": …}], see docs/intake.md',
        )
        raise InputError(errors.NOT_EVIDENCE, words, file, mend)
    return tuple(
        Supplied(
            f"{file}#{start}/{number}",
            {
                KNOWN.get(fold(name), fold(name)): Cell(raw, f"{file}#{start}/{number}/{name}")
                for name, raw in item.items()
            },
        )
        for number, item in enumerate(tree)
    )


def rows_of_sheet(file: str, sheet: Sheet) -> tuple[Supplied, ...]:
    """The rows of a sheet 证据, or of a CSV file.

    Raises:
        InputError: EN0130 where no column says which evidence.
    """
    heads = [KNOWN.get(fold(head), fold(head)) for head in sheet.header]
    if "evidence" not in heads:
        words = Words("缺少列 `证据`", "there is no column `evidence`")
        mend = Words("列名见 docs/intake.md", "the heads are in docs/intake.md")
        raise InputError(errors.NOT_EVIDENCE, words, f"{file}#{sheet.name}!R1", mend)
    found = []
    for row in sheet.rows:
        cells = {
            name: Cell(
                None if isinstance(raw, Fault) else raw, place(file, sheet.name, row.number, head)
            )
            for name, head, raw in zip(heads, sheet.header, row.cells, strict=False)
            if raw is not None
        }
        if cells:
            found.append(Supplied(place(file, sheet.name, row.number), cells))
    return tuple(found)


def holds_evidence(title: str) -> bool:
    """Whether a sheet of this name is one of evidence."""
    return fold(title) in EVIDENCE


def fold(name: str) -> str:
    """A name without what makes no difference: width, blanks, large letters."""
    return re.sub(r"\s+", "", half_width(name)).lower()

"""Rulesets that a test writes into a folder from an outside table, compiled as an author's would be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from apps.rulesets import in_paths
from rulelang.core import Program
from tests.oracles.shipped_rules import Judge, Row, table_bytes


def written(
    folder: Path, text: str, tables: Mapping[str, tuple[Sequence[str], Iterable[Row]]]
) -> Judge:
    """Write a ruleset with its tables into a folder and compile what stands there.

    Args:
        folder: an empty folder.
        text: the rules.
        tables: columns and rows by the name of the table.
    """
    (folder / "oracle.rule").write_text(text, encoding="utf-8")
    for name, (columns, rows) in tables.items():
        (folder / f"{name}.csv").write_bytes(table_bytes([*columns, "来源"], rows))
    return Judge(_compiled(folder))


def _compiled(folder: Path) -> Program:
    compiled = in_paths([folder]).compile()
    assert compiled.program is not None, [(one.code, one.words.en) for one in compiled.errors[:5]]
    return compiled.program

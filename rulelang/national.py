"""The 88 rules of the national rule library (2025): number, name, code and group, as published.

Codes are those of framework 1.0, for the names that it already had; a rule that came later has none.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

SOURCE = "《医疗保障基金智能监管规则库、知识库（2025年版）》规则列表；编码据框架体系1.0"


@dataclass(frozen=True, slots=True)
class NationalRule:
    """One of the 88; `code` is empty where none is published."""

    number: int
    tier: str
    group: str
    name: str
    code: str
    has_points: bool  # knowledge points are published for it
    is_new: bool  # not yet in framework 1.0


@cache
def national_rules() -> tuple[NationalRule, ...]:
    """All of them, in the order of their numbers."""
    text = (files("rulelang.vocabulary") / "national_rules.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))[1:]
    return tuple(
        NationalRule(int(number), tier, group, name, code, points == "是", new == "是")
        for number, tier, group, name, code, points, new in rows
    )


def by_code() -> dict[str, NationalRule]:
    """Those that have a code, by it."""
    return {rule.code: rule for rule in national_rules() if rule.code}


def by_name() -> dict[str, NationalRule]:
    """All of them by their names."""
    return {rule.name: rule for rule in national_rules()}

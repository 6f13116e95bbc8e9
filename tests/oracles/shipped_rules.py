"""The shipped rules with their tables filled from public data: the rule is ours, the rows are theirs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from apps.rulesets import shipped, shipped_file
from engine.facts import Bill
from engine.finding import Finding
from engine.intake.nhsa import read_bills
from engine.intake.reading import read_request
from engine.judge import judge_rule
from engine.profile import NO_PROFILE, Profile
from engine.tables import Tables
from rulelang.core import Program, Rule
from rulelang.driver import compile_sources
from tests.requests import Tree, as_bytes

Row: TypeAlias = Mapping[str, str]
NATIONAL = "cn/national/"
CATALOGS = {"药品目录.csv": "药品", "项目目录.csv": "项目", "饮片目录.csv": "饮片"}


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a table of the data at hand."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def program_with(
    tables: Mapping[str, Iterable[Row]], added: Mapping[str, Iterable[Row]] | None = None
) -> Program:
    """The national rules, with the rows of the named tables in place of the shipped ones.

    The columns are those of the shipped file; what a row does not say of them is left blank. A
    catalog keeps its shipped rows: other tables are complete within it. What is `added` comes
    besides the shipped rows.
    """
    more = {name + ".csv": list(rows) for name, rows in (added or {}).items()}
    replaced = {name + ".csv": list(rows) for name, rows in tables.items()}

    def read(path: str) -> bytes | None:
        shipped_bytes = shipped_file(path)
        name = PurePosixPath(path).name
        rows = replaced.get(name)
        if shipped_bytes is None or not path.startswith(NATIONAL):
            return shipped_bytes
        held = _rows(shipped_bytes)
        if name in more:
            return table_bytes(_columns(shipped_bytes), [*held, *more[name]])
        if rows is None:
            return shipped_bytes
        if name in CATALOGS:
            rows = [*_once(rows, CATALOGS[name], held), *held]
        return table_bytes(_columns(shipped_bytes), rows)

    sources = [one for one in shipped().sources if one.path.startswith(NATIONAL)]
    compiled = compile_sources(sources, read)
    assert compiled.program is not None, [(one.code, one.words.en) for one in compiled.errors[:5]]
    return compiled.program


def _once(rows: Iterable[Row], key: str, held: Iterable[Row]) -> list[Row]:
    """Rows of codes that are not held already, one a code."""
    known = {row[key] for row in held}
    return list({row[key]: row for row in rows if row[key] not in known}.values())


def _rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def _columns(data: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def table_bytes(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """A CSV file of a ruleset; a row without a source is marked as the public data."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        blank = dict.fromkeys(columns, "")
        writer.writerow(blank | {"来源": "公开数据"} | dict(row))
    return out.getvalue().encode()


def rule_named(program: Program, name: str) -> Rule:
    """The one rule of a program with this Chinese name."""
    (found,) = (rule for rule in program.rules if rule.name.zh == name)
    return found


def bill_of(tree: Tree, profile: Profile = NO_PROFILE) -> Bill:
    """The one bill of a request, as the intake reads it."""
    (bill,) = read_bills(read_request(as_bytes(tree)), profile)
    return bill


class Judge:
    """One program with its tables indexed once."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.tables = Tables(program, None)

    def findings(self, name: str, bill: Bill) -> list[Finding]:
        """All findings of a rule on a bill, passes included."""
        return judge_rule(rule_named(self.program, name), bill, self.program, self.tables)

"""What a facts block states of subjects for periods: `机构.库存购入量[2026-03] = 100盒`.

Also how much of a period is there: `机构.明细[2026-03] = 全部`, and without brackets of all periods.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from apps.authoring.facts_parts import Assignment
from apps.authoring.facts_values import RefusedError, read_value
from engine.facts import Coverage, Fact
from engine.population import OF_PERIODS
from rulelang import vocabulary
from rulelang.core import Program
from rulelang.diagnostics import Words
from rulelang.periods import written_period

ALL_WORDS = frozenset({"全部", "all"})
PARTLY_WORDS = frozenset({"不全", "partial"})
ONLY_PERIODS = OF_PERIODS - {"institution"}
SAID = Words("案例写明这些是全部", "the case says that these are all")
UNSAID = Words("案例没有写明这些是全部", "the case does not say that these are all")


@dataclass(frozen=True, slots=True)
class Statement:
    """One fact, or one coverage, of a subject in a period; without days it is of all periods."""

    field: str
    what: Fact | Coverage
    first: date | None = None
    last: date | None = None


def statement_of(line: Assignment, program: Program) -> Statement | None:
    """The statement that an assignment is; None where it is of a bill.

    Raises:
        RefusedError: if its period or its value cannot be understood.
    """
    field = vocabulary.load().field(line.owner, line.field)
    if line.owner not in OF_PERIODS or field is None:
        return None
    if field.type.kind != "collection" and not line.arguments and line.owner not in ONLY_PERIODS:
        return None
    first, last = period_of(line.arguments)
    if field.type.kind != "collection":
        value = read_value(line.value, field.type, program.enums)
        place = f"{line.owner}{line.number}.{line.field}"
        return Statement(field.en, Fact(value, place, line.value), first, last)
    if line.value not in ALL_WORDS | PARTLY_WORDS:
        raise RefusedError(
            Words(
                f"`{line.field}` 只能写 全部 或 不全；成员各自赋值",
                f"`{line.field}` is all or partial; members are assigned one by one",
            )
        )
    whole = line.value in ALL_WORDS
    coverage = Coverage(whole, SAID if whole else UNSAID, supplier=field.supplier)
    return Statement(field.en, coverage, first, last)


def period_of(arguments: tuple[str, ...]) -> tuple[date | None, date | None]:
    """The first and last day of a period as it is written; none where no period is."""
    if not arguments:
        return None, None
    stretch = written_period(arguments[0]) if len(arguments) == 1 else None
    if stretch is None:
        raise RefusedError(
            Words(
                "期间写作 `[2026-03]`、`[2026-Q1]` 或 `[2026]`",
                "a period is `[2026-03]`, `[2026-Q1]` or `[2026]`",
            )
        )
    return stretch.first, stretch.last

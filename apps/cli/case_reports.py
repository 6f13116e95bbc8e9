"""What `hegui test` says beside passed and failed: coverage, and changes that no case notices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from apps.authoring import coverage_report
from apps.authoring.cases import Prepared, prepared
from apps.authoring.coverage import cover
from apps.cli.case_run import Run
from apps.cli.progress import tracked
from apps.cli.session import say

if TYPE_CHECKING:
    from apps.authoring.pages import Page


def ready(run: Run, pages: Sequence[Page]) -> list[Prepared]:
    """The cases of pages that ask about bills."""
    pairs = [(page, case) for page in pages for case in page.cases]
    found = (prepared(*pair) for pair in tracked(pairs, say(run.lang, "案例", "case")))
    return [case for case in found if case is not None]


def report_coverage(
    run: Run, pages: Sequence[Page], whole: bool, least: int, clauses: bool
) -> bool:
    """Say what the cases cover; gives whether less than what was demanded."""
    found = cover(ready(run, pages), whole=whole)
    run.document["coverage"] = coverage_report.document(found)
    print(*coverage_report.lines(found, run.lang), sep="\n", file=run.out)
    too_little = found.share < least
    if too_little:
        said = say(run.lang, "覆盖 {}%，要求 {}%", "{}% covered, {}% wanted")
        print(said.format(found.share, least), file=run.out)
    return too_little or (clauses and bool(found.clauses_without_case))

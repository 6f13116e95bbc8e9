"""What `hegui test` says beside passed and failed: coverage, and changes that no case notices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from apps.authoring import coverage_report, mutation_report
from apps.authoring.cases import Prepared, prepared
from apps.authoring.coverage import cover
from apps.authoring.mutants import mutants_of
from apps.authoring.mutating import fate_of, results_of, subjects
from apps.checking import rules_named
from apps.cli.case_run import Run
from apps.cli.progress import tracked
from apps.cli.session import WrongCall, say

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


def report_mutants(run: Run, pages: Sequence[Page], only: Sequence[str]) -> bool:
    """Say which changes of rules no case notices; gives whether a bill was found that would."""
    chosen = list(subjects(ready(run, pages)))
    if only:
        named = {
            rule.id for item in chosen for name in only for rule in rules_named(item.program, name)
        }
        chosen = [item for item in chosen if {item.rule.id, item.judged.id} & named]
    if not chosen:
        zh, en = "没有案例检查这条规则", "no case is about this rule"
        raise WrongCall(say(run.lang, zh, en), "--only" if only else "PATH")
    documents = run.document.setdefault("mutation", [])
    found = False
    for number, subject in enumerate(chosen):
        mutants = mutants_of(subject.rule, subject.program, subject.used)
        own = results_of(subject)
        name = subject.rule.name.choose(run.lang)
        fates = [fate_of(subject, own, mutant) for mutant in tracked(mutants, name)]
        found |= any(fate.telling is not None for fate in fates)
        documents.append(mutation_report.document(subject, fates))
        if number:
            print(file=run.out)
        print(*mutation_report.lines(subject, fates, run.lang), sep="\n", file=run.out, flush=True)
    return found

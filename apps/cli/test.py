"""`hegui test`: runs the cases of pages, says what differs, and rewrites it where asked to.

With --cover it tells what the cases have not seen of the rules, with --mutate which changes of a
rule they would not notice.
"""

from __future__ import annotations

import difflib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps.cli.case_run import Run
from apps.cli.choices import Report
from apps.cli.options import Lang, LangOption
from apps.cli.progress import tracked
from apps.cli.session import BAD_INPUT, FOUND, say
from apps.config import variable

if TYPE_CHECKING:
    from apps.authoring.cases import Mismatch, Outcome
    from apps.authoring.pages import Page

Paths = Annotated[
    list[Path], typer.Argument(metavar="PATH...", help="案例页或文件夹 / pages or folders")
]
UpdateOption = Annotated[
    bool,
    typer.Option(
        "--update", envvar=variable("update"), help="把实际结果写回页面 / write what came out"
    ),
]
CoverOption = Annotated[
    bool,
    typer.Option(
        "--cover",
        help="案例没有见到规则的哪些条件、临界、例外、条款；文件夹算其规则集的全部规则"
        " / what the cases have not seen of the rules; a folder stands for its rulesets whole",
    ),
]
CoverMinOption = Annotated[
    int,
    typer.Option(
        "--cover-min",
        metavar="N",
        min=0,
        max=100,
        help="覆盖低于百分之 N 的，退出码 1 / exit 1 where less than N percent are covered",
    ),
]
ClausesOption = Annotated[
    bool,
    typer.Option(
        "--require-clauses",
        help="有条款没有案例的，退出码 1 / exit 1 where a cited clause has no case",
    ),
]
MutateOption = Annotated[
    bool,
    typer.Option(
        "--mutate",
        help="逐一改动规则，列出案例看不出的改动和能看出的账单"
        " / change the rules in small ways; show the changes that no case notices, each with a bill"
        " that would",
    ),
]
RulesOption = Annotated[
    list[str],
    typer.Option(
        "--only", metavar="RULE", help="只改动这些规则 / change these rules only (--mutate)"
    ),
]
FormatOption = Annotated[
    Report, typer.Option("--format", help="输出格式 / form of the report: text, json")
]


def run_cases(  # noqa: PLR0913 - one parameter an option
    paths: Paths,
    *,
    update: UpdateOption = False,
    cover: CoverOption = False,
    cover_min: CoverMinOption = 0,
    require_clauses: ClausesOption = False,
    mutate: MutateOption = False,
    only: RulesOption = [],  # noqa: B006 - as the framework wants it
    form: FormatOption = Report.TEXT,
    lang: LangOption = Lang.ZH,
) -> None:
    """运行案例页 / Run the cases of Markdown pages."""
    from apps.authoring.cases import pages_in

    _check_call(paths, lang.value, update=update)
    run = Run(lang.value, sys.stdout if form is Report.TEXT else sys.stderr)
    files = [page for path in paths for page in pages_in(path)]
    pages: list[Page] = []
    outcomes: list[Outcome] = []
    for path in tracked(files, say(lang.value, "案例页", "page")):
        page, its = _run(path, run, update)
        if page is None:
            run.status = BAD_INPUT
            continue
        pages.append(page)
        outcomes += its
        run.document.setdefault("cases", []).extend(_case_document(page, item) for item in its)
    run.passed = sum(outcome.passed for outcome in outcomes)
    run.failed = len(outcomes) - run.passed
    _say_count(run)
    if not outcomes and not run.status:
        zh = "一个案例也没有：案例是案例页里写有预期结果（如 `findings`）的一节"
        en = "there is no case at all: a case is a section of a page with what it expects (`findings`)"
        print(say(run.lang, zh, en), file=sys.stderr)
        run.status = BAD_INPUT
    if run.failed:
        run.status = max(run.status, FOUND)
    if cover or cover_min or require_clauses:
        from apps.cli.case_reports import report_coverage

        whole = any(path.is_dir() for path in paths)
        missed = report_coverage(run, pages, whole, cover_min, require_clauses)
        run.status = max(run.status, FOUND if missed else 0)
    if mutate:
        from apps.cli.case_reports import report_mutants

        found_one = report_mutants(run, pages, only)
        run.status = max(run.status, FOUND if found_one else 0)
    if form is Report.JSON:
        import json

        print(json.dumps(run.document, ensure_ascii=False, indent=2))
    raise typer.Exit(run.status)


def _check_call(paths: list[Path], lang: str, *, update: bool) -> None:
    if update and os.environ.get("CI", "") not in {"", "0", "false"}:
        message = say(lang, "CI 中不能改写预期", "expected texts are not rewritten in CI")
        raise typer.BadParameter(message, param_hint="--update")
    for path in paths:
        if not path.exists():
            message = say(lang, f"没有 `{path}`", f"there is no `{path}`")
            raise typer.BadParameter(message, param_hint="PATH")


def _say_count(run: Run) -> None:
    count = run.passed + run.failed
    run.document["passed"], run.document["failed"] = run.passed, run.failed
    print(
        say(
            run.lang,
            f"共 {count} 个案例，通过 {run.passed}，未通过 {run.failed}",
            f"{count} cases, {run.passed} passed, {run.failed} failed",
        ),
        file=run.out,
    )


def _run(path: Path, run: Run, update: bool) -> tuple[Page | None, list[Outcome]]:
    """The outcomes of one page; no page where it cannot be read as one."""
    from apps.authoring import cases
    from apps.authoring.pages import PageError

    try:
        page = cases.load_page(path)
    except PageError as error:
        print(f"{path}: {error.choose(run.lang)}", file=run.out)
        return None, []
    except UnicodeDecodeError:
        print(f"{path}: " + say(run.lang, "不是 UTF-8", "it is not UTF-8"), file=run.out)
        return None, []
    outcomes = [cases.run_case(page, case) for case in page.cases]
    for outcome in outcomes:
        _report(page, outcome, run)
    if update and any(outcome.mismatches for outcome in outcomes):
        path.write_text(cases.update(page, outcomes), encoding="utf-8")
        print(say(run.lang, f"已改写 {path}", f"rewrote {path}"), file=run.out)
        outcomes = [cases.settled(outcome) for outcome in outcomes]
    return page, outcomes


def _report(page: Page, outcome: Outcome, run: Run) -> None:
    if outcome.passed:
        return
    print(f"{page.path}:{outcome.case.line} {outcome.case.name}", file=run.out)
    if outcome.trouble:
        print(_indented(outcome.trouble), file=run.out)
    for mismatch in outcome.mismatches:
        print(_indented(difference(mismatch, run.lang)), file=run.out)


def _case_document(page: Page, outcome: Outcome) -> dict[str, Any]:
    case = outcome.case
    return {"path": page.path, "line": case.line, "name": case.name, "passed": outcome.passed}


def difference(mismatch: Mismatch, lang: str = "zh") -> str:
    """What was expected and what came out, line by line."""
    kind = mismatch.block.kind
    lines = difflib.unified_diff(
        mismatch.block.text.splitlines(),
        mismatch.actual.splitlines(),
        f"{kind} {say(lang, '预期', 'expected')}",
        f"{kind} {say(lang, '实际', 'actual')}",
        lineterm="",
        n=9,
    )
    return "\n".join(line for line in lines if not line.startswith("@@"))


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())

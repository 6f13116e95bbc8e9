"""`hegui test`: runs the cases of pages, says what differs, and rewrites it where asked to."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apps.cli.options import Lang, LangOption
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


def run_cases(paths: Paths, *, update: UpdateOption = False, lang: LangOption = Lang.ZH) -> None:
    """运行案例页 / Run the cases of Markdown pages."""
    from apps.authoring.cases import pages_in

    if update and os.environ.get("CI", "") not in {"", "0", "false"}:
        message = say(lang.value, "CI 中不能改写预期", "expected texts are not rewritten in CI")
        raise typer.BadParameter(message, param_hint="--update")
    for path in paths:
        if not path.exists():
            message = say(lang.value, f"没有 `{path}`", f"there is no `{path}`")
            raise typer.BadParameter(message, param_hint="PATH")
    pages = [page for path in paths for page in pages_in(path)]
    status, passed, failed = 0, 0, 0
    for path in pages:
        outcomes = _run(path, lang.value, update)
        if outcomes is None:
            status = BAD_INPUT
            continue
        passed += sum(outcome.passed for outcome in outcomes)
        failed += sum(not outcome.passed for outcome in outcomes)
    count = passed + failed
    print(
        say(
            lang.value,
            f"共 {count} 个案例，通过 {passed}，未通过 {failed}",
            f"{count} cases, {passed} passed, {failed} failed",
        )
    )
    raise typer.Exit(max(status, FOUND if failed else 0))


def _run(path: Path, lang: str, update: bool) -> list[Outcome] | None:
    """The outcomes of one page; None where it cannot be read as one."""
    from apps.authoring import cases
    from apps.authoring.pages import PageError

    try:
        page = cases.load_page(path)
    except PageError as error:
        print(f"{path}: {error.choose(lang)}")
        return None
    except UnicodeDecodeError:
        print(f"{path}: " + say(lang, "不是 UTF-8", "it is not UTF-8"))
        return None
    outcomes = [cases.run_case(page, case) for case in page.cases]
    for outcome in outcomes:
        _report(page, outcome, lang)
    if update and any(outcome.mismatches for outcome in outcomes):
        path.write_text(cases.update(page, outcomes), encoding="utf-8")
        print(say(lang, f"已改写 {path}", f"rewrote {path}"))
        outcomes = [cases.settled(outcome) for outcome in outcomes]
    return outcomes


def _report(page: Page, outcome: Outcome, lang: str) -> None:
    if outcome.passed:
        return
    print(f"{page.path}:{outcome.case.line} {outcome.case.name}")
    if outcome.trouble:
        print(_indented(outcome.trouble))
    for mismatch in outcome.mismatches:
        print(_indented(difference(mismatch, lang)))


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

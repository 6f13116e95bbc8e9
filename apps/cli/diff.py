"""`hegui diff`: two rulesets compared by what they mean, told in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apps.cli.choices import Lang, Report
from apps.cli.options import LangOption
from apps.cli.session import FOUND, WrongCall, compile_rules, say

if TYPE_CHECKING:
    from rulelang.core import Program

OldPath = Annotated[
    Path,
    typer.Argument(
        metavar="OLD",
        help="旧的规则文件、文件夹或规则包（`shipped` 指自带的）"
        " / the old rule file, folder or bundle (`shipped`: ours)",
    ),
]
NewPath = Annotated[Path, typer.Argument(metavar="NEW", help="新的，同上 / the new one, likewise")]
FormatOption = Annotated[
    Report, typer.Option("--format", help="输出格式 / form of the report: text, json")
]


def diff(
    old: OldPath,
    new: NewPath,
    *,
    form: FormatOption = Report.TEXT,
    lang: LangOption = Lang.ZH,
) -> None:
    """比较两套规则的意义 / Compare two rulesets by what they mean.

    排版、注释、中英文写法、文件先后不算差别；只改措辞的另列，不影响退出码。
    Layout, comments, spelling and the order of files do not count; changes of wording are told apart.
    退出码 / exit status: 0 意义相同 the same meaning, 1 不同 different, 3 规则有误 the rules are wrong.
    """
    from apps.authoring import change_report
    from apps.authoring.meaning import compare

    before, after = _program(old, "OLD", lang.value), _program(new, "NEW", lang.value)
    changes = compare(before, after)
    if form is Report.JSON:
        import json

        document = change_report.document(changes, before, after)
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        print(*change_report.lines(changes, before, after, lang.value), sep="\n")
    raise typer.Exit(0 if all(change.wording for change in changes) else FOUND)


def _program(path: Path, argument: str, lang: str) -> Program:
    if str(path) != "shipped" and not path.exists():
        raise WrongCall(say(lang, f"没有 `{path}`", f"there is no `{path}`"), argument)
    return compile_rules([path], lang)

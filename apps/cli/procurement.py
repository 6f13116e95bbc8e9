"""`hegui procurement`: use of selected and other products over bills."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apps.cli.choices import Lang, Sheeted
from apps.cli.options import AsOfOption, LangOption, ProfileOption, RulesetsOption
from apps.cli.session import (
    BAD_INPUT,
    FOUND,
    Options,
    WrongCall,
    complain_of_any,
    complain_unreadable,
    expand,
    open_session,
    read_input,
    say,
)

if TYPE_CHECKING:
    from apps.knowledge.procurement import Report, Volumes
    from apps.render.answer import Answer

Inputs = Annotated[
    list[str],
    typer.Argument(metavar="INPUT...", help="单据：文件、文件夹或 - / bills: files, folders or -"),
]
VolumesOption = Annotated[
    Path | None,
    typer.Option(
        "--volumes",
        metavar="FILE",
        help="约定采购量：列名含品种组和约定量 / agreed volumes: a table with the columns group and volume",
    ),
]
EvidenceOption = Annotated[
    Path | None,
    typer.Option(
        "--evidence", metavar="FILE", help="账单不带的证据，同 check / evidence, as for check"
    ),
]
FormatOption = Annotated[Sheeted, typer.Option("--format", help="输出格式 / text, json, xlsx")]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="工作簿写到哪个文件 / the file for `--format xlsx`"),
]


def procurement(  # noqa: PLR0913 - the framework reads the options from the parameters
    inputs: Inputs,
    *,
    volumes: VolumesOption = None,
    evidence: EvidenceOption = None,
    rulesets: RulesetsOption = [],  # noqa: B006 - the framework copies it
    profile: ProfileOption = None,
    as_of: AsOfOption = None,
    form: FormatOption = Sheeted.TEXT,
    out: OutOption = None,
    lang: LangOption = Lang.ZH,
) -> None:
    """集采使用情况：非中选用量、现行中选产品、节省、约定量完成 / Use of selected products by generic group.

    只列集采品种表收录的药品。节省和医疗需求照规则的结论；没有提供的是未知，不是没有。
    Drugs of the procurement tables only. Savings and needs are what the rules found; what was not sent is unknown.
    退出码 / exit status: 0 没有非中选用量 none but selected, 1 有 some, 2 有读不了的 unreadable input, 3 规则有误.
    """
    options = Options(
        lang=lang.value, as_of=as_of, rulesets=rulesets, profile=profile, evidence=evidence
    )
    if form is Sheeted.XLSX:
        from apps.cli.binary import check_target

        check_target(out, inputs, lang.value)
    elif out is not None:
        zh, en = "`--out` 只用于 `--format xlsx`", "`--out` goes with `--format xlsx` only"
        raise WrongCall(say(lang.value, zh, en), "--out")
    from apps.knowledge.procurement import report

    agreed = _volumes(volumes, lang.value)
    answers, status = _answers(list(expand(inputs)), options)
    found = report(answers, agreed)
    if any(group.uses for group in found.groups):
        status = max(status, FOUND)
    raise typer.Exit(max(status, _put(found, form, out, lang.value)))


def _put(found: Report, form: Sheeted, out: Path | None, lang: str) -> int:
    from apps.cli.binary import put
    from apps.knowledge import procurement_report as rendering

    if form is Sheeted.XLSX:
        try:
            data = rendering.workbook(found, lang)
        except Exception as error:
            complain_of_any(error, lang)
            return BAD_INPUT
        return put(data, out, lang)
    if form is Sheeted.JSON:
        print(json.dumps(rendering.document(found), ensure_ascii=False, indent=1))
    else:
        print(*rendering.lines(found, lang), sep="\n")
    return 0


def _volumes(path: Path | None, lang: str) -> Volumes | None:
    if path is None:
        return None
    from apps.knowledge.procurement import read_volumes

    try:
        return read_volumes(path)
    except OSError as error:
        complain_unreadable(error, str(path), lang)
    except Exception as error:
        complain_of_any(error, lang)
    raise typer.Exit(BAD_INPUT)


def _answers(names: list[str], options: Options) -> tuple[list[Answer], int]:
    from apps.checking import answer

    session = open_session(options)
    answers: list[Answer] = []
    status = 0
    for name in names:
        try:
            answers.append(answer(session.program, read_input(name), name, session.asked))
        except Exception as error:  # one bad input does not keep the others from the report
            complain_of_any(error, options.lang, name)
            status = BAD_INPUT
    return answers, status

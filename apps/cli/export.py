"""`hegui export`: tables for supervision made of findings or of a list of institutions."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apps.cli.choices import Lang, Stage
from apps.cli.options import LangOption, ProfileOption, RulesetsOption, StageOption
from apps.cli.session import (
    BAD_INPUT,
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
    from apps.knowledge.sampling import Sample
    from apps.render.answer import Answer
    from rulelang.diagnostics import Words

export = typer.Typer(
    name="export",
    help="监管用表：抽样名单、处方点评表、信用评价字段、下发清单（CSV） / Tables for supervision, as CSV",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Inputs = Annotated[
    list[str],
    typer.Argument(metavar="INPUT...", help="单据：文件、文件夹或 - / bills: files, folders or -"),
]
Institutions = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="机构名单：列名含机构编码，可有名称、统筹区、已检查 / institutions: id, and name, pool, inspected",
    ),
]
YearOption = Annotated[int, typer.Option("--year", min=2000, max=2100, help="年度 / year")]
ShareOption = Annotated[
    str, typer.Option("--share", metavar="SHARE", help="抽查比例 / share that is drawn")
]
DecisionsOption = Annotated[
    Path | None,
    typer.Option("--decisions", metavar="FILE", help="专家讨论的决定 / decisions of the experts"),
]


@export.command(name="sample")
def sample(
    institutions: Institutions,
    *,
    year: YearOption,
    share: ShareOption = "0.1",
    lang: LangOption = Lang.ZH,
) -> None:
    """可重复的抽查名单和检查覆盖情况 / A sample that can be drawn again, and the coverage of inspections.

    各统筹区分别抽，向上取整；次序是“年度:机构编码”的 SHA-256，与文件的次序无关，谁来抽都一样。
    名单写到标准输出，覆盖情况写到标准错误。
    Drawn in each pool, rounded up, by the SHA-256 of `year:id`: the order of the file does not matter.
    The list goes to standard output, the coverage to standard error.
    """
    from apps.knowledge.sampling import draw_file

    part = _share(share, lang.value)
    try:
        found = draw_file(institutions, year, part)
    except OSError as error:
        complain_unreadable(error, str(institutions), lang.value)
        raise typer.Exit(BAD_INPUT) from None
    except Exception as error:
        complain_of_any(error, lang.value)
        raise typer.Exit(BAD_INPUT) from None
    heads = say(
        lang.value, "年度,统筹区,序号,机构编码,机构名称,摘要", "year,pool,number,id,name,digest"
    )
    _write(heads.split(","), _drawn(found))
    for line in _coverage(found, lang.value):
        print(line, file=sys.stderr)


def _share(text: str, lang: str) -> Decimal:
    try:
        part = Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)
    except InvalidOperation:
        part = Decimal(0)
    if not part.is_finite() or not 0 < part <= 1:
        zh, en = f"`{text}` 不是比例，写作 0.1 或 10%", f"`{text}` is no share; write 0.1 or 10%"
        raise WrongCall(say(lang, zh, en), "--share")
    return part


def _drawn(found: Sample) -> Iterable[Sequence[str]]:
    from apps.knowledge.sampling import lot

    for pool in found.pools:
        for number, one in enumerate(pool.drawn, start=1):
            yield (
                str(found.year), pool.name, str(number), one.id, one.name, lot(one.id, found.year)[:16],
            )  # fmt: skip


def _coverage(found: Sample, lang: str) -> Iterable[str]:
    for pool in found.pools:
        name, drawn = pool.name or "-", len(pool.drawn)
        yield say(
            lang,
            f"{name}：机构 {pool.institutions}，已检查 {pool.inspected}，抽中 {drawn}",
            f"{name}: {pool.institutions} institutions, {pool.inspected} inspected, {drawn} drawn",
        )
    for words, places in (
        (say(lang, "重复", "repeated"), found.repeated),
        (say(lang, "不能用", "rejected"), found.rejected),
    ):
        for place in places:
            yield f"{words} {place.shown}"


@export.command(name="review")
def review(
    inputs: Inputs,
    *,
    rulesets: RulesetsOption = [],  # noqa: B006 - the framework copies it
    profile: ProfileOption = None,
    stage: StageOption = None,
    lang: LangOption = Lang.ZH,
) -> None:
    """处方点评表：每条与药品有关的问题一行 / Prescription review sheet: a row for each finding on drugs."""
    from apps.knowledge.supervision import REVIEW_HEADS, review_rows

    _export(inputs, Options(lang.value, _stage(stage), rulesets=rulesets, profile=profile), REVIEW_HEADS, review_rows)  # fmt: skip


@export.command(name="rating")
def rating(
    inputs: Inputs,
    *,
    rulesets: RulesetsOption = [],  # noqa: B006 - the framework copies it
    profile: ProfileOption = None,
    stage: StageOption = None,
    lang: LangOption = Lang.ZH,
) -> None:
    """信用评价所需字段：每条违规或可疑一行，可疑不作认定 / Fields that a credit rating needs.

    一行一条违规或可疑；可疑的写明“待认定”，不能作为已认定的扣分依据。
    A row for each violated or suspected finding; suspected ones say that nobody has confirmed them.
    """
    from apps.knowledge.supervision import RATING_HEADS, rating_rows

    _export(inputs, Options(lang.value, _stage(stage), rulesets=rulesets, profile=profile), RATING_HEADS, rating_rows)  # fmt: skip


@export.command(name="issue")
def issue(
    inputs: Inputs,
    *,
    decisions: DecisionsOption = None,
    rulesets: RulesetsOption = [],  # noqa: B006 - the framework copies it
    profile: ProfileOption = None,
    stage: StageOption = None,
    lang: LangOption = Lang.ZH,
) -> None:
    """下发清单：违规和专家认可的可疑才下发 / What may be issued: definite, or accepted by experts.

    决定表的列：就诊号、规则编号、行号（可空）、决定（认可、不认可、请示）、决定人、日期。可疑的在认可以前一律不下发；
    请示以后可以再认可或不认可，认可和不认可是最终的。
    Columns of the decisions: encounter, rule_id, line (may be empty), decision (accepted, dropped,
    escalated), by, date. No suspicion is issued before it is accepted; what was escalated may be decided
    later, what was accepted or dropped is final.
    """
    from apps.knowledge.issuing import ISSUED_HEADS, Issue, read_decisions

    try:
        known, refused = read_decisions(decisions) if decisions is not None else ((), ())
    except OSError as error:
        complain_unreadable(error, str(decisions), lang.value)
        raise typer.Exit(BAD_INPUT) from None
    except Exception as error:
        complain_of_any(error, lang.value)
        raise typer.Exit(BAD_INPUT) from None
    sheet = Issue(known)
    options = Options(lang.value, _stage(stage), rulesets=rulesets, profile=profile)
    status = _rows_out(inputs, options, ISSUED_HEADS, sheet.rows)
    for remark in (*refused, *sheet.refused, *sheet.unused()):
        print(f"{remark.place.shown} {remark.words.choose(lang.value)}", file=sys.stderr)
        status = BAD_INPUT
    raise typer.Exit(status)


def _stage(stage: Stage | None) -> str | None:
    return None if stage is None else stage.value


def _export(
    inputs: Sequence[str],
    options: Options,
    heads: Sequence[Words],
    rows: Callable[[Answer, str], Iterable[Sequence[str]]],
) -> None:
    raise typer.Exit(_rows_out(inputs, options, heads, rows))


def _rows_out(
    inputs: Sequence[str],
    options: Options,
    heads: Sequence[Words],
    rows: Callable[[Answer, str], Iterable[Sequence[str]]],
) -> int:
    """Write the rows of all inputs; the status to leave with."""
    from apps.checking import answer

    session = open_session(options)
    answers: list[Answer] = []
    status = 0
    for name in expand(inputs):
        try:
            answers.append(answer(session.program, read_input(name), name, session.asked))
        except Exception as error:  # one bad input does not keep the others from the table
            complain_of_any(error, options.lang, name)
            status = BAD_INPUT
    _write(
        [head.choose(options.lang) for head in heads],
        (row for one in answers for row in rows(one, options.lang)),
    )
    return status


def _write(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([_safe(cell) for cell in row] for row in rows)


def _safe(cell: str) -> str:
    """A text that no spreadsheet program takes for a formula."""
    return "'" + cell if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} and len(cell) > 1 else cell

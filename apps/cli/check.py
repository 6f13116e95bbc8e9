"""`hegui check`: answers inputs one by one; results on standard output, all else on standard error."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apps.cli.options import (
    AsOfOption,
    Format,
    KnownOnOption,
    Lang,
    LangOption,
    OnlyOption,
    ProfileOption,
    RulesetsOption,
    StageOption,
)
from apps.cli.session import (
    BAD_INPUT,
    FOUND,
    Options,
    Session,
    complain_of_any,
    expand,
    open_session,
    read_input,
    say,
    show,
)
from apps.config import variable

if TYPE_CHECKING:
    from apps.render.answer import Answer

PROGRESS_FROM = 5
LATER = frozenset({Format.NHSA, Format.XLSX})

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...", help="请求：文件、文件夹或 - / requests: files, folders or -"
    ),
]
FormatOption = Annotated[
    Format,
    typer.Option("--format", envvar=variable("format"), help="输出格式 / form of the answer"),
]
AllOption = Annotated[
    bool,
    typer.Option(
        "--all", envvar=variable("all"), help="也列出合规和不适用的 / also what is satisfied"
    ),
]


def check(  # noqa: PLR0913 - the framework reads the options from the parameters
    inputs: Inputs,
    *,
    format_: FormatOption = Format.TEXT,
    lang: LangOption = Lang.ZH,
    stage: StageOption = None,
    as_of: AsOfOption = None,
    known_on: KnownOnOption = None,
    rulesets: RulesetsOption = [],  # noqa: B006 - the framework copies it
    only: OnlyOption = [],  # noqa: B006 - the framework copies it
    profile: ProfileOption = None,
    everything: AllOption = False,
) -> None:
    """审核请求 / Check requests (3101, 3102)."""
    if format_ in LATER:
        message = say(
            lang.value,
            f"`{format_.value}` 将在以后的版本提供",
            f"`{format_.value}` comes with a later release",
        )
        raise typer.BadParameter(message, param_hint="--format")
    options = Options(
        lang=lang.value,
        stage=None if stage is None else stage.value,
        as_of=as_of,
        known_on=known_on,
        rulesets=rulesets,
        only=only,
        profile=profile,
    )
    session = open_session(options)
    names = list(expand(inputs))
    writer = _Writer(format_, lang.value, everything, single=len(names) == 1 and names == inputs)
    raise typer.Exit(_run(session, names, writer))


class _Writer:
    """Writes answers in one form, each as soon as it is there."""

    def __init__(self, format_: Format, lang: str, everything: bool, *, single: bool) -> None:
        self._format = format_
        self._lang = lang
        self._everything = everything
        self._single = single
        self._written = 0

    def write(self, answer: Answer) -> None:
        """One answer: a document a line, or a paragraph of text."""
        if self._format is Format.JSON:
            from apps.render import json

            indent = 2 if self._single else None
            text = json.write(answer, everything=self._everything, indent=indent)
            sys.stdout.write(text + "\n")
        else:
            from apps.render import text as paragraphs

            lines = paragraphs.render(answer, self._lang, everything=self._everything)
            show([(), *lines] if self._written else lines)
        self._written += 1
        sys.stdout.flush()


def _run(session: Session, names: list[str], writer: _Writer) -> int:
    from apps.checking import answer

    status = 0
    for index, name in enumerate(names):
        _progress(index, names)
        try:
            found = answer(session.program, read_input(name), name, session.asked)
        except Exception as error:  # one bad input does not keep the others from an answer
            complain_of_any(error, session.lang, name)
            status = max(status, BAD_INPUT)
            continue
        writer.write(found)
        status = max(status, FOUND if found.has_findings else 0)
    _progress(len(names), names)
    return status


def _progress(done: int, names: list[str]) -> None:
    """How far it has come, for a person who waits before many inputs."""
    if len(names) <= PROGRESS_FROM or not sys.stderr.isatty():
        return
    name = Path(names[done]).name if done < len(names) else ""
    sys.stderr.write(f"\r\033[K{done}/{len(names)} {name}" if name else "\r\033[K")
    sys.stderr.flush()

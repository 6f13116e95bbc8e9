"""Answers the inputs of `hegui check` one by one; knows nothing of how its options were read."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from apps.cli.choices import Format
from apps.cli.session import (
    BAD_INPUT,
    FOUND,
    Options,
    Session,
    WrongCall,
    complain_of_any,
    expand,
    known_error,
    open_session,
    read_input,
    say,
    show,
)

if TYPE_CHECKING:
    from apps.checking import Asked
    from apps.render.answer import Answer
    from apps.render.text import Line

PROGRESS_FROM = 5


@dataclass(frozen=True)
class Call:
    """A call of `hegui check`: which inputs, how to check, how to write the answers."""

    inputs: Sequence[str]
    options: Options
    form: Format = Format.TEXT
    everything: bool = False
    out: Path | None = None
    periods: str | None = None


def answer_inputs(call: Call) -> int:
    """Check all inputs; results on standard output, all else on standard error.

    Raises:
        WrongCall: if the options do not go together, or name what is not there.
        Ended: if the rules cannot be used.
    """
    lang = call.options.lang
    names = list(expand(call.inputs))
    if call.form is Format.XLSX:
        from apps.cli.binary import check_target

        check_target(call.out, names, lang)
    elif call.out is not None:
        zh, en = "`--out` 只用于 `--format xlsx`", "`--out` goes with `--format xlsx` only"
        raise WrongCall(say(lang, zh, en), "--out")
    judged = None
    if call.periods is not None:
        from apps.cli.periods import judged_of

        judged = judged_of(call.periods, call.form, lang)
    session = open_session(call.options)
    single = len(names) == 1 and names == list(call.inputs)
    kept: list[Answer] | None = None if judged is None else []
    status = _run(session, names, _Writer(call, session.asked, single=single), kept)
    if kept is None or judged is None:
        return status
    from apps.cli.periods import answer_periods

    return max(status, answer_periods(session, kept, judged, call.form, everything=call.everything))


class _Writer:
    """Writes answers in one form, each as soon as it is there."""

    def __init__(self, call: Call, asked: Asked, *, single: bool) -> None:
        self._form = call.form
        self._lang = call.options.lang
        self._everything = call.everything
        self._asked = asked
        self._single = single
        self._written = 0
        self._out = call.out
        self._together: list[Answer] = []

    def prepared(self, answer: Answer) -> list[Line]:
        """One answer: a document a line, or a paragraph of text; a workbook takes all together."""
        match self._form:
            case Format.XLSX:
                self._together.append(answer)
                return []
            case Format.JSON:
                from apps.render import json

                indent = 2 if self._single else None
                return [(("", json.write(answer, everything=self._everything, indent=indent)),)]
            case Format.NHSA:
                from apps.render import nhsa

                return [(("", nhsa.write(answer, self._asked.profile.maps)),)]
            case _:
                from apps.render import text

                return text.render(answer, self._lang, everything=self._everything)

    def refusal(self, error: Exception, data: bytes) -> list[Line]:
        """What stands for an answer where there is none: the interface wants a reply to all."""
        if self._form is not Format.NHSA:
            return []
        from apps.checking import tree_of
        from apps.render import nhsa

        found = known_error(error)
        message = f"{found.code} {found.words.zh}" + (f"（{found.place}）" if found.place else "")
        return [(("", nhsa.write_failure(message, tree_of(data), self._asked.as_of)),)]

    def put(self, lines: list[Line]) -> None:
        """Write what was prepared."""
        if self._form is Format.TEXT:
            show([(), *lines] if self._written else lines)
        else:
            sys.stdout.writelines(text + "\n" for line in lines for _, text in line)
        self._written += 1
        sys.stdout.flush()

    def finish(self) -> int:
        """Write what takes all answers together; gives the exit status of that."""
        if not self._together:
            return 0
        from apps.cli.binary import put
        from apps.render import xlsx

        try:
            data = xlsx.write(self._together, self._lang, everything=self._everything)
        except Exception as error:
            complain_of_any(error, self._lang)
            return BAD_INPUT
        return put(data, self._out, self._lang)


def _run(
    session: Session, names: list[str], writer: _Writer, kept: list[Answer] | None = None
) -> int:
    from apps.checking import answer

    status = 0
    for index, name in enumerate(names):
        _progress(index, names)
        data = b""
        try:
            data = read_input(name)
            found = answer(session.program, data, name, session.asked)
            lines = writer.prepared(found)
            if kept is not None:
                kept.append(found)
            reached = FOUND if found.has_findings else 0
        except Exception as error:  # one bad input does not keep the others from an answer
            complain_of_any(error, session.lang, name)
            lines, reached = writer.refusal(error, data), BAD_INPUT
        if lines:
            writer.put(lines)
        status = max(status, reached)
    _progress(len(names), names)
    return max(status, writer.finish())


def _progress(done: int, names: list[str]) -> None:
    """How far it has come, for a person who waits before many inputs."""
    if len(names) <= PROGRESS_FROM or not sys.stderr.isatty():
        return
    name = Path(names[done]).name if done < len(names) else ""
    sys.stderr.write(f"\r\033[K{done}/{len(names)} {name}" if name else "\r\033[K")
    sys.stderr.flush()

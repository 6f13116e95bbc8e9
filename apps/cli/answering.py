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
LATER = frozenset({Format.XLSX})


@dataclass(frozen=True)
class Call:
    """A call of `hegui check`: which inputs, how to check, how to write the answers."""

    inputs: Sequence[str]
    options: Options
    form: Format = Format.TEXT
    everything: bool = False


def answer_inputs(call: Call) -> int:
    """Check all inputs; results on standard output, all else on standard error.

    Raises:
        WrongCall: if the options do not go together, or name what is not there.
        Ended: if the rules cannot be used.
    """
    lang = call.options.lang
    if call.form in LATER:
        form = call.form.value
        message = say(lang, f"`{form}` 将在以后的版本提供", f"`{form}` comes with a later release")
        raise WrongCall(message, "--format")
    session = open_session(call.options)
    names = list(expand(call.inputs))
    single = len(names) == 1 and names == list(call.inputs)
    return _run(session, names, _Writer(call, session.asked, single=single))


class _Writer:
    """Writes answers in one form, each as soon as it is there."""

    def __init__(self, call: Call, asked: Asked, *, single: bool) -> None:
        self._form = call.form
        self._lang = call.options.lang
        self._everything = call.everything
        self._asked = asked
        self._single = single
        self._written = 0

    def prepared(self, answer: Answer) -> list[Line]:
        """One answer: a document a line, or a paragraph of text."""
        match self._form:
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


def _run(session: Session, names: list[str], writer: _Writer) -> int:
    from apps.checking import answer

    status = 0
    for index, name in enumerate(names):
        _progress(index, names)
        data = b""
        try:
            data = read_input(name)
            found = answer(session.program, data, name, session.asked)
            lines = writer.prepared(found)
            reached = FOUND if found.has_findings else 0
        except Exception as error:  # one bad input does not keep the others from an answer
            complain_of_any(error, session.lang, name)
            lines, reached = writer.refusal(error, data), BAD_INPUT
        if lines:
            writer.put(lines)
        status = max(status, reached)
    _progress(len(names), names)
    return status


def _progress(done: int, names: list[str]) -> None:
    """How far it has come, for a person who waits before many inputs."""
    if len(names) <= PROGRESS_FROM or not sys.stderr.isatty():
        return
    name = Path(names[done]).name if done < len(names) else ""
    sys.stderr.write(f"\r\033[K{done}/{len(names)} {name}" if name else "\r\033[K")
    sys.stderr.flush()

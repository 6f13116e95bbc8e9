"""Puts workbooks where they were asked for: never onto a terminal, never over an input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from apps.cli.session import BAD_INPUT, STDIN, WrongCall, complain_unwritable, say


def check_target(out: Path | None, inputs: Sequence[str], lang: str) -> None:
    """See that a workbook can go where it was asked for, before anything is made.

    Raises:
        WrongCall: at a terminal, or a file that is an input.
    """
    if out is None:
        if sys.stdout.isatty():
            zh, en = (
                "工作簿不能写到终端，请给出文件",
                "a workbook cannot be shown here; name a file",
            )
            raise WrongCall(say(lang, zh, en), "--out")
        return
    if any(name != STDIN and Path(name).resolve() == out.resolve() for name in inputs):
        zh, en = f"`{out}` 是输入", f"`{out}` is an input"
        raise WrongCall(say(lang, zh, en), "--out")


def put(data: bytes, out: Path | None, lang: str) -> int:
    """Write a workbook to a file, as a whole or not at all, or to standard output.

    Returns:
        The exit status.
    """
    if out is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return 0
    from apps.bundles import write_whole

    try:
        write_whole(out, data)
    except OSError as error:
        complain_unwritable(error, str(out), lang)
        return BAD_INPUT
    return 0

"""The command `hegui`: its commands, its exit statuses, and what is said when all else fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from apps.cli.check import check
from apps.cli.demo import demo
from apps.cli.explain import explain
from apps.cli.rules import rules
from apps.cli.test import run_cases

BAD_INPUT = 2
BROKEN_PIPE = 141  # what a shell shows for a writer whose reader has gone
INTERRUPTED = 130

app = typer.Typer(
    name="hegui",
    help="合规：医保基金结算前的政策审核 / policy checks for Chinese basic medical insurance",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command(name="check")(check)
app.command(name="explain")(explain)
app.command(name="rules")(rules)
app.command(name="test")(run_cases)
app.command(name="demo")(demo)


def _version(wanted: bool) -> None:
    if wanted:
        from apps.render.answer import tool_version

        print(f"hegui {tool_version()}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="版本 / version")
    ] = False,
) -> None:
    """Take the options that stand before the command."""


def main() -> None:
    """Run `hegui` on the arguments of the process."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run `hegui`; gives the exit status. No error leaves a traceback unless it is asked for."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app(args=list(arguments), prog_name="hegui")
    except SystemExit as finished:
        return _flushed(finished.code if isinstance(finished.code, int) else 0)
    except BrokenPipeError:
        return _pipe_gone()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # the last door: a user never sees a traceback
        return _unexpected(error, arguments)
    return _flushed(0)


def _flushed(status: int) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _pipe_gone()
    return status


def _pipe_gone() -> int:
    """The reader has gone: write no more, and let nothing be flushed at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE


def _unexpected(error: Exception, arguments: Sequence[str]) -> int:
    from apps.cli.session import complain_of_any

    complain_of_any(error, "en" if _wants_english(arguments) else "zh")
    return BAD_INPUT


def _wants_english(arguments: Sequence[str]) -> bool:
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    given = [
        b if a == "--lang" else a.partition("=")[2] for a, b in pairs if a.startswith("--lang")
    ]
    return (given[-1] if given else os.environ.get("HEGUI_LANG")) == "en"


if __name__ == "__main__":
    main()

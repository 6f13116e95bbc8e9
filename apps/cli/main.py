"""The command `hegui`: its exit statuses, and what is said when all else fails.

A plain `hegui check` or `hegui compile` is read by `quick`; all else by the framework in `app`, which
takes longer to load than a bill to check.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import assert_never

from apps.cli.session import BAD_INPUT, Ended, WrongCall

BROKEN_PIPE = 141  # what a shell shows for a writer whose reader has gone
INTERRUPTED = 130
GARBAGE_AFTER = 50_000  # objects; rules and bills live on, so that looking earlier is in vain


def main() -> None:
    """Run `hegui` on the arguments of the process."""
    gc.set_threshold(GARBAGE_AFTER)
    status = run(sys.argv[1:])
    gc.freeze()  # Python would look through all rules once more before it ends
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run `hegui`; gives the exit status. No error leaves a traceback unless it is asked for."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        return _flushed(_called(arguments))
    except SystemExit as finished:
        return _flushed(finished.code if isinstance(finished.code, int) else 0)
    except Ended as ended:
        return _flushed(ended.status)
    except WrongCall as wrong:
        return _wrong(wrong)
    except BrokenPipeError:
        return _pipe_gone()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # the last door: a user never sees a traceback
        return _unexpected(error, arguments)


def _called(arguments: Sequence[str]) -> int:
    from apps.cli import quick
    from apps.cli.answering import Call, answer_inputs
    from apps.cli.compiling import Order, compile_rules

    call = quick.read(arguments)
    match call:
        case Call():
            return answer_inputs(call)
        case Order():
            return compile_rules(call)
        case None:
            from apps.cli.app import app

            app(args=list(arguments), prog_name="hegui")
            return 0
        case _:
            assert_never(call)


def _wrong(wrong: WrongCall) -> int:
    place = f"\n  --> {wrong.option}" if wrong.option else ""
    print(f"error: {wrong.message}{place}", file=sys.stderr)
    return _flushed(BAD_INPUT)


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

"""`hegui fmt`: lays rule files out in the canonical form, or says which are not in it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apps.cli.choices import Lang
from apps.cli.session import (
    BAD_INPUT,
    BAD_RULES,
    FOUND,
    STDIN,
    WrongCall,
    complain_of_any,
    complain_unreadable,
    complain_unwritable,
    say,
)
from apps.config import variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.authoring.formatting import Formatted

Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH...",
        help="规则文件、文件夹或 - / rule files, folders or - (to standard output)",
    ),
]
CheckOption = Annotated[
    bool,
    typer.Option(
        "--check", help="只列出须改的文件，不写入 / list what would change, write nothing"
    ),
]
SpellingOption = Annotated[
    Lang | None,
    typer.Option("--lang", help="改写为另一种写法（以后的版本）/ switch the spelling (later)"),
]


def fmt(paths: Paths, *, check: CheckOption = False, spelling: SpellingOption = None) -> None:
    """规则文件排版 / Lay rule files out in the canonical form."""
    lang = "en" if os.environ.get(variable("lang")) == "en" else "zh"
    if spelling is not None:
        message = say(
            lang,
            "中英写法互换将在以后的版本提供；不带 --lang 只排版",
            "switching the spelling comes with a later release; without --lang files are laid out",
        )
        raise WrongCall(message, "--lang")
    names = list(dict.fromkeys(_expanded(paths, lang)))
    raise typer.Exit(max((_one(name, lang, check=check) for name in names), default=0))


def _expanded(paths: list[str], lang: str) -> Iterator[str]:
    """Each file by its name: a folder stands for the rule files in it."""
    for name in paths:
        path = Path(name)
        inside = sorted(path.rglob("*.rule")) if path.is_dir() else [path]
        if name != STDIN and not (inside and inside[0].is_file()):
            zh, en = f"`{name}` 中没有规则文件", f"there is no rule file at `{name}`"
            raise WrongCall(say(lang, zh, en), "PATH")
        yield from [name] if name == STDIN else map(str, inside)


def _one(name: str, lang: str, *, check: bool) -> int:
    """The status of one file; what is wrong with it does not keep the others from their form."""
    from apps.authoring.formatting import formatted

    try:
        data = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
    except OSError as error:
        complain_unreadable(error, name, lang)
        return BAD_INPUT
    try:
        found = formatted(data, name)
    except Exception as error:  # ours or of the encoding; nothing has been written
        complain_of_any(error, lang, name)
        return BAD_INPUT
    if found.text is None:
        _report(found, lang)
        return BAD_RULES
    return _settle(name, data, found.text, lang, check=check)


def _settle(name: str, data: bytes, text: str, lang: str, *, check: bool) -> int:
    made = text.encode()
    if check:
        if made != data:
            print(name)
        return FOUND if made != data else 0
    if name == STDIN:
        sys.stdout.write(text)
    elif made != data:
        from apps.bundles import write_whole

        try:
            write_whole(Path(name).resolve(), made)
        except OSError as error:
            complain_unwritable(error, name, lang)
            return BAD_INPUT
        print(say(lang, f"已排版 {name}", f"laid out {name}"))
    return 0


def _report(found: Formatted, lang: str) -> None:
    from rulelang.render import render

    for diagnostic in found.errors:
        print(render(diagnostic, {found.source.path: found.source}, lang), file=sys.stderr)

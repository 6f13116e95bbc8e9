"""`hegui fmt`: lays rule files out in the canonical form, or says which are not in it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

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
from apps.rulesets import rule_files

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
    typer.Option("--lang", help="关键字和名称的写法 / the spelling of keywords and names: zh, en"),
]


def fmt(paths: Paths, *, check: CheckOption = False, spelling: SpellingOption = None) -> None:
    """规则文件排版，或换成另一种写法 / Lay rule files out, or switch their spelling.

    不带 --lang：一条一行，注释和写法不变。
    带 --lang：关键字、词汇和两种写法都有的名称换成所选的写法；引号中的文字不变。换过去再换回来，文件一字不差。

    Without --lang: one clause a line; comments and spelling stay. With --lang: keywords, words of
    the vocabulary and names that have two spellings are written in the one chosen; quoted texts
    stay. A file switched there and back is the same to the byte.
    """
    lang = "en" if os.environ.get(variable("lang")) == "en" else "zh"
    names = list(dict.fromkeys(_expanded(paths, lang)))
    if spelling is not None:
        raise typer.Exit(_switch(names, spelling.value, lang, check=check))
    raise typer.Exit(max((_one(name, lang, check=check) for name in names), default=0))


def _switch(names: list[str], spelling: Literal["zh", "en"], lang: str, *, check: bool) -> int:
    """The worst status of the files; one that cannot be switched does not keep the others."""
    from apps.authoring.formatting import switched

    status, given = 0, {}
    for name in names:
        try:
            given[name] = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
        except OSError as error:
            complain_unreadable(error, name, lang)
            status = BAD_INPUT
    try:
        found = switched(given, spelling)
    except Exception as error:  # ours or of the encoding; nothing has been written
        complain_of_any(error, lang, ", ".join(given))
        return BAD_INPUT
    for each in found:
        name = each.source.path
        if each.text is None:
            _report(each, lang)
            status = max(status, BAD_RULES)
            continue
        if each.unsettled:
            zh = f"{name} 另有 {each.unsettled} 处错误，其中的名称可能没有换；用 hegui compile 查看"
            en = f"{name} has {each.unsettled} other mistakes; names in them may stay (hegui compile)"
            print(say(lang, zh, en), file=sys.stderr)
        status = max(status, _settle(name, given[name], each.text, lang, check=check))
    return status


def _expanded(paths: list[str], lang: str) -> Iterator[str]:
    """Each file by its name: a folder stands for the rule files in it."""
    for name in paths:
        inside = [] if name == STDIN else rule_files(Path(name))
        if name != STDIN and not inside:
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

"""A rule text in its canonical layout, given out only after it has been proved to say the same.

`formatted` keeps the spelling of a file, `switched` gives it in the other one; for that the rules
around it are compiled, for what a name is called there is known once it has been resolved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from apps.rulesets import RuleTexts, in_paths, with_needed
from engine.errors import InternalError
from engine.intake.reading import decode
from rulelang.codes import CODES
from rulelang.diagnostics import Diagnostic, Level, Words
from rulelang.format import format_file
from rulelang.parser import parse_file
from rulelang.source import Source
from rulelang.translate import collisions
from rulelang.translate import switched as switched_text

if TYPE_CHECKING:
    from rulelang import ast
    from rulelang.driver import Compiled

MIXED = "RL0106"


@dataclass(frozen=True)
class Formatted:
    """One rule text with its canonical form; None where it could not be read as a whole."""

    source: Source
    text: str | None
    errors: tuple[Diagnostic, ...] = ()
    unsettled: int = 0  # other mistakes: names in them may not be known, and stay


def formatted(data: bytes, path: str) -> Formatted:
    """The canonical form of a rule file.

    Args:
        data: The bytes of the file: UTF-8, with any ends of lines.
        path: What diagnostics show.

    Raises:
        InputError: EN0101 if it is not UTF-8.
        InternalError: EN0901 if the form that was made does not say the same: our bug.
    """
    source = Source(path, decode(data).replace("\r\n", "\n"))
    file, problems = parse_file(source)
    errors = _errors(problems)
    if errors:
        return Formatted(source, None, errors)
    text = format_file(file, source)
    _prove(file, Source(path, text))
    return Formatted(source, text)


def switched(given: Mapping[str, bytes], spelling: ast.Spelling) -> list[Formatted]:
    """Rule files in the spelling `spelling` and in canonical layout, each with what is wrong with it.

    Args:
        given: The bytes of the files by their paths; the rule files beside them, and the shipped
            rulesets that they use, are read to know what their names stand for.
        spelling: The one wanted. A file that is in it is only laid out, with its names mended.

    Raises:
        InputError: EN0101 if one is not UTF-8.
        InternalError: EN0901 if the form that was made does not say the same: our bug.
    """
    own = {path: Source(path, decode(data).replace("\r\n", "\n")) for path, data in given.items()}
    unread = {path: _syntax_errors(source) for path, source in own.items()}
    around = _around(own)
    before = around.compile()
    made = {
        path: Source(path, switched_text(source, before, spelling))
        for path, source in own.items()
        if not unread[path]
    }
    after = _with(around, made).compile()
    found = []
    for path, source in own.items():
        if path not in made:
            found.append(Formatted(source, None, unread[path]))
            continue
        collided = collisions(before, after, source, made[path])
        if collided:
            found.append(Formatted(source, None, collided))
            continue
        _prove_switch(source, made[path], before, after)
        others = [item for item in before.errors if item.span.path == path and item.code != MIXED]
        found.append(Formatted(source, made[path].text, (), len(others)))
    return found


def _errors(problems: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    return tuple(item for item in problems if CODES[item.code].level is Level.ERROR)


def _syntax_errors(source: Source) -> tuple[Diagnostic, ...]:
    """What keeps a file from being read; keywords of both spellings are mended by the switch."""
    return tuple(item for item in _errors(parse_file(source)[1]) if item.code != MIXED)


def _around(own: Mapping[str, Source]) -> RuleTexts:
    """Files with those of their folders, and the shipped rulesets that they need."""
    folders = {Path(path).parent for path in own if Path(path).is_file()}
    beside = sorted(path for folder in folders for path in folder.glob("*.rule"))
    read = in_paths(beside) if beside else RuleTexts((), lambda _: None)
    kept = {Path(path).resolve() for path in own}
    others = [source for source in read.sources if Path(source.path).resolve() not in kept]
    return with_needed(RuleTexts((*own.values(), *others), read.read))


def _with(around: RuleTexts, made: Mapping[str, Source]) -> RuleTexts:
    return RuleTexts(tuple(made.get(each.path, each) for each in around.sources), around.read)


def _prove_switch(source: Source, made: Source, before: Compiled, after: Compiled) -> None:
    """That a switched file keeps its comments and its meaning, and can be switched back."""
    file, problems = parse_file(source)
    again, _ = parse_file(made)
    _prove(again, made)
    if _comments(again) != _comments(file):
        raise _refused(made.path, "换写法后注释不同", "the switch has lost or changed a comment")
    is_exchanged = file.spelling != again.spelling and not _errors(problems)
    if is_exchanged and switched_text(made, after, file.spelling) != format_file(file, source):
        raise _refused(made.path, "换写法后换不回来", "the switch cannot be undone")
    if before.program is None or after.program is None:
        return
    if [each.digest for each in before.program.rulesets] != [
        each.digest for each in after.program.rulesets
    ]:
        raise _refused(made.path, "换写法后意思不同", "the switched file says something else")


def _prove(file: ast.File, made: Source) -> None:
    """That a form reads as the same tree, keeps each comment and is its own form."""
    again, problems = parse_file(made)
    if any(CODES[item.code].level is Level.ERROR for item in problems):
        raise _refused(made.path, "排版后有语法错误", "the result has a syntax error")
    if again != file:
        raise _refused(made.path, "排版后意思不同", "the result says something else")
    if _comments(again) != _comments(file):
        raise _refused(made.path, "排版后注释不同", "the result has lost or changed a comment")
    if format_file(again, made) != made.text:
        raise _refused(made.path, "排版两次不一致", "the result would be laid out anew")


def _comments(file: ast.File) -> list[str]:
    return sorted(comment.value for comment in file.comments)


def _refused(path: str, zh: str, en: str) -> InternalError:
    words = Words(
        f"{zh}：这是我们的错误，不是您的；文件未改动",
        f"{en}: this is our bug, not yours; the file is as it was",
    )
    return InternalError(words, path)

"""A rule text in its canonical layout, given out only after it has been proved to say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import InternalError
from engine.intake.reading import decode
from rulelang.codes import CODES
from rulelang.diagnostics import Diagnostic, Level, Words
from rulelang.format import format_file
from rulelang.parser import parse_file
from rulelang.source import Source

if TYPE_CHECKING:
    from rulelang import ast


@dataclass(frozen=True)
class Formatted:
    """One rule text with its canonical form; None where it could not be read as a whole."""

    source: Source
    text: str | None
    errors: tuple[Diagnostic, ...] = ()


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
    errors = tuple(item for item in problems if CODES[item.code].level is Level.ERROR)
    if errors:
        return Formatted(source, None, errors)
    text = format_file(file, source)
    _prove(file, Source(path, text))
    return Formatted(source, text)


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

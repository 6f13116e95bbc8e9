"""The canonical layout of a rule file: one clause a line, comments kept at their places."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from rulelang import ast
from rulelang.format_expr import STYLES
from rulelang.format_items import item_lines
from rulelang.layout import STEP, Line
from rulelang.lexer import lex
from rulelang.parser import parse_file
from rulelang.source import Source

_MOST_TURNS = 8
_CLOSING = frozenset({"RPAR", "RSQB", "RBRACE"})


@dataclass(slots=True)
class _Placed:
    """A line of output and the comments that go with it.

    `above` stood before it, `within` among or behind its words, `below` under it and further in
    than the item that follows.
    """

    line: Line
    opens: bool
    above: list[ast.Text] = field(default_factory=list)
    within: list[ast.Text] = field(default_factory=list)
    below: list[ast.Text] = field(default_factory=list)


def format_file(file: ast.File, source: Source) -> str:
    """The file in canonical layout; the tree of the result equals `file`.

    `file` must be what `source` parses to, without an error: what could not be read is not in the
    tree. A file with a broken rule is given back as it is.
    """
    if any(isinstance(item, ast.Rule | ast.Amend) and item.broken for item in file.items):
        return source.text
    text = _laid_out(file, source)
    for _ in range(_MOST_TURNS if file.comments else 0):
        made = Source(source.path, text)
        text = _laid_out(parse_file(made)[0], made)
        if text == made.text:
            break
    return text


def _laid_out(file: ast.File, source: Source) -> str:
    """One turn: a comment that finds no place where it stands moves out, and what it parted closes."""
    comments = tuple(comment.span.start for comment in file.comments)
    style = STYLES[file.spelling]._replace(comments=comments)
    tokens = lex(source).tokens
    starts = [token.start for token in tokens]
    closers = [token.start for token in tokens if token.type in _CLOSING]
    placed = [
        _Placed(_settled(line, starts, closers), opens=index == 0)
        for item in file.items
        for index, line in enumerate(item_lines(item, style))
    ]
    last = _place_comments(file.comments, placed, source)
    out: list[str] = []
    for part in placed:
        _write(part, out, source)
    _write_comments(last, 0, out, source)
    return "".join(f"{line}\n" for line in out)


def _settled(line: Line, starts: list[int], closers: list[int]) -> Line:
    """A line at the offset of its first token: the next one, or the next closing bracket."""
    offsets = closers if line.text[0] in "）｝)}" else starts
    place = bisect_left(offsets, line.start)
    if place == len(offsets):
        return line
    return line._replace(start=offsets[place], end=max(line.end, offsets[place]))


def _place_comments(
    comments: tuple[ast.Text, ...], placed: list[_Placed], source: Source
) -> list[ast.Text]:
    """Hand every comment to its line; those behind the last line are returned."""
    last: list[ast.Text] = []
    at = 0
    for comment in comments:
        while at < len(placed) and placed[at].line.start < comment.span.start:
            at += 1
        earlier = placed[at - 1] if at else None
        later = placed[at] if at < len(placed) else None
        _chosen(comment, earlier, later, last, source).append(comment)
    return last


def _chosen(
    comment: ast.Text,
    earlier: _Placed | None,
    later: _Placed | None,
    last: list[ast.Text],
    source: Source,
) -> list[ast.Text]:
    """The place of a comment between the line that began before it and the one that follows."""
    start = comment.span.start
    if earlier is not None:
        if not _alone(source, start) or start < earlier.line.end:
            return earlier.within
        indented = source.position(start)[1] > 1 and earlier.line.indent > 0
        if indented and (later is None or later.line.indent == 0):
            return earlier.below
    return last if later is None else later.above


def _write(part: _Placed, out: list[str], source: Source) -> None:
    line = part.line
    _write_comments(part.above, line.indent, out, source)
    if part.opens and out and _after_blank(source, line.start):
        out.append("")
    inner, behind = part.within, ""
    if inner and not _alone(source, inner[-1].span.start):
        inner, behind = inner[:-1], f" {_text(inner[-1])}"
    out += [f"{' ' * line.indent}{_text(comment)}" for comment in inner]
    out.append(f"{' ' * line.indent}{line.text}{behind}")
    out += [f"{' ' * STEP}{_text(comment)}" for comment in part.below]


def _write_comments(comments: list[ast.Text], indent: int, out: list[str], source: Source) -> None:
    for comment in comments:
        if indent == 0 and out and _after_blank(source, comment.span.start):
            out.append("")
        out.append(f"{' ' * indent}{_text(comment)}")


def _text(comment: ast.Text) -> str:
    return f"-- {comment.value}".rstrip()


def _alone(source: Source, offset: int) -> bool:
    """Whether nothing stands before an offset on its line."""
    line, column = source.position(offset)
    return source.line(line)[: column - 1].strip() == ""


def _after_blank(source: Source, offset: int) -> bool:
    """Whether an offset begins a line that follows an empty one."""
    line, _ = source.position(offset)
    return line > 1 and _alone(source, offset) and source.line(line - 1).strip() == ""

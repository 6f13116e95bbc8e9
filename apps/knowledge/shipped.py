"""The shipped tables as they stand in their files: columns and rows as text, by their paths."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from rulelang.words import RESERVED_COLUMNS

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

RESERVED = ("来源", "知识点", "批次", "发布日期", "取代", "生效", "失效", "入库")


@cache
def tables() -> Mapping[str, tuple[str, ...]]:
    """The own columns of every shipped table file, by its path in the package of rulesets."""
    found = {}
    for path, entry in sorted(_walk(files("rulesets"), PurePosixPath())):
        head = entry.read_text(encoding="utf-8-sig").partition("\n")[0]
        names = next(csv.reader([head]), [])
        found[path] = tuple(name for name in names if name not in RESERVED_COLUMNS)
    return found


@cache
def rows(path: str) -> Sequence[Mapping[str, str]]:
    """The rows of one shipped table file; none where it is not shipped."""
    if path not in tables():
        return ()
    text = files("rulesets").joinpath(*path.split("/")).read_text(encoding="utf-8-sig")
    return tuple(csv.DictReader(io.StringIO(text)))


def _walk(folder: Traversable, place: PurePosixPath) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        below = place / entry.name
        if entry.is_dir():
            yield from _walk(entry, below)
        elif entry.name.endswith(".csv"):
            yield str(below), entry

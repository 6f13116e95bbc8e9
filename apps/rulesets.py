"""Finds rule texts and their tables, shipped or in folders, and has them compiled.

The compiled form is kept by `apps.bundles`, so that a check need not compile again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeAlias

from apps.config import RULE_LIMITS
from rulelang.source import Source

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from rulelang.driver import Compiled
    from rulelang.overlays import Overlay

Reader: TypeAlias = Callable[[str], bytes | None]

SHIPPED = "shipped"
_PACKAGE = "rulesets"

# Which file belongs to which ruleset, and what it needs, is wanted before anything is compiled.
_HEAD = re.compile(r"^\s*(?:规则集|ruleset)\s+([^\s|]+)(?:\s*[|｜]\s*([^\s“\"]+))?", re.MULTILINE)
_NEEDS = re.compile(r"^\s*(?:引用|use|补充|amend)\s+([^\s=＝“\"]+)", re.MULTILINE)
BESIDE_RULES = frozenset({".md", ".csv", ".xlsx"})  # what lies beside rules and is none


@dataclass(frozen=True)
class RuleTexts:
    """Rule texts with the way to the bytes of their tables.

    `overlay` says which tables are those of knowledge packages.
    """

    sources: tuple[Source, ...]
    read: Reader
    overlay: Overlay | None = None

    def compile(self, told: Callable[[int, int], None] | None = None) -> Compiled:
        """The program that these texts make, or what is wrong with them; `told` hears how far it is."""
        from rulelang.driver import compile_sources  # noqa: PLC0415 - brings the parser with it

        return compile_sources(self.sources, self.read, told, self.overlay)


def decode(data: bytes) -> str:
    """Rule text as UTF-8; what is not becomes a character that the lexer reports at its place.

    A file beyond the limit of bytes stays as long as it is, so that it is refused for that.
    """
    if len(data) > RULE_LIMITS["bytes"].most:
        return data.decode("utf-8", errors="replace")
    return data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")


@cache
def shipped() -> RuleTexts:
    """The rulesets that this package ships; paths are relative to the package."""
    root = files(_PACKAGE)
    sources = tuple(
        Source(path, decode(entry.read_bytes()))
        for path, entry in sorted(_walk(root, PurePosixPath()))
    )
    return RuleTexts(sources, shipped_file)


def shipped_file(path: str) -> bytes | None:
    """The bytes of a shipped file by its path in the package; None where there is none."""
    place = PurePosixPath(path)
    if place.is_absolute() or ".." in place.parts:
        return None
    entry = files(_PACKAGE).joinpath(*place.parts)
    return entry.read_bytes() if entry.is_file() else None


def _walk(folder: Traversable, place: PurePosixPath) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        below = place / entry.name
        if entry.is_dir():
            yield from _walk(entry, below)
        elif entry.name.endswith(".rule"):
            yield str(below), entry


def rule_files(path: Path) -> list[Path]:
    """The rule file at a path, or those in a folder; none where there is none.

    Pages of cases and tables are no rule files, though a path may name one.
    """
    if path.is_dir():
        return sorted(path.rglob("*.rule"))
    return [path] if path.is_file() and path.suffix not in BESIDE_RULES else []


def in_paths(paths: Sequence[Path]) -> RuleTexts:
    """The rule files at `paths` (files or folders).

    Raises:
        FileNotFoundError: if a path does not exist, or a folder holds no rule file.
    """
    found: dict[str, Source] = {}
    roots: list[Path] = []
    for path in paths:
        inside = rule_files(path)
        if not inside:
            raise FileNotFoundError(str(path))
        roots.append((path if path.is_dir() else path.parent).resolve())
        for file in inside:
            found[file.as_posix()] = Source(file.as_posix(), decode(_within_limit(file)))

    def read(name: str) -> bytes | None:
        place = Path(name).resolve()
        inside_roots = any(place.is_relative_to(root) for root in roots)
        return place.read_bytes() if inside_roots and place.is_file() else None

    return RuleTexts(tuple(found.values()), read)


def _within_limit(path: Path) -> bytes:
    """The bytes of a rule file, no more than some above the limit, at which it is refused."""
    with path.open("rb") as file:
        return file.read(RULE_LIMITS["bytes"].most + 4)  # a character cut in two included


def load(paths: Sequence[str]) -> RuleTexts:
    """What `--rulesets` names, with the shipped rulesets that it uses; all shipped ones for none.

    The word `shipped` among the paths stands for all shipped rulesets.

    Raises:
        FileNotFoundError: if a path does not exist, or a folder holds no rule file.
    """
    if not paths:
        return shipped()
    own = in_paths([Path(path) for path in paths if path != SHIPPED])
    if SHIPPED in paths:
        return _together(own, shipped().sources)
    return with_needed(own)


def with_needed(own: RuleTexts, names: Iterable[str] = ()) -> RuleTexts:
    """Rule texts with the shipped rulesets called `names`, and all that any of them needs."""
    declared = {name for source in own.sources for name in heads(source.text)}
    wanted = [*names, *(need for source in own.sources for need in _NEEDS.findall(source.text))]
    chosen: dict[str, Source] = {}
    while wanted:
        name = wanted.pop()
        if any(_meets(name, head) for head in declared):
            continue
        for source in shipped().sources:
            if source.path not in chosen and any(_meets(name, h) for h in heads(source.text)):
                chosen[source.path] = source
                wanted += _NEEDS.findall(source.text)
    return _together(own, (chosen[path] for path in sorted(chosen)))


def shipped_names() -> tuple[str, ...]:
    """The Chinese and English names of all shipped rulesets."""
    return tuple(sorted({name for source in shipped().sources for name in heads(source.text)}))


def heads(text: str) -> tuple[str, ...]:
    """The names of the ruleset that a text belongs to, in both spellings."""
    found = _HEAD.search(text)
    return () if found is None else tuple(name for name in found.groups() if name)


def _meets(name: str, head: str) -> bool:
    """Whether `name` is a ruleset's, or that of something in it."""
    return name == head or name.startswith(f"{head}.")


def _together(own: RuleTexts, others: Iterable[Source]) -> RuleTexts:
    extra = tuple(others)
    theirs = {source.path.rsplit("/", 1)[0] for source in extra}

    def read(path: str) -> bytes | None:
        found = own.read(path)
        if found is None and path.rsplit("/", 1)[0] in theirs:
            return shipped_file(path)
        return found

    return RuleTexts((*own.sources, *extra), read)

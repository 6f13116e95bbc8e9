"""Knowledge packages: folders whose tables take the place of those of the rulesets.

A package is used whole or refused: its manifest names each file with its digest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from apps.config import CODES
from engine.errors import InputError
from rulelang.diagnostics import Words
from rulelang.overlays import Overlay

if TYPE_CHECKING:
    from apps.rulesets import RuleTexts

FORMAT = 1
MANIFEST = "manifest.json"
POINTS = "points.jsonl"
UNUSABLE = "EN0125"


@dataclass(frozen=True, slots=True)
class Package:
    """One package: its tables by their paths among the rulesets, and what they do not say."""

    folder: Path
    manifest: Mapping[str, Any]
    tables: Mapping[str, bytes]

    @property
    def complete(self) -> frozenset[str]:
        """The tables that hold all there is of their code system."""
        return frozenset(self.manifest["complete"])

    @property
    def unheld(self) -> Mapping[str, frozenset[str]]:
        """By table the codes of which it does not say all."""
        return {
            path: frozenset(entry.get("untyped", ()))
            for path, entry in self.manifest["tables"].items()
        }


def load(folder: Path) -> Package:
    """Read a package.

    Raises:
        InputError: EN0125 where it is none, of another format, or damaged.
    """
    manifest = read_manifest(folder)
    tables: dict[str, bytes] = {}
    for path, entry in manifest["tables"].items():
        place = PurePosixPath(path)
        if place.is_absolute() or ".." in place.parts:
            raise unusable(folder, "路径越出文件夹", "a path leads out of the folder", path)
        try:
            data = folder.joinpath(*place.parts).read_bytes()
        except OSError:
            raise unusable(folder, "缺少文件", "a file is missing", path) from None
        if digest(data) != entry.get("digest"):
            raise unusable(folder, "文件与清单不符", "a file is not as the manifest says", path)
        tables[path] = data
    return Package(folder, manifest, tables)


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """What a package says of itself.

    Raises:
        InputError: EN0125.
    """
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise unusable(folder, "没有可读的清单", "no manifest that can be read", MANIFEST) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise unusable(folder, "清单是另一版本的", "the manifest is of another format", MANIFEST)
    tables, complete = found.get("tables"), found.get("complete")
    whole = isinstance(tables, dict) and all(isinstance(one, dict) for one in tables.values())
    if not whole or not isinstance(complete, list):
        raise unusable(folder, "清单不完整", "the manifest is incomplete", MANIFEST)
    return found


def digest(data: bytes) -> str:
    """The digest of a file of a package."""
    return "sha256:" + sha256(data).hexdigest()


def unusable(folder: Path, zh: str, en: str, path: str) -> InputError:
    """The complaint about a package."""
    title = CODES[UNUSABLE].title
    words = Words(f"{title.zh}：{zh}", f"{title.en}: {en}")
    mend = Words(
        "用 `hegui knowledge import` 重新生成", "make it anew with `hegui knowledge import`"
    )
    return InputError(UNUSABLE, words, (folder / path).as_posix(), mend)


def overlaid(texts: RuleTexts, packages: Sequence[Package]) -> RuleTexts:
    """Rule texts whose tables are those of the packages, where these have them; the last one wins."""
    tables: dict[str, bytes] = {}
    complete: set[str] = set()
    unheld: dict[str, frozenset[str]] = {}
    for package in packages:
        tables |= package.tables
        unheld |= {path: package.unheld[path] for path in package.tables}
        complete = (complete - package.tables.keys()) | package.complete

    def read(path: str) -> bytes | None:
        held = _held(path, tables)
        return texts.read(path) if held is None else tables[held]

    places = {path: held for path in _files(texts) if (held := _held(path, tables)) is not None}
    overlay = Overlay(
        replaced=frozenset(places),
        complete=frozenset(path for path, held in places.items() if held in complete),
        unheld={path: unheld.get(held, frozenset()) for path, held in places.items()},
        before=texts.read,
    )
    return replace(texts, read=read, overlay=overlay)


def _held(path: str, tables: Mapping[str, bytes]) -> str | None:
    """The table of a package that stands for a file: by its path among the rulesets."""
    if path in tables:
        return path
    parts = path.split("/")
    tails = ("/".join(parts[at:]) for at in range(1, len(parts)))
    return next((tail for tail in tails if tail in tables), None)


def _files(texts: RuleTexts) -> list[str]:
    """The files that rule texts name for tables and lists."""
    from apps.named_files import table_files  # noqa: PLC0415 - only a check with packages needs it

    return [path for source in texts.sources for path in table_files(source)]

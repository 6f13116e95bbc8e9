"""Compiled rulesets kept between runs, under the digest of what they were compiled from.

A bundle that is missing, damaged, of another version or unwritable only costs the time to compile.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from stat import S_IMODE
from typing import TYPE_CHECKING

from apps.config import cache_folder
from apps.named_files import table_files
from engine import bundle
from engine.errors import BundleError
from rulelang.diagnostics import Words
from rulelang.source import of_table
from rulelang.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from apps.rulesets import RuleTexts
    from rulelang.core import Program
    from rulelang.diagnostics import Diagnostic
    from rulelang.driver import Compiled
    from rulelang.overlays import Overlay
    from rulelang.source import Source

KEPT = 16  # bundles in the cache folder; those go first that were used longest ago
ENDING = ".bundle"


@dataclass(frozen=True, slots=True)
class Made:
    """What rule texts make, compiled just now or earlier: a program, unless there was an error.

    `diagnostics` and `sources` are those of the compilation, `data` the bundle, empty where there is
    no program. Of the sources there are at least those that the diagnostics point into.
    """

    program: Program | None
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, Source]
    data: bytes


def key_of(texts: RuleTexts) -> str:
    """The digest of all rule texts and table files, and of the version that compiles them."""
    hasher = sha256(f"{__version__} {bundle.FORMAT} {sys.version_info[:2]}\n".encode())
    for source in sorted(texts.sources, key=lambda item: item.path):
        _feed(hasher.update, source.path, source.text.encode())
        for path in table_files(source):
            _feed(hasher.update, path, texts.read(path) or b"")
    if texts.overlay is not None:
        _feed_overlay(hasher.update, texts.overlay)
    return hasher.hexdigest()


def _feed_overlay(update: Callable[[bytes], object], overlay: Overlay) -> None:
    for path in sorted(overlay.replaced):
        word = "complete" if path in overlay.complete else "replaced"
        unheld = " ".join(sorted(overlay.unheld.get(path, ())))
        before = overlay.before(path) or b""  # a table that was not replaced may lean on it
        _feed(update, f"{word} {path}", unheld.encode() + b"\n" + before)


def _feed(update: Callable[[bytes], object], path: str, data: bytes) -> None:
    update(f"{path}\n{sha256(data).hexdigest()}\n".encode())


def made(texts: RuleTexts, compiled: Callable[[], Compiled]) -> Made:
    """What texts make, from the bundle at hand or else as `compiled` gives it, then kept.

    Texts with errors leave nothing behind, nor do tables that changed while they were compiled.
    """
    key = key_of(texts)
    found = kept(texts, key)
    if found is not None:
        return found
    new = compiled()
    program, diagnostics, sources = new.program, new.diagnostics, new.sources
    del new  # the trees of all texts, which are not needed any more
    if program is None:
        return Made(None, diagnostics, sources, b"")
    data = bundle.pack(program, key, diagnostics)
    if key_of(texts) == key:
        keep(key, data)
    return Made(program, diagnostics, sources, data)


def kept(texts: RuleTexts, key: str) -> Made | None:
    """What exactly these texts made by exactly this version, if it is at hand."""
    try:
        path = cache_folder() / f"{key}{ENDING}"
        data = path.read_bytes()
        found = bundle.opened(data, key)
    except (OSError, BundleError):
        return None
    with suppress(OSError):
        os.utime(path)  # it was used just now
    return Made(found.program, found.found, _sources(texts, found.found), data)


def _sources(texts: RuleTexts, found: tuple[Diagnostic, ...]) -> dict[str, Source]:
    """The rule texts, and the tables that diagnostics point into."""
    known = {source.path: source for source in texts.sources}
    for each in found:
        spans = [each.span, *(part.span for part in each.related)]
        spans += [part.span for part in each.edits]
        for path in {span.path for span in spans} - known.keys():
            data = texts.read(path)
            if data is not None:
                known[path] = of_table(path, data)
    return known


def read(path: Path) -> Program:
    """The program of a bundle file.

    Raises:
        BundleError: if it cannot be used; the place is its path.
        OSError: if it cannot be read.
    """
    data = path.read_bytes()
    try:
        return bundle.unpack(data)
    except BundleError as error:
        mend = Words("用 `hegui compile` 重新编译", "compile it anew with `hegui compile`")
        raise BundleError(error.code, error.words, str(path), mend) from None


def keep(key: str, data: bytes) -> None:
    """Keep a bundle for the next run; where that cannot be written nothing is lost.

    The file appears whole or not at all: it is written under another name and renamed.
    """
    with suppress(OSError):
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / f"{key}{ENDING}", data)
        _forget_oldest(folder)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under a temporary name beside it, then rename; it keeps its permissions.

    Raises:
        OSError: if it cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(data)
        if path.is_file():
            partial.chmod(S_IMODE(path.stat().st_mode))
        partial.replace(path)
    except BaseException:  # an interruption leaves nothing behind either
        with suppress(OSError):
            partial.unlink()
        raise


def _forget_oldest(folder: Path) -> None:
    found = sorted(folder.glob(f"*{ENDING}"), key=lambda path: path.stat().st_mtime)
    for path in found[:-KEPT]:
        path.unlink()

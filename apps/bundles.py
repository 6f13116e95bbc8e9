"""Compiled rulesets kept between runs, under the digest of what they were compiled from.

A bundle that is missing, damaged, of another version or unwritable only costs the time to compile.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from stat import S_IMODE
from typing import TYPE_CHECKING

from apps.config import cache_folder
from engine import bundle
from engine.errors import BundleError
from rulelang.diagnostics import Words
from rulelang.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.rulesets import RuleTexts
    from rulelang.core import Program
    from rulelang.overlays import Overlay
    from rulelang.source import Source

KEPT = 16  # bundles in the cache folder; the oldest go first
ENDING = ".bundle"
_TABLE_FILE = re.compile(r"[“\"]([^”\"\n]+\.csv)[”\"]")


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


def table_files(source: Source) -> list[str]:
    """The files that a rule text names, by the paths under which they are read."""
    folder = source.path.rpartition("/")[0]
    names = sorted(set(_TABLE_FILE.findall(source.text)))
    return [f"{folder}/{name}" if folder else name for name in names]


def _feed_overlay(update: Callable[[bytes], object], overlay: Overlay) -> None:
    for path in sorted(overlay.replaced):
        word = "complete" if path in overlay.complete else "replaced"
        unheld = " ".join(sorted(overlay.unheld.get(path, ())))
        before = overlay.before(path) or b""  # a table that was not replaced may lean on it
        _feed(update, f"{word} {path}", unheld.encode() + b"\n" + before)


def _feed(update: Callable[[bytes], object], path: str, data: bytes) -> None:
    update(f"{path}\n{sha256(data).hexdigest()}\n".encode())


def kept(texts: RuleTexts) -> Program | None:
    """The program compiled from exactly these texts by exactly this version, if it is at hand."""
    key = key_of(texts)
    try:
        data = (cache_folder() / f"{key}{ENDING}").read_bytes()
        return bundle.unpack(data, key)
    except (OSError, BundleError):
        return None


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


def keep(texts: RuleTexts, program: Program) -> None:
    """Keep a program for the next run; where that cannot be written nothing is lost.

    The file appears whole or not at all: it is written under another name and renamed.
    """
    key = key_of(texts)
    with suppress(OSError):
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / f"{key}{ENDING}", bundle.pack(program, key))
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

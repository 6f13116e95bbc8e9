"""A compiled program as bytes, and back: what `check` loads in place of rule texts.

Layout: one line of header (magic, format, engine version, key of what was compiled, SHA-256 of key
and body), then the body: a line of JSON, and behind it the parts that it points to, JSON too. The
digest is verified before anything is read; JSON cannot run code, so a damaged or hostile file is
refused and never harms the process.

A rule, a table or a list says at once what it is called; what else it holds is read when it is asked
for, because a bill needs the conditions of all rules, but the messages of few, and of most tables
no row.
"""

# `override` comes with a later Python.
# mypy: disable-error-code="explicit-override"

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar

from engine.bundle_form import (
    ALIKE,
    CLASSES,
    DATE,
    DATETIME,
    DECIMAL,
    DEFERRED,
    DICT,
    FEW,
    FORMAT,
    LATER,
    NAMES,
    ROWS,
    SHARE,
    SIGNS,
    TUPLE,
)
from engine.errors import DAMAGED_BUNDLE, NOT_A_BUNDLE, OTHER_VERSION, BundleError
from engine.packing import Packer, as_json
from engine.stored import CELLS, Column, StoredRows, names
from rulelang import core
from rulelang.diagnostics import Diagnostic, Words
from rulelang.version import __version__

__all__ = ["FORMAT", "MAGIC", "Bundled", "opened", "pack", "unpack"]

MAGIC = b"hegui-bundle"
HEADER_PARTS = 5
_LONGEST_VERSION = 40  # of another version, as it is shown

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Bundled:
    """What a bundle holds: a program, and what was found when it was compiled, no errors."""

    program: core.Program
    found: tuple[Diagnostic, ...]


def pack(program: core.Program, key: str = "-", found: tuple[Diagnostic, ...] = ()) -> bytes:
    """The bundle of a program; equal programs give equal bytes.

    Args:
        program: What was compiled.
        key: What it was compiled from, without blanks: a digest of the texts.
        found: The diagnostics of the compilation.
    """
    packer = Packer()
    collects = gc.isenabled()
    gc.disable()  # what is made here has no circles, and is gone at the end
    try:
        main = packer.encode(program)
        told = packer.later(packer.encode(found))
        first = as_json([packer.shared, main, told])
    finally:
        if collects:
            gc.enable()
    del main
    return _sealed(key, [first, *packer.parts])


def _sealed(key: str, lines: Sequence[bytes]) -> bytes:
    """A bundle of lines, with its header."""
    hasher = sha256(key.encode())
    for line in lines:
        hasher.update(b"\n")
        hasher.update(line)
    words = (MAGIC.decode(), str(FORMAT), __version__, key, hasher.hexdigest())
    return b"\n".join((" ".join(words).encode(), *lines))


def unpack(data: bytes, key: str | None = None) -> core.Program:
    """The program of a bundle, as `opened` gives it.

    Raises:
        BundleError: as for `opened`.
    """
    return opened(data, key).program


def opened(data: bytes, key: str | None = None) -> Bundled:
    """What a bundle holds; what it puts off is read from `data` when it is asked for.

    Args:
        data: The bytes of the bundle.
        key: What it must have been compiled from; None takes any.

    Raises:
        BundleError: EN0401 if it is no bundle, EN0402 if it is damaged, EN0403 if another version
            wrote it or it was compiled from something else. EN0402 can also come later, of a part
            that was written wrongly under a right digest.
    """
    end = data.find(b"\n")
    parts = data[: max(end, 0)].split(b" ")
    if end < 0 or parts[0] != MAGIC or len(parts) != HEADER_PARTS:
        raise BundleError(NOT_A_BUNDLE, Words("不是规则包", "this is no bundle"))
    if parts[1] != str(FORMAT).encode() or parts[2] != __version__.encode():
        found = parts[2][:_LONGEST_VERSION].decode("ascii", errors="replace")
        raise BundleError(
            OTHER_VERSION,
            Words(
                f"规则包出自另一版本（{found}），本程序是 {__version__}",
                f"another version ({found}) wrote the bundle; this is {__version__}",
            ),
        )
    if key is not None and parts[3] != key.encode():
        raise BundleError(OTHER_VERSION, Words("规则包出自别的规则", "a bundle of other rules"))
    hasher = sha256(parts[3] + b"\n")
    hasher.update(memoryview(data)[end + 1 :])
    if hasher.hexdigest().encode() != parts[4]:
        raise _damaged()
    program, found = _Unpacker(data, end + 1).both()
    if not isinstance(program, core.Program) or not isinstance(found, tuple):
        raise _damaged()
    if not all(isinstance(each, Diagnostic) for each in found):
        raise _damaged()
    return Bundled(program, found)


def _damaged() -> BundleError:
    return BundleError(DAMAGED_BUNDLE, Words("规则包已损坏", "the bundle is damaged"))


# ---------------------------------------------------------------- from bytes


class _PutOff:
    """What is common to records whose fields are read when they are asked for."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        """A field that was not read so far."""
        read: Callable[[Any], Any]
        read, unread = object.__getattribute__(self, "_unread")
        found = NAMES[unread[0]]
        if name not in found:
            raise AttributeError(name)
        part = unread[found.index(name) + 1]
        value = read(part) if type(part) is list else part
        object.__setattr__(self, name, value)
        return value

    def __eq__(self, other: object) -> bool:
        """As for the class of the record itself."""
        kind = type(self).__mro__[2]
        if not isinstance(other, kind):
            return NotImplemented
        compared = [item.name for item in fields(kind) if item.compare]
        return all(getattr(self, name) == getattr(other, name) for name in compared)

    def __hash__(self) -> int:
        """As for the class of the record itself."""
        kind = type(self).__mro__[2]
        return hash(tuple(getattr(self, item.name) for item in fields(kind) if item.compare))


@cache
def _put_off(kind: type[_T]) -> type[_T]:
    """The class of records of a kind whose fields are read when asked for; else as the kind."""
    return type(kind.__name__, (_PutOff, kind), {"__slots__": ("_unread",)})


def _maker(kind: type) -> Callable[..., Any]:
    """What makes an instance of a class from the values of all its fields, in their order."""
    found = tuple(item.name for item in fields(kind))
    if any(item.kw_only or not item.init for item in fields(kind)):
        return lambda *values: kind(**dict(zip(found, values, strict=True)))
    return kind


_MAKERS = tuple((_maker(kind), len(fields(kind)), kind in DEFERRED) for kind in CLASSES)
_TEXTS: dict[int, Callable[[str], Any]] = {
    DECIMAL: Decimal,
    DATE: date.fromisoformat,
    DATETIME: datetime.fromisoformat,
}
_TROUBLES = (
    ValueError, TypeError, KeyError, IndexError, ArithmeticError, RecursionError, AttributeError,
)  # fmt: skip


class _Unpacker:
    """Reads values from the body of a bundle, which begins at `start`."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data = data
        end = data.find(b"\n", start)
        self._main = (start, len(data) if end < 0 else end)
        self._behind = self._main[1] + 1
        self._shared: list[Any] = []

    def both(self) -> tuple[Any, Any]:
        """What stands in the first line: a program, and what was found."""
        try:
            shared, main, found = json.loads(self._data[slice(*self._main)])
            for value in shared:
                self._shared.append(self._decode(value))
            return self._decode(main), self._decode(found)
        except _TROUBLES:
            raise _damaged() from None

    def _decode(self, value: Any) -> Any:
        if type(value) is not list:
            return value
        tag = value[0]
        if tag >= 0:
            return self._record(tag, value)
        if tag == SHARE:
            return self._shared[value[1]]
        if tag == TUPLE:
            return tuple(self._all(value))
        if tag == DICT:
            made = self._all(value)
            return dict(zip(made[::2], made[1::2], strict=True))
        if tag == ROWS:
            return self._rows(value[1], value[2:])
        return self._part(value[1:]) if tag == LATER else _TEXTS[tag](value[1])

    def _all(self, value: list[Any]) -> list[Any]:
        decode = self._decode
        return [decode(part) if type(part) is list else part for part in value[1:]]

    def _part(self, place: list[int]) -> Any:
        """A part that was put off."""
        start, end = place
        return self._decode(json.loads(self._data[self._behind + start : self._behind + end]))

    def _record(self, tag: int, value: list[Any]) -> Any:
        make, count, is_deferred = _MAKERS[tag]
        if len(value) != count + 1:
            raise ValueError(tag)
        if is_deferred:
            return self._deferred(tag, value)
        return make(*self._all(value))

    def _deferred(self, tag: int, value: list[Any]) -> Any:
        made = object.__new__(_put_off(CLASSES[tag]))
        object.__setattr__(made, "_unread", (self._asked, value))
        return made

    def _asked(self, part: Any) -> Any:
        """What has been put off, now that it is asked for."""
        try:
            return self._decode(part)
        except _TROUBLES:
            raise _damaged() from None

    def _rows(self, count: int, columns: list[Any]) -> StoredRows:
        given: dict[str | int, Any] = dict(zip(names(), columns, strict=False))
        of_cells = columns[len(names()) :]
        given.update(enumerate(of_cells))

        @cache
        def read(which: str | int) -> Column:
            if which == CELLS:
                return range(len(of_cells))
            found = given[which]
            while found[0] == LATER:
                start, end = found[1:]
                found = json.loads(self._data[self._behind + start : self._behind + end])
            if found[0] == ALIKE:
                return [self._decode(found[1])] * count
            if found[0] == FEW:
                return self._few(found, count)
            if len(found) != count + 1:
                raise ValueError(which)
            return self._all(found)

        def column(which: str | int) -> Column:
            try:
                return read(which)
            except _TROUBLES:
                raise _damaged() from None

        return StoredRows(count, column)

    def _few(self, found: list[Any], count: int) -> Column:
        """A column of some values, of which each row has a sign."""
        _, written, signs = found
        if len(signs) != count:
            raise ValueError(FEW)
        values = dict(zip(SIGNS, (self._decode(value) for value in written), strict=False))
        return [*map(values.__getitem__, signs)]

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

import json
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar

from engine.errors import DAMAGED_BUNDLE, NOT_A_BUNDLE, OTHER_VERSION, BundleError
from engine.stored import CELLS, Column, StoredRows, names
from rulelang import calendar, core, diagnostics, source, types
from rulelang.diagnostics import Words
from rulelang.version import __version__

MAGIC = b"hegui-bundle"
FORMAT = 5
HEADER_PARTS = 5
_LONGEST_VERSION = 40  # of another version, as it is shown

_CLASSES: tuple[type, ...] = (
    source.Span,
    diagnostics.Words,
    types.Type,
    calendar.AgeLimit,
    calendar.Window,
    *(
        found
        for name in sorted(core.__all__)
        if isinstance(found := getattr(core, name), type) and is_dataclass(found)
    ),
)
_DEFERRED = frozenset({core.Program, core.Rule, core.Table, core.ListDef})
_SHARED = frozenset({types.Type, core.Document})  # written once, however often they occur
_TUPLE, _DECIMAL, _DATE, _DATETIME, _DICT, _LATER, _ROWS, _SHARE, _ALIKE = range(-1, -10, -1)
_NUMBER = {kind: number for number, kind in enumerate(_CLASSES)}
_NAMES = tuple(tuple(item.name for item in fields(kind)) for kind in _CLASSES)
_AS_THEY_ARE = frozenset({str, int, bool, type(None)})
_SHORT = 60  # characters: less than this is not put off

_T = TypeVar("_T")


def pack(program: core.Program, key: str = "-") -> bytes:
    """The bundle of a program; equal programs give equal bytes.

    Args:
        program: What was compiled.
        key: What it was compiled from, without blanks: a digest of the texts.
    """
    packer = _Packer()
    main = packer.encode(program)
    body = b"\n".join((_json([packer.shared, main]), *packer.parts))
    return _header(key, body) + body


# Trees only: nothing that is packed holds itself.
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def _json(value: Any) -> bytes:
    return _JSON.encode(value).encode()


def _header(key: str, body: bytes) -> bytes:
    digest = sha256(key.encode() + b"\n" + body).hexdigest()
    words = (MAGIC.decode(), str(FORMAT), __version__, key, digest)
    return " ".join(words).encode() + b"\n"


def unpack(data: bytes, key: str | None = None) -> core.Program:
    """The program of a bundle; what it puts off is read from `data` when it is asked for.

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
    program = _Unpacker(data, end + 1).program()
    if not isinstance(program, core.Program):
        raise _damaged()
    return program


def _damaged() -> BundleError:
    return BundleError(DAMAGED_BUNDLE, Words("规则包已损坏", "the bundle is damaged"))


# ---------------------------------------------------------------- to bytes


class _Packer:
    """Turns values into JSON; `parts` are put off, `shared` stand once for all."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.shared: list[Any] = []
        self._places: dict[Any, int] = {}
        self._length = 0

    def encode(self, value: Any) -> Any:
        kind: type = type(value)
        if kind in _AS_THEY_ARE:
            return value
        number = _number_of(kind)
        if number is None:
            return self._plain(value)
        if kind in _SHARED:
            return [_SHARE, self._share(value, number)]
        encoded = self._all([getattr(value, name) for name in _NAMES[number]])
        if _CLASSES[number] in _DEFERRED:
            encoded = [self._later(part) for part in encoded]
        return [number, *encoded]

    def _all(self, values: Iterable[Any]) -> list[Any]:
        plain, encode = _AS_THEY_ARE, self.encode
        return [value if type(value) in plain else encode(value) for value in values]

    def _plain(self, value: Any) -> Any:
        match value:
            case tuple():
                if value and type(value[0]) is core.Row:
                    return self._rows(value)
                return [_TUPLE, *self._all(value)]
            case Decimal():
                return [_DECIMAL, str(value)]
            case datetime():
                return [_DATETIME, value.isoformat()]
            case date():
                return [_DATE, value.isoformat()]
            case dict():
                return [_DICT, *(self.encode(part) for item in value.items() for part in item)]
            case StoredRows():
                return self._rows(tuple(value))
            case _:
                message = f"no bundle form of {type(value).__name__}"
                raise TypeError(message)

    def _share(self, value: Any, number: int) -> int:
        place = self._places.get(value)
        if place is None:
            encoded = [number, *(self.encode(getattr(value, name)) for name in _NAMES[number])]
            place = self._places[value] = len(self.shared)
            self.shared.append(encoded)
        return place

    def _rows(self, rows: tuple[core.Row, ...]) -> list[Any]:
        """`_ROWS`, their number, the columns of their fields, the columns of their cells."""
        given = [[getattr(row, name) for row in rows] for name in names()]
        columns = [
            *given,
            *([*column] for column in zip(*(row.cells for row in rows), strict=True)),
        ]
        return [_ROWS, len(rows), *(self._later(self._column(column)) for column in columns)]

    def _column(self, column: list[Any]) -> list[Any]:
        if all(part == column[0] and type(part) is type(column[0]) for part in column):
            return [_ALIKE, self.encode(column[0])]
        return [_TUPLE, *self._all(column)]

    def _later(self, encoded: Any) -> Any:
        """Where a part stands among those put off, if it is long enough for that."""
        if type(encoded) is not list or encoded[0] == _LATER:
            return encoded
        text = _json(encoded)
        if len(text) < _SHORT:
            return encoded
        start = self._length
        self.parts.append(text)
        self._length += len(text) + 1
        return [_LATER, start, start + len(text)]


@cache
def _number_of(kind: type) -> int | None:
    """The number of a class, also of one whose fields are read when asked for."""
    found = _NUMBER.get(kind)
    if found is None and issubclass(kind, _PutOff):
        return _NUMBER[kind.__mro__[2]]
    return found


# ---------------------------------------------------------------- from bytes


class _PutOff:
    """What is common to records whose fields are read when they are asked for."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        """A field that was not read so far."""
        unread: dict[str, Callable[[], Any]] = object.__getattribute__(self, "_unread")
        if name not in unread:
            raise AttributeError(name)
        value = unread[name]()
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


_MAKERS = tuple((_maker(kind), len(fields(kind)), kind in _DEFERRED) for kind in _CLASSES)
_TEXTS: dict[int, Callable[[str], Any]] = {
    _DECIMAL: Decimal,
    _DATE: date.fromisoformat,
    _DATETIME: datetime.fromisoformat,
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

    def program(self) -> Any:
        """What stands in the first line."""
        try:
            shared, main = json.loads(self._data[slice(*self._main)])
            for value in shared:
                self._shared.append(self._decode(value))
            return self._decode(main)
        except _TROUBLES:
            raise _damaged() from None

    def _decode(self, value: Any) -> Any:
        if type(value) is not list:
            return value
        tag = value[0]
        if tag >= 0:
            return self._record(tag, value)
        if tag == _SHARE:
            return self._shared[value[1]]
        if tag == _TUPLE:
            return tuple(self._all(value))
        if tag == _DICT:
            made = self._all(value)
            return dict(zip(made[::2], made[1::2], strict=True))
        if tag == _ROWS:
            return self._rows(value[1], value[2:])
        return self._part(value[1:]) if tag == _LATER else _TEXTS[tag](value[1])

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
        kind = _CLASSES[tag]
        made = object.__new__(_put_off(kind))
        unread: dict[str, Callable[[], Any]] = {}
        for name, part in zip(_NAMES[tag], value[1:], strict=True):
            if type(part) is list:
                unread[name] = _when_asked(self._decode, part)
            else:
                object.__setattr__(made, name, part)
        object.__setattr__(made, "_unread", unread)
        return made

    def _rows(self, count: int, columns: list[Any]) -> StoredRows:
        given: dict[str | int, Any] = dict(zip(names(), columns, strict=False))
        of_cells = columns[len(names()) :]
        given.update(enumerate(of_cells))

        @cache
        def read(which: str | int) -> Column:
            if which == CELLS:
                return range(len(of_cells))
            found = given[which]
            while found[0] == _LATER:
                start, end = found[1:]
                found = json.loads(self._data[self._behind + start : self._behind + end])
            if found[0] == _ALIKE:
                return [self._decode(found[1])] * count
            if len(found) != count + 1:
                raise ValueError(which)
            return self._all(found)

        return StoredRows(count, lambda which: _when_asked(read, which)())


def _when_asked(read: Callable[[Any], _T], what: Any) -> Callable[[], _T]:
    def asked() -> _T:
        try:
            return read(what)
        except _TROUBLES:
            raise _damaged() from None

    return asked

"""A compiled program as bytes, and back: what `check` loads in place of rule texts.

Layout: one line of header (magic, format, engine version, key of what was compiled, SHA-256 of key
and body), then the body, JSON of nested arrays. The digest is verified before the body is read; JSON
cannot run code, so a damaged or hostile file is refused and never harms the process.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from engine.errors import DAMAGED_BUNDLE, NOT_A_BUNDLE, OTHER_VERSION, BundleError
from rulelang import calendar, core, diagnostics, source, types
from rulelang.diagnostics import Words
from rulelang.version import __version__

MAGIC = b"hegui-bundle"
FORMAT = 2
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
_TUPLE, _DECIMAL, _DATE, _DATETIME, _DICT = -1, -2, -3, -4, -5
_NUMBER = {kind: number for number, kind in enumerate(_CLASSES)}


def pack(program: core.Program, key: str = "-") -> bytes:
    """The bundle of a program; equal programs give equal bytes.

    Args:
        program: What was compiled.
        key: What it was compiled from, without blanks: a digest of the texts.
    """
    body = json.dumps(_encode(program), ensure_ascii=False, separators=(",", ":")).encode()
    return _header(key, body) + body


def _header(key: str, body: bytes) -> bytes:
    digest = sha256(key.encode() + b"\n" + body).hexdigest()
    words = (MAGIC.decode(), str(FORMAT), __version__, key, digest)
    return " ".join(words).encode() + b"\n"


def unpack(data: bytes, key: str | None = None) -> core.Program:
    """The program of a bundle.

    Args:
        data: The bytes of the bundle.
        key: What it must have been compiled from; None takes any.

    Raises:
        BundleError: EN0401 if it is no bundle, EN0402 if it is damaged, EN0403 if another version
            wrote it or it was compiled from something else.
    """
    line, end, body = data.partition(b"\n")
    parts = line.split(b" ")
    if not end or parts[0] != MAGIC or len(parts) != HEADER_PARTS:
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
    if sha256(parts[3] + b"\n" + body).hexdigest().encode() != parts[4]:
        raise BundleError(DAMAGED_BUNDLE, Words("规则包已损坏", "the bundle is damaged"))
    try:
        program = _decode(json.loads(body))
    except (ValueError, TypeError, KeyError, IndexError, ArithmeticError, RecursionError):
        raise BundleError(DAMAGED_BUNDLE, Words("规则包已损坏", "the bundle is damaged")) from None
    if not isinstance(program, core.Program):
        raise BundleError(DAMAGED_BUNDLE, Words("规则包已损坏", "the bundle is damaged"))
    return program


def _encode(value: Any) -> Any:
    number = _NUMBER.get(type(value))
    if number is not None:
        return [number, *(_encode(getattr(value, item.name)) for item in fields(value))]
    match value:
        case None | bool() | int() | str():
            return value
        case tuple():
            return [_TUPLE, *(_encode(part) for part in value)]
        case Decimal():
            return [_DECIMAL, str(value)]
        case datetime():
            return [_DATETIME, value.isoformat()]
        case date():
            return [_DATE, value.isoformat()]
        case dict():
            return [_DICT, *(_encode(part) for item in value.items() for part in item)]
        case _:
            message = f"no bundle form of {type(value).__name__}"
            raise TypeError(message)


_PLAIN: dict[int, Callable[[str], Any]] = {
    _DECIMAL: Decimal,
    _DATE: date.fromisoformat,
    _DATETIME: datetime.fromisoformat,
}


def _maker(kind: type) -> Callable[..., Any]:
    """What makes an instance of a class from the values of all its fields, in their order."""
    names = tuple(item.name for item in fields(kind))
    if any(item.kw_only or not item.init for item in fields(kind)):
        return lambda *values: kind(**dict(zip(names, values, strict=True)))
    return kind


_MAKERS = tuple((_maker(kind), len(fields(kind))) for kind in _CLASSES)


def _decode(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    tag, *parts = value
    if tag >= 0:
        make, count = _MAKERS[tag]
        if len(parts) != count:
            raise ValueError(tag)
        return make(*[_decode(part) if isinstance(part, list) else part for part in parts])
    if tag == _TUPLE:
        return tuple([_decode(part) if isinstance(part, list) else part for part in parts])
    if tag == _DICT:
        made = [_decode(part) for part in parts]
        return dict(zip(made[::2], made[1::2], strict=True))
    return _PLAIN[tag](parts[0])

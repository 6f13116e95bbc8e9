"""Values of a program as JSON for a bundle, each kind by a function of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, TypeAlias

from engine.bundle_form import (
    ALIKE,
    CLASSES,
    DATE,
    DATETIME,
    DECIMAL,
    DEFERRED,
    DICT,
    FEW,
    LATER,
    NAMES,
    ROWS,
    SHARE,
    SHARED,
    SIGNS,
    TUPLE,
)
from engine.stored import StoredRows, columns
from rulelang import core

Encoder: TypeAlias = Callable[[Any], Any]

_NUMBER = {kind: number for number, kind in enumerate(CLASSES)}
_AS_THEY_ARE = frozenset({str, int, bool, type(None)})
_PLAINLY = frozenset({"str", "int", "bool", "None"})
_SHORT = 60  # characters: less than this is not put off
_OFTEN = 4  # times that each value of a column stands there, for the values to be written once

# Trees only: nothing that is packed holds itself.
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def as_json(value: Any) -> bytes:
    """What has been encoded, as bytes."""
    return _JSON.encode(value).encode()


class Packer:
    """Turns values into what JSON can say; `parts` are put off, `shared` stand once for all."""

    def __init__(self) -> None:
        """Nothing so far."""
        self.parts: list[bytes] = []
        self.shared: list[Any] = []
        self._length = 0
        self._places: dict[Any, int] = {}
        self._met: dict[int, tuple[Any, list[int]]] = {}  # what is shared, held so that ids stay
        self._encoders = _Encoders(self._encoder)

    def encode(self, value: Any) -> Any:
        """A value, without what of it is put off."""
        return value if type(value) in _AS_THEY_ARE else self._encoders[type(value)](value)

    def later(self, encoded: Any) -> Any:
        """Where a part stands among those put off, if it is long enough for that."""
        if type(encoded) is not list or encoded[0] == LATER:
            return encoded
        text = as_json(encoded)
        if len(text) < _SHORT:
            return encoded
        start = self._length
        self.parts.append(text)
        self._length += len(text) + 1
        return [LATER, start, start + len(text)]

    def _all(self, values: Iterable[Any]) -> list[Any]:
        plain, encoders = _AS_THEY_ARE, self._encoders
        return [
            value if (kind := type(value)) in plain else encoders[kind](value) for value in values
        ]

    def _encoder(self, kind: type) -> Encoder:
        """How values of a class are encoded.

        Raises:
            TypeError: if there is no form for them.
        """
        of_record = next((base for base in kind.__mro__ if base in _NUMBER), None)
        if of_record is not None:  # also of one whose fields are read when asked for
            encoder = self._of_record(of_record)
            return self._sharing(encoder) if of_record in SHARED else encoder
        others: dict[type, Encoder] = {
            tuple: self._tuple,
            dict: self._dict,
            Decimal: lambda value: [DECIMAL, str(value)],
            datetime: lambda value: [DATETIME, value.isoformat()],
            date: lambda value: [DATE, value.isoformat()],
            StoredRows: self._rows,
        }
        found = next((others[base] for base in kind.__mro__ if base in others), None)
        if found is None:
            message = f"no bundle form of {kind.__name__}"
            raise TypeError(message)
        return found

    def _of_record(self, kind: type) -> Encoder:
        number, later = _NUMBER[kind], self.later
        plain, encoders = _AS_THEY_ARE, self._encoders
        values = _reader(NAMES[number])

        def encode(value: Any) -> list[Any]:
            return [
                number,
                *[
                    part if (of := type(part)) in plain else encoders[of](part)
                    for part in values(value)
                ],
            ]

        if kind in DEFERRED:
            return lambda value: [number, *map(later, encode(value)[1:])]
        if all(set(str(item.type).split(" | ")) <= _PLAINLY for item in fields(kind)):
            return lambda value: [number, *values(value)]
        return encode

    def _sharing(self, encoder: Encoder) -> Encoder:
        met, places, shared = self._met, self._places, self.shared

        def share(value: Any) -> list[int]:
            found = met.get(id(value))
            if found is not None:
                return found[1]
            if value not in places:
                encoded = encoder(value)  # what it holds comes first
                places[value] = len(shared)
                shared.append(encoded)
            place = [SHARE, places[value]]
            met[id(value)] = value, place
            return place

        return share

    def _tuple(self, value: tuple[Any, ...]) -> list[Any]:
        if value and type(value[0]) is core.Row:
            return self._rows(value)
        return [TUPLE, *self._all(value)]

    def _dict(self, value: dict[Any, Any]) -> list[Any]:
        return [DICT, *self._all(part for item in value.items() for part in item)]

    def _rows(self, rows: Sequence[core.Row]) -> list[Any]:
        """`ROWS`, their number, the columns of their fields, the columns of their cells."""
        return [ROWS, len(rows), *(self.later(self._column(column)) for column in columns(rows))]

    def _column(self, column: Sequence[Any]) -> list[Any]:
        """All values, or where they recur each of them once."""
        if _is_plain(column):
            keys: Sequence[Any] = column
            encoded = texts = dict(zip(column, column, strict=True))
        else:
            keys = [*map(id, column)]
            held = dict(zip(keys, column, strict=True))
            encoded = {key: self.encode(value) for key, value in held.items()}
            texts = {key: repr(form) for key, form in encoded.items()}
        written = {texts[key]: form for key, form in encoded.items()}
        if len(written) == 1:
            return [ALIKE, *written.values()]
        if len(written) * _OFTEN > len(keys) or len(written) > len(SIGNS):
            return [TUPLE, *map(encoded.__getitem__, keys)]
        sign_of = dict(zip(written, SIGNS, strict=False))
        signs = {key: sign_of[text] for key, text in texts.items()}
        return [FEW, [*written.values()], "".join(map(signs.__getitem__, keys))]


def _is_plain(column: Sequence[Any]) -> bool:
    """Whether values that are equal are the same, and are written as they are."""
    kinds = set(map(type, column))
    return len(kinds) == 1 and kinds <= _AS_THEY_ARE


class _Encoders(dict[type, Encoder]):
    """The encoder of every class, made when the first value of it is met."""

    def __init__(self, make: Callable[[type], Encoder]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, kind: type) -> Encoder:
        found = self[kind] = self._make(kind)
        return found


def _reader(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What reads the values of fields, in their order."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)

"""One order and one digest for a program, whatever the order of its files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from hashlib import sha256
from itertools import repeat
from operator import attrgetter
from typing import Any, TypeAlias

from rulelang import core
from rulelang.source import Span
from rulelang.types import Type

Put: TypeAlias = Callable[[str], None]

_NONE = "N4:None"
_MANY = (tuple, list)
_DATES = attrgetter("starts", "ends", "known")
_TEXTS = attrgetter("source", "point", "batch", "published", "supersedes")
_PLAIN = (bool, int, str, date, Fraction)


def in_order(program: core.Program) -> core.Program:
    """The program with rules and declarations sorted by id."""
    return replace(
        program,
        rulesets=tuple(sorted(program.rulesets, key=lambda item: item.id)),
        rules=tuple(sorted(program.rules, key=version_order)),
        tables=dict(sorted(program.tables.items())),
        lists=dict(sorted(program.lists.items())),
        evidence=dict(sorted(program.evidence.items())),
        params=dict(sorted(program.params.items())),
        decisions=dict(sorted(program.decisions.items())),
        enums=dict(sorted(program.enums.items())),
        sources=dict(sorted(program.sources.items())),
        amendments=tuple(sorted(program.amendments, key=lambda item: item.id)),
        fills=tuple(sorted(program.fills, key=lambda item: item.id)),
    )


def version_order(rule: core.Rule) -> tuple[str, date, date]:
    """The order of rules: by id, the versions of one by when they start and became known."""
    return rule.id, rule.in_force.start or date.min, rule.known or date.min


def digest_of(program: core.Program, ruleset: str) -> str:
    """`sha256:` and the digest of all that one ruleset declares; places in files do not count."""
    hasher = sha256()

    def feed(value: Any) -> None:
        hasher.update(_spelt(value).encode())

    head = next(item for item in program.rulesets if item.id == ruleset)
    feed(replace(head, digest=""))
    said: tuple[core.Rule | core.Amendment | core.Fill, ...] = (
        *program.rules, *program.amendments, *program.fills,
    )  # fmt: skip
    for each in said:
        if each.ruleset == ruleset:
            feed(each)
    for group in (
        program.tables, program.lists, program.evidence, program.params, program.decisions,
    ):  # fmt: skip
        for id_, item in sorted(group.items()):
            if id_.rpartition("/")[0] == ruleset:
                feed(item)
    return f"sha256:{hasher.hexdigest()}"


def _spelt(value: Any) -> str:
    """A value in canonical form: type, length and content of every part."""
    pieces: list[str] = []
    _spell(pieces.append, value)
    return "".join(pieces)


def _spell(put: Put, value: Any) -> None:
    """Put a value in canonical form, piece by piece."""
    kind: type = type(value)
    if kind is str:
        put(f"s{len(value)}:{value}")
    else:
        _speller(kind)(put, value)


@cache
def _speller(kind: type) -> Callable[[Put, Any], None]:
    """How values of a class are spelt."""
    if kind is Span:
        return _spell_nothing
    if kind is Type:
        return lambda put, value: put(_spelt_type(value))
    if is_dataclass(kind):
        return _record_speller(kind)
    if issubclass(kind, dict):
        return _spell_dict
    return _spell_sequence if issubclass(kind, _MANY) else lambda put, value: put(_plain(value))


def _spell_nothing(put: Put, value: Any) -> None:
    """Places do not count."""


def _record_speller(kind: type) -> Callable[[Put, Any], None]:
    head = f"<{kind.__name__}"
    readers = [attrgetter(item.name) for item in fields(kind) if item.type not in {Span, "Span"}]

    def spell(put: Put, value: Any) -> None:
        put(head)
        for read in readers:
            part = read(value)
            of: type = type(part)
            if of is str:  # as most are
                put(f"s{len(part)}:{part}")
            elif part is None:
                put(_NONE)
            else:
                _speller(of)(put, part)
        put(">")

    return spell


@cache
def _spelt_type(type_: Type) -> str:
    """A type: every expression has one, and there are few."""
    pieces: list[str] = []
    _record_speller(Type)(pieces.append, type_)
    return "".join(pieces)


def _spell_dict(put: Put, value: dict[Any, Any]) -> None:
    put(f"{{{len(value)}")
    for key in sorted(value):
        _spell(put, key)
        _spell(put, value[key])
    put("}")


def _spell_sequence(put: Put, value: Sequence[Any]) -> None:
    put(f"[{len(value)}")
    if value and type(value[0]) is core.Row:
        _spell_rows(put, value)
    else:
        for part in value:
            _spell(put, part)
    put("]")


def _spell_rows(put: Put, rows: Sequence[core.Row]) -> None:
    """Rows of a table, of which there may be very many: spelt by columns, then put side by side."""
    columns: list[tuple[str, Sequence[str]]] = [("<Row", [str(row.number) for row in rows])]
    for dates in zip(*map(_DATES, rows), strict=True):
        columns.append(("|", _each_once(dates, str) if any(dates) else ["None"] * len(rows)))
    columns.append(("|", ()))
    columns += [_measured("", texts) for texts in zip(*map(_TEXTS, rows), strict=True)]
    columns += [_spelt_cells(column) for column in zip(*(row.cells for row in rows), strict=True)]
    pieces: list[Iterable[str]] = []
    between = ""
    for head, texts in (*columns, (">", ())):
        between += head
        if texts and texts.count(texts[0]) == len(texts):
            between += texts[0]
        elif texts:
            pieces += [repeat(between), texts]
            between = ""
    pieces.append(repeat(between, len(rows)))
    put("".join(map("".join, zip(*pieces, strict=False))))


def _spelt_cells(column: Sequence[Any]) -> tuple[str, Sequence[str]]:
    """What stands before each cell of a column, and each cell."""
    if set(map(type, column)) == {str}:
        return _measured("s", column)
    places = [*map(id, column)]  # the rows hold their cells
    values = dict(zip(places, column, strict=True))
    spelt = {place: _spelt(value) for place, value in values.items()}
    return "", [*map(spelt.__getitem__, places)]


def _measured(mark: str, texts: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Texts behind a mark and their length, which stands before all where they are equally long."""
    if len(set(map(len, texts))) == 1:
        return f"{mark}{len(texts[0])}:", texts
    return mark, _each_once(texts, lambda text: f"{len(text)}:{text}")


def _each_once(keys: Sequence[Any], spell: Callable[[Any], str]) -> list[str]:
    spelt = {key: spell(key) for key in dict.fromkeys(keys)}
    return [*map(spelt.__getitem__, keys)]


def _plain(value: Any) -> str:
    if value is None:
        return _NONE
    if isinstance(value, Decimal):
        return f"d{value.normalize()};"
    if isinstance(value, _PLAIN):
        text = str(value)
        return f"{type(value).__name__[0]}{len(text)}:{text}"
    message = f"no canonical form of {type(value).__name__}"
    raise TypeError(message)

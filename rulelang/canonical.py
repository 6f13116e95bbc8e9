"""One order and one digest for a program, whatever the order of its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from hashlib import sha256
from typing import Any

from rulelang import core
from rulelang.source import Span
from rulelang.types import Type

_NONE = "N4:None"
_MANY = (tuple, list, dict)
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


@cache
def _fields(kind: type) -> tuple[str, ...] | None:
    """The names of a dataclass's fields, but for places; None for what is no dataclass."""
    if not is_dataclass(kind):
        return None
    return tuple(item.name for item in fields(kind) if item.type not in {Span, "Span"})


def _spell(put: Callable[[str], None], value: Any) -> None:
    """Put a value in canonical form, piece by piece: type, length and content of every part."""
    kind: type = type(value)
    if kind is str:
        put(f"s{len(value)}:{value}")
    elif kind is Span:
        return
    elif kind is Type:
        put(_spelt_type(value))
    elif (names := _fields(kind)) is not None:
        _spell_record(put, value, names)
    elif isinstance(value, _MANY):
        _spell_many(put, value)
    else:
        put(_plain(value))


def _spell_record(put: Callable[[str], None], value: Any, names: tuple[str, ...]) -> None:
    put(f"<{type(value).__name__}")
    for name in names:
        part = getattr(value, name)
        if type(part) is str:  # as most are
            put(f"s{len(part)}:{part}")
        elif part is None:
            put(_NONE)
        else:
            _spell(put, part)
    put(">")


def _spell_many(put: Callable[[str], None], value: Any) -> None:
    if isinstance(value, dict):
        put(f"{{{len(value)}")
        for key in sorted(value):
            _spell(put, key)
            _spell(put, value[key])
        put("}")
        return
    if value and type(value[0]) is core.Row:
        _spell_rows(put, value)
        return
    put(f"[{len(value)}")
    for part in value:
        _spell(put, part)
    put("]")


@cache
def _spelt_type(type_: Type) -> str:
    """A type: every expression has one, and there are few."""
    pieces: list[str] = []
    _spell_record(pieces.append, type_, _fields(Type) or ())
    return "".join(pieces)


def _spell_rows(put: Callable[[str], None], rows: tuple[core.Row, ...]) -> None:
    """Rows of a table, of which there may be very many; most of their cells are one value often."""
    spelt: dict[int, str] = {}  # by identity: the rows hold their cells
    put(f"[{len(rows)}")
    for row in rows:
        texts = (row.source, row.point, row.batch, row.published, row.supersedes)
        said = "".join([f"{len(text)}:{text}" for text in texts])
        put(f"<Row{row.number}|{row.starts}|{row.ends}|{row.known}|{said}")
        for cell in row.cells:
            if type(cell) is str:
                put(f"s{len(cell)}:{cell}")
                continue
            text = spelt.get(id(cell))
            if text is None:
                text = spelt[id(cell)] = _spelt(cell)
            put(text)
        put(">")
    put("]")


def _spelt(value: Any) -> str:
    pieces: list[str] = []
    _spell(pieces.append, value)
    return "".join(pieces)


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

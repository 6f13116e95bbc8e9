"""One order and one digest for a program, whatever the order of its files."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

from rulelang import core
from rulelang.source import Span


def in_order(program: core.Program) -> core.Program:
    """The program with rules and declarations sorted by id."""
    return replace(
        program,
        rulesets=tuple(sorted(program.rulesets, key=lambda item: item.id)),
        rules=tuple(sorted(program.rules, key=lambda item: item.id)),
        tables=dict(sorted(program.tables.items())),
        lists=dict(sorted(program.lists.items())),
        evidence=dict(sorted(program.evidence.items())),
        params=dict(sorted(program.params.items())),
        decisions=dict(sorted(program.decisions.items())),
        enums=dict(sorted(program.enums.items())),
        sources=dict(sorted(program.sources.items())),
    )


def digest_of(program: core.Program, ruleset: str) -> str:
    """`sha256:` and the digest of all that one ruleset declares; places in files do not count."""
    hasher = sha256()

    def owned(id_: str) -> bool:
        return id_.rpartition("/")[0] == ruleset

    head = next(item for item in program.rulesets if item.id == ruleset)
    feed(hasher.update, replace(head, digest=""))
    for rule in program.rules:
        if rule.ruleset == ruleset:
            feed(hasher.update, rule)
    for group in (
        program.tables, program.lists, program.evidence, program.params, program.decisions,
    ):  # fmt: skip
        for id_, item in sorted(group.items()):
            if owned(id_):
                feed(hasher.update, item)
    return f"sha256:{hasher.hexdigest()}"


def feed(update: Any, value: Any) -> None:
    """Feed a value in canonical form: type, length and content of every part."""
    if isinstance(value, Span):
        return
    if is_dataclass(value) and not isinstance(value, type):
        update(f"<{type(value).__name__}".encode())
        for item in fields(value):
            feed(update, getattr(value, item.name))
        update(b">")
    elif isinstance(value, tuple | list):
        update(f"[{len(value)}".encode())
        for part in value:
            feed(update, part)
        update(b"]")
    elif isinstance(value, dict):
        update(f"{{{len(value)}".encode())
        for key in sorted(value):
            feed(update, key)
            feed(update, value[key])
        update(b"}")
    elif isinstance(value, Decimal):
        update(f"d{value.normalize()};".encode())
    elif value is None or isinstance(value, bool | int | str | date | Fraction):
        text = str(value)
        update(f"{type(value).__name__[0]}{len(text)}:{text}".encode())
    else:
        message = f"no canonical form of {type(value).__name__}"
        raise TypeError(message)

"""Reads plain calls of `hegui check` and `hegui compile` without the framework, which takes longer to
load than a bill to check or a bundle to read. What is not plain is left to it: helps, mistakes, options set by variables.

A test holds both readings equal.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from apps.cli.answering import Call
from apps.cli.choices import Format, Lang, Opinions, Stage
from apps.cli.compiling import Order
from apps.cli.session import STDIN, Options

NO_OPTIONS = frozenset({"HEGUI_CACHE", "HEGUI_CONFIG", "HEGUI_DEBUG", "HEGUI_DATA"})

Values: TypeAlias = Mapping[str, Callable[[str], Any]]


@dataclass(frozen=True, slots=True)
class _Command:
    """The options of a command that take a value, once or again and again, and those that do not;
    what makes its call of the arguments and the options given."""

    take_one: Values
    take_many: Values
    flags: frozenset[str]
    make: Callable[[list[str], Mapping[str, Any]], Call | Order]


def read(arguments: Sequence[str]) -> Call | Order | None:
    """The call that the arguments are, if they are a plain one of a command known here; else None."""
    command = _COMMANDS.get(arguments[0]) if arguments else None
    if command is None or _set_by_variables():
        return None
    inputs: list[str] = []
    given: dict[str, Any] = {}
    try:
        for option, value in _pairs(arguments[1:], command):
            if not option:
                inputs.append(value)
            elif option in command.take_many:
                given.setdefault(option, []).append(command.take_many[option](value))
            elif option in command.take_one:
                given[option] = command.take_one[option](value)
            else:
                given[option] = True
    except ValueError:
        return None
    return command.make(inputs, given) if inputs else None


def _set_by_variables() -> bool:
    return any(name.startswith("HEGUI_") and name not in NO_OPTIONS for name in os.environ)


def _pairs(arguments: Sequence[str], command: _Command) -> Iterator[tuple[str, str]]:
    """Options with their values; inputs with an empty option.

    Raises:
        ValueError: at what is not plain.
    """
    rest = iter(arguments)
    for argument in rest:
        option, joined, value = argument.partition("=")
        if argument == STDIN or (argument and not argument.startswith("-")):
            yield "", argument
        elif argument in command.flags:
            yield argument, ""
        elif option in command.take_one or option in command.take_many:
            found = value if joined else next(rest, "")
            if not found or found.startswith("-"):
                raise ValueError(argument)
            yield option, found
        else:
            raise ValueError(argument)


def _check(inputs: list[str], given: Mapping[str, Any]) -> Call:
    options = Options(
        lang=given.get("--lang", Lang.ZH).value,
        stage=given["--stage"].value if "--stage" in given else None,
        as_of=given.get("--as-of"),
        known_on=given.get("--known-on"),
        rulesets=given.get("--rulesets", []),
        knowledge=given.get("--knowledge", []),
        only=given.get("--only", []),
        profile=given.get("--profile"),
        evidence=given.get("--evidence"),
    )
    form = given.get("--format", Format.TEXT)
    return Call(inputs, options, form, "--all" in given, given.get("--out"))


def _compile(inputs: list[str], given: Mapping[str, Any]) -> Order:
    return Order(
        paths=[Path(name) for name in inputs],
        lang=given.get("--lang", Lang.ZH).value,
        knowledge=given.get("--knowledge", []),
        out=given.get("--out"),
        form=given.get("--format", Opinions.TEXT),
    )


_COMMANDS: Mapping[str, _Command] = MappingProxyType(
    {
        "check": _Command(
            take_one={
                "--format": Format,
                "--lang": Lang,
                "--stage": Stage,
                "--as-of": str,
                "--known-on": str,
                "--profile": str,
                "--out": Path,
                "--evidence": Path,
            },
            take_many={"--rulesets": Path, "--knowledge": Path, "--only": str},
            flags=frozenset({"--all"}),
            make=_check,
        ),
        "compile": _Command(
            take_one={"--format": Opinions, "--lang": Lang, "--out": Path},
            take_many={"--knowledge": Path},
            flags=frozenset(),
            make=_compile,
        ),
    }
)

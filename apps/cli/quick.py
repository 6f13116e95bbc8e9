"""Reads plain calls of `hegui check` without the framework, which takes longer to load than a bill
to check. What is not plain is left to it: helps, mistakes, options set by variables.

A test holds both readings equal.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from apps.cli.answering import Call
from apps.cli.choices import Format, Lang, Stage
from apps.cli.session import STDIN, Options

COMMAND = "check"
NO_OPTIONS = frozenset({"HEGUI_CACHE", "HEGUI_CONFIG", "HEGUI_DEBUG", "HEGUI_DATA"})

_TAKE_ONE: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {
        "--format": Format,
        "--lang": Lang,
        "--stage": Stage,
        "--as-of": str,
        "--known-on": str,
        "--profile": str,
        "--out": Path,
        "--evidence": Path,
    }
)
_TAKE_MANY: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {"--rulesets": Path, "--knowledge": Path, "--only": str}
)
_FLAGS = frozenset({"--all"})


def read(arguments: Sequence[str]) -> Call | None:
    """The call that the arguments are, if they are a plain `check`; else None."""
    if not arguments or arguments[0] != COMMAND or _set_by_variables():
        return None
    inputs: list[str] = []
    given: dict[str, Any] = {}
    try:
        for option, value in _pairs(arguments[1:]):
            if not option:
                inputs.append(value)
            elif option in _TAKE_MANY:
                given.setdefault(option, []).append(_TAKE_MANY[option](value))
            elif option in _TAKE_ONE:
                given[option] = _TAKE_ONE[option](value)
            else:
                given[option] = True
    except ValueError:
        return None
    return _call(inputs, given) if inputs else None


def _set_by_variables() -> bool:
    return any(name.startswith("HEGUI_") and name not in NO_OPTIONS for name in os.environ)


def _pairs(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Options with their values; inputs with an empty option.

    Raises:
        ValueError: at what is not plain.
    """
    rest = iter(arguments)
    for argument in rest:
        option, joined, value = argument.partition("=")
        if argument == STDIN or (argument and not argument.startswith("-")):
            yield "", argument
        elif argument in _FLAGS:
            yield argument, ""
        elif option in _TAKE_ONE or option in _TAKE_MANY:
            found = value if joined else next(rest, "")
            if not found or found.startswith("-"):
                raise ValueError(argument)
            yield option, found
        else:
            raise ValueError(argument)


def _call(inputs: list[str], given: Mapping[str, Any]) -> Call:
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

"""The bills of a case: from its facts, or from its request with the changes made to it."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from apps import profiles
from apps.authoring.facts_block import read_population
from apps.authoring.pages import Block, Case, PageError
from engine.facts import Bill
from engine.intake.nhsa import read_bills
from engine.intake.reading import read_request
from engine.population import Population, population_of
from engine.profile import NO_PROFILE, Profile
from rulelang.core import Program

_REMOVE = re.compile(r"(?:删除|remove)\s+(?P<pointer>/\S*)")
_SET = re.compile(r"(?P<pointer>/\S*)\s*[=＝]\s*(?P<value>.+)")


def population_of_case(case: Case, program: Program) -> Population:
    """The bills that a case asks about, with what it states of periods.

    Raises:
        PageError: if facts, changes or the lack of both cannot be made sense of.
        engine.errors.InputError: if the request or the profile is no good.
    """
    profile = _profile(case.profile)
    facts = case.only("facts")
    if facts is not None:
        return read_population(facts, program, profile)
    if case.request is None:
        if any(rule.subject.kind == "ruleset" for rule in program.rules):
            return Population(())  # of rules on the ruleset there is nothing to say
        raise PageError(case.line, "没有 facts 或 request", "there are neither facts nor a request")
    request = read_request(case.request.text.encode())
    change = case.only("change")
    if change is not None:
        for offset, line in enumerate(change.lines):
            if line.strip():
                _change(request, line.strip(), change.line + offset)
    return population_of(read_bills(request, profile), profile)


def bills_of(case: Case, program: Program) -> tuple[Bill, ...]:
    """The bills that a case asks about; see `population_of_case`."""
    return population_of_case(case, program).bills


def _profile(block: Block | None) -> Profile:
    if block is None:
        return NO_PROFILE
    return profiles.read(block.text.encode(), name="page", place=f"line {block.line}")


def _change(request: object, text: str, line: int) -> None:
    """`/pointer = value` puts or replaces, `删除 /pointer` takes away."""
    removal = _REMOVE.fullmatch(text)
    if removal is not None:
        holder, step = _holder(request, removal["pointer"], line)
        try:
            del holder[step]
        except (KeyError, IndexError, TypeError):
            raise _nowhere(removal["pointer"], line) from None
        return
    found = _SET.fullmatch(text)
    if found is None:
        raise PageError(
            line,
            f"`{text}` 不是改动，写作 `/路径 = 值` 或 `删除 /路径`",
            f"`{text}` is no change; write `/pointer = value` or `remove /pointer`",
        )
    try:
        value = json.loads(found["value"], parse_float=Decimal)
    except json.JSONDecodeError:
        raise PageError(line, f"`{found['value']}` 不是 JSON", "the value is no JSON") from None
    holder, step = _holder(request, found["pointer"], line)
    try:
        if isinstance(holder, list) and step == len(holder):
            holder.append(value)
        else:
            holder[step] = value
    except (IndexError, TypeError):
        raise _nowhere(found["pointer"], line) from None


def _holder(request: object, pointer: str, line: int) -> tuple[Any, Any]:
    """The object or list that a pointer's last step is in, and the step; `-` is behind the last."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    found: Any = request
    for index, step in enumerate(steps):
        key: Any = step
        if isinstance(found, list):
            key = len(found) if step == "-" else int(step) if step.isdigit() else None
        if index == len(steps) - 1 and isinstance(found, dict | list) and key is not None:
            return found, key
        try:
            found = found[key]
        except (KeyError, IndexError, TypeError):
            break
    raise _nowhere(pointer, line)


def _nowhere(pointer: str, line: int) -> PageError:
    return PageError(line, f"请求中没有 `{pointer}`", f"the request has no `{pointer}`")

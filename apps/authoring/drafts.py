"""Facts blocks changed in one place: the bills among which one is looked for that tells two rules apart.

No chance is involved: the values tried are the constants of the rule, what lies beside them, and
dates that lie as far from the block's own dates as the rule's lengths of time say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.authoring.facts_parts import Assignment, assignments
from apps.authoring.nudges import nudged
from apps.authoring.pages import Block, PageError
from apps.authoring.variants import Hint
from engine.words import word_words
from rulelang import calendar, core, vocabulary
from rulelang.calendar import AgeLimit, Window
from rulelang.types import ORDERED, Type
from rulelang.units import BY_NAME
from rulelang.values import as_decimal, exact_multiply

MOST_VALUES = 12  # tried for one fact
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d)?")
_NUMBERED = re.compile(r"(?P<kind>[^\W\d]+)(?P<number>\d+)(?P<rest>\..*)")
MONTHS_OF_YEAR = 12
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Draft:
    """A facts block as what stands left and right of each sign of equality."""

    pairs: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The block as a page writes it."""
        return "".join(f"{left} = {right}\n" for left, right in self.pairs)

    def put(self, left: str, right: str) -> Draft:
        """With another value for one fact, or one fact more."""
        if any(known == left for known, _ in self.pairs):
            return Draft(tuple((k, right if k == left else v) for k, v in self.pairs))
        return Draft((*self.pairs, (left, right)))

    def without(self, left: str) -> Draft:
        """Without a fact."""
        return Draft(tuple(pair for pair in self.pairs if pair[0] != left))


def draft_of(block: Block) -> Draft:
    """A facts block as a draft; comments are gone."""
    found = []
    for each in assignments(block):
        line = block.lines[each.line - block.line]
        found.append((line.replace("＝", "=", 1).partition("=")[0].strip(), each.value))
    return Draft(tuple(found))


def changed(
    draft: Draft, extra: Mapping[str, Type], constants: Sequence[Hint], program: core.Program
) -> Iterator[Draft]:
    """The draft with one fact changed, added or taken away, or with one entity more.

    Args:
        draft: The block to change.
        extra: Facts that the rule reads and the block does not give, with their types.
        constants: What is tried, the likeliest first.
        program: Where evidence facts and words are declared.
    """
    targets = {**_targets(draft, program), **extra}
    days = _days_in(draft)
    given = dict(draft.pairs)
    for left, type_ in targets.items():
        for text in _texts(type_, left, constants, days, program):
            if given.get(left) == text:
                continue
            yield draft.put(left, text)
            if type_.kind == "code" and "，" in given.get(left, ""):  # one of several: one more
                yield draft.put(left, f"{given[left]}，{text}")
    yield from _with_one_more(draft)
    for left, _ in draft.pairs:
        yield draft.without(left)


def _targets(draft: Draft, program: core.Program) -> dict[str, Type]:
    found: dict[str, Type] = {}
    block = Block("facts", "", draft.text, 1)
    try:
        for (left, _), each in zip(draft.pairs, assignments(block), strict=True):
            type_ = _type_of(each, program)
            if type_ is not None:
                found[left] = type_
    except PageError:
        return {}
    return found


def _type_of(each: Assignment, program: core.Program) -> Type | None:
    """The type of a fact, or of what a collection's members are known by."""
    known = vocabulary.load().field(each.owner, each.field) if each.owner else None
    if known is not None and known.type.kind == "collection":
        element = known.type.element
        code = None if element is None else vocabulary.load().field(element.name, "code")
        return None if code is None else code.type
    if known is not None:
        return known.type
    return next(
        (
            item.type
            for item in program.evidence.values()
            if item.owner == each.owner and each.field in {item.name.zh, item.name.en}
        ),
        None,
    )


def _with_one_more(draft: Draft) -> Iterator[Draft]:
    """With a copy of each numbered entity under the next number of its kind."""
    numbers: dict[str, int] = {}
    for left, _ in draft.pairs:
        found = _NUMBERED.fullmatch(left)
        if found is not None:
            numbers[found["kind"]] = max(numbers.get(found["kind"], 0), int(found["number"]))
    for kind, last in numbers.items():
        copied = tuple(
            (f"{kind}{last + 1}{left.removeprefix(f'{kind}{last}')}", right)
            for left, right in draft.pairs
            if left.startswith(f"{kind}{last}.")
        )
        yield Draft((*draft.pairs, *copied))


# ---------------------------------------------------------------- values to try


def _texts(
    type_: Type,
    left: str,
    constants: Sequence[Hint],
    days: Sequence[date],
    program: core.Program,
) -> list[str]:
    """The values tried for a fact, as a block writes them."""
    found: dict[str, None] = {}
    for value, unit in _values(type_, left, constants, days):
        text = literal_text(value, type_, unit, program)
        if text is not None:
            found[text] = None
    return list(found)[:MOST_VALUES]


def _values(
    type_: Type, left: str, constants: Sequence[Hint], days: Sequence[date]
) -> Iterator[tuple[Any, str]]:
    if type_.kind == "yes_no":
        yield from ((True, ""), (False, ""))
        return
    if type_.kind in {"date", "datetime"}:
        yield from ((day, "") for day in _dates(type_, left, constants, days))
        return
    fitting = [hint for hint in constants if _fits(hint.type, type_)]
    yield from ((hint.value, hint.unit) for hint in fitting)
    if type_.kind in ORDERED:
        for hint in fitting:
            yield from ((value, hint.unit) for value in nudged(hint.value, hint.type))


def _fits(have: Type, want: Type) -> bool:
    if want.kind in {"code", "enum", "measure"}:
        return (have.kind, have.name) == (want.kind, want.name)
    return have.kind == want.kind


def _days_in(draft: Draft) -> list[date]:
    """The dates and times that a block writes, each once."""
    found = [text for _, right in draft.pairs for text in _DATE.findall(right)]
    return [
        datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
        for text in dict.fromkeys(found)
    ]


def _dates(
    type_: Type, left: str, constants: Sequence[Hint], days: Sequence[date]
) -> Iterator[date]:
    """Dates as far from the block's own ones as the constants say, and just beside."""
    of_birth = vocabulary.load().entities["patient"].fields["birth_date"].zh
    for hint in constants:
        if hint.type.kind in {"date", "datetime"} and isinstance(hint.value, date):
            yield hint.value
        elif isinstance(hint.value, AgeLimit):
            if left.endswith((of_birth, "birth_date")):
                yield from _births(hint.value, days)
        else:
            yield from _apart(hint, type_, days)


def _births(limit: AgeLimit, days: Sequence[date]) -> Iterator[date]:
    for moment in days:
        day = calendar.day_of(moment)
        if limit.unit == "day_old":
            born = day - timedelta(days=limit.count)
        else:
            months = limit.count * (MONTHS_OF_YEAR if limit.unit == "year_old" else 1)
            born = calendar.add_months(day, -months)
        yield from (born, born + calendar.DAY)


def _apart(hint: Hint, type_: Type, days: Sequence[date]) -> Iterator[date]:
    value = hint.value
    kind = value.unit if isinstance(value, Window) else hint.type.kind
    amount = value.amount if isinstance(value, Window) else value
    for moment in days:
        if kind == "days":
            count = int(amount)
            for away in (1 - count, -count, count - 1, count):
                yield moment + timedelta(days=away)
        elif kind == "seconds" and type_.kind == "datetime" and isinstance(moment, datetime):
            for away in (-int(amount), -int(amount) - 60, int(amount), int(amount) + 60):
                yield moment + timedelta(seconds=away)
        elif kind == "months" and not isinstance(moment, datetime):
            back = calendar.add_months(moment, -int(amount))
            yield from (back, back + calendar.DAY)


def literal_text(value: Any, type_: Type, unit: str, program: core.Program) -> str | None:  # noqa: C901 - one case a kind
    """A value as a facts block writes it; None where it writes none."""
    match type_.kind:
        case "yes_no":
            return "是" if value else "否"
        case "code":
            return f"#{value}"
        case "enum":
            return word_words(type_.name, str(value), program).zh
        case "text":
            return f"“{value}”"
        case "date":
            return calendar.day_of(value).isoformat()
        case "datetime":
            whole = value if isinstance(value, datetime) else calendar.start_of(value)
            return whole.isoformat(timespec="minutes")
        case "quantity":
            number, unit = value if isinstance(value, tuple) else (value, unit)
            known = BY_NAME.get(unit)
            return f"{number}{known.zh}" if known is not None else None
        case "number":
            return f"{value}"
        case "money":
            return f"{as_decimal(value)}元"
        case "ratio":
            return f"{as_decimal(exact_multiply(value, HUNDRED), 0)}%"
        case "measure":
            return f"{value} {BY_NAME[type_.name].zh}"
        case _:
            return None

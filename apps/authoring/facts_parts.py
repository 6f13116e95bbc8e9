"""The lines of a facts block as data: which entity, which field, with what value.

`实体[N].字段[参数] = 值`, or `场景 = 8` for what belongs to the bill as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from apps.authoring.pages import Block, PageError
from rulelang import vocabulary

# What is said of the bill as a whole, and under which name.
OF_BILL: Mapping[str, str] = {
    "场景": "scene", "scene": "scene",
    "环节": "stage", "stage": "stage",
    "询问时间": "asked_at", "asked_at": "asked_at",
    "结算时间": "settled_at", "settled_at": "settled_at",
    "参保地": "place_of_insurance", "place_of_insurance": "place_of_insurance",
    "就医地": "place_of_care", "place_of_care": "place_of_care",
    "判定期间": "judged", "judged": "judged",
    "基准日": "on", "on": "on",
}  # fmt: skip

_LEFT = re.compile(
    r"(?P<owner>[^\W\d]+)(?P<number>\d*)(?:\.(?P<field>\w+))?(?:\[(?P<arguments>[^\]]*)\])?"
)
_FOLD = str.maketrans("［］【】＝，\uff0e", "[][]=,.")
_OPENING, _CLOSING = "[［【(（{｛", "]］】)）}｝"


@dataclass(frozen=True, slots=True)
class Assignment:
    """One line. `owner` is the English kind of an entity, or empty for the bill itself."""

    line: int
    owner: str
    number: int
    field: str
    arguments: tuple[str, ...]
    value: str

    def refuse(self, zh: str, en: str) -> PageError:
        """The complaint about this line."""
        return PageError(self.line, zh, en)


def assignments(block: Block) -> Iterator[Assignment]:
    """The assignments of a block in order.

    Raises:
        PageError: at the first line that is none.
    """
    for offset, text in enumerate(block.lines):
        written = without_comment(text)
        if written:
            yield _assignment(block.line + offset, written)


def without_comment(text: str) -> str:
    """A line without what stands behind `--` or `——` outside of quotes."""
    quoted = 0
    for position, character in enumerate(text):
        if character in "“" or (character == '"' and not quoted):
            quoted += 1
        elif quoted and character in '”"':
            quoted -= 1
        elif not quoted and text[position : position + 2] in {"--", "——"}:
            return text[:position].strip()
    return text.strip()


def _assignment(line: int, text: str) -> Assignment:
    left, sign, value = (part.strip() for part in text.replace("＝", "=", 1).partition("="))
    found = _LEFT.fullmatch(left.translate(_FOLD).replace(" ", ""))
    if not sign or not value or found is None:
        raise PageError(
            line,
            f"`{text}` 不是赋值，写作 `明细1.药品 = #…`",
            f"`{text}` is no assignment; write `line1.drug = #...`",
        )
    if found["field"] is None and found["owner"] in OF_BILL and not found["number"]:
        return Assignment(line, "", 0, OF_BILL[found["owner"]], (), value)
    kind = vocabulary.load().entity(found["owner"])
    if kind is None or found["field"] is None:
        raise PageError(
            line,
            f"`{left}` 不是实体的字段，也不是 {'、'.join(list(OF_BILL)[::2])}",
            f"`{left}` is no field of an entity, nor one of {', '.join(list(OF_BILL)[1::2])}",
        )
    number = int(found["number"] or 1)
    arguments = tuple(part for part in (found["arguments"] or "").split(",") if part)
    return Assignment(line, kind.en, number, found["field"], arguments, value)


def listed(text: str) -> tuple[str, ...]:
    """The parts of a list, cut at commas outside of quotes and brackets."""
    parts, depth, start = [], 0, 0
    quoted = False
    for position, character in enumerate(text):
        if character in "“”" or character == '"':
            quoted = character == "“" or (character == '"' and not quoted)
        elif quoted:
            continue
        elif character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
        elif character in "，," and depth == 0:
            parts.append(text[start:position].strip())
            start = position + 1
    parts.append(text[start:].strip())
    return tuple(part for part in parts if part)


def record_parts(text: str) -> tuple[tuple[str, str], ...] | None:
    """`［药类 #A1，结局 无效］` as names with values; None if it is no record."""
    if text[:1] not in set("[［【") or text[-1:] not in set("]］】"):
        return None
    pairs = []
    for part in listed(text[1:-1]):
        name, _, value = part.partition(" ")
        if not value.strip():
            return None
        pairs.append((name, value.strip()))
    return tuple(pairs)

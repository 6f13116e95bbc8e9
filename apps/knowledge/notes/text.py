"""The shape of a note: its alternatives, and the conditions that hold for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LONGEST = 6000
MANY = 2
_SIGNS = str.maketrans(
    {
        "（": "(",
        "）": ")",
        ",": "，",
        ";": "；",
        ":": "：",
        "＜": "<",
        "＞": ">",
        "“": '"',
        "”": '"',
        "｡": "。",
        **{chr(0x2460 + n): f"({n + 1})" for n in range(9)},  # ① to ⑨
    }
)
_LIMIT = re.compile(
    r"限(?!制|度|期)|方予支付|方可支付|支付不超过|最多支付|不予支付|经营养风险筛查|使用时支付"
)
_WORD_LIMIT = re.compile(r"^(?:仅?限(?:于|用于)?)[：]?")
_NUMBER = re.compile(
    r"(?:(?<=^)|(?<=[：；。限\n，]))(?:\d{1,2}[.\uff0e、](?!\d)|\d{1,2}\.(?=\d+月龄|\d+岁|\d+q))"
)
_INNER = re.compile(r"\((\d)\)")
_COMMON = re.compile(
    r"(?:[，。；\n]|^)\s*(?:(?:并|且)?(?:应|需|须)?(?:同时)?(?:符合|满足)以下(?:全部)?条件)[：]?"
)
_HEAD = re.compile(r"^限?(?:在)?(?:以下情况)?(?:方可支付|方予支付)?[：，]?$")
_SHARED = re.compile(
    r"^(?:且|并)?(?:单次(?:住院)?|每次)?(?:(?:支付|最多支付|累计)(?:不超过|最多)|最多支付|需经营养|住院方可|预防使用|并?需|须)"
    # what narrows is no alternative: an exclusion, a level alone, what some of the patients need besides
    r"|^(?:但|且)?(?:不用于|不适用于|不包括|不包含|不含|排除|不予支付)"
    r"|^[^，：]{1,30}(?:除外|不予支付|不支付)$"
    r"|^(?:用于|在)?[一二三]级(?:及?以上)?(?:综合|定点)?(?:医疗机构|医院|医疗单位|定点机构|机构)(?:使用|支付)?$"
    r"|^(?:由|仅由|经)[^，：]{1,30}(?:医师|医生|药师|专科|科室)[^，：]{0,8}$|^(?:首次处方|首次使用|事前审查|事先审查)"
    r"|^(?:每(?:日|天|次|周|月|年|眼|疗程|人)|最大|总)[^，：]{0,12}(?:不超过|最多|至多)|^(?:疗程|用量|剂量)[^，：]{0,8}不超过"
    r"|^(?:成人|成年人?|儿童|患儿|孕妇|妇女|老年人?|老年患者|其中[^，：]{1,12}?)(?:患者)?(?:需|须|应)"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """The alternatives of a note, each as the texts of which all must hold, and what is shared."""

    alternatives: tuple[tuple[str, ...], ...]
    shared: tuple[str, ...]


def is_limit(text: str) -> bool:
    """Whether a text limits payment at all; a label's indication does not."""
    return _LIMIT.search(text) is not None


def normalize(text: str) -> str:
    """The text with one form of each sign and without blanks."""
    lines = (re.sub(r"\s+", "", line) for line in text.translate(_SIGNS).splitlines())
    return "\n".join(line for line in lines if line)


def shape_of(text: str) -> Shape:
    """Takes a normalized note apart; all of its words are in the parts, but the numbers."""
    main, common = _part_common(text)
    shared = [piece for number in _numbered(common) for piece in _pieces(number)] if common else []
    head, *numbered = _numbered(main)
    if not numbered:
        head, *numbered = _bracketed(main)
    if numbered:
        shared = [*(() if _HEAD.match(head) else _pieces(head)), *shared]
        found = [inner for item in numbered for inner in _inner(item)]
        return Shape(tuple(tuple(item) for item in found), tuple(shared))
    alternatives: list[tuple[str, ...]] = []
    pieces = _pieces(main)
    if len(pieces) > 1 and "：" in pieces[0]:
        head, _, first = pieces[0].partition("：")
        shared, pieces = [head, *shared], [first, *pieces[1:]]
    for piece in pieces:
        if _SHARED.match(piece):
            shared.append(piece)
        else:
            alternatives.append((piece,))
    return Shape(tuple(alternatives), tuple(shared))


def _part_common(text: str) -> tuple[str, str]:
    found = _COMMON.search(text)
    if found is None:
        return text.replace("\n", "。"), ""
    rest = text[: found.start()], text[found.end() :]
    return rest[0].replace("\n", "。"), rest[1].replace("\n", "。")


def _numbered(text: str) -> list[str]:
    """The text before the first number, then each numbered item."""
    marks = list(_NUMBER.finditer(text))
    if not marks:
        return [text]
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    return [
        text[: marks[0].start()],
        *(text[m.end() : e] for m, e in zip(marks, ends, strict=True)),
    ]


def _bracketed(text: str) -> list[str]:
    """The same for a note that numbers by brackets alone: (1) and (2), each where a part begins."""
    marks = [m for m in _INNER.finditer(text) if text[max(m.start() - 1, 0)] in "(：；。，限"]
    if len(marks) < MANY or [m[1] for m in marks[:2]] != ["1", "2"]:
        return [text]
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    items = [text[m.end() : e] for m, e in zip(marks, ends, strict=True)]
    return [text[: marks[0].start()], *items]


def _inner(item: str) -> Iterator[list[str]]:
    """An item with (1) (2) … is one alternative for each, all with what stands before them."""
    marks = list(_INNER.finditer(item))
    if not marks:
        yield list(_pieces(item))
        return
    before = item[: marks[0].start()]
    inside, _, after = item[marks[0].start() :].partition("。")
    marks = list(_INNER.finditer(inside))
    ends = [*(mark.start() for mark in marks[1:]), len(inside)]
    for mark, end in zip(marks, ends, strict=True):
        yield [*_pieces(before), *_pieces(inside[mark.end() : end]), *_pieces(after)]


def _pieces(text: str) -> Sequence[str]:
    found = (
        _WORD_LIMIT.sub("", piece) for piece in re.split(r"[。；\n]", text.strip("，。；：、\n"))
    )
    return [piece for piece in found if piece.strip("，：、")]

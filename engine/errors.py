"""What goes wrong with the machinery or its input. The reader is the operator, not a biller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rulelang.diagnostics import Words


@dataclass(frozen=True, slots=True)
class EngineCode:
    """One code of the catalogue: its number never changes and is never reused."""

    code: str
    slug: str
    title: Words
    since: str


def _entry(code: str, slug: str, zh: str, en: str, since: str = "0.1.0") -> EngineCode:
    return EngineCode(code, slug, Words(zh, en), since)


# One line an entry, in the order of the codes.

INPUT = (  # EN01xx: the input does not fit the model
    _entry("EN0101", "not-utf8", "文件不是 UTF-8", "the file is not UTF-8"),
    _entry("EN0102", "malformed-json", "不是合法的 JSON", "malformed JSON"),
    _entry("EN0103", "too-large", "输入太大", "the input is too large"),
    _entry("EN0104", "nested-too-deep", "嵌套太深", "nested too deep"),
    _entry("EN0105", "too-many-lines", "明细太多", "too many lines"),
    _entry("EN0106", "text-too-long", "文本太长", "a text is too long"),
    _entry(
        "EN0107", "workbook-too-large", "工作簿解开后太大", "the workbook is too large unpacked"
    ),
    _entry("EN0108", "duplicate-key", "同一对象中键重复", "a key occurs twice in one object"),
    _entry("EN0109", "not-a-number", "NaN 和 Infinity 不是数", "NaN and Infinity are no numbers"),
    _entry("EN0110", "broken-text", "文本不是合法的 Unicode", "a text is not valid Unicode"),
    _entry("EN0111", "not-a-request", "不是审核请求", "not a request"),
    _entry("EN0112", "no-patient", "请求中没有参保人", "no patient in the request"),
    _entry("EN0113", "no-encounter", "请求中没有就诊", "no encounter in the request"),
)

OUR_FAULT = (  # EN09xx: an invariant of ours is broken
    _entry("EN0901", "broken-invariant", "程序自身的错误", "a mistake of the program"),
)

ENGINE_CODES: Mapping[str, EngineCode] = MappingProxyType(
    {entry.code: entry for table in (INPUT, OUR_FAULT) for entry in table}
)


class EngineError(Exception):
    """Base of the errors that this package raises.

    `place` is a JSON pointer, line and column, or file, sheet and row; empty where there is none.
    """

    def __init__(self, code: str, words: Words, place: str = "", mend: Words | None = None) -> None:
        """An error with one code of the catalogue.

        Args:
            code: A key of `ENGINE_CODES`.
            words: What was found and what was wanted.
            place: Where in the input.
            mend: What can be done about it.
        """
        where = f"（{place}）" if place else ""
        super().__init__(f"{code}{where}：{words.zh}")
        self.code = code
        self.words = words
        self.place = place
        self.help = mend


class InputError(EngineError):
    """The input does not fit the model (EN01xx)."""


class InternalError(EngineError):
    """An invariant of ours is broken (EN09xx); the reader is asked to report it."""

    def __init__(self, words: Words, place: str = "") -> None:
        """Our own mistake, found at `place`."""
        mend = Words("请报告此错误，并附上输入。", "please report this, with the input")
        super().__init__("EN0901", words, place, mend)

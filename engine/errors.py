"""What goes wrong with the machinery or its input. The reader is the operator, not a biller."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

# Numbers never change and are never reused.
NOT_UTF8 = "EN0101"
MALFORMED_JSON = "EN0102"
TOO_LARGE = "EN0103"
NESTED_TOO_DEEP = "EN0104"
TOO_MANY_LINES = "EN0105"
TEXT_TOO_LONG = "EN0106"
WORKBOOK_TOO_LARGE = "EN0107"
DUPLICATE_KEY = "EN0108"
NOT_A_NUMBER = "EN0109"
BROKEN_TEXT = "EN0110"
NOT_A_REQUEST = "EN0111"
NO_PATIENT = "EN0112"
NO_ENCOUNTER = "EN0113"
NUMBER_FOR_CODE = "EN0114"
NOT_A_TABLE = "EN0115"
NO_COLUMN = "EN0116"
COLUMN_TWICE = "EN0117"
TOO_MANY_CELLS = "EN0118"
NO_KEY = "EN0119"
NOT_EVIDENCE = "EN0130"
NOT_A_BUNDLE = "EN0401"
DAMAGED_BUNDLE = "EN0402"
OTHER_VERSION = "EN0403"
BROKEN_INVARIANT = "EN0901"


@dataclass(frozen=True, slots=True)
class EngineCode:
    """One code of the catalogue; `since` is the first version that has it."""

    code: str
    slug: str
    title: Words
    since: str


def _entry(code: str, slug: str, zh: str, en: str, since: str = "0.1.0") -> EngineCode:
    return EngineCode(code, slug, Words(zh, en), since)


# One line an entry, in the order of the codes.

INPUT = (  # EN01xx: the input does not fit the model
    _entry(NOT_UTF8, "not-utf8", "文件不是 UTF-8", "the file is not UTF-8"),
    _entry(MALFORMED_JSON, "malformed-json", "不是合法的 JSON", "malformed JSON"),
    _entry(TOO_LARGE, "too-large", "输入太大", "the input is too large"),
    _entry(NESTED_TOO_DEEP, "nested-too-deep", "嵌套太深", "nested too deep"),
    _entry(TOO_MANY_LINES, "too-many-lines", "明细太多", "too many lines"),
    _entry(TEXT_TOO_LONG, "text-too-long", "文本太长", "a text is too long"),
    _entry(
        "EN0107", "workbook-too-large", "工作簿解开后太大", "the workbook is too large unpacked"
    ),
    _entry(DUPLICATE_KEY, "duplicate-key", "同一对象中键重复", "a key occurs twice in one object"),
    _entry(
        NOT_A_NUMBER, "not-a-number", "NaN 和 Infinity 不是数", "NaN and Infinity are no numbers"
    ),
    _entry(BROKEN_TEXT, "broken-text", "文本不是合法的 Unicode", "a text is not valid Unicode"),
    _entry(NOT_A_REQUEST, "not-a-request", "不是审核请求", "not a request"),
    _entry(NO_PATIENT, "no-patient", "请求中没有参保人", "no patient in the request"),
    _entry(NO_ENCOUNTER, "no-encounter", "请求中没有就诊", "no encounter in the request"),
    _entry(
        NUMBER_FOR_CODE, "number-for-code", "编码列中不是文本", "a code that is not held as text"
    ),
    _entry(NOT_A_TABLE, "not-a-table", "不是可读的表格", "not a table that can be read"),
    _entry(NO_COLUMN, "no-column", "缺少必需的表或列", "a sheet or column is missing"),
    _entry(COLUMN_TWICE, "column-twice", "同一内容有两处", "two places for the same thing"),
    _entry(TOO_MANY_CELLS, "too-many-cells", "单元格太多", "too many cells"),
    _entry(NO_KEY, "no-key", "行不知属于哪次就诊", "a row without its encounter"),
    _entry(NOT_EVIDENCE, "not-evidence", "不是证据文件", "not a file of evidence"),
)

BUNDLE = (  # EN04xx: compiled rulesets
    _entry(NOT_A_BUNDLE, "not-a-bundle", "不是规则包", "not a bundle"),
    _entry(DAMAGED_BUNDLE, "damaged-bundle", "规则包已损坏", "the bundle is damaged"),
    _entry(OTHER_VERSION, "other-version", "规则包出自另一版本", "a bundle of another version"),
)

OUR_FAULT = (  # EN09xx: an invariant of ours is broken
    _entry(BROKEN_INVARIANT, "broken-invariant", "程序自身的错误", "a mistake of the program"),
)

ENGINE_CODES: Mapping[str, EngineCode] = MappingProxyType(
    {entry.code: entry for table in (INPUT, BUNDLE, OUR_FAULT) for entry in table}
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


class BundleError(EngineError):
    """A compiled ruleset cannot be used (EN04xx)."""


class InternalError(EngineError):
    """An invariant of ours is broken (EN09xx); the reader is asked to report it."""

    def __init__(self, words: Words, place: str = "") -> None:
        """Our own mistake, found at `place`."""
        mend = Words("请报告此错误，并附上输入。", "please report this, with the input")
        super().__init__(BROKEN_INVARIANT, words, place, mend)

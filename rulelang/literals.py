"""Numbers with units, dates, codes and texts: how a literal is read, and read in spite of slips."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from rulelang.diagnostics import Words
from rulelang.keywords import RESERVED
from rulelang.units import BY_SPELLING, suggest_unit

if TYPE_CHECKING:
    from rulelang.tokens import Reading

MOST_DIGITS = 30
SHORTEST_CODE = 6  # digits: a number with leading zeros as long as this is a code

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_DOTTED = re.compile(r"[0-9]+(?:\.[0-9]+){2,}")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9,])")
_SCIENTIFIC = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+(?!\w)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?")
_LOOSE_DATE = re.compile(
    r"((?:19|20)[0-9]{2})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日?)(?!\w)"
)
_WORD = re.compile(r"\w+")
_SLASHED = re.compile(r"[A-Za-zμ]+/[A-Za-z]+(?!\w)")
_CODE = re.compile(r"#([0-9A-Za-z](?:[0-9A-Za-z.+*†_]|-(?=[0-9A-Za-z]))*)")
# One code, or a dagger and an asterisk code joined by a plus.
_PART = r"[0-9A-Za-z]+(?:[._-][0-9A-Za-z]+)*[*†]?"
_WELL_FORMED = re.compile(rf"{_PART}(?:\+{_PART})*\+?")
_BARE_ICD = re.compile(r"[A-Z][0-9]{2}\.[0-9][0-9A-Za-z.+*†]*(?!\w)")
_ICD_RANGE = re.compile(
    r"#?([A-Z][0-9]{2}[0-9A-Za-z.]*)\ ?[-–~]\ ?#?([A-Z][0-9]{2}[0-9A-Za-z.]*)(?![\w-])"
)
_CODE_RANGE = re.compile(r"#([0-9A-Za-z.]+)\ ?[-–~]\ ?#([0-9A-Za-z.]+)(?![\w-])")
_ENDINGS = {"以上": ">=", "以下": "<=", "以内": "<=", "之内": "<=", "以外": ">", "内": "<="}
_LINE = re.compile(r"[^\r\n]*")
_ESCAPE = re.compile(r"\\([\\\"“”])")
# What may end a text, by the sign that opens it (“ may be nested), and escapes, which do not.
_CLOSERS = {"“": "“”", "”": "”“", '"': '"', "‘": "’", "「": "」", "『": "』", "'": "'’", "’": "'’"}
_ENDS = {opener: re.compile(rf"\\[\\\"“”]|[{signs}]") for opener, signs in _CLOSERS.items()}


@cache
def _unit_pattern() -> re.Pattern[str]:
    """A unit of the table as a whole word, longest first."""
    spelt = sorted(BY_SPELLING, key=lambda unit: (-len(unit), unit))
    parts = [re.escape(unit) + (r"(?!\w)" if _WORD.match(unit[-1]) else "") for unit in spelt]
    return re.compile("|".join(parts))


def unit_at(reading: Reading, position: int) -> int | None:
    """Where the unit that stands at `position` ends, or None."""
    found = _unit_pattern().match(reading.folded, position)
    return found.end() if found else None


def read_number(reading: Reading, start: int) -> int:
    """Read a date, a quantity or a number."""
    found = _DATE.match(reading.folded, start)
    if found:
        return _date(reading, start, found.end())
    loose = _LOOSE_DATE.match(reading.folded, start)
    if loose:
        return _loose_date(reading, loose)
    grouped = _THOUSANDS.match(reading.raw, start)
    if grouped and unit_at(reading, grouped.end()) is not None:
        return _thousands(reading, start, grouped.end())
    malformed = _DOTTED.match(reading.folded, start) or _SCIENTIFIC.match(reading.folded, start)
    if malformed:
        return _malformed_number(reading, start, malformed.end())
    number = _NUMBER.match(reading.folded, start)
    end = number.end() if number else start + 1
    if end - start > MOST_DIGITS:
        return _malformed_number(reading, start, end)
    return _quantity(reading, start, end)


def _thousands(reading: Reading, start: int, end: int) -> int:
    """`10,000元`: reported, and read as the number that is meant."""
    text = reading.raw[start:end]
    plain = text.replace(",", "")
    reading.complain(
        "RL0120",
        (start, end),
        f"数 `{text}` 里有逗号",
        f"the number `{text}` holds a comma",
        Words(f"写作 `{plain}`", f"write `{plain}`"),
    )
    unit_end = unit_at(reading, end) or end
    unit = BY_SPELLING[reading.folded[end:unit_end]]
    return reading.emit("QTY", start, unit_end, (Decimal(plain), unit.name))


def _quantity(reading: Reading, start: int, end: int) -> int:
    """A number whose digits are read, with its unit if one follows, over blanks of one line."""
    folded = reading.folded
    value = Decimal(folded[start:end])
    begin = end
    while folded[begin : begin + 1] in {" ", "\t"}:
        begin += 1
    unit_end = unit_at(reading, begin)
    if unit_end is not None:
        if folded[unit_end : unit_end + 1] == "/" and unit_at(reading, unit_end + 1):
            end = unit_at(reading, unit_end + 1) or unit_end
            return _unknown_unit(reading, start, (begin, end))
        slashed = _SLASHED.match(folded, begin)
        if slashed and _differs_in_case(slashed[0]):
            return _unknown_unit(reading, start, (begin, slashed.end()))
        unit = BY_SPELLING[folded[begin:unit_end]]
        return reading.emit("QTY", start, unit_end, (value, unit.name))
    glued = _WORD.match(folded, end)
    if glued:
        return _glued(reading, start, end, glued.end())
    if folded[start] == "0" and folded[start + 1 : start + 2].isdigit():
        return _leading_zero(reading, start, end)
    return reading.emit("NUM", start, end, value)


def _differs_in_case(text: str) -> bool:
    """Whether a text is a unit but for large and small letters: `g/l`."""
    return text not in BY_SPELLING and text.lower() in {unit.lower() for unit in BY_SPELLING}


def _glued(reading: Reading, start: int, end: int, word_end: int) -> int:
    """A word stands right behind the number and is no unit: a space or a unit is wrong."""
    folded = reading.folded
    for cut in range(end, word_end):
        unit = BY_SPELLING.get(folded[end:cut])
        if cut > end and unit is None:
            continue
        for stop in range(word_end, cut, -1):
            word = folded[cut:stop]
            if word in RESERVED:
                _missing_space(reading, (start, word_end), (folded[start:cut], word, stop))
                if unit is None:
                    reading.emit("NUM", start, cut, Decimal(folded[start:end]))
                else:
                    reading.emit("QTY", start, cut, (Decimal(folded[start:end]), unit.name))
                return reading.emit(RESERVED[word][0], cut, stop)
    return _unknown_unit(reading, start, (end, word_end))


def _missing_space(reading: Reading, place: tuple[int, int], cut: tuple[str, str, int]) -> None:
    number, word, stop = cut
    mended = f"{number} {word} {reading.folded[stop : place[1]]}".rstrip()
    reading.complain(
        "RL0118",
        place,
        f"关键字 `{word}` 与前后的字连在一起",
        f"the keyword `{word}` is not parted from what stands beside it",
        Words(f"是否漏了空格：`{mended}`？", f"is a space missing: `{mended}`?"),
    )


def _unknown_unit(reading: Reading, start: int, unit: tuple[int, int]) -> int:
    text = reading.folded[unit[0] : unit[1]]
    report_unit(reading, unit, text)
    return reading.emit("ERROR", start, unit[1])


def report_unit(reading: Reading, place: tuple[int, int], text: str) -> None:
    """Say that `text` is no unit, and which one may be meant."""
    meant = suggest_unit(text, reading.spelling)
    mend = Words(f"是否指 `{meant}`？", f"do you mean `{meant}`?") if meant else None
    for ending, operator in _ENDINGS.items():
        if text.endswith(ending) and text.removesuffix(ending) in BY_SPELLING:
            form = f"{operator} …{text.removesuffix(ending)}"
            mend = Words(
                f"`{ending}` 写在数前：`{form}`", f"`{ending}` stands before the number: `{form}`"
            )
    reading.complain(
        "RL0104", place, f"单位表中没有 `{text}`", f"`{text}` is not in the table of units", mend
    )


def _leading_zero(reading: Reading, start: int, end: int) -> int:
    text = reading.folded[start:end]
    if len(text) < SHORTEST_CODE or "." in text:
        return _malformed_number(reading, start, end)
    _code_without_hash(reading, start, end)
    return reading.emit("CODE", start, end, text)


def _code_without_hash(reading: Reading, start: int, end: int) -> None:
    text = reading.folded[start:end]
    reading.complain(
        "RL0112",
        (start, end),
        f"编码 `{text}` 前面没有 `#`",
        f"the code `{text}` does not begin with `#`",
        Words(f"写作 `#{text}`", f"write `#{text}`"),
    )


def _malformed_number(reading: Reading, start: int, end: int) -> int:
    text = reading.folded[start:end]
    shown = text if end - start <= MOST_DIGITS else text[:MOST_DIGITS] + "…"
    reading.complain(
        "RL0120",
        (start, end),
        f"`{shown}` 不是可读的数",
        f"`{shown}` is not a readable number",
        Words(
            f"数写作 `12` 或 `0.5`，最多 {MOST_DIGITS} 位；编码写作 `#…`",
            f"numbers are written `12` or `0.5`, at most {MOST_DIGITS} digits; codes `#…`",
        ),
    )
    return reading.emit("ERROR", start, end)


def _date(reading: Reading, start: int, end: int) -> int:
    text = reading.folded[start:end]
    glued = _WORD.match(reading.folded, end)
    try:
        value = datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError:
        return _bad_date(reading, start, end)
    if glued:
        if reading.folded[end].isascii():
            return _bad_date(reading, start, glued.end())
        _missing_space(reading, (start, glued.end()), (text, glued.group(), glued.end()))
    return reading.emit("DATETIME" if "T" in text else "DATE", start, end, value)


def _bad_date(reading: Reading, start: int, end: int) -> int:
    text = reading.folded[start:end]
    reading.complain(
        "RL0105",
        (start, end),
        f"`{text}` 不是历法上的日期",
        f"`{text}` is not a date of the calendar",
        Words("日期写作 `2026-01-31` 或 `2026-01-31T08:30`",
              "dates are written `2026-01-31` or `2026-01-31T08:30`"),
    )  # fmt: skip
    return reading.emit("ERROR", start, end)


def _loose_date(reading: Reading, found: re.Match[str]) -> int:
    """`2026-1-1`, `2026/1/1`, `2026年1月1日`: reported, and read as what is meant."""
    year, month, day = found[1], found[3] or found[5], found[4] or found[6]
    text = f"{year}-{int(month):02}-{int(day):02}"
    try:
        value = date.fromisoformat(text)
    except ValueError:
        return _bad_date(reading, found.start(), found.end())
    reading.complain(
        "RL0105",
        found.span(),
        f"日期 `{found[0]}` 的写法不对",
        f"the date `{found[0]}` is not in the form year-month-day",
        Words(f"写作 `{text}`", f"write `{text}`"),
    )
    return reading.emit("DATE", found.start(), found.end(), value)


def read_code(reading: Reading, start: int) -> int:
    """Read what begins with `#`."""
    ranged = _dash_range(reading, start)
    if ranged is not None:
        return ranged
    found = _CODE.match(reading.folded, start)
    if found is None:
        reading.complain(
            "RL0103",
            (start, start + 1),
            "`#` 后面没有编码",
            "no code follows `#`",
            Words("编码写作 `#I63.9`，`#` 与编码之间没有空格；注释写作 `-- …`",
                  "codes are written `#I63.9`, without a space after `#`; comments `-- …`"),
        )  # fmt: skip
        return reading.emit("ERROR", start, start + 1)
    text = found[1].rstrip(".")
    end = start + 1 + len(text)
    if not _WELL_FORMED.fullmatch(text):
        return _malformed_code(reading, start, end)
    glued = _WORD.match(reading.folded, end)
    if glued:
        _missing_space(reading, (start, glued.end()), (f"#{text}", glued.group(), glued.end()))
        if glued.group() in RESERVED:
            reading.emit("CODE", start, end, text)
            return reading.emit(RESERVED[glued.group()][0], end, glued.end())
        return reading.emit("ERROR", start, glued.end())
    return reading.emit("CODE", start, end, text)


def _malformed_code(reading: Reading, start: int, end: int) -> int:
    text = reading.folded[start:end]
    reading.complain(
        "RL0103",
        (start, end),
        f"`{text}` 不是编码的写法",
        f"`{text}` is not the form of a code",
        Words(
            "`属于` 与 `含` 已包括下级编码，只写上级即可，如 `#I63`",
            "`under` and `has` reach all codes below, so the upper one is enough, as `#I63`",
        ),
    )
    return reading.emit("ERROR", start, end)


def read_bare_code(reading: Reading, start: int) -> int | None:
    """A diagnosis code without its `#` at the start of a name, or None if it is none."""
    ranged = _dash_range(reading, start)
    if ranged is not None:
        return ranged
    found = _BARE_ICD.match(reading.folded, start)
    if found is None:
        return None
    _code_without_hash(reading, start, found.end())
    return reading.emit("CODE", start, found.end(), found[0])


def _dash_range(reading: Reading, start: int) -> int | None:
    """`#C00–#C97`, `C00-C97`: reported, and read as the range that is meant."""
    found = _ICD_RANGE.match(reading.folded, start) or _CODE_RANGE.match(reading.folded, start)
    if found is None:
        return None
    word = "to" if reading.spelling == "en" else "至"
    mended = f"#{found[1]} {word} #{found[2]}"
    text = reading.raw[start : found.end()]
    reading.complain(
        "RL0123",
        found.span(),
        f"编码范围 `{text}` 用了连接号",
        f"the range of codes `{text}` is written with a dash",
        Words(f"写作 `{mended}`", f"write `{mended}`"),
    )
    reading.emit("CODE", start, found.end(1), found[1])
    reading.emit("TO", found.end(1), found.start(2))
    return reading.emit("CODE", found.start(2), found.end(), found[2])


def read_text(reading: Reading, start: int) -> int:
    """Read a text in “ ” (nested ones balanced) or " ", which ends on its own line."""
    raw, folded = reading.raw, reading.folded
    close, limit = text_end(folded, start)
    if close is None:
        _unclosed(reading, start, limit)
        return reading.emit("STRING", start, limit, unescaped(raw[start + 1 : limit]))
    body = raw[start + 1 : close]
    if folded[start] in "”'‘’「『":
        _other_quotes(reading, start, close + 1)
    return reading.emit("STRING", start, close + 1, unescaped(body))


def unescaped(body: str) -> str:
    """What is between the quotes of a text with `\\“` as the quote itself."""
    return _ESCAPE.sub(r"\1", body) if "\\" in body else body


def text_end(folded: str, start: int) -> tuple[int | None, int]:
    """Where the quote stands that closes the text at `start`, if one does; where its line ends."""
    line = _LINE.match(folded, start)
    limit = line.end() if line else len(folded)
    return _closing(folded, start, limit), limit


def _closing(folded: str, start: int, limit: int) -> int | None:
    """Where the quote that closes the text stands, or None."""
    opener = folded[start]
    depth = 1
    for found in _ENDS[opener].finditer(folded, start + 1, limit):
        if found[0][0] == "\\":
            continue
        depth += 1 if opener == found[0] == "“" else -1
        if depth == 0:
            return found.start()
    return None


def _other_quotes(reading: Reading, start: int, end: int) -> None:
    quote = reading.raw[start]
    reading.complain(
        "RL0102",
        (start, end),
        f"文本用了引号 `{quote}`",
        f"the text has quotes of the kind `{quote}`",
        Words('文本写作 “…” 或 "…"', 'texts are written “…” or "…"'),
    )


def _unclosed(reading: Reading, start: int, end: int) -> None:
    quote = reading.raw[start]
    reading.complain(
        "RL0102",
        (start, end),
        f"引号 `{quote}` 在本行没有配对",
        f"the quote `{quote}` has no partner on its line",
        Words("文本写作 “…” 或 \"…\"，在同一行内结束，内层的 “ ” 也要成对",
              "texts are written “…” or \"…\" and end on their line, “ ” inside them in pairs"),
    )  # fmt: skip

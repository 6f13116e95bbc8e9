"""Bytes to a JSON tree, within limits. Numbers stay exact; knows nothing of what the tree means."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine import errors
from engine.errors import InputError
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Limits:
    """What an input may hold (OUTPUT: limits); sizes in bytes."""

    size: int = 5 * 1024 * 1024
    nesting: int = 32
    lines: int = 5_000
    text: int = 64 * 1024


LIMITS = Limits()

# Longer numbers are no amounts, quantities or codes; they stay texts, and readers refuse them.
_MAX_DIGITS = 40
_MAX_EXPONENT = 40

# More fields are in no object of a request; each would be looked at and remembered.
MOST_FIELDS = 1_000

# A string that is not closed matches to the end, so that the scan is linear on any input.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)
_OPEN = ord("[")
_ALIKE = bytes.maketrans(b"{}", b"[]")
_PLAIN = bytes(set(range(256)) - set(b'[]{}"'))
_LONG_NUMBER = re.compile(rb"\d{%d}" % (_MAX_DIGITS + 1))
_EXPONENT = re.compile(r"[eE]([+-]?\d+)\Z")

_COMPLAINTS = MappingProxyType(
    {
        "Expecting value": Words("此处应有一个值", "a value is wanted here"),
        "Expecting ',' delimiter": Words("此处应有逗号或右括号", "a comma or a closing bracket is wanted here"),
        "Expecting ':' delimiter": Words("键之后应有冒号", "a colon is wanted behind the key"),
        "Expecting property name enclosed in double quotes": Words(
            "此处应有双引号中的键", "a key in double quotes is wanted here"
        ),
        "Illegal trailing comma before end of object": Words(
            "最后一项之后不应有逗号", "no comma is wanted behind the last entry"
        ),
        "Illegal trailing comma before end of array": Words(
            "最后一项之后不应有逗号", "no comma is wanted behind the last entry"
        ),
        "Unterminated string starting at": Words("引号没有配对", "the quotes are not in pairs"),
        "Invalid control character at": Words(
            "文本中的换行、制表等须写成转义", "line breaks and tabs in a text must be escaped"
        ),
        "Extra data": Words("一个 JSON 之后还有内容", "something follows behind the one JSON value"),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Refused:
    """Stands in the tree where something must be refused, until its place is known."""

    code: str
    words: Words
    mend: Words | None = None


_LOOKED_AT = frozenset({str, dict, list, _Refused})
_MOST_BYTES = 4  # of a character in UTF-8


def pointer_step(key: object) -> str:
    """One step of a JSON pointer, escaped."""
    return "/" + str(key).replace("~", "~0").replace("/", "~1")


def read_request(data: bytes, limits: Limits = LIMITS) -> object:
    """The JSON tree that `data` holds; decimals as `Decimal`, whole numbers as `int`.

    Args:
        data: The request as it came.
        limits: Sizes above which it is refused.

    Raises:
        InputError: EN0101 to EN0110, with the place.
    """
    if len(data) > limits.size:
        raise _too_large(len(data), limits.size)
    text = decode(data)
    _scan_nesting(data, limits.nesting)
    try:
        tree: object = json.loads(
            text,
            parse_float=_exact_decimal,
            parse_int=_exact_whole if _LONG_NUMBER.search(data) else int,
            parse_constant=_no_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise _malformed(error) from None
    if _has_trouble(tree, limits):
        _refuse_first(tree, "", limits)
    return tree


def _too_large(size: int, limit: int) -> InputError:
    return InputError(
        errors.TOO_LARGE,
        Words(f"输入 {size} 字节，上限 {limit} 字节", f"the input has {size} bytes; the limit is {limit}"),
        mend=Words("按就诊拆成几个请求", "split it into several requests, by encounter"),
    )  # fmt: skip


def decode(data: bytes) -> str:
    """Bytes as UTF-8 text, with or without a mark in front.

    Raises:
        InputError: EN0101, telling GBK apart.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1}"
    other = _other_encoding(data)
    if other:
        words = Words(f"不是 UTF-8，像是 {other} 编码", f"not UTF-8; it seems to be {other}")
        mend = Words("请转换为 UTF-8 再发送", "convert it to UTF-8 and send again")
    else:
        words = Words("不能按 UTF-8 解码", "cannot be decoded as UTF-8")
        mend = Words("请以 UTF-8 编码发送", "send it in UTF-8")
    raise InputError(errors.NOT_UTF8, words, place, mend)


def _other_encoding(data: bytes) -> str:
    """The encoding that bytes seem to be in; empty where none is likely."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return "GBK"


def _scan_nesting(data: bytes, limit: int) -> None:
    """Refuses what is nested too deep before anything recurses into it."""
    if _deepest(data, limit) <= limit:
        return
    depth = 0
    for match in _TOKEN.finditer(data):
        if match[0] in b"[{":
            depth += 1
            if depth > limit:
                raise InputError(
                    errors.NESTED_TOO_DEEP,
                    Words(f"嵌套超过 {limit} 层", f"nested deeper than {limit} levels"),
                    f"byte {match.start() + 1}",
                )
        elif match[0] in b"]}":
            depth -= 1


def _deepest(data: bytes, limit: int) -> int:
    """At most so deep it goes, as far as above `limit`; without places, so that it is quick.

    Escaped quotes go first. Two quotes beside each other can go in any order: either a text that
    says nothing here, or the seam of two texts. Of what is left every other part is outside texts.
    Then pairs of brackets go, the innermost ones in each round: each is one level at most.
    """
    bare = data.replace(b"\\\\", b"").replace(b'\\"', b"").translate(_ALIKE, _PLAIN)
    brackets = b"".join(bare.replace(b'""', b"").split(b'"')[::2])
    rounds = 0
    while rounds <= limit and b"[]" in brackets:
        brackets = brackets.replace(b"[]", b"")
        rounds += 1
    depth = most = 0
    for bracket in brackets:
        depth += 1 if bracket == _OPEN else -1
        most = max(most, depth)
        if rounds + most > limit:
            break
    return rounds + most


def _malformed(error: json.JSONDecodeError) -> InputError:
    place = f"line {error.lineno}, column {error.colno}"
    words = Words(
        f"第 {error.lineno} 行第 {error.colno} 列不是合法的 JSON",
        f"line {error.lineno}, column {error.colno} is not valid JSON",
    )
    return InputError(errors.MALFORMED_JSON, words, place, _COMPLAINTS.get(error.msg))


def _exact_decimal(text: str) -> Decimal | str:
    exponent = _EXPONENT.search(text)
    too_far = exponent is not None and (
        len(exponent[1]) > _MAX_DIGITS or abs(int(exponent[1])) > _MAX_EXPONENT
    )
    return text if too_far or len(text) > 2 * _MAX_DIGITS else Decimal(text)


def _exact_whole(text: str) -> int | str:
    return int(text) if len(text) <= _MAX_DIGITS else text


def _no_constant(text: str) -> _Refused:
    return _Refused(
        errors.NOT_A_NUMBER,
        Words(f"`{text}` 不是数", f"`{text}` is no number"),
        Words("没有值请发送 null", "send null where there is no value"),
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Refused:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return _Refused(
                errors.DUPLICATE_KEY,
                Words(
                    f"键 `{key[:80]}` 出现不止一次", f"the key `{key[:80]}` occurs more than once"
                ),
            )
        seen.add(key)
    return found


def _children(tree: object) -> Iterator[tuple[object, object]]:
    if isinstance(tree, dict):
        yield from tree.items()
    elif isinstance(tree, list):
        yield from enumerate(tree)


def _has_trouble(tree: object, limits: Limits) -> bool:
    """Whether anything must be refused; without places, so that it is quick."""
    waiting: list[object] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            if _size(node) is None or len(node) * _MOST_BYTES > limits.text:
                return True
        elif isinstance(node, dict):
            if len(node) > MOST_FIELDS:
                return True
            waiting += node
            waiting += [value for value in node.values() if value.__class__ in _LOOKED_AT]
        elif isinstance(node, list):
            if len(node) > limits.lines:
                return True
            waiting += [value for value in node if value.__class__ in _LOOKED_AT]
        elif isinstance(node, _Refused):
            return True
    return False


def _refuse_first(tree: object, pointer: str, limits: Limits) -> None:
    """Refuses the first trouble with its place; recursion is within the nesting."""
    if isinstance(tree, _Refused):
        raise InputError(tree.code, tree.words, pointer, tree.mend)
    if isinstance(tree, str):
        _check_text(tree, pointer, limits.text)
        return
    _check_width(tree, pointer, limits)
    for key, child in _children(tree):
        if isinstance(key, str):
            _check_text(key, pointer, limits.text)
        _refuse_first(child, pointer + pointer_step(key), limits)


def _check_width(tree: object, pointer: str, limits: Limits) -> None:
    """No list holds more than a bill may have lines, no object more fields than any has."""
    if isinstance(tree, list) and len(tree) > limits.lines:
        count, most = len(tree), limits.lines
        words = Words(f"数组 {count} 项，上限 {most} 项", f"a list of {count}; the limit is {most}")
        mend = Words("按就诊拆成几个请求", "split it into several requests, by encounter")
        raise InputError(errors.TOO_MANY_LINES, words, pointer, mend)
    if isinstance(tree, dict) and len(tree) > MOST_FIELDS:
        count = len(tree)
        words = Words(
            f"一个对象有 {count} 个字段，请求中没有这样的对象",
            f"an object of {count} fields; no request has one",
        )
        raise InputError(errors.NOT_A_REQUEST, words, pointer)


def _size(text: str) -> int | None:
    """The bytes of a text in UTF-8; None where it holds half a character."""
    if text.isascii():
        return len(text)
    try:
        return len(text.encode("utf-8"))
    except UnicodeEncodeError:
        return None


def _check_text(text: str, pointer: str, limit: int) -> None:
    size = _size(text)
    if size is None:
        words = Words("文本中有不成对的代理码元", "a text holds a lone surrogate")
        raise InputError(errors.BROKEN_TEXT, words, pointer)
    if size > limit:
        words = Words(
            f"文本 {size} 字节，上限 {limit} 字节", f"a text of {size} bytes; the limit is {limit}"
        )
        raise InputError(errors.TEXT_TOO_LONG, words, pointer)

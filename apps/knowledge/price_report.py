"""A comparison of prices as text, as a document, or as a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from apps.knowledge.prices import Comparison, Pair, Price, Side, counts
from apps.render import reports
from rulelang.diagnostics import Words

_SCHEMA = 1
_SHOWN = 20  # pairs of a kind in a text
_KINDS = (
    ("higher", Words("高于", "higher")),
    ("lower", Words("低于", "lower")),
    ("equal", Words("持平", "equal")),
)
_PAIR_HEADS = (
    Words("比较", "compared"), Words("编码", "code"), Words("机构类别", "class"), Words("名称", "name"),
    Words("前一张表价格", "first price"), Words("后一张表价格", "second price"),
    Words("差额", "difference"),
)  # fmt: skip
_TROUBLE_HEADS = (
    Words("情况", "what"), Words("位置", "place"), Words("编码", "code"), Words("名称", "name"),
    Words("价格", "price"), Words("说明", "why"),
)  # fmt: skip


def lines(found: Comparison, lang: str, *, everything: bool = False) -> Iterator[str]:
    """The report as text; without `everything`, the first pairs of each kind."""
    zh = lang != "en"
    for side, other in ((found.first, "A"), (found.second, "B")):
        yield _side(side, other, zh=zh)
    for words, count in counts(found):
        yield f"{words.choose(lang)}{'：' if zh else ': '}{count}"
    for name, words in _KINDS:
        pairs: Sequence[Pair] = getattr(found, name)
        if name == "equal" and not everything:
            continue
        shown = pairs if everything else pairs[:_SHOWN]
        for pair in shown:
            yield f"  {words.choose(lang)} {_pair(pair)}"
        if len(shown) < len(pairs):
            rest = len(pairs) - len(shown)
            yield f"  …还有 {rest} 项（--all）" if zh else f"  ... {rest} more (--all)"
    for row in _troubles(found, lang):
        yield "  " + " ".join(str(cell) for cell in row if cell not in {None, ""})


def _side(side: Side, name: str, *, zh: bool) -> str:
    figures = (
        (side.rows, "读入", "rows read"),
        (len(side.prices), "可比", "prices"),
        (len(side.repeated), "重复", "repeated"),
        (len(side.contradictory), "矛盾", "contradictory"),
        (len(side.rejected), "不能用", "rejected"),
        (side.skipped, "其他类别", "of other classes"),
    )
    if zh:
        return f"{name} {side.file}：" + "，".join(f"{word} {count}" for count, word, _ in figures)
    return f"{name} {side.file}: " + ", ".join(f"{count} {word}" for count, _, word in figures)


def _pair(pair: Pair) -> str:
    code, told = pair.first.key
    name = pair.first.name or pair.second.name
    head = " ".join(part for part in (code, told, name) if part)
    return f"{head} {pair.first.price} / {pair.second.price} ({pair.difference:+})"


def _troubles(found: Comparison, lang: str) -> Iterator[tuple[reports.Cell, ...]]:
    for title, group in (
        (Words("只在前一张表", "only in the first"), found.only_first),
        (Words("只在后一张表", "only in the second"), found.only_second),
        (Words("重复", "repeated"), (*found.first.repeated, *found.second.repeated)),
        (Words("矛盾", "contradictory"), (*found.first.contradictory, *found.second.contradictory)),
    ):
        for one in group:
            yield (title.choose(lang), one.place.shown, " ".join(one.key).strip(), one.name, one.price, "")  # fmt: skip
    for bad in (*found.first.rejected, *found.second.rejected):
        what = Words("不能用", "rejected").choose(lang)
        yield (what, bad.place.shown, "", "", None, bad.reason.choose(lang))


def document(found: Comparison) -> dict[str, Any]:
    """The report as JSON data; prices are texts, exact."""
    return {
        "schema": _SCHEMA,
        "first": _side_document(found.first),
        "second": _side_document(found.second),
        "counts": {words.en.replace(" ", "_"): count for words, count in counts(found)},
        **{name: [_pair_document(pair) for pair in getattr(found, name)] for name, _ in _KINDS},
        "only_first": [_price_document(one) for one in found.only_first],
        "only_second": [_price_document(one) for one in found.only_second],
    }


def _side_document(side: Side) -> dict[str, Any]:
    return {
        "file": side.file,
        "digest": side.digest,
        "rows": side.rows,
        "prices": len(side.prices),
        "skipped": side.skipped,
        "repeated": [_price_document(one) for one in side.repeated],
        "contradictory": [_price_document(one) for one in side.contradictory],
        "rejected": [
            {"place": bad.place.shown, "zh": bad.reason.zh, "en": bad.reason.en}
            for bad in side.rejected
        ],
    }


def _price_document(one: Price) -> dict[str, str]:
    code, told = one.key
    return {
        "code": code,
        "class": told,
        "name": one.name,
        "price": format(one.price, "f"),
        "place": one.place.shown,
    }


def _pair_document(pair: Pair) -> dict[str, str]:
    code, told = pair.first.key
    return {
        "code": code,
        "class": told,
        "name": pair.first.name or pair.second.name,
        "first": format(pair.first.price, "f"),
        "second": format(pair.second.price, "f"),
        "difference": format(pair.difference, "f"),
    }


def workbook(found: Comparison, lang: str) -> bytes:
    """The report as a workbook: the counts with their chart, all pairs, and what was not compared.

    Raises:
        InputError: EN0123 where the optional part is not installed.
    """
    summary = [(words.choose(lang), count) for words, count in counts(found)]
    pairs: list[tuple[reports.Cell, ...]] = [
        (words.choose(lang), *pair.first.key, pair.first.name or pair.second.name,
         pair.first.price, pair.second.price, pair.difference)
        for name, words in _KINDS
        for pair in getattr(found, name)
    ]  # fmt: skip
    page = reports.Page
    return reports.write(
        [
            page(
                Words("汇总", "summary").choose(lang),
                (Words("比较", "compared").choose(lang), Words("项数", "count").choose(lang)),
                summary,
                charted=3,
            ),
            page(Words("对比", "pairs").choose(lang), _heads(_PAIR_HEADS, lang), pairs),
            page(
                Words("未比较", "not compared").choose(lang),
                _heads(_TROUBLE_HEADS, lang),
                list(_troubles(found, lang)),
            ),
        ]
    )


def _heads(words: Sequence[Words], lang: str) -> tuple[str, ...]:
    return tuple(one.choose(lang) for one in words)

"""The use of selected products as text, as a document, or as a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from apps.knowledge.procurement import Group, Report, Use
from apps.render import reports
from rulelang.diagnostics import Words
from rulelang.values import Range

_SCHEMA = 1
_NEED = {
    "recorded": Words("医疗需求已记录", "need recorded"),
    "not_recorded": Words("没有记录医疗需求", "no need recorded"),
    "unknown": Words("是否有医疗需求未知", "need not known"),
    "not_judged": Words("没有规则判断", "no rule looked at it"),
}
_GROUP_HEADS = (
    Words("品种组", "group"), Words("单位", "unit"), Words("中选用量", "selected"),
    Words("非中选用量", "other"), Words("中选占比", "share"), Words("约定量", "agreed"),
    Words("完成", "fulfilled"), Words("非中选行数", "lines"), Words("至少节省", "saving, at least"),
    Words("至多节省", "saving, at most"), Words("数量未知的行", "lines of unknown quantity"),
    Words("现行中选产品", "selected products in force"),
)  # fmt: skip
_USE_HEADS = (
    Words("品种组", "group"), Words("来源", "source"), Words("行号", "line"), Words("药品", "drug"),
    Words("名称", "name"), Words("金额", "amount"), Words("节省", "saving"),
    Words("医疗需求", "need"),
)  # fmt: skip


def lines(found: Report, lang: str) -> Iterator[str]:
    """The report as text."""
    zh = lang != "en"
    yield (
        f"单据 {found.bills} 张，明细 {found.lines} 行，没有药品编码的 {found.uncoded} 行，品种组 {len(found.groups)} 个"
        if zh
        else f"{found.bills} bills, {found.lines} lines, {found.uncoded} without a drug code, {len(found.groups)} groups"
    )
    for group in found.groups:
        yield from _group(group, lang)
    for place in found.rejected:
        yield f"约定量不能用：{place.shown}" if zh else f"unusable volume: {place.shown}"


def _group(group: Group, lang: str) -> Iterator[str]:
    zh = lang != "en"
    parts = [
        f"中选 {_plain(group.selected)}" if zh else f"selected {_plain(group.selected)}",
        f"非中选 {_plain(group.other)}" if zh else f"other {_plain(group.other)}",
    ]
    if group.share is not None:
        parts.append(
            f"中选占比 {_percent(group.share)}" if zh else f"share {_percent(group.share)}"
        )
    if group.agreed is not None:
        done = "?" if group.fulfilled is None else _percent(group.fulfilled)
        agreed = _plain(group.agreed)
        parts.append(
            f"约定量 {agreed}，完成 {done}" if zh else f"agreed {agreed}, fulfilled {done}"
        )
    if group.unknown:
        parts.append(
            f"数量未知 {group.unknown} 行" if zh else f"{group.unknown} lines of unknown quantity"
        )
    yield (
        f"{group.name}（{group.unit}）：" + "，".join(parts)
        if zh
        else (f"{group.name} ({group.unit}): " + ", ".join(parts))
    )
    for use in group.uses:
        saving = _span(use.saving)
        need = _NEED[use.need].choose(lang)
        amount = "?" if use.amount is None else format(use.amount, "f")
        word = "节省" if zh else "saving"
        yield f"  {use.source} {use.line} {use.name} {use.drug} {amount} {word} {saving} {need}"
    if group.uses:
        names = _alternatives(group)
        yield f"  现行中选：{names}" if zh else f"  selected in force: {names}"


def _alternatives(group: Group) -> str:
    found = sorted(group.alternatives.values(), key=lambda one: one.drug)
    shown = [
        f"{one.name or one.drug} {'' if one.unit_price is None else one.unit_price}/{group.unit}"
        for one in found
    ]
    return "; ".join(shown) or "-"


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _percent(ratio: Decimal) -> str:
    return f"{(ratio * 100).quantize(Decimal('0.01'))}%"


def _span(known: Range | None) -> str:
    if known is None:
        return "?"
    if known.is_exact:
        return str(known.exact)
    return f"{known.low if known.low is not None else ''}~{known.high if known.high is not None else ''}"


def document(found: Report) -> dict[str, Any]:
    """The report as JSON data; numbers are texts, exact."""
    return {
        "schema": _SCHEMA,
        "bills": found.bills,
        "lines": found.lines,
        "uncoded": found.uncoded,
        "groups": [_group_document(group) for group in found.groups],
        "rejected_volumes": [place.shown for place in found.rejected],
    }


def _group_document(group: Group) -> dict[str, Any]:
    low, high = group.saving
    return {
        "group": group.name,
        "unit": group.unit,
        "selected": _plain(group.selected),
        "other": _plain(group.other),
        "unknown_quantity": group.unknown,
        "share": _text(group.share),
        "agreed": _text(group.agreed),
        "fulfilled": _text(group.fulfilled),
        "saving": {"low": format(low, "f"), "high": _text(high)},
        "alternatives": [
            {"drug": one.drug, "name": one.name, "unit_price": _text(one.unit_price)}
            for one in sorted(group.alternatives.values(), key=lambda one: one.drug)
        ],
        "uses": [_use_document(use) for use in group.uses],
    }


def _use_document(use: Use) -> dict[str, Any]:
    return {
        "source": use.source,
        "line": use.line,
        "drug": use.drug,
        "name": use.name,
        "amount": _text(use.amount),
        "saving": _span(use.saving),
        "need": use.need,
    }


def _text(number: Decimal | None) -> str | None:
    return None if number is None else format(number, "f")


def workbook(found: Report, lang: str) -> bytes:
    """The report as a workbook: the groups, and the lines of products that are not selected.

    Raises:
        InputError: EN0123 where the optional part is not installed.
    """
    groups: list[tuple[reports.Cell, ...]] = [
        (group.name, group.unit, group.selected, group.other, group.share, group.agreed,
         group.fulfilled, len(group.uses), *group.saving, group.unknown, _alternatives(group))
        for group in found.groups
    ]  # fmt: skip
    uses: list[tuple[reports.Cell, ...]] = [
        (group.name, use.source, use.line, use.drug, use.name, use.amount, _span(use.saving),
         _NEED[use.need].choose(lang))
        for group in found.groups
        for use in group.uses
    ]  # fmt: skip
    pages = (
        (Words("品种组", "groups"), _GROUP_HEADS, groups),
        (Words("非中选明细", "other products"), _USE_HEADS, uses),
    )
    return reports.write(
        [
            reports.Page(name.choose(lang), tuple(head.choose(lang) for head in heads), rows)
            for name, heads, rows in pages
        ]
    )

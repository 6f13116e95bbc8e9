"""One difference in meaning between two rulesets, and the words that all differences share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from engine.cite import citation_words
from rulelang import core
from rulelang.diagnostics import Words
from rulelang.source import NOWHERE, Span

Item = TypeVar("Item", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: of what, of which kind, in words, with its place in either ruleset.

    `wording` says that only texts for readers differ, and nothing of what is found.
    """

    of: Words
    kind: str
    words: Words
    old: Span = NOWHERE
    new: Span = NOWHERE
    wording: bool = False


@dataclass(frozen=True, slots=True)
class Sides:
    """The two programs compared, the thing of which changes are told, and where it stands."""

    old: core.Program
    new: core.Program
    of: Words
    old_place: Span = NOWHERE
    new_place: Span = NOWHERE

    def change(
        self,
        kind: str,
        words: Words,
        old: Span = NOWHERE,
        new: Span = NOWHERE,
        *,
        wording: bool = False,
    ) -> Change:
        """A change of this thing; where no place is given it is the thing's own."""
        old = self.old_place if old == NOWHERE else old
        new = self.new_place if new == NOWHERE else new
        return Change(self.of, kind, words, old, new, wording)

    def at(self, old: Span, new: Span) -> Sides:
        """The same with other places."""
        return replace(self, old_place=old, new_place=new)


def moved(where: Words, old: Words, new: Words) -> Words:
    """`where`：`old` 改为 `new`."""
    return Words(
        f"{where.zh}：`{old.zh}` 改为 `{new.zh}`", f"{where.en}: `{old.en}` becomes `{new.en}`"
    )


def added(where: Words, item: Words) -> Words:
    """`where`：增加 `item`."""
    return Words(f"{where.zh}：增加 `{item.zh}`", f"{where.en}: `{item.en}` is added")


def removed(where: Words, item: Words) -> Words:
    """`where`：去掉 `item`."""
    return Words(f"{where.zh}：去掉 `{item.zh}`", f"{where.en}: `{item.en}` is taken away")


def plain(value: Any) -> Words:
    """A value that has no words of its own, as it is; nothing is said as such."""
    match value:
        case Words():
            return value
        case None | "" | ():
            return Words("无", "none")
        case bool():
            return Words("是" if value else "否", "yes" if value else "no")
        case core.Citation():
            return citation_words(value)
        case core.Document():
            return citation_words(core.Citation(value))
        case tuple():
            parts = [plain(part) for part in value]
            return Words("，".join(p.zh for p in parts), ", ".join(p.en for p in parts))
        case _:
            return Words(str(value), str(value))


def set_changes(
    sides: Sides, kind: str, where: Words, old: Iterable[Any], new: Iterable[Any]
) -> Iterator[Change]:
    """What is in one collection and not in the other, whatever the order."""
    before, after = list(old), list(new)
    known = [known_by(item) for item in after]
    for item in before:
        if known_by(item) in known:
            place = known.index(known_by(item))
            del known[place], after[place]
        else:
            yield sides.change(kind, removed(where, plain(item)))
    for item in after:
        yield sides.change(kind, added(where, plain(item)))


def known_by(item: Any) -> Any:
    """What an item is compared by: a citation by its place, for what changed of a document is told there."""
    if isinstance(item, core.Citation):
        return item.document.key, item.place
    return item


def document_changes(
    sides: Sides, old: Iterable[core.Document], new: Iterable[core.Document]
) -> Iterator[Change]:
    """Documents that came, went, or are described otherwise."""
    before, after = ({each.key: each for each in side} for side in (old, new))
    where = Words("文件", "documents")
    for key, one in before.items():
        other = after.get(key)
        if other is None:
            yield sides.change("documents", removed(where, plain(one)))
            continue
        for name, label in (
            ("title", Words("标题", "title")),
            ("number", Words("文号", "number")),
            ("issued", Words("发布", "issued")),
        ):
            first, second = getattr(one, name), getattr(other, name)
            if first != second:
                at = Words(f"文件 {key} 的{label.zh}", f"{label.en} of document {key}")
                yield sides.change("documents", moved(at, plain(first), plain(second)))
    for key, other in after.items():
        if key not in before:
            yield sides.change("documents", added(where, plain(other)))


def unmatched(old: Sequence[Item], new: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """What of each is not in the other, each counted as often as it occurs."""
    left, right = Counter(old), Counter(new)
    return _beyond(old, left - right), _beyond(new, right - left)


def _beyond(items: Sequence[Item], counts: Counter[Item]) -> list[Item]:
    """So many of each item as are counted, in their order."""
    found = []
    for item in items:
        if counts[item]:
            counts[item] -= 1
            found.append(item)
    return found


def period_changes(sides: Sides, old: core.Period, new: core.Period) -> Iterator[Change]:
    """Changes of the dates in force."""
    for name, words in (
        ("start", Words("施行首日", "first day in force")),
        ("end", Words("失效日", "first day no more in force")),
    ):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield sides.change("period", moved(words, plain(before), plain(after)))
    if old.by_document_date != new.by_document_date:
        where = Words("依文件日期", "by the document's date")
        said = moved(where, plain(old.by_document_date), plain(new.by_document_date))
        yield sides.change("period", said)

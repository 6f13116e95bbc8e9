"""Two rulesets compared by what they mean: layout, comments, spelling and the order of files do not count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apps.authoring.change import Change, Sides, moved, period_changes, plain, set_changes
from apps.authoring.change_rules import rule_changes, without_names
from apps.authoring.change_tables import declared_changes, place_of
from rulelang import core
from rulelang.diagnostics import Words
from rulelang.source import NOWHERE

KINDS: Mapping[str, Words] = {
    "tables": Words("知识表", "table"),
    "lists": Words("名单", "list"),
    "params": Words("参数", "parameter"),
    "decisions": Words("判定表", "decision table"),
    "evidence": Words("证据", "evidence"),
}
RULE = Words("规则", "rule")
RULESET = Words("规则集", "ruleset")


def compare(old: core.Program, new: core.Program) -> tuple[Change, ...]:
    """All differences, in one order: rulesets, rules, declarations; wording last."""
    found = [
        *_rulesets(old, new),
        *_rules(old, new),
        *(change for kind in KINDS for change in _declarations(kind, old, new)),
        *_words(old, new),
    ]
    return (
        *(change for change in found if not change.wording),
        *(change for change in found if change.wording),
    )


def _named(kind: Words, name: Words) -> Words:
    return Words(f"{kind.zh} {name.zh}", f"{kind.en} {name.en}")


def _gone(sides: Sides) -> Change:
    return sides.change("removed", Words("没有了", "is gone"))


def _come(sides: Sides) -> Change:
    return sides.change("added", Words("新增", "is new"))


# ---------------------------------------------------------------- rulesets


def _rulesets(old: core.Program, new: core.Program) -> Iterator[Change]:
    before = {item.id: item for item in old.rulesets}
    after = {item.id: item for item in new.rulesets}
    for id_ in sorted(before.keys() | after.keys()):
        one, other = before.get(id_), after.get(id_)
        known = other or one
        if known is None:
            continue
        sides = Sides(old, new, _named(RULESET, known.name))
        if one is None or other is None:
            yield _come(sides) if one is None else _gone(sides)
            continue
        if one.authority != other.authority:
            label = Words("层级", "authority")
            said = moved(label, plain(one.authority), plain(other.authority))
            yield sides.change("authority", said)
        for name, label in (
            ("regions", Words("地区", "regions")),
            ("uses", Words("引用", "uses")),
            ("documents", Words("文件", "documents")),
        ):
            yield from set_changes(sides, name, label, getattr(one, name), getattr(other, name))
        yield from period_changes(sides, one.in_force, other.in_force)
        if one.title != other.title or one.name != other.name:
            said = moved(Words("标题", "title"), one.title, other.title)
            yield sides.change("wording", said, wording=True)


# ---------------------------------------------------------------- rules


def _rules(old: core.Program, new: core.Program) -> Iterator[Change]:
    before = {rule.id: rule for rule in old.rules}
    after = {rule.id: rule for rule in new.rules}
    renamed = _renamed(before, after)
    for id_ in sorted(before.keys() | after.keys()):
        if id_ in renamed.values():
            continue
        one, other = before.get(id_), after.get(renamed.get(id_, id_))
        known = one or other
        if known is None:
            continue
        places = [NOWHERE if rule is None else rule.span for rule in (one, other)]
        sides = Sides(old, new, _named(RULE, known.name), *places)
        if one is None or other is None:
            yield _come(sides) if one is None else _gone(sides)
            continue
        if id_ in renamed:
            label = Words("改名", "renamed")
            said = moved(label, Words(one.id, one.id), Words(other.id, other.id))
            yield sides.change("renamed", said)
        yield from rule_changes(sides, one, other)


def _renamed(before: Mapping[str, core.Rule], after: Mapping[str, core.Rule]) -> dict[str, str]:
    """Rules that are gone, by id, with the new ones that say the same."""
    come = {id_: without_names(rule) for id_, rule in after.items() if id_ not in before}
    found: dict[str, str] = {}
    for id_, rule in before.items():
        if id_ in after:
            continue
        same = without_names(rule)
        twin = next((other for other, form in come.items() if form == same), None)
        if twin is not None:
            found[id_] = twin
            del come[twin]
    return found


# ---------------------------------------------------------------- declarations


def _declarations(kind: str, old: core.Program, new: core.Program) -> Iterator[Change]:
    before: Mapping[str, Any] = getattr(old, kind)
    after: Mapping[str, Any] = getattr(new, kind)
    for id_ in sorted(before.keys() | after.keys()):
        one: Any = before.get(id_)
        other: Any = after.get(id_)
        known = one if other is None else other
        sides = Sides(old, new, _named(KINDS[kind], known.name))
        if one is not None and other is not None:
            found = list(declared_changes(sides, one, other))
            places = (place_of(one, old), place_of(other, new)) if found else ()
            yield from (_placed(change, *places) for change in found)
        elif one is not None:
            yield _gone(sides.at(place_of(one, old), sides.new_place))
        else:
            yield _come(sides.at(sides.old_place, place_of(other, new)))


def _placed(change: Change, old: Any, new: Any) -> Change:
    """A change of a declaration as a whole stands where the declaration does."""
    if change.old.path or change.new.path:
        return change
    return Change(change.of, change.kind, change.words, old, new, change.wording)


def _words(old: core.Program, new: core.Program) -> Iterator[Change]:
    """The words that rule files list themselves."""
    for name in sorted(old.enums.keys() | new.enums.keys()):
        before, after = old.enums.get(name, {}), new.enums.get(name, {})
        sides = Sides(old, new, Words(f"词 {name}", f"words of {name}"))
        yield from set_changes(sides, "words", Words("词", "words"), before, after)

"""Two rulesets compared by what they mean: layout, comments, spelling and the order of files do not count."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

from apps.authoring.amending import as_rule
from apps.authoring.change import (
    Change,
    Sides,
    document_changes,
    moved,
    period_changes,
    plain,
    set_changes,
)
from apps.authoring.change_expressions import expression_changes
from apps.authoring.change_rules import rule_changes, without_names
from apps.authoring.change_tables import declared_changes, place_of
from rulelang import core
from rulelang.diagnostics import Words
from rulelang.source import NOWHERE, Span

KINDS: Mapping[str, Words] = {
    "tables": Words("知识表", "table"),
    "lists": Words("名单", "list"),
    "params": Words("参数", "parameter"),
    "decisions": Words("判定表", "decision table"),
    "evidence": Words("证据", "evidence"),
}
RULE = Words("规则", "rule")
RULESET = Words("规则集", "ruleset")
AMENDMENT = Words("补充", "amendment of")

_Item = TypeVar("_Item")
_Added = TypeVar("_Added", bound=core.Amendment | core.Fill)
_Placed: TypeAlias = core.Rule | core.Amendment | core.Fill


def compare(old: core.Program, new: core.Program) -> tuple[Change, ...]:
    """All differences, in one order: rulesets, rules, what lower layers add, declarations; wording last."""
    found = [
        *_rulesets(old, new),
        *_rules(old, new),
        *_amendments(old, new),
        *_fills(old, new),
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
        ):
            yield from set_changes(sides, name, label, getattr(one, name), getattr(other, name))
        yield from document_changes(sides, one.documents, other.documents)
        yield from period_changes(sides, one.in_force, other.in_force)
        if one.title != other.title or one.name != other.name:
            said = moved(Words("标题", "title"), one.title, other.title)
            yield sides.change("wording", said, wording=True)


# ---------------------------------------------------------------- rules


def _rules(old: core.Program, new: core.Program) -> Iterator[Change]:
    before, after = _versions(old.rules), _versions(new.rules)
    renamed = _renamed(before, after)
    for id_ in sorted(before.keys() | after.keys()):
        if id_ in renamed.values():
            continue
        one, other = before.get(id_, ()), after.get(renamed.get(id_, id_), ())
        several = len(one) > 1 or len(other) > 1
        for first, second in paired(one, other, _starts):
            yield from _of_rule((old, new), first, second, several=several)


def _of_rule(
    programs: tuple[core.Program, core.Program],
    one: core.Rule | None,
    other: core.Rule | None,
    *,
    several: bool,
) -> Iterator[Change]:
    """The changes of a rule, or of one version of it."""
    known = one or other
    if known is None:
        return
    name = _named(RULE, known.name)
    sides = Sides(*programs, _dated(name, known.in_force) if several else name, *_spans(one, other))
    if one is None or other is None:
        yield _come(sides) if one is None else _gone(sides)
        return
    if one.id != other.id:
        label = Words("改名", "renamed")
        said = moved(label, Words(one.id, one.id), Words(other.id, other.id))
        yield sides.change("renamed", said)
    yield from rule_changes(sides, one, other)


def _spans(one: _Placed | None, other: _Placed | None) -> tuple[Span, Span]:
    first, second = (NOWHERE if each is None else each.span for each in (one, other))
    return first, second


def _versions(rules: Sequence[core.Rule]) -> dict[str, tuple[core.Rule, ...]]:
    """Rules by id, the versions of one together."""
    found: dict[str, tuple[core.Rule, ...]] = {}
    for rule in rules:
        found[rule.id] = (*found.get(rule.id, ()), rule)
    return found


def _starts(rule: core.Rule) -> object:
    return rule.in_force.start, rule.known


def _dated(name: Words, period: core.Period) -> Words:
    """A version by the day on which it begins."""
    if period.start is None:
        return Words(f"{name.zh}（最早的版本）", f"{name.en} (first version)")
    day = period.start.isoformat()
    return Words(f"{name.zh}（{day} 起的版本）", f"{name.en} (version from {day})")


def paired(
    old: Sequence[_Item], new: Sequence[_Item], key: Callable[[_Item], object]
) -> Iterator[tuple[_Item | None, _Item | None]]:
    """What belongs together of each side: what is the same, then by a key, then in order."""
    left, right = list(old), list(new)
    found: list[tuple[_Item | None, _Item | None]] = []
    for alike in (lambda a, b: a == b, lambda a, b: key(a) == key(b), lambda _a, _b: True):
        for item in list(left):
            twin = next((other for other in right if alike(item, other)), None)
            if twin is not None:
                left.remove(item)
                right.remove(twin)
                found.append((item, twin))
    order = {id(item): place for place, item in enumerate((*old, *new))}
    pairs = [*found, *((item, None) for item in left), *((None, item) for item in right)]
    yield from sorted(
        pairs, key=lambda pair: order[id(pair[0] if pair[0] is not None else pair[1])]
    )


def _renamed(
    before: Mapping[str, tuple[core.Rule, ...]], after: Mapping[str, tuple[core.Rule, ...]]
) -> dict[str, str]:
    """Rules that are gone, by id, with the new ones that say the same."""

    def forms(rules: tuple[core.Rule, ...]) -> tuple[core.Rule, ...]:
        return tuple(without_names(rule) for rule in rules)

    come = {id_: forms(rules) for id_, rules in after.items() if id_ not in before}
    found: dict[str, str] = {}
    for id_, rules in before.items():
        if id_ in after:
            continue
        same = forms(rules)
        twin = next((other for other, form in come.items() if form == same), None)
        if twin is not None:
            found[id_] = twin
            del come[twin]
    return found


# ---------------------------------------------------------------- what lower layers add


def _amendments(old: core.Program, new: core.Program) -> Iterator[Change]:
    """Amendments of rules, those of one ruleset to one rule together."""
    rules = {rule.id: rule for rule in (*old.rules, *new.rules)}
    groups = (_by_target(each.amendments, lambda a: a.rule) for each in (old, new))
    for target, sides, one, other in _added_to(old, new, rules, *groups):
        if one is None or other is None:
            yield _come(sides) if one is None else _gone(sides)
        else:
            both = (as_rule(each, rules[target]) for each in (one, other))
            yield from rule_changes(sides, *(replace(part, id=target) for part in both))


def _added_to(
    old: core.Program,
    new: core.Program,
    targets: Mapping[str, core.Rule] | Mapping[str, core.ParamDef],
    before: Mapping[tuple[str, str], tuple[_Added, ...]],
    after: Mapping[tuple[str, str], tuple[_Added, ...]],
) -> Iterator[tuple[str, Sides, _Added | None, _Added | None]]:
    """What one ruleset adds to one target, old beside new."""
    for ruleset, target in sorted(before.keys() | after.keys()):
        name = targets[target].name
        shown = Words(f"{name.zh}（{ruleset}）", f"{name.en} ({ruleset})")
        pairs = paired(
            before.get((ruleset, target), ()), after.get((ruleset, target), ()), _amending_since
        )
        for one, other in pairs:
            yield target, Sides(old, new, _named(AMENDMENT, shown), *_spans(one, other)), one, other


def _amending_since(amendment: core.Amendment | core.Fill) -> object:
    return amendment.in_force.start


def _fills(old: core.Program, new: core.Program) -> Iterator[Change]:
    """Values that lower layers fill in, those of one ruleset for one parameter together."""
    params = {**old.params, **new.params}
    groups = (_by_target(each.fills, lambda f: f.param) for each in (old, new))
    for _, sides, one, other in _added_to(old, new, params, *groups):
        if one is None or other is None:
            yield _come(sides) if one is None else _gone(sides)
            continue
        yield from expression_changes(sides, Words("值", "value"), one.value, other.value)
        yield from period_changes(sides, one.in_force, other.in_force)
        label = Words("依据", "citing")
        yield from set_changes(sides, "citations", label, one.citations, other.citations)
        if one.territory != other.territory:
            said = moved(Words("地域", "territory"), plain(one.territory), plain(other.territory))
            yield sides.change("territory", said)


def _by_target(
    items: Sequence[_Added], target: Callable[[_Added], str]
) -> dict[tuple[str, str], tuple[_Added, ...]]:
    found: dict[tuple[str, str], tuple[_Added, ...]] = {}
    for item in items:
        key = (item.ruleset, target(item))
        found[key] = (*found.get(key, ()), item)
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

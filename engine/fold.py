"""Shows undetermined findings that hang on one fact as one (S12.2, S5.2).

Where the fact is about a member that is not identified, a coverage that is still open, or a code
that no table holds, one finding on that member stands for all, whatever their subjects.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import assert_never

from engine.amounts import at_risk_of
from engine.cite import TABLE_PREFIX, place_words
from engine.derivation import CoverageLeaf, FactLeaf, Step
from engine.facts import Entity, Foreign
from engine.finding import Cited, Finding, Label, LineClaim, MissingFact, ShownRemedy
from engine.payable import claim_on, merged, total
from engine.prune import leaves
from engine.words import MOST_SHOWN, joined
from rulelang import vocabulary
from rulelang.core import Rule
from rulelang.diagnostics import Words
from rulelang.values import UNKNOWN, ZERO, Range, add, larger

OPEN_UNTIL_SETTLED = frozenset({"encounter.lines", "prescription.lines"})  # S7.3
# Facts that belong to one subject; all others are the same for every line of a bill.
OF_ONE_SUBJECT = ("line.", "group.", "prescription.", "diagnosis.", "operation.")
PRODUCT_FIELDS = ("drug", "item", "consumable", "herb")
PRODUCT_CODES = frozenset(f"line.{field}" for field in PRODUCT_FIELDS)
ALL_LINES = OPEN_UNTIL_SETTLED


class _Kind(Enum):
    """What a missing fact is about."""

    IDENTITY = "identity"  # which product a line bills
    ROW = "row"  # a code that no table holds
    COVERAGE = "coverage"  # whether an encounter's collection is all there
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Key:
    """What findings have in common that are shown as one.

    `entity` is the member that the fact is about; without one they share subject and facts.
    """

    kind: _Kind
    entity: Entity | None
    facts: frozenset[tuple[str, ...]] = frozenset()
    subject_kind: str = ""
    subject: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class _Missing:
    """A missing fact with what it is about."""

    fact: MissingFact
    kind: _Kind
    entity: Entity | None


def fold(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings, with those that hang on one fact shown as one.

    What is folded together does not depend on its order; it stands where the first of it stood.
    """
    groups: dict[_Key, list[Finding]] = {}
    order: list[_Key | Finding] = []
    for finding in findings:
        if finding.label is not Label.UNDETERMINED or finding.is_folded or not finding.missing:
            order.append(finding)
            continue
        for key in _keys_of(finding):
            if key not in groups:
                order.append(key)
            groups.setdefault(key, []).append(finding)
    result: dict[int, Finding] = {}
    for item in order:
        shown = item if isinstance(item, Finding) else _shown(item, groups[item])
        result.setdefault(id(shown), shown)
    return tuple(result.values())


# ---------------------------------------------------------------- what hangs on what


def _keys_of(finding: Finding) -> tuple[_Key, ...]:
    """The groups that a finding goes to: one, or one for each member that it hangs on."""
    lacking = _lacking(finding)
    kinds = {item.kind for item in lacking}
    for kind in (_Kind.IDENTITY, _Kind.ROW):
        if kind in kinds and _Kind.OTHER not in kinds:
            entities = dict.fromkeys(item.entity for item in lacking if item.kind is kind)
            return tuple(_Key(kind, entity) for entity in entities)
    owners = {item.entity for item in lacking}
    if kinds == {_Kind.COVERAGE} and len(owners) == 1:
        return (_Key(_Kind.COVERAGE, owners.pop()),)
    facts = frozenset(_identity(item.fact) for item in lacking)
    if not any(item.fact.fact.startswith(OF_ONE_SUBJECT) for item in lacking):
        return (_Key(_Kind.OTHER, None, facts),)
    return (_Key(_Kind.OTHER, None, facts, finding.subject_kind, finding.offending),)


def _identity(fact: MissingFact) -> tuple[str, ...]:
    return (fact.fact, fact.subject, fact.pointer)


def _lacking(finding: Finding) -> tuple[_Missing, ...]:
    """What a finding misses; a fact about a member that cannot be found is like any other."""
    members = _members_of(finding)
    result = []
    for fact in finding.missing:
        kind = _kind_of(fact)
        entity = None if kind is _Kind.OTHER else _about(fact, kind, members)
        if kind is _Kind.COVERAGE and entity is not None:
            entity = entity.links.get(
                "encounter", entity
            )  # one bill is open, not each prescription
        result.append(_Missing(fact, _Kind.OTHER if entity is None else kind, entity))
    return tuple(result)


def _kind_of(fact: MissingFact) -> _Kind:
    if fact.fact.startswith(TABLE_PREFIX):
        return _Kind.ROW
    owner, _, name = fact.fact.partition(".")
    field = vocabulary.load().field(owner, name)
    if field is None:
        return _Kind.OTHER
    if owner == "line" and field.identifies:
        return _Kind.IDENTITY
    return _Kind.COVERAGE if fact.fact in OPEN_UNTIL_SETTLED else _Kind.OTHER


def _members_of(finding: Finding) -> tuple[Entity, ...]:
    """The entities that a finding speaks of, its subject's first."""
    read = () if finding.derivation is None else leaves(finding.derivation)
    subject = [*finding.offending, *finding.involved]
    linked = [link for entity in subject for link in entity.links.values()]
    others = [leaf.entity for leaf in read if isinstance(leaf, FactLeaf | CoverageLeaf)]
    return tuple(dict.fromkeys([*subject, *linked, *others]))


def _about(fact: MissingFact, kind: _Kind, members: Iterable[Entity]) -> Entity | None:
    """The member that a missing fact is about."""
    if kind is _Kind.ROW:
        lines = (entity for entity in members if entity.kind == "line")
        return next((line for line in lines if _bills(line, fact.subject)), None)
    owner = fact.fact.partition(".")[0]
    named = [item for item in members if item.kind == owner and item.key == fact.subject]
    placed = [item for item in named if f"{fact.pointer}/".startswith(f"{item.pointer}/")]
    return next(iter([*placed, *named]), None)


def _bills(line: Entity, code: str) -> bool:
    """Whether a line bills the product with this code."""
    return any(
        code == (choice.code if isinstance(choice, Foreign) else str(choice))
        for field in PRODUCT_FIELDS
        for choice in line.value(field).choices or ()
    )


# ---------------------------------------------------------------- one for several


def _shown(key: _Key, members: Sequence[Finding]) -> Finding:
    """The finding that stands for a group; one alone stays as it is where its subject bears it."""
    own_row = key.kind is _Kind.ROW and members[0].offending == (key.entity,)
    if len(members) == 1 and (own_row or key.kind is _Kind.OTHER):
        return members[0]
    ordered = sorted(members, key=lambda item: (item.rule.id, _subject_key(item)))
    rules = tuple({item.rule.id: item.rule for item in ordered}.values())
    missing = _missing_of(key, ordered)
    base = replace(
        _common(ordered),
        folded=rules,
        missing=missing,
        messages=(_message(key, missing, rules),),
    )
    if key.entity is None:
        return _with_claims(base, ordered)
    own = [item for item in ordered if item.offending == (key.entity,)]
    claiming = own if key.kind is _Kind.ROW else []
    assumed = {item.name for item in base.because if item.kind == "assumption"}
    moved = replace(
        base,
        subject_kind=key.entity.kind,
        offending=(key.entity,),
        involved=(),
        remedies=(),
        assumptions=tuple(sorted(assumed.union(*(item.assumptions for item in claiming)))),
    )
    return _with_claims(moved, claiming)


def _subject_key(finding: Finding) -> tuple[tuple[int, str, str], ...]:
    return tuple((item.order, item.key, item.pointer) for item in finding.offending)


def _missing_of(key: _Key, members: Iterable[Finding]) -> tuple[MissingFact, ...]:
    """What the group misses: of a member only what is about it."""
    found: dict[tuple[str, ...], MissingFact] = {}
    for member in members:
        for item in _lacking(member):
            if key.entity is None or (item.kind is key.kind and item.entity is key.entity):
                found.setdefault(_identity(item.fact), item.fact)
    return tuple(found[identity] for identity in sorted(found))


def _common(members: Sequence[Finding]) -> Finding:
    """The first finding with what all of them cite and draw in, claiming nothing yet."""
    because: dict[tuple[str, ...], Cited] = {}
    remedies: dict[ShownRemedy, None] = {}
    involved: dict[Entity, None] = {}
    offending: dict[Entity, None] = {}
    for member in members:
        offending.update(dict.fromkeys(member.offending))
        for item in member.because:
            because.setdefault((item.kind, item.name, item.pointer, item.shown.zh), item)
        remedies.update(dict.fromkeys(member.remedies))
        involved.update(dict.fromkeys(member.involved))
    steps = tuple(item.derivation for item in members if item.derivation is not None)
    return replace(
        members[0],
        offending=tuple(sorted(offending, key=lambda item: (item.kind, item.order))),
        involved=tuple(entity for entity in involved if entity not in offending),
        claims=(),
        at_risk=ZERO,
        upper_bound=False,
        amount=None,
        needs_review=False,
        measure=None,
        assumptions=tuple(sorted({name for item in members for name in item.assumptions})),
        because=tuple(because.values()),
        remedies=tuple(remedies),
        exception=None,
        derivation=Step(None, "all", UNKNOWN, steps) if steps else None,
        illustrative=any(item.illustrative for item in members),
    )


def _with_claims(base: Finding, members: Sequence[Finding]) -> Finding:
    """`base` with all that `members` claim, each line under all caps at once."""
    by_line: dict[Entity, list[LineClaim]] = {}
    apart: Range = ZERO
    for member in members:
        for claim in member.claims:
            by_line.setdefault(claim.line, []).append(claim)
        if not member.claims:
            apart = larger(apart, member.at_risk)
    on_lines = total(at_risk_of(claims) for claims in by_line.values())
    return replace(
        base,
        claims=tuple(claim_on(line, merged(claims)) for line, claims in by_line.items()),
        at_risk=add(on_lines, apart),
        upper_bound=any(member.upper_bound for member in members),
    )


# ---------------------------------------------------------------- words


def _message(key: _Key, missing: Sequence[MissingFact], rules: Sequence[Rule]) -> Words:
    what = _what(key, missing)
    count = len(rules)
    zh = joined([rule.title.zh for rule in rules[:MOST_SHOWN]], count, "zh")
    en = joined([rule.title.en or rule.title.zh for rule in rules[:MOST_SHOWN]], count, "en")
    could = "this rule could change" if count == 1 else f"these {count} rules could change"
    return Words(
        f"{what.zh}；以下{count}条规则的结论可能因此变化：{zh}", f"{what.en}; {could}: {en}"
    )


def _what(key: _Key, missing: Sequence[MissingFact]) -> Words:
    place = Words("", "") if key.entity is None else place_words(key.entity)
    names = Words(
        "、".join(item.shown.zh for item in missing), ", ".join(item.shown.en for item in missing)
    )
    match key.kind:
        case _Kind.IDENTITY:
            if {item.fact for item in missing} <= PRODUCT_CODES:
                return Words(f"{place.zh}没有国家编码", f"{place.en} has no national code")
            return Words(f"{place.zh}缺{names.zh}", f"{place.en} lacks {names.en}")
        case _Kind.COVERAGE:
            if {item.fact for item in missing} <= ALL_LINES:
                return Words(
                    "就诊尚未结算，费用明细未录全",
                    "the encounter is not settled, its lines may not be complete",
                )
            return Words(f"{names.zh}是否录全不明", f"{names.en} may not be complete")
        case _Kind.ROW:
            held = Words(
                "、".join(f"{item.shown.zh}未收录 {item.subject}" for item in missing),
                ", ".join(f"{item.shown.en} does not hold {item.subject}" for item in missing),
            )
            return Words(f"{place.zh}：{held.zh}", f"{place.en}: {held.en}")
        case _Kind.OTHER:
            return Words(f"缺{names.zh}", f"missing: {names.en}")
        case _:
            assert_never(key.kind)

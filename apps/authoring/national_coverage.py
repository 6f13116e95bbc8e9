"""What the shipped rules make of the 88 rules of the national library: rules, tables, facts, cases.

Nothing is judged here; the pages of cases are only counted, `hegui test` runs them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath

from apps.authoring.beside import CASES
from apps.authoring.cases import load_page
from apps.authoring.uses import expressions_of, used_by, used_by_decision
from rulelang import core, vocabulary
from rulelang.national import NationalRule, by_code, national_rules
from rulelang.vocabulary import Field
from rulelang.walk import walk

INTERFACES = ("3101", "2204", "2301", "4101")
LIBRARY = "规则库、知识库"  # the document whose places are the names of the 88
ILLUSTRATIVE = "示例"

_RESULT = re.compile(r"(?P<rules>[^（]+)（.*?）：(?P<label>违规|可疑|待补充信息|合规|不适用|例外)")
_RAW = re.compile(r"[a-z]\w*")
_NUMBER = re.compile(r"\b\d{4}\b")


@dataclass(frozen=True, slots=True)
class Covered:
    """One of the 88 with the shipped rules that carry it out."""

    national: NationalRule
    rules: tuple[core.Rule, ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """What some rules look at. Facts are fields of the vocabulary."""

    tables: tuple[core.Table, ...]
    lists: tuple[core.ListDef, ...]
    params: tuple[core.ParamDef, ...]
    facts: tuple[Field, ...]
    evidence: tuple[core.EvidenceDef, ...]


Counts = Mapping[tuple[str, str], Counter[str]]


def coverage_of(program: core.Program) -> tuple[Covered, ...]:
    """Each of the 88 with the national rules that have its code, or that name it."""
    authority = {ruleset.id: ruleset.authority for ruleset in program.rulesets}
    rules = [rule for rule in program.rules if authority[rule.ruleset] == "national"]
    return tuple(
        Covered(national, tuple(rule for rule in rules if national.number in _numbers(rule)))
        for national in national_rules()
    )


def _numbers(rule: core.Rule) -> set[int]:
    """The numbers of the national rules that a rule carries out."""
    found = {national.number for national in national_rules() if national.name in _names(rule)}
    coded = by_code().get(rule.national_code)
    return found | {coded.number} if coded is not None else found


def _names(rule: core.Rule) -> set[str]:
    places = (
        citation.place.split("；")
        for citation in rule.citations
        if LIBRARY in citation.document.title.zh
    )
    return {rule.title.zh, *chain.from_iterable(places)}


def needs_of(rules: Iterable[core.Rule], program: core.Program) -> Needs:
    """What rules look at, what their decision tables look at included; sorted."""
    used = [used_by(rule) for rule in rules]
    decisions = [program.decisions[id_] for each in used for id_ in each.decisions]
    used += [used_by_decision(each) for each in decisions]
    expressions = [expr for rule in rules for expr in expressions_of(rule)]

    def ids(of: str) -> list[str]:
        return sorted(set(chain.from_iterable(getattr(each, of) for each in used)))

    return Needs(
        tables=tuple(program.tables[id_] for id_ in ids("tables")),
        lists=tuple(program.lists[id_] for id_ in ids("lists")),
        params=tuple(program.params[id_] for id_ in ids("params")),
        facts=tuple(sorted(set(_facts(expressions)), key=lambda each: (each.entity, each.en))),
        evidence=tuple(program.evidence[id_] for id_ in ids("evidence")),
    )


def _facts(expressions: Iterable[core.Expr]) -> Iterator[Field]:
    entities = vocabulary.load().entities
    for part in chain.from_iterable(map(walk, expressions)):
        if isinstance(part, core.Get | core.Members) and part.base.type.kind == "entity":
            kind = entities.get(part.base.type.name)
            field = None if kind is None else kind.fields.get(part.field)
            if field is not None:
                yield field


# ---------------------------------------------------------------- interfaces


def carriers(field: Field) -> frozenset[str]:
    """Which of the four interfaces carry a fact, by what the vocabulary says of its source.

    A derived fact is carried where all that it is derived from is, as far as that is named.
    """
    found: set[str] = set()
    for part in field.source.split(";"):
        if part.strip().startswith("D "):
            found |= _derived(field, part)
        else:
            found |= set(_NUMBER.findall(part)) & set(INTERFACES)
    return frozenset(found)


def _derived(field: Field, part: str) -> frozenset[str]:
    """Where each fact or raw name in `part` that is known is carried."""
    own = vocabulary.load().entities[field.entity].fields
    known = [
        carriers(own[name]) if name in own else _raw(name)
        for name in _RAW.findall(part)
        if name != field.en and (name in own or _raw(name))
    ]
    return frozenset(INTERFACES).intersection(*known) if known else frozenset()


def _raw(name: str) -> frozenset[str]:
    """The interfaces with a field of this name, as sources write it."""
    fields = (each for kind in vocabulary.load().entities.values() for each in kind.fields.values())
    parts = (
        part
        for each in fields
        for part in each.source.split(";")
        if not part.strip().startswith("D ")
    )
    return frozenset(
        number
        for part in parts
        if "_" in name and name in _RAW.findall(part)
        for number in set(_NUMBER.findall(part)) & set(INTERFACES)
    )


# ---------------------------------------------------------------- cases


def cases_of(root: Path) -> Counts:
    """How many results of each label the pages of cases expect of each rule.

    Args:
        root: The folder that the paths of the rules are relative to.

    Returns:
        Counts by the folder of the rule's file and its Chinese name.
    """
    counts: dict[tuple[str, str], Counter[str]] = {}
    for path in sorted(root.rglob("*.md")):
        if path.parent.name != CASES:
            continue
        folder = path.parent.parent.relative_to(root).as_posix()
        for case in load_page(path).cases:
            block = case.only("findings")
            found = [_RESULT.match(line) for line in (block.lines if block is not None else ())]
            for each in filter(None, found):
                for name in each["rules"].split("、"):
                    counts.setdefault((folder, name), Counter())[each["label"]] += 1
    return counts


def results_of(rule: core.Rule, counts: Counts) -> Counter[str]:
    """The results that cases beside a rule expect of it."""
    return counts.get((PurePosixPath(rule.span.path).parent.as_posix(), rule.name.zh), Counter())


def is_illustrative(table: core.Table | core.ListDef) -> bool:
    """Whether a table or list, or a row of it, is only an example."""
    if table.illustrative:
        return True
    sources = (row.source for row in table.rows) if isinstance(table, core.Table) else table.sources
    return any(source.startswith(ILLUSTRATIVE) for source in sources)

"""The clauses of the regional documents: what carries each out, and the cases that show it.

The clauses are data, `clauses.toml`; the cases are found in the pages beside the rules.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any

from apps.authoring.beside import CASES
from apps.authoring.cases import load_page
from apps.authoring.pages import Case
from rulelang import core

# A kind of case, and the results that make one.
KINDS: Mapping[str, frozenset[str]] = {
    "查出": frozenset({"违规", "可疑"}),
    "未查出": frozenset({"合规"}),
    "缺事实": frozenset({"待补充信息"}),
    "例外": frozenset({"例外"}),
}
BOUNDARY = "临界"

_RESULT = re.compile(r"(?P<rules>[^（]+)（.*?）：(?P<label>违规|可疑|待补充信息|合规|不适用|例外)")


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: where it stands, and what carries it out. Paths are of tests, or below rulesets."""

    id: str
    place: str
    zh: str
    en: str
    rules: tuple[str, ...]
    declared: tuple[str, ...]
    boundary: Mapping[str, str]
    pages: tuple[str, ...]
    commands: tuple[str, ...]
    tests: tuple[str, ...]
    why: str

    @property
    def document(self) -> str:
        """The key of its document."""
        return self.id.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Document:
    """A document, as the rules that cite it name it."""

    key: str
    zh: str
    en: str
    issued: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One case with what it expects of rules, by their names."""

    page: str
    name: str
    results: Mapping[str, frozenset[str]]


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(files("apps.authoring").joinpath("clauses.toml").read_text("utf-8"))


def documents() -> tuple[Document, ...]:
    """The documents, in the order of their first clauses."""
    return tuple(Document(**each) for each in _data()["document"])


def clauses() -> tuple[Clause, ...]:
    """The clauses in the order of their letters."""
    return tuple(
        Clause(
            id=each["id"],
            place=each["place"],
            zh=each["zh"],
            en=each["en"],
            rules=tuple(each.get("rules", ())),
            declared=tuple(each.get("declared", ())),
            boundary=each.get("boundary", {}),
            pages=tuple(each.get("pages", ())),
            commands=tuple(each.get("commands", ())),
            tests=tuple(each.get("tests", ())),
            why=each.get("why", ""),
        )
        for each in _data()["clause"]
    )


# ---------------------------------------------------------------- cases


def shown_in(root: Path) -> dict[str, tuple[Shown, ...]]:
    """The cases of the pages by the paths of the pages, relative to `root`."""
    found = {}
    for path in sorted(root.rglob("*.md")):
        if path.parent.name == CASES:
            name = path.relative_to(root).as_posix()
            found[name] = tuple(_shown(name, case) for case in load_page(path).cases)
    return found


def _shown(page: str, case: Case) -> Shown:
    results: dict[str, set[str]] = {}
    block = case.only("findings")
    for line in block.lines if block is not None else ():
        found = _RESULT.match(line)
        for name in found["rules"].split("、") if found is not None else ():
            results.setdefault(name, set()).add(found["label"] if found is not None else "")
    own = {name: frozenset(labels) for name, labels in results.items()}
    return Shown(page, case.name.rpartition(" / ")[2], own)


def cases_of(
    rule: core.Rule, clause: Clause, shown: Mapping[str, tuple[Shown, ...]]
) -> dict[str, str]:
    """One case of each kind that a rule has, by its name; the boundary is named by the clause."""
    found: dict[str, str] = {}
    for case in _beside(rule, clause, shown):
        labels = case.results.get(rule.name.zh, frozenset())
        for kind, wanted in KINDS.items():
            if labels & wanted:
                found.setdefault(kind, case.name)
        if labels and clause.boundary.get(rule.id) == case.name:
            found[BOUNDARY] = case.name
    return found


def _beside(
    rule: core.Rule, clause: Clause, shown: Mapping[str, tuple[Shown, ...]]
) -> Iterator[Shown]:
    """The cases beside a rule and of the clause's own pages; those of the rule's own page first."""
    folder = PurePosixPath(rule.span.path).parent / CASES
    for path in sorted(shown, key=lambda each: PurePosixPath(each).stem != rule.name.zh):
        if PurePosixPath(path).parent == folder or path in clause.pages:
            yield from shown[path]

"""Declared names of all files of a compilation: which ruleset each belongs to, what each means.

Knows nothing of types: it finds declarations, gives them ids, and says what a name stands for in a
ruleset, the ones that it uses (引用) included.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from rulelang import ast
from rulelang.diagnostics import Problems, Related, Words
from rulelang.source import Span

VERSION = frozenset({"版本", "version"})
KNOWN = frozenset({"入库", "known_since"})

Declared: TypeAlias = (
    ast.Table | ast.ListItem | ast.Evidence | ast.Param | ast.Define | ast.Decision | ast.Rule | ast.Document
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Symbol:
    """A declaration with its id: `ruleset/name`, in English spelling where there is one."""

    id: str
    node: Declared
    unit: Unit
    spelling: ast.Spelling

    @property
    def name(self) -> ast.Name:
        """The declared name."""
        return self.node.name


@dataclass(eq=False)
class Unit:
    """One ruleset: its head and items gathered from all its files."""

    head: ast.RulesetHead
    files: list[ast.File] = field(default_factory=list)
    names: dict[str, Symbol] = field(default_factory=dict)
    versions: list[Symbol] = field(default_factory=list)  # of rules, but the first of each
    uses: list[Unit] = field(default_factory=list)
    others: list[Unit] = field(default_factory=list, repr=False)  # of this compilation
    told: list[Unit] = field(default_factory=list, repr=False)  # not used, and said to be wanted
    is_lacking: bool = False  # one of the rulesets that it uses is not there
    unread: set[str] = field(default_factory=set)  # declared, but the declaration did not parse

    @property
    def id(self) -> str:
        """The ruleset's id."""
        return canonical(self.head.name)

    @property
    def version(self) -> str:
        """The version that the ruleset declares; empty where it declares none."""
        found = self.version_node
        return found.text.value if found is not None and found.text is not None else ""

    @property
    def version_node(self) -> ast.Attribute | None:
        """Where the ruleset declares its version."""
        attributes = (item for item, _ in self.items() if isinstance(item, ast.Attribute))
        return next((each for each in attributes if each.name in VERSION), None)

    def items(self) -> Iterable[tuple[ast.Item, ast.File]]:
        """All items with the files that they stand in."""
        return ((item, file) for file in self.files for item in file.items)

    def find(self, name: str) -> Symbol | None:
        """What a name stands for here: one's own declarations first, then those of the used."""
        own = self.names.get(name)
        if own is not None:
            return own
        for used in self.uses:
            found = used.names.get(name)
            if found is not None and not isinstance(found.node, ast.Document):
                return found
        return None

    def visible(self) -> dict[str, Symbol]:
        """All names that can be written here."""
        found: dict[str, Symbol] = {}
        for used in reversed(self.uses):
            found.update(used.names)
        found.update(self.names)
        return found


def canonical(name: ast.Name) -> str:
    """The English spelling of a name, else the Chinese one."""
    return name.en or name.zh or ""


def shown(name: ast.Name) -> Words:
    """A name in both languages, one standing in for the other where it has one spelling."""
    return Words(name.zh or name.en or "", name.en or name.zh or "")


def resolve(files: Iterable[ast.File], problems: Problems) -> list[Unit]:
    """Gather files into rulesets and declarations into scopes.

    Every file begins with 规则集; files of one ruleset are merged.
    """
    units: dict[str, Unit] = {}
    for file in files:
        heads = [item for item in file.items if isinstance(item, ast.RulesetHead)]
        if not heads:
            span = file.span
            problems.add(
                "RL0203",
                Span(span.path, span.start, span.start),
                "文件没有 `规则集` 一行",
                "the file has no `ruleset` line",
                Words(
                    "在文件开头写 `规则集 名称 “标题”`",
                    'begin the file with `ruleset name "title"`',
                ),
            )
            continue
        unit = units.setdefault(canonical(heads[0].name), Unit(heads[0]))
        unit.files.append(file)
        for extra in heads[1:]:
            problems.add(
                "RL0203",
                extra.span,
                "一个文件只能有一个 `规则集`",
                "one file holds one `ruleset`",
                related=(Related(heads[0].span, Words("先在此处声明", "declared here first")),),
            )
    for unit in units.values():
        unit.others = [other for other in units.values() if other is not unit]
        _declare(unit, problems)
    return list(units.values())


def _declare(unit: Unit, problems: Problems) -> None:
    for item, file in unit.items():
        match item:
            case (
                ast.Table() | ast.ListItem() | ast.Evidence() | ast.Param() | ast.Define()
                | ast.Decision() | ast.Rule() | ast.Document()
            ):  # fmt: skip
                _enter(
                    unit,
                    Symbol(f"{unit.id}/{canonical(item.name)}", item, unit, file.spelling),
                    problems,
                )
            case _:
                continue


def _is_version(unit: Unit, symbol: Symbol) -> bool:
    """Whether a rule is one more version of another: of the same name, and dated."""
    name = symbol.node.name
    first = [unit.names.get(spelling) for spelling in (name.zh, name.en) if spelling]
    other = first[0] if first else None
    if other is None or any(each is not other for each in first) or other.id != symbol.id:
        return False
    nodes = [node for node in (symbol.node, other.node) if isinstance(node, ast.Rule)]
    return len(nodes) == 2 and any(_is_dated(node) for node in nodes)  # noqa: PLR2004 - both


def _is_dated(node: ast.Rule) -> bool:
    return any(
        isinstance(head, ast.InForce) or (isinstance(head, ast.Attribute) and head.name in KNOWN)
        for head in node.heads
    )


def _enter(unit: Unit, symbol: Symbol, problems: Problems) -> None:
    """Enter a declaration under its spellings; the first holder of a name keeps it."""
    name = symbol.node.name
    if _is_version(unit, symbol):
        unit.versions.append(symbol)
        return
    taken: list[tuple[str, Symbol]] = []
    for spelling in filter(None, dict.fromkeys((name.zh, name.en))):
        first = unit.names.setdefault(spelling, symbol)
        if first is not symbol:
            taken.append((spelling, first))
    for spelling, first in taken[:1]:
        english = taken[-1][0]  # the English spelling where both are taken
        problems.add(
            "RL0202",
            name.span,
            f"`{spelling}` 重复声明",
            f"`{english}` is declared twice",
            Words("改用另一个名称", "use another name"),
            (Related(first.node.name.span, Words("先在此处声明", "declared here first")),),
        )

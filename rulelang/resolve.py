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
from rulelang.meant import nearest, nearest_name
from rulelang.source import Span

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
    uses: list[Unit] = field(default_factory=list)
    others: list[Unit] = field(default_factory=list, repr=False)  # of this compilation
    told: list[Unit] = field(default_factory=list, repr=False)  # not used, and said to be wanted
    is_lacking: bool = False  # one of the rulesets that it uses is not there
    unread: set[str] = field(default_factory=set)  # declared, but the declaration did not parse

    @property
    def id(self) -> str:
        """The ruleset's id."""
        return canonical(self.head.name)

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
    for unit in units.values():
        _link(unit, units, problems)
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


def _enter(unit: Unit, symbol: Symbol, problems: Problems) -> None:
    """Enter a declaration under its spellings; the first holder of a name keeps it."""
    name = symbol.node.name
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


def _link(unit: Unit, units: dict[str, Unit], problems: Problems) -> None:
    by_name = dict(units)
    for other in units.values():
        by_name.update({n: other for n in (other.head.name.zh, other.head.name.en) if n})
    for item, _ in unit.items():
        if not isinstance(item, ast.Use):
            continue
        used = by_name.get(item.name)
        if used is None:
            meant = nearest_name(
                item.name, [n for n, other in by_name.items() if other is not unit]
            )
            unit.is_lacking = True
            if meant is not None and by_name[meant] not in unit.uses:
                unit.uses.append(by_name[meant])
            problems.add(
                "RL0205",
                item.span,
                f"没有名为 `{item.name}` 的规则集",
                f"there is no ruleset `{item.name}`",
                nearest(item.name, [name for name, other in by_name.items() if other is not unit])
                or Words(
                    "它的文件要一并编译",
                    "the files of that ruleset are compiled along with this one",
                ),
            )
        elif used is not unit and used not in unit.uses:
            unit.uses.append(used)

"""What rulesets use of one another (引用): that it is there, in the version asked for, and no circle."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from rulelang import ast
from rulelang.diagnostics import Problems, Related, Words
from rulelang.meant import nearest, nearest_name
from rulelang.resolve import Unit, shown

_VERSION = re.compile(r"\d{1,9}(?:\.\d{1,9})*")

Version: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Use:
    """One 引用 that was found: who uses whom, and where it says so."""

    user: Unit
    used: Unit
    node: ast.Use


def link(units: Iterable[Unit], problems: Problems) -> None:
    """Find what each ruleset uses; complain of what is missing, too old, or leads in a circle."""
    units = tuple(units)
    by_name = {unit.id: unit for unit in units}
    for unit in units:
        by_name.update({name: unit for name in (unit.head.name.zh, unit.head.name.en) if name})
    found: list[_Use] = []
    for unit in units:
        _check_own_version(unit, problems)
        for item, _ in unit.items():
            if not isinstance(item, ast.Use):
                continue
            used = by_name.get(item.name)
            if used is None:
                _missing(unit, item, by_name, problems)
                continue
            if used is not unit and used not in unit.uses:
                unit.uses.append(used)
            found.append(_Use(unit, used, item))
            _check_version(item, used, problems)
    circular = _in_circles(found)
    if circular:
        _complain_of_circles(circular, problems)


def _missing(unit: Unit, item: ast.Use, by_name: Mapping[str, Unit], problems: Problems) -> None:
    others = [name for name, other in by_name.items() if other is not unit]
    meant = nearest_name(item.name, others)
    unit.is_lacking = True
    if meant is not None and by_name[meant] not in unit.uses:
        unit.uses.append(by_name[meant])
    problems.add(
        "RL0205",
        item.span,
        f"没有名为 `{item.name}` 的规则集",
        f"there is no ruleset `{item.name}`",
        nearest(item.name, others)
        or Words(
            "它的文件要一并编译", "the files of that ruleset are compiled along with this one"
        ),
    )


# ---------------------------------------------------------------- versions


def read_version(text: str) -> Version | None:
    """A version, numbers parted by points, or None."""
    if _VERSION.fullmatch(text) is None:
        return None
    return tuple(int(part) for part in text.split("."))


def satisfies(found: Version, wanted: Version) -> bool:
    """Whether a version will do: the same first number, and not older."""
    width = max(len(found), len(wanted))
    padded = [(*each, *(0,) * (width - len(each))) for each in (found, wanted)]
    return found[0] == wanted[0] and padded[0] >= padded[1]


def _check_own_version(unit: Unit, problems: Problems) -> None:
    node = unit.version_node
    if node is not None and node.text is not None and read_version(node.text.value) is None:
        _malformed(node.text, problems)


def _check_version(item: ast.Use, used: Unit, problems: Problems) -> None:
    if item.version is None:
        return
    wanted = read_version(item.version.value)
    if wanted is None:
        _malformed(item.version, problems)
        return
    found = read_version(used.version) if used.version else None
    if used.version and found is None:
        return  # was complained of where it stands
    if found is not None and satisfies(found, wanted):
        return
    node = used.version_node
    place = used.head.span if node is None else node.span
    zh = f"一并编译的是 {used.version}" if found else "它没有写版本"
    en = f"the one at hand is {used.version}" if found else "which states no version"
    problems.add(
        "RL0215",
        item.span,
        f"要 `{item.name}` 的 {item.version.value} 版，{zh}",
        f"version {item.version.value} of `{item.name}` is wanted; {en}",
        Words(
            "第一个数相同、又不更旧的版本才合用",
            "a version will do whose first number is the same and that is not older",
        ),
        (Related(place, Words("它的版本在此", "its version stands here")),),
    )


def _malformed(text: ast.Text, problems: Problems) -> None:
    problems.add(
        "RL0216",
        text.span,
        f"`{text.value}` 不是版本",
        f"`{text.value}` is no version",
        Words("写数字，用点分开，如 “1.2”", "numbers parted by points, as “1.2”"),
    )


# ---------------------------------------------------------------- circles


def _in_circles(found: Sequence[_Use]) -> list[_Use]:
    """The uses that are left when what uses nothing more is taken away again and again."""
    left = list(found)
    while True:
        users = {each.user.id for each in left}
        kept = [each for each in left if each.used.id in users]
        if len(kept) == len(left):
            return kept
        left = kept


def _complain_of_circles(found: Sequence[_Use], problems: Problems) -> None:
    """One complaint a knot of rulesets: the shortest way around from the first of them."""
    import networkx as nx  # noqa: PLC0415 - only where there is a circle

    by_ends = {(each.user.id, each.used.id): each for each in reversed(found)}
    graph = nx.DiGraph()
    graph.add_edges_from(sorted(by_ends))
    knots = sorted(sorted(knot) for knot in nx.strongly_connected_components(graph))
    for knot in knots:
        start = knot[0]
        inside = graph.subgraph(knot)
        ways = [
            nx.shortest_path(inside, after, start) for after in sorted(inside.successors(start))
        ]
        if ways:
            way = [start, *min(ways, key=lambda each: (len(each), each))]
            _complain_of_circle([by_ends[ends] for ends in pairwise(way)], problems)


def _complain_of_circle(way: Iterable[_Use], problems: Problems) -> None:
    first, *others = way
    units = [first.user, *(each.user for each in others), first.user]
    names = [shown(unit.head.name) for unit in units]
    problems.add(
        "RL0214",
        first.node.span,
        "规则集绕回自己：" + " → ".join(name.zh for name in names),
        "the rulesets use one another in a circle: " + " → ".join(name.en for name in names),
        Words(
            "把两边都要的声明放进另一个规则集，由它们引用",
            "put what both need into a ruleset of its own that they use",
        ),
        tuple(
            Related(
                each.node.span,
                Words(
                    f"`{shown(each.user.head.name).zh}` 引用 `{shown(each.used.head.name).zh}`",
                    f"`{shown(each.user.head.name).en}` uses `{shown(each.used.head.name).en}`",
                ),
            )
            for each in others
        ),
    )

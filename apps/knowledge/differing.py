"""What a new batch changes: two packages compared point by point; and what one package holds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from apps.knowledge.files import load
from apps.knowledge.points import Point
from apps.knowledge.reading import RawRows, of_objects
from apps.knowledge.settling import settle
from apps.packages import POINTS, digest, read_manifest, unusable

FIELDS = ("name", "constraint", "logic", "codes", "published", "supersedes", "typed")


@dataclass(frozen=True, slots=True)
class Changed:
    """A point that says something else than before: which fields, and codes added and gone."""

    old: Point
    new: Point
    fields: tuple[str, ...]

    @property
    def added(self) -> tuple[str, ...]:
        """Codes that came."""
        return tuple(code for code in self.new.codes if code not in self.old.codes)

    @property
    def removed(self) -> tuple[str, ...]:
        """Codes that went."""
        return tuple(code for code in self.old.codes if code not in self.new.codes)


@dataclass(slots=True)
class Difference:
    """Points that were added, removed or changed, and old points that new ones supersede."""

    added: list[Point] = field(default_factory=list)
    removed: list[Point] = field(default_factory=list)
    superseded: list[Changed] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)

    def by_class(self) -> dict[str, dict[str, int]]:
        """How much of each, by rule class."""
        found: defaultdict[str, dict[str, int]] = defaultdict(
            lambda: dict.fromkeys(("added", "removed", "superseded", "changed"), 0)
        )
        for word, points in (
            ("added", self.added),
            ("removed", self.removed),
            ("superseded", [one.new for one in self.superseded]),
            ("changed", [one.new for one in self.changed]),
        ):
            for point in points:
                found[point.rule_class][word] += 1
        return dict(sorted(found.items()))


def points_of(folder: Path) -> dict[str, Point]:
    """The points of a package.

    Raises:
        InputError: EN0125 where it is none, or its points are not as its manifest says.
    """
    manifest = read_manifest(folder)
    entry = manifest.get("points")
    try:
        data = (folder / POINTS).read_bytes()
    except OSError:
        raise unusable(folder, "缺少文件", "a file is missing", POINTS) from None
    if not isinstance(entry, dict) or entry.get("digest") != digest(data):
        raise unusable(folder, "文件与清单不符", "a file is not as the manifest says", POINTS)
    if not data:
        return {}
    rows = RawRows()
    of_objects(load(folder / POINTS), rows)
    return settle(rows).points


def differ(old: Mapping[str, Point], new: Mapping[str, Point]) -> Difference:
    """Compare two packages by the ids of their points."""
    found = Difference()
    for id_ in sorted(new.keys() - old.keys()):
        point = new[id_]
        before = old.get(point.supersedes)
        if before is None:
            found.added.append(point)
        else:
            found.superseded.append(Changed(before, point, _fields(before, point)))
    found.removed = [old[id_] for id_ in sorted(old.keys() - new.keys())]
    for id_ in sorted(old.keys() & new.keys()):
        fields = _fields(old[id_], new[id_])
        if fields:
            found.changed.append(Changed(old[id_], new[id_], fields))
    return found


def _fields(old: Point, new: Point) -> tuple[str, ...]:
    return tuple(name for name in FIELDS if getattr(old, name) != getattr(new, name))


@dataclass(frozen=True, slots=True)
class Held:
    """What a package holds on a date: batches with their points, and points in force by class."""

    batches: Sequence[tuple[str, str, int]]  # published, batch, points
    in_force: Mapping[str, int]
    superseded: Mapping[str, int]
    later: Mapping[str, int]  # not known yet, or not yet in the place of another


def held_on(points: Mapping[str, Point], as_of: date | None, known_on: date | None) -> Held:
    """The points in force on a date, by what had been published on another.

    A point whose date of publication is unknown counts as published. One that supersedes another
    is in force from its publication on, the other until then.
    """
    limit = "9999" if known_on is None else known_on.isoformat()
    day = "9999" if as_of is None else as_of.isoformat()
    known = {
        id_: one
        for id_, one in points.items()
        if one.published <= limit and (one.published <= day or one.supersedes not in points)
    }
    gone = {point.supersedes for point in known.values()} & known.keys()
    batches = Counter((point.published, point.batch) for point in points.values())
    return Held(
        batches=[(published, batch, n) for (published, batch), n in sorted(batches.items())],
        in_force=_by_class(one for id_, one in known.items() if id_ not in gone),
        superseded=_by_class(known[id_] for id_ in gone),
        later=_by_class(one for id_, one in points.items() if id_ not in known),
    )


def _by_class(points: Iterable[Point]) -> Mapping[str, int]:
    return dict(sorted(Counter(point.rule_class for point in points).items()))

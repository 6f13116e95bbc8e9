"""From raw rows to knowledge points: every row is imported, superseded or rejected with a reason."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256

from apps.knowledge.heads import classes
from apps.knowledge.points import Fate, Place, Point, Remark, batch_of, published_on
from apps.knowledge.reading import Raw, RawRows, classes_of, group_of, typed_of
from engine.codes import is_resolved, normalise, product_system
from engine.intake.workbooks import Cell
from rulelang.diagnostics import Words

_SPOILT = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+|\d+\.0+")
_CLINICAL = ("诊断", "手术操作编码")
_TOLD = 3


@dataclass(slots=True)
class Settled:
    """The points by their ids, the fate of each row, and what is to be told."""

    points: dict[str, Point] = field(default_factory=dict)
    fates: dict[Place, Fate] = field(default_factory=dict)
    rejected: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    superseded: frozenset[str] = frozenset()

    def reject(self, remark: Remark) -> None:
        """A row is rejected."""
        self.fates[remark.place] = Fate.REJECTED
        self.rejected.append(remark)

    def counts(self) -> Counter[Fate]:
        """How many rows had which fate."""
        return Counter(self.fates.values())


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A row that may be a point, with the classes it may belong to; `own` where it has an id."""

    raw: Raw
    classes: tuple[str, ...]
    point: Point
    own: bool


def settle(rows: RawRows, default_class: str = "") -> Settled:
    """The points that rows make; no row is left without its fate."""
    done = Settled(remarks=list(rows.remarks))
    given = _codes_by_name(rows, done)
    found = [one for raw in rows.points if (one := _candidate(raw, given, default_class, done))]
    _keep(_known(found, done), done)
    _keep(_complete([one for one in found if not one.own], done), done)
    _leftover_codes(rows, given, done)
    _supersede(done)
    return done


def _candidate(
    raw: Raw, given: Mapping[tuple[str, str], _Given], default: str, done: Settled
) -> _Candidate | None:
    """A row as a point; None where it was rejected."""
    if raw.fault is not None:
        done.reject(raw.fault)
        return None
    name = raw.get("name") or "×".join(filter(None, (raw.get("name_a"), raw.get("name_b"))))
    if not name and not raw.codes:
        words = Words(
            "没有名称也没有编码（合并的格，或已损坏）",
            "neither name nor code (merged cells, or damaged)",
        )
        done.reject(Remark(raw.place, "damaged", words))
        return None
    options = classes_of(raw, default)
    beside = given.get((group_of(raw.place), _plain(name)))
    cells: Sequence[Cell] = raw.codes if beside is None else (*raw.codes, *beside.take())
    codes = _codes(cells, options[0] if options else "", raw, done)
    if codes is None:
        return None
    _count_codes(raw, codes, done)
    point = _point(raw, name, options[0] if options else "", codes)
    if raw.get("id") and not options:
        _classless(raw.place, done)
        return None
    return _Candidate(raw, options, point, own=bool(raw.get("id")))


def _classless(place: Place, done: Settled) -> None:
    words = Words("没有写明属于哪条规则", "the row does not say which rule it belongs to")
    done.reject(Remark(place, "no-class", words))


def _point(raw: Raw, name: str, rule_class: str, codes: tuple[str, ...]) -> Point:
    lines = (raw.get("batch"), raw.get("source_file"), *raw.hint.split("\n"))
    batch = next((one for line in lines if line and (one := batch_of(line))), "") or raw.get(
        "batch"
    )
    point = Point(
        id=raw.get("id"),
        rule_class=rule_class,
        class_code=raw.get("class_code") or classes().get(rule_class, ""),
        batch=batch,
        published=published_on(raw.get("published"), batch),
        supersedes=raw.get("supersedes"),
        name=name,
        constraint=raw.get("constraint"),
        logic=raw.get("logic"),
        codes=codes,
        place=raw.place,
        typed=typed_of(raw),
    )
    return point if point.id else replace(point, id=_derived(point))


def _derived(point: Point) -> str:
    """The id of a point whose file gives none: the same for the same content, wherever it stands."""
    said = "\n".join(
        (
            point.rule_class, point.batch, _plain(point.name), _plain(point.constraint),
            " ".join(point.codes), " ".join(f"{k}={v}" for k, v in sorted(point.typed.items())),
        )
    )  # fmt: skip
    return "KD-" + sha256(said.encode()).hexdigest()[:16]


def _plain(text: str) -> str:
    """A text as it is compared between two editions of a file."""
    table = str.maketrans("，：；（）“”", ',:;()""')
    return "".join(text.split()).translate(table).rstrip("。.")


# ---------------------------------------------------------------- codes


@dataclass(slots=True)
class _Given:
    """The codes that a sheet of codes gives to a name."""

    rows: list[Raw] = field(default_factory=list)
    taken: bool = False

    def take(self) -> list[Cell]:
        """All of them."""
        self.taken = True
        return [code for raw in self.rows for code in raw.codes]


def _codes_by_name(rows: RawRows, done: Settled) -> dict[tuple[str, str], _Given]:
    found: defaultdict[tuple[str, str], _Given] = defaultdict(_Given)
    for raw in rows.codes:
        if raw.fault is not None:
            done.remarks.append(raw.fault)
        elif raw.codes:
            found[group_of(raw.place), _plain(raw.get("name"))].rows.append(raw)
    return dict(found)


def _leftover_codes(rows: RawRows, given: Mapping[tuple[str, str], _Given], done: Settled) -> None:
    """Rows of codes whose name no point has."""
    for one in given.values():
        if not one.taken:
            for raw in one.rows[:_TOLD]:
                words = Words(
                    f"`{raw.get('name')}` 没有对应的知识点，编码未用",
                    f"no point is called `{raw.get('name')}`; its codes were not used",
                )
                done.remarks.append(Remark(raw.place, "code-without-point", words))


def _codes(
    cells: Sequence[Cell], rule_class: str, raw: Raw, done: Settled
) -> tuple[str, ...] | None:
    """The codes of a row in normal form, each once; None where it has only spoilt ones."""
    good: list[str] = []
    bad: list[str] = []
    for cell in cells:
        code = _code(cell, rule_class)
        (bad if code is None else good).append(str(cell) if code is None else code)
    if bad:
        shown = "、".join(bad[:_TOLD]) + ("…" if len(bad) > _TOLD else "")
        spoilt = any(not isinstance(cell, str) or _SPOILT.fullmatch(cell) for cell in cells)
        zh = "像是被表格软件改成了数" if spoilt else "不是国家编码"
        en = "numbers made by a spreadsheet" if spoilt else "no national codes"
        if not good:
            words = Words(f"编码 {shown} {zh}，没有可用的编码", f"{shown}: {en}; none is left")
            done.reject(Remark(raw.place, "malformed-code", words, raw.get("id")))
            return None
        words = Words(f"编码 {shown} {zh}，已略去", f"{shown}: {en}; left out")
        done.remarks.append(Remark(raw.place, "malformed-code", words, raw.get("id")))
    return tuple(dict.fromkeys(good))


def _code(cell: Cell, rule_class: str) -> str | None:
    """A code in normal form; None where it is none. A number is none, whatever its digits."""
    if not isinstance(cell, str):
        return None
    return _code_of(cell, clinical=any(word in rule_class for word in _CLINICAL))


@lru_cache(maxsize=100_000)
def _code_of(text: str, *, clinical: bool) -> str | None:
    if _SPOILT.fullmatch(text):
        return None
    for system in ("icd10", "icd9") if clinical else ():
        code = normalise(system, text)
        if is_resolved(system, code):
            return code
    code = normalise("drug", text)
    return code if product_system(code) else None


def _count_codes(raw: Raw, codes: tuple[str, ...], done: Settled) -> None:
    wanted = raw.get("codes_count")
    if wanted.isdigit() and codes and int(wanted) != len(codes):
        words = Words(
            f"文件写有 {wanted} 个编码，读到 {len(codes)} 个",
            f"the file counts {wanted} codes, {len(codes)} were read",
        )
        done.remarks.append(Remark(raw.place, "codes-counted", words, raw.get("id")))


# ---------------------------------------------------------------- one point or several


def _known(found: Iterable[_Candidate], done: Settled) -> list[Point]:
    """The points that have ids of their own, each once."""
    by_id: defaultdict[str, list[Point]] = defaultdict(list)
    for one in found:
        if one.own:
            by_id[one.point.id].append(one.point)
    return [point for same in by_id.values() if (point := _agreed(same, done)) is not None]


def _agreed(same: Sequence[Point], done: Settled) -> Point | None:
    """Of rows with one id the first, if all say the same; else none is right."""
    first = same[0]
    if all(point.content == first.content for point in same):
        for more in same[1:]:
            words = Words(f"与 {first.place.shown} 重复", f"a duplicate of {first.place.shown}")
            done.reject(Remark(more.place, "duplicate", words, more.id))
        return first
    for point in same:
        other = next(one for one in same if one.content != point.content)
        words = Words(
            f"与 {other.place.shown} 的知识点编号相同而内容不同",
            f"the same point id as {other.place.shown}, other content",
        )
        done.reject(Remark(point.place, "contradiction", words, point.id))
    return None


def _keep(points: Iterable[Point], done: Settled) -> None:
    for point in points:
        done.points[point.id] = point
        done.fates[point.place] = Fate.IMPORTED


def _complete(found: Sequence[_Candidate], done: Settled) -> list[Point]:
    """Rows without an id: they add to the point that they repeat, else are points themselves."""
    held: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for point in done.points.values():
        for key in _keys(point, (point.rule_class, "")):
            held[key].append(point.id)
    own: defaultdict[str, list[Point]] = defaultdict(list)
    for one in found:
        options = {
            id_ for key in _keys(one.point, one.classes or ("",)) for id_ in held.get(key, ())
        }
        same = {id_ for id_ in options if _same_text(done.points[id_], one.point)}
        target = next(iter(same if len(same) == 1 else options), "")
        if len(options) > 1 and len(same) != 1:  # one name under several rules or limits
            words = Words("有几个知识点与之对应，不能确定", "several points fit, which is not told")
            done.reject(Remark(one.point.place, "ambiguous", words))
        elif target:
            _add(target, one.point, done)
        elif len(one.classes) != 1:
            _classless(one.point.place, done)
        else:
            own[one.point.id].append(one.point)
    return [new for same in own.values() if (new := _agreed(same, done)) is not None]


def _keys(point: Point, options: Iterable[str]) -> list[tuple[str, str, str]]:
    """What two rows of one point have in common: class, batch, and codes of an item or the name."""
    what = " ".join(point.codes) if point.codes[:1] and point.codes[0][0].isdigit() else ""
    return [(name, point.batch, what or _plain(point.name)) for name in options]


def _same_text(left: Point, right: Point) -> bool:
    texts = {_plain(right.constraint), _plain(right.typed.get("limit", ""))}
    return _plain(left.constraint) in texts


def _add(id_: str, more: Point, done: Settled) -> None:
    point = done.points[id_]
    differing = [k for k, v in more.typed.items() if point.typed.get(k, v) != v]
    if differing:
        words = Words(
            f"与 {point.place.shown} 的限定不同",
            f"its limit differs from that of {point.place.shown}",
        )
        done.reject(Remark(more.place, "contradiction", words, id_))
        return
    codes = point.codes or more.codes
    done.points[id_] = replace(point, typed={**point.typed, **more.typed}, codes=codes)
    done.fates[more.place] = Fate.IMPORTED


# ---------------------------------------------------------------- superseding


def _supersede(done: Settled) -> None:
    """Points that others replace; those in a circle are rejected."""
    newer = {point.supersedes: point.id for point in done.points.values() if point.supersedes}
    for id_ in [id_ for id_ in done.points if _in_circle(id_, done.points)]:
        circling = done.points.pop(id_)
        words = Words("取代的关系成了环", "it supersedes itself, directly or through others")
        done.reject(Remark(circling.place, "circle", words, id_))
        newer = {old: new for old, new in newer.items() if id_ not in {old, new}}
    for old, new in newer.items():
        if old in done.points:
            done.fates[done.points[old].place] = Fate.SUPERSEDED
        else:
            point = done.points[new]
            words = Words(
                f"取代的 `{old}` 不在文件中", f"the point `{old}` that it supersedes is not there"
            )
            done.remarks.append(Remark(point.place, "supersedes-unknown", words, new))
    done.superseded = frozenset(newer) & done.points.keys()


def _in_circle(id_: str, points: Mapping[str, Point]) -> bool:
    seen: set[str] = set()
    at = id_
    while at in points and at not in seen:
        seen.add(at)
        at = points[at].supersedes
        if at == id_:
            return True
    return False

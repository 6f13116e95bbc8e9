"""Knowledge packages written: whole, under another name first, then renamed."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from apps.knowledge.filling import Filled
from apps.knowledge.importing import Imported
from apps.knowledge.points import Point
from apps.knowledge.shipped import RESERVED
from apps.packages import FORMAT, MANIFEST, POINTS, digest
from rulelang.version import __version__


def files_of(done: Imported) -> dict[str, bytes]:
    """The files of a package by their paths; the same input gives the same bytes."""
    tables = {path: _csv(table) for path, table in sorted(done.tables.items())}
    points = _points(done)
    extra = dict(sorted(done.catalogs.files.items()))
    manifest = {
        "format": FORMAT,
        "made_by": {"name": "hegui", "version": __version__},
        "files": [{"file": one.file, "digest": one.digest} for one in done.files],
        "counts": done.counts(),
        "batches": _batches(done),
        "classes": _classes(done),
        "without_table": dict(sorted(done.kept.items())),
        "complete": sorted(path for path, table in done.tables.items() if table.complete),
        "tables": {
            path: {
                "rows": len(done.tables[path].rows),
                "digest": digest(data),
                **({"untyped": sorted(held)} if (held := done.tables[path].untyped) else {}),
            }
            for path, data in tables.items()
        },
        "points": {"file": POINTS, "digest": digest(points)},
        "catalogs": {path: {"digest": digest(data)} for path, data in extra.items()},
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    return {**tables, **extra, POINTS: points, MANIFEST: text.encode()}


def write(files: Mapping[str, bytes], out: Path) -> None:
    """Write a package to a folder; what stood there goes when the new one is whole.

    Raises:
        OSError: if it cannot be written; then all is as it was.
    """
    partial = out.with_name(f".{out.name}.{os.getpid()}.part")
    old = out.with_name(f".{out.name}.{os.getpid()}.old")
    try:
        for path, data in files.items():
            target = partial.joinpath(*path.split("/"))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        if out.exists():
            out.rename(old)
        try:
            partial.rename(out)
        except OSError:
            if old.exists():
                old.rename(out)
            raise
    finally:
        for left in (partial, old):
            with suppress(OSError):
                shutil.rmtree(left)


def may_write(out: Path) -> bool:
    """Whether a package may take the place of what is there: nothing, an empty folder, a package."""
    if not out.exists():
        return True
    return out.is_dir() and ((out / MANIFEST).is_file() or not any(out.iterdir()))


def _csv(table: Filled) -> bytes:
    used = {name for row in table.rows for name, text in row.items() if text}
    reserved = [name for name in RESERVED if name in used or name in {"来源", "知识点"}]
    text = io.StringIO()
    writer = csv.DictWriter(
        text, [*table.columns, *reserved], extrasaction="ignore", lineterminator="\n", restval=""
    )
    writer.writeheader()
    writer.writerows(table.rows)
    return text.getvalue().encode()


def _points(done: Imported) -> bytes:
    lines = [
        json.dumps(as_record(point), ensure_ascii=False) for point in ordered(done.settled.points)
    ]
    return "".join(line + "\n" for line in lines).encode()


def ordered(points: Mapping[str, Point]) -> Sequence[Point]:
    """Points by class, publication and id."""
    return sorted(points.values(), key=lambda one: (one.rule_class, one.published, one.id))


def as_record(point: Point) -> dict[str, Any]:
    """A point as a line of a file that can be imported again."""
    return {
        "kp_id": point.id,
        "rule_class": point.rule_class,
        "rule_class_code": point.class_code or None,
        "item_name": point.name,
        "constraint": point.constraint,
        "detect_logic": point.logic,
        "med_codes": list(point.codes),
        "batch": point.batch,
        "published_at": point.published or None,
        "supersedes": point.supersedes or None,
        **dict(sorted(point.typed.items())),
        "source_file": point.place.shown,
    }


def _batches(done: Imported) -> list[dict[str, Any]]:
    held: Counter[tuple[str, str]] = Counter(
        (point.published, point.batch) for point in done.settled.points.values()
    )
    return [
        {"batch": batch, "published": published or None, "points": count}
        for (published, batch), count in sorted(held.items())
    ]


def _classes(done: Imported) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for point in ordered(done.settled.points):
        entry = found.setdefault(point.rule_class, {"points": 0, "superseded": 0, "codes": 0})
        entry["points"] += 1
        entry["superseded"] += point.id in done.settled.superseded
        entry["codes"] += len(point.codes)
    return found

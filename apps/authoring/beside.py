"""The rule files that lie beside a page of cases: a ruleset under work need not be a shipped one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from apps import rulesets
from rulelang.source import Source

CASES = "cases"


@dataclass(frozen=True, slots=True)
class Beside:
    """The rule files of one folder, and when each table in it was last written."""

    folder: str = ""
    sources: tuple[Source, ...] = ()
    tables: tuple[tuple[str, int], ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The names of the rulesets that lie there."""
        return frozenset(name for source in self.sources for name in rulesets.heads(source.text))

    def read(self, path: str) -> bytes | None:
        """The bytes of a file in the folder; None where there is none."""
        if not self.folder:
            return None
        place = Path(path).resolve()
        inside = place.is_relative_to(Path(self.folder).resolve())
        return place.read_bytes() if inside and place.is_file() else None


NOTHING = Beside()


def beside(page: str, wanted: Iterable[str]) -> Beside:
    """The rule files in the page's folder, or above its folder `cases`, that hold a wanted ruleset."""
    names = frozenset(wanted)
    folder = Path(page).parent
    if folder.name == CASES:
        folder = folder.parent
    if not names or not folder.is_dir():
        return NOTHING
    files = sorted(folder.glob("*.rule"))
    sources = tuple(Source(file.as_posix(), rulesets.decode(file.read_bytes())) for file in files)
    found = Beside(
        folder.as_posix(),
        sources,
        tuple((file.as_posix(), file.stat().st_mtime_ns) for file in sorted(folder.glob("*.csv"))),
    )
    return found if found.names & names else NOTHING

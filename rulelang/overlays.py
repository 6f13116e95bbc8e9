"""Which table files took the place of others, for a compilation to know what they say all of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Overlay:
    """Files in the place of those that rule files name.

    Attributes:
        replaced: Paths of the files as rule files name them.
        complete: Those that hold all there is of their code system.
        unheld: By path the keys of which a table does not say all.
        before: The files as they were.
    """

    replaced: frozenset[str]
    complete: frozenset[str]
    unheld: Mapping[str, frozenset[str]]
    before: Callable[[str], bytes | None]

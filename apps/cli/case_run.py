"""What a run of cases has come to so far: its status, its counts, and the document for tools."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SCHEMA = 1


@dataclass(eq=False)
class Run:
    """One run; `out` is where texts for a reader go."""

    lang: str
    out: Any
    status: int = 0
    passed: int = 0
    failed: int = 0
    document: dict[str, Any] = field(default_factory=lambda: {"schema": SCHEMA})

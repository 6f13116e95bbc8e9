"""What one sender's data means (OUTPUT: profile); without one nothing is vouched for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class CoverageClaim:
    """What this sender's requests hold in full from a day on, or between two days (S7.2)."""

    collection: str
    institutions: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None  # of collections of periods: the last day that is there


@dataclass(frozen=True, slots=True)
class Profile:
    """One sender's profile.

    `vouches_empty` names the request fields whose empty value means none (S2.2); `constants` the
    values that this sender always sends; `maps` code as sent -> vocabulary word or code, by
    dictionary; `institutions` the register, field by institution code; `names` the code that an
    exact name on a sheet means where its line has none; `insurance_year_starts` is the month in
    which the insurance year (医保年度) begins.
    """

    name: str | None = None
    vouches_empty: frozenset[str] = frozenset()
    claimed_by_default: bool = True
    constants: Mapping[str, str] = field(default_factory=dict)
    maps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    institutions: Mapping[str, Mapping[str, str | bool]] = field(default_factory=dict)
    coverage: tuple[CoverageClaim, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    insurance_year_starts: int = 1  # the month


NO_PROFILE = Profile()

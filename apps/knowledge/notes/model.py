"""What a restriction note says, as data: alternatives, each with the conditions that it sets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """How a diagnosis word of a note came to its codes."""

    NAME = "名称"
    RULE = "名称换写"
    TERM = "同义词"


class Kind(StrEnum):
    """What an evidence condition is about, which the patient's record must show."""

    STATE = "病情"
    STAGE = "分期和程度"
    MARKER = "标志物和检验"
    PRIOR = "既往治疗"
    COMBINED = "联合用药"
    PURPOSE = "用途"
    LINE = "几线用药"
    PRESCRIBER = "处方和审查"
    TIMING = "时限"
    QUOTA = "用量和疗程"
    DIAGNOSIS = "诊断细分"
    EXCLUSION = "除外"
    FUND = "基金"
    SCOPE = "并列"
    UNREAD = "未读懂"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A diagnosis word and the codes it stands for: codes, categories and ranges `A 至 B`.

    `wider` says that the codes hold more than the word does: the word is then evidence too.
    """

    words: str
    codes: tuple[str, ...]
    how: How
    wider: bool


@dataclass(frozen=True, slots=True, order=True)
class Age:
    """An age as the note gives it: a number of 岁, 月龄 or 日龄."""

    number: int
    unit: str

    @property
    def text(self) -> str:
        """The age in the rule language."""
        return f"{self.number}{self.unit}"

    @property
    def days(self) -> int:
        """About how many days, to order ages of different units."""
        return self.number * {"岁": 366, "月龄": 31, "日龄": 1}[self.unit]


@dataclass(frozen=True, slots=True)
class Ages:
    """Ages from `least` on and under `below`; None where the note sets no end."""

    least: Age | None
    below: Age | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One condition that the record must show, in the note's own words.

    `terms` are consecutive pieces of the note, each of at most 20 characters: together they are one
    condition, so that a long "this or that" is not torn apart.
    """

    kind: Kind
    terms: tuple[str, ...]

    @property
    def words(self) -> str:
        """The whole condition."""
        return "".join(self.terms)


@dataclass(frozen=True, slots=True)
class Course:
    """How long is paid at most: a number of 天, 个月 or 疗程."""

    number: int
    unit: str


@dataclass(frozen=True, slots=True)
class Branch:
    """One of the alternatives: everything in it must hold, one diagnosis of several suffices."""

    diagnoses: tuple[Diagnosis, ...] = ()
    ages: Ages | None = None
    sex: str | None = None
    level: str | None = None
    care: str | None = None
    fund: str | None = None
    course: Course | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteReading:
    """A note as read. `is_limit` is False for a text that sets no limit of payment (a label)."""

    text: str
    branches: tuple[Branch, ...]
    unread: tuple[str, ...]
    is_limit: bool

    @property
    def fully_typed(self) -> bool:
        """Whether every word was understood."""
        return not self.unread

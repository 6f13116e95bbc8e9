"""The words that options take."""

from __future__ import annotations

from enum import StrEnum


class Lang(StrEnum):
    """The language of what is printed."""

    ZH = "zh"
    EN = "en"


class Format(StrEnum):
    """The form of the answer."""

    TEXT = "text"
    JSON = "json"
    NHSA = "nhsa"
    XLSX = "xlsx"


class Stage(StrEnum):
    """The step at which is checked."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


class Opinions(StrEnum):
    """The form of a report on the text of rules."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


class Report(StrEnum):
    """The form of a report on rules."""

    TEXT = "text"
    JSON = "json"


class Sheeted(StrEnum):
    """The form of a report that also comes as a workbook."""

    TEXT = "text"
    JSON = "json"
    XLSX = "xlsx"

"""Limits and settings: one table of limits for all surfaces, and where configuration is kept.

Every option of the command line can also be set as `HEGUI_...`; options win.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from engine.errors import EngineCode
from engine.intake.reading import Limits
from rulelang.diagnostics import Words
from rulelang.limits import LIMITS as RULE_LIMITS

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limit:
    """The most of something that is accepted, and the code under which more is refused."""

    most: int
    code: str
    what: Words


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "size": Limit(5 * MEGABYTE, "EN0103", Words("请求或文件的字节数", "bytes of a file")),
        "nesting": Limit(32, "EN0104", Words("嵌套层数", "levels of nesting")),
        "lines": Limit(5_000, "EN0105", Words("一张单的明细数", "lines of a bill")),
        "text": Limit(64 * 1024, "EN0106", Words("一个文本的字节数", "bytes of a text")),
        "workbook": Limit(
            50 * MEGABYTE, "EN0107", Words("工作簿解开后的字节数", "bytes of a workbook, unpacked")
        ),
        "cells": Limit(1_000_000, "EN0118", Words("一个文件的单元格数", "cells of a file")),
        "rows": Limit(50_000, "EN0118", Words("一个文件的行数", "rows of a file")),
        "columns": Limit(16_384, "EN0118", Words("一张表的列数", "columns of a sheet")),
    }
)

__all__ = [
    "CODES", "LIMITS", "RULE_LIMITS", "Limit", "cache_folder", "debugging", "folder",
    "reading_limits", "variable",
]  # fmt: skip

# Of inputs and settings that are there or not, before anything is read of them. The engine's codes
# of the same range are below EN0120 and from EN0130 on.
CODES: Mapping[str, EngineCode] = MappingProxyType(
    {
        entry.code: entry
        for entry in (
            EngineCode(
                "EN0120", "no-such-input", Words("找不到输入", "no such input"), since="0.1.0"
            ),
            EngineCode(
                "EN0121",
                "nothing-to-read",
                Words("文件夹中没有请求", "no request in the folder"),
                since="0.1.0",
            ),
            EngineCode(
                "EN0122", "unusable-profile", Words("配置不可用", "unusable profile"), since="0.1.0"
            ),
            EngineCode(
                "EN0123",
                "no-sheets-extra",
                Words("没有安装表格组件", "the extra for sheets is not installed"),
                since="0.1.0",
            ),
            EngineCode(
                "EN0124", "cannot-write", Words("不能写入", "cannot be written"), since="0.1.0"
            ),
            EngineCode(
                "EN0125",
                "unusable-package",
                Words("知识包不可用", "unusable knowledge package"),
                since="0.1.0",
            ),
        )
    }
)


def reading_limits() -> Limits:
    """The limits in the form in which the intake takes them."""
    return Limits(
        size=LIMITS["size"].most,
        nesting=LIMITS["nesting"].most,
        lines=LIMITS["lines"].most,
        text=LIMITS["text"].most,
    )


def variable(option: str) -> str:
    """The environment variable that sets an option: `--as-of` is `HEGUI_AS_OF`."""
    return "HEGUI_" + option.lstrip("-").upper().replace("-", "_")


def cache_folder() -> Path:
    """Where compiled rulesets are kept: `HEGUI_CACHE`, else the system's place for caches."""
    chosen = os.environ.get("HEGUI_CACHE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else _home() / ".cache") / "hegui"


def _home() -> Path:
    """The home folder; a place that nothing can lie in where the account has none."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(os.devnull)


def folder() -> Path:
    """The configuration folder: `HEGUI_CONFIG`, else the place that the system keeps for it."""
    chosen = os.environ.get("HEGUI_CONFIG")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("APPDATA")
        return Path(base) / "hegui" if base else _home() / "hegui"
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else _home() / ".config") / "hegui"


def debugging() -> bool:
    """Whether an unexpected error is shown with its traceback."""
    return os.environ.get("HEGUI_DEBUG", "") not in {"", "0"}

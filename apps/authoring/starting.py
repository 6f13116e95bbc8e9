"""A ruleset to begin with: one rule, one table and one page of cases, all of which run as they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from string import Template

from rulelang.diagnostics import Words
from rulelang.keywords import RESERVED
from rulelang.words import AUTHORITIES

_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_REGION = re.compile(r"\d{6}")
NAME, AUTHORITY, REGION = "name", "authority", "region"
LOCAL = frozenset({"province", "city", "county"})

_TABLES = {
    "zh": ("日限次.csv", "项目,上限,来源\n001102000040000,1次,样例文件 附件\n"),
    "en": ("daily_limit.csv", "item,cap,source\n001102000040000,1time,sample document annex\n"),
}
_PAGES = {"zh": "cases/超日限次.md", "en": "cases/over_daily_limit.md"}
_CHANGES = {
    "zh": "# 变更\n\n## 未发布\n\n- 由 `hegui new` 建立：样例规则一条。\n",
    "en": "# Changes\n\n## Unreleased\n\n- Made by `hegui new`: one sample rule.\n",
}


class WrongStartError(Exception):
    """What was asked for cannot be a ruleset: which part, and why."""

    def __init__(self, part: str, words: Words) -> None:
        """`part` is name, authority or region."""
        super().__init__(words.en)
        self.part = part
        self.words = words


@dataclass(frozen=True, slots=True)
class Start:
    """The ruleset that is wanted; `authority` is the English word of a layer."""

    zh: str
    en: str
    title: str
    authority: str
    region: str = ""
    spelling: str = "zh"


def checked(start: Start) -> Start:
    """The wish itself, if a ruleset can be made of it.

    Raises:
        WrongStartError: if a name, the layer or the division is no good.
    """
    for name in (start.zh, start.en):
        if _NAME.fullmatch(name) is None or any(part in RESERVED for part in name.split(".")):
            raise WrongStartError(
                NAME,
                Words(
                    f"`{name}` 不能作规则集的名称：用文字、数字和下划线，以 . 分段，不用关键词",
                    f"`{name}` cannot name a ruleset: letters, digits and _, parted by dots, no keyword",
                ),
            )
    if start.authority not in AUTHORITIES.values():
        known = "、".join(AUTHORITIES.values())
        raise WrongStartError(
            AUTHORITY,
            Words(
                f"没有层级 `{start.authority}`；可用：{known}", f"no such layer; one of: {known}"
            ),
        )
    if start.authority in LOCAL and not start.region:
        raise WrongStartError(
            REGION, Words("地方的规则集要写区划", "a local ruleset needs its division")
        )
    if start.region and _REGION.fullmatch(start.region) is None:
        raise WrongStartError(
            REGION,
            Words(f"`{start.region}` 不是六位区划编码", f"`{start.region}` has not six digits"),
        )
    return start


def files_of(start: Start) -> dict[str, str]:
    """The files of the new ruleset by their names in its folder."""
    spelling = start.spelling
    authorities = {en: zh for zh, en in AUTHORITIES.items()}
    word = {"zh": "地区", "en": "region"}[spelling]
    values = {
        "zh": start.zh,
        "en": start.en,
        "title": start.title,
        "title_en": start.title,
        "authority": authorities[start.authority] if spelling == "zh" else start.authority,
        "region": f"{word} #{start.region}\n" if start.region else "",
    }
    place = {"zh": "机构.区划", "en": "institution.division"}[spelling]
    values["place"] = f"{place} = #{start.region}\n" if start.region else ""
    table, rows = _TABLES[spelling]
    return {
        f"{start.en.rpartition('.')[2]}.rule": _filled(f"rules.{spelling}", values),
        table: rows,
        _PAGES[spelling]: _filled(f"cases.{spelling}", values),
        "CHANGES.md": _CHANGES[spelling],
    }


def _filled(name: str, values: dict[str, str]) -> str:
    text = files("apps.authoring").joinpath("starter", name).read_text(encoding="utf-8")
    return Template(text).substitute(values)

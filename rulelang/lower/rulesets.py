"""The head of a ruleset: authority, regions, documents, period in force."""

from __future__ import annotations

import re

from rulelang import ast, core
from rulelang.check.scope import Checker
from rulelang.diagnostics import Related, Words
from rulelang.lower.citations import document
from rulelang.lower.heads import period_of
from rulelang.meant import nearest
from rulelang.resolve import shown
from rulelang.words import AUTHORITIES, word_of

LOCAL = frozenset({"province", "city", "county"})  # authorities of a place


def lower_ruleset(c: Checker) -> core.Ruleset:
    """The ruleset of one unit; what is wrong in its head is told."""
    unit = c.unit
    authority, regions, documents, in_force = "", [], [], core.ALWAYS
    first: ast.Authority | None = None
    for item, file in unit.items():
        c.spelling = file.spelling
        match item:
            case ast.Authority() if first is not None:
                if word_of(AUTHORITIES, item.word) != authority:
                    _second_authority(c, first, item)
            case ast.Authority():
                first, authority = item, _authority(c, item)
            case ast.Region():
                regions += [code.value for code in item.codes if _is_division(c, code)]
            case ast.Document():
                documents.append(document(item))
            case ast.InForce():
                in_force = period_of(c, item, core.ALWAYS)
            case _:
                pass
    _complete(c, first, authority)
    head = unit.head
    return core.Ruleset(
        id=unit.id,
        name=shown(head.name),
        title=Words(head.title.zh.value, (head.title.en or head.title.zh).value),
        authority=authority,
        regions=tuple(regions),
        documents=tuple(documents),
        in_force=in_force,
        uses=tuple(sorted(used.id for used in unit.uses)),
        version=unit.version,
    )


def _complete(c: Checker, first: ast.Authority | None, authority: str) -> None:
    """Complain of an authority, or the place of a local one, that is nowhere said."""
    unread = c.unit.unread
    has_region = any(isinstance(item, ast.Region) for item, _ in c.unit.items())
    if first is None and "AUTHORITY" not in unread:
        _no_authority(c)
    elif first is not None and authority in LOCAL and not has_region and "REGION" not in unread:
        _no_region(c, first)
    elif first is not None and authority == "national" and has_region:
        _national_region(c, first)


def _authority(c: Checker, item: ast.Authority) -> str:
    found = word_of(AUTHORITIES, item.word)
    if found is None:
        c.fail(
            "RL0705",
            c.at(item.span, item.word),
            (f"没有名为 `{item.word}` 的层级", f"there is no authority `{item.word}`"),
            nearest(item.word, [*AUTHORITIES, *AUTHORITIES.values()])
            or Words(
                "可用：" + "、".join(AUTHORITIES), "one of: " + ", ".join(AUTHORITIES.values())
            ),
        )
    return found or ""


def _second_authority(c: Checker, first: ast.Authority, item: ast.Authority) -> None:
    c.fail(
        "RL0203",
        item.span,
        ("一个规则集只有一个 `层级`", "a ruleset has one `authority`"),
        None,
        (Related(first.span, Words("前一个在此", "the first one")),),
    )


def _is_division(c: Checker, code: ast.Code) -> bool:
    pattern = c.vocabulary.systems["division"].pattern
    if re.fullmatch(pattern, code.value) is not None:
        return True
    c.fail(
        "RL0103",
        code.span,
        (f"`#{code.value}` 不是区划编码", f"`#{code.value}` is no code of a division"),
        ("区划编码是六位数字，如 `#330600`", "codes of divisions have six digits, as `#330600`"),
    )
    return False


def _no_authority(c: Checker) -> None:
    c.fail(
        "RL0203",
        c.unit.head.span,
        ("规则集没有 `层级`", "the ruleset has no `authority`"),
        (
            "在开头写 `层级 国家`、`省级` 或 `市级`",
            "write `authority national`, `province` or `city` in the head",
        ),
    )


def _national_region(c: Checker, authority: ast.Authority) -> None:
    region = next(item for item, _ in c.unit.items() if isinstance(item, ast.Region))
    c.fail(
        "RL0203",
        region.span,
        ("国家的规则集不写 `地区`", "a national ruleset has no `region`"),
        ("只管一地的，`层级` 写 `省级`、`市级` 或 `县级`", "what holds in one place is of `authority province`, `city` or `county`"),
        (Related(authority.span, Words("层级写在此处", "the authority")),),
    )  # fmt: skip


def _no_region(c: Checker, authority: ast.Authority) -> None:
    c.fail(
        "RL0203",
        authority.span,
        (
            f"`{authority.word}` 的规则集没有 `地区`",
            f"a ruleset of a {authority.word} has no `region`",
        ),
        ("写明管辖哪里，如 `地区 #330600`", "say where it holds, as `region #330600`"),
    )

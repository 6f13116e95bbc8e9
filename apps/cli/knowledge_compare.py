"""`hegui knowledge diff` and `status`: what a new batch changes, and what a package holds."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps.cli.choices import Lang
from apps.cli.options import LangOption
from apps.cli.session import BAD_INPUT, FOUND, WrongCall, complain, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from apps.knowledge.differing import Changed, Difference, Held
    from apps.knowledge.points import Point

SCHEMA = 1
_SHOWN = 10  # points of one kind told one by one; `--format json` has them all
_FIELDS = {
    "name": ("名称", "name"),
    "constraint": ("限定", "constraint"),
    "logic": ("检出逻辑", "logic"),
    "codes": ("编码", "codes"),
    "published": ("发布日期", "publication"),
    "supersedes": ("取代", "supersedes"),
    "typed": ("限定值", "typed limit"),
}

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="知识包 / a knowledge package")]
Old = Annotated[Path, typer.Argument(metavar="OLD", help="原来的知识包 / the old package")]
New = Annotated[Path, typer.Argument(metavar="NEW", help="新的知识包 / the new package")]
FormOption = Annotated[
    str, typer.Option("--format", metavar="text|json", help="输出格式 / form of the report")
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="在此日有效的 / in force on this day")
]
KnownOnOption = Annotated[
    str | None,
    typer.Option("--known-on", metavar="DATE", help="按此日已公布的 / as published by this day"),
]


def diff(old: Old, new: New, *, form: FormOption = "text", lang: LangOption = Lang.ZH) -> None:
    """新的知识包改了什么 / What a new knowledge package changes; exit 1 if anything."""
    from apps.knowledge.differing import differ

    check_form(form, lang.value)
    found = differ(_points(old, lang.value), _points(new, lang.value))
    if form == "json":
        print(json.dumps(_document(found), ensure_ascii=False, indent=1))
    else:
        _print(found, lang.value)
    raise typer.Exit(FOUND if found.by_class() else 0)


def status(
    folder: Folder,
    *,
    as_of: AsOfOption = None,
    known_on: KnownOnOption = None,
    form: FormOption = "text",
    lang: LangOption = Lang.ZH,
) -> None:
    """知识包有哪些批次，哪些知识点有效 / The batches of a package, and its points in force."""
    from apps.knowledge.differing import held_on

    check_form(form, lang.value)
    days = _day(as_of, "--as-of"), _day(known_on, "--known-on")
    held = held_on(_points(folder, lang.value), *days)
    if form == "json":
        print(json.dumps(_status(held), ensure_ascii=False, indent=1))
    else:
        _print_status(held, lang.value)


def check_form(form: str, lang: str) -> None:
    """Complain of a form of report that there is not."""
    if form not in {"text", "json"}:
        zh, en = f"`{form}` 不是格式，用 text 或 json", f"`{form}` is no format; use text or json"
        raise WrongCall(say(lang, zh, en), "--format")


def _points(folder: Path, lang: str) -> Mapping[str, Point]:
    from apps.knowledge.differing import points_of
    from engine.errors import InputError

    try:
        return points_of(folder)
    except InputError as error:
        complain(error, lang)
        raise typer.Exit(BAD_INPUT) from None


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"`{text}` 不是日期，写作 2026-01-31 / is no date; write 2026-01-31"
        raise WrongCall(message, option) from None


# ---------------------------------------------------------------- what a batch changes


def _document(found: Difference) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "by_class": found.by_class(),
        "added": [_point(one) for one in found.added],
        "removed": [_point(one) for one in found.removed],
        "superseded": [_changed(one) for one in found.superseded],
        "changed": [_changed(one) for one in found.changed],
    }


def _point(one: Point) -> dict[str, Any]:
    return {
        "point": one.id,
        "class": one.rule_class,
        "name": one.name,
        "batch": one.batch,
        "codes": len(one.codes),
    }


def _changed(one: Changed) -> dict[str, Any]:
    return {
        **_point(one.new),
        "before": one.old.id,
        "fields": list(one.fields),
        "codes_added": list(one.added),
        "codes_removed": list(one.removed),
    }


def _print(found: Difference, lang: str) -> None:
    counts = found.by_class()
    if not counts:
        print(say(lang, "没有差别", "no difference"))
        return
    for name, one in counts.items():
        zh = "新增 {added}，取代 {superseded}，改动 {changed}，删去 {removed}"
        en = "{added} added, {superseded} superseded, {changed} changed, {removed} removed"
        print(f"{name}  {say(lang, zh, en).format(**one)}")
    _list(say(lang, "新增", "added"), [_line(one) for one in found.added], lang)
    told = [_change_line(one, lang) for one in found.superseded]
    _list(say(lang, "取代", "superseded"), told, lang)
    _list(say(lang, "改动", "changed"), [_change_line(one, lang) for one in found.changed], lang)
    _list(say(lang, "删去", "removed"), [_line(one) for one in found.removed], lang)


def _line(one: Point) -> str:
    return f"{one.id}  {one.rule_class}  {one.name}"


def _change_line(one: Changed, lang: str) -> str:
    words = [say(lang, *_FIELDS[name]) for name in one.fields if name != "codes"]
    if "codes" in one.fields:
        plus, minus = len(one.added), len(one.removed)
        words.append(say(lang, f"编码加 {plus} 减 {minus}", f"{plus} codes more, {minus} fewer"))
    before = "" if one.old.id == one.new.id else f" ← {one.old.id}"
    said = say(lang, "、", ", ").join(words) or say(lang, "内容相同", "says the same")
    return f"{_line(one.new)}{before}  {said}"


def _list(title: str, lines: Sequence[str], lang: str) -> None:
    if not lines:
        return
    print(f"{title}:")
    for line in lines[:_SHOWN]:
        print(f"  {line}")
    more = len(lines) - _SHOWN
    if more > 0:
        print(say(lang, f"  另有 {more} 条，见 --format json", f"  {more} more; see --format json"))


# ---------------------------------------------------------------- what a package holds


def _status(held: Held) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "batches": [
            {"published": published or None, "batch": batch, "points": count}
            for published, batch, count in held.batches
        ],
        "in_force": dict(held.in_force),
        "superseded": dict(held.superseded),
        "not_yet": dict(held.later),
    }


def _print_status(held: Held, lang: str) -> None:
    print(say(lang, "批次：", "batches:"))
    for published, batch, count in held.batches:
        day = published or say(lang, "日期不明", "date unknown")
        print(say(lang, f"  {day}  {batch}  {count} 个知识点", f"  {day}  {batch}  {count} points"))
    print(say(lang, "有效的知识点：", "points in force:"))
    for name, count in held.in_force.items():
        print(f"  {name}  {count}")
    for title, counts in (
        (say(lang, "已被取代：", "superseded: "), held.superseded),
        (say(lang, "尚未有效：", "not yet in force: "), held.later),
    ):
        if counts:
            print(f"{title}{sum(counts.values())}")

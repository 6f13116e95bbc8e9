"""`hegui knowledge`: official knowledge points and catalogs, imported, compared, looked over."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps.cli.choices import Lang
from apps.cli.knowledge_compare import check_form, diff, status
from apps.cli.options import LangOption
from apps.cli.session import (
    BAD_INPUT,
    WrongCall,
    complain_of_any,
    complain_unreadable,
    complain_unwritable,
    say,
)

if TYPE_CHECKING:
    from apps.knowledge.importing import Imported
    from apps.knowledge.points import Remark

SCHEMA = 1
_SHOWN = 20  # rows told one by one; `--format json` has them all

knowledge = typer.Typer(
    name="knowledge",
    help="知识点和目录：导入、比较、查看 / knowledge points and catalogs: import, compare, look over",
    no_args_is_help=True,
)

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...",
        help="知识点文件（xlsx、CSV、JSONL）和目录文件 / files of points (xlsx, CSV, JSONL) and catalogs",
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="写到哪个文件夹；不写则只报告 / the folder to write; without one only the report",
    ),
]
JsonOption = Annotated[
    str, typer.Option("--format", metavar="text|json", help="输出格式 / form of the report")
]
ClassOption = Annotated[
    str,
    typer.Option(
        "--class",
        metavar="NAME",
        help="文件没有写明规则时，属于哪条规则 / the rule of files that do not say theirs",
    ),
]
CompleteOption = Annotated[
    list[str],
    typer.Option(
        "--complete",
        metavar="TABLE",
        help="声明这张目录完整，如 药品目录（可重复）/ declare this catalog complete (repeatable)",
    ),
]


@knowledge.command(name="import")
def import_(
    files: Files,
    *,
    out: OutOption = None,
    form: JsonOption = "text",
    rule_class: ClassOption = "",
    complete: CompleteOption = [],  # noqa: B006 - the framework copies it
    lang: LangOption = Lang.ZH,
) -> None:
    """把知识点和目录导入成知识包 / Import points and catalogs as a knowledge package."""
    from apps.knowledge import packing
    from apps.knowledge.importing import Asked, import_files

    check_form(form, lang.value)
    if out is not None and not packing.may_write(out):
        zh, en = f"`{out}` 不是知识包，不覆盖", f"`{out}` is no knowledge package; it stays"
        raise WrongCall(say(lang.value, zh, en), "--out")
    asked = Asked(rule_class, _complete(complete, lang.value))
    name = ""
    try:
        for path in files:
            name = str(path)
            path.stat()
        done = import_files(files, asked, _progress(lang.value))
    except OSError as error:
        complain_unreadable(error, str(error.filename or name), lang.value)
        raise typer.Exit(BAD_INPUT) from None
    except Exception as error:
        complain_of_any(error, lang.value)
        raise typer.Exit(BAD_INPUT) from None
    _clear()
    try:
        if out is not None:
            packing.write(packing.files_of(done), out)
    except OSError as error:
        complain_unwritable(error, str(out), lang.value)
        raise typer.Exit(BAD_INPUT) from None
    if form == "json":
        print(json.dumps(_document(done, out), ensure_ascii=False, indent=1))
    else:
        _print(done, out, lang.value)


def _complete(names: list[str], lang: str) -> tuple[str, ...]:
    """The paths of the tables that are called complete."""
    from apps.knowledge import shipped

    found = []
    for name in names:
        fitting = [path for path in shipped.tables() if name in {path, Path(path).stem}]
        if len(fitting) != 1:
            zh, en = f"没有知识表 `{name}`", f"there is no table `{name}`"
            raise WrongCall(say(lang, zh, en), "--complete")
        found += fitting
    return tuple(found)


def _progress(lang: str) -> Any:
    def tell(what: str) -> None:
        if sys.stderr.isatty():
            head = say(lang, "读入", "reading")
            print(f"\r{head} {what}\x1b[K", end="", file=sys.stderr, flush=True)

    return tell


def _clear() -> None:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _document(done: Imported, out: Path | None) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "out": None if out is None else str(out),
        **done.counts(),
        "rejected_rows": [_remark(one) for one in done.rejected],
        "remarks": [_remark(one) for one in done.remarks],
        "tables": {path: len(table.rows) for path, table in sorted(done.tables.items())},
        "without_table": dict(sorted(done.kept.items())),
    }


def _remark(one: Remark) -> dict[str, Any]:
    return {
        "file": one.place.file,
        "sheet": one.place.sheet or None,
        "row": one.place.row,
        "kind": one.kind,
        "point": one.point or None,
        "reason": {"zh": one.words.zh, "en": one.words.en},
    }


def _print(done: Imported, out: Path | None, lang: str) -> None:
    counts = done.counts()
    zh = "读到 {read} 行：入库 {imported}，被取代 {superseded}，退回 {rejected}"
    en = "{read} rows read: {imported} imported, {superseded} superseded, {rejected} rejected"
    print(say(lang, zh, en).format(**counts))
    _told(say(lang, "退回的行：", "rejected rows:"), done.rejected, lang)
    _told(say(lang, "说明：", "remarks:"), done.remarks, lang)
    if done.tables:
        print(say(lang, "知识表：", "tables:"))
    for path, table in sorted(done.tables.items()):
        left = len(table.untyped)
        zh, en = (
            f"，{left} 个编码限定不明" if left else "",
            f", {left} codes untold" if left else "",
        )
        rows = say(lang, f"{len(table.rows)} 行{zh}", f"{len(table.rows)} rows{en}")
        print(f"  {path}  {rows}")
    if done.kept:
        print(say(lang, "只存知识点、没有知识表的规则：", "points kept without a table:"))
        for name, count in sorted(done.kept.items()):
            print(f"  {name}  {count}")
    if out is None:
        print(say(lang, "没有写出；加 --out DIR", "nothing was written; give --out DIR"))
    else:
        print(say(lang, f"已写入 {out}", f"written to {out}"))


def _told(title: str, remarks: list[Remark], lang: str) -> None:
    if not remarks:
        return
    print(title)
    for one in remarks[:_SHOWN]:
        print(f"  {one.place.shown}  {one.words.choose(lang)}")
    more = len(remarks) - _SHOWN
    if more > 0:
        print(say(lang, f"  另有 {more} 条，见 --format json", f"  {more} more; see --format json"))


knowledge.command(name="diff")(diff)
knowledge.command(name="status")(status)

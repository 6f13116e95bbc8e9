"""`hegui compile`: says what rule texts make, or what is wrong with them; writes the bundle."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps.cli import progress
from apps.cli.choices import Lang, Opinions
from apps.cli.options import KnowledgeOption, LangOption
from apps.cli.session import (
    BAD_INPUT,
    BAD_RULES,
    WrongCall,
    complain_unwritable,
    is_bundle,
    load_texts,
    print_diagnostics,
    say,
    with_knowledge,
)

if TYPE_CHECKING:
    from apps.rulesets import RuleTexts
    from rulelang.core import Program
    from rulelang.driver import Compiled

SCHEMA = 1
EXTENT = "@"  # in the ids of what tables of knowledge packages are complete within

Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...",
        help="规则文件或文件夹（`shipped` 指自带的）/ rule files or folders (`shipped`: ours)",
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="写出规则包，供 --rulesets 使用 / write the bundle, for --rulesets",
    ),
]
FormatOption = Annotated[
    Opinions, typer.Option("--format", help="输出格式 / form of the report: text, json, sarif")
]


def compile_(
    paths: Paths,
    *,
    knowledge: KnowledgeOption = [],  # noqa: B006 - the framework copies it
    out: OutOption = None,
    form: FormatOption = Opinions.TEXT,
    lang: LangOption = Lang.ZH,
) -> None:
    """编译规则 / Compile rules."""
    _check_call(paths, out, lang.value)
    texts = with_knowledge(load_texts(paths, lang.value, "PATH"), knowledge, lang.value)
    compiled = progress.compiled(texts, lang.value)
    status = 0 if compiled.program is not None else BAD_RULES
    written = None
    if compiled.program is not None and out is not None:
        written = _write(out, texts, compiled.program, lang.value)
        status = BAD_INPUT if written is None else 0
    if form is Opinions.SARIF:
        from apps.render import sarif

        made = sarif.document(compiled.diagnostics, compiled.sources, lang.value)
        print(json.dumps(made, ensure_ascii=False, indent=2))
    elif form is Opinions.JSON:
        document = _document(compiled, out if written else None, written)
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        print_diagnostics(compiled, lang.value)
        _print(compiled, lang.value)
        if written:
            print(say(lang.value, f"已写入 {out}，{written} 字节", f"wrote {out}, {written} bytes"))
    raise typer.Exit(status)


def _check_call(paths: list[Path], out: Path | None, lang: str) -> None:
    from apps.bundles import ENDING

    for path in paths:
        if is_bundle(path):
            zh, en = f"`{path}` 已是规则包", f"`{path}` is a bundle already"
            raise WrongCall(say(lang, zh, en), "PATH")
    if out is not None and out.suffix != ENDING:
        zh, en = f"规则包的文件名应以 {ENDING} 结尾", f"the name of a bundle ends in {ENDING}"
        raise WrongCall(say(lang, zh, en), "--out")


def _write(out: Path, texts: RuleTexts, program: Program, lang: str) -> int | None:
    """The size of the bundle as written; None where it could not be."""
    from apps.bundles import key_of, write_whole
    from engine.bundle import pack

    data = pack(program, key_of(texts))
    try:
        write_whole(out, data)
    except OSError as error:
        complain_unwritable(error, str(out), lang)
        return None
    return len(data)


# ---------------------------------------------------------------- the report


def _counts(program: Program, ruleset: str = "") -> dict[str, int]:
    """How much there is, of one ruleset or in all."""
    head = f"{ruleset}/" if ruleset else ""
    tables = [
        table for id_, table in program.tables.items() if id_.startswith(head) and EXTENT not in id_
    ]
    return {
        "rules": sum(rule.id.startswith(head) for rule in program.rules),
        "tables": len(tables),
        "rows": sum(len(table.rows) for table in tables),
        "lists": sum(listed.id.startswith(head) for listed in program.lists.values()),
    }


def _levels(compiled: Compiled) -> dict[str, int]:
    errors = len(compiled.errors)
    return {"errors": errors, "warnings": len(compiled.diagnostics) - errors}


def _document(compiled: Compiled, out: Path | None, size: int | None) -> dict[str, Any]:
    from apps.render.answer import tool_version
    from rulelang.render import to_json

    program = compiled.program
    rulesets = () if program is None else program.rulesets
    return {
        "schema": SCHEMA,
        "tool": {"name": "hegui", "version": tool_version()},
        "rulesets": [
            {"id": item.id, "version": item.version, "digest": item.digest}
            | (_counts(program, item.id) if program is not None else {})
            for item in sorted(rulesets, key=lambda item: item.id)
        ],
        "counts": None if program is None else _counts(program),
        **_levels(compiled),
        "diagnostics": [to_json(item, compiled.sources) for item in compiled.diagnostics],
        "bundle": None if out is None else {"path": str(out), "bytes": size},
    }


def _print(compiled: Compiled, lang: str) -> None:
    program = compiled.program
    if program is not None:
        for item in sorted(program.rulesets, key=lambda item: item.id):
            print(f"{item.id}  {_said(_counts(program, item.id), lang)}")
            print(f"    {item.digest}")
        print(say(lang, "共：", "in all: ") + _said(_counts(program), lang))
    levels = _levels(compiled)
    zh, en = "错误 {errors}，警告 {warnings}", "{errors} errors, {warnings} warnings"
    print(say(lang, zh, en).format(**levels), file=sys.stdout if program else sys.stderr)


def _said(counts: dict[str, int], lang: str) -> str:
    zh = "规则 {rules}，知识表 {tables}（{rows} 行），名单 {lists}"
    en = "{rules} rules, {tables} tables ({rows} rows), {lists} lists"
    return say(lang, zh, en).format(**counts)

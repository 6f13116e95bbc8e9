"""What `hegui compile` does: reports what rule texts make, writes the bundle.

What was compiled is kept, and read the next time. Knows nothing of how its options were read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.cli.choices import Opinions
from apps.cli.session import (
    BAD_INPUT,
    BAD_RULES,
    WrongCall,
    complain_unwritable,
    is_bundle,
    load_texts,
    made_of,
    print_diagnostics,
    say,
    with_knowledge,
)

if TYPE_CHECKING:
    from apps.bundles import Made
    from rulelang.core import Program

SCHEMA = 1
EXTENT = "@"  # in the ids of what tables of knowledge packages are complete within


@dataclass(frozen=True)
class Order:
    """A call of `hegui compile`: which rules, what to write, how to report."""

    paths: Sequence[Path]
    lang: str
    knowledge: Sequence[Path] = ()
    out: Path | None = None
    form: Opinions = Opinions.TEXT


def compile_rules(order: Order) -> int:
    """Compile, or read what was compiled; the report on standard output, complaints on the other.

    Raises:
        WrongCall: if there are no rules where they are to be, or the options do not go together.
        Ended: if a knowledge package cannot be used.
    """
    lang, out = order.lang, order.out
    _check(order)
    texts = with_knowledge(load_texts(order.paths, lang, "PATH"), order.knowledge, lang)
    made = made_of(texts, lang)
    status = 0 if made.program is not None else BAD_RULES
    written = None
    if made.program is not None and out is not None:
        written = _write(out, made.data, lang)
        status = BAD_INPUT if written is None else 0
    if order.form is Opinions.SARIF:
        from apps.render import sarif

        document = sarif.document(made.diagnostics, made.sources, lang)
        print(json.dumps(document, ensure_ascii=False, indent=2))
    elif order.form is Opinions.JSON:
        document = _document(made, out if written else None, written)
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        print_diagnostics(made, lang)
        _print(made, lang)
        if written:
            print(say(lang, f"已写入 {out}，{written} 字节", f"wrote {out}, {written} bytes"))
    return status


def _check(order: Order) -> None:
    from apps.bundles import ENDING

    for path in order.paths:
        if is_bundle(path):
            zh, en = f"`{path}` 已是规则包", f"`{path}` is a bundle already"
            raise WrongCall(say(order.lang, zh, en), "PATH")
    if order.out is not None and order.out.suffix != ENDING:
        zh, en = f"规则包的文件名应以 {ENDING} 结尾", f"the name of a bundle ends in {ENDING}"
        raise WrongCall(say(order.lang, zh, en), "--out")


def _write(out: Path, data: bytes, lang: str) -> int | None:
    """The size of the bundle as written; None where it could not be."""
    from apps.bundles import write_whole

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


def _levels(made: Made) -> dict[str, int]:
    from rulelang.codes import CODES
    from rulelang.diagnostics import Level

    errors = sum(CODES[each.code].level is Level.ERROR for each in made.diagnostics)
    return {"errors": errors, "warnings": len(made.diagnostics) - errors}


def _document(made: Made, out: Path | None, size: int | None) -> dict[str, Any]:
    from apps.render.answer import tool_version
    from rulelang.render import to_json

    program = made.program
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
        **_levels(made),
        "diagnostics": [to_json(item, made.sources) for item in made.diagnostics],
        "bundle": None if out is None else {"path": str(out), "bytes": size},
    }


def _print(made: Made, lang: str) -> None:
    program = made.program
    if program is not None:
        for item in sorted(program.rulesets, key=lambda item: item.id):
            print(f"{item.id}  {_said(_counts(program, item.id), lang)}")
            print(f"    {item.digest}")
        print(say(lang, "共：", "in all: ") + _said(_counts(program), lang))
    levels = _levels(made)
    zh, en = "错误 {errors}，警告 {warnings}", "{errors} errors, {warnings} warnings"
    print(say(lang, zh, en).format(**levels), file=sys.stdout if program else sys.stderr)


def _said(counts: dict[str, int], lang: str) -> str:
    zh = "规则 {rules}，知识表 {tables}（{rows} 行），名单 {lists}"
    en = "{rules} rules, {tables} tables ({rows} rows), {lists} lists"
    return say(lang, zh, en).format(**counts)

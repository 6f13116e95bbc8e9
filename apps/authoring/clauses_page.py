"""Writes CLAUSES.md of the regional rulesets: `python -m apps.authoring.clauses_page`.

Run it after a change of rules, tables, cases or `clauses.toml`. With `--check` it writes nothing and
says whether the page is what it would write.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from apps.authoring.clauses import (
    BOUNDARY,
    KINDS,
    Clause,
    Document,
    Shown,
    cases_of,
    clauses,
    documents,
    shown_in,
)
from apps.authoring.coverage_page import kept
from apps.authoring.national_coverage import is_illustrative
from apps.render.labels import CERTAINTIES
from rulelang import core

ROOT = Path(__file__).parents[2] / "rulesets"
PAGE = Path("cn") / "CLAUSES.md"
_KINDS = tuple(KINDS)
ORDER = (*_KINDS[:2], BOUNDARY, *_KINDS[2:])


def main(arguments: Sequence[str]) -> int:
    """Write the page, or compare it; 1 where it differs."""
    return kept(arguments, ROOT / PAGE, lambda program: page(program, shown_in(ROOT)))


def page(program: core.Program, shown: Mapping[str, tuple[Shown, ...]]) -> str:
    """The whole page."""
    every = clauses()
    lines = [*_top(every)]
    for document in documents():
        lines += _document(document, [one for one in every if one.document == document.key])
        for clause in every:
            if clause.document == document.key:
                lines += _clause(clause, program, shown)
    return "\n".join(lines) + "\n"


def _top(every: Sequence[Clause]) -> Iterator[str]:
    with_rules = sum(bool(each.rules) for each in every)
    yield from (
        "# 地区文件的条款 Clauses of the regional documents",
        "",
        "由 `python -m apps.authoring.clauses_page` 生成，不手改。Generated; not edited by hand.",
        "",
        "每条规则下面是案例页里的案例各一：查出、未查出、临界、缺事实、例外（规则有例外的）；都由 `hegui test` 运行。",
        "针对规则集自己的表的规则没有会缺的事实。表后面的“示例”表示随附的不是公布的数据。",
        "Under each rule one case of each kind: finds, passes, on the line, a fact missing, excused.",
        "",
        f"- 条款 Clauses: **{len(every)}**；有规则 with rules: **{with_rules}**；"
        f"由报告、导出或编译检查承担 by a report, an export or the compiler: **{len(every) - with_rules}**",
    )


def _document(document: Document, own: Sequence[Clause]) -> Iterator[str]:
    title = f"{document.zh}（{document.issued}）"
    yield from ("", f"## {document.key} {title}", "", f"{document.en}. {len(own)} clauses.")


def _clause(
    clause: Clause, program: core.Program, shown: Mapping[str, tuple[Shown, ...]]
) -> Iterator[str]:
    yield from ("", f"### {clause.id} {clause.zh}", "", f"{clause.place}. {clause.en}.", "")
    by_id = {rule.id: rule for rule in program.rules}
    for id_ in clause.rules:
        yield _rule(by_id[id_], clause, shown)
    if clause.declared:
        told = (_declared(id_, program) for id_ in clause.declared)
        yield "- 表、名单、参数：" + "，".join(told)
    for path in clause.pages:
        names = "；".join(each.name for each in shown[path])
        yield f"- 案例页 `{path}`：{names}"
    if clause.commands:
        yield "- 命令：" + "，".join(f"`hegui {name}`" for name in clause.commands)
    if clause.tests:
        yield "- 测试：" + "，".join(f"`{name}`" for name in clause.tests)
    if clause.why:
        yield f"- {clause.why}"


def _rule(rule: core.Rule, clause: Clause, shown: Mapping[str, tuple[Shown, ...]]) -> str:
    found = cases_of(rule, clause, shown)
    cases = "；".join(f"{kind}“{found[kind]}”" for kind in ORDER if kind in found)
    since = rule.in_force.start.isoformat() if rule.in_force.start else ""
    when = f"，自 {since}" if since else ""
    return f"- 规则 `{rule.id}` {rule.title.zh}（{CERTAINTIES[rule.certainty].zh}{when}）：{cases}"


def _declared(id_: str, program: core.Program) -> str:
    held = program.tables.get(id_) or program.lists.get(id_)
    if held is not None:
        size = len(held.rows if isinstance(held, core.Table) else held.items)
        return f"{held.name.zh}（{size}{'，示例' if is_illustrative(held) else ''}）"
    other = program.params.get(id_) or program.decisions[id_]
    return other.name.zh


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

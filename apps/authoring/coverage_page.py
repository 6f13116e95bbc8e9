"""Writes COVERAGE.md of the national library: `python -m apps.authoring.coverage_page`.

Run it after a change of rules, tables or cases. With `--check` it writes nothing and says whether
the page is what it would write.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from apps.authoring.national_coverage import (
    INTERFACES,
    Counts,
    Covered,
    Needs,
    carriers,
    cases_of,
    coverage_of,
    is_illustrative,
    needs_of,
    results_of,
)
from apps.render.labels import CERTAINTIES
from apps.rulesets import shipped
from rulelang import core, vocabulary
from rulelang.national import SOURCE
from rulelang.vocabulary import Field

ROOT = Path(__file__).parents[2] / "rulesets"
PAGE = Path("cn") / "national" / "COVERAGE.md"
RESULTS = ("违规", "可疑", "待补充信息", "合规", "不适用", "例外")
_HEAD = (
    "号", "规则", "国家编码", "标识", "结果", "知识表（行）", "需要的事实", *INTERFACES, "案例", "留给人",
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Write the page, or compare it; 1 where it differs."""
    return kept(arguments, ROOT / PAGE, lambda program: page(program, cases_of(ROOT)))


def kept(arguments: Sequence[str], path: Path, make: Callable[[core.Program], str]) -> int:
    """A page made of the shipped rules: written, or compared (`--check`); 1 where it differs."""
    program = shipped().compile().program
    if program is None:
        print("the shipped rules do not compile", file=sys.stderr)  # noqa: T201 - a command
        return 3
    text = make(program)
    if "--check" in arguments:
        return int(not path.is_file() or path.read_text(encoding="utf-8") != text)
    path.write_text(text, encoding="utf-8")
    return 0


def page(program: core.Program, counts: Counts) -> str:
    """The whole page."""
    covered = coverage_of(program)
    lines = [*_top(covered, counts), *_groups(covered, program, counts)]
    lines += [*_facts(covered, program), *_regions(program, counts)]
    return "\n".join(lines) + "\n"


def _top(covered: Sequence[Covered], counts: Counts) -> Iterator[str]:
    with_rule = sum(bool(each.rules) for each in covered)
    with_cases = sum(any(results_of(r, counts) for r in each.rules) for each in covered)
    missing = "、".join(str(each.national.number) for each in covered if not each.rules) or "无"
    yield from (
        "# 国家规则覆盖 Coverage of the national rules",
        "",
        "由 `python -m apps.authoring.coverage_page` 生成，不手改。Generated; not edited by hand.",
        "",
        f"规则名称和编码：{SOURCE}；★ 为 2025 年新增，没有公布编码的留空。",
        "四个接口一栏是“带得到的事实数/需要的事实数”，各事实见后面的表；案例一栏是案例页里预期结果的条数。",
        "由几处得来、来源没有写明哪些字段的（如申报医保的阶梯），不算哪个接口带得到。",
        "The four columns count the facts that an interface carries of those needed; cases are expected results.",
        "",
        f"- 有规则 With a rule: **{with_rule}/{len(covered)}**；没有的 without: {missing}",
        f"- 有案例 With cases: **{with_cases}/{len(covered)}**",
    )


def _groups(covered: Sequence[Covered], program: core.Program, counts: Counts) -> Iterator[str]:
    for group in dict.fromkeys((each.national.tier, each.national.group) for each in covered):
        yield from ("", f"## {group[0]} {group[1]}", "")
        own = [each for each in covered if (each.national.tier, each.national.group) == group]
        yield from _table(_HEAD, (_row(each, program, counts) for each in own))


def _row(each: Covered, program: core.Program, counts: Counts) -> tuple[str, ...]:
    national, needs = each.national, needs_of(each.rules, program)
    carried = [sum(name in carriers(fact) for fact in needs.facts) for name in INTERFACES]
    total = len(needs.facts)
    found: Counter[str] = Counter()
    for rule in each.rules:
        found += results_of(rule, counts)
    certainties = dict.fromkeys(CERTAINTIES[rule.certainty].zh for rule in each.rules)
    return (
        str(national.number),
        national.name + ("★" if national.is_new else ""),
        national.code,
        "<br>".join(f"`{rule.id}`" for rule in each.rules) or "**无**",
        "、".join(certainties),
        "<br>".join([*map(_sized, needs.tables), *map(_sized, needs.lists)]),
        "，".join([*map(_named, needs.facts), *(f"*{item.name.zh}*" for item in needs.evidence)]),
        *(f"{count}/{total}" if total else "" for count in carried),
        "，".join(f"{label}{found[label]}" for label in RESULTS if found[label]),
        "；".join(_left(each.rules, needs)),
    )


def _sized(declared: core.Table | core.ListDef) -> str:
    size = len(declared.rows if isinstance(declared, core.Table) else declared.items)
    return f"{declared.name.zh}（{size}{'，示例' if is_illustrative(declared) else ''}）"


def _named(fact: Field) -> str:
    return f"{vocabulary.load().entities[fact.entity].zh}.{fact.zh}"


def _left(rules: Sequence[core.Rule], needs: Needs) -> Iterator[str]:
    """What nobody but a person can do: provide, exchange, decide."""
    suppliers = vocabulary.load().suppliers
    for item in needs.evidence:
        who = "、".join(suppliers[name].zh for name in item.providers)
        yield f"{who}提供{item.name.zh}"
    for fact in needs.facts:
        if not carriers(fact) and fact.source.startswith("S"):
            yield f"{suppliers[fact.supplier].zh}提供{_named(fact)}"
    held: tuple[core.Table | core.ListDef, ...] = (*needs.tables, *needs.lists)
    examples = [each.name.zh for each in held if is_illustrative(each)]
    if examples:
        yield "换上正式的数据：" + "、".join(examples)
    unfilled = [each.name.zh for each in needs.params if any(v.value is None for v in each.values)]
    if unfilled or any(each.openings for each in needs.params):
        opened = [each.name.zh for each in needs.params if each.openings]
        yield "由有权的一层确定：" + "、".join(dict.fromkeys([*unfilled, *opened]))
    certainties = {rule.certainty for rule in rules}
    if "suspect" in certainties:
        yield "对照病历认定"
    if "indicator" in certainties:
        yield "查明指标偏高的原因"


# ---------------------------------------------------------------- facts


def _facts(covered: Sequence[Covered], program: core.Program) -> Iterator[str]:
    needs = needs_of([rule for each in covered for rule in each.rules], program)
    suppliers = vocabulary.load().suppliers
    yield from ("", "## 事实与接口 Facts and interfaces", "")
    head = ("事实", "标识", *INTERFACES, "来源", "由谁提供")
    rows = (
        (
            _named(fact),
            f"`{fact.entity}.{fact.en}`",
            *("●" if name in carriers(fact) else "" for name in INTERFACES),
            fact.source,
            suppliers[fact.supplier].zh if fact.supplier else "",
        )
        for fact in needs.facts
    )
    yield from _table(head, rows)
    yield from (
        "",
        "## 证据事实 Evidence",
        "",
        "接口都不带，由人提供。No interface carries these.",
        "",
    )
    entities = vocabulary.load().entities
    yield from _table(
        ("事实", "标识", "归属", "由谁提供"),
        (
            (item.name.zh, f"`{item.id}`", entities[item.owner].zh, "、".join(suppliers[p].zh for p in item.providers))
            for item in needs.evidence
        ),
    )  # fmt: skip


# ---------------------------------------------------------------- other layers


def _regions(program: core.Program, counts: Counts) -> Iterator[str]:
    """Each place of a document that a regional ruleset cites, who cites it, and the cases."""
    yield from ("", "## 地区文件 Regional documents")
    for ruleset in program.rulesets:
        cited: dict[tuple[str, str], list[str]] = {}
        results: Counter[tuple[str, str]] = Counter()
        for rule in program.rules:
            for citation in rule.citations if rule.ruleset == ruleset.id else ():
                place = (citation.document.title.zh, citation.place)
                cited.setdefault(place, []).append(f"`{rule.id}`")
                results[place] += results_of(rule, counts).total()
        for id_, cites in _other_citations(program):
            for citation in cites if id_.startswith(f"{ruleset.id}.") else ():
                place = (citation.document.title.zh, citation.place)
                cited.setdefault(place, []).append(f"`{id_}`")
        if ruleset.authority != "national" and cited:
            yield from ("", f"### {ruleset.title.zh} `{ruleset.id}`", "")
            rows = (
                (title, place, "<br>".join(dict.fromkeys(ids)), str(results[title, place] or ""))
                for (title, place), ids in sorted(cited.items())
            )
            yield from _table(("文件", "处", "引用者", "案例结果"), rows)


def _other_citations(program: core.Program) -> Iterator[tuple[str, tuple[core.Citation, ...]]]:
    for amendment in program.amendments:
        yield amendment.id, amendment.citations
    for fill in program.fills:
        yield fill.id, fill.citations
    for kept in (program.tables, program.lists, program.params, program.decisions):
        for id_, declared in kept.items():
            yield id_, declared.citations


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

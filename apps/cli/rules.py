"""`hegui rules`: lists the rules in use, or shows one with its law, its text and its tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from apps.cli.options import Lang, LangOption, RulesetsOption
from apps.cli.session import compile_rules, find_rules, say, show

if TYPE_CHECKING:
    from apps.render.text import Line
    from rulelang.core import ListDef, Program, Rule, Table

MOST_SOURCES = 8

RuleArgument = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="规则的标识、名称或国家编码 / id, name or code")
]


CheckOption = Annotated[
    bool,
    typer.Option(
        "--check",
        help="判定针对规则集的规则（知识表、参数）/ judge the rules on the rulesets' own tables",
    ),
]
DayOption = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d"],
        metavar="DATE",
        help="--check 按哪一天的行；默认最新 / the date that rows are read on; default: the newest",
    ),
]


def rules(
    rule: RuleArgument = None,
    lang: LangOption = Lang.ZH,
    rulesets: RulesetsOption = [],  # noqa: B006 - the framework copies it
    *,
    check: CheckOption = False,
    as_of: DayOption = None,
) -> None:
    """列出规则，或显示一条 / List the rules, or show one."""
    program = compile_rules(rulesets, lang.value)
    if check:
        raise typer.Exit(_checked(program, rule, as_of, lang.value))
    if rule is None:
        show(_listed(program, lang.value))
        return
    for index, found in enumerate(find_rules(program, rule, lang.value, "ID")):
        lines = _shown(program, found, lang.value)
        show([(), *lines] if index else lines)


def _checked(program: Program, rule: str | None, as_of: datetime | None, lang: str) -> int:
    """What rules on the rulesets themselves find (S11.5); 1 if anything."""
    from apps.render import periods
    from engine.checker import CheckRequest
    from engine.period_check import check_ruleset

    only = () if rule is None else tuple(each.id for each in find_rules(program, rule, lang, "ID"))
    day = None if as_of is None else as_of.date()
    found = periods.PeriodAnswer(check_ruleset(program, day, CheckRequest(only=only)), program)
    show(periods.render(found.result, lang, ("规则集", "Rulesets"), everything=True))
    return 1 if found.has_findings else 0


def _listed(program: Program, lang: str) -> Iterator[Line]:
    from apps.render.labels import CERTAINTIES

    for rule in program.rules:
        rows = sum(_sizes(rule, program))
        certainty = CERTAINTIES[rule.certainty].choose(lang)
        tail = say(lang, f"{rows} 行", f"{rows} rows") if rows else ""
        yield (
            ("title", rule.id),
            ("", f"  {rule.title.choose(lang)}  "),
            ("faint", "  ".join(part for part in (rule.national_code, certainty, tail) if part)),
        )
    total = len(program.rules)
    yield (("faint", say(lang, f"共 {total} 条规则", f"{total} rules")),)


def _sizes(rule: Rule, program: Program) -> Iterator[int]:
    """How many rows or members each table and list has that a rule looks into."""
    from apps.authoring.uses import used_by

    used = used_by(rule)
    yield from (len(program.tables[id_].rows) for id_ in used.tables)
    yield from (len(program.lists[id_].items) for id_ in used.lists)


def _shown(program: Program, rule: Rule, lang: str) -> Iterator[Line]:
    from apps.authoring.uses import used_by
    from apps.render.answer import ruleset_of
    from apps.render.labels import CERTAINTIES, STAGES
    from apps.render.text import citation_text

    ruleset = ruleset_of(program, rule.id)
    yield (("title", rule.title.choose(lang)),)
    yield _pair(say(lang, "标识", "id"), rule.id)
    if rule.national_code:
        yield _pair(say(lang, "国家编码", "national code"), rule.national_code)
    if ruleset is not None:
        yield _pair(
            say(lang, "规则集", "ruleset"), f"{ruleset.title.choose(lang)} {ruleset.version}"
        )
    yield _pair(say(lang, "结果类型", "certainty"), CERTAINTIES[rule.certainty].choose(lang))
    stages = [STAGES[stage].choose(lang) for stage in rule.stages]
    yield _pair(say(lang, "环节", "stages"), say(lang, "、", ", ").join(stages))
    yield _pair(say(lang, "施行", "in force"), _period(rule, lang))
    for citation in rule.citations:
        yield _pair(say(lang, "依据", "citing"), citation_text(citation, lang))
    for note in rule.notes:
        yield _pair(say(lang, "注", "note"), note)
    yield ()
    yield from _text(program, rule)
    used = used_by(rule)
    for table in used.tables:
        yield ()
        yield from _table(program.tables[table], lang)
    for listed in used.lists:
        yield ()
        yield from _list(program.lists[listed], lang)


def _pair(name: str, value: str) -> Line:
    return (("faint", f"{name}  "), ("", value.rstrip()))


def _period(rule: Rule, lang: str) -> str:
    start, end = rule.in_force.start, rule.in_force.end
    if start is None and end is None:
        return say(lang, "不限", "always")
    first = say(lang, f"自 {start}", f"from {start}") if start is not None else ""
    last = say(lang, f"至 {end} 前", f"until before {end}") if end is not None else ""
    return " ".join(part for part in (first, last) if part)


def _text(program: Program, rule: Rule) -> Iterator[Line]:
    """The rule as it is written, with the numbers of its lines."""
    from rulelang.source import Source

    text = program.sources.get(rule.span.path)
    if text is None:
        return
    source = Source(rule.span.path, text)
    first, _ = source.position(rule.span.start)
    last, _ = source.position(max(rule.span.start, rule.span.end - 1))
    yield (("faint", rule.span.path),)
    for number in range(first, last + 1):
        yield (("faint", f"{number:>4}  "), ("", source.line(number)))


def _table(table: Table, lang: str) -> Iterator[Line]:
    rows = len(table.rows)
    yield (
        ("title", say(lang, "知识表 ", "table ") + table.name.choose(lang)),
        ("", say(lang, f"  {rows} 行  {table.file}", f"  {rows} rows  {table.file}")),
        ("undetermined", _mark(lang, illustrative=table.illustrative)),
    )
    yield from _cited(table, lang)
    yield from _sources((row.source for row in table.rows), lang)


def _list(listed: ListDef, lang: str) -> Iterator[Line]:
    size = len(listed.items)
    yield (
        ("title", say(lang, "名单 ", "list ") + listed.name.choose(lang)),
        ("", say(lang, f"  {size} 项", f"  {size} members")),
        ("undetermined", _mark(lang, illustrative=listed.illustrative)),
    )
    yield from _cited(listed, lang)
    yield from _sources(listed.sources, lang)


def _mark(lang: str, *, illustrative: bool) -> str:
    return say(lang, "（示例）", "  [illustrative]") if illustrative else ""


def _cited(declared: Table | ListDef, lang: str) -> Iterator[Line]:
    from apps.render.text import citation_text

    for citation in declared.citations:
        yield _pair("   " + say(lang, "依据", "citing"), citation_text(citation, lang))


def _sources(sources: Iterable[str], lang: str) -> Iterator[Line]:
    counted = Counter(source for source in sources if source)
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    for source, count in ordered[:MOST_SOURCES]:
        name = say(lang, "来源", "source")
        yield _pair(f"   {name}", say(lang, f"{source}（{count} 行）", f"{source} ({count} rows)"))
    left = len(ordered) - MOST_SOURCES
    if left > 0:
        yield (("faint", "   " + say(lang, f"另有 {left} 个来源", f"and {left} more sources")),)

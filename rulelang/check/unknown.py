"""What to say of a name or field that is not there: what may be meant, and how it is written."""

from __future__ import annotations

import re

from rulelang import ast, core
from rulelang.check.scope import Checker, Scope, broken
from rulelang.diagnostics import Words
from rulelang.keywords import suggest_cut
from rulelang.meant import nearest
from rulelang.source import Span
from rulelang.typenames import WINDOW_WORDS
from rulelang.types import Type
from rulelang.words import SUBJECTS, word_of

MOST_WORDS = 8
_SETS = (ast.ListItem, ast.Table, ast.Param, ast.Define)  # what may stand where codes are wanted
_NOW = frozenset({"今天", "今日", "现在", "当前", "today", "now"})
_NUMERAL = re.compile(r"(?:百分之)?[一二两三四五六七八九十百千万半]+\w?\w?")
_CODE = re.compile(r"[A-Z][0-9]{2}\w*|[A-Z]+[0-9]\w*|[0-9]\w*")


def unknown_name(c: Checker, node: ast.Ref, scope: Scope, expected: Type | None) -> core.Expr:
    """The complaint about a bare name that means nothing here."""
    name = node.name
    if c.is_unread(name):
        return broken(node.span)
    if expected is not None and expected.kind == "enum":
        return _unknown_word(c, node, expected)
    known = _names(c, scope)
    cut = _cut(c, name, {*known, *_fields_within(c, scope)})
    if cut is not None:
        return _glued(c, node.span, f"`{name}`", cut)
    if _CODE.fullmatch(name) and (expected is None or expected.kind in {"code", "codes"}):
        return c.fail(
            "RL0112",
            node.span,
            (f"编码 `{name}` 前面没有 `#`", f"the code `{name}` does not begin with `#`"),
            (f"写作 `#{name}`", f"write `#{name}`"),
        )
    if word_of(SUBJECTS, name) is not None and not c.inlining:
        return _no_such_subject(c, node, scope)
    owners = owned_as(c, name, scope)
    if owners:
        return c.fail(
            "RL0201",
            node.span,
            (f"`{name}` 前面要写是谁的", f"`{name}` does not say whose it is"),
            Words(f"写 {' 或 '.join(owners)}", f"write {' or '.join(owners)}"),
        )
    return _not_known(c, node, known, expected)


def _not_known(c: Checker, node: ast.Ref, known: list[str], expected: Type | None) -> core.Lit:
    """The complaint about a name that nothing above explains, with the nearest name that fits."""
    name = node.name
    coded = expected is not None and expected.kind in {"code", "codes"}
    if coded:
        known = [n for n, symbol in c.unit.visible().items() if isinstance(symbol.node, _SETS)]
    help_words = _habit(name, expected) or nearest(name, known) or elsewhere(c, name)
    cut = None if help_words is not None else suggest_cut(name, c.spelling)
    if cut is not None:
        return _glued(c, node.span, f"`{name}`", cut)
    if help_words is None and c.unit.is_lacking:
        return broken(node.span)  # it may stand in the ruleset that is not there
    found = (f"不认识 `{name}`", f"`{name}` is unknown")
    if coded:
        found = (f"没有名为 `{name}` 的名单或知识表", f"there is no list or table `{name}`")
    return c.fail("RL0201", node.span, found, help_words)


def _habit(name: str, expected: Type | None) -> Words | None:
    """What authors write that is no name here: a text without quotes, today, a number in words."""
    if expected is not None and expected.kind == "text":
        return Words(f"文本要加引号：“{name}”", f"texts stand in quotes: “{name}”")
    if name in _NOW:
        return Words(
            "规则不看今天是哪一天；用明细、就诊的日期",
            "rules do not know today's date; use dates of the line or the encounter",
        )
    if _NUMERAL.fullmatch(name):
        return Words(
            "数用阿拉伯数字写，如 `9支`、`30%`", "numbers are written in digits, as `9amp`, `30%`"
        )
    return None


def elsewhere(c: Checker, name: str) -> Words | None:
    """How to bring in a declaration of a ruleset that is not used here."""
    for other in c.unit.others:
        found = other.names.get(name)
        if found is None or isinstance(found.node, ast.Rule | ast.Document):
            continue
        c.unit.told.append(other)
        head = other.head.name
        id_ = (head.zh if c.spelling == "zh" else head.en) or other.id
        use = f"{c.keyword('USE')} {id_}"
        return Words(
            f"规则集 `{id_}` 中有：在开头写 `{use}`",
            f"the ruleset `{id_}` has it: write `{use}` in the head",
        )
    return None


def _unknown_word(c: Checker, node: ast.Ref, expected: Type) -> core.Lit:
    words = c.enum_words(expected.name)
    wanted = c.say(expected)
    return c.fail(
        "RL0209",
        node.span,
        (f"{wanted.zh}没有 `{node.name}` 一词", f"{wanted.en} has no word `{node.name}`"),
        nearest(node.name, words) or one_of(words[::2], words[1::2]),
    )


def unknown_window(c: Checker, span: Span, name: str) -> core.Lit:
    """The complaint about a word that names no window."""
    return c.fail(
        "RL0212",
        span,
        (f"没有名为 `{name}` 的窗口", f"there is no window `{name}`"),
        nearest(name, WINDOW_WORDS)
        or Words("可用：同日、同次、同处方、同小时、至今、本月、本年、前 14天、后 3天",
                 "one of: same_day, same_visit, same_prescription, same_hour, so_far, this_month, this_year, past 14d, next 3d"),
    )  # fmt: skip


def one_of(zh: list[str], en: list[str]) -> Words:
    """The words that may stand at a place, not more than a few."""
    more = len(zh) > MOST_WORDS
    return Words(
        "可用：" + "、".join(zh[:MOST_WORDS]) + (f" 等 {len(zh)} 个" if more else ""),
        "one of: " + ", ".join(en[:MOST_WORDS]) + (f" and {len(en) - MOST_WORDS} more" if more else ""),
    )  # fmt: skip


def _cut(c: Checker, name: str, known: set[str]) -> str | None:
    """A name cut at its keywords into names of which some, best all, are known."""
    whole = suggest_cut(name, c.spelling, known.__contains__)
    if whole is not None:
        return whole
    cut = suggest_cut(name, c.spelling)
    return cut if cut is not None and not known.isdisjoint(cut.split(" ")) else None


def _glued(c: Checker, span: Span, name: str, cut: str) -> core.Lit:
    return c.fail(
        "RL0118",
        span,
        (f"不认识 {name}，像是漏了空格", f"{name} is unknown; a space seems to be missing"),
        (f"是否漏了空格：`{cut}`？", f"is a space missing: `{cut}`?"),
    )


def _no_such_subject(c: Checker, node: ast.Ref, scope: Scope) -> core.Lit:
    """`明细` in a rule on groups or pairs, or in one on another kind."""
    here = [name for name in _own(c, scope) if name not in {"患者", "就诊", "机构", "patient", "encounter", "institution"}]  # fmt: skip
    shown = [f"`{name}`" for name in here]
    help_: Words | None = None
    if "组" in here or "group" in here:
        lines = "组.明细" if c.spelling == "zh" else "group.lines"
        help_ = Words(
            f"规则针对的是一组明细：组的字段写 {shown[0]}，成员写 `{lines}`",
            f"the rule is about a group of lines: its fields are those of {shown[0]}, its members `{lines}`",
        )  # fmt: skip
    elif shown:
        help_ = Words(f"此处有：{'、'.join(shown)}", f"there is: {', '.join(shown)}")
    return c.fail(
        "RL0201",
        node.span,
        (f"此处没有 `{node.name}`", f"there is no `{node.name}` here"),
        help_,
    )


def _own(c: Checker, scope: Scope) -> list[str]:
    """The locals in the spelling of the file."""
    zh = c.spelling == "zh"
    return [name for name in scope.locals if name.isascii() != zh]


def owned_as(c: Checker, name: str, scope: Scope) -> list[str]:
    """The locals that have a field of this name, as `local.name`; the subject's first."""
    found = [
        (0 if value == scope.anchor else 1, spelling)
        for spelling in _own(c, scope)
        for value, type_ in (scope.locals[spelling],)
        if type_.kind == "entity" and name in field_names(c, type_)
    ]
    return [f"`{spelling}.{name}`" for _, spelling in sorted(found, key=lambda pair: pair[0])]


def _names(c: Checker, scope: Scope) -> list[str]:
    """What may stand at this place as a bare name."""
    yes = ["是", "否"] if c.spelling == "zh" else ["yes", "no"]
    known = [*scope.locals, *c.unit.visible(), *yes]
    for _, type_ in scope.elements:
        known += field_names(c, type_) if type_.kind == "entity" else []
    return known


def _fields_within(c: Checker, scope: Scope) -> list[str]:
    """Fields of all locals, for cutting a glued name."""
    return [
        name
        for _, type_ in scope.locals.values()
        if type_.kind == "entity"
        for name in field_names(c, type_)
    ]


def no_field(
    c: Checker, node: ast.Member, base: core.Expr, scope: Scope | None = None
) -> core.Expr:
    """The complaint about a field that `base` does not have."""
    span = node.field_span if node.field_span.path else node.span
    name = node.field
    scope = scope or Scope()
    if c.is_unread(name) or _is_faulty_evidence(c, name):
        return broken(span)
    known = field_names(c, base.type)
    cut = _cut(c, name, {*known, *_names(c, scope), *_fields_within(c, scope)})
    if cut is not None:
        return _glued(c, span, f"`{name}`", cut)
    head, _, tail = base.type.name.partition(":")
    words = c.say(base.type)
    help_words = nearest(name, known)
    if head == "row" and tail in c.declared.tables:
        table = c.declared.tables[tail]
        return c.fail(
            "RL0204",
            span,
            (f"知识表 `{table.name.zh}` 没有列 `{name}`",
             f"the table `{table.name.en}` has no column `{name}`"),
            help_words or one_of([col.name.zh for col in table.columns],
                                 [col.name.en for col in table.columns]),
        )  # fmt: skip
    owners = owned_as(c, name, scope)
    if owners:
        help_words = Words(f"写 {' 或 '.join(owners)}", f"write {' or '.join(owners)}")
    elif help_words is None:
        help_words = elsewhere(c, name)
    cut = None if help_words is not None else suggest_cut(name, c.spelling)
    if cut is not None:
        return _glued(c, span, f"`{name}`", cut)
    if help_words is None and c.unit.is_lacking:
        return broken(span)
    return c.fail(
        "RL0204",
        span,
        (f"{words.zh}没有字段 `{name}`", f"{words.en} has no field `{name}`"),
        help_words,
    )


def _is_faulty_evidence(c: Checker, name: str) -> bool:
    """Whether a name is evidence whose declaration has a mistake (and was complained of)."""
    symbol = c.unit.find(name)
    return (
        symbol is not None
        and isinstance(symbol.node, ast.Evidence)
        and symbol.id not in c.declared.evidence
    )


def field_names(c: Checker, type_: Type) -> list[str]:
    """All spellings of the fields that an entity type has, for suggestions."""
    kind = type_.name
    head, _, tail = kind.partition(":")
    if head in {"row", "record"}:
        columns: tuple[core.TableColumn, ...] = ()
        if head == "row" and tail in c.declared.tables:
            columns = c.declared.tables[tail].columns
        elif head == "record" and tail in c.declared.evidence:
            columns = c.declared.evidence[tail].fields
        return [spelling for column in columns for spelling in (column.name.zh, column.name.en)]
    entity = c.vocabulary.entities.get("line" if kind == "group" else kind)
    names = [s for f in entity.fields.values() for s in (f.zh, f.en)] if entity else []
    names += [s for link in entity.links.values() for s in (link.zh, link.en)] if entity else []
    own = list(c.group_keys) if kind == "group" else []
    return own + names + c.evidence_names("line" if kind == "group" else kind)

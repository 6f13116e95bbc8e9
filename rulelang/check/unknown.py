"""What to say of a name or field that is not there: what may be meant, and how it is written."""

from __future__ import annotations

from rulelang import ast, core
from rulelang.check.scope import Checker, Scope
from rulelang.diagnostics import Words
from rulelang.keywords import suggest_cut
from rulelang.meant import nearest
from rulelang.types import Type


def unknown_name(c: Checker, node: ast.Ref, scope: Scope, expected: Type | None) -> core.Expr:
    """The complaint about a bare name that means nothing here."""
    cut = suggest_cut(node.name, c.spelling)
    if cut is not None:
        return c.fail(
            "RL0118",
            node.span,
            (f"不认识 `{node.name}`，像是漏了空格", f"`{node.name}` is unknown; a space seems to be missing"),
            (f"是否漏了空格：`{cut}`？", f"is a space missing: `{cut}`?"),
        )  # fmt: skip
    known = [*scope.locals, *c.unit.visible()]
    for _, type_ in scope.elements:
        known += field_names(c, type_) if type_.kind == "entity" else []
    help_words: Words | None
    if expected is not None and expected.kind == "enum":
        words = c.enum_words(expected.name)
        wanted = c.say(expected)
        help_words = nearest(node.name, words) or Words(
            "可用：" + "、".join(words[::2][:8]), "one of: " + ", ".join(words[1::2][:8])
        )
        return c.fail(
            "RL0209",
            node.span,
            (f"{wanted.zh}没有 `{node.name}` 一词", f"{wanted.en} has no word `{node.name}`"),
            help_words,
        )
    help_words = nearest(node.name, known)
    if (
        help_words is None
        and node.name[:1].isascii()
        and node.name[:1].isalpha()
        and any(character.isdigit() for character in node.name)
    ):
        help_words = Words(f"编码要写作 `#{node.name}`", f"a code is written `#{node.name}`")
    return c.fail(
        "RL0201",
        node.span,
        (f"不认识 `{node.name}`", f"`{node.name}` is unknown"),
        help_words,
    )


def no_field(c: Checker, node: ast.Member, base: core.Expr) -> core.Expr:
    """The complaint about a field that `base` does not have."""
    span = node.field_span if node.field_span.path else node.span
    cut = suggest_cut(node.field, c.spelling)
    if cut is not None:
        return c.fail(
            "RL0118",
            span,
            (f"没有字段 `{node.field}`，像是漏了空格", f"no field `{node.field}`; a space seems to be missing"),
            (f"是否漏了空格：`{cut}`？", f"is a space missing: `{cut}`?"),
        )  # fmt: skip
    words = c.say(base.type)
    return c.fail(
        "RL0204",
        span,
        (f"词汇表中{words.zh}没有字段 `{node.field}`", f"the vocabulary has no field `{node.field}` of {words.en}"),
        nearest(node.field, field_names(c, base.type)),
    )  # fmt: skip


def field_names(c: Checker, type_: Type) -> list[str]:
    """All spellings of the fields that an entity type has, for suggestions."""
    kind = type_.name
    if kind.startswith(("row:", "record:")):
        head, _, tail = kind.partition(":")
        columns = (
            c.declared.tables[tail].columns if head == "row" else c.declared.evidence[tail].fields
        )
        return [spelling for column in columns for spelling in (column.name.zh, column.name.en)]
    entity = c.vocabulary.entities.get("line" if kind == "group" else kind)
    names = [s for f in entity.fields.values() for s in (f.zh, f.en)] if entity else []
    return names + c.evidence_names("line" if kind == "group" else kind)

"""What a rule is about: its subject, and the names that the subject brings into scope."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from rulelang import ast, core, types
from rulelang.calendar import Window
from rulelang.check.collections import check_window
from rulelang.check.scope import Checker, Scope, is_broken
from rulelang.lower.period_subjects import is_special, special_scope, special_subject
from rulelang.resolve import canonical
from rulelang.types import Type
from rulelang.words import SUBJECTS, word_of

GLOBALS = (("患者", "patient"), ("就诊", "encounter"), ("机构", "institution"))


def subject_of(c: Checker, node: ast.Rule) -> core.Subject | None:
    """What a rule is about; None where it does not say or says it wrongly (and was told)."""
    clause = next((item for item in node.clauses if isinstance(item, ast.For)), None)
    if clause is None:
        if not node.broken:
            c.fail(
                "RL0114",
                node.name.span,
                ("规则没有 `针对`", "the rule has no `for`"),
                ("写 `针对 明细`", "write `for line`"),
            )
        return None
    c.group_keys, c.pair_names, c.lets, c.levels, c.period = {}, {}, {}, {}, ""
    if is_special(clause):
        found = special_subject(c, clause)
        c.period = found.period if found is not None else ""
        return found
    kind = word_of(SUBJECTS, clause.subject)
    if kind is None:
        c.fail(
            "RL0209",
            c.at(clause.span, clause.subject),
            (f"不能针对 `{clause.subject}`", f"`{clause.subject}` is no subject"),
            ("可用：" + "、".join(SUBJECTS), "one of: " + ", ".join(SUBJECTS.values())),
        )
        return None
    if not _fits(c, clause, kind):
        return None
    window = check_window(c, clause.window)
    if clause.second is not None and clause.first is not None:
        for name in (clause.first, clause.second):
            c.pair_names[canonical(name)] = tuple(s for s in (name.zh, name.en) if s)
        return core.Subject(
            kind="pair",
            element=kind,
            locals=(canonical(clause.first), canonical(clause.second)),
            window=window or Window("same_visit"),
        )
    if clause.group:
        return _group(c, clause, window)
    return core.Subject(kind=kind, element=kind, locals=(kind,), window=window)


def _fits(c: Checker, clause: ast.For, kind: str) -> bool:
    """Whether what is written behind the subject goes with it: pairs and groups are of lines."""
    others = (clause.subject, clause.second_subject or clause.subject)
    strange = next((word for word in others if word_of(SUBJECTS, word) != "line"), None)
    if clause.first is not None and clause.group:
        said = ("成对的规则不写 `分组`", "a rule on pairs takes no `grouped`")
        mend = ("在 `作` 与 `分组` 中留一个", "keep one of `as` and `grouped`")
    elif clause.first is not None and strange is not None:
        said = (f"`{strange}` 不能成对", f"`{strange}` makes no pair")
        mend = (
            "成对的是两个明细：写 `针对 明细 作 …，明细 作 …`，其余条件写进 `当`",
            "a pair is of two lines: write `for line as ..., line as ...`, and the rest in `when`",
        )
    elif clause.group and kind != "line":
        said = (f"`{clause.subject}` 不能分组", f"`{clause.subject}` makes no group")
        mend = (
            "分组的是明细：写 `针对 明细 分组 …`",
            "groups are of lines: write `for line grouped ...`",
        )
    elif clause.window is not None and clause.first is None and not clause.group:
        said = (
            f"只针对 `{clause.subject}` 时不写 `于`",
            f"`{clause.subject}` alone takes no `within`",
        )
        mend = (
            "窗口写在集合后面：`集合 于 窗口 满足（…）`",
            "the window stands behind a collection: `collection within window where (...)`",
        )
    else:
        return True
    c.fail("RL0316", clause.span, said, mend)
    return False


def _group(c: Checker, clause: ast.For, window: Window | None) -> core.Subject | None:
    line = core.Local(type=types.entity("line"), name="line")
    scope = Scope(guarded=True).bind(("明细", "line"), line)
    scope = with_globals(scope)
    keys: list[tuple[str, core.Expr]] = []
    names: dict[str, tuple[str, Type]] = {}
    for key in clause.group:
        found = c.expr(c, key, scope, None)
        if is_broken(found):
            return None
        english = _key_name(found)
        keys.append((english, found))
        names[english] = (english, found.type)
        chinese = key.field if isinstance(key, ast.Member) else ""
        for spelling in (chinese, _other_spelling(c, found)):
            if spelling:
                names[spelling] = (english, found.type)
    c.group_keys = names
    return core.Subject(
        kind="group", element="line", locals=("group",), keys=tuple(keys), window=window
    )


def _key_name(expr: core.Expr) -> str:
    match expr:
        case core.Get():
            return expr.field
        case core.CellOf():
            return expr.column
        case core.EvidenceOf():
            return expr.evidence.rpartition("/")[2]
        case _:
            return "key"


def _other_spelling(c: Checker, expr: core.Expr) -> str:
    match expr:
        case core.Get():
            found = c.vocabulary.field("line", expr.field)
            return found.zh if found else ""
        case core.CellOf():
            columns = c.declared.tables[expr.table].columns
            return next((col.name.zh for col in columns if col.name.en == expr.column), "")
        case core.EvidenceOf():
            return c.declared.evidence[expr.evidence].name.zh
        case _:
            return ""


@cache
def _globals(known_allowed: bool) -> Scope:  # noqa: FBT001 - what a scope says of itself
    """The scope of the names that every rule has."""
    return with_globals(Scope(known_allowed=known_allowed))


def with_globals(scope: Scope) -> Scope:
    """The scope with the names that every rule has."""
    for zh, en in GLOBALS:
        scope = scope.bind((zh, en), core.Local(type=types.entity(en), name=en))
    return scope


def subject_scope(c: Checker, subject: core.Subject, topic: str) -> Scope:
    """The names in force at the start of a rule's clauses."""
    bare = Scope(known_allowed=topic == "completeness")
    if subject.kind == "ruleset":
        return bare
    if subject.kind == "period":
        local = core.Local(type=types.entity(subject.element), name=subject.element)
        return replace(special_scope(subject, bare), anchor=local)
    scope = _globals(bare.known_allowed)
    if subject.kind == "pair":
        for name in subject.locals:
            local = core.Local(type=types.entity(subject.element), name=name)
            scope = scope.bind(pair_spellings(c, name), local)
        return scope
    if subject.kind == "group":
        local = core.Local(type=types.entity("group"), name="group")
        return replace(scope.bind(("组", "group"), local), anchor=local)
    zh = next(word for word, en in SUBJECTS.items() if en == subject.kind)
    local = core.Local(type=types.entity(subject.kind), name=subject.kind)
    scope = scope.bind((zh, subject.kind), local)
    if subject.kind == "line":
        rx = core.Local(type=types.entity("prescription"), name="prescription")
        scope = scope.bind(("处方", "prescription"), rx)
    return replace(scope, anchor=local)


def pair_spellings(c: Checker, name: str) -> tuple[str, ...]:
    """The spellings of one name of a pair."""
    return c.pair_names.get(name, (name,))

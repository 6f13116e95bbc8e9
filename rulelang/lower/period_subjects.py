"""Rules on periods and on the ruleset itself: `针对 机构 每 自然月`, `针对 规则集`."""

from __future__ import annotations

from rulelang import ast, core, types
from rulelang.check.scope import Checker, Scope
from rulelang.meant import nearest
from rulelang.words import (
    PERIOD_SUBJECTS,
    PERIODS,
    RULESET_WORDS,
    SUBJECTS,
    spelling_of,
    word_of,
)

PERIOD = ("期间", "period")


def is_special(clause: ast.For) -> bool:
    """Whether a rule is on a period or on the ruleset, or was meant to be."""
    if clause.period is not None or clause.subject in RULESET_WORDS:
        return True
    alone = word_of(SUBJECTS, clause.subject) is None
    return alone and word_of(PERIOD_SUBJECTS, clause.subject) is not None


def special_subject(c: Checker, clause: ast.For) -> core.Subject | None:
    """The subject of a rule on a period or the ruleset; None where it is wrong (and was said)."""
    if clause.group or clause.window is not None or clause.first is not None:
        c.fail(
            "RL0309",
            clause.span,
            (
                "针对期间或规则集的规则不写 `分组`、`作` 或 `于`",
                "rules on periods or the ruleset take no `grouped`, `as` or `within`",
            ),
            (
                "条件写在集合的 `满足（…）` 里",
                "conditions stand in `where (...)` behind a collection",
            ),
        )
        return None
    if clause.subject in RULESET_WORDS:
        return _ruleset(c, clause)
    kind = word_of(PERIOD_SUBJECTS, clause.subject)
    if kind is None:
        _no_period(c, clause)
        return None
    if clause.period is None:
        c.fail(
            "RL0209",
            c.at(clause.span, clause.subject),
            (f"针对 `{clause.subject}` 的规则要写期间", f"a rule on `{clause.subject}` names its period"),
            (f"如 `针对 {spelling_of(PERIOD_SUBJECTS, kind)} 每 自然月`", f"as `for {kind} per calendar_month`"),
        )  # fmt: skip
        return None
    period = word_of(PERIODS, clause.period)
    if period is None:
        c.fail(
            "RL0209",
            c.at(clause.span, clause.period),
            (f"没有名为 `{clause.period}` 的期间", f"there is no period `{clause.period}`"),
            nearest(clause.period, [*PERIODS, *PERIODS.values()])
            or ("可用：" + "、".join(PERIODS), "one of: " + ", ".join(PERIODS.values())),
        )
        return None
    return core.Subject(kind="period", element=kind, locals=(kind,), period=period)


def _ruleset(c: Checker, clause: ast.For) -> core.Subject | None:
    if clause.period is not None:
        c.fail(
            "RL0309",
            clause.span,
            ("规则集没有期间", "a ruleset has no period"),
            ("写 `针对 规则集`", "write `for ruleset`"),
        )
        return None
    return core.Subject(kind="ruleset", element="ruleset", locals=("ruleset",))


def _no_period(c: Checker, clause: ast.For) -> None:
    """`针对 明细 每 自然月`: what has no period of its own."""
    known = word_of(SUBJECTS, clause.subject) is not None
    c.fail(
        "RL0309" if known else "RL0209",
        clause.span if known else c.at(clause.span, clause.subject),
        (f"`{clause.subject}` 不能按期间", f"`{clause.subject}` does not go by periods"),
        ("可按期间的有：" + "、".join(PERIOD_SUBJECTS),
         "these go by periods: " + ", ".join(PERIOD_SUBJECTS.values())),
    )  # fmt: skip


def special_scope(subject: core.Subject, scope: Scope) -> Scope:
    """The names of a rule on a period: its subject, the period, a department's institution.

    Of a bill there is none: 就诊 and 患者 are names only where they are the subject.
    """
    kinds = [subject.element, *(["institution"] if subject.element == "department" else [])]
    for kind in kinds:
        local = core.Local(type=types.entity(kind), name=kind)
        scope = scope.bind((spelling_of(PERIOD_SUBJECTS, kind), kind), local)
    return scope.bind(PERIOD, core.Local(type=types.entity("period"), name="period"))

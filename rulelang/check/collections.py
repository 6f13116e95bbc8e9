"""Collections: narrowing, windows, quantifiers, figures and picks."""

from __future__ import annotations

from dataclasses import replace

from rulelang import ast, core, types
from rulelang.calendar import Window
from rulelang.check.compare import is_hierarchical
from rulelang.check.guards import require_value
from rulelang.check.periods import goes_with_periods
from rulelang.check.scope import Checker, Scope, broken, is_broken
from rulelang.check.unknown import unknown_window
from rulelang.keywords import BY_TERMINAL
from rulelang.typenames import WINDOW_WORDS
from rulelang.types import NUMERIC, ORDERED, Type
from rulelang.units import BY_NAME

SUMS = frozenset({"sum", "count"})  # taken member by member
_COLLECTIONS = (
    "如 `就诊.明细`、`患者.明细`、`就诊.诊断`，或知识表的许多行",
    "as `encounter.lines`, `patient.lines`, `encounter.diagnoses`, or many rows of a table",
)


def check_window(c: Checker, node: ast.Window | None) -> Window | None:
    """A window as written after 于; None where there is none or it is wrong (and was said)."""
    if node is None:
        return None
    if node.length is not None:
        unit = BY_NAME[node.length.unit]
        whole = node.length.value * unit.factor
        if unit.kind not in {"days", "months", "seconds"} or whole != int(whole):
            c.fail(
                "RL0403",
                node.length.span,
                ("窗口的长度应是整天、整月或小时", "a window is whole days, months or hours long"),
                (
                    f"如 `{'14天' if c.spelling == 'zh' else '14d'}`",
                    f"as `{'14天' if c.spelling == 'zh' else '14d'}`",
                ),
            )
            return None
        return Window(node.direction or "past", int(whole), unit.kind)
    word = WINDOW_WORDS.get(node.word or "")
    if word is None:
        unknown_window(c, c.at(node.span, node.word or ""), node.word or "")
        return None
    return Window(word)


def check_collection(
    c: Checker, node: ast.Expr, scope: Scope
) -> tuple[core.Expr, str, ast.Name | None]:
    """A collection with the local its members are read by, and the name given to them."""
    if isinstance(node, ast.Filtered):
        found = check_filtered(c, node, scope)
        if isinstance(found, core.Collection):
            return found, found.element, node.binder
        return found, c.fresh(), node.binder
    found = replace(c.expr(c, node, scope, None), span=node.span)
    if not is_broken(found) and found.type.kind != "collection":
        words = c.say(found.type)
        found = c.fail(
            "RL0307",
            node.span,
            (f"此处应为集合，写的是{words.zh}", f"a collection is wanted here, found {words.en}"),
            _COLLECTIONS,
        )
    return found, c.fresh(), None


def check_filtered(c: Checker, node: ast.Filtered, scope: Scope) -> core.Expr:
    """`[其余] source [作 row] [于 window] [满足（where）]`."""
    source = c.expr(c, node.source, scope, None)
    if is_broken(source):
        if node.where is not None:
            return broken(node.span)
        return source
    element_type = source.type.element
    if source.type.kind != "collection" or element_type is None:
        words = c.say(source.type)
        return c.fail(
            "RL0307",
            node.source.span,
            (f"此处应为集合，写的是{words.zh}", f"a collection is wanted here, found {words.en}"),
            _COLLECTIONS,
        )
    element = c.fresh()
    if node.binder is not None and not _is_new(c, node.binder, scope):
        return broken(node.span)
    window = check_window(c, node.window)
    if (node.window is not None and window is None) or not _anchored(c, node, element_type, scope):
        return broken(node.span)
    where = None
    if node.where is not None:
        inner = element_scope(scope, element, element_type, node.binder, node.span)
        where = check_condition(c, node.where, inner)
        if is_broken(where):
            return where
    return core.Collection(
        type=source.type,
        span=node.span,
        source=source,
        element=element,
        where=where,
        window=window,
        anchor=scope.anchor if window is not None or node.other else None,
        other=node.other,
    )


def _is_new(c: Checker, binder: ast.Name, scope: Scope) -> bool:
    """Whether the name given to members means nothing else here, as it must."""
    taken = next((name for name in (binder.zh, binder.en) if name in scope.locals), None)
    if taken is None:
        return True
    c.fail(
        "RL0202",
        binder.span,
        (f"`{taken}` 在此处已有意思", f"`{taken}` already has a meaning here"),
        ("改用另一个名称，如 `行`", "use another name, as `row`"),
    )
    return False


def _anchored(c: Checker, node: ast.Filtered, element: Type, scope: Scope) -> bool:
    if node.other and (scope.anchor is None or scope.anchor.type != element):
        words = c.say(element)
        subject = c.say(scope.anchor.type) if scope.anchor is not None else None
        zh = f"规则针对的是{subject.zh}，" if subject else ""
        en = f"the rule is about {subject.en}; " if subject else ""
        c.fail(
            "RL0309",
            node.span,
            (
                f"{zh}`其余` 不能用于{words.zh}",
                f"{en}`other` does not go with {words.en}",
            ),
            (
                "`其余` 去掉规则所针对的那一个，两者要同类",
                "`other` leaves out what the rule is about, so both are of one kind",
            ),
        )
        return False
    if node.window is not None and element.kind == "entity" and element.name.startswith("row:"):
        c.fail(
            "RL0309",
            node.window.span,
            ("知识表的行没有时间，不能写 `于`", "table rows have no time; `within` does not apply"),
            ("行的生效、失效由表的列给出", "when rows are in force is said by their own columns"),
        )
        return False
    return node.window is None or _has_dates(c, node.window, element, scope)


def _has_dates(c: Checker, window: ast.Window, element: Type, scope: Scope) -> bool:
    """Whether a window has something to be measured from, and members that lie in time."""
    if scope.anchor is None:
        c.fail(
            "RL0309",
            window.span,
            (
                "成对的规则里，集合的窗口没有起算的一方",
                "in a rule on pairs a collection's window has nothing to be measured from",
            ),
            (
                "写成条件，如 `满足（相隔（日期，甲.日期） <= 3天）`",
                "write it as a condition, as `where (gap(date, a.date) <= 3d)`",
            ),
        )
        return False
    if c.period and not goes_with_periods(c, window):
        return False
    for kind in (element, scope.anchor.type):
        if not _lies_in(c, window, kind, is_anchor=kind is not element):
            return False
    return True


def _lies_in(c: Checker, window: ast.Window, kind: Type, *, is_anchor: bool) -> bool:
    """Whether a window says anything of members, or of a subject, of one kind."""
    word = WINDOW_WORDS.get(window.word or "", "")
    length = BY_NAME[window.length.unit].kind if window.length is not None else ""
    if word == "same_visit" and (is_anchor or not kind.name.startswith("record:")):
        return True
    if word == "same_prescription" and kind.name in {"line", "prescription"}:
        return True
    by_hour = word == "same_hour" or length == "seconds"
    if by_hour and (_type_of(c, kind, "time") or _type_of(c, kind, "date") == types.DATETIME):
        return True
    dated = is_anchor or _type_of(c, kind, "date") is not None
    if dated and not by_hour and word not in {"same_visit", "same_prescription"}:
        return True
    return _no_time(c, window, kind, "hour" if by_hour else word)


def _type_of(c: Checker, kind: Type, name: str) -> Type | None:
    found = c.vocabulary.field(kind.name, name)
    return found.type if found is not None else None


_LACKING = {
    "hour": ("时刻", "time of day"),
    "same_prescription": ("处方", "prescription"),
    "same_visit": ("就诊", "visit of their own"),
}


def _no_time(c: Checker, window: ast.Window, kind: Type, what: str) -> bool:
    words, (zh, en) = c.say(kind), _LACKING.get(what, ("日期", "date"))
    c.fail(
        "RL0309",
        window.span,
        (f"{words.zh}没有{zh}，不能写 `于`", f"{words.en} has no {en}; `within` does not apply"),
        (
            "写成条件，如 `满足（起始 < 明细.日期）`",
            "write it as a condition, as `where (start < line.date)`",
        ),
    )
    return False


def element_scope(
    scope: Scope, element: str, type_: Type, binder: ast.Name | None, span: object = None
) -> Scope:
    """The scope in which members' fields are bare names, and the member has its given name."""
    local = core.Local(type=type_, name=element)
    inner = scope
    if binder is not None:
        inner = inner.bind((binder.zh, binder.en), local)
    return inner.inside(element, type_) if type_.kind == "entity" else inner


def check_condition(c: Checker, node: ast.Expr, scope: Scope) -> core.Expr:
    """An expression that must be yes or no."""
    # A condition is true, false or unknown: an else behind it does not reach inside.
    found = c.expr(c, node, scope.unguarded(), types.YES_NO)
    if is_broken(found) or found.type.kind == "yes_no":
        return found
    words = c.say(found.type)
    help_ = None
    written = c.text(node.span)
    if found.type.kind == "collection":
        any_ = f"{c.keyword('ANY')} {written}"
        help_ = (f"有一个就算，写 `{any_}`", f"if one is enough, write `{any_}`")
    elif found.type.kind in ORDERED:
        help_ = (f"与什么比较？如 `{written} >= …`", f"compared with what? As `{written} >= …`")
    elif found.type.kind in {"code", "enum"}:
        under = f"{written} {c.keyword('UNDER' if is_hierarchical(c, found.type) else 'IN')} …"
        help_ = (f"写 `{under}`", f"write `{under}`")
    return c.fail(
        "RL0302",
        node.span,
        (f"此处应为条件，写的是{words.zh}", f"a condition is wanted here, found {words.en}"),
        help_,
    )


def check_quantifier(c: Checker, node: ast.Quantifier, scope: Scope) -> core.Expr:
    """`任一`/`每个`: for 每个 the last 满足 is what all members must fulfil."""
    source = node.collection
    body: core.Expr | None = None
    if node.op == "each" and isinstance(source, ast.Filtered) and source.where is not None:
        narrowed = ast.Filtered(
            source=source.source,
            other=source.other,
            binder=source.binder,
            window=source.window,
            span=source.span,
        )
        found, element, _ = check_collection(c, narrowed, scope)
        if is_broken(found) or found.type.element is None:
            return broken(node.span)
        inner = element_scope(scope, element, found.type.element, source.binder)
        body = check_condition(c, source.where, inner)
        if is_broken(body):
            return body
        if isinstance(found, core.Collection) and not (found.other or found.window):
            found = found.source
    else:
        found, element, _ = check_collection(c, source, scope)
        if is_broken(found):
            return broken(node.span)
        if node.op == "each":
            return c.fail(
                "RL0314",
                node.span,
                ("`每个` 后面要写 `满足（…）`", "`each` wants `where (...)` behind it"),
                ("写出每个都要符合的条件", "write the condition that each one meets"),
            )
    return core.Quantifier(
        type=types.YES_NO, span=node.span, op=node.op, collection=found, element=element, body=body
    )


def check_aggregate(c: Checker, node: ast.Aggregate, scope: Scope) -> core.Expr:
    """计数 计日 不同 合计 最大 最小 中位."""
    found, element, binder = check_collection(c, node.collection, scope)
    element_type = found.type.element
    if is_broken(found) or element_type is None:
        return broken(node.span)
    value: core.Expr | None = None
    if node.value is not None:
        inner = element_scope(scope, element, element_type, binder)
        if isinstance(found, core.Collection) and found.where is not None:
            inner = inner.knowing(*_conjuncts(found.where))
        value = c.expr(c, node.value, inner, None)
        if is_broken(value):
            return value
    type_ = _figure_type(c, node, value, element_type)
    if type_ is None:
        return broken(node.span)
    c.sums += node.op in SUMS
    result = core.Aggregate(
        type=type_, span=node.span, op=node.op, collection=found, element=element, value=value
    )
    return require_value(c, result, scope) if node.op in {"max", "min", "median"} else result


def _conjuncts(condition: core.Expr) -> tuple[core.Expr, ...]:
    from rulelang.check.guards import conjuncts  # noqa: PLC0415

    return conjuncts(condition)


def _figure_type(
    c: Checker, node: ast.Aggregate, value: core.Expr | None, element: Type
) -> Type | None:
    if value is None:
        if node.op == "days" and c.vocabulary.field(element.name, "date") is None:
            words = c.say(element)
            c.fail(
                "RL0312",
                node.span,
                (
                    f"{words.zh}没有日期，不能 `计日`",
                    f"{words.en} has no date; `days_of` does not apply",
                ),
            )
            return None
        return types.DAYS if node.op == "days" else types.NUMBER
    if node.op == "distinct":
        return types.NUMBER
    allowed = NUMERIC if node.op in {"sum", "median"} else ORDERED
    if value.type.kind not in allowed:
        words = c.say(value.type)
        word = {"sum": "SUM", "median": "MEDIAN", "max": "MAX", "min": "MIN"}[node.op]
        zh, en = BY_TERMINAL[word].zh, BY_TERMINAL[word].en
        c.fail(
            "RL0312",
            node.value.span if node.value is not None else node.span,
            (f"{words.zh}不能求 `{zh}`", f"{words.en} has no `{en}`"),
            (
                "数、金额、数量、时长 可以合计；日期和年龄只有最大、最小",
                "numbers, money, quantities and lengths add up; dates and ages have max and min only",
            ),
        )
        return None
    return value.type


def check_pick(c: Checker, node: ast.Pick, scope: Scope) -> core.Expr:
    """`首个`/`末个 … 按 key [倒序]`."""
    found, element, binder = check_collection(c, node.collection, scope)
    element_type = found.type.element
    if is_broken(found) or element_type is None:
        return broken(node.span)
    key = c.expr(c, node.key, element_scope(scope, element, element_type, binder), None)
    if is_broken(key):
        return key
    if key.type.kind not in ORDERED:
        words = c.say(key.type)
        return c.fail(
            "RL0312",
            node.key.span,
            (f"不能按{words.zh}排序", f"{words.en} has no order to sort by"),
        )
    result = core.Pick(
        type=element_type,
        span=node.span,
        op=node.op,
        collection=found,
        element=element,
        key=key,
        descending=node.descending,
    )
    return require_value(c, result, scope)

"""A rule's tree to its core: clauses and outcomes, with the heads and the subject read elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from rulelang import ast, core, types
from rulelang.check.collections import check_condition
from rulelang.check.guards import conjuncts
from rulelang.check.scope import Checker, Scope, broken, is_broken
from rulelang.diagnostics import Words
from rulelang.lower.citations import citation
from rulelang.lower.heads import Heads, attributes_of, period_of
from rulelang.lower.subjects import pair_spellings, subject_of, subject_scope
from rulelang.lower.templates import lower_text
from rulelang.resolve import Symbol, canonical, shown
from rulelang.unread import let_names
from rulelang.words import CAPS, TERRITORY_OF_TOPIC, word_of

_CAP_TYPES = {
    "quantity": frozenset({"quantity", "number"}),
    "unit_price": frozenset({"money"}),
    "share": frozenset({"ratio"}),
}
CLAIMED_FIELDS = frozenset({"claimed_amount", "amount"})


@dataclass(eq=False)
class Draft:
    """A rule while its clauses are read."""

    scope: Scope
    subject: core.Subject
    lets: list[core.Let] = field(default_factory=list)
    when: list[core.Expr] = field(default_factory=list)
    require: list[core.Expr] = field(default_factory=list)
    exceptions: list[core.ExceptionClause] = field(default_factory=list)
    outcomes: list[core.Outcome] = field(default_factory=list)
    keep: core.KeepChoice | None = None
    order: core.DeductOrder | None = None
    messages: list[core.Message] = field(default_factory=list)
    remedies: list[core.Message] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def lower_rule(
    c: Checker, symbol: Symbol, defaults: dict[str, tuple[str, ...]], in_force: core.Period
) -> core.Rule | None:
    """One rule, or None where it has mistakes (all said)."""
    node = symbol.node
    if not isinstance(node, ast.Rule):
        return None
    c.spelling = symbol.spelling
    c.counter = 0
    before = len(c.problems.found)
    heads = Heads(c, node.heads, node.name.span)
    attributes = {**defaults, **attributes_of(c, heads.attributes)}
    subject = subject_of(c, node)
    if subject is None:
        return None
    topic = (attributes.get("topic") or ("",))[0]
    scope = subject_scope(c, subject, topic)
    c.unread = frozenset()
    if node.broken:  # a guard or a name may stand in the clauses that did not parse
        c.unread = let_names(c.written(node.span))
        scope = scope.knowing(broken(node.span))
    draft = Draft(scope, subject)
    for clause in node.clauses:
        _clause(c, draft, clause)
    _complete(c, node, draft, heads)
    if len(c.problems.found) > before and _has_error(c, before):
        return None
    if node.broken:
        return None
    territory = (attributes.get("territory") or (TERRITORY_OF_TOPIC.get(topic, "place_of_care"),))[
        0
    ]
    title = Words(node.title.zh.value, (node.title.en or node.title.zh).value)
    return core.Rule(
        id=symbol.id,
        name=shown(node.name),
        title=title,
        ruleset=c.unit.id,
        national_code=heads.national_code,
        topic=topic,
        territory=territory,
        attributes=tuple(sorted(attributes.items())),
        citations=heads.citations,
        in_force=period_of(c, heads.in_force, in_force),
        certainty=heads.certainty,
        stages=heads.stages,
        subject=draft.subject,
        lets=tuple(draft.lets),
        when=conjunction(draft.when),
        require=conjunction(draft.require),
        exceptions=tuple(draft.exceptions),
        outcomes=tuple(draft.outcomes),
        keep=draft.keep,
        deduct_order=draft.order,
        messages=tuple(draft.messages),
        remedies=tuple(draft.remedies),
        notes=tuple(draft.notes),
        span=node.span,
    )


def _has_error(c: Checker, since: int) -> bool:
    from rulelang.codes import CODES  # noqa: PLC0415
    from rulelang.diagnostics import Level  # noqa: PLC0415

    return any(CODES[p.code].level is Level.ERROR for p in c.problems.found[since:])


def conjunction(items: list[core.Expr]) -> core.Expr:
    """All of the items; true where there is none."""
    if not items:
        return core.TRUE_LIT
    if len(items) == 1:
        return items[0]
    span = items[0].span.to(items[-1].span)
    return core.Logic(type=types.YES_NO, span=span, op="and", items=tuple(items))


def _clause(c: Checker, draft: Draft, clause: ast.Clause) -> None:  # noqa: C901 - one case a clause
    scope = draft.scope
    match clause:
        case ast.For():
            pass
        case ast.Let():
            _let(c, draft, clause)
        case ast.When():
            found = check_condition(c, clause.condition, scope)
            draft.when.append(found)
            draft.scope = scope.knowing(*conjuncts(found))
        case ast.Require():
            found = check_condition(c, clause.condition, scope)
            draft.require.append(found)
        case ast.Forbid():
            found = check_condition(c, clause.condition, scope)
            draft.require.append(core.Not(type=types.YES_NO, span=clause.span, operand=found))
        case ast.Unless():
            found = check_condition(c, clause.condition, scope)
            cited = citation(c, clause.cite) if clause.cite is not None else None
            draft.exceptions.append(core.ExceptionClause(found, cited, clause.span))
        case ast.Keep():
            _keep(c, draft, clause)
        case ast.DeductOrder():
            key = _line_key(c, clause.key, scope)
            draft.order = core.DeductOrder(key, clause.descending)
        case ast.Then():
            _then(c, draft, clause)
        case ast.Message():
            draft.messages.append(lower_text(c, clause.text, _printing(scope)))
        case ast.Remedy():
            draft.remedies.append(lower_text(c, clause.text, _printing(scope)))
        case ast.Note():
            draft.notes.append(clause.text.value)


def _printing(scope: Scope) -> Scope:
    return replace(scope, printing=True, guarded=True, known_allowed=True)


def _let(c: Checker, draft: Draft, clause: ast.Let) -> None:
    value = c.expr(c, clause.value, draft.scope, None)
    name = canonical(clause.name)
    for spelling in (clause.name.zh, clause.name.en):
        if spelling and spelling in draft.scope.locals:
            c.fail(
                "RL0202",
                clause.name.span,
                (f"`{spelling}` 在此处已有意思", f"`{spelling}` already has a meaning here"),
                ("改用另一个名称", "use another name"),
            )
            return
    draft.lets.append(core.Let(name, shown(clause.name), value))
    local = core.Local(type=value.type, span=clause.name.span, name=name)
    draft.scope = draft.scope.bind((clause.name.zh, clause.name.en), local)


def _line_key(c: Checker, node: ast.Expr, scope: Scope) -> core.Expr:
    local = core.Local(type=types.entity("line"), name="line")
    inner = replace(scope, guarded=True).inside("line", local.type)
    found = c.expr(c, node, inner, None)
    if not is_broken(found) and found.type.kind not in types.ORDERED:
        words = c.say(found.type)
        return c.fail(
            "RL0312",
            node.span,
            (f"不能按{words.zh}排序", f"{words.en} has no order to sort by"),
        )
    return found


def _keep(c: Checker, draft: Draft, clause: ast.Keep) -> None:
    if clause.name is not None:
        names = {s: local for local in draft.subject.locals for s in pair_spellings(c, local)}
        if clause.name not in names:
            c.fail(
                "RL0201",
                clause.span,
                (
                    f"`保留` 后面应是 {'、'.join(names)}",
                    f"one of {', '.join(names)} stands behind `keep`",
                ),
            )
            return
        draft.keep = core.KeepChoice(local=names[clause.name])
    elif clause.key is not None:
        key = _line_key(c, clause.key, draft.scope)
        draft.keep = core.KeepChoice(key=key, descending=clause.descending)


def _then(c: Checker, draft: Draft, clause: ast.Then) -> None:
    scope = draft.scope
    amount = c.expr(c, clause.amount, scope, None) if clause.amount is not None else None
    condition = check_condition(c, clause.condition, scope) if clause.condition else None
    cap = ""
    if clause.op == "pay_at_most":
        cap = word_of(CAPS, clause.cap or "") or ""
        if not cap:
            c.fail(
                "RL0705",
                clause.span,
                (f"`限付` 后面应是 数量、单价、比例 或 金额，写的是 `{clause.cap}`",
                 f"quantity, unit_price, share or amount stands behind `pay_at_most`, found `{clause.cap}`"),
            )  # fmt: skip
    if amount is not None and not is_broken(amount):
        _check_amount(c, clause, amount, cap)
    target = _target(draft.subject, amount)
    draft.outcomes.append(core.Outcome(clause.op, amount, cap, condition, target))


def _check_amount(c: Checker, clause: ast.Then, amount: core.Expr, cap: str) -> None:
    wanted: frozenset[str] = _CAP_TYPES.get(cap, frozenset({"money"}))
    if clause.op == "monitor":
        wanted = types.NUMERIC
    if amount.type.kind not in wanted:
        words = c.say(amount.type)
        c.fail(
            "RL0301",
            clause.span,
            (f"这个结果不接受{words.zh}", f"this outcome does not take {words.en}"),
        )


def _target(subject: core.Subject, amount: core.Expr | None) -> str:
    if (
        isinstance(amount, core.Get)
        and amount.field in CLAIMED_FIELDS
        and isinstance(amount.base, core.Local)
        and amount.base.name in subject.locals
    ):
        return amount.base.name
    return subject.locals[-1]


def _complete(c: Checker, node: ast.Rule, draft: Draft, heads: Heads) -> None:
    if node.broken:
        return
    if not draft.require:
        c.fail(
            "RL0114",
            node.name.span,
            ("规则没有 `要求` 或 `不得`", "the rule has neither `require` nor `forbid`"),
        )
    if not draft.outcomes:
        c.fail(
            "RL0114",
            node.name.span,
            ("规则没有 `则`", "the rule has no `then`"),
            ("写 `则 不予支付 明细.医保内金额`、`则 提醒` 或 `则 复核`", "write `then deny line.claimed_amount`, `then remind` or `then review`"),
        )  # fmt: skip
    caps = any(outcome.op in {"deny", "reduce", "pay_at_most"} for outcome in draft.outcomes)
    if draft.subject.kind == "pair" and caps and draft.keep is None:
        c.fail(
            "RL0601",
            node.name.span,
            ("成对的规则要写 `保留` 哪一项", "a rule on pairs says which one to `keep`"),
            (
                "写 `保留 甲` 或 `保留 按 单价 倒序`",
                "write `keep a` or `keep order_by price descending`",
            ),
        )
    if not heads.citations and not heads.national_code:
        c.fail(
            "RL0707",
            node.name.span,
            ("规则没有 `依据` 或 `国家编码`", "the rule has neither `citing` nor `national_code`"),
        )

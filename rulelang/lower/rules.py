"""A rule's tree to its core: clauses and outcomes, with the heads and the subject read elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from rulelang import ast, core, types
from rulelang.check.collections import check_condition
from rulelang.check.guards import conjuncts
from rulelang.check.levels import levels_of
from rulelang.check.scope import Checker, Scope, broken, is_broken
from rulelang.diagnostics import Related, Words
from rulelang.keywords import BY_TERMINAL
from rulelang.lower.citations import citation
from rulelang.lower.heads import Heads, attributes_of, period_of
from rulelang.lower.joint import joined
from rulelang.lower.subjects import pair_spellings, subject_of, subject_scope
from rulelang.lower.templates import lower_text
from rulelang.lower.versions import known_since
from rulelang.resolve import Symbol, canonical, shown
from rulelang.source import Span
from rulelang.unread import let_names
from rulelang.words import CAPS, TERRITORY_OF_TOPIC, spelling_of, word_of

_CAP_TYPES = {
    "quantity": frozenset({"quantity", "number"}),
    "unit_price": frozenset({"money"}),
    "share": frozenset({"ratio"}),
}
_OUTCOMES = {
    "deny": "DENY", "reduce": "REDUCE", "pay_at_most": "PAYATMOST", "remind": "REMIND",
    "review": "REVIEW", "apart": "APART", "monitor": "MONITOR",
}  # fmt: skip
_WANTED = {
    "": Words("金额", "an amount of money"),
    "quantity": Words("数量", "a quantity"),
    "share": Words("比例", "a ratio"),
    "monitor": Words("数值", "a figure"),
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
    prefix: str = ""  # of the names of its lets: those of an amendment stand beside the rule's


def lower_rule(
    c: Checker, symbol: Symbol, defaults: dict[str, tuple[str, ...]], in_force: core.Period
) -> core.Rule | None:
    """One rule, or None where it has mistakes (all said)."""
    node = symbol.node
    if not isinstance(node, ast.Rule):
        return None
    c.spelling = symbol.spelling
    c.counter = 0
    before, sums = len(c.problems.found), c.sums
    told = not node.clauses or c.keyword("CERTAINTY") in c.written(node.span)
    heads = Heads(c, node, said=node.broken and told)
    attributes = {**defaults, **attributes_of(c, heads.attributes)}
    known = known_since(c, heads.attributes, attributes)
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
        lower_clause(c, draft, clause)
    _complete(c, node, draft, heads)
    if has_error(c, before):
        return None
    if node.broken:
        return None
    territory = (attributes.get("territory") or (TERRITORY_OF_TOPIC.get(topic, "place_of_care"),))[
        0
    ]
    title = Words(node.title.zh.value, (node.title.en or node.title.zh).value)
    rule = core.Rule(
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
        openings=heads.openings,
        closed=heads.closed,
        known=known,
        span=node.span,
    )
    return joined(rule) if c.sums > sums else rule


def has_error(c: Checker, since: int) -> bool:
    """Whether an error was told since so many were found."""
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


def lower_clause(c: Checker, draft: Draft, clause: ast.Clause) -> None:  # noqa: C901 - one case a clause
    """Read one clause into a draft."""
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
            if draft.subject.kind != "group":
                c.fail(
                    "RL0309",
                    clause.span,
                    ("`扣减顺序` 只用于针对一组明细的规则", "`deduct_order` belongs to rules on groups"),
                    ("写 `针对 明细 分组 …`，或删去这一条", "write `for line grouped ...`, or take the clause away"),
                )  # fmt: skip
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
    name = draft.prefix + canonical(clause.name)
    for spelling in (clause.name.zh, clause.name.en):
        if spelling and spelling in draft.scope.locals:
            c.fail(
                "RL0202",
                clause.name.span,
                (f"`{spelling}` 在此处已有意思", f"`{spelling}` already has a meaning here"),
                ("改用另一个名称", "use another name"),
                _where(draft.scope.locals[spelling][0].span),
            )
            free = [s for s in (clause.name.zh, clause.name.en) if s not in draft.scope.locals]
            draft.scope = draft.scope.bind(tuple(free), value)
            return
    draft.lets.append(core.Let(name, shown(clause.name), value))
    c.lets[name], c.levels[name] = value, levels_of(value, c.levels)
    local = core.Local(type=value.type, span=clause.name.span, name=name)
    draft.scope = draft.scope.bind((clause.name.zh, clause.name.en), local)


def _where(span: Span) -> tuple[Related, ...]:
    return (Related(span, Words("先在此处声明", "declared here first")),) if span.path else ()


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
        draft.keep = core.KeepChoice(local=names.get(clause.name, draft.subject.locals[0]))
        if draft.subject.kind != "pair":
            _keep_without_pair(c, clause)
        elif clause.name not in names:
            zh = [f"`{s}`" for s in names if not s.isascii()] or [f"`{s}`" for s in names]
            en = [f"`{s}`" for s in names if s.isascii()] or zh
            c.fail(
                "RL0201",
                c.at(clause.span, clause.name),
                (f"`保留` 的是这一对之一，没有 `{clause.name}`", f"`keep` names one of the pair; there is no `{clause.name}`"),
                (f"写 {' 或 '.join(zh)}", f"write {' or '.join(en)}"),
            )  # fmt: skip
    elif clause.key is not None:
        key = _line_key(c, clause.key, draft.scope)
        draft.keep = core.KeepChoice(key=key, descending=clause.descending)
        if draft.subject.kind != "pair":
            _keep_without_pair(c, clause)


def _keep_without_pair(c: Checker, clause: ast.Keep) -> None:
    c.fail(
        "RL0309",
        clause.span,
        ("`保留` 只用于针对一对明细的规则", "`keep` belongs to rules on pairs"),
        ("一组明细先扣哪些，写 `扣减顺序`", "which lines of a group bear the excess is said by `deduct_order`"),
    )  # fmt: skip


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
                c.at(clause.span, clause.cap or ""),
                (f"`限付` 不能限 `{clause.cap}`", f"`pay_at_most` cannot limit `{clause.cap}`"),
                ("可用：" + "、".join(CAPS), "one of: " + ", ".join(CAPS.values())),
            )
    if amount is not None and not is_broken(amount) and (cap or clause.op != "pay_at_most"):
        _check_amount(c, clause, amount, cap)
    target = _target(draft.subject, amount)
    draft.outcomes.append(core.Outcome(clause.op, amount, cap, condition, target))


def _check_amount(c: Checker, clause: ast.Then, amount: core.Expr, cap: str) -> None:
    wanted: frozenset[str] = _CAP_TYPES.get(cap, frozenset({"money"}))
    if clause.op == "monitor":
        wanted = types.NUMERIC
    if amount.type.kind in wanted or clause.amount is None:
        return
    words = c.say(amount.type)
    outcome = BY_TERMINAL[_OUTCOMES[clause.op]]
    zh, en = outcome.zh, outcome.en
    if cap:
        zh, en = f"{zh} {spelling_of(CAPS, cap)}", f"{en} {cap}"
    kind = _WANTED.get(cap if clause.op == "pay_at_most" else clause.op, _WANTED[""])
    mend = None
    if amount.type.kind == "text":
        mend = ("给人看的话写在 `说明` 里", "words for the reader stand in `message`")
    elif amount.type.kind in {"quantity", "number"} and clause.op in {"deny", "reduce"}:
        limit = f"{c.keyword('PAYATMOST')} {'数量' if c.spelling == 'zh' else 'quantity'} …"
        mend = (f"限数量写 `{limit}`", f"a limit of quantity is `{limit}`")
    c.fail(
        "RL0301",
        clause.amount.span,
        (
            f"`{zh}` 后面应为{kind.zh}，写的是{words.zh}",
            f"`{en}` takes {kind.en}, found {words.en}",
        ),
        mend,
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
            _keep_help(c, draft.subject),
        )
    if not heads.cited and not heads.national_code:
        c.fail(
            "RL0707",
            node.name.span,
            ("规则没有 `依据` 或 `国家编码`", "the rule has neither `citing` nor `national_code`"),
            ("写 `依据 文件名 “条款”`，文件在开头用 `文件` 声明", 'write `citing name "clause"`; the document is declared in the head'),
        )  # fmt: skip


def _keep_help(c: Checker, subject: core.Subject) -> tuple[str, str]:
    zh_name = next((s for s in pair_spellings(c, subject.locals[0]) if not s.isascii()), "甲")
    en_name = next((s for s in pair_spellings(c, subject.locals[0]) if s.isascii()), "a")
    return (
        f"写 `保留 {zh_name}` 或 `保留 按 单价 倒序`",
        f"write `keep {en_name}` or `keep order_by price descending`",
    )

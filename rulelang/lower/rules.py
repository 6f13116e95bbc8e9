"""A rule's tree to its core: heads, subject, clauses, outcomes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from rulelang import ast, core, types
from rulelang.calendar import Window
from rulelang.check.collections import check_condition, check_window
from rulelang.check.guards import conjuncts
from rulelang.check.scope import Checker, Scope, is_broken
from rulelang.diagnostics import Words
from rulelang.lower.declare import citation
from rulelang.lower.templates import lower_text
from rulelang.resolve import Symbol, canonical, shown
from rulelang.source import Span
from rulelang.types import Type
from rulelang.words import (
    ATTRIBUTES,
    BY_DOCUMENT_DATE,
    CAPS,
    CERTAINTIES,
    STAGES,
    SUBJECTS,
    TERRITORIES,
    TERRITORY_OF_TOPIC,
    TOPICS,
    word_of,
)

GLOBALS = (("患者", "patient"), ("就诊", "encounter"), ("机构", "institution"))
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


def period_of(c: Checker, node: ast.InForce | None, otherwise: core.Period) -> core.Period:
    """A period in force; `至` is inclusive, so the end is the day after."""
    if node is None:
        return otherwise
    if node.word is not None and node.word not in BY_DOCUMENT_DATE:
        c.fail(
            "RL0705",
            node.span,
            (f"此处应为 `依文件日期`，写的是 `{node.word}`", f"`by_document_date` is wanted here, found `{node.word}`"),
        )  # fmt: skip
    end = node.end.value + timedelta(days=1) if node.end else None
    if end is not None and end <= node.start.value:
        c.fail(
            "RL0708",
            node.span,
            ("施行的终止日早于开始日", "the period in force ends before it starts"),
        )
    return core.Period(node.start.value, end, node.word in BY_DOCUMENT_DATE)


def attributes_of(c: Checker, nodes: list[ast.Attribute]) -> dict[str, tuple[str, ...]]:
    """Attributes by their English names."""
    found: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        name = word_of(ATTRIBUTES, node.name)
        if name is None:
            known = "、".join(ATTRIBUTES)
            c.fail(
                "RL0705",
                node.span,
                (f"没有名为 `{node.name}` 的属性", f"there is no attribute `{node.name}`"),
                (f"可用：{known}", "one of: " + ", ".join(ATTRIBUTES.values())),
            )
            continue
        found[name] = tuple(_attribute_word(c, name, value, node.span) for value in node.values)
    return found


def _attribute_word(c: Checker, name: str, value: str, span: Span) -> str:
    words = {"topic": TOPICS, "territory": TERRITORIES}.get(name)
    if words is None:
        return value
    found = word_of(words, value)
    if found is None:
        c.fail(
            "RL0705",
            span,
            (f"不认识 `{value}`", f"`{value}` is unknown"),
            ("可用：" + "、".join(words), "one of: " + ", ".join(words.values())),
        )
        return value
    return found


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
    heads = _Heads(c, node.heads, node.name.span)
    attributes = {**defaults, **attributes_of(c, heads.attributes)}
    subject = _subject(c, node)
    if subject is None:
        return None
    topic = (attributes.get("topic") or ("",))[0]
    draft = Draft(_subject_scope(c, subject, topic), subject)
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


class _Heads:
    """The head clauses of a rule, read once."""

    def __init__(self, c: Checker, heads: tuple[ast.Head, ...], name_span: Span) -> None:
        """Read all heads; a missing certainty is a mistake."""
        self.national_code = ""
        self.certainty = ""
        self.stages: tuple[str, ...] = ("before", "during", "after")
        self.in_force: ast.InForce | None = None
        self.attributes: list[ast.Attribute] = []
        found: list[core.Citation] = []
        for head in heads:
            match head:
                case ast.NationalCode():
                    self.national_code = head.code
                case ast.Cite():
                    cited = citation(c, head)
                    found += [cited] if cited is not None else []
                case ast.InForce():
                    self.in_force = head
                case ast.Attribute():
                    self.attributes.append(head)
                case ast.Certainty():
                    self.certainty = self._word(c, CERTAINTIES, head.word, head.span)
                case ast.Stages():
                    self.stages = tuple(self._word(c, STAGES, w, head.span) for w in head.words)
                case ast.Open() | ast.Closed():
                    pass  # layers are checked with the issue that brings amendments
        self.citations = tuple(found)
        if not any(isinstance(head, ast.Certainty) for head in heads):
            c.fail(
                "RL0701",
                name_span,
                ("规则没有 `结果类型`", "the rule has no `certainty`"),
                ("写 `结果类型 违规`、`可疑` 或 `监测指标`", "write `certainty definite`, `suspect` or `indicator`"),
            )  # fmt: skip

    @staticmethod
    def _word(c: Checker, words: dict[str, str], name: str, span: Span) -> str:
        found = word_of(words, name)
        if found is None:
            c.fail(
                "RL0705",
                span,
                (f"不认识 `{name}`", f"`{name}` is unknown"),
                ("可用：" + "、".join(words), "one of: " + ", ".join(words.values())),
            )
            return ""
        return found


def _subject(c: Checker, node: ast.Rule) -> core.Subject | None:
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
    kind = word_of(SUBJECTS, clause.subject)
    if (
        clause.period is not None
        or clause.subject in {"规则集", "ruleset"}
        or (kind is None and c.vocabulary.entity(clause.subject) is not None)
    ):
        c.fail(
            "RL0706",
            clause.span,
            ("本版尚不支持针对期间、机构或规则集的规则", "rules on periods, institutions or the ruleset come with a later version"),
        )  # fmt: skip
        return None
    if kind is None:
        c.fail(
            "RL0209",
            clause.span,
            (f"不能针对 `{clause.subject}`", f"`{clause.subject}` is no subject"),
            ("可用：" + "、".join(SUBJECTS), "one of: " + ", ".join(SUBJECTS.values())),
        )
        return None
    window = check_window(c, clause.window)
    c.group_keys, c.pair_names = {}, {}
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


def _group(c: Checker, clause: ast.For, window: Window | None) -> core.Subject | None:
    line = core.Local(type=types.entity("line"), name="line")
    scope = Scope(guarded=True).bind(("明细", "line"), line)
    scope = _with_globals(scope)
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


def _with_globals(scope: Scope) -> Scope:
    for zh, en in GLOBALS:
        scope = scope.bind((zh, en), core.Local(type=types.entity(en), name=en))
    return scope


def _subject_scope(c: Checker, subject: core.Subject, topic: str) -> Scope:
    scope = _with_globals(Scope(known_allowed=topic == "completeness"))
    if subject.kind == "pair":
        for name in subject.locals:
            local = core.Local(type=types.entity(subject.element), name=name)
            scope = scope.bind(_pair_spellings(c, name), local)
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


def _pair_spellings(c: Checker, name: str) -> tuple[str, ...]:
    return c.pair_names.get(name, (name,))


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
        names = {s: local for local in draft.subject.locals for s in _pair_spellings(c, local)}
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


def _complete(c: Checker, node: ast.Rule, draft: Draft, heads: _Heads) -> None:
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

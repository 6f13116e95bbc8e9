"""补充 and 废止: what lower layers change in higher rules and parameters, and whether they may (S15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rulelang import ast, core
from rulelang.check.guards import conjuncts
from rulelang.check.levels import levels_of
from rulelang.check.scope import Checker, Scope
from rulelang.diagnostics import Related, Words
from rulelang.divisions import lies_within
from rulelang.keywords import BY_TERMINAL
from rulelang.lower.citations import citation, citations
from rulelang.lower.fills import fill
from rulelang.lower.heads import attributes_of, period_of
from rulelang.lower.openness import TIGHTENING, Layers, declared_at, layer_words, opened, rank
from rulelang.lower.rules import Draft, conjunction, has_error, lower_clause
from rulelang.lower.subjects import subject_of, subject_scope
from rulelang.lower.targets import target_of
from rulelang.resolve import Symbol
from rulelang.stretches import meet, stretch_of

_FOREIGN: Mapping[type, str] = {
    ast.NationalCode: "NATCODE", ast.Certainty: "CERTAINTY", ast.Stages: "STAGES",
    ast.Open: "OPEN", ast.Closed: "CLOSED",
}  # fmt: skip


OWN_NAMES = 1000  # generated names of an amendment begin here; no rule has so many


@dataclass(eq=False)
class Amended:
    """A rule, or a version of it, with what is written about it in one amendment."""

    symbol: Symbol
    rule: core.Rule
    item: ast.Amend
    id: str
    period: core.Period
    cited: tuple[core.Citation, ...]


def lower_amendments(layers: Layers) -> None:
    """Lower all amendments, fillings and repeals; what they may not do is told."""
    for ruleset in sorted(layers.checkers):
        c = layers.checkers[ruleset]
        for item, file in c.unit.items():
            c.spelling = file.spelling
            match item:
                case ast.Amend() if not item.broken:
                    _amend(layers, c, item)
                case ast.Repeal():
                    _repeal(layers, c, item)
                case _:
                    pass


def _amend(layers: Layers, c: Checker, item: ast.Amend) -> None:
    symbol = target_of(c, item.target, item.span, ast.Param if item.value else ast.Rule)
    if symbol is None or not _is_above(layers, c, item, symbol):
        return
    if item.value is not None:
        fill(layers, c, item, symbol)
    elif symbol.id in layers.rules:
        _amend_rule(layers, c, item, symbol)


def _is_above(layers: Layers, c: Checker, item: ast.Amend, symbol: Symbol) -> bool:
    """Whether what is amended belongs to a higher layer whose territory holds the amending one's."""
    own, other = layers.rulesets[c.unit.id], layers.rulesets[symbol.unit.id]
    if not own.authority or not other.authority:
        return False  # told of
    here, above = layer_words(own.authority), layer_words(other.authority)
    if rank(own.authority) <= rank(other.authority):
        c.fail(
            "RL0604",
            c.at(item.span, item.target),
            (f"`{item.target}` 属于{above.zh}，{here.zh}不能补充", f"`{item.target}` is of the {above.en} layer, which the {here.en} layer does not amend"),
            ("只能补充上级的规则；自己一级的，改原规则", "only rules of a higher layer are amended; one's own are changed where they stand"),
            declared_at(symbol),
        )  # fmt: skip
        return False
    if own.regions and not lies_within(own.regions, other.regions):
        c.fail(
            "RL0604",
            c.at(item.span, item.target),
            (f"`{item.target}` 不在本规则集的地区施行", f"`{item.target}` does not hold in the region of this ruleset"),
            ("只能补充管到本地的规则", "only rules that hold here are amended"),
            declared_at(symbol),
        )  # fmt: skip
        return False
    return True


# ---------------------------------------------------------------- rules


def _amend_rule(layers: Layers, c: Checker, item: ast.Amend, symbol: Symbol) -> None:
    """Lower an amendment by each version of its rule that it meets; where they read it alike, once."""
    before = len(c.problems.found)
    id_ = layers.new_id(c.unit.id, symbol.id)
    _only_own_heads(c, item)
    dated = next((head for head in item.heads if isinstance(head, ast.InForce)), None)
    period = period_of(c, dated, layers.rulesets[c.unit.id].in_force)
    cited = citations(c, tuple(head for head in item.heads if isinstance(head, ast.Cite)))
    found: list[tuple[core.Period, core.Amendment]] = []
    for version, rule in _met(layers, symbol, period):
        amended = Amended(version, rule, item, id_, period, cited)
        scope = _scope_of(layers.checkers[symbol.unit.id], c, amended)
        draft = Draft(scope, rule.subject, prefix=f"{id_}/")
        for clause in item.clauses:
            lower_clause(c, draft, clause)
        _permitted(layers, c, amended)
        found.append((rule.in_force, _amendment(layers, c, amended, draft)))
    exceptions = found[0][1].exceptions
    if not cited and not (exceptions and all(each.citation for each in exceptions)):
        _no_citation(c, item)
    if has_error(c, before):
        return
    if all(each == found[0][1] for _, each in found):
        layers.amendments.append(found[0][1])
        return
    for own, each in found:  # what they call the same differs: each has its own in its period
        part = replace(each, id=layers.new_id(c.unit.id, symbol.id), in_force=_both(own, period))
        layers.amendments.append(part)


def _amendment(layers: Layers, c: Checker, amended: Amended, draft: Draft) -> core.Amendment:
    item, rule, cited = amended.item, amended.rule, amended.cited
    attributes = layers.defaults(c) | attributes_of(
        c, [head for head in item.heads if isinstance(head, ast.Attribute)]
    )
    return core.Amendment(
        id=amended.id,
        rule=rule.id,
        ruleset=c.unit.id,
        territory=(attributes.get("territory") or (rule.territory,))[0],
        citations=cited,
        in_force=amended.period,
        lets=tuple(draft.lets),
        require=conjunction(draft.require) if draft.require else None,
        exceptions=tuple(
            replace(each, citation=each.citation or next(iter(cited), None))
            for each in draft.exceptions
        ),
        messages=tuple(draft.messages),
        remedies=tuple(draft.remedies),
        notes=tuple(draft.notes),
        span=item.span,
    )


def _met(
    layers: Layers, symbol: Symbol, period: core.Period
) -> tuple[tuple[Symbol, core.Rule], ...]:
    """The versions of a rule that hold on some day of an amendment; of none, the first."""
    written = [symbol, *(each for each in symbol.unit.versions if each.id == symbol.id)]
    rules = {rule.span: rule for rule in layers.rules.values() if rule.id == symbol.id}
    known = [(each, rules[each.node.span]) for each in written if each.node.span in rules]
    days = stretch_of(period.start, period.end)
    met = [
        pair
        for pair in known
        if meet(stretch_of(pair[1].in_force.start, pair[1].in_force.end), days)
    ]
    return tuple(met) or ((symbol, layers.rules[symbol.id]),)


def _both(one: core.Period, other: core.Period) -> core.Period:
    """The days that two periods have in common."""
    starts = [day for day in (one.start, other.start) if day is not None]
    ends = [day for day in (one.end, other.end) if day is not None]
    return core.Period(max(starts, default=None), min(ends, default=None), other.by_document_date)


def _scope_of(owner: Checker, c: Checker, amended: Amended) -> Scope:
    """The names that the clauses of a rule see, after its last 当; declared ones are the amender's."""
    rule, node = amended.rule, amended.symbol.node
    if isinstance(node, ast.Rule):
        subject_of(owner, node)  # notes what the parts of its subject are called
    c.group_keys, c.pair_names, c.lets = owner.group_keys, owner.pair_names, {}
    c.levels = {}
    c.unread, c.counter = frozenset(), OWN_NAMES
    scope = subject_scope(c, rule.subject, rule.topic)
    for let in rule.lets:
        c.lets[let.name], c.levels[let.name] = let.value, levels_of(let.value, c.levels)
        local = core.Local(type=let.value.type, span=let.value.span, name=let.name)
        scope = scope.bind((let.shown.zh, let.shown.en), local)
    return scope.knowing(*conjuncts(rule.when))


def _only_own_heads(c: Checker, item: ast.Amend) -> None:
    """Complain of what an amendment cannot change: how sure, when, and who else may."""
    for head in item.heads:
        keyword = _FOREIGN.get(type(head))
        if keyword is None:
            continue
        word = BY_TERMINAL[keyword]
        c.fail(
            "RL0314",
            head.span,
            (f"`补充` 不能改 `{word.zh}`", f"`amend` does not change `{word.en}`"),
            ("补充只加例外、要求和文字", "an amendment adds exceptions, requirements and texts"),
        )


def _permitted(layers: Layers, c: Checker, amended: Amended) -> None:
    """Complain of each clause for which the rule is not opened to this layer."""
    authority = layers.rulesets[c.unit.id].authority
    rule, may = amended.rule, opened(amended.rule.openings, authority)
    for clause in amended.item.clauses:
        match clause:
            case ast.Unless() if "exception" not in may:
                wanted = Words("例外", "exception")
            case ast.Require() | ast.Forbid() if not may & TIGHTENING:
                wanted = Words("收紧", "tighten")
            case _:
                continue
        layer = layer_words(authority)
        closed = rule.closed is not None
        c.fail(
            "RL0602",
            clause.span,
            (f"`{amended.item.target}` {'已封闭，' if closed else ''}没有对{layer.zh}开放 `{wanted.zh}`",
             f"`{amended.item.target}` {'is closed and ' if closed else 'is '}not open to the {layer.en} layer for `{wanted.en}`"),
            (f"上级规则写明 `开放 {layer.zh} {wanted.zh}` 的才可以；否则只能提醒或复核",
             f"the higher rule has to say `open {layer.en} {wanted.en}`; otherwise remind or review only"),
            declared_at(amended.symbol),
        )  # fmt: skip


def _no_citation(c: Checker, item: ast.Amend) -> None:
    c.fail(
        "RL0707",
        c.at(item.span, item.target),
        ("`补充` 没有 `依据`", "the amendment has no `citing`"),
        ("写 `依据 文件名 “条款”`，文件在开头用 `文件` 声明", 'write `citing name "clause"`; the document is declared in the head'),
    )  # fmt: skip


# ---------------------------------------------------------------- repeal


def _repeal(layers: Layers, c: Checker, item: ast.Repeal) -> None:
    """End a rule of one's own layer on the day before a date."""
    symbol = target_of(c, item.target, item.span, ast.Rule)
    cited = citation(c, item.cite)
    if symbol is None or symbol.id not in layers.rules:
        return
    rule = layers.rules[symbol.id]
    own, other = layers.rulesets[c.unit.id], layers.rulesets[rule.ruleset]
    if own.authority != other.authority or own.regions != other.regions:
        above = layer_words(other.authority)
        c.fail(
            "RL0604",
            c.at(item.span, item.target),
            (f"`{item.target}` 属于{above.zh}的规则集 `{other.name.zh}`，不能在此废止",
             f"`{item.target}` is of `{other.name.en}` ({above.en}) and is not repealed here"),
            ("只能废止自己一级、同一地区的规则", "a layer repeals rules of its own layer and region only"),
            declared_at(symbol),
        )  # fmt: skip
        return
    period = rule.in_force
    start = item.start.value
    if period.start is not None and start <= period.start:
        c.fail(
            "RL0708",
            item.start.span,
            (f"自 {start} 废止，规则却自 {period.start} 施行", f"repealed from {start} on, yet in force from {period.start}"),
            ("废止的日期晚于施行的日期", "the date of repeal lies after the first day in force"),
            (Related(rule.span, Words("规则在此", "the rule")),),
        )  # fmt: skip
        return
    for place, each in list(layers.rules.items()):  # every version of it ends
        if each.id == symbol.id:
            until = each.in_force.end
            ended = replace(each.in_force, end=start if until is None else min(start, until))
            layers.rules[place] = replace(each, in_force=ended, ended_by=cited)

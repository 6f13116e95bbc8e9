"""What depends on what, and how a rule decides: graphs of a program, for a drawing or a tool.

Nodes and edges carry words only; how they are laid out is `apps.render.drawing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import networkx as nx

from apps.authoring.amending import as_rule
from apps.authoring.uses import used_by, used_by_decision, used_by_param
from apps.render.labels import CERTAINTIES
from rulelang import core
from rulelang.diagnostics import Words

Graph: TypeAlias = nx.DiGraph

_KINDS = {
    "tables": Words("知识表", "table"),
    "lists": Words("名单", "list"),
    "evidence": Words("证据", "evidence"),
    "params": Words("参数", "parameter"),
    "decisions": Words("判定表", "decision"),
}
_LISTED = {"and": Words("符合全部", "all of"), "or": Words("符合其一", "one of")}
_OUTCOMES = {
    "deny": Words("不予支付", "deny"),
    "reduce": Words("扣减", "reduce"),
    "apart": Words("单列", "apart"),
    "monitor": Words("监测", "monitor"),
    "pay_at_most": Words("限付", "pay at most"),
    "remind": Words("提醒", "remind"),
    "review": Words("复核", "review"),
}


def dependencies(program: core.Program, rules: Sequence[core.Rule] = ()) -> Graph:
    """Rulesets, rules and what they lean on; an edge leads from what needs to what is needed.

    With `rules` only these and what they need.
    """
    graph = Graph()
    chosen = tuple(rules) or program.rules
    if not rules:
        _rulesets(graph, program)
    for rule in chosen:
        _node(graph, rule.id, "rule", rule.title, _name(rule.id))
        if not rules:
            graph.add_edge(rule.ruleset, rule.id, kind="holds")
        for kind, ids in _ids(used_by(rule)):
            for id_ in ids:
                _declared(graph, program, kind, id_)
                graph.add_edge(rule.id, id_, kind="uses")
    _layered(graph, program, whole=not rules)
    return graph


def _layered(graph: Graph, program: core.Program, *, whole: bool) -> None:
    """What lower layers add to the rules and parameters that are shown: 补充 of either."""
    rules = {rule.id: rule for rule in program.rules}
    for each in program.amendments:
        if each.rule not in graph:
            continue
        name = rules[each.rule].name
        label = Words(f"补充 {name.zh}", f"amend {name.en}")
        _node(graph, f"+{each.id}", "amendment", label, each.ruleset)
        graph.add_edge(f"+{each.id}", each.rule, kind="amends")
        if whole:
            graph.add_edge(each.ruleset, f"+{each.id}", kind="holds")
        for kind, ids in _ids(used_by(as_rule(each, rules[each.rule]))):
            for id_ in ids:
                _declared(graph, program, kind, id_)
                graph.add_edge(f"+{each.id}", id_, kind="uses")
    for fill in program.fills:
        if fill.param not in graph:
            continue
        name = program.params[fill.param].name
        label = Words(f"补充 {name.zh}", f"amend {name.en}")
        _node(graph, f"+{fill.id}", "amendment", label, fill.ruleset)
        graph.add_edge(f"+{fill.id}", fill.param, kind="amends")
        if whole:
            graph.add_edge(fill.ruleset, f"+{fill.id}", kind="holds")


def _rulesets(graph: Graph, program: core.Program) -> None:
    for ruleset in program.rulesets:
        _node(graph, ruleset.id, "ruleset", ruleset.title, ruleset.id)
    for ruleset in program.rulesets:
        for used in ruleset.uses:
            graph.add_edge(ruleset.id, used, kind="imports")


def _ids(used: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from ((kind, getattr(used, kind)) for kind in _KINDS)


def _declared(graph: Graph, program: core.Program, kind: str, id_: str) -> None:
    """A declaration with what it needs itself; once."""
    if graph.has_node(id_):
        return
    item = getattr(program, kind)[id_]
    _node(graph, id_, kind, item.name, _KINDS[kind].en, note=_size(item))
    needed: list[tuple[str, str]] = []
    match item:
        case core.Table():
            needed = [
                ("tables" if each in program.tables else "lists", each) for each in item.within
            ]
        case core.DecisionDef():
            needed = [(k, each) for k, ids in _ids(used_by_decision(item)) for each in ids]
        case core.ParamDef():
            needed = [(k, each) for k, ids in _ids(used_by_param(item)) for each in ids]
        case _:
            pass
    for other_kind, other in needed:
        _declared(graph, program, other_kind, other)
        graph.add_edge(id_, other, kind="within" if isinstance(item, core.Table) else "uses")


def _size(item: Any) -> Words:
    match item:
        case core.Table() | core.DecisionDef():
            count = len(item.rows)
            return Words(f"{count} 行", f"{count} rows")
        case core.ListDef():
            count = len(item.items)
            return Words(f"{count} 项", f"{count} members")
        case _:
            return Words("", "")


def _name(id_: str) -> str:
    return id_.rpartition("/")[2]


def _node(
    graph: Graph, id_: str, kind: str, label: Words, detail: str = "", note: Words | None = None
) -> None:
    graph.add_node(id_, kind=kind, label=label, detail=detail, note=note or Words("", ""))


# ---------------------------------------------------------------- how one rule decides


def decision_tree(program: core.Program, rule: core.Rule) -> Graph:
    """How a rule comes to its finding: what it asks, its exceptions, what follows.

    Parts are said in the words of the rule text itself; what lower layers add hangs beside them.
    """
    tree = Graph()
    _decides(tree, program, rule, rule.id)
    return tree


def decision_trees(program: core.Program, rules: Sequence[core.Rule]) -> Graph:
    """The trees of several rules, or versions of one, side by side."""
    tree = Graph()
    for rule in rules:
        several = sum(other.id == rule.id for other in rules) > 1
        id_ = f"{rule.id}@{rule.in_force.start or ''}/{rule.known or ''}" if several else rule.id
        _decides(tree, program, rule, id_)
    return tree


def _decides(tree: Graph, program: core.Program, rule: core.Rule, root: str) -> None:
    certainty = CERTAINTIES[rule.certainty]
    title = Words(f"{rule.title.zh}（{certainty.zh}）", f"{rule.title.en} ({certainty.en})")
    _node(tree, root, "rule", title, _name(rule.id), note=_since(rule) if root != rule.id else None)
    if rule.when != core.TRUE_LIT:
        _branch(tree, program, root, "when", Words("当", "when"), rule.when)
    _branch(tree, program, root, "require", Words("要求", "require"), rule.require)
    _exceptions(tree, program, root, rule.exceptions)
    for number, outcome in enumerate(rule.outcomes, start=1):
        words = _OUTCOMES[outcome.op]
        text = "" if outcome.amount is None else _text(program, outcome.amount)
        if outcome.condition is not None:
            text += f" | {_text(program, outcome.condition)}"
        id_ = f"{root}#then{number}"
        label = Words(f"则 {words.zh} {text}".strip(), f"then {words.en} {text}".strip())
        _node(tree, id_, "outcome", label)
        tree.add_edge(root, id_, kind="then")
    for each in program.amendments:
        if each.rule == rule.id:
            id_ = f"{root}+{each.id}"
            label = Words(f"补充（{each.ruleset}）", f"amendment ({each.ruleset})")
            _node(tree, id_, "amendment", label, note=_since(each))
            tree.add_edge(root, id_, kind="amends")
            if each.require is not None:
                _branch(tree, program, id_, "require", Words("要求", "require"), each.require)
            _exceptions(tree, program, id_, each.exceptions)


def _since(item: core.Rule | core.Amendment) -> Words:
    start, end = item.in_force.start, item.in_force.end
    zh = f"{start or ''} 起" + (f"，{end} 前" if end else "")
    en = (f"from {start}" if start else "") + (f" until before {end}" if end else "")
    return Words(zh if start or end else "", en.strip())


def _exceptions(
    tree: Graph, program: core.Program, root: str, exceptions: Sequence[core.ExceptionClause]
) -> None:
    for number, exception in enumerate(exceptions, start=1):
        cited = exception.citation
        label = Words("除非", "unless")
        if cited is not None:
            place = f"{cited.document.title.zh} {cited.place}".strip()
            english = f"{cited.document.title.en} {cited.place}".strip()
            label = Words(f"除非（{place}）", f"unless ({english})")
        _branch(tree, program, root, f"unless{number}", label, exception.condition)


def _branch(
    tree: Graph, program: core.Program, parent: str, key: str, label: Words, expr: core.Expr
) -> None:
    """One clause with its condition below it."""
    id_ = f"{parent}#{key}"
    kind = "exception" if key.startswith("unless") else "clause"
    _node(tree, id_, kind, label)
    tree.add_edge(parent, id_, kind=kind)
    _condition(tree, program, id_, expr)


def _condition(tree: Graph, program: core.Program, parent: str, expr: core.Expr) -> None:
    id_ = f"{parent}.{tree.out_degree(parent) + 1}"
    match expr:
        case core.Logic():
            needed = expr.needed
            label = _LISTED.get(expr.op, Words(f"至少 {needed}", f"at least {needed}"))
            _node(tree, id_, "logic", label)
            tree.add_edge(parent, id_, kind="part")
            for item in expr.items:
                _condition(tree, program, id_, item)
        case core.Not(operand=core.Logic() | core.Not()):
            _node(tree, id_, "logic", Words("非", "not"))
            tree.add_edge(parent, id_, kind="part")
            _condition(tree, program, id_, expr.operand)
        case core.If():
            _node(tree, id_, "logic", Words("如果", "if"))
            tree.add_edge(parent, id_, kind="part")
            for part in (expr.test, expr.then, expr.otherwise):
                _condition(tree, program, id_, part)
        case _:
            text = _text(program, expr)
            if isinstance(expr, core.Not) and not text.startswith(("非", "not")):
                text = f"非 {text}"
            _node(tree, id_, "condition", Words(text, text))
            tree.add_edge(parent, id_, kind="part")


def _text(program: core.Program, expr: core.Expr) -> str:
    """An expression as it is written."""
    source = program.sources.get(expr.span.path)
    if source is None or expr.span.end <= expr.span.start:
        return type(expr).__name__
    return " ".join(source[expr.span.start : expr.span.end].split())

"""Opinions on one rule: its texts, its exceptions, what it stands on, how deep it goes."""

from __future__ import annotations

from collections.abc import Iterator

from rulelang import ast, core
from rulelang.check.guards import conjuncts
from rulelang.diagnostics import Diagnostic, Related, Words
from rulelang.driver import Compiled
from rulelang.lint.logic import stands_on
from rulelang.source import Span
from rulelang.walk import walk

DEEPEST = 4  # lists and conditions of collections, one within the other
_HERE = Words("在此处", "here")


def on_rules(compiled: Compiled, program: core.Program) -> Iterator[Diagnostic]:
    """RL0904, RL0905, RL0911 to RL0914, RL0916 and RL0918."""
    by_id = {rule.id: rule for rule in program.rules}
    titles: dict[str, Span] = {}
    for unit in compiled.units:
        for symbol in dict.fromkeys(unit.names.values()):
            node = symbol.node
            if isinstance(node, ast.Rule):
                yield from _texts(node, titles)
                yield from _nesting(node)
                if symbol.id in by_id:
                    yield from _of_core(node, by_id[symbol.id], program)


def _texts(node: ast.Rule, titles: dict[str, Span]) -> Iterator[Diagnostic]:
    title = node.title.zh
    first = titles.setdefault(title.value, title.span)
    if first is not title.span:
        yield Diagnostic(
            "RL0911",
            title.span,
            Words(f"标题 “{title.value}” 与另一条规则相同", "another rule has the same title"),
            Words("写出两条规则的不同", "say in the titles how the two differ"),
            (Related(first, Words("另一条规则", "the other rule")),),
        )
    for clause in node.clauses:
        text = clause.text if isinstance(clause, ast.Message | ast.Remedy) else None
        if text is not None and text.en is None:
            yield _one_language(text.span)
        if isinstance(clause, ast.Unless) and clause.cite is None:
            yield Diagnostic(
                "RL0904",
                clause.span,
                Words("`除非` 没有依据", "`unless` cites nothing"),
                Words("在后面写 `依据 文件名 “条款”`", 'write `citing name "clause"` behind it'),
            )
    if node.title.en is None:
        yield _one_language(node.title.span)


def _one_language(span: Span) -> Diagnostic:
    return Diagnostic(
        "RL0918",
        span,
        Words("只有一种语言的文字", "a text in one language only"),
        Words("中文之后写英文", "the English text stands behind the Chinese one"),
    )


def _nesting(node: ast.Rule) -> Iterator[Diagnostic]:
    for clause in node.clauses:
        deep = _too_deep(clause, 0)
        if deep is not None:
            yield Diagnostic(
                "RL0916",
                deep.span,
                Words(
                    f"括号套了 {DEEPEST + 1} 层以上", f"brackets more than {DEEPEST} levels deep"
                ),
                Words(
                    "用 `记` 或 `定义` 给里面的条件起名",
                    "give the inner conditions names, by `let` or `define`",
                ),
            )


def _too_deep(node: ast.Node, depth: int) -> ast.Node | None:
    from rulelang.translate import children  # noqa: PLC0415 - one walk for both

    if isinstance(node, ast.Filtered) or (isinstance(node, ast.Logic) and node.listed):
        depth += 1
        if depth > DEEPEST:
            return node
    for child in children(node):
        found = _too_deep(child, depth)
        if found is not None:
            return found
    return None


def _of_core(node: ast.Rule, rule: core.Rule, program: core.Program) -> Iterator[Diagnostic]:
    yield from _message(node, rule)
    parts = [*(let.value for let in rule.lets), rule.when, rule.require]
    for expr in (*parts, *(item.condition for item in rule.exceptions)):
        for each in walk(expr):
            if isinstance(each, core.OrElse) and _always_there(each.operand):
                yield Diagnostic(
                    "RL0914",
                    each.span,
                    Words("`缺则` 前面总有值", "there is always a value before `if_none`"),
                    Words("删去 `缺则` 和后面的值", "take `if_none` and what follows it away"),
                )
    if rule.certainty == "definite":
        asked = [part for part in (*conjuncts(rule.when), rule.require) if part.span.path]
        yield from _definite(node, rule, asked, program)


def _message(node: ast.Rule, rule: core.Rule) -> Iterator[Diagnostic]:
    pieces = [piece for message in rule.messages for piece in message.zh.pieces]
    texts = [clause for clause in node.clauses if isinstance(clause, ast.Message)]
    if texts and all(isinstance(piece, str) for piece in pieces):
        yield Diagnostic(
            "RL0905",
            texts[0].span,
            Words("说明里没有一项事实", "the message names no fact"),
            Words("写出查到了什么，如 `{明细.名称}`", "say what was found, as `{line.name}`"),
        )


def _always_there(expr: core.Expr) -> bool:
    match expr:
        case core.Lit() | core.ParamRef():
            return True
        case core.Aggregate():
            return expr.op in {"count", "days", "distinct", "sum"}
        case core.Arith():
            whole = expr.op != "/" and _always_there(expr.left)
            return whole and _always_there(expr.right)
        case _:
            return False


def _definite(
    node: ast.Rule, rule: core.Rule, asked: list[core.Expr], program: core.Program
) -> Iterator[Diagnostic]:
    evidence, table = stands_on(asked, rule, program)
    if evidence is not None:
        yield Diagnostic(
            "RL0912",
            node.name.span,
            Words(
                "结果类型是违规，却取决于证据",
                "the certainty is definite, yet it hangs on evidence",
            ),
            Words(
                "单据里看不到的，结果类型写 `可疑`",
                "where the bill does not show it, the certainty is `suspect`",
            ),
            (Related(evidence.span, _HERE),),
        )
    if table is not None:
        yield Diagnostic(
            "RL0913",
            node.name.span,
            Words(
                "结果类型是违规，却用了示例的表或名单",
                "the certainty is definite, yet it stands on illustrative rows",
            ),
            Words(
                "换成正式的表，或结果类型写 `可疑`",
                "take an official table, or the certainty `suspect`",
            ),
            (Related(table.span, _HERE),),
        )

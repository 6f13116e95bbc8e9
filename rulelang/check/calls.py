"""Calls: built-in functions, definitions put in place of their names, decision tables."""

from __future__ import annotations

from rulelang import ast, core, types
from rulelang.check.scope import Checker, Scope, is_broken
from rulelang.meant import nearest
from rulelang.operations import FUNCTIONS, function_named
from rulelang.resolve import Symbol
from rulelang.source import Span

ENTITY_LOCALS = ("patient", "encounter", "institution", "prescription")


def check_call(c: Checker, node: ast.Call, scope: Scope) -> core.Expr:
    """A built-in function, a definition with arguments, or a decision table."""
    if not isinstance(node.base, ast.Ref):
        return c.fail("RL0213", node.span, ("此处不能带参数", "arguments cannot stand here"))
    name = node.base.name
    function = function_named(name)
    if function is not None and c.unit.find(name) is None:
        return _function(c, node, function.en, scope)
    symbol = c.unit.find(name)
    if symbol is None or not isinstance(symbol.node, ast.Define | ast.Decision):
        known = [*FUNCTIONS, *(f.zh for f in FUNCTIONS.values()), *c.unit.visible()]
        return c.fail(
            "RL0201",
            node.base.span,
            (f"没有名为 `{name}` 的函数、定义或判定表", f"there is no function, definition or decision `{name}`"),
            nearest(name, known),
        )  # fmt: skip
    parameters = symbol.node.parameters
    if len(parameters) != len(node.arguments):
        return c.fail(
            "RL0308",
            node.span,
            (f"`{name}` 要 {len(parameters)} 个参数，写了 {len(node.arguments)} 个",
             f"`{name}` takes {len(parameters)} arguments, found {len(node.arguments)}"),
        )  # fmt: skip
    if isinstance(symbol.node, ast.Define):
        given = tuple(c.expr(c, argument, scope, None) for argument in node.arguments)
        return inline(c, symbol, symbol.node, given, node.span, scope)
    decision = c.declared.decisions.get(symbol.id)
    if decision is None:
        return core.Lit(type=types.ERROR, span=node.span, value=None)
    given = tuple(
        c.expr(c, argument, scope, parameter.type)
        for argument, parameter in zip(node.arguments, decision.parameters, strict=True)
    )
    return core.Decide(type=decision.type, span=node.span, decision=symbol.id, arguments=given)


def _function(c: Checker, node: ast.Call, name: str, scope: Scope) -> core.Expr:
    function = FUNCTIONS[name]
    if len(node.arguments) != len(function.takes):
        return c.fail(
            "RL0308",
            node.span,
            (f"`{function.zh}` 要 {len(function.takes)} 个参数，写了 {len(node.arguments)} 个",
             f"`{function.en}` takes {len(function.takes)} arguments, found {len(node.arguments)}"),
        )  # fmt: skip
    expected = [types.WINDOW if "window" in kinds else None for kinds in function.takes]
    given = tuple(
        c.expr(c, argument, scope, want)
        for argument, want in zip(node.arguments, expected, strict=True)
    )
    for value, kinds, argument in zip(given, function.takes, node.arguments, strict=True):
        if value.type.kind not in kinds and not is_broken(value):
            found = c.say(value.type)
            return c.fail(
                "RL0301",
                argument.span,
                (f"`{function.zh}` 不接受{found.zh}", f"`{function.en}` does not take {found.en}"),
                function.phrase,
            )
    gives = given[0].type if name == "round" else function.gives
    return core.Call(type=gives, span=node.span, function=name, arguments=given)


def inline(
    c: Checker,
    symbol: Symbol,
    define: ast.Define,
    arguments: tuple[core.Expr, ...],
    span: Span,
    scope: Scope,
) -> core.Expr:
    """A definition in place of its name, its parameters standing for the arguments."""
    if symbol.id in c.inlining:
        return c.fail(
            "RL0211",
            span,
            (
                f"`{symbol.id}` 的定义绕回了自己",
                f"the definition of `{symbol.id}` leads back to itself",
            ),
        )
    inner = Scope(proved=scope.proved, anchor=scope.anchor, guarded=scope.guarded)
    for name in ENTITY_LOCALS:
        for spelling, found in scope.locals.items():
            if isinstance(found[0], core.Local) and found[0].name == name:
                inner = inner.bind((spelling,), found[0])
    for parameter, argument in zip(define.parameters, arguments, strict=True):
        inner = inner.bind((parameter.name.zh, parameter.name.en), argument)
        if argument.type.kind == "entity":
            inner = Scope(inner.locals, (), inner.proved, argument, guarded=inner.guarded)
    before = c.inlining, c.spelling
    c.inlining = (*c.inlining, symbol.id)
    c.spelling = symbol.spelling
    try:
        return c.expr(c, define.body, inner, None)
    finally:
        c.inlining, c.spelling = before

"""Calls: built-in functions, definitions put in place of their names, decision tables."""

from __future__ import annotations

from dataclasses import replace

from rulelang import ast, core, types
from rulelang.calendar import Window
from rulelang.check.lookups import checked_arguments, wrong_count
from rulelang.check.periods import check_rows, check_shift
from rulelang.check.scope import Checker, Scope, broken, is_broken
from rulelang.check.unknown import elsewhere, unknown_window
from rulelang.limits import LIMITS, beyond
from rulelang.meant import nearest
from rulelang.operations import FUNCTIONS, SHIFTS, function_named
from rulelang.resolve import Symbol, shown
from rulelang.source import Span
from rulelang.typenames import WINDOW_WORDS, type_named
from rulelang.types import Type
from rulelang.units import BY_NAME

MOST_EXPANSIONS = LIMITS["expansions"].most
ENTITY_LOCALS = (
    "patient", "encounter", "institution", "prescription", "department", "doctor", "community",
    "period",
)  # fmt: skip


def check_call(c: Checker, node: ast.Call, scope: Scope) -> core.Expr:
    """A built-in function, a definition with arguments, or a decision table."""
    if not isinstance(node.base, ast.Ref):
        written = c.text(node.base.span)
        keys = ", ".join(c.text(argument.span) for argument in node.arguments)
        return c.fail(
            "RL0213",
            node.span,
            (f"`{written}` 不带圆括号", f"`{written}` takes no round brackets"),
            (f"证据的参数用方括号：`{written}[{keys}]`",
             f"arguments of evidence stand in square brackets: `{written}[{keys}]`"),
        )  # fmt: skip
    name = node.base.name
    function = function_named(name)
    if function is not None and c.unit.find(name) is None:
        c.note(node.base.span, function.zh, function.en)
        return _function(c, node, function.en, scope)
    symbol = c.unit.find(name)
    if symbol is None or not isinstance(symbol.node, ast.Define | ast.Decision):
        return _not_called(c, node, node.base)
    c.note_symbol(node.base.span, symbol)
    decision = c.declared.decisions.get(symbol.id)
    parameters = decision.parameters if decision else columns(c, symbol.node.parameters)
    called = shown(symbol.node.name)
    if len(parameters) != len(node.arguments):
        return wrong_count(c, node.span, called, parameters, len(node.arguments))
    given = checked_arguments(c, called, parameters, node.arguments, scope)
    if given is None:
        return broken(node.span)
    if isinstance(symbol.node, ast.Define):
        return inline(c, symbol, symbol.node, given, node.span, scope)
    if decision is None:
        return broken(node.span)
    return core.Decide(type=decision.type, span=node.span, decision=symbol.id, arguments=given)


def columns(c: Checker, nodes: tuple[ast.Column, ...]) -> tuple[core.TableColumn, ...]:
    """Parameters with their types; one whose type is wrong (and was complained of) takes anything."""
    found: list[core.TableColumn] = []
    for node in nodes:
        type_ = None
        if isinstance(node.type, ast.NamedType):
            type_ = type_named(node.type.name, c.vocabulary)
            symbol = c.unit.find(node.type.name)
            if type_ is None and symbol is not None and symbol.id in c.declared.evidence:
                type_ = c.declared.evidence[symbol.id].type
            if type_ is not None and node.type.unit is not None:
                type_ = Type("measure", node.type.unit)
        found.append(core.TableColumn(shown(node.name), type_ or types.ERROR))
    return tuple(found)


def _not_called(c: Checker, node: ast.Call, base: ast.Ref) -> core.Lit:
    """The complaint about a name that takes no arguments, or is none."""
    name = base.name
    symbol = c.unit.find(name)
    if c.is_unread(name):
        return broken(node.span)
    if symbol is None:
        known = [*FUNCTIONS, *(f.zh for f in FUNCTIONS.values()), *c.unit.visible()]
        mend_words = nearest(name, known) or elsewhere(c, name)
        if mend_words is None and c.unit.is_lacking:
            return broken(node.span)
        return c.fail(
            "RL0201",
            base.span,
            (f"没有名为 `{name}` 的函数、定义或判定表", f"there is no function, definition or decision `{name}`"),
            mend_words,
        )  # fmt: skip
    mend = None
    if isinstance(symbol.node, ast.Table):
        keys = ", ".join(c.text(argument.span) for argument in node.arguments)
        mend = (
            f"知识表用方括号：`{name}[{keys}]`",
            f"tables take square brackets: `{name}[{keys}]`",
        )
    return c.fail(
        "RL0213",
        node.span,
        (f"`{name}` 不带参数", f"`{name}` takes no arguments"),
        mend,
    )


def _function(c: Checker, node: ast.Call, name: str, scope: Scope) -> core.Expr:
    function = FUNCTIONS[name]
    if len(node.arguments) != len(function.takes):
        return c.fail(
            "RL0308",
            node.span,
            (f"`{function.zh}` 要 {len(function.takes)} 个参数，写了 {len(node.arguments)} 个",
             f"`{function.en}` takes {len(function.takes)} arguments, found {len(node.arguments)}"),
            function.phrase,
        )  # fmt: skip
    if name in SHIFTS:
        return check_shift(c, node, function, scope)
    if name == "rows":
        return check_rows(c, node, function, scope)
    given = tuple(
        _window(c, argument, scope) if "window" in kinds else c.expr(c, argument, scope, None)
        for argument, kinds in zip(node.arguments, function.takes, strict=True)
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


def _window(c: Checker, node: ast.Expr, scope: Scope) -> core.Expr:
    """A window as an argument: a word, a length, or a cell that holds one."""
    if isinstance(node, ast.Quantity):
        unit = BY_NAME[node.unit]
        amount = node.value * unit.factor
        if unit.kind in {"days", "months", "seconds"} and amount == int(amount):
            window = Window("length", int(amount), unit.kind)
            return core.Lit(type=types.WINDOW, span=node.span, value=window)
    if isinstance(node, ast.Ref) and node.name not in scope.locals and not c.unit.find(node.name):
        word = WINDOW_WORDS.get(node.name)
        if word is None:
            return unknown_window(c, node.span, node.name)
        c.note(node.span, next(zh for zh, en in WINDOW_WORDS.items() if en == word), word)
        return core.Lit(type=types.WINDOW, span=node.span, value=Window(word))
    return c.expr(c, node, scope, types.WINDOW)


def _is_too_much(c: Checker, span: Span) -> bool:
    """Whether one name has come to stand for more definitions than are taken; told of once."""
    if not c.inlining:
        c.expanded, c.expanded_for = 0, span
    c.expanded += 1
    if c.expanded == MOST_EXPANSIONS + 1:
        c.problems.found.append(beyond("expansions", c.expanded_for))
    return c.expanded > MOST_EXPANSIONS


def inline(
    c: Checker,
    symbol: Symbol,
    define: ast.Define,
    arguments: tuple[core.Expr, ...],
    span: Span,
    scope: Scope,
) -> core.Expr:
    """A definition in place of its name, its parameters standing for the arguments."""
    if symbol.id in c.declared.faulty:
        return broken(span)
    if symbol.id in c.inlining:
        own = shown(define.name)
        return c.fail(
            "RL0211",
            span,
            (f"`{own.zh}` 的定义绕回了自己", f"the definition of `{own.en}` leads back to itself"),
        )
    if _is_too_much(c, span):
        return broken(span)
    inner = Scope(proved=scope.proved, anchor=scope.anchor, guarded=scope.guarded)
    for name in ENTITY_LOCALS:
        for spelling, found in scope.locals.items():
            if isinstance(found[0], core.Local) and found[0].name == name:
                inner = inner.bind((spelling,), found[0])
    inner = replace(inner, spelt=scope.spelt)
    for parameter, argument in zip(define.parameters, arguments, strict=True):
        inner = inner.bind((parameter.name.zh, parameter.name.en), argument)
        if argument.type.kind == "entity":
            inner = replace(inner, elements=(), anchor=argument)
    before = c.inlining, c.spelling
    c.inlining = (*c.inlining, symbol.id)
    c.spelling = symbol.spelling
    try:
        return c.expr(c, define.body, inner, None)
    finally:
        c.inlining, c.spelling = before

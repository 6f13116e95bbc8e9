"""Opinions on national codes: one that is not published, or that belongs to another rule."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from itertools import chain

from rulelang import ast, core
from rulelang.diagnostics import Diagnostic, Words
from rulelang.driver import Compiled
from rulelang.national import NationalRule, by_code, by_name


def on_codes(compiled: Compiled, program: core.Program) -> Iterator[Diagnostic]:
    """RL0919 and RL0920."""
    by_id = {rule.id: rule for rule in program.rules}
    for unit in compiled.units:
        for symbol in dict.fromkeys(unit.names.values()):
            node, rule = symbol.node, by_id.get(symbol.id)
            if isinstance(node, ast.Rule) and rule is not None:
                for clause in node.heads:
                    if isinstance(clause, ast.NationalCode):
                        yield from _of_code(clause, rule)


def _of_code(clause: ast.NationalCode, rule: core.Rule) -> Iterator[Diagnostic]:
    code = clause.code
    found = by_code().get(code)
    named = _named(rule)
    if found is None:
        help_ = _right(named) or _nearest(code)
        yield Diagnostic(
            "RL0919",
            clause.span,
            Words(
                f"国家规则中没有编码 `{code}`",
                f"no rule of the national library has the code `{code}`",
            ),
            help_,
        )
    elif named and found not in named:
        yield Diagnostic(
            "RL0920",
            clause.span,
            Words(
                f"编码 `{code}` 是“{found.name}”，这条规则说的是“{named[0].name}”",
                f"the code `{code}` is that of “{found.name}”; this rule says “{named[0].name}”",
            ),
            _right(named),
        )


def _named(rule: core.Rule) -> tuple[NationalRule, ...]:
    """The national rules that a rule names: by its title, else by the places that it cites."""
    known = by_name()
    title = known.get(rule.title.zh)
    if title is not None:
        return (title,)
    places = chain.from_iterable(item.place.split("；") for item in rule.citations)
    return tuple(known[place] for place in places if place in known)


def _right(named: tuple[NationalRule, ...]) -> Words | None:
    """The code of what a rule names."""
    if not named:
        return None
    first = named[0]
    if not first.code:
        return Words(
            f"“{first.name}”没有公布编码，删去 `国家编码`",
            f"no code is published for “{first.name}”: take `national_code` away",
        )
    return Words(
        f"“{first.name}”的编码是 `{first.code}`", f"the code of “{first.name}” is `{first.code}`"
    )


def _nearest(code: str) -> Words | None:
    near = difflib.get_close_matches(code, list(by_code()), n=1)
    if not near:
        return None
    name = by_code()[near[0]].name
    return Words(f"相近的是 `{near[0]}`（{name}）", f"the nearest is `{near[0]}` ({name})")

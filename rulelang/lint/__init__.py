"""Opinions on rule texts that compile: what is allowed and yet seldom meant.

Each has a code of the series RL09 and a page, as mistakes have. They stand apart from the passes:
they look at the trees and at the core when both are there, and change neither. Opinions that need
cases are `apps.authoring.linting`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from rulelang.diagnostics import Diagnostic
from rulelang.driver import Compiled
from rulelang.lint.conditions import on_conditions, on_shadows
from rulelang.lint.names import on_names
from rulelang.lint.national import on_codes
from rulelang.lint.rules import on_rules
from rulelang.lint.sets import on_sets
from rulelang.lint.silence import allowed
from rulelang.lint.tables import on_gaps, on_malformed

__all__ = ["lint", "opinions"]


def opinions(compiled: Compiled) -> Iterator[Diagnostic]:
    """All that there is to say, allowed or not; nothing where the texts do not compile."""
    if compiled.program is None:
        return
    yield from on_names(compiled)
    yield from on_rules(compiled, compiled.program)
    for rule in compiled.program.rules:
        yield from on_conditions(rule)
    yield from on_shadows(compiled.program)
    yield from on_sets(compiled)
    yield from on_gaps(compiled, compiled.program)
    yield from on_malformed(compiled, compiled.program)
    yield from on_codes(compiled, compiled.program)


def lint(
    compiled: Compiled, paths: Collection[str], more: Collection[Diagnostic] = ()
) -> tuple[Diagnostic, ...]:
    """What is said of the files at `paths`, in the order of places; what they allow is left out.

    Args:
        compiled: the texts, those that they use included.
        paths: the files that are asked about, table files as well.
        more: opinions from elsewhere, to be allowed in the same way.
    """
    found = [each for each in (*opinions(compiled), *more) if each.span.path in paths]
    warnings = [each for each in compiled.diagnostics if each.span.path in paths]
    kept = allowed(compiled, [*warnings, *found], paths)
    return tuple(sorted(dict.fromkeys(kept), key=_place))


def _place(found: Diagnostic) -> tuple[str, int, int, str]:
    return found.span.path, found.span.start, found.span.end, found.code

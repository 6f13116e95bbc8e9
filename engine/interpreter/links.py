"""What an entity belongs to: a line's encounter, an encounter's person."""

from __future__ import annotations

from engine.derivation import Step
from engine.facts import Entity
from engine.interpreter.results import Context, Pointed, Result
from rulelang import core

# The links of entities, by the names that rules have for them.
_LINKS = {"person": "patient", "visit": "encounter"}


def evaluate_link(expr: core.Get, base: Pointed, step: Step, context: Context) -> Result:
    """The one entity that another belongs to; of several candidates each one's."""
    name, periods = _LINKS[expr.field], context.periods
    found: list[Entity] = []
    for candidate in base.candidates:
        linked = candidate.links.get(name) if isinstance(candidate, Entity) else None
        if linked is not None:
            found.append(linked if periods is None or name != "patient" else periods.person(linked))
    others = base.others or len(found) < len(base.candidates)
    pointed_to = Pointed(tuple(dict.fromkeys(found)), others, base.absent)
    return pointed_to, Step(expr, "all", None, (step,) if step.parts else ())

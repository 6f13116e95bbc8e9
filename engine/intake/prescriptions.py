"""The prescriptions of an encounter: its drug and herb lines by prescription number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.facts import Entity
from engine.intake.readers import read_text, read_yes_no
from rulelang import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.intake.fields import Source


def prescriptions(
    lines: Sequence[tuple[Entity, Source]], start: int
) -> tuple[tuple[Entity, tuple[Entity, ...]], ...]:
    """Each prescription with its members; the lines are linked to it.

    Lines of items and consumables carry a billing number there, so they are no members.

    Args:
        lines: The lines of one encounter, each with what it was read from.
        start: Number of prescriptions before this encounter's.
    """
    found: dict[str, tuple[Entity, list[Entity]]] = {}
    for line, source in lines:
        number = source.node.text("rxno")
        if not number or _is_no_medicine(line):
            continue
        if number not in found:
            entity = Entity("prescription", number, line.pointer, start + len(found))
            entity.facts["rx_no"] = source.fact("rxno", read_text)
            entity.facts["external"] = source.fact("rx_circ_flag", read_yes_no)
            found[number] = entity, []
        entity, members = found[number]
        members.append(line)
        line.links["prescription"] = entity
    return tuple((entity, tuple(members)) for entity, members in found.values())


def _is_no_medicine(line: Entity) -> bool:
    kinds = line.value("list_type").choices
    if kinds is None:
        return any(not line.value(name).is_nothing for name in ("item", "consumable"))
    enum = vocabulary.load().enums["list_type"]
    return not any(enum.is_under(str(kind), top) for kind in kinds for top in ("drugs", "herbs"))

"""When and at which stage a request asks: scene, stage, time of asking (S1.3, S14.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.codes import half_width
from engine.intake.coverage import SCENES_BEFORE, SCENES_DURING
from engine.intake.dates import first_instant, read_instant

if TYPE_CHECKING:
    from datetime import datetime

    from engine.facts import Entity
    from engine.intake.fields import Source

SCENES = SCENES_BEFORE | SCENES_DURING
_APART = re.compile(r"[,，、;；\s|]+")
_STAGE_OF_INFNO = {
    "3101": "before",
    "3660": "before",
    "3102": "during",
    "3661": "during",
    "2204": "before",
    "2301": "before",
}
_DATED = ("admitted", "discharged", "time", "date")


@dataclass(frozen=True, slots=True)
class Asking:
    """How a request asks; `was_said`: whether the caller or a scene gave the stage."""

    stage: str
    scene: str | None
    was_said: bool


def read_asking(source: Source, stage: str | None) -> Asking:
    """The stage of a request, from the caller, else its scene, else infno.

    Args:
        source: The request's outer fields.
        stage: What the caller says: before, during, after, or None.
    """
    scene = _scene(source)
    by_scene = None if scene is None else "before" if scene in SCENES_BEFORE else "during"
    infno = source.node.text("infno")
    by_infno = _STAGE_OF_INFNO.get(infno)
    if by_scene is not None and by_infno is not None and by_scene != by_infno:
        source.note(
            "infno",
            "与 trig_scen 不符，以 trig_scen 为准",
            "contradicts trig_scen; trig_scen counts",
        )
    elif infno and by_infno is None:
        source.note("infno", "不是 3101、3102、2204、2301", "none of 3101, 3102, 2204, 2301")
    return Asking(
        stage or by_scene or by_infno or "during", scene, was_said=bool(stage or by_scene)
    )


def _scene(source: Source) -> str | None:
    """The latest usable scene of a list such as "1,2"."""
    sent = source.node.get("trig_scen")
    if sent is None or sent.is_blank or isinstance(sent.raw, dict):
        return None
    raw = sent.raw if isinstance(sent.raw, list) else [sent.raw]
    texts = [
        text for member in raw for text in _APART.split(half_width(str(member)).strip()) if text
    ]
    usable = [text.lstrip("0") for text in texts if text.lstrip("0") in SCENES]
    if len(usable) < len(texts):
        source.note("trig_scen", "不在 1 至 10 之内", "not within 1 to 10")
    if not usable:
        return None
    if len(texts) > 1:
        source.note("trig_scen", "多个场景，取最后的一个", "several scenes; the latest counts")
    return max(usable, key=int)


def asked_at(source: Source, as_of: datetime | None, dated: list[Entity]) -> datetime | None:
    """The time of asking: inf_time, else the caller's, else the latest date of the bill (S14.2).

    A date without an hour counts from its first hour on.
    """
    sent = source.fact("inf_time", read_instant).value.range
    if sent is not None:
        return first_instant(sent)
    if as_of is not None:
        return as_of
    ranges = (entity.value(name).range for entity in dated for name in _DATED)
    return max((first_instant(known) for known in ranges if known is not None), default=None)

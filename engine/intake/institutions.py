"""The institution of an encounter: what was sent, and what the profile's register says (S)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from engine.codes import half_width
from engine.derived import places_between
from engine.facts import UNKNOWN_VALUE, Entity, Fact, Value
from engine.intake.conflicts import together
from engine.intake.fields import Read, Source, code_in, known_code
from engine.intake.readers import Reading, as_text, read_text, read_word, read_yes_no
from rulelang import vocabulary
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from engine.intake.nodes import Node

# What the register of a profile may say of an institution.
_REGISTER: tuple[tuple[str, Read], ...] = (
    ("level", partial(read_word, "institution_level")),
    ("kind", partial(read_word, "institution_kind")),
    ("public", read_yes_no),
    ("price_class", partial(read_word, "price_class")),
    ("community", read_text),
    ("division", code_in("division")),
)


def institution_entity(source: Source, envelope: Node | None, order: int) -> Entity:
    """The institution of an encounter; `envelope` is the sender's own where it is the current."""
    identity = _identity(source, envelope)
    sent = source.node.text("medins_id")
    key = known_code(identity) or sent or f"#{order + 1}"
    entity = Entity("institution", key, source.node.pointer, order)
    register = _register(source, _keys(identity) or (key, sent))
    entity.facts["id"] = identity
    entity.facts["division"] = _division(source, envelope)
    entity.facts["kind"] = source.fact("medins_type", partial(read_word, "institution_kind"))
    # A level of one digit is settled by the register without a word.
    if "level" not in register or not _has_two_readings(source.node.text("medins_lv")):
        entity.facts["level"] = source.fact("medins_lv", read_level, once=True)
    for name, registered in register.items():
        _settle(source, entity, name, registered)
    return entity


def _identity(source: Source, envelope: Node | None) -> Fact:
    fact = source.fact("medins_id", code_in("institution"), once=True)
    if envelope is None:
        return fact
    own = source.at(envelope).fact("fixmedins_code", code_in("institution"), once=True)
    if known_code(own) is None:
        return fact
    if known_code(fact) is not None:
        found, is_conflict = together([fact, own])
        if is_conflict:
            source.note(
                "medins_id",
                "与报文头的 fixmedins_code 不同，两处都可能",
                "differs from fixmedins_code of the envelope; either may be true",
            )
        return found
    if not fact.value.is_nothing:
        source.note(
            "medins_id",
            "不是国家机构代码，按报文头的 fixmedins_code",
            "no national code; fixmedins_code of the envelope is taken",
        )
    return own


def _keys(identity: Fact) -> tuple[str, ...]:
    """Every institution that it may be, where two places differ."""
    choices = sorted(str(code) for code in identity.value.choices or ())
    return tuple(choices) if len(choices) > 1 else ()


def _division(source: Source, envelope: Node | None) -> Fact:
    """The institution's division, with that of the place of care where the two contradict (S2.3)."""
    own = source.fact("medins_admdvs", code_in("division"))
    if envelope is None:
        return own
    care = source.at(envelope).fact("mdtrtarea_admvs", code_in("division"), once=True)
    here, there = known_code(own), known_code(care)
    if here is None or there is None or _may_be_one_area(here, there):
        return own
    source.note(
        "medins_admdvs",
        "与报文头的就医地不同，两处都可能",
        "differs from the place of care of the envelope; either may be true",
    )
    return together([own, care])[0]


def _may_be_one_area(here: str, there: str) -> bool:
    """Whether an institution of one division may lie in an area of care: local, or of the province."""
    return "local" in places_between(there, here)


def _has_two_readings(text: str) -> bool:
    return len(text) == 1 and half_width(text).isdigit()


def read_level(raw: object) -> Reading:
    """A level: two digits are of the grade dictionary, one digit has two readings."""
    text = as_text(raw) or ""
    if _has_two_readings(text):
        words = Words(
            "一位数的级别有两种读法，须由配置说明",
            "a level of one digit has two readings; the profile has to say which",
        )
        return Reading(trouble=words)
    return read_word("institution_level", raw, exact=True)


def _register(source: Source, keys: tuple[str, ...]) -> dict[str, Fact]:
    """What the profile's register says of the institution."""
    register = source.profile.institutions
    found = list(dict.fromkeys(key for key in keys if key in register))
    if not found or (_differ(source, found) and len(found) > 1):
        return {}
    key = found[0]
    row = register[key]
    facts = {
        name: Fact(read(row[name]).value, f"profile#/institutions/{key}/{name}", row[name])
        for name, read in _REGISTER
        if name in row
    }
    return {name: fact for name, fact in facts.items() if not fact.value.is_nothing}


def _differ(source: Source, keys: list[str]) -> bool:
    """Whether the register says different things of the institutions that it may be."""
    rows = [dict(source.profile.institutions[key]) for key in keys]
    return any(row != rows[0] for row in rows)


def _settle(source: Source, entity: Entity, name: str, registered: Fact) -> None:
    """Two sources of one fact: the finer where they agree, one of both where they differ (S2.3)."""
    sent = entity.facts.get(name, Fact(UNKNOWN_VALUE))
    if sent.value.choices is None or _is_finer(name, registered, sent):
        entity.facts[name] = registered
        return
    if _is_finer(name, sent, registered):
        return
    both = sent.value.choices | (registered.value.choices or frozenset())
    words = Words("发送的与登记的不同", "what was sent differs from the register")
    source.notes.add(sent.pointer, name, sent.raw, words)
    entity.facts[name] = Fact(
        Value(choices=both), sent.pointer, sent.raw, premises=(sent.pointer, registered.pointer)
    )


def _is_finer(name: str, fact: Fact, than: Fact) -> bool:
    """Whether one fact says the same as the other, or says it more exactly."""
    choices, others = fact.value.choices or frozenset(), than.value.choices or frozenset()
    if choices <= others:
        return True
    enum = vocabulary.load().enums.get(f"institution_{name}")
    return enum is not None and all(
        enum.is_under(str(word), str(other)) for word in choices for other in others
    )

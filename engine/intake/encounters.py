"""Facts of an encounter, its diagnoses and operations. Knows no lines."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from engine.codes import is_resolved, is_under, normalise
from engine.facts import Entity, Fact, Value, one
from engine.intake.dates import is_sentinel, read_date, read_instant
from engine.intake.fields import Row, Source, code_in, department, known_code
from engine.intake.readers import (
    AMOUNT_PLACES,
    read_decimal,
    read_text,
    read_word,
    read_yes_no,
)
from rulelang import vocabulary
from rulelang.diagnostics import Words
from rulelang.values import TRUE, less

if TYPE_CHECKING:
    from engine.intake.nodes import Listed

_AMOUNT = partial(read_decimal, places=AMOUNT_PLACES)

_ENCOUNTER = (
    Row("encounter_no", "mdtrt_id", read_text),
    Row("scheme", "insutype", partial(read_word, "scheme")),
    Row("care_type", "med_type", partial(read_word, "care_type")),
    Row("admitted", "adm_date", read_instant),
    Row("pregnancy", "matn_stas", partial(read_word, "pregnancy", means_nothing=frozenset({"0"}))),
    Row("special_disease", "dise_no", code_in("special_disease"), extra=True),
    Row("total", "medfee_sumamt", _AMOUNT),
    Row("own_pay", "ownpay_amt", _AMOUNT),
    Row("self_pay", "selfpay_amt", _AMOUNT),
    Row("patient_share", "psn_part_amt", _AMOUNT, extra=True),
    Row("deductible", "act_pay_dedc", _AMOUNT, extra=True),
    Row("pay_method", "hi_paymtd", partial(read_word, "pay_method"), extra=True),
)
_DIAGNOSIS = (
    Row("code", "dise_codg", code_in("icd10")),
    Row("name", "dise_name", read_text),
    Row("main", "maindise_flag", read_yes_no),
    Row("kind", "inout_dise_type", partial(read_word, "diagnosis_kind")),
    Row("date", "dise_date", read_instant),
    Row("on_admission", "adm_cond_type", partial(read_word, "admission_state"), extra=True),
)
_OPERATION = (
    Row("code", "oprn_code", code_in("icd9")),
    Row("name", "oprn_name", read_text),
    Row("main", "main_oprn_flag", read_yes_no),
    Row("date", "oprn_date", read_date),
    Row("anaesthesia", "anst_way", read_text),
    Row("surgeon", "oper_dr_code", code_in("physician")),
)

# Top words of care_type that each med_mdtrt_type agrees with; 4 (other) agrees with all.
_CARE_OF_VISIT = {
    "1": ("outpatient", "emergency"),
    "2": ("inpatient", "home_bed"),
    "3": ("purchase",),
}


def encounter_entity(source: Source, order: int, stage: str) -> Entity:
    """An encounter with its own facts, without its members."""
    key = source.node.text("mdtrt_id") or f"#{order + 1}"
    entity = Entity("encounter", key, source.node.pointer, order)
    source.fill(entity, _ENCOUNTER)
    entity.facts["dept"] = department(source, "adm_dept_codg", "adm_dept_name")
    entity.facts["discharged"] = _discharge(source)
    if stage != "before":  # amounts of the fund mean nothing before settlement (INTERFACE 2.3)
        entity.facts["fund_paid"] = source.fact("hifp_payamt", _AMOUNT)
    of_maternity = source.fact("matn_fee_flag", read_yes_no)
    if of_maternity.value.choices == frozenset({True}):
        entity.facts["fund"] = Fact(one("maternity"), of_maternity.pointer, of_maternity.raw)
    _compare_care(source, entity)
    _compare_dates(source, entity)
    return entity


def _discharge(source: Source) -> Fact:
    """Discharge as sent; a program's filler date is "not yet", not a mistake."""
    fact = source.fact("dscg_date", read_instant)
    return replace(fact, why=None) if is_sentinel(fact.raw) else fact


def _compare_care(source: Source, entity: Entity) -> None:
    tops = _CARE_OF_VISIT.get(source.node.text("med_mdtrt_type"))
    choices = entity.value("care_type").choices
    if tops is None or choices is None:
        return
    enum = vocabulary.load().enums["care_type"]
    if not any(enum.is_under(str(word), top) for word in choices for top in tops):
        source.note(
            "med_mdtrt_type",
            "与 med_type 矛盾，以 med_type 为准",
            "contradicts med_type; med_type counts",
        )


def _compare_dates(source: Source, entity: Entity) -> None:
    admitted, discharged = entity.value("admitted").range, entity.value("discharged").range
    if admitted is None or discharged is None:
        return
    if less(discharged, admitted, or_equal=False) is TRUE:
        source.note("dscg_date", "出院早于入院", "discharge before admission")


def diagnoses(source: Source, listed: Listed, start: int) -> tuple[Entity, ...]:
    """The diagnoses of an encounter; its main one where the list is empty."""
    found = tuple(
        _diagnosis(source.at(node), start + number) for number, node in enumerate(listed.nodes)
    )
    if found:
        _compare_mains(source, listed, found)
        return found
    return _only_main(source, start)


def _diagnosis(source: Source, order: int) -> Entity:
    """A diagnosis; one client puts its code into the number of the record (variant 8)."""
    entity = _member("diagnosis", source, order, _DIAGNOSIS)
    record = source.node.text("dise_id")
    if not source.node.text("dise_codg") and is_resolved("icd10", normalise("icd10", record)):
        source.note("dise_id", "诊断编码写在 dise_id 中", "holds the code of the diagnosis")
        entity.facts["code"] = source.fact("dise_id", code_in("icd10"))
    return entity


def _only_main(source: Source, start: int) -> tuple[Entity, ...]:
    code = source.fact("dscg_main_dise_codg", code_in("icd10"))
    if code.value.is_nothing:
        return ()
    source.note(
        "dscg_main_dise_codg",
        "诊断列表为空，只有主诊断",
        "the list of diagnoses is empty; only the main diagnosis is known",
    )
    entity = Entity("diagnosis", f"#{start + 1}", source.node.pointer, start)
    entity.facts["code"] = code
    entity.facts["name"] = source.fact("dscg_main_dise_name", read_text)
    entity.facts["main"] = Fact(one(choice=True), code.pointer, premises=(code.pointer,))
    return (entity,)


def _compare_mains(source: Source, listed: Listed, found: tuple[Entity, ...]) -> None:
    if any("maindise_flag" in node.lacks for node in listed.nodes):
        return
    mains = [entity for entity in found if entity.value("main").choices == frozenset({True})]
    place = listed.pointer
    if len(mains) != 1:
        words = Words(f"主诊断 {len(mains)} 个", f"{len(mains)} main diagnoses")
        source.notes.add(place, "maindise_flag", None, words)
        return
    stated = _stated_main(source)
    main = known_code(mains[0].fact("code"))
    if main is None or stated is None or _agree(main, stated):
        return
    source.note(
        "dscg_main_dise_codg",
        "与诊断列表中的主诊断不同",
        "differs from the main diagnosis of the list",
    )
    elsewhere = source.node.place("dscg_main_dise_codg")
    for entity in found:
        code, flag = known_code(entity.fact("code")), entity.fact("main")
        if entity is mains[0] or (code is not None and _agree(code, stated)):
            either = Value(choices=frozenset({True, False}))
            entity.facts["main"] = replace(flag, value=either, premises=(flag.pointer, elsewhere))


def _stated_main(source: Source) -> str | None:
    """The main diagnosis that the encounter itself states, where it is a national code."""
    code = normalise("icd10", source.node.text("dscg_main_dise_codg"))
    return code if code and is_resolved("icd10", code) else None


def _agree(code: str, other: str) -> bool:
    """Whether two codes may be of one diagnosis: equal, or one beneath the other."""
    return is_under("icd10", code, other) or is_under("icd10", other, code)


def main_is_elsewhere(source: Source, found: tuple[Entity, ...]) -> bool:
    """Whether the encounter states a main diagnosis that the list does not hold."""
    stated = _stated_main(source)
    codes = [known_code(entity.fact("code")) for entity in found]
    return stated is not None and all(
        code is not None and not _agree(code, stated) for code in codes
    )


def operations(source: Source, listed: Listed, start: int) -> tuple[Entity, ...]:
    """The operations of an encounter."""
    return tuple(
        _member("operation", source.at(node), start + number, _OPERATION)
        for number, node in enumerate(listed.nodes)
    )


def _member(kind: str, source: Source, order: int, rows: tuple[Row, ...]) -> Entity:
    entity = Entity(kind, f"#{order + 1}", source.node.pointer, order)
    source.fill(entity, rows)
    return entity

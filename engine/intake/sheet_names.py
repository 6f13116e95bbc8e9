"""What the heads of columns mean: names of the vocabulary, and the few that sheets add. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from rulelang import types, vocabulary
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rulelang.types import Type

# The sheets by duty, each under both names.
SHEETS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "encounters": ("就诊", "encounters"),
        "lines": ("明细", "lines"),
        "diagnoses": ("诊断", "diagnoses"),
        "operations": ("手术", "operations"),
    }
)

# Sheets of the template that hold no data; they are left out without a word.
OUR_OWN = frozenset({"说明", "readme", "选项", "options"})

# The sheet of evidence that bills do not carry.
EVIDENCE = frozenset({"证据", "evidence"})

# Whose facts may stand on a sheet; a bare name is the first one's before it is another's.
OWNERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "encounters": ("encounter", "patient", "institution", "bill"),
        "lines": ("line", "prescription", "encounter", "patient", "institution", "bill"),
        "diagnoses": ("diagnosis",),
        "operations": ("operation",),
    }
)

# The interface's field that says the same, so that the builders of requests read it.
SENDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "patient": {"sex": "gend", "birth_date": "brdy", "pool_area": "poolarea"},
        "encounter": {
            "encounter_no": "mdtrt_id",
            "scheme": "insutype",
            "care_type": "med_type",
            "admitted": "adm_date",
            "discharged": "dscg_date",
            "dept": "adm_dept_codg",
            "pregnancy": "matn_stas",
            "special_disease": "dise_no",
            "total": "medfee_sumamt",
            "own_pay": "ownpay_amt",
            "self_pay": "selfpay_amt",
            "fund_paid": "hifp_payamt",
            "patient_share": "psn_part_amt",
            "deductible": "act_pay_dedc",
            "pay_method": "hi_paymtd",
        },
        "institution": {
            "id": "medins_id",
            "division": "medins_admdvs",
            "kind": "medins_type",
            "level": "medins_lv",
        },
        "diagnosis": {
            "code": "dise_codg",
            "name": "dise_name",
            "main": "maindise_flag",
            "kind": "inout_dise_type",
            "date": "dise_date",
            "on_admission": "adm_cond_type",
        },
        "operation": {
            "code": "oprn_code",
            "name": "oprn_name",
            "main": "main_oprn_flag",
            "date": "oprn_date",
            "anaesthesia": "anst_way",
            "surgeon": "oper_dr_code",
        },
        "prescription": {"rx_no": "rxno", "external": "rx_circ_flag"},
        "line": {
            "line_no": "rx_id",
            "rx_no": "rxno",
            "refund_of": "init_feedetl_sn",
            "list_type": "hilist_type",
            "charge_class": "chrg_type",
            "drug": "hilist_code",
            "item": "hilist_code",
            "consumable": "hilist_code",
            "herb": "hilist_code",
            "name": "hilist_name",
            "spec": "spec",
            "quantity": "cnt",
            "price": "pric",
            "amount": "sumamt",
            "claimed_amount": "inscp_scp_amt",
            "first_pay": "selfpay_prop",
            "price_cap": "pric_uplmt_amt",
            "class": "hilist_lv",
            "time": "drord_begn_date",
            "stop_time": "drord_stop_date",
            "route": "medc_way_dscr",
            "dose": "sin_dos_dscr",
            "frequency": "used_frqu_dscr",
            "days_supply": "prd_days",
            "order_dept": "drord_dept_codg",
            "doctor": "drord_dr_codg",
            "title": "drord_dr_profttl",
            "perform_dept": "acord_dept_codg",
            "discharge_drug": "dscg_tkdrug_flag",
            "herb_use": "tcmdrug_used_way",
            "invoice_no": "invono",
        },
    }
)

# Fields of the interface that the builders look for behind these, and those whose place is worth
# naming although nothing was sent; fields that 3101 does not have are left out.
_BESIDE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"name": ("hosplist_name",), "discharge_drug": ("drord_bhvr",)}
)
_NO_PLACE = frozenset(
    {
        "dise_no", "psn_part_amt", "act_pay_dedc", "hi_paymtd", "adm_cond_type", "rx_circ_flag",
        "init_feedetl_sn", "inscp_scp_amt", "selfpay_prop", "pric_uplmt_amt", "medc_way_dscr",
        "sin_dos_dscr", "used_frqu_dscr", "prd_days", "acord_dept_codg", "tcmdrug_used_way", "invono",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column says: whose fact, which, of what type, under which field of the interface."""

    kind: str
    field: str
    sends: str
    type: Type


@dataclass(frozen=True, slots=True)
class Added:
    """A head that is no fact of the vocabulary."""

    zh: str
    en: str
    meaning: Meaning
    says: Words


CODES = types.Type("codes", "icd10")
_DIVISION = types.code("division")
_ADDED = (
    Added(
        "人员",
        "person",
        Meaning("patient", "person", "patn_id", types.TEXT),
        Words(
            "参保人标识，各次就诊相同；不填则各次就诊互不相干",
            "the insured person, the same in all encounters; without it encounters are unrelated",
        ),
    ),
    Added(
        "场景",
        "scene",
        Meaning("bill", "scene", "trig_scen", types.NUMBER),
        Words(
            "1~5 结算前，6~10 结算时，与接口 trig_scen 相同",
            "1 to 5 before, 6 to 10 at settlement, as trig_scen of the interface",
        ),
    ),
    Added(
        "询问时间",
        "asked_at",
        Meaning("bill", "asked_at", "inf_time", types.DATETIME),
        Words("何时提请审核", "when the check is asked for"),
    ),
    Added(
        "结算时间",
        "settled_at",
        Meaning("bill", "settled_at", "setl_date", types.DATETIME),
        Words("何时结算", "when it was settled"),
    ),
    Added(
        "参保地",
        "place_of_insurance",
        Meaning("bill", "place_of_insurance", "insuplc_admdvs", _DIVISION),
        Words("参保地区划", "division of the place of insurance"),
    ),
    Added(
        "就医地",
        "place_of_care",
        Meaning("bill", "place_of_care", "mdtrtarea_admvs", _DIVISION),
        Words("就医地区划", "division of the place of care"),
    ),
    Added(
        "审核标志",
        "under_audit",
        Meaning("line", "under_audit", "curr_drord_flag", types.YES_NO),
        Words("是：待审明细；否：历史明细", "yes: under audit; no: history"),
    ),
    Added(
        "编码",
        "code",
        Meaning("line", "code", "hilist_code", types.code("drug")),
        Words(
            "药品、项目、耗材或饮片的国家编码，必须是文本",
            "national code of the drug, item, consumable or herb; always a text",
        ),
    ),
    Added(
        "单位",
        "unit",
        Meaning("line", "unit", "spec_unt", types.TEXT),
        Words("数量的单位", "unit of the quantity"),
    ),
    Added(
        "诊断",
        "diagnoses",
        Meaning("encounter", "diagnoses", "", CODES),
        Words("诊断编码，以；分开", "diagnosis codes, separated by ;"),
    ),
    Added(
        "手术",
        "operations",
        Meaning("encounter", "operations", "", types.Type("codes", "icd9")),
        Words("手术编码，以；分开", "operation codes, separated by ;"),
    ),
    Added(
        "主诊断",
        "main_diagnosis",
        Meaning("encounter", "main_diagnosis", "dscg_main_dise_codg", types.code("icd10")),
        Words("主诊断编码", "code of the main diagnosis"),
    ),
)

KEY = ("encounter", "encounter_no")
PERSON = ("patient", "person")
_KEYS = (KEY, PERSON)
_NO_COLUMNS = frozenset({"collection", "entity", "window"})


def added(kind: str) -> tuple[Added, ...]:
    """The heads that sheets add to one kind's facts."""
    return tuple(one for one in _ADDED if one.meaning.kind == kind)


def explained(meaning: Meaning) -> Words:
    """What a column says, in words: the vocabulary's, or ours."""
    for one in added(meaning.kind):
        if one.meaning == meaning:
            return one.says
    return vocabulary.load().entities[meaning.kind].fields[meaning.field].meaning


def owner_named(name: str, sheet: str) -> str | None:
    """The kind that a prefix names on a sheet, in either language."""
    kind = vocabulary.load().entity(name)
    return kind.en if kind is not None and kind.en in OWNERS[sheet] else None


@cache
def of_kind(kind: str) -> Mapping[str, Meaning]:
    """What each name means among the facts of one kind, in both languages."""
    found: dict[str, Meaning] = {}
    for one in added(kind):
        found |= {one.zh: one.meaning, one.en: one.meaning}
    entity = vocabulary.load().entities.get(kind)
    for field in entity.fields.values() if entity is not None else ():
        if field.type.kind not in _NO_COLUMNS and not field.of_period:
            meaning = Meaning(kind, field.en, SENDS[kind].get(field.en, ""), field.type)
            found |= {field.zh: meaning, field.en: meaning}
    return MappingProxyType(found)


@cache
def bare(sheet: str) -> Mapping[str, tuple[Meaning, ...]]:
    """What each name may mean on a sheet where no prefix says whose fact it is.

    The facts of the sheet's own kind come first. Of the others' a name is taken only where no other
    kind has one of the same name, on whatever sheet: 编码 is said of too many things.
    """
    every: dict[str, tuple[Meaning, ...]] = {}
    for kind in (*SENDS, "bill"):
        for name, meaning in of_kind(kind).items():
            every[name] = (*every.get(name, ()), meaning)
    own, *others = OWNERS[sheet]
    found = {
        name: meanings
        for name, meanings in every.items()
        if any(meaning.kind in others for meaning in meanings)
    }
    for one in (one for kind in others for one in added(kind)):
        found |= {one.zh: (one.meaning,), one.en: (one.meaning,)}
    found |= {name: (meaning,) for name, meaning in of_kind(own).items()}
    for kind, field in _KEYS:
        for name, meaning in of_kind(kind).items():
            if meaning.field == field:
                found[name] = (meaning,)
    return MappingProxyType(found)


def head_of(meaning: Meaning, sheet: str, lang: str) -> str:
    """How a column with this meaning is headed on a sheet: bare where that is clear."""
    names = [name for name, one in of_kind(meaning.kind).items() if one == meaning]
    name = names[1] if lang == "en" else names[0]
    if bare(sheet).get(name) == (meaning,) and meaning.kind != "institution":
        return name
    entity = vocabulary.load().entities[meaning.kind]
    return f"{entity.en if lang == 'en' else entity.zh}.{name}"


@cache
def places(kind: str, sheet: str, lang: str) -> Mapping[str, str]:
    """The heads under which fields of the interface would stand on a sheet, had they been sent."""
    found: dict[str, str] = {}
    for meaning in of_kind(kind).values():
        if not meaning.sends or meaning.sends in _NO_PLACE or meaning.sends in found:
            continue
        head = head_of(meaning, sheet, lang)
        for sends in (meaning.sends, *_BESIDE.get(meaning.field, ())):
            found[sends] = head
    return MappingProxyType(found)


@cache
def chinese_names() -> Mapping[str, str]:
    """The name of each field of the interface on a sheet, for notes that no cell has."""
    found = {
        "fsi_order_dtos": SHEETS["lines"][0],
        "fsi_diagnose_dtos": SHEETS["diagnoses"][0],
        "fsi_operation_dtos": SHEETS["operations"][0],
    }
    for kind in ("bill", *SENDS):
        for name, meaning in of_kind(kind).items():
            if meaning.sends:
                found.setdefault(meaning.sends, name)
    return MappingProxyType(found)

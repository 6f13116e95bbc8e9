"""The names under which senders send the fields of the national interface. Data only."""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_LISTS = {
    "encounter_dtos": "fsi_encounter_dtos",
    "diagnose_dtos": "fsi_diagnose_dtos",
    "order_dtos": "fsi_order_dtos",
    "operation_dtos": "fsi_operation_dtos",
}

# A line of 2204, 2301 and of their replies, under the names of a line of 3101.
_FEE = {
    "feedetl_sn": "rx_id",
    "med_list_codg": "hilist_code",
    "medins_list_codg": "hosplist_code",
    "medins_list_name": "hosplist_name",
    "list_type": "hilist_type",
    "med_chrgitm_type": "chrg_type",
    "chrgitm_lv": "hilist_lv",
    "det_item_fee_sumamt": "sumamt",
    "fee_ocur_time": "drord_begn_date",
    "bilg_dept_codg": "drord_dept_codg",
    "bilg_dept_name": "drord_dept_name",
    "bilg_dr_codg": "drord_dr_codg",
    "bilg_dr_name": "drord_dr_name",
}

# For each part of the request: a sender's name (in snake case) to the interface's name.
ALIASES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "envelope": _LISTS
        | {
            "medins_code": "fixmedins_code",
            "mdtrtarea_admdvs": "mdtrtarea_admvs",
            "insuplc_admvs": "insuplc_admdvs",
            "patient_info": "patient_dtos",
        },
        "patient": _LISTS
        | {
            "pid": "patn_id",
            "pvid": "curr_mdtrt_id",
            "curr_jzid": "curr_mdtrt_id",
            "sfzjhm": "certno",
            "psn_no": "patn_id",
            "psn_name": "patn_name",
            "insuplc_admdvs": "poolarea",
            "insu_admdvs": "poolarea",
        },
        "encounter": _LISTS
        | {
            "medins_code": "medins_id",
            "fixmedins_code": "medins_id",
            "jzid": "mdtrt_id",
            "pvid": "mdtrt_id",
            "pat_visit_no": "mdtrt_id",
            "order_info": "fsi_order_dtos",
            "diag_info": "fsi_diagnose_dtos",
        },
        "diagnosis": {
            "diag_code": "dise_codg",
            "diag_name": "dise_name",
            "maindiag_flag": "maindise_flag",
        },
        "operation": {"oper_dr_codg": "oper_dr_code", "oprn_oprt_code": "oprn_code"},
        "line": {
            "feedetl_sn": "rx_id",
            "med_list_codg": "hilist_code",
            "list_type": "hilist_type",
            "med_chrgitm_type": "chrg_type",
            "chrgitm_lv": "hilist_lv",
            "det_item_fee_sumamt": "sumamt",
            "fee_ocur_time": "drord_begn_date",
            "bilg_dept_codg": "drord_dept_codg",
            "bilg_dr_codg": "drord_dr_codg",
            "order_id": "rx_id",
            "order_name": "hosplist_name",
        },
        "fee": _FEE,
        "reply": _FEE,
        "settlement": {
            "fulamt_ownpay_amt": "ownpay_amt",
            "hifp_pay": "hifp_payamt",
            "setl_time": "setl_date",
        },
    }
)

# The names that a transaction of fees itself uses; they are no senders' inventions.
OWN_NAMES: Mapping[str, frozenset[str]] = MappingProxyType(
    {scope: frozenset(ALIASES[scope]) for scope in ("fee", "reply", "settlement")}
)


@lru_cache(maxsize=2048)
def snake_case(name: str) -> str:
    """A field name in the interface's spelling: patientDtos and PATIENT_DTOS as patient_dtos."""
    return _HUMP.sub("_", name.strip()).lower()


@lru_cache(maxsize=2048)
def canonical(scope: str, name: str) -> str:
    """The interface's name of a field in one part of the request."""
    plain = snake_case(name)
    return ALIASES[scope].get(plain, plain)

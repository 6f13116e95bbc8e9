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

# For each part of the request: a sender's name (in snake case) to the interface's name.
ALIASES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "envelope": _LISTS
        | {
            "medins_code": "fixmedins_code",
            "mdtrtarea_admdvs": "mdtrtarea_admvs",
            "insuplc_admvs": "insuplc_admdvs",
        },
        "patient": _LISTS
        | {
            "psn_no": "patn_id",
            "psn_name": "patn_name",
            "insuplc_admdvs": "poolarea",
            "insu_admdvs": "poolarea",
        },
        "encounter": _LISTS | {"medins_code": "medins_id", "fixmedins_code": "medins_id"},
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
        },
    }
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

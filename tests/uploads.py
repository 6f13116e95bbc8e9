"""Fee uploads of made-up people for tests: 2204 and 2301, with what may stand beside them."""

from __future__ import annotations

from typing import Any

from tests.requests import DRUG, INSTITUTION, Tree

PERSON = "33060000000000000000000123"


def fee(number: int, **changes: Any) -> Tree:
    """One line of a drug as 2204 has it."""
    return {
        "feedetl_sn": f"F{number}",
        "mdtrt_id": "M1",
        "psn_no": PERSON,
        "chrg_bchno": "B1",
        "dise_codg": "K74.600",
        "rxno": "RX1",
        "rx_circ_flag": "0",
        "fee_ocur_time": f"2026-03-{4 + number:02d} 09:30:00",
        "med_list_codg": DRUG,
        "medins_list_codg": f"Y{number}",
        "medins_list_name": "白蛋白",
        "det_item_fee_sumamt": 25,
        "cnt": 2,
        "pric": "12.500000",
        "sin_dos_dscr": "0.5g",
        "used_frqu_dscr": "每日三次",
        "prd_days": "7",
        "medc_way_dscr": "静脉滴注",
        "bilg_dept_codg": "A03.01",
        "bilg_dept_name": "呼吸内科",
        "bilg_dr_codg": "D330602000001",
        "bilg_dr_name": "乙某",
        "hosp_appr_flag": "0",
    } | changes


def reply(number: int, **changes: Any) -> Tree:
    """What the platform answers to a line."""
    return {
        "feedetl_sn": f"F{number}",
        "det_item_fee_sumamt": 25,
        "cnt": 2,
        "pric": 12.5,
        "pric_uplmt_amt": 99999999,
        "selfpay_prop": "0.1",
        "inscp_scp_amt": 20,
        "chrgitm_lv": "02",
        "med_chrgitm_type": "09",
        "lmt_used_flag": "1",
    } | changes


def settlement(**changes: Any) -> Tree:
    """Settlement data of the encounter (2304)."""
    return {
        "mdtrt_id": "M1",
        "psn_no": PERSON,
        "medfee_sumamt": 50,
        "fulamt_ownpay_amt": 1,
        "hifp_pay": 30,
        "psn_part_amt": 19,
        "act_pay_dedc": 5,
        "setl_time": "2026-03-09 10:00:00",
    } | changes


def upload(*fees: Tree, infno: str = "2204", **beside: Any) -> Tree:
    """A fee upload; `beside` stands beside the request's own objects."""
    return {
        "infno": infno,
        "msgid": "H33060000001202603070930000001",
        "mdtrtarea_admvs": "330600",
        "insuplc_admdvs": "330600",
        "infver": "V1.0",
        "inf_time": "2026-03-07 09:30:00",
        "fixmedins_code": INSTITUTION,
        "input": {"feedetail": list(fees) or [fee(1), fee(2)]},
        **beside,
    }

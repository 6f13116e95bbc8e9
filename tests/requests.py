"""Requests of made-up people for tests: the national 3101 and 3102, and the shapes that senders make of them."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.facts import Bill, Coverage, Entity, Fact

Tree = dict[str, Any]

PATIENT_NAME = "甲某某"
PATIENT_NUMBER = "330602199001011234"
INSTITUTION = "H33060000001"
DRUG = "XB05AAR021B001010100348"
ITEM = "001102000030000"
CONSUMABLE = "C0102030405060708091"
HERB = "T001700014"


def wide(text: str) -> str:
    """ASCII in full width, as a Chinese keyboard gives it."""
    return "".join(chr(0x3000 if sign == " " else ord(sign) + 0xFEE0) for sign in text)


def line(number: int, **changes: Any) -> Tree:
    """One line of a drug, under audit."""
    return {
        "rx_id": f"L{number}",
        "rxno": "RX1",
        "grpno": "",
        "long_drord_flag": "0",
        "hilist_type": "101",
        "chrg_type": "09",
        "drord_bhvr": "0",
        "hilist_code": DRUG,
        "hilist_name": "人血白蛋白",
        "hilist_lv": "02",
        "hilist_pric": 12.0,
        "hosplist_code": f"Y{number}",
        "hosplist_name": "白蛋白",
        "cnt": 2,
        "pric": Decimal("12.5"),
        "sumamt": Decimal("25.00"),
        "ownpay_amt": 0,
        "selfpay_amt": 0,
        "spec": "10g",
        "spec_unt": "瓶",
        "drord_begn_date": f"2026-03-{4 + number:02d} 09:30:00",
        "drord_stop_date": None,
        "drord_dept_codg": "A03.01",
        "drord_dept_name": "呼吸内科",
        "drord_dr_codg": "D330602000001",
        "drord_dr_name": "乙某",
        "drord_dr_profttl": "232",
        "curr_drord_flag": "1",
    } | changes


def item(number: int, **changes: Any) -> Tree:
    """One line of a medical service."""
    service = {
        "hilist_type": "201",
        "chrg_type": "02",
        "hilist_code": ITEM,
        "hilist_name": "急诊诊查费",
        "spec": "",
        "spec_unt": "次",
        "rxno": "BILL7",
        "hilist_lv": "01",
        "cnt": 1,
        "pric": 10,
        "sumamt": 10,
    }
    return line(number, **(service | changes))


def diagnosis(code: str, name: str, **changes: Any) -> Tree:
    """One diagnosis, not the main one."""
    return {
        "dise_id": "1",
        "inout_dise_type": "1",
        "maindise_flag": "0",
        "dias_srt_no": "1",
        "dise_codg": code,
        "dise_name": name,
        "dise_date": "2026-03-05 08:10:00",
    } | changes


def operation(code: str = "36.0600x004", **changes: Any) -> Tree:
    """One operation."""
    return {
        "setl_list_oprn_id": "1",
        "oprn_code": code,
        "oprn_name": "冠状动脉支架置入术",
        "main_oprn_flag": "1",
        "oprn_date": "2026-03-06",
        "anst_way": "局部麻醉",
        "oper_dr_name": "丙某",
        "oper_dr_code": "D330602000009",
    } | changes


def encounter(**changes: Any) -> Tree:
    """An inpatient who has not been discharged yet."""
    return {
        "mdtrt_id": "M1",
        "medins_id": INSTITUTION,
        "medins_name": "示例市第一医院",
        "medins_admdvs": "330602",
        "medins_type": "A1",
        "medins_lv": "02",
        "wardarea_codg": "",
        "adm_date": "2026-03-05 08:00:00",
        "dscg_date": None,
        "dscg_main_dise_codg": "K74.600",
        "dscg_main_dise_name": "肝硬化",
        "fsi_diagnose_dtos": [
            diagnosis("K74.600", "肝硬化", maindise_flag="1"),
            diagnosis("R18.x00", "腹水", dias_srt_no="2"),
        ],
        "dr_codg": "D330602000001",
        "adm_dept_codg": "A03.01",
        "adm_dept_name": "呼吸内科",
        "dscg_dept_codg": "",
        "med_mdtrt_type": "2",
        "med_type": "21",
        "fsi_order_dtos": [line(1), line(2), item(3)],
        "matn_stas": "0",
        "medfee_sumamt": 60,
        "ownpay_amt": 0,
        "selfpay_amt": 0,
        "hifp_payamt": 0,
        "setl_totlnum": 1,
        "insutype": "310",
        "reim_flag": "1",
        "out_setl_flag": "0",
        "fsi_operation_dtos": [operation()],
    } | changes


def patient(*encounters: Tree, **changes: Any) -> Tree:
    """A made-up person; without encounters, with one."""
    return {
        "patn_id": PATIENT_NUMBER,
        "patn_name": PATIENT_NAME,
        "gend": "1",
        "brdy": "1990-01-01",
        "poolarea": "330600",
        "curr_mdtrt_id": "M1",
        "fsi_encounter_dtos": list(encounters) or [encounter()],
        "fsi_his_data_dto": "",
    } | changes


def request(*patients: Tree, **changes: Any) -> Tree:
    """A 3101 request of scene 4 (charges of an inpatient); `changes` are of `input.data`."""
    data = {
        "syscode": "IMS",
        "patient_dtos": list(patients) or [patient()],
        "rule_ids": [],
        "task_id": "task-1",
        "trig_scen": "4",
    } | changes
    return {
        "infno": "3101",
        "msgid": "H33060000001202603070930000001",
        "mdtrtarea_admvs": "330600",
        "insuplc_admdvs": "330600",
        "recer_sys_code": "IMS",
        "infver": "V1.0",
        "opter_type": "1",
        "inf_time": "2026-03-07 09:30:00",
        "fixmedins_code": INSTITUTION,
        "fixmedins_name": "示例市第一医院",
        "input": {"data": data},
    }


def at_settlement(tree: Tree) -> Tree:
    """The same request as a 3102 of scene 8, discharged."""
    tree = copy.deepcopy(tree)
    tree["infno"] = "3102"
    tree["inf_time"] = "2026-03-09 10:30:00"
    tree["input"]["data"]["trig_scen"] = "8"
    for one in tree["input"]["data"]["patient_dtos"]:
        for each in one["fsi_encounter_dtos"]:
            each["dscg_date"] = "2026-03-09 10:00:00"
    return tree


def as_bytes(tree: object) -> bytes:
    """A request as it goes over the wire; decimals as JSON numbers."""
    return json.dumps(tree, ensure_ascii=False, default=str).encode()


# Variants (INTERFACE 6). Each says the same as the request that it is made of.


def single_objects(tree: Tree) -> Tree:
    """Variant 1: one object where a list of one is meant."""
    tree = copy.deepcopy(tree)
    data = tree["input"]["data"]
    for one in data["patient_dtos"]:
        one["fsi_encounter_dtos"] = _single(one["fsi_encounter_dtos"])
    data["patient_dtos"] = _single(data["patient_dtos"])
    return tree


def _single(members: list[Any]) -> Any:
    return members[0] if len(members) == 1 else members


def flattened(tree: Tree) -> Tree:
    """Variant 2: persons, encounters and their parts beside one another under input."""
    tree = copy.deepcopy(tree)
    inner = tree["input"]
    (person,) = inner["data"].pop("patient_dtos")
    encounters = person.pop("fsi_encounter_dtos")
    inner["data"]["patient_dtos"] = ""
    inner["patient_dtos"] = person
    inner["fsi_encounter_dtos"] = _single(encounters)
    for name in ("fsi_diagnose_dtos", "fsi_order_dtos", "fsi_operation_dtos"):
        members = []
        for each in encounters:
            members += [{"mdtrt_id": each["mdtrt_id"], **one} for one in each.pop(name)]
        inner[name] = members
    return tree


def camel_case(tree: Tree) -> Tree:
    """Variant 3, first kind: fields in camel case, lists without their prefix."""
    return _renamed(tree, lambda name: _hump(name.removeprefix("fsi_")))


def _hump(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


_HAINAN = {
    "patn_id": "psn_no",
    "patn_name": "psn_name",
    "poolarea": "insuplc_admdvs",
    "medins_id": "medins_code",
    "patient_dtos": "patientDtos",
    "fsi_encounter_dtos": "encounterDtos",
    "fsi_order_dtos": "orderDtos",
    "fsi_diagnose_dtos": "diagnoseDtos",
}


def hainan(tree: Tree) -> Tree:
    """Variant 3, second kind: other names, the payload in input.trigScen, infno 3660."""
    renamed = _renamed(tree, lambda name: _HAINAN.get(name, name))
    renamed["infno"] = "3660"
    return {**renamed, "input": {"trigScen": renamed["input"]["data"]}}


def _renamed(tree: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(tree, dict):
        return {rename(key): _renamed(value, rename) for key, value in tree.items()}
    return [_renamed(one, rename) for one in tree] if isinstance(tree, list) else tree


def misplaced_operations(tree: Tree) -> Tree:
    """Variant 4: operations under the key of encounters; empty doubles of the other lists."""
    tree = copy.deepcopy(tree)
    for one in tree["input"]["data"]["patient_dtos"]:
        for each in one["fsi_encounter_dtos"]:
            each["fsi_encounter_dtos"] = each.pop("fsi_operation_dtos")
            each["order_dtos"] = None
            each["diagnose_dtos"] = None
    return tree


def numbers_as_texts(tree: Tree) -> Tree:
    """Variant 5: numbers as texts, flags as numbers, nothing as "-"."""
    return _with_values(tree, _number_as_text)


def _number_as_text(name: str, value: Any) -> Any:
    if name in {"curr_drord_flag", "maindise_flag", "gend"}:
        return int(value)
    if isinstance(value, int | Decimal):
        return f" {value} "
    return "-" if value is None and name != "dscg_date" else value


_SLASHED = {"adm_date", "dscg_date", "drord_begn_date", "dise_date"}


def slashed_dates(tree: Tree) -> Tree:
    """Variant 6: dates as 2026/3/5 9:12:33."""
    return _with_values(tree, _slashed)


def _slashed(name: str, value: Any) -> Any:
    if name not in _SLASHED or not isinstance(value, str):
        return value
    day, _, clock = value.partition(" ")
    year, month, date = day.split("-")
    hour, rest = clock.split(":", 1)
    return f"{year}/{int(month)}/{int(date)} {int(hour)}:{rest}"


def empty_lists(tree: Tree) -> Tree:
    """Variant 7: what is not used, empty in another way."""
    tree = copy.deepcopy(tree)
    data = tree["input"]["data"]
    data["rule_ids"] = ""
    for one in data["patient_dtos"]:
        one["fsi_his_data_dto"] = []
    return tree


def _with_values(tree: Any, change: Callable[[str, Any], Any], name: str = "") -> Any:
    if isinstance(tree, dict):
        return {key: _with_values(value, change, key) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_with_values(one, change, name) for one in tree]
    return change(name, tree)


VARIANTS: dict[str, Callable[[Tree], Tree]] = {
    "1 single objects": single_objects,
    "2 flattened": flattened,
    "3 camel case": camel_case,
    "3 other names": hainan,
    "4 misplaced operations": misplaced_operations,
    "5 numbers as texts": numbers_as_texts,
    "6 slashed dates": slashed_dates,
    "7 empty lists": empty_lists,
}


# What a bill says, without where it says it.


def summary(bill: Bill) -> Tree:
    """All that is known of a bill, in a form that can be compared."""
    return {
        "patient": _facts(bill.patient),
        "lines": [one.key for one in bill.lines],
        "prescriptions": [_entity(one) for one in bill.prescriptions],
        "institution": _facts(bill.institution),
        "encounters": [_entity(one) for one in bill.patient.collections["encounters"].members],
        "current": bill.encounter.key,
        "history": [one.key for one in bill.patient.collections["lines"].members],
        "closed": {
            name: each.coverage.closed for name, each in sorted(bill.patient.collections.items())
        },
        "clocks": (bill.stage, bill.scene, bill.asked_at, bill.settled_at),
        "territories": dict(bill.territories),
        "request": bill.request_id,
    }


def _entity(entity: Entity) -> Tree:
    return {
        "key": entity.key,
        "facts": _facts(entity),
        "institution": _facts(entity.links["institution"]) if "institution" in entity.links else {},
        "members": {
            name: (_closed(each.coverage), [_entity(one) for one in each.members])
            for name, each in sorted(entity.collections.items())
        },
    }


def _closed(coverage: Coverage) -> bool:
    return coverage.closed


def _facts(entity: Entity) -> Tree:
    return {name: _said(fact) for name, fact in sorted(entity.facts.items())}


def _said(fact: Fact) -> tuple[object, object]:
    return fact.value, fact.assumption

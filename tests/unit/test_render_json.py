"""The JSON answer: the shipped schema, the promises about amounts and persons, determinism."""

import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from apps import rulesets
from apps.checking import Asked, answer
from apps.render import json as renderer
from apps.render import text
from apps.render.answer import Answer
from apps.render.shape import schema_text
from rulelang.core import Program
from tests.requests import PATIENT_NAME, PATIENT_NUMBER, as_bytes, at_settlement, patient, request

ROOT = Path(__file__).parents[2]
DEMO = ("demo/inpatient_3102.json", "demo/outpatient_3101.json")


@pytest.fixture(scope="module")
def program() -> Program:
    compiled = rulesets.load([]).compile()
    assert compiled.program is not None
    return compiled.program


def answered(program: Program, data: bytes) -> Answer:
    return answer(program, data, "request.json", Asked())


def demo(program: Program, name: str) -> Answer:
    data = rulesets.shipped_file(name)
    assert data is not None
    return answered(program, data)


def strict_schema() -> dict[str, Any]:
    """The shipped schema, with nothing allowed that it does not name."""
    schema: dict[str, Any] = json.loads(schema_text())
    for part in (schema, *schema["$defs"].values()):
        if part.get("type") == "object" and "properties" in part:
            part["additionalProperties"] = False
    return schema


def test_the_shipped_schema_is_the_generated_one() -> None:
    shipped = files("apps.render").joinpath("schema.json").read_text(encoding="utf-8")
    assert shipped == schema_text()


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("name", DEMO)
def test_answers_fit_the_schema(program: Program, name: str, *, everything: bool) -> None:
    written = renderer.write(demo(program, name), everything=everything)
    jsonschema.Draft202012Validator(strict_schema()).validate(json.loads(written))


def test_an_odd_request_fits_the_schema_too(program: Program) -> None:
    tree = request(patient(), patient(patn_id="P2", brdy="-", gend=None))
    tree["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0]["fsi_order_dtos"][0] |= {
        "cnt": "many",
        "sumamt": None,
        "hilist_code": "0",
    }
    document = renderer.document(answered(program, as_bytes(tree)), everything=True)
    assert len(document["bills"]) == 2
    assert document["bills"][0]["notes"]
    jsonschema.Draft202012Validator(strict_schema()).validate(json.loads(json.dumps(document)))


def test_the_fields_come_in_the_order_of_the_contract(program: Program) -> None:
    document = renderer.document(demo(program, DEMO[0]))
    assert list(document) == [
        "schema", "tool", "rulesets", "source", "input_digest", "profile", "clocks", "stage",
        "decision_id", "bills",
    ]  # fmt: skip
    (bill,) = document["bills"]
    promised = ["encounter", "person", "verdict", "payment", "totals", "lines", "findings", "notes"]
    assert [name for name in bill if name in promised] == promised
    assert list(bill["counts"]) == [
        "violated", "suspected", "undetermined", "excused", "satisfied", "not_applicable",
    ]  # fmt: skip


def test_passed_findings_and_other_lines_are_counted_or_shown(program: Program) -> None:
    found = demo(program, DEMO[0])
    (short,) = renderer.document(found)["bills"]
    (whole,) = renderer.document(found, everything=True)["bills"]
    assert short["counts"] == whole["counts"]
    assert len(whole["findings"]) == sum(whole["counts"].values())
    passed = {"satisfied", "not_applicable"}
    assert passed & {finding["outcome"] for finding in short["findings"]} == set()
    assert len(short["lines"]) < len(whole["lines"]) == len(found.results[0].bill.lines)


def numbers(value: object) -> list[object]:
    """Everything in a document that is a JSON number."""
    if isinstance(value, dict):
        return [found for part in value.values() for found in numbers(part)]
    if isinstance(value, list):
        return [found for part in value for found in numbers(part)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


def test_no_amount_is_a_number(program: Program) -> None:
    document = renderer.document(demo(program, DEMO[0]), everything=True)
    del document["schema"]
    for bill in document["bills"]:
        del bill["counts"]
        for note in bill["notes"]:
            del note["raw"]
    assert numbers(document) == []


def test_money_has_two_places_at_least(program: Program) -> None:
    (bill,) = renderer.document(demo(program, DEMO[0]))["bills"]
    amounts = [end for finding in bill["findings"] for end in finding["money"]["at_risk"]]
    assert amounts
    assert [amount for amount in amounts if not re.fullmatch(r"\d+\.\d{2,}", amount)] == []


def test_no_person_is_named(program: Program) -> None:
    found = answered(program, as_bytes(at_settlement(request())))
    written = renderer.write(found, everything=True)
    for lang in ("zh", "en"):
        written += text.plain(text.render(found, lang, everything=True))
    assert PATIENT_NAME not in written
    assert PATIENT_NUMBER not in written
    assert "1990-01-01" not in written
    assert '"person": "(masked)"' in written


def test_an_unconfirmed_remedy_says_so(program: Program) -> None:
    (bill,) = renderer.document(demo(program, DEMO[0]))["bills"]
    remedies = [remedy for finding in bill["findings"] for remedy in finding["remedies"]]
    assert remedies
    assert {remedy["verified"] for remedy in remedies} == {False}


def test_two_processes_write_the_same_bytes() -> None:
    command = [
        sys.executable,
        "-m",
        "apps.cli.main",
        "check",
        f"rulesets/{DEMO[0]}",
        "--format=json",
    ]
    outputs = {
        subprocess.run(
            [*command, "--all"],
            cwd=ROOT,
            check=False,
            capture_output=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert outputs != {b""}

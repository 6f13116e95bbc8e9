"""Codes: normal forms, what resolves, what stands above what (S5, S15.2)."""

import pytest

from engine.codes import (
    BOUNDARIES,
    PRODUCT_SYSTEMS,
    icd_parents,
    in_code_range,
    is_under,
    parents,
    product_system,
    read_code,
)
from engine.facts import Foreign
from rulelang import vocabulary
from rulelang.divisions import covers
from tests.requests import wide


@pytest.mark.parametrize(
    ("system", "sent", "code"),
    [
        ("icd10", " i63.902 ", "I63.902"),
        ("icd10", wide("I63.9"), "I63.9"),
        ("icd10", "I10.X00X002", "I10.x00x002"),
        ("icd10", "x59.900", "X59.900"),
        ("icd10", "A17.000†", "A17.000"),
        ("icd10", "G01*", "G01"),
        ("icd10", "a17.000+g01*", "A17.000+G01*"),
        ("icd10", "A17.000†" + wide("G01*"), "A17.000+G01*"),
        ("icd10", "G01*A17.000+", "A17.000+G01*"),
        ("icd10", "A00", "A00"),
        ("icd9", "36.0600X004", "36.0600x004"),
        ("icd9", "00.0", "00.0"),
        ("icd9", "01.6X00", "01.6x00"),
        ("icd9", "03.1x00x001", "03.1x00x001"),
        ("icd9", "17.912a0", "17.912A0"),
        ("drug", "xb05aar021b001010100348", "XB05AAR021B001010100348"),
        ("drug", "ZA01BAS0846010101363", "ZA01BAS0846010101363"),
        ("drug", "ZA01BAS08460101013637", "ZA01BAS08460101013637"),
        ("item", wide("00") + "1102000030000", "001102000030000"),
        ("consumable", "C0102030405060708091", "C0102030405060708091"),
        ("herb", "t001700014", "T001700014"),
        ("division", "330602", "330602"),
        ("dept", "A03.01", "A03.01"),
        ("drug_class", "xa12ba", "XA12BA"),
    ],
)
def test_a_code_is_normalised_and_resolves(system: str, sent: str, code: str) -> None:
    assert read_code(system, sent) == code


@pytest.mark.parametrize(
    "sent", ["", " ", "0", "-", "--", "默认", wide("0"), "000000", "null", "无"]
)
def test_what_stands_for_no_code_is_unknown(sent: str) -> None:
    assert read_code("drug", sent) is None
    assert read_code("icd10", sent) is None


@pytest.mark.parametrize(
    ("system", "sent"),
    [
        ("icd10", "XYZD0012"),
        ("icd10", "I639"),
        ("icd10", "I63.9021"),
        ("icd10", "I63.902x01"),
        ("drug", "XB05AAR021B00101010034"),
        ("drug", "86900220000029"),
        ("item", "1102000030000"),
        ("consumable", "C01020304050607"),
        ("herb", "T00170001"),
        ("division", "3306"),
        ("institution", "ABC"),
    ],
)
def test_a_code_outside_of_its_system_is_foreign(system: str, sent: str) -> None:
    assert read_code(system, sent) == Foreign(sent.upper())


def test_no_code_fits_two_product_systems() -> None:
    codes = {
        "drug": "XB05AAR021B001010100348",
        "item": "001102000030000",
        "consumable": "C0102030405060708091",
        "herb": "T001700014",
    }
    assert {system: product_system(code) for system, code in codes.items()} == {
        system: system for system in PRODUCT_SYSTEMS
    }
    assert product_system("Y00012") is None


def test_the_parents_of_an_icd_code_are_its_prefixes_of_3_5_and_7() -> None:
    assert icd_parents("I10.x00x002") == ("I10", "I10.x", "I10.x00")
    assert icd_parents("I63.902") == ("I63", "I63.9")
    assert icd_parents("I63") == ()


def test_a_dagger_and_star_pair_belongs_to_both() -> None:
    assert set(icd_parents("A17.000+G01*")) == {"A17", "A17.0", "A17.000", "G01"}
    assert is_under("icd10", "A17.000+G01*", "G01")
    assert is_under("icd10", "A17.000+G01*", "A17.0")
    assert not is_under("icd10", "A17.000+G01*", "G02")


@pytest.mark.parametrize(
    ("system", "code", "above", "answer"),
    [
        ("icd10", "I63.902", "I63", True),
        ("icd10", "I63", "I63", True),
        ("icd10", "I63", "I63.9", False),
        ("icd10", "I63.902", "I6", False),
        ("icd9", "36.0600x004", "36.06", True),
        ("icd9", "36.0600x004", "36", True),
        ("icd9", "01.6x01", "01.6", True),
        ("icd9", "17.912A0", "17.91", True),
        ("icd9", "17.912A0", "17.92", False),
        ("icd9", "36.0600x004", "36.060", False),
        ("drug_class", "XA12BA01", "XA12", True),
        ("drug_class", "XA12BA", "XA1", False),
        ("dept", "A03.01", "A03", True),
        ("item", "001102000030000", "001102", False),
        ("division", "330602", "3306", False),
    ],
)
def test_under_follows_declared_boundaries_only(
    system: str, code: str, above: str, answer: object
) -> None:
    assert is_under(system, code, above) is answer


@pytest.mark.parametrize(
    ("code", "inside"),
    [
        ("C00", True),
        ("C97", True),
        ("C97.x01", True),
        ("C50.900x002", True),
        ("D00", False),
        ("B99", False),
        ("A17.000+C70*", True),
        ("A17.000+G01*", False),
    ],
)
def test_a_range_includes_the_descendants_of_its_last_code(code: str, inside: object) -> None:
    assert in_code_range("icd10", code, "C00", "C97") is inside


def test_a_range_of_flat_codes_is_by_their_order() -> None:
    assert in_code_range("item", "001102000030000", "001102000010000", "001102000040000")
    assert not in_code_range("item", "001102000050000", "001102000010000", "001102000040000")


@pytest.mark.parametrize(
    ("territory", "place", "answer"),
    [
        ("330600", "330602", True),
        ("330000", "330602", True),
        ("330602", "330602", True),
        ("330602", "330600", False),
        ("330600", "330700", False),
        ("33", "330602", True),
        ("3306", "330681", True),
        ("", "330602", False),
    ],
)
def test_a_division_covers_by_prefixes(territory: str, place: str, answer: object) -> None:
    assert covers(territory, place) is answer


def test_boundaries_and_vocabulary_name_the_same_hierarchical_systems() -> None:
    systems = vocabulary.load().systems
    assert {name for name, system in systems.items() if system.hierarchical} == set(BOUNDARIES)
    assert parents("item", "001102000030000") == ()

"""The vocabulary's files: every name once, every reference to something that is there."""

import re
from collections import Counter

import pytest

from rulelang import types, vocabulary
from rulelang.typenames import type_named
from rulelang.types import Type

KNOWN = vocabulary.load()

# Codes that stand at more than one word of an enumeration, because senders use them for both.
AMBIGUOUS = {("scheme", "410")}


@pytest.mark.parametrize("kind", sorted(KNOWN.entities))
def test_each_field_has_two_names_of_its_own_and_a_supplier(kind: str) -> None:
    fields = KNOWN.entities[kind].fields.values()
    assert [zh for zh, times in Counter(field.zh for field in fields).items() if times > 1] == []
    assert {field.supplier for field in fields} <= set(KNOWN.suppliers)
    for field in fields:
        assert field.meaning.zh
        assert field.meaning.en
        assert field.source
        _refers_to_what_is_there(field.type)


def _refers_to_what_is_there(type_: Type) -> None:
    match type_.kind:
        case "code":
            assert type_.name in KNOWN.systems
        case "enum":
            assert type_.name in KNOWN.enums
        case "collection":
            assert type_.element is not None
            assert type_.element.name in KNOWN.entities
        case kind:
            assert kind in {"yes_no", "text", "rate", *types.ORDERED}


def test_evidence_is_declared_by_rulesets_and_not_here() -> None:
    """VOCABULARY: rows whose source is E."""
    evidence = {
        "patient": ["weight", "bmi", "serum_albumin", "markers", "prior_therapy", "baseline_va"],
        "encounter": ["emergency", "rescue", "severe", "phase", "onset", "nihss"],
        "operation": ["start", "end", "session", "one_incision", "side"],
        "prescription": ["doses"],
        "line": ["eye", "purpose", "session", "one_incision", "given_at", "nonselected_need"],
    }
    assert [
        (kind, name)
        for kind, names in evidence.items()
        for name in names
        if KNOWN.field(kind, name) is not None
    ] == []


@pytest.mark.parametrize("name", sorted(KNOWN.enums))
def test_words_are_unique_and_hang_together(name: str) -> None:
    enum = KNOWN.enums[name]
    assert [zh for zh, n in Counter(word.zh for word in enum.words.values()).items() if n > 1] == []
    codes = Counter(code for word in enum.words.values() for code in word.codes)
    assert {(name, code) for code, n in codes.items() if n > 1} <= AMBIGUOUS
    assert enum.hierarchical or not any(word.parents for word in enum.words.values())
    assert enum.ordered or all(word.rank is None for word in enum.words.values())
    for word in enum.words.values():
        assert set(word.parents) <= set(enum.words)
        assert not any(enum.is_under(parent, word.en) for parent in word.parents)


def test_a_grade_has_the_rank_of_its_level() -> None:
    levels = KNOWN.enums["institution_level"].words
    assert {word.rank for word in levels.values()} == {1, 2, 3, None}
    for word in levels.values():
        assert all(levels[parent].rank == word.rank for parent in word.parents)
    assert levels["level3_a"].parents == ("level3",)
    assert levels["unrated"].rank is None


@pytest.mark.parametrize(
    ("word", "above"),
    [
        ("inpatient_emergency", {"inpatient", "emergency"}),
        ("first_aid", {"emergency"}),
        ("maternity_inpatient", {"inpatient", "maternity"}),
        ("maternity_outpatient", {"outpatient", "maternity"}),
        ("outpatient_chronic", {"outpatient", "outpatient_special"}),
        ("pharmacy_purchase", {"purchase"}),
        ("home_bed", set()),
    ],
)
def test_types_of_care_stand_under_each_of_their_kinds(word: str, above: set[str]) -> None:
    care = KNOWN.enums["care_type"]
    assert {other for other in care.words if other != word and care.is_under(word, other)} == above


def test_what_tells_a_product_is_marked() -> None:
    marked = {field.en for field in KNOWN.entities["line"].fields.values() if field.identifies}
    assert marked == {"drug", "item", "consumable", "herb", "list_type"}


@pytest.mark.parametrize("name", sorted(KNOWN.systems))
def test_patterns_are_anchored_expressions(name: str) -> None:
    pattern = re.compile(KNOWN.systems[name].pattern)
    assert pattern.fullmatch("") is None
    assert pattern.fullmatch("有 空格") is None


@pytest.mark.parametrize(
    ("spelling", "wanted"),
    [
        ("药品编码", types.code("drug")),
        ("drug_code", types.code("drug")),
        ("诊断编码集", Type("codes", "icd10")),
        ("diagnosis_codes", Type("codes", "icd10")),
        ("operation_code", types.code("icd9")),
        ("区划", types.code("division")),
        ("科室", types.code("dept")),
        ("药品分类", types.code("drug_class")),
        ("机构级别", types.enum("institution_level")),
        ("就医范围", types.enum("care_place")),
        ("care_place", types.enum("care_place")),
        ("性别", types.enum("sex")),
        ("价类", types.enum("price_class")),
    ],
)
def test_rule_files_can_name_systems_and_enumerations(spelling: str, wanted: Type) -> None:
    assert type_named(spelling, KNOWN) == wanted

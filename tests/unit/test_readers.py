"""One sent value to one known value: numbers, dates, words, codes (S2, S3, S4, S5.1)."""

import datetime as dt
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial

import pytest

from engine.errors import ENGINE_CODES, InputError
from engine.facts import Foreign
from engine.intake.dates import read_date, read_instant
from engine.intake.institutions import read_level
from engine.intake.notes import MASKED, Notes
from engine.intake.readers import (
    Reading,
    read_code_of,
    read_days,
    read_decimal,
    read_dose,
    read_text,
    read_word,
    read_yes_no,
    unit_of,
)
from engine.intake.reading import Limits, read_request
from rulelang.calendar import instants_of
from rulelang.diagnostics import Words
from rulelang.values import Range
from tests.requests import wide


# `1` and "1" are two cases.
def shown(value: object) -> str:
    """A name for a case that is the same in every process."""
    return getattr(value, "__name__", repr(value))


cases = partial(pytest.mark.parametrize, ids=shown)

BLANK = [None, "", " ", "-", "--", "—", "null", "－"]


def instant(*parts: int) -> Range:
    year, month, day, *clock = parts
    return Range.exactly(dt.datetime(year, month, day, *clock))  # noqa: DTZ001


def amount(raw: object) -> Reading:
    return read_decimal(raw, 4)


def drug_code(raw: object) -> Reading:
    return read_code_of("drug", raw)


def sex(raw: object) -> Reading:
    return read_word("sex", raw)


@cases("raw", BLANK)
@cases("read", [amount, read_date, read_instant, read_yes_no, read_text, drug_code, sex, read_dose])
def test_nothing_sent_is_unknown_without_a_word(
    raw: object, read: Callable[[object], Reading]
) -> None:
    assert read(raw) == Reading()


# Numbers


@cases(
    ("raw", "number"),
    [
        (12, "12"),
        (Decimal("12.50"), "12.5"),
        ("12.50", "12.5"),
        (" 12.5 ", "12.5"),
        (wide("12.5"), "12.5"),
        ("-3", "-3"),
        ("+3", "3"),
        ("0", "0"),
        ("-0.00", "0"),
        ("1E+2", "100"),
        (Decimal("1E-4"), "0.0001"),
        (0.1, "0.1"),
    ],
)
def test_numbers_are_exact(raw: object, number: str) -> None:
    read = read_decimal(raw, 4)
    assert read.trouble is None
    assert read.value.range == Range.exactly(Decimal(number))
    assert str(read.value.range.exact) == number


@cases(
    "raw", ["abc", "1,234", "12元", "1.2.3", "1e99", "9" * 21, True, [], {}, "∞", "NaN", "1 2", "٣"]
)
def test_what_is_no_number_is_unknown_and_says_so(raw: object) -> None:
    read = read_decimal(raw, 4)
    assert read.value.is_nothing
    assert read.trouble is not None


def test_decimals_beyond_the_scale_are_rounded_and_said() -> None:
    read = read_decimal("12.100049999", 4)
    assert read.value.range == Range.exactly(Decimal("12.1"))
    assert read.trouble is not None
    assert read_decimal("12.10000000", 4).trouble is None


def test_a_negative_number_of_days_is_unusable() -> None:
    assert read_days("7").value.range == Range.exactly(Decimal(7))
    assert read_days(-1).value.is_nothing


@cases(
    ("raw", "unit"),
    [("盒", "box"), ("g", "g"), ("克", "g"), ("ml", "mL"), ("/支", "amp"), ("小时", "hour")],
)
def test_units_are_recognised_as_senders_write_them(raw: str, unit: str) -> None:
    assert unit_of(raw) == (unit, False)


@cases(("raw", "strange"), [("", False), (None, False), ("大包", True), ("元", True)])
def test_an_unknown_unit_is_told_from_none(raw: object, strange: object) -> None:
    assert unit_of(raw) == (None, strange)


def test_a_dose_carries_its_unit() -> None:
    read = read_dose("0.5g")
    assert (read.value.range, read.value.unit) == (Range.exactly(Decimal("0.5")), "g")
    assert read_dose("适量").trouble is not None


# Dates


@cases(
    ("raw", "moment"),
    [
        ("2026-03-05 09:12:33", (2026, 3, 5, 9, 12, 33)),
        ("2026-03-05T09:12:33", (2026, 3, 5, 9, 12, 33)),
        ("2026-03-05T09:12:33.123+08:00", (2026, 3, 5, 9, 12, 33)),
        ("2026-03-05T01:12:33Z", (2026, 3, 5, 9, 12, 33)),
        ("2026/3/5 9:12:33", (2026, 3, 5, 9, 12, 33)),
        ("2026-03-05 09:12", (2026, 3, 5, 9, 12)),
        ("20260305091233", (2026, 3, 5, 9, 12, 33)),
        (1772673153000, (2026, 3, 5, 9, 12, 33)),
        ("1772673153000", (2026, 3, 5, 9, 12, 33)),
        (wide("2026-03-05 09:12:33"), (2026, 3, 5, 9, 12, 33)),
    ],
)
def test_instants_in_the_shapes_of_senders(raw: object, moment: tuple[int, ...]) -> None:
    read = read_instant(raw)
    assert read.trouble is None
    assert read.value.range == instant(*moment)


@cases(
    "raw",
    [
        "2026-03-05",
        "2026/3/5",
        "20260305",
        20260305,
        "2026-03-05 00:00:00",
        1772640000000,
        "2026年3月5日",
    ],
)
def test_a_date_without_an_hour_is_its_24_hours(raw: object) -> None:
    assert read_instant(raw).value.range == instants_of(date(2026, 3, 5))
    assert read_date(raw).value.range == Range.exactly(date(2026, 3, 5))


def test_a_birth_date_before_1970_in_milliseconds() -> None:
    assert read_date(-378720000000).value.range == Range.exactly(date(1958, 1, 1))
    assert read_date(-378720000001).value.range == Range.exactly(date(1957, 12, 31))


@cases(
    "raw",
    [
        "2026-47-14", "2026-02-29", "2026-03-05 25:00:00", "abc", "明天", "20261", 20261, True, [],
        "1900-01-01", "0001-01-01 00:00:00", "9999-12-31", "1700-01-01", "202603050912", "03/05/2026",
    ],
)  # fmt: skip
def test_what_is_no_date_is_unknown_and_says_so(raw: object) -> None:
    for read in (read_instant(raw), read_date(raw)):
        assert read.value.is_nothing
        assert read.trouble is not None


# Yes and no, words, codes


@cases(
    ("raw", "answer"),
    [("1", True), (1, True), (True, True), ("是", True), (wide("1"), True), ("0", False), (0, False), (False, False), ("N", False)],
)  # fmt: skip
def test_yes_and_no(raw: object, answer: object) -> None:
    assert read_yes_no(raw).value.choices == frozenset({answer})


@cases("raw", ["2", "K74.600", "x", [1]])
def test_what_is_neither_yes_nor_no(raw: object) -> None:
    assert read_yes_no(raw).value.is_nothing
    assert read_yes_no(raw).trouble is not None


@cases(
    ("enum", "raw", "words"),
    [
        ("sex", "1", {"male"}),
        ("sex", 2, {"female"}),
        ("sex", "女", {"female"}),
        ("care_type", "11", {"outpatient_general"}),
        ("care_type", "120", {"first_aid"}),
        ("care_type", "13", {"emergency_outpatient"}),
        ("care_type", "12", {"outpatient_registration"}),
        ("care_type", "210104", {"inpatient_emergency"}),
        ("care_type", "2107", {"inpatient_general"}),
        ("care_type", "140104", {"outpatient_chronic"}),
        ("scheme", "31001", {"employee"}),
        ("scheme", "390", {"resident"}),
        ("charge_class", "0801", {"materials"}),
        ("list_type", "105", {"ethnic_medicine"}),
        ("title", "231", {"chief_physician"}),
        ("title", "1", {"assistant_physician"}),
        ("institution_kind", "a1", {"general_hospital"}),
        ("payment_class", "3", {"class_c"}),
    ],
)
def test_words_by_code_or_by_name(enum: str, raw: object, words: set[str]) -> None:
    read = read_word(enum, raw)
    assert read.trouble is None
    assert read.value.choices == frozenset(words)


def test_a_coarse_code_leaves_its_refinements_open() -> None:
    care = read_word("care_type", "14").value.choices
    assert care == {
        "outpatient_special",
        "outpatient_chronic",
        "outpatient_serious",
        "outpatient_rare",
    }
    hospital = read_word("institution_kind", "A").value.choices
    assert hospital is not None
    assert {"hospital", "eye_hospital"} <= hospital
    assert "pharmacy" not in hospital


def test_a_code_with_two_meanings_is_one_of_both() -> None:
    read = read_word("scheme", "410")
    assert read.value.choices == {"long_term_care", "work_injury"}
    assert read.trouble is not None


def test_a_code_outside_of_the_dictionary_is_unknown() -> None:
    assert read_word("sex", "7").value.is_nothing
    assert read_word("sex", "7").trouble is not None
    assert read_word("sex", "9", means_nothing=frozenset({"9"})) == Reading()


@cases(
    ("raw", "choices"),
    [("02", {"level3_a"}), ("05", {"level2_a"}), ("11", {"unrated"}), ("二级", {"level2"}), ("1", None), (2, None), ("022", None)],
)  # fmt: skip
def test_a_level_of_one_digit_is_ambiguous(raw: object, choices: set[str] | None) -> None:
    read = read_level(raw)
    assert read.value.choices == choices
    assert (read.trouble is None) == (choices is not None)


def test_codes_are_resolved_foreign_or_unknown() -> None:
    assert read_code_of("icd10", "k74.600").value.choices == {"K74.600"}
    own = read_code_of("icd10", "XYZD0012")
    assert own.value.choices == {Foreign("XYZD0012")}
    assert own.trouble is not None
    assert read_code_of("drug", "默认").value.is_nothing
    assert read_code_of("item", {"a": 1}).trouble is not None


# Notes


def test_notes_never_repeat_a_person() -> None:
    notes = Notes({"甲某某"})
    words = Words("怪", "odd")
    notes.add("/a", "patn_name", "乙某", words)
    notes.add("/b", "adm_dept_name", "甲某某的科室", words)
    notes.add("/c", "gend", "330602199001011234", words)
    notes.add("/d", "cnt", 330602199001011234, words)
    notes.add("/e", "cnt", "abc", words)
    notes.add("/f", "cnt", {"name": "甲某某"}, words)
    raws = [note.raw for note in notes.found()]
    assert raws == [MASKED, MASKED, MASKED, MASKED, "abc", "{…}"]


# Bytes


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b'{"a": "\xc4\xe3"}', "EN0101", "byte 8"),
        (b"\xff\xfe{}", "EN0101", "byte 1"),
        (b'{"a": 1,\n "b": }', "EN0102", "line 2, column 7"),
        (b"", "EN0102", "line 1, column 1"),
        (b"{} {}", "EN0102", "line 1, column 4"),
        (b"[" * 10_000, "EN0104", "byte 33"),
        (b'{"a":' * 10_000, "EN0104", "byte 161"),
        (b'{"a": [{"b": 1, "b": 2}]}', "EN0108", "/a/0"),
        (b'{"a": [1, NaN]}', "EN0109", "/a/1"),
        (b'{"a": -Infinity}', "EN0109", "/a"),
        (b'{"a": "\\ud800"}', "EN0110", "/a"),
        (b'{"a/b": "' + b"x" * 101 + b'"}', "EN0106", "/a~1b"),
    ],
)
def test_what_is_refused_has_a_code_and_a_place(data: bytes, code: str, place: str) -> None:
    with pytest.raises(InputError) as caught:
        read_request(data, Limits(text=100))
    assert (caught.value.code, caught.value.place) == (code, place)
    assert code in ENGINE_CODES
    assert caught.value.words.zh


def test_gbk_is_named_as_such() -> None:
    with pytest.raises(InputError) as caught:
        read_request('{"名": "甲"}'.encode("gbk"))
    assert "GBK" in caught.value.words.en


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        read_request(b'"' + b"x" * 100 + b'"', Limits(size=100))
    assert caught.value.code == "EN0103"


def test_nesting_up_to_the_limit_is_read() -> None:
    assert read_request(b"[" * 32 + b"]" * 32) is not None
    assert read_request(b'{"a": "[[[[{{{{"}', Limits(nesting=1)) == {"a": "[[[[{{{{"}


def test_numbers_of_json_stay_exact() -> None:
    tree = read_request(b'{"a": 0.1, "b": 12345678901234567890, "c": 1e999999999999, "d": 1.10}')
    assert isinstance(tree, dict)
    assert tree["a"] == Decimal("0.1")
    assert tree["b"] == 12345678901234567890
    assert tree["c"] == "1e999999999999"
    assert str(tree["d"]) == "1.10"


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert read_request("\ufeff{}".encode()) == {}


def test_every_complaint_of_the_json_reader_is_in_our_words() -> None:
    for text in ("{", "[1 2]", '{"a" 1}', "{1: 2}", '"a', '"\n"', "1 2"):
        with pytest.raises(json.JSONDecodeError):
            json.loads(text)
        with pytest.raises(InputError) as caught:
            read_request(text.encode())
        assert caught.value.help is not None, text

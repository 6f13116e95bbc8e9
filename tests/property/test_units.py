"""S3.1: units carried through products and quotients, against their definition in base units."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from engine.interpreter.arithmetic import plainly
from rulelang import types
from rulelang.types import Type
from rulelang.unit_algebra import RATE, combined, conversion, product_type
from rulelang.units import BY_NAME, UNITS

MASSES = ("kg", "g", "mg", "μg")
TIMES = ("day", "week", "hour")
PER_KG = ("mg/kg", "μg/kg/day", "mg/kg/day", "g/kg")
names = st.sampled_from([unit.name for unit in UNITS])


@given(names, names)
def test_conversion_is_symmetric_and_of_one_dimension(left: str, right: str) -> None:
    there, back = conversion(left, right), conversion(right, left)
    assert (there is None) is (back is None)
    if there is not None and back is not None:
        assert there * back == 1
    assert conversion(left, left) == 1


@given(st.sampled_from(MASSES), st.sampled_from(TIMES), st.sampled_from(TIMES))
def test_what_is_divided_by_a_time_and_multiplied_by_it_is_itself(
    mass: str, over: str, by: str
) -> None:
    rate, one = combined("/", mass, over)
    again, other = combined("*", rate, by)
    assert again == mass
    ratio = conversion(by, over)
    assert ratio is not None
    assert one * other == ratio


@given(st.sampled_from(PER_KG), st.sampled_from(MASSES))
def test_a_dose_by_weight_is_a_dose_in_whatever_unit_the_weight_is(dose: str, weight: str) -> None:
    unit, factor = combined("*", dose, weight)
    amount, *rest = dose.split("/")
    assert unit == "/".join([amount, *(part for part in rest if part != "kg")])
    assert factor == Fraction(BY_NAME[weight].factor) / Fraction(BY_NAME["kg"].factor)


@given(st.sampled_from(MASSES), st.sampled_from(MASSES))
def test_a_dose_divided_by_a_weight_is_no_plain_number(dose: str, weight: str) -> None:
    unit, _ = combined("/", dose, weight)
    assert unit == ("" if dose == weight else f"{dose}/{weight}")


@given(st.sampled_from(("*", "/")), names, names)
def test_types_and_values_agree(op: str, left: str, right: str) -> None:
    """What two measures give by their types is what their units give."""
    of = product_type(op, Type("measure", left), Type("measure", right))
    unit, factor = combined(op, left, right)
    assert factor > 0
    if of == types.NUMBER:
        assert unit == ""
    elif of == types.DAYS:
        assert unit == "day"
    elif of == types.QUANTITY:
        assert unit in BY_NAME
    elif of is not None:
        assert "/" in unit


def test_days_and_money_have_no_product_and_no_quotient() -> None:
    for op in ("*", "/"):
        for left, right in (
            (types.DAYS, types.MONEY),
            (types.QUANTITY, types.QUANTITY),
            (RATE, RATE),
            (types.MONEY, RATE),
        ):
            assert product_type(op, left, right) is None
    assert product_type("*", types.DAYS, types.DAYS) is None


@given(st.integers(1, 10**6), st.integers(0, 6), st.integers(0, 6))
def test_a_factor_with_a_decimal_is_one(above: int, twos: int, fives: int) -> None:
    factor = Fraction(above, 2**twos * 5**fives)
    assert isinstance(plainly(factor), Decimal)
    assert Fraction(plainly(factor)) == factor
    assert plainly(Fraction(1, 7)) == Fraction(1, 7)

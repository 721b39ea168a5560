"""Conversion of units: its laws, its fixed points, and what it refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.tables.units import UnitError, conversion, is_time
from pipeline.tables.vocabulary import COUNT_UNITS, TIME_UNITS, UNITS

times = st.sampled_from(sorted(TIME_UNITS))


@given(times, times)
def test_conversion_is_a_round_trip(here: str, there: str) -> None:
    assert conversion(here, there) * conversion(there, here) == pytest.approx(1, rel=1e-12)


@given(times, times, times)
def test_conversion_is_transitive(first: str, second: str, third: str) -> None:
    assert conversion(first, second) * conversion(second, third) == pytest.approx(conversion(first, third), rel=1e-12)


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_a_unit_is_one_of_itself(unit: str) -> None:
    assert conversion(unit, unit) == 1


@pytest.mark.parametrize(
    ("from_unit", "to_unit", "number"),
    [
        ("year", "day", 365.25),
        ("year", "month", 12),
        ("year", "quarter", 4),
        ("week", "day", 7),
        ("year", "week", 365.25 / 7),
        ("quarter", "month", 3),
        ("day", "year", 1 / 365.25),
    ],
)
def test_units_of_time(from_unit: str, to_unit: str, number: float) -> None:
    assert conversion(from_unit, to_unit) == pytest.approx(number, rel=1e-12)


def test_every_unit_is_time_or_a_count() -> None:
    assert {unit for unit in UNITS if is_time(unit)} == set(TIME_UNITS)
    assert not any(is_time(unit) for unit in COUNT_UNITS)


@pytest.mark.parametrize(
    ("from_unit", "to_unit"),
    [(a, b) for a in sorted(UNITS) for b in sorted(UNITS) if a != b and not {a, b} <= set(TIME_UNITS)],
)
def test_units_that_do_not_agree_are_refused(from_unit: str, to_unit: str) -> None:
    with pytest.raises(UnitError, match=f"'{from_unit}' cannot be converted into '{to_unit}'"):
        conversion(from_unit, to_unit)


@pytest.mark.parametrize(("from_unit", "to_unit"), [("hour", "day"), ("day", "hour"), ("", ""), ("Year", "year")])
def test_a_unit_that_does_not_exist_is_refused(from_unit: str, to_unit: str) -> None:
    with pytest.raises(UnitError, match="unknown unit"):
        conversion(from_unit, to_unit)

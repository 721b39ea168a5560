"""What a ladder is: which metrics are rungs, and where they stand."""

import math

import pandas as pd
import pytest

from pipeline.tables.ladders import is_rung, milestone_years, places
from pipeline.tables.units import UnitError


@pytest.mark.parametrize(
    ("treatment", "unit", "expected"),
    [
        ("rung", "person", True),
        ("rung", "day", False),
        ("overlap", "person", False),
        ("valued", "person", False),
    ],
)
def test_only_people_of_one_cohort_are_on_a_ladder(treatment: str, unit: str, expected: bool) -> None:
    assert list(is_rung(pd.Series([treatment]), pd.Series([unit]))) == [expected]


@pytest.mark.parametrize(
    ("milestone", "unit", "years"), [(13, "week", 0.249144), (18, "month", 1.5), (0, "month", 0), (math.nan, "", 0)]
)
def test_a_milestone_stands_at_its_years(milestone: float, unit: str, years: float) -> None:
    assert milestone_years(milestone, unit) == pytest.approx(years, abs=1e-6)


def test_pounds_are_no_time() -> None:
    with pytest.raises(UnitError):
        milestone_years(1_000, "pound")


def test_places_on_a_ladder_are_years_or_pounds() -> None:
    metrics = pd.DataFrame(
        {"milestone": [26, 18, 0, 1_000, math.nan], "milestone_unit": ["week", "month", "year", "pound", ""]}
    )
    assert list(places(metrics).fillna(-1).round(6)) == [0.498289, 1.5, 0, 1_000, -1]
    assert places(metrics.head(0)).dtype == float

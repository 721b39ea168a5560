"""What a point of a wellbeing scale is worth: its step times a WELLBY, with the ranges of both."""

import pandas as pd
import pytest

from pipeline.method.analysis.wellbeing_scales import values_of_a_point
from pipeline.tables.parameters import WellbeingScales

COLUMNS = [
    "scale_id",
    "low_points",
    "central_points",
    "high_points",
    "low_gbp",
    "central_gbp",
    "high_gbp",
    "price_year",
]
NOTHING = (None, None, None, "")
WELLBY = ("life_satisfaction", 1.0, 1.0, 1.0, 800.0, 1000.0, 1400.0, "2019-20")
# 30% below and above; 60% below and 80% above 0.5 of a lower score.
UP, DOWN = ("up", 0.35, 0.5, 0.65, *NOTHING), ("down", -0.9, -0.5, -0.2, *NOTHING)


def valued(*rows: tuple[object, ...]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"low_gbp": float, "central_gbp": float, "high_gbp": float})
    return values_of_a_point(table).set_index("scale_id")


def test_a_wellby_is_worth_what_it_says() -> None:
    found = valued(UP, WELLBY).loc["life_satisfaction"]
    assert list(found[["low_better_gbp", "better_gbp", "high_better_gbp"]]) == pytest.approx([800, 1000, 1400])


def test_both_ranges_count_in_whichever_direction_a_scale_is_better() -> None:
    found = valued(WELLBY, UP, DOWN)
    assert found["better_gbp"].to_list() == pytest.approx([1000, 500, 500])
    low = {"up": 500 * (1 - (0.3**2 + 0.2**2) ** 0.5), "down": 500 * (1 - (0.6**2 + 0.2**2) ** 0.5)}
    high = {"up": 500 * (1 + (0.3**2 + 0.4**2) ** 0.5), "down": 500 * (1 + (0.8**2 + 0.4**2) ** 0.5)}
    assert found.loc[["up", "down"], "low_better_gbp"].to_dict() == pytest.approx(low)
    assert found.loc[["up", "down"], "high_better_gbp"].to_dict() == pytest.approx(high)
    assert set(found["price_year"]) == {"2019-20"}


def test_without_a_wellby_no_point_has_a_value_and_no_scale_is_no_row() -> None:
    found = valued(UP, DOWN)
    assert found[["low_better_gbp", "better_gbp", "high_better_gbp"]].isna().all(axis=None)
    assert set(found["price_year"]) == {""}
    assert values_of_a_point(WellbeingScales.empty()).empty

"""The steps of wellbeing scales, and the unit costs of the list of 2026 whose derivations take them."""

from math import hypot

import pandas as pd
import pytest

from pipeline.facts.reference import Reference

# Which way is better on each scale, as whoever made it says.
DIRECTIONS = {"life_satisfaction": 1, "wemwbs": 1, "swemwbs": 1, "ghq_12": -1, "ucla_4": -1}


@pytest.fixture(scope="module")
def scales(reference: Reference) -> pd.DataFrame:
    return reference.wellbeing_scales.set_index("scale_id")


@pytest.fixture(scope="module")
def costs(reference: Reference) -> pd.DataFrame:
    """The unit costs of the list of 2026."""
    costs = reference.unit_costs
    return costs[costs["value_set"] == "2026"].set_index("unit_cost_id")


def distances(row: "pd.Series[float]", unit: str) -> tuple[float, float]:
    """How far low and high lie from central, as shares of it."""
    low, central, high = (row[f"{end}_{unit}"] for end in ("low", "central", "high"))
    return 1 - low / central, high / central - 1


def test_a_step_is_negative_where_a_lower_score_is_better(scales: pd.DataFrame) -> None:
    for end in ("low", "central", "high"):
        signs = scales[f"{end}_points"].map(lambda step: 1 if step > 0 else -1)
        assert signs.to_dict() == DIRECTIONS
    said = scales["name"].str.contains("higher is worse")
    assert set(scales.index[said]) == {scale for scale, direction in DIRECTIONS.items() if direction < 0}


def test_a_whole_scale_is_no_more_than_all_of_life_satisfaction(scales: pd.DataFrame) -> None:
    across = scales["central_points"].abs() * (scales["highest_score"] - scales["lowest_score"])
    assert across.le(10).all()
    assert across["life_satisfaction"] == 10


def test_a_point_of_the_short_scale_is_two_of_the_long_one_which_is_twice_as_long(scales: pd.DataFrame) -> None:
    long, short = scales.loc["wemwbs"], scales.loc["swemwbs"]
    assert long["highest_score"] - long["lowest_score"] == 2 * (short["highest_score"] - short["lowest_score"])
    for end in ("low", "central", "high"):
        assert short[f"{end}_points"] / long[f"{end}_points"] == pytest.approx(2, rel=0.05)


def test_a_year_of_better_wellbeing_is_points_times_step_times_wellby(
    scales: pd.DataFrame, costs: pd.DataFrame
) -> None:
    row, scale, wellby = costs.loc["wellbeing_gain"], scales.loc["wemwbs"], scales.loc["life_satisfaction"]
    points, fewest, most = 5, 2, 8
    step, pounds = scale["central_points"], wellby["central_gbp"]
    assert row["central_gbp"] == pytest.approx(points * step * pounds)
    assert f"{points} points × {step:g} × £{pounds:,.0f} = £{row['central_gbp']:,.0f}" in row["derivation"]
    assert f"{points} points ({fewest} to {most})" in row["range_reason"]
    # The three ranges, combined as independent, to the nearest £50.
    (step_low, step_high), (wellby_low, wellby_high) = distances(scale, "points"), distances(wellby, "gbp")
    low = row["central_gbp"] * (1 - hypot(1 - fewest / points, step_low, wellby_low))
    high = row["central_gbp"] * (1 + hypot(most / points - 1, step_high, wellby_high))
    assert (row["low_gbp"], row["high_gbp"]) == (pytest.approx(low, abs=25), pytest.approx(high, abs=25))
    assert row["price_year"] == wellby["price_year"]


def test_a_year_less_lonely_is_points_times_step_times_wellby(scales: pd.DataFrame, costs: pd.DataFrame) -> None:
    row, scale, wellby = costs.loc["loneliness_gain"], scales.loc["ucla_4"], scales.loc["life_satisfaction"]
    fewest, points, most = 0.7, (857 * 1.205 + 277 * 0.69) / 1134, 1.4
    assert "(857 × 1.205 + 277 × 0.69) / 1,134 = 1.08" in row["derivation"]
    assert f"points {fewest} to {most}" in row["range_reason"]
    # Three readings of a point in pounds; the steps have three places, half of the last of which is £6.50.
    readings = [9537 / 8, 8100 / 4, 9537 / 4]
    mean = sum(readings) / 3
    a_step = 0.0005 * wellby["central_gbp"]
    of_a_point = {end: -scale[f"{end}_points"] * wellby["central_gbp"] for end in ("low", "central", "high")}
    # The lowest step, the furthest below 0, is the most that a point is worth.
    assert of_a_point == pytest.approx({"high": min(readings), "central": mean, "low": max(readings)}, abs=a_step)
    assert f"mean step £{mean:,.0f} = £{row['central_gbp']:,.0f}" in row["derivation"]
    assert row["central_gbp"] == pytest.approx(points * of_a_point["central"], abs=points * a_step + 0.5)
    # The ends are rounded to £10.
    assert row["low_gbp"] == pytest.approx(fewest * of_a_point["high"], abs=fewest * a_step + 5)
    assert row["high_gbp"] == pytest.approx(most * of_a_point["low"], abs=most * a_step + 5)
    assert row["price_year"] == wellby["price_year"]


@pytest.mark.parametrize("value_set", ["2015", "2026"])
def test_the_wellbeing_of_work_is_its_effect_times_wellby(
    value_set: str, scales: pd.DataFrame, reference: Reference
) -> None:
    costs, wellby = reference.unit_costs, scales.loc["life_satisfaction"]
    (row,) = costs[(costs["unit_cost_id"] == "employment_wellbeing") & (costs["value_set"] == value_set)].to_dict(
        "records"
    )
    effect = 0.46
    assert row["central_gbp"] == effect * wellby["central_gbp"]
    if value_set == "2015":
        assert (row["low_gbp"], row["high_gbp"]) == (effect * wellby["low_gbp"], effect * wellby["high_gbp"])
    else:
        wellby_low, wellby_high = distances(wellby, "gbp")
        low = row["central_gbp"] * (1 - hypot(1 - 0.30 / effect, wellby_low))
        high = row["central_gbp"] * (1 + hypot(0.60 / effect - 1, wellby_high))
        assert (row["low_gbp"], row["high_gbp"]) == (pytest.approx(low, abs=5), pytest.approx(high, abs=5))
    assert row["price_year"] == wellby["price_year"]

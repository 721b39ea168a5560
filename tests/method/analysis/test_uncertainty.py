"""What is said of simulated ratios: percentiles, chances, and what contracts share."""

import math

import numpy as np
import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.method.analysis.draws import drawn
from pipeline.method.analysis.ratios import drawn_shares, has_range
from pipeline.method.analysis.uncertainty import acceptability, spread_if_independent, uncertainty
from tests.conftest import EDITIONS
from tests.method.analysis.made_up_ratios import (
    DRAWS,
    ERRORS,
    ONE,
    Valuations,
    model_of,
    model_with,
    of_two_contracts,
    table,
)

NO_CONTRACTS = pd.DataFrame({"contract_id": [], "outcome_payments_real_gbp": []})


def test_of_as_if_independent_contracts_none_takes_the_simulation_of_another() -> None:
    """Three contracts, six simulations, worked by hand: draws are moved on by 0, 2 and 4 places."""
    simulated = np.array([[1.0, 2, 3, 4, 5, 6], [10, 20, 30, 40, 50, 60], [100, 200, 300, 400, 500, 600]])
    apart = spread_if_independent(simulated, np.array([1.0, 1, 1]))
    assert apart.tolist() == [351, 462, 513, 624, 135, 246]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("edition_id", EDITIONS)
def test_draws_agree_with_the_edition_and_hold_it_in_their_middle_half(
    edition_id: str, seed: int, valuations: Valuations, reference: Reference
) -> None:
    used, model = model_of(valuations[edition_id], reference)
    simulated = model.at(drawn(used, DRAWS, seed=seed))
    own = model.rows["ratio"].to_numpy()
    error = simulated.std(axis=1) / math.sqrt(DRAWS)
    # Pennies of each line, and 5 standard errors.
    assert (np.abs(simulated.mean(axis=1) - own) <= ERRORS * error + 1e-6).all()
    quarter, three_quarters = np.percentile(simulated, [25, 75], axis=1)
    is_drawn = has_range(drawn_shares(model, used)["drawn_share"], simulated)
    is_outside = is_drawn & ((own < quarter - 1e-6) | (own > three_quarters + 1e-6))
    assert list(model.rows.loc[is_outside, "scope"]) == []


def test_percentiles_chances_and_error_of_a_normal() -> None:
    rows = pd.DataFrame({"scope_kind": ["market"], "scope": ["market"], "measure": ["bcr"], "ratio": [1.5]})
    simulated = np.random.default_rng(1).normal(1.5, 0.5, (1, 200_000))
    said = uncertainty(
        model_with(rows), table(a=(1.0, 2.0, 3.0)).assign(taken=2.0), simulated, NO_CONTRACTS, {"bcr": 2.5}, 3
    )
    row = said.iloc[0]
    assert row["mean"] == pytest.approx(1.5, abs=0.01)
    for percentile, value in {"p5": -1.6449, "p10": -1.2816, "p50": 0, "p90": 1.2816, "p95": 1.6449}.items():
        assert row[percentile] == pytest.approx(1.5 + 0.5 * value, abs=0.01), percentile
    chances = {"chance_above_1": 0.8413, "chance_above_2": 0.1587, "chance_above_published": 0.0228}
    for name, chance in chances.items():
        assert row[name] == pytest.approx(chance, abs=0.005), name
    assert row["monte_carlo_error"] == pytest.approx(0.5 / math.sqrt(200_000), rel=0.02)
    assert (row["draws"], row["seed"], row["published"]) == (200_000, 3, 2.5)
    assert math.isnan(row["p10_if_independent"])


def test_the_market_is_weighted_by_payments_when_its_contracts_share_nothing() -> None:
    values = np.random.default_rng(1).normal(10, 2, (1, DRAWS))
    # Both contracts rest on the same cost, of which C-2 has two units for each pound; it was paid three times as much.
    rows = of_two_contracts(0).rows
    simulated = np.vstack([0.25 * values + 0.75 * 2 * values, values, 2 * values])
    paid = pd.DataFrame({"contract_id": ["C-2", "C-1"], "outcome_payments_real_gbp": [300.0, 100.0]})
    said = uncertainty(model_with(rows), ONE, simulated, paid, {}, 1).set_index("scope")
    deviation = 2 * math.sqrt(0.25**2 + 1.5**2)
    market = said.loc["market"]
    assert market["p10_if_independent"] == pytest.approx(17.5 - 1.2816 * deviation, rel=0.01)
    assert market["p90_if_independent"] == pytest.approx(17.5 + 1.2816 * deviation, rel=0.01)
    assert market["p90"] == pytest.approx(17.5 + 1.2816 * 2 * 1.75, rel=0.01)
    assert said.loc[["C-1", "C-2"], ["p10_if_independent", "p90_if_independent"]].isna().all(axis=None)


def test_acceptability_falls_from_one_to_nothing() -> None:
    rows = pd.DataFrame({"scope_kind": "market", "scope": "market", "measure": ["bcr", "fiscal_bcr"], "ratio": 1.0})
    curves = acceptability(model_with(rows), np.array([[4.0, 1.0, 3.0, 2.0], [0.0, 0.5, 0.5, 0.5]]))
    assert curves["threshold"].tolist() == 2 * [number / 10 for number in range(41)]
    bcr, fiscal = (part.set_index("threshold")["chance_above"] for _, part in curves.groupby("measure"))
    assert bcr[[0, 1, 2.5, 3.9, 4]].tolist() == [1, 0.75, 0.5, 0.25, 0]
    assert fiscal[[0, 0.4, 0.5]].tolist() == [0.75, 0.75, 0]


def test_thresholds_go_as_far_as_the_draws_of_either_ratio() -> None:
    rows = pd.DataFrame({"scope_kind": "market", "scope": "market", "measure": ["bcr", "fiscal_bcr"], "ratio": 1.0})
    curves = acceptability(model_with(rows), np.array([[1.0, 1.0], [6.0, 6.0]]))
    assert curves.groupby("measure")["threshold"].max().tolist() == [7.0, 7.0]
    assert acceptability(model_with(rows.iloc[:0]), np.empty((0, 2))).empty
    # A payment of a penny asks for no more thresholds than anybody can read.
    assert acceptability(model_with(rows), np.array([[1.0, 1.0], [1e12, 1e12]]))["threshold"].max() == 100


@pytest.mark.slow
@pytest.mark.parametrize("edition_id", EDITIONS)
def test_a_wider_range_of_a_parameter_never_narrows_that_of_the_market(
    edition_id: str, valuations: Valuations, reference: Reference
) -> None:
    """Within what the draws can tell; a higher end of deadweight also takes a little off what unit costs weigh."""
    used, model = model_of(valuations[edition_id], reference)
    draws = drawn(used, DRAWS, seed=1)
    before = width(model.at(draws)[0])
    for place, row in used.iterrows():
        # What has no range gets none here: a range is doubt about a mean.
        ends = (("low", 0.5 * row["low"]), ("high", 1.5 * row["high"])) if row["high"] > row["low"] else ()
        for end, value in ends:
            wider = draws.copy()
            wider[place] = drawn(used.loc[[place]].assign(**{end: value}), DRAWS, seed=1)[0]
            assert width(model.at(wider)[0]) > 0.98 * before, (row["parameter_id"], end)


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_chances_fall_and_are_those_of_the_table_of_ranges(
    edition_id: str, valuations: Valuations, reference: Reference
) -> None:
    used, model = model_of(valuations[edition_id], reference)
    simulated = model.at(drawn(used, 1000, seed=1))
    ranges = uncertainty(model, used, simulated, valuations[edition_id].contract_value, {}, 1)
    market = ranges[ranges["scope_kind"] == "market"].set_index("measure")
    for measure, curve in acceptability(model, simulated).groupby("measure"):
        chances = curve.set_index("threshold")["chance_above"]
        assert chances.is_monotonic_decreasing
        assert chances.between(0, 1).all()
        assert chances.iloc[-1] <= 0.05
        assert chances[1.0] == market.loc[measure, "chance_above_1"]
        assert chances[2.0] == market.loc[measure, "chance_above_2"]


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_what_contracts_share_never_narrows_the_range_of_the_market(
    edition_id: str, valuations: Valuations, reference: Reference
) -> None:
    """All contracts gain from a higher unit cost and lose from a higher rate, so what they share adds to the spread."""
    used, model = model_of(valuations[edition_id], reference)
    ranges = uncertainty(
        model, used, model.at(drawn(used, DRAWS, seed=1)), valuations[edition_id].contract_value, {}, 1
    )
    is_market = ranges["scope_kind"] == "market"
    market = ranges[is_market]
    narrow = market["p90_if_independent"] - market["p10_if_independent"]
    assert (narrow < 1.02 * (market["p90"] - market["p10"])).all()
    assert narrow.gt(0).all()
    assert ranges.loc[~is_market, ["p10_if_independent", "p90_if_independent"]].isna().all(axis=None)


def width(simulated: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> float:
    low, high = np.percentile(simulated, [5, 95])
    return float(high - low)

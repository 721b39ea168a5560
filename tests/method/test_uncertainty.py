"""Draws have the moments they should have and depend on nothing else; ratios are the edition's own, and move as one."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.facts.editions import Edition
from pipeline.facts.reference import Reference
from pipeline.method.uncertainty import (
    Draws,
    NoTriangleError,
    Ratios,
    Simulation,
    acceptability,
    drawn,
    drawn_shares,
    has_range,
    parameters,
    ratios,
    reach,
    spread_if_independent,
    uncertainty,
)
from pipeline.method.valuation import Valuation
from tests.conftest import EDITIONS

DRAWS = 20_000
Valuations = dict[str, Valuation]
NO_CONTRACTS = pd.DataFrame({"contract_id": [], "outcome_payments_real_gbp": []})
# One draw in so many may lie further off than this many standard errors.
ERRORS = 5


def table(**ranges: tuple[float, float, float]) -> pd.DataFrame:
    rows = [(name, *values) for name, values in ranges.items()]
    return pd.DataFrame(rows, columns=["parameter_id", "low", "central", "high"]).assign(kind="unit_cost")


def model_of(valuation: Valuation, reference: Reference) -> tuple[pd.DataFrame, Ratios]:
    used = parameters(valuation.valued_outcomes, reference.unit_costs, reference.hours_weights, reference.deadweight)
    return used, ratios(valuation.valued_outcomes, valuation.contract_value, used, reference.deadweight)


# The parameter of that model.
ONE = table(a=(1.0, 2.0, 3.0)).assign(taken=2.0)


def model_with(rows: pd.DataFrame) -> Ratios:
    """Ratios of which only the rows matter, since the draws are made up."""
    return Ratios(rows, np.ones((len(rows), 1)), np.zeros(1, int), -np.ones(1, int), -np.ones(1, int))


# --- Draws ------------------------------------------------------------------------------------------------------

pounds = st.floats(1, 1e6)
# Where central lies between low and high: at neither end.
inside = st.floats(0.02, 0.98)


@given(low=pounds, place=inside, width=st.floats(1, 1e6), seed=st.integers(0, 5))
def test_draws_have_central_as_their_mean_whatever_the_range(low: float, place: float, width: float, seed: int) -> None:
    central, high = low + place * width, low + width
    used = table(a=(low, central, high))
    draws, ((least, most),) = drawn(used, DRAWS, seed)[0], reach(used)
    # The variance of a beta distribution whose two parameters add up to 6.
    deviation = math.sqrt((central - least) * (most - central) / 7)
    assert (draws >= least - 1e-6 * width).all()
    assert (draws <= most + 1e-6 * width).all()
    assert draws.mean() == pytest.approx(central, abs=ERRORS * deviation / math.sqrt(DRAWS) + 1e-9)
    assert draws.std() == pytest.approx(deviation, rel=0.06)


@given(low=st.floats(0, 0.5), place=inside, width=st.floats(0.01, 0.5), seed=st.integers(0, 5))
def test_shares_are_drawn_between_none_and_all(low: float, place: float, width: float, seed: int) -> None:
    central, high = low + place * width, low + width
    for kind in ("deadweight", "hours_weight"):
        draws = drawn(table(a=(low, central, high)).assign(kind=kind), DRAWS, seed)[0]
        assert draws.min() >= 0
        assert draws.max() <= 1
        assert draws.mean() == pytest.approx(central, abs=ERRORS * draws.std() / math.sqrt(DRAWS) + 1e-9)


def test_where_a_study_shows_harm_a_rate_is_drawn_above_one() -> None:
    harm = table(a=(0.7, 1.0, 1.3)).assign(kind="deadweight")
    np.testing.assert_allclose(reach(harm), [[1 - 0.3 * 1.415, 1 + 0.3 * 1.415]])
    assert (drawn(harm, DRAWS, seed=1)[0] > 1).mean() == pytest.approx(0.5, abs=0.02)
    np.testing.assert_allclose(reach(table(a=(0.7, 0.9, 1.0)).assign(kind="deadweight"))[0, 1], 1.0)


@pytest.mark.parametrize("place", [0.06, 0.07, 0.085, 0.1, 0.115, 0.14, 0.23, 0.37, 0.5, 0.66, 0.9])
def test_95_of_100_draws_lie_between_low_and_high(place: float) -> None:
    draws = drawn(table(a=(100.0, 100 + place * 50, 150.0)), 200_000, seed=1)[0]
    below, above = (draws < 100).mean(), (draws > 150).mean()
    assert below + above == pytest.approx(0.05, abs=0.004)
    if place == 0.5:
        assert (below, above) == (pytest.approx(0.025, abs=0.002), pytest.approx(0.025, abs=0.002))


def test_triangles_have_central_as_their_mean_or_are_refused(make_edition: Callable[..., Edition]) -> None:
    draws = drawn(table(a=(100.0, 120.0, 150.0)), DRAWS, seed=1, distribution="triangular")[0]
    assert draws.mean() == pytest.approx(120, abs=ERRORS * draws.std() / math.sqrt(DRAWS))
    some = table(a=(100.0, 105.0, 150.0), b=(100.0, 120.0, 150.0), c=(7.0, 7.0, 7.0), d=(10.0, 190.5, 200.0))
    edition = make_edition(edition="sharp", distribution="triangular")
    with pytest.raises(NoTriangleError) as refused:
        Draws(Simulation(draws=100)).of(some, edition)
    # As they stand in their rows, and not how far beyond them is drawn.
    assert (refused.value.edition, refused.value.found) == (
        "sharp",
        ["a: low 100, central 105, high 150", "d: low 10, central 190.5, high 200"],
    )
    assert Draws(Simulation(draws=100)).of(some.iloc[1:3], edition).shape == (2, 100)


def test_what_is_certain_is_not_drawn() -> None:
    assert (drawn(table(a=(3.0, 3.0, 3.0)), 10, seed=1) == 3.0).all()
    assert (drawn(table(a=(1.0, 3.0, 9.0)), 10, seed=1, distribution="fixed") == 3.0).all()


def test_draws_depend_on_the_seed_and_on_nothing_else() -> None:
    alone = drawn(table(b=(1, 2, 3)), 100, seed=7)
    among_others = drawn(table(a=(0, 1, 2), b=(1, 2, 3), c=(5, 6, 7)), 100, seed=7)
    in_another_order = drawn(table(c=(5, 6, 7), b=(1, 2, 3), a=(0, 1, 2)), 100, seed=7)
    np.testing.assert_array_equal(alone[0], among_others[1])
    np.testing.assert_array_equal(alone[0], in_another_order[1])
    np.testing.assert_array_equal(alone[0], drawn(table(b=(1, 2, 3)), 300, seed=7)[0, :100])
    assert not (alone == drawn(table(b=(1, 2, 3)), 100, seed=8)).any()
    correlations = np.atleast_2d(np.corrcoef(among_others))
    assert abs(correlations[0, 1]) < ERRORS / math.sqrt(100)


# --- Ratios -----------------------------------------------------------------------------------------------------


def of_two_contracts(cost_of_second: int) -> Ratios:
    """Two contracts of £1 each, worth one and two units of a cost: the market, and both."""
    rows = pd.DataFrame({"scope_kind": ["market", "contract", "contract"], "scope": ["market", "C-1", "C-2"]})
    weights = np.array([[0.5, 1.0], [1.0, 0.0], [0.0, 2.0]])
    none = np.array([-1, -1])
    return Ratios(rows.assign(measure="bcr", ratio=1.0), weights, np.array([0, cost_of_second]), none, none)


def test_shared_normals_add_up_and_independent_ones_add_their_squares() -> None:
    values = np.random.default_rng(1).normal(10, 2, (2, DRAWS))
    shared, independent = of_two_contracts(0).of(values), of_two_contracts(1).of(values)
    # (1 × X + 2 × X) / 2, and (1 × X + 2 × Y) / 2
    assert shared[0].std() == pytest.approx(2 * 1.5, rel=0.02)
    assert independent[0].std() == pytest.approx(2 * math.sqrt(0.5**2 + 1**2), rel=0.02)
    apart = spread_if_independent(shared[1:], np.array([0.5, 0.5]))
    assert apart.std() == pytest.approx(independent[0].std(), rel=0.02)
    assert apart.mean() == pytest.approx(shared[0].mean())


def test_of_as_if_independent_contracts_none_takes_the_simulation_of_another() -> None:
    """Three contracts, six simulations, worked by hand: draws are moved on by 0, 2 and 4 places."""
    simulated = np.array([[1.0, 2, 3, 4, 5, 6], [10, 20, 30, 40, 50, 60], [100, 200, 300, 400, 500, 600]])
    apart = spread_if_independent(simulated, np.array([1.0, 1, 1]))
    assert apart.tolist() == [351, 462, 513, 624, 135, 246]


def test_hours_and_deadweight_are_taken_into_account_and_blocks_leave_no_trace() -> None:
    rows = pd.DataFrame({"scope_kind": ["market"], "scope": ["market"], "measure": ["bcr"], "ratio": [1.0]})
    model = Ratios(rows, np.array([[2.0, 3.0]]), np.array([0, 0]), np.array([1, -1]), np.array([-1, 2]))
    values = np.vstack([np.linspace(1, 2, 25_001), np.linspace(0, 1, 25_001), np.linspace(0.5, 0.75, 25_001)])
    expected = 2 * values[0] * (1 - values[1]) + 3 * values[0] * values[2]
    np.testing.assert_allclose(model.of(values)[0], expected, rtol=1e-12)


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_at_the_values_that_the_edition_takes_all_ratios_are_its_own(
    edition_id: str, valuations: Valuations, reference: Reference
) -> None:
    valuation = valuations[edition_id]
    used, model = model_of(valuation, reference)
    own = model.of(used[["taken"]].to_numpy())[:, 0]
    np.testing.assert_allclose(own, model.rows["ratio"], atol=1e-6)
    rows = model.rows.set_index(["scope_kind", "scope", "measure"])["ratio"]
    market = valuation.market_value.iloc[0]
    assert rows["market", "market", "bcr"] == pytest.approx(market["bcr"], abs=1e-6)
    assert rows["market", "market", "fiscal_bcr"] == pytest.approx(market["fiscal_bcr"], abs=1e-6)
    for scope, values in (("policy_area", valuation.policy_area_value), ("contract", valuation.contract_value)):
        name = "policy_area" if scope == "policy_area" else "contract_id"
        known = values.set_index(name)["bcr"].dropna()
        assert len(known) == len(rows.xs((scope, "bcr"), level=("scope_kind", "measure")))
        for key, ratio in known.items():
            assert rows[scope, key, "bcr"] == pytest.approx(ratio, abs=1e-6)


def test_the_order_of_contracts_changes_nothing(valuations: Valuations, reference: Reference) -> None:
    valuation = valuations["atq-2024"]
    used, model = model_of(valuation, reference)
    lines = valuation.valued_outcomes.sample(frac=1, random_state=1)
    values = valuation.contract_value.sample(frac=1, random_state=2)
    other = parameters(lines, reference.unit_costs, reference.hours_weights, reference.deadweight)
    pd.testing.assert_frame_equal(other, used)
    again = ratios(lines, values, other, reference.deadweight)
    draws = drawn(used, 100, seed=1)
    left = pd.DataFrame(model.of(draws), index=pd.MultiIndex.from_frame(model.rows[["scope", "measure"]]))
    right = pd.DataFrame(again.of(draws), index=pd.MultiIndex.from_frame(again.rows[["scope", "measure"]]))
    pd.testing.assert_frame_equal(left, right.loc[left.index])


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_at_the_means_of_all_parameters_each_ratio_is_the_edition_s(
    edition_id: str, valuations: Valuations, reference: Reference
) -> None:
    """Central is the mean of the draws, and a unit cost at another level has no other value: so no ratio is off."""
    used, model = model_of(valuations[edition_id], reference)
    np.testing.assert_array_equal(used["central"], used["taken"])
    np.testing.assert_allclose(model.of(used[["central"]].to_numpy())[:, 0], model.rows["ratio"], atol=1e-6)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("edition_id", EDITIONS)
def test_draws_agree_with_the_edition_and_hold_it_in_their_middle_half(
    edition_id: str, seed: int, valuations: Valuations, reference: Reference
) -> None:
    used, model = model_of(valuations[edition_id], reference)
    simulated = model.of(drawn(used, DRAWS, seed=seed))
    own = model.rows["ratio"].to_numpy()
    error = simulated.std(axis=1) / math.sqrt(DRAWS)
    # Pennies of each line, and 5 standard errors.
    assert (np.abs(simulated.mean(axis=1) - own) <= ERRORS * error + 1e-6).all()
    quarter, three_quarters = np.percentile(simulated, [25, 75], axis=1)
    is_drawn = has_range(model, used, simulated)
    is_outside = is_drawn & ((own < quarter - 1e-6) | (own > three_quarters + 1e-6))
    assert list(model.rows.loc[is_outside, "scope"]) == []


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_at_a_level_that_is_no_mean_no_unit_cost_is_drawn(
    edition_id: str, valuations: Valuations, reference: Reference
) -> None:
    valuation = valuations[edition_id]
    used, model = model_of(valuation, reference)
    costs = used[used["kind"] == "unit_cost"]
    shares = drawn_shares(model, used)
    is_central = valuation.edition.unit_value_level == "central"
    assert (costs["high"] > costs["low"]).any() == is_central
    assert np.isclose(shares["fixed_unit_cost_share"], 1)[model.rows["ratio"] > 0].all() == (not is_central)
    assert shares.le(1 + 1e-9).all(axis=None)


def test_half_of_the_value_must_rest_on_something_drawn() -> None:
    rows = pd.DataFrame({"scope_kind": "contract", "scope": ["C-1", "C-2"], "measure": "bcr", "ratio": 1.0})
    none = np.array([-1, -1])
    # Of each pound of C-1 49 pence rest on what is drawn, of C-2 half.
    model = Ratios(rows, np.array([[0.49, 0.51], [0.5, 0.5]]), np.array([0, 1]), none, none)
    used = table(a=(0.9, 1.0, 1.1), b=(1.0, 1.0, 1.0)).assign(taken=1.0)
    assert drawn_shares(model, used)["drawn_share"].tolist() == [0.49, 0.5]
    assert has_range(model, used, model.of(drawn(used, 100, seed=1))).tolist() == [False, True]
    # An edition that draws nothing has no range at all.
    assert not has_range(model, used, model.of(drawn(used, 100, 1, "fixed"))).any()


# --- What is said of them ---------------------------------------------------------------------------------------


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


# --- Laws -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_a_wider_range_of_a_parameter_never_narrows_that_of_the_market(
    edition_id: str, valuations: Valuations, reference: Reference
) -> None:
    """Within what the draws can tell; a higher end of deadweight also takes a little off what unit costs weigh."""
    used, model = model_of(valuations[edition_id], reference)
    draws = drawn(used, DRAWS, seed=1)
    before = width(model.of(draws)[0])
    for place, row in used.iterrows():
        # What has no range gets none here: a range is doubt about a mean.
        ends = (("low", 0.5 * row["low"]), ("high", 1.5 * row["high"])) if row["high"] > row["low"] else ()
        for end, value in ends:
            wider = draws.copy()
            wider[place] = drawn(used.loc[[place]].assign(**{end: value}), DRAWS, seed=1)[0]
            assert width(model.of(wider)[0]) > 0.98 * before, (row["parameter_id"], end)


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_chances_fall_and_are_those_of_the_table_of_ranges(
    edition_id: str, valuations: Valuations, reference: Reference
) -> None:
    used, model = model_of(valuations[edition_id], reference)
    simulated = model.of(drawn(used, 1000, seed=1))
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
        model, used, model.of(drawn(used, DRAWS, seed=1)), valuations[edition_id].contract_value, {}, 1
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


@given(low=st.floats(1e7, 1e8), place=inside, width=st.floats(1, 1e6), more=st.floats(0, 1e6))
def test_a_wider_range_never_has_less_variance(low: float, place: float, width: float, more: float) -> None:
    """As a formula, without any error of sampling; of a range that nothing cuts, far from nothing."""
    central = low + place * width

    def variance(least: float, most: float) -> float:
        ((start, end),) = reach(table(a=(least, central, most)))
        return float((central - start) * (end - central) / 7)

    before = variance(low, low + width)
    assert variance(low, low + width + more) >= before * (1 - 1e-9)
    assert variance(low - more, low + width) >= before * (1 - 1e-9)


@pytest.mark.parametrize(("draws", "seed"), [(99, 1), (1_000_001, 1), (1000, -1)])
def test_a_simulation_that_says_nothing_is_refused(draws: int, seed: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        Simulation(draws, seed)

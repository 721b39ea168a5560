"""Ratios as functions of their parameters are those of the edition, and move as one."""

import math

import numpy as np
import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.method.analysis.draws import drawn
from pipeline.method.analysis.parameters import parameters
from pipeline.method.analysis.ratios import Ratios, drawn_shares, has_range, ratios
from pipeline.method.analysis.uncertainty import spread_if_independent
from tests.conftest import EDITIONS
from tests.method.analysis.made_up_ratios import (
    DRAWS,
    Valuations,
    model_of,
    of_two_contracts,
    table,
)


def test_shared_normals_add_up_and_independent_ones_add_their_squares() -> None:
    values = np.random.default_rng(1).normal(10, 2, (2, DRAWS))
    shared, independent = of_two_contracts(0).at(values), of_two_contracts(1).at(values)
    # (1 × X + 2 × X) / 2, and (1 × X + 2 × Y) / 2
    assert shared[0].std() == pytest.approx(2 * 1.5, rel=0.02)
    assert independent[0].std() == pytest.approx(2 * math.sqrt(0.5**2 + 1**2), rel=0.02)
    apart = spread_if_independent(shared[1:], np.array([0.5, 0.5]))
    assert apart.std() == pytest.approx(independent[0].std(), rel=0.02)
    assert apart.mean() == pytest.approx(shared[0].mean())


def test_hours_and_deadweight_are_taken_into_account_and_blocks_leave_no_trace() -> None:
    rows = pd.DataFrame({"scope_kind": ["market"], "scope": ["market"], "measure": ["bcr"], "ratio": [1.0]})
    model = Ratios(rows, np.array([[2.0, 3.0]]), np.array([0, 0]), np.array([1, -1]), np.array([-1, 2]))
    values = np.vstack([np.linspace(1, 2, 25_001), np.linspace(0, 1, 25_001), np.linspace(0.5, 0.75, 25_001)])
    expected = 2 * values[0] * (1 - values[1]) + 3 * values[0] * values[2]
    np.testing.assert_allclose(model.at(values)[0], expected, rtol=1e-12)


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_at_the_values_that_the_edition_takes_all_ratios_are_its_own(
    edition_id: str, valuations: Valuations, reference: Reference
) -> None:
    valuation = valuations[edition_id]
    used, model = model_of(valuation, reference)
    own = model.at(used[["taken"]].to_numpy())[:, 0]
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
    left = pd.DataFrame(model.at(draws), index=pd.MultiIndex.from_frame(model.rows[["scope", "measure"]]))
    right = pd.DataFrame(again.at(draws), index=pd.MultiIndex.from_frame(again.rows[["scope", "measure"]]))
    pd.testing.assert_frame_equal(left, right.loc[left.index])


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_at_the_means_of_all_parameters_each_ratio_is_the_edition_s(
    edition_id: str, valuations: Valuations, reference: Reference
) -> None:
    """Central is the mean of the draws, and a unit cost at another level has no other value: so no ratio is off."""
    used, model = model_of(valuations[edition_id], reference)
    np.testing.assert_array_equal(used["central"], used["taken"])
    np.testing.assert_allclose(model.at(used[["central"]].to_numpy())[:, 0], model.rows["ratio"], atol=1e-6)


def test_half_of_the_value_must_rest_on_something_drawn() -> None:
    rows = pd.DataFrame({"scope_kind": "contract", "scope": ["C-1", "C-2"], "measure": "bcr", "ratio": 1.0})
    none = np.array([-1, -1])
    # Of each pound of C-1 49 pence rest on what is drawn, of C-2 half.
    model = Ratios(rows, np.array([[0.49, 0.51], [0.5, 0.5]]), np.array([0, 1]), none, none)
    used = table(a=(0.9, 1.0, 1.1), b=(1.0, 1.0, 1.0)).assign(taken=1.0)
    assert drawn_shares(model, used)["drawn_share"].tolist() == [0.49, 0.5]
    shares = drawn_shares(model, used)["drawn_share"]
    assert has_range(shares, model.at(drawn(used, 100, seed=1))).tolist() == [False, True]
    # An edition that draws nothing has no range at all.
    assert not has_range(shares, model.at(drawn(used, 100, 1, "fixed"))).any()

"""Tornado, indices, value of knowing and switching values against cases with a known answer."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.facts.reference import Reference
from pipeline.method.analysis.draws import Floats, drawn
from pipeline.method.analysis.ratios import Ratios
from pipeline.method.analysis.sensitivity import (
    contract_sensitivity,
    first_order,
    slopes,
    switching_values,
    tornado,
    value_of_knowing,
)
from pipeline.method.steps.sums import summed
from pipeline.method.valuation import Valuation
from tests.conftest import EDITIONS
from tests.method.analysis.made_up_ratios import model_of

DRAWS = 200_000


def linear(weights: dict[str, float], ranges: dict[str, tuple[float, float, float]]) -> tuple[Ratios, pd.DataFrame]:
    """A market whose ratio is a weighted sum of unit costs."""
    rows = pd.DataFrame({"scope_kind": ["market"], "scope": ["market"], "measure": ["bcr"], "ratio": [1.0]})
    table = pd.DataFrame(
        [
            (name, "unit_cost", low, central, high, central, "weak", "s-1")
            for name, (low, central, high) in ranges.items()
        ],
        columns=["parameter_id", "kind", "low", "central", "high", "taken", "grade", "source_id"],
    )
    count = len(weights)
    none = -np.ones(count, dtype=np.int64)
    return Ratios(rows, np.array([list(weights.values())]), np.arange(count), none, none), table


def explained(simulated: Floats, values: Floats) -> Floats:
    return first_order(slopes(simulated, values), simulated, values)


def worth(simulated: Floats, values: Floats) -> Floats:
    return value_of_knowing(slopes(simulated, values), simulated, values)


def test_the_tornado_of_a_linear_model_is_weight_times_range_and_ranked() -> None:
    model, table = linear({"a": 1.0, "b": 3.0, "c": 2.0}, {"a": (0, 1, 4), "b": (1, 2, 3), "c": (5, 5, 5)})
    bars = tornado(model, table)
    assert bars["parameter_id"].tolist() == ["b", "a"]  # c is certain: no bar
    assert bars["swing"].tolist() == [6.0, 4.0]
    assert bars["ratio_at_low"].tolist() == [1 + 3 + 10, 0 + 6 + 10]
    assert bars["ratio_at_high"].tolist() == [1 + 9 + 10, 4 + 6 + 10]


cost = st.floats(0, 100)


@given(st.dictionaries(st.sampled_from("abcdef"), st.tuples(cost, cost, cost), min_size=1))
def test_what_is_certain_has_no_bar_and_all_else_has_one(ranges: dict[str, tuple[float, float, float]]) -> None:
    in_order = {
        name: (low, central, high) for name, values in ranges.items() for low, central, high in [sorted(values)]
    }
    model, table = linear(dict.fromkeys(in_order, 1.0), in_order)
    bars = tornado(model, table)
    assert set(bars["parameter_id"]) == {name for name, (low, _, high) in in_order.items() if high > low}
    assert bars["swing"].is_monotonic_decreasing


def test_the_indices_of_a_sum_are_the_shares_of_its_variance() -> None:
    values = np.random.default_rng(1).normal([[1], [2], [3]], [[1], [2], [0]], (3, DRAWS))
    indices = explained(values.sum(axis=0, keepdims=True), values)[0]
    assert indices == pytest.approx([1 / 5, 4 / 5, 0], abs=0.01)


def test_the_indices_of_a_product_leave_what_the_two_do_together() -> None:
    values = np.random.default_rng(1).normal(1, 1, (2, DRAWS))
    # Var(XY) is 1 + 1 + 1, of which each explains 1 by itself.
    assert explained(values[:1] * values[1:], values)[0] == pytest.approx([1 / 3, 1 / 3], abs=0.02)
    assert explained(np.ones((1, DRAWS)), values).tolist() == [[0, 0]]


def test_the_value_of_knowing_one_of_two_normals() -> None:
    values = np.random.default_rng(1).normal(0, [[1.0], [2.0], [0.0]], (3, DRAWS))
    known = worth(1 + values.sum(axis=0, keepdims=True), values)[0]
    # With an expectation of nothing, knowing a normal is worth its deviation / sqrt(2 pi).
    assert known == pytest.approx([1 / math.sqrt(2 * math.pi), 2 / math.sqrt(2 * math.pi), 0], rel=0.02, abs=1e-12)
    assert worth(100 + values.sum(axis=0, keepdims=True), values)[0] == pytest.approx([0, 0, 0], abs=1e-9)


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_no_index_of_an_edition_is_below_nothing_and_together_they_are_at_most_one(
    edition_id: str, valuations: dict[str, Valuation], reference: Reference
) -> None:
    table, model = model_of(valuations[edition_id], reference)
    draws = drawn(table, 20_000, seed=1)
    indices = explained(model.at(draws)[:1], draws)[0]
    assert (indices >= 0).all()
    assert 0.9 < indices.sum() < 1.02
    bars = tornado(model, table)
    swings = bars[bars["measure"] == "bcr"].set_index("parameter_id")["swing"]
    matters = table["parameter_id"].map(swings).fillna(0.0) > 1e-9
    assert (indices[~matters.to_numpy()] < 0.001).all()


# --- Switching values ---------------------------------------------------------------------------------------------


def test_switching_values_of_a_case_worked_by_hand() -> None:
    rows = pd.DataFrame({"scope_kind": ["market"], "scope": ["market"], "measure": ["bcr"], "ratio": [2.0]})
    model = Ratios(rows, np.array([[0.4]]), np.array([0]), np.array([1]), np.array([-1]))
    table = pd.DataFrame({"kind": ["unit_cost", "deadweight"], "low": [4, 0.1], "high": [12, 0.7], "taken": [10, 0.5]})
    row = switching_values(model, table).iloc[0]
    assert (row["ratio"], row["rise_in_payments"]) == pytest.approx((2.0, 1.0))
    assert (row["switching_deadweight"], row["highest_deadweight"]) == pytest.approx((0.75, 0.7))
    assert (row["further_fall"], row["largest_fall"]) == pytest.approx((0.5, 0.6))
    assert (row["deadweight_reaches"], row["fall_reaches"]) == (False, True)


@pytest.mark.parametrize(
    ("gross", "net", "deadweight", "fall"),
    [
        (10.2 * 139, None, 0.902, None),
        (397.0, None, 0.650, None),
        (None, 1860.0, None, 0.883),
        (None, 507.0, None, 0.572),
    ],
)
def test_switching_values_of_the_published_figures(
    gross: float | None, net: float | None, deadweight: float | None, fall: float | None
) -> None:
    """£139m paid in 2022, £217m in 2024; public value, then fiscal value."""
    paid = 139.0 if gross else 217.0
    rows = pd.DataFrame({"scope_kind": ["market"], "scope": ["market"], "measure": ["bcr"], "ratio": [1.0]})
    model = Ratios(rows, np.array([[(gross or net or 0.0) / paid]]), np.array([0]), np.array([-1]), np.array([-1]))
    table = pd.DataFrame({"kind": ["unit_cost"], "low": [1.0], "high": [1.0], "taken": [1.0]})
    row = switching_values(model, table).iloc[0]
    if deadweight:
        assert row["switching_deadweight"] == pytest.approx(deadweight, abs=0.0005)
    if fall:
        assert row["further_fall"] == pytest.approx(fall, abs=0.0005)


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_at_the_switching_values_a_ratio_is_one(
    edition_id: str, valuations: dict[str, Valuation], reference: Reference
) -> None:
    table, model = model_of(valuations[edition_id], reference)
    values = switching_values(model, table)
    market = summed(valuations[edition_id].contract_value).iloc[0]
    row = values[(values["scope_kind"] == "market") & (values["measure"] == "bcr")].iloc[0]
    gross, paid = market["gross_public_value_in_bcr_gbp"], market["outcome_payments_in_bcr_real_gbp"]
    assert gross * (1 - row["switching_deadweight"]) == pytest.approx(paid, rel=1e-6)
    positive = values[values["ratio"] > 0]
    np.testing.assert_allclose(positive["ratio"] * (1 - positive["further_fall"]), 1.0)
    assert (values["highest_deadweight"].dropna() >= -1e-9).all()


# --- Of one contract --------------------------------------------------------------------------------------------


def test_each_contract_is_moved_by_what_it_rests_on_and_by_nothing_else() -> None:
    _, table = linear({"a": 1.0, "b": 1.0}, {"a": (1.0, 2.0, 4.0), "b": (3.0, 3.0, 3.0), "c": (0.0, 1.0, 2.0)})
    rows = pd.DataFrame(
        {
            "scope_kind": ["market", "contract", "contract"],
            "scope": ["market", "C-2", "C-1"],
            "measure": "bcr",
            "ratio": 1.0,
        }
    )
    none = -np.ones(3, dtype=np.int64)
    model = Ratios(rows, np.array([[9.0, 9.0, 9.0], [0.5, 2.0, 0.0], [1.0, 0.0, 4.0]]), np.arange(3), none, none)
    found = contract_sensitivity(model, table)
    shown = found[["contract_id", "parameter_id", "ratio_at_low", "ratio_at_high", "swing"]].to_numpy().tolist()
    # C-1: a + 4c, of which a is 2 and c is 1; b has no range, C-2 takes no c.
    assert shown == [
        ["C-1", "c", 2.0, 10.0, 8.0],
        ["C-1", "a", 5.0, 8.0, 3.0],
        ["C-2", "a", 6.5, 8.0, 1.5],
    ]


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_ratio_of_a_contract_lies_between_the_ends_of_each_of_its_bars(
    edition_id: str, tables_of: Callable[[str], dict[str, pd.DataFrame]]
) -> None:
    tables = tables_of(edition_id)
    ratio = tables["contract_value"].set_index("contract_id")["bcr"]
    bars = tables["contract_sensitivity"]
    ends = np.sort(bars[["ratio_at_low", "ratio_at_high"]].to_numpy(), axis=1)
    own = bars["contract_id"].map(ratio).to_numpy()
    # The edition may take an end of a parameter; its own sums are rounded line by line.
    assert (ends[:, 0] - 1e-4 <= own).all()
    assert (own <= ends[:, 1] + 1e-4).all()
    assert set(bars["contract_id"]) <= set(ratio.dropna().index)

"""What was paid for one result: for which contracts it can be said, and laws of it."""

from collections.abc import Callable
from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.facts.reference import Reference
from pipeline.method.analysis.per_result import payments_per_result
from pipeline.tables.analysis import PaymentsPerResult
from pipeline.tables.reference import SharedResults
from tests.conftest import EDITIONS

RESULT = {
    "contract_id": "C-1",
    "metric_id": "homes",
    "outcome_id": "home",
    "ladder": "home",
    "milestone": float("nan"),
    "milestone_unit": "",
    "treatment": "valued",
    "quantity": 40.0,
    "share_counted": 1.0,
    "quantity_counted": 40.0,
    "unit": "person",
    "is_net_of_deadweight": False,
}
FIRST = {"treatment": "rung", "milestone": 0.0, "milestone_unit": "month"}
LATER = FIRST | {"metric_id": "kept", "milestone": 6.0, "quantity": 30.0, "quantity_counted": 30.0}
STEP: dict[str, object] = {"metric_id": "engaged", "treatment": "process", "outcome_id": "process", "ladder": "process"}


def found(*results: dict[str, object], paid: float = 1000.0, shared: pd.DataFrame | None = None) -> pd.DataFrame:
    value = pd.DataFrame([{"contract_id": "C-1", "outcome_payments_real_gbp": paid}])
    in_scope = pd.DataFrame([RESULT | result for result in results])
    table = payments_per_result(in_scope, value, SharedResults.empty() if shared is None else shared)
    return PaymentsPerResult.validate(table[list(PaymentsPerResult.to_schema().columns)], lazy=True)


def test_payments_are_divided_by_the_one_result_and_steps_on_the_way_are_none() -> None:
    (row,) = found({}, STEP).to_dict("records")
    assert (row["metric_id"], row["payments_per_result_gbp"], row["is_first_milestone"]) == ("homes", 25.0, False)


def test_a_ladder_counts_by_its_first_milestone() -> None:
    for results in ((FIRST, LATER), (LATER, FIRST), (FIRST, LATER, LATER | {"metric_id": "kept part-time"})):
        (row,) = found(*results).to_dict("records")
        assert (row["metric_id"], row["payments_per_result_gbp"], row["is_first_milestone"]) == ("homes", 25.0, True)


@pytest.mark.parametrize(
    "results",
    [
        pytest.param([{}, {"metric_id": "jobs", "ladder": "job"}], id="two outcomes"),
        pytest.param([{}, {"metric_id": "more"}], id="one outcome counted twice"),
        pytest.param([{"treatment": "no_unit_cost"}], id="without a value"),
        pytest.param([{}, {"metric_id": "same people", "treatment": "overlap"}], id="beside an overlap"),
        pytest.param([FIRST | {"milestone": 6.0}, LATER], id="two at the first milestone"),
        pytest.param([FIRST, LATER | {"milestone_unit": "week"}], id="milestones of two kinds"),
        pytest.param([FIRST, LATER | {"unit": "day"}], id="two units"),
        pytest.param([FIRST, LATER | {"quantity": float("nan"), "quantity_counted": 0.0}], id="withheld"),
        pytest.param([{"is_net_of_deadweight": True}], id="net"),
        pytest.param([{"share_counted": 0.5, "quantity_counted": 20.0}], id="a part"),
        pytest.param([{"quantity": 0.0, "quantity_counted": 0.0}], id="nobody"),
        pytest.param([STEP], id="only a step"),
    ],
)
def test_where_it_would_be_no_price_nothing_is_said(results: list[dict[str, object]]) -> None:
    assert found(*results).empty


def test_nothing_is_said_without_payments_or_of_a_total_of_several_contracts() -> None:
    assert found({}, paid=0.0).empty
    shared = pd.DataFrame([{"contract_id": "C-1", "metric_id": "homes", "shared_with": "C-2"}])
    assert found({}, shared=shared).empty
    assert len(found({}, shared=shared.assign(contract_id="C-9"))) == 1


@given(st.lists(st.integers(1, 500), min_size=2, max_size=5, unique=True), st.floats(1, 1e7))
def test_a_later_milestone_never_makes_one_result_cheaper(counts: list[int], paid: float) -> None:
    rungs = [
        FIRST | {"metric_id": f"m{place}", "milestone": float(place), "quantity": n, "quantity_counted": n}
        for place, n in enumerate(sorted(counts, reverse=True))
    ]
    (row,) = found(*rungs, paid=paid).to_dict("records")
    assert row["payments_per_result_gbp"] == pytest.approx(paid / max(counts), abs=0.005)


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_of_real_contracts_it_is_said_where_they_report_one_outcome(
    edition_id: str, tables_of: Callable[[str], dict[str, pd.DataFrame]], reference: Reference
) -> None:
    tables = tables_of(edition_id)
    table = tables["payments_per_result"]
    paid = tables["contract_value"].set_index("contract_id")["outcome_payments_real_gbp"]
    for row in table.to_dict("records"):
        own = tables["reported_outcomes"].query("contract_id == @row['contract_id'] and share_counted > 0")
        results = own[(own["treatment"] != "process") & (own["quantity"] > 0)]
        assert results["outcome_id"].map(reference.outcome_types.set_index("outcome_id")["ladder"]).nunique() == 1
        assert row["payments_per_result_gbp"] * row["quantity_counted"] == pytest.approx(
            paid[row["contract_id"]], abs=0.01 * row["quantity_counted"]
        )
        assert row["quantity_counted"] == results["quantity_counted"].max() or not row["is_first_milestone"]
    if edition_id == "open-2026":
        of_contract = table.set_index("contract_id")
        assert of_contract.loc["INDIGO-POJ-0178", "payments_per_result_gbp"] == 64.51
        assert {"INDIGO-POJ-0131", "INDIGO-POJ-0316"}.isdisjoint(of_contract.index)


def test_shared_results_name_each_contract_of_a_total_once(reference: Reference) -> None:
    totals = reference.shared_results.groupby(["contract_id", "metric_id"])["shared_with"].apply(set)
    by_contract = totals.groupby("contract_id").agg(list)
    # A contract has a part in the totals of one other contract, and in all of them.
    assert all(one == other for sets in by_contract for one, other in combinations(sets, 2))
    parts = [sets[0] for sets in by_contract]
    assert not any(one & other for one, other in combinations(parts, 2))
    assert set(by_contract.index).isdisjoint(set().union(*parts))

"""What rests on each parameter adds up to the value in the ratio, and is laid on the rows that carry it."""

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.method.analysis.resting import counted_lines, resting_on
from pipeline.method.valuation import Valuation
from tests.conftest import EDITIONS

LINES = pd.DataFrame(
    {
        "contract_id": ["C-1", "C-2", "C-1"],
        "unit_cost_id": ["a", "a", "b"],
        "public_gbp": [30.0, 10.0, 0.0],
        "transfer_gbp": [0.0, 0.0, 5.0],
        "taken_gbp": [3.0, 1.0, 0.0],
    }
)


def test_sums_come_with_their_share_and_the_number_of_contracts() -> None:
    assert resting_on(LINES.assign(public_gbp=[30.0, 0.0, 10.0]), ["unit_cost_id"]) == {
        ("a",): {"public_gbp": 30.0, "transfer_gbp": 0.0, "taken_gbp": 4.0, "contracts": 2, "share": 0.75},
        ("b",): {"public_gbp": 10.0, "transfer_gbp": 5.0, "taken_gbp": 0.0, "contracts": 1, "share": 0.25},
    }
    assert set(resting_on(LINES, ["unit_cost_id", "contract_id"])) == {("a", "C-1"), ("a", "C-2"), ("b", "C-1")}


def test_nothing_rests_on_anything_without_lines() -> None:
    assert resting_on(LINES.head(0), ["unit_cost_id"]) == {}
    (found,) = resting_on(LINES.assign(public_gbp=0.0, unit_cost_id="a"), ["unit_cost_id"]).values()
    assert pd.isna(found["share"])


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_lines_are_those_of_the_ratio(
    edition_id: str, valuations: dict[str, Valuation], reference: Reference
) -> None:
    valuation = valuations[edition_id]
    lines = counted_lines(valuation.valued_outcomes, valuation.contract_value, reference)
    market = valuation.market_value.iloc[0]
    assert lines["public_gbp"].sum() == pytest.approx(market["public_value_in_bcr_gbp"], abs=0.1)
    both = lines["public_gbp"] + lines["transfer_gbp"]
    pd.testing.assert_series_equal(both, lines["net_gbp"], check_names=False)
    # A line has a rate just where something can be taken off, and the rate is a row of the reference.
    assert (lines["layer"] == "").equals(~lines["deadweight_layer"].isin(["assumed", "studied"]))
    rates = set(reference.deadweight[["layer", "outcome_id", "contract_id"]].itertuples(index=False, name=None))
    taken = lines.loc[lines["layer"] != "", ["layer", "outcome_id", "rate_contract_id"]]
    assert set(taken.itertuples(index=False, name=None)) <= rates

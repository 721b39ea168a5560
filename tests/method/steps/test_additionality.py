"""Deadweight: which rate applies."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.method.steps.additionality import (
    RATE_COLUMNS,
    NoRateError,
    with_deadweight,
)

Builder = Callable[..., pd.DataFrame]

# --- Which rate applies -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rates(make_deadweight: Builder) -> pd.DataFrame:
    """Rates of job: 0.2 assumed, 0.3 assumed for C-2, 0.5 studied, 0.6 studied for C-3; of care: 0.4 assumed."""
    return make_deadweight(
        {"central": 0.2, "source_id": "general"},
        {"central": 0.3, "contract_id": "C-2", "grade": "contract", "source_id": "term"},
        {"central": 0.5, "layer": "studied", "grade": "strong", "source_id": "trial"},
        {"central": 0.6, "layer": "studied", "contract_id": "C-3", "source_id": "own-trial"},
        {"central": 0.4, "outcome_id": "care", "source_id": "care-source"},
    )


def row(outcome_id: str = "job", contract_id: str = "C-1", is_net: bool = False) -> dict[str, Any]:
    return {"contract_id": contract_id, "outcome_id": outcome_id, "is_net_of_deadweight": is_net}


@pytest.mark.parametrize(
    ("layer", "given_row", "rate", "found_layer", "source"),
    [
        ("none", row(), 0, "none", ""),
        ("assumed", row(), 0.2, "assumed", "general"),
        ("assumed", row(contract_id="C-2"), 0.3, "assumed", "term"),
        ("assumed", row(contract_id="C-3"), 0.2, "assumed", "general"),
        ("studied", row(), 0.5, "studied", "trial"),
        ("studied", row(contract_id="C-3"), 0.6, "studied", "own-trial"),
        ("studied", row(contract_id="C-2"), 0.5, "studied", "trial"),
        ("studied", row("care"), 0.4, "assumed", "care-source"),
        ("none", row(is_net=True), 0, "already_net", ""),
        ("assumed", row(is_net=True), 0, "already_net", ""),
        ("studied", row("unknown", is_net=True), 0, "already_net", ""),
    ],
)
def test_the_rate_that_applies_says_where_it_is_from(
    rates: pd.DataFrame, layer: str, given_row: dict[str, Any], rate: float, found_layer: str, source: str
) -> None:
    found = with_deadweight(pd.DataFrame([given_row]), rates, layer).iloc[0]
    assert (found["deadweight"], found["deadweight_layer"], found["deadweight_source_id"]) == (
        rate,
        found_layer,
        source,
    )


@pytest.mark.parametrize(("layer", "outcome"), [("assumed", "unknown"), ("studied", "unknown")])
def test_an_outcome_without_a_rate_is_refused(rates: pd.DataFrame, layer: str, outcome: str) -> None:
    with pytest.raises(NoRateError, match=f"'{outcome}' has no rate"):
        with_deadweight(pd.DataFrame([row(outcome)]), rates, layer)


def test_a_studied_rate_does_not_stand_in_for_an_assumed_one(make_deadweight: Builder) -> None:
    with pytest.raises(NoRateError):
        with_deadweight(pd.DataFrame([row()]), make_deadweight({"layer": "studied"}), "assumed")


def test_a_rate_of_another_contract_is_not_taken_over(make_deadweight: Builder) -> None:
    with pytest.raises(NoRateError):
        with_deadweight(pd.DataFrame([row()]), make_deadweight({"contract_id": "C-2"}), "assumed")


def test_an_unknown_layer_is_refused(rates: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="unknown deadweight layer 'gross'"):
        with_deadweight(pd.DataFrame([row()]), rates, "gross")


def test_rows_stay_as_they_are_and_in_their_order(rates: pd.DataFrame) -> None:
    rows = pd.DataFrame([row(contract_id="C-3"), row("care"), row()], index=[7, 3, 5]).assign(gross_gbp=[1.0, 2, 3])
    found = with_deadweight(rows, rates, "studied")
    pd.testing.assert_frame_equal(found.drop(columns=RATE_COLUMNS), rows)
    assert list(found["deadweight"]) == [0.6, 0.4, 0.5]


def test_in_the_project_every_layer_has_a_rate_for_every_valued_outcome(reference: Reference) -> None:
    mapping = reference.metric_outcomes
    counted = mapping[mapping["treatment"].isin(["valued", "rung"])].assign(is_net_of_deadweight=False)
    for layer in ("none", "assumed", "studied"):
        found = with_deadweight(counted, reference.deadweight, layer)
        assert len(found) == len(counted)
        assert set(found["deadweight_layer"]) <= {"none": {"none"}, "assumed": {"assumed"}}.get(
            layer, {"assumed", "studied"}
        )


def test_one_rate_takes_the_place_of_all_that_a_layer_takes_off(rates: pd.DataFrame) -> None:
    rows = pd.DataFrame([row(), row("unknown"), row("care", is_net=True)])
    found = with_deadweight(rows, rates, "studied", 0.16)
    assert list(found["deadweight"]) == [0.16, 0.16, 0.0]
    assert list(found["deadweight_layer"]) == ["flat", "flat", "already_net"]
    assert list(with_deadweight(rows, rates, "none", 0.16)["deadweight"]) == [0, 0, 0]
